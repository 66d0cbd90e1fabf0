//! One error type for the embedder: any error, with context, and a stable code. Guest faults stay
//! typed inside it and are found with [`Error::downcast_ref`].

pub(crate) mod trap_names;
pub(crate) mod uncaught;

use crate::api::backtrace::WasmBacktrace;
use crate::api::error::uncaught::UncaughtException;
use crate::exec::MemoryFault;
use crate::trap::Trap;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::any::Any;
use core::error::Error as StdError;
use core::fmt::{self, Debug, Display};

/// The result of most functions of this crate.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Any error. Its `Display` is the outermost context, or the error itself; `{:#}` joins the whole
/// chain, and `{:?}` lists it with the backtrace of the guest.
///
/// ```
/// use limpid::{Error, Trap};
/// let error = Error::from(Trap::Unreachable).context("running the plugin");
/// assert_eq!(error.to_string(), "running the plugin");
/// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
/// assert_eq!(error.code(), "unreachable");
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    cause: Box<dyn Part>,
    /// Outermost last.
    context: Vec<Box<dyn Part>>,
    backtrace: Option<WasmBacktrace>,
    fault: Option<MemoryFault>,
    exception: Option<Box<UncaughtException>>,
}

/// A link of the chain: printed, and found by its type.
trait Part: Send + Sync {
    fn display(&self) -> &dyn Display;
    fn any(&self) -> &dyn Any;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    fn error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)>;
}

/// A context, which need not be an error.
struct Given<C>(C);

impl<C: Display + Send + Sync + 'static> Part for Given<C> {
    fn display(&self) -> &dyn Display {
        &self.0
    }

    fn any(&self) -> &dyn Any {
        &self.0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.0)
    }

    fn error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        None
    }
}

/// The error itself.
struct Cause<E>(E);

impl<E: StdError + Send + Sync + 'static> Part for Cause<E> {
    fn display(&self) -> &dyn Display {
        &self.0
    }

    fn any(&self) -> &dyn Any {
        &self.0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.0)
    }

    fn error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        Some(&self.0)
    }
}

/// A fault of the embedder in the words of the call that met it.
struct Told {
    fault: Fault,
    text: Message,
}

impl Part for Told {
    fn display(&self) -> &dyn Display {
        &self.text
    }

    fn any(&self) -> &dyn Any {
        &self.fault
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.fault)
    }

    fn error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        Some(&self.text)
    }
}

/// An error whose type is not known.
struct Boxed(Box<dyn StdError + Send + Sync>);

impl Part for Boxed {
    fn display(&self) -> &dyn Display {
        &self.0
    }

    fn any(&self) -> &dyn Any {
        &self.0
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        Box::new(self.0)
    }

    fn error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        Some(&*self.0)
    }
}

/// An error that is a text.
struct Message(Cow<'static, str>);

impl Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Message {}

/// Faults of the embedder's calls, and states of a store that refuse one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A handle belongs to another store.
    WrongStore,
    /// A module, a type or a shared memory belongs to another engine.
    WrongEngine,
    /// A rooted reference was used after its scope ended, or after its last owner was dropped.
    StaleRoot,
    /// A host function, or other code of the embedder, panicked in a call into this store. It can
    /// no longer be used, unless it is restored to a snapshot.
    Poisoned,
    /// Calls between Wasm and the host nest too deeply.
    HostDepth,
    /// A value or a handle is not of the type asked for.
    TypeMismatch,
    /// The number of arguments or results is not that of the function's type.
    Arity,
    /// A synchronous call met what only an asynchronous one can wait for: an asynchronous host
    /// function, or a yield that fuel or the epoch deadline asks for.
    AsyncRequired,
    /// A host function suspended a run that cannot be kept.
    CannotSuspend,
    /// A suspended run was already resumed, or belongs to another store.
    NotSuspended,
    /// The engine was not configured for it.
    NotConfigured,
    /// An access from the host is out of bounds.
    OutOfBounds,
    /// Growing was refused.
    GrowRefused,
    /// A global or field cannot be written.
    Immutable,
    /// There is no export of that name.
    UnknownExport,
    /// There is no definition of that name.
    UnknownDefinition,
    /// The name is defined already.
    DefinedTwice,
    /// A store cannot be copied while a host function is active in it.
    HostActive,
    /// A store cannot be copied while it has a shared memory, which other threads change.
    SharedPresent,
    /// A store cannot be copied while a guest, or a root of the embedder, holds values of the host.
    HostValues,
    /// A serialized module is not one, is of another version, or was built for other settings.
    BadContainer,
}

