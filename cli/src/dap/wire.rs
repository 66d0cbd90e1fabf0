//! Messages of the Debug Adapter Protocol: JSON behind a header with its length.

use serde_json::Value;
use std::io::{self, BufRead, Write};

/// Most bytes of a message.
const MOST: usize = 64 << 20;

/// Reads a message; `None` at the end of the input.
///
/// # Errors
/// When the input is no message, or cannot be read.
pub fn read(input: &mut dyn BufRead) -> io::Result<Option<Value>> {
    let mut len = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            len = value.trim().parse::<usize>().ok();
        }
    }
    let wrong = |text: &str| io::Error::new(io::ErrorKind::InvalidData, text);
    let len = len.filter(|len| *len <= MOST);
    let len = len.ok_or_else(|| wrong("a message needs a header `Content-Length: N`"))?;
    let mut body = vec![0; len];
    input.read_exact(&mut body)?;
    let message = serde_json::from_slice(&body);
    message.map(Some).map_err(|error| wrong(&error.to_string()))
}

/// Writes a message.
///
/// # Errors
/// When nobody reads it.
pub fn write(output: &mut dyn Write, message: &Value) -> io::Result<()> {
    let body = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}

/// Bytes in base64, as the protocol passes memory.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            match place <= group.len() {
                true => text.push(LETTERS[(bits >> (18 - 6 * place)) as usize & 63].into()),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_one_after_another() {
        let text = "Content-Length: 7\r\n\r\n{\"a\":1}content-length:2\r\nX: y\r\n\r\n{}";
        let mut input = text.as_bytes();
        let first = read(&mut input).expect("whole").expect("there");
        assert_eq!(first["a"], 1);
        assert_eq!(
            read(&mut input).expect("whole"),
            Some(serde_json::json!({}))
        );
        assert_eq!(read(&mut input).expect("whole"), None);
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        for text in [
            "\r\n{}",
            "Content-Length: x\r\n\r\n{}",
            "Content-Length: 1\r\n\r\n{",
        ] {
            read(&mut text.as_bytes()).expect_err(text);
        }
        read(&mut &b"Content-Length: 99999999999\r\n\r\n"[..]).expect_err("too long");
        read(&mut &b"Content-Length: 10\r\n\r\n{}"[..]).expect_err("cut");
    }

    #[test]
    fn letters_of_base64() {
        let check = |bytes: &[u8], expected: &str| assert_eq!(base64(bytes), expected);
        check(b"", "");
        check(b"f", "Zg==");
        check(b"fo", "Zm8=");
        check(b"foo", "Zm9v");
        check(&[0xFB, 0xFF, 0xFE, 0], "+//+AA==");
    }
}
