//! The frames of a backtrace as text.

use super::lines::{self, Place};
use super::listing;
use super::screen::{DIM, NAME, styled};
use limpid::internals::binary::InstrReader;
use limpid::internals::syntax::Count;
use limpid::observe::display;
use limpid::{Error, FrameInfo, FrameSymbol, Module, WasmBacktrace};

/// Most frames of a backtrace.
pub const FRAMES: usize = 100;

/// The guest's stack, innermost first.
pub fn backtrace(error: &Error) -> String {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return String::new();
    };
    backtrace.resolve();
    let frames = backtrace.frames();
    let mut lines = Vec::new();
    let mut at = 0;
    while at < frames.len() {
        let (period, more) = repeats(frames.len() - at, |a, b| {
            are_same(&frames[at + a], &frames[at + b])
        });
        let shown = frames.iter().enumerate().skip(at).take(period);
        lines.extend(shown.map(|(place, frame)| line(place, frame)));
        if more > 0 {
            let what = match period {
                1 => "the same".to_owned(),
                _ => format!("the same {}", Count(period, "frame")),
            };
            let times = match more {
                1 => "once".to_owned(),
                _ => Count(more, "time").to_string(),
            };
            lines.push(styled(DIM, format_args!("       {what} {times} more")));
        }
        at += period * (more + 1);
    }
    if backtrace.frames().len() == FRAMES {
        lines.push(styled(
            DIM,
            format_args!("       and callers that are left out"),
        ));
    }
    lines.join("\n")
}

/// How a list of frames begins: with how many that repeat, and how many more times they do. Of all
/// periods it is the one that covers most, and the shortest of these.
fn repeats(len: usize, same: impl Fn(usize, usize) -> bool) -> (usize, usize) {
    let mut best = (1, 0);
    for period in 1..=len / 2 {
        let equal = (period..len).take_while(|&place| same(place, place - period));
        let more = equal.count() / period;
        if period * more > best.0 * best.1 {
            best = (period, more);
        }
    }
    best
}

/// Whether one is a call of the other from the same place.
fn are_same(a: &FrameInfo, b: &FrameInfo) -> bool {
    let place = |frame: &FrameInfo| (frame.func_index(), frame.module_offset());
    place(a) == place(b) && Module::same(a.module(), b.module())
}

/// The mnemonic of the instruction that a frame is at.
pub fn instruction(frame: &FrameInfo) -> Option<&'static str> {
    let (module, at) = (frame.module(), frame.module_offset()?);
    let bytes = module.syntax().bytes.get(at..)?;
    let features = module.engine().config().features();
    let mut reader = InstrReader::new(bytes, u32::try_from(at).ok()?, features);
    reader.read().ok().map(|(_, instr)| instr.mnemonic())
}

/// A frame; a line for each function that was inlined there, and one for the function itself.
fn line(place: usize, frame: &FrameInfo) -> String {
    let offset = match frame.module_offset() {
        Some(offset) => format!("{offset:#x}"),
        None => "?".to_owned(),
    };
    let mut text = format!("  {place:>3}: {}", styled(DIM, format_args!("{offset:>8}")));
    let (own, inlined) = match frame.symbols().split_last() {
        Some((own, inlined)) => (Some(own), inlined),
        None => (None, &[][..]),
    };
    for symbol in inlined {
        let name = symbol.name().unwrap_or("?");
        let at = source(symbol).unwrap_or_default();
        text += &format!(
            " {}{}\n{:14}",
            styled(NAME, display::name(name)),
            styled(DIM, format_args!("{at}  inlined into")),
            ""
        );
    }
    let at = own.and_then(source).or_else(|| {
        let Place { file, line, column } = lines::of(frame)?;
        Some(format!("  at {file}:{line}:{column}"))
    });
    let at = at.unwrap_or_default();
    let module = match frame.module().name() {
        Some(name) => format!("  in {}", display::name(name)),
        None => String::new(),
    };
    let func = styled(NAME, function(frame));
    text + &format!(" {func}{}", styled(DIM, format_args!("{at}{module}")))
}

/// A frame's function, by the name section or debug information.
pub fn function(frame: &FrameInfo) -> String {
    let symbol = frame.symbols().last().and_then(FrameSymbol::name);
    match (frame.func_name(), symbol) {
        (None, Some(name)) => display::name(name).into_owned(),
        _ => listing::func(frame.module().syntax(), frame.func_index()),
    }
}

/// `at file:line:column`.
fn source(symbol: &FrameSymbol) -> Option<String> {
    let mut text = format!("  at {}", display::name(symbol.file()?));
    for number in [symbol.line(), symbol.column()].iter().flatten() {
        text += &format!(":{number}");
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::repeats;

    fn check(frames: &str, expected: (usize, usize)) {
        let bytes = frames.as_bytes();
        let found = repeats(bytes.len(), |a, b| bytes[a] == bytes[b]);
        assert_eq!(found, expected, "{frames}");
    }

    #[test]
    fn frames_that_repeat_are_found() {
        check("a", (1, 0));
        check("abc", (1, 0));
        check("aab", (1, 1));
        check("aaaab", (1, 3));
        check("ababab", (2, 2));
        check("abababa", (2, 2));
        check("abcabcabcd", (3, 2));
        check("aabaab", (3, 1));
        check("abcd", (1, 0));
    }
}
