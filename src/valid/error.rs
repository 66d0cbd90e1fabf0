//! Why a module is invalid. The `Display` of each reason begins with the wording of the reference
//! interpreter, so that the suite's texts can be checked by prefix. Knows nothing of functions'
//! names or of instructions: the loader adds those.

use super::operand::OperandType;
use crate::syntax::{Count, FuncIdx, ValType};
use alloc::boxed::Box;
use core::fmt;

/// A module, or one of its functions, breaks a rule of validation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invalid {
    /// The rule.
    pub kind: InvalidKind,
    /// Byte offset in the module.
    pub offset: u32,
}

/// An index space, for `unknown ...`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Space {
    Type,
    Func,
    Table,
    Memory,
    Global,
    Tag,
    Elem,
    Data,
    Local,
    Label,
    Field,
}

/// What stands on the operand stack is not what is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mismatch {
    /// An operand.
    Operand {
        /// What the instruction takes.
        expected: Expected,
        /// What there is; `None` when the block's part of the stack is empty.
        found: Option<OperandType>,
    },
    /// A type written in the module, not an operand.
    Type {
        /// What is asked for.
        expected: ValType,
        /// What is written.
        found: ValType,
    },
    /// Lists of types that should match have different lengths.
    Arity {
        /// How many are asked for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Operands that nobody takes are left at the end of a block.
    Left {
        /// How many.
        count: usize,
    },
    /// An `if` without `else` whose parameters are not its results.
    NoElse,
    /// The label does not end in a reference type.
    LabelWithoutRef,
    /// The value of a null test or cast label is not one that can be passed.
    Element,
}

/// What an instruction takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// This type or a subtype.
    Val(ValType),
    /// Any numeric or vector type (untyped `select`).
    Numeric,
    /// Any reference type.
    Ref,
    /// Anything.
    Any,
}

/// The rule that is broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InvalidKind {
    /// Operands or types do not fit.
    TypeMismatch(Box<Mismatch>),
    /// An index past the end of its space.
    Unknown {
        /// The space.
        space: Space,
        /// The index.
        index: u32,
    },
    /// `ref.func` of a function that nothing outside the bodies mentions.
    UndeclaredFuncRef(FuncIdx),
    /// A local without a default value is read before it is set.
    UninitializedLocal(u32),
    /// The type index stands for another kind of type.
    NotA {
        /// `function`, `structure` or `array`.
        what: &'static str,
        /// The type index.
        index: u32,
    },
    /// The alignment is above the natural one.
    Alignment,
    /// The alignment of an atomic access is not the natural one.
    AtomicAlignment,
    /// An offset of 2^32 or more with a 32-bit memory.
    OffsetOutOfRange,
    /// A lane index past the shape.
    LaneIndex,
    /// The instruction may not stand in a constant expression.
    ConstantRequired,
    /// A write to a constant.
    Immutable(&'static str),
    /// The `_s` or `_u` form on an unpacked field or the plain form on a packed one.
    Packing {
        /// The word for what is accessed: `field` or `array`.
        what: &'static str,
        /// Whether the type is packed.
        packed: bool,
    },
    /// A type without a default value where one is needed.
    NoDefault(&'static str),
    /// `array.copy` between arrays whose elements do not match.
    ArrayTypes,
    /// Bytes cannot become elements of the array.
    ArrayNotNumeric,
    /// `select` with a list of types that does not hold one.
    ResultArity,
    /// A subtype that its supertype does not admit.
    SubType {
        /// The type index.
        index: u32,
        /// What is wrong.
        why: &'static str,
    },
    /// Two exports of one name.
    DuplicateExport(Box<str>),
    /// The start function takes or gives something.
    StartFunction,
    /// A tag whose type has results.
    TagResult,
    /// The minimum is above the maximum.
    LimitsOrder,
    /// A memory larger than its addresses reach.
    MemorySize {
        /// Most pages.
        pages: u64,
        /// Whether the pages are 64 KiB and the addresses 32 bits.
        usual: bool,
    },
    /// A table larger than its indices reach.
    TableSize,
    /// A page size other than 1 and 65536.
    PageSize,
    /// A shared memory without maximum.
    SharedWithoutMax,
    /// More than one memory without the feature.
    MultipleMemories,
    /// More than one table without the feature.
    MultipleTables,
    /// The named feature is off.
    FeatureOff(&'static str),
    /// Larger than this implementation admits.
    Limit(Excess),
    /// `else` that does not follow the first arm of an `if`.
    ElseWithoutIf,
    /// Instructions after the `end` of the body.
    AfterEnd,
}

/// More of something than an implementation limit admits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Excess {
    /// What there is too much of, in the plural.
    pub what: &'static str,
    /// The limit.
    pub limit: u32,
}

/// What the rules return on the way: one word wide, so that success costs nothing.
pub(super) type Check<T = ()> = Result<T, Box<InvalidKind>>;

impl InvalidKind {
    /// Replaces the types in the message.
    pub(super) fn map_types(&mut self, map: impl Fn(ValType) -> ValType) {
        let InvalidKind::TypeMismatch(mismatch) = self else {
            return;
        };
        match &mut **mismatch {
            Mismatch::Operand { expected, found } => {
                if let Expected::Val(ty) = expected {
                    *ty = map(*ty);
                }
                if let Some(OperandType::Val(ty)) = found {
                    *ty = map(*ty);
                }
            }
            Mismatch::Type { expected, found } => {
                *expected = map(*expected);
                *found = map(*found);
            }
            Mismatch::Arity { .. }
            | Mismatch::Left { .. }
            | Mismatch::NoElse
            | Mismatch::LabelWithoutRef
            | Mismatch::Element => {}
        }
    }

    /// Adds the place.
    pub(super) fn at(self, offset: u32) -> Invalid {
        Invalid { kind: self, offset }
    }

    #[cold]
    pub(super) fn err<T>(self) -> Check<T> {
        Err(Box::new(self))
    }
}

impl Mismatch {
    #[cold]
    #[inline(never)]
    pub(super) fn err<T>(self) -> Check<T> {
        Err(Box::new(InvalidKind::TypeMismatch(Box::new(self))))
    }
}

/// The failure of an index.
#[cold]
#[inline(never)]
pub(super) fn unknown(space: Space, index: u32) -> Box<InvalidKind> {
    Box::new(InvalidKind::Unknown { space, index })
}

impl core::error::Error for Invalid {}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at {:#x})", self.kind, self.offset)
    }
}

