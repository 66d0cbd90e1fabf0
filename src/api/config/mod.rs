//! What an engine is built for: language features, translation, limits and interruption.
//!
//! Reading order: this file, `features` (the language), `accepted` (settings of engines that
//! compile to machine code, which have no effect here).

mod accepted;
mod features;

pub(crate) use accepted::Accepted;
pub use accepted::{
    Collector, Enabled, Inlining, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    ProfilingStrategy, RegallocAlgorithm, Strategy,
};
pub use features::WasmFeatures;

use crate::api::error::{Error, Fault, Result};
use crate::exec::run::MAX_CELLS;
use crate::exec::{DispatchMode, Settings, Translation};
use crate::syntax::{Count, Features};

/// Bytes of a cell of the stack.
const CELL_BYTES: usize = 8;

/// How the handlers of register code follow each other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Dispatch {
    /// Each handler jumps to the next. Falls back to `Stepped` where the target or the build
    /// does not give jumps; [`Engine::dispatch`](crate::Engine::dispatch) says what is in use.
    #[default]
    Threaded,
    /// Each handler returns to a loop.
    Stepped,
}

/// Whether backtraces tell files, lines and inlined functions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WasmBacktraceDetails {
    /// They do where modules have debug information, and this was built with the feature `dwarf`.
    Enable,
    /// They do not.
    Disable,
    /// As `Enable`: debug information is not read before somebody asks.
    Environment,
}

/// Settings of an [`Engine`](crate::Engine).
///
/// ```
/// use limpid::{Config, Engine};
/// let mut config = Config::new();
/// config.consume_fuel(true).wasm_simd(false);
/// let engine = Engine::new(&config)?;
/// assert!(!engine.config().features().simd);
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) features: Features,
    pub(crate) settings: Settings,
    pub(crate) dispatch: Dispatch,
    pub(crate) stack_bytes: usize,
    pub(crate) host_depth: u32,
    pub(crate) backtrace_frames: usize,
    pub(crate) backtrace_details: bool,
    pub(crate) shared_memory: bool,
    pub(crate) gc_stress: bool,
    pub(crate) memory_bytes: u64,
    pub(crate) table_elements: u64,
    pub(crate) heap_bytes: u64,
    pub(crate) accepted: Accepted,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            features: Features::default(),
            settings: Settings::default(),
            dispatch: Dispatch::Threaded,
            stack_bytes: 1 << 23,
            host_depth: 64, // A level takes a few KiB; threads may have as little as 2 MiB.
            backtrace_frames: 20,
            backtrace_details: true,
            shared_memory: true,
            gc_stress: false,
            memory_bytes: u64::MAX,
            table_elements: 10_000_000,
            heap_bytes: 1 << 30,
            accepted: Accepted::default(),
        }
    }
}

impl From<Dispatch> for DispatchMode {
    fn from(dispatch: Dispatch) -> DispatchMode {
        match dispatch {
            Dispatch::Threaded => DispatchMode::Threaded,
            Dispatch::Stepped => DispatchMode::Stepped,
        }
    }
}

impl From<DispatchMode> for Dispatch {
    fn from(mode: DispatchMode) -> Dispatch {
        match mode {
            DispatchMode::Threaded => Dispatch::Threaded,
            DispatchMode::Stepped => Dispatch::Stepped,
        }
    }
}

impl Config {
    /// The default: WebAssembly 3.0, threads and wide arithmetic; lazy translation; no fuel and no
    /// epochs.
    pub fn new() -> Config {
        Config::default()
    }

    /// Switches the feature with that command-line name, such as `simd`.
    ///
    /// # Errors
    /// [`Fault::NotConfigured`] when there is no such feature.
    pub fn wasm_feature(&mut self, name: &str, enable: bool) -> Result<&mut Self> {
        if !self.features.set(name, enable) {
            return Err(
                Fault::NotConfigured.because(alloc::format!("no feature is named `{name}`"))
            );
        }
        Ok(self)
    }

    /// Sets all language features at once.
    pub fn set_features(&mut self, features: Features) -> &mut Self {
        self.features = features;
        self
    }

    /// The language features.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// Chooses the translation: fast, or one operation for each instruction.
    pub fn translation(&mut self, translation: Translation) -> &mut Self {
        self.settings.translation = translation;
        self
    }

