//! The tables of instructions with a memory argument and of lane instructions
//! (spec: syntax/instructions, memory and vector instructions).
//!
//! A load or store row reads: opcode, variant, mnemonic, value type, bytes in memory (also the
//! natural alignment). A lane row ends in its number of lanes and its function of `num`.

/// Hands every load (memory to operand) to the macro `$with`.
macro_rules! for_each_load {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
            0x28 I32Load "i32.load" I32 4;
            0x29 I64Load "i64.load" I64 8;
            0x2A F32Load "f32.load" F32 4;
            0x2B F64Load "f64.load" F64 8;
            0x2C I32Load8S "i32.load8_s" I32 1;
            0x2D I32Load8U "i32.load8_u" I32 1;
            0x2E I32Load16S "i32.load16_s" I32 2;
            0x2F I32Load16U "i32.load16_u" I32 2;
            0x30 I64Load8S "i64.load8_s" I64 1;
            0x31 I64Load8U "i64.load8_u" I64 1;
            0x32 I64Load16S "i64.load16_s" I64 2;
            0x33 I64Load16U "i64.load16_u" I64 2;
            0x34 I64Load32S "i64.load32_s" I64 4;
            0x35 I64Load32U "i64.load32_u" I64 4;
            0xFD_0000 V128Load "v128.load" V128 16;
            0xFD_0001 V128Load8x8S "v128.load8x8_s" V128 8;
            0xFD_0002 V128Load8x8U "v128.load8x8_u" V128 8;
            0xFD_0003 V128Load16x4S "v128.load16x4_s" V128 8;
            0xFD_0004 V128Load16x4U "v128.load16x4_u" V128 8;
            0xFD_0005 V128Load32x2S "v128.load32x2_s" V128 8;
            0xFD_0006 V128Load32x2U "v128.load32x2_u" V128 8;
            0xFD_0007 V128Load8Splat "v128.load8_splat" V128 1;
            0xFD_0008 V128Load16Splat "v128.load16_splat" V128 2;
            0xFD_0009 V128Load32Splat "v128.load32_splat" V128 4;
            0xFD_000A V128Load64Splat "v128.load64_splat" V128 8;
            0xFD_005C V128Load32Zero "v128.load32_zero" V128 4;
            0xFD_005D V128Load64Zero "v128.load64_zero" V128 8;
        }
    };
}

/// Hands every store (operand to memory) to the macro `$with`.
macro_rules! for_each_store {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
            0x36 I32Store "i32.store" I32 4;
            0x37 I64Store "i64.store" I64 8;
            0x38 F32Store "f32.store" F32 4;
            0x39 F64Store "f64.store" F64 8;
            0x3A I32Store8 "i32.store8" I32 1;
            0x3B I32Store16 "i32.store16" I32 2;
            0x3C I64Store8 "i64.store8" I64 1;
            0x3D I64Store16 "i64.store16" I64 2;
            0x3E I64Store32 "i64.store32" I64 4;
            0xFD_000B V128Store "v128.store" V128 16;
        }
    };
}

/// Hands every lane load and lane store to the macro `$with`; the fourth column says which.
macro_rules! for_each_lane_memory {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
            0xFD_0054 V128Load8Lane "v128.load8_lane" load 1;
            0xFD_0055 V128Load16Lane "v128.load16_lane" load 2;
            0xFD_0056 V128Load32Lane "v128.load32_lane" load 4;
            0xFD_0057 V128Load64Lane "v128.load64_lane" load 8;
            0xFD_0058 V128Store8Lane "v128.store8_lane" store 1;
            0xFD_0059 V128Store16Lane "v128.store16_lane" store 2;
            0xFD_005A V128Store32Lane "v128.store32_lane" store 4;
            0xFD_005B V128Store64Lane "v128.store64_lane" store 8;
        }
    };
}

