//! A few lines around a place: of instructions, of a text, of bytes, with carets under what is
//! meant.

use super::screen::{DIM, ERROR, styled};
use limpid::Features;
use limpid::internals::binary::InstrReader;
use limpid::internals::syntax::{Instr, Module};
use limpid::observe::display;
use limpid::observe::validation::{Place, Sequence};
use std::fmt::Write;

/// Instructions shown before the one that is wrong.
const BEFORE: usize = 4;

/// Bytes of a line of bytes.
const ROW: usize = 16;

/// Characters of a line of text shown before a place, and behind it.
const AROUND: usize = 90;

/// The instruction at an offset of a sequence, with those before it, and carets under it.
pub fn instructions(
    module: &Module,
    sequence: &Sequence<'_>,
    features: &Features,
    offset: u32,
) -> Option<String> {
    let func = match sequence.place {
        Place::Func(func) => Some(func.0),
        Place::Table(_)
        | Place::Global(_)
        | Place::ElemOffset(_)
        | Place::Elem(..)
        | Place::DataOffset(_) => None,
    };
    let range = &sequence.range;
    let mut reader = InstrReader::new(module.slice(range), range.start, features);
    // Only what is shown is kept and becomes text: there may be millions.
    let mut latest = [(0u32, 0usize); BEFORE + 1];
    let (mut count, mut depth) = (0usize, 1usize);
    loop {
        let (at, instr) = reader.read().ok()?;
        let (before, after) = nesting_of(&instr);
        depth = depth.saturating_sub(before);
        latest[count % latest.len()] = (at, depth);
        count += 1;
        if at == offset {
            break;
        }
        if at > offset || reader.at_end() {
            return None;
        }
        depth += after;
    }
    let mut lines: Vec<String> = Vec::new();
    let mut carets = String::new();
    for number in count.saturating_sub(latest.len())..count {
        let (at, depth) = latest[number % latest.len()];
        let bytes = module.slice(&(at..range.end));
        let (_, instr) = InstrReader::new(bytes, at, features).read().ok()?;
        let margin = format!("{at:#8x}  {}", "  ".repeat(depth.min(12)));
        let text = instr.text(&module.names, func).to_string();
        let text = display::line(&text).into_owned();
        carets = under(margin.len(), text.chars().count());
        lines.push(format!("  {} {margin}{text}", styled(DIM, "|")));
    }
    lines.push(format!("  {} {carets}", styled(DIM, "|")));
    Some(lines.join("\n"))
}

/// The line of a text that holds an offset, with carets under so many characters there.
pub fn text_line(text: &str, at: usize, line: u32, count: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |start| start + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    // A tab is one column, so that carets are under what they mean.
    let plain =
        |part: &str| display::whole(&part.replace('\t', " ").replace('\r', "")).into_owned();
    let before: Vec<char> = text[start..at].chars().collect();
    let cut = before.len().saturating_sub(AROUND);
    let before: String = before[cut..].iter().collect();
    let after: String = text[at..end].chars().take(AROUND).collect();
    let (dots, before) = (if cut > 0 { "…" } else { "" }, plain(&before));
    let more = if text[at..end].chars().nth(AROUND).is_some() {
        "…"
    } else {
        ""
    };
    let number = line.to_string();
    let (space, bar) = (" ".repeat(number.len()), styled(DIM, "|"));
    let carets = under(
        dots.chars().count() + before.chars().count(),
        count.clamp(1, AROUND),
    );
    format!(
        "{} {bar} {dots}{before}{}{more}\n{space} {bar} {carets}",
        styled(DIM, &number),
        plain(&after)
    )
}

/// Carets under so many characters behind a margin.
fn under(margin: usize, count: usize) -> String {
    let carets = "^".repeat(count);
    format!("{}{}", " ".repeat(margin), styled(ERROR, carets))
}

/// How an instruction changes nesting: before it is shown, and after.
pub fn nesting(mnemonic: &str) -> (usize, usize) {
    match mnemonic {
        "block" | "loop" | "if" | "try_table" => (0, 1),
        "else" => (1, 1),
        "end" => (1, 0),
        // The others stand alone.
        _ => (0, 0),
    }
}

/// The same for an instruction.
fn nesting_of(instr: &Instr<'_>) -> (usize, usize) {
    match instr {
        Instr::Block(_) | Instr::Loop(_) | Instr::If(_) | Instr::TryTable(..) => (0, 1),
        Instr::Else => (1, 1),
        Instr::End => (1, 0),
        _ => (0, 0), // The others stand alone.
    }
}

/// The bytes around an offset, and carets under the one there.
pub fn bytes(bytes: &[u8], offset: u32) -> String {
    let offset = offset as usize;
    let start = offset / ROW * ROW;
    let mut text = String::new();
    for row in [start.wrapping_sub(ROW), start] {
        let Some(rest) = bytes.get(row..) else {
            continue;
        };
        let _ = write!(text, "  {} {row:#8x} ", styled(DIM, "|"));
        for byte in rest.iter().take(ROW) {
            let _ = write!(text, " {byte:02x}");
        }
        text.push('\n');
    }
    let space = " ".repeat(10 + (offset - start) * 3);
    let _ = write!(
        text,
        "  {} {space}{}",
        styled(DIM, "|"),
        styled(ERROR, "^^")
    );
    text
}
