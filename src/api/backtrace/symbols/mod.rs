//! Where frames come from in the source: functions, files and lines, as DWARF in custom sections
//! says. Nothing is read before somebody asks. With the feature `dwarf`; without it nothing is
//! known, and the names stay.

#[cfg(feature = "dwarf")]
mod demangle;
#[cfg(feature = "dwarf")]
mod dwarf;
#[cfg(feature = "dwarf")]
mod lines;
#[cfg(feature = "dwarf")]
mod metered;
#[cfg(all(test, feature = "dwarf", feature = "wat"))]
mod tests;

use crate::api::backtrace::{FrameInfo, WasmBacktrace};
use crate::exec::append::Once;
use alloc::string::String;
use alloc::vec::Vec;

#[cfg(feature = "dwarf")]
pub use demangle::demangle;

/// Returns where instructions of a module come from in its source: for each byte offset the
/// functions of the source that it is in, innermost first, as far as debug information tells.
#[cfg(feature = "dwarf")]
pub fn locate(module: &crate::api::module::Module, offsets: &[usize]) -> Vec<Vec<FrameSymbol>> {
    let offsets: Vec<Option<usize>> = offsets.iter().copied().map(Some).collect();
    dwarf::locate(module.syntax(), &offsets)
}

/// A function of the source code that a frame is in, with a file and a line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FrameSymbol {
    pub(super) name: Option<String>,
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
    pub(super) column: Option<u32>,
}

impl FrameSymbol {
    /// Returns the function's name as its source has it.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the path of the source file.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Returns the line, counted from 1.
    pub fn line(&self) -> Option<u32> {
        self.line
    }

    /// Returns the column, counted from 1.
    pub fn column(&self) -> Option<u32> {
        self.column
    }
}

/// What is known of a frame's source, once it was asked for.
pub(crate) type Symbols = Once<Vec<FrameSymbol>>;

impl FrameInfo {
    /// Returns the functions of the source that the frame is in, innermost first: more than one
    /// where functions were inlined. The list is empty without debug information (DWARF in custom
    /// sections), without the feature `dwarf`, or when
    /// [`Config::wasm_backtrace_details`](crate::Config::wasm_backtrace_details) is off.
    ///
    /// The debug information is read when this is first asked for;
    /// [`WasmBacktrace::resolve`] does that once for all frames.
    pub fn symbols(&self) -> &[FrameSymbol] {
        if self.symbols.get().is_none() {
            resolve(core::slice::from_ref(self));
        }
        self.symbols.get().map_or(&[], Vec::as_slice)
    }
}

impl WasmBacktrace {
    /// Finds the source of all frames at once, which is faster than one by one.
    pub fn resolve(&self) {
        resolve(self.frames());
    }
}

/// Frames of the same module are looked up together.
#[cfg(feature = "dwarf")]
fn resolve(frames: &[FrameInfo]) {
    for (at, first) in frames.iter().enumerate() {
        if first.symbols.get().is_some() {
            continue;
        }
        let same = |frame: &&FrameInfo| {
            frame.symbols.get().is_none()
                && crate::api::module::Module::same(&frame.module, &first.module)
        };
        let group: Vec<&FrameInfo> = frames[at..].iter().filter(same).collect();
        let offsets: Vec<Option<usize>> = group.iter().map(|frame| frame.offset).collect();
        let found = match first.module.engine().config().backtrace_details {
            true => dwarf::locate(first.module.syntax(), &offsets),
            false => alloc::vec![Vec::new(); group.len()],
        };
        for (frame, symbols) in group.into_iter().zip(found) {
            // Another thread may have been first, with the same.
            let _ = frame.symbols.set(symbols);
        }
    }
}

/// Nothing is known.
#[cfg(not(feature = "dwarf"))]
fn resolve(_: &[FrameInfo]) {}
