//! Where the frames of a backtrace are in the text that their module was read from. A module is
//! loaded without any of this; the text is read again when a backtrace wants it, and each
//! instruction of the binary has its place there by its number in the function.

use super::declared::Declared;
use limpid::internals::binary::InstrReader;
use limpid::internals::syntax::{self, ImportDesc};
use limpid::observe::validation;
use limpid::{FrameInfo, Module};
use std::sync::{Mutex, OnceLock, PoisonError};
use wast::core::{
    DataKind, ElemKind, ElemPayload, Expression, FuncKind, GlobalKind, MemoryKind, ModuleField,
    ModuleKind, TableKind,
};
use wast::lexer::{Lexer, TokenKind};
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
    /// Where instructions are in the text, read when first asked for.
    spans: OnceLock<Spans>,
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
        spans: OnceLock::new(),
    });
}

/// The place of a frame, if its module was read from a text.
pub fn of(frame: &FrameInfo) -> Option<Place> {
    let texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts
        .iter()
        .find(|text| Module::same(&text.module, frame.module()))?;
    let spans = text.spans.get_or_init(|| Spans::read(&text.text));
    let offset = u32::try_from(frame.module_offset()?).ok()?;
    let (func, number) = number(frame.module(), frame.func_index(), offset)?;
    let at = *spans.functions.get(func)?.instrs.get(number)?;
    let (line, column) = spans.line_and_column(&text.text, at)?;
    Some(Place {
        file: text.shown.clone(),
        line,
        column,
    })
}

/// The text that a module was read from.
pub fn text(module: &Module) -> Option<String> {
    let texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts
        .iter()
        .find(|text| Module::same(&text.module, module))?;
    Some(text.text.clone())
}

