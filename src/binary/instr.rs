//! Instructions (spec: binary/instructions), one at a time. This is the inner loop of loading:
//! one match on the opcode, nothing allocated, nothing remembered from one instruction to the
//! next. Nesting is the business of whoever drives it.

use super::error::{Limit, Malformed, MalformedKind, Read, legacy_exception};
use super::reader::Reader;
use crate::syntax::{
    AtomicOp, BrTargets, CastBranch, Catches, DataIdx, ElemIdx, Features, FieldIdx, FuncBody,
    FuncIdx, GlobalIdx, HeapType, Instr, LabelIdx, LaneMemoryOp, LaneOp, LoadOp, LocalIdx, MemArg,
    MemIdx, Module, NumericOp, RefType, StoreOp, TableIdx, TagIdx, VectorOp,
};

/// Reads the instructions of a function body or constant expression.
///
/// ```
/// use limpid::binary::InstrReader;
/// use limpid::syntax::{Features, Instr};
///
/// let mut reader = InstrReader::new(&[0x41, 0x2A, 0x0B], 0, &Features::default());
/// assert_eq!(reader.read(), Ok((0, Instr::I32Const(42))));
/// assert_eq!(reader.read(), Ok((2, Instr::End)));
/// assert!(reader.at_end());
/// ```
#[derive(Clone)]
pub struct InstrReader<'a> {
    pub(super) reader: Reader<'a>,
    /// Whether data segments may be named.
    has_data_count: bool,
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
        reader.has_data_count = module.data_count.is_some();
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
            has_data_count: true,
            at_end: MalformedKind::UnexpectedEnd,
        }
    }

    /// Whether everything has been read.
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
        self.reader.instr(offset, opcode, self.has_data_count)
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

impl<'a> Reader<'a> {
    /// The instruction of that opcode, already read. A table: one row for each opcode.
    #[inline(always)]
    fn instr(&mut self, offset: u32, opcode: u8, has_data_count: bool) -> Read<(u32, Instr<'a>)> {
        let on = &self.features;
        let ok = |instr| Ok((offset, instr));
        match opcode {
            0x00 => ok(Instr::Unreachable),
            0x01 => ok(Instr::Nop),
            0x02 => ok(Instr::Block(self.block_type()?)),
            0x03 => ok(Instr::Loop(self.block_type()?)),
            0x04 => ok(Instr::If(self.block_type()?)),
            0x05 => ok(Instr::Else),
            0x08 if on.exceptions => ok(Instr::Throw(TagIdx(self.u32()?))),
            0x0A if on.exceptions => ok(Instr::ThrowRef),
            0x0B => ok(Instr::End),
            0x0C => ok(Instr::Br(self.label()?)),
            0x0D => ok(Instr::BrIf(self.label()?)),
            0x0E => ok(self.br_table()?),
            0x0F => ok(Instr::Return),
            0x10 => ok(Instr::Call(self.func()?)),
            0x11 => {
                let ty = self.type_idx()?;
                ok(Instr::CallIndirect(ty, self.table_or_zero()?))
            }
            0x12 if on.tail_call => ok(Instr::ReturnCall(self.func()?)),
            0x13 if on.tail_call => {
                let ty = self.type_idx()?;
                ok(Instr::ReturnCallIndirect(ty, self.table_or_zero()?))
            }
            0x14 if on.function_references => ok(Instr::CallRef(self.type_idx()?)),
            0x15 if on.function_references && on.tail_call => {
                ok(Instr::ReturnCallRef(self.type_idx()?))
            }
            0x1A => ok(Instr::Drop),
            0x1B => ok(Instr::Select),
            0x1C if on.reference_types => ok(self.select()?),
            0x1F if on.exceptions => ok(self.try_table()?),
            0x20 => ok(Instr::LocalGet(LocalIdx(self.u32()?))),
            0x21 => ok(Instr::LocalSet(LocalIdx(self.u32()?))),
            0x22 => ok(Instr::LocalTee(LocalIdx(self.u32()?))),
            0x23 => ok(Instr::GlobalGet(GlobalIdx(self.u32()?))),
            0x24 => ok(Instr::GlobalSet(GlobalIdx(self.u32()?))),
            0x25 if on.reference_types => ok(Instr::TableGet(self.table()?)),
            0x26 if on.reference_types => ok(Instr::TableSet(self.table()?)),
            0x28..=0x35 => match LOAD[usize::from(opcode)] {
                Some(op) => ok(Instr::Load(op, self.memarg()?)),
                None => self.illegal(opcode),
            },
            0x36..=0x3E => match STORE[usize::from(opcode)] {
                Some(op) => ok(Instr::Store(op, self.memarg()?)),
                None => self.illegal(opcode),
            },
            0x3F => ok(Instr::MemorySize(self.memory_or_zero()?)),
            0x40 => ok(Instr::MemoryGrow(self.memory_or_zero()?)),
            0x41 => ok(Instr::I32Const(self.s32()?)),
            0x42 => ok(Instr::I64Const(self.s64()?)),
            0x43 => ok(Instr::F32Const(u32::from_le_bytes(self.array()?))),
            0x44 => ok(Instr::F64Const(u64::from_le_bytes(self.array()?))),
            0xC0..=0xC4 if !on.sign_extension => self.illegal(opcode),
            0x45..=0xC4 => match NUMERIC[usize::from(opcode)] {
                Some(op) => ok(Instr::Numeric(op)),
                None => self.illegal(opcode),
            },
            0xD0 if on.reference_types => ok(Instr::RefNull(self.heap_type()?)),
            0xD1 if on.reference_types => ok(Instr::RefIsNull),
            0xD2 if on.reference_types => ok(Instr::RefFunc(self.func()?)),
            0xD3 if on.gc => ok(Instr::RefEq),
            0xD4 if on.function_references => ok(Instr::RefAsNonNull),
            0xD5 if on.function_references => ok(Instr::BrOnNull(self.label()?)),
            0xD6 if on.function_references => ok(Instr::BrOnNonNull(self.label()?)),
            0xFB if on.gc => ok(self.instr_fb(has_data_count)?),
            0xFC => ok(self.instr_fc(has_data_count)?),
            0xFD if on.simd => ok(self.instr_fd()?),
            0xFE if on.threads => ok(self.instr_fe()?),
            _ => self.illegal(opcode),
        }
    }

