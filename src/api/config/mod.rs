//! What an engine is built for: language features, translation, limits and interruption.
//!
//! Reading order: this file, `features` (the language), `accepted` (settings of engines that
//! compile to machine code, which have no effect here).

mod features;

// After the others, as rustdoc then lists the settings without effect after them.
mod accepted;

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
    /// Each handler jumps to the next. The engine falls back to `Stepped` where the target or the
    /// build has no such jumps; [`Engine::dispatch`](crate::Engine::dispatch) returns which is in
    /// use.
    #[default]
    Threaded,
    /// Each handler returns to a loop, which calls the next one.
    Stepped,
}

/// Whether backtraces have files, lines and inlined functions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum WasmBacktraceDetails {
    /// Backtraces have them where modules have debug information and Limpid is built with the
    /// feature `dwarf`.
    Enable,
    /// Backtraces do not have them.
    Disable,
    /// The same as `Enable`. Debug information is read on demand, so there is no cost to decide on.
    Environment,
}

/// The settings of an [`Engine`](crate::Engine). Each method says its default.
///
/// - Language features: [`wasm_features`](Config::wasm_features) and the methods beside it.
/// - Interruption: [`consume_fuel`](Config::consume_fuel),
///   [`epoch_interruption`](Config::epoch_interruption).
/// - Stacks: [`max_wasm_stack`](Config::max_wasm_stack), [`host_depth`](Config::host_depth).
/// - Limits: [`max_memory_size`](Config::max_memory_size),
///   [`max_table_elements`](Config::max_table_elements),
///   [`max_gc_heap_size`](Config::max_gc_heap_size), [`shared_memory`](Config::shared_memory).
/// - Backtraces: [`wasm_backtrace`](Config::wasm_backtrace) and the methods beside it.
/// - Execution: [`translation`](Config::translation), [`dispatch`](Config::dispatch),
///   [`eager`](Config::eager), [`gc_stress`](Config::gc_stress).
///
/// The others are settings of compilers, accepted without effect.
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
    /// Returns the default settings: WebAssembly 3.0, threads and wide arithmetic; functions are
    /// translated at their first call; neither fuel nor epochs.
    pub fn new() -> Config {
        Config::default()
    }

    /// Enables or disables the language feature with that command-line name, such as `simd`. The
    /// defaults are those of [`Features::default`](crate::Features): WebAssembly 3.0, threads and
    /// wide arithmetic are on, custom page sizes and compact imports are off.
    ///
    /// # Errors
    /// Returns [`Fault::NotConfigured`] when there is no such feature.
    pub fn wasm_feature(&mut self, name: &str, enable: bool) -> Result<&mut Self> {
        if !self.features.set(name, enable) {
            return Err(
                Fault::NotConfigured.because(alloc::format!("no feature is named `{name}`"))
            );
        }
        Ok(self)
    }

    /// Sets all language features at once. The default is `Features::default()`.
    pub fn set_features(&mut self, features: Features) -> &mut Self {
        self.features = features;
        self
    }

    /// Returns which language features are on: `Features::default()` unless set.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// Chooses the translation: fast, or with an operation for each instruction. The default is
    /// [`Translation::Fused`], the fast one.
    pub fn translation(&mut self, translation: Translation) -> &mut Self {
        self.settings.translation = translation;
        self
    }

    /// Translates whole modules when they are made, instead of functions at their first call. Off
    /// by default.
    pub fn eager(&mut self, enable: bool) -> &mut Self {
        self.settings.eager = enable;
        self
    }

    /// Chooses how the handlers of operations follow each other. The default is
    /// [`Dispatch::Threaded`], the fast one.
    pub fn dispatch(&mut self, dispatch: Dispatch) -> &mut Self {
        self.dispatch = dispatch;
        self
    }

    /// Makes guests consume fuel: see [`Store::set_fuel`](crate::Store::set_fuel). Off by default.
    pub fn consume_fuel(&mut self, enable: bool) -> &mut Self {
        self.settings.fuel = enable;
        self
    }

    /// Interrupts guests at the epoch deadline of their store: see
    /// [`Store::set_epoch_deadline`](crate::Store::set_epoch_deadline). Off by default.
    pub fn epoch_interruption(&mut self, enable: bool) -> &mut Self {
        self.settings.epochs = enable;
        self
    }

    /// Sets the size in bytes of the stack for the Wasm frames of one run. The default is 8 MiB.
    /// This limits how deep calls nest: each frame takes at least 16 bytes, and a call without room
    /// for its frame traps with [`Trap::StackOverflow`](crate::Trap::StackOverflow). Frames take no
    /// stack of the host.
    ///
    /// [`Engine::new`](crate::Engine::new) refuses more than 32 GiB. Memory is allocated when the
    /// first run of the engine begins, and a call fails with an error where the system has not
    /// enough.
    pub fn max_wasm_stack(&mut self, bytes: usize) -> &mut Self {
        self.stack_bytes = bytes;
        self
    }

    /// Sets how deep calls from Wasm to the host and back may nest, since each level takes stack of
    /// the host. The default is 64. A call past the limit fails with
    /// [`Trap::StackOverflow`](crate::Trap::StackOverflow), whose context is
    /// [`Fault::HostDepth`](crate::Fault::HostDepth).
    pub fn host_depth(&mut self, depth: u32) -> &mut Self {
        self.host_depth = depth;
        self
    }

    /// Sets whether traps carry a backtrace, of at most 20 frames. On by default.
    pub fn wasm_backtrace(&mut self, enable: bool) -> &mut Self {
        self.backtrace_frames = if enable { 20 } else { 0 };
        self
    }

    /// Sets how many frames a backtrace holds at most; `None` disables backtraces. The default is
    /// 20.
    pub fn wasm_backtrace_max_frames(
        &mut self,
        limit: Option<core::num::NonZeroUsize>,
    ) -> &mut Self {
        self.backtrace_frames = limit.map_or(0, |limit| limit.get());
        self
    }

    /// Sets whether backtraces have files, lines and inlined functions: see
    /// [`FrameInfo::symbols`](crate::FrameInfo::symbols). The default is
    /// [`WasmBacktraceDetails::Enable`].
    pub fn wasm_backtrace_details(&mut self, details: WasmBacktraceDetails) -> &mut Self {
        self.backtrace_details = match details {
            WasmBacktraceDetails::Enable | WasmBacktraceDetails::Environment => true,
            WasmBacktraceDetails::Disable => false,
        };
        self
    }

    /// Collects garbage at every allocation, for tests: an object that nothing refers to is gone at
    /// once. Off by default.
    pub fn gc_stress(&mut self, enable: bool) -> &mut Self {
        self.gc_stress = enable;
        self
    }

    /// Sets whether shared memories may be made. On by default.
    pub fn shared_memory(&mut self, enable: bool) -> &mut Self {
        self.shared_memory = enable;
        self
    }

    /// Sets how many bytes any memory of the engine may have at most, whatever its type allows.
    /// There is no such limit by default.
    pub fn max_memory_size(&mut self, bytes: u64) -> &mut Self {
        self.memory_bytes = bytes;
        self
    }

    /// Sets how many elements any table of the engine may have at most, whatever its type allows.
    /// The default is 10,000,000.
    pub fn max_table_elements(&mut self, elements: u64) -> &mut Self {
        self.table_elements = elements;
        self
    }

    /// Sets how many bytes the garbage-collected objects of a store may take at most. The default
    /// is 1 GiB.
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
