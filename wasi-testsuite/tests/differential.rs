//! Paths against another implementation: random trees with links, random functions on random paths,
//! done by Limpid with each of its resolvers and by cap-std, each on a tree of its own. Answers and
//! trees must be the same.

#![cfg(unix)]

use cap_std::ambient_authority;
use cap_std::fs::{Dir as CapDir, OpenOptions, OpenOptionsExt};
use limpid::wasi::host::error::ErrorCode;
use limpid::wasi::host::fs::{Dir, OpenHow, Opened};
use limpid::wasi::{DirPerms, FilePerms, PathResolver, RandomSource, SeededRandom};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Trees, and functions done on each.
const TREES: u64 = 200;
const STEPS: u64 = 60;

/// What the secret outside is, which nobody may read.
const SECRET: &str = "secret";

/// Random choices.
struct Chance(SeededRandom);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes).expect("never ends");
        u64::from_le_bytes(bytes) % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    /// A path of some names, dots and slashes.
    fn path(&mut self) -> String {
        let names = [
            "a", "b", "c", "l", "m", "n", "a", "l", ".", "..", "new", "out", "pre",
        ];
        let mut path = String::new();
        if self.below(40) == 0 {
            path.push('/');
        }
        let parts = 1 + self.below(4);
        for part in 0..parts {
            if part > 0 {
                path.push_str(self.one(&["/", "/", "/", "//", "/./"]));
            }
            path.push_str(self.one(&names));
        }
        if self.below(6) == 0 {
            path.push_str(self.one(&["/", "//", "/."]));
        }
        path
    }
}

/// One thing to do, to one or two paths.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    Read,
    ReadNoLink,
    Write,
    Create,
    CreateNew,
    Truncate,
    List,
    Stat,
    StatLink,
    ReadLink,
    MakeDir,
    RemoveDir,
    Unlink,
    Rename,
    Link,
    Symlink,
}

const ALL: [Step; 16] = [
    Step::Read,
    Step::ReadNoLink,
    Step::Write,
    Step::Create,
    Step::CreateNew,
    Step::Truncate,
    Step::List,
    Step::Stat,
    Step::StatLink,
    Step::ReadLink,
    Step::MakeDir,
    Step::RemoveDir,
    Step::Unlink,
    Step::Rename,
    Step::Link,
    Step::Symlink,
];

/// What a step says: something seen, or an error and whether it is that of an escape.
type Answer = Result<String, (bool, String)>;

/// What is written by steps that write.
const WRITTEN: &[u8] = b"w";

fn limpid(dir: &Dir, step: Step, path: &str, other: &str) -> Answer {
    let open = |how: OpenHow| dir.open(path, &how);
    let how = OpenHow {
        follow: true,
        ..OpenHow::default()
    };
    let answer = match step {
        Step::Read => open(OpenHow { read: true, ..how }).and_then(read),
        Step::ReadNoLink => open(OpenHow {
            read: true,
            follow: false,
            ..how
        })
        .and_then(read),
        Step::Write => open(OpenHow { write: true, ..how }).and_then(write),
        Step::Create => open(OpenHow {
            write: true,
            create: true,
            ..how
        })
        .and_then(write),
        Step::CreateNew => {
            let how = OpenHow {
                write: true,
                create: true,
                exclusive: true,
                ..how
            };
            open(how).and_then(write)
        }
        Step::Truncate => open(OpenHow {
            write: true,
            truncate: true,
            ..how
        })
        .and_then(write),
        Step::List => open(OpenHow {
            read: true,
            directory: true,
            ..how
        })
        .and_then(read),
        Step::Stat => dir.stat_at(path, true).map(|stat| stat.inode.to_string()),
        Step::StatLink => dir.stat_at(path, false).map(|stat| stat.inode.to_string()),
        Step::ReadLink => dir
            .read_link(path)
            .map(|target| String::from_utf8_lossy(&target).into_owned()),
        Step::MakeDir => dir.create_dir(path).map(|()| String::new()),
        Step::RemoveDir => dir.remove_dir(path).map(|()| String::new()),
        Step::Unlink => dir.unlink(path).map(|()| String::new()),
        Step::Rename => dir.rename(path, dir, other).map(|()| String::new()),
        Step::Link => dir.link(path, false, dir, other).map(|()| String::new()),
        Step::Symlink => dir.symlink(other, path).map(|()| String::new()),
    };
    answer.map_err(|error| (error == ErrorCode::NotPermitted, format!("{error:?}")))
}

