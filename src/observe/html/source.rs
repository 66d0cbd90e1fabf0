//! The texts that modules were read from: their lines, as a page may show them, and where in them
//! the instructions of functions are. Knows nothing of how a text is read.

use super::text::{json, list};
use crate::exec::Program;
use crate::observe::display;
use crate::syntax::FuncIdx;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Write;

/// Spaces that stand for a tab.
const TAB: &str = "    ";

/// A text that a module was read from.
#[derive(Debug)]
pub struct SourceText {
    text: String,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// Where an instruction is: the line, the column, and the length of its word. Columns and lengths
/// are counted as a browser counts characters, in units of UTF-16.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Spot {
    line: usize,
    column: usize,
    len: usize,
}

/// Finds the text of a function: its number in a list, and byte offsets of instructions in the
/// module beside byte offsets in the text.
pub type FindText<'f> = &'f dyn Fn(&Arc<Program>, FuncIdx) -> Option<(usize, Vec<(u32, usize)>)>;

/// The texts that the modules of a run were read from.
pub struct Texts<'t> {
    /// The texts.
    pub list: &'t [SourceText],
    /// Finds the text of a function.
    pub find: FindText<'t>,
}

impl core::fmt::Debug for Texts<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Texts").field("list", &self.list).finish()
    }
}

impl Texts<'static> {
    /// Holds no text: all modules were read from binaries.
    pub const NONE: Texts<'static> = Texts {
        list: &[],
        find: &|_, _| None,
    };
}

impl SourceText {
    /// Keeps a text.
    pub fn new(text: &str) -> SourceText {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        SourceText {
            text: text.into(),
            starts: [0].into_iter().chain(ends).collect(),
        }
    }

    /// Where the word at a byte offset is.
    pub(super) fn spot(&self, at: usize) -> Option<Spot> {
        let line = self.starts.partition_point(|start| *start <= at) - 1;
        let before = self.text.get(self.starts[line]..at)?;
        let rest = self.text.get(at..)?;
        // A parenthesis that closes a field stands for its `end`.
        let is_end =
            |(_, letter): &(usize, char)| letter.is_whitespace() || "();".contains(*letter);
        let len = rest.char_indices().skip(1).find(is_end);
        let word = &rest[..len.map_or(rest.len(), |(at, _)| at)];
        let word = if word.starts_with([')', '(']) {
            &word[..1]
        } else {
            word
        };
        Some(Spot {
            line,
            column: units(before),
            len: units(word),
        })
    }

    fn lines(&self) -> impl Iterator<Item = &str> {
        let ends = self.starts.iter().skip(1).copied();
        let ends = ends.chain([self.text.len()]);
        let lines = self.starts.iter().zip(ends);
        // What ends with the end of a line has no line behind it.
        let lines = lines.filter(|(start, end)| *start < end || *end < self.text.len());
        lines.map(|(start, end)| self.text[*start..end].trim_end_matches(['\r', '\n']))
    }
}

/// Appends the lines of texts as JSON.
pub fn write_texts(texts: &[SourceText], out: &mut String) {
    list(out, texts, |out, text| {
        list(out, text.lines(), |out, line| json(out, &shown(line)));
    });
}

/// Appends the places of lines as JSON, 0 for one without a place.
pub(super) fn write_spots(spots: &[Option<Spot>], out: &mut String) {
    list(out, spots, |out, spot| {
        let _ = match spot {
            Some(Spot { line, column, len }) => write!(out, "[{line},{column},{len}]"),
            None => write!(out, "0"),
        };
    });
}

/// A part of a line as a page shows it.
fn shown(line: &str) -> String {
    display::line(&line.replace('\t', TAB)).into_owned()
}

fn units(part: &str) -> usize {
    shown(part).encode_utf16().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_where_they_are_shown() {
        let text = SourceText::new("(f\r\n\t(call $\u{202e}é) ;;𝕏 nop\n\n)");
        let check = |at: &str, expected: Option<(usize, usize, usize)>| {
            let at = text.text.find(at).expect("it is there");
            let spot = text.spot(at);
            assert_eq!(
                spot.map(|spot| (spot.line, spot.column, spot.len)),
                expected
            );
        };
        check("call", Some((1, 5, 4)));
        // What is invisible is shown as an escape, and 𝕏 is two units.
        check("$", Some((1, 10, 10)));
        check("nop", Some((1, 27, 3)));
        assert_eq!(
            text.spot(text.text.len() - 1).map(|spot| spot.line),
            Some(3)
        );
        assert_eq!(text.spot(1000), None);
        let mut out = String::new();
        write_texts(&[text], &mut out);
        assert!(
            out.starts_with("[[\"(f\",\"    (call $\\\\u{202e}é) ;;𝕏 nop\",\"\",\")\"]]"),
            "{out}"
        );
    }
}
