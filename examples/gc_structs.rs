//! Structs of the guest in the embedder's hands, and values of the embedder in the guest's.

use limpid::{
    Engine, ExternRef, FieldType, Instance, Module, Mutability, OwnedRooted, Result, RootScope,
    Rooted, StorageType, Store, StructRef, StructRefPre, StructType, Val, ValType,
};

/// Runs the example.
pub fn main() -> Result<()> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (type $entry (struct (field i64) (field externref)))
            (func (export "entry") (param i64 externref) (result (ref $entry))
                (struct.new $entry (local.get 0) (local.get 1)))
            (func (export "label") (param (ref null struct)) (result externref)
                (struct.get $entry 1 (ref.cast (ref $entry) (local.get 0)))))"#,
    )?;
    let mut store = Store::new(&engine, ());
    let instance = Instance::new(&mut store, &module, &[])?;
    let entry = instance.get_typed_func::<(i64, Option<Rooted<ExternRef>>), Rooted<StructRef>>(
        &mut store, "entry",
    )?;
    let label = instance.get_typed_func::<Option<Rooted<StructRef>>, Option<Rooted<ExternRef>>>(
        &mut store, "label",
    )?;

    // What is rooted in a scope may be collected after it; an owned root lives until dropped.
    let kept: OwnedRooted<StructRef> = {
        let mut scope = RootScope::new(&mut store);
        let text = ExternRef::new(&mut scope, String::from("forty-two"))?;
        let made = entry.call(&mut scope, (42, Some(text)))?;
        made.to_owned_rooted(&mut scope)?
    };
    store.gc(None)?;
    assert_eq!(kept.field(&mut store, 0)?.unwrap_i64(), 42);
    let kept = kept.to_rooted(&mut store);
    let text = label.call(&mut store, Some(kept))?.expect("not null");
    let text = text
        .data(&store)?
        .and_then(|data| data.downcast_ref::<String>());
    println!("the entry is labelled {text:?}");
    assert_eq!(text.map(String::as_str), Some("forty-two"));

    // A struct type with the same fields is the same type, whoever defines it.
    let fields = [
        FieldType::new(Mutability::Const, StorageType::ValType(ValType::I64)),
        FieldType::new(Mutability::Const, StorageType::ValType(ValType::EXTERNREF)),
    ];
    let pre = StructRefPre::new(&mut store, StructType::new(&engine, fields)?);
    let own = StructRef::new(&mut store, &pre, &[Val::I64(7), Val::ExternRef(None)])?;
    assert!(label.call(&mut store, Some(own))?.is_none());
    Ok(())
}
