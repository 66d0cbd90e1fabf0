//! From the text of a script to data. The only file that knows the crate `wast`.

use super::report::Kind;
use super::script::{Action, Command, Directive, Script, Source};
use super::split::{self, Piece};
use super::values::{Arg, Expected, Hierarchy, Lanes, Pattern, Shape};
use ::wast::core::{
    AbstractHeapType, HeapType, NanPattern, V128Const, V128Pattern, WastArgCore, WastRetCore,
};
use ::wast::lexer::Lexer;
use ::wast::parser::{self, Parse, ParseBuffer, Parser};
use ::wast::token::{F32, F64, Id, Span};
use ::wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};
use core::fmt;

/// The reason why a text is not a script.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadError {
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1.
    pub column: u32,
    /// A description of what is wrong there.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl core::error::Error for ReadError {}

/// Reads a script. A directive that cannot be read becomes one that fails, [`Command::Unreadable`];
/// the others are read.
///
/// # Errors
/// Fails for a text that is not a script: it holds no directive, or it is a malformed module.
pub fn read(text: &str) -> Result<Script, ReadError> {
    // Some editors put the mark before a text. It is no part of it, and the reader refuses it.
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if split::is_empty(text) {
        return Ok(Script::default());
    }
    let mut lines = Lines::of(text);
    let error = match lines.read(text, false) {
        Ok(directives) => return Ok(Script { directives }),
        Err(error) => error,
    };
    let pieces = split::pieces(text);
    let is_module = pieces.first().is_some_and(Piece::is_field);
    if is_module || !pieces.iter().any(Piece::is_directive) {
        return Err(error);
    }
    let directives = lines.pieces(text, pieces, 0);
    Ok(Script { directives })
}

/// The mark that may stand before a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Most threads inside each other whose directives are read one by one.
const NESTED: usize = 16;

/// The directive that stands for one that cannot be read.
fn unreadable(error: ReadError, keyword: &str) -> Directive {
    Directive {
        line: error.line,
        column: error.column,
        command: Command::Unreadable {
            keyword: keyword.to_owned(),
            message: error.message,
        },
    }
}

type Result<T, E = ReadError> = core::result::Result<T, E>;

/// Directives and nothing else.
struct Directives<'a>(Vec<WastDirective<'a>>);

/// What annotations the reader knows.
const ANNOTATIONS: [&str; 5] = [
    "custom",
    "producers",
    "name",
    "dylink.0",
    "metadata.code.branch_hint",
];

impl<'a> Parse<'a> for Directives<'a> {
    fn parse(parser: Parser<'a>) -> ::wast::parser::Result<Directives<'a>> {
        let _known = ANNOTATIONS.map(|name| parser.register_annotation(name));
        let mut directives = Vec::new();
        while !parser.is_empty() {
            directives.push(parser.parens(WastDirective::parse)?);
        }
        Ok(Directives(directives))
    }
}

/// Where lines start.
struct Lines {
    /// The offsets in the script.
    starts: Vec<usize>,
    /// The offset of the text that is being read, to which spans are relative.
    base: usize,
}

impl Lines {
    fn of(text: &str) -> Lines {
        let ends = text.bytes().enumerate().filter(|&(_, byte)| byte == b'\n');
        let starts = [0].into_iter().chain(ends.map(|(at, _)| at + 1));
        Lines {
            starts: starts.collect(),
            base: 0,
        }
    }

