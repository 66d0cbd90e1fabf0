//! Running a module on Limpid.

use limpid as engine;
use limpid::internals::exec::Translation;
use limpid::{Config, Dispatch};

include!("run_body.rs");

/// An engine of that translation and dispatch.
///
/// # Panics
/// When the dispatch is unavailable here.
pub fn new(translation: Translation, dispatch: Dispatch) -> Engine {
    of(translation, dispatch, |config| config)
}

/// The same with further settings.
///
/// # Panics
/// When the dispatch is unavailable here.
pub fn of(
    translation: Translation,
    dispatch: Dispatch,
    set: impl Fn(&mut Config) -> &mut Config,
) -> Engine {
    let mut config = Config::new();
    config.translation(translation).dispatch(dispatch);
    let engine = Engine::new(set(&mut config)).expect("the configuration is supported");
    assert_eq!(
        engine.dispatch(),
        dispatch,
        "the dispatch is to be had here"
    );
    engine
}

fn ending(error: &engine::Error) -> Ending {
    use limpid::Trap;
    if error.is::<engine::ThrownException>() {
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
        Trap::StackOverflow | Trap::ArrayTooLarge | Trap::HeapExhausted | Trap::OutOfFuel => {
            return Ending::Limit;
        }
        _ => "other",
    })
}