    /// References, structs and arrays.
    #[inline(never)]
    fn instr_fb(&mut self, has_data_count: bool) -> Read<Instr<'a>> {
        let start = self.offset_before();
        Ok(match self.u32()? {
            0 => Instr::StructNew(self.type_idx()?),
            1 => Instr::StructNewDefault(self.type_idx()?),
            2 => Instr::StructGet(self.type_idx()?, self.field()?),
            3 => Instr::StructGetS(self.type_idx()?, self.field()?),
            4 => Instr::StructGetU(self.type_idx()?, self.field()?),
            5 => Instr::StructSet(self.type_idx()?, self.field()?),
            6 => Instr::ArrayNew(self.type_idx()?),
            7 => Instr::ArrayNewDefault(self.type_idx()?),
            8 => Instr::ArrayNewFixed(self.type_idx()?, self.u32()?),
            9 => {
                let ty = self.type_idx()?;
                Instr::ArrayNewData(ty, self.data(start, has_data_count)?)
            }
            10 => Instr::ArrayNewElem(self.type_idx()?, self.elem()?),
            11 => Instr::ArrayGet(self.type_idx()?),
            12 => Instr::ArrayGetS(self.type_idx()?),
            13 => Instr::ArrayGetU(self.type_idx()?),
            14 => Instr::ArraySet(self.type_idx()?),
            15 => Instr::ArrayLen,
            16 => Instr::ArrayFill(self.type_idx()?),
            17 => Instr::ArrayCopy(self.type_idx()?, self.type_idx()?),
            18 => {
                let ty = self.type_idx()?;
                Instr::ArrayInitData(ty, self.data(start, has_data_count)?)
            }
            19 => Instr::ArrayInitElem(self.type_idx()?, self.elem()?),
            20 => Instr::RefTest(self.cast_target(false)?),
            21 => Instr::RefTest(self.cast_target(true)?),
            22 => Instr::RefCast(self.cast_target(false)?),
            23 => Instr::RefCast(self.cast_target(true)?),
            24 => Instr::BrOnCast(self.cast_branch()?),
            25 => Instr::BrOnCastFail(self.cast_branch()?),
            26 => Instr::AnyConvertExtern,
            27 => Instr::ExternConvertAny,
            28 => Instr::RefI31,
            29 => Instr::I31GetS,
            30 => Instr::I31GetU,
            code => return Err(MalformedKind::SubOpcode(0xFB, code).at(start)),
        })
    }

    /// Saturating conversions, bulk operations, tables, wide arithmetic.
    #[inline(never)]
    fn instr_fc(&mut self, has_data_count: bool) -> Read<Instr<'a>> {
        let start = self.offset_before();
        let code = self.u32()?;
        let on = &self.features;
        Ok(match code {
            8 if on.bulk_memory => {
                let data = self.data(start, has_data_count)?;
                Instr::MemoryInit(self.memory_or_zero()?, data)
            }
            9 if on.bulk_memory => Instr::DataDrop(self.data(start, has_data_count)?),
            10 if on.bulk_memory => {
                let dst = self.memory_or_zero()?;
                Instr::MemoryCopy(dst, self.memory_or_zero()?)
            }
            11 if on.bulk_memory => Instr::MemoryFill(self.memory_or_zero()?),
            12 if on.bulk_memory => {
                let elem = self.elem()?;
                Instr::TableInit(self.table_or_zero()?, elem)
            }
            13 if on.bulk_memory => Instr::ElemDrop(self.elem()?),
            14 if on.bulk_memory => {
                let dst = self.table_or_zero()?;
                Instr::TableCopy(dst, self.table_or_zero()?)
            }
            15 if on.reference_types => Instr::TableGrow(self.table()?),
            16 if on.reference_types => Instr::TableSize(self.table()?),
            17 if on.reference_types => Instr::TableFill(self.table()?),
            _ => match NUMERIC_FC.get(code as usize).copied().flatten() {
                Some(op) if op.is_wide_arithmetic() && on.wide_arithmetic => Instr::Numeric(op),
                Some(op) if !op.is_wide_arithmetic() && on.saturating_float_to_int => {
                    Instr::Numeric(op)
                }
                Some(_) | None => return Err(MalformedKind::SubOpcode(0xFC, code).at(start)),
            },
        })
    }

    /// Vectors.
    #[inline(never)]
    fn instr_fd(&mut self) -> Read<Instr<'a>> {
        let start = self.offset_before();
        let code = self.u32()?;
        let op = match code {
            12 => return Ok(Instr::V128Const(self.array()?)),
            13 => return Ok(Instr::Shuffle(self.array()?)),
            0..=11 | 0x15..=0x22 | 0x54..=0x5D => return self.lane_or_memory(code),
            0x100..=0x1FF if self.features.relaxed_simd => RELAXED[code as usize - 0x100],
            _ => VECTOR.get(code as usize).copied().flatten(),
        };
        let error = MalformedKind::SubOpcode(0xFD, code).at(start);
        op.map(Instr::Vector).ok_or(error)
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

    /// Atomic accesses.
    #[inline(never)]
    fn instr_fe(&mut self) -> Read<Instr<'a>> {
        let start = self.offset_before();
        Ok(match self.u32()? {
            0 => Instr::AtomicNotify(self.memarg()?),
            1 => Instr::AtomicWait32(self.memarg()?),
            2 => Instr::AtomicWait64(self.memarg()?),
            3 => {
                self.zero()?;
                Instr::AtomicFence
            }
            code => match ATOMIC.get(code as usize).copied().flatten() {
                Some(op) => Instr::Atomic(op, self.memarg()?),
                None => return Err(MalformedKind::SubOpcode(0xFE, code).at(start)),
            },
        })
    }

    #[cold]
    fn illegal<T>(&self, opcode: u8) -> Read<T> {
        self.fail_before(match legacy_exception(opcode) {
            Some(_) => MalformedKind::LegacyException(opcode),
            None => MalformedKind::Opcode(opcode),
        })
    }
}

/// Immediates.
impl<'a> Reader<'a> {
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

    /// A data index in an instruction at `start`.
    fn data(&mut self, start: u32, has_data_count: bool) -> Read<DataIdx> {
        let idx = self.u32().map(DataIdx)?;
        match has_data_count {
            true => Ok(idx),
            false => Err(MalformedKind::DataCountRequired.at(start)),
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
    fn br_table(&mut self) -> Read<Instr<'a>> {
        let count = self.len()?;
        let start = self.pos;
        for _ in 0..u64::from(count) + 1 {
            self.u32()?;
        }
        let bytes = &self.bytes[start..self.pos];
        Ok(Instr::BrTable(BrTargets { count, bytes }))
    }

    #[inline(never)]
    fn try_table(&mut self) -> Read<Instr<'a>> {
        let ty = self.block_type()?;
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
        Ok(Instr::TryTable(ty, Catches { count, bytes }))
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

    fn cast_branch(&mut self) -> Read<CastBranch> {
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
