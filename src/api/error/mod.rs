//! One error type for the embedder: any error, with context, and a stable code. Guest faults stay
//! typed inside it and are found with [`Error::downcast_ref`].
//!
//! Reading order: `fault`, `code`, `node` (the chain), `notes` (what is carried beside it), this
//! file, `context`, `convert` (errors that leave the crate). Knows nothing of modules and stores.

pub(crate) mod code;
mod context;
mod convert;
mod fault;
mod heap;
mod node;
pub(crate) mod notes;
mod trap_names;
mod uncaught;

pub(crate) use code::Coded;
pub use context::Context;
pub use fault::Fault;
pub use heap::GcHeapOutOfMemory;
pub(crate) use notes::Attachment;
pub use uncaught::{ThrownException, UncaughtException};

use crate::exec::MemoryFault;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::any::TypeId;
use core::error::Error as StdError;
use core::fmt::{self, Debug, Display};
use node::{Around, Cause, Node, Said, Unknown};
use notes::Notes;

/// The result of most functions of this crate; the error is an [`Error`] unless another is named.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// Any error of this crate. Its `Display` is the outermost context, or the error itself; `{:#}`
/// joins the whole chain, and `{:?}` lists it with the backtrace of the guest.
///
/// ```
/// use limpid::{Error, Trap};
/// let error = Error::from(Trap::Unreachable).context("running the plugin");
/// assert_eq!(error.to_string(), "running the plugin");
/// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
/// assert_eq!(error.code(), "unreachable");
/// ```
pub struct Error(Box<Body>);

struct Body {
    chain: Box<dyn Node>,
    notes: Notes,
}

