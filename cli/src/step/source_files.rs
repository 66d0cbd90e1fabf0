//! Source files that debug information names. A guest may have written that, so files are read only
//! below one directory, which the user names, and never a large one.

use std::fs;
use std::path::{Component, Path, PathBuf};

/// Most bytes of a file.
const LARGEST: u64 = 8 << 20;

/// The directory below which source files are read.
#[derive(Clone, Debug)]
pub struct SourceDir(PathBuf);

impl SourceDir {
    /// A directory.
    ///
    /// # Errors
    /// When there is no such directory.
    pub fn new(path: &Path) -> std::io::Result<SourceDir> {
        fs::canonicalize(path).map(SourceDir)
    }

    /// The text of a file that debug information names: the file below the directory whose path
    /// ends as the name does, with as much of the name as possible.
    pub fn text(&self, name: &str) -> Option<String> {
        let parts: Vec<&std::ffi::OsStr> = Path::new(name)
            .components()
            .filter_map(|part| match part {
                Component::Normal(part) => Some(part),
                Component::Prefix(_)
                | Component::RootDir
                | Component::CurDir
                | Component::ParentDir => None,
            })
            .collect();
        // A name that is a whole path of this machine is tried as it is, first.
        let whole = Path::new(name).strip_prefix(&self.0).ok();
        let whole = whole.map(Path::to_owned).into_iter();
        let ends = (0..parts.len()).map(|from| parts[from..].iter().collect::<PathBuf>());
        whole.chain(ends).find_map(|end| self.read(&end))
    }

    fn read(&self, end: &Path) -> Option<String> {
        // Links are followed before the comparison.
        let path = fs::canonicalize(self.0.join(end)).ok()?;
        let meta = fs::metadata(&path).ok()?;
        if !path.starts_with(&self.0) || !meta.is_file() || meta.len() > LARGEST {
            return None;
        }
        fs::read_to_string(path).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<&str>) {
        let dir = tempfile::tempdir().expect("a directory");
        let (inner, outer) = (dir.path().join("src"), dir.path().join("secret.c"));
        fs::create_dir_all(inner.join("deep")).expect("a directory");
        fs::write(inner.join("deep/a.c"), "deep").expect("a file");
        fs::write(inner.join("a.c"), "flat").expect("a file");
        fs::write(outer, "secret").expect("a file");
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret.c", inner.join("link.c")).expect("a link");
        let found = SourceDir::new(&inner).expect("it is there").text(name);
        assert_eq!(found.as_deref(), expected, "{name}");
    }

    #[test]
    fn files_are_found_below_the_directory_only() {
        check("a.c", Some("flat"));
        check("/build/project/deep/a.c", Some("deep"));
        check("/elsewhere/a.c", Some("flat"));
        check("../secret.c", None);
        check("/secret.c", None);
        check("link.c", None);
        check("deep", None);
        check("", None);
    }
}
