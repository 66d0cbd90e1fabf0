//! Contexts (spec: valid/conventions, contexts): what the instructions of a module may refer to,
//! with every type canonical. Filled by `module`, read-only while bodies are validated.

use super::error::{Check, InvalidKind, Space, unknown};
use crate::syntax::matching::{map_ref, map_val};
use crate::syntax::{
    BlockType, DataIdx, ElemIdx, Features, FieldType, FuncIdx, FuncType, GlobalIdx, GlobalType,
    HeapType, MemIdx, MemoryType, RefType, TableIdx, TableType, TagIdx, TypeId, TypeIdx, TypeSpace,
    ValType,
};
use alloc::vec::Vec;
use core::slice;

/// What validation of the outer parts of a module yields. All value types in it are canonical:
/// [`HeapType::Concrete`] holds an id of `space`.
#[derive(Clone, Debug)]
pub struct Context {
    /// The canonical types of the module.
    pub space: TypeSpace,
    /// Type index to canonical type.
    pub types: Vec<TypeId>,
    /// Types of the functions, imports first.
    pub funcs: Vec<TypeId>,
    /// Types of the tables, imports first.
    pub tables: Vec<TableType>,
    /// Types of the memories, imports first.
    pub memories: Vec<MemoryType>,
    /// Types of the globals, imports first.
    pub globals: Vec<GlobalType>,
    /// Function types of the tags, imports first.
    pub tags: Vec<TypeId>,
    /// Types of the element segments.
    pub elems: Vec<RefType>,
    /// Number of data segments as the data count section says; without it, instructions cannot
    /// name any.
    pub datas: Option<u32>,
    /// How many of `funcs` are imported.
    pub imported_funcs: u32,
    /// How many of `tables` are imported.
    pub imported_tables: u32,
    /// How many of `memories` are imported.
    pub imported_memories: u32,
    /// How many of `globals` are imported.
    pub imported_globals: u32,
    /// How many of `tags` are imported.
    pub imported_tags: u32,
    /// What is switched on.
    pub features: Features,
    /// Functions that `ref.func` may name: one bit each.
    refs: Vec<u64>,
}

/// Parameters and results of a block (spec: valid/instructions, block types).
#[derive(Clone, Copy, Debug)]
pub enum BlockSig<'c> {
    /// `[] -> []`
    Empty,
    /// `[] -> [t]`
    Val(ValType),
    /// A function type.
    Func(&'c FuncType),
}

impl BlockSig<'_> {
    /// Parameter types.
    pub fn params(&self) -> &[ValType] {
        match self {
            BlockSig::Empty | BlockSig::Val(_) => &[],
            BlockSig::Func(ty) => &ty.params,
        }
    }

    /// Result types.
    pub fn results(&self) -> &[ValType] {
        match self {
            BlockSig::Empty => &[],
            BlockSig::Val(ty) => slice::from_ref(ty),
            BlockSig::Func(ty) => &ty.results,
        }
    }
}

impl Context {
    /// A context in which nothing but types is known.
    pub(super) fn new(space: TypeSpace, types: Vec<TypeId>, features: &Features) -> Context {
        Context {
            space,
            types,
            funcs: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            tags: Vec::new(),
            elems: Vec::new(),
            datas: None,
            imported_funcs: 0,
            imported_tables: 0,
            imported_memories: 0,
            imported_globals: 0,
            imported_tags: 0,
            features: *features,
            refs: Vec::new(),
        }
    }

    /// The type of a function.
    ///
    /// # Panics
    /// When there is no such function.
    pub fn func_type(&self, func: FuncIdx) -> &FuncType {
        let ty = self.space.func(self.funcs[func.index()]);
        ty.expect("validated: a function has a function type")
    }

    /// The canonical type of a type index.
    ///
    /// # Panics
    /// When there is no such type.
    pub fn type_id(&self, ty: TypeIdx) -> TypeId {
        self.types[ty.index()]
    }

    /// A value type as the module writes it, canonical.
    ///
    /// # Panics
    /// When the type refers to no type of the module.
    pub fn canon(&self, ty: ValType) -> ValType {
        map_val(ty, &|idx| self.type_id(idx))
    }

    /// A reference type as the module writes it, canonical.
    ///
    /// # Panics
    /// When the type refers to no type of the module.
    pub fn canon_ref(&self, ty: RefType) -> RefType {
        map_ref(ty, &|idx| self.type_id(idx))
    }

    /// A heap type as the module writes it, canonical.
    ///
    /// # Panics
    /// When the type refers to no type of the module.
    pub fn canon_heap(&self, ty: HeapType) -> HeapType {
        match ty.type_idx() {
            Some(idx) => HeapType::Concrete(self.type_id(idx)),
            None => ty,
        }
    }

    /// A canonical value type as the module writes it: with the first type index that stands for
    /// the type. For messages; every call looks through the types.
    pub fn written(&self, ty: ValType) -> ValType {
        map_val(ty, &|id| {
            let index = self.types.iter().position(|known| *known == id);
            index.map_or(id, |index| TypeIdx(index as u32))
        })
    }

