// An embedding program, the same for both engines: types with null alone, and values of references.

use engine::{
    ArrayRef, ArrayRefPre, ArrayType, Engine, ExternRef, FieldType, Func, Mutability, NoExtern,
    NoFunc, NoneRef, Ref, Result, Rooted, StorageType, Store, StructRef, StructRefPre, StructType,
    Val, ValType,
};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let nulls = |f: Option<NoFunc>, e: Option<NoExtern>, n: Option<NoneRef>| {
        i32::from(f.is_none() && e.is_none() && n.is_none())
    };
    let nulls = Func::wrap(&mut store, nulls);
    let nulls = nulls.typed::<(Option<NoFunc>, Option<NoExtern>, Option<NoneRef>), i32>(&store)?;
    assert_eq!(
        nulls.call(
            &mut store,
            (NoFunc::null(), NoExtern::null(), NoneRef::null())
        )?,
        1
    );
    assert!(NoFunc::null_val().unwrap_funcref().is_none());
    assert!(NoExtern::null_val().unwrap_externref().is_none());
    assert!(NoFunc::null_ref().is_null() && NoExtern::null_ref().is_null());
    assert!(Val::null_func_ref().funcref().is_some());
    assert!(Val::null_extern_ref().externref().is_some());
    assert!(
        Val::null_any_ref()
            .anyref()
            .is_some_and(|any| any.is_none())
    );

    let field = FieldType::new(Mutability::Var, StorageType::I8);
    let pre = StructRefPre::new(&mut store, StructType::new(&engine, [field.clone()])?);
    let object = StructRef::new(&mut store, &pre, &[Val::I32(1)])?;
    let pre = ArrayRefPre::new(&mut store, ArrayType::new(&engine, field));
    let array = ArrayRef::new(&mut store, &pre, &Val::I32(1), 2)?;
    let host = ExternRef::new(&mut store, 7u8)?;
    let is_any = |val: Val| val.unwrap_anyref().is_some();
    assert!(is_any(object.into()) && is_any(array.into()));
    assert!(is_any(Some(object).into()) && !is_any(None::<Rooted<StructRef>>.into()));
    assert!(Val::from(host).unwrap_externref().is_some());
    let refs: [Ref; 4] = [object.into(), array.into(), host.into(), Some(array).into()];
    assert_eq!(refs.iter().filter(|of| of.is_any()).count(), 3);
    assert!(refs.iter().all(|of| of.is_non_null()));
    assert!(Val::null_func_ref().func_ref().is_some_and(|f| f.is_none()));
    assert!(Val::from(host).unwrap_extern_ref().is_some() && Val::from(host).any_ref().is_none());
    assert!(Val::from(array).unwrap_any_ref().is_some());
    assert!(ValType::FUNCREF.default_value().is_some_and(|null| null.unwrap_func_ref().is_none()));
    assert_eq!(ValType::I32.default_value().and_then(|zero| zero.i32()), Some(0));
    Ok(())
}
