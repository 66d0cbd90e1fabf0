//! `limpid explain`: what a word means: an instruction, a trap, the code of an error, an exit
//! status, a rule of the formal specification.
//!
//! Reading order: `topic` (an explanation as data), `entries` (what is written by hand), `numeric`,
//! `vector` and `access` (what is made from the tables of instructions), `instruction`, `rules`,
//! `play` (runs the examples), `known` (all words, and how one is found), then this file.

mod access;
mod entries;
mod instruction;
mod known;
mod numeric;
mod play;
mod rules;
mod topic;
mod vector;

use super::outcome::Failure;
use super::results::Results;
use super::screen::{BOLD, styled};
use super::suggest::suggest;
use clap::{Args, ValueEnum};
use known::Known;
use limpid::observe::display;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid explain i32.sub                      see what an instruction does\n\
\x20 limpid explain \"integer divide by zero\"     see what a trap means\n\
\x20 limpid explain unknown-import               see what the code of an error means\n\
\x20 limpid explain --example i32.sub > sub.wat  keep the module of the example\n\
\n\
Everything is inside the program: no network is used.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Explain {
    /// Print every word that can be explained, a line each
    #[arg(long, conflicts_with_all = ["word", "example"])]
    list: bool,
    /// Print the module of the example only
    #[arg(long)]
    example: bool,
    /// How to print it: text, or json for programs
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    format: Format,
    /// An instruction, an opcode such as 0x6b, a trap, the code of an error, an exit
    /// status, or a rule of the formal specification
    #[arg(value_name = "WORD")]
    word: Vec<String>,
}

/// How an explanation is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Explain {
    /// Explains it.
    ///
    /// # Errors
    /// When the word is not known.
    pub fn carry_out(&self) -> Result<(), Failure> {
        let known = Known::all();
        let word = self.word.join(" ");
        match (self.list, word.trim()) {
            (true, _) => self.list(&known),
            (false, "") if self.example => {
                Err(Failure::usage("--example needs a word")
                    .hint("limpid explain --example i32.sub"))
            }
            (false, "") => self.overview(&known),
            (false, word) => self.explain(&known, word),
        }
    }

    fn explain(&self, known: &Known, word: &str) -> Result<(), Failure> {
        let topics = known.topics(word)?;
        if topics.is_empty() {
            return Err(unknown(known, word));
        }
        let mut results = Results::new();
        if self.example {
            let examples = topics.iter().filter_map(|topic| topic.example.as_ref());
            let Some(example) = examples.into_iter().next() else {
                let shown = display::name(word);
                return Err(Failure::failed(format!("`{shown}` has no example")));
            };
            results.line(&example.module);
            return Ok(());
        }
        match self.format {
            Format::Json => results.line(json(&topics)?),
            Format::Text => {
                let texts: Vec<String> = topics.iter().map(topic::Topic::text).collect();
                results.line(texts.join("\n\n"));
            }
        }
        Ok(())
    }

    fn list(&self, known: &Known) -> Result<(), Failure> {
        let mut results = Results::new();
        let words = known.words();
        match self.format {
            Format::Json => results.line(json(&words)?),
            Format::Text => words.iter().for_each(|word| results.line(word)),
        }
        Ok(())
    }

    /// What there is, by kind.
    fn overview(&self, known: &Known) -> Result<(), Failure> {
        let mut results = Results::new();
        let groups = known.groups();
        if self.format == Format::Json {
            results.line(json(&groups)?);
            return Ok(());
        }
        results.line("limpid explain WORD says what a word means. It knows:\n");
        for group in &groups {
            let head = format!("{} ({})", group.name, group.words.len());
            results.line(styled(BOLD, head));
            let most = 12;
            let more = group.words.len().saturating_sub(most);
            let mut words = group
                .words
                .iter()
                .take(most)
                .copied()
                .collect::<Vec<_>>()
                .join(", ");
            if more > 0 {
                words.push_str(&format!(", and {more} more"));
            }
            for line in topic::wrap(&words, 84) {
                results.line(format_args!("  {line}"));
            }
        }
        results.line("\nlimpid explain --list prints every word.");
        Ok(())
    }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(Failure::failed)
}

/// A word that nothing is known about.
fn unknown(known: &Known, word: &str) -> Failure {
    let failure = Failure::failed(format!("nothing is known about `{}`", display::name(word)));
    match suggest(word, known.suggestions()) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint("`limpid explain --list` prints every word"),
    }
}
