//! Our features in wasmparser's words.

use limpid::internals::syntax::Features;
use wasmparser::WasmFeatures;

const FLAGS: &[(&str, WasmFeatures)] = &[
    ("mutable-global", WasmFeatures::MUTABLE_GLOBAL),
    (
        "saturating-float-to-int",
        WasmFeatures::SATURATING_FLOAT_TO_INT,
    ),
    ("sign-extension", WasmFeatures::SIGN_EXTENSION),
    ("multi-value", WasmFeatures::MULTI_VALUE),
    ("bulk-memory", WasmFeatures::BULK_MEMORY),
    (
        "reference-types",
        WasmFeatures::REFERENCE_TYPES.union(WasmFeatures::CALL_INDIRECT_OVERLONG),
    ),
    ("simd", WasmFeatures::SIMD),
    ("relaxed-simd", WasmFeatures::RELAXED_SIMD),
    ("tail-call", WasmFeatures::TAIL_CALL),
    ("extended-const", WasmFeatures::EXTENDED_CONST),
    ("function-references", WasmFeatures::FUNCTION_REFERENCES),
    ("gc", WasmFeatures::GC),
    ("exceptions", WasmFeatures::EXCEPTIONS),
    ("multi-memory", WasmFeatures::MULTI_MEMORY),
    ("memory64", WasmFeatures::MEMORY64),
    ("threads", WasmFeatures::THREADS),
    ("wide-arithmetic", WasmFeatures::WIDE_ARITHMETIC),
    ("custom-page-sizes", WasmFeatures::CUSTOM_PAGE_SIZES),
    ("compact-imports", WasmFeatures::COMPACT_IMPORTS),
];

/// The same features, each set explicitly: what wasmparser's default is does not matter.
///
/// # Panics
/// When we have a feature that is not listed here.
pub fn of_wasmparser(features: &Features) -> WasmFeatures {
    // These are no proposals of their own: floats, and types that need a collector at all.
    let mut flags = WasmFeatures::FLOATS | WasmFeatures::GC_TYPES;
    for name in Features::NAMES {
        let flag = FLAGS.iter().find(|flag| flag.0 == *name);
        let (_, flag) = flag.unwrap_or_else(|| panic!("{name} is not listed"));
        if features.get(name) == Some(true) {
            flags |= *flag;
        }
    }
    flags
}
