//! Linear memories.

/// A memory instance.
#[derive(Clone, Debug)]
pub struct Memory {}
