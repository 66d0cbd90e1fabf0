//! Texts that go into a page: strings and lists of JSON, and base64. Knows nothing of runs.

use alloc::string::String;
use core::fmt::Write;

/// Appends a string as JSON writes it. What could end a script or open a tag is escaped, too.
pub fn json(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                out.push('\\');
                out.push(letter);
            }
            '<' | '>' | '&' | '\0'..='\x1f' | '\x7f' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter), // Everything else stands for itself.
        }
    }
    out.push('"');
}

/// Appends a list, each item by a closure.
pub fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut one: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        one(out, item);
    }
    out.push(']');
}

/// The digits of base64.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Appends bytes as base64 with padding.
pub fn base64(out: &mut String, bytes: &[u8]) {
    out.reserve(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            match digit <= group.len() {
                true => out.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63])),
                false => out.push('='),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        let check = |bytes: &[u8], expected: &str| {
            let mut text = String::new();
            base64(&mut text, bytes);
            assert_eq!(text, expected);
        };
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(b"\xff\xfe\xfd\xfc", "//79/A==");
    }

    #[test]
    fn json_holds_no_tag() {
        let mut text = String::new();
        json(&mut text, "</script>&\"\\\n\u{2028}é");
        assert_eq!(
            text,
            "\"\\u003c/script\\u003e\\u0026\\\"\\\\\\u000a\\u2028é\""
        );
    }
}
