//! An error of the library as programs are told of it.

use super::outcome::{Cause, FrameReport, MemoryReport, SourceReport, Status, TrapReport};
use super::{frames, lines};
use limpid::observe::display;
use limpid::wasi::I32Exit;
use limpid::{Error, FrameInfo, MemoryFault, ThrownException, Trap, WasmBacktrace};

/// Returns what an error says.
pub fn of(error: &Error) -> Cause {
    let mut cause = Cause::new(error.code());
    cause.status = match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => Status::Fuel,
        Some(Trap::Interrupt) => Status::Timeout,
        Some(_) => Status::Trap,
        None if error.is::<ThrownException>() => Status::Exception,
        None if error.is::<I32Exit>() => Status::Exit,
        None => Status::Error,
    };
    cause.guest_exit = error.downcast_ref::<I32Exit>().map(|exit| exit.0);
    if !matches!(cause.status, Status::Exit | Status::Error) {
        cause.trap = Some(trap_report(error));
    }
    cause
}

fn trap_report(error: &Error) -> TrapReport {
    let fault = error.downcast_ref::<MemoryFault>();
    let backtrace = error.downcast_ref::<WasmBacktrace>();
    let stack = backtrace.map_or(&[][..], WasmBacktrace::frames);
    let is_limit = matches!(
        error.downcast_ref::<Trap>(),
        Some(Trap::OutOfFuel | Trap::Interrupt | Trap::GrowRefused | Trap::HeapExhausted)
    );
    let instruction = stack
        .first()
        .filter(|_| !is_limit)
        .and_then(frames::instruction);
    TrapReport {
        code: error.code(),
        message: display::line(&format!("{error:#}")).into_owned(),
        rule: instruction.map(|mnemonic| format!("exec/instructions, {mnemonic}")),
        memory: fault.map(|fault| MemoryReport {
            index: fault.memory,
            size: fault.size,
            address: format!("{:#x}", fault.address),
            bytes: fault.bytes,
        }),
        backtrace: stack.iter().map(frame_report).collect(),
    }
}

fn frame_report(frame: &FrameInfo) -> FrameReport {
    let text = |text: &str| display::name(text).into_owned();
    let source = frame.symbols().iter().map(|symbol| SourceReport {
        name: symbol.name().map(text),
        file: symbol.file().map(text),
        line: symbol.line(),
        column: symbol.column(),
    });
    let text_place = lines::of(frame).map(|place| SourceReport {
        name: frame.func_name().map(text),
        file: Some(place.file),
        line: Some(place.line),
        column: Some(place.column),
    });
    FrameReport {
        module: frame.module().name().map(text),
        index: frame.func_index(),
        name: frames::function(frame),
        offset: frame.module_offset(),
        source: source.chain(text_place).collect(),
    }
}
