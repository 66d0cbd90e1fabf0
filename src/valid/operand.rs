//! Types on the operand stack (spec: appendix/algorithm, types), packed into one word so that the
//! usual check is one comparison.

use crate::syntax::{HeapType, RefType, TypeIdx, TypeSpace, ValType};
use core::fmt;

/// The type of an operand. In unreachable code it may be partly or wholly unknown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OperandType {
    /// Any type: popped from under an unreachable point.
    Bot,
    /// A non-null reference to anything.
    RefBot,
    /// A value type, canonical.
    Val(ValType),
}

/// An [`OperandType`] in 32 bits. References have `REF` set, and `NULL` when nullable; below stand
/// a code for an abstract heap type or `CONCRETE` plus the id of a defined one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Operand(u32);

const REF: u32 = 1 << 31;
const NULL: u32 = 1 << 30;
const ANY_HEAP: u32 = 12;
const CONCRETE: u32 = 16;

/// Abstract heap types by their code.
const HEAPS: [HeapType; 12] = [
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::None,
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Exn,
    HeapType::NoExn,
];

impl Operand {
    pub const BOT: Operand = Operand(0);
    pub const I32: Operand = Operand(1);
    pub const I64: Operand = Operand(2);
    pub const F32: Operand = Operand(3);
    pub const F64: Operand = Operand(4);
    pub const V128: Operand = Operand(5);
    pub const REF_BOT: Operand = Operand(REF | ANY_HEAP);

    /// Packs a canonical value type.
    #[inline(always)]
    pub const fn new(ty: ValType) -> Operand {
        match ty {
            ValType::I32 => Operand::I32,
            ValType::I64 => Operand::I64,
            ValType::F32 => Operand::F32,
            ValType::F64 => Operand::F64,
            ValType::V128 => Operand::V128,
            ValType::Ref(r) => Operand::of_ref(r),
        }
    }

    /// Packs a canonical reference type.
    pub const fn of_ref(ty: RefType) -> Operand {
        let heap = match ty.heap {
            HeapType::Any => 0,
            HeapType::Eq => 1,
            HeapType::I31 => 2,
            HeapType::Struct => 3,
            HeapType::Array => 4,
            HeapType::None => 5,
            HeapType::Func => 6,
            HeapType::NoFunc => 7,
            HeapType::Extern => 8,
            HeapType::NoExtern => 9,
            HeapType::Exn => 10,
            HeapType::NoExn => 11,
            // The decoder's limit on types keeps ids far below the flag bits.
            HeapType::Concrete(id) => CONCRETE + id.0,
        };
        let null = if ty.nullable { NULL } else { 0 };
        Operand(REF | null | heap)
    }

    /// A nullable reference to that heap type.
    pub const fn null_ref(heap: HeapType) -> Operand {
        Operand::of_ref(RefType {
            nullable: true,
            heap,
        })
    }

    /// Returns whether it is surely a reference; an unknown type is not.
    pub const fn is_ref(self) -> bool {
        self.0 & REF != 0
    }

    /// Returns whether it is a number or vector, or unknown.
    pub const fn is_numeric(self) -> bool {
        self.0 & REF == 0
    }

    /// Returns whether null is among the values.
    pub const fn is_nullable(self) -> bool {
        self.0 & NULL != 0
    }

    /// The reference type without null; an unknown type is known to be a reference then.
    pub const fn non_null(self) -> Operand {
        match self.is_ref() {
            true => Operand(self.0 & !NULL),
            false => Operand::REF_BOT,
        }
    }

    /// The heap type of a reference; `None` when unknown.
    fn heap(self) -> Option<HeapType> {
        match self.0 & !(REF | NULL) {
            code if code >= CONCRETE => Some(HeapType::Concrete(TypeIdx(code - CONCRETE))),
            code => HEAPS.get(code as usize).copied(),
        }
    }

    /// The public form.
    pub fn ty(self) -> OperandType {
        OperandType::Val(match self {
            Operand::BOT => return OperandType::Bot,
            Operand::I32 => ValType::I32,
            Operand::I64 => ValType::I64,
            Operand::F32 => ValType::F32,
            Operand::F64 => ValType::F64,
            Operand::V128 => ValType::V128,
            _ => match self.heap() {
                None => return OperandType::RefBot,
                Some(heap) => ValType::Ref(RefType {
                    nullable: self.is_nullable(),
                    heap,
                }),
            },
        })
    }

    /// Matching, unknown types included.
    #[inline]
    pub fn matches(self, sup: Operand, space: &TypeSpace) -> bool {
        self == sup || self.matches_other(sup, space)
    }

    fn matches_other(self, sup: Operand, space: &TypeSpace) -> bool {
        if self == Operand::BOT {
            return true;
        }
        if !self.is_ref() || !sup.is_ref() || (self.is_nullable() && !sup.is_nullable()) {
            return false;
        }
        match (self.heap(), sup.heap()) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(a), Some(b)) => space.heap_matches(a, b),
        }
    }
}

impl fmt::Display for OperandType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OperandType::Bot => f.write_str("bot"),
            OperandType::RefBot => f.write_str("(ref bot)"),
            OperandType::Val(ty) => ty.fmt(f),
        }
    }
}
