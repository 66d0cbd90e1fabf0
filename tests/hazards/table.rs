//! The table in `README.md`: every item is there once, with tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

/// How many items there are.
const ITEMS: u32 = 76;

/// The tests of this program, as `module::name`.
fn tests(folder: &Path) -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the folder of this file") {
        let path = entry.expect("readable").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let module = path
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            if line == "#[test]" {
                let name = lines.next().and_then(|line| line.strip_prefix("fn "));
                let name = name.and_then(|line| line.strip_suffix("() {"));
                tests.insert(format!("{module}::{}", name.expect("a test")));
            }
        }
    }
    tests
}

#[test]
fn every_item_has_tests_that_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hazards");
    let tests = tests(&folder);
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("readable");
    let (mut numbers, mut named) = (Vec::new(), BTreeSet::new());
    for line in readme.lines() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let [_, number, what, names, _] = cells[..] else {
            continue;
        };
        let Ok(number) = number.parse::<u32>() else {
            continue; // The head of the table.
        };
        numbers.push(number);
        assert!(!what.is_empty(), "item {number} says what it is");
        let ticked = names.split('`').skip(1).step_by(2);
        let ticked: Vec<String> = ticked.map(Into::into).collect();
        assert!(!ticked.is_empty(), "item {number} has no test");
        for name in ticked {
            assert!(
                tests.contains(&name),
                "item {number}: there is no test {name}"
            );
            named.insert(name);
        }
    }
    assert_eq!(numbers, (1..=ITEMS).collect::<Vec<u32>>());
    let unnamed: Vec<_> = tests.difference(&named).collect();
    assert_eq!(unnamed, ["table::every_item_has_tests_that_exist"]);
}
