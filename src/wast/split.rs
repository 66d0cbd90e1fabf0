//! Splits a script into its top-level s-expressions, for scripts that cannot be read as a whole:
//! comments, strings and nesting (spec: text/lexical), annotations (appendix/custom). Knows
//! directives by their keywords only.

use super::report::Kind;
use core::ops::Range;

/// A stretch of a script that is read alone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Piece<'a> {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// The first word in the parentheses; nothing when no parenthesis opens it.
    pub keyword: &'a str,
}

/// Fields of a module: a text that begins with one is a module, not a script.
const FIELDS: [&str; 12] = [
    "data", "elem", "export", "func", "global", "import", "memory", "rec", "start", "table", "tag",
    "type",
];

impl Piece<'_> {
    /// Returns whether it begins as a directive does.
    pub(super) fn is_directive(&self) -> bool {
        let known = |kind: &Kind| kind.name() == self.keyword && *kind != Kind::Unreadable;
        self.keyword == "component" || Kind::ALL.iter().any(known)
    }

    /// Returns whether it begins as a field of a module does.
    pub(super) fn is_field(&self) -> bool {
        FIELDS.contains(&self.keyword)
    }
}

/// Returns whether a text holds nothing but white space and comments.
pub(super) fn is_empty(text: &str) -> bool {
    let mut bytes = Bytes { text, at: 0 };
    bytes.skip_space();
    bytes.at == text.len()
}

/// The s-expressions of a text in order, without annotations. What stands between them is a piece
/// too; what is not closed goes to the end of the text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut bytes = Bytes { text, at: 0 };
    let mut pieces = Vec::new();
    loop {
        bytes.skip_space();
        let start = bytes.at;
        match bytes.peek(0) {
            None => return pieces,
            Some(b'(') => {
                let annotation = bytes.peek(1) == Some(b'@');
                bytes.list();
                if !annotation {
                    let keyword = keyword(&text[start + 1..bytes.at]);
                    let range = start..bytes.at;
                    pieces.push(Piece { range, keyword });
                }
            }
            Some(_) => {
                bytes.stray();
                let (range, keyword) = (start..bytes.at, "");
                pieces.push(Piece { range, keyword });
            }
        }
    }
}

/// The pieces inside a thread that are not what makes it one: its name, and what it shares.
pub(super) fn body<'a>(text: &'a str, thread: &Piece<'_>) -> Vec<Piece<'a>> {
    let end = thread.range.end;
    let inner = thread.range.start + 1..end - usize::from(text[..end].ends_with(')'));
    let keyword = text[inner.clone()].find(thread.keyword).unwrap_or_default();
    let start = inner.start + keyword + thread.keyword.len();
    let mut pieces = pieces(text.get(start..inner.end).unwrap_or_default());
    let is_head = |(place, piece): (usize, &Piece<'_>)| match piece.keyword {
        "" => place == 0 && text[start + piece.range.start..].starts_with('$'),
        keyword => keyword == "shared",
    };
    let head = pieces.iter().enumerate().take_while(|head| is_head(*head));
    pieces.drain(..head.count());
    for piece in &mut pieces {
        piece.range = start + piece.range.start..start + piece.range.end;
    }
    pieces
}

/// The first word after an opening parenthesis.
fn keyword(text: &str) -> &str {
    let mut bytes = Bytes { text, at: 0 };
    bytes.skip_space();
    let rest = &text[bytes.at..];
    let end = rest.find(|c: char| !c.is_ascii_graphic() || matches!(c, '(' | ')' | '"' | ';'));
    &rest[..end.unwrap_or(rest.len())]
}

/// A position in a text; always at the start of a character.
struct Bytes<'a> {
    text: &'a str,
    at: usize,
}

