//! Paths that the command line names: how they are shown; none is empty, and no file that is read
//! is overwritten.

use super::outcome::Failure;
use limpid::observe::display;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// A path as it may be shown.
pub fn shown(path: &Path) -> String {
    match path.as_os_str() == STDIN {
        true => "<stdin>".to_owned(),
        false => display::name(&path.to_string_lossy()).into_owned(),
    }
}

/// A path and what it is: a flag, or the file that runs.
#[derive(Clone, Debug)]
pub struct Named {
    pub what: String,
    pub path: PathBuf,
}

impl Named {
    /// A path that was given as this.
    pub fn new(what: impl Into<String>, path: impl Into<PathBuf>) -> Named {
        let (what, path) = (what.into(), path.into());
        Named { what, path }
    }
}

/// Checks that a path is not empty; the system's message would not name it.
///
/// # Errors
/// When it is, as a fault of usage.
pub fn not_empty(what: &str, path: &Path) -> Result<(), Failure> {
    match path.as_os_str().is_empty() {
        true => Err(Failure::usage(format!("{what}: the path is empty"))),
        false => Ok(()),
    }
}

/// Checks that writing the outputs overwrites no input and no other output, by whatever path,
/// link or symbolic link.
///
/// # Errors
/// When one does, as a fault of usage.
pub fn distinct(outputs: &[Named], inputs: &[Named]) -> Result<(), Failure> {
    for (place, output) in outputs.iter().enumerate() {
        let others = inputs.iter().chain(&outputs[..place]);
        for other in others {
            if are_same(&output.path, &other.path) {
                let path = shown(&output.path);
                let text = format!("{} {path} would overwrite {}", output.what, other.what);
                return Err(Failure::usage(text).hint("give it a file of its own"));
            }
        }
    }
    Ok(())
}

/// Whether both are one file, which may not be there yet. What is no regular file, a terminal for
/// one, can be read and written at a time.
fn are_same(a: &Path, b: &Path) -> bool {
    match (fs::metadata(a), fs::metadata(b)) {
        (Ok(found), Ok(other)) => found.is_file() && same_file(a, &found, b, &other),
        (Err(_), Err(_)) => match (whole(a), whole(b)) {
            (Some(a), Some(b)) => a == b,
            (_, None) | (None, _) => false,
        },
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

#[cfg(unix)]
fn same_file(_: &Path, a: &Metadata, _: &Path, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Without numbers of files, hard links are not seen.
#[cfg(not(unix))]
fn same_file(a: &Path, _: &Metadata, b: &Path, _: &Metadata) -> bool {
    fs::canonicalize(a)
        .ok()
        .is_some_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b))
}

/// The directory, without links, and the name of a file that is not there.
fn whole(path: &Path) -> Option<(PathBuf, &OsStr)> {
    let dir = path.parent()?;
    let dir = if dir.as_os_str().is_empty() {
        Path::new(".")
    } else {
        dir
    };
    Some((fs::canonicalize(dir).ok()?, path.file_name()?))
}
