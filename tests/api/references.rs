//! References to garbage-collected objects, and exceptions.

use super::{instance, store_with};
use limpid::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A store that collects at every allocation, so that a missed root shows at once.
fn store() -> Store<()> {
    store_with(|config| config.gc_stress(true))
}

#[test]
fn scopes_end_their_references() {
    let mut store = store();
    let outer = ExternRef::new(&mut store, 1).expect("room");
    let (inner, owned) = {
        let mut scope = RootScope::new(&mut store);
        let inner = ExternRef::new(&mut scope, 2).expect("room");
        let owned = inner.to_owned_rooted(&mut scope).expect("live");
        (inner, owned)
    };
    let stale = inner.data(&store).expect_err("its scope ended");
    assert_eq!(stale.downcast_ref::<Fault>(), Some(&Fault::StaleRoot));
    let taker = Func::wrap(&mut store, |_: Rooted<ExternRef>| {});
    let error = taker
        .call(&mut store, &[inner.into()], &mut [])
        .expect_err("stale");
    assert_eq!(error.code(), "stale-root");
    let again = ExternRef::new(&mut store, 3).expect("room");
    assert!(
        inner.data(&store).is_err(),
        "another root in its place is not it"
    );
    for (of, wanted) in [(outer, 1), (again, 3), (owned.to_rooted(&mut store), 2)] {
        let data = of.data(&store).expect("live").expect("the host's");
        assert_eq!(data.downcast_ref(), Some(&wanted));
    }
    let mut kept = None;
    let keep = Func::wrap(&mut store, |x: Rooted<ExternRef>| x);
    let text = r#"(module (import "" "keep" (func (param (ref extern)) (result (ref extern))))
        (export "keep" (func 0)))"#;
    let instance = instance(&mut store, text, &[keep.into()]);
    let keep = instance.get_typed_func(&mut store, "keep").expect("typed");
    kept.replace(keep.call(&mut store, again).expect("returns"));
    let back: Rooted<ExternRef> = kept.expect("just put");
    assert!(Rooted::ref_eq(&store, &back, &again).expect("live"));
}

/// Counts its drops.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn host_values_are_dropped_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let count = || drops.load(Ordering::Relaxed);
    let mut store = store();
    let text = r#"(module (global $g (export "g") (mut externref) (ref.null extern))
        (table (export "t") 1 externref)
        (func (export "set") (param externref) (global.set $g (local.get 0)))
        (func (export "hold") (param externref) (result externref) (local.get 0)))"#;
    let instance = instance(&mut store, text, &[]);
    let set = instance
        .get_typed_func::<Option<Rooted<ExternRef>>, ()>(&mut store, "set")
        .expect("typed");
    {
        let mut scope = RootScope::new(&mut store);
        for _ in 0..10 {
            let value = ExternRef::new(&mut scope, Counted(drops.clone())).expect("room");
            set.call(&mut scope, Some(value)).expect("returns");
        }
        scope.as_context_mut().gc(None).expect("always");
        assert_eq!(count(), 0, "the scope keeps them");
    }
    store.gc(None).expect("always");
    assert_eq!(count(), 9, "the global keeps the last");
    set.call(&mut store, None).expect("returns");
    store.gc(None).expect("always");
    store.gc(None).expect("always");
    assert_eq!(count(), 10);
    let owned = {
        let mut scope = RootScope::new(&mut store);
        let value = ExternRef::new(&mut scope, Counted(drops.clone())).expect("room");
        value.to_owned_rooted(&mut scope).expect("live")
    };
    let clone = owned.clone();
    drop(owned);
    store.gc(None).expect("always");
    assert_eq!(count(), 10, "a clone keeps it");
    drop(clone);
    store.gc(None).expect("always");
    assert_eq!(count(), 11);
    let _last = ExternRef::new(&mut store, Counted(drops.clone())).expect("room");
    drop(store);
    assert_eq!(count(), 12, "the store drops what it holds");
}

#[test]
fn collections_in_the_guest_see_every_root() {
    every_root(store(), "300");
    every_root(super::store(), "60000");
}