impl Error {
    /// Makes an error from a typed one, which [`Error::downcast_ref`] finds again.
    pub fn new<E: StdError + Send + Sync + 'static>(error: E) -> Error {
        Error::of(Cause { error, code: None })
    }

    /// An error from a type of this crate that says its code.
    pub(crate) fn coded<E: Coded>(error: E) -> Error {
        Error::of(Cause::coded(error))
    }

    /// Makes an error from a message: anything that can be printed.
    pub fn msg<M: Display + Debug + Send + Sync + 'static>(message: M) -> Error {
        Error::said(message)
    }

    fn said<M: Display + Send + Sync + 'static>(message: M) -> Error {
        Error::of(Said(message))
    }

    /// Makes an error from a boxed one.
    pub fn from_boxed(error: Box<dyn StdError + Send + Sync>) -> Error {
        Error::of(Unknown(error))
    }

    fn of(cause: impl Node + 'static) -> Error {
        let (chain, notes) = (Box::new(cause), Notes::default());
        Error(Box::new(Body { chain, notes }))
    }

    /// Puts a context around the error, which is printed first.
    pub fn context<C: Display + Send + Sync + 'static>(mut self, context: C) -> Error {
        let inner = self.0.chain;
        self.0.chain = Box::new(Around { context, inner });
        self
    }

    /// Returns the error, a context, the [backtrace](crate::WasmBacktrace), the [`MemoryFault`] or
    /// the [`UncaughtException`], whichever has the type `E`.
    pub fn downcast_ref<E: Display + Debug + Send + Sync + 'static>(&self) -> Option<&E> {
        let in_chain = self.0.chain.find(TypeId::of::<E>());
        let found = in_chain.into_iter().chain(self.0.notes.all());
        let found = found.filter_map(|part| part.downcast_ref()).next();
        found.or_else(|| convert::within(&*self.0.chain))
    }

    /// Returns what [`Error::downcast_ref`] finds, for changing it.
    pub fn downcast_mut<E: Display + Debug + Send + Sync + 'static>(&mut self) -> Option<&mut E> {
        let Body { chain, notes } = &mut *self.0;
        let in_chain = chain.find_mut(TypeId::of::<E>());
        let found = in_chain.into_iter().chain(notes.all_mut());
        found.filter_map(|part| part.downcast_mut()).next()
    }

    /// Returns whether the error or a context of it has the type `E`.
    pub fn is<E: Display + Debug + Send + Sync + 'static>(&self) -> bool {
        self.downcast_ref::<E>().is_some()
    }

    /// Returns what [`Error::downcast_ref`] finds: the error, a context, the backtrace, the
    /// [`MemoryFault`] or the [`UncaughtException`] of that type.
    ///
    /// # Errors
    /// Returns the error unchanged when nothing in it has that type.
    pub fn downcast<E: Display + Debug + Send + Sync + 'static>(self) -> Result<E, Error> {
        let ty = TypeId::of::<E>();
        let in_chain = self.0.chain.find(ty).is_some();
        if !in_chain && !self.0.notes.all().any(|note| note.is::<E>()) {
            return Err(self);
        }
        let Body { chain, notes } = *self.0;
        let found = match in_chain {
            true => chain.take(ty),
            false => notes.into_all().find(|note| note.is::<E>()),
        };
        match found.and_then(|part| part.downcast().ok()) {
            Some(part) => Ok(*part),
            None => unreachable!("the type was just asked for"),
        }
    }

    /// Returns the error and its causes: contexts first, outermost first, then the error that they
    /// were added to, then its sources.
    pub fn chain(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> + '_ {
        let first: &(dyn StdError + 'static) = self.0.chain.error();
        core::iter::successors(Some(first), |&error| error.source())
    }

    /// Returns the innermost error of the chain.
    pub fn root_cause(&self) -> &(dyn StdError + 'static) {
        match self.chain().last() {
            Some(cause) => cause,
            None => unreachable!("a chain has a cause"),
        }
    }

    /// Returns the texts of the contexts, outermost first, then of the error and its sources.
    pub fn messages(&self) -> impl Iterator<Item = String> + '_ {
        // What is known of an uncaught exception stands in place of the words that only name it.
        let uncaught = self.0.notes.exception.as_deref();
        let cause = self.0.chain.contexts();
        self.chain()
            .enumerate()
            .map(move |(place, error)| match uncaught {
                Some(uncaught) if place == cause => uncaught.to_string(),
                Some(_) | None => error.to_string(),
            })
    }

    /// Returns a stable name of the kind of error, for programs.
    ///
    /// - Of modules: `malformed`, `invalid`, `unlinkable`, `limit`.
    /// - Of guests ([`Trap`](crate::Trap)): `unreachable`, `integer-divide-by-zero`,
    ///   `integer-overflow`, `invalid-conversion`, `memory-out-of-bounds`, `table-out-of-bounds`,
    ///   `array-out-of-bounds`, `undefined-element`, `uninitialized-element`,
    ///   `indirect-call-type-mismatch`, `null-reference`, `null-function-reference`,
    ///   `null-structure-reference`, `null-array-reference`, `null-i31-reference`,
    ///   `null-exception-reference`, `cast-failure`, `array-too-large`, `unaligned-atomic`,
    ///   `expected-shared-memory`, `wait-refused`; an uncaught `exception`.
    /// - Of limits ([`Trap`](crate::Trap)): `stack-overflow`, `heap-exhausted`, `out-of-fuel`,
    ///   `interrupt`, `grow-refused`, `out-of-memory`.
    /// - Of embedders ([`Fault`]): `wrong-store`, `stale-handle`, `wrong-engine`, `stale-root`,
    ///   `poisoned`, `host-depth`, `type-mismatch`, `arity`, `async-required`, `cannot-suspend`,
    ///   `not-suspended`, `not-configured`, `out-of-bounds`, `grow-refused`, `immutable`,
    ///   `unknown-export`, `unknown-definition`, `defined-twice`, `bad-container`, `host-active`,
    ///   `shared-present`, `host-values`, `deadlock`.
    /// - Of host functions: `host`.
    pub fn code(&self) -> &'static str {
        self.0.chain.code().unwrap_or("host")
    }

    /// The same error with the guest's stack at the time.
    pub(crate) fn with_backtrace(mut self, backtrace: impl Attachment) -> Error {
        let backtrace = || Box::new(backtrace) as Box<dyn Attachment>;
        self.0.notes.backtrace.get_or_insert_with(backtrace);
        self
    }

    /// The same error with the access of memory that is out of bounds.
    pub(crate) fn with_fault(mut self, fault: Option<MemoryFault>) -> Error {
        self.0.notes.fault = fault;
        self
    }

    /// The same error with what is known of the exception that no handler caught.
    pub(crate) fn with_exception(
        mut self,
        exception: impl FnOnce() -> Option<UncaughtException>,
    ) -> Error {
        if self.0.notes.exception.is_none() {
            self.0.notes.exception = exception().map(Box::new);
        }
        self
    }

    /// Returns whether a backtrace is there.
    pub(crate) fn has_backtrace(&self) -> bool {
        self.0.notes.backtrace.is_some()
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
        write_causes(f, messages)?;
        if let Some(fault) = &self.0.notes.fault {
            write!(f, "\n\n{fault}")?;
        }
        match &self.0.notes.backtrace {
            Some(backtrace) => write!(f, "\n\n{backtrace}"),
            None => Ok(()),
        }
    }
}

/// Lists the causes of an error below its first line.
fn write_causes(
    f: &mut fmt::Formatter<'_>,
    causes: impl Iterator<Item = impl Display>,
) -> fmt::Result {
    for (place, cause) in causes.enumerate() {
        f.write_str(if place == 0 { "\n\nCaused by:" } else { "" })?;
        write!(f, "\n    {place}: {cause}")?;
    }
    Ok(())
}

impl<E: StdError + Send + Sync + 'static> From<E> for Error {
    fn from(error: E) -> Error {
        Error::new(error)
    }
}

impl AsRef<dyn StdError + Send + Sync> for Error {
    fn as_ref(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.0.chain.error()
    }
}
