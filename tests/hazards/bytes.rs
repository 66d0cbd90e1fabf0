//! Modules as bytes (spec: binary/modules), for what the text format cannot say or would take long
//! to say.

/// An unsigned LEB128 number.
pub fn leb(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A non-negative signed LEB128 number, as type indices are in heap types.
pub fn sleb(value: u64) -> Vec<u8> {
    let mut bytes = leb(value);
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}

/// The largest count there is: 2^32 - 1.
pub const HUGE: [u8; 5] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];

/// Bytes of several parts.
pub fn cat<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend_from_slice(part.as_ref());
    }
    bytes
}

/// A vector: a count before its elements.
pub fn vector(count: usize, elements: impl AsRef<[u8]>) -> Vec<u8> {
    cat(&[&leb(count as u64)[..], elements.as_ref()])
}

/// Bytes with their length before them.
pub fn sized(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    vector(bytes.as_ref().len(), bytes)
}

/// A section.
pub fn section(id: u8, contents: impl AsRef<[u8]>) -> Vec<u8> {
    cat(&[&[id][..], &sized(contents)])
}

/// A module of sections.
pub fn module<S: AsRef<[u8]>>(sections: &[S]) -> Vec<u8> {
    cat(&[b"\0asm\x01\0\0\0", &cat(sections)[..]])
}

/// A function body with its size: declarations of locals, then code without its last `end`.
pub fn body(locals: &[u8], code: &[u8]) -> Vec<u8> {
    sized(cat(&[locals, code, &[0x0B]]))
}

/// A module whose function 0, exported as `f`, has one parameter and one result of type `i32`.
pub fn function(locals: &[u8], code: &[u8]) -> Vec<u8> {
    module(&[
        section(1, [1, 0x60, 1, 0x7F, 1, 0x7F]),
        section(3, [1, 0]),
        section(7, [1, 1, b'f', 0, 0]),
        section(10, vector(1, body(locals, code))),
    ])
}

/// No locals.
pub const NONE: &[u8] = &[0];
