//! Events for logs, with the feature `log`: each says once what happened, at a place where nothing
//! is fast. Without the feature they are nothing. Every event for `tracing` is emitted here.

use crate::api::error::Error;
use crate::syntax::Module;

#[cfg(feature = "log")]
mod told {
    use super::{Error, Module};
    use crate::api::error::ThrownException;
    use crate::trap::Trap;
    use tracing::{debug, info, warn};

    /// An instance was made.
    pub fn instantiated(module: &Module) {
        debug!(
            target: "limpid::instance",
            module = module.names.module.as_deref().unwrap_or_default(),
            functions = module.code.len(),
            bytes = module.bytes.len(),
            "instantiated"
        );
    }

    /// A run ended with an error: a trap, a limit, or what a host function said.
    pub fn ended(error: &Error) {
        let code = error.code();
        match error.downcast_ref::<Trap>() {
            Some(
                trap @ (Trap::OutOfFuel
                | Trap::Interrupt
                | Trap::StackOverflow
                | Trap::HeapExhausted
                | Trap::GrowRefused),
            ) => warn!(target: "limpid::limit", code, "limit reached: {trap}"),
            Some(trap) => info!(target: "limpid::trap", code, "trap: {trap}"),
            None if error.is::<ThrownException>() => {
                info!(target: "limpid::trap", code, "uncaught exception");
            }
            None => {
                debug!(target: "limpid::host", code, error = error.to_string(), "ended by the host")
            }
        }
    }

    /// An engine has the slower dispatch, though the faster one was wanted.
    pub fn stepped() {
        warn!(
            target: "limpid::engine",
            "dispatch is stepped, several times slower than threaded: this build's handlers do not \
             jump to each other; build limpid with opt-level 2 or 3"
        );
    }

    /// A memory or table may not grow, or not come into being.
    pub fn refused(what: &str, now: u64, wanted: u64) {
        warn!(target: "limpid::limit", what, now, wanted, "growth refused");
    }

    /// WASI denies something that was not granted.
    #[cfg(feature = "wasi")]
    pub fn denied(function: &str, path: Option<&str>, errno: &str) {
        warn!(target: "limpid::wasi", function, path = path.unwrap_or_default(), errno, "denied");
    }
}

#[cfg(not(feature = "log"))]
mod told {
    use super::{Error, Module};

    pub fn instantiated(_: &Module) {}
    pub fn ended(_: &Error) {}
    pub fn stepped() {}
    pub fn refused(_: &str, _: u64, _: u64) {}
    #[cfg(feature = "wasi")]
    pub fn denied(_: &str, _: Option<&str>, _: &str) {}
}

#[cfg(feature = "wasi")]
pub(crate) use told::denied;
pub(in crate::api) use told::{ended, instantiated, refused, stepped};
