//! Which operand types an instruction takes (spec: valid/instructions): the left side of its type,
//! for a stack that is shown beside the one that is there. The validator pops one operand after
//! the other and has no such list; a test holds the two to each other on the whole suite.

use super::Label;
use crate::syntax::{
    AtomicOp, AtomicShape, BlockType, CastBranch, HeapType, Instr, LabelIdx, LaneMemoryOp,
    LocalIdx, MemArg, MemIdx, RefType, TableIdx, TypeId, TypeIdx, ValType,
};
use crate::valid::{Context, Expected, FrameKind, FuncValidator};
use alloc::vec::Vec;

/// What an instruction's operand types depend on.
pub(super) struct Takes<'a, 'c> {
    pub validator: &'a FuncValidator<'c>,
    pub control: &'a [Label<'c>],
    /// How many operands the innermost block has.
    pub available: usize,
    /// The result, the last operand at its end.
    pub types: &'a mut Vec<Expected>,
}

const I32: Expected = Expected::Val(ValType::I32);
const I64: Expected = Expected::Val(ValType::I64);
const V128: Expected = Expected::Val(ValType::V128);

fn nullable(heap: HeapType) -> Expected {
    let nullable = true;
    Expected::Val(ValType::Ref(RefType { nullable, heap }))
}

/// Returns how many operands an instruction takes, for the instructions that most code is made of.
/// The list of their types, as long as that, need not be made when only the number is of use.
#[inline(always)]
pub(super) fn count(instr: &Instr<'_>) -> Option<usize> {
    Some(match *instr {
        Instr::LocalGet(_)
        | Instr::GlobalGet(_)
        | Instr::I32Const(_)
        | Instr::I64Const(_)
        | Instr::F32Const(_)
        | Instr::F64Const(_) => 0,
        Instr::LocalSet(_) | Instr::LocalTee(_) | Instr::GlobalSet(_) | Instr::Drop => 1,
        Instr::Load(..) => 1,
        Instr::Store(..) => 2,
        Instr::Numeric(op) => op.signature().0.len(),
        _ => return None, // The types of all others are listed to be counted.
    })
}

