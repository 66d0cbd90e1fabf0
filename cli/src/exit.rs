//! The one function that ends the process.

use super::outcome::Status;
use super::{report, screen};

/// Ends the process in the middle of a run, whose report is written before.
pub fn leave(status: Status, code: u8) -> ! {
    if let Err(failure) = report::write(status, code, None) {
        screen::tell(&failure);
    }
    std::process::exit(code.into())
}
