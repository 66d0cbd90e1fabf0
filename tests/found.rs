//! Inputs that once showed a fault, each a file of `tests/found/`, under every translation and
//! dispatch. A file opens with what was wrong and, behind `;; expect:`, what is right: `malformed`,
//! `invalid` or `valid`; or of its export `check`, `returns NUMBER...` or `traps TEXT`. A `.wat`
//! file is text, a `.hex` file bytes as found. The oracles judge the same files.

use limpid::internals::exec::Translation;
use limpid::*;
use std::path::{Path, PathBuf};

/// A file's bytes as a module, and what is expected of it.
struct Found {
    name: String,
    bytes: Vec<u8>,
    expect: String,
}

fn found() -> Vec<Found> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let found: Vec<Found> = paths.iter().map(|path| read(path)).collect();
    assert!(!found.is_empty());
    found
}

fn read(path: &Path) -> Found {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let text = std::fs::read_to_string(path).expect("the file is text");
    let expect = text
        .lines()
        .find_map(|line| line.strip_prefix(";; expect: "));
    let expect = expect
        .unwrap_or_else(|| panic!("{name}: no `;; expect:`"))
        .to_string();
    let bytes = match path.extension().is_some_and(|end| end == "hex") {
        true => hex(&text),
        false => wat::parse_str(&text).unwrap_or_else(|error| panic!("{name}: {error}")),
    };
    Found {
        name,
        bytes,
        expect,
    }
}

fn hex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with(";;"));
    let numbers = lines.flat_map(str::split_whitespace);
    numbers
        .map(|byte| u8::from_str_radix(byte, 16).expect("two digits"))
        .collect()
}

fn engines() -> Vec<(String, Engine)> {
    let mut engines = Vec::new();
    for translation in [Translation::Fused, Translation::Faithful] {
        for dispatch in [Dispatch::Threaded, Dispatch::Stepped] {
            let mut config = Config::new();
            config
                .translation(translation)
                .dispatch(dispatch)
                .gc_stress(true);
            let engine = Engine::new(&config).expect("the configuration is supported");
            assert_eq!(
                engine.dispatch(),
                dispatch,
                "the dispatch is to be had here"
            );
            engines.push((format!("{translation:?}, {dispatch:?}"), engine));
        }
    }
    engines
}

/// Compiles a module, looks at the types of what it shows, and runs its export `check`.
fn ending(engine: &Engine, bytes: &[u8]) -> String {
    let module = match Module::from_binary(engine, bytes) {
        Ok(module) => module,
        Err(error) => return error.code().to_string(),
    };
    for export in module.exports() {
        assert!(!format!("{:?}", export.ty()).is_empty());
    }
    let mut store = Store::new(engine, ());
    let Ok(instance) = Instance::new(&mut store, &module, &[]) else {
        return "valid".to_string();
    };
    let Some(check) = instance.get_func(&mut store, "check") else {
        return "valid".to_string();
    };
    let mut results = vec![Val::I32(0); check.ty(&store).results().len()];
    match check.call(&mut store, &[], &mut results) {
        Ok(()) => results
            .iter()
            .fold("returns".to_string(), |text, value| match value {
                Val::I32(value) => format!("{text} {value}"),
                Val::I64(value) => format!("{text} {value}"),
                value => format!("{text} {value:?}"),
            }),
        Err(error) => match error.downcast_ref::<Trap>() {
            Some(trap) => format!("traps {trap}"),
            None => format!("fails {error}"),
        },
    }
}

#[test]
fn what_was_found_stays_mended() {
    let engines = engines();
    let mut wrong = Vec::new();
    for found in found() {
        for (name, engine) in &engines {
            let ending = ending(engine, &found.bytes);
            if ending != found.expect {
                wrong.push(format!(
                    "{}: {name}: {ending}, not {}",
                    found.name, found.expect
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The types of a function that names types of its module outlive that module, and make functions
/// of the same type.
#[test]
fn a_function_type_that_names_types_keeps_them() {
    for (_, engine) in engines() {
        let text = include_str!("found/function_type_names_types.wat");
        let bytes = wat::parse_str(text).expect("the text is right");
        let mut store = Store::new(&engine, ());
        let module = Module::from_binary(&engine, &bytes).expect("it is valid");
        let instance = Instance::new(&mut store, &module, &[]).expect("it imports nothing");
        let back = instance
            .get_func(&mut store, "back")
            .expect("it is exported");
        drop(module);
        let params: Vec<ValType> = back.ty(&store).params().collect();
        let [ValType::Ref(op), ValType::Ref(pair)] = &params[..] else {
            panic!("{params:?}")
        };
        let HeapType::ConcreteFunc(op) = op.heap_type() else {
            panic!("{op:?}")
        };
        let HeapType::ConcreteStruct(pair) = pair.heap_type() else {
            panic!("{pair:?}")
        };
        assert_eq!((op.params().len(), pair.fields().len()), (2, 2));

        let pre = StructRefPre::new(&mut store, pair.clone());
        let fields = [Val::I32(9), Val::I64(0)];
        let pair = StructRef::new(&mut store, &pre, &fields).expect("the fields fit");
        let same = Func::new(&mut store, op.clone(), |_, args, results| {
            results[0] = args[0];
            Ok(())
        });
        let args = [
            Val::FuncRef(Some(same)),
            Val::AnyRef(Some(pair.to_anyref())),
        ];
        let mut results = [Val::I32(0)];
        back.call(&mut store, &args, &mut results)
            .expect("the types fit");
        assert_eq!(results[0].unwrap_i32(), 9);
    }
}
