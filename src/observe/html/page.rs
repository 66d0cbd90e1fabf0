//! The page of a recorded run.

use super::inline;
use super::recorder::{Compress, Recording};
use super::text::base64;
use alloc::string::String;

/// Returns the page of a recorded run.
pub fn trace(recording: &Recording, compress: Compress<'_>) -> String {
    let mut data = String::new();
    base64(&mut data, &compress(recording.meta.as_bytes()));
    data.push('\n');
    base64(&mut data, &recording.memory);
    for chunk in &recording.chunks {
        data.push('\n');
        base64(&mut data, chunk);
    }
    inline::trace(&data)
}
