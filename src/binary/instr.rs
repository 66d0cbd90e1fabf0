//! Instructions (spec: binary/instructions), one at a time. This is the inner loop of loading:
//! one match on the opcode, nothing allocated, nothing remembered from one instruction to the
//! next. Nesting is the business of whoever drives it.

use super::error::{Limit, Malformed, MalformedKind, Read, legacy_exception};
use super::reader::Reader;
use crate::syntax::instr::{flag, for_each_instr};
use crate::syntax::{
    AtomicOp, BrTargets, CastBranch, Catches, DataIdx, ElemIdx, Features, FieldIdx, FuncBody,
    FuncIdx, GlobalIdx, HeapType, Instr, LabelIdx, LaneMemoryOp, LaneOp, LoadOp, LocalIdx, MemArg,
    MemIdx, Module, NumericOp, RefType, StoreOp, TableIdx, TagIdx, VectorOp,
};

/// Reads the instructions of a function body or constant expression.
///
/// ```
/// use limpid::internals::binary::InstrReader;
/// use limpid::internals::syntax::{Features, Instr};
///
/// let mut reader = InstrReader::new(&[0x41, 0x2A, 0x0B], 0, &Features::default());
/// assert_eq!(reader.read(), Ok((0, Instr::I32Const(42))));
/// assert_eq!(reader.read(), Ok((2, Instr::End)));
/// assert!(reader.at_end());
/// ```
#[derive(Clone)]
pub struct InstrReader<'a> {
    pub(super) reader: Reader<'a>,
    /// What an opcode missing at the end of the bytes is called.
    at_end: MalformedKind,
}

