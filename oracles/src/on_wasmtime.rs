//! Running a module on wasmtime, set up as deterministic as Limpid is.

use wasmtime as engine;

include!("run_body.rs");

/// An engine with every feature that Limpid has on by default; one that charges fuel, or not.
///
/// # Panics
/// When this build of wasmtime lacks a feature.
pub fn new(fuel: bool) -> Engine {
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
        .consume_fuel(fuel)
        .memory_reservation(0)
        .memory_guard_size(0)
        .memory_init_cow(false);
    Engine::new(&config).expect("the configuration is supported")
}

/// Runs a module beside a run of ours. Where the two differ, relaxed dot products are spelled out
/// as the deterministic profile has them, which changes them for one input only.
pub fn run_beside(engine: &Engine, bytes: &[u8], ours: &Outcome) -> Outcome {
    let theirs = run(engine, bytes);
    if theirs.agrees(ours) {
        return theirs;
    }
    match crate::relaxed::spelled_out(bytes) {
        Some(spelled_out) => run(engine, &spelled_out),
        None => theirs,
    }
}

fn ending(error: &engine::Error) -> Ending {
    use wasmtime::Trap;
    if error.is::<wasmtime::ThrownException>() {
        return Ending::Threw(Vec::new());
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        // An error of the host, perhaps below the engine's backtrace.
        let text = format!("{error:?}");
        return match text.contains(NO_RESULT) {
            true => Ending::Trapped("host"),
            false => Ending::Failed(text),
        };
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
        Trap::StackOverflow | Trap::AllocationTooLarge | Trap::OutOfFuel => return Ending::Limit,
        _ => "other",
    })
}
