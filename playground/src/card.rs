//! What is wrong with a module: where in its text, and the operands that the instruction takes
//! beside those that there are.

use crate::lines::Spans;
use limpid::internals::translate::LoadError;
use limpid::observe::display;
use limpid::observe::validation::{Diagnosis, Operand, Validation};
use limpid::{Error, Features};
use std::fmt::Write;

/// The error of a module in lines, from the bytes that it was to be loaded from.
pub fn card(source: &[u8], features: &Features, error: &Error) -> String {
    let Some(LoadError::Invalid(at)) = error.downcast_ref::<LoadError>() else {
        return format!("{error:#}");
    };
    let bytes = wat::parse_bytes(source).unwrap_or_default();
    let Ok(validation) = Validation::new(&bytes, features) else {
        return format!("{error:#}");
    };
    let diagnosis = validation.diagnose(&at.invalid);
    let text = str::from_utf8(source).ok();
    let spans = text.map(Spans::read).unwrap_or_default();
    let place = |number: usize| {
        let (part, text) = (spans.part(validation.module(), diagnosis.place?)?, text?);
        let at = part.at(text, number)?;
        let (line, column) = spans.line_and_column(text, at)?;
        Some((line, column, text.lines().nth(line as usize - 1)?))
    };
    let mut card = diagnosis.invalid.kind.to_string();
    match diagnosis.number.and_then(place) {
        Some((line, column, text)) => {
            let margin = " ".repeat(line.to_string().len());
            let caret = " ".repeat(column as usize - 1);
            let _ = write!(card, "\n{margin}--> line {line}, column {column}");
            let _ = write!(card, "\n{line} | {text}\n{margin} | {caret}^");
        }
        None => {
            let _ = write!(card, "\n--> offset {:#x}", diagnosis.invalid.offset);
        }
    }
    let by = |operand: &Operand| match place(operand.number as usize) {
        Some((line, column, _)) => format!("line {line}, column {column}"),
        None => format!("offset {:#x}", operand.pushed_by),
    };
    card.push_str(&table(&diagnosis, &by));
    if let Some(hint) = diagnosis.hint(&|operand| format!("the instruction in {}", by(operand))) {
        let _ = write!(card, "\nhint: {}", display::line(&hint));
    }
    card
}

/// The operands concerned, the top of the stack first.
fn table(diagnosis: &Diagnosis, by: &dyn Fn(&Operand) -> String) -> String {
    let mut table = String::new();
    if !diagnosis.rows.is_empty() {
        let _ = write!(table, "\n    {:12}{:12}pushed by", "expected", "actual");
    }
    for row in &diagnosis.rows {
        let mark = if row.fits { ' ' } else { '!' };
        let expected = row.expected.map_or("-".into(), |ty| ty.to_string());
        let actual = row.actual.map_or("-".into(), |it| it.ty.to_string());
        let by = row.actual.as_ref().map_or_else(String::new, by);
        let _ = write!(table, "\n  {mark} {expected:12}{actual:12}{by}");
    }
    table
}
