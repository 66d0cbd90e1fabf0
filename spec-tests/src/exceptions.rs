//! Messages that differ from those the suite expects, each with the reason: the list in
//! `text-exceptions.txt`, a line `file:line | the suite's words | reason` each.

use std::sync::LazyLock;

/// More than this is a habit, not an exception.
pub const MOST: usize = 20;

/// An exception.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exception {
    /// The name of the file.
    pub file: &'static str,
    /// The line of the directive.
    pub line: u32,
    /// The suite's words.
    pub words: &'static str,
    /// Why ours are others.
    pub reason: &'static str,
}

static LIST: LazyLock<Vec<Exception>> = LazyLock::new(|| {
    let lines = include_str!("../text-exceptions.txt").lines();
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| parse(line).unwrap_or_else(|| panic!("not an exception: {line}")))
        .collect()
});

fn parse(line: &'static str) -> Option<Exception> {
    let mut parts = line.splitn(3, " | ");
    let (file, line) = parts.next()?.rsplit_once(':')?;
    Some(Exception {
        file,
        line: line.parse().ok()?,
        words: parts.next()?,
        reason: parts.next()?,
    })
}

/// The whole list.
pub fn all() -> &'static [Exception] {
    &LIST
}

/// The exceptions of a file.
pub fn of(file: &str) -> impl Iterator<Item = &'static Exception> + '_ {
    LIST.iter().filter(move |exception| exception.file == file)
}