/// Hands every extract and replace lane instruction to the macro `$with`.
macro_rules! for_each_lane {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
            0xFD_0015 I8x16ExtractLaneS "i8x16.extract_lane_s" (V128) -> (I32) 16 i8x16_extract_lane_s;
            0xFD_0016 I8x16ExtractLaneU "i8x16.extract_lane_u" (V128) -> (I32) 16 i8x16_extract_lane_u;
            0xFD_0017 I8x16ReplaceLane "i8x16.replace_lane" (V128 I32) -> (V128) 16 i8x16_replace_lane;
            0xFD_0018 I16x8ExtractLaneS "i16x8.extract_lane_s" (V128) -> (I32) 8 i16x8_extract_lane_s;
            0xFD_0019 I16x8ExtractLaneU "i16x8.extract_lane_u" (V128) -> (I32) 8 i16x8_extract_lane_u;
            0xFD_001A I16x8ReplaceLane "i16x8.replace_lane" (V128 I32) -> (V128) 8 i16x8_replace_lane;
            0xFD_001B I32x4ExtractLane "i32x4.extract_lane" (V128) -> (I32) 4 i32x4_extract_lane;
            0xFD_001C I32x4ReplaceLane "i32x4.replace_lane" (V128 I32) -> (V128) 4 i32x4_replace_lane;
            0xFD_001D I64x2ExtractLane "i64x2.extract_lane" (V128) -> (I64) 2 i64x2_extract_lane;
            0xFD_001E I64x2ReplaceLane "i64x2.replace_lane" (V128 I64) -> (V128) 2 i64x2_replace_lane;
            0xFD_001F F32x4ExtractLane "f32x4.extract_lane" (V128) -> (F32) 4 f32x4_extract_lane;
            0xFD_0020 F32x4ReplaceLane "f32x4.replace_lane" (V128 F32) -> (V128) 4 f32x4_replace_lane;
            0xFD_0021 F64x2ExtractLane "f64x2.extract_lane" (V128) -> (F64) 2 f64x2_extract_lane;
            0xFD_0022 F64x2ReplaceLane "f64x2.replace_lane" (V128 F64) -> (V128) 2 f64x2_replace_lane;
        }
    };
}

