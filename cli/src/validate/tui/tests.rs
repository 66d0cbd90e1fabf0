//! The screen as a terminal of the kind vt100 shows it, compared with screens that are kept.

use super::super::super::source::Source;
use super::super::super::terminal::key::named;
use super::super::record::Described;
use super::app::{After, App};
use super::draw::draw;
use limpid::Features;
use limpid::internals::binary;
use limpid::observe::validation::{Sequence, Validation};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend, TestBackend};
use std::path::Path;

/// Does something with the screen of a file, at the start of its first function.
fn with_app<T>(file: &str, work: impl FnOnce(&mut App<'_>) -> T) -> T {
    let source = Source::read(&Path::new("tests/cli").join(file)).expect("the file is there");
    let features = Features::ALL;
    let module = binary::decode(&source.bytes[..], &features).expect("the bytes are a module");
    let validation = Validation::of(module, &features).expect("the declarations are valid");
    let described = Described::new(&validation, &source, &features);
    let all: Vec<Sequence<'_>> = validation.sequences().collect();
    let body = all.iter().find(|it| !it.place.is_constant());
    let first = body.or(all.first()).expect("a sequence").place;
    work(&mut App::new(&described, all, first).expect("it can be begun"))
}

/// The screen after keys, as the text that a terminal of that size shows.
fn screen(file: &str, (width, height): (u16, u16), pressed: &str) -> String {
    let backend = TestBackend::new(width, height);
    let mut terminal = Terminal::new(backend).expect("it is memory");
    with_app(file, |app| {
        terminal
            .draw(|frame| draw(frame, app))
            .expect("it is memory");
        for key in named(pressed) {
            assert_eq!(app.press(key), After::Draw, "{key:?}");
            terminal
                .draw(|frame| draw(frame, app))
                .expect("it is memory");
        }
    });
    // The cells as they are written to a real terminal.
    let mut bytes = Vec::new();
    let buffer = terminal.backend().buffer();
    let cells = buffer.content().iter().enumerate().map(|(at, cell)| {
        let (x, y) = (at % usize::from(width), at / usize::from(width));
        (x as u16, y as u16, cell)
    });
    CrosstermBackend::new(&mut bytes)
        .draw(cells)
        .expect("it is memory");
    let mut parser = vt100::Parser::new(height, width, 0);
    parser.process(&bytes);
    parser.screen().contents()
}

const SMALL: (u16, u16) = (80, 24);

const LARGE: (u16, u16) = (120, 40);

/// Compares a screen with the one that is kept, line by line.
fn check(name: &str, file: &str, size: (u16, u16), pressed: &str) {
    let shown = screen(file, size, pressed);
    let shown: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let shown = shown.join("\n") + "\n";
    let path = format!("tests/cli/validate/{name}.screen");
    if std::env::var_os("LIMPID_BLESS").is_some() {
        std::fs::write(&path, &shown).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the screen is kept");
    assert_eq!(shown, kept, "{name}; LIMPID_BLESS=1 keeps the new one");
}

const STACKS: &str = "validate/stacks.wat";

/// Checks that a screen has all of some texts.
fn check_has(file: &str, pressed: &str, texts: &[&str]) {
    let shown = screen(file, SMALL, pressed);
    for text in texts {
        assert!(shown.contains(text), "no `{text}` in\n{shown}");
    }
}

#[test]
fn the_beginning() {
    check("beginning", STACKS, SMALL, "");
    check("beginning-large", STACKS, LARGE, "");
}

#[test]
fn inside_of_a_block_with_a_local_that_was_set() {
    check("block", STACKS, SMALL, "right right right right");
}

#[test]
fn code_that_cannot_be_reached() {
    check("unreachable", STACKS, SMALL, "g 1 2 enter");
    check("unreachable-large", STACKS, LARGE, "g 1 2 enter");
}

#[test]
fn an_error_has_its_card() {
    check("error", "cards/wrong.wat", SMALL, "e");
    check("error-large", "cards/wrong.wat", LARGE, "e");
    // The error stays, and the way back from it leads to the state before it.
    check_has("cards/wrong.wat", "e right right", &["invalid: i32.add"]);
    check_has(
        "cards/wrong.wat",
        "e left",
        &["next: i32.add", "typing rules"],
    );
    // Stepping meets it as well as the key for it does.
    let stepped = screen("cards/wrong.wat", SMALL, "right right right");
    assert_eq!(stepped, screen("cards/wrong.wat", SMALL, "e"));
}

#[test]
fn a_binary_is_shown_as_a_listing() {
    check("binary", "cards/call.wasm", SMALL, "e");
}

#[test]
fn keys_are_listed() {
    check("keys", STACKS, SMALL, "?");
}

#[test]
fn functions_and_constant_expressions() {
    let constant = ["the initialiser of global 0", "Instr_const/const"];
    check_has(STACKS, "N right", &constant);
    check_has(STACKS, "N N", &["This is the first part"]);
    check_has(STACKS, "N n", &["$first (func 0)", "part 2 of 2"]);
    check_has(STACKS, "n", &["This is the last part"]);
    check_has(STACKS, "e", &["leaves [i32]. The", "function is valid."]);
    check_has(STACKS, "e right", &["Validation has ended here"]);
}

#[test]
fn a_line_is_written_and_taken_back() {
    check_has(
        STACKS,
        "g 4",
        &["Go to the state after so many instructions: 4"],
    );
    check_has(STACKS, "g 4 enter", &["step 4 of 16"]);
    check_has(STACKS, "g 1 4 backspace enter", &["step 1 of 16"]);
    check_has(STACKS, "g 4 escape", &["step 0 of 16"]);
    check_has(STACKS, "g x enter", &["Give a number"]);
    check_has(STACKS, "g e n d enter", &["step 16 of 16"]);
    check_has(STACKS, "z", &["The key z has no meaning"]);
}

#[test]
fn instructions_are_searched_for() {
    check_has(
        STACKS,
        "/ g e t enter",
        &["step 2 of 16", "next: local.get $items"],
    );
    check_has(
        STACKS,
        "/ g e t enter ]",
        &["next: local.get $n in line 10"],
    );
    check_has(STACKS, "/ g e t enter ] [", &["next: local.get $items"]);
    check_has(
        STACKS,
        "/ n o n e enter",
        &["No instruction with `none` follows."],
    );
    check_has(STACKS, "]", &["Nothing is searched for"]);
    check_has(
        "cards/wrong.wat",
        "/ e n d enter",
        &["Validation fails before `end`"],
    );
}

#[test]
fn panes_are_scrolled() {
    let long = "g 1 1 enter";
    check_has(STACKS, long, &["> operand types", "* i32  i32.mul"]);
    let shown = screen(STACKS, SMALL, &format!("{long} pagedown"));
    assert!(!shown.contains("* i32  i32.mul"), "{shown}");
    check_has(STACKS, "tab", &["> control stack"]);
    check_has(STACKS, "backtab", &["> typing rules"]);
}

/// Keys that come faster than the screen is drawn.
#[test]
fn a_key_that_is_held_down_counts_once() {
    let check = |pressed: &str, after: After, position: usize| {
        with_app(STACKS, |app| {
            assert_eq!(app.press_all(&named(pressed)), after, "{pressed}");
            assert_eq!(app.view.position(), position, "{pressed}");
        });
    };
    check("right right right", After::Draw, 1);
    check("right right left right", After::Draw, 1);
    check("g 1 1 enter right", After::Draw, 12);
    check("right q right", After::Quit, 1);
}

#[test]
fn tiny_and_huge_terminals() {
    for size in [(1, 1), (10, 3), (40, 12), (79, 23), (300, 100)] {
        for file in [STACKS, "cards/wrong.wat"] {
            screen(file, size, "right tab pagedown e tab backtab ? ? g 1 enter");
        }
    }
}

/// What a guest names is never acted on by the terminal.
#[test]
fn names_of_the_guest_are_escaped() {
    let shown = screen("step/escape.wat", SMALL, "right");
    assert!(shown.contains("\\u{1b}]0;owned"), "{shown}");
}
