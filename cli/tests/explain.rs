//! `limpid explain`: every instruction, trap and code has an explanation, and every example does
//! what the explanation shows. What the examples print is also kept in `explain/results.txt`, which
//! `LIMPID_BLESS` writes again, so that a change of any result is seen.

#![cfg(unix)] // The commands are lines of a shell.

#[path = "console/shell.rs"]
mod shell;

use limpid::internals::syntax::{Features, InstrRow};
use limpid::observe::rules::Rule;
use limpid::{Config, Engine, Fault, Module, Trap};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

/// Runs a command in an empty folder.
fn run(command: &str) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    shell::shell(command, dir.path())
}

/// Every word that can be explained.
fn words() -> Vec<String> {
    run("limpid explain --list")
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The explanations of a word, as programs read them.
fn topics(word: &str) -> Vec<Value> {
    let text = run(&format!("limpid explain --format json -- '{word}'"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{word}: {error}: {text}"))
}

/// The explanations of all words, in the order of the words. They are asked for once.
fn all_topics() -> &'static [Value] {
    static ALL: OnceLock<Vec<Value>> = OnceLock::new();
    ALL.get_or_init(|| {
        let topics = in_parallel(&words(), |word| topics(word));
        topics.into_iter().flatten().collect()
    })
}

/// Does something with all items, on two threads; the results are in the order of the items.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((at, item)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    items.get(at).map(|item| (at, item))
                } {
                    let result = work(item);
                    done.lock().expect("no panic").push((at, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no panic");
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// The lines of a fact.
fn fact(topic: &Value, name: &str) -> Vec<String> {
    let facts = topic["facts"].as_array().into_iter().flatten();
    let found = facts.filter(|fact| fact["name"] == name);
    let lines = found.flat_map(|fact| fact["lines"].as_array().into_iter().flatten());
    lines
        .filter_map(|line| line.as_str().map(str::to_owned))
        .collect()
}

#[test]
fn every_word_has_an_explanation() {
    let words: BTreeSet<String> = words().into_iter().collect();
    for row in InstrRow::all() {
        assert!(words.contains(row.mnemonic), "{}", row.mnemonic);
    }
    for trap in Trap::ALL {
        assert!(words.contains(trap.code()), "{trap}");
    }
    for rule in Rule::ALL {
        assert!(words.contains(rule.name()), "{}", rule.name());
    }
    // The codes that the documentation of `Error::code` lists.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/api/error/mod.rs");
    let source = fs::read_to_string(source).expect("the source");
    let start = source
        .find("Returns a stable name of the kind of error")
        .expect("the text");
    let end = source[start..].find("pub fn code").expect("the method");
    let codes = source[start..start + end].split('`').skip(1).step_by(2);
    let codes: Vec<&str> = codes
        .filter(|code| !code.contains(char::is_uppercase))
        .collect();
    assert!(
        codes.len() > 40 && codes.contains(&Fault::Poisoned.code()),
        "{codes:?}"
    );
    for code in codes {
        assert!(words.contains(code), "{code}");
    }
}

#[test]
fn no_explanation_lacks_a_part() {
    for topic in all_topics() {
        let word = text(topic, "word");
        let meaning = text(topic, "meaning");
        assert!(
            meaning.ends_with('.') && meaning.len() > 15,
            "{word}: {meaning}"
        );
        let plain = !meaning.contains(['{', '}']) && !meaning.contains("  ");
        assert!(plain, "{word}: {meaning}");
        if topic["kind"] != "instruction" {
            continue;
        }
        for name in [
            "typing",
            "immediates",
            "opcode",
            "proposal",
            "traps",
            "rules",
            "spec",
        ] {
            let lines = fact(topic, name);
            assert!(!lines.is_empty(), "{word} has no {name}");
            let whole = lines
                .iter()
                .all(|line| !line.is_empty() && !line.contains("; ;"));
            assert!(
                whole && !lines[0].starts_with(';'),
                "{word}: {name}: {lines:?}"
            );
        }
        let typing = fact(topic, "typing");
        let typed = typing[0].contains("->") || matches!(word, "else" | "end");
        assert!(typed, "{word}: {typing:?}");
        let module = text(&topic["example"], "module");
        assert!(
            module.contains(word),
            "{word} is not in its example: {module}"
        );
    }
}

#[test]
fn examples_are_valid_and_need_the_proposals_that_are_named() {
    let all = engine(Features::ALL);
    for topic in all_topics() {
        let (word, module) = (text(topic, "word"), text(&topic["example"], "module"));
        if module.is_empty() {
            assert!(topic["kind"] != "instruction", "{word} has no example");
            continue;
        }
        if let Err(error) = Module::new(&all, module) {
            panic!("{word}: {error:?}");
        }
        let named = fact(topic, "proposal").join(" ");
        for feature in Features::NAMES.iter().filter(|name| names(&named, name)) {
            let mut features = Features::ALL;
            assert!(features.set(feature, false));
            let refused = Module::new(&engine(features), module).is_err();
            assert!(refused, "{word} does not need {feature}");
        }
        // What needs no proposal is decoded and validated without any, unless its example does.
        let needs = ["elem", "(result i32 i32)", "(data $"];
        let is_plain = !needs.iter().any(|part| module.contains(part));
        if named == "WebAssembly 1.0" && topic["kind"] == "instruction" && is_plain {
            let loaded = Module::new(&engine(Features::MVP), module);
            assert!(loaded.is_ok(), "{word}: {:?}", loaded.err());
        }
    }
}

/// Whether a list of proposals, with the version in brackets, has a name.
fn names(list: &str, name: &str) -> bool {
    let list = list.split(" (").next().unwrap_or_default();
    list.split(" and ").any(|named| named == name)
}

fn engine(features: Features) -> Engine {
    let mut config = Config::new();
    config.set_features(features).shared_memory(true);
    Engine::new(&config).expect("an engine")
}

#[test]
fn examples_print_what_is_shown() {
    let topics = all_topics();
    let shown: Vec<&Value> = topics.iter().map(|topic| &topic["example"]).collect();
    let printed = in_parallel(&shown, |example| match example.is_null() {
        true => String::new(),
        false => run(text(example, "command")),
    });
    let mut results = String::new();
    for (topic, printed) in topics.iter().zip(printed) {
        let word = text(topic, "word");
        let output = topic["example"]["output"].as_array().into_iter().flatten();
        let output: Vec<&str> = output.filter_map(Value::as_str).collect();
        assert_eq!(printed.lines().collect::<Vec<_>>(), output, "{word}");
        if topic["kind"] == "instruction" {
            let reading = text(&topic["example"], "reading");
            let line = format!("{word}: {}  {reading}", output.join(" | "));
            results.push_str(line.trim_end());
            results.push('\n');
        }
    }
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain/results.txt");
    if std::env::var_os("LIMPID_BLESS").is_some() {
        fs::write(&kept, results).expect("results are written");
        return;
    }
    let expected = fs::read_to_string(&kept).expect("results");
    for (expected, found) in expected.lines().zip(results.lines()) {
        assert_eq!(expected, found);
    }
    assert_eq!(expected.lines().count(), results.lines().count());
}

/// Words, and parts of what is printed about them.
#[track_caller]
fn check(words: &str, parts: &[&str]) {
    let printed = run(&format!("limpid explain {words}; echo status $?"));
    for part in parts {
        assert!(printed.contains(part), "{words}: no `{part}` in: {printed}");
    }
}

#[test]
fn words_are_found_in_many_forms() {
    check(
        "i32.sub",
        &[
            "i32.sub  instruction",
            "[i32 i32] -> [i32]",
            "0x6b",
            "status 0",
        ],
    );
    check("0x6b", &["i32.sub  instruction"]);
    check("0xfd_006e", &["i8x16.add  instruction", "0xfd 0x6e"]);
    check("0xfd_00ae", &["i32x4.add  instruction", "0xfd 0xae 0x01"]);
    check(
        "integer divide by zero",
        &["integer-divide-by-zero  trap", "raised by"],
    );
    check(
        "'trap: out of bounds memory access: 4 bytes at 0x10001'",
        &["memory-out-of-bounds"],
    );
    check(
        "'error: trap: unreachable'",
        &["unreachable  instruction", "unreachable  trap"],
    );
    check(
        "grow-refused",
        &["grow-refused  trap", "grow-refused  error"],
    );
    check("unknown-import", &["unlinkable", "--preload"]);
    check("134", &["exit status"]);
    check(
        "br_if-true",
        &["Step_pure/br_if-true  rule", "used by     br_if"],
    );
    check(
        "Instr_ok/binop",
        &["used by     i32.add", "A rule of validation"],
    );
    check("select", &["0x1b; or 0x1c"]);
    check(
        "return_call_ref",
        &["function-references and tail-call (WebAssembly 3.0)"],
    );
}

#[test]
fn near_misses_have_a_suggestion() {
    check(
        "i32.sbu",
        &[
            "nothing is known about `i32.sbu`",
            "did you mean `i32.sub`?",
            "status 1",
        ],
    );
    check("cal_indirect", &["did you mean `call_indirect`?"]);
    check(
        "xyzzy",
        &["`limpid explain --list` prints every word", "status 1"],
    );
    check(
        "\"$(printf '\\033[31m')\"",
        &["nothing is known about `\\u{1b}[31m`"],
    );
    check("--example", &["--example needs a word", "status 2"]);
    check(
        "--example poisoned",
        &["`poisoned` has no example", "status 1"],
    );
}

#[test]
fn without_a_word_it_lists_what_it_knows() {
    check(
        "",
        &[
            "numeric instructions (144)",
            "traps (27)",
            "limpid explain --list",
        ],
    );
    let groups: Value = serde_json::from_str(&run("limpid explain --format json")).expect("JSON");
    let groups = groups.as_array().expect("a list");
    let count = |group: &Value| group["words"].as_array().map_or(0, Vec::len);
    let listed: usize = groups.iter().map(count).sum();
    assert!(listed >= words().len(), "{listed}");
}
