//! What an error carries besides its chain: where the guest was, the access out of bounds that it
//! made, and the exception that nobody caught.

use super::node::{Around, Node};
use super::uncaught::UncaughtException;
use crate::exec::MemoryFault;
use alloc::boxed::Box;
use core::any::Any;
use core::fmt::Display;

/// What a note must be. Without `std` modules, which the guest's stack names, are of one thread.
#[cfg(feature = "std")]
pub(crate) trait Bounds: Display + Any + Send + Sync {}
#[cfg(feature = "std")]
impl<N: Display + Any + Send + Sync> Bounds for N {}
/// What a note must be.
#[cfg(not(feature = "std"))]
pub(crate) trait Bounds: Display + Any {}
#[cfg(not(feature = "std"))]
impl<N: Display + Any> Bounds for N {}

/// A note whose type this folder does not know: the guest's stack.
pub(crate) trait Attachment: Bounds {
    /// Puts the note around an error, as a context that is found by its type.
    #[cfg(feature = "anyhow")]
    fn around(self: Box<Self>, error: anyhow::Error) -> anyhow::Error;
}

/// The notes of an error.
#[derive(Default)]
pub(super) struct Notes {
    pub backtrace: Option<Box<dyn Attachment>>,
    pub fault: Option<MemoryFault>,
    pub exception: Option<Box<UncaughtException>>,
}

impl Notes {
    /// Returns all notes.
    pub fn all(&self) -> impl Iterator<Item = &dyn Any> {
        let backtrace = self.backtrace.iter().map(|it| &**it as &dyn Any);
        let fault = self.fault.iter().map(|it| it as &dyn Any);
        let exception = self.exception.iter().map(|it| &**it as &dyn Any);
        backtrace.chain(fault).chain(exception)
    }

    /// Returns all notes, to be changed.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut dyn Any> {
        let backtrace = self.backtrace.iter_mut();
        let backtrace = backtrace.map(|it| &mut **it as &mut dyn Any);
        let fault = self.fault.iter_mut().map(|it| it as &mut dyn Any);
        let exception = self.exception.iter_mut();
        let exception = exception.map(|it| &mut **it as &mut dyn Any);
        backtrace.chain(fault).chain(exception)
    }

    /// Returns all notes, each by itself.
    pub fn into_all(self) -> impl Iterator<Item = Box<dyn Any>> {
        let backtrace = self.backtrace.into_iter().map(|it| it as Box<dyn Any>);
        let fault = self
            .fault
            .into_iter()
            .map(|it| Box::new(it) as Box<dyn Any>);
        let exception = self.exception.into_iter().map(|it| it as Box<dyn Any>);
        backtrace.chain(fault).chain(exception)
    }

    /// Puts the notes around a cause, as contexts: an error that leaves the crate has a chain, and
    /// nothing besides.
    pub fn around_node(&mut self, mut node: Box<dyn Node>) -> Box<dyn Node> {
        if let Some(context) = self.exception.take() {
            node = Box::new(Around {
                context,
                inner: node,
            });
        }
        if let Some(context) = self.fault.take() {
            node = Box::new(Around {
                context,
                inner: node,
            });
        }
        if let Some(context) = self.backtrace.take() {
            // A link of the chain can be sent to other threads, its text at least.
            #[cfg(not(feature = "std"))]
            let context = alloc::string::ToString::to_string(&context);
            node = Box::new(Around {
                context,
                inner: node,
            });
        }
        node
    }

    /// Puts the notes around a cause, as contexts.
    #[cfg(feature = "anyhow")]
    pub fn around(self, mut error: anyhow::Error) -> anyhow::Error {
        if let Some(exception) = self.exception {
            error = error.context(*exception);
        }
        if let Some(fault) = self.fault {
            error = error.context(fault);
        }
        match self.backtrace {
            Some(backtrace) => backtrace.around(error),
            None => error,
        }
    }
}