fn every_root(mut store: Store<()>, rounds: &str) {
    let call = Func::wrap(
        &mut store,
        |mut caller: Caller<'_, ()>, any: Rooted<AnyRef>, depth: i32| -> Result<i32> {
            // The caller's frames and `any` must survive what the inner run allocates.
            let f = caller
                .get_export("f")
                .and_then(Extern::into_func)
                .expect("exported");
            let inner = f.typed::<i32, i32>(&caller)?.call(&mut caller, depth)?;
            let object = any.unwrap_struct(&caller)?;
            Ok(inner + object.field(&mut caller, 0)?.unwrap_i32())
        },
    );
    let text = r#"(module (type $box (struct (field i32)))
        (type $list (struct (field (ref null $list)) (field i64)))
        (import "" "call" (func $call (param (ref any) i32) (result i32)))
        (func $churn (local $n i32) (local $l (ref null $list))
            (loop (local.set $l (struct.new $list (local.get $l) (i64.const 1)))
                (br_if 0 (i32.lt_u
                    (local.tee $n (i32.add (local.get $n) (i32.const 1)))
                    (i32.const ROUNDS)))))
        (func (export "f") (param $depth i32) (result i32) (local $mine (ref null $box))
            (local.set $mine (struct.new $box (local.get $depth)))
            (call $churn)
            (if (result i32) (local.get $depth)
                (then (i32.add
                    (call $call (struct.new $box (i32.const 100))
                        (i32.sub (local.get $depth) (i32.const 1)))
                    (struct.get $box 0 (local.get $mine))))
                (else (i32.const 0)))))"#;
    let text = &text.replace("ROUNDS", rounds);
    let instance = instance(&mut store, text, &[call.into()]);
    let f = instance
        .get_typed_func::<i32, i32>(&mut store, "f")
        .expect("typed");
    assert_eq!(
        f.call(&mut store, 5).expect("returns"),
        500 + 5 + 4 + 3 + 2 + 1
    );
}

#[test]
fn structs_and_arrays_cross_the_border() {
    let mut store = store();
    let text = r#"(module (type $point (struct (field i32) (field (mut i8)) (field f64)))
        (type $bytes (array (mut i8)))
        (func (export "make") (result (ref $point))
            (struct.new $point (i32.const 1) (i32.const 0x1ff) (f64.const 2.5)))
        (func (export "sum") (param (ref $bytes)) (result i32)
            (i32.add (array.get_s $bytes (local.get 0) (i32.const 0))
                (array.get_u $bytes (local.get 0) (i32.const 1))))
        (func (export "bytes") (param anyref) (result i32)
            (ref.test (ref $bytes) (local.get 0))))"#;
    let instance = instance(&mut store, text, &[]);
    let make = instance.get_typed_func::<(), Rooted<StructRef>>(&mut store, "make");
    let point = make.expect("typed").call(&mut store, ()).expect("returns");
    let fields: Vec<Val> = point.fields(&mut store).expect("live").collect();
    assert_eq!((fields[0].unwrap_i32(), fields[1].unwrap_i32()), (1, 0xff));
    assert_eq!(fields[2].unwrap_f64(), 2.5);
    let immutable = point
        .set_field(&mut store, 0, Val::I32(5))
        .expect_err("immutable");
    assert_eq!(immutable.code(), "immutable");
    assert_eq!(
        point.field(&mut store, 3).expect_err("three fields").code(),
        "out-of-bounds"
    );
    let ty = point.ty(&store).expect("live");
    assert_eq!(
        ty.to_string(),
        "(struct (field i32) (field (mut i8)) (field f64))"
    );

    // A type made by the host is the guest's when it has the same structure.
    let field = FieldType::new(Mutability::Var, StorageType::I8);
    let ty = ArrayType::new(store.engine(), field);
    let pre = ArrayRefPre::new(&mut store, ty);
    let bytes = ArrayRef::new_from_i8_slice(&mut store, &pre, &[0xff, 3]).expect("room");
    let sum = instance.get_func(&mut store, "sum").expect("exported");
    let mut results = [Val::I32(0)];
    sum.call(&mut store, &[bytes.to_anyref().into()], &mut results)
        .expect("of the type");
    assert_eq!(results[0].unwrap_i32(), 2);
    let error = sum.call(&mut store, &[point.to_anyref().into()], &mut results);
    assert_eq!(error.expect_err("a struct").code(), "type-mismatch");
    let test = instance.get_typed_func::<Option<Rooted<AnyRef>>, i32>(&mut store, "bytes");
    let test = test.expect("typed");
    assert_eq!(
        test.call(&mut store, Some(bytes.to_anyref()))
            .expect("returns"),
        1
    );
    assert_eq!(
        test.call(&mut store, Some(point.to_anyref()))
            .expect("returns"),
        0
    );
    let mut out = [0; 2];
    bytes.copy_to_i8_slice(&store, &mut out).expect("as long");
    assert_eq!(out, [0xff, 3]);
    let any = ExternRef::convert_any(&mut store, bytes.to_anyref()).expect("live");
    let back = AnyRef::convert_extern(&mut store, any).expect("live");
    assert!(Rooted::ref_eq(&store, &back, &bytes.to_anyref()).expect("live"));
}