impl<'a> InstrReader<'a> {
    /// A reader of `bytes`, which stand at `offset` in their module.
    pub fn new(bytes: &'a [u8], offset: u32, features: &Features) -> InstrReader<'a> {
        InstrReader::at(Reader::new(bytes, offset, features))
    }

    /// A reader of a function body of `module`. Other than with [`new`](InstrReader::new),
    /// instructions that need a data count section are malformed where it is absent.
    pub fn for_body(module: &'a Module, body: &FuncBody, features: &Features) -> InstrReader<'a> {
        let mut reader = InstrReader::new(module.slice(&body.code), body.code.start, features);
        reader.reader.has_data_count = module.data_count.is_some();
        // The reference interpreter reads on past a body without `end`; so does its wording.
        reader.at_end = match module.bytes.get(body.code.end as usize) {
            None => MalformedKind::UnexpectedEnd,
            Some(0x0B) => MalformedKind::SectionSize,
            Some(_) => MalformedKind::EndExpected,
        };
        reader
    }

    pub(super) fn at(reader: Reader<'a>) -> InstrReader<'a> {
        InstrReader {
            reader,
            at_end: MalformedKind::UnexpectedEnd,
        }
    }

    /// Returns whether everything has been read.
    #[inline(always)]
    pub fn at_end(&self) -> bool {
        self.reader.at_end()
    }

    /// Position in the module of what is read next.
    #[inline(always)]
    pub fn offset(&self) -> u32 {
        self.reader.offset()
    }

    /// Checks that nothing follows; to be called after the `end` that closes the sequence.
    pub fn finish(&self) -> Result<(), Malformed> {
        match self.at_end() {
            true => Ok(()),
            false => self.reader.fail(MalformedKind::SectionSize),
        }
    }

    /// The next instruction and the position of its opcode.
    #[inline(always)]
    pub fn read(&mut self) -> Result<(u32, Instr<'a>), Malformed> {
        let offset = self.offset();
        let Some(&opcode) = self.reader.bytes.get(self.reader.pos) else {
            return self.reader.fail(self.at_end);
        };
        self.reader.pos += 1;
        self.reader.instr(offset, opcode)
    }
}

/// The rows of an op table by the low byte of their opcode, so that looking one up is a load.
macro_rules! by_code {
    ($name:ident: $op:ident from $first:literal) => {
        static $name: [Option<$op>; 256] = {
            let mut rows = [None; 256];
            let mut code = 0;
            while code < 256 {
                rows[code] = $op::from_opcode($first + code as u32);
                code += 1;
            }
            rows
        };
    };
}

by_code! { NUMERIC: NumericOp from 0 }
by_code! { NUMERIC_FC: NumericOp from 0xFC_0000 }
by_code! { LOAD: LoadOp from 0 }
by_code! { STORE: StoreOp from 0 }
by_code! { VECTOR: VectorOp from 0xFD_0000 }
by_code! { RELAXED: VectorOp from 0xFD_0100 }
by_code! { ATOMIC: AtomicOp from 0xFE_0000 }

/// Whether all features of a row are on.
macro_rules! on {
    ($features:expr;) => { true };
    ($features:expr; $first:ident $($feature:ident)*) => {
        $features.$first $(&& $features.$feature)*
    };
}

macro_rules! decode {
    (plain { $($code:literal $name:ident $(($($field:ident: $imm:ident),+))?
        $text:literal [$($feature:ident)*] $($flag:ident)* $(=> $put:ident)?;)* }
     $($group:ident $rows:tt)*) => {
        impl<'a> Reader<'a> {
            /// The instruction of that opcode, already read.
            #[inline(always)]
            fn instr(&mut self, offset: u32, opcode: u8) -> Read<(u32, Instr<'a>)> {
                let ok = |instr| Ok((offset, instr));
                match opcode {
                    $($code if on!(self.features; $($feature)*) => {
                        ok(Instr::$name $(($(self.$imm()?),+))?)
                    })*
                    0x1C if self.features.reference_types => ok(self.select()?),
                    0x28..=0x35 => match LOAD[usize::from(opcode)] {
                        Some(op) => ok(Instr::Load(op, self.memarg()?)),
                        None => self.illegal(opcode),
                    },
                    0x36..=0x3E => match STORE[usize::from(opcode)] {
                        Some(op) => ok(Instr::Store(op, self.memarg()?)),
                        None => self.illegal(opcode),
                    },
                    0xC0..=0xC4 if !self.features.sign_extension => self.illegal(opcode),
                    0x45..=0xC4 => match NUMERIC[usize::from(opcode)] {
                        Some(op) => ok(Instr::Numeric(op)),
                        None => self.illegal(opcode),
                    },
                    0xFB if self.features.gc => ok(self.prefixed(opcode, Self::prefix_fb)?),
                    0xFC => ok(self.prefixed(opcode, Self::prefix_fc)?),
                    0xFD if self.features.simd => ok(self.prefixed(opcode, Self::prefix_fd)?),
                    0xFE if self.features.threads => ok(self.prefixed(opcode, Self::prefix_fe)?),
                    _ => self.illegal(opcode),
                }
            }
        }
        $(decode_group! { $group $rows })*
    };
}

/// The rows after a prefix; other codes are left to the method for its further tables.
macro_rules! decode_group {
    ($group:ident { $($code:literal $name:ident $(($($field:ident: $imm:ident),+))?
        $text:literal [$($feature:ident)*] $($flag:ident)* $(=> $put:ident)?;)* }) => {
        impl<'a> Reader<'a> {
            #[inline(never)]
            fn $group(&mut self, code: u32) -> Read<Option<Instr<'a>>> {
                Ok(Some(match code {
                    $($code if on!(self.features; $($feature)*) => {
                        if flag!(reserved in $($flag)*) {
                            self.zero()?;
                        }
                        Instr::$name $(($(self.$imm()?),+))?
                    })*
                    _ => return further::$group(self, code),
                }))
            }
        }
    };
}
for_each_instr! { decode }

/// Instructions after a prefix that are rows of further tables.
mod further {
    use super::*;

    pub(super) fn prefix_fb<'a>(reader: &mut Reader<'a>, code: u32) -> Read<Option<Instr<'a>>> {
        let nullable = code & 1 == 1;
        Ok(match code {
            20 | 21 => Some(Instr::RefTest(reader.cast_target(nullable)?)),
            22 | 23 => Some(Instr::RefCast(reader.cast_target(nullable)?)),
            _ => None,
        })
    }

