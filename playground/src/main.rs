//! Limpid inside a page. The page calls `main` again and again: the first four calls return the
//! bytes of the address of a buffer, the low one first. From then on, each call takes a request out
//! of the buffer and leaves the answer there.
//!
//! A function can only be exported under a name of its own by an attribute that is `unsafe`, and
//! `main` is exported anyway. What the buffer holds are atomics, which the page may write between
//! two calls; so nothing here needs unsafe code.

mod card;
mod request;
mod world;

// Where instructions are in a text is found as the command line finds it.
#[allow(dead_code)]
#[path = "../../cli/src/declared.rs"]
mod declared;
#[allow(dead_code)]
#[path = "../../cli/src/lines.rs"]
mod lines;

use std::process::ExitCode;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};

/// Bytes of the buffer.
const ROOM: usize = 8 << 20;

/// Four bytes of length, then a request or an answer.
static BUFFER: [AtomicU8; ROOM] = [const { AtomicU8::new(0) }; ROOM];

/// How often `main` was called.
static CALLS: AtomicU32 = AtomicU32::new(0);

fn main() -> ExitCode {
    let call = CALLS.load(Relaxed);
    if call < 4 {
        CALLS.store(call + 1, Relaxed);
        let address = BUFFER.as_ptr() as usize;
        return ExitCode::from((address >> (8 * call)) as u8);
    }
    let answer = request::answer(&taken());
    let answer = match answer.len() <= ROOM - 4 {
        true => answer,
        false => r#"{"error":"the answer does not fit into the buffer"}"#.into(),
    };
    put(0, &(answer.len() as u32).to_le_bytes());
    put(4, answer.as_bytes());
    ExitCode::SUCCESS
}

/// The request that is in the buffer.
fn taken() -> Vec<u8> {
    let byte = |at: usize| BUFFER[at].load(Relaxed);
    let len = u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)]) as usize;
    (4..4 + len.min(ROOM - 4)).map(byte).collect()
}

fn put(at: usize, bytes: &[u8]) {
    for (place, &byte) in BUFFER[at..].iter().zip(bytes) {
        place.store(byte, Relaxed);
    }
}
