// Runs a module on an engine; included once for each engine, because their APIs are the same.

use crate::generate::{FUEL, UNITS};
use crate::outcome::{Called, Ending, Outcome, Seen};
use engine::{
    AnyRef, ArrayRef, ArrayRefPre, ArrayType, Engine, Error, Extern, ExternRef, ExternType,
    FieldType, Func, FuncType, Global, HeapType, I31, Instance, Memory, Module, Mutability,
    RefType, StorageType, StoreLimits, StoreLimitsBuilder, StructRef, StructRefPre, StructType,
    Table, Tag, Val, ValType,
};

/// What host functions leave behind, and what the store may take.
pub struct Host {
    calls: Vec<String>,
    limits: StoreLimits,
}

type Store = engine::Store<Host>;

/// Bytes that a memory may have, elements that a table may have; some import more.
const MEMORY: usize = 4 << 20;
const TABLE: usize = 20_000;

/// What each call may use of fuel.
#[derive(Clone, Copy, Debug)]
pub struct Units {
    /// Of the generator's own.
    pub own: u32,
    /// Of the engine's, where it charges fuel.
    pub engine: u64,
}

/// What calls may use unless more is said.
pub const ENOUGH: Units = Units { own: UNITS, engine: 200_000 };

/// Calls of host functions that are noted.
const NOTED: usize = 1000;

/// How deep an argument's or a result's objects are looked at.
const DEPTH: u32 = 3;

/// What a host function says that has no result to give.
const NO_RESULT: &str = "the host function has no such value";

/// Instantiates a module with whatever it imports, calls each exported function twice with fixed
/// arguments, and notes all that can be seen of it.
pub fn run(engine: &Engine, bytes: &[u8]) -> Outcome {
    run_within(engine, bytes, ENOUGH)
}

/// The same with other fuel.
pub fn run_within(engine: &Engine, bytes: &[u8], units: Units) -> Outcome {
    let Ok(module) = Module::new(engine, bytes) else { return Outcome::Refused };
    let limits = StoreLimitsBuilder::new().memory_size(MEMORY).table_elements(TABLE).build();
    let mut store = Store::new(engine, Host { calls: Vec::new(), limits });
    store.limiter(|host| &mut host.limits);
    let Some(imports) = imports(&mut store, &module) else { return Outcome::Unlinked };
    let _ = store.set_fuel(units.engine); // An error where it charges none.
    let instance = match Instance::new(&mut store, &module, &imports) {
        Ok(instance) => instance,
        Err(error) => return Outcome::Unborn(ending(&error)),
    };
    let mut seen = Seen::default();
    let names: Vec<String> = module.exports().map(|export| export.name().to_string()).collect();
    if calls(&mut store, &instance, &names, units, &mut seen) {
        for name in &names {
            if let Some(export) = instance.get_export(&mut store, name) {
                note(&mut store, &mut seen, name, &export);
            }
        }
        seen.host = store.data().calls.clone();
    }
    Outcome::Ran(seen)
}

/// Calls each exported function twice; whether no limit was met, behind which there is nothing to
/// compare.
fn calls(
    store: &mut Store,
    instance: &Instance,
    names: &[String],
    units: Units,
    seen: &mut Seen,
) -> bool {
    for round in 0..2 {
        for name in names {
            if let Some(Extern::Func(func)) = instance.get_export(&mut *store, name) {
                refuel(store, instance, units);
                let Some(ending) = call(store, func, round) else { continue };
                let limit = ending == Ending::Limit;
                seen.calls.push(Called { name: name.clone(), ending });
                if limit {
                    return false;
                }
            }
        }
    }
    true
}

/// Something for each import; `None` where there is nothing to give.
fn imports(store: &mut Store, module: &Module) -> Option<Vec<Extern>> {
    let types: Vec<ExternType> = module.imports().map(|import| import.ty()).collect();
    let mut imports = Vec::new();
    for ty in types {
        imports.push(match ty {
            ExternType::Func(ty) => host(store, ty).into(),
            ExternType::Global(ty) => {
                let value = argument(store, ty.content(), 0, 0, DEPTH)?;
                Global::new(&mut *store, ty, value).ok()?.into()
            }
            ExternType::Table(ty) => {
                let value = argument(store, &ValType::Ref(ty.element().clone()), 1, 0, DEPTH)?;
                Table::new(&mut *store, ty, value.ref_()?).ok()?.into()
            }
            ExternType::Memory(ty) if ty.is_shared() => return None,
            ExternType::Memory(ty) => Memory::new(&mut *store, ty).ok()?.into(),
            ExternType::Tag(ty) => Tag::new(&mut *store, &ty).ok()?.into(),
        });
    }
    Some(imports)
}

