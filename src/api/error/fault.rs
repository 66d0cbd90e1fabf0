//! Faults of the embedder's calls, as one enumeration with stable codes.

use super::Error;
use super::node::Told;
use alloc::borrow::Cow;
use core::error::Error as StdError;
use core::fmt::{self, Display};

/// Mistakes in the embedder's calls, and states of a store in which a call is refused.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A handle belongs to another store.
    WrongStore,
    /// A handle was made after the snapshot that its store was then restored to.
    StaleHandle,
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
    /// The engine was not configured for what was asked.
    NotConfigured,
    /// An access from the host is out of bounds.
    OutOfBounds,
    /// A memory or table was not allowed to grow, or had no room to.
    GrowRefused,
    /// The global, field or element is immutable.
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
    /// Every thread of a guest waits, and nothing in the store could wake one.
    Deadlock,
    /// The bytes given to [`Module::deserialize`](crate::Module::deserialize) are not a serialized
    /// module, are of another version, or were made with other settings.
    BadContainer,
}

impl Fault {
    /// Returns a stable name of the fault, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::WrongStore => "wrong-store",
            Fault::StaleHandle => "stale-handle",
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
            Fault::Deadlock => "deadlock",
            Fault::BadContainer => "bad-container",
        }
    }
}

impl Fault {
    /// The error of this fault in the words of the call that met it, which say all that the fault
    /// itself would say: so nothing is said twice.
    pub(crate) fn because(self, text: impl Into<Cow<'static, str>>) -> Error {
        let text = text.into();
        Error::of(Told { fault: self, text })
    }
}

impl Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Fault::WrongStore => "object used with the wrong store",
            Fault::StaleHandle => {
                "the handle is younger than the snapshot that the store was restored to"
            }
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
            Fault::Deadlock => "all threads of the guest wait, and nothing can wake one",
            Fault::BadContainer => "not a serialized module of this engine",
        })
    }
}

impl StdError for Fault {}
