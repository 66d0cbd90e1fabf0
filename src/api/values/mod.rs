//! Values as the embedder passes them.

pub(crate) mod anyref;
pub(crate) mod arrayref;
pub(crate) mod bottoms;
pub(crate) mod eqref;
pub(crate) mod exnref;
pub(crate) mod externref;
pub(crate) mod func;
pub(crate) mod i31;
pub(crate) mod pending;
pub(crate) mod rooted;
pub(crate) mod staging;
pub(crate) mod structref;
pub(crate) mod wasm_ty;

use crate::api::error::Result;
use crate::api::store::context::AsContext;
use crate::api::store::core::Core;
use crate::api::types::{HeapType, RefType, ValType};
use crate::api::values::anyref::AnyRef;
use crate::api::values::arrayref::ArrayRef;
use crate::api::values::eqref::EqRef;
use crate::api::values::exnref::ExnRef;
use crate::api::values::externref::ExternRef;
use crate::api::values::func::Func;
use crate::api::values::rooted::Rooted;
use crate::api::values::structref::StructRef;
use crate::runtime::Reference;
use crate::syntax;
use core::fmt;

/// A value of 128 bits, for vector instructions.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct V128(u128);

impl V128 {
    /// Returns the bits, with lane 0 lowest.
    pub fn as_u128(&self) -> u128 {
        self.0
    }
}

impl From<u128> for V128 {
    fn from(bits: u128) -> V128 {
        V128(bits)
    }
}

impl From<V128> for u128 {
    fn from(vector: V128) -> u128 {
        vector.0
    }
}

impl fmt::Debug for V128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "V128({:#034x})", self.0)
    }
}

/// A value of any type. Floats are held as their bits.
///
/// ```
/// use limpid::Val;
/// assert_eq!(Val::from(1.5f64).unwrap_f64(), 1.5);
/// assert_eq!(Val::I32(7).i64(), None);
/// ```
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Val {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(V128),
    FuncRef(Option<Func>),
    ExternRef(Option<Rooted<ExternRef>>),
    AnyRef(Option<Rooted<AnyRef>>),
    ExnRef(Option<Rooted<ExnRef>>),
}

/// A value of a reference type.
///
/// ```
/// use limpid::{Engine, Func, HeapType, Ref, RefType, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let func = Func::wrap(&mut store, || 42);
/// let reference = Ref::from(func);
/// assert!(reference.is_func() && reference.is_non_null());
/// assert!(reference.matches_ty(&store, &RefType::FUNCREF)?);
/// assert!(Ref::null(&HeapType::Extern).is_null());
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Ref {
    Func(Option<Func>),
    Extern(Option<Rooted<ExternRef>>),
    Any(Option<Rooted<AnyRef>>),
    Exn(Option<Rooted<ExnRef>>),
}

macro_rules! numbers {
    ($($form:ident $ty:ty, $get:ident $unwrap:ident, |$v:ident| $to:expr;)*) => {
        impl Val {$(
            /// Returns the number, if the value is of this type.
            pub fn $get(&self) -> Option<$ty> {
                match self {
                    Val::$form($v) => Some($to),
                    _ => None, // One of nine forms is asked for.
                }
            }

            /// Returns the number, which must be of this type.
            ///
            /// # Panics
            /// Panics when the value is of another type.
            pub fn $unwrap(&self) -> $ty {
                self.$get().expect(concat!("a value of type ", stringify!($get)))
            }
        )*}
    };
}

numbers! {
    I32 i32, i32 unwrap_i32, |v| *v;
    I64 i64, i64 unwrap_i64, |v| *v;
    F32 f32, f32 unwrap_f32, |v| f32::from_bits(*v);
    F64 f64, f64 unwrap_f64, |v| f64::from_bits(*v);
    V128 V128, v128 unwrap_v128, |v| *v;
}

