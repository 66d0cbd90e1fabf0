//! The code of a function as lines: those of the text that the module was read from, or else one
//! line for each instruction, made when it is looked at. A module is never rendered as a whole.

use super::super::excerpt::nesting;
use super::super::lines;
use super::show::Known;
use super::source_files::SourceDir;
use limpid::internals::binary::InstrReader;
use limpid::observe::{Place, display, locate};
use limpid::{FrameSymbol, Module};
use std::collections::BTreeMap;

/// Spaces that stand for a tab.
const TAB: &str = "    ";

/// Most levels of indentation.
const DEEPEST: usize = 12;

/// The lines of a text with the places of a function's instructions, or its instructions.
#[derive(Debug)]
pub struct Code {
    form: Form,
}

#[derive(Debug)]
enum Form {
    /// The text of a module: its lines, and line and column of instructions by their offsets.
    Text {
        lines: Vec<String>,
        places: BTreeMap<u32, (usize, usize)>,
    },
    /// The offsets of instructions, with their nesting.
    Flat(Vec<(u32, usize)>),
}

/// A line of code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The number of the line in its text, or the offset of the instruction.
    pub margin: String,
    /// The line, safe to show.
    pub text: String,
    /// Where the instruction asked for begins in it, and how long its word is, in characters.
    pub word: Option<(usize, usize)>,
}

impl Code {
    /// The code of a function. Of a constant expression there is none.
    pub fn of(module: &Module, func: u32, sources: Option<&SourceDir>) -> Code {
        if let Some(code) = Code::from_text(module, func) {
            return code;
        }
        let syntax = module.syntax();
        let defined = func.checked_sub(syntax.imported_funcs());
        let Some(body) = defined.and_then(|defined| syntax.code.get(defined as usize)) else {
            return Code {
                form: Form::Flat(Vec::new()),
            };
        };
        let mut reader = InstrReader::for_body(syntax, body, module.engine().config().features());
        let mut depth = 1usize;
        let mut all = Vec::new();
        while let (false, Ok((offset, instr))) = (reader.at_end(), reader.read()) {
            let (before, after) = nesting(instr.mnemonic());
            depth = depth.saturating_sub(before);
            all.push((offset, depth.min(DEEPEST)));
            depth += after;
        }
        let source = sources.and_then(|sources| Code::from_source(module, &all, sources));
        source.unwrap_or(Code {
            form: Form::Flat(all),
        })
    }

    /// The source that debug information names for these instructions, if it can be read.
    fn from_source(module: &Module, all: &[(u32, usize)], sources: &SourceDir) -> Option<Code> {
        let offsets: Vec<usize> = all.iter().map(|(offset, _)| *offset as usize).collect();
        let located = locate(module, &offsets);
        // The function itself comes last, after those that were inlined into it.
        let own = located.iter().filter_map(|symbols| symbols.last());
        let file = own.clone().find_map(|symbol| symbol.file())?.to_owned();
        let text = sources.text(&file)?;
        let raw: Vec<&str> = text.lines().collect();
        let place = |((offset, _), symbols): (&(u32, usize), &Vec<FrameSymbol>)| {
            let symbol = symbols
                .last()
                .filter(|symbol| symbol.file() == Some(&file))?;
            let line = (symbol.line()? as usize).checked_sub(1)?;
            let source = raw.get(line)?;
            let column = symbol.column().unwrap_or(1).saturating_sub(1) as usize;
            let before = source.get(..column.min(source.len())).unwrap_or_default();
            Some((*offset, (line, shown(before).chars().count())))
        };
        let places = all.iter().zip(&located).filter_map(place).collect();
        let lines = raw.iter().map(|line| shown(line)).collect();
        Some(Code {
            form: Form::Text { lines, places },
        })
    }

    fn from_text(module: &Module, func: u32) -> Option<Code> {
        let instructions = lines::instructions(module, func)?;
        let text = lines::text(module)?;
        let mut starts = vec![0];
        starts.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        let lines: Vec<String> = text.lines().map(shown).collect();
        let places = instructions.iter().filter_map(|(offset, at)| {
            let line = starts.partition_point(|start| start <= at) - 1;
            let before = shown(text.get(starts[line]..*at)?);
            Some((*offset, (line, before.chars().count())))
        });
        let places = places.collect();
        Some(Code {
            form: Form::Text { lines, places },
        })
    }

    /// Whether it is the text that the module was read from.
    pub fn is_text(&self) -> bool {
        matches!(self.form, Form::Text { .. })
    }

    /// The number of lines.
    pub fn len(&self) -> usize {
        match &self.form {
            Form::Text { lines, .. } => lines.len(),
            Form::Flat(all) => all.len(),
        }
    }

    /// The line of an instruction, or of the last one before it that has a line.
    pub fn line_of(&self, offset: u32) -> Option<usize> {
        match &self.form {
            Form::Text { places, .. } => {
                let (_, (line, _)) = places.range(..=offset).next_back()?;
                Some(*line)
            }
            Form::Flat(all) => all.binary_search_by_key(&offset, |(at, _)| *at).ok(),
        }
    }

    /// The first instruction of the function on a line.
    pub fn offset_on(&self, line: usize) -> Option<u32> {
        match &self.form {
            Form::Text { places, .. } => {
                let mut on = places.iter().filter(|(_, (at, _))| *at == line);
                on.next().map(|(offset, _)| *offset)
            }
            Form::Flat(all) => all.get(line).map(|(offset, _)| *offset),
        }
    }

    /// A line, and where the instruction at `place` is in it.
    pub fn line(&self, known: Known<'_>, place: Place, line: usize) -> Line {
        match &self.form {
            Form::Text { lines, places } => {
                let text = lines.get(line).cloned().unwrap_or_default();
                let at = places.get(&place.offset).filter(|(on, _)| *on == line);
                let word = at.map(|(_, column)| (*column, word(&text, *column)));
                Line {
                    margin: (line + 1).to_string(),
                    text,
                    word,
                }
            }
            Form::Flat(all) => {
                let Some((offset, depth)) = all.get(line).copied() else {
                    return Line {
                        margin: String::new(),
                        text: String::new(),
                        word: None,
                    };
                };
                let instr = known.instruction(Place { offset, ..place });
                let indent = depth.saturating_sub(1) * 2;
                let word = (offset == place.offset).then(|| (indent, instr.chars().count()));
                Line {
                    margin: format!("{offset:#x}"),
                    text: format!("{:indent$}{instr}", ""),
                    word,
                }
            }
        }
    }
}

/// A line of a text, safe to show.
fn shown(line: &str) -> String {
    display::line(&line.trim_end_matches('\r').replace('\t', TAB)).into_owned()
}

/// How long the word at a column is, in characters.
fn word(text: &str, column: usize) -> usize {
    let rest = text.chars().skip(column);
    let is_inside = |(at, letter): &(usize, char)| {
        let ends = letter.is_whitespace() || "();".contains(*letter);
        !ends || (*at == 0 && *letter == '(')
    };
    rest.enumerate().take_while(is_inside).count().max(1)
}
