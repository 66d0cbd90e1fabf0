//! Linking by name: definitions for the imports of many modules.

#[cfg(feature = "std")]
pub(crate) mod command;
pub(crate) mod module;
pub(crate) mod unknown_import;

use crate::api::engine::Engine;
use crate::api::error::{Error, Fault, Result};
use crate::api::host::asynchronous::{typed_async, untyped_async};
use crate::api::host::{HostFunc, IntoFunc, untyped};
use crate::api::items::externs::Extern;
use crate::api::items::instance::Instance;
use crate::api::module::Module;
use crate::api::store::Inner;
use crate::api::store::context::{AsContext, AsContextMut};
use crate::api::store::host_fn::Caller;
use crate::api::store::identity::StoreId;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::ImportType;
use crate::api::values::Val;
use crate::api::values::func::Func;
use crate::api::values::wasm_ty::{WasmRet, WasmTyList};
use crate::exec::instance::ExternAddr;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;

/// Definitions by module name and item name, from which imports are taken.
///
/// Host functions defined here belong to no store, so that one linker serves many stores.
///
/// ```
/// use limpid::{Engine, Linker, Module, Store};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// linker.func_wrap("host", "double", |x: i32| x * 2)?;
/// let text = r#"(module (import "host" "double" (func (param i32) (result i32)))
///     (export "double" (func 0)))"#;
/// let mut store = Store::new(&engine, ());
/// let instance = linker.instantiate(&mut store, &Module::new(&engine, text)?)?;
/// let double = instance.get_typed_func::<i32, i32>(&mut store, "double")?;
/// assert_eq!(double.call(&mut store, 21)?, 42);
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct Linker<T: 'static> {
    engine: Engine,
    modules: BTreeMap<Arc<str>, BTreeMap<Arc<str>, Definition<T>>>,
    allow_shadowing: bool,
    allow_unknown_exports: bool,
}

/// What a name stands for.
pub(crate) enum Definition<T: 'static> {
    /// A handle of a store; which store, before all copies of it.
    Extern(Extern, StoreId),
    /// A host function of no store yet.
    Host(HostFunc<T>),
}

impl<T> Clone for Definition<T> {
    fn clone(&self) -> Self {
        match self {
            Definition::Extern(handle, family) => Definition::Extern(handle.clone(), *family),
            Definition::Host(host) => Definition::Host(host.clone()),
        }
    }
}

impl<T> Clone for Linker<T> {
    fn clone(&self) -> Self {
        Linker {
            engine: self.engine.clone(),
            modules: self.modules.clone(),
            allow_shadowing: self.allow_shadowing,
            allow_unknown_exports: self.allow_unknown_exports,
        }
    }
}

impl<T> fmt::Debug for Linker<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Linker").finish_non_exhaustive()
    }
}

impl<T> Default for Linker<T> {
    fn default() -> Self {
        Linker::new(&Engine::default())
    }
}