macro_rules! references {
    ($(
        $form:ident $of:ident $ty:ty,
        ($($get:ident $unwrap:ident)*), $is:ident $as_:ident $un:ident;
    )*) => {
        impl Val {$($(
            /// Returns the reference, if the value is of this hierarchy; the inner `None` is null.
            pub fn $get(&self) -> Option<Option<&$ty>> {
                match self {
                    Val::$form(v) => Some(v.as_ref()),
                    _ => None, // One of nine forms is asked for.
                }
            }

            /// Returns the reference, which must be of this hierarchy; `None` is null.
            ///
            /// # Panics
            /// Panics when the value is of another type.
            pub fn $unwrap(&self) -> Option<&$ty> {
                self.$get().expect(concat!("a value of type ", stringify!($get)))
            }
        )*)*}

        impl Ref {$(
            /// Returns whether it is of this hierarchy, null or not.
            pub fn $is(&self) -> bool {
                matches!(self, Ref::$of(_))
            }

            /// Returns the reference, if it is of this hierarchy; the inner `None` is null.
            pub fn $as_(&self) -> Option<Option<&$ty>> {
                match self {
                    Ref::$of(v) => Some(v.as_ref()),
                    _ => None, // One of four forms is asked for.
                }
            }

            /// Returns the reference, which must be of this hierarchy; `None` is null.
            ///
            /// # Panics
            /// Panics when the reference is of another hierarchy.
            pub fn $un(&self) -> Option<&$ty> {
                self.$as_().expect(concat!("a reference: ", stringify!($as_)))
            }
        )*}
    };
}

references! {
    FuncRef Func Func,
        (funcref unwrap_funcref func_ref unwrap_func_ref), is_func as_func unwrap_func;
    ExternRef Extern Rooted<ExternRef>,
        (externref unwrap_externref extern_ref unwrap_extern_ref),
        is_extern as_extern unwrap_extern;
    AnyRef Any Rooted<AnyRef>,
        (anyref unwrap_anyref any_ref unwrap_any_ref), is_any as_any unwrap_any;
    ExnRef Exn Rooted<ExnRef>,
        (exnref unwrap_exnref), is_exn as_exn unwrap_exn;
}

impl Val {
    /// Returns null, in the hierarchy of `heap_type`.
    pub fn null_ref(heap_type: &HeapType) -> Val {
        Ref::null(heap_type).into()
    }

    /// Returns null, in the `func` hierarchy.
    pub const fn null_func_ref() -> Val {
        Val::FuncRef(None)
    }

    /// Returns null, in the `extern` hierarchy.
    pub const fn null_extern_ref() -> Val {
        Val::ExternRef(None)
    }

    /// Returns null, in the `any` hierarchy.
    pub const fn null_any_ref() -> Val {
        Val::AnyRef(None)
    }

    /// Returns zero or null of the type; `None` for a reference type without null.
    pub fn default_for_ty(ty: &ValType) -> Option<Val> {
        match ty {
            ValType::I32 => Some(Val::I32(0)),
            ValType::I64 => Some(Val::I64(0)),
            ValType::F32 => Some(Val::F32(0)),
            ValType::F64 => Some(Val::F64(0)),
            ValType::V128 => Some(Val::V128(V128(0))),
            ValType::Ref(r) if r.is_nullable() => Some(Val::null_ref(r.heap_type())),
            ValType::Ref(_) => None,
        }
    }

    /// Returns the reference, if the value is one.
    pub fn ref_(self) -> Option<Ref> {
        match self {
            Val::FuncRef(v) => Some(Ref::Func(v)),
            Val::ExternRef(v) => Some(Ref::Extern(v)),
            Val::AnyRef(v) => Some(Ref::Any(v)),
            Val::ExnRef(v) => Some(Ref::Exn(v)),
            Val::I32(_) | Val::I64(_) | Val::F32(_) | Val::F64(_) | Val::V128(_) => None,
        }
    }

