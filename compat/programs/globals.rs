// An embedding program, the same for both engines: globals.

use engine::{
    Engine, Global, GlobalType, Instance, Module, Mutability, Result, Store, Val, ValType,
};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let ty = GlobalType::new(ValType::I64, Mutability::Var);
    let global = Global::new(&mut store, ty, Val::I64(40))?;
    let text = r#"(module (import "" "g" (global $g (mut i64)))
        (global (export "c") f32 (f32.const 1.5))
        (func (export "bump") (global.set $g (i64.add (global.get $g) (i64.const 1)))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[global.into()])?;
    let bump = instance.get_typed_func::<(), ()>(&mut store, "bump")?;
    bump.call(&mut store, ())?;
    assert_eq!(global.get(&mut store).unwrap_i64(), 41);
    global.set(&mut store, Val::I64(i64::MAX))?;
    bump.call(&mut store, ())?;
    assert_eq!(global.get(&mut store).i64(), Some(i64::MIN));
    let constant = instance.get_global(&mut store, "c").unwrap();
    assert!(constant.ty(&store).mutability().is_const());
    assert!(constant.ty(&store).content().is_f32());
    assert!(constant.set(&mut store, Val::F32(0)).is_err());
    assert!(global.set(&mut store, Val::I32(0)).is_err());
    assert_eq!(constant.get(&mut store).unwrap_f32(), 1.5);
    Ok(())
}