impl<'c> Takes<'_, 'c> {
    /// Adds the operand types of an instruction. Returns `None` when they cannot be known because
    /// an index of the instruction is wrong.
    pub fn instr(&mut self, instr: &Instr<'_>) -> Option<()> {
        match *instr {
            Instr::Numeric(op) => self.vals(op.signature().0),
            Instr::Vector(op) => self.vals(op.signature().0),
            Instr::Lane(op, _) => self.vals(op.signature().0),
            Instr::Shuffle(_) => self.all(&[V128, V128]),

            Instr::Unreachable
            | Instr::Nop
            | Instr::LocalGet(_)
            | Instr::GlobalGet(_)
            | Instr::I32Const(_)
            | Instr::I64Const(_)
            | Instr::F32Const(_)
            | Instr::F64Const(_)
            | Instr::V128Const(_)
            | Instr::TableSize(_)
            | Instr::ElemDrop(_)
            | Instr::DataDrop(_)
            | Instr::MemorySize(_)
            | Instr::AtomicFence
            | Instr::RefNull(_)
            | Instr::RefFunc(_)
            | Instr::StructNewDefault(_)
            | Instr::SelectArity(_) => Some(()),

            Instr::LocalSet(local) | Instr::LocalTee(local) => self.local(local),
            Instr::GlobalSet(global) => {
                let global = self.context().globals.get(global.index())?;
                self.vals(&[global.val])
            }

            Instr::Block(ty) | Instr::Loop(ty) | Instr::TryTable(ty, _) => self.block(ty),
            Instr::If(ty) => {
                self.block(ty)?;
                self.all(&[I32])
            }
            Instr::Else | Instr::End => self.results(instr),
            Instr::Throw(tag) => {
                let tag = *self.context().tags.get(tag.index())?;
                self.params(tag)
            }
            Instr::ThrowRef => self.all(&[nullable(HeapType::Exn)]),

            Instr::Br(label) => self.label(label),
            Instr::BrIf(label) => {
                // The condition is popped before the label is looked up.
                let _ = self.label(label);
                self.all(&[I32])
            }
            Instr::BrTable(targets) => {
                if let Some(label) = targets.iter().last() {
                    let _ = self.label(label);
                }
                self.all(&[I32])
            }
            Instr::BrOnNull(label) => {
                let _ = self.label(label);
                self.all(&[Expected::Ref])
            }
            Instr::BrOnNonNull(label) => self.non_null_label(label),
            Instr::BrOnCast(cast) | Instr::BrOnCastFail(cast) => self.cast_branch(cast),
            Instr::Return => {
                let outermost = LabelIdx(self.control.len().checked_sub(1)? as u32);
                self.label(outermost)
            }

            Instr::Call(func) | Instr::ReturnCall(func) => {
                let ty = *self.context().funcs.get(func.index())?;
                self.params(ty)
            }
            Instr::CallIndirect(ty, table) | Instr::ReturnCallIndirect(ty, table) => {
                self.params(self.type_id(ty)?)?;
                self.table_addr(table)
            }
            Instr::CallRef(ty) | Instr::ReturnCallRef(ty) => {
                let id = self.type_id(ty)?;
                self.params(id)?;
                self.all(&[nullable(HeapType::Concrete(id))])
            }

            Instr::Drop => self.all(&[Expected::Any]),
            Instr::Select => self.all(&[Expected::Numeric, Expected::Numeric, I32]),
            Instr::SelectT(ty) => {
                let ty = Expected::Val(self.canon(ty)?);
                self.all(&[ty, ty, I32])
            }

            Instr::TableGet(_)
            | Instr::TableSet(_)
            | Instr::TableGrow(_)
            | Instr::TableFill(_)
            | Instr::TableCopy(..)
            | Instr::TableInit(..) => self.of_table(instr),

            Instr::Load(_, memarg) => self.addr(memarg),
            Instr::Store(op, memarg) => {
                self.addr(memarg)?;
                self.vals(&[op.ty()])
            }
            Instr::LaneMemory(op, memarg, _) => self.lane(op, memarg),
            Instr::Atomic(op, memarg) => self.atomic(op, memarg),
            Instr::AtomicNotify(memarg) => self.access(memarg, &[I32]),
            Instr::AtomicWait32(memarg) => self.access(memarg, &[I32, I64]),
            Instr::AtomicWait64(memarg) => self.access(memarg, &[I64, I64]),
            Instr::MemoryGrow(memory) => self.memory_addr(memory),
            Instr::MemoryFill(memory) => {
                self.memory_addr(memory)?;
                self.all(&[I32])?;
                self.memory_addr(memory)
            }
            Instr::MemoryCopy(dst, src) => {
                self.memory_addr(dst)?;
                self.memory_addr(src)?;
                let memories = &self.context().memories;
                let (dst, src) = (memories.get(dst.index())?, memories.get(src.index())?);
                self.vals(&[dst.addr.min(src.addr).val()])
            }
            Instr::MemoryInit(_, memory) => {
                self.memory_addr(memory)?;
                self.all(&[I32, I32])
            }

            Instr::RefIsNull | Instr::RefAsNonNull => self.all(&[Expected::Ref]),
            Instr::RefEq => self.all(&[nullable(HeapType::Eq), nullable(HeapType::Eq)]),
            Instr::RefTest(ty) | Instr::RefCast(ty) => {
                let ValType::Ref(ty) = self.canon(ValType::Ref(ty))? else {
                    return None;
                };
                let top = self.context().space.top(ty.heap);
                self.all(&[nullable(top)])
            }
            Instr::RefI31 => self.all(&[I32]),
            Instr::I31GetS | Instr::I31GetU => self.all(&[nullable(HeapType::I31)]),
            Instr::AnyConvertExtern => self.all(&[nullable(HeapType::Extern)]),
            Instr::ExternConvertAny => self.all(&[nullable(HeapType::Any)]),

            Instr::StructNew(_)
            | Instr::StructGet(..)
            | Instr::StructGetS(..)
            | Instr::StructGetU(..)
            | Instr::StructSet(..) => self.of_struct(instr),
            Instr::ArrayNew(_)
            | Instr::ArrayNewDefault(_)
            | Instr::ArrayNewFixed(..)
            | Instr::ArrayNewData(..)
            | Instr::ArrayNewElem(..) => self.new_array(instr),
            Instr::ArrayGet(_)
            | Instr::ArrayGetS(_)
            | Instr::ArrayGetU(_)
            | Instr::ArraySet(_)
            | Instr::ArrayLen
            | Instr::ArrayFill(_)
            | Instr::ArrayCopy(..)
            | Instr::ArrayInitData(..)
            | Instr::ArrayInitElem(..) => self.of_array(instr),
        }
    }

    fn context(&self) -> &'c Context {
        self.validator.context()
    }

    fn all(&mut self, types: &[Expected]) -> Option<()> {
        self.types.extend_from_slice(types);
        Some(())
    }

    fn vals(&mut self, types: &[ValType]) -> Option<()> {
        self.types.extend(types.iter().map(|&ty| Expected::Val(ty)));
        Some(())
    }

    fn type_id(&self, ty: TypeIdx) -> Option<TypeId> {
        self.context().types.get(ty.index()).copied()
    }

    /// A type as the module writes it, canonical.
    fn canon(&self, ty: ValType) -> Option<ValType> {
        let ValType::Ref(ty) = ty else {
            return Some(ty);
        };
        let heap = match ty.heap.type_idx() {
            Some(idx) => HeapType::Concrete(self.type_id(idx)?),
            None => ty.heap,
        };
        Some(ValType::Ref(RefType { heap, ..ty }))
    }

    fn params(&mut self, ty: TypeId) -> Option<()> {
        let ty = self.context().space.func(ty)?;
        self.vals(&ty.params)
    }

    fn local(&mut self, local: LocalIdx) -> Option<()> {
        let known = local.0 < self.validator.local_count();
        let ty = known.then(|| self.validator.local_type(local))?;
        self.vals(&[ty])
    }

    fn block(&mut self, ty: BlockType) -> Option<()> {
        match ty {
            BlockType::Empty | BlockType::Val(_) => Some(()),
            BlockType::Type(ty) => self.params(self.type_id(ty)?),
        }
    }

    /// What the end of the innermost block takes.
    fn results(&mut self, instr: &Instr<'_>) -> Option<()> {
        let innermost = self.control.last()?;
        if *instr == Instr::Else && innermost.frame.kind != FrameKind::If {
            return None;
        }
        self.vals(innermost.frame.results())
    }

    fn label_types(&self, label: LabelIdx) -> Option<Label<'c>> {
        let position = self.control.len().checked_sub(label.index() + 1)?;
        self.control.get(position).copied()
    }

    /// Adds what a branch to that label passes.
    pub fn label(&mut self, label: LabelIdx) -> Option<()> {
        let label = self.label_types(label)?;
        self.vals(label.frame.label_types())
    }

    /// The label's reference is popped whether it is null or not.
    fn non_null_label(&mut self, label: LabelIdx) -> Option<()> {
        let label = self.label_types(label)?;
        let [rest @ .., ValType::Ref(last)] = label.frame.label_types() else {
            return None;
        };
        self.vals(rest)?;
        self.all(&[nullable(last.heap)])
    }

    fn cast_branch(&mut self, cast: CastBranch) -> Option<()> {
        let label = self.label_types(cast.label)?;
        let [rest @ .., ValType::Ref(_)] = label.frame.label_types() else {
            return None;
        };
        self.vals(rest)?;
        let from = self.canon(ValType::Ref(cast.from))?;
        self.vals(&[from])
    }
}

