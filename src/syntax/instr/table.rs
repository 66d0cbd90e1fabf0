//! The table of instructions (spec: binary/instructions): one row for each that is not a row of a
//! table of its own (`numeric`, `vector`, `memory`).
//!
//! A row is `opcode Variant(field: immediate, ...) "mnemonic" [features] flags => text;`
//!
//! - The *opcode* is the byte, or the number after the prefix that the group names.
//! - An *immediate* names its type ([`imm`]), the method that reads it (`binary`) and the one that
//!   prints it (`text`). They are in the order of the binary format.
//! - Without all of its *features* the opcode is unknown.
//! - The flag `constant` marks instructions that constant expressions may contain, `reserved` those
//!   that end in a byte that must be zero.
//! - `=> text` names the method that prints the immediates where it is not one after another.
//!
//! The variant, the mnemonic, decoding and printing are made from the row; validation and
//! translation each have a `match` without a wildcard that the compiler completes.

/// Calls a macro with the rows of the table.
macro_rules! for_each_instr {
    ($make:ident) => { $make! {
plain {
    0x00 Unreachable "unreachable" [];
    0x01 Nop "nop" [];
    0x02 Block(ty: block_type) "block" [];
    0x03 Loop(ty: block_type) "loop" [];
    0x04 If(ty: block_type) "if" [];
    0x05 Else "else" [];
    0x08 Throw(tag: tag) "throw" [exceptions];
    0x0A ThrowRef "throw_ref" [exceptions];
    0x0B End "end" [] constant;
    0x0C Br(label: label) "br" [];
    0x0D BrIf(label: label) "br_if" [];
    0x0E BrTable(targets: targets) "br_table" [];
    0x0F Return "return" [];
    0x10 Call(func: func) "call" [];
    0x11 CallIndirect(ty: type_idx, table: table_or_zero) "call_indirect" [] => indirect;
    0x12 ReturnCall(func: func) "return_call" [tail_call];
    0x13 ReturnCallIndirect(ty: type_idx, table: table_or_zero) "return_call_indirect" [tail_call]
        => indirect;
    0x14 CallRef(ty: type_idx) "call_ref" [function_references];
    0x15 ReturnCallRef(ty: type_idx) "return_call_ref" [function_references tail_call];
    0x1A Drop "drop" [];
    0x1B Select "select" [];
    0x1F TryTable(ty: block_type, catches: catches) "try_table" [exceptions];
    0x20 LocalGet(local: local) "local.get" [];
    0x21 LocalSet(local: local) "local.set" [];
    0x22 LocalTee(local: local) "local.tee" [];
    0x23 GlobalGet(global: global) "global.get" [];
    0x24 GlobalSet(global: global) "global.set" [];
    0x25 TableGet(table: table) "table.get" [reference_types];
    0x26 TableSet(table: table) "table.set" [reference_types];
    0x3F MemorySize(memory: memory_or_zero) "memory.size" [];
    0x40 MemoryGrow(memory: memory_or_zero) "memory.grow" [];
    0x41 I32Const(value: s32) "i32.const" [] constant;
    0x42 I64Const(value: s64) "i64.const" [] constant;
    0x43 F32Const(bits: f32) "f32.const" [] constant;
    0x44 F64Const(bits: f64) "f64.const" [] constant;
    0xD0 RefNull(heap: heap_type) "ref.null" [reference_types] constant;
    0xD1 RefIsNull "ref.is_null" [reference_types];
    0xD2 RefFunc(func: func) "ref.func" [reference_types] constant;
    0xD3 RefEq "ref.eq" [gc];
    0xD4 RefAsNonNull "ref.as_non_null" [function_references];
    0xD5 BrOnNull(label: label) "br_on_null" [function_references];
    0xD6 BrOnNonNull(label: label) "br_on_non_null" [function_references];
}
prefix_fb {
    0 StructNew(ty: type_idx) "struct.new" [gc] constant;
    1 StructNewDefault(ty: type_idx) "struct.new_default" [gc] constant;
    2 StructGet(ty: type_idx, field: field) "struct.get" [gc] => field_of;
    3 StructGetS(ty: type_idx, field: field) "struct.get_s" [gc] => field_of;
    4 StructGetU(ty: type_idx, field: field) "struct.get_u" [gc] => field_of;
    5 StructSet(ty: type_idx, field: field) "struct.set" [gc] => field_of;
    6 ArrayNew(ty: type_idx) "array.new" [gc] constant;
    7 ArrayNewDefault(ty: type_idx) "array.new_default" [gc] constant;
    8 ArrayNewFixed(ty: type_idx, count: u32) "array.new_fixed" [gc] constant;
    9 ArrayNewData(ty: type_idx, data: data) "array.new_data" [gc];
    10 ArrayNewElem(ty: type_idx, elem: elem) "array.new_elem" [gc];
    11 ArrayGet(ty: type_idx) "array.get" [gc];
    12 ArrayGetS(ty: type_idx) "array.get_s" [gc];
    13 ArrayGetU(ty: type_idx) "array.get_u" [gc];
    14 ArraySet(ty: type_idx) "array.set" [gc];
    15 ArrayLen "array.len" [gc];
    16 ArrayFill(ty: type_idx) "array.fill" [gc];
    17 ArrayCopy(dst: type_idx, src: type_idx) "array.copy" [gc];
    18 ArrayInitData(ty: type_idx, data: data) "array.init_data" [gc];
    19 ArrayInitElem(ty: type_idx, elem: elem) "array.init_elem" [gc];
    24 BrOnCast(cast: cast) "br_on_cast" [gc];
    25 BrOnCastFail(cast: cast) "br_on_cast_fail" [gc];
    26 AnyConvertExtern "any.convert_extern" [gc] constant;
    27 ExternConvertAny "extern.convert_any" [gc] constant;
    28 RefI31 "ref.i31" [gc] constant;
    29 I31GetS "i31.get_s" [gc];
    30 I31GetU "i31.get_u" [gc];
}
prefix_fc {
    8 MemoryInit(data: data, memory: memory_or_zero) "memory.init" [bulk_memory] => memory_init;
    9 DataDrop(data: data) "data.drop" [bulk_memory];
    10 MemoryCopy(dst: memory_or_zero, src: memory_or_zero) "memory.copy" [bulk_memory]
        => memory_copy;
    11 MemoryFill(memory: memory_or_zero) "memory.fill" [bulk_memory];
    12 TableInit(elem: elem, table: table_or_zero) "table.init" [bulk_memory] => table_init;
    13 ElemDrop(elem: elem) "elem.drop" [bulk_memory];
    14 TableCopy(dst: table_or_zero, src: table_or_zero) "table.copy" [bulk_memory] => table_copy;
    15 TableGrow(table: table) "table.grow" [reference_types];
    16 TableSize(table: table) "table.size" [reference_types];
    17 TableFill(table: table) "table.fill" [reference_types];
}
prefix_fd {
    12 V128Const(bytes: vector) "v128.const" [simd] constant;
    13 Shuffle(lanes: lanes) "i8x16.shuffle" [simd];
}
prefix_fe {
    0 AtomicNotify(memarg: memarg4) "memory.atomic.notify" [threads];
    1 AtomicWait32(memarg: memarg4) "memory.atomic.wait32" [threads];
    2 AtomicWait64(memarg: memarg8) "memory.atomic.wait64" [threads];
    3 AtomicFence "atomic.fence" [threads] reserved;
}
    } };
}

