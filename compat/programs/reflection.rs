// An embedding program, the same for both engines: reflection.

use engine::{Engine, ExternType, Instance, Module, Result, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let text = r#"(module $named (import "a" "f" (func (param i32)))
        (import "b" "m" (memory 1 4))
        (func (export "g") (result f32) (f32.const 0))
        (table (export "t") 3 funcref) (global (export "c") i64 (i64.const 1)))"#;
    let module = Module::new(&engine, text)?;
    assert_eq!(module.name(), Some("named"));
    let imports: Vec<_> = module.imports().map(|i| (i.module(), i.name())).collect();
    assert_eq!(imports, [("a", "f"), ("b", "m")]);
    for import in module.imports() {
        match import.ty() {
            ExternType::Func(ty) => assert_eq!(ty.params().len(), 1),
            ExternType::Memory(ty) => assert_eq!((ty.minimum(), ty.maximum()), (1, Some(4))),
            other => panic!("{other:?}"),
        }
    }
    let exports: Vec<_> = module.exports().map(|export| export.name()).collect();
    assert_eq!(exports, ["g", "t", "c"]);
    assert!(module.get_export("t").unwrap().unwrap_table().minimum() == 3);
    assert!(module.get_export("missing").is_none());
    let plain = Module::new(
        &engine,
        r#"(module (func (export "f")) (memory (export "m") 1))"#,
    )?;
    let index = plain.get_export_index("m").unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &plain, &[])?;
    assert!(
        instance
            .get_module_export(&mut store, &index)
            .unwrap()
            .into_memory()
            .is_some()
    );
    let names: Vec<String> = instance
        .exports(&mut store)
        .map(|export| export.name().to_string())
        .collect();
    assert_eq!(names, ["f", "m"]);
    assert!(instance.get_func(&mut store, "m").is_none());
    Ok(())
}
