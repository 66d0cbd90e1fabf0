//! Abstract syntax (spec: syntax). Types, typed indices, instructions and modules as plain data;
//! knows nothing of bytes, of validation or of execution.
//!
//! Reading order: `types`, `matching` (type identity and subtyping), `instr`, `module`, `describe`,
//! `features`.

mod count;
pub mod describe;
pub mod features;
mod float;
pub mod instr;
pub mod limits;
pub mod matching;
pub mod module;
pub mod types;

pub use count::Count;
pub use describe::Descriptions;
pub use features::Features;
pub use float::{F32Text, F64Text};
pub use instr::{
    AtomicOp, AtomicShape, BrTargets, CastBranch, Catch, Catches, Instr, InstrOp, InstrRow,
    InstrText, LaneMemoryOp, LaneOp, LoadOp, MemArg, NumericOp, StoreOp, VectorOp,
};
pub use matching::{TypeId, TypeSpace};
pub use module::{
    ConstExpr, Custom, Data, DataMode, Elem, ElemItems, ElemMode, Export, ExternIdx, FuncBody,
    Global, Import, ImportDesc, Module, NameMap, Names, Start, Table,
};
pub use types::{
    AddrType, BlockType, CompositeType, ExternType, FieldType, FuncType, GlobalType, HeapType,
    Limits, MemoryType, RecGroup, RefType, StorageType, SubType, TableType, TagType, ValType,
};

macro_rules! indices {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
        pub struct $name(pub u32);

        impl $name {
            /// The index as a position in a list.
            #[inline(always)]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

indices! {
    /// Index of a type in its module, or, after canonicalisation, in a [`TypeSpace`].
    TypeIdx
    /// Index of a function in its module, imports first.
    FuncIdx
    /// Index of a table in its module, imports first.
    TableIdx
    /// Index of a memory in its module, imports first.
    MemIdx
    /// Index of a global in its module, imports first.
    GlobalIdx
    /// Index of a tag in its module, imports first.
    TagIdx
    /// Index of an element segment in its module.
    ElemIdx
    /// Index of a data segment in its module.
    DataIdx
    /// Index of a local in its function, parameters first.
    LocalIdx
    /// Index of a label, innermost first.
    LabelIdx
    /// Index of a field in its struct type.
    FieldIdx
}