impl<T: 'static> Linker<T> {
    /// Makes a linker without definitions.
    pub fn new(engine: &Engine) -> Linker<T> {
        Linker {
            engine: engine.clone(),
            modules: BTreeMap::new(),
            allow_shadowing: false,
            allow_unknown_exports: false,
        }
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Sets whether a name may be defined again, replacing the earlier definition. Off by default.
    pub fn allow_shadowing(&mut self, allow: bool) -> &mut Self {
        self.allow_shadowing = allow;
        self
    }

    /// Sets whether [`Linker::module`] accepts commands that export more than functions. Off by
    /// default.
    pub fn allow_unknown_exports(&mut self, allow: bool) -> &mut Self {
        self.allow_unknown_exports = allow;
        self
    }

    /// Defines a name as a handle of a store.
    ///
    /// # Errors
    /// Returns [`Fault::WrongEngine`] for a store of another engine, [`Fault::WrongStore`] for a
    /// handle of another store, and [`Fault::DefinedTwice`] for a name that is defined already,
    /// unless shadowing is allowed.
    pub fn define(
        &mut self,
        store: impl AsContext<Data = T>,
        module: &str,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self> {
        let core = &store.as_context().0.core;
        let item = item.into();
        self.engine.check(&core.engine)?;
        item.check(core)?;
        let family = core.identity.family();
        self.insert(module, name, Definition::Extern(item, family))
    }

    /// Defines a name in the module whose name is the empty string.
    ///
    /// # Errors
    /// Returns the same errors as [`Linker::define`].
    pub fn define_name(
        &mut self,
        store: impl AsContext<Data = T>,
        name: &str,
        item: impl Into<Extern>,
    ) -> Result<&mut Self> {
        self.define(store, "", name, item)
    }

    /// Defines a host function over lists of values: see [`Func::new`].
    ///
    /// # Errors
    /// Returns [`Fault::DefinedTwice`] for a name that is defined already, unless shadowing is
    /// allowed.
    pub fn func_new(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
    ) -> Result<&mut Self> {
        self.insert(module, name, Definition::Host(untyped(ty, func)))
    }

    /// Defines a host function from a closure over typed values: see [`Func::wrap`].
    ///
    /// # Errors
    /// Returns [`Fault::DefinedTwice`] for a name that is defined already, unless shadowing is
    /// allowed.
    pub fn func_wrap<Params, Args>(
        &mut self,
        module: &str,
        name: &str,
        func: impl IntoFunc<T, Params, Args>,
    ) -> Result<&mut Self> {
        let host = func.into_host(&self.engine).0;
        self.insert(module, name, Definition::Host(host))
    }

    /// Defines an asynchronous host function over lists of values: see [`Func::new_async`].
    ///
    /// # Errors
    /// Returns [`Fault::DefinedTwice`] for a name that is defined already, unless shadowing is
    /// allowed.
    pub fn func_new_async<F>(
        &mut self,
        module: &str,
        name: &str,
        ty: FuncType,
        func: F,
    ) -> Result<&mut Self>
    where
        T: Send + 'static,
        F: for<'a> Fn(
                Caller<'a, T>,
                &'a [Val],
                &'a mut [Val],
            ) -> Box<dyn Future<Output = Result<()>> + Send + 'a>
            + Send
            + Sync
            + 'static,
    {
        self.insert(module, name, Definition::Host(untyped_async(ty, func)))
    }

    /// Defines an asynchronous host function over a tuple of values: see [`Func::wrap_async`].
    ///
    /// # Errors
    /// Returns [`Fault::DefinedTwice`] for a name that is defined already, unless shadowing is
    /// allowed.
    pub fn func_wrap_async<F, Params, Args>(
        &mut self,
        module: &str,
        name: &str,
        func: F,
    ) -> Result<&mut Self>
    where
        T: Send + 'static,
        F: for<'a> Fn(Caller<'a, T>, Params) -> Box<dyn Future<Output = Args> + Send + 'a>
            + Send
            + Sync
            + 'static,
        Params: WasmTyList + 'static,
        Args: WasmRet + 'static,
    {
        let host = typed_async(&self.engine, func);
        self.insert(module, name, Definition::Host(host))
    }

    /// Defines each export of an instance, under `module_name`.
    ///
    /// # Errors
    /// Returns [`Fault::WrongEngine`] for a store of another engine, and [`Fault::DefinedTwice`]
    /// for a name that is defined already, unless shadowing is allowed.
    ///
    /// # Panics
    /// Panics when the instance belongs to another store.
    pub fn instance(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        instance: Instance,
    ) -> Result<&mut Self> {
        let store = store.as_context_mut();
        self.engine.check(store.engine())?;
        instance.expect_current(&store.0.core)?;
        let family = store.0.core.identity.family();
        let exports: Vec<(String, Extern)> = instance
            .exports(store)
            .map(|export| (export.name().to_string(), export.into_extern()))
            .collect();
        for (name, handle) in exports {
            self.insert(module_name, &name, Definition::Extern(handle, family))?;
        }
        Ok(self)
    }

    /// Instantiates a module and defines its exports. A command (with `_start` and without
    /// `_initialize`) is instantiated anew for each call of an export instead.
    ///
    /// # Errors
    /// Returns the errors of [`Linker::instantiate`], and [`Fault::DefinedTwice`] for a name that
    /// is defined already, unless shadowing is allowed.
    pub fn module(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self> {
        if module::is_command(module) {
            return self.command(module_name, module);
        }
        let instance = self.instantiate(&mut store, module)?;
        if let Some(func) = instance.get_func(&mut store, "_initialize") {
            let func = func.typed::<(), ()>(&store)?;
            func.call(&mut store, ()).map_err(module::initializing)?;
        }
        self.instance(store, module_name, instance)
    }

    /// Instantiates a module and defines its exports, as [`Linker::module`] does; the start
    /// function may call asynchronous host functions.
    ///
    /// # Errors
    /// Returns the errors of [`Linker::instantiate`], and [`Fault::DefinedTwice`] for a name that
    /// is defined already, unless shadowing is allowed.
    pub async fn module_async(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module_name: &str,
        module: &Module,
    ) -> Result<&mut Self>
    where
        T: Send + 'static,
    {
        if module::is_command(module) {
            return self.command_async(module_name, module);
        }
        let instance = self.instantiate_async(&mut store, module).await?;
        if let Some(func) = instance.get_func(&mut store, "_initialize") {
            let func = func.typed::<(), ()>(&store)?;
            func.call_async(&mut store, ())
                .await
                .map_err(module::initializing)?;
        }
        self.instance(store, module_name, instance)
    }

    /// Gives a definition a second name.
    ///
    /// # Errors
    /// Returns [`Fault::UnknownDefinition`] when there is nothing to give the name to, and
    /// [`Fault::DefinedTwice`] when the new name is defined already, unless shadowing is allowed.
    pub fn alias(
        &mut self,
        module: &str,
        name: &str,
        as_module: &str,
        as_name: &str,
    ) -> Result<&mut Self> {
        let definition = self
            .definition(module, name)
            .ok_or_else(|| unknown(module, name))?;
        self.insert(as_module, as_name, definition.clone())
    }

    /// Gives all definitions of a module name a second module name.
    ///
    /// # Errors
    /// Returns [`Fault::DefinedTwice`] for a name that is defined already, unless shadowing is
    /// allowed.
    pub fn alias_module(&mut self, module: &str, as_module: &str) -> Result<()> {
        let items = self.modules.get(module).cloned().unwrap_or_default();
        for (name, definition) in items {
            self.insert(as_module, &name, definition)?;
        }
        Ok(())
    }

    /// Instantiates a module, taking its imports from the definitions.
    ///
    /// # Errors
    /// Returns [`UnknownImportError`](crate::UnknownImportError), which lists all missing imports,
    /// and the errors of [`Instance::new`].
    pub fn instantiate(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance> {
        self.instantiate_pre(module)?.instantiate(store)
    }

    /// Instantiates a module, all but its start function, which is returned for the embedder to
    /// call: for instance to step through it.
    ///
    /// # Errors
    /// Returns the same errors as [`Linker::instantiate`].
    pub fn instantiate_unstarted(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<(Instance, Option<Func>)> {
        self.instantiate_pre(module)?.instantiate_unstarted(store)
    }

    /// Instantiates a module, as [`Linker::instantiate`] does; the start function may call
    /// asynchronous host functions.
    ///
    /// # Errors
    /// Returns the same errors as [`Linker::instantiate`].
    pub async fn instantiate_async(
        &self,
        store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<Instance>
    where
        T: Send + 'static,
    {
        self.instantiate_pre(module)?.instantiate_async(store).await
    }

    /// Looks up all imports of a module once, for many instances.
    ///
    /// # Errors
    /// Returns [`UnknownImportError`](crate::UnknownImportError), which lists all missing imports;
    /// [`Fault::WrongEngine`] for a module of another engine; [`Fault::WrongStore`] when
    /// definitions of two stores would meet in an instance.
    pub fn instantiate_pre(&self, module: &Module) -> Result<InstancePre<T>> {
        self.engine.check(module.engine())?;
        self.check_imports(module)?;
        let imports = module.syntax().imports.iter();
        let found = imports.map(|import| {
            let definition = self.definition(&import.module, &import.name);
            match definition {
                Some(definition) => definition.clone(),
                None => unreachable!("all imports were just looked up"),
            }
        });
        let imports: Arc<[Definition<T>]> = found.collect();
        let mut families = imports.iter().filter_map(Definition::family);
        let first = families.next();
        if families.any(|family| Some(family) != first) {
            let what = "the definitions of the imports are of different stores";
            return Err(Error::from(Fault::WrongStore).context(what));
        }
        Ok(InstancePre {
            module: module.clone(),
            imports,
        })
    }

    /// Returns all definitions: module name, name, and the handle in the store.
    pub fn iter<'a: 'p, 'p>(
        &'a self,
        mut store: impl AsContextMut<Data = T> + 'p,
    ) -> impl Iterator<Item = (&'a str, &'a str, Extern)> + 'p {
        let all = self.modules.iter().flat_map(|(module, items)| {
            items
                .iter()
                .map(move |(name, definition)| (module, name, definition))
        });
        all.map(move |(module, name, definition)| {
            let handle = definition.handle(store.as_context_mut().0);
            (&**module, &**name, handle)
        })
    }

    /// Returns the definition of a name as a handle of the store.
    ///
    /// # Errors
    /// Returns [`Fault::UnknownDefinition`] when the name is not defined.
    pub fn get(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
        name: &str,
    ) -> Result<Extern> {
        let definition = self
            .definition(module, name)
            .ok_or_else(|| unknown(module, name))?;
        Ok(definition.handle(store.as_context_mut().0))
    }

    /// Returns the definition that an import names, as a handle of the store.
    pub fn get_by_import(
        &self,
        mut store: impl AsContextMut<Data = T>,
        import: &ImportType<'_>,
    ) -> Option<Extern> {
        let definition = self.definition(import.module(), import.name())?;
        Some(definition.handle(store.as_context_mut().0))
    }

    /// Returns the function that runs a module: its export with the empty name, or `_start`, or one
    /// that does nothing.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when that export is not a function.
    pub fn get_default(
        &self,
        mut store: impl AsContextMut<Data = T>,
        module: &str,
    ) -> Result<Func> {
        for name in ["", "_start"] {
            if let Ok(handle) = self.get(&mut store, module, name) {
                let text = || alloc::format!("export `{name}` of `{module}` is not a function");
                let what = || Fault::TypeMismatch.because(text());
                return handle.into_func().ok_or_else(what);
            }
        }
        Ok(Func::wrap(store, || {}))
    }

    pub(crate) fn insert(
        &mut self,
        module: &str,
        name: &str,
        definition: Definition<T>,
    ) -> Result<&mut Self> {
        if !self.modules.contains_key(module) {
            self.modules.insert(module.into(), BTreeMap::new());
        }
        let Some(items) = self.modules.get_mut(module) else {
            unreachable!("inserted when absent");
        };
        if !self.allow_shadowing && items.contains_key(name) {
            let what = alloc::format!("import of `{module}::{name}` defined twice");
            return Err(Fault::DefinedTwice.because(what));
        }
        items.insert(name.into(), definition);
        Ok(self)
    }

    #[cfg(feature = "std")]
    pub(crate) fn unknown_exports_allowed(&self) -> bool {
        self.allow_unknown_exports
    }

    /// Returns whether a name is defined.
    pub(crate) fn has(&self, module: &str, name: &str) -> bool {
        self.definition(module, name).is_some()
    }

    fn definition(&self, module: &str, name: &str) -> Option<&Definition<T>> {
        self.modules.get(module)?.get(name)
    }
}

fn unknown(module: &str, name: &str) -> Error {
    let what = alloc::format!("no definition of `{module}::{name}`");
    Fault::UnknownDefinition.because(what)
}

impl<T: 'static> Definition<T> {
    /// The handle in a store.
    fn handle(&self, inner: &mut Inner<T>) -> Extern {
        match self {
            Definition::Extern(handle, _) => handle.clone(),
            Definition::Host(host) => Extern::Func(inner.known_host(host)),
        }
    }

    /// The store it is bound to, if it is.
    fn family(&self) -> Option<StoreId> {
        match self {
            // A shared memory is of no store.
            Definition::Extern(Extern::SharedMemory(_), _) | Definition::Host(_) => None,
            Definition::Extern(_, family) => Some(*family),
        }
    }

    /// The address in a store.
    fn address(&self, inner: &mut Inner<T>) -> Result<ExternAddr> {
        match self {
            Definition::Extern(handle, _) => handle.address(&mut inner.core),
            Definition::Host(host) => Ok(ExternAddr::Func(inner.known_host(host).addr)),
        }
    }
}

