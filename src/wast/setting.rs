//! How scripts are run: the engine, and the limits of each script.

use crate::api::{Config, Engine, Result, StoreLimits};
use crate::observe::Probe;
use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The settings for running scripts: the engine, limits, and a probe.
///
/// ```
/// use limpid::Config;
/// use limpid::wast::{Setting, run_script};
/// let setting = Setting::new(Config::new().consume_fuel(true))?.with_fuel(1000);
/// let text = r#"(module (func (export "f") (loop (br 0))))
///     (assert_trap (invoke "f") "all fuel consumed by WebAssembly")"#;
/// assert!(run_script(text, &setting)?.passed());
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Setting {
    engine: Engine,
    host_stack: Option<usize>,
    pub(super) probe: Option<MakeProbe>,
    pub(super) fuel: Option<u64>,
    pub(super) limits: Option<StoreLimits>,
    timeout: Option<Duration>,
}

/// Makes the probe of a store.
#[derive(Clone)]
pub(super) struct MakeProbe(pub Arc<dyn Fn() -> Box<dyn Probe> + Send + Sync>);

impl fmt::Debug for MakeProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MakeProbe")
    }
}

impl Setting {
    /// Makes settings that run scripts on an engine with this configuration.
    ///
    /// # Errors
    /// Returns the same errors as [`Engine::new`].
    pub fn new(config: &Config) -> Result<Setting> {
        let engine = Engine::new(config)?;
        Ok(Setting {
            engine,
            host_stack: None,
            probe: None,
            fuel: None,
            limits: None,
            timeout: None,
        })
    }

    /// Limits runs to a host stack of that many bytes.
    pub fn with_host_stack(mut self, bytes: usize) -> Setting {
        self.host_stack = Some(bytes);
        self
    }

    /// Returns the size of the host stack that runs are limited to, if they are.
    pub fn host_stack(&self) -> Option<usize> {
        self.host_stack
    }

    /// Gives each script, and each of its threads, that many units of fuel. The engine must consume
    /// fuel.
    pub fn with_fuel(mut self, units: u64) -> Setting {
        self.fuel = Some(units);
        self
    }

    /// Gives each script that much time. The engine must have epoch interruption on; its epoch is
    /// incremented when a script's time is up.
    pub fn with_timeout(mut self, timeout: Duration) -> Setting {
        self.timeout = Some(timeout);
        self
    }

    /// Limits what the store of each script may hold, apart from the module `spectest`.
    pub fn with_limits(mut self, limits: StoreLimits) -> Setting {
        self.limits = Some(limits);
        self
    }

    /// Attaches a probe; `make` returns one for each store of a script, of which each thread has
    /// one. The engine's translation must be faithful.
    pub fn with_probe(
        mut self,
        make: impl Fn() -> Box<dyn Probe> + Send + Sync + 'static,
    ) -> Setting {
        self.probe = Some(MakeProbe(Arc::new(make)));
        self
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Starts the time of a script.
    pub(super) fn deadline(&self) -> Option<Deadline> {
        self.timeout.map(|timeout| Deadline {
            timeout,
            end: Instant::now().checked_add(timeout),
        })
    }
}

/// When the time of a script is up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    /// What the script was given.
    pub timeout: Duration,
    /// The moment; nothing when it is past all that a clock counts.
    end: Option<Instant>,
}

impl Deadline {
    /// The time that is left.
    pub(super) fn left(&self) -> Duration {
        let now = Instant::now();
        let left = self.end.map(|end| end.saturating_duration_since(now));
        left.unwrap_or(Duration::MAX)
    }

    /// Returns whether the time is up.
    pub(super) fn is_over(&self) -> bool {
        self.left().is_zero()
    }

    /// Interrupts runs of the engine when the time is up, unless the returned value is dropped
    /// before.
    pub(super) fn watch(&self, engine: &Engine) -> Result<Watch, String> {
        let (sender, receiver) = mpsc::channel::<()>();
        let (deadline, engine) = (*self, engine.clone());
        let work = move || {
            // Nothing is ever sent: this waits for the end of the script, or of its time.
            while let Err(RecvTimeoutError::Timeout) = receiver.recv_timeout(deadline.left()) {
                if deadline.is_over() {
                    engine.increment_epoch();
                    return;
                }
            }
        };
        match thread::Builder::new().name("timeout".into()).spawn(work) {
            Ok(_) => Ok(Watch(sender)),
            Err(error) => Err(format!("no thread can be started: {error}")),
        }
    }
}

/// Keeps a deadline; the thread behind it ends with this.
pub(super) struct Watch(#[allow(dead_code)] mpsc::Sender<()>);
