//! Limits, memories, tables and globals.

use super::{instance, store, store_with};
use limpid::*;

const GROW: &str = r#"(module (memory (export "m") 1) (table (export "t") 1 funcref)
    (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0)))
    (func (export "size") (result i32) (memory.size)))"#;

#[test]
fn limiters_refuse_growth() {
    let limits = || {
        StoreLimitsBuilder::new()
            .memory_size(3 << 16)
            .table_elements(5)
    };
    let mut store = Store::new(&Engine::default(), limits().build());
    store.limiter(|limits| limits);
    let instance = instance(&mut store, GROW, &[]);
    for (name, fits, over) in [("memory", 2, 1), ("table", 4, 1)] {
        let grow = instance
            .get_typed_func::<i32, i32>(&mut store, name)
            .expect("typed");
        assert_eq!(grow.call(&mut store, fits).expect("returns"), 1, "{name}");
        assert_eq!(grow.call(&mut store, over).expect("returns"), -1, "{name}");
        assert_eq!(
            grow.call(&mut store, 0).expect("returns"),
            fits + 1,
            "{name}"
        );
    }
    let size = instance
        .get_typed_func::<(), i32>(&mut store, "size")
        .expect("typed");
    assert_eq!(size.call(&mut store, ()).expect("returns"), 3);
    let memory = instance.get_memory(&mut store, "m").expect("exported");
    assert_eq!(
        memory.grow(&mut store, 1).expect_err("refused").code(),
        "grow-refused"
    );

    let mut store = Store::new(
        &Engine::default(),
        limits().trap_on_grow_failure(true).build(),
    );
    store.limiter(|limits| limits);
    let instance = super::instance(&mut store, GROW, &[]);
    let grow = instance
        .get_typed_func::<i32, i32>(&mut store, "memory")
        .expect("typed");
    let error = grow.call(&mut store, 9).expect_err("a trap");
    assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::GrowRefused));
}

#[test]
fn limiters_refuse_instances() {
    let engine = Engine::default();
    let module = Module::new(&engine, "(module (memory 2) (table 3 funcref))").expect("valid");
    let builders = [
        StoreLimitsBuilder::new().memory_size(1 << 16),
        StoreLimitsBuilder::new().table_elements(2),
        StoreLimitsBuilder::new().instances(0),
        StoreLimitsBuilder::new().memories(0),
        StoreLimitsBuilder::new().tables(0),
    ];
    for builder in builders {
        let mut store = Store::new(&engine, builder.build());
        store.limiter(|limits| limits);
        let error = Instance::new(&mut store, &module, &[]).expect_err("over the limit");
        assert_eq!(error.code(), "limit");
    }
    let mut small = Config::new();
    small.max_memory_size(1 << 16).max_table_elements(100);
    let engine = Engine::new(&small).expect("fine");
    let module = Module::new(&engine, "(module (memory 2))").expect("valid");
    let error = Instance::new(Store::new(&engine, ()), &module, &[]).expect_err("over the limit");
    assert_eq!(error.code(), "limit");
}

#[test]
fn huge_memories_are_refused_without_harm() {
    let mut store = store();
    let text = r#"(module (memory i64 0x1000000000000))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let error = Instance::new(&mut store, &module, &[]).expect_err("no host has that");
    assert_eq!(error.code(), "limit");
    let instance = instance(&mut store, GROW, &[]);
    let grow = instance
        .get_typed_func::<i32, i32>(&mut store, "memory")
        .expect("typed");
    assert_eq!(grow.call(&mut store, -1).expect("returns"), -1);
}

#[test]
fn tables_and_globals_check_what_is_written() {
    let mut store = store();
    let ty = TableType::new(RefType::FUNCREF, 4, Some(6));
    let table = Table::new(&mut store, ty, Ref::Func(None)).expect("room");
    let func = Func::wrap(&mut store, || 5);
    table
        .fill(&mut store, 1, func.into(), 2)
        .expect("in bounds");
    Table::copy(&mut store, &table, 2, &table, 1, 2).expect("in bounds");
    let set: Vec<bool> = (0..4)
        .map(|k| table.get(&mut store, k).expect("in bounds").is_non_null())
        .collect();
    assert_eq!(set, [false, true, true, true]);
    let past = table
        .set(&mut store, 4, func.into())
        .expect_err("past the end");
    assert_eq!(past.code(), "out-of-bounds");
    let wrong = table
        .set(&mut store, 0, Ref::Extern(None))
        .expect_err("another hierarchy");
    assert_eq!(wrong.code(), "type-mismatch");
    assert_eq!(
        table
            .grow(&mut store, 2, func.into())
            .expect("up to the maximum"),
        4
    );
    assert_eq!(
        table
            .grow(&mut store, 1, func.into())
            .expect_err("over it")
            .code(),
        "grow-refused"
    );
    assert_eq!(table.ty(&store).minimum(), 6, "the size now");

    let constant = GlobalType::new(ValType::I64, Mutability::Const);
    let global = Global::new(&mut store, constant, Val::I64(5)).expect("of the type");
    assert_eq!(
        global
            .set(&mut store, Val::I64(6))
            .expect_err("constant")
            .code(),
        "immutable"
    );
    let concrete = func.ty(&store);
    let ty = ValType::Ref(RefType::new(true, HeapType::ConcreteFunc(concrete)));
    let typed = GlobalType::new(ty, Mutability::Var);
    let global = Global::new(&mut store, typed, Val::FuncRef(None)).expect("of the type");
    global.set(&mut store, func.into()).expect("of the type");
    let other = Func::wrap(&mut store, |_: i32| {});
    assert_eq!(
        global
            .set(&mut store, other.into())
            .expect_err("not")
            .code(),
        "type-mismatch"
    );
    assert!(*global.get(&mut store).unwrap_funcref().expect("not null") == func);
}

