//! Stepping through validation, and the cards of its errors, over the official suite: every module
//! that must be invalid has a card at the right place, and the stacks of every step are the
//! validator's. The suite is outside of the project and left out where it is absent.

use limpid::Features;
use limpid::internals::syntax::{FuncIdx, LabelIdx, ValType};
use limpid::internals::translate::load::load;
use limpid::internals::translate::{self, LoadError, Settings, Translation, Validated};
use limpid::internals::valid::{Expected, InvalidKind, Mismatch, OperandType};
use limpid::observe::validation::{Diagnosis, Label, Place, Validation};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use wast::lexer::{Lexer, TokenKind};
use wast::parser::{self, ParseBuffer};
use wast::{QuoteWat, Wast, WastDirective};

/// The folders of the official suite whose features are on.
const FOLDERS: [&str; 4] = [
    "core",
    "proposals/custom-page-sizes",
    "proposals/threads",
    "proposals/wide-arithmetic",
];

/// The folder of the official suite, if it is here.
fn suite() -> Option<PathBuf> {
    let shared = match std::env::var_os("LIMPID_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let suite = shared.join("suites/spec");
    if suite.is_dir() {
        return Some(suite);
    }
    println!("left out: the official suite is not here (LIMPID_SHARED says where it is)");
    None
}

/// All scripts below a folder.
fn scripts(folder: &Path, into: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            scripts(&path, into);
        } else if path.extension().is_some_and(|end| end == "wast") {
            into.push(path);
        }
    }
}

/// A module of a script.
struct Case {
    name: String,
    bytes: Vec<u8>,
    /// The module's own text, where the script does not hold it in quotes.
    text: Option<String>,
    must_be_invalid: bool,
}

/// The modules of all scripts that must be valid or invalid.
fn cases(suite: &Path) -> Vec<Case> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        scripts(&suite.join(folder), &mut paths);
    }
    let mut cases = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a script is UTF-8");
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        of_script(&name.expect("a name"), &text, &mut cases);
    }
    cases
}

fn of_script(name: &str, text: &str, cases: &mut Vec<Case>) {
    let mut lexer = Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("a script has tokens");
    let script = match parser::parse::<Wast<'_>>(&buffer) {
        Ok(script) => script,
        Err(error) => return println!("left out: {name} is not read: {}", error.message()),
    };
    for directive in script.directives {
        let (mut module, must_be_invalid) = match directive {
            WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => {
                (module, false)
            }
            WastDirective::AssertInvalid { module, .. } => (module, true),
            // Every other directive has no module, or one that is not judged here.
            _ => continue,
        };
        let at = module.span().offset();
        let own = matches!(module, QuoteWat::Wat(_)).then(|| field(text, at));
        let Ok(bytes) = module.encode() else {
            assert!(must_be_invalid, "{name}, offset {at}");
            println!("left out: {name}, offset {at}: the text is no module");
            continue;
        };
        cases.push(Case {
            name: format!("{name}, offset {at}"),
            bytes,
            text: own.flatten().filter(|text| !text.contains("binary")),
            must_be_invalid,
        });
    }
}

/// The text of the field whose keyword is at an offset.
fn field(text: &str, keyword: usize) -> Option<String> {
    let before = text[..keyword].trim_end();
    let start = before.strip_suffix('(')?.len();
    let mut depth = 0usize;
    for token in Lexer::new(text).iter(start).map_while(Result::ok) {
        match token.kind {
            TokenKind::LParen => depth += 1,
            TokenKind::RParen => depth -= 1,
            // Everything else is inside.
            _ => continue,
        }
        if depth == 0 {
            return Some(text[start..=token.offset].to_owned());
        }
    }
    None
}

