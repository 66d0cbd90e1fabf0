// An embedding program, the same for both engines: a heap without room gives the value back.

use engine::{Engine, ExternRef, GcHeapOutOfMemory, Result, RootScope, Store};

/// A reference to a value, after a collection where there is no room for it.
fn keep(store: &mut Store<()>, value: u64) -> Result<u64> {
    let mut scope = RootScope::new(&mut *store);
    let made = match ExternRef::new(&mut scope, value) {
        Ok(made) => made,
        Err(error) => {
            let (value, why) = error.downcast::<GcHeapOutOfMemory<u64>>()?.take_inner();
            drop(scope);
            store.gc(Some(&why))?;
            return keep(store, value);
        }
    };
    let found = made
        .data(&scope)?
        .and_then(|value| value.downcast_ref().copied());
    Ok(found.expect("it is there"))
}

pub fn run() -> Result<()> {
    let mut store = Store::new(&Engine::default(), ());
    for value in 0..1000 {
        assert_eq!(keep(&mut store, value)?, value);
    }
    store.gc(None)?;
    Ok(())
}