fn read(opened: Opened) -> Result<String, ErrorCode> {
    match opened {
        Opened::File(file) => {
            let mut bytes = [0; 100];
            let len = file.read(&mut bytes, true)?;
            Ok(String::from_utf8_lossy(&bytes[..len]).into_owned())
        }
        Opened::Dir(dir) => {
            let list = dir.list(&limpid::wasi::host::fs::ListingRoom::new(1 << 20))?;
            let names = list
                .entries()
                .iter()
                .skip(2)
                .map(|entry| entry.name.to_string());
            let mut names: Vec<String> = names.collect();
            names.sort();
            Ok(names.join(" "))
        }
    }
}

fn write(opened: Opened) -> Result<String, ErrorCode> {
    match opened {
        Opened::File(file) => file.write(WRITTEN).map(|_| String::new()),
        Opened::Dir(_) => Err(ErrorCode::IsDirectory),
    }
}

fn cap_std(dir: &CapDir, step: Step, path: &str, other: &str) -> Answer {
    let open = |options: &mut OpenOptions| dir.open_with(path, options);
    let write = |options: &mut OpenOptions| {
        open(options.write(true))?
            .write_all(WRITTEN)
            .map(|()| String::new())
    };
    let read = |options: &mut OpenOptions| {
        let mut file = open(options.read(true))?;
        if file.metadata()?.is_dir() {
            return list(&dir.open_dir(path)?);
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(text)
    };
    const NO_FOLLOW: i32 = 0o400_000;
    let inode = |meta: cap_std::fs::Metadata| cap_std::fs::MetadataExt::ino(&meta).to_string();
    let answer = match step {
        Step::Read => read(&mut OpenOptions::new()),
        Step::ReadNoLink => read(OpenOptions::new().custom_flags(NO_FOLLOW)),
        Step::Write => write(&mut OpenOptions::new()),
        Step::Create => write(OpenOptions::new().create(true)),
        Step::CreateNew => write(OpenOptions::new().create_new(true)),
        Step::Truncate => write(OpenOptions::new().truncate(true)),
        Step::List => dir.open_dir(path).and_then(|dir| list(&dir)),
        Step::Stat => dir.metadata(path).map(inode),
        // It drops what ends the path; systems look into the directory then, through a link too.
        Step::StatLink if path.ends_with(['/', '.']) => dir.metadata(path).map(inode),
        Step::StatLink => dir.symlink_metadata(path).map(inode),
        Step::ReadLink => dir
            .read_link_contents(path)
            .map(|target| target.to_string_lossy().into_owned()),
        Step::MakeDir => dir.create_dir(path).map(|()| String::new()),
        // It refuses slashes at the end, with which systems remove a directory as without.
        Step::RemoveDir => {
            let trimmed = path.trim_end_matches('/');
            let path = if trimmed.is_empty() { path } else { trimmed };
            dir.remove_dir(path).map(|()| String::new())
        }
        Step::Unlink => dir.remove_file(path).map(|()| String::new()),
        // It drops slashes at the end of the second path; only a directory gets such a name.
        Step::Rename if other.ends_with('/') => {
            let trimmed = path.trim_end_matches('/');
            match dir.symlink_metadata(if trimmed.is_empty() { path } else { trimmed }) {
                Ok(meta) if !meta.is_dir() => Err(std::io::ErrorKind::NotADirectory.into()),
                Ok(_) | Err(_) => dir.rename(path, dir, other).map(|()| String::new()),
            }
        }
        Step::Rename => dir.rename(path, dir, other).map(|()| String::new()),
        Step::Link => dir.hard_link(path, dir, other).map(|()| String::new()),
        Step::Symlink => dir.symlink(other, path).map(|()| String::new()),
    };
    let escape = |error: &std::io::Error| error.to_string().contains("outside of the filesystem");
    answer.map_err(|error| (escape(&error), error.to_string()))
}

fn list(dir: &CapDir) -> std::io::Result<String> {
    let mut names = Vec::new();
    for entry in dir.entries()? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names.join(" "))
}

