//! The file form of a module: a header that names version and settings, then the binary. Nothing
//! in it is trusted: what is read is decoded and validated again.

use crate::api::engine::Engine;
use alloc::vec::Vec;

/// First bytes of a container.
const MAGIC: &[u8; 8] = b"\0limpid\0";
/// Raised when the form changes.
const FORM: u32 = 1;
/// Bytes of the header: magic, form, settings, checksum.
const HEADER: usize = 8 + 4 + 8 + 8;

/// The container of a binary.
pub(crate) fn write(engine: &Engine, binary: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + binary.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&FORM.to_le_bytes());
    out.extend_from_slice(&settings(engine).to_le_bytes());
    out.extend_from_slice(&hash(binary).to_le_bytes());
    out.extend_from_slice(binary);
    out
}

/// The binary in a container of this version and these settings.
pub(crate) fn read<'a>(engine: &Engine, bytes: &'a [u8]) -> Option<&'a [u8]> {
    let (header, binary) = bytes.split_at_checked(HEADER)?;
    let mut expected = Vec::with_capacity(HEADER);
    expected.extend_from_slice(MAGIC);
    expected.extend_from_slice(&FORM.to_le_bytes());
    expected.extend_from_slice(&settings(engine).to_le_bytes());
    expected.extend_from_slice(&hash(binary).to_le_bytes());
    (header == expected).then_some(binary)
}

/// Hashes the parts of the version and settings that a module depends on.
fn settings(engine: &Engine) -> u64 {
    let config = engine.config();
    let text = alloc::format!(
        "{} {:?} {:?}",
        env!("CARGO_PKG_VERSION"),
        config.features(),
        config.settings
    );
    hash(text.as_bytes())
}

/// FNV-1a, against damage and mix-ups, not against forgery.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