impl Space {
    /// The word in the reference interpreter's messages.
    pub const fn name(self) -> &'static str {
        match self {
            Space::Type => "type",
            Space::Func => "function",
            Space::Table => "table",
            Space::Memory => "memory",
            Space::Global => "global",
            Space::Tag => "tag",
            Space::Elem => "elem segment",
            Space::Data => "data segment",
            Space::Local => "local",
            Space::Label => "label",
            Space::Field => "field",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Val(ty) => ty.fmt(f),
            Expected::Numeric => f.write_str("number or vector"),
            Expected::Ref => f.write_str("reference"),
            Expected::Any => f.write_str("any"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Operand { expected, found } => {
                write!(f, "instruction requires [{expected}] but stack has [")?;
                if let Some(found) = found {
                    found.fmt(f)?;
                }
                f.write_str("]")
            }
            Mismatch::Type { expected, found } => write!(f, "{found} does not match {expected}"),
            Mismatch::Arity { expected, found } => {
                let are = if *expected == 1 { "is" } else { "are" };
                let found = Count(*found, "type");
                write!(f, "{found} where {expected} {are} required")
            }
            Mismatch::Left { count } => {
                let values = Count(*count, "value");
                write!(f, "{values} left at the end of the block")
            }
            Mismatch::NoElse => f.write_str("if without else must return its parameters"),
            Mismatch::LabelWithoutRef => f.write_str("the label does not end in a reference type"),
            Mismatch::Element => f.write_str("the array does not hold references"),
        }
    }
}

impl fmt::Display for InvalidKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidKind::TypeMismatch(mismatch) => return write!(f, "type mismatch: {mismatch}"),
            InvalidKind::Unknown { space, index } => {
                return write!(f, "unknown {} {index}", space.name());
            }
            InvalidKind::UndeclaredFuncRef(func) => {
                return write!(f, "undeclared function reference {}", func.0);
            }
            InvalidKind::UninitializedLocal(local) => {
                return write!(f, "uninitialized local {local}");
            }
            InvalidKind::NotA { what, index } => return write!(f, "non-{what} type {index}"),
            InvalidKind::Alignment => "alignment must not be larger than natural",
            InvalidKind::AtomicAlignment => "atomic alignment must be natural",
            InvalidKind::OffsetOutOfRange => "offset out of range",
            InvalidKind::LaneIndex => "invalid lane index",
            InvalidKind::ConstantRequired => "constant expression required",
            InvalidKind::Immutable(what) => return write!(f, "immutable {what}"),
            InvalidKind::Packing { what, packed } => {
                let not = if *packed { "" } else { "not " };
                return write!(f, "{what} is {not}packed");
            }
            InvalidKind::NoDefault(what) => return write!(f, "{what} type is not defaultable"),
            InvalidKind::ArrayTypes => "array types do not match",
            InvalidKind::ArrayNotNumeric => "array type is not numeric or vector",
            InvalidKind::ResultArity => "invalid result arity",
            InvalidKind::SubType { index, why } => return write!(f, "sub type {index} {why}"),
            InvalidKind::DuplicateExport(name) => {
                return write!(f, "duplicate export name {name:?}");
            }
            InvalidKind::StartFunction => "start function must take and return nothing",
            InvalidKind::TagResult => "non-empty tag result type",
            InvalidKind::LimitsOrder => "size minimum must not be greater than maximum",
            InvalidKind::MemorySize { usual: true, .. } => {
                "memory size must be at most 65536 pages (4GiB)"
            }
            InvalidKind::MemorySize { pages, .. } => {
                return write!(f, "memory size must be at most {pages} pages");
            }
            InvalidKind::TableSize => "table size must be at most 2^32-1",
            InvalidKind::PageSize => "invalid custom page size",
            InvalidKind::SharedWithoutMax => "shared memory must have maximum",
            InvalidKind::MultipleMemories => "multiple memories",
            InvalidKind::MultipleTables => "multiple tables",
            InvalidKind::FeatureOff(name) => return write!(f, "{name} is not enabled"),
            InvalidKind::Limit(Excess { what, limit }) => {
                return write!(
                    f,
                    "implementation limit: too many {what} (the limit is {limit})"
                );
            }
            InvalidKind::ElseWithoutIf => "else without if",
            InvalidKind::AfterEnd => "instructions after the end of the body",
        })
    }
}