#[test]
fn every_invalid_module_of_the_suite_is_explained_at_its_place() {
    let Some(suite) = suite() else { return };
    let (mut count, mut with_rows) = (0, 0);
    for case in cases(&suite).iter().filter(|case| case.must_be_invalid) {
        let Err(LoadError::Invalid(invalid)) = load(&case.bytes, &Features::ALL) else {
            println!("left out: {} breaks another rule", case.name);
            continue;
        };
        let Ok(validation) = Validation::new(&case.bytes, &Features::ALL) else {
            // A declaration is invalid, and there is nothing to step through.
            assert_eq!(invalid.func, None, "{}", case.name);
            continue;
        };
        let diagnosis = validation.diagnose(&invalid.invalid);
        assert_eq!(diagnosis.invalid, invalid.invalid, "{}", case.name);
        check_place(&case.name, &validation, invalid.func, &diagnosis);
        with_rows += usize::from(check_rows(&case.name, &diagnosis));
        diagnosis.hint(&|operand| operand.pushed_by.to_string());
        count += 1;
    }
    assert!(count > 2000 && with_rows > 1000, "{count}, {with_rows}");
    println!("{count} modules are explained, {with_rows} with their stacks");
}

/// The place is the function that the loader names, and an instruction of it.
fn check_place(name: &str, validation: &Validation, func: Option<FuncIdx>, diagnosis: &Diagnosis) {
    let Some(func) = func else {
        assert!(!matches!(diagnosis.place, Some(Place::Func(_))), "{name}");
        return;
    };
    assert_eq!(diagnosis.place, Some(Place::Func(func)), "{name}");
    let module = validation.module();
    let body = &module.code[(func.0 - module.imported_funcs()) as usize];
    let offset = diagnosis.invalid.offset;
    if diagnosis.number.is_none() {
        assert_eq!(offset, body.offset, "{name}: the type of a local");
        return;
    }
    assert!(body.code.contains(&offset), "{name}: {offset:#x}");
    for row in &diagnosis.rows {
        if let Some(operand) = row.actual {
            assert!(
                (body.code.start..offset).contains(&operand.pushed_by),
                "{name}"
            );
        }
    }
}

/// The first operand that does not fit is the one that the validator complains of. Returns whether
/// the error is about operands.
fn check_rows(name: &str, diagnosis: &Diagnosis) -> bool {
    let InvalidKind::TypeMismatch(mismatch) = &diagnosis.invalid.kind else {
        return false;
    };
    let wrong = diagnosis.rows.iter().find(|row| !row.fits);
    match **mismatch {
        Mismatch::Operand { expected, found } => {
            let wrong = wrong.unwrap_or_else(|| panic!("{name}: all operands fit"));
            assert_eq!(wrong.expected, Some(expected), "{name}");
            assert_eq!(wrong.actual.map(|operand| operand.ty), found, "{name}");
        }
        Mismatch::Left { count } => {
            let left = diagnosis.rows.iter().filter(|row| row.expected.is_none());
            assert_eq!(left.count(), count.min(8), "{name}");
        }
        // These are not about operands.
        _ => return false,
    }
    true
}

#[test]
fn the_stacks_of_each_step_are_the_validators() {
    let Some(suite) = suite() else { return };
    let (mut steps, mut compared) = (0, 0);
    for case in cases(&suite).iter().filter(|case| !case.must_be_invalid) {
        let validated = match load(&case.bytes, &Features::ALL) {
            Ok(validated) => validated,
            Err(error) => {
                println!("left out: {}: {error}", case.name);
                continue;
            }
        };
        let validation = Validation::new(&case.bytes, &Features::ALL)
            .unwrap_or_else(|error| panic!("{}: {error}", case.name));
        let sequences = validation.sequences().count();
        let expected = validated.consts.len() + validated.module.code.len();
        assert_eq!(sequences, expected, "{}", case.name);
        for sequence in validation.sequences() {
            let (all, also) = step_through(&case.name, &validation, &validated, &sequence);
            steps += all;
            compared += also;
        }
    }
    assert!(steps > 55_000 && compared > 33_000, "{steps}, {compared}");
    println!("{steps} steps, {compared} of them compared with the translation");
}

