//! Arguments and expected results, and whether a value is what is expected: bit for bit, NaN
//! patterns for each lane, references by hierarchy, kind and host value.

use super::run::Data;
use crate::api::{
    AnyRef, AsContextMut, ExternRef, HeapType, Ref, Result, Rooted, StoreContextMut, Val,
};

/// An argument of an action.
#[derive(Clone, Debug)]
pub enum Arg {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// The bits of an `f32`.
    F32(u32),
    /// The bits of an `f64`.
    F64(u64),
    /// A vector, with lane 0 lowest.
    V128(u128),
    /// The null of a hierarchy.
    Null(Hierarchy),
    /// A host value as `externref`.
    Extern(u32),
    /// A host value as `anyref`.
    Host(u32),
}

/// A hierarchy of reference types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hierarchy {
    /// References to functions.
    Func,
    /// References to values of the host.
    Extern,
    /// References to values of Wasm.
    Any,
    /// References to exceptions.
    Exn,
}

/// An expected result.
#[derive(Clone, Debug)]
pub enum Expected {
    /// An `i32`.
    I32(i32),
    /// An `i64`.
    I64(i64),
    /// An `f32`, or a pattern of one.
    F32(Pattern<u32>),
    /// An `f64`, or a pattern of one.
    F64(Pattern<u64>),
    /// A vector.
    V128(Lanes),
    /// Null, of the given hierarchy if there is one.
    Null(Option<Hierarchy>),
    /// Any function.
    Func,
    /// A host value as `externref`: this one, or any.
    Extern(Option<u32>),
    /// A host value as `anyref`.
    Host(u32),
    /// Any value of Wasm.
    Any,
    /// Any value that can be compared.
    Eq,
    /// Any array.
    Array,
    /// Any structure.
    Struct,
    /// Any 31-bit integer.
    I31,
    /// One of these results.
    Either(Vec<Expected>),
}

/// The bits of a float, or a class of NaNs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pattern<T> {
    /// The canonical NaN, of any sign.
    Canonical,
    /// A quiet NaN, of any sign and payload.
    Arithmetic,
    /// Exactly these bits.
    Bits(T),
}

/// The lanes in which the integers of a vector are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// 16 lanes of 8 bits.
    I8x16,
    /// 8 lanes of 16 bits.
    I16x8,
    /// 4 lanes of 32 bits.
    I32x4,
    /// 2 lanes of 64 bits.
    I64x2,
}

/// The lanes of a vector.
#[derive(Clone, Debug)]
pub enum Lanes {
    /// All bits, with lane 0 lowest, written as integers of a shape.
    Bits(Shape, u128),
    /// Four patterns of 32 bits.
    F32([Pattern<u32>; 4]),
    /// Two patterns of 64 bits.
    F64([Pattern<u64>; 2]),
}

impl Arg {
    /// The value in a store.
    pub(super) fn to_val(&self, mut store: impl AsContextMut) -> Result<Val> {
        Ok(match *self {
            Arg::I32(value) => Val::I32(value),
            Arg::I64(value) => Val::I64(value),
            Arg::F32(bits) => Val::F32(bits),
            Arg::F64(bits) => Val::F64(bits),
            Arg::V128(bits) => Val::V128(bits.into()),
            Arg::Null(hierarchy) => Val::null_ref(&hierarchy.top()),
            Arg::Extern(value) => ExternRef::new(&mut store, value)?.into(),
            Arg::Host(value) => {
                let host = ExternRef::new(&mut store, value)?;
                AnyRef::convert_extern(&mut store, host)?.into()
            }
        })
    }
}

impl Hierarchy {
    fn top(self) -> HeapType {
        match self {
            Hierarchy::Func => HeapType::Func,
            Hierarchy::Extern => HeapType::Extern,
            Hierarchy::Any => HeapType::Any,
            Hierarchy::Exn => HeapType::Exn,
        }
    }

