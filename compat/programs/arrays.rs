// An embedding program, the same for both engines: arrays.

use engine::{
    ArrayRef, ArrayRefPre, ArrayType, Config, Engine, FieldType, Instance, Module, Mutability,
    Result, Rooted, StorageType, Store, Val,
};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config.wasm_function_references(true).wasm_gc(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let ty = ArrayType::new(&engine, FieldType::new(Mutability::Var, StorageType::I8));
    assert!(ty.mutability().is_var());
    let pre = ArrayRefPre::new(&mut store, ty);
    let array = ArrayRef::new_fixed(
        &mut store,
        &pre,
        &[Val::I32(1), Val::I32(2), Val::I32(0x1ff)],
    )?;
    assert_eq!(array.len(&store)?, 3);
    assert_eq!(array.get(&mut store, 2)?.unwrap_i32(), 0xff);
    array.set(&mut store, 0, Val::I32(7))?;
    let all: Vec<i32> = array
        .elems(&mut store)?
        .map(|elem| elem.unwrap_i32())
        .collect();
    assert_eq!(all, [7, 2, 255]);
    assert!(array.get(&mut store, 3).is_err());
    let text = r#"(module (type $bytes (array (mut i8)))
        (func (export "sum") (param $a (ref $bytes)) (result i32) (local $i i32) (local $s i32)
            (loop
                (local.set $s (i32.add (local.get $s)
                    (array.get_u $bytes (local.get $a) (local.get $i))))
                (br_if 0 (i32.lt_u
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (array.len (local.get $a)))))
            (local.get $s))
        (func (export "make") (result (ref array))
            (array.new $bytes (i32.const 9) (i32.const 4))))"#;
    let instance = Instance::new(&mut store, &Module::new(&engine, text)?, &[])?;
    let sum = instance.get_func(&mut store, "sum").unwrap();
    let mut results = [Val::I32(0)];
    sum.call(
        &mut store,
        &[Val::AnyRef(Some(array.to_anyref()))],
        &mut results,
    )?;
    assert_eq!(results[0].unwrap_i32(), 264);
    let make = instance.get_typed_func::<(), Rooted<ArrayRef>>(&mut store, "make")?;
    let made = make.call(&mut store, ())?;
    assert_eq!(made.len(&store)?, 4);
    assert!(made.matches_ty(&store, &array.ty(&store)?)?);
    Ok(())
}
