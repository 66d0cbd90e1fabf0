//! Imports that a linker does not define: the error that lists them, and the definitions that can
//! take their places.

use crate::api::error::{Coded, Error, Result};
use crate::api::link::Linker;
use crate::api::link::module::default_results;
use crate::api::module::Module;
use crate::api::store::context::AsContextMut;
use crate::api::types::externs::{ExternType, ImportType};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// Reports the imports of a module that a linker does not define: the first one, and all.
#[derive(Clone, Debug)]
pub struct UnknownImportError {
    first: Missing,
    others: Vec<Missing>,
}

#[derive(Clone, Debug)]
struct Missing {
    module: String,
    name: String,
    ty: ExternType,
}

impl Missing {
    fn new(import: &ImportType<'_>) -> Missing {
        Missing {
            module: import.module().to_string(),
            name: import.name().to_string(),
            ty: import.ty(),
        }
    }
}

impl UnknownImportError {
    fn new(import: &ImportType<'_>) -> UnknownImportError {
        UnknownImportError {
            first: Missing::new(import),
            others: Vec::new(),
        }
    }

    /// Returns the module name of the first unknown import.
    pub fn module(&self) -> &str {
        &self.first.module
    }

    /// Returns the item's name of the first unknown import.
    pub fn name(&self) -> &str {
        &self.first.name
    }

    /// Returns the type of the first unknown import.
    pub fn ty(&self) -> ExternType {
        self.first.ty.clone()
    }

    /// Returns all unknown imports in the order of the module: module name, item's name, type.
    ///
    /// ```
    /// use limpid::{Engine, Linker, Module, Store, UnknownImportError};
    /// # #[cfg(feature = "wat")] {
    /// let engine = Engine::default();
    /// let text = r#"(module (import "a" "f" (func)) (import "a" "m" (memory 1)))"#;
    /// let linker = Linker::new(&engine);
    /// let mut store = Store::new(&engine, ());
    /// let error = linker
    ///     .instantiate(&mut store, &Module::new(&engine, text)?)
    ///     .unwrap_err();
    /// let error: UnknownImportError = error.downcast()?;
    /// let names: Vec<_> = error.all().map(|(_, name, _)| name).collect();
    /// assert_eq!(names, ["f", "m"]);
    /// # }
    /// # Ok::<(), limpid::Error>(())
    /// ```
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &ExternType)> + '_ {
        let all = core::iter::once(&self.first).chain(&self.others);
        all.map(|missing| (&*missing.module, &*missing.name, &missing.ty))
    }
}

impl fmt::Display for UnknownImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Missing { module, name, ty } = &self.first;
        write!(
            f,
            "unknown import: `{module}::{name}` has not been defined: {ty}"
        )?;
        for Missing { module, name, ty } in &self.others {
            write!(
                f,
                "\nunknown import: `{module}::{name}` has not been defined: {ty}"
            )?;
        }
        Ok(())
    }
}

impl core::error::Error for UnknownImportError {}

impl Coded for UnknownImportError {
    fn error_code(&self) -> &'static str {
        "unlinkable"
    }
}

impl<T: 'static> Linker<T> {
    /// Returns the error that lists what a module imports and this linker does not define.
    ///
    /// # Errors
    /// [`UnknownImportError`] when there is such an import.
    pub(crate) fn check_imports(&self, module: &Module) -> Result<()> {
        // Types are shown only when they are needed: they cost a copy of the module's types.
        let defined = |import: &crate::syntax::Import| self.has(&import.module, &import.name);
        if module.syntax().imports.iter().all(defined) {
            return Ok(());
        }
        let mut missing = module
            .imports()
            .filter(|import| !self.has(import.module(), import.name()))
            .map(|import| Missing::new(&import));
        let Some(first) = missing.next() else {
            return Ok(());
        };
        let others = missing.collect();
        Err(Error::coded(UnknownImportError { first, others }))
    }

    /// Defines the functions that a module imports and this linker does not define, as functions
    /// that fail with [`UnknownImportError`] when they are called. Other imports stay unknown.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn define_unknown_imports_as_traps(&mut self, module: &Module) -> Result<()> {
        for import in module.imports() {
            if self.has(import.module(), import.name()) {
                continue;
            }
            if let ExternType::Func(ty) = import.ty() {
                let missing = UnknownImportError::new(&import);
                self.func_new(import.module(), import.name(), ty, move |_, _, _| {
                    Err(Error::coded(missing.clone()))
                })?;
            }
        }
        Ok(())
    }

    /// Defines what a module imports and this linker does not define as zeros, nulls, empty
    /// memories and tables, and functions that return zeros and nulls.
    ///
    /// # Errors
    /// Fails for a type that has no default value; the context of the error names the import.
    pub fn define_unknown_imports_as_default_values(
        &mut self,
        mut store: impl AsContextMut<Data = T>,
        module: &Module,
    ) -> Result<()> {
        for import in module.imports() {
            let (from, name) = (import.module(), import.name());
            if self.has(from, name) {
                continue;
            }
            let named = |error: Error| {
                let ty = import.ty();
                error.context(alloc::format!("defining import `{from}::{name}` {ty}"))
            };
            // A function of the linker's, unlike one of the store's, serves other stores too.
            if let ExternType::Func(ty) = import.ty() {
                let values = default_results(&ty).map_err(named)?;
                self.func_new(from, name, ty, move |_, _, results| {
                    results.copy_from_slice(&values);
                    Ok(())
                })?;
                continue;
            }
            let value = import.ty().default_value(store.as_context_mut());
            self.define(store.as_context(), from, name, value.map_err(named)?)?;
        }
        Ok(())
    }
}
