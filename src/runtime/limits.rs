//! Limits of a store.

/// What a store may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreLimits {}
