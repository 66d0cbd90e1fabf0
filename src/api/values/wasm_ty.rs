//! Rust types that stand for Wasm values in typed calls and host functions: values go straight
//! between Rust and the cells of a run.

use crate::api::error::Result;
use crate::api::store::core::Core;
use crate::api::store::mismatch;
use crate::api::store::roots::GcRef;
use crate::api::types::{RefType, ValType};
use crate::api::values::V128;
use crate::api::values::anyref::AnyRef;
use crate::api::values::arrayref::ArrayRef;
use crate::api::values::bottoms::{NoExtern, NoFunc, NoneRef};
use crate::api::values::eqref::EqRef;
use crate::api::values::exnref::ExnRef;
use crate::api::values::externref::ExternRef;
use crate::api::values::func::Func;
use crate::api::values::i31::I31;
use crate::api::values::rooted::{OwnedRooted, Rooted};
use crate::api::values::structref::StructRef;
use crate::runtime::Reference;
use crate::syntax;
use core::cell::Cell;

/// A Rust type that stands for a Wasm value.
///
/// `i32` and `u32` both stand for `i32`, and so on; `Option` of a reference stands for the type
/// with null.
///
/// ```
/// use limpid::{Engine, Func, Store};
/// let mut store = Store::new(&Engine::default(), ());
/// let half = Func::wrap(&mut store, |x: u32| f64::from(x) / 2.0);
/// assert_eq!(half.ty(&store).to_string(), "(func (param i32) (result f64))");
/// assert_eq!(half.typed::<u32, f64>(&store)?.call(&mut store, 3)?, 1.5);
/// # Ok::<(), limpid::Error>(())
/// ```
pub trait WasmTy: Sized + Send {
    /// Whether it is a reference.
    #[doc(hidden)]
    const IS_REF: bool;
    /// Cells a value takes.
    #[doc(hidden)]
    const CELLS: usize;

    /// The Wasm type.
    fn valtype() -> ValType;

    /// Returns whether it stands for that very type, for types told apart by it alone.
    #[doc(hidden)]
    fn is_type(ty: syntax::ValType) -> bool;

    /// Whether it is a number of one cell, which needs no store to be read and written.
    #[doc(hidden)]
    const IS_CELL: bool = false;

    /// The number in a cell.
    #[doc(hidden)]
    fn from_cell(_: u64) -> Self {
        unreachable!("asked of numbers only")
    }

    /// The number in a cell.
    #[doc(hidden)]
    fn to_cell(self) -> u64 {
        unreachable!("asked of numbers only")
    }

    /// Takes the value from a cell of the innermost run.
    #[doc(hidden)]
    fn load(core: &mut Core, cell: usize) -> Self;

    /// Puts the value into a cell of the innermost run; `want` is the type there.
    #[doc(hidden)]
    fn put(self, core: &mut Core, cell: usize) -> Result<()>;
}

macro_rules! numbers {
    ($($ty:ty, $form:ident, |$v:ident| $to:expr, |$cell:ident| $from:expr;)*) => {$(
        impl WasmTy for $ty {
            const IS_REF: bool = false;
            const CELLS: usize = 1;
            const IS_CELL: bool = true;

            fn valtype() -> ValType {
                ValType::$form
            }

            fn is_type(ty: syntax::ValType) -> bool {
                ty == syntax::ValType::$form
            }

            #[inline]
            fn from_cell($cell: u64) -> $ty {
                $from
            }

            #[inline]
            fn to_cell(self) -> u64 {
                let $v = self;
                $to
            }

            #[inline]
            fn load(core: &mut Core, cell: usize) -> $ty {
                <$ty>::from_cell(core.cells()[cell])
            }

            #[inline]
            fn put(self, core: &mut Core, cell: usize) -> Result<()> {
                core.cells()[cell] = self.to_cell();
                Ok(())
            }
        }
    )*};
}

numbers! {
    i32, I32, |v| u64::from(v as u32), |cell| cell as i32;
    u32, I32, |v| u64::from(v), |cell| cell as u32;
    i64, I64, |v| v as u64, |cell| cell as i64;
    u64, I64, |v| v, |cell| cell;
    f32, F32, |v| u64::from(v.to_bits()), |cell| f32::from_bits(cell as u32);
    f64, F64, |v| v.to_bits(), |cell| f64::from_bits(cell);
}

impl WasmTy for V128 {
    const IS_REF: bool = false;
    const CELLS: usize = 2;

    fn valtype() -> ValType {
        ValType::V128
    }

    fn is_type(ty: syntax::ValType) -> bool {
        ty == syntax::ValType::V128
    }

