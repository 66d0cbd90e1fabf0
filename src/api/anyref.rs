//! References of the `any` hierarchy.

use super::context::AsContext;
use super::error::Result;
use super::rooted::gc_refs;
use super::types::HeapType;

gc_refs! {
    /// A reference of the `any` type.
    AnyRef
}

impl AnyRef {
    /// What it refers to.
    ///
    /// # Errors
    /// [`Fault::StaleRoot`](super::Fault::StaleRoot) when its scope ended.
    pub fn ty(&self, store: impl AsContext) -> Result<HeapType> {
        let core = &store.as_context().0.core;
        core.refer(self)?;
        Ok(HeapType::Any)
    }
}
