//! The code of an instruction sequence as lines: those of the text that the module was read from,
//! or else one line for each instruction. Knows nothing of how far validation has come.

use super::super::card;
use super::super::excerpt::nesting;
use super::record::Described;
use limpid::internals::binary::InstrReader;
use limpid::observe::display;
use limpid::observe::validation::{Place, Sequence};

/// Spaces that a tab is shown as.
const TAB: &str = "    ";

/// Most levels of indentation.
const DEEPEST: usize = 8;

/// The code of a sequence.
pub struct Code {
    place: Place,
    /// The offset of each instruction and its nesting.
    instrs: Vec<(u32, u16)>,
    text: Option<Text>,
}

/// The text that a module was read from.
struct Text {
    /// Its lines, safe to show.
    lines: Vec<String>,
    /// Line and column of each instruction of the sequence, from 0.
    places: Vec<(usize, usize)>,
}

/// A line of code.
pub struct Line {
    /// Whether the instruction at the cursor is on it.
    pub is_cursor: bool,
    /// The number of the line, or the offset of the instruction.
    pub margin: String,
    /// The line, safe to show.
    pub text: String,
    /// The column of the instruction at the cursor and the length of its word, in characters.
    pub word: Option<(usize, usize)>,
}

impl Code {
    /// Reads the instructions of a sequence, and where they are in the text if there is one.
    pub fn of(described: &Described<'_>, sequence: &Sequence<'_>) -> Code {
        let instrs = instrs(described, sequence);
        let text = text(described, sequence, instrs.len());
        Code {
            place: sequence.place,
            instrs,
            text,
        }
    }

    /// The number of instructions.
    pub fn len(&self) -> usize {
        self.instrs.len()
    }

    /// An instruction as text, by its number.
    pub fn instruction(&self, described: &Described<'_>, number: usize) -> Option<String> {
        let (offset, _) = self.instrs.get(number)?;
        let (module, features) = (described.module(), described.features);
        Some(card::instruction(
            module,
            features,
            Some(self.place),
            *offset,
        ))
    }

    /// The lines around the instruction `at`. It is at the cursor if there is one: behind the last
    /// instruction there is none.
    pub fn around(
        &self,
        described: &Described<'_>,
        at: usize,
        has_cursor: bool,
        height: usize,
    ) -> Vec<Line> {
        let Some(Text { lines, places }) = &self.text else {
            return self.listing(described, at, has_cursor, height);
        };
        let place = places.get(at).or(places.last());
        let (line, column) = place.copied().unwrap_or_default();
        let shown = window(line, lines.len(), height);
        let line_at = |number: usize| {
            let text = lines[number].clone();
            let is_cursor = has_cursor && number == line;
            Line {
                is_cursor,
                margin: (number + 1).to_string(),
                word: is_cursor.then(|| (column, word(&text, column))),
                text,
            }
        };
        shown.map(line_at).collect()
    }

    /// The same as a line for each instruction, whether there is a text or not.
    pub fn listing(
        &self,
        described: &Described<'_>,
        at: usize,
        has_cursor: bool,
        height: usize,
    ) -> Vec<Line> {
        let shown = window(at, self.len(), height);
        let line_at = |number: usize| {
            let (offset, depth) = self.instrs[number];
            let instr = self.instruction(described, number).unwrap_or_default();
            let indent = usize::from(depth).min(DEEPEST) * 2;
            let is_cursor = has_cursor && number == at;
            Line {
                is_cursor,
                margin: format!("{offset:#x}"),
                word: is_cursor.then(|| (indent, instr.chars().count())),
                text: format!("{:indent$}{instr}", ""),
            }
        };
        shown.map(line_at).collect()
    }
}

/// As many lines as there is room for, with one of them in the middle.
fn window(at: usize, len: usize, height: usize) -> std::ops::Range<usize> {
    let first = at
        .saturating_sub(height / 2)
        .min(len.saturating_sub(height));
    first..len.min(first + height)
}

/// The offset and the nesting of each instruction of a sequence.
fn instrs(described: &Described<'_>, sequence: &Sequence<'_>) -> Vec<(u32, u16)> {
    let range = &sequence.range;
    let bytes = described.module().slice(range);
    let mut reader = InstrReader::new(bytes, range.start, described.features);
    let mut depth = 0u16;
    let mut found = Vec::new();
    while !reader.at_end()
        && let Ok((offset, instr)) = reader.read()
    {
        let (before, after) = nesting(instr.mnemonic());
        depth = depth.saturating_sub(before as u16);
        found.push((offset, depth));
        depth = depth.saturating_add(after as u16);
    }
    found
}

/// The lines of the text, and line and column of each instruction. None for a binary.
fn text(described: &Described<'_>, sequence: &Sequence<'_>, count: usize) -> Option<Text> {
    let text = described.source.text.as_deref()?;
    let part = described.part(sequence);
    part?.at(text, 0)?;
    let raw: Vec<&str> = text.lines().collect();
    let mut places: Vec<(usize, usize)> = Vec::new();
    for number in 0..count {
        // What a text does not write is where the instruction before it is.
        let place = described
            .text_place(part, number)
            .and_then(|(line, column)| {
                let line = line as usize - 1;
                let before: String = raw.get(line)?.chars().take(column as usize - 1).collect();
                Some((line, shown(&before).chars().count()))
            });
        places.push(place.or(places.last().copied()).unwrap_or_default());
    }
    let lines = raw.into_iter().map(shown).collect();
    Some(Text { lines, places })
}

/// A line of a text, safe to show.
fn shown(line: &str) -> String {
    display::line(&line.trim_end_matches('\r').replace('\t', TAB)).into_owned()
}

/// How long the word at a column is, in characters.
fn word(text: &str, column: usize) -> usize {
    let rest = text.chars().skip(column);
    let is_inside = |letter: &char| !letter.is_whitespace() && !"();".contains(*letter);
    rest.take_while(is_inside).count().max(1)
}