/// Hands every atomic access to the macro `$with`: opcode, variant, mnemonic, shape, type, bytes.
macro_rules! for_each_atomic {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
            0xFE_0010 I32AtomicLoad "i32.atomic.load" load I32 4;
            0xFE_0011 I64AtomicLoad "i64.atomic.load" load I64 8;
            0xFE_0012 I32AtomicLoad8U "i32.atomic.load8_u" load I32 1;
            0xFE_0013 I32AtomicLoad16U "i32.atomic.load16_u" load I32 2;
            0xFE_0014 I64AtomicLoad8U "i64.atomic.load8_u" load I64 1;
            0xFE_0015 I64AtomicLoad16U "i64.atomic.load16_u" load I64 2;
            0xFE_0016 I64AtomicLoad32U "i64.atomic.load32_u" load I64 4;
            0xFE_0017 I32AtomicStore "i32.atomic.store" store I32 4;
            0xFE_0018 I64AtomicStore "i64.atomic.store" store I64 8;
            0xFE_0019 I32AtomicStore8 "i32.atomic.store8" store I32 1;
            0xFE_001A I32AtomicStore16 "i32.atomic.store16" store I32 2;
            0xFE_001B I64AtomicStore8 "i64.atomic.store8" store I64 1;
            0xFE_001C I64AtomicStore16 "i64.atomic.store16" store I64 2;
            0xFE_001D I64AtomicStore32 "i64.atomic.store32" store I64 4;
            0xFE_001E I32AtomicRmwAdd "i32.atomic.rmw.add" rmw I32 4;
            0xFE_001F I64AtomicRmwAdd "i64.atomic.rmw.add" rmw I64 8;
            0xFE_0020 I32AtomicRmw8AddU "i32.atomic.rmw8.add_u" rmw I32 1;
            0xFE_0021 I32AtomicRmw16AddU "i32.atomic.rmw16.add_u" rmw I32 2;
            0xFE_0022 I64AtomicRmw8AddU "i64.atomic.rmw8.add_u" rmw I64 1;
            0xFE_0023 I64AtomicRmw16AddU "i64.atomic.rmw16.add_u" rmw I64 2;
            0xFE_0024 I64AtomicRmw32AddU "i64.atomic.rmw32.add_u" rmw I64 4;
            0xFE_0025 I32AtomicRmwSub "i32.atomic.rmw.sub" rmw I32 4;
            0xFE_0026 I64AtomicRmwSub "i64.atomic.rmw.sub" rmw I64 8;
            0xFE_0027 I32AtomicRmw8SubU "i32.atomic.rmw8.sub_u" rmw I32 1;
            0xFE_0028 I32AtomicRmw16SubU "i32.atomic.rmw16.sub_u" rmw I32 2;
            0xFE_0029 I64AtomicRmw8SubU "i64.atomic.rmw8.sub_u" rmw I64 1;
            0xFE_002A I64AtomicRmw16SubU "i64.atomic.rmw16.sub_u" rmw I64 2;
            0xFE_002B I64AtomicRmw32SubU "i64.atomic.rmw32.sub_u" rmw I64 4;
            0xFE_002C I32AtomicRmwAnd "i32.atomic.rmw.and" rmw I32 4;
            0xFE_002D I64AtomicRmwAnd "i64.atomic.rmw.and" rmw I64 8;
            0xFE_002E I32AtomicRmw8AndU "i32.atomic.rmw8.and_u" rmw I32 1;
            0xFE_002F I32AtomicRmw16AndU "i32.atomic.rmw16.and_u" rmw I32 2;
            0xFE_0030 I64AtomicRmw8AndU "i64.atomic.rmw8.and_u" rmw I64 1;
            0xFE_0031 I64AtomicRmw16AndU "i64.atomic.rmw16.and_u" rmw I64 2;
            0xFE_0032 I64AtomicRmw32AndU "i64.atomic.rmw32.and_u" rmw I64 4;
            0xFE_0033 I32AtomicRmwOr "i32.atomic.rmw.or" rmw I32 4;
            0xFE_0034 I64AtomicRmwOr "i64.atomic.rmw.or" rmw I64 8;
            0xFE_0035 I32AtomicRmw8OrU "i32.atomic.rmw8.or_u" rmw I32 1;
            0xFE_0036 I32AtomicRmw16OrU "i32.atomic.rmw16.or_u" rmw I32 2;
            0xFE_0037 I64AtomicRmw8OrU "i64.atomic.rmw8.or_u" rmw I64 1;
            0xFE_0038 I64AtomicRmw16OrU "i64.atomic.rmw16.or_u" rmw I64 2;
            0xFE_0039 I64AtomicRmw32OrU "i64.atomic.rmw32.or_u" rmw I64 4;
            0xFE_003A I32AtomicRmwXor "i32.atomic.rmw.xor" rmw I32 4;
            0xFE_003B I64AtomicRmwXor "i64.atomic.rmw.xor" rmw I64 8;
            0xFE_003C I32AtomicRmw8XorU "i32.atomic.rmw8.xor_u" rmw I32 1;
            0xFE_003D I32AtomicRmw16XorU "i32.atomic.rmw16.xor_u" rmw I32 2;
            0xFE_003E I64AtomicRmw8XorU "i64.atomic.rmw8.xor_u" rmw I64 1;
            0xFE_003F I64AtomicRmw16XorU "i64.atomic.rmw16.xor_u" rmw I64 2;
            0xFE_0040 I64AtomicRmw32XorU "i64.atomic.rmw32.xor_u" rmw I64 4;
            0xFE_0041 I32AtomicRmwXchg "i32.atomic.rmw.xchg" rmw I32 4;
            0xFE_0042 I64AtomicRmwXchg "i64.atomic.rmw.xchg" rmw I64 8;
            0xFE_0043 I32AtomicRmw8XchgU "i32.atomic.rmw8.xchg_u" rmw I32 1;
            0xFE_0044 I32AtomicRmw16XchgU "i32.atomic.rmw16.xchg_u" rmw I32 2;
            0xFE_0045 I64AtomicRmw8XchgU "i64.atomic.rmw8.xchg_u" rmw I64 1;
            0xFE_0046 I64AtomicRmw16XchgU "i64.atomic.rmw16.xchg_u" rmw I64 2;
            0xFE_0047 I64AtomicRmw32XchgU "i64.atomic.rmw32.xchg_u" rmw I64 4;
            0xFE_0048 I32AtomicRmwCmpxchg "i32.atomic.rmw.cmpxchg" cmpxchg I32 4;
            0xFE_0049 I64AtomicRmwCmpxchg "i64.atomic.rmw.cmpxchg" cmpxchg I64 8;
            0xFE_004A I32AtomicRmw8CmpxchgU "i32.atomic.rmw8.cmpxchg_u" cmpxchg I32 1;
            0xFE_004B I32AtomicRmw16CmpxchgU "i32.atomic.rmw16.cmpxchg_u" cmpxchg I32 2;
            0xFE_004C I64AtomicRmw8CmpxchgU "i64.atomic.rmw8.cmpxchg_u" cmpxchg I64 1;
            0xFE_004D I64AtomicRmw16CmpxchgU "i64.atomic.rmw16.cmpxchg_u" cmpxchg I64 2;
            0xFE_004E I64AtomicRmw32CmpxchgU "i64.atomic.rmw32.cmpxchg_u" cmpxchg I64 4;
        }
    };
}

pub(crate) use {
    for_each_atomic, for_each_lane, for_each_lane_memory, for_each_load, for_each_store,
};