/// Returns how many steps there were, and how many were compared with what the translator takes.
fn step_through(
    name: &str,
    validation: &Validation,
    validated: &Validated,
    sequence: &limpid::observe::validation::Sequence<'_>,
) -> (usize, usize) {
    let known = taken(validated, sequence.place);
    let mut stepper = validation.stepper(sequence).expect("the locals are valid");
    let mut unseen = validation.stepper(sequence).expect("the locals are valid");
    let (mut before, mut compared) = (Vec::new(), 0);
    loop {
        let step = stepper.advance();
        let step = step.unwrap_or_else(|stop| panic!("{name}: {stop:?}"));
        let Some(step) = step else { break };
        let at = format!("{name}: {} at {:#x}", step.instr, step.offset);
        assert_eq!(step.before().copied().collect::<Vec<_>>(), before, "{at}");
        assert_eq!(
            step.popped.len() + step.unknown,
            step.expected.len(),
            "{at}"
        );
        let takes = step.expected[step.unknown..].iter().zip(step.popped);
        for (expected, popped) in takes {
            assert!(
                fits(validation, popped.ty, *expected),
                "{at}: {expected}, {popped:?}"
            );
        }
        before = step.after().copied().collect();
        let control = step.control.len();
        if step.unknown == 0
            && !is_control(step.instr.mnemonic())
            && let Ok(known_at) = known.binary_search_by_key(&step.offset, |(offset, _)| *offset)
        {
            let types: Vec<OperandType> = step.popped.iter().map(|operand| operand.ty).collect();
            let taken = known[known_at].1.iter().map(|ty| OperandType::Val(*ty));
            assert_eq!(types, taken.collect::<Vec<_>>(), "{at}");
            compared += 1;
        }
        assert_eq!(unseen.forward(1), Ok(1), "{at}");
        assert_eq!(unseen.stack(), before, "{at}");
        let labels = |control: &[Label<'_>]| format!("{control:?}");
        assert_eq!(labels(unseen.control()), labels(stepper.control()), "{at}");
        let validator = stepper.validator();
        assert_eq!(validator.height(), before.len(), "{at}");
        for (height, operand) in before.iter().enumerate() {
            assert_eq!(validator.operand_at(height), Some(operand.ty), "{at}");
        }
        assert_eq!(validator.depth(), control, "{at}");
        for (label, known) in (0..).zip(stepper.control().iter().rev()) {
            let frame = validator.control(LabelIdx(label));
            let shape = |frame: &limpid::internals::valid::ControlFrame<'_>| {
                (frame.kind, frame.height, frame.unreachable)
            };
            assert_eq!(shape(&frame), shape(&known.frame), "{at}");
        }
    }
    assert_eq!(unseen.forward(1), Ok(0), "{name}");
    (stepper.steps(), compared)
}

/// Where control passes operands on, the translator has no operation that takes them.
fn is_control(mnemonic: &str) -> bool {
    let words = [
        "block",
        "loop",
        "if",
        "else",
        "end",
        "try_table",
        "return",
        "unreachable",
        "throw",
    ];
    words.contains(&mnemonic)
        || ["br", "call", "return_call", "throw"]
            .iter()
            .any(|start| mnemonic.starts_with(start))
}

/// The operand types that each instruction of a function takes, as the translator knows them, by
/// offset.
fn taken(validated: &Validated, place: Place) -> Vec<(u32, Vec<ValType>)> {
    let Place::Func(func) = place else {
        return Vec::new();
    };
    let settings = Settings {
        translation: Translation::Faithful,
        eager: false,
        fuel: false,
        epochs: false,
    };
    let steps = translate::steps(validated, &settings, func);
    let types = |step| steps.pops(step).iter().map(|slot| slot.ty).collect();
    let mut taken: Vec<(u32, Vec<ValType>)> = steps
        .steps
        .iter()
        .map(|step| (step.offset, types(step)))
        .collect();
    taken.sort_by_key(|(offset, _)| *offset);
    taken.dedup_by_key(|(offset, _)| *offset);
    taken
}

