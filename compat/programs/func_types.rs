// An embedding program, the same for both engines: func types.

use engine::{Engine, Func, FuncType, HeapType, RefType, Result, Store, Val, ValType};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let ty = FuncType::new(&engine, [ValType::I32, ValType::EXTERNREF], [ValType::F64]);
    assert_eq!((ty.params().len(), ty.results().len()), (2, 1));
    assert!(ty.param(0).unwrap().is_i32() && ty.param(1).unwrap().is_externref());
    assert!(ty.result(0).unwrap().is_f64() && ty.result(1).is_none());
    let same = FuncType::new(&engine, [ValType::I32, ValType::EXTERNREF], [ValType::F64]);
    let other = FuncType::new(&engine, [ValType::I32], [ValType::F64]);
    assert!(FuncType::eq(&ty, &same) && !FuncType::eq(&ty, &other));
    let concrete = RefType::new(false, HeapType::ConcreteFunc(ty.clone()));
    assert!(concrete.matches(&RefType::FUNCREF) && !RefType::FUNCREF.matches(&concrete));
    let mut store = Store::new(&engine, ());
    let func = Func::new(&mut store, ty.clone(), |_, _, results| {
        results[0] = Val::from(1.5f64);
        Ok(())
    });
    assert!(FuncType::eq(&func.ty(&store), &ty));
    let wrapped = Func::wrap(&mut store, |_: u32, _: i64| -> (f32, i32) { (0.0, 0) });
    let ty = wrapped.ty(&store);
    assert_eq!(
        ty.params().map(|ty| ty.is_i32()).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(wrapped.typed::<(u32, i64), (f32, i32)>(&store).is_ok());
    assert!(wrapped.typed::<(i32, i32), (f32, i32)>(&store).is_err());
    assert!(wrapped.typed::<(i32, i64), ()>(&store).is_err());
    assert!(ValType::FUNCREF.matches(&ValType::FUNCREF) && !ValType::I32.matches(&ValType::I64));
    Ok(())
}
