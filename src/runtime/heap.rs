//! The garbage-collected heap.

/// The heap of a store.
#[derive(Clone, Debug, Default)]
pub struct Heap {}
