//! Running a module on wasmtime, set up as deterministic as Limpid is.

use wasmtime as engine;

include!("run_body.rs");

/// An engine with every feature that Limpid has on by default.
pub fn new() -> Engine {
    let mut config = wasmtime::Config::new();
    config
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true)
        .wasm_gc(true)
        .wasm_function_references(true)
        .wasm_exceptions(true)
        .wasm_tail_call(true)
        .wasm_memory64(true)
        .wasm_multi_memory(true)
        .wasm_extended_const(true)
        .wasm_relaxed_simd(true)
        .wasm_wide_arithmetic(true)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_init_cow(false);
    Engine::new(&config).expect("the configuration is supported")
}

fn prepare(_: &mut Store<()>) {}

/// An argument of a type; `None` when there is none to give.
fn argument(ty: &engine::ValType) -> Option<Val> {
    Some(match ty {
        engine::ValType::I32 => Val::I32(0x1234_5678),
        engine::ValType::I64 => Val::I64(-7),
        engine::ValType::F32 => Val::F32(1.5f32.to_bits()),
        engine::ValType::F64 => Val::F64((-0.0f64).to_bits()),
        engine::ValType::V128 => Val::V128(0x0102_0304_0506_0708_u128.into()),
        engine::ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
        engine::ValType::Ref(_) => return None,
    })
}

fn ending(error: &engine::Error) -> Ending {
    use wasmtime::Trap;
    if error.is::<wasmtime::ThrownException>() {
        return Ending::Threw;
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return Ending::Failed(error.to_string());
    };
    Ending::Trapped(match trap {
        Trap::UnreachableCodeReached => "unreachable",
        Trap::IntegerDivisionByZero => "division by zero",
        Trap::IntegerOverflow => "integer overflow",
        Trap::BadConversionToInteger => "conversion",
        Trap::MemoryOutOfBounds => "memory",
        Trap::TableOutOfBounds => "table",
        Trap::IndirectCallToNull => "null element",
        Trap::BadSignature => "signature",
        Trap::NullReference => "null",
        Trap::CastFailure => "cast",
        Trap::ArrayOutOfBounds => "array",
        Trap::HeapMisaligned => "unaligned",
        Trap::AtomicWaitNonSharedMemory => "not shared",
        Trap::StackOverflow | Trap::AllocationTooLarge => return Ending::Limit,
        _ => "other",
    })
}
