//! What a file is, by its first bytes: a module, a text, or something that is often taken for one.

use std::path::Path;

/// What a file is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A binary module, or nothing that is known.
    Binary,
    /// A module in the text format.
    Text,
    /// Something else, and what may help.
    Other(&'static str, Option<&'static str>),
}

const GUNZIP: Option<&str> =
    Some("unpack it first, for instance with `gunzip -c FILE | limpid run -`");
const UNZSTD: Option<&str> =
    Some("unpack it first, for instance with `zstd -dc FILE | limpid run -`");
const UNXZ: Option<&str> = Some("unpack it first, for instance with `xz -dc FILE | limpid run -`");
const BUNZIP: Option<&str> =
    Some("unpack it first, for instance with `bzip2 -dc FILE | limpid run -`");
const UNPACK: Option<&str> = Some("unpack it first");
const NATIVE: Option<&str> = Some("build it for a WebAssembly target, such as wasm32-wasip1");
const LINK: Option<&str> = Some("link it into a module first, with `wasm-ld` for instance");
const UTF8: Option<&str> = Some("save it as UTF-8");

/// First bytes, and what begins with them.
const KNOWN: &[(&[u8], &str, Option<&str>)] = &[
    (b"\x1f\x8b", "compressed with gzip", GUNZIP),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", UNZSTD),
    (b"\xfd7zXZ\0", "compressed with xz", UNXZ),
    (b"BZh", "compressed with bzip2", BUNZIP),
    (b"\x04\x22\x4d\x18", "compressed with lz4", UNPACK),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", None),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (b"!<arch>\n", "an archive of object files", LINK),
    (b"!<thin>\n", "an archive of object files", LINK),
    (
        b"\x7fELF",
        "an ELF file: a native program, or a module that wasmtime has compiled",
        NATIVE,
    ),
    (
        b"\xfe\xed\xfa\xce",
        "a Mach-O file, a native program",
        NATIVE,
    ),
    (
        b"\xfe\xed\xfa\xcf",
        "a Mach-O file, a native program",
        NATIVE,
    ),
    (
        b"\xce\xfa\xed\xfe",
        "a Mach-O file, a native program",
        NATIVE,
    ),
    (
        b"\xcf\xfa\xed\xfe",
        "a Mach-O file, a native program",
        NATIVE,
    ),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mach-O file", NATIVE),
    (b"MZ", "a Windows program", NATIVE),
    (b"BC\xc0\xde", "LLVM bitcode", LINK),
    (b"#!", "a script", None),
    (b"<", "an HTML or XML document", None),
    (b"%PDF", "a PDF document", None),
    (b"\xff\xfe", "a text in UTF-16", UTF8),
    (b"\xfe\xff", "a text in UTF-16", UTF8),
];

/// The mark that some editors put before a text in UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a file is, by its bytes, and where these tell nothing, by its name.
pub fn kind(path: &Path, bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"\0asm") {
        return Kind::Binary;
    }
    // One of these begins with a parenthesis, as texts do.
    let known = KNOWN.iter().find(|(first, ..)| bytes.starts_with(first));
    if let Some(&(_, what, help)) = known {
        return Kind::Other(what, help);
    }
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'(' | b';')) {
        return Kind::Text;
    }
    let named = path.extension().is_some_and(|ending| ending == "wat");
    match (named, bytes.is_empty()) {
        (true, _) if !bytes.starts_with(b"\0") => Kind::Text,
        (_, true) => Kind::Other("empty", None),
        (_, false) => Kind::Binary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_beginning_is_recognised() {
        for (first, what, help) in KNOWN {
            let bytes = [first, &b"rest of the file"[..]].concat();
            let found = kind(Path::new("m.wasm"), &bytes);
            assert_eq!(found, Kind::Other(what, *help));
            // No module, text or binary, begins so.
            assert!(!b"\0asm".starts_with(first) && !b"(;".starts_with(first));
        }
    }

    #[test]
    fn texts_and_modules() {
        for (name, bytes, kind) in [
            ("a.wasm", &b"\0asm\x01\0\0\0"[..], Kind::Binary),
            ("a.wat", b"\0asm\x01\0\0\0", Kind::Binary),
            ("a", b" \n(module)", Kind::Text),
            ("a", b"\xef\xbb\xbf(module)", Kind::Text),
            ("a", b";; only a remark", Kind::Text),
            ("a.wat", b"", Kind::Text),
            ("a.wat", b"module", Kind::Text),
            ("a.wasm", b"", Kind::Other("empty", None)),
            ("a.wasm", b"module", Kind::Binary),
            (
                "a.wat",
                b"\x1f\x8b\x08",
                Kind::Other("compressed with gzip", GUNZIP),
            ),
        ] {
            assert_eq!(
                super::kind(Path::new(name), bytes),
                kind,
                "{name} {bytes:?}"
            );
        }
    }
}