    /// Saturating conversions and wide arithmetic.
    pub(super) fn prefix_fc<'a>(reader: &mut Reader<'a>, code: u32) -> Read<Option<Instr<'a>>> {
        let on = &reader.features;
        let op = NUMERIC_FC.get(code as usize).copied().flatten();
        let op = op.filter(|op| match op.is_wide_arithmetic() {
            true => on.wide_arithmetic,
            false => on.saturating_float_to_int,
        });
        Ok(op.map(Instr::Numeric))
    }

    /// Vectors.
    pub(super) fn prefix_fd<'a>(reader: &mut Reader<'a>, code: u32) -> Read<Option<Instr<'a>>> {
        let op = match code {
            0..=11 | 0x15..=0x22 | 0x54..=0x5D => return reader.lane_or_memory(code).map(Some),
            0x100..=0x1FF if reader.features.relaxed_simd => RELAXED[code as usize - 0x100],
            _ => VECTOR.get(code as usize).copied().flatten(),
        };
        Ok(op.map(Instr::Vector))
    }

    /// Atomic accesses.
    pub(super) fn prefix_fe<'a>(reader: &mut Reader<'a>, code: u32) -> Read<Option<Instr<'a>>> {
        match ATOMIC.get(code as usize).copied().flatten() {
            Some(op) => Ok(Some(Instr::Atomic(op, reader.memarg()?))),
            None => Ok(None),
        }
    }
}

impl<'a> Reader<'a> {
    /// The instruction after a prefix.
    #[inline(always)]
    fn prefixed(
        &mut self,
        prefix: u8,
        group: impl FnOnce(&mut Self, u32) -> Read<Option<Instr<'a>>>,
    ) -> Read<Instr<'a>> {
        let start = self.offset_before();
        let code = self.u32()?;
        self.instr_start = start;
        match group(self, code)? {
            Some(instr) => Ok(instr),
            None => Err(MalformedKind::SubOpcode(prefix, code).at(start)),
        }
    }

    /// Vector instructions with immediates; `code` is the opcode of one.
    fn lane_or_memory(&mut self, code: u32) -> Read<Instr<'a>> {
        let opcode = 0xFD_0000 + code;
        if let Some(op) = LoadOp::from_opcode(opcode) {
            Ok(Instr::Load(op, self.memarg()?))
        } else if let Some(op) = StoreOp::from_opcode(opcode) {
            Ok(Instr::Store(op, self.memarg()?))
        } else if let Some(op) = LaneOp::from_opcode(opcode) {
            Ok(Instr::Lane(op, self.byte()?))
        } else if let Some(op) = LaneMemoryOp::from_opcode(opcode) {
            let memarg = self.memarg()?;
            Ok(Instr::LaneMemory(op, memarg, self.byte()?))
        } else {
            unreachable!("the ranges of vector opcodes agree with their tables")
        }
    }

    #[cold]
    fn illegal<T>(&self, opcode: u8) -> Read<T> {
        self.fail_before(match legacy_exception(opcode) {
            Some(_) => MalformedKind::LegacyException(opcode),
            None => MalformedKind::Opcode(opcode),
        })
    }
}

/// Immediates; the table of instructions names these methods.
impl<'a> Reader<'a> {
    #[inline(always)]
    fn local(&mut self) -> Read<LocalIdx> {
        self.u32().map(LocalIdx)
    }

    #[inline(always)]
    fn global(&mut self) -> Read<GlobalIdx> {
        self.u32().map(GlobalIdx)
    }

    fn tag(&mut self) -> Read<TagIdx> {
        self.u32().map(TagIdx)
    }

    #[inline(always)]
    fn f32(&mut self) -> Read<u32> {
        self.array().map(u32::from_le_bytes)
    }

    #[inline(always)]
    fn f64(&mut self) -> Read<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn vector(&mut self) -> Read<[u8; 16]> {
        self.array()
    }

    fn lanes(&mut self) -> Read<[u8; 16]> {
        self.array()
    }

    fn memarg4(&mut self) -> Read<MemArg> {
        self.memarg()
    }

    fn memarg8(&mut self) -> Read<MemArg> {
        self.memarg()
    }

    #[inline(always)]
    fn label(&mut self) -> Read<LabelIdx> {
        self.u32().map(LabelIdx)
    }

    #[inline(always)]
    fn func(&mut self) -> Read<FuncIdx> {
        self.u32().map(FuncIdx)
    }

    #[inline(always)]
    fn table(&mut self) -> Read<TableIdx> {
        self.u32().map(TableIdx)
    }

    fn field(&mut self) -> Read<FieldIdx> {
        self.u32().map(FieldIdx)
    }

    fn elem(&mut self) -> Read<ElemIdx> {
        self.u32().map(ElemIdx)
    }