impl Fault {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::WrongStore => "wrong-store",
            Fault::WrongEngine => "wrong-engine",
            Fault::StaleRoot => "stale-root",
            Fault::Poisoned => "poisoned",
            Fault::HostDepth => "host-depth",
            Fault::TypeMismatch => "type-mismatch",
            Fault::Arity => "arity",
            Fault::AsyncRequired => "async-required",
            Fault::CannotSuspend => "cannot-suspend",
            Fault::NotSuspended => "not-suspended",
            Fault::NotConfigured => "not-configured",
            Fault::OutOfBounds => "out-of-bounds",
            Fault::GrowRefused => "grow-refused",
            Fault::Immutable => "immutable",
            Fault::UnknownExport => "unknown-export",
            Fault::UnknownDefinition => "unknown-definition",
            Fault::DefinedTwice => "defined-twice",
            Fault::HostActive => "host-active",
            Fault::SharedPresent => "shared-present",
            Fault::HostValues => "host-values",
            Fault::BadContainer => "bad-container",
        }
    }
}

impl Fault {
    /// The error of this fault in the words of the call that met it, which say all that the fault
    /// itself would say: so nothing is said twice.
    pub(crate) fn because(self, text: impl Into<Cow<'static, str>>) -> Error {
        let text = Message(text.into());
        Error::part(Box::new(Told { fault: self, text }))
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::WrongStore => "object used with the wrong store",
            Fault::WrongEngine => "object used with the wrong engine",
            Fault::StaleRoot => "rooted reference used after its scope or its last owner",
            Fault::Poisoned => "store is poisoned: code of the embedder panicked in a call",
            Fault::HostDepth => "calls between Wasm and the host nest too deeply",
            Fault::TypeMismatch => "type mismatch",
            Fault::Arity => "wrong number of arguments or results",
            Fault::AsyncRequired => "an asynchronous call is needed",
            Fault::CannotSuspend => "the run cannot be suspended here",
            Fault::NotSuspended => "no such suspended run",
            Fault::NotConfigured => "the engine is not configured for this",
            Fault::OutOfBounds => "out of bounds access",
            Fault::GrowRefused => "growth was refused",
            Fault::Immutable => "immutable value cannot be written",
            Fault::UnknownExport => "unknown export",
            Fault::UnknownDefinition => "unknown definition",
            Fault::DefinedTwice => "defined twice",
            Fault::HostActive => "the store cannot be copied: a host function is active in it",
            Fault::SharedPresent => "the store cannot be copied: it has a shared memory",
            Fault::HostValues => "the store cannot be copied: a guest holds values of the host",
            Fault::BadContainer => "not a serialized module of this engine",
        })
    }
}

impl StdError for Fault {}

