//! What a guest was granted, and the builder that grants.

use super::clock::{HostMonotonicClock, HostWallClock, SystemClock};
use super::random::{RandomSource, SeededRandom, SystemRandom};
use super::stdio::{self, Ended, StdinStream, StdoutStream, Swallowed};
use core::fmt;

/// What a guest was granted.
pub struct WasiCtx {
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdin: Box<dyn StdinStream>,
    pub(crate) stdout: Box<dyn StdoutStream>,
    pub(crate) stderr: Box<dyn StdoutStream>,
    pub(crate) wall_clock: Box<dyn HostWallClock>,
    pub(crate) monotonic_clock: Box<dyn HostMonotonicClock>,
    pub(crate) random: Box<dyn RandomSource>,
}

impl WasiCtx {
    /// Nothing granted: see [`WasiCtxBuilder`].
    fn closed() -> WasiCtx {
        WasiCtx {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Box::new(Ended),
            stdout: Box::new(Swallowed),
            stderr: Box::new(Swallowed),
            wall_clock: Box::new(SystemClock),
            monotonic_clock: Box::new(SystemClock),
            random: Box::new(SystemRandom),
        }
    }
}

impl fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of the environment are secrets.
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("WasiCtx")
            .field("args", &self.args)
            .field("env", &names)
            .finish_non_exhaustive()
    }
}

/// Grants things to a guest. What is not granted is not there; clocks and random bytes are the
/// system's unless replaced.
///
/// ```
/// use limpid::wasi::{SeededRandom, VirtualClock, WasiCtxBuilder};
/// use std::time::Duration;
/// let clock = VirtualClock::new(Duration::ZERO);
/// let ctx = WasiCtxBuilder::new()
///     .args(&["prog", "-v"])
///     .env("LANG", "C")
///     .inherit_stdio()
///     .wall_clock(clock.clone())
///     .monotonic_clock(clock)
///     .secure_random(SeededRandom::new(1))
///     .build_p1();
/// # let _ = ctx;
/// ```
#[derive(Debug)]
pub struct WasiCtxBuilder {
    ctx: WasiCtx,
}

impl Default for WasiCtxBuilder {
    fn default() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }
}

impl WasiCtxBuilder {
    /// Grants nothing.
    pub fn new() -> WasiCtxBuilder {
        WasiCtxBuilder {
            ctx: WasiCtx::closed(),
        }
    }

    /// Appends an argument; the first is the program's name.
    pub fn arg(&mut self, arg: impl AsRef<str>) -> &mut Self {
        self.ctx.args.push(arg.as_ref().to_owned());
        self
    }

    /// Appends arguments.
    pub fn args(&mut self, args: &[impl AsRef<str>]) -> &mut Self {
        let args = args.iter().map(|arg| arg.as_ref().to_owned());
        self.ctx.args.extend(args);
        self
    }

    /// Appends the arguments of this process; those that are not UTF-8 are left out.
    pub fn inherit_args(&mut self) -> &mut Self {
        let args = std::env::args_os().filter_map(|arg| arg.into_string().ok());
        self.ctx.args.extend(args);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> &mut Self {
        let name = name.as_ref();
        self.ctx.env.retain(|(known, _)| known != name);
        self.ctx
            .env
            .push((name.to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Sets several variables.
    pub fn envs(&mut self, env: &[(impl AsRef<str>, impl AsRef<str>)]) -> &mut Self {
        for (name, value) in env {
            self.env(name, value);
        }
        self
    }

    /// Grants the environment of this process; what is not UTF-8 is left out.
    pub fn inherit_env(&mut self) -> &mut Self {
        for (name, value) in std::env::vars_os() {
            if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
                self.env(name, value);
            }
        }
        self
    }

    /// Sets where input comes from.
    pub fn stdin(&mut self, stream: impl StdinStream + 'static) -> &mut Self {
        self.ctx.stdin = Box::new(stream);
        self
    }

    /// Sets where output goes.
    pub fn stdout(&mut self, stream: impl StdoutStream + 'static) -> &mut Self {
        self.ctx.stdout = Box::new(stream);
        self
    }

    /// Sets where error output goes.
    pub fn stderr(&mut self, stream: impl StdoutStream + 'static) -> &mut Self {
        self.ctx.stderr = Box::new(stream);
        self
    }

    /// Grants the standard input of this process.
    pub fn inherit_stdin(&mut self) -> &mut Self {
        self.stdin(stdio::stdin())
    }

    /// Grants the standard output of this process.
    pub fn inherit_stdout(&mut self) -> &mut Self {
        self.stdout(stdio::stdout())
    }

    /// Grants the standard error output of this process.
    pub fn inherit_stderr(&mut self) -> &mut Self {
        self.stderr(stdio::stderr())
    }

    /// Grants all three.
    pub fn inherit_stdio(&mut self) -> &mut Self {
        self.inherit_stdin().inherit_stdout().inherit_stderr()
    }

    /// Replaces the clock that tells the time of day.
    pub fn wall_clock(&mut self, clock: impl HostWallClock + 'static) -> &mut Self {
        self.ctx.wall_clock = Box::new(clock);
        self
    }

    /// Replaces the clock that never goes back.
    pub fn monotonic_clock(&mut self, clock: impl HostMonotonicClock + 'static) -> &mut Self {
        self.ctx.monotonic_clock = Box::new(clock);
        self
    }

    /// Replaces the source of random bytes.
    pub fn secure_random(&mut self, source: impl RandomSource + 'static) -> &mut Self {
        self.ctx.random = Box::new(source);
        self
    }

    /// Takes random bytes from a seed: the same in every run.
    pub fn random_seed(&mut self, seed: u64) -> &mut Self {
        self.secure_random(SeededRandom::new(seed))
    }

    /// The context, leaving the builder as new.
    pub fn build(&mut self) -> WasiCtx {
        core::mem::replace(&mut self.ctx, WasiCtx::closed())
    }
}
