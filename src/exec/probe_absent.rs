//! Observation in a build without it: there is no watch.

use super::driver::Parts;
use super::instance::Instances;
use super::run::Stop;

/// A probe attached to a store; here, nothing.
#[derive(Debug)]
pub enum Watch {}

impl Watch {
    /// Never called.
    pub fn resume(&mut self, _: &Instances, _: Parts<'_>, _: usize) -> Stop {
        match *self {}
    }
}
