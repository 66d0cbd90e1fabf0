// An embedding program, the same for both engines: tables.

use engine::{Engine, Func, Instance, Module, Ref, RefType, Result, Store, Table, TableType, Val};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let one = Func::wrap(&mut store, || 1i32);
    let ty = TableType::new(RefType::FUNCREF, 3, Some(5));
    let table = Table::new(&mut store, ty, Ref::Func(Some(one)))?;
    assert_eq!(table.size(&store), 3);
    table.set(&mut store, 1, Ref::Func(None))?;
    assert!(table.get(&mut store, 1).unwrap().is_null());
    assert!(table.get(&mut store, 3).is_none());
    assert!(table.set(&mut store, 3, Ref::Func(None)).is_err());
    assert_eq!(table.grow(&mut store, 2, Ref::Func(None))?, 3);
    assert!(table.grow(&mut store, 1, Ref::Func(None)).is_err());
    Table::copy(&mut store, &table, 1, &table, 0, 1)?;
    table.fill(&mut store, 3, Ref::Func(Some(one)), 1)?;
    let text = r#"(module (import "" "t" (table 5 funcref)) (type $t (func (result i32)))
        (func (export "f") (param i32) (result i32)
            (call_indirect (type $t) (local.get 0))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[table.into()])?;
    let f = instance.get_typed_func::<i32, i32>(&mut store, "f")?;
    for index in [0, 1, 2, 3] {
        assert_eq!(f.call(&mut store, index)?, 1);
    }
    for index in [4, 5] {
        assert!(f.call(&mut store, index).is_err());
    }
    let func = table.get(&mut store, 0).unwrap();
    let func = *func.unwrap_func().unwrap();
    let mut results = [Val::I32(0)];
    func.call(&mut store, &[], &mut results)?;
    assert_eq!(results[0].unwrap_i32(), 1);
    Ok(())
}
