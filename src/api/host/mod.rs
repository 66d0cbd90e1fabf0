//! Host functions: closures of the embedder as the store keeps them.

pub(crate) mod asynchronous;
pub(crate) mod caller;
pub(crate) mod define;

use crate::api::engine::Engine;
use crate::api::error::{Fault, Result};
use crate::api::store::core::Core;
use crate::api::store::hook::Passed;
use crate::api::store::host_fn::{Begun, Caller, HostFn};
use crate::api::types::ValType;
use crate::api::types::composite::FuncType;
use crate::api::types::externs::space_of;
use crate::api::values::Val;
use crate::api::values::wasm_ty::{WasmRet, WasmTy, WasmTyList};
use crate::exec::OnCells;
use crate::syntax;
use alloc::sync::Arc;
use core::marker::PhantomData;

/// A host function with its type.
pub(crate) struct HostFunc<T: 'static> {
    pub ty: FuncType,
    pub func: Arc<dyn HostFn<T>>,
    /// The same function on cells, when it needs nothing of the store.
    pub on_cells: Option<OnCells>,
}

impl<T> Clone for HostFunc<T> {
    fn clone(&self) -> HostFunc<T> {
        HostFunc {
            ty: self.ty.clone(),
            func: self.func.clone(),
            on_cells: self.on_cells.clone(),
        }
    }
}

/// A closure that can be a host function. Its parameters, after an optional [`Caller`], implement
/// [`WasmTy`], and its result implements [`WasmRet`].
pub trait IntoFunc<T: 'static, Params, Results>: Send + Sync + 'static {
    #[doc(hidden)]
    fn into_host(self, engine: &Engine) -> IntoHost<T>;
}

/// A host function on its way into a store or linker.
#[doc(hidden)]
pub struct IntoHost<T: 'static>(pub(crate) HostFunc<T>);

/// A closure over typed parameters.
struct Typed<F, P>(F, PhantomData<fn(P)>);

