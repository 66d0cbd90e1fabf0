// An embedding program, the same for both engines: exceptions.

use engine::{
    AsContextMut, Caller, Config, Engine, ExnRef, ExnRefPre, ExnType, Func, FuncType, Instance,
    Module, Result, Store, Tag, TagType, ThrownException, Val, ValType,
};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true);
    let engine = Engine::new(&config)?;
    let mut store = Store::new(&engine, ());
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty)?;
    let throw = Func::wrap(
        &mut store,
        move |mut caller: Caller<'_, ()>, x: i32| -> Result<()> {
            let ty = ExnType::from_tag_type(&tag.ty(&caller))?;
            let pre = ExnRefPre::new(&mut caller, ty);
            let exception = ExnRef::new(&mut caller, &pre, &tag, &[Val::I32(x)])?;
            caller.as_context_mut().throw(exception)?
        },
    );
    let text = r#"(module (import "" "throw" (func $throw (param i32)))
        (import "" "tag" (tag $tag (param i32)))
        (func (export "catch") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $tag $caught) (call $throw (local.get 0)))
                (i32.const -1)))
        (func (export "pass") (param i32) (call $throw (local.get 0))))"#;
    let module = Module::new(&engine, text)?;
    let instance = Instance::new(&mut store, &module, &[throw.into(), tag.into()])?;
    let catch = instance.get_typed_func::<i32, i32>(&mut store, "catch")?;
    assert_eq!(catch.call(&mut store, 42)?, 42);
    let pass = instance.get_typed_func::<i32, ()>(&mut store, "pass")?;
    let error = pass.call(&mut store, 7).unwrap_err();
    assert!(error.is::<ThrownException>());
    let exception = store.take_pending_exception().unwrap();
    assert_eq!(exception.field(&mut store, 0)?.unwrap_i32(), 7);
    let thrown = exception.tag(&mut store)?;
    assert!(Tag::eq(&thrown, &tag, &store));
    Ok(())
}
