//! What a guest was granted, and the builder that grants.

use super::clock::{Coarse, HostMonotonicClock, HostWallClock, SystemClock};
use super::fs::{Dir, DirPerms, FilePerms, ListingRoom, PathResolver};
use super::random::{RandomSource, SeededRandom, SystemRandom};
use super::sockets::Listener;
use super::stdio::{self, Ended, StdinStream, StdoutStream, Swallowed};
use crate::wasi::tape::{Player, Recorder, Tape};
use core::fmt;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The default limit of open descriptors of a guest, the granted ones included.
const OPEN_FILES: usize = 64;

/// Bytes for lists of directories.
const LISTINGS: usize = 64 << 20;

/// The closure that each call is reported to.
type Monitor = Box<dyn Fn(&str) + Send + Sync>;

/// The things that a guest was granted: arguments, variables, streams, directories, sockets,
/// clocks.
pub struct WasiCtx {
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdin: Box<dyn StdinStream>,
    pub(crate) stdout: Box<dyn StdoutStream>,
    pub(crate) stderr: Box<dyn StdoutStream>,
    pub(crate) wall_clock: Box<dyn HostWallClock>,
    pub(crate) monotonic_clock: Box<dyn HostMonotonicClock>,
    /// Never held while anything waits.
    random: Mutex<Box<dyn RandomSource>>,
    /// Directories, and what the guest calls them.
    pub(crate) preopens: Vec<(Dir, String)>,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) max_open_files: usize,
    pub(crate) listing_room: ListingRoom,
    pub(crate) monitor: Option<Monitor>,
    /// What records the calls, or answers them.
    pub(crate) tape: Option<Tape>,
}

impl WasiCtx {
    /// Returns a builder, which grants nothing yet.
    pub fn builder() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }

    /// Makes a context that grants nothing: see [`WasiCtxBuilder`].
    fn closed() -> WasiCtx {
        WasiCtx {
            args: Vec::new(),
            env: Vec::new(),
            stdin: Box::new(Ended),
            stdout: Box::new(Swallowed),
            stderr: Box::new(Swallowed),
            wall_clock: Box::new(SystemClock),
            monotonic_clock: Box::new(SystemClock),
            random: Mutex::new(Box::new(SystemRandom)),
            preopens: Vec::new(),
            listeners: Vec::new(),
            max_open_files: OPEN_FILES,
            listing_room: ListingRoom::new(LISTINGS),
            monitor: None,
            tape: None,
        }
    }

    /// Fills a buffer with random bytes.
    ///
    /// # Errors
    /// Fails when the source has none.
    pub fn random(&self, buffer: &mut [u8]) -> io::Result<()> {
        let mut random = self.random.lock().unwrap_or_else(PoisonError::into_inner);
        random.fill(buffer)
    }
}

impl fmt::Debug for WasiCtx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values of the environment are secrets.
        let names: Vec<&str> = self.env.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("WasiCtx")
            .field("args", &self.args)
            .field("env", &names)
            .field("preopens", &self.preopens)
            .finish_non_exhaustive()
    }
}

/// Grants things to a guest. A guest cannot see what is not granted; clocks and random bytes are
/// the system's unless replaced.
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
    /// The resolver for the directories granted from here on.
    resolver: PathResolver,
}

impl Default for WasiCtxBuilder {
    fn default() -> WasiCtxBuilder {
        WasiCtxBuilder::new()
    }
}