/// A module whose imports have been looked up, ready to be instantiated many times.
///
/// ```
/// use limpid::{Engine, Linker, Module, Store};
/// # #[cfg(feature = "wat")] {
/// let engine = Engine::default();
/// let module = Module::new(&engine, r#"(module (func (export "f") (result i32) i32.const 42))"#)?;
/// let pre = Linker::new(&engine).instantiate_pre(&module)?;
/// for _ in 0..3 {
///     let mut store = Store::new(&engine, ());
///     let instance = pre.instantiate(&mut store)?;
///     let f = instance.get_typed_func::<(), i32>(&mut store, "f")?;
///     assert_eq!(f.call(&mut store, ())?, 42);
/// }
/// # }
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct InstancePre<T: 'static> {
    module: Module,
    imports: Arc<[Definition<T>]>,
}

impl<T> Clone for InstancePre<T> {
    fn clone(&self) -> Self {
        InstancePre {
            module: self.module.clone(),
            imports: self.imports.clone(),
        }
    }
}

impl<T> fmt::Debug for InstancePre<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InstancePre")
            .field("module", &self.module)
            .finish_non_exhaustive()
    }
}

impl<T: 'static> InstancePre<T> {
    /// Returns the module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// Instantiates the module.
    ///
    /// # Errors
    /// Returns the same errors as [`Instance::new`].
    pub fn instantiate(&self, mut store: impl AsContextMut<Data = T>) -> Result<Instance> {
        let inner = store.as_context_mut().0;
        let imports = self.addresses(inner)?;
        inner.instantiate(&self.module, &imports)
    }

    /// Instantiates the module, all but its start function, which is returned for the embedder to
    /// call: for instance to step through it.
    ///
    /// # Errors
    /// Returns the same errors as [`Instance::new`].
    pub fn instantiate_unstarted(
        &self,
        mut store: impl AsContextMut<Data = T>,
    ) -> Result<(Instance, Option<Func>)> {
        let inner = store.as_context_mut().0;
        let imports = self.addresses(inner)?;
        inner.instantiate_unstarted(&self.module, &imports)
    }

    /// Instantiates the module; the start function may call asynchronous host functions.
    ///
    /// # Errors
    /// Returns the same errors as [`Instance::new`].
    pub async fn instantiate_async(
        &self,
        mut store: impl AsContextMut<Data = T>,
    ) -> Result<Instance>
    where
        T: Send + 'static,
    {
        let inner = store.as_context_mut().0;
        let imports = self.addresses(inner)?;
        inner.instantiate_async(&self.module, &imports).await
    }

    fn addresses(&self, inner: &mut Inner<T>) -> Result<Vec<ExternAddr>> {
        inner.core.engine.check(self.module.engine())?;
        self.imports
            .iter()
            .map(|definition| definition.address(inner))
            .collect()
    }
}