/// Gives the module its own fuel again, where it has such a global.
fn refuel(store: &mut Store, instance: &Instance, units: Units) {
    if let Some(fuel) = instance.get_global(&mut *store, FUEL) {
        // Another's may have another type.
        let _ = fuel.set(&mut *store, Val::I32(units.own as i32));
    }
    let _ = store.set_fuel(units.engine);
}

/// How a call ends; `None` when an argument cannot be given.
fn call(store: &mut Store, func: Func, round: u32) -> Option<Ending> {
    let ty = func.ty(&*store);
    let mut args = Vec::new();
    for (index, ty) in ty.params().enumerate() {
        args.push(argument(store, &ty, round, index as u32, DEPTH)?);
    }
    let mut results = vec![Val::I32(0); ty.results().len()];
    Some(match func.call(&mut *store, &args, &mut results) {
        Ok(()) => Ending::Returned(results.iter().map(|value| show(store, value, DEPTH)).collect()),
        Err(error) => match ending(&error) {
            Ending::Threw(_) => Ending::Threw(thrown(store)),
            other => other,
        },
    })
}

/// What the exception carried that has just left a call.
fn thrown(store: &mut Store) -> Vec<String> {
    let Some(exception) = store.take_pending_exception() else { return Vec::new() };
    let fields = exception.fields(&mut *store).map(Iterator::collect::<Vec<Val>>);
    show_all(store, fields.unwrap_or_default(), DEPTH)
}

/// Notes what an export other than a function holds.
fn note(store: &mut Store, seen: &mut Seen, name: &str, export: &Extern) {
    match export {
        Extern::Memory(memory) => {
            let hash = crate::outcome::hash(memory.data(&*store));
            seen.memories.push((name.to_string(), memory.data_size(&*store) as u64, hash));
        }
        Extern::Global(global) => {
            let value = global.get(&mut *store);
            let value = show(store, &value, DEPTH);
            seen.globals.push((name.to_string(), value));
        }
        Extern::Table(table) => {
            let size = table.size(&*store);
            let mut nulls = String::new();
            for index in 0..size {
                let null = table.get(&mut *store, index).is_none_or(|value| value.is_null());
                nulls.push(if null { '0' } else { '1' });
            }
            seen.tables.push((name.to_string(), size, nulls));
        }
        _ => {} // Tags show nothing.
    }
}

/// An argument of a type: odd numbers and objects in the first round, small numbers and null in
/// the second. `None` when there is none to give.
fn argument(
    store: &mut Store,
    ty: &ValType,
    round: u32,
    index: u32,
    depth: u32,
) -> Option<Val> {
    let small = round > 0;
    Some(match ty {
        ValType::I32 if small => Val::I32(index as i32 + 1),
        ValType::I32 => Val::I32(0x1234_5678_i32.rotate_left(index * 5)),
        ValType::I64 if small => Val::I64(i64::from(index) + 2),
        ValType::I64 => Val::I64(-7 - i64::from(index)),
        ValType::F32 if small => Val::F32((index as f32).to_bits()),
        ValType::F32 => Val::F32((1.5f32 - 1e10 * index as f32).to_bits()),
        ValType::F64 if small => Val::F64((0.1 + f64::from(index)).to_bits()),
        ValType::F64 => Val::F64((-0.0f64 / f64::from(index % 3)).to_bits() & !(1 << 51)),
        ValType::V128 => {
            let bits = 0x8102_0304_0506_7708_090A_0BFC_0D0E_0F10_u128;
            Val::V128(bits.rotate_left(index * 7).into())
        }
        ValType::Ref(ty) if small && ty.is_nullable() => Val::null_ref(ty.heap_type()),
        ValType::Ref(ty) => match object(store, ty, round, depth) {
            Some(value) => value,
            None if ty.is_nullable() => Val::null_ref(ty.heap_type()),
            None => return None,
        },
    })
}

/// An object that a reference type admits.
fn object(store: &mut Store, ty: &RefType, round: u32, depth: u32) -> Option<Val> {
    let depth = depth.checked_sub(1)?;
    Some(match ty.heap_type() {
        HeapType::Func => {
            let ty = FuncType::new(store.engine(), [], []);
            Val::FuncRef(Some(host(store, ty)))
        }
        HeapType::ConcreteFunc(ty) => Val::FuncRef(Some(host(store, ty.clone()))),
        HeapType::Extern => Val::ExternRef(Some(ExternRef::new(&mut *store, 5u32).ok()?)),
        HeapType::Any | HeapType::Eq | HeapType::I31 => {
            let value = I31::wrapping_u32(0x7654_3210 + round);
            Val::AnyRef(Some(AnyRef::from_i31(&mut *store, value)))
        }
        HeapType::Struct => {
            let ty = StructType::new(store.engine(), []).ok()?;
            structure(store, ty, round, depth)?
        }
        HeapType::ConcreteStruct(ty) => structure(store, ty.clone(), round, depth)?,
        HeapType::Array => {
            let ty = FieldType::new(Mutability::Var, StorageType::I16);
            let ty = ArrayType::new(store.engine(), ty);
            array(store, ty, round, depth)?
        }
        HeapType::ConcreteArray(ty) => array(store, ty.clone(), round, depth)?,
        _ => return None, // Nothing inhabits the others, or the host does not make it.
    })
}

