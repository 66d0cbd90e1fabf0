// An embedding program, the same for both engines: limiter.

use engine::{
    DEFAULT_INSTANCE_LIMIT, DEFAULT_MEMORY_LIMIT, DEFAULT_TABLE_LIMIT, Engine, Instance, Module,
    ResourceLimiter, Result, Store, StoreLimitsBuilder,
};

struct Own {
    asked: Vec<(usize, usize)>,
}

impl ResourceLimiter for Own {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool> {
        self.asked.push((current >> 16, desired >> 16));
        Ok(desired <= 3 << 16)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool> {
        Ok(true)
    }
}

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let text = r#"(module (memory 1) (func (export "grow") (param i32) (result i32)
        (memory.grow (local.get 0))))"#;
    let module = Module::new(&engine, text)?;
    let mut store = Store::new(&engine, Own { asked: Vec::new() });
    store.limiter(|own| own);
    let instance = Instance::new(&mut store, &module, &[])?;
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow")?;
    assert_eq!(grow.call(&mut store, 2)?, 1);
    assert_eq!(grow.call(&mut store, 1)?, -1);
    assert_eq!(store.data().asked, [(0, 1), (1, 3), (3, 4)]);
    let own = store.data();
    assert_eq!(own.instances(), DEFAULT_INSTANCE_LIMIT);
    assert_eq!((own.tables(), own.memories()), (DEFAULT_TABLE_LIMIT, DEFAULT_MEMORY_LIMIT));

    let limits = StoreLimitsBuilder::new()
        .memory_size(1 << 16)
        .trap_on_grow_failure(true)
        .build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    let instance = Instance::new(&mut store, &module, &[])?;
    let grow = instance.get_typed_func::<i32, i32>(&mut store, "grow")?;
    assert!(grow.call(&mut store, 1).is_err());
    let limits = StoreLimitsBuilder::new().instances(0).build();
    let mut store = Store::new(&engine, limits);
    store.limiter(|limits| limits);
    assert!(Instance::new(&mut store, &module, &[]).is_err());
    Ok(())
}
