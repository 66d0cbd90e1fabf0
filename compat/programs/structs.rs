// An embedding program, the same for both engines: structs.

use engine::{
    Config, Engine, FieldType, Instance, Module, Mutability, Result, Rooted, StorageType, Store,
    StructRef, StructRefPre, StructType, Val, ValType,
};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.wasm_function_references(true).wasm_gc(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let ty = StructType::new(
        &engine,
        [
            FieldType::new(Mutability::Var, StorageType::I16),
            FieldType::new(Mutability::Const, StorageType::ValType(ValType::F64)),
        ],
    )?;
    assert_eq!(ty.fields().len(), 2);
    assert!(ty.field(0).unwrap().mutability().is_var() && ty.field(2).is_none());
    let pre = StructRefPre::new(&mut store, ty.clone());
    let object = StructRef::new(&mut store, &pre, &[Val::I32(-1), Val::from(2.5f64)])?;
    assert_eq!(object.field(&mut store, 0)?.unwrap_i32(), 0xffff);
    object.set_field(&mut store, 0, Val::I32(5))?;
    assert!(object.set_field(&mut store, 1, Val::F64(0)).is_err());
    assert!(object.field(&mut store, 2).is_err());
    assert!(StructRef::new(&mut store, &pre, &[Val::I32(1)]).is_err());
    let text = r#"(module (type $s (struct (field (mut i16)) (field f64)))
        (func (export "get") (param (ref null struct)) (result f64)
            (struct.get $s 1 (ref.cast (ref $s) (local.get 0))))
        (func (export "new") (result (ref struct))
            (struct.new $s (i32.const 3) (f64.const 4.5))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let get = instance.get_typed_func::<Option<Rooted<StructRef>>, f64>(&mut store, "get")?;
    assert_eq!(get.call(&mut store, Some(object))?, 2.5);
    assert!(get.call(&mut store, None).is_err());
    let new = instance.get_typed_func::<(), Rooted<StructRef>>(&mut store, "new")?;
    let made = new.call(&mut store, ())?;
    assert!(made.matches_ty(&store, &ty)?);
    let fields: Vec<Val> = made.fields(&mut store)?.collect();
    assert_eq!((fields[0].unwrap_i32(), fields[1].unwrap_f64()), (3, 4.5));
    let any = made.to_anyref();
    assert!(any.is_struct(&store)? && any.as_struct(&store)?.is_some());
    Ok(())
}
