//! Instructions as text (spec: text/instructions), each on a line of its own, with the names that
//! the module gives or with indices. Names are shown as they are: a screen must escape them.

use super::{BrTargets, CastBranch, Catches, Instr, MemArg};
use crate::syntax::types::{BlockType, HeapType, RefType, ValType};
use crate::syntax::{Count, F32Text, F64Text, FieldIdx, LabelIdx, NameMap, Names, TypeIdx};
use core::fmt::{self, Display, Formatter};

/// An instruction to be shown.
#[derive(Clone, Copy, Debug)]
pub struct InstrText<'a> {
    instr: &'a Instr<'a>,
    /// Names, and the function the instruction stands in.
    names: Option<(&'a Names, Option<u32>)>,
}

impl<'a> Instr<'a> {
    /// The instruction with names where the module has them; those of locals are the function's.
    pub fn text(&'a self, names: &'a Names, func: Option<u32>) -> InstrText<'a> {
        InstrText {
            instr: self,
            names: Some((names, func)),
        }
    }
}

impl Display for Instr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = InstrText {
            instr: self,
            names: None,
        };
        text.fmt(f)
    }
}

/// Which names an index is looked up in.
type Space = fn(&Names) -> &NameMap;

impl InstrText<'_> {
    /// An index, or its name.
    fn put(&self, f: &mut Formatter<'_>, space: Space, index: u32) -> fmt::Result {
        let name = self.names.and_then(|(names, _)| space(names).get(index));
        put_name(f, name, index)
    }

    fn put_func(&self, f: &mut Formatter<'_>, index: u32) -> fmt::Result {
        self.put(f, |names| &names.funcs, index)
    }

    fn put_type(&self, f: &mut Formatter<'_>, index: TypeIdx) -> fmt::Result {
        self.put(f, |names| &names.types, index.0)
    }

    fn put_table(&self, f: &mut Formatter<'_>, index: u32) -> fmt::Result {
        self.put(f, |names| &names.tables, index)
    }

    fn put_memory(&self, f: &mut Formatter<'_>, index: u32) -> fmt::Result {
        self.put(f, |names| &names.memories, index)
    }

    fn put_local(&self, f: &mut Formatter<'_>, index: u32) -> fmt::Result {
        let name = self.names.and_then(|(names, func)| {
            let func = func?;
            let at = names.locals.binary_search_by_key(&func, |entry| entry.0);
            names.locals.get(at.ok()?)?.1.get(index)
        });
        put_name(f, name, index)
    }

    fn put_field(&self, f: &mut Formatter<'_>, ty: TypeIdx, field: FieldIdx) -> fmt::Result {
        self.put_type(f, ty)?;
        let name = self.names.and_then(|(names, _)| {
            let at = names.fields.binary_search_by_key(&ty.0, |entry| entry.0);
            names.fields.get(at.ok()?)?.1.get(field.0)
        });
        put_name(f, name, field.0)
    }

    /// A table or memory that is left out when it is the first.
    fn put_unless_first(&self, f: &mut Formatter<'_>, space: Space, index: u32) -> fmt::Result {
        match index {
            0 => Ok(()),
            index => self.put(f, space, index),
        }
    }

    fn put_memarg(&self, f: &mut Formatter<'_>, arg: &MemArg, natural: u32) -> fmt::Result {
        self.put_unless_first(f, |names| &names.memories, arg.memory.0)?;
        if arg.offset != 0 {
            write!(f, " offset={}", arg.offset)?;
        }
        if arg.align != natural.trailing_zeros() {
            // What a module writes may be past any alignment before it is validated.
            write!(f, " align={}", 1u128.checked_shl(arg.align).unwrap_or(0))?;
        }
        Ok(())
    }

    fn put_block(&self, f: &mut Formatter<'_>, ty: BlockType) -> fmt::Result {
        match ty {
            BlockType::Empty => Ok(()),
            BlockType::Val(ValType::Ref(ty)) => {
                f.write_str(" (result")?;
                self.put_ref(f, ty)?;
                f.write_str(")")
            }
            BlockType::Val(ty) => write!(f, " (result {ty})"),
            BlockType::Type(index) => {
                f.write_str(" (type")?;
                self.put_type(f, index)?;
                f.write_str(")")
            }
        }
    }

    fn put_ref(&self, f: &mut Formatter<'_>, ty: RefType) -> fmt::Result {
        write!(f, " (ref{}", if ty.nullable { " null" } else { "" })?;
        self.put_heap(f, ty.heap)?;
        f.write_str(")")
    }

    fn put_heap(&self, f: &mut Formatter<'_>, heap: HeapType) -> fmt::Result {
        match heap.type_idx() {
            Some(index) => self.put_type(f, index),
            None => write!(f, " {heap}"),
        }
    }

    fn put_targets(&self, f: &mut Formatter<'_>, targets: BrTargets<'_>) -> fmt::Result {
        targets.iter().try_for_each(|target| put_label(f, target))
    }

    fn put_catches(&self, f: &mut Formatter<'_>, catches: Catches<'_>) -> fmt::Result {
        for catch in catches.iter() {
            let word = match (catch.tag, catch.by_ref) {
                (Some(_), false) => "catch",
                (Some(_), true) => "catch_ref",
                (None, false) => "catch_all",
                (None, true) => "catch_all_ref",
            };
            write!(f, " ({word}")?;
            if let Some(tag) = catch.tag {
                self.put(f, |names| &names.tags, tag.0)?;
            }
            put_label(f, catch.label)?;
            f.write_str(")")?;
        }
        Ok(())
    }

    fn put_cast(&self, f: &mut Formatter<'_>, cast: &CastBranch) -> fmt::Result {
        put_label(f, cast.label)?;
        self.put_ref(f, cast.from)?;
        self.put_ref(f, cast.to)
    }
}