    fn load(core: &mut Core, cell: usize) -> V128 {
        let cells = core.cells();
        V128::from(u128::from(cells[cell]) | u128::from(cells[cell + 1]) << 64)
    }

    fn put(self, core: &mut Core, cell: usize) -> Result<()> {
        let bits = self.as_u128();
        let cells = core.cells();
        cells[cell] = bits as u64;
        cells[cell + 1] = (bits >> 64) as u64;
        Ok(())
    }
}

/// A Rust type that stands for a reference, null or not.
pub(crate) trait Refers: Sized + Send {
    const HEAP: syntax::HeapType;
    fn heap() -> RefType;
    fn of(core: &mut Core, reference: Reference) -> Option<Self>;
    fn reference(self, core: &mut Core) -> Result<Reference>;
}

macro_rules! references {
    ($([$($param:tt)*] $ty:ty;)*) => {$(
        impl<$($param)*> WasmTy for Option<$ty> {
            const IS_REF: bool = true;
            const CELLS: usize = 1;

            fn valtype() -> ValType {
                ValType::Ref(<$ty as Refers>::heap())
            }

            fn is_type(ty: syntax::ValType) -> bool {
                ty == reference(true, <$ty as Refers>::HEAP)
            }

            fn load(core: &mut Core, cell: usize) -> Self {
                let reference = Reference::from_cell(core.cells()[cell]);
                <$ty as Refers>::of(core, reference)
            }

            fn put(self, core: &mut Core, cell: usize) -> Result<()> {
                let reference = match self {
                    Some(value) => value.reference(core)?,
                    None => Reference::NULL,
                };
                core.cells()[cell] = reference.to_cell();
                Ok(())
            }
        }

        impl<$($param)*> WasmTy for $ty {
            const IS_REF: bool = true;
            const CELLS: usize = 1;

            fn valtype() -> ValType {
                ValType::Ref(RefType::new(false, <$ty as Refers>::heap().heap_type().clone()))
            }

            fn is_type(ty: syntax::ValType) -> bool {
                ty == reference(false, <$ty as Refers>::HEAP)
            }

            fn load(core: &mut Core, cell: usize) -> Self {
                match <Option<$ty> as WasmTy>::load(core, cell) {
                    Some(value) => value,
                    None => unreachable!("validated: a reference without null is not null"),
                }
            }

            fn put(self, core: &mut Core, cell: usize) -> Result<()> {
                WasmTy::put(Some(self), core, cell)
            }
        }
    )*};
}

references! {
    [] Func;
    [T: Object] Rooted<T>;
    [T: Object] OwnedRooted<T>;
    [] I31;
    [] NoFunc;
    [] NoExtern;
    [] NoneRef;
}

const fn reference(nullable: bool, heap: syntax::HeapType) -> syntax::ValType {
    syntax::ValType::Ref(syntax::RefType { nullable, heap })
}

impl Refers for Func {
    const HEAP: syntax::HeapType = syntax::HeapType::Func;

    fn heap() -> RefType {
        RefType::FUNCREF
    }

    fn of(core: &mut Core, reference: Reference) -> Option<Func> {
        reference.as_func().map(|addr| Func::at(core, addr))
    }

    fn reference(self, core: &mut Core) -> Result<Reference> {
        Func::reference(&self, core)
    }
}

impl Refers for I31 {
    const HEAP: syntax::HeapType = syntax::HeapType::I31;

    fn heap() -> RefType {
        RefType::I31REF
    }

    fn of(_: &mut Core, reference: Reference) -> Option<I31> {
        reference.as_i31().map(I31::wrapping_u32)
    }

    fn reference(self, _: &mut Core) -> Result<Reference> {
        Ok(Reference::i31(self.get_u32()))
    }
}

/// The heap type behind a type of rooted reference.
#[doc(hidden)]
pub trait Object: GcRef + Send {
    const HEAP: syntax::HeapType;
    fn ref_type() -> RefType;
}

macro_rules! objects {
    ($($ty:ident $heap:ident $ref_type:ident)*) => {$(
        impl Object for $ty {
            const HEAP: syntax::HeapType = syntax::HeapType::$heap;

            fn ref_type() -> RefType {
                RefType::$ref_type
            }
        }
    )*};
}

objects! {
    ExternRef Extern EXTERNREF
    AnyRef Any ANYREF
    EqRef Eq EQREF
    StructRef Struct STRUCTREF
    ArrayRef Array ARRAYREF
    ExnRef Exn EXNREF
}

impl<T: Object> Refers for Rooted<T> {
    const HEAP: syntax::HeapType = T::HEAP;

    fn heap() -> RefType {
        T::ref_type()
    }

    fn of(core: &mut Core, reference: Reference) -> Option<Self> {
        (!reference.is_null()).then(|| core.root(reference))
    }