    /// Parameters and results of a validated block type.
    ///
    /// # Panics
    /// When the block type refers to no function type of the module.
    pub fn block_type(&self, ty: BlockType) -> BlockSig<'_> {
        match ty {
            BlockType::Empty => BlockSig::Empty,
            BlockType::Val(ty) => BlockSig::Val(self.canon(ty)),
            BlockType::Type(idx) => {
                let ty = self.space.func(self.type_id(idx));
                BlockSig::Func(ty.expect("validated: a block has a function type"))
            }
        }
    }

    /// Returns whether `ref.func` may name the function in a body.
    pub fn is_declared(&self, func: FuncIdx) -> bool {
        let word = self.refs.get(func.index() / 64);
        word.is_some_and(|word| word >> (func.0 % 64) & 1 == 1)
    }

    /// Lets `ref.func` name the function.
    pub fn declare(&mut self, func: FuncIdx) {
        let word = func.index() / 64;
        if self.refs.len() <= word {
            self.refs.resize(word + 1, 0);
        }
        self.refs[word] |= 1 << (func.0 % 64);
    }

    /// Checks an element of a segment that holds function indices, and declares it.
    pub fn element_func(&mut self, func: FuncIdx, offset: u32) -> Result<(), super::Invalid> {
        self.func(func).map_err(|kind| kind.at(offset))?;
        self.declare(func);
        Ok(())
    }
}

/// Looking up, with `unknown ...` for an index past the end.
impl Context {
    pub(super) fn ty(&self, idx: TypeIdx) -> Check<TypeId> {
        let ty = self.types.get(idx.index());
        ty.copied().ok_or_else(|| unknown(Space::Type, idx.0))
    }

    /// The id and structure of a function type.
    pub(super) fn func_ty(&self, idx: TypeIdx) -> Check<(TypeId, &FuncType)> {
        let id = self.ty(idx)?;
        match self.space.func(id) {
            Some(ty) => Ok((id, ty)),
            None => not_a("function", idx),
        }
    }

    /// The id and fields of a struct type.
    pub(super) fn struct_ty(&self, idx: TypeIdx) -> Check<(TypeId, &[FieldType])> {
        let id = self.ty(idx)?;
        match self.space.fields(id) {
            Some(fields) => Ok((id, fields)),
            None => not_a("structure", idx),
        }
    }

    /// The id and element of an array type.
    pub(super) fn array_ty(&self, idx: TypeIdx) -> Check<(TypeId, FieldType)> {
        let id = self.ty(idx)?;
        match self.space.element(id) {
            Some(elem) => Ok((id, elem)),
            None => not_a("array", idx),
        }
    }

    #[inline]
    pub(super) fn func(&self, idx: FuncIdx) -> Check<TypeId> {
        let ty = self.funcs.get(idx.index());
        ty.copied().ok_or_else(|| unknown(Space::Func, idx.0))
    }

    pub(super) fn table(&self, idx: TableIdx) -> Check<&TableType> {
        let ty = self.tables.get(idx.index());
        ty.ok_or_else(|| unknown(Space::Table, idx.0))
    }

    #[inline]
    pub(super) fn memory(&self, idx: MemIdx) -> Check<&MemoryType> {
        let ty = self.memories.get(idx.index());
        ty.ok_or_else(|| unknown(Space::Memory, idx.0))
    }

    #[inline]
    pub(super) fn global(&self, idx: GlobalIdx) -> Check<&GlobalType> {
        let ty = self.globals.get(idx.index());
        ty.ok_or_else(|| unknown(Space::Global, idx.0))
    }

    pub(super) fn tag(&self, idx: TagIdx) -> Check<&FuncType> {
        let ty = self.tags.get(idx.index());
        let ty = ty.and_then(|&id| self.space.func(id));
        ty.ok_or_else(|| unknown(Space::Tag, idx.0))
    }

    pub(super) fn elem(&self, idx: ElemIdx) -> Check<RefType> {
        let ty = self.elems.get(idx.index());
        ty.copied().ok_or_else(|| unknown(Space::Elem, idx.0))
    }

    pub(super) fn data(&self, idx: DataIdx) -> Check {
        match self.datas.is_some_and(|count| idx.0 < count) {
            true => Ok(()),
            false => Err(unknown(Space::Data, idx.0)),
        }
    }

    /// Checks a heap type of the module and makes it canonical.
    pub(super) fn check_heap(&self, ty: HeapType) -> Check<HeapType> {
        Ok(match ty.type_idx() {
            Some(idx) => HeapType::Concrete(self.ty(idx)?),
            None => ty,
        })
    }

    /// Checks a reference type of the module and makes it canonical.
    pub(super) fn check_ref(&self, ty: RefType) -> Check<RefType> {
        let heap = self.check_heap(ty.heap)?;
        Ok(RefType { heap, ..ty })
    }

    /// Checks a value type of the module and makes it canonical.
    pub(super) fn check_val(&self, ty: ValType) -> Check<ValType> {
        match ty {
            ValType::Ref(r) => self.check_ref(r).map(ValType::Ref),
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => Ok(ty),
        }
    }
}

fn not_a<T>(what: &'static str, idx: TypeIdx) -> Check<T> {
    InvalidKind::NotA { what, index: idx.0 }.err()
}
