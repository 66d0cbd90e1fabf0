// An embedding program, the same for both engines: types of exceptions as heap types.

use engine::{
    Config, Engine, ExnRef, ExnRefPre, ExnType, Finality, FuncType, HeapType, Ref, Result, Store,
    Tag, TagType, Val, ValType,
};

pub fn run() -> Result<()> {
    let mut config = Config::new();
    config
        .wasm_function_references(true)
        .wasm_gc(true)
        .wasm_exceptions(true);
    let engine = Engine::new(&config)?;
    let number = ExnType::new(&engine, [ValType::I32])?;
    let heap = HeapType::from(number.clone());
    assert!(heap.is_concrete() && heap.is_concrete_exn() && !heap.is_concrete_func());
    assert_eq!(heap.as_concrete_exn().unwrap().fields().len(), 1);
    assert!(HeapType::Exn.as_concrete_exn().is_none() && !HeapType::NoExn.is_concrete_exn());

    assert!(heap.matches(&HeapType::Exn) && !HeapType::Exn.matches(&heap));
    assert!(HeapType::NoExn.matches(&heap) && !heap.matches(&HeapType::NoExn));
    assert!(!heap.matches(&HeapType::Any) && !HeapType::None.matches(&heap));
    assert!(heap.top().is_exn() && heap.bottom().is_no_exn());
    let same = HeapType::ConcreteExn(ExnType::new(&engine, [ValType::I32])?);
    assert!(HeapType::eq(&heap, &same));
    let other = HeapType::ConcreteExn(ExnType::new(&engine, [ValType::I64])?);
    assert!(!heap.matches(&other) && !HeapType::eq(&heap, &other));
    assert!(Ref::null(&heap).is_null());
    let base = FuncType::with_finality_and_supertype(
        &engine,
        Finality::NonFinal,
        None,
        [ValType::I32],
        [],
    )?;
    let sub = FuncType::with_finality_and_supertype(
        &engine,
        Finality::Final,
        Some(&base),
        [ValType::I32],
        [],
    )?;
    assert!(sub.matches(&base));
    let (base, sub) = (TagType::new(base), TagType::new(sub));
    assert!(!ExnType::from_tag_type(&sub)?.matches(&ExnType::from_tag_type(&base)?));

    let mut store = Store::new(&engine, ());
    let ty = TagType::new(FuncType::new(&engine, [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty)?;
    let pre = ExnRefPre::new(&mut store, ExnType::from_tag_type(&ty)?);
    let exception = Val::from(ExnRef::new(&mut store, &pre, &tag, &[Val::I32(7)])?);
    let ty = exception.ty(&store)?;
    let heap = ty.unwrap_ref().heap_type();
    assert!(heap.as_concrete_exn().unwrap().matches(&number));
    assert!(exception.matches_ty(&store, &ValType::EXNREF)?);
    assert!(exception.matches_ty(&store, &ty)?);
    let exception = exception.unwrap_exnref().unwrap();
    assert!(exception.matches_ty(&store, heap)? && exception.matches_ty(&store, &HeapType::Exn)?);
    assert!(!exception.matches_ty(&store, &other)?);
    Ok(())
}
