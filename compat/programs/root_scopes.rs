// An embedding program, the same for both engines: root scopes.

use engine::{Engine, ExternRef, OwnedRooted, Result, RootScope, Store};

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let outer = ExternRef::new(&mut store, 1u8)?;
    let owned: OwnedRooted<ExternRef>;
    let stale;
    {
        let mut scope = RootScope::new(&mut store);
        stale = ExternRef::new(&mut scope, 2u8)?;
        owned = stale.to_owned_rooted(&mut scope)?;
        assert_eq!(stale.data(&scope)?.unwrap().downcast_ref(), Some(&2u8));
    }
    assert!(stale.data(&store).is_err());
    store.gc(None)?;
    assert_eq!(outer.data(&store)?.unwrap().downcast_ref(), Some(&1u8));
    let again = owned.to_rooted(&mut store);
    assert_eq!(again.data(&store)?.unwrap().downcast_ref(), Some(&2u8));
    Ok(())
}