macro_rules! closures {
    ($($($t:ident)*;)*) => {$(
        #[allow(non_snake_case, unused_variables)]
        const _: () = {
            impl<T, F, R, $($t),*> HostFn<T> for Typed<F, (Caller<'static, ()>, R, $($t,)*)>
            where
                T: 'static,
                F: for<'a> Fn(Caller<'a, T>, $($t),*) -> R + Send + Sync + 'static,
                R: WasmRet + 'static,
                $($t: WasmTy + 'static,)*
            {
                fn call(&self, caller: Caller<'_, T>, at: Passed) -> Result<()> {
                    let inner = &mut *caller.store.0;
                    let scope = inner.core.state.roots.scoped.len();
                    let base = at.base as usize;
                    let ($($t,)*) = <($($t,)*) as WasmTyList>::load(&mut inner.core, base);
                    let again = Caller::new(inner, caller.instance);
                    let results = (self.0)(again, $($t),*);
                    let stored = results.put(&mut inner.core, base);
                    inner.core.close_scope(scope);
                    stored
                }

                fn begin<'a>(&'a self, caller: Caller<'a, T>, _: Passed) -> Begun<'a, T> {
                    Begun::Sync(caller)
                }
            }

            impl<T, F, R, $($t),*> IntoFunc<T, (Caller<'_, T>, $($t,)*), R> for F
            where
                T: 'static,
                F: for<'a> Fn(Caller<'a, T>, $($t),*) -> R + Send + Sync + 'static,
                R: WasmRet + 'static,
                $($t: WasmTy + 'static,)*
            {
                fn into_host(self, engine: &Engine) -> IntoHost<T> {
                    let params = <($($t,)*) as WasmTyList>::valtypes();
                    let ty = FuncType::new(engine, params, R::valtypes());
                    let func = Typed::<F, (Caller<'static, ()>, R, $($t,)*)>(self, PhantomData);
                    IntoHost(HostFunc { ty, func: Arc::new(func), on_cells: None })
                }
            }

            impl<T, F, R, $($t),*> IntoFunc<T, ($($t,)*), R> for F
            where
                T: 'static,
                F: Fn($($t),*) -> R + Send + Sync + 'static,
                R: WasmRet + 'static,
                $($t: WasmTy + 'static,)*
            {
                fn into_host(self, engine: &Engine) -> IntoHost<T> {
                    let func = Arc::new(self);
                    let numbers = <($($t,)*) as WasmTyList>::ARE_CELLS && R::ARE_CELLS;
                    let on_cells = numbers.then(|| {
                        let func = func.clone();
                        OnCells::new(move |cells| {
                            let ($($t,)*) = <($($t,)*) as WasmTyList>::from_cells(cells);
                            func($($t),*).to_cells(cells);
                        })
                    });
                    let with_caller = move |_: Caller<'_, T>, $($t: $t),*| func($($t),*);
                    let host = with_caller.into_host(engine).0;
                    IntoHost(HostFunc { on_cells, ..host })
                }
            }
        };
    )*};
}

closures! {
    ;
    A1;
    A1 A2;
    A1 A2 A3;
    A1 A2 A3 A4;
    A1 A2 A3 A4 A5;
    A1 A2 A3 A4 A5 A6;
    A1 A2 A3 A4 A5 A6 A7;
    A1 A2 A3 A4 A5 A6 A7 A8;
    A1 A2 A3 A4 A5 A6 A7 A8 A9;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15;
    A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16;
}

/// A closure over lists of values.
struct Untyped<F> {
    /// The function's type, when it names no defined types and so is the same in every store.
    plain: Option<syntax::FuncType>,
    func: F,
}

impl<T, F> HostFn<T> for Untyped<F>
where
    T: 'static,
    F: Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
{
    fn call(&self, caller: Caller<'_, T>, at: Passed) -> Result<()> {
        let inner = &mut *caller.store.0;
        let scope = inner.core.state.roots.scoped.len();
        let own;
        let ty = match &self.plain {
            Some(ty) => ty,
            None => {
                own = inner.core.func_type(at.func).clone();
                &own
            }
        };
        let mut vals = inner.core.take_vals();
        inner
            .core
            .load_vals_into(&ty.params, at.base as usize, &mut vals);
        vals.extend(ty.results.iter().map(|&ty| unset(ty)));
        let (params, results) = vals.split_at_mut(ty.params.len());
        let again = Caller::new(inner, caller.instance);
        let stored = (self.func)(again, params, results)
            .and_then(|()| inner.core.put_answer(&ty.results, results, at));
        inner.core.keep_vals(vals);
        inner.core.close_scope(scope);
        stored
    }

    fn begin<'a>(&'a self, caller: Caller<'a, T>, _: Passed) -> Begun<'a, T> {
        Begun::Sync(caller)
    }
}

/// Returns the value that holds the place of a result until the closure sets it: one of another
/// type.
pub(crate) fn unset(ty: syntax::ValType) -> Val {
    match ty {
        syntax::ValType::Ref(_) => Val::I32(0),
        syntax::ValType::I32
        | syntax::ValType::I64
        | syntax::ValType::F32
        | syntax::ValType::F64
        | syntax::ValType::V128 => Val::FuncRef(None),
    }
}

/// Returns whether a value still stands in the place of a result of that type.
fn is_unset((ty, val): (&syntax::ValType, &Val)) -> bool {
    match val {
        Val::I32(_) => ty.is_ref(),
        Val::FuncRef(None) => !ty.is_ref(),
        _ => false, // A closure has set it.
    }
}

/// The type, when it names no defined types.
pub(crate) fn plain(ty: &FuncType) -> Option<syntax::FuncType> {
    let ty = ty.syntax();
    let mut all = ty.params.iter().chain(ty.results.iter());
    let defined = |ty: &syntax::ValType| match ty {
        syntax::ValType::Ref(r) => r.heap.type_idx().is_some(),
        syntax::ValType::I32
        | syntax::ValType::I64
        | syntax::ValType::F32
        | syntax::ValType::F64
        | syntax::ValType::V128 => false,
    };
    (!all.any(defined)).then(|| ty.clone())
}

/// A host function over lists of values.
pub(crate) fn untyped<T: 'static>(
    ty: FuncType,
    func: impl Fn(Caller<'_, T>, &[Val], &mut [Val]) -> Result<()> + Send + Sync + 'static,
) -> HostFunc<T> {
    let plain = plain(&ty);
    HostFunc {
        ty,
        func: Arc::new(Untyped { plain, func }),
        on_cells: None,
    }
}

impl Core {
    /// Puts what a closure over lists of values answers to a call in the place of its results.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`] for a result that was not set, and for one of another type.
    pub(crate) fn put_answer(
        &mut self,
        types: &[syntax::ValType],
        vals: &[Val],
        at: Passed,
    ) -> Result<()> {
        let put = self.put_vals("result", types, vals, at.base as usize);
        put.map_err(|error| match types.iter().zip(vals).position(is_unset) {
            Some(place) => {
                let space = space_of(&self.engine, &self.state.types);
                let (ty, number) = (ValType::from_syntax(&space, types[place]), place + 1);
                Fault::TypeMismatch.because(alloc::format!(
                    "the host function did not set result {number}, of type {ty}"
                ))
            }
            None => error,
        })
    }
}
