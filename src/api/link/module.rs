//! Modules given to a linker by name: commands, which are instantiated for each call, and the
//! values that stand for missing imports.

use crate::api::error::{Error, Fault, Result};
use crate::api::items::externs::Extern;
use crate::api::items::global::Global;
use crate::api::items::memory::Memory;
use crate::api::items::shared::SharedMemory;
use crate::api::items::table::Table;
use crate::api::items::tag::Tag;
use crate::api::link::Linker;
use crate::api::module::Module;
use crate::api::store::context::AsContextMut;
use crate::api::types::ValType;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::ExternType;
use crate::api::values::func::Func;
use crate::api::values::{Ref, Val};
use alloc::vec::Vec;

/// Returns whether a module is a command: made to be run once.
pub(crate) fn is_command(module: &Module) -> bool {
    module.item("_start").is_some() && module.item("_initialize").is_none()
}

/// The error of a failed `_initialize`.
pub(crate) fn initializing(error: Error) -> Error {
    error.context("calling the `_initialize` function")
}

impl<T: 'static> Linker<T> {
    /// Without `std` a module is of one thread, and no host function can hold it.
    #[cfg(not(feature = "std"))]
    pub(crate) fn command(&mut self, _: &str, _: &Module) -> Result<&mut Self> {
        Err(Fault::NotConfigured.because("commands in a linker need `std`"))
    }

    /// The same, calling asynchronously.
    #[cfg(not(feature = "std"))]
    pub(crate) fn command_async(&mut self, name: &str, module: &Module) -> Result<&mut Self> {
        self.command(name, module)
    }
}

impl ExternType {
    /// Makes an item of the type with the simplest content: zero, null, empty, or a function that
    /// returns these.
    ///
    /// # Errors
    /// Fails for a type without a default value.
    pub fn default_value(&self, mut store: impl AsContextMut) -> Result<Extern> {
        let text = || alloc::format!("the type {self} has no default value");
        let none = || Fault::TypeMismatch.because(text());
        Ok(match self {
            ExternType::Func(ty) => ty.default_value(store)?.into(),
            ExternType::Global(ty) => {
                let value = Val::default_for_ty(ty.content()).ok_or_else(none)?;
                Global::new(store, ty.clone(), value)?.into()
            }
            ExternType::Table(ty) if ty.element().is_nullable() => {
                let null = Ref::null(ty.element().heap_type());
                Table::new(store, ty.clone(), null)?.into()
            }
            ExternType::Table(_) => return Err(none()),
            ExternType::Memory(ty) if ty.is_shared() => {
                SharedMemory::new(store.as_context_mut().engine(), ty.clone())?.into()
            }
            ExternType::Memory(ty) => Memory::new(store, ty.clone())?.into(),
            ExternType::Tag(ty) => Tag::new(store, ty)?.into(),
        })
    }
}

impl FuncType {
    /// Makes a function of the type that returns zeros and nulls.
    ///
    /// # Errors
    /// Fails for a result type without a default value.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Func> {
        let values = default_results(self)?;
        Ok(Func::new(store, self.clone(), move |_, _, results| {
            results.copy_from_slice(&values);
            Ok(())
        }))
    }
}

/// The results of a function that returns zeros and nulls.
///
/// # Errors
/// Fails for a result type without a default value.
pub(crate) fn default_results(ty: &FuncType) -> Result<Vec<Val>> {
    let value = |(place, ty): (usize, ValType)| {
        let none = || alloc::format!("result {}, {ty}, has no default value", place + 1);
        Val::default_for_ty(&ty).ok_or_else(|| Fault::TypeMismatch.because(none()))
    };
    ty.results().enumerate().map(value).collect()
}