/// Tables and memories.
impl Takes<'_, '_> {
    fn table_addr(&mut self, table: TableIdx) -> Option<()> {
        let table = self.context().tables.get(table.index())?;
        self.vals(&[table.addr.val()])
    }

    fn of_table(&mut self, instr: &Instr<'_>) -> Option<()> {
        let tables = &self.context().tables;
        let table = |table: TableIdx| {
            let table = tables.get(table.index())?;
            Some((table.addr.val(), ValType::Ref(table.elem)))
        };
        match *instr {
            Instr::TableGet(idx) => self.vals(&[table(idx)?.0]),
            Instr::TableSet(idx) => {
                let (addr, elem) = table(idx)?;
                self.vals(&[addr, elem])
            }
            Instr::TableGrow(idx) => {
                let (addr, elem) = table(idx)?;
                self.vals(&[elem, addr])
            }
            Instr::TableFill(idx) => {
                let (addr, elem) = table(idx)?;
                self.vals(&[addr, elem, addr])
            }
            Instr::TableCopy(dst, src) => {
                let (dst, src) = (tables.get(dst.index())?, tables.get(src.index())?);
                let len = dst.addr.min(src.addr);
                self.vals(&[dst.addr.val(), src.addr.val(), len.val()])
            }
            Instr::TableInit(_, idx) => {
                self.vals(&[table(idx)?.0])?;
                self.all(&[I32, I32])
            }
            _ => None, // Only the instructions of tables come here.
        }
    }

