//! Tokens of Rust as far as tidy needs them: words and punctuation with their lines. Comments,
//! strings and lifetimes leave no token, so that nothing said in them counts.

/// A word, or one character of punctuation (`::` is one token).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token<'a> {
    /// As written.
    pub text: &'a str,
    /// Line, from 1.
    pub line: usize,
}

/// The tokens of a file.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut lexer = Lexer {
        source,
        at: 0,
        line: 1,
    };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next_token() {
        if !token.text.is_empty() {
            tokens.push(token);
        }
    }
    tokens
}

struct Lexer<'a> {
    source: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.at..]
    }

    /// Steps over that many bytes and counts their lines.
    fn skip(&mut self, bytes: usize) -> &'a str {
        let text = &self.rest()[..bytes];
        self.line += text.matches('\n').count();
        self.at += bytes;
        text
    }

    /// The next token; an empty one for what leaves none.
    fn next_token(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let line = self.line;
        let empty = Token { text: "", line };
        if rest.starts_with("//") {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
            return Some(empty);
        }
        if rest.starts_with("/*") {
            self.block_comment();
            return Some(empty);
        }
        if let Some(length) = raw_string(rest) {
            self.skip(length);
            return Some(empty);
        }
        if first == '"' || rest.starts_with("b\"") || rest.starts_with("c\"") {
            let start = if first == '"' { 1 } else { 2 };
            self.skip(start + quoted(&rest[start..], '"'));
            return Some(empty);
        }
        if first == '\'' {
            self.skip(quote(rest));
            return Some(empty);
        }
        if first.is_alphanumeric() || first == '_' {
            let word = |c: char| !(c.is_alphanumeric() || c == '_');
            let text = self.skip(rest.find(word).unwrap_or(rest.len()));
            return Some(Token { text, line });
        }
        let length = if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let text = self.skip(length);
        Some(Token {
            text: if first.is_whitespace() { "" } else { text },
            line,
        })
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            let rest = self.rest();
            if rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
            } else if let Some(c) = rest.chars().next() {
                self.skip(c.len_utf8());
            }
            if depth == 0 || self.rest().is_empty() {
                return;
            }
        }
    }
}

/// Length of the raw string that begins here.
fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let prefix = rest.len() - after.len();
    let hashes = after.len() - after.trim_start_matches('#').len();
    let body = after[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(prefix + hashes + 1 + length)
}

/// Length of a quoted text whose opening quote is behind, its closing one included.
fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Length of a character literal or a lifetime.
fn quote(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), _) => 1 + quoted(&rest[1..], '\''),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => {
            1 + rest[1..]
                .find(|c: char| !(c.is_alphanumeric() || c == '_'))
                .unwrap_or(0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_comments_and_strings_does_not_count() {
        let source = "fn a<'x>(b: &'x u8) { // no\n let c = '\\''; /* no /* no */ no */ \"n\\\"o\" \
                      r#\"n\"o\"# 'n' d::e }";
        let words: Vec<&str> = tokens(source).iter().map(|token| token.text).collect();
        let expected = "fn a < > ( b : & u8 ) { let c = ; d :: e }";
        assert_eq!(words.join(" "), expected);
        assert_eq!(tokens(source).last().map(|token| token.line), Some(2));
    }
}