    pub(super) fn of(reference: &Ref) -> Hierarchy {
        match reference {
            Ref::Func(_) => Hierarchy::Func,
            Ref::Extern(_) => Hierarchy::Extern,
            Ref::Any(_) => Hierarchy::Any,
            Ref::Exn(_) => Hierarchy::Exn,
        }
    }
}

macro_rules! nan {
    ($ty:ty, $canonical:literal) => {
        impl Pattern<$ty> {
            fn matches(self, bits: $ty) -> bool {
                let magnitude = bits & (<$ty>::MAX >> 1);
                match self {
                    Pattern::Canonical => magnitude == $canonical,
                    Pattern::Arithmetic => magnitude & $canonical == $canonical,
                    Pattern::Bits(expected) => bits == expected,
                }
            }
        }
    };
}

nan!(u32, 0x7fc0_0000);
nan!(u64, 0x7ff8_0000_0000_0000);

impl Lanes {
    fn matches(&self, bits: u128) -> bool {
        match self {
            Lanes::Bits(_, expected) => bits == *expected,
            Lanes::F32(lanes) => lanes
                .iter()
                .enumerate()
                .all(|(lane, pattern)| pattern.matches((bits >> (32 * lane)) as u32)),
            Lanes::F64(lanes) => lanes
                .iter()
                .enumerate()
                .all(|(lane, pattern)| pattern.matches((bits >> (64 * lane)) as u64)),
        }
    }
}

impl Expected {
    /// Returns whether the value is what is expected.
    ///
    /// # Errors
    /// Fails for a reference that the store does not know.
    pub(super) fn matches(
        &self,
        mut store: StoreContextMut<'_, Data>,
        value: &Val,
    ) -> Result<bool> {
        Ok(match (self, *value) {
            (Expected::I32(expected), Val::I32(value)) => value == *expected,
            (Expected::I64(expected), Val::I64(value)) => value == *expected,
            (Expected::F32(pattern), Val::F32(bits)) => pattern.matches(bits),
            (Expected::F64(pattern), Val::F64(bits)) => pattern.matches(bits),
            (Expected::V128(lanes), Val::V128(vector)) => lanes.matches(vector.into()),
            (Expected::Null(hierarchy), value) => match value.ref_() {
                Some(reference) => {
                    reference.is_null() && hierarchy.is_none_or(|h| h == Hierarchy::of(&reference))
                }
                None => false,
            },
            (Expected::Func, Val::FuncRef(value)) => value.is_some(),
            (Expected::Extern(expected), Val::ExternRef(Some(value))) => {
                is_host(&store, value, *expected)?
            }
            (Expected::Host(expected), Val::AnyRef(Some(value))) => {
                let value = ExternRef::convert_any(&mut store, value)?;
                is_host(&store, value, Some(*expected))?
            }
            (Expected::Any, Val::AnyRef(value)) => value.is_some(),
            (Expected::Eq, Val::AnyRef(Some(value))) => value.is_eqref(&store)?,
            (Expected::Array, Val::AnyRef(Some(value))) => value.is_array(&store)?,
            (Expected::Struct, Val::AnyRef(Some(value))) => value.is_struct(&store)?,
            (Expected::I31, Val::AnyRef(Some(value))) => value.is_i31(&store)?,
            (Expected::Either(cases), _) => {
                for case in cases {
                    if case.matches(store.as_context_mut(), value)? {
                        return Ok(true);
                    }
                }
                false
            }
            _ => false, // Values of another type than expected.
        })
    }
}

/// Returns whether the host value is the number; any reference will do if none is given.
fn is_host(
    store: &StoreContextMut<'_, Data>,
    value: Rooted<ExternRef>,
    expected: Option<u32>,
) -> Result<bool> {
    let Some(expected) = expected else {
        return Ok(true);
    };
    let data = value.data(store)?;
    let number = data.and_then(|data| data.downcast_ref::<u32>());
    Ok(number == Some(&expected))
}
