//! A module for each proposal, which that proposal alone makes possible. Several tests read this
//! table: an engine with all others is to name it.

/// The name of a proposal, and a module in the text format, or its bytes in hex.
pub const PROPOSALS: &[(&str, &str)] = &[
    (
        "mutable-global",
        "(module (global (export \"g\") (mut i32) (i32.const 0)))",
    ),
    (
        "saturating-float-to-int",
        "(module (func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0))))",
    ),
    (
        "sign-extension",
        "(module (func (param i32) (result i32) (i32.extend8_s (local.get 0))))",
    ),
    ("multi-value", "(module (type (func (result i32 i32))))"),
    (
        "bulk-memory",
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
    ),
    ("reference-types", "(module (table 1 externref))"),
    ("simd", "(module (func (param v128)))"),
    (
        "relaxed-simd",
        "(module (func (param v128 v128) (result v128)
            (i8x16.relaxed_swizzle (local.get 0) (local.get 1))))",
    ),
    ("tail-call", "(module (func $f (return_call $f)))"),
    (
        "extended-const",
        "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
    ),
    (
        "function-references",
        "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))",
    ),
    ("gc", "(module (type (struct (field i32))))"),
    ("exceptions", "(module (tag))"),
    ("multi-memory", "(module (memory 1) (memory 1))"),
    ("memory64", "(module (memory i64 1))"),
    ("threads", "(module (memory 1 1 shared))"),
    (
        "wide-arithmetic",
        "(module (func (param i64 i64) (result i64 i64)
            (i64.mul_wide_u (local.get 0) (local.get 1))))",
    ),
    ("custom-page-sizes", "(module (memory 1 (pagesize 1)))"),
    (
        "compact-imports",
        // Types: [] -> []. Imports: of `m`, compactly, one function `f`.
        "00 61 73 6d 01 00 00 00  01 04 01 60 00 00  02 0a 01 01 6d 00 7f 01 01 66 00 00",
    ),
];

/// Other places where a proposal that is off is met: most end the decoding of the module.
pub const OTHER_PLACES: &[(&str, &str)] = &[
    (
        "mutable-global",
        "(module (import \"m\" \"g\" (global (mut i32))))",
    ),
    (
        "multi-value",
        "(module (func (i32.const 0) (block (param i32) (drop))))",
    ),
    ("bulk-memory", "(module (memory 1) (data \"passive\"))"),
    (
        "bulk-memory",
        "(module (memory 1) (data $d \"x\") (func (data.drop $d)))",
    ),
    (
        "reference-types",
        "(module (table 1 funcref) (table 1 funcref))",
    ),
    (
        "reference-types",
        "(module (func (result funcref) (ref.null func)))",
    ),
    (
        "reference-types",
        "(module (func (drop (select (result i32)
        (i32.const 1) (i32.const 2) (i32.const 3)))))",
    ),
    ("simd", "(module (func (drop (v128.const i64x2 0 0))))"),
    (
        "simd",
        "(module (func (block (result v128) (unreachable)) (drop)))",
    ),
    (
        "tail-call",
        "(module (type $t (func)) (table 1 funcref)
        (func (return_call_indirect (type $t) (i32.const 0))))",
    ),
    (
        "gc",
        "(module (rec (type $t (func (param (ref null $t))))))",
    ),
    (
        "gc",
        "(module (func (result i31ref) (ref.i31 (i32.const 0))))",
    ),
    (
        "gc",
        "(module (global $a i32 (i32.const 0)) (global i32 (global.get $a)))",
    ),
    ("exceptions", "(module (func (param exnref)))"),
    (
        "exceptions",
        "(module (func (block $l (try_table (catch_all $l)))))",
    ),
    (
        "multi-memory",
        "(module (memory 1) (memory $m 1) (func (drop (i32.load $m (i32.const 0)))))",
    ),
    ("memory64", "(module (table i64 1 funcref))"),
    (
        "memory64",
        "(module (import \"m\" \"m\" (memory i64 0x1_0000_0000)))",
    ),
    ("threads", "(module (func (atomic.fence)))"),
    (
        "custom-page-sizes",
        "(module (import \"m\" \"m\" (memory 1 (pagesize 1))))",
    ),
];
