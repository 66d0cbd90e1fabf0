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
