//! The card of a validation error: where it is, in the user's own text if there is one, the
//! operands that the instruction takes beside those that there are, who pushed them, and what may
//! help.

use super::excerpt;
use super::lines::Spans;
use super::listing;
use super::outcome::Failure;
use super::screen::{DIM, ERROR, styled};
use super::source::Source;
use limpid::Features;
use limpid::internals::binary::InstrReader;
use limpid::internals::syntax::Module;
use limpid::internals::valid::Invalid;
use limpid::observe::display;
use limpid::observe::validation::{Diagnosis, Operand, Place, Row, Validation};
use std::fmt::Write;

/// An error of a module, and all that is known about it.
pub struct Explained<'a> {
    source: &'a Source,
    module: &'a Module,
    features: &'a Features,
    validation: Option<Validation>,
    spans: Spans,
    pub diagnosis: Diagnosis,
}

impl<'a> Explained<'a> {
    /// Validates the place of the error once more.
    pub fn new(
        source: &'a Source,
        module: &'a Module,
        features: &'a Features,
        invalid: &Invalid,
    ) -> Explained<'a> {
        let validation = Validation::of(module.clone(), features).ok();
        let diagnosis = match &validation {
            Some(validation) => validation.diagnose(invalid),
            None => Diagnosis::elsewhere(module, invalid),
        };
        Explained {
            source,
            module,
            features,
            validation,
            spans: source.text.as_deref().map(Spans::read).unwrap_or_default(),
            diagnosis,
        }
    }

    /// The card as a failure.
    pub fn failure(&self) -> Failure {
        let invalid = &self.diagnosis.invalid;
        let excerpt = self.excerpt();
        let place = match self.text_place() {
            Some((line, column, _)) => format!(":{line}:{column}"),
            None => String::new(),
        };
        let mut details = format!(
            "  {} {}{place}, offset {:#x}",
            styled(DIM, "-->"),
            self.source.shown(),
            invalid.offset
        );
        if let Some(whose) = self.whose() {
            let _ = write!(details, ", in {whose}");
        }
        let _ = write!(details, "\n{excerpt}");
        if !self.diagnosis.rows.is_empty() {
            let _ = write!(details, "\n{}", self.table());
        }
        let failure = Failure::failed(display::line(&invalid.kind.to_string())).details(details);
        match self.hint() {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }

    /// What may help.
    pub fn hint(&self) -> Option<String> {
        let hint = self.diagnosis.hint(&|operand| self.named(operand))?;
        Some(display::line(&hint).into_owned())
    }

    /// The part of the module that the error is in.
    pub fn whose(&self) -> Option<String> {
        Some(whose(self.module, self.diagnosis.place?))
    }

    /// Line and column of the error in the text, and its offset there.
    pub fn text_place(&self) -> Option<(u32, u32, usize)> {
        if let Some(number) = self.diagnosis.number {
            return self.in_text(number);
        }
        let offset = self.diagnosis.invalid.offset;
        let at = self.spans.declared.find(self.module, offset)?;
        let (line, column) = self
            .spans
            .line_and_column(self.source.text.as_deref()?, at)?;
        Some((line, column, at))
    }

    /// Where an instruction of the same sequence is in the text.
    fn in_text(&self, number: usize) -> Option<(u32, u32, usize)> {
        let text = self.source.text.as_deref()?;
        let place = self.diagnosis.place?;
        let at = self.spans.part(self.module, place)?.at(text, number)?;
        let (line, column) = self.spans.line_and_column(text, at)?;
        Some((line, column, at))
    }

    /// The line of the text, or else the instruction among its neighbours, or the bytes.
    fn excerpt(&self) -> String {
        if let Some((line, _, at)) = self.text_place()
            && let Some(text) = self.source.text.as_deref()
        {
            let word =
                text[at..].find(|letter: char| letter.is_whitespace() || "()".contains(letter));
            return excerpt::text_line(text, at, line, word.unwrap_or(text.len() - at));
        }
        let offset = self.diagnosis.invalid.offset;
        let sequence = self.validation.as_ref();
        let sequence = sequence.and_then(|validation| validation.sequence_at(offset));
        let shown =
            sequence.and_then(|it| excerpt::instructions(self.module, &it, self.features, offset));
        shown.unwrap_or_else(|| excerpt::bytes(&self.source.bytes, offset))
    }

    /// The instruction that pushed an operand, and where it is.
    fn named(&self, operand: &Operand) -> String {
        format!("`{}` {}", self.pusher(operand), self.pusher_place(operand))
    }

    fn pusher(&self, operand: &Operand) -> String {
        instruction(
            self.module,
            self.features,
            self.diagnosis.place,
            operand.pushed_by,
        )
    }

    fn pusher_place(&self, operand: &Operand) -> String {
        match self.in_text(operand.number as usize) {
            Some((line, ..)) => format!("in line {line}"),
            None => format!("at {:#x}", operand.pushed_by),
        }
    }

    /// The stack that the instruction takes beside the one that there is, the top first.
    fn table(&self) -> String {
        let rows = &self.diagnosis.rows;
        let cells = |row: &Row| {
            let expected = row.expected.map_or("-".into(), |ty| ty.to_string());
            let actual = row.actual.map_or("-".into(), |it| it.ty.to_string());
            [expected, actual]
        };
        let title = ["expected".to_owned(), "actual".to_owned()];
        let columns = rows.iter().map(cells).chain([title.clone()]);
        let widths = columns.fold([0, 0], |[a, b], [c, d]| {
            [a.max(c.chars().count()), b.max(d.chars().count())]
        });
        // Below the number of the line, where there is one.
        let digits = self
            .text_place()
            .map_or(1, |(line, ..)| line.to_string().len());
        let bar = format!("{}{}", " ".repeat(digits - 1), styled(DIM, "|"));
        let pad = |[a, b]: &[String; 2]| format!("{a:0$}  {b:1$}", widths[0], widths[1]);
        let mut lines = vec![
            format!("  {bar}"),
            format!("  {bar} operand stack, the top first:"),
            format!("  {bar}     {}  pushed by", pad(&title)),
        ];
        for row in rows {
            let by = row.actual.map_or_else(String::new, |operand| {
                format!("{} {}", self.pusher(&operand), self.pusher_place(&operand))
            });
            let cells = pad(&cells(row));
            let (cells, by) = match by.is_empty() {
                true => (cells.trim_end(), by),
                false => (&*cells, format!("  {by}")),
            };
            lines.push(match row.fits {
                true => format!("  {bar}     {cells}{by}"),
                false => format!(
                    "  {bar}   {} {}{by}",
                    styled(ERROR, "!"),
                    styled(ERROR, cells)
                ),
            });
        }
        let more = [
            (self.diagnosis.rows_left_out, "more concerned"),
            (self.diagnosis.below, "more below in the same block"),
            (
                self.diagnosis.outside,
                "more below the block, out of its reach",
            ),
        ];
        for (count, what) in more.iter().filter(|(count, _)| *count > 0) {
            lines.push(format!(
                "  {bar}     {}",
                styled(DIM, format!("… {count} {what}"))
            ));
        }
        lines.join("\n")
    }
}

/// A part of a module as it is named to users.
pub fn whose(module: &Module, place: Place) -> String {
    match place {
        Place::Func(func) => {
            let name = listing::func(module, func.0);
            let index = func.0;
            match name.starts_with("func ") {
                true => name,
                false => format!("{name} (func {index})"),
            }
        }
        Place::Table(_)
        | Place::Global(_)
        | Place::ElemOffset(_)
        | Place::Elem(..)
        | Place::DataOffset(_) => place.to_string(),
    }
}

/// The instruction at an offset of a module, with names.
pub fn instruction(
    module: &Module,
    features: &Features,
    place: Option<Place>,
    offset: u32,
) -> String {
    let func = match place {
        Some(Place::Func(func)) => Some(func.0),
        // Constant expressions have no locals.
        _ => None,
    };
    let bytes = module.bytes.get(offset as usize..).unwrap_or_default();
    match InstrReader::new(bytes, offset, features).read() {
        Ok((_, instr)) => {
            let text = instr.text(&module.names, func).to_string();
            display::name(&text).into_owned()
        }
        Err(_) => "?".into(),
    }
}
