//! The engine: settings shared by modules and stores, and the epoch counter.

mod getters;

use crate::api::config::{Config, Dispatch};
use crate::api::error::{Error, Fault, Result};
use crate::api::events;
use crate::exec::tail_calls::{best_dispatch, calls};
use crate::exec::{DispatchMode, Run};
use crate::syntax::Count;
use alloc::format;
use alloc::string::String;
use alloc::sync::{Arc, Weak};
use core::fmt;
use core::sync::atomic::{AtomicUsize, Ordering};

/// The settings and the epoch that modules and stores share. Cloning gives another handle of the
/// same engine.
///
/// ```
/// use limpid::Engine;
/// let engine = Engine::default();
/// engine.increment_epoch();
/// assert!(engine.same(&engine.clone()));
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Common>,
}

struct Common {
    config: Config,
    dispatch: Dispatch,
    epoch: Arc<AtomicUsize>,
    /// Runs kept for later calls; what their stacks hold means nothing.
    #[cfg(feature = "std")]
    runs: std::sync::Mutex<alloc::vec::Vec<Run>>,
}

/// Runs that an engine keeps for later calls.
#[cfg(feature = "std")]
const POOL: usize = 16;

impl Engine {
    /// Makes an engine with the settings of `config`.
    ///
    /// # Errors
    /// Returns [`Fault::NotConfigured`] for a setting that no engine can have: a stack over the
    /// limit of [`Config::max_wasm_stack`].
    pub fn new(config: &Config) -> Result<Engine> {
        Engine::with_best(config, proven)
    }

    /// An engine in a build whose best dispatch is `best`.
    fn with_best(config: &Config, best: impl FnOnce() -> DispatchMode) -> Result<Engine> {
        config.check()?;
        let dispatch = supported(config.dispatch, best);
        if dispatch != config.dispatch {
            events::stepped();
        }
        Ok(Engine {
            inner: Arc::new(Common {
                dispatch,
                config: config.clone(),
                epoch: Arc::default(),
                #[cfg(feature = "std")]
                runs: std::sync::Mutex::default(),
            }),
        })
    }

    /// Returns the settings that the engine was made with.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// Returns the dispatch in use, which is `Stepped` where threading is requested but
    /// unavailable.
    pub fn dispatch(&self) -> Dispatch {
        self.inner.dispatch
    }

    /// Returns why the dispatch is [`Dispatch::Stepped`] where [`Dispatch::Threaded`] was wanted.
    ///
    /// The compiler must turn the last call of each handler into a jump. It does so where Limpid is
    /// built with `opt-level` 2, 3 or `"s"`, and not in a plain debug build: see
    /// [the page of the crate](crate#debug-builds).
    pub fn why_stepped(&self) -> Option<String> {
        if self.dispatch() == self.config().dispatch {
            return None;
        }
        let (calls, all) = calls();
        Some(format!(
            "in this build {calls} of {all} operations call the next one instead of jumping to it; \
             build limpid with opt-level 2 or 3"
        ))
    }