fn fits(validation: &Validation, found: OperandType, expected: Expected) -> bool {
    match (found, expected) {
        (OperandType::Bot, _) | (_, Expected::Any) => true,
        (OperandType::RefBot, _) => expected != Expected::Numeric,
        (OperandType::Val(found), Expected::Val(ty)) => {
            validation.context().space.val_matches(found, ty)
        }
        (OperandType::Val(found), Expected::Ref) => found.is_ref(),
        (OperandType::Val(found), Expected::Numeric) => !found.is_ref(),
    }
}

/// Runs `limpid validate` in a folder.
fn limpid(folder: &Path, args: &[String]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_limpid"))
        .arg("validate")
        .args(args)
        .current_dir(folder)
        .env_remove("LIMPID_CONFIG")
        .output()
        .expect("limpid runs")
}

#[test]
fn the_command_line_has_a_card_for_every_text_that_must_be_invalid() {
    let Some(suite) = suite() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let mut names: Vec<String> = Vec::new();
    let mut messages: Vec<String> = Vec::new();
    for case in cases(&suite)
        .into_iter()
        .filter(|case| case.must_be_invalid)
    {
        let (Some(text), Err(LoadError::Invalid(invalid))) =
            (case.text, load(&case.bytes, &Features::default()))
        else {
            continue;
        };
        let name = format!("{}.wat", names.len());
        fs::write(folder.path().join(&name), text).expect("a file is written");
        names.push(name);
        messages.push(format!("error: {}", invalid.invalid.kind));
    }
    let (mut found, mut with_line) = (Vec::new(), 0);
    for some in names.chunks(400) {
        let output = limpid(folder.path(), some);
        let told = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(1), "{told}");
        for line in told.lines() {
            if line.starts_with("error: ") {
                found.push(line.to_owned());
            }
            with_line += usize::from(line.contains("--> ") && line.contains(".wat:"));
        }
    }
    assert_eq!(found, messages);
    assert!(messages.len() > 1500, "{}", messages.len());
    // The others are wrong in a type that no field declares.
    assert!(with_line * 100 > messages.len() * 98, "{with_line}");
    println!(
        "{} cards, {with_line} with a line of the text",
        messages.len()
    );
}

#[test]
fn lines_of_json() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let cards = fs::read_dir(folder.join("cards")).expect("cards");
    let mut files: Vec<String> = cards
        .map(|card| {
            card.expect("a card")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .map(|name| format!("cards/{name}"))
        // Texts that are no modules have no steps.
        .filter(|name| {
            !["mnemonic", "name", "label"]
                .iter()
                .any(|no| name.contains(no))
        })
        .collect();
    files.extend(["demo.wat".into(), "loops.wat".into()]);
    files.retain(|file| folder.join(file).is_file());
    for file in files {
        let args = ["--step", "--format", "json", &file].map(String::from);
        let output = limpid(&folder, &args);
        let is_valid = output.status.success();
        let text = String::from_utf8(output.stdout).expect("text");
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{file}: {error}"))
            })
            .collect();
        let (end, rest) = lines.split_last().expect("a last line");
        let verdict = if is_valid { "valid" } else { "invalid" };
        assert_eq!(end["end"], verdict, "{file}");
        let errors = rest.iter().filter(|line| line.get("error").is_some());
        assert_eq!(errors.count(), usize::from(!is_valid), "{file}");
        let steps: Vec<_> = rest
            .iter()
            .filter(|line| line.get("pc").is_some())
            .collect();
        let valid = steps.iter().filter(|line| line.get("error").is_none());
        assert_eq!(end["steps"], valid.count(), "{file}");
        for pair in steps.windows(2) {
            check_pair(&file, pair[0], pair[1]);
        }
    }
}