impl Error {
    /// An error from a typed one.
    pub fn new<E: StdError + Send + Sync + 'static>(error: E) -> Error {
        Error::part(Box::new(Cause(error)))
    }

    /// An error from anything that can be printed.
    pub fn msg<M: Display + Debug + Send + Sync + 'static>(message: M) -> Error {
        Error::new(Message(message.to_string().into()))
    }

    /// An error from a boxed one.
    pub fn from_boxed(error: Box<dyn StdError + Send + Sync>) -> Error {
        Error::part(Box::new(Boxed(error)))
    }

    fn part(cause: Box<dyn Part>) -> Error {
        Error(Box::new(Inner {
            cause,
            context: Vec::new(),
            backtrace: None,
            fault: None,
            exception: None,
        }))
    }

    /// The same error with a context around it, which is printed first.
    pub fn context<C: Display + Send + Sync + 'static>(mut self, context: C) -> Error {
        self.0.context.push(Box::new(Given(context)));
        self
    }

    /// The error, a context, the backtrace, the [`MemoryFault`] or the [`UncaughtException`] of
    /// that type, if there is one.
    pub fn downcast_ref<E: Display + Debug + Send + Sync + 'static>(&self) -> Option<&E> {
        let backtrace = self.0.backtrace.as_ref().map(|b| b as &dyn Any);
        let fault = self.0.fault.as_ref().map(|fault| fault as &dyn Any);
        let exception = self.0.exception.as_deref().map(|it| it as &dyn Any);
        let contexts = self.0.context.iter().rev().map(|c| c.any());
        contexts
            .chain([self.0.cause.any()])
            .chain(backtrace)
            .chain(fault)
            .chain(exception)
            .find_map(|part| part.downcast_ref())
    }

    /// Whether the error or a context of it has that type.
    pub fn is<E: Display + Debug + Send + Sync + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// Returns what [`Error::downcast_ref`] finds: the error, a context, the backtrace, the
    /// [`MemoryFault`] or the [`UncaughtException`] of that type.
    ///
    /// # Errors
    /// The error itself, when nothing in it has that type.
    pub fn downcast<E: Display + Debug + Send + Sync + 'static>(self) -> Result<E, Error> {
        if !self.is::<E>() {
            return Err(self);
        }
        let Inner {
            cause,
            context,
            backtrace,
            fault,
            exception,
        } = *self.0;
        let contexts = context.into_iter().rev().map(|context| context.into_any());
        let backtrace = backtrace.map(|backtrace| Box::new(backtrace) as Box<dyn Any>);
        let fault = fault.map(|fault| Box::new(fault) as Box<dyn Any>);
        let exception = exception.map(|exception| exception as Box<dyn Any>);
        let found = contexts
            .chain([cause.into_any()])
            .chain(backtrace)
            .chain(fault)
            .chain(exception)
            .find_map(|part| part.downcast().ok());
        match found {
            Some(part) => Ok(*part),
            None => unreachable!("the type was just asked for"),
        }
    }

    /// The innermost error.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        let mut cause: &(dyn StdError + 'static) = self.as_ref();
        while let Some(next) = cause.source() {
            cause = next;
        }
        cause
    }

    /// The texts of the contexts, outermost first, then of the error and its sources.
    pub fn messages(&self) -> impl Iterator<Item = String> + '_ {
        let contexts = self.0.context.iter().rev().map(|c| c.display().to_string());
        let first: &(dyn StdError + 'static) = self.as_ref();
        let causes = core::iter::successors(Some(first), |&error| error.source());
        // What is known of an uncaught exception stands in place of the words that only name it.
        let uncaught = self.0.exception.iter().map(|it| it.to_string());
        let replaced = uncaught.len();
        let causes = causes.map(|error| error.to_string()).skip(replaced);
        contexts.chain(uncaught).chain(causes)
    }

    /// A stable name of the kind of error, for programs.
    ///
    /// - Of modules: `malformed`, `invalid`, `unlinkable`, `limit`.
    /// - Of guests ([`Trap`]): `unreachable`, `integer-divide-by-zero`, `integer-overflow`,
    ///   `invalid-conversion`, `memory-out-of-bounds`, `table-out-of-bounds`,
    ///   `array-out-of-bounds`, `undefined-element`, `uninitialized-element`,
    ///   `indirect-call-type-mismatch`, `null-reference`, `null-function-reference`,
    ///   `null-structure-reference`, `null-array-reference`, `null-i31-reference`,
    ///   `null-exception-reference`, `cast-failure`, `array-too-large`, `unaligned-atomic`,
    ///   `expected-shared-memory`, `wait-refused`; an uncaught `exception`.
    /// - Of limits ([`Trap`]): `stack-overflow`, `heap-exhausted`, `out-of-fuel`, `interrupt`,
    ///   `grow-refused`, `out-of-memory`.
    /// - Of embedders ([`Fault`]): `wrong-store`, `wrong-engine`, `stale-root`, `poisoned`,
    ///   `host-depth`, `type-mismatch`, `arity`, `async-required`, `cannot-suspend`,
    ///   `not-suspended`, `not-configured`, `out-of-bounds`, `grow-refused`, `immutable`,
    ///   `unknown-export`, `unknown-definition`, `defined-twice`, `bad-container`, `host-active`,
    ///   `shared-present`,
    ///   `host-values`.
    /// - Of host functions: `host`.
    pub fn code(&self) -> &'static str {
        if let Some(trap) = self.downcast_ref::<Trap>() {
            return trap.code();
        }
        if let Some(fault) = self.downcast_ref::<Fault>() {
            return fault.code();
        }
        crate::api::module::load::code(self).unwrap_or("host")
    }

    /// The same error with the guest's stack at the time.
    pub(crate) fn with_backtrace(mut self, backtrace: WasmBacktrace) -> Error {
        self.0.backtrace.get_or_insert(backtrace);
        self
    }

    /// The same error with the access of memory that is out of bounds.
    pub(crate) fn with_fault(mut self, fault: Option<MemoryFault>) -> Error {
        self.0.fault = fault;
        self
    }

    /// The same error with what is known of the exception that no handler caught.
    pub(crate) fn with_exception(
        mut self,
        exception: impl FnOnce() -> Option<UncaughtException>,
    ) -> Error {
        if self.0.exception.is_none() {
            self.0.exception = exception().map(Box::new);
        }
        self
    }

    /// Whether a backtrace is there.
    pub(crate) fn has_backtrace(&self) -> bool {
        self.0.backtrace.is_some()
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut messages = self.messages();
        f.write_str(&messages.next().unwrap_or_default())?;
        if f.alternate() {
            for message in messages {
                write!(f, ": {message}")?;
            }
        }
        Ok(())
    }
}

