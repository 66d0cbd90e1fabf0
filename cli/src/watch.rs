//! What a verb that watches a run learns when the run begins.

use super::link::Preloaded;
use super::outcome::Failure;
use super::source::Source;
use limpid::internals::exec::probe::Detail;
use limpid::observe::{Event, Probe};
use limpid::{Features, Module};
use std::ffi::OsString;

/// What watches a run.
pub trait Watcher {
    /// Everything is loaded, and nothing has run: returns the probe that sees each instruction.
    ///
    /// # Errors
    /// When the run cannot be watched.
    fn begin(&mut self, begun: &Begun<'_>) -> Result<Box<dyn Probe>, Failure>;

    /// Whether standard output is for programs, so that the results of a call go to standard error.
    fn takes_results(&self) -> bool {
        false
    }
}

/// A run that begins.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// The modules in the order in which they are instantiated.
    pub modules: &'a [Loaded<'a>],
    /// The language.
    pub features: Features,
    /// The export that is called.
    pub invoke: Option<&'a str>,
    /// The guest's arguments.
    pub args: &'a [OsString],
}

/// A module and its binary.
#[derive(Clone, Copy, Debug)]
pub struct Loaded<'a> {
    pub module: &'a Module,
    pub bytes: &'a [u8],
}

impl<'a> From<&'a (Preloaded, Source)> for Loaded<'a> {
    fn from((preloaded, source): &'a (Preloaded, Source)) -> Loaded<'a> {
        Loaded {
            module: &preloaded.module,
            bytes: &source.bytes,
        }
    }
}

/// A probe that counts instructions.
pub struct Counted;

impl Probe for Counted {
    fn step(&mut self, _: &Event<'_>) {}

    fn detail(&self) -> Detail {
        Detail::Count
    }
}

/// A probe for two.
pub fn both(
    first: Option<Box<dyn Probe>>,
    second: Option<Box<dyn Probe>>,
) -> Option<Box<dyn Probe>> {
    match (first, second) {
        (Some(first), Some(second)) => Some(Box::new(Both(first, second))),
        (first, second) => first.or(second),
    }
}

struct Both(Box<dyn Probe>, Box<dyn Probe>);

impl Probe for Both {
    fn step(&mut self, event: &Event<'_>) {
        // The first one may end the process.
        self.1.step(event);
        self.0.step(event);
    }
}