    /// A data index in an instruction after a prefix.
    fn data(&mut self) -> Read<DataIdx> {
        let idx = self.u32().map(DataIdx)?;
        match self.has_data_count {
            true => Ok(idx),
            false => Err(MalformedKind::DataCountRequired.at(self.instr_start)),
        }
    }

    /// A table index; before reference-types a reserved byte.
    fn table_or_zero(&mut self) -> Read<TableIdx> {
        match self.features.reference_types {
            true => self.table(),
            false => self.zero().map(|()| TableIdx(0)),
        }
    }

    /// A memory index; before multi-memory a reserved byte.
    fn memory_or_zero(&mut self) -> Read<MemIdx> {
        match self.features.multi_memory {
            true => self.u32().map(MemIdx),
            false => self.zero().map(|()| MemIdx(0)),
        }
    }

    /// A memory argument. Flags below 64 are the alignment; bit 6 announces a memory index.
    #[inline(always)]
    fn memarg(&mut self) -> Read<MemArg> {
        let start = self.pos;
        let align = self.u32()?;
        if align >= 0x40 {
            self.pos = start;
            return self.memarg_with_memory();
        }
        Ok(MemArg {
            align,
            offset: self.memory_offset()?,
            memory: MemIdx(0),
        })
    }

    #[cold]
    #[inline(never)]
    fn memarg_with_memory(&mut self) -> Read<MemArg> {
        let start = self.offset();
        let flags = self.u32()?;
        if flags >= 0x80 || !self.features.multi_memory {
            return Err(MalformedKind::MemArgFlags.at(start));
        }
        let memory = self.u32().map(MemIdx)?;
        Ok(MemArg {
            align: flags & 0x3F,
            offset: self.memory_offset()?,
            memory,
        })
    }

    /// 64 bits wide since memory64, whatever the address type.
    #[inline(always)]
    fn memory_offset(&mut self) -> Read<u64> {
        match self.bytes.get(self.pos) {
            Some(&byte) if byte < 0x80 => {
                self.pos += 1;
                Ok(u64::from(byte))
            }
            _ => self.memory_offset_long(),
        }
    }

    #[inline(never)]
    fn memory_offset_long(&mut self) -> Read<u64> {
        match self.features.memory64 {
            true => self.u64(),
            false => self.u32().map(u64::from),
        }
    }

    #[inline(never)]
    fn targets(&mut self) -> Read<BrTargets<'a>> {
        let count = self.len()?;
        let start = self.pos;
        for _ in 0..u64::from(count) + 1 {
            self.u32()?;
        }
        let bytes = &self.bytes[start..self.pos];
        Ok(BrTargets { count, bytes })
    }

    #[inline(never)]
    fn catches(&mut self) -> Read<Catches<'a>> {
        let count = self.count(Limit::Catches, 0)?;
        let start = self.pos;
        for _ in 0..count {
            match self.byte()? {
                0 | 1 => {
                    self.u32()?;
                    self.u32()?;
                }
                2 | 3 => {
                    self.u32()?;
                }
                kind => return self.fail_before(MalformedKind::CatchKind(kind)),
            }
        }
        let bytes = &self.bytes[start..self.pos];
        Ok(Catches { count, bytes })
    }

    /// `select` with types: one, unless it is invalid.
    #[inline(never)]
    fn select(&mut self) -> Read<Instr<'a>> {
        let count = self.len()?;
        if count == 1 {
            return Ok(Instr::SelectT(self.val_type()?));
        }
        for _ in 0..count {
            self.val_type()?;
        }
        Ok(Instr::SelectArity(count))
    }

    fn cast_target(&mut self, nullable: bool) -> Read<RefType> {
        let heap = self.heap_type()?;
        Ok(RefType { nullable, heap })
    }

    fn cast(&mut self) -> Read<CastBranch> {
        let flags = self.byte()?;
        if flags > 3 {
            return self.fail_before(MalformedKind::CastFlags(flags));
        }
        let label = self.label()?;
        let from: HeapType = self.heap_type()?;
        let to = self.heap_type()?;
        let reference = |nullable, heap| RefType { nullable, heap };
        Ok(CastBranch {
            label,
            from: reference(flags & 1 != 0, from),
            to: reference(flags & 2 != 0, to),
        })
    }
}