#[test]
fn types_of_exceptions_count_as_exn_in_other_types() {
    let mut store = store();
    let exception = Val::from(an_exception(&mut store));
    let own = exception.ty(&store).expect("live");
    assert!(own.unwrap_ref().heap_type().is_concrete_exn());
    assert!(own.to_string().starts_with("(ref exn "), "{own}");
    let func = FuncType::new(store.engine(), [own.clone()], []);
    let param = func.param(0).expect("one");
    assert!(param.unwrap_ref().heap_type().is_exn() && !param.unwrap_ref().is_nullable());
    let global = Global::new(
        &mut store,
        GlobalType::new(own.clone(), Mutability::Const),
        exception,
    );
    let global = global.expect("of its type");
    assert!(own.matches(global.ty(&store).content()));
    let held = global.get(&mut store).ty(&store).expect("live");
    assert!(ValType::eq(&held, &own));
}

#[test]
fn exceptions_cross_the_border() {
    let mut store = store();
    let ty = TagType::new(FuncType::new(store.engine(), [ValType::I32], []));
    let tag = Tag::new(&mut store, &ty).expect("always");
    let throw = Func::wrap(
        &mut store,
        move |mut caller: Caller<'_, ()>, x: i32| -> Result<()> {
            let ty = ExnType::from_tag_type(&tag.ty(&caller))?;
            let pre = ExnRefPre::new(&mut caller, ty);
            let exception = ExnRef::new(&mut caller, &pre, &tag, &[Val::I32(x)])?;
            Ok(caller.as_context_mut().throw(exception)?)
        },
    );
    let text = r#"(module (import "" "throw" (func $throw (param i32)))
        (import "" "tag" (tag $tag (param i32)))
        (func $middle (param i32) (call $throw (local.get 0)) (unreachable))
        (func (export "catch") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $tag $caught) (call $middle (local.get 0)))
                (i32.const -1)))
        (func (export "direct") (param i32) (result i32)
            (block $caught (result i32)
                (try_table (catch $tag $caught) (call $throw (local.get 0)))
                (i32.const -1)))
        (func (export "through") (param i32) (call $middle (local.get 0)))
        (func (export "own") (param i32) (throw $tag (local.get 0))))"#;
    let instance = instance(&mut store, text, &[throw.into(), tag.into()]);
    for name in ["catch", "direct"] {
        let catch = instance
            .get_typed_func::<i32, i32>(&mut store, name)
            .expect("typed");
        assert_eq!(catch.call(&mut store, 42).expect("caught"), 42, "{name}");
        assert!(!store.has_pending_exception());
    }
    for name in ["through", "own"] {
        let f = instance
            .get_typed_func::<i32, ()>(&mut store, name)
            .expect("typed");
        let error = f.call(&mut store, 7).expect_err("not caught");
        assert!(error.is::<ThrownException>(), "{name}");
        assert_eq!(error.code(), "exception");
        let exception = store.take_pending_exception().expect("there is one");
        assert_eq!(
            exception
                .field(&mut store, 0)
                .expect("one value")
                .unwrap_i32(),
            7
        );
        let its = exception.tag(&store).expect("live");
        assert!(Tag::eq(&its, &tag, &store), "{name}");
        assert!(store.take_pending_exception().is_none());
    }
}

#[test]
fn collections_while_the_embedder_calls_the_host() {
    let mut store = store();
    let text = r#"(module (func (export "f") (param externref) (result externref) (local.get 0)))"#;
    let instance = instance(&mut store, text, &[]);
    let f = instance.get_func(&mut store, "f").expect("exported");
    let collect = Func::wrap(
        &mut store,
        |mut caller: Caller<'_, ()>, x: Rooted<ExternRef>| -> Result<Rooted<ExternRef>> {
            caller.gc(None)?;
            Ok(x)
        },
    );
    for round in 0..3 {
        let value = ExternRef::new(&mut store, round).expect("room");
        let mut results = [Val::ExternRef(None)];
        f.call(&mut store, &[value.into()], &mut results)
            .expect("returns");
        collect
            .call(&mut store, &results.clone(), &mut results)
            .expect("returns");
        let back = results[0].unwrap_externref().expect("not null");
        let data = back.data(&store).expect("live").expect("the host's");
        assert_eq!(data.downcast_ref(), Some(&round));
    }
}

