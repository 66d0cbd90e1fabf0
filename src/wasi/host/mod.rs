//! What WASI means, apart from how any version of it is called: time, chance, streams, files,
//! sockets, waiting, and what a guest was granted. Knows nothing of guest memory, of error numbers
//! or of tables of descriptors; those belong to the faces.
//!
//! Reading order: `error`, `clock`, `random`, `stdio`, `pipe`, `input` (standard input that can be
//! waited for), `fs`, `sockets`, `poll`, `context`. The systems are in `unix`, `linux` and
//! `unsupported`, and nowhere else.

pub mod clock;
pub mod context;
pub mod error;
pub mod fs;
pub mod input;
#[cfg(target_os = "linux")]
mod linux;
pub mod pipe;
pub mod poll;
pub mod random;
pub mod sockets;
pub mod stdio;
#[cfg(unix)]
mod unix;
#[cfg(not(unix))]
mod unsupported;

#[cfg(unix)]
use unix as os;
#[cfg(not(unix))]
use unsupported as os;
