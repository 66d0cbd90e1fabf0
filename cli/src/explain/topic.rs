//! An explanation as data, and how it is shown: as text for a terminal, or as JSON.

use super::super::screen::{BOLD, DIM, NAME, styled};
use serde::Serialize;
use std::fmt::Write;

/// Columns that a paragraph takes.
const WIDTH: usize = 84;

/// What a word means.
#[derive(Serialize, Debug, Default)]
pub struct Topic {
    /// `instruction`, `trap`, `error`, `exit status` or `rule`.
    pub kind: &'static str,
    /// The word that is explained.
    pub word: String,
    /// The words of messages, where they are others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// A sentence or a few.
    pub meaning: String,
    /// What is known beside it, in the order in which it is shown.
    pub facts: Vec<Fact>,
    /// How to see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<Example>,
}

/// A line, or several, with a label.
#[derive(Serialize, Debug)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// The lines.
    pub lines: Vec<String>,
}

/// A module, the command that runs it, and what that prints.
#[derive(Serialize, Debug)]
pub struct Example {
    /// The module in the text format.
    pub module: String,
    /// The command.
    pub command: String,
    /// The lines that it prints.
    pub output: Vec<String>,
    /// The result in another way: a vector by lane, or a number as unsigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<String>,
}

impl Topic {
    /// Adds a fact, unless it has no lines.
    pub fn fact(&mut self, name: &'static str, lines: impl IntoIterator<Item = String>) {
        let lines: Vec<String> = lines.into_iter().collect();
        if !lines.is_empty() {
            self.facts.push(Fact { name, lines });
        }
    }

    /// The explanation for a terminal.
    pub fn text(&self) -> String {
        let mut text = format!("{}  {}\n", styled(BOLD, &self.word), styled(DIM, self.kind));
        if let Some(message) = &self.message {
            let _ = writeln!(text, "  \"{message}\"");
        }
        for line in wrap(&self.meaning, WIDTH) {
            let _ = writeln!(text, "  {line}");
        }
        if !self.facts.is_empty() {
            text.push('\n');
        }
        for fact in &self.facts {
            let mut name = fact.name;
            for line in fact.lines.iter().flat_map(|line| wrap(line, WIDTH - 12)) {
                let _ = writeln!(text, "  {} {line}", styled(NAME, format_args!("{name:11}")));
                name = "";
            }
        }
        if let Some(example) = &self.example {
            example.text(&mut text);
        }
        text.truncate(text.trim_end().len());
        text
    }
}

impl Example {
    fn text(&self, text: &mut String) {
        text.push('\n');
        for line in self.module.lines() {
            let _ = writeln!(text, "  {line}");
        }
        let _ = writeln!(text, "\n  {} {}", styled(DIM, "$"), self.command);
        for line in &self.output {
            let _ = writeln!(text, "  {line}");
        }
        if let Some(reading) = &self.reading {
            let _ = writeln!(text, "\n  {reading}");
        }
    }
}

/// The lines of a paragraph; a word that is longer than a line has one of its own. Spaces that
/// stand together stay together.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else {
            continue;
        };
        let len = line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            line.push_str(word);
        } else if len <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The first of many words.
pub fn some(words: &[&str]) -> String {
    let most = 10;
    match words.len().checked_sub(most) {
        None | Some(0) => words.join(", "),
        Some(more) => format!("{}, and {more} more", words[..most].join(", ")),
    }
}
