//! Commands given to a linker by name: each call of one of their functions is an instance's of its
//! own. With `std` only, where modules can be shared by threads, as host functions must be.

use crate::api::error::{Fault, Result};
use crate::api::host::asynchronous::untyped_async;
use crate::api::host::{HostFunc, untyped};
use crate::api::link::{Definition, InstancePre, Linker};
use crate::api::module::Module;
use crate::api::store::host_fn::Caller;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::ExternType;
use crate::api::values::Val;
use crate::api::values::func::Func;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

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
                    return Err(Fault::TypeMismatch.because(what));
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
fn command_async<T: Send + 'static>(
    ty: FuncType,
    pre: InstancePre<T>,
    name: String,
) -> HostFunc<T> {
    untyped_async(ty, move |mut caller: Caller<'_, T>, params, results| {
        let (pre, name) = (pre.clone(), name.clone());
        Box::new(async move {
            let instance = pre.instantiate_async(&mut caller).await?;
            let func = function(&pre, instance.get_func(&mut caller, &name));
            func.call_async(&mut caller, params, results).await
        })
    })
}

fn function<T>(_: &InstancePre<T>, found: Option<Func>) -> Func {
    match found {
        Some(func) => func,
        None => unreachable!("the export was found in the module"),
    }
}
