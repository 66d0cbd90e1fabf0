//! A directory for one test: `pre`, which the guest is granted as descriptor 3, and beside it `out`
//! with a secret, which must be as it was when the test is over.

use super::guest::Guest;
use limpid::wasi::{DirPerms, FilePerms, PathResolver, WasiCtxBuilder};
use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What nobody inside may ever read.
pub const SECRET: &[u8] = b"secret";

/// The descriptor of the first grant.
pub const ROOT: u32 = 3;

pub struct Fixture {
    pub base: TempDir,
    pub resolver: PathResolver,
    before: BTreeMap<PathBuf, String>,
}

/// Runs a test once for each way to resolve paths, in a directory of its own, and looks whether
/// what is outside is as before.
pub fn each(test: impl Fn(&Fixture)) {
    for resolver in [PathResolver::Best, PathResolver::Walk] {
        println!("resolver: {resolver:?}");
        let fixture = Fixture::new(resolver);
        test(&fixture);
        fixture.assert_untouched();
    }
}

impl Fixture {
    fn new(resolver: PathResolver) -> Fixture {
        let base = tempfile::tempdir().expect("a directory");
        let path = base.path();
        for dir in ["pre/a/b", "out/dir"] {
            std::fs::create_dir_all(path.join(dir)).expect("a directory");
        }
        std::fs::write(path.join("out/s"), SECRET).expect("a file");
        std::fs::write(path.join("out/dir/s"), SECRET).expect("a file");
        std::fs::write(path.join("pre/f"), "inside").expect("a file");
        std::fs::write(path.join("pre/a/s"), "inside").expect("a file");
        let before = tree(&path.join("out"));
        Fixture {
            base,
            resolver,
            before,
        }
    }

    /// A path on the host.
    pub fn path(&self, path: &str) -> PathBuf {
        self.base.path().join(path)
    }

    /// Makes a link as the host.
    pub fn host_link(&self, target: &str, path: &str) {
        std::os::unix::fs::symlink(target, self.path("pre").join(path)).expect("a link");
    }

    /// The builder of a context with this fixture's resolver.
    pub fn builder(&self) -> WasiCtxBuilder {
        let mut builder = WasiCtxBuilder::new();
        builder.path_resolver(self.resolver);
        builder
    }

    /// A guest with all power over `pre`.
    pub fn guest(&self) -> Guest {
        self.guest_with(|_| {})
    }

    /// A guest with all power over `pre`, and more.
    pub fn guest_with(&self, more: impl FnOnce(&mut WasiCtxBuilder)) -> Guest {
        let mut builder = self.builder();
        grant(&mut builder, &self.path("pre"), "/");
        more(&mut builder);
        Guest::new(builder.build_p1())
    }

    /// A guest that may only read `pre`, and has all power over `rw`, as descriptors 3 and 4.
    pub fn reader(&self) -> Guest {
        std::fs::create_dir_all(self.path("rw")).expect("a directory");
        let mut builder = self.builder();
        let granted =
            builder.preopened_dir(self.path("pre"), "/ro", DirPerms::READ, FilePerms::READ);
        granted.expect("a grant");
        grant(&mut builder, &self.path("rw"), "/rw");
        Guest::new(builder.build_p1())
    }

    /// What `pre` has.
    pub fn inside(&self) -> BTreeMap<PathBuf, String> {
        tree(&self.path("pre"))
    }

    pub fn assert_untouched(&self) {
        assert_eq!(tree(&self.path("out")), self.before, "what is outside");
    }
}

/// Grants a directory with all power.
pub fn grant(builder: &mut WasiCtxBuilder, host: &Path, guest: &str) {
    let granted = builder.preopened_dir(host, guest, DirPerms::all(), FilePerms::all());
    granted.expect("a grant");
}

/// Everything below a directory: what it is, what it has, how many names, and when it was written.
pub fn tree(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![dir.to_owned()];
    while let Some(path) = ahead.pop() {
        let meta = path.symlink_metadata().expect("it is there");
        let what = if meta.is_dir() {
            let entries = std::fs::read_dir(&path).expect("readable");
            ahead.extend(entries.map(|entry| entry.expect("readable").path()));
            "directory".to_owned()
        } else if meta.is_symlink() {
            format!("link to {:?}", std::fs::read_link(&path).expect("readable"))
        } else if meta.is_file() {
            format!(
                "{} names, {:?}",
                meta.nlink(),
                std::fs::read(&path).expect("readable")
            )
        } else {
            "something else".to_owned()
        };
        let written = (meta.mtime(), meta.mtime_nsec());
        found.insert(path, format!("{what}, written {written:?}"));
    }
    found
}