#[test]
fn memory_access_from_the_host_is_checked() {
    let mut store = Store::new(&Engine::default(), 7);
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(1))).expect("room");
    let mut buffer = [1; 4];
    assert!(memory.write(&mut store, 65532, &[1, 2, 3, 4]).is_ok());
    assert!(memory.write(&mut store, 65533, &[1, 2, 3, 4]).is_err());
    assert!(memory.read(&store, usize::MAX, &mut buffer).is_err());
    assert_eq!(buffer, [1; 4]);
    memory.read(&store, 65532, &mut buffer).expect("in bounds");
    assert_eq!(buffer, [1, 2, 3, 4]);
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    *data += u32::from(bytes[65535]);
    assert_eq!(*store.data(), 11);
    assert!(memory.grow(&mut store, 1).is_err());
    assert!(Memory::new(&mut store, MemoryType::shared(1, 2)).is_err());
}

#[test]
fn shared_memories_are_one_in_all_stores() {
    let engine = Engine::default();
    let memory = SharedMemory::new(&engine, MemoryType::shared(1, 4)).expect("room");
    let text = r#"(module (import "" "m" (memory 1 4 shared)) (export "m" (memory 0))
        (func (export "add") (param i32) (result i32)
            (loop (br_if 0 (local.tee 0
                (i32.sub (local.get 0) (i32.const 1)
                    (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1)))))))
            (i32.atomic.load (i32.const 0))))"#;
    let module = Module::new(&engine, text).expect("valid");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (engine, module, memory) = (engine.clone(), module.clone(), memory.clone());
            std::thread::spawn(move || {
                let mut store = Store::new(&engine, ());
                let instance = Instance::new(&mut store, &module, &[memory.into()]);
                let instance = instance.expect("linked");
                let add = instance
                    .get_typed_func::<i32, i32>(&mut store, "add")
                    .expect("typed");
                add.call(&mut store, 1000).expect("returns");
                assert!(instance.get_shared_memory(&mut store, "m").is_some());
                assert!(instance.get_memory(&mut store, "m").is_none());
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no panic");
    }
    let mut bytes = [0; 4];
    memory.read(0, &mut bytes).expect("in bounds");
    assert_eq!(u32::from_le_bytes(bytes), 4000);
    assert_eq!(memory.grow(1).expect("room"), 1);
    assert_eq!(memory.size(), 2);
    assert!(memory.grow(9).is_err());
    let none = store_with(|config| config.shared_memory(false));
    let error = SharedMemory::new(none.engine(), MemoryType::shared(1, 1));
    assert_eq!(error.expect_err("switched off").code(), "not-configured");
}

#[test]
fn shared_memories_that_are_switched_off_are_not_instantiated() {
    let mut store = store_with(|config| config.shared_memory(false));
    let module = Module::new(store.engine(), "(module (memory 1 1 shared))").expect("valid");
    let error = Instance::new(&mut store, &module, &[]).expect_err("switched off");
    assert_eq!(error.code(), "not-configured");
    let ty = MemoryType::shared(1, 1);
    let other = SharedMemory::new(&Engine::default(), ty.clone()).expect("room");
    let text = r#"(module (import "" "m" (memory 1 1 shared)))"#;
    let module = Module::new(store.engine(), text).expect("valid");
    let error = Instance::new(&mut store, &module, &[other.into()]).expect_err("another engine");
    assert_eq!(error.code(), "wrong-engine");
    let error = ExternType::Memory(ty).default_value(&mut store);
    assert_eq!(error.expect_err("switched off").code(), "not-configured");
}

#[test]
fn types_over_the_limits_are_refused() {
    let mut store = store();
    // As in wasmtime, a memory type that no module can have is no type, and its builder says why.
    let memories: [fn() -> MemoryType; 9] = [
        || MemoryType::new(70_000, None),
        || MemoryType::new(0, Some(70_000)),
        || MemoryType::new(2, Some(1)),
        || MemoryType::new64(0, Some((1 << 48) + 1)),
        || MemoryType::new64(2, Some(1)),
        || MemoryType::shared(70_000, 70_000),
        || MemoryType::shared(1, 70_000),
        || MemoryType::shared(2, 1),
        || MemoryType::shared(65_537, 65_537),
    ];
    for (number, ty) in memories.into_iter().enumerate() {
        let panic = std::panic::catch_unwind(ty).expect_err("no such type");
        let text = panic.downcast_ref::<String>().expect("a text");
        let expected = "no module can have the memory type";
        assert!(text.starts_with(expected), "{number}: {text}");
    }
    MemoryType::new(65_536, Some(65_536));
    MemoryType::new64(1 << 48, Some(1 << 48));
    MemoryType::shared(0, 65_536);
    let mut builder = MemoryType::builder();
    let error = builder.min(2).max(Some(1)).build();
    assert_eq!(error.expect_err("no such type").code(), "type-mismatch");
    // A table type is refused when a table is made of it.
    let tables = [
        TableType::new(RefType::FUNCREF, 2, Some(1)),
        TableType::new64(RefType::FUNCREF, 2, Some(1)),
    ];
    for ty in tables {
        let error = Table::new(&mut store, ty, Ref::Func(None)).expect_err("no such type");
        assert_eq!(error.code(), "type-mismatch");
    }
}
