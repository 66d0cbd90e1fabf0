//! Functions as values: what a reference to one names.

use crate::api::error::Result;
use crate::api::store::context::AsContext;
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::space_of;
use crate::runtime::{FuncAddr, Reference};

/// A handle of a store's function, of a guest or of the host.
///
/// ```
/// use limpid::{Engine, Func, Store, Val};
/// let mut store = Store::new(&Engine::default(), ());
/// let double = Func::wrap(&mut store, |x: i32| x * 2);
/// let mut results = [Val::I32(0)];
/// double.call(&mut store, &[Val::I32(21)], &mut results)?;
/// assert_eq!(results[0].unwrap_i32(), 42);
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Func {
    pub(crate) store: StoreId,
    pub(crate) addr: FuncAddr,
}

impl Func {
    /// Returns the type of the function.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn ty(&self, store: impl AsContext) -> FuncType {
        let core = &store.as_context().0.core;
        core.expect(self.store);
        let id = core.state.func(self.addr).ty;
        let (engine, types) = (&core.engine, &core.state.types);
        FuncType::of(|| space_of(engine, types), engine, types, id)
    }

    /// Returns whether the function can be called as one of that type.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn matches_ty(&self, store: impl AsContext, func_ty: &FuncType) -> bool {
        self.ty(store).matches(func_ty)
    }

    pub(crate) fn at(core: &Core, addr: FuncAddr) -> Func {
        Func {
            store: core.identity.id(),
            addr,
        }
    }

    /// The reference to it.
    pub(crate) fn reference(&self, core: &Core) -> Result<Reference> {
        core.check(self.store)?;
        Ok(Reference::func(self.addr))
    }
}
