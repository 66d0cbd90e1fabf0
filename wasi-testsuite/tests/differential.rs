//! Paths against another implementation: any tree with links, any functions on any paths, done by
//! Limpid with each of its resolvers and by cap-std, each on a tree of its own. Answers and trees
//! must be the same. A difference is made small before it is shown.

#![cfg(unix)]

use cap_std::ambient_authority;
use cap_std::fs::{Dir as CapDir, OpenOptions, OpenOptionsExt};
use limpid::wasi::host::error::ErrorCode;
use limpid::wasi::host::fs::{Dir, OpenHow, Opened};
use limpid::wasi::{DirPerms, FilePerms, PathResolver};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Trees, and the most functions done on each.
const TREES: u32 = 400;
const STEPS: usize = 60;

/// What the secret outside is, which nobody may read.
const SECRET: &str = "secret";

/// A path of some names, dots and slashes.
fn path() -> impl Strategy<Value = String> {
    let first = prop_oneof![39 => Just(""), 1 => Just("/")];
    let name = || {
        select(
            &[
                "a", "b", "c", "l", "m", "n", "a", "l", ".", "..", "new", "out", "pre",
            ][..],
        )
    };
    let part = (select(&["/", "/", "/", "//", "/./"][..]), name());
    let last = prop_oneof![15 => Just(""), 1 => Just("/"), 1 => Just("//"), 1 => Just("/.")];
    (first, name(), vec(part, 0..4), last).prop_map(|(first, name, parts, last)| {
        let parts: String = parts
            .into_iter()
            .flat_map(|(slash, name)| [slash, name])
            .collect();
        format!("{first}{name}{parts}{last}")
    })
}

/// Something in a tree. What cannot be there is not.
#[derive(Clone, Debug)]
enum Planted {
    Dir(String),
    File(String),
    Link(String, String),
}

/// A tree: `pre` with directories, files and links, `out` beside it.
fn planted() -> impl Strategy<Value = Vec<Planted>> {
    let in_folder = |names: &'static [&'static str]| {
        let folders = select(&["", "a/", "a/b/", "b/", "c/", "a/c/"][..]);
        (folders, select(names)).prop_map(|(folder, name)| format!("{folder}{name}"))
    };
    let place = move || in_folder(&["a", "b", "c"]);
    let outside = [
        "..",
        "../out",
        "../../out",
        "/",
        "/etc/passwd",
        "../pre",
        "../out/a",
    ];
    let outside = select(outside.to_vec()).prop_map(str::to_owned);
    let target = prop_oneof![1 => outside, 3 => path()];
    let one = prop_oneof![
        place().prop_map(Planted::Dir),
        place().prop_map(Planted::File),
        (in_folder(&["l", "m", "n", "b"]), target).prop_map(|(at, to)| Planted::Link(at, to)),
    ];
    vec(one, 0..13)
}

fn plant(base: &Path, tree: &[Planted]) {
    let (pre, out) = (base.join("pre"), base.join("out"));
    std::fs::create_dir_all(pre.join("a/b")).expect("a directory");
    std::fs::create_dir_all(&out).expect("a directory");
    for name in ["a", "b", "c", "new"] {
        std::fs::write(out.join(name), SECRET).expect("a file");
    }
    for (number, one) in tree.iter().enumerate() {
        let _ = match one {
            Planted::Dir(path) => std::fs::create_dir(pre.join(path)),
            Planted::File(path) => std::fs::write(pre.join(path), format!("{number}")),
            Planted::Link(path, target) => std::os::unix::fs::symlink(target, pre.join(path)),
        };
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

/// How often both did what was asked, refused it as an escape, or failed otherwise.
#[derive(Default)]
struct Counts {
    fine: Cell<u32>,
    escapes: Cell<u32>,
    failed: Cell<u32>,
}

/// Does the same in two trees that were planted alike.
fn both(
    resolver: PathResolver,
    planted: &[Planted],
    steps: &[(Step, String, String)],
    counts: &Counts,
) -> Result<(), TestCaseError> {
    let base = tempfile::tempdir().expect("a directory");
    let bases = ["ours", "theirs"].map(|name| base.path().join(name));
    bases.iter().for_each(|base| plant(base, planted));
    let [own, other] = &bases;
    let outside = tree(&own.join("out"));
    let all = (DirPerms::all(), FilePerms::all());
    let dir = Dir::ambient(&own.join("pre"), all.0, all.1, resolver).expect("a directory");
    let judge = CapDir::open_ambient_dir(other.join("pre"), ambient_authority());
    let judge = judge.expect("a directory");
    for (step, path, second) in steps {
        let ours = limpid(&dir, *step, path, second);
        let theirs = cap_std(&judge, *step, path, second);
        let told = format!("{step:?} {path:?} {second:?}: {ours:?}, and cap-std {theirs:?}");
        prop_assert_ne!(ours.as_deref(), Ok(SECRET), "{}", told);
        prop_assert!(
            same(&ours, &theirs, *step, [own, other]),
            "{told}\n{:#?}",
            tree(own)
        );
        prop_assert_eq!(tree(own), tree(other), "{}", told);
        let count = match (&ours, &theirs) {
            (Ok(_), _) => &counts.fine,
            (Err((true, _)), Err((true, _))) => &counts.escapes,
            (Err(_), _) => &counts.failed,
        };
        count.set(count.get() + 1);
    }
    prop_assert_eq!(tree(&own.join("out")), outside, "what is outside");
    Ok(())
}

fn compare(resolver: PathResolver) {
    let step = (select(&ALL[..]), path(), path());
    let (strategy, counts) = ((planted(), vec(step, 1..=STEPS)), Counts::default());
    let mut config = Config::with_cases(TREES);
    config.failure_persistence = None; // What is shown is enough to try it again.
    let done = TestRunner::new(config).run(&strategy, |(planted, steps)| {
        both(resolver, &planted, &steps, &counts)
    });
    if let Err(difference) = done {
        panic!("{difference}");
    }
    let [fine, escapes, failed] =
        [counts.fine, counts.escapes, counts.failed].map(Cell::into_inner);
    println!("{fine} done, {escapes} refused by both as escapes, {failed} failed otherwise");
    assert!(
        fine > 800 && escapes > 800,
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