    /// Reads the directives of a text at the base; a module's fields alone are one, unless only
    /// directives are wanted.
    fn read(&self, text: &str, only_directives: bool) -> Result<Vec<Directive>> {
        let refused = |error: ::wast::Error| self.error(error.span(), error.message());
        let mut lexer = Lexer::new(text);
        // Names in the suite hold every kind of character.
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).map_err(refused)?;
        let directives = match only_directives {
            true => parser::parse::<Directives>(&buffer).map(|read| read.0),
            false => parser::parse::<Wast>(&buffer).map(|read| read.directives),
        };
        Ok(self.directives(directives.map_err(refused)?))
    }

    /// Reads pieces of a script, each alone. Those at `depth` are inside of so many threads.
    fn pieces(&mut self, text: &str, pieces: Vec<Piece<'_>>, depth: usize) -> Vec<Directive> {
        let mut directives = Vec::new();
        for piece in pieces {
            self.base = piece.range.start;
            let error = match self.piece(text, &piece) {
                Ok(read) => {
                    directives.extend(read);
                    continue;
                }
                Err(error) => error,
            };
            let thread = match depth < NESTED && piece.keyword == Kind::Thread.name() {
                true => self.thread(text, &piece, depth),
                false => None,
            };
            directives.push(thread.unwrap_or_else(|| unreadable(error, piece.keyword)));
        }
        directives
    }

    /// Reads a thread of which something cannot be read: what makes it a thread, and then each of
    /// its directives alone. Gives nothing if it is no thread without them.
    fn thread(&mut self, text: &str, piece: &Piece<'_>, depth: usize) -> Option<Directive> {
        let body = split::body(text, piece);
        let mut head = text[piece.range.clone()].as_bytes().to_vec();
        for directive in &body {
            let (start, end) = (directive.range.start, directive.range.end);
            head[start - piece.range.start..end - piece.range.start].fill(b' ');
        }
        let head = String::from_utf8(head).ok()?;
        let mut thread = self.read(&head, true).ok()?.pop()?;
        let Command::Thread { body: read, .. } = &mut thread.command else {
            return None;
        };
        *read = self.pieces(text, body, depth + 1);
        Some(thread)
    }

    /// Reads a piece of a script alone.
    fn piece(&self, text: &str, piece: &Piece<'_>) -> Result<Vec<Directive>> {
        let text = &text[piece.range.clone()];
        let start = Span::from_offset(0);
        match piece.keyword {
            _ if piece.is_directive() => self.read(text, true),
            "" if !text.starts_with('(') => {
                Err(self.error(start, "expected `(` and a directive here"))
            }
            // A comment that is not closed, for one; what can be read all the same is no directive.
            "" => match self.read(text, true) {
                Err(error) => Err(error),
                Ok(_) => Err(self.error(start, "expected a directive here")),
            },
            _ => Err(self.error(start, "this is not a known directive")),
        }
    }

    /// Line and column, from 1.
    fn place(&self, span: Span) -> (u32, u32) {
        let offset = self.base + span.offset();
        let line = self.starts.partition_point(|&start| start <= offset);
        let column = offset - self.starts[line - 1] + 1;
        (line as u32, column as u32)
    }

    fn error(&self, span: Span, message: impl Into<String>) -> ReadError {
        let (line, column) = self.place(span);
        let message = message.into();
        ReadError {
            line,
            column,
            message,
        }
    }

    fn directives(&self, directives: Vec<WastDirective<'_>>) -> Vec<Directive> {
        let directives = directives.into_iter();
        directives.map(|read| self.directive(read)).collect()
    }

    fn directive(&self, directive: WastDirective<'_>) -> Directive {
        let (line, column) = self.place(directive.span());
        match self.command(directive) {
            Ok(command) => Directive {
                line,
                column,
                command,
            },
            Err(error) => unreadable(error, ""),
        }
    }

    fn command(&self, directive: WastDirective<'_>) -> Result<Command> {
        use WastDirective as D;
        Ok(match directive {
            D::Module(module) => Command::Module(name(module.name()), source(module)),
            D::ModuleDefinition(module) => Command::Definition(name(module.name()), source(module)),
            D::ModuleInstance {
                instance, module, ..
            } => {
                let (instance, module) = (name(instance), name(module));
                Command::Instance { instance, module }
            }
            D::Register {
                name: to, module, ..
            } => {
                let (to, instance) = (to.to_string(), name(module));
                Command::Register { name: to, instance }
            }
            D::Invoke(invoke) => Command::Invoke(self.invoke(invoke)?),
            D::AssertReturn {
                span,
                exec,
                results,
            } => {
                let results = results.into_iter().map(|result| self.result(span, result));
                let results = results.collect::<Result<_>>()?;
                Command::AssertReturn(self.action(exec)?, results)
            }
            D::AssertTrap { exec, message, .. } => {
                Command::AssertTrap(self.action(exec)?, message.into())
            }
            D::AssertExhaustion { call, message, .. } => {
                Command::AssertExhaustion(self.invoke(call)?, message.into())
            }
            D::AssertException { exec, .. } => Command::AssertException(self.action(exec)?),
            D::AssertSuspension { exec, message, .. } => {
                Command::AssertSuspension(self.action(exec)?, message.into())
            }
            D::AssertMalformed {
                module, message, ..
            } => Command::AssertMalformed(source(module), message.into()),
            D::AssertInvalid {
                module, message, ..
            } => Command::AssertInvalid(source(module), message.into()),
            D::AssertUnlinkable {
                module, message, ..
            } => Command::AssertUnlinkable(plain(module), message.into()),
            D::AssertMalformedCustom {
                module, message, ..
            } => Command::AssertMalformedCustom(source(module), message.into()),
            D::AssertInvalidCustom {
                module, message, ..
            } => Command::AssertInvalidCustom(source(module), message.into()),
            D::Thread(thread) => Command::Thread {
                name: thread.name.name().to_string(),
                shared: name(thread.shared_module),
                body: self.directives(thread.directives),
            },
            D::Wait { thread, .. } => Command::Wait(thread.name().to_string()),
        })
    }

    fn action(&self, exec: WastExecute<'_>) -> Result<Action> {
        Ok(match exec {
            WastExecute::Invoke(invoke) => self.invoke(invoke)?,
            WastExecute::Wat(module) => Action::Instantiate(plain(module)),
            WastExecute::Get { module, global, .. } => {
                let (instance, name) = (name(module), global.to_string());
                Action::Get { instance, name }
            }
        })
    }

    fn invoke(&self, invoke: WastInvoke<'_>) -> Result<Action> {
        let args = invoke.args.into_iter().map(|arg| match arg {
            WastArg::Core(arg) => self.arg(invoke.span, arg),
            _ => Err(self.error(
                invoke.span,
                "the argument is a component's, and components are not supported yet",
            )),
        });
        Ok(Action::Invoke {
            instance: name(invoke.module),
            name: invoke.name.to_string(),
            args: args.collect::<Result<_>>()?,
        })
    }

    fn arg(&self, span: Span, arg: WastArgCore<'_>) -> Result<Arg> {
        Ok(match arg {
            WastArgCore::I32(value) => Arg::I32(value),
            WastArgCore::I64(value) => Arg::I64(value),
            WastArgCore::F32(value) => Arg::F32(value.bits),
            WastArgCore::F64(value) => Arg::F64(value.bits),
            WastArgCore::V128(value) => Arg::V128(vector(&value)),
            WastArgCore::RefNull(heap) => match hierarchy(&heap) {
                Some(hierarchy) => Arg::Null(hierarchy),
                None => {
                    return Err(
                        self.error(span, "the hierarchy of this null argument is not known")
                    );
                }
            },
            WastArgCore::RefExtern(value) => Arg::Extern(value),
            WastArgCore::RefHost(value) => Arg::Host(value),
        })
    }

    fn result(&self, span: Span, result: WastRet<'_>) -> Result<Expected> {
        match result {
            WastRet::Core(result) => self.expected(span, result),
            _ => Err(self.error(
                span,
                "the result is a component's, and components are not supported yet",
            )),
        }
    }

    fn expected(&self, span: Span, result: WastRetCore<'_>) -> Result<Expected> {
        Ok(match result {
            WastRetCore::I32(value) => Expected::I32(value),
            WastRetCore::I64(value) => Expected::I64(value),
            WastRetCore::F32(value) => Expected::F32(pattern(value, |float: F32| float.bits)),
            WastRetCore::F64(value) => Expected::F64(pattern(value, |float: F64| float.bits)),
            WastRetCore::V128(value) => Expected::V128(lanes(value)),
            WastRetCore::RefNull(heap) => Expected::Null(heap.as_ref().and_then(hierarchy)),
            WastRetCore::RefExtern(value) => Expected::Extern(value),
            WastRetCore::RefHost(value) => Expected::Host(value),
            WastRetCore::RefFunc(None) => Expected::Func,
            WastRetCore::RefFunc(Some(_)) => {
                return Err(self.error(
                    span,
                    "a result that is a certain function of the module is not supported yet",
                ));
            }
            WastRetCore::RefAny => Expected::Any,
            WastRetCore::RefEq => Expected::Eq,
            WastRetCore::RefArray => Expected::Array,
            WastRetCore::RefStruct => Expected::Struct,
            WastRetCore::RefI31 => Expected::I31,
            WastRetCore::RefI31Shared => {
                return Err(self.error(span, "shared references are not supported yet"));
            }
            WastRetCore::Either(cases) => {
                let cases = cases.into_iter().map(|case| self.expected(span, case));
                Expected::Either(cases.collect::<Result<_>>()?)
            }
        })
    }
}

