//! Paths as guests write them: taken apart here, and put together again without slashes at their
//! end. Backslashes and colons are ordinary bytes. Knows no files.

use crate::wasi::host::error::ErrorCode;

/// The longest path, as Linux has it without its last zero byte.
pub(super) const LONGEST: usize = 4095;

/// A path taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Parts<'p> {
    /// Names and `..` that lead to the directory, in order.
    pub parents: Vec<&'p [u8]>,
    /// The name in it; nothing when the path is that directory itself, as `.` and `a/..` are.
    pub name: Option<&'p [u8]>,
    /// Whether slashes end it: it can only be a directory then.
    pub slash: bool,
}

/// Refuses what can be no path of a guest, whatever is there.
pub(super) fn check(path: &str) -> Result<(), ErrorCode> {
    if path.is_empty() {
        return Err(ErrorCode::NoEntry);
    }
    if path.len() > LONGEST {
        return Err(ErrorCode::NameTooLong);
    }
    if path.contains('\0') {
        return Err(ErrorCode::Invalid);
    }
    if path.starts_with('/') {
        return Err(ErrorCode::NotPermitted);
    }
    Ok(())
}

/// Takes a relative path apart.
pub(super) fn parts(path: &[u8]) -> Parts<'_> {
    let mut parents: Vec<&[u8]> = components(path).collect();
    let end = path.iter().rposition(|byte| *byte != b'/');
    let trimmed = &path[..end.map_or(0, |end| end + 1)];
    let slash = trimmed.len() < path.len();
    let last = trimmed.rsplit(|byte| *byte == b'/').next();
    let ends_here = last == Some(b".") || parents.last().is_none_or(|name| *name == b"..");
    let name = if ends_here { None } else { parents.pop() };
    Parts {
        parents,
        name,
        slash,
    }
}

/// Returns the components of a path in order, without empty ones and `.`.
pub(super) fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let names = path.split(|byte| *byte == b'/');
    names.filter(|name| !name.is_empty() && *name != b".")
}

impl Parts<'_> {
    /// Returns whether it can only be a directory.
    pub fn is_directory(&self) -> bool {
        self.slash || self.name.is_none()
    }

    /// The directory alone; nothing when it is where the path begins.
    pub fn directory(&self) -> Option<Vec<u8>> {
        match self.parents.is_empty() {
            true => None,
            false => Some(self.parents.join(&b'/')),
        }
    }

    /// The whole, without slashes at its end.
    pub fn whole(&self) -> Vec<u8> {
        let all: Vec<&[u8]> = self.parents.iter().copied().chain(self.name).collect();
        match all.is_empty() {
            true => b".".to_vec(),
            false => all.join(&b'/'),
        }
    }

    /// The path with a link's target in the place of its name.
    pub fn followed(&self, target: &[u8]) -> Result<Vec<u8>, ErrorCode> {
        if target.starts_with(b"/") {
            return Err(ErrorCode::NotPermitted);
        }
        let mut path = self.directory().map_or(Vec::new(), |mut directory| {
            directory.push(b'/');
            directory
        });
        path.extend_from_slice(target);
        if self.slash {
            path.push(b'/');
        }
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_parts(path: &str, directory: &str, name: Option<&str>, slash: bool) {
        let parts = parts(path.as_bytes());
        assert_eq!(parts.parents.join(&b'/'), directory.as_bytes(), "{path}");
        assert_eq!(parts.name, name.map(str::as_bytes), "{path}");
        assert_eq!(parts.slash, slash, "{path}");
    }

    #[test]
    fn paths_come_apart() {
        check_parts("a", "", Some("a"), false);
        check_parts("a/b", "a", Some("b"), false);
        check_parts("./a//b///", "a", Some("b"), true);
        check_parts("a/.", "a", None, false);
        check_parts("a/./", "a", None, true);
        check_parts("a/..", "a/..", None, false);
        check_parts("../", "..", None, true);
        check_parts(".", "", None, false);
        check_parts("a/../b", "a/..", Some("b"), false);
        check_parts(r"C:\a", "", Some(r"C:\a"), false);
    }
}