    /// Translates whole modules when they are made instead of functions at their first call.
    pub fn eager(&mut self, enable: bool) -> &mut Self {
        self.settings.eager = enable;
        self
    }

    /// Chooses the dispatch.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Self {
        self.dispatch = dispatch;
        self
    }

    /// Charges fuel: see [`Store::set_fuel`](crate::Store::set_fuel).
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.settings.fuel = enable;
        self
    }

    /// Looks at the epoch: see
    /// [`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline).
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Self {
        self.settings.epochs = enable;
        self
    }

    /// Bytes of stack for the Wasm frames of one run; 8 MiB by default. This is the limit of call
    /// depth: frames nest as long as they fit, each takes 16 bytes at least, and a call past the
    /// end is [`Trap::StackOverflow`](crate::Trap::StackOverflow). It takes no stack of the host.
    ///
    /// [`Engine::new`](crate::Engine::new) refuses more than 32 GiB. Memory is asked for when the
    /// first run of the engine begins, and a call is refused with an error where the system has
    /// not enough.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Self {
        self.stack_bytes = bytes;
        self
    }

    /// How deep calls from Wasm to the host and back may nest, since each level takes host stack;
    /// 64 by default. A call past it is [`Trap::StackOverflow`](crate::Trap::StackOverflow) with
    /// [`Fault::HostDepth`](crate::Fault::HostDepth) as its context.
    pub fn host_depth(&mut self, depth: u32) -> &mut Self {
        self.host_depth = depth;
        self
    }

    /// Whether traps carry a backtrace.
    pub fn wasm_backtrace(&mut self, enable: bool) -> &mut Self {
        self.backtrace_frames = if enable { 20 } else { 0 };
        self
    }

    /// How many frames a backtrace holds at most; `None` for none at all.
    pub fn wasm_backtrace_max_frames(
        &mut self,
        limit: Option<core::num::NonZeroUsize>,
    ) -> &mut Self {
        self.backtrace_frames = limit.map_or(0, |limit| limit.get());
        self
    }

    /// Whether backtraces tell files, lines and inlined functions, as they do by default: see
    /// [`FrameInfo::symbols`](crate::FrameInfo::symbols).
    pub fn wasm_backtrace_details(&mut self, details: WasmBacktraceDetails) -> &mut Self {
        self.backtrace_details = match details {
            WasmBacktraceDetails::Enable | WasmBacktraceDetails::Environment => true,
            WasmBacktraceDetails::Disable => false,
        };
        self
    }

    /// Collects garbage at every allocation, for tests: an object that is not held is gone at once.
    pub fn gc_stress(&mut self, enable: bool) -> &mut Self {
        self.gc_stress = enable;
        self
    }

    /// Whether shared memories may be made.
    pub fn shared_memory(&mut self, enable: bool) -> &mut Self {
        self.shared_memory = enable;
        self
    }

    /// Bytes that any memory of the engine may have at most, whatever its type says.
    pub fn max_memory_size(&mut self, bytes: u64) -> &mut Self {
        self.memory_bytes = bytes;
        self
    }

    /// Elements that any table of the engine may have at most, whatever its type says.
    pub fn max_table_elements(&mut self, elements: u64) -> &mut Self {
        self.table_elements = elements;
        self
    }

    /// Bytes that the garbage-collected objects of a store may have at most.
    pub fn max_gc_heap_size(&mut self, bytes: u64) -> &mut Self {
        self.heap_bytes = bytes;
        self
    }

    /// Checks that an engine can have these settings.
    ///
    /// # Errors
    /// [`Fault::NotConfigured`].
    pub(crate) fn check(&self) -> Result<()> {
        if self.stack_cells() <= MAX_CELLS {
            return Ok(());
        }
        let (bytes, most) = (self.stack_bytes, MAX_CELLS as u64 * CELL_BYTES as u64);
        Err(Error::from(Fault::NotConfigured).context(alloc::format!(
            "a Wasm stack of {} is over the limit of {}",
            Count(bytes, "byte"),
            Count(most, "byte")
        )))
    }

    /// Cells of the stack of a run.
    pub(crate) fn stack_cells(&self) -> usize {
        self.stack_bytes.div_ceil(CELL_BYTES)
    }
}
