//! The screen as a terminal of the kind vt100 shows it: what is written to a terminal is read back
//! cell by cell, so that marks, places and sizes are seen as a user sees them.

use super::super::super::run::RunFlags;
use super::super::super::settings::LayeredSettings;
use super::super::super::terminal::key::named;
use super::super::maker::Maker;
use super::app::{After, App, Corner};
use super::draw::draw;
use clap::{Args, Command, FromArgMatches};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend, TestBackend};

/// The flags of a run, from words as on a command line.
fn flags(words: &[&str]) -> RunFlags {
    let command = RunFlags::augment_args(Command::new("step"));
    let words = std::iter::once("step").chain(words.iter().copied());
    let matches = command
        .try_get_matches_from(words)
        .expect("the words are flags");
    RunFlags::from_arg_matches(&matches).expect("the words are flags")
}

/// The screen after keys.
pub fn drawn(words: &[&str], (width, height): (u16, u16), pressed: &str) -> Terminal<TestBackend> {
    let flags = flags(words);
    let given = LayeredSettings::default();
    let maker = Maker {
        flags: &flags,
        given: &given,
        history: 1 << 24,
        sources: None,
    };
    let session = maker.make().expect("the module can be loaded");
    let mut app = App::new(&maker, session);
    app.look_at_first_memory();
    let backend = TestBackend::new(width, height);
    let mut terminal = Terminal::new(backend).expect("it is memory");
    terminal
        .draw(|frame| draw(frame, &mut app))
        .expect("it is memory");
    for key in named(pressed) {
        assert_eq!(app.press(&key), After::Draw, "{key:?}");
        terminal
            .draw(|frame| draw(frame, &mut app))
            .expect("it is memory");
    }
    terminal
}

/// The screen after keys, as the text that a terminal of that size shows.
fn screen(words: &[&str], (width, height): (u16, u16), pressed: &str) -> String {
    let terminal = drawn(words, (width, height), pressed);
    // The cells as they are written to a real terminal.
    let mut bytes = Vec::new();
    let buffer = terminal.backend().buffer();
    let position = |at: usize| {
        let (x, y) = (at % usize::from(width), at / usize::from(width));
        (x as u16, y as u16)
    };
    let cells = buffer.content().iter().enumerate();
    let cells = cells.map(|(at, cell)| (position(at).0, position(at).1, cell));
    CrosstermBackend::new(&mut bytes)
        .draw(cells)
        .expect("it is memory");
    let mut parser = vt100::Parser::new(height, width, 0);
    parser.process(&bytes);
    parser.screen().contents()
}

/// A run of the factorial of 3.
pub const FAC: [&str; 4] = ["--invoke", "fac", "tests/cli/step/fac.wat", "3"];

const SMALL: (u16, u16) = (80, 24);

const LARGE: (u16, u16) = (120, 40);

/// Compares a screen with the one that is kept, line by line.
fn check(name: &str, size: (u16, u16), pressed: &str) {
    let shown = screen(&FAC, size, pressed);
    let shown: Vec<&str> = shown.lines().map(str::trim_end).collect();
    let shown = shown.join("\n") + "\n";
    let path = format!("tests/cli/step/{name}.screen");
    if std::env::var_os("LIMPID_BLESS").is_some() {
        std::fs::write(&path, &shown).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&path).expect("the screen is kept");
    assert_eq!(shown, kept, "{name}; LIMPID_BLESS=1 keeps the new one");
}

/// Checks that a screen has all of some texts.
fn check_has(pressed: &str, texts: &[&str]) {
    let shown = screen(&FAC, SMALL, pressed);
    for text in texts {
        assert!(shown.contains(text), "no `{text}` in\n{shown}");
    }
}

#[test]
fn the_beginning() {
    check("beginning", SMALL, "");
    check("beginning-large", LARGE, "");
}

#[test]
fn inside_of_two_calls() {
    let pressed = "b f a c enter c c right right right right right right";
    check("calls", SMALL, pressed);
    check("calls-large", LARGE, pressed);
}

#[test]
fn memory_with_changed_bytes() {
    check("memory", SMALL, "tab n n n n n n n");
}

#[test]
fn keys_are_listed() {
    check("keys", SMALL, "?");
}

#[test]
fn the_end() {
    check("end", SMALL, "c");
    check_has("c right", &["The run cannot go on."]);
    check_has("left", &["This is the beginning of the run."]);
}

