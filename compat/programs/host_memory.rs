// An embedding program, the same for both engines: host memory.

use engine::{Caller, Engine, Extern, Linker, Module, Result, Store, bail};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    linker.func_wrap(
        "host",
        "print",
        |mut caller: Caller<'_, Vec<String>>, start: u32, len: u32| -> Result<()> {
            let Some(Extern::Memory(memory)) = caller.get_export("memory") else {
                bail!("no memory");
            };
            let mut bytes = vec![0; len as usize];
            memory.read(&caller, start as usize, &mut bytes)?;
            caller.data_mut().push(String::from_utf8(bytes)?);
            memory.write(&mut caller, start as usize, b"J")?;
            Ok(())
        },
    )?;
    let text = r#"(module (import "host" "print" (func $print (param i32 i32)))
        (memory (export "memory") 1) (data (i32.const 3) "hello")
        (func (export "run") (result i32)
            (call $print (i32.const 3) (i32.const 5))
            (i32.load8_u (i32.const 3)))
        (func (export "past") (call $print (i32.const 65535) (i32.const 5))))"#;
    let mut store = Store::new(&engine, Vec::new());
    let instance = linker.instantiate(&mut store, &Module::new(&engine, text)?)?;
    let run = instance.get_typed_func::<(), i32>(&mut store, "run")?;
    assert_eq!(run.call(&mut store, ())?, i32::from(b'J'));
    assert_eq!(store.data(), &["hello"]);
    let past = instance.get_typed_func::<(), ()>(&mut store, "past")?;
    assert!(past.call(&mut store, ()).is_err());
    assert_eq!(store.into_data().len(), 1);
    Ok(())
}
