//! What is wrong with a text: where, and which word was meant. The reader of texts says what it
//! expected; the words that would have been right are looked up here.

use super::excerpt;
use super::lines::line_and_column;
use super::outcome::Failure;
use super::screen::{DIM, styled};
use super::suggest::suggest;
use limpid::internals::syntax::Instr;
use limpid::observe::display;
use std::collections::BTreeSet;
use wast::Wat;
use wast::lexer::{Lexer, Token, TokenKind};
use wast::parser::{self, ParseBuffer};

/// Names of instructions that drafts of the language had.
const OLD: [(&str, &str); 12] = [
    ("get_local", "local.get"),
    ("set_local", "local.set"),
    ("tee_local", "local.tee"),
    ("get_global", "global.get"),
    ("set_global", "global.set"),
    ("current_memory", "memory.size"),
    ("grow_memory", "memory.grow"),
    ("i32.wrap/i64", "i32.wrap_i64"),
    ("i64.extend_s/i32", "i64.extend_i32_s"),
    ("i64.extend_u/i32", "i64.extend_i32_u"),
    ("f32.demote/f64", "f32.demote_f64"),
    ("f64.promote/f32", "f64.promote_f32"),
];

/// Words of the text format that are no instructions.
const WORDS: [&str; 48] = [
    "module",
    "type",
    "func",
    "param",
    "result",
    "local",
    "global",
    "table",
    "memory",
    "tag",
    "import",
    "export",
    "start",
    "elem",
    "data",
    "offset",
    "item",
    "declare",
    "then",
    "mut",
    "rec",
    "sub",
    "final",
    "struct",
    "array",
    "field",
    "ref",
    "null",
    "shared",
    "i32",
    "i64",
    "f32",
    "f64",
    "v128",
    "i8",
    "i16",
    "funcref",
    "externref",
    "anyref",
    "eqref",
    "i31ref",
    "structref",
    "arrayref",
    "exnref",
    "catch",
    "catch_ref",
    "catch_all",
    "catch_all_ref",
];

/// Most names listed when none is near.
const MOST: usize = 5;

/// Explains why a text is no module.
pub fn explain(shown: &str, text: &str, error: &wat::Error) -> Failure {
    let Some(error) = reread(text) else {
        let told = display::lines(&error.to_string());
        let (first, rest) = told.split_once('\n').unwrap_or((&told, ""));
        return Failure::failed(first).details(rest);
    };
    let at = error.span().offset().min(text.len());
    let message = error.message();
    let word = word_at(text, at);
    let mut details = format!("  {} {shown}", styled(DIM, "-->"));
    if let Some((line, column)) = line_and_column(text, at) {
        details.push_str(&format!(":{line}:{column}\n"));
        let count = word.chars().count();
        details.push_str(&excerpt::text_line(text, at, line, count));
    }
    let failure = Failure::failed(display::line(&message)).details(details);
    match hint(text, at, &message, word) {
        Some(hint) => failure.hint(display::line(&hint)),
        None => failure,
    }
}

/// The error with its place, which the first reading has turned into words.
fn reread(text: &str) -> Option<wast::Error> {
    let buffer = match ParseBuffer::new(text) {
        Ok(buffer) => buffer,
        Err(error) => return Some(error),
    };
    match parser::parse::<Wat<'_>>(&buffer) {
        Ok(mut module) => module.encode().err(),
        Err(error) => Some(error),
    }
}

/// The word that begins at an offset.
fn word_at(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or_default();
    let ends = |letter: char| letter.is_whitespace() || "()\";".contains(letter);
    &rest[..rest.find(ends).unwrap_or(rest.len())]
}

fn hint(text: &str, at: usize, message: &str, word: &str) -> Option<String> {
    if let Some(name) = word.strip_prefix('$')
        && let Some(space) = message.strip_prefix("unknown ")
        && let Some((space, _)) = space.split_once(':')
    {
        return Some(unknown_name(text, at, space, name));
    }
    let is_word = word.starts_with(|letter: char| letter.is_ascii_lowercase());
    if !is_word || message.starts_with("duplicate") {
        return None;
    }
    if let Some((_, new)) = OLD.iter().find(|(old, _)| *old == word) {
        return Some(format!("`{new}` is what `{word}` is called now"));
    }
    let known: BTreeSet<&str> = Instr::mnemonics().chain(WORDS).collect();
    if known.contains(word) {
        return None;
    }
    let meant = suggest(word, known.iter().copied());
    meant.map(|meant| format!("did you mean `{meant}`?"))
}

