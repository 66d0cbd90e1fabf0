//! Where the frames of a backtrace are in the text that their module was read from. A module is
//! loaded without any of this; the text is read again when a backtrace wants it, and each
//! instruction of the binary has its place there by its number in the function.

use limpid::internals::binary::InstrReader;
use limpid::{FrameInfo, Module};
use std::sync::{Mutex, OnceLock, PoisonError};
use wast::core::{FuncKind, ModuleField, ModuleKind};
use wast::parser::{self, ParseBuffer};
use wast::{Wat, token::Span};

/// A place in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    /// The path of the text, as it may be shown.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

/// A text, and the module that was made of it.
struct Text {
    module: Module,
    shown: String,
    text: String,
    /// The offsets in the text of the instructions of each function, read when first asked for.
    functions: OnceLock<Vec<Box<[usize]>>>,
}

/// More bytes than the reader takes for each byte of a text.
const READER: usize = 256;

/// The texts of all modules of this process that were read from one.
static TEXTS: Mutex<Vec<Text>> = Mutex::new(Vec::new());

/// Keeps the text of a module for backtraces.
pub fn remember(module: &Module, shown: String, text: String) {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    texts.push(Text {
        module: module.clone(),
        shown,
        text,
        functions: OnceLock::new(),
    });
}

/// The place of a frame, if its module was read from a text.
pub fn of(frame: &FrameInfo) -> Option<Place> {
    let texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts
        .iter()
        .find(|text| Module::same(&text.module, frame.module()))?;
    let functions = text.functions.get_or_init(|| functions(&text.text));
    let offset = u32::try_from(frame.module_offset()?).ok()?;
    let (func, number) = number(frame.module(), frame.func_index(), offset)?;
    let at = *functions.get(func)?.get(number)?;
    let (line, column) = line_and_column(&text.text, at)?;
    Some(Place {
        file: text.shown.clone(),
        line,
        column,
    })
}

/// The number of a defined function, and that of its instruction at an offset.
fn number(module: &Module, func: u32, offset: u32) -> Option<(usize, usize)> {
    let syntax = module.syntax();
    let func = func.checked_sub(syntax.imported_funcs())? as usize;
    let body = syntax.code.get(func)?;
    let mut reader = InstrReader::for_body(syntax, body, module.engine().config().features());
    let mut number = 0;
    while let Ok((at, _)) = reader.read() {
        if at == offset {
            return Some((func, number));
        }
        number += 1;
    }
    None
}

/// Where the instructions of each defined function are. A text that holds a binary has none.
fn functions(text: &str) -> Vec<Box<[usize]>> {
    // The reader's memory cannot be refused, and the guest may have taken almost all there is.
    let room = text.len().saturating_mul(READER);
    if Vec::<u8>::new().try_reserve_exact(room).is_err() {
        return Vec::new();
    }
    let Ok(mut buffer) = ParseBuffer::new(text) else {
        return Vec::new();
    };
    buffer.track_instr_spans(true);
    let Ok(Wat::Module(module)) = parser::parse::<Wat<'_>>(&buffer) else {
        return Vec::new();
    };
    let ModuleKind::Text(fields) = module.kind else {
        return Vec::new();
    };
    let offsets = |spans: Box<[Span]>| spans.iter().map(Span::offset).collect();
    let bodies = fields.into_iter().filter_map(|field| match field {
        ModuleField::Func(func) => match func.kind {
            FuncKind::Inline { expression, .. } => Some(expression.instr_spans.map(offsets)),
            FuncKind::Import(..) => None,
        },
        // No other field has a body that is a function.
        _ => None,
    });
    bodies.map(Option::unwrap_or_default).collect()
}

fn line_and_column(text: &str, at: usize) -> Option<(u32, u32)> {
    let before = text.get(..at)?;
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let start = before.rfind('\n').map_or(0, |start| start + 1);
    let column = before[start..].chars().count();
    Some((
        u32::try_from(line + 1).ok()?,
        u32::try_from(column + 1).ok()?,
    ))
}
