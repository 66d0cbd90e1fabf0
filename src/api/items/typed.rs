//! Functions whose Rust types were checked once.

use crate::api::error::Result;
use crate::api::store::context::AsContextMut;
use crate::api::store::core::Core;
use crate::api::store::entry::{Entry, Polled, enter};
use crate::api::store::mismatch;
use crate::api::values::func::Func;
use crate::api::values::wasm_ty::{Fit, WasmParams, WasmResults};
use crate::code::layout::places;
use crate::runtime::Reference;
use crate::syntax;
use core::fmt;
use core::marker::PhantomData;

/// A [`Func`] whose type is known to Rust: it is called with Rust values instead of a list of
/// [`Val`](crate::Val).
///
/// ```
/// use limpid::{Engine, Func, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let add = Func::wrap(&mut store, |a: i32, b: i64| i64::from(a) + b);
/// let add = add.typed::<(i32, i64), i64>(&store)?;
/// assert_eq!(add.call(&mut store, (40, 2))?, 42);
/// # Ok::<(), limpid::Error>(())
/// ```
pub struct TypedFunc<Params, Results> {
    func: Func,
    fit: Fit,
    types: PhantomData<fn(Params) -> Results>,
}

impl<Params, Results> Clone for TypedFunc<Params, Results> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Params, Results> Copy for TypedFunc<Params, Results> {}

impl<Params, Results> fmt::Debug for TypedFunc<Params, Results> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedFunc").field(&self.func).finish()
    }
}

impl<Params: WasmParams, Results: WasmResults> TypedFunc<Params, Results> {
    pub(crate) fn new(core: &Core, func: Func) -> Result<Self> {
        core.expect_current(func.store)?;
        let ty = core.func_type(func.addr);
        let fit = Params::check(core, &ty.params, false)?;
        Results::check(core, &ty.results, true)?;
        Ok(TypedFunc {
            func,
            fit,
            types: PhantomData,
        })
    }

    /// Returns the untyped function.
    pub fn func(&self) -> &Func {
        &self.func
    }

    /// Calls the function.
    ///
    /// # Errors
    /// Returns the same errors as [`Func::call`].
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub fn call(&self, mut store: impl AsContextMut, params: Params) -> Result<Results> {
        let inner = store.as_context_mut().0;
        inner.core.expect_current(self.func.store)?;
        enter(inner, |inner| {
            self.stage(&mut inner.core, params)?;
            inner.run(self.func.addr, None)?;
            Ok(Results::load(&mut inner.core, 0))
        })
    }

    /// Calls the function asynchronously: see [`Func::call_async`].
    ///
    /// # Errors
    /// Returns the same errors as [`Func::call`].
    ///
    /// # Panics
    /// Panics when the handle belongs to another store.
    pub async fn call_async(
        &self,
        mut store: impl AsContextMut<Data: Send>,
        params: Params,
    ) -> Result<Results> {
        let inner = store.as_context_mut().0;
        inner.core.expect_current(self.func.store)?;
        let polled = Polled::default();
        let entry = Entry::begin_async(inner, &polled)?;
        let inner = &mut *entry.store;
        let call = async move {
            self.stage(&mut inner.core, params)?;
            inner.run_async(self.func.addr, None).await?;
            Ok(Results::load(&mut inner.core, 0))
        };
        let done = polled.watch(call).await;
        entry.end(done)
    }

    /// Puts the arguments into the innermost run.
    fn stage(&self, core: &mut Core, params: Params) -> Result<()> {
        params.put(core, 0)?;
        match self.fit {
            Fit::Always => Ok(()),
            Fit::Checked => self.check(core),
        }
    }

    /// Looks at each reference passed.
    #[cold]
    fn check(&self, core: &mut Core) -> Result<()> {
        let ty = core.func_type(self.func.addr).clone();
        for (number, (place, val)) in places(&ty.params).enumerate() {
            if let syntax::ValType::Ref(ty) = val {
                let reference = Reference::from_cell(core.cells()[place as usize]);
                if !core.has_type(reference, ty) {
                    let top = core.state.types.top(ty.heap);
                    let found = core.shown_reference(reference, top);
                    return Err(mismatch::at(core.mismatch(val, found), "argument", number));
                }
            }
        }
        Ok(())
    }
}