/// A tree, the same for the same seed: `pre` with directories, files and links, `out` beside it.
fn plant(base: &Path, chance: &mut Chance) {
    let (pre, out) = (base.join("pre"), base.join("out"));
    std::fs::create_dir_all(pre.join("a/b")).expect("a directory");
    std::fs::create_dir_all(&out).expect("a directory");
    for name in ["a", "b", "c", "new"] {
        std::fs::write(out.join(name), SECRET).expect("a file");
    }
    let places = ["", "a/", "a/b/", "b/", "c/", "a/c/"];
    for number in 0..12 {
        let path = pre.join(format!(
            "{}{}",
            chance.one(&places),
            chance.one(&["a", "b", "c"])
        ));
        let link = pre.join(format!(
            "{}{}",
            chance.one(&places),
            chance.one(&["l", "m", "n", "b"])
        ));
        let target = match chance.below(4) {
            0 => chance
                .one(&[
                    "..",
                    "../out",
                    "../../out",
                    "/",
                    "/etc/passwd",
                    "../pre",
                    "../out/a",
                ])
                .to_owned(),
            _ => chance.path(),
        };
        // What cannot be there is not.
        let _ = match chance.below(3) {
            0 => std::fs::create_dir(path),
            1 => std::fs::write(path, format!("{number}")),
            _ => std::os::unix::fs::symlink(target, link),
        };
    }
}

/// Everything below a directory, without what two trees never share.
fn tree(base: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut ahead = vec![base.to_owned()];
    while let Some(path) = ahead.pop() {
        let meta = path.symlink_metadata().expect("there");
        let what = if meta.is_dir() {
            ahead.extend(
                std::fs::read_dir(&path)
                    .expect("readable")
                    .map(|e| e.expect("one").path()),
            );
            "directory".to_owned()
        } else if meta.is_symlink() {
            format!("link to {:?}", std::fs::read_link(&path).expect("readable"))
        } else {
            format!(
                "{}: {:?}",
                meta.nlink(),
                std::fs::read(&path).expect("readable")
            )
        };
        found.insert(path.strip_prefix(base).expect("below").to_owned(), what);
    }
    found
}

/// Whether two answers are the same. Inodes are of other trees, so they are compared by the path
/// that has them.
fn same(ours: &Answer, theirs: &Answer, step: Step, bases: [&Path; 2]) -> bool {
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) if matches!(step, Step::Stat | Step::StatLink) => {
            with_inode(bases[0], ours) == with_inode(bases[1], theirs)
        }
        (Ok(ours), Ok(theirs)) => ours == theirs,
        (Err(_), Err(_)) => true,
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
    }
}

/// The paths that have an inode.
fn with_inode(base: &Path, inode: &str) -> Vec<PathBuf> {
    let paths = tree(base).into_keys();
    let has = |path: &PathBuf| {
        let meta = base.join(path).symlink_metadata().expect("there");
        meta.ino().to_string() == inode
    };
    paths.filter(has).collect()
}

fn compare(resolver: PathResolver) {
    let (mut fine, mut failed, mut escapes) = (0, 0, 0);
    for seed in 0..TREES {
        let base = tempfile::tempdir().expect("a directory");
        let bases = ["ours", "theirs"].map(|name| base.path().join(name));
        for base in &bases {
            plant(base, &mut Chance(SeededRandom::new(seed)));
        }
        let [own, other] = &bases;
        let outside = tree(&own.join("out"));
        let all = (DirPerms::all(), FilePerms::all());
        let dir = Dir::ambient(&own.join("pre"), all.0, all.1, resolver).expect("a directory");
        let judge = CapDir::open_ambient_dir(other.join("pre"), ambient_authority());
        let judge = judge.expect("a directory");
        let mut chance = Chance(SeededRandom::new(seed ^ 0xABCD));
        for number in 0..STEPS {
            let step = ALL[chance.below(ALL.len() as u64) as usize];
            let (path, second) = (chance.path(), chance.path());
            let ours = limpid(&dir, step, &path, &second);
            let theirs = cap_std(&judge, step, &path, &second);
            let told = format!(
                "seed {seed}, step {number}: {step:?} {path:?} {second:?}: \
                 {ours:?}, and cap-std {theirs:?}"
            );
            assert_ne!(ours.as_deref(), Ok(SECRET), "{told}");
            assert!(
                same(&ours, &theirs, step, [own, other]),
                "{told}\n{:#?}",
                tree(own)
            );
            assert_eq!(tree(own), tree(other), "{told}");
            match (&ours, &theirs) {
                (Ok(_), _) => fine += 1,
                (Err((true, _)), Err((true, _))) => escapes += 1,
                (Err(_), _) => failed += 1,
            }
        }
        assert_eq!(
            tree(&own.join("out")),
            outside,
            "seed {seed}: what is outside"
        );
    }
    println!("{fine} done, {escapes} refused by both as escapes, {failed} failed otherwise");
    assert!(
        fine > 500 && escapes > 500,
        "{fine} done, {escapes} escapes"
    );
}

#[test]
fn as_cap_std_with_the_systems_call() {
    compare(PathResolver::Best);
}

#[test]
fn as_cap_std_by_walking() {
    compare(PathResolver::Walk);
}
