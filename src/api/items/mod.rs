//! What instances are made of, as handles: functions, memories, tables, globals, tags.

pub(crate) mod exceptions;
pub(crate) mod externs;
pub(crate) mod func;
pub(crate) mod global;
pub(crate) mod instance;
pub(crate) mod instantiate;
pub(crate) mod memory;
pub(crate) mod resumable;
pub(crate) mod shared;
#[cfg(feature = "observe")]
pub(crate) mod stepping;
pub(crate) mod table;
pub(crate) mod tag;
pub(crate) mod typed;