/// The type of an immediate.
macro_rules! imm {
    (block_type) => { BlockType };
    (heap_type) => { HeapType };
    (catches) => { Catches<'a> };
    (targets) => { BrTargets<'a> };
    (cast) => { CastBranch };
    (label) => { LabelIdx };
    (tag) => { TagIdx };
    (func) => { FuncIdx };
    (local) => { LocalIdx };
    (global) => { GlobalIdx };
    (type_idx) => { TypeIdx };
    (field) => { FieldIdx };
    (table) => { TableIdx };
    (table_or_zero) => { TableIdx };
    (memory_or_zero) => { MemIdx };
    (elem) => { ElemIdx };
    (data) => { DataIdx };
    (memarg4) => { MemArg };
    (memarg8) => { MemArg };
    (u32) => { u32 };
    (s32) => { i32 };
    (s64) => { i64 };
    (f32) => { u32 };
    (f64) => { u64 };
    (vector) => { [u8; 16] };
    (lanes) => { [u8; 16] };
}

/// Whether a flag is among those of a row.
macro_rules! flag {
    (constant in) => { false };
    (constant in constant $($rest:ident)*) => { true };
    (constant in $other:ident $($rest:ident)*) => { flag!(constant in $($rest)*) };
    (reserved in) => { false };
    (reserved in reserved $($rest:ident)*) => { true };
    (reserved in $other:ident $($rest:ident)*) => { flag!(reserved in $($rest)*) };
}
pub(crate) use {flag, for_each_instr, imm};
