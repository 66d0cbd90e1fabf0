//! Inputs that once showed a fault (`tests/found/` of the project) before all judges.

use limpid_oracles::properties;
use std::path::Path;

/// The bytes of each file, with its name.
fn found() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/found");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).expect("the file is text");
        let bytes = match path.extension().is_some_and(|end| end == "hex") {
            true => hex(&text),
            false => wat::parse_str(&text).expect("the text is right"),
        };
        (path.display().to_string(), bytes)
    };
    paths.map(read).collect()
}

fn hex(text: &str) -> Vec<u8> {
    let lines = text.lines().filter(|line| !line.starts_with(";;"));
    let numbers = lines.flat_map(str::split_whitespace);
    numbers
        .map(|byte| u8::from_str_radix(byte, 16).expect("two digits"))
        .collect()
}

/// Each property panics where it does not hold.
#[test]
fn what_was_found_before_all_judges() {
    let found = found();
    assert!(!found.is_empty());
    for (name, bytes) in found {
        println!("{name}");
        properties::decode(&bytes);
        properties::validate(&bytes);
        properties::fused_vs_faithful(&bytes);
        properties::threaded_vs_stepped(&bytes);
        #[cfg(feature = "wasmtime")]
        properties::differential(&bytes);
    }
}

/// Whatever the bytes are, nothing panics: suite modules' beginnings, and noise.
#[test]
fn no_input_panics() {
    let mut random = limpid_oracles::mutate::Random::new(7);
    for seed in 0..600 {
        let mut bytes = limpid_oracles::generate::module(seed);
        bytes.truncate(random.below(bytes.len() + 1));
        let noise: Vec<u8> = (0..random.below(300))
            .map(|_| random.next() as u8)
            .collect();
        for bytes in [bytes, noise] {
            properties::decode(&bytes);
            properties::validate(&bytes);
            properties::threaded_vs_stepped(&bytes);
        }
    }
}

/// A recursion whose frames all hold objects: collecting at every allocation goes over all of them
/// each time, and one input took minutes.
#[test]
fn a_deep_recursion_that_keeps_objects_ends_soon() {
    let (make, drop) = (
        "(struct.new $s (i32.const 1))".repeat(20),
        "(drop)".repeat(20),
    );
    let text = format!(
        r#"(module
            (type $s (struct (field i32)))
            (global $left (mut i32) (i32.const 2500))
            (func $f (export "f")
                (if (i32.eqz (global.get $left)) (then (return)))
                (global.set $left (i32.sub (global.get $left) (i32.const 1)))
                {make} (call $f) {drop}))"#
    );
    let bytes = wat::parse_str(text).expect("the text is right");
    let start = std::time::Instant::now();
    let outcome = properties::fused_vs_faithful(&bytes).expect("it is a module");
    assert!(outcome.executed());
    let seconds = start.elapsed().as_secs();
    assert!(seconds < 4, "{seconds} s");
}
