//! All words that can be explained, how one is found, and its explanation put together.

use super::super::outcome::Failure;
use super::entries::{self, Entry};
use super::instruction::{self, Class, Instruction};
use super::play::{self, EXPORT};
use super::rules;
use super::topic::{Example, Topic, some};
use limpid::Trap;
use serde::Serialize;

/// All words.
pub struct Known {
    instructions: Vec<Instruction>,
    traps: Vec<(Trap, Entry)>,
    codes: Vec<Entry>,
}

/// Words of a kind.
#[derive(Serialize, Debug)]
pub struct Group<'k> {
    /// The kind, in the plural.
    pub name: String,
    /// The words.
    pub words: Vec<&'k str>,
}

impl Known {
    /// Collects them.
    pub fn all() -> Known {
        let mut written = entries::traps();
        let mut entry = |trap: &Trap| {
            let found = written.iter_mut().find(|entry| entry.word == trap.code());
            (*trap, found.map(std::mem::take).unwrap_or_default())
        };
        Known {
            instructions: instruction::all(entries::instructions()),
            traps: Trap::ALL.iter().map(&mut entry).collect(),
            codes: entries::codes(),
        }
    }

    /// Words by kind, instructions by class.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let class = |class: Class| Group {
            name: format!("{} instructions", class.name()),
            words: self
                .instructions
                .iter()
                .filter(|instruction| instruction.class() == class)
                .map(|instruction| instruction.mnemonic)
                .collect(),
        };
        let codes = |kind: &str, name: &str| Group {
            name: name.to_owned(),
            words: self
                .codes
                .iter()
                .filter(|entry| entry.kind == Some(kind))
                .map(|entry| entry.word)
                .collect(),
        };
        let mut groups: Vec<Group<'_>> = Class::ALL.map(class).into();
        groups.push(Group {
            name: "traps".to_owned(),
            words: self.traps.iter().map(|(trap, _)| trap.code()).collect(),
        });
        groups.push(codes("error", "errors"));
        groups.push(codes("exit status", "exit statuses"));
        groups.push(Group {
            name: "rules of the specification".to_owned(),
            words: rules::all().map(|rule| rule.name()).collect(),
        });
        groups
    }

    /// Every word once.
    pub fn words(&self) -> Vec<&str> {
        let mut words: Vec<&str> = Vec::new();
        for word in self.groups().iter().flat_map(|group| &group.words) {
            if !words.contains(word) {
                words.push(word);
            }
        }
        words
    }

    /// Words that may have been meant by another one.
    pub fn suggestions(&self) -> Vec<&str> {
        self.words()
    }

    /// The explanations of a word: several where an instruction and a trap, or a trap and another
    /// error, have the same.
    ///
    /// # Errors
    /// When an example cannot be loaded, which would be a fault of this program.
    pub fn topics(&self, word: &str) -> Result<Vec<Topic>, Failure> {
        let word = word
            .trim_start_matches("error: ")
            .trim_start_matches("trap: ");
        let opcode = word.strip_prefix("0x").and_then(opcode);
        let mut topics = Vec::new();
        for instruction in &self.instructions {
            let is_meant = opcode.is_some_and(|opcode| instruction.has_opcode(opcode));
            if is_meant || instruction.mnemonic == word {
                topics.push(self.instruction(instruction)?);
            }
        }
        for (trap, entry) in &self.traps {
            let message = trap.to_string();
            let begins = word.strip_prefix(message.as_str());
            let is_message = begins.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
            if trap.code() == word || is_message {
                topics.push(self.trap(*trap, entry)?);
            }
        }
        for entry in self.codes.iter().filter(|entry| entry.word == word) {
            topics.push(code(entry));
        }
        let rule = rules::find(word);
        topics.extend(rule.map(|rule| rules::topic(rule, &self.instructions)));
        Ok(topics)
    }

    fn instruction(&self, instruction: &Instruction) -> Result<Topic, Failure> {
        let mut topic = instruction.topic();
        let rules = rules::of(instruction);
        topic.fact("rules", rules.iter().map(|rule| rule.name().to_owned()));
        // The first rule reduces the instruction; a constant has none.
        let link = rules
            .first()
            .map_or_else(|| instruction.link(), |rule| rule.link().to_owned());
        topic.fact("spec", [link]);
        let module = instruction.module();
        topic.example = Some(example(&topic.word, &module, None)?);
        Ok(topic)
    }

    fn trap(&self, trap: Trap, entry: &Entry) -> Result<Topic, Failure> {
        let mut topic = Topic {
            kind: "trap",
            word: trap.code().to_owned(),
            message: Some(trap.to_string()).filter(|message| message != trap.code()),
            meaning: entry.meaning.clone(),
            ..Topic::default()
        };
        let raises = |instruction: &&Instruction| {
            instruction
                .traps()
                .iter()
                .any(|(code, _)| *code == trap.code())
        };
        let raising: Vec<&str> = self
            .instructions
            .iter()
            .filter(raises)
            .map(|instruction| instruction.mnemonic)
            .collect();
        if !raising.is_empty() {
            topic.fact("raised by", [some(&raising)]);
        }
        topic.fact("exit status", ["134".to_owned()]);
        if !entry.module.is_empty() {
            topic.example = Some(example(&topic.word, entry.module, Some(entry))?);
        }
        Ok(topic)
    }
}

/// The code of an error, or an exit status.
fn code(entry: &Entry) -> Topic {
    let mut topic = Topic {
        kind: entry.kind.unwrap_or("error"),
        word: entry.word.to_owned(),
        meaning: entry.meaning.clone(),
        ..Topic::default()
    };
    if let Some(code) = entry.code {
        topic.fact("code", [code.to_owned()]);
    }
    topic
}

/// The opcode that hexadecimal digits stand for: a byte, or a prefix and two bytes after it.
fn opcode(digits: &str) -> Option<u32> {
    u32::from_str_radix(&digits.replace('_', ""), 16).ok()
}

/// A module with the command that runs it, and what that prints.
fn example(word: &str, module: &str, entry: Option<&Entry>) -> Result<Example, Failure> {
    let flags = entry.map_or("", |entry| entry.flags);
    let space = if flags.is_empty() { "" } else { " " };
    let stored = entry
        .map(|entry| &entry.output)
        .filter(|lines| !lines.is_empty());
    let played = match stored {
        Some(lines) => play::Played {
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
            reading: None,
        },
        None => play::play(module, word)?,
    };
    Ok(Example {
        module: module.to_owned(),
        command: format!(
            "limpid explain --example {word} | limpid run {flags}{space}--invoke {EXPORT} -"
        ),
        output: played.lines,
        reading: played.reading,
    })
}
