//! `limpid validate --step`: which instruction sequences are stepped through, and their steps as
//! lines of text or of JSON.

use super::super::card::{self, Explained};
use super::super::diagnostics;
use super::super::excerpt::nesting;
use super::super::listing;
use super::super::outcome::{FAILED, Failure};
use super::super::results::Results;
use super::super::screen::{BOLD, DIM, ERROR, styled};
use super::super::source::Source;
use super::plain;
use super::record::{Described, Record, list, names, words};
use super::tui;
use clap::ValueEnum;
use limpid::internals::binary;
use limpid::internals::translate::LoadError;
use limpid::internals::valid::Invalid;
use limpid::observe::rules::Rule;
use limpid::observe::validation::{Diagnosis, Operand, Place, Sequence, Stop, Validation};
use limpid::{Engine, Error, Module};
use serde::Serialize;
use std::io::{self, IsTerminal};

/// The form of the steps.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Format {
    Text,
    Json,
}

/// What was asked for.
pub struct Wanted<'a> {
    pub func: Option<&'a str>,
    pub format: Option<Format>,
    pub plain: bool,
}

/// Columns of an instruction, of what it takes and leaves, and of the stack behind it.
const INSTR: usize = 24;
const EFFECT: usize = 22;
const STACK: usize = 18;

/// Steps through a module.
///
/// # Errors
/// When the module is not valid, or has no such function.
pub fn carry_out(source: &Source, engine: &Engine, wanted: &Wanted<'_>) -> Result<(), Failure> {
    let features = engine.config().features();
    let loaded = Module::from_binary(engine, &source.bytes);
    let error = loaded.as_ref().err();
    let verdict = match error {
        Some(error) => Err(diagnostics::load(source, features, error)),
        None => Ok(()),
    };
    let json = wanted.format == Some(Format::Json);
    let is_screen = !wanted.plain
        && wanted.format.is_none()
        && io::stdin().is_terminal()
        && io::stdout().is_terminal();
    let decoded = binary::decode(&source.bytes[..], features).ok();
    let validation = decoded.and_then(|module| Validation::of(module, features).ok());
    let Some(validation) = validation else {
        // There is nothing to step through.
        if json {
            return no_steps(source, features, error, verdict);
        }
        return verdict;
    };
    let mut sequences = choose(&validation, error.and_then(invalid), wanted.func)?;
    let described = Described::new(&validation, source, features);
    if wanted.plain {
        plain::converse(&described, sequences)?;
        return verdict;
    }
    if is_screen {
        let first = sequences.next().map(|sequence| sequence.place);
        let is_chosen = error.is_some() || wanted.func.is_some();
        let first = if is_chosen {
            first
        } else {
            first_body(&validation).or(first)
        };
        if let Some(first) = first {
            tui::show(&described, validation.sequences().collect(), first)?;
        }
        return verdict;
    }
    let mut steps = Steps {
        described,
        results: Results::new(),
        json,
        count: 0,
        begun: false,
    };
    for sequence in sequences {
        steps.sequence(&sequence);
    }
    if json {
        let end = if verdict.is_ok() { "valid" } else { "invalid" };
        steps.end(end);
        return verdict.map_err(|_| Failure::silent(FAILED));
    }
    drop(steps);
    verdict
}

/// The first function: it says more about validation than the first constant expression.
fn first_body(validation: &Validation) -> Option<Place> {
    let mut places = validation.sequences().map(|sequence| sequence.place);
    places.find(|place| !place.is_constant())
}

/// The broken rule, if it is one.
fn invalid(error: &Error) -> Option<&Invalid> {
    match error.downcast_ref::<LoadError>() {
        Some(LoadError::Invalid(invalid)) => Some(&invalid.invalid),
        Some(LoadError::Malformed(_)) | None => None,
    }
}

/// The sequences to step through: the one that was asked for, else the one that is invalid, else
/// all.
fn choose<'m>(
    validation: &'m Validation,
    invalid: Option<&Invalid>,
    func: Option<&str>,
) -> Result<Box<dyn Iterator<Item = Sequence<'m>> + 'm>, Failure> {
    if let Some(name) = func {
        let index = listing::find_func(validation.module(), name)?;
        let is = move |place: Place| matches!(place, Place::Func(func) if func.0 == index);
        return Ok(Box::new(
            validation
                .sequences()
                .filter(move |it| is(it.place))
                .take(1),
        ));
    }
    Ok(match invalid {
        Some(invalid) => Box::new(validation.sequence_at(invalid.offset).into_iter()),
        None => Box::new(validation.sequences()),
    })
}

