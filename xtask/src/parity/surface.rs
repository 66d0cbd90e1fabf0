//! The public names of the library, read from its sources by their tokens.
//!
//! Macros are not expanded. Where one of them makes items whose names it is given, each word that
//! it is given in the place of such a name counts as one. What is not re-exported does not count.

use crate::tidy::lex::{self, Token};
use std::collections::{BTreeMap, BTreeSet};

/// The names of the API.
#[derive(Default)]
pub struct Surface {
    exported: BTreeSet<String>,
    members: BTreeSet<String>,
}

/// The words that each macro is given, one list for each invocation.
type Given<'t, 'a> = BTreeMap<&'t str, Vec<&'t [Token<'a>]>>;

/// Where items are: with the invocations of all macros, and in the body of one, if in any.
struct Place<'t, 'a> {
    given: &'t Given<'t, 'a>,
    own: &'t [&'t [Token<'a>]],
    /// The macro's parameters that are names, in order.
    columns: Vec<&'t str>,
}

impl<'t, 'a> Place<'t, 'a> {
    /// What an invocation gives for a parameter: a column if the invocation is a table of names,
    /// otherwise every word.
    fn column(&self, parameter: &str, given: &'t [Token<'a>]) -> Vec<&'t str> {
        let words = given.iter().map(|word| word.text);
        let words: Vec<&str> = words.filter(|word| is_word(word)).collect();
        let width = self.columns.len().max(1);
        let column = self.columns.iter().position(|name| *name == parameter);
        match column {
            // Its brackets are all that is there beside words.
            Some(column) if given.len() == words.len() + 2 && words.len().is_multiple_of(width) => {
                words.into_iter().skip(column).step_by(width).collect()
            }
            _ => words,
        }
    }

    /// The name that the tokens begin with; for a parameter, all that it is given.
    fn names(&self, tokens: &[Token<'_>]) -> Vec<String> {
        match tokens {
            [dollar, parameter, ..] if dollar.text == "$" => {
                let own = self.own.iter();
                let names = own.flat_map(|words| self.column(parameter.text, words));
                names.map(String::from).collect()
            }
            [name, ..] => vec![name.text.into()],
            [] => Vec::new(),
        }
    }
}

impl Surface {
    /// Reads the sources: `roots` export names, `files` have the items.
    pub fn read(roots: &[&str], files: &[&str]) -> Surface {
        let mut surface = Surface::default();
        for root in roots {
            surface.exports("", &lex::tokens(root));
        }
        let files: Vec<Vec<Token<'_>>> = files.iter().map(|text| lex::tokens(text)).collect();
        let mut given = Given::new();
        for tokens in &files {
            for (at, pair) in tokens.windows(2).enumerate() {
                if is_word(pair[0].text) && pair[1].text == "!" && pair[0].text != "macro_rules" {
                    let words = group(&tokens[at + 2..]);
                    given.entry(pair[0].text).or_default().push(words);
                }
            }
        }
        for tokens in &files {
            let place = Place {
                given: &given,
                own: &[],
                columns: Vec::new(),
            };
            surface.items(tokens, &place);
        }
        surface
    }

    /// Whether the API has the name; a type is found in each module that exports it.
    pub fn has(&self, path: &str) -> bool {
        let is_here = |path: &str| {
            let of = path.split("::").next().unwrap_or(path);
            self.exported.contains(path)
                || self.exported.contains(of) && self.members.contains(path)
        };
        let in_module = path.split_once("::").is_some_and(|(module, rest)| {
            let of = rest.split("::").next().unwrap_or(rest);
            self.exported.contains(&format!("{module}::{of}")) && self.members.contains(rest)
        });
        is_here(path) || in_module
    }

    /// The names that `pub use` and `pub mod` export.
    fn exports(&mut self, module: &str, tokens: &[Token<'_>]) {
        let mut at = 0;
        while at + 2 < tokens.len() {
            let [first, kind, name] = [0, 1, 2].map(|k| tokens[at + k].text);
            let inner = group(&tokens[(at + 3).min(tokens.len())..]);
            match (first, kind) {
                ("pub", "use") => {
                    let end = tokens[at..].iter().position(|token| token.text == ";");
                    let end = end.map_or(tokens.len(), |end| at + end + 1);
                    for pair in tokens[at..end].windows(2) {
                        if is_word(pair[0].text) && [",", "}", ";"].contains(&pair[1].text) {
                            self.exported.insert(format!("{module}{}", pair[0].text));
                        }
                    }
                    at = end;
                }
                ("pub", "mod") => {
                    self.exported.insert(format!("{module}{name}"));
                    self.exports(&format!("{module}{name}::"), inner);
                    at += 3 + inner.len();
                }
                _ => at += 1,
            }
        }
    }

    /// The items of a file or of a macro's body.
    fn items(&mut self, tokens: &[Token<'_>], place: &Place<'_, '_>) {
        let mut at = 0;
        while at + 2 < tokens.len() {
            let rest = &tokens[at..];
            let next = match rest[0].text {
                "macro_rules" => {
                    let body = group(&rest[3..]);
                    let is_exported = at >= 2 && tokens[at - 2].text == "macro_export";
                    if is_exported {
                        self.exported.insert(rest[2].text.into());
                    }
                    let own = place.given.get(rest[2].text);
                    let inside = Place {
                        given: place.given,
                        own: own.map_or(&[][..], |own| own),
                        columns: columns(body),
                    };
                    self.items(body, &inside);
                    3 + body.len()
                }
                "impl" => self.implementation(rest, place),
                "pub" => self.item(rest, place),
                _ => 1,
            };
            at += next;
        }
    }

    /// A block of methods; returns its length. Those of traits are no names.
    fn implementation(&mut self, rest: &[Token<'_>], place: &Place<'_, '_>) -> usize {
        let open = rest.iter().position(|token| token.text == "{");
        let Some(open) = open else {
            return 1;
        };
        let header = &rest[1..open];
        let body = group(&rest[open..]);
        if header.iter().all(|token| token.text != "for") {
            let start = angles(header);
            let name = &header[start.min(header.len())..];
            for owner in place.names(name) {
                self.methods(&owner, body, true, place);
            }
        }
        open + body.len()
    }

    /// A public item; returns the length that needs no second look.
    fn item(&mut self, rest: &[Token<'_>], place: &Place<'_, '_>) -> usize {
        if !["enum", "struct", "trait"].contains(&rest[1].text) {
            return 1;
        }
        let open = rest
            .iter()
            .position(|token| token.text == "{" || token.text == ";");
        let Some(open) = open.filter(|open| rest[*open].text == "{") else {
            return 1;
        };
        let body = group(&rest[open..]);
        for owner in place.names(&rest[2..]) {
            match rest[1].text {
                "enum" => self.variants(&owner, body, place),
                "trait" => self.methods(&owner, body, false, place),
                _ => self.fields(&owner, body),
            }
        }
        open + body.len()
    }

    fn methods(&mut self, owner: &str, body: &[Token<'_>], needs_pub: bool, place: &Place<'_, '_>) {
        let mut at = 1;
        let mut is_pub = false;
        while at + 2 < body.len() {
            let rest = &body[at..];
            match rest[0].text {
                "pub" if rest[1].text != "(" => is_pub = true,
                "fn" | "type" | "const" if ["fn", "unsafe", "async"].contains(&rest[1].text) => {}
                "fn" | "type" | "const" => {
                    if is_pub || !needs_pub {
                        self.member(owner, &rest[1..], place);
                    }
                    is_pub = false;
                }
                // A repetition of the macro that this is in.
                "$" if rest[1].text == "(" => at += 1,
                "{" | "(" | "[" => at += group(rest).len().max(1) - 1,
                ";" | "}" => is_pub = false,
                // A macro that makes methods here.
                name if rest[1].text == "!" => {
                    let words = group(&rest[2..]);
                    if place.given.contains_key(name) {
                        let words = words.iter().map(|word| word.text);
                        self.add(owner, words.filter(|word| is_word(word)));
                    }
                    at += 1 + words.len();
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn variants(&mut self, owner: &str, body: &[Token<'_>], place: &Place<'_, '_>) {
        let mut at = 1;
        let mut begins = true;
        while at + 1 < body.len() {
            let rest = &body[at..];
            match rest[0].text {
                "," => begins = true,
                "#" => at += group(&rest[1..]).len(),
                "$" if rest[1].text == "(" => at += 1,
                ")" | "*" => {}
                "{" | "(" => at += group(rest).len().max(1) - 1,
                _ if begins => {
                    self.member(owner, rest, place);
                    begins = false;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn fields(&mut self, owner: &str, body: &[Token<'_>]) {
        for field in body.windows(3) {
            if field[0].text == "pub" && field[2].text == ":" {
                self.members.insert(format!("{owner}::{}", field[1].text));
            }
        }
    }

    /// A member whose name is there, or is given to the macro that this is in.
    fn member(&mut self, owner: &str, name: &[Token<'_>], place: &Place<'_, '_>) {
        for words in place.own.iter().filter(|_| name[0].text == "$") {
            // What is given for this owner alone, if the macro makes several.
            let group_at = words
                .windows(2)
                .position(|pair| pair[0].text == owner && pair[1].text == "{");
            if let Some(at) = group_at {
                let words = group(&words[at + 1..]).iter().map(|word| word.text);
                self.add(owner, words.filter(|word| is_word(word)));
                return;
            }
        }
        let names = place.names(name);
        self.add(owner, names.iter().map(|name| &**name));
    }

    fn add<'n>(&mut self, owner: &str, names: impl Iterator<Item = &'n str>) {
        let paths = names.map(|name| format!("{owner}::{name}"));
        self.members.extend(paths);
    }
}

/// The parameters of a macro that are names.
fn columns<'t>(body: &'t [Token<'_>]) -> Vec<&'t str> {
    let arguments = body.iter().position(|token| token.text == "(");
    let arguments = arguments.map_or(body, |at| group(&body[at..]));
    let parameters = arguments
        .windows(4)
        .filter(|of| of[0].text == "$" && of[2].text == ":" && of[3].text == "ident");
    parameters.map(|of| of[1].text).collect()
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The group that the tokens begin with, its brackets included; nothing if they begin with none.
fn group<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return &tokens[..if at == 0 { 0 } else { at + 1 }];
        }
    }
    tokens
}

/// The length of the parameters in angle brackets that the tokens begin with.
fn angles(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return if at == 0 { 0 } else { at + 1 };
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "pub use self::a::{A, B, C}; pub mod m { pub use crate::a::A; }";
    const FILE: &str = "
        pub struct A<T> { pub field: u32, hidden: u32 }
        impl<T: Into<u8>> A<T> {
            pub const X: u32 = 1;
            pub(crate) fn inside() { pub_fn(); }
            pub const fn new(f: impl Fn(u8)) -> Self { fn nested() {} }
            fn private() {}
            methods! { made }
        }
        impl Clone for A<u8> { fn clone(&self) {} }
        pub enum B { #[doc] One, Two(A<u8>), Three { x: u8 } }
        pub trait C { type D; fn e(&self) {} }
        pub struct Unknown { pub x: u32 }
        macro_rules! methods { ($($name:ident)*) => {$( pub fn $name() {} )*} }
        macro_rules! enums { ($($name:ident { $($v:ident)* })*) => {$(
            pub enum $name { $($v),* }
        )*} }
        enums! { B { Four } E { Five } }
        macro_rules! table { ($($name:ident $other:ident)*) => {
            impl A { $(pub fn $name() {} pub fn also(other: $other) {})* }
        } }
        table! { first u8 second u16 }
        #[macro_export] macro_rules! bail { () => {} }
    ";

    #[test]
    fn what_the_sources_export_is_found() {
        let surface = Surface::read(&[ROOT], &[FILE]);
        for name in [
            "A",
            "A::field",
            "A::X",
            "A::new",
            "A::made",
            "B::One",
            "B::Two",
            "B::Three",
            "B::Four",
            "A::first",
            "A::second",
            "A::also",
            "C::D",
            "C::e",
            "m",
            "m::A",
            "m::A::new",
            "bail",
        ] {
            assert!(surface.has(name), "{name}");
        }
    }

    #[test]
    fn what_the_sources_do_not_export_is_not_found() {
        let surface = Surface::read(&[ROOT], &[FILE]);
        for name in [
            "A::hidden",
            "A::inside",
            "A::private",
            "A::nested",
            "A::clone",
            "A::u8",
            "A::u16",
            "B::x",
            "B::Five",
            "B::new",
            "C::new",
            "E",
            "E::Five",
            "Unknown",
            "Unknown::x",
            "m::B",
            "methods",
        ] {
            assert!(!surface.has(name), "{name}");
        }
    }
}
