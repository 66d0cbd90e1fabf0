//! Instructions as text (spec: text/instructions), each on a line of its own, with the names that
//! the module gives or with indices. Names are shown as they are: a screen must escape them.

use super::table::for_each_instr;
use super::{BrTargets, CastBranch, Catches, Instr, MemArg};
use crate::syntax::types::{BlockType, HeapType, RefType, ValType};
use crate::syntax::{
    Count, DataIdx, ElemIdx, F32Text, F64Text, FieldIdx, FuncIdx, GlobalIdx, LabelIdx, LocalIdx,
    MemIdx, NameMap, Names, TableIdx, TagIdx, TypeIdx,
};
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

    /// A type use.
    fn put_type(&self, f: &mut Formatter<'_>, ty: TypeIdx) -> fmt::Result {
        f.write_str(" (type")?;
        self.type_idx(f, ty)?;
        f.write_str(")")
    }

    fn put_result(&self, f: &mut Formatter<'_>, ty: ValType) -> fmt::Result {
        let ValType::Ref(ty) = ty else {
            return write!(f, " (result {ty})");
        };
        f.write_str(" (result")?;
        self.put_ref(f, ty)?;
        f.write_str(")")
    }

    fn put_ref(&self, f: &mut Formatter<'_>, ty: RefType) -> fmt::Result {
        write!(f, " (ref{}", if ty.nullable { " null" } else { "" })?;
        self.heap_type(f, ty.heap)?;
        f.write_str(")")
    }
}

/// A name or else an index, after a space.
fn put_name(f: &mut Formatter<'_>, name: Option<&str>, index: u32) -> fmt::Result {
    match name {
        Some(name) => write!(f, " ${name}"),
        None => write!(f, " {index}"),
    }
}

/// The methods named after immediates print them.
impl InstrText<'_> {
    fn label(&self, f: &mut Formatter<'_>, label: LabelIdx) -> fmt::Result {
        write!(f, " {}", label.0)
    }

    fn tag(&self, f: &mut Formatter<'_>, tag: TagIdx) -> fmt::Result {
        self.put(f, |names| &names.tags, tag.0)
    }

    fn func(&self, f: &mut Formatter<'_>, func: FuncIdx) -> fmt::Result {
        self.put(f, |names| &names.funcs, func.0)
    }

    fn type_idx(&self, f: &mut Formatter<'_>, ty: TypeIdx) -> fmt::Result {
        self.put(f, |names| &names.types, ty.0)
    }

    fn field_of(&self, f: &mut Formatter<'_>, ty: TypeIdx, field: FieldIdx) -> fmt::Result {
        self.type_idx(f, ty)?;
        let name = self.names.and_then(|(names, _)| {
            let at = names.fields.binary_search_by_key(&ty.0, |entry| entry.0);
            names.fields.get(at.ok()?)?.1.get(field.0)
        });
        put_name(f, name, field.0)
    }

    fn local(&self, f: &mut Formatter<'_>, local: LocalIdx) -> fmt::Result {
        let name = self.names.and_then(|(names, func)| {
            let func = func?;
            let at = names.locals.binary_search_by_key(&func, |entry| entry.0);
            names.locals.get(at.ok()?)?.1.get(local.0)
        });
        put_name(f, name, local.0)
    }

    fn global(&self, f: &mut Formatter<'_>, global: GlobalIdx) -> fmt::Result {
        self.put(f, |names| &names.globals, global.0)
    }

    fn table(&self, f: &mut Formatter<'_>, table: TableIdx) -> fmt::Result {
        self.put(f, |names| &names.tables, table.0)
    }

    /// Writes a table index, which is left out when it is 0.
    fn table_or_zero(&self, f: &mut Formatter<'_>, table: TableIdx) -> fmt::Result {
        self.put_unless_first(f, |names| &names.tables, table.0)
    }

    /// A memory that is left out when it is the first.
    fn memory_or_zero(&self, f: &mut Formatter<'_>, memory: MemIdx) -> fmt::Result {
        self.put_unless_first(f, |names| &names.memories, memory.0)
    }

    fn elem(&self, f: &mut Formatter<'_>, elem: ElemIdx) -> fmt::Result {
        self.put(f, |names| &names.elems, elem.0)
    }

    fn data(&self, f: &mut Formatter<'_>, data: DataIdx) -> fmt::Result {
        self.put(f, |names| &names.datas, data.0)
    }

    fn indirect(&self, f: &mut Formatter<'_>, ty: TypeIdx, table: TableIdx) -> fmt::Result {
        self.table_or_zero(f, table)?;
        self.put_type(f, ty)
    }

    fn memory_init(&self, f: &mut Formatter<'_>, data: DataIdx, memory: MemIdx) -> fmt::Result {
        self.memory_or_zero(f, memory)?;
        self.data(f, data)
    }

    fn memory_copy(&self, f: &mut Formatter<'_>, to: MemIdx, from: MemIdx) -> fmt::Result {
        if (to.0, from.0) == (0, 0) {
            return Ok(());
        }
        self.put(f, |names| &names.memories, to.0)?;
        self.put(f, |names| &names.memories, from.0)
    }

    fn table_init(&self, f: &mut Formatter<'_>, elem: ElemIdx, table: TableIdx) -> fmt::Result {
        self.table(f, table)?;
        self.elem(f, elem)
    }

    fn table_copy(&self, f: &mut Formatter<'_>, to: TableIdx, from: TableIdx) -> fmt::Result {
        self.table(f, to)?;
        self.table(f, from)
    }

    fn memarg4(&self, f: &mut Formatter<'_>, arg: MemArg) -> fmt::Result {
        self.put_memarg(f, &arg, 4)
    }

    fn memarg8(&self, f: &mut Formatter<'_>, arg: MemArg) -> fmt::Result {
        self.put_memarg(f, &arg, 8)
    }

    fn block_type(&self, f: &mut Formatter<'_>, ty: BlockType) -> fmt::Result {
        match ty {
            BlockType::Empty => Ok(()),
            BlockType::Val(ty) => self.put_result(f, ty),
            BlockType::Type(index) => self.put_type(f, index),
        }
    }

    fn heap_type(&self, f: &mut Formatter<'_>, heap: HeapType) -> fmt::Result {
        match heap.type_idx() {
            Some(index) => self.type_idx(f, index),
            None => write!(f, " {heap}"),
        }
    }

    fn targets(&self, f: &mut Formatter<'_>, targets: BrTargets<'_>) -> fmt::Result {
        targets.iter().try_for_each(|target| self.label(f, target))
    }

    fn catches(&self, f: &mut Formatter<'_>, catches: Catches<'_>) -> fmt::Result {
        for catch in catches.iter() {
            let word = match (catch.tag, catch.by_ref) {
                (Some(_), false) => "catch",
                (Some(_), true) => "catch_ref",
                (None, false) => "catch_all",
                (None, true) => "catch_all_ref",
            };
            write!(f, " ({word}")?;
            if let Some(tag) = catch.tag {
                self.tag(f, tag)?;
            }
            self.label(f, catch.label)?;
            f.write_str(")")?;
        }
        Ok(())
    }

    fn cast(&self, f: &mut Formatter<'_>, cast: CastBranch) -> fmt::Result {
        self.label(f, cast.label)?;
        self.put_ref(f, cast.from)?;
        self.put_ref(f, cast.to)
    }

    fn u32(&self, f: &mut Formatter<'_>, value: u32) -> fmt::Result {
        write!(f, " {value}")
    }

    fn s32(&self, f: &mut Formatter<'_>, value: i32) -> fmt::Result {
        write!(f, " {value}")
    }

    fn s64(&self, f: &mut Formatter<'_>, value: i64) -> fmt::Result {
        write!(f, " {value}")
    }

    fn f32(&self, f: &mut Formatter<'_>, bits: u32) -> fmt::Result {
        write!(f, " {}", F32Text(bits))
    }

    fn f64(&self, f: &mut Formatter<'_>, bits: u64) -> fmt::Result {
        write!(f, " {}", F64Text(bits))
    }

    fn vector(&self, f: &mut Formatter<'_>, bytes: [u8; 16]) -> fmt::Result {
        f.write_str(" i32x4")?;
        let bits = u128::from_le_bytes(bytes);
        (0..4).try_for_each(|lane| write!(f, " {:#010x}", (bits >> (lane * 32)) as u32))
    }

    fn lanes(&self, f: &mut Formatter<'_>, lanes: [u8; 16]) -> fmt::Result {
        lanes.iter().try_for_each(|lane| write!(f, " {lane}"))
    }
}

