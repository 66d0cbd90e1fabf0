//! Tables.

/// A table instance.
#[derive(Clone, Debug)]
pub struct Table {}
