//! Settings of an engine, asked for one by one.

use super::Engine;
use crate::api::config::{
    Collector, Config, Inlining, OptLevel, PoolingAllocationConfig, RegallocAlgorithm, Strategy,
    WasmFeatures,
};
use alloc::string::String;

macro_rules! getters {
    ($($(#[$doc:meta])* $get:ident: $ty:ty = $from:expr;)*) => {
        impl Engine {$(
            $(#[$doc])*
            pub fn $get(&self) -> $ty {
                let from: fn(&Config) -> $ty = $from;
                from(self.config())
            }
        )*}
    };
}

getters! {
    /// Returns the language features that are on.
    get_wasm_features: WasmFeatures = |c| c.feature_set();
    /// Returns the value of `Config::target`, if it was set; it has no effect.
    get_target: Option<String> = |c| c.accepted.target.as_deref().map(String::from);
    /// Returns the value of `Config::epoch_interruption`.
    get_epoch_interruption: bool = |c| c.settings.epochs;
    /// Returns the value of `Config::consume_fuel`.
    get_consume_fuel: bool = |c| c.settings.fuel;
    /// Returns the value of `Config::max_wasm_stack`.
    get_max_wasm_stack: usize = |c| c.stack_bytes;
    /// Returns the value of `Config::shared_memory`.
    get_shared_memory: bool = |c| c.shared_memory;
    /// Returns the value of `Config::wasm_backtrace_max_frames`.
    get_wasm_backtrace_max_frames: usize = |c| c.backtrace_frames;
    /// Returns the value of `Config::async_stack_size`, which has no effect.
    get_async_stack_size: usize = |c| c.accepted.async_stack_size;
    /// Returns the value of `Config::async_stack_zeroing`, which has no effect.
    get_async_stack_zeroing: bool = |c| c.accepted.async_stack_zeroing;
    /// Returns the value of `Config::concurrency_support`, which has no effect.
    get_concurrency_support: bool = |c| c.accepted.concurrency_support;
    /// Returns the value of `Config::cranelift_debug_verifier`, which has no effect.
    get_cranelift_debug_verifier: Option<bool> = |c| Some(c.accepted.cranelift_debug_verifier);
    /// Returns the value of `Config::cranelift_nan_canonicalization`, which has no effect.
    get_cranelift_nan_canonicalization: Option<bool> =
        |c| Some(c.accepted.cranelift_nan_canonicalization);
    /// Returns the value of `Config::cranelift_opt_level`, which has no effect.
    get_cranelift_opt_level: Option<OptLevel> = |c| Some(c.accepted.cranelift_opt_level);
    /// Returns the value of `Config::cranelift_regalloc_algorithm`, which has no effect.
    get_cranelift_regalloc_algorithm: Option<RegallocAlgorithm> =
        |c| Some(c.accepted.cranelift_regalloc_algorithm);
    /// Returns the value of `Config::collector`, which has no effect.
    get_collector: Option<Collector> = |c| Some(c.accepted.collector);
    /// Returns the value of `Config::compiler_inlining`, which has no effect.
    get_compiler_inlining: Inlining = |c| c.accepted.compiler_inlining;
    /// Returns the value of `Config::debug_info`, which has no effect.
    get_debug_info: bool = |c| c.accepted.debug_info;
    /// Returns the value of `Config::gc_heap_guard_size`, which has no effect.
    get_gc_heap_guard_size: u64 = |c| c.accepted.gc_heap_guard_size;
    /// Returns the value of `Config::gc_heap_initial_size`, which has no effect.
    get_gc_heap_initial_size: u64 = |c| c.accepted.gc_heap_initial_size;
    /// Returns the value of `Config::gc_heap_may_move`, which has no effect.
    get_gc_heap_may_move: bool = |c| c.accepted.gc_heap_may_move;
    /// Returns the value of `Config::gc_heap_reservation`, which has no effect.
    get_gc_heap_reservation: u64 = |c| c.accepted.gc_heap_reservation;
    /// Returns the value of `Config::gc_heap_reservation_for_growth`, which has no effect.
    get_gc_heap_reservation_for_growth: u64 = |c| c.accepted.gc_heap_reservation_for_growth;
    /// Returns the value of `Config::generate_address_map`, which has no effect.
    get_generate_address_map: bool = |c| c.accepted.generate_address_map;
    /// Returns the value of `Config::guard_before_linear_memory`, which has no effect.
    get_guard_before_linear_memory: bool = |c| c.accepted.guard_before_linear_memory;
    /// Returns the value of `Config::memory_guaranteed_dense_image_size`, which has no effect.
    get_memory_guaranteed_dense_image_size: u64 = |c| c.accepted.memory_guaranteed_dense_image_size;
    /// Returns the value of `Config::memory_guard_size`, which has no effect.
    get_memory_guard_size: u64 = |c| c.accepted.memory_guard_size;
    /// Returns the value of `Config::memory_init_cow`, which has no effect.
    get_memory_init_cow: bool = |c| c.accepted.memory_init_cow;
    /// Returns the value of `Config::memory_may_move`, which has no effect.
    get_memory_may_move: bool = |c| c.accepted.memory_may_move;
    /// Returns the value of `Config::memory_reservation`, which has no effect.
    get_memory_reservation: u64 = |c| c.accepted.memory_reservation;
    /// Returns the value of `Config::memory_reservation_for_growth`, which has no effect.
    get_memory_reservation_for_growth: u64 = |c| c.accepted.memory_reservation_for_growth;
    /// Returns the value of `Config::native_unwind_info`, which has no effect.
    get_native_unwind_info: Option<bool> = |c| Some(c.accepted.native_unwind_info);
    /// Returns the value of `Config::parallel_compilation`, which has no effect.
    get_parallel_compilation: bool = |c| c.accepted.parallel_compilation;
    /// Returns the value of `Config::relaxed_simd_deterministic`, which has no effect.
    get_relaxed_simd_deterministic: bool = |c| c.accepted.relaxed_simd_deterministic;
    /// Returns the value of `Config::signals_based_traps`, which has no effect.
    get_signals_based_traps: bool = |c| c.accepted.signals_based_traps;
    /// Returns the value of `Config::strategy`, which has no effect.
    get_strategy: Option<Strategy> = |c| Some(c.accepted.strategy);
    /// Returns the value of `Config::table_lazy_init`, which has no effect.
    get_table_lazy_init: bool = |c| c.accepted.table_lazy_init;
}

impl Engine {
    /// Returns the settings of the pool of instances, if one was asked for; they have no effect.
    pub fn get_pooling_config(&self) -> Option<&PoolingAllocationConfig> {
        self.config().accepted.pooling.as_ref()
    }
}
