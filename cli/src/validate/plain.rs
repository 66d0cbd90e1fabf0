//! `limpid validate --step --plain`: commands from standard input, answers in sentences, which a
//! screen reader can read and a script can feed.

use super::super::outcome::Failure;
use super::super::results::Results;
use super::record::Described;
use super::view::{Item, View};
use limpid::observe::display;
use limpid::observe::validation::Sequence;
use std::io::{self, BufRead};

const HELP: &str = "\
s or nothing: next; b: back; g N: go to the state after N instructions; e: go to the end or the \
error; l: list the instructions around; f: next function; q: quit";

/// Lines of the list of instructions, and most operands and blocks named.
const HEIGHT: usize = 9;

/// Reads commands until there are no more.
///
/// # Errors
/// When standard input cannot be read.
pub fn converse<'a>(
    described: &'a Described<'a>,
    sequences: impl Iterator<Item = Sequence<'a>>,
) -> Result<(), Failure> {
    let mut views = sequences.filter_map(|sequence| View::new(described, sequence));
    let Some(mut view) = views.next() else {
        return Ok(());
    };
    say(format_args!("{}.\n{HELP}.", view.title()));
    for line in io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure::failed(format!("standard input: {error}")))?;
        match line.trim().split_once(' ').unwrap_or((line.trim(), "")) {
            ("" | "s" | "next", _) => {
                view.next();
                state(&view);
            }
            ("b" | "back", _) => match view.previous() {
                true => state(&view),
                false => say("This is the start."),
            },
            ("g" | "goto", number) => match number.trim().parse() {
                Ok(number) => {
                    view.goto(number);
                    state(&view);
                }
                Err(_) => say("`g` takes a number: how many instructions are validated then."),
            },
            ("e" | "end", _) => {
                // One more than there are meets the error of the last one, too.
                view.goto(view.len() + 1);
                state(&view);
            }
            ("l" | "list", _) => list(&view),
            ("f" | "function", _) => match views.next() {
                Some(next) => {
                    view = next;
                    say(format_args!("{}.", view.title()));
                }
                None => say("This is the last one."),
            },
            ("q" | "quit", _) => break,
            (word, _) => say(format_args!(
                "`{}` is no command. {HELP}.",
                display::name(word)
            )),
        }
    }
    Ok(())
}

/// Says where validation is.
fn state(view: &View<'_>) {
    let mut lines = vec![view.message()];
    for rule in view.rules() {
        lines.push(format!("Typing rule {rule}: {}", rule.paraphrase()));
    }
    let stack: Vec<String> = view.stack(0, HEIGHT).iter().map(operand).collect();
    lines.push(match stack.is_empty() {
        true => "The operand stack is empty.".into(),
        false => format!("Operand stack, the top first: {}.", stack.join("; ")),
    });
    let control = view.control(0, HEIGHT);
    let control: Vec<String> = control
        .iter()
        .map(|item| format!("{}, from {}", item.text, item.note))
        .collect();
    if !control.is_empty() {
        lines.push(format!(
            "Control stack with label types, the innermost first: {}.",
            control.join("; ")
        ));
    }
    let locals = view.locals(0, HEIGHT);
    let locals: Vec<String> = locals
        .iter()
        .map(|item| format!("local {} {}", item.text, item.note))
        .collect();
    if !locals.is_empty() {
        lines.push(format!(
            "Locals without a default value: {}.",
            locals.join("; ")
        ));
    }
    say(lines.join("\n"));
}

/// An operand in words.
fn operand(item: &Item) -> String {
    let reach = match item.is_out_of_reach {
        true => ", out of reach of the block",
        false => "",
    };
    match &*item.text {
        "…" => item.note.clone(),
        ty => format!("{ty}, pushed by {}{reach}", item.note),
    }
}

fn list(view: &View<'_>) {
    for line in view.listing(HEIGHT) {
        let mark = if line.is_cursor { ">" } else { " " };
        say(format_args!("{mark} {:>8}  {}", line.margin, line.text));
    }
}

/// Writes at once what was said: somebody waits for it.
fn say(text: impl std::fmt::Display) {
    Results::new().line(text);
}