impl WasiCtxBuilder {
    /// Makes a builder that grants nothing yet.
    pub fn new() -> WasiCtxBuilder {
        WasiCtxBuilder {
            ctx: WasiCtx::closed(),
            resolver: PathResolver::default(),
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

    /// Grants the environment of this process; variables that are not UTF-8 are left out.
    pub fn inherit_env(&mut self) -> &mut Self {
        for (name, value) in std::env::vars_os() {
            if let (Ok(name), Ok(value)) = (name.into_string(), value.into_string()) {
                self.env(name, value);
            }
        }
        self
    }

    /// Sets where standard input comes from. It is empty by default.
    pub fn stdin(&mut self, stream: impl StdinStream + 'static) -> &mut Self {
        self.ctx.stdin = Box::new(stream);
        self
    }

    /// Sets where standard output goes. It is discarded by default.
    pub fn stdout(&mut self, stream: impl StdoutStream + 'static) -> &mut Self {
        self.ctx.stdout = Box::new(stream);
        self
    }

    /// Sets where standard error output goes. It is discarded by default.
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

    /// Grants the three standard streams of this process.
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

    /// Replaces the source of random bytes, by default the system's.
    pub fn secure_random(&mut self, source: impl RandomSource + 'static) -> &mut Self {
        self.ctx.random = Mutex::new(Box::new(source));
        self
    }

    /// Takes random bytes from a seed: the same in every run.
    pub fn random_seed(&mut self, seed: u64) -> &mut Self {
        self.secure_random(SeededRandom::new(seed))
    }

    /// Rounds both clocks to multiples of `resolution`: a finer clock can tell one guest what
    /// another does.
    pub fn clock_resolution(&mut self, resolution: Duration) -> &mut Self {
        let step = u64::try_from(resolution.as_nanos()).unwrap_or(u64::MAX);
        let wall = core::mem::replace(&mut self.ctx.wall_clock, Box::new(SystemClock));
        let monotonic = core::mem::replace(&mut self.ctx.monotonic_clock, Box::new(SystemClock));
        self.ctx.wall_clock = Box::new(Coarse::new(wall, step));
        self.ctx.monotonic_clock = Box::new(Coarse::new(monotonic, step));
        self
    }

    /// Grants a directory of the host under a path of the guest's. Paths beneath it never leave it.
    /// Where grants overlap, each path has the power of the grant it was reached by.
    ///
    /// ```no_run
    /// use limpid::wasi::{DirPerms, FilePerms, WasiCtxBuilder};
    /// let ctx = WasiCtxBuilder::new()
    ///     .preopened_dir("work", "/", DirPerms::all(), FilePerms::all())?
    ///     .preopened_dir("/usr/share/dict", "/dict", DirPerms::READ, FilePerms::READ)?
    ///     .build_p1();
    /// # let _ = ctx;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// Fails when there is no such directory, or when grants are not supported on this system.
    pub fn preopened_dir(
        &mut self,
        host_path: impl AsRef<Path>,
        guest_path: impl AsRef<str>,
        dir_perms: DirPerms,
        file_perms: FilePerms,
    ) -> io::Result<&mut Self> {
        let dir = Dir::ambient(host_path.as_ref(), dir_perms, file_perms, self.resolver)?;
        self.ctx
            .preopens
            .push((dir, guest_path.as_ref().to_owned()));
        Ok(self)
    }

    /// Chooses how paths are resolved in directories granted after this.
    pub fn path_resolver(&mut self, resolver: PathResolver) -> &mut Self {
        self.resolver = resolver;
        self
    }

    /// Grants a socket that listens: the guest may accept connections. The socket stays as it is.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    #[cfg(unix)]
    pub fn preopened_socket(
        &mut self,
        socket: impl Into<std::os::fd::OwnedFd>,
    ) -> io::Result<&mut Self> {
        self.ctx.listeners.push(Listener::new(socket));
        Ok(self)
    }

    /// Sets how many descriptors may be open at a time, the granted ones included. The default is
    /// 64.
    pub fn max_open_files(&mut self, limit: usize) -> &mut Self {
        self.ctx.max_open_files = limit;
        self
    }

    /// Calls `monitor` with a line of text for each call of the guest as it returns, such as
    /// `fd_write(1, [{"hi\\n", 3}]) = 3`. What comes from the guest is escaped and shortened. Calls
    /// of several threads are reported from the thread that made them.
    pub fn monitor(&mut self, monitor: impl Fn(&str) + Send + Sync + 'static) -> &mut Self {
        self.ctx.monitor = Some(Box::new(monitor));
        self
    }

    /// Keeps every call with what it gives the guest, and what is written to the streams set so
    /// far.
    pub fn record(&mut self, recorder: Recorder) -> &mut Self {
        let ctx = &mut self.ctx;
        let take =
            |stream: &mut Box<dyn StdoutStream>| core::mem::replace(stream, Box::new(Swallowed));
        ctx.stdout = recorder.stdout(1, take(&mut ctx.stdout));
        ctx.stderr = recorder.stdout(2, take(&mut ctx.stderr));
        ctx.stdin = recorder.stdin(core::mem::replace(&mut ctx.stdin, Box::new(Ended)));
        ctx.tape = Some(Tape::Record(recorder));
        self
    }

    /// Answers every call from a recording; what was written to standard output and error is
    /// written to the streams of this context. Nothing else that is granted is used.
    pub fn replay(&mut self, player: Player) -> &mut Self {
        self.ctx.tape = Some(Tape::Play(player));
        self
    }

    /// Returns the context and leaves the builder as if new.
    pub fn build(&mut self) -> WasiCtx {
        core::mem::take(self).ctx
    }
}