/// Checks that a copy of what an owned reference derefs to reads nothing else when the last owner
/// is gone, before and after another object takes its place.
fn copy_ends_with_owner<T: GcRef>(
    store: &mut Store<()>,
    kind: &str,
    make: fn(&mut Store<()>) -> Rooted<T>,
    read: fn(&T, &mut Store<()>) -> Result<()>,
) {
    let owned = make(store).to_owned_rooted(&mut *store).expect("live");
    let (raw, second) = (*owned, owned.clone());
    drop(owned);
    read(&raw, store).expect(kind);
    drop(second);
    let stale = |store: &mut Store<()>| {
        let error = read(&raw, store).expect_err(kind);
        assert_eq!(error.code(), "stale-root", "{kind}");
        raw
    };
    stale(store);
    let mut kept = Vec::new();
    for _ in 0..200 {
        kept.push(make(store).to_owned_rooted(&mut *store).expect("live"));
        stale(store);
        store.gc(None).expect("always");
    }
    assert!(kept.iter().all(|kept| read(kept, store).is_ok()), "{kind}");
}

fn a_struct(store: &mut Store<()>) -> Rooted<StructRef> {
    let ty = StructType::new(store.engine(), []).expect("a type");
    let pre = StructRefPre::new(&mut *store, ty);
    StructRef::new(store, &pre, &[]).expect("room")
}

fn an_array(store: &mut Store<()>) -> Rooted<ArrayRef> {
    let ty = FieldType::new(Mutability::Var, StorageType::I8);
    let ty = ArrayType::new(store.engine(), ty);
    let pre = ArrayRefPre::new(&mut *store, ty);
    ArrayRef::new(store, &pre, &Val::I32(0), 3).expect("room")
}

fn an_exception(store: &mut Store<()>) -> Rooted<ExnRef> {
    let ty = TagType::new(FuncType::new(store.engine(), [], []));
    let tag = Tag::new(&mut *store, &ty).expect("always");
    let ty = ExnType::from_tag_type(&ty).expect("no results");
    let pre = ExnRefPre::new(&mut *store, ty);
    ExnRef::new(store, &pre, &tag, &[]).expect("room")
}

#[test]
fn copies_of_owned_references_end_with_the_last_owner() {
    let mut store = super::store();
    let store = &mut store;
    copy_ends_with_owner(
        store,
        "extern",
        |store| ExternRef::new(store, 1).expect("room"),
        |of, store| of.data(&*store).map(drop),
    );
    copy_ends_with_owner(
        store,
        "any",
        |store| a_struct(store).to_anyref(),
        |of, store| of.ty(&*store).map(drop),
    );
    copy_ends_with_owner(
        store,
        "eq",
        |store| a_struct(store).to_eqref(),
        |of, store| of.ty(&*store).map(drop),
    );
    copy_ends_with_owner(store, "struct", a_struct, |of, store| {
        of.ty(&*store).map(drop)
    });
    copy_ends_with_owner(store, "array", an_array, |of, store| {
        of.len(&*store).map(drop)
    });
    copy_ends_with_owner(store, "exn", an_exception, |of, store| {
        of.tag(&*store).map(drop)
    });
}

#[test]
fn owned_references_are_good_in_copies_of_the_store() {
    let mut store = super::store();
    let object = a_struct(&mut store);
    let owned = object.to_owned_rooted(&mut store).expect("live");
    let (mut copy, raw) = (store.fork().expect("nothing is in the way"), *owned);
    // The next in the same place is known to one store only.
    let next = a_struct(&mut copy)
        .to_owned_rooted(&mut copy)
        .expect("live");
    assert_eq!(
        next.ty(&store).expect_err("made in the copy").code(),
        "wrong-store"
    );
    for store in [&store, &copy] {
        assert!(raw.ty(store).is_ok() && owned.ty(store).is_ok());
    }
    drop(owned);
    for store in [&store, &copy] {
        assert_eq!(raw.ty(store).expect_err("no owner").code(), "stale-root");
    }
}

#[test]
fn types_of_null_alone_are_of_their_own_hierarchies() {
    assert!(NoFunc::null_val().unwrap_funcref().is_none());
    assert!(NoExtern::null_val().unwrap_externref().is_none());
    assert!(NoneRef::null_val().unwrap_anyref().is_none());
    assert!(NoneRef::null_ref().is_any() && NoneRef::null().is_none());
    assert!(StorageType::from(ValType::I32).is_val_type());
    assert!(!StorageType::I8.is_val_type() && !StorageType::I16.is_val_type());
}