/// The instructions of a function: byte offsets in the module, and where each is in the text that
/// the module was read from. None for a module that was read from a binary.
pub fn instructions(module: &Module, func: u32) -> Option<Vec<(u32, usize)>> {
    let texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts
        .iter()
        .find(|text| Module::same(&text.module, module))?;
    let spans = text.spans.get_or_init(|| Spans::read(&text.text));
    spans.instructions(&text.text, module, func)
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

/// Where the instructions of an expression are in a text.
#[derive(Default)]
pub struct ExprSpans {
    instrs: Box<[usize]>,
    /// Where the field of the module begins that the expression ends with.
    field: Option<usize>,
}

/// Where the instructions of a module are in its text. A text that holds a binary has none.
#[derive(Default)]
pub struct Spans {
    /// Where each line begins.
    lines: Vec<usize>,
    /// Where the fields are.
    pub declared: Declared,
    functions: Vec<ExprSpans>,
    globals: Vec<ExprSpans>,
    tables: Vec<ExprSpans>,
    datas: Vec<ExprSpans>,
    /// The offset of each segment, and its items.
    elems: Vec<(ExprSpans, Vec<ExprSpans>)>,
}

impl Spans {
    /// Reads a text.
    pub fn read(text: &str) -> Spans {
        let mut spans = Spans::default();
        // The reader's memory cannot be refused, and the guest may have taken almost all there is.
        let room = text.len().saturating_mul(READER);
        if Vec::<u8>::new().try_reserve_exact(room).is_err() {
            return spans;
        }
        let Ok(mut buffer) = ParseBuffer::new(text) else {
            return spans;
        };
        buffer.track_instr_spans(true);
        let Ok(Wat::Module(module)) = parser::parse::<Wat<'_>>(&buffer) else {
            return spans;
        };
        let ModuleKind::Text(fields) = module.kind else {
            return spans;
        };
        for field in fields {
            spans.add(field);
        }
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        spans.lines = [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect();
        spans
    }

    fn add(&mut self, field: ModuleField<'_>) {
        self.declared.add(&field);
        match field {
            ModuleField::Func(func) => {
                if let FuncKind::Inline { expression, .. } = func.kind {
                    self.functions.push(of_expr(&expression, Some(func.span)));
                }
            }
            ModuleField::Global(global) => {
                if let GlobalKind::Inline(expression) = global.kind {
                    self.globals.push(of_expr(&expression, Some(global.span)));
                }
            }
            ModuleField::Table(table) => match table.kind {
                TableKind::Import { .. } => {}
                TableKind::Normal { init_expr, .. } => {
                    let of_init = |init| of_expr(&init, Some(table.span));
                    self.tables.push(init_expr.map(of_init).unwrap_or_default());
                }
                TableKind::Inline { payload, .. } => {
                    self.tables.push(ExprSpans::default());
                    self.elems.push((ExprSpans::default(), of_items(&payload)));
                }
            },
            ModuleField::Memory(memory) => {
                if let MemoryKind::Inline { .. } = memory.kind {
                    self.datas.push(ExprSpans::default());
                }
            }
            ModuleField::Data(data) => self.datas.push(match data.kind {
                DataKind::Passive => ExprSpans::default(),
                DataKind::Active { offset, .. } => of_expr(&offset, None),
            }),
            ModuleField::Elem(elem) => {
                let offset = match elem.kind {
                    ElemKind::Passive | ElemKind::Declared => ExprSpans::default(),
                    ElemKind::Active { offset, .. } => of_expr(&offset, None),
                };
                self.elems.push((offset, of_items(&elem.payload)));
            }
            // No other field has instructions.
            _ => {}
        }
    }

    /// The instructions of a function: byte offsets in the module, and where each is in the text.
    pub fn instructions(
        &self,
        text: &str,
        module: &Module,
        func: u32,
    ) -> Option<Vec<(u32, usize)>> {
        let syntax = module.syntax();
        let defined = func.checked_sub(syntax.imported_funcs())? as usize;
        let body = syntax.code.get(defined)?;
        let places = self.functions.get(defined)?;
        let mut reader = InstrReader::for_body(syntax, body, module.engine().config().features());
        let mut all = Vec::new();
        while let (false, Ok((offset, _))) = (reader.at_end(), reader.read()) {
            if let Some(at) = places.at(text, all.len()) {
                all.push((offset, at));
            }
        }
        (!all.is_empty()).then_some(all)
    }

    /// The instructions of a part of a module.
    pub fn part(&self, module: &syntax::Module, place: validation::Place) -> Option<&ExprSpans> {
        use validation::Place;
        let defined = |index: u32, is: fn(&ImportDesc) -> bool| {
            let imports = module.imports.iter();
            let imported = imports.filter(|import| is(&import.desc)).count();
            (index as usize).checked_sub(imported)
        };
        match place {
            Place::Func(func) => self
                .functions
                .get(defined(func.0, |desc| matches!(desc, ImportDesc::Func(_)))?),
            Place::Global(global) => {
                let index = defined(global.0, |desc| matches!(desc, ImportDesc::Global(_)))?;
                self.globals.get(index)
            }
            Place::Table(table) => {
                let index = defined(table.0, |desc| matches!(desc, ImportDesc::Table(_)))?;
                self.tables.get(index)
            }
            Place::DataOffset(data) => self.datas.get(data.index()),
            Place::ElemOffset(elem) => self.elems.get(elem.index()).map(|elem| &elem.0),
            Place::Elem(elem, item) => {
                let items = self.elems.get(elem.index()).map(|elem| &elem.1);
                items.and_then(|items| items.get(item as usize))
            }
        }
    }

    /// The line and the column in characters of an offset, both from 1.
    pub fn line_and_column(&self, text: &str, at: usize) -> Option<(u32, u32)> {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = *self.lines.get(line.checked_sub(1)?)?;
        let column = text.get(start..at)?.chars().count() + 1;
        Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
    }
}

impl ExprSpans {
    /// Where an instruction is in the text, by its number. The one behind the last is the `end`
    /// that no text writes, and is where the field ends.
    pub fn at(&self, text: &str, number: usize) -> Option<usize> {
        match self.instrs.get(number) {
            Some(at) => Some(*at),
            None if number == self.instrs.len() => field_end(text, self.field?),
            None => None,
        }
    }
}

fn of_expr(expression: &Expression<'_>, field: Option<Span>) -> ExprSpans {
    let spans = expression.instr_spans.as_deref().unwrap_or_default();
    ExprSpans {
        instrs: spans.iter().map(Span::offset).collect(),
        field: field.map(|span| span.offset()),
    }
}

fn of_items(payload: &ElemPayload<'_>) -> Vec<ExprSpans> {
    match payload {
        ElemPayload::Indices(_) => Vec::new(),
        ElemPayload::Exprs { exprs, .. } => exprs.iter().map(|expr| of_expr(expr, None)).collect(),
    }
}

/// Where the parenthesis is that closes the field whose keyword is at an offset.
fn field_end(text: &str, keyword: usize) -> Option<usize> {
    let lexer = Lexer::new(text);
    let mut depth = 1usize;
    for token in lexer.iter(keyword) {
        let token = token.ok()?;
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen => depth -= 1,
            // Everything else is inside.
            _ => {}
        }
        if depth == 0 {
            return Some(token.offset);
        }
    }
    None
}

/// The line and the column in characters of an offset, both from 1.
pub fn line_and_column(text: &str, at: usize) -> Option<(u32, u32)> {
    let before = text.get(..at)?;
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let start = before.rfind('\n').map_or(0, |start| start + 1);
    let column = before[start..].chars().count();
    Some((
        u32::try_from(line + 1).ok()?,
        u32::try_from(column + 1).ok()?,
    ))
}