/// A name that nothing has: the nearest one that something of its kind has.
fn unknown_name(text: &str, at: usize, space: &str, name: &str) -> String {
    let known = names(text, at, space);
    if let Some(meant) = suggest(name, known.iter().copied()) {
        return format!("did you mean `${meant}`?");
    }
    let listed: Vec<String> = known.iter().map(|name| format!("`${name}`")).collect();
    match listed.len() {
        0 => format!("no {space} has a name here"),
        1..=MOST => format!("the names here are {}", listed.join(", ")),
        more => format!(
            "the names here are {} and {} more",
            listed[..MOST].join(", "),
            more - MOST
        ),
    }
}

/// The names of a kind of things; of locals and labels, those of the function that holds an offset.
fn names<'t>(text: &'t str, at: usize, space: &str) -> BTreeSet<&'t str> {
    let openers: &[&str] = match space {
        "local" => &["param", "local"],
        "label" => &["block", "loop", "if", "try_table"],
        "func" | "function" => &["func"],
        "type" => &["type"],
        "global" => &["global"],
        "memory" => &["memory"],
        "table" => &["table"],
        "tag" => &["tag"],
        "elem" => &["elem"],
        "data" => &["data"],
        "field" => &["field"],
        // Kinds that the reader may add.
        _ => &[],
    };
    let is_inside = matches!(space, "local" | "label");
    let mut found = BTreeSet::new();
    let lexer = Lexer::new(text);
    // The tokens before, without space and comments.
    let (mut last, mut before) = ("", "");
    for token in lexer.iter(0).map_while(Result::ok) {
        let word = token.src(text);
        if is_space(&token) {
            continue;
        }
        if is_inside && last == "(" && word == "func" {
            match token.offset > at {
                true => break,
                false => found.clear(),
            }
        }
        // A use, as in `(type $t)` behind `func`, looks the same; its name is then a known one, or
        // the one that is not.
        if token.kind == TokenKind::Id && openers.contains(&last) && token.offset != at {
            let opens = before == "(" || is_inside;
            found.extend(word.strip_prefix('$').filter(|_| opens));
        }
        (before, last) = (last, word);
    }
    found
}

fn is_space(token: &Token) -> bool {
    matches!(
        token.kind,
        TokenKind::Whitespace | TokenKind::LineComment | TokenKind::BlockComment
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let error = reread(text).unwrap_or_else(|| panic!("the text is read: {text}"));
        let at = error.span().offset();
        let found = hint(text, at, &error.message(), word_at(text, at));
        assert_eq!(found.as_deref(), expected, "{text}: {}", error.message());
    }

    #[test]
    fn words_that_were_meant() {
        check(
            "(module (func i32.cnst 1))",
            Some("did you mean `i32.const`?"),
        );
        check("(module (fun))", Some("did you mean `func`?"));
        check(
            "(module (func (param i32) (drop (get_local 0))))",
            Some("`local.get` is what `get_local` is called now"),
        );
        check("(module (func frobnicate))", None);
        check("(module (func (param i23)))", Some("did you mean `i32`?"));
    }

    #[test]
    fn names_that_were_meant() {
        let locals = "(module (func (param $other i32)) (func (param $count i32) (local $n i64)";
        check(
            &format!("{locals} (drop (local.get $conut))))"),
            Some("did you mean `$count`?"),
        );
        check(
            &format!("{locals} (drop (local.get $missing))))"),
            Some("the names here are `$count`, `$n`"),
        );
        check(
            "(module (func $main call $mian))",
            Some("did you mean `$main`?"),
        );
        check(
            "(module (func (br $out)))",
            Some("no label has a name here"),
        );
        check(
            "(module (func (block $out (br $oust))))",
            Some("did you mean `$out`?"),
        );
        check(
            "(module (type $pair (func)) (func (type $pairs)))",
            Some("did you mean `$pair`?"),
        );
        check(
            "(module (func (drop (global.get $g))))",
            Some("no global has a name here"),
        );
    }
}