    /// Returns the type of the value, as precisely as it is known.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<ValType> {
        Ok(match self {
            Val::I32(_) => ValType::I32,
            Val::I64(_) => ValType::I64,
            Val::F32(_) => ValType::F32,
            Val::F64(_) => ValType::F64,
            Val::V128(_) => ValType::V128,
            Val::FuncRef(v) => ValType::Ref(Ref::Func(*v).ty(store)?),
            Val::ExternRef(v) => ValType::Ref(Ref::Extern(*v).ty(store)?),
            Val::AnyRef(v) => ValType::Ref(Ref::Any(*v).ty(store)?),
            Val::ExnRef(v) => ValType::Ref(Ref::Exn(*v).ty(store)?),
        })
    }

    /// Returns whether the value is of that type.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &ValType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// Describes the value for messages: its type, or which null it is.
    fn shown(self, core: &Core) -> alloc::string::String {
        let number = match self {
            Val::I32(_) => syntax::ValType::I32,
            Val::I64(_) => syntax::ValType::I64,
            Val::F32(_) => syntax::ValType::F32,
            Val::F64(_) => syntax::ValType::F64,
            Val::V128(_) => syntax::ValType::V128,
            Val::FuncRef(_) => return "a function reference".into(),
            Val::ExternRef(_) => return "a reference of the host".into(),
            Val::AnyRef(_) => return "a reference to an object".into(),
            Val::ExnRef(_) => return "an exception reference".into(),
        };
        alloc::format!("{}", core.shown(number))
    }

    /// Returns the value's cells, the second for the upper half of a vector, if the value is of the
    /// type.
    ///
    /// # Errors
    /// `Fault::TypeMismatch`; `Fault::WrongStore` and `Fault::StaleRoot` for references.
    pub(crate) fn to_cells(self, core: &Core, ty: syntax::ValType) -> Result<[u64; 2]> {
        match (self, ty) {
            (Val::I32(v), syntax::ValType::I32) => Ok([v as u32 as u64, 0]),
            (Val::I64(v), syntax::ValType::I64) => Ok([v as u64, 0]),
            (Val::F32(v), syntax::ValType::F32) => Ok([v.into(), 0]),
            (Val::F64(v), syntax::ValType::F64) => Ok([v, 0]),
            (Val::V128(V128(v)), syntax::ValType::V128) => Ok([v as u64, (v >> 64) as u64]),
            (_, syntax::ValType::Ref(ty)) => match self.ref_() {
                Some(of) => Ok([of.to_reference(core, ty)?.to_cell(), 0]),
                None => Err(core.mismatch(syntax::ValType::Ref(ty), self.shown(core))),
            },
            _ => Err(core.mismatch(ty, self.shown(core))),
        }
    }

    /// The value of that type in cells. References are rooted in the innermost scope.
    pub(crate) fn from_cells(core: &mut Core, ty: syntax::ValType, cells: [u64; 2]) -> Val {
        match ty {
            syntax::ValType::I32 => Val::I32(cells[0] as i32),
            syntax::ValType::I64 => Val::I64(cells[0] as i64),
            syntax::ValType::F32 => Val::F32(cells[0] as u32),
            syntax::ValType::F64 => Val::F64(cells[0]),
            syntax::ValType::V128 => {
                Val::V128(V128(u128::from(cells[0]) | u128::from(cells[1]) << 64))
            }
            syntax::ValType::Ref(r) => {
                Ref::from_reference(core, r.heap, Reference::from_cell(cells[0])).into()
            }
        }
    }
}

impl ValType {
    /// The same as [`Val::default_for_ty`].
    pub fn default_value(&self) -> Option<Val> {
        Val::default_for_ty(self)
    }
}

impl Ref {
    /// Returns null, in the hierarchy of `heap_type`.
    pub fn null(heap_type: &HeapType) -> Ref {
        match heap_type.top() {
            HeapType::Func => Ref::Func(None),
            HeapType::Extern => Ref::Extern(None),
            HeapType::Exn => Ref::Exn(None),
            _ => Ref::Any(None), // `top` gives four values only.
        }
    }

    /// Returns whether it is null.
    pub fn is_null(&self) -> bool {
        match self {
            Ref::Func(v) => v.is_none(),
            Ref::Extern(v) => v.is_none(),
            Ref::Any(v) => v.is_none(),
            Ref::Exn(v) => v.is_none(),
        }
    }

    /// Returns whether it is not null.
    pub fn is_non_null(&self) -> bool {
        !self.is_null()
    }

