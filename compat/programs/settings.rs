// An embedding program, the same for both engines: settings that only engines that compile need.

use engine::{
    Collector, Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    ProfilingStrategy, RegallocAlgorithm, Result, Strategy, WasmFeatures,
};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config
        .strategy(Strategy::Cranelift)
        .collector(Collector::DeferredReferenceCounting)
        .profiler(ProfilingStrategy::None)
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        .cranelift_debug_verifier(false)
        .cranelift_nan_canonicalization(true)
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .wasm_features(WasmFeatures::RELAXED_SIMD | WasmFeatures::THREADS, false)
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(1 << 19);
    let engine = Engine::new(&config)?;
    assert_eq!(engine.get_strategy(), Some(Strategy::Cranelift));
    assert_eq!(
        engine.get_collector(),
        Some(Collector::DeferredReferenceCounting)
    );
    assert_eq!(engine.get_cranelift_opt_level(), Some(OptLevel::None));
    let allocation = engine.get_cranelift_regalloc_algorithm();
    assert_eq!(allocation, Some(RegallocAlgorithm::SinglePass));
    assert_eq!(engine.get_cranelift_nan_canonicalization(), Some(true));
    assert!(engine.get_consume_fuel() && engine.get_epoch_interruption());
    assert_eq!(engine.get_max_wasm_stack(), 1 << 19);
    assert!(engine.get_pooling_config().is_none());
    let features = engine.get_wasm_features();
    assert!(features.contains(WasmFeatures::SIMD));
    assert!(!features.contains(WasmFeatures::RELAXED_SIMD));

    let mut pool = PoolingAllocationConfig::new();
    pool.total_memories(10)
        .total_tables(20)
        .total_core_instances(30)
        .max_memory_size(1 << 20);
    let mut config = Config::new();
    config.allocation_strategy(pool).memory_reservation(1 << 20);
    let engine = Engine::new(&config)?;
    let pool = engine.get_pooling_config().map(|pool| {
        (
            pool.get_total_memories(),
            pool.get_total_tables(),
            pool.get_total_core_instances(),
        )
    });
    assert_eq!(pool, Some((10, 20, 30)));
    assert!(Config::new().target("none").is_err());
    Ok(())
}
