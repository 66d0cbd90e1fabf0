//! Numbers as text, written without the machinery of formatting: a trace writes several of them for
//! each instruction.

use alloc::string::String;

/// Appends a number in decimal.
pub fn decimal(text: &mut String, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    append(text, &digits[at..]);
}

/// Appends a number with a sign in decimal.
pub fn signed(text: &mut String, number: i64) {
    if number < 0 {
        text.push('-');
    }
    decimal(text, number.unsigned_abs());
}

/// Appends a number in hexadecimal, with leading zeros up to `width` digits, of which there are at
/// most sixteen.
pub fn hex(text: &mut String, number: u64, width: usize) {
    let mut digits = [0; 16];
    let needed = (67 - number.leading_zeros() as usize) / 4;
    let width = width.max(needed).clamp(1, 16);
    for (at, digit) in digits[..width].iter_mut().enumerate() {
        *digit = hex_digit((number >> (4 * (width - 1 - at))) as u8 & 15);
    }
    append(text, &digits[..width]);
}

/// Appends bytes in hexadecimal.
pub fn bytes(text: &mut String, bytes: &[u8]) {
    text.reserve(2 * bytes.len());
    for byte in bytes {
        append(text, &[hex_digit(byte >> 4), hex_digit(byte & 15)]);
    }
}

fn hex_digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        nibble => b'a' + nibble - 10,
    }
}

fn append(text: &mut String, digits: &[u8]) {
    text.push_str(core::str::from_utf8(digits).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn check(number: u64) {
        let mut text = String::new();
        decimal(&mut text, number);
        assert_eq!(text, format!("{number}"));
        text.clear();
        signed(&mut text, number as i64);
        assert_eq!(text, format!("{}", number as i64));
        for width in [0, 1, 4, 8, 16] {
            text.clear();
            hex(&mut text, number, width);
            assert_eq!(text, format!("{number:0width$x}"));
        }
        text.clear();
        let mut highest_first = number.to_le_bytes();
        highest_first.reverse();
        bytes(&mut text, &highest_first);
        assert_eq!(text, format!("{number:016x}"));
    }

    #[test]
    fn numbers_are_those_of_the_formatting_machinery() {
        for shift in 0..64 {
            for near in [0, 1, u64::MAX] {
                check((1 << shift) + (near & !(u64::from(shift == 63 && near == 1) << 63)) % 2);
                check((1u64 << shift).wrapping_add(near));
            }
        }
        (0..2000).for_each(check);
    }
}