    fn reference(self, core: &mut Core) -> Result<Reference> {
        core.refer(&*self)
    }
}

impl<T: Object> Refers for OwnedRooted<T> {
    const HEAP: syntax::HeapType = T::HEAP;

    fn heap() -> RefType {
        T::ref_type()
    }

    fn of(core: &mut Core, reference: Reference) -> Option<Self> {
        (!reference.is_null()).then(|| core.own_typed(reference))
    }

    fn reference(self, core: &mut Core) -> Result<Reference> {
        core.refer(&*self)
    }
}

/// The parameters of a typed function: one value, or a tuple of up to sixteen.
pub trait WasmParams: Send {
    /// Checks that these values can be passed as `of`, or, for results, the other way round.
    #[doc(hidden)]
    fn check(core: &Core, of: &[syntax::ValType], results: bool) -> Result<Fit>;

    #[doc(hidden)]
    fn put(self, core: &mut Core, base: usize) -> Result<()>;
}

/// The results of a typed function: nothing, one value, or a tuple of up to sixteen.
pub trait WasmResults: WasmParams {
    #[doc(hidden)]
    fn load(core: &mut Core, base: usize) -> Self;
}

/// A list of types: the parameters of a host function.
///
/// ```
/// use limpid::WasmTyList;
/// let types: Vec<String> = <(i32, f64)>::valtypes().map(|ty| ty.to_string()).collect();
/// assert_eq!(types, ["i32", "f64"]);
/// ```
pub trait WasmTyList: Send {
    /// Whether all are numbers of one cell.
    #[doc(hidden)]
    const ARE_CELLS: bool;

    /// The numbers in cells, when all are.
    #[doc(hidden)]
    fn from_cells(cells: &[Cell<u64>]) -> Self;

    /// The Wasm types.
    fn valtypes() -> impl Iterator<Item = ValType>;

    #[doc(hidden)]
    fn load(core: &mut Core, base: usize) -> Self;
}

/// What a host function may return: nothing, one value, a tuple of up to sixteen values, or a
/// `Result` of these.
pub trait WasmRet {
    /// The Wasm types.
    #[doc(hidden)]
    fn valtypes() -> alloc::vec::Vec<ValType>;

    #[doc(hidden)]
    fn put(self, core: &mut Core, base: usize) -> Result<()>;

    /// Whether it is nothing but numbers of one cell.
    #[doc(hidden)]
    const ARE_CELLS: bool = false;

    /// Puts the numbers into cells.
    #[doc(hidden)]
    fn to_cells(self, _: &[Cell<u64>])
    where
        Self: Sized,
    {
        unreachable!("asked of numbers only")
    }
}

impl<T: WasmTy> WasmParams for T {
    fn check(core: &Core, of: &[syntax::ValType], results: bool) -> Result<Fit> {
        <(T,)>::check(core, of, results)
    }

    #[inline]
    fn put(self, core: &mut Core, base: usize) -> Result<()> {
        WasmTy::put(self, core, base)
    }
}

impl<T: WasmTy> WasmResults for T {
    #[inline]
    fn load(core: &mut Core, base: usize) -> T {
        <T as WasmTy>::load(core, base)
    }
}

impl<T: WasmTy> WasmRet for T {
    const ARE_CELLS: bool = T::IS_CELL;

    #[inline]
    fn to_cells(self, cells: &[Cell<u64>]) {
        cells[0].set(self.to_cell());
    }

    fn valtypes() -> alloc::vec::Vec<ValType> {
        alloc::vec![T::valtype()]
    }

    #[inline]
    fn put(self, core: &mut Core, base: usize) -> Result<()> {
        WasmTy::put(self, core, base)
    }
}

impl<R: WasmRet> WasmRet for Result<R> {
    fn valtypes() -> alloc::vec::Vec<ValType> {
        R::valtypes()
    }

    #[inline]
    fn put(self, core: &mut Core, base: usize) -> Result<()> {
        self?.put(core, base)
    }
}

/// How the values of a Rust type fit a Wasm type.
#[doc(hidden)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fit {
    /// Each of them does.
    Always,
    /// Each must be looked at when it passes.
    Checked,
}

/// Returns whether a Rust type stands for that Wasm type.
fn check_one<T: WasmTy>(
    core: &Core,
    place: usize,
    ty: syntax::ValType,
    result: bool,
) -> Result<Fit> {
    if T::is_type(ty) {
        return Ok(Fit::Always);
    }
    let mut none = syntax::TypeSpace::default();
    if let (syntax::ValType::Ref(mine), syntax::ValType::Ref(there)) =
        (T::valtype().to_syntax(&mut none), ty)
    {
        let types = &core.state.types;
        let (from, to) = if result { (there, mine) } else { (mine, there) };
        if types.ref_matches(from, to) {
            return Ok(Fit::Always);
        }
        if !result && types.ref_matches(there, mine) {
            return Ok(Fit::Checked);
        }
    }
    let what = if result { "result" } else { "parameter" };
    let (want, found) = (T::valtype(), core.shown(ty));
    Err(mismatch::one_of_many(what, place, want, found))
}

