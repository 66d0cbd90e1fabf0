//! A setting, and where it comes from.

use std::fmt;

/// Where a setting comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// A line of a file, as it may be shown.
    File(String, usize),
    /// A variable.
    Variable(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(file, line) => write!(f, "{file}:{line}"),
            Origin::Variable(name) => f.write_str(name),
        }
    }
}

/// A setting: `wasm.fuel`, and its value, or those of a list.
#[derive(Clone, Debug)]
pub struct Setting {
    pub key: String,
    pub values: Vec<String>,
    pub origin: Origin,
}