    /// Advances the epoch by one: runs of stores whose deadline is reached stop at their next
    /// function entry or loop header. This method can be called from any thread and from a signal
    /// handler.
    pub fn increment_epoch(&self) {
        self.inner.epoch.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the current epoch.
    pub fn current_epoch(&self) -> usize {
        self.inner.epoch.load(Ordering::Relaxed)
    }

    /// Returns whether both are handles of the same engine.
    pub fn same(&self, other: &Engine) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// Checks that something of an engine can be used with this one.
    ///
    /// # Errors
    /// [`Fault::WrongEngine`].
    pub(crate) fn check(&self, other: &Engine) -> Result<()> {
        if self.same(other) {
            return Ok(());
        }
        Err(Fault::WrongEngine.into())
    }

    /// Returns a handle that does not keep the engine alive.
    pub fn weak(&self) -> EngineWeak {
        EngineWeak {
            inner: Arc::downgrade(&self.inner),
        }
    }

    /// A run for a store.
    ///
    /// # Errors
    /// When the host has no room for its stack.
    pub(crate) fn take_run(&self) -> Result<Run> {
        #[cfg(feature = "std")]
        if let Some(run) = self.runs().pop() {
            return Ok(run);
        }
        Run::try_new(self.config().stack_cells()).map_err(|error| {
            let bytes = self.config().stack_bytes;
            Error::from(error).context(format!("the stack of a run takes {}", Count(bytes, "byte")))
        })
    }

    /// Takes back a run that a store does not need any more.
    #[cfg(feature = "std")]
    pub(crate) fn give_run(&self, run: Run) {
        let mut runs = self.runs();
        if runs.len() < POOL {
            runs.push(run);
        }
    }

    /// Without locks there is no pool.
    #[cfg(not(feature = "std"))]
    pub(crate) fn give_run(&self, _: Run) {}

    #[cfg(feature = "std")]
    fn runs(&self) -> std::sync::MutexGuard<'_, alloc::vec::Vec<Run>> {
        // Nothing panics while it is held.
        self.inner
            .runs
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(crate) fn epoch(&self) -> &Arc<AtomicUsize> {
        &self.inner.epoch
    }
}

/// The dispatch wanted, or the one this build supports.
fn supported(wanted: Dispatch, best: impl FnOnce() -> DispatchMode) -> Dispatch {
    match wanted {
        Dispatch::Stepped => Dispatch::Stepped,
        Dispatch::Threaded => match best() {
            DispatchMode::Threaded => Dispatch::Threaded,
            DispatchMode::Stepped => Dispatch::Stepped,
        },
    }
}

/// Returns the outcome of the self-proof, which runs once for a process.
#[cfg(feature = "std")]
fn proven() -> DispatchMode {
    static PROVEN: std::sync::OnceLock<DispatchMode> = std::sync::OnceLock::new();
    *PROVEN.get_or_init(best_dispatch)
}

/// The outcome of the self-proof.
#[cfg(not(feature = "std"))]
fn proven() -> DispatchMode {
    best_dispatch()
}

impl Default for Engine {
    fn default() -> Engine {
        match Engine::new(&Config::new()) {
            Ok(engine) => engine,
            Err(_) => unreachable!("the default settings are accepted"),
        }
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("config", self.config())
            .finish()
    }
}

/// A handle of an [`Engine`] that does not keep it alive.
#[derive(Clone)]
pub struct EngineWeak {
    inner: Weak<Common>,
}

impl EngineWeak {
    /// Returns the engine, if it is still alive.
    pub fn upgrade(&self) -> Option<Engine> {
        self.inner.upgrade().map(|inner| Engine { inner })
    }
}

#[cfg(all(test, feature = "log"))]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;
    use std::sync::Mutex;
    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Level, Metadata, Subscriber};

    /// Keeps the events that it receives.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<(Level, String)>>>);

    impl Subscriber for Kept {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut text = Text(event.metadata().target().to_string());
            event.record(&mut text);
            let mut kept = self.0.lock().expect("nothing panics here");
            kept.push((*event.metadata().level(), text.0));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    /// The target of an event, and its fields.
    struct Text(String);

    impl Visit for Text {
        fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
            self.0 += &format!(" {value:?}");
        }
    }

    /// Returns what to log where an engine of a dispatch is made in a build that supports `best`.
    fn logged(wanted: Dispatch, best: DispatchMode) -> Vec<(Level, String)> {
        let kept = Kept::default();
        tracing::subscriber::with_default(kept.clone(), || {
            let engine = Engine::with_best(Config::new().dispatch(wanted), || best);
            let engine = engine.expect("the settings are fine");
            assert_eq!(engine.why_stepped().is_some(), engine.dispatch() != wanted);
        });
        let kept = kept.0.lock().expect("nothing panics here");
        kept.clone()
    }

    #[test]
    fn stepped_dispatch_that_was_not_wanted_is_logged_as_a_warning() {
        use DispatchMode as Best;
        let warned = logged(Dispatch::Threaded, Best::Stepped);
        let [(level, text)] = &warned[..] else {
            panic!("one event is expected: {warned:?}");
        };
        assert_eq!(*level, Level::WARN);
        for part in ["limpid::engine", "dispatch is stepped", "opt-level"] {
            assert!(text.contains(part), "no `{part}` in: {text}");
        }
        assert_eq!(logged(Dispatch::Threaded, Best::Threaded), []);
        assert_eq!(logged(Dispatch::Stepped, Best::Stepped), []);
        assert_eq!(logged(Dispatch::Stepped, Best::Threaded), []);
    }
}