#[test]
fn a_line_is_written_and_taken_back() {
    check_has("g 2 0", &["Go to step (start, end or a number): 20"]);
    check_has("g 2 0 enter", &["step 20"]);
    check_has("g 2 0 backspace enter", &["step 2 "]);
    check_has("g 2 0 escape", &["step 0"]);
    check_has("g x enter", &["Give a number of steps."]);
    check_has(
        "b n o n e enter",
        &["No function with a body is called `none`."],
    );
    check_has("w l o c a l 7 enter", &["Give one of: memory"]);
}

#[test]
fn a_prediction_is_asked_before_the_step_is_shown() {
    check_has(
        "right right p",
        &["Which value does `i32.add` leave", "step 2 "],
    );
    check_has("right right p 1 enter", &["Right.", "step 3 "]);
    check_has(
        "right right p 5 enter",
        &["the answer is i32 1.", "step 3 "],
    );
    check_has("right right p 1 escape right", &["step 3 "]);
}

#[test]
fn where_an_operand_comes_from() {
    let asked = "g 1 3 enter down y";
    check_has(asked, &["was produced by step 11", "Enter", "step 13"]);
    let follow = format!("{asked} enter");
    check_has(&follow, &["next: local.get $n"]);
}

/// Keys that come faster than the screen is drawn.
#[test]
fn a_key_that_is_held_down_counts_once() {
    let flags = flags(&FAC);
    let given = LayeredSettings::default();
    let maker = Maker {
        flags: &flags,
        given: &given,
        history: 1 << 24,
        sources: None,
    };
    let check = |pressed: &str, after: After, time: u64| {
        let mut app = App::new(&maker, maker.make().expect("the module can be loaded"));
        assert_eq!(app.press_all(&named(pressed)), after, "{pressed}");
        assert_eq!(app.session.time(), time, "{pressed}");
    };
    check("right right right right", After::Draw, 1);
    check("right right left right", After::Draw, 1);
    check("right n n right", After::Draw, 3);
    check("g 2 2 enter right", After::Draw, 23);
    check("right q right", After::Quit, 1);
}

#[test]
fn the_rules_of_a_step() {
    check_has(
        "right right right r",
        &["rules of the last step", "Step_pure/binop-val"],
    );
}

#[test]
fn tiny_and_huge_terminals() {
    for size in [(1, 1), (10, 3), (40, 12), (79, 23), (300, 100)] {
        screen(
            &FAC,
            size,
            "right tab tab tab backtab pagedown ? q b m 1 enter",
        );
    }
}

/// What a guest names is never acted on by the terminal.
#[test]
fn names_of_the_guest_are_escaped() {
    let shown = screen(
        &["--invoke", "f", "tests/cli/step/escape.wat"],
        SMALL,
        "right",
    );
    assert!(shown.contains("\\u{1b}]0;owned"), "{shown}");
}

/// Names, and what the guest writes, are shown and not obeyed.
#[test]
fn names_are_inert_on_the_screen() {
    for name in [
        "\\1b[2J",
        "\\e2\\80\\aegnp",
        "a\\0ab",
        "\\c2\\9b31m",
        "\\00",
    ] {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("m.wat");
        let text = format!(
            r#"(module (import "wasi_snapshot_preview1" "fd_write"
                    (func $w (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1) (data (i32.const 64) "{name}")
                (data (i32.const 0) "\40\00\00\00\10\00\00\00")
                (global $"{name}" (mut i32) (i32.const 1))
                (func $"{name}" (param $"{name}" i32) (global.set $"{name}" (local.get 0)))
                (func (export "_start")
                    (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))
                    (call $"{name}" (i32.const 1))))"#
        );
        std::fs::write(&file, text).expect("written");
        let file = file.to_str().expect("UTF-8");
        let pressed = format!(
            "{} {}",
            "right ".repeat(9),
            "tab ".repeat(Corner::ALL.len())
        );
        for keys in 0..pressed.split(' ').count() {
            let pressed: Vec<&str> = pressed.split(' ').take(keys).collect();
            let terminal = drawn(&[file], LARGE, &pressed.join(" "));
            for cell in terminal.backend().buffer().content() {
                let obeyed = cell.symbol().chars().find(|letter| {
                    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}')
                });
                assert_eq!(obeyed, None, "{name}, {pressed:?}");
            }
        }
    }
}
