//! Instances of modules.

use crate::api::error::{Fault, Result};
use crate::api::items::externs::{Export, Extern};
use crate::api::items::global::Global;
use crate::api::items::memory::Memory;
use crate::api::items::shared::SharedMemory;
use crate::api::items::table::Table;
use crate::api::items::tag::Tag;
use crate::api::items::typed::TypedFunc;
use crate::api::module::{Module, ModuleExport};
use crate::api::store::context::{AsContextMut, StoreContext};
use crate::api::store::core::Core;
use crate::api::store::identity::StoreId;
use crate::api::values::func::Func;
use crate::api::values::wasm_ty::{WasmParams, WasmResults};
use crate::exec::instance::ExternAddr;
use crate::runtime::InstAddr;
use alloc::format;
use alloc::vec::Vec;

/// A handle of an instance: a module with its imports, in a store.
///
/// ```
/// use limpid::{Engine, Instance, Module, Store};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::default();
/// let text = r#"(module (func (export "add") (param i32 i32) (result i32)
///     (i32.add (local.get 0) (local.get 1))))"#;
/// let module = Module::new(&engine, text)?;
/// let mut store = Store::new(&engine, ());
/// let instance = Instance::new(&mut store, &module, &[])?;
/// let add = instance.get_typed_func::<(i32, i32), i32>(&mut store, "add")?;
/// assert_eq!(add.call(&mut store, (3, 5))?, 8);
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Instance {
    store: StoreId,
    addr: InstAddr,
}

macro_rules! getters {
    ($($(#[$doc:meta])* $get:ident $into:ident $form:ident)*) => {$(
        $(#[$doc])*
        pub fn $get(&self, mut store: impl AsContextMut, name: &str) -> Option<$form> {
            self.get_export(&mut store, name)?.$into()
        }
    )*};
}

impl Instance {
    /// Instantiates a module with its imports, given in order, and runs its start function.
    ///
    /// # Errors
    /// Fails for an import that does not fit, when a limit is exceeded, when the start function or
    /// a segment traps or throws, and with [`Fault::WrongStore`] for an import of another store.
    pub fn new(
        mut store: impl AsContextMut,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance> {
        let inner = store.as_context_mut().0;
        let imports = addresses(&mut inner.core, imports)?;
        inner.instantiate(module, &imports)
    }

    /// Instantiates a module, as [`Instance::new`] does; a start function may call asynchronous
    /// host functions.
    ///
    /// # Errors
    /// Returns the same errors as [`Instance::new`].
    pub async fn new_async(
        mut store: impl AsContextMut<Data: Send>,
        module: &Module,
        imports: &[Extern],
    ) -> Result<Instance> {
        let inner = store.as_context_mut().0;
        let imports = addresses(&mut inner.core, imports)?;
        inner.instantiate_async(module, &imports).await
    }

    /// Returns the module that this is an instance of.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn module<'a, T: 'static>(&self, store: impl Into<StoreContext<'a, T>>) -> &'a Module {
        let core = &store.into().0.core;
        core.expect(self.store);
        &core.modules[self.addr.index()]
    }

    /// Returns the exports in the order of the module.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn exports<'a, T: 'static>(
        &self,
        store: impl Into<StoreContext<'a, T>>,
    ) -> impl ExactSizeIterator<Item = Export<'a>> + 'a {
        let core = &store.into().0.core;
        core.expect(self.store);
        let instance = core.instances.instance(self.addr);
        let exports = core.modules[self.addr.index()].syntax().exports.iter();
        exports.map(move |export| Export {
            name: &export.name,
            definition: Extern::at(core, instance.address(export.item)),
        })
    }

    /// Returns the export with that name, if there is one.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn get_export(&self, mut store: impl AsContextMut, name: &str) -> Option<Extern> {
        self.find(&store.as_context_mut().0.core, name)
    }

    /// Returns an export that was looked up in the module before; `None` when it is of another
    /// module.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn get_module_export(
        &self,
        mut store: impl AsContextMut,
        export: &ModuleExport,
    ) -> Option<Extern> {
        let core = &store.as_context_mut().0.core;
        core.expect(self.store);
        let own = &core.modules[self.addr.index()];
        let instance = core.instances.instance(self.addr);
        Module::same(own, &export.module).then(|| Extern::at(core, instance.address(export.item)))
    }

    getters! {
        /// Returns the exported function with that name, if there is one.
        get_func into_func Func
        /// Returns the exported table with that name, if there is one.
        get_table into_table Table
        /// Returns the exported memory with that name, if there is one.
        get_memory into_memory Memory
        /// Returns the exported shared memory with that name, if there is one.
        get_shared_memory into_shared_memory SharedMemory
        /// Returns the exported global with that name, if there is one.
        get_global into_global Global
        /// Returns the exported tag with that name, if there is one.
        get_tag into_tag Tag
    }

    /// Returns the exported function with that name, after checking its type.
    ///
    /// # Errors
    /// Returns [`Fault::UnknownExport`] when there is no such function, and [`Fault::TypeMismatch`]
    /// or [`Fault::Arity`] when it is of another type.
    pub fn get_typed_func<Params, Results>(
        &self,
        mut store: impl AsContextMut,
        name: &str,
    ) -> Result<TypedFunc<Params, Results>>
    where
        Params: WasmParams,
        Results: WasmResults,
    {
        self.expect_current(&store.as_context().0.core)?;
        let func = self
            .get_export(store.as_context_mut(), name)
            .and_then(Extern::into_func)
            .ok_or_else(|| {
                let what = format!("no function is exported as `{name}`");
                Fault::UnknownExport.because(what)
            })?;
        func.typed(store.as_context())
            .map_err(|error| error.context(format!("failed to convert function `{name}`")))
    }

    /// Checks that it is of the store.
    ///
    /// # Errors
    /// Returns [`Fault::StaleHandle`] when the store no longer has the instance.
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub(crate) fn expect_current(&self, core: &Core) -> Result<()> {
        core.expect_current(self.store)
    }

    pub(crate) fn at(core: &Core, addr: InstAddr) -> Instance {
        Instance {
            store: core.identity.id(),
            addr,
        }
    }

    /// The export with that name.
    pub(crate) fn find(&self, core: &Core, name: &str) -> Option<Extern> {
        core.expect(self.store);
        let item = core.modules[self.addr.index()].item(name)?;
        Some(Extern::at(
            core,
            core.instances.instance(self.addr).address(item),
        ))
    }
}

/// Returns the addresses of imports.
///
/// # Errors
/// Returns [`Fault::WrongStore`] when one is of another store.
pub(crate) fn addresses(core: &mut Core, imports: &[Extern]) -> Result<Vec<ExternAddr>> {
    imports.iter().map(|import| import.address(core)).collect()
}