/// Prints immediates one after another, or with a method for all of them.
macro_rules! put {
    ($self:ident $f:ident ($($field:ident: $imm:ident),*)) => {{
        $($self.$imm($f, $field)?;)*
        Ok(())
    }};
    ($self:ident $f:ident ($($field:ident: $imm:ident),*) $put:ident) => {
        $self.$put($f, $($field),*)
    };
}

macro_rules! display {
    ($($group:ident { $($code:literal $name:ident $(($($field:ident: $imm:ident),+))?
        $text:literal [$($feature:ident)*] $($flag:ident)* $(=> $put:ident)?;)* })*) => {
        impl Display for InstrText<'_> {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str(self.instr.mnemonic())?;
                match *self.instr {
                    $($(Instr::$name $(($($field),+))? => {
                        put!(self f ($($($field: $imm),+)?) $($put)?)
                    })*)*
                    Instr::SelectT(ty) => self.put_result(f, ty),
                    Instr::SelectArity(count) => write!(f, " (of {})", Count(count, "type")),
                    Instr::RefTest(ty) | Instr::RefCast(ty) => self.put_ref(f, ty),
                    Instr::Load(op, ref arg) => self.put_memarg(f, arg, op.bytes()),
                    Instr::Store(op, ref arg) => self.put_memarg(f, arg, op.bytes()),
                    Instr::LaneMemory(op, ref arg, lane) => {
                        self.put_memarg(f, arg, op.bytes())?;
                        write!(f, " {lane}")
                    }
                    Instr::Atomic(op, ref arg) => self.put_memarg(f, arg, op.bytes()),
                    Instr::Numeric(_) | Instr::Vector(_) => Ok(()),
                    Instr::Lane(_, lane) => write!(f, " {lane}"),
                }
            }
        }
    };
}
for_each_instr! { display }

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