impl Bytes<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Goes to the byte that `wanted` says, or to the end.
    fn find(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.at..];
        let found = rest.iter().position(|&byte| wanted(byte));
        self.at += found.unwrap_or(rest.len());
    }

    fn skip_space(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some(b' ' | b'\t' | b'\n' | b'\r'), _) => self.at += 1,
                (Some(b';'), Some(b';')) => self.find(|byte| matches!(byte, b'\n' | b'\r')),
                // A comment without an end is not skipped: something is wrong with it.
                (Some(b'('), Some(b';')) => match self.comment() {
                    Some(end) => self.at = end,
                    None => return,
                },
                _ => return,
            }
        }
    }

    /// Returns where the block comment here ends, with those inside it.
    fn comment(&self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let (mut at, mut depth) = (self.at, 0usize);
        while let Some(pair) = bytes.get(at..at + 2) {
            match pair {
                b"(;" => depth += 1,
                b";)" => depth -= 1,
                _ => {
                    at += 1;
                    continue;
                }
            }
            at += 2;
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// Skips a string.
    fn string(&mut self) {
        self.at += 1;
        loop {
            self.find(|byte| matches!(byte, b'"' | b'\\'));
            match self.peek(0) {
                None => return,
                Some(b'"') => {
                    self.at += 1;
                    return;
                }
                // A backslash, and what it stands before: a character of any length.
                Some(_) => {
                    let escaped = self.text[self.at + 1..].chars().next();
                    self.at += 1 + escaped.map_or(0, char::len_utf8);
                }
            }
        }
    }

    /// Skips a list, up to the parenthesis that closes it.
    fn list(&mut self) {
        let mut depth = 0usize;
        loop {
            self.skip_space();
            match (self.peek(0), self.peek(1)) {
                (None, _) => return,
                (Some(b'"'), _) => self.string(),
                (Some(b'('), Some(b';')) => self.at = self.text.len(),
                (Some(b'('), _) => {
                    depth += 1;
                    self.at += 1;
                }
                (Some(b')'), _) => {
                    depth -= 1;
                    self.at += 1;
                    if depth == 0 {
                        return;
                    }
                }
                (Some(_), _) => self.word(),
            }
        }
    }

    /// Skips what belongs to no list, up to the next one.
    fn stray(&mut self) {
        loop {
            self.skip_space();
            match (self.peek(0), self.peek(1)) {
                (None, _) => return,
                (Some(b'"'), _) => self.string(),
                (Some(b'('), Some(b';')) => self.at = self.text.len(),
                (Some(b'('), _) => return,
                (Some(b')'), _) => self.at += 1,
                (Some(_), _) => self.word(),
            }
        }
    }

    /// Skips one byte or more, up to where something else may begin.
    fn word(&mut self) {
        self.at += 1;
        self.find(|byte| matches!(byte, b'(' | b')' | b'"' | b';') || byte.is_ascii_whitespace());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let pieces = pieces(text);
        let found = pieces.iter();
        let found: Vec<_> = found.map(|p| (p.keyword, &text[p.range.clone()])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn lists_comments_strings_and_annotations() {
        check("", &[]);
        check(" ;; (a)\n(; (b) (; ) ;) \" ;)\t", &[]);
        check("(a)(b c)", &[("a", "(a)"), ("b", "(b c)")]);
        check(
            "(a (b \")\" ()))(c)",
            &[("a", "(a (b \")\" ()))"), ("c", "(c)")],
        );
        check(
            r#"(a "\")" "\\") (b)"#,
            &[("a", r#"(a "\")" "\\")"#), ("b", "(b)")],
        );
        check("(a ;; )\n)(b)", &[("a", "(a ;; )\n)"), ("b", "(b)")]);
        check("(a ;; )\r)", &[("a", "(a ;; )\r)")]);
        check("(a (;) (; ) ;) ) ;) b)", &[("a", "(a (;) (; ) ;) ) ;) b)")]);
        check("(@x (y) \")\")(a (@z) b)", &[("a", "(a (@z) b)")]);
        check("( (;x;) a;;\n)", &[("a", "( (;x;) a;;\n)")]);
        check("(\"é\\é)\" a)(é)", &[("", "(\"é\\é)\" a)"), ("", "(é)")]);
        check("(a ; b)", &[("a", "(a ; b)")]);
        check("(a;)(b)", &[("a", "(a;)"), ("b", "(b)")]);
    }

    #[test]
    fn what_is_in_no_list_or_not_closed() {
        check("a b (c) d", &[("", "a b "), ("c", "(c)"), ("", "d")]);
        check(") \"(\" é(c)", &[("", ") \"(\" é"), ("c", "(c)")]);
        check("(a)(b", &[("a", "(a)"), ("b", "(b")]);
        check("(a \"(b)", &[("a", "(a \"(b)")]);
        check("(a (; (b)", &[("a", "(a (; (b)")]);
        check("(a)(; (b)", &[("a", "(a)"), ("", "(; (b)")]);
        check("(a \"\\", &[("a", "(a \"\\")]);
        check("(", &[("", "(")]);
    }

    #[test]
    fn empty_texts() {
        for empty in ["", " \n\t\r", ";; x", "(; (; ;) ;)", ";;\n(;;)"] {
            assert!(is_empty(empty), "{empty}");
        }
        for other in ["x", "(a)", "(;", "(@x)", "; x"] {
            assert!(!is_empty(other), "{other}");
        }
    }

    #[test]
    fn directives_by_their_keywords() {
        let of = |text: &'static str| pieces(text).remove(0);
        for known in [
            "(module)",
            "(component)",
            "(assert_return)",
            "(wait $t)",
            "( invoke \"\")",
        ] {
            assert!(of(known).is_directive(), "{known}");
        }
        for other in ["(unreadable)", "(func)", "(get)", "module", "(\"module\")"] {
            assert!(!of(other).is_directive(), "{other}");
        }
        assert!(of("(func)").is_field());
        assert!(!of("(module)").is_field());
    }
}