fn name(id: Option<Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_string())
}

fn source(mut module: QuoteWat<'_>) -> Source {
    Source {
        quoted: !matches!(module, QuoteWat::Wat(_)),
        binary: module.encode().map_err(|error| error.message()),
    }
}

fn plain(module: Wat<'_>) -> Source {
    source(QuoteWat::Wat(module))
}

/// The hierarchy of a type, if it can be told without the module.
fn hierarchy(heap: &HeapType<'_>) -> Option<Hierarchy> {
    use AbstractHeapType as A;
    let ty = match heap {
        HeapType::Abstract { ty, .. } => ty,
        HeapType::Concrete(_) | HeapType::Exact(_) => return None,
    };
    Some(match ty {
        A::Func | A::NoFunc => Hierarchy::Func,
        A::Extern | A::NoExtern => Hierarchy::Extern,
        A::Exn | A::NoExn => Hierarchy::Exn,
        A::Any | A::Eq | A::Struct | A::Array | A::I31 | A::None => Hierarchy::Any,
        A::Cont | A::NoCont => return None,
    })
}

fn pattern<F, B>(pattern: NanPattern<F>, bits: impl Fn(F) -> B) -> Pattern<B> {
    match pattern {
        NanPattern::CanonicalNan => Pattern::Canonical,
        NanPattern::ArithmeticNan => Pattern::Arithmetic,
        NanPattern::Value(value) => Pattern::Bits(bits(value)),
    }
}

fn vector(value: &V128Const) -> u128 {
    u128::from_le_bytes(value.to_le_bytes())
}

fn lanes(value: V128Pattern) -> Lanes {
    let (shape, value) = match value {
        V128Pattern::I8x16(lanes) => (Shape::I8x16, V128Const::I8x16(lanes)),
        V128Pattern::I16x8(lanes) => (Shape::I16x8, V128Const::I16x8(lanes)),
        V128Pattern::I32x4(lanes) => (Shape::I32x4, V128Const::I32x4(lanes)),
        V128Pattern::I64x2(lanes) => (Shape::I64x2, V128Const::I64x2(lanes)),
        V128Pattern::F32x4(lanes) => {
            return Lanes::F32(lanes.map(|lane| pattern(lane, |float| float.bits)));
        }
        V128Pattern::F64x2(lanes) => {
            return Lanes::F64(lanes.map(|lane| pattern(lane, |float| float.bits)));
        }
    };
    Lanes::Bits(shape, vector(&value))
}