/// A host function that notes numbers it is given, and gives numbers and null.
fn host(store: &mut Store, ty: FuncType) -> Func {
    let types: Vec<ValType> = ty.results().collect();
    Func::new(&mut *store, ty, move |mut caller, args, results| {
        let calls = &mut caller.data_mut().calls;
        if calls.len() < NOTED {
            calls.push(args.iter().map(number).collect());
        }
        for (result, ty) in results.iter_mut().zip(&types) {
            *result = match ty {
                ValType::I32 => Val::I32(7),
                ValType::I64 => Val::I64(8),
                ValType::F32 => Val::F32(9),
                ValType::F64 => Val::F64(10),
                ValType::V128 => Val::V128(11.into()),
                ValType::Ref(ty) if ty.is_nullable() => Val::null_ref(ty.heap_type()),
                ValType::Ref(_) => return Err(Error::msg(NO_RESULT)),
            };
        }
        Ok(())
    })
}

fn structure(store: &mut Store, ty: StructType, round: u32, depth: u32) -> Option<Val> {
    let types: Vec<FieldType> = ty.fields().collect();
    let mut fields = Vec::new();
    for (index, ty) in types.iter().enumerate() {
        fields.push(field(store, ty, round, index as u32, depth)?);
    }
    let pre = StructRefPre::new(&mut *store, ty);
    let value = StructRef::new(&mut *store, &pre, &fields).ok()?;
    Some(Val::AnyRef(Some(value.to_anyref())))
}

fn array(store: &mut Store, ty: ArrayType, round: u32, depth: u32) -> Option<Val> {
    let elem = ty.field_type();
    let mut elems = Vec::new();
    for index in 0..3 {
        elems.push(field(store, &elem, round, index, depth)?);
    }
    let pre = ArrayRefPre::new(&mut *store, ty);
    let value = ArrayRef::new_fixed(&mut *store, &pre, &elems).ok()?;
    Some(Val::AnyRef(Some(value.to_anyref())))
}

fn field(
    store: &mut Store,
    ty: &FieldType,
    round: u32,
    index: u32,
    depth: u32,
) -> Option<Val> {
    match ty.element_type() {
        StorageType::I8 | StorageType::I16 => Some(Val::I32(-3 - index as i32)),
        StorageType::ValType(ty) => argument(store, ty, round, index, depth),
    }
}

/// A number's bits; of a reference only whether it is null.
fn number(value: &Val) -> String {
    match value {
        Val::I32(value) => format!("i32:{value:x} "),
        Val::I64(value) => format!("i64:{value:x} "),
        Val::F32(bits) => format!("f32:{bits:x} "),
        Val::F64(bits) => format!("f64:{bits:x} "),
        Val::V128(value) => format!("v128:{:x} ", value.as_u128()),
        Val::FuncRef(value) => format!("func:{} ", value.is_some()),
        Val::ExternRef(value) => format!("extern:{} ", value.is_some()),
        Val::AnyRef(value) => format!("any:{} ", value.is_some()),
        _ => String::from("other "),
    }
}

/// A value's bits; of an object its fields, to a depth.
fn show(store: &mut Store, value: &Val, depth: u32) -> String {
    match value {
        Val::AnyRef(None) => String::from("any:null"),
        Val::AnyRef(Some(_)) if depth == 0 => String::from("any"),
        Val::AnyRef(Some(value)) => {
            if let Ok(Some(value)) = value.as_i31(&*store) {
                return format!("i31:{:x}", value.get_u32());
            }
            if let Ok(Some(value)) = value.as_struct(&*store) {
                let fields = value.fields(&mut *store).map(Iterator::collect::<Vec<Val>>);
                return format!("struct{:?}", show_all(store, fields.unwrap_or_default(), depth));
            }
            if let Ok(Some(value)) = value.as_array(&*store) {
                let length = value.len(&*store).unwrap_or(0);
                let elems = value.elems(&mut *store).map(|elems| elems.take(8).collect::<Vec<_>>());
                let elems = show_all(store, elems.unwrap_or_default(), depth);
                return format!("array {length} {elems:?}");
            }
            String::from("any:other")
        }
        value => number(value),
    }
}

fn show_all(store: &mut Store, values: Vec<Val>, depth: u32) -> Vec<String> {
    values.iter().map(|value| show(store, value, depth - 1)).collect()
}
