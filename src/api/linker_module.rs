//! Modules given to a linker by name: commands, which are instantiated for each call, and the
//! values that stand for missing imports.

use super::caller::Caller;
use super::context::AsContextMut;
use super::error::{Error, Fault, Result};
use super::externs::Extern;
use super::func::Func;
use super::global::Global;
use super::host::untyped;
use super::host_async::untyped_async;
use super::linker::{Definition, InstancePre, Linker};
use super::memory::Memory;
use super::module::Module;
use super::shared::SharedMemory;
use super::table::Table;
use super::tag::Tag;
use super::types_composite::FuncType;
use super::types_extern::ExternType;
use super::values::{Ref, Val};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Whether a module is a command: made to be run once.
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
        Err(Error::from(Fault::NotConfigured).context("commands in a linker need `std`"))
    }

    /// The same, calling asynchronously.
    #[cfg(not(feature = "std"))]
    pub(crate) fn command_async(&mut self, name: &str, module: &Module) -> Result<&mut Self> {
        self.command(name, module)
    }
}

#[cfg(feature = "std")]
impl<T: 'static> Linker<T> {
    /// The functions a command exports.
    fn commands(&self, module: &Module) -> Result<Vec<(String, FuncType)>> {
        let mut found = Vec::new();
        for export in module.exports() {
            match export.ty() {
                ExternType::Func(ty) => found.push((export.name().to_string(), ty)),
                // What toolchains export besides the functions that are meant.
                ExternType::Memory(_) if export.name() == "memory" => {}
                ExternType::Table(_) if export.name() == "__indirect_function_table" => {}
                ExternType::Global(_)
                    if [
                        "__heap_base",
                        "__data_end",
                        "__stack_pointer",
                        "__dso_handle",
                    ]
                    .contains(&export.name()) => {}
                _ if self.unknown_exports_allowed() => {}
                _ => {
                    let what =
                        alloc::format!("command export `{}` is not a function", export.name());
                    return Err(Error::from(Fault::TypeMismatch).context(what));
                }
            }
        }
        Ok(found)
    }

    /// Defines the functions of a command, each call of which is a new instance's.
    pub(crate) fn command(&mut self, module_name: &str, module: &Module) -> Result<&mut Self> {
        let pre = self.instantiate_pre(module)?;
        for (name, ty) in self.commands(module)? {
            let (pre, export) = (pre.clone(), name.clone());
            let call = move |mut caller: Caller<'_, T>, params: &[Val], results: &mut [Val]| {
                let instance = pre.instantiate(&mut caller)?;
                function(&pre, instance.get_func(&mut caller, &export)).call(
                    &mut caller,
                    params,
                    results,
                )
            };
            self.insert(module_name, &name, Definition::Host(untyped(ty, call)))?;
        }
        Ok(self)
    }

    /// The same, calling asynchronously.
    pub(crate) fn command_async(&mut self, module_name: &str, module: &Module) -> Result<&mut Self>
    where
        T: Send,
    {
        let pre = self.instantiate_pre(module)?;
        for (name, ty) in self.commands(module)? {
            let host = command_async(ty, pre.clone(), name.clone());
            self.insert(module_name, &name, Definition::Host(host))?;
        }
        Ok(self)
    }
}

/// A function of a command that is instantiated and called asynchronously.
#[cfg(feature = "std")]
fn command_async<T: Send + 'static>(
    ty: FuncType,
    pre: InstancePre<T>,
    name: String,
) -> super::host::HostFunc<T> {
    untyped_async(ty, move |mut caller: Caller<'_, T>, params, results| {
        let (pre, name) = (pre.clone(), name.clone());
        Box::new(async move {
            let instance = pre.instantiate_async(&mut caller).await?;
            let func = function(&pre, instance.get_func(&mut caller, &name));
            func.call_async(&mut caller, params, results).await
        })
    })
}

#[cfg(feature = "std")]
fn function<T>(_: &InstancePre<T>, found: Option<Func>) -> Func {
    match found {
        Some(func) => func,
        None => unreachable!("the export was found in the module"),
    }
}

impl ExternType {
    /// Something of the type that does least: zero, null, empty, or a function that returns these.
    ///
    /// # Errors
    /// A type without a default value.
    pub fn default_value(&self, mut store: impl AsContextMut) -> Result<Extern> {
        let none = || Error::from(Fault::TypeMismatch).context("the type has no default value");
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
    /// A function of the type that returns zeros and nulls.
    ///
    /// # Errors
    /// A result type without a default value.
    pub fn default_value(&self, store: impl AsContextMut) -> Result<Func> {
        let values: Option<Vec<Val>> = self.results().map(|ty| Val::default_for_ty(&ty)).collect();
        let values = values.ok_or_else(|| {
            Error::from(Fault::TypeMismatch).context("a result has no default value")
        })?;
        Ok(Func::new(store, self.clone(), move |_, _, results| {
            results.copy_from_slice(&values);
            Ok(())
        }))
    }
}
