//! Settings of engines that compile to machine code, accepted so that sources need not change. They
//! are kept for those who ask for them, and have no effect.

use super::Config;
use crate::api::error::{Fault, Result};
use alloc::boxed::Box;
use alloc::format;

macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        #[allow(missing_docs)]
        pub enum $name { $($variant),* }
    )*};
}

choices! {
    /// The compiler to use: without effect, since this engine interprets.
    Strategy { Auto Cranelift Winch }
    /// The garbage collector to use: without effect, since there is only one.
    Collector { Auto DeferredReferenceCounting Null Copying }
    /// How much a compiler optimises: without effect.
    OptLevel { None Speed SpeedAndSize }
    /// How a compiler allocates registers: without effect.
    RegallocAlgorithm { Backtracking SinglePass }
    /// The profiler of machine code to support: without effect.
    ProfilingStrategy { None PerfMap JitDump VTune Pulley }
    /// Whether a compiler inlines: without effect.
    Inlining { Yes InterModuleAndIntraGc InterModule Intrinsics No }
    /// Whether a facility of the host is used: without effect.
    Enabled { Auto Yes No }
}

/// How instances are allocated: without effect, since all are allocated on demand. The limits of
/// the pooling strategy can be had with [`Store::limiter`](crate::Store::limiter) instead.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum InstanceAllocationStrategy {
    /// Instances are allocated when they are made.
    #[default]
    OnDemand,
    /// Instances are taken from a pool.
    Pooling(PoolingAllocationConfig),
}

impl InstanceAllocationStrategy {
    /// Returns the pooling strategy with its default settings.
    pub fn pooling() -> InstanceAllocationStrategy {
        InstanceAllocationStrategy::Pooling(PoolingAllocationConfig::new())
    }
}

impl From<PoolingAllocationConfig> for InstanceAllocationStrategy {
    fn from(config: PoolingAllocationConfig) -> InstanceAllocationStrategy {
        InstanceAllocationStrategy::Pooling(config)
    }
}

macro_rules! pooling {
    ($($name:ident $get:ident: $ty:ty = $default:expr;)*) => {
        /// Settings of a pool of instances: without effect.
        ///
        /// ```
        /// use limpid::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};
        /// let mut pool = PoolingAllocationConfig::new();
        /// pool.total_memories(100).max_memory_size(1 << 24);
        /// let mut config = Config::new();
        /// config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
        /// let engine = Engine::new(&config)?;
        /// let pool = engine.get_pooling_config().expect("it was set");
        /// assert_eq!(pool.get_total_memories(), 100);
        /// # Ok::<(), limpid::Error>(())
        /// ```
        #[derive(Clone, Debug)]
        pub struct PoolingAllocationConfig { $($name: $ty),* }

        impl Default for PoolingAllocationConfig {
            fn default() -> PoolingAllocationConfig {
                PoolingAllocationConfig { $($name: $default),* }
            }
        }

        impl PoolingAllocationConfig {
            /// Returns the default settings.
            pub fn new() -> PoolingAllocationConfig {
                PoolingAllocationConfig::default()
            }

            $(
                /// Accepted for compatibility with wasmtime, without effect.
                #[doc = concat!("The default is `", stringify!($default), "`.")]
                pub fn $name(&mut self, value: $ty) -> &mut Self {
                    self.$name = value;
                    self
                }

                /// Returns the value that was set, which has no effect.
                pub fn $get(&self) -> $ty {
                    self.$name
                }
            )*
        }
    };
}

pooling! {
    max_unused_warm_slots get_max_unused_warm_slots: u32 = 100;
    decommit_batch_size get_decommit_batch_size: usize = 1;
    async_stack_keep_resident get_async_stack_keep_resident: usize = 0;
    linear_memory_keep_resident get_memory_keep_resident: usize = 0;
    table_keep_resident get_table_keep_resident: usize = 0;
    total_component_instances get_total_component_instances: u32 = 1000;
    max_component_instance_size get_max_component_instance_size: usize = 1 << 20;
    max_core_instances_per_component get_max_core_instances_per_component: u32 = u32::MAX;
    max_memories_per_component get_max_memories_per_component: u32 = u32::MAX;
    max_tables_per_component get_max_tables_per_component: u32 = u32::MAX;
    total_memories get_total_memories: u32 = 1000;
    total_tables get_total_tables: u32 = 1000;
    total_stacks get_total_stacks: u32 = 1000;
    total_core_instances get_total_core_instances: u32 = 1000;
    max_core_instance_size get_max_core_instance_size: usize = 1 << 20;
    max_tables_per_module get_max_tables_per_module: u32 = 1;
    table_elements get_table_elements: usize = 20_000;
    max_memories_per_module get_max_memories_per_module: u32 = 1;
    max_memory_size get_max_memory_size: usize = u32::MAX as usize;
    total_gc_heaps get_total_gc_heaps: u32 = 1000;
}