    /// Returns the type of the reference, as precisely as it is known.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn ty(&self, store: impl AsContext) -> Result<RefType> {
        let heap = match self {
            Ref::Func(None) => HeapType::NoFunc,
            Ref::Extern(None) => HeapType::NoExtern,
            Ref::Any(None) => HeapType::None,
            Ref::Exn(None) => HeapType::NoExn,
            Ref::Func(Some(func)) => HeapType::ConcreteFunc(func.ty(store)),
            Ref::Extern(Some(_)) => HeapType::Extern,
            Ref::Any(Some(any)) => any.ty(store)?,
            Ref::Exn(Some(exn)) => HeapType::ConcreteExn(exn.ty(store)?),
        };
        Ok(RefType::new(self.is_null(), heap))
    }

    /// Returns whether the reference is of that type.
    ///
    /// # Errors
    /// Returns [`Fault::StaleRoot`](crate::Fault::StaleRoot) when the reference is used after its
    /// scope has ended.
    pub fn matches_ty(&self, store: impl AsContext, ty: &RefType) -> Result<bool> {
        Ok(self.ty(store)?.matches(ty))
    }

    /// The reference in the store, if it is of the type.
    ///
    /// # Errors
    /// `Fault::TypeMismatch`, `Fault::WrongStore`, `Fault::StaleRoot`.
    pub(crate) fn to_reference(self, core: &Core, ty: syntax::RefType) -> Result<Reference> {
        let (reference, top) = match self {
            Ref::Func(None) => (Reference::NULL, syntax::HeapType::Func),
            Ref::Extern(None) => (Reference::NULL, syntax::HeapType::Extern),
            Ref::Any(None) => (Reference::NULL, syntax::HeapType::Any),
            Ref::Exn(None) => (Reference::NULL, syntax::HeapType::Exn),
            Ref::Func(Some(func)) => (func.reference(core)?, syntax::HeapType::Func),
            Ref::Extern(Some(v)) => (core.refer(&*v)?, syntax::HeapType::Extern),
            Ref::Any(Some(v)) => (core.refer(&*v)?, syntax::HeapType::Any),
            Ref::Exn(Some(v)) => (core.refer(&*v)?, syntax::HeapType::Exn),
        };
        if core.state.types.top(ty.heap) == top && core.has_type(reference, ty) {
            return Ok(reference);
        }
        let found = core.shown_reference(reference, top);
        Err(core.mismatch(syntax::ValType::Ref(ty), found))
    }

    /// The reference of a hierarchy, rooted in the innermost scope.
    pub(crate) fn from_reference(
        core: &mut Core,
        heap: syntax::HeapType,
        reference: Reference,
    ) -> Ref {
        let live = !reference.is_null();
        match core.state.types.top(heap) {
            syntax::HeapType::Func => {
                Ref::Func(reference.as_func().map(|addr| Func::at(core, addr)))
            }
            syntax::HeapType::Extern => Ref::Extern(live.then(|| core.root(reference))),
            syntax::HeapType::Exn => Ref::Exn(live.then(|| core.root(reference))),
            _ => Ref::Any(live.then(|| core.root(reference))), // `top` gives four values only.
        }
    }
}

impl From<Ref> for Val {
    fn from(of: Ref) -> Val {
        match of {
            Ref::Func(v) => Val::FuncRef(v),
            Ref::Extern(v) => Val::ExternRef(v),
            Ref::Any(v) => Val::AnyRef(v),
            Ref::Exn(v) => Val::ExnRef(v),
        }
    }
}

macro_rules! from {
    ($($ty:ty, |$v:ident| $val:expr $(, $ref_:expr)?;)*) => {$(
        impl From<$ty> for Val {
            fn from($v: $ty) -> Val {
                $val
            }
        }
        $(impl From<$ty> for Ref {
            fn from($v: $ty) -> Ref {
                $ref_
            }
        })?
    )*};
}

from! {
    i32, |v| Val::I32(v);
    i64, |v| Val::I64(v);
    u32, |v| Val::I32(v as i32);
    u64, |v| Val::I64(v as i64);
    f32, |v| Val::F32(v.to_bits());
    f64, |v| Val::F64(v.to_bits());
    V128, |v| Val::V128(v);
    u128, |v| Val::V128(v.into());
    Func, |v| Val::FuncRef(Some(v)), Ref::Func(Some(v));
    Option<Func>, |v| Val::FuncRef(v), Ref::Func(v);
    Rooted<ExternRef>, |v| Val::ExternRef(Some(v)), Ref::Extern(Some(v));
    Option<Rooted<ExternRef>>, |v| Val::ExternRef(v), Ref::Extern(v);
    Rooted<AnyRef>, |v| Val::AnyRef(Some(v)), Ref::Any(Some(v));
    Option<Rooted<AnyRef>>, |v| Val::AnyRef(v), Ref::Any(v);
    Rooted<StructRef>, |v| v.to_anyref().into(), v.to_anyref().into();
    Option<Rooted<StructRef>>, |v| v.map(Rooted::<StructRef>::to_anyref).into(),
        v.map(Rooted::<StructRef>::to_anyref).into();
    Rooted<ArrayRef>, |v| v.to_anyref().into(), v.to_anyref().into();
    Option<Rooted<ArrayRef>>, |v| v.map(Rooted::<ArrayRef>::to_anyref).into(),
        v.map(Rooted::<ArrayRef>::to_anyref).into();
    Rooted<EqRef>, |v| v.to_anyref().into(), v.to_anyref().into();
    Option<Rooted<EqRef>>, |v| v.map(Rooted::<EqRef>::to_anyref).into(),
        v.map(Rooted::<EqRef>::to_anyref).into();
    Rooted<ExnRef>, |v| Val::ExnRef(Some(v)), Ref::Exn(Some(v));
    Option<Rooted<ExnRef>>, |v| Val::ExnRef(v), Ref::Exn(v);
}