    fn memory_addr(&mut self, memory: MemIdx) -> Option<()> {
        let memory = self.context().memories.get(memory.index())?;
        self.vals(&[memory.addr.val()])
    }

    fn addr(&mut self, memarg: MemArg) -> Option<()> {
        self.memory_addr(memarg.memory)
    }

    fn access(&mut self, memarg: MemArg, operands: &[Expected]) -> Option<()> {
        self.addr(memarg)?;
        self.all(operands)
    }

    fn lane(&mut self, _: LaneMemoryOp, memarg: MemArg) -> Option<()> {
        self.access(memarg, &[V128])
    }

    fn atomic(&mut self, op: AtomicOp, memarg: MemArg) -> Option<()> {
        self.addr(memarg)?;
        let ty = op.ty();
        match op.shape() {
            AtomicShape::Load => Some(()),
            AtomicShape::Store | AtomicShape::Rmw => self.vals(&[ty]),
            AtomicShape::Cmpxchg => self.vals(&[ty, ty]),
        }
    }
}

/// Structs and arrays.
impl Takes<'_, '_> {
    fn of_struct(&mut self, instr: &Instr<'_>) -> Option<()> {
        let space = &self.context().space;
        match *instr {
            Instr::StructNew(ty) => {
                let fields = space.fields(self.type_id(ty)?)?;
                let types = fields.iter().map(|field| field.storage.unpacked());
                self.types.extend(types.map(Expected::Val));
                Some(())
            }
            Instr::StructGet(ty, _) | Instr::StructGetS(ty, _) | Instr::StructGetU(ty, _) => {
                self.all(&[nullable(HeapType::Concrete(self.type_id(ty)?))])
            }
            Instr::StructSet(ty, field) => {
                let id = self.type_id(ty)?;
                let field = space.fields(id)?.get(field.index())?;
                self.all(&[nullable(HeapType::Concrete(id))])?;
                self.vals(&[field.storage.unpacked()])
            }
            _ => None, // Only the instructions of structs come here.
        }
    }

    /// A nullable reference to an array type, and what its elements are on the stack.
    fn array(&self, ty: TypeIdx) -> Option<(Expected, Expected)> {
        let id = self.type_id(ty)?;
        let elem = self.context().space.element(id)?;
        let val = Expected::Val(elem.storage.unpacked());
        Some((nullable(HeapType::Concrete(id)), val))
    }

    fn new_array(&mut self, instr: &Instr<'_>) -> Option<()> {
        match *instr {
            Instr::ArrayNew(ty) => {
                let (_, elem) = self.array(ty)?;
                self.all(&[elem, I32])
            }
            Instr::ArrayNewDefault(_) => self.all(&[I32]),
            Instr::ArrayNewFixed(ty, count) => {
                let (_, elem) = self.array(ty)?;
                // The number is the guest's; past the operands there are, one that is missing is
                // as many as need to be known.
                let count = (count as usize).min(self.available + 1);
                self.types.extend(core::iter::repeat_n(elem, count));
                Some(())
            }
            Instr::ArrayNewData(..) | Instr::ArrayNewElem(..) => self.all(&[I32, I32]),
            _ => None, // Only the instructions that make arrays come here.
        }
    }

    fn of_array(&mut self, instr: &Instr<'_>) -> Option<()> {
        match *instr {
            Instr::ArrayGet(ty) | Instr::ArrayGetS(ty) | Instr::ArrayGetU(ty) => {
                let (array, _) = self.array(ty)?;
                self.all(&[array, I32])
            }
            Instr::ArraySet(ty) => {
                let (array, elem) = self.array(ty)?;
                self.all(&[array, I32, elem])
            }
            Instr::ArrayLen => self.all(&[nullable(HeapType::Array)]),
            Instr::ArrayFill(ty) => {
                let (array, elem) = self.array(ty)?;
                self.all(&[array, I32, elem, I32])
            }
            Instr::ArrayCopy(dst, src) => {
                let ((dst, _), (src, _)) = (self.array(dst)?, self.array(src)?);
                self.all(&[dst, I32, src, I32, I32])
            }
            Instr::ArrayInitData(ty, _) | Instr::ArrayInitElem(ty, _) => {
                let (array, _) = self.array(ty)?;
                self.all(&[array, I32, I32, I32])
            }
            _ => None, // Only the instructions that use arrays come here.
        }
    }
}
