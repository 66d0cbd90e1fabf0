//! The module `spectest` that scripts import from (spec: the reference interpreter's page on
//! scripts).

use super::run::Data;
use crate::api::{
    Extern, Global, GlobalType, Linker, Memory, MemoryType, Mutability, Ref, RefType, Result,
    SharedMemory, Store, Table, TableType, Val, ValType,
};

/// The name scripts import from.
const NAME: &str = "spectest";

/// Defines the module in a linker.
pub(super) fn define(linker: &mut Linker<Data>, store: &mut Store<Data>) -> Result<()> {
    functions(linker)?;
    let globals = [
        ("global_i32", ValType::I32, Val::I32(666)),
        ("global_i64", ValType::I64, Val::I64(666)),
        ("global_f32", ValType::F32, Val::from(666.6f32)),
        ("global_f64", ValType::F64, Val::from(666.6f64)),
    ];
    for (name, ty, value) in globals {
        let ty = GlobalType::new(ty, Mutability::Const);
        let global = Global::new(&mut *store, ty, value)?;
        linker.define(&*store, NAME, name, global)?;
    }
    let tables = [
        ("table", TableType::new(RefType::FUNCREF, 10, Some(20))),
        ("table64", TableType::new64(RefType::FUNCREF, 10, Some(20))),
    ];
    for (name, ty) in tables {
        let table = Table::new(&mut *store, ty, Ref::Func(None))?;
        linker.define(&*store, NAME, name, table)?;
    }
    let memory = Memory::new(&mut *store, MemoryType::new(1, Some(2)))?;
    linker.define(&*store, NAME, "memory", memory)?;
    if store.engine().config().features().threads {
        let shared = SharedMemory::new(store.engine(), MemoryType::shared(1, 2))?;
        linker.define(&*store, NAME, "shared_memory", Extern::SharedMemory(shared))?;
    }
    Ok(())
}

/// Defines the functions. They print nothing: the suite does not check what it passes to them.
fn functions(linker: &mut Linker<Data>) -> Result<()> {
    linker.func_wrap(NAME, "print", || {})?;
    linker.func_wrap(NAME, "print_i32", |_: i32| {})?;
    linker.func_wrap(NAME, "print_i64", |_: i64| {})?;
    linker.func_wrap(NAME, "print_f32", |_: f32| {})?;
    linker.func_wrap(NAME, "print_f64", |_: f64| {})?;
    linker.func_wrap(NAME, "print_i32_f32", |_: i32, _: f32| {})?;
    linker.func_wrap(NAME, "print_f64_f64", |_: f64, _: f64| {})?;
    Ok(())
}
