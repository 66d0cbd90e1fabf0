// Runs a module on an engine; included once for each engine, because their APIs are the same.

use crate::outcome::{Called, Ending, Outcome, Seen};
use engine::{Engine, Extern, Instance, Module, Store, Val};

/// Instantiates a module without imports, calls each exported function once with fixed
/// arguments, and notes all that can be seen of it.
pub fn run(engine: &Engine, bytes: &[u8]) -> Outcome {
    let Ok(module) = Module::new(engine, bytes) else { return Outcome::Refused };
    let mut store = Store::new(engine, ());
    prepare(&mut store);
    let instance = match Instance::new(&mut store, &module, &[]) {
        Ok(instance) => instance,
        Err(error) => return Outcome::Unborn(ending(&error)),
    };
    let names: Vec<String> = module.exports().map(|export| export.name().to_string()).collect();
    let mut seen = Seen::default();
    for name in &names {
        if let Some(Extern::Func(func)) = instance.get_export(&mut store, name) {
            let ty = func.ty(&store);
            let Some(args) = ty.params().map(|ty| argument(&ty)).collect::<Option<Vec<_>>>() else {
                continue;
            };
            let mut results = vec![Val::I32(0); ty.results().len()];
            let ending = match func.call(&mut store, &args, &mut results) {
                Ok(()) => Ending::Returned(results.iter().map(bits).collect()),
                Err(error) => ending(&error),
            };
            seen.calls.push(Called { name: name.clone(), ending });
        }
    }
    for name in &names {
        match instance.get_export(&mut store, name) {
            Some(Extern::Memory(memory)) => {
                let hash = crate::outcome::hash(memory.data(&store));
                seen.memories.push((name.clone(), memory.data_size(&store) as u64, hash));
            }
            Some(Extern::Global(global)) => {
                let value = global.get(&mut store);
                seen.globals.push((name.clone(), bits(&value)));
            }
            _ => {} // Tables and tags show nothing that calls do not.
        }
    }
    Outcome::Ran(seen)
}

/// A value's bits; of a reference only whether it is null.
fn bits(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("i32:{value:x}"),
        Val::I64(value) => format!("i64:{value:x}"),
        Val::F32(bits) => format!("f32:{bits:x}"),
        Val::F64(bits) => format!("f64:{bits:x}"),
        Val::V128(value) => format!("v128:{:x}", value.as_u128()),
        Val::FuncRef(value) => format!("func:{}", value.is_some()),
        Val::ExternRef(value) => format!("extern:{}", value.is_some()),
        Val::AnyRef(value) => format!("any:{}", value.is_some()),
        _ => String::from("other"),
    }
}