/// An error as a line of JSON.
#[derive(Serialize)]
struct ErrorLine {
    error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    t: Option<usize>,
    pc: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    op: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    #[serde(serialize_with = "names")]
    rules: Vec<Rule>,
    rows: Vec<RowLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// A place of the stack at an error.
#[derive(Serialize)]
struct RowLine {
    expected: Option<String>,
    actual: Option<String>,
    by: Option<u32>,
    fits: bool,
}

impl ErrorLine {
    fn new(diagnosis: &Diagnosis, at: Option<(u32, u32)>, hint: Option<String>) -> ErrorLine {
        let place = diagnosis.place.map(words);
        let rows = diagnosis.rows.iter().map(|row| RowLine {
            expected: row.expected.map(|ty| ty.to_string()),
            actual: row.actual.map(|operand| operand.ty.to_string()),
            by: row.actual.map(|operand| operand.pushed_by),
            fits: row.fits,
        });
        ErrorLine {
            error: diagnosis.invalid.kind.to_string(),
            place: place.map(|(word, ..)| word),
            index: place.map(|(_, index, _)| index),
            item: place.and_then(|(.., item)| item),
            t: diagnosis.number,
            pc: diagnosis.invalid.offset,
            op: diagnosis.mnemonic,
            line: at.map(|(line, _)| line),
            column: at.map(|(_, column)| column),
            rules: diagnosis.rules.clone(),
            rows: rows.collect(),
            hint,
        }
    }
}

/// The lines of a module that is malformed, or whose declarations are invalid.
fn no_steps(
    source: &Source,
    features: &limpid::Features,
    error: Option<&Error>,
    verdict: Result<(), Failure>,
) -> Result<(), Failure> {
    let mut results = Results::new();
    let decoded = binary::decode(&source.bytes[..], features);
    let end = match (error.and_then(invalid), decoded) {
        (Some(invalid), Ok(module)) => {
            let card = Explained::new(source, &module, features, invalid);
            let at = card.text_place().map(|(line, column, _)| (line, column));
            results.line(json(&ErrorLine::new(&card.diagnosis, at, card.hint())));
            "invalid"
        }
        _ => "malformed",
    };
    results.line(json(&End { end, steps: 0 }));
    match end {
        "invalid" => verdict.map_err(|_| Failure::silent(FAILED)),
        // What is wrong with the bytes is no step; it is reported as it always is.
        _ => verdict,
    }
}

/// The last line.
#[derive(Serialize)]
struct End {
    end: &'static str,
    steps: usize,
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Writes steps.
struct Steps<'a> {
    described: Described<'a>,
    results: Results,
    json: bool,
    /// How many instructions were shown.
    count: usize,
    /// Whether a sequence was shown.
    begun: bool,
}

impl Steps<'_> {
    fn sequence(&mut self, sequence: &Sequence<'_>) {
        if !self.json {
            self.title(sequence.place);
        }
        let validation = self.described.validation;
        let mut stepper = match validation.stepper(sequence) {
            Ok(stepper) => stepper,
            Err(invalid) => {
                let mut diagnosis = Diagnosis::elsewhere(self.described.module(), &invalid);
                diagnosis.place = Some(sequence.place);
                let hint = diagnosis.hint(&|_| String::new());
                return self.error(&diagnosis, None, hint);
            }
        };
        let mut depth = 0;
        loop {
            let part = self.described.part(sequence);
            match stepper.advance() {
                Ok(Some(step)) => {
                    let record = self.described.record(sequence.place, part, &step);
                    self.count += 1;
                    match self.json {
                        true => self.results.line(json(&record)),
                        false => self.results.line(line(&record, &mut depth)),
                    }
                }
                Ok(None) => break,
                Err(Stop::Malformed(_)) => break,
                Err(Stop::Invalid(diagnosis)) => {
                    let number = diagnosis.number.unwrap_or_default();
                    let at = self.described.text_place(part, number);
                    let named =
                        |operand: &Operand| self.described.named(sequence.place, part, operand);
                    let hint = diagnosis.hint(&named);
                    self.error(&diagnosis, at, hint);
                    break;
                }
            }
        }
    }

    fn title(&mut self, place: Place) {
        if std::mem::replace(&mut self.begun, true) {
            self.results.line("");
        }
        let whose = card::whose(self.described.module(), place);
        self.results.line(styled(BOLD, whose));
        let columns = format!(
            "{:>8}  {:<INSTR$}  {:<EFFECT$}  {:>5}  {:<STACK$}  rules",
            "offset", "instruction", "takes -> leaves", "depth", "stack"
        );
        self.results.line(styled(DIM, columns));
    }

    fn error(&mut self, diagnosis: &Diagnosis, at: Option<(u32, u32)>, hint: Option<String>) {
        if self.json {
            let line = ErrorLine::new(diagnosis, at, hint);
            return self.results.line(json(&line));
        }
        let text = card::instruction(
            self.described.module(),
            self.described.features,
            diagnosis.place,
            diagnosis.invalid.offset,
        );
        let (offset, kind) = (diagnosis.invalid.offset, &diagnosis.invalid.kind);
        let line = format!("{offset:#8x}  {text:<INSTR$}  {kind}");
        self.results.line(styled(ERROR, line));
        for rule in &diagnosis.rules {
            let line = format!("{:8}  {rule}: {}", "", rule.paraphrase());
            self.results.line(styled(DIM, line));
        }
    }

    fn end(&mut self, end: &'static str) {
        let steps = self.count;
        self.results.line(json(&End { end, steps }));
    }
}

/// The line of a step; `depth` is how deep instructions are indented.
fn line(record: &Record, depth: &mut usize) -> String {
    let (before, after) = nesting(record.op);
    *depth = depth.saturating_sub(before);
    let instr = format!("{}{}", "  ".repeat((*depth).min(8)), record.text);
    *depth += after;
    let types = |types: &[String], unknown| {
        let types = types.iter().map(String::as_str).collect();
        list(types, 0, unknown)
    };
    let effect = format!(
        "{} -> {}",
        types(&record.pop, record.unknown > 0),
        types(&record.push, false)
    );
    let depth = record.control.len() + record.outer;
    let rules: Vec<&str> = record.rules.iter().map(|rule| rule.name()).collect();
    format!(
        "{:#8x}  {instr:<INSTR$}  {effect:<EFFECT$}  {depth:>5}  {:<STACK$}  {}",
        record.pc,
        record.stack_text(),
        rules.join(", ")
    )
}