/// First cell of each of a list of values: references before numbers, each in order.
#[inline]
fn places<const N: usize>(kinds: [(bool, usize); N]) -> [usize; N] {
    let refs = kinds.iter().filter(|(is_ref, _)| *is_ref).count();
    let (mut next_ref, mut next_num) = (0, refs);
    kinds.map(|(is_ref, cells)| {
        let next = if is_ref { &mut next_ref } else { &mut next_num };
        let place = *next;
        *next += cells;
        place
    })
}

macro_rules! tuples {
    ($($n:literal: $($t:ident)*;)*) => {$(
        #[allow(unused_variables, unused_mut, non_snake_case, clippy::unused_unit)]
        const _: () = {
            impl<$($t: WasmTy),*> WasmParams for ($($t,)*) {
                fn check(
                    core: &Core,
                    of: &[syntax::ValType],
                    results: bool,
                ) -> Result<Fit> {
                    let &[$($t),*] = of else {
                        let what = if results { "result" } else { "parameter" };
                        return Err(mismatch::count(what, $n, of.len()));
                    };
                    let mut fit = Fit::Always;
                    let mut place = 0..$n;
                    $(
                        let at = place.next().unwrap_or($n);
                        fit = fit.max(check_one::<$t>(core, at, $t, results)?);
                    )*
                    Ok(fit)
                }

                #[inline]
                fn put(self, core: &mut Core, base: usize) -> Result<()> {
                    let ($($t,)*) = self;
                    let mut places = places::<$n>([$(($t::IS_REF, $t::CELLS)),*]).into_iter();
                    $(WasmTy::put($t, core, base + places.next().unwrap_or(0))?;)*
                    Ok(())
                }
            }

            impl<$($t: WasmTy),*> WasmResults for ($($t,)*) {
                #[inline]
                fn load(core: &mut Core, base: usize) -> Self {
                    <Self as WasmTyList>::load(core, base)
                }
            }

            impl<$($t: WasmTy),*> WasmTyList for ($($t,)*) {
                const ARE_CELLS: bool = true $(&& $t::IS_CELL)*;

                #[inline]
                fn from_cells(cells: &[Cell<u64>]) -> Self {
                    let mut cells = cells.iter().map(Cell::get);
                    $(let $t = <$t as WasmTy>::from_cell(cells.next().unwrap_or(0));)*
                    ($($t,)*)
                }

                fn valtypes() -> impl Iterator<Item = ValType> {
                    [$($t::valtype()),*].into_iter()
                }

                #[inline]
                fn load(core: &mut Core, base: usize) -> Self {
                    let mut places = places::<$n>([$(($t::IS_REF, $t::CELLS)),*]).into_iter();
                    $(let $t = <$t as WasmTy>::load(core, base + places.next().unwrap_or(0));)*
                    ($($t,)*)
                }
            }

            impl<$($t: WasmTy),*> WasmRet for ($($t,)*) {
                const ARE_CELLS: bool = <Self as WasmTyList>::ARE_CELLS;

                #[inline]
                fn to_cells(self, cells: &[Cell<u64>]) {
                    let ($($t,)*) = self;
                    let numbers: [u64; $n] = [$(WasmTy::to_cell($t)),*];
                    for (cell, number) in cells.iter().zip(numbers) {
                        cell.set(number);
                    }
                }

                fn valtypes() -> alloc::vec::Vec<ValType> {
                    <Self as WasmTyList>::valtypes().collect()
                }

                #[inline]
                fn put(self, core: &mut Core, base: usize) -> Result<()> {
                    WasmParams::put(self, core, base)
                }
            }
        };
    )*};
}

tuples! {
    0: ;
    1: A1;
    2: A1 A2;
    3: A1 A2 A3;
    4: A1 A2 A3 A4;
    5: A1 A2 A3 A4 A5;
    6: A1 A2 A3 A4 A5 A6;
    7: A1 A2 A3 A4 A5 A6 A7;
    8: A1 A2 A3 A4 A5 A6 A7 A8;
    9: A1 A2 A3 A4 A5 A6 A7 A8 A9;
    10: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10;
    11: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11;
    12: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12;
    13: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13;
    14: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14;
    15: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15;
    16: A1 A2 A3 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 A14 A15 A16;
}