macro_rules! accepted {
    ($($(#[$note:meta])* $name:ident: $ty:ty = $default:expr;)*) => {
        /// The values of settings without effect.
        #[derive(Clone, Debug)]
        pub(crate) struct Accepted {
            $(pub $name: $ty,)*
            pub target: Option<Box<str>>,
            pub pooling: Option<PoolingAllocationConfig>,
        }

        impl Default for Accepted {
            fn default() -> Accepted {
                Accepted { $($name: $default,)* target: None, pooling: None }
            }
        }

        /// Settings of engines that compile to machine code, accepted so that sources need not
        /// change; they mean nothing here.
        impl Config {
            $(
                /// Accepted for compatibility with wasmtime, without effect.
                #[doc = concat!("The default is `", stringify!($default), "`.")]
                $(#[$note])*
                pub fn $name(&mut self, value: $ty) -> &mut Self {
                    self.accepted.$name = value;
                    self
                }
            )*
        }
    };
}

accepted! {
    /// Asynchronous calls need no host stack of their own.
    async_stack_size: usize = 2 << 20;
    async_stack_zeroing: bool = false;
    /// Asynchronous calls are always possible.
    async_support: bool = true;
    concurrency_support: bool = true;
    /// Core dumps are not supported yet.
    coredump_on_trap: bool = false;
    cranelift_debug_verifier: bool = false;
    /// NaNs are always canonical.
    cranelift_nan_canonicalization: bool = true;
    cranelift_opt_level: OptLevel = OptLevel::Speed;
    cranelift_regalloc_algorithm: RegallocAlgorithm = RegallocAlgorithm::Backtracking;
    cranelift_wasmtime_debug_checks: bool = false;
    collector: Collector = Collector::Auto;
    compiler_inlining: Inlining = Inlining::No;
    /// Guests cannot be debugged with a debugger of machine code.
    debug_info: bool = false;
    force_memory_init_memfd: bool = false;
    gc_heap_guard_size: u64 = 0;
    gc_heap_initial_size: u64 = 0;
    gc_heap_may_move: bool = true;
    gc_heap_reservation: u64 = 0;
    gc_heap_reservation_for_growth: u64 = 0;
    /// [`Config::wasm_gc`] disables the instructions.
    gc_support: bool = true;
    /// Backtraces always have offsets.
    generate_address_map: bool = true;
    guard_before_linear_memory: bool = false;
    macos_use_mach_ports: bool = false;
    memory_guaranteed_dense_image_size: u64 = 0;
    memory_guard_size: u64 = 0;
    memory_init_cow: bool = true;
    memory_may_move: bool = true;
    /// [`Config::max_memory_size`] limits memories.
    memory_reservation: u64 = 0;
    memory_reservation_for_growth: u64 = 0;
    native_unwind_info: bool = false;
    parallel_compilation: bool = true;
    /// [`Store::set_probe`](crate::Store::set_probe) observes each instruction.
    profiler: ProfilingStrategy = ProfilingStrategy::None;
    /// Relaxed vector instructions are always deterministic.
    relaxed_simd_deterministic: bool = true;
    signals_based_traps: bool = false;
    strategy: Strategy = Strategy::Auto;
    table_lazy_init: bool = true;
}

impl Config {
    /// Accepted for compatibility with wasmtime, without effect: see
    /// [`InstanceAllocationStrategy`]. The default is `OnDemand`.
    pub fn allocation_strategy(
        &mut self,
        strategy: impl Into<InstanceAllocationStrategy>,
    ) -> &mut Self {
        self.accepted.pooling = match strategy.into() {
            InstanceAllocationStrategy::OnDemand => None,
            InstanceAllocationStrategy::Pooling(config) => Some(config),
        };
        self
    }

    /// Accepted for compatibility with wasmtime, without effect: names the machine that code is
    /// compiled for, and modules run on any. No target is set by default.
    ///
    /// # Errors
    /// Returns [`Fault::NotConfigured`] for a name that is not of the form of a target: it has no
    /// `-`.
    pub fn target(&mut self, target: &str) -> Result<&mut Self> {
        if !target.contains('-') {
            let text = format!("`{target}` is not the name of a target");
            return Err(Fault::NotConfigured.because(text));
        }
        self.accepted.target = Some(target.into());
        Ok(self)
    }

    /// Accepted for compatibility with wasmtime, without effect: sets a flag of the compiler. No
    /// flag is set by default.
    pub fn cranelift_flag_enable(&mut self, _flag: &str) -> &mut Self {
        self
    }

    /// Accepted for compatibility with wasmtime, without effect: sets a flag of the compiler to a
    /// value. No flag is set by default.
    pub fn cranelift_flag_set(&mut self, _name: &str, _value: &str) -> &mut Self {
        self
    }
}