/// A name or else an index, after a space.
fn put_name(f: &mut Formatter<'_>, name: Option<&str>, index: u32) -> fmt::Result {
    match name {
        Some(name) => write!(f, " ${name}"),
        None => write!(f, " {index}"),
    }
}

fn put_label(f: &mut Formatter<'_>, label: LabelIdx) -> fmt::Result {
    write!(f, " {}", label.0)
}

fn put_lanes(f: &mut Formatter<'_>, lanes: &[u8; 16]) -> fmt::Result {
    lanes.iter().try_for_each(|lane| write!(f, " {lane}"))
}

impl Display for InstrText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.instr.mnemonic())?;
        match *self.instr {
            Instr::Unreachable
            | Instr::Nop
            | Instr::Else
            | Instr::End
            | Instr::ThrowRef
            | Instr::Return
            | Instr::Drop
            | Instr::Select
            | Instr::AtomicFence
            | Instr::RefIsNull
            | Instr::RefAsNonNull
            | Instr::RefEq
            | Instr::ArrayLen
            | Instr::RefI31
            | Instr::I31GetS
            | Instr::I31GetU
            | Instr::AnyConvertExtern
            | Instr::ExternConvertAny
            | Instr::Numeric(_)
            | Instr::Vector(_) => Ok(()),
            Instr::Block(ty) | Instr::Loop(ty) | Instr::If(ty) => self.put_block(f, ty),
            Instr::TryTable(ty, catches) => {
                self.put_block(f, ty)?;
                self.put_catches(f, catches)
            }
            Instr::Throw(tag) => self.put(f, |names| &names.tags, tag.0),
            Instr::Br(label)
            | Instr::BrIf(label)
            | Instr::BrOnNull(label)
            | Instr::BrOnNonNull(label) => put_label(f, label),
            Instr::BrTable(targets) => self.put_targets(f, targets),
            Instr::BrOnCast(cast) | Instr::BrOnCastFail(cast) => self.put_cast(f, &cast),
            Instr::Call(func) | Instr::ReturnCall(func) | Instr::RefFunc(func) => {
                self.put_func(f, func.0)
            }
            Instr::CallIndirect(ty, table) | Instr::ReturnCallIndirect(ty, table) => {
                self.put_unless_first(f, |names| &names.tables, table.0)?;
                f.write_str(" (type")?;
                self.put_type(f, ty)?;
                f.write_str(")")
            }
            Instr::SelectT(ty) => match ty {
                ValType::Ref(ty) => {
                    f.write_str(" (result")?;
                    self.put_ref(f, ty)?;
                    f.write_str(")")
                }
                ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => {
                    write!(f, " (result {ty})")
                }
            },
            Instr::SelectArity(count) => write!(f, " (of {})", Count(count, "type")),
            Instr::LocalGet(index) | Instr::LocalSet(index) | Instr::LocalTee(index) => {
                self.put_local(f, index.0)
            }
            Instr::GlobalGet(index) | Instr::GlobalSet(index) => {
                self.put(f, |names| &names.globals, index.0)
            }
            Instr::TableGet(table)
            | Instr::TableSet(table)
            | Instr::TableSize(table)
            | Instr::TableGrow(table)
            | Instr::TableFill(table) => self.put_table(f, table.0),
            Instr::TableCopy(to, from) => {
                self.put_table(f, to.0)?;
                self.put_table(f, from.0)
            }
            Instr::TableInit(table, elem) => {
                self.put_table(f, table.0)?;
                self.put(f, |names| &names.elems, elem.0)
            }
            Instr::ElemDrop(elem) => self.put(f, |names| &names.elems, elem.0),
            Instr::Load(op, ref arg) => self.put_memarg(f, arg, op.bytes()),
            Instr::Store(op, ref arg) => self.put_memarg(f, arg, op.bytes()),
            Instr::LaneMemory(op, ref arg, lane) => {
                self.put_memarg(f, arg, op.bytes())?;
                write!(f, " {lane}")
            }
            Instr::Atomic(op, ref arg) => self.put_memarg(f, arg, op.bytes()),
            Instr::AtomicNotify(ref arg) | Instr::AtomicWait32(ref arg) => {
                self.put_memarg(f, arg, 4)
            }
            Instr::AtomicWait64(ref arg) => self.put_memarg(f, arg, 8),
            Instr::MemorySize(memory) | Instr::MemoryGrow(memory) | Instr::MemoryFill(memory) => {
                self.put_unless_first(f, |names| &names.memories, memory.0)
            }
            Instr::MemoryCopy(to, from) if to.0 == 0 && from.0 == 0 => Ok(()),
            Instr::MemoryCopy(to, from) => {
                self.put_memory(f, to.0)?;
                self.put_memory(f, from.0)
            }
            Instr::MemoryInit(memory, data) => {
                self.put_unless_first(f, |names| &names.memories, memory.0)?;
                self.put(f, |names| &names.datas, data.0)
            }
            Instr::DataDrop(data) => self.put(f, |names| &names.datas, data.0),
            Instr::RefNull(heap) => self.put_heap(f, heap),
            Instr::RefTest(ty) | Instr::RefCast(ty) => self.put_ref(f, ty),
            Instr::StructGet(ty, field)
            | Instr::StructGetS(ty, field)
            | Instr::StructGetU(ty, field)
            | Instr::StructSet(ty, field) => self.put_field(f, ty, field),
            Instr::CallRef(ty)
            | Instr::ReturnCallRef(ty)
            | Instr::StructNew(ty)
            | Instr::StructNewDefault(ty)
            | Instr::ArrayNew(ty)
            | Instr::ArrayNewDefault(ty)
            | Instr::ArrayGet(ty)
            | Instr::ArrayGetS(ty)
            | Instr::ArrayGetU(ty)
            | Instr::ArraySet(ty)
            | Instr::ArrayFill(ty) => self.put_type(f, ty),
            Instr::ArrayNewFixed(ty, count) => {
                self.put_type(f, ty)?;
                write!(f, " {count}")
            }
            Instr::ArrayNewData(ty, data) | Instr::ArrayInitData(ty, data) => {
                self.put_type(f, ty)?;
                self.put(f, |names| &names.datas, data.0)
            }
            Instr::ArrayNewElem(ty, elem) | Instr::ArrayInitElem(ty, elem) => {
                self.put_type(f, ty)?;
                self.put(f, |names| &names.elems, elem.0)
            }
            Instr::ArrayCopy(to, from) => {
                self.put_type(f, to)?;
                self.put_type(f, from)
            }
            Instr::I32Const(value) => write!(f, " {value}"),
            Instr::I64Const(value) => write!(f, " {value}"),
            Instr::F32Const(bits) => write!(f, " {}", F32Text(bits)),
            Instr::F64Const(bits) => write!(f, " {}", F64Text(bits)),
            Instr::V128Const(bytes) => {
                f.write_str(" i32x4")?;
                let bits = u128::from_le_bytes(bytes);
                (0..4).try_for_each(|lane| write!(f, " {:#010x}", (bits >> (lane * 32)) as u32))
            }
            Instr::Shuffle(lanes) => put_lanes(f, &lanes),
            Instr::Lane(_, lane) => write!(f, " {lane}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::syntax::{
        BlockType, FuncIdx, Instr, LoadOp, LocalIdx, MemArg, MemIdx, NameMap, Names, NumericOp,
        ValType,
    };
    use alloc::string::ToString;
    use alloc::vec;

    fn check(instr: Instr<'_>, text: &str) {
        assert_eq!(instr.to_string(), text);
    }

    fn memarg(offset: u64, align: u32, memory: u32) -> MemArg {
        MemArg {
            align,
            offset,
            memory: MemIdx(memory),
        }
    }

    #[test]
    fn immediates() {
        check(Instr::Numeric(NumericOp::I32Add), "i32.add");
        check(Instr::I64Const(-1), "i64.const -1");
        check(Instr::F32Const(0x3FC0_0000), "f32.const 1.5");
        check(Instr::F32Const(0x8000_0000), "f32.const -0");
        check(Instr::F32Const(0x7FC0_0000), "f32.const nan");
        check(Instr::F32Const(0xFF80_0001), "f32.const -nan:0x1");
        check(Instr::F64Const(0xFFF0 << 48), "f64.const -inf");
        check(
            Instr::Block(BlockType::Val(ValType::I32)),
            "block (result i32)",
        );
        check(Instr::Load(LoadOp::I32Load, memarg(0, 2, 0)), "i32.load");
        check(
            Instr::Load(LoadOp::I32Load, memarg(8, 0, 1)),
            "i32.load 1 offset=8 align=1",
        );
    }

    #[test]
    fn names_stand_for_indices() {
        let names = Names {
            funcs: NameMap(vec![(3, "fib".into())]),
            locals: vec![(3, NameMap(vec![(0, "n".into())]))],
            ..Names::default()
        };
        let text = |instr: Instr<'_>, func| instr.text(&names, func).to_string();
        assert_eq!(text(Instr::Call(FuncIdx(3)), None), "call $fib");
        assert_eq!(text(Instr::Call(FuncIdx(4)), None), "call 4");
        assert_eq!(text(Instr::LocalGet(LocalIdx(0)), Some(3)), "local.get $n");
        assert_eq!(text(Instr::LocalGet(LocalIdx(0)), Some(2)), "local.get 0");
    }
}
