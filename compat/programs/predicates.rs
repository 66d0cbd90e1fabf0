// An embedding program, the same for both engines: what types are asked.

use engine::{
    ArrayType, Engine, FieldType, FuncType, HeapType, Mutability, Result, StorageType, StructType,
    ValType,
};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    assert!(HeapType::NoFunc.is_no_func() && !HeapType::Func.is_no_func());
    assert!(HeapType::NoExn.is_no_exn() && HeapType::None.is_none());
    assert!(HeapType::Any.is_top() && HeapType::None.is_bottom());
    assert!(!HeapType::Struct.is_top() && !HeapType::Struct.is_bottom());
    assert!(HeapType::Struct.is_abstract() && !HeapType::Struct.is_concrete());

    let func = FuncType::try_new(&engine, [ValType::I32], [])?;
    let heap = HeapType::from(func.clone());
    assert!(heap.is_concrete_func() && !heap.is_concrete_struct());
    assert!(FuncType::eq(heap.unwrap_concrete_func(), &func));
    let field = FieldType::new(Mutability::Var, StorageType::I8);
    let heap = HeapType::from(StructType::new(&engine, [field.clone()])?);
    assert!(heap.is_concrete_struct() && heap.unwrap_concrete_struct().fields().len() == 1);
    let heap = HeapType::from(ArrayType::new(&engine, field));
    assert!(heap.is_concrete_array());
    assert!(heap.unwrap_concrete_array().element_type().is_i8());

    assert!(StorageType::I16.is_i16() && StorageType::I8.is_i8());
    let val = StorageType::from(ValType::I64);
    assert!(val.unwrap_val_type().is_i64());
    assert!(StorageType::I8.as_val_type().is_none() && StorageType::I8.unpack().is_i32());
    Ok(())
}