impl Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut messages = self.messages();
        f.write_str(&messages.next().unwrap_or_default())?;
        for (place, message) in messages.enumerate() {
            f.write_str(if place == 0 { "\n\nCaused by:" } else { "" })?;
            write!(f, "\n    {place}: {message}")?;
        }
        if let Some(fault) = &self.0.fault {
            write!(f, "\n\n{fault}")?;
        }
        match &self.0.backtrace {
            Some(backtrace) => write!(f, "\n\n{backtrace}"),
            None => Ok(()),
        }
    }
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Error {
        Error::new(error)
    }
}

impl AsRef<dyn StdError + Send + Sync> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        match self.0.cause.error() {
            Some(error) => error,
            None => unreachable!("a context is never the cause"),
        }
    }
}

/// Adds context to a `Result` or makes an error of a missing value.
pub trait Context<T> {
    /// With that context around the error.
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T>;

    /// With a context made only when there is an error.
    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for Result<T, E> {
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.map_err(|error| error.into().context(context))
    }

    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T> {
        self.map_err(|error| error.into().context(context()))
    }
}

impl<T> Context<T> for Option<T> {
    fn context<C: Display + Send + Sync + 'static>(self, context: C) -> Result<T> {
        self.ok_or_else(|| Error::new(Message(context.to_string().into())))
    }

    fn with_context<C: Display + Send + Sync + 'static>(
        self,
        context: impl FnOnce() -> C,
    ) -> Result<T> {
        self.ok_or_else(|| Error::new(Message(context().to_string().into())))
    }
}

/// An error from a format string.
#[macro_export]
macro_rules! format_err {
    ($($args:tt)*) => { $crate::Error::msg($crate::__macros::format!($($args)*)) };
}

/// Returns early with an error from a format string.
#[macro_export]
macro_rules! bail {
    ($($args:tt)*) => { return Err($crate::format_err!($($args)*)) };
}

/// Returns early with an error unless a condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        $crate::ensure!($condition, "condition failed: {}", stringify!($condition))
    };
    ($condition:expr, $($args:tt)*) => {
        if !$condition { $crate::bail!($($args)*) }
    };
}
