//! The door that everything a guest names passes before it reaches a terminal: control characters
//! and those that turn the direction of text are made visible, and length has an end.
//!
//! ```
//! assert_eq!(limpid::observe::display::name("\x1b[2J"), "\\u{1b}[2J");
//! ```

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

/// Most characters of a name.
const NAME: usize = 120;

/// Most characters of a line.
const LINE: usize = 4000;

/// Returns a name (of a function, an import, a file) made safe to print and shortened.
pub fn name(text: &str) -> Cow<'_, str> {
    escape(text, NAME)
}

/// Returns a name made safe to print, at full length.
pub fn whole(text: &str) -> Cow<'_, str> {
    escape(text, usize::MAX)
}

/// Returns a line that may hold names, made safe to print.
pub fn line(text: &str) -> Cow<'_, str> {
    escape(text, LINE)
}

/// Returns lines that may hold names, each made safe to print.
pub fn lines(text: &str) -> String {
    let lines: Vec<Cow<'_, str>> = text.lines().map(line).collect();
    lines.join("\n")
}

fn escape(text: &str, most: usize) -> Cow<'_, str> {
    let mut letters = text.chars();
    let plain = letters.by_ref().take(most).all(|letter| !is_hidden(letter));
    if plain && letters.next().is_none() {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::new();
    for letter in text.chars().take(most) {
        if is_hidden(letter) {
            let _ = write!(escaped, "\\u{{{:x}}}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    let more = text.chars().skip(most).count();
    if more > 0 {
        let _ = write!(escaped, "… ({more} more)");
    }
    Cow::Owned(escaped)
}

/// Returns whether a terminal would do something else with it than show it.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            // Direction, joiners, separators, invisible operators, tags.
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn check(text: &str, expected: &str) {
        assert_eq!(name(text), expected);
    }

    #[test]
    fn what_is_shown() {
        check("plain naïve 名前", "plain naïve 名前");
        check("\x1b[31mred", "\\u{1b}[31mred");
        check("a\u{202e}b", "a\\u{202e}b");
        check("line\nbreak\0", "line\\u{a}break\\u{0}");
        check("\u{9b}1m", "\\u{9b}1m");
        check("</script>", "</script>");
    }

    #[test]
    fn length_has_an_end() {
        let long = "x".repeat(10_000_000);
        assert_eq!(name(&long), format!("{}… (9999880 more)", "x".repeat(120)));
        assert_eq!(name(&long[..120]), long[..120]);
        assert_eq!(whole(&long), long);
        assert_eq!(whole("\x1b[2J"), "\\u{1b}[2J");
    }
}