/// A step begins with the stack that the one before it left.
fn check_pair(file: &str, before: &serde_json::Value, step: &serde_json::Value) {
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let simple = |line: &serde_json::Value| line["unknown"] == 0 && line["discarded"] == 0;
    if step.get("error").is_some() || step["t"] == 0 || !simple(step) {
        return;
    }
    let types = |line: &serde_json::Value| -> Vec<serde_json::Value> {
        let stack = list(&line["stack"]);
        stack.iter().map(|entry| entry["type"].clone()).collect()
    };
    let mut stack = types(before);
    let kept = stack.len() - list(&step["pop"]).len();
    assert_eq!(stack.split_off(kept), list(&step["pop"]), "{file}: {step}");
    stack.extend(list(&step["push"]));
    assert_eq!(stack, types(step), "{file}: {step}");
}

#[test]
fn sentences_for_commands_that_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli");
    let script = folder.join("step.commands");
    let mut child = Command::new(env!("CARGO_BIN_EXE_limpid"))
        .args(["check", "--step", "--plain", "cards/wrong.wat"])
        .current_dir(&folder)
        .stdin(fs::File::open(&script).expect("commands"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("limpid runs");
    let _ = child.wait();
    let output = child.wait_with_output().expect("limpid ends");
    let said = String::from_utf8(output.stdout).expect("text");
    for part in [
        "$sum (func 0): 0 of 4 instructions are validated.",
        "Step 1 of 4: `local.get $x` at 0x19 in line 3 takes [] and leaves [i32].",
        "This is the start.",
        "Operand stack, the top first: i64, pushed by `i64.const 1` in line 3; i32",
        "Invalid: `i32.add` at 0x1d in line 3",
        ">     0x1d  i32.add",
        "`dance` is no command",
    ] {
        assert!(said.contains(part), "no `{part}` in: {said}");
    }
    // An error is met however often it is gone to, and the instruction behind it never.
    assert_eq!(said.matches("Invalid: `i32.add`").count(), 3, "{said}");
    assert!(!said.contains("`end`"), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_card_of_a_large_module_takes_no_longer_than_loading_it() {
    let work = "local.get 0 i32.const 3 i32.mul local.tee 0 drop ".repeat(2000);
    let funcs = format!("(func (param i32) {work})").repeat(150);
    let text = format!("(module {funcs} (func (result i32) i64.const 1) {funcs})");
    let bytes = wat::parse_str(&text).expect("the text assembles");
    assert!(bytes.len() > 4 << 20, "{}", bytes.len());
    let timed = |work: &mut dyn FnMut()| -> Duration {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    let mut error = None;
    let loading = timed(&mut || error = load(&bytes, &Features::ALL).err());
    let Some(LoadError::Invalid(invalid)) = error else {
        panic!("the module is not invalid");
    };
    let explaining = timed(&mut || {
        let validation = Validation::new(&bytes, &Features::ALL);
        let validation = validation.unwrap_or_else(|error| panic!("{error}"));
        let diagnosis = validation.diagnose(&invalid.invalid);
        assert_eq!(diagnosis.rows.len(), 1);
    });
    // A part of it, really; the rest is for a machine that does something else.
    let most = loading * 2 + Duration::from_millis(500);
    assert!(explaining < most, "{explaining:?} after {loading:?}");
}

/// One function of millions of instructions: nothing but the last ones is looked at.
#[test]
fn a_card_of_a_large_function_takes_a_few_times_as_long_as_loading_it() {
    let text = format!(
        "(module (func {} i32.const 1))",
        "i32.const 1 drop ".repeat(700_000)
    );
    let bytes = wat::parse_str(&text).expect("the text assembles");
    let fastest = |work: &dyn Fn()| -> Duration {
        let times = (0..5).map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        });
        times.min().expect("a time")
    };
    let Err(LoadError::Invalid(invalid)) = load(&bytes, &Features::ALL) else {
        panic!("the module is not invalid");
    };
    let loading = fastest(&|| drop(load(&bytes, &Features::ALL).err()));
    let explaining = fastest(&|| {
        let validation = Validation::new(&bytes, &Features::ALL);
        let validation = validation.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(validation.diagnose(&invalid.invalid).rows.len(), 1);
    });
    println!("{explaining:?} after {loading:?}");
    assert!(explaining < loading * 4, "{explaining:?} after {loading:?}");
}
