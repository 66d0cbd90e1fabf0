// An embedding program, the same for both engines: memories.

use engine::{Engine, Instance, Memory, MemoryType, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let memory = Memory::new(&mut store, MemoryType::new(1, Some(3)))?;
    assert_eq!((memory.size(&store), memory.data_size(&store)), (1, 65536));
    assert_eq!(memory.page_size(&store), 65536);
    assert_eq!(memory.grow(&mut store, 2)?, 1);
    assert!(memory.grow(&mut store, 1).is_err());
    assert_eq!(memory.ty(&store).maximum(), Some(3));
    let mut buffer = [0; 4];
    assert!(memory.read(&store, 3 * 65536 - 3, &mut buffer).is_err());
    assert!(memory.write(&mut store, usize::MAX, &buffer).is_err());
    memory.data_mut(&mut store)[100] = 9;
    let text = r#"(module (import "" "m" (memory 1)) (export "m" (memory 0))
        (func (export "f") (result i32)
            (i32.add (i32.load8_u (i32.const 100)) (memory.size))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[memory.into()])?;
    let f = instance.get_typed_func::<(), i32>(&mut store, "f")?;
    assert_eq!(f.call(&mut store, ())?, 12);
    let same = instance.get_memory(&mut store, "m").unwrap();
    assert_eq!(same.data(&store)[100], 9);
    let large = MemoryType::new64(1, None);
    assert!(large.is_64() && !MemoryType::new(0, None).is_64());
    let built = engine::MemoryTypeBuilder::new()
        .min(2)
        .max(Some(5))
        .build()?;
    assert_eq!((built.minimum(), built.maximum()), (2, Some(5)));
    Ok(())
}
