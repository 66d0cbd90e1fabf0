//! Running a module on Limpid.

use limpid as engine;
use limpid::exec::Translation;
use limpid::{Config, Dispatch};

include!("run_body.rs");

/// An engine of that translation and dispatch.
///
/// # Panics
/// When the dispatch is not to be had here.
pub fn new(translation: Translation, dispatch: Dispatch) -> Engine {
    let mut config = Config::new();
    config.translation(translation).dispatch(dispatch);
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
    use limpid::Trap;
    if error.is::<engine::ThrownException>() {
        return Ending::Threw;
    }
    let Some(trap) = error.downcast_ref::<Trap>() else {
        return Ending::Failed(error.to_string());
    };
    Ending::Trapped(match trap {
        Trap::Unreachable => "unreachable",
        Trap::IntegerDivideByZero => "division by zero",
        Trap::IntegerOverflow => "integer overflow",
        Trap::InvalidConversionToInteger => "conversion",
        Trap::MemoryOutOfBounds => "memory",
        Trap::TableOutOfBounds | Trap::UndefinedElement => "table",
        Trap::UninitializedElement => "null element",
        Trap::IndirectCallTypeMismatch => "signature",
        Trap::NullFunctionReference
        | Trap::NullStructureReference
        | Trap::NullArrayReference
        | Trap::NullI31Reference
        | Trap::NullExceptionReference
        | Trap::NullReference => "null",
        Trap::CastFailure => "cast",
        Trap::ArrayOutOfBounds => "array",
        Trap::UnalignedAtomic => "unaligned",
        Trap::ExpectedSharedMemory => "not shared",
        Trap::StackOverflow | Trap::ArrayTooLarge | Trap::HeapExhausted => return Ending::Limit,
        _ => "other",
    })
}
