// An embedding program, the same for both engines: the functions that a module defines.

use engine::{Engine, FuncIndex, Module, Result, StaticModuleIndex};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let text = r#"(module (import "a" "f" (func))
        (func $first (result i32) (i32.const 1)) (func $second))"#;
    let module = Module::new(&engine, text)?;
    let functions: Vec<_> = module.functions().collect();
    assert_eq!(functions.len(), 2);
    for (place, function) in functions.iter().enumerate() {
        // A module that is no part of a component is alone.
        assert_eq!(function.module, StaticModuleIndex::from_u32(0));
        assert_eq!(function.module.as_u32(), 0);
        assert_eq!(function.index, FuncIndex::from_u32(place as u32 + 1));
        assert!(function.len > 0);
    }
    assert_eq!(functions[0].name.as_deref(), Some("first"));
    assert!(functions[0].offset < functions[1].offset);
    Ok(())
}
