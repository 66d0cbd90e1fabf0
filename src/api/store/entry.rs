//! Entries: a call of the embedder begins a run, and one guard ends it, in synchronous, resumable
//! and asynchronous calls and in instantiation alike.
//!
//! However an entry ends, its runs are taken away. After a panic the store is poisoned as well,
//! because the panic may have left an instruction half done. Runs become active here only.

use crate::api::error::{Error, Fault, Result};
use crate::api::store::Inner;
use crate::api::store::core::Core;
use crate::exec::Run;
use crate::syntax::Count;
use core::future::{Future, poll_fn};
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering};

/// A store, or its part that does not know the embedder's type.
pub(crate) trait AsCore {
    /// That part.
    fn core(&mut self) -> &mut Core;
}

impl AsCore for Core {
    fn core(&mut self) -> &mut Core {
        self
    }
}

impl<T> AsCore for Inner<T> {
    fn core(&mut self) -> &mut Core {
        &mut self.core
    }
}

/// The guard of an entry.
pub(crate) struct Entry<'a, C: AsCore> {
    pub(crate) store: &'a mut C,
    /// The number of runs that are active outside of the entry.
    depth: usize,
    /// The number of scoped roots outside of the entry.
    scope: usize,
    end: End<'a>,
}

/// How an entry ended.
enum End<'a> {
    /// It has not ended: a guard that is dropped in this state belongs to an entry that panicked,
    /// or to a future that was dropped while it was not polled.
    Open(Option<&'a Polled>),
    /// It returned an error.
    Failed,
    /// It returned its results, whose roots stay in the scope outside.
    Returned,
}

/// Whether the future of an asynchronous entry is being polled. Only then a panic is the entry's
/// own: a future can also be dropped because its thread unwinds for another reason.
#[derive(Default)]
pub(crate) struct Polled(AtomicBool);

impl Polled {
    /// Polls a future, and knows when.
    pub(crate) async fn watch<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            self.0.store(true, Ordering::Relaxed);
            let polled = future.as_mut().poll(context);
            self.0.store(false, Ordering::Relaxed);
            polled
        })
        .await
    }
}

/// Runs `body` with a new run as the innermost one.
///
/// # Errors
/// What `body` returns; [`Fault::Poisoned`], [`Fault::HostDepth`], no memory for a stack.
#[inline]
pub(crate) fn enter<C: AsCore, R>(
    store: &mut C,
    body: impl FnOnce(&mut C) -> Result<R>,
) -> Result<R> {
    let run = store.core().take_run()?;
    enter_with(store, run, body)
}

/// The same, with a run that waited; whether it may run has been checked.
#[inline]
pub(crate) fn enter_with<C: AsCore, R>(
    store: &mut C,
    run: Run,
    body: impl FnOnce(&mut C) -> Result<R>,
) -> Result<R> {
    let entry = Entry::new(store, run, None);
    let result = body(entry.store);
    entry.end(result)
}

impl<'a, C: AsCore> Entry<'a, C> {
    #[inline]
    fn new(store: &'a mut C, run: Run, polled: Option<&'a Polled>) -> Entry<'a, C> {
        let core = store.core();
        let (depth, scope) = (core.active.len(), core.state.roots.scoped.len());
        core.active.push(run);
        Entry {
            store,
            depth,
            scope,
            end: End::Open(polled),
        }
    }

    /// Begins an entry whose future is polled by [`Polled::watch`].
    ///
    /// # Errors
    /// Returns the same errors as [`enter`].
    pub(crate) fn begin_async(store: &'a mut C, polled: &'a Polled) -> Result<Entry<'a, C>> {
        let run = store.core().take_run()?;
        Ok(Entry::new(store, run, Some(polled)))
    }

    /// Ends the entry with its result.
    #[inline]
    pub(crate) fn end<R>(mut self, result: Result<R>) -> Result<R> {
        self.end = match &result {
            Ok(_) => End::Returned,
            Err(_) => End::Failed,
        };
        result
    }
}

impl<C: AsCore> Drop for Entry<'_, C> {
    /// Takes the entry's runs away: one after most calls, more when the future of an inner entry
    /// was leaked, none when the run was kept to be resumed.
    #[inline]
    fn drop(&mut self) {
        let core = self.store.core();
        if let End::Open(polled) = self.end
            && polled.is_none_or(|polled| polled.0.load(Ordering::Relaxed))
        {
            core.poisoned = true;
        }
        core.close_runs(self.depth);
        if !matches!(self.end, End::Returned) {
            core.close_scope(self.scope);
        }
    }
}

impl Core {
    /// Checks that a run may begin, or a waiting one go on.
    ///
    /// # Errors
    /// [`Fault::Poisoned`], [`Fault::HostDepth`].
    pub(crate) fn check_entry(&self) -> Result<()> {
        if self.poisoned {
            return Err(Fault::Poisoned.into());
        }
        if self.active.len() > self.engine.config().host_depth as usize {
            let depth = self.engine.config().host_depth;
            let limit = alloc::format!(
                "the limit is {}, see `Config::host_depth`",
                Count(depth, "level")
            );
            let error = Error::from(crate::trap::Trap::StackOverflow).context(limit);
            return Err(error.context(Fault::HostDepth));
        }
        Ok(())
    }

    /// Takes the runs past a depth away.
    #[inline]
    fn close_runs(&mut self, depth: usize) {
        while self.active.len() > depth
            && let Some(run) = self.active.pop()
        {
            self.give_run(run);
        }
    }

    /// The embedder's code has returned to a run of this depth: entries that it began and leaked
    /// are ended.
    ///
    /// # Errors
    /// [`Fault::Poisoned`] when an entry panicked in it, even if it caught the panic.
    #[inline]
    pub(crate) fn back_from_host(&mut self, depth: usize) -> Result<()> {
        self.close_runs(depth);
        if self.poisoned {
            return Err(Fault::Poisoned.into());
        }
        Ok(())
    }
}
