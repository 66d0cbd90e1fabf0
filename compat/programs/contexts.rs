// An embedding program, the same for both engines: contexts.

use engine::{
    AsContext, AsContextMut, Caller, Engine, Func, Memory, MemoryType, Result, Store, StoreContext,
    StoreContextMut,
};

fn poke(mut store: impl AsContextMut<Data = u32>, memory: &Memory, at: usize) -> Result<u32> {
    let mut context: StoreContextMut<'_, u32> = store.as_context_mut();
    memory.write(&mut context, at, &[7])?;
    *context.data_mut() += 1;
    Ok(*context.data())
}

fn peek(store: &impl AsContext<Data = u32>, memory: &Memory, at: usize) -> u8 {
    let context: StoreContext<'_, u32> = store.as_context();
    memory.data(context)[at]
}

pub fn run() -> Result<()> {
    let engine = Engine::default();
    let mut store = Store::new(&engine, 0);
    let memory = Memory::new(&mut store, MemoryType::new(1, None))?;
    assert_eq!(poke(&mut store, &memory, 3)?, 1);
    let func = Func::wrap(
        &mut store,
        move |mut caller: Caller<'_, u32>| -> Result<u32> {
            poke(&mut caller, &memory, 4)?;
            poke(caller.as_context_mut(), &memory, 5)
        },
    );
    let count = func.typed::<(), u32>(&store)?.call(&mut store, ())?;
    assert_eq!(count, 3);
    assert_eq!((3..7).map(|at| peek(&store, &memory, at)).sum::<u8>(), 21);
    let (bytes, data) = memory.data_and_store_mut(&mut store);
    bytes[0] = *data as u8;
    assert_eq!(memory.data(&store)[0], 3);
    Ok(())
}
