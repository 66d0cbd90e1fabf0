//! Names that are special: dots, slashes at the end, nothing, too much, bytes that are no text.
//! Items 16, 17, 18 and 26.

use super::fixture::{ROOT, SECRET, each};
use super::guest::*;
use super::{fails, refused};
use limpid::wasi::p1::Errno;

#[test]
fn item_16_renaming_dots() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let before = fixture.inside();
        let allowed = [Errno::Busy, Errno::Inval, Errno::NoEnt];
        for path in [".", "./", "a/.", "a/..", "a/../", "a/./", ""] {
            fails(guest.rename(ROOT, path, ROOT, "new"), &allowed, path);
            fails(guest.rename(ROOT, "a", ROOT, path), &allowed, path);
            fails(guest.rename(ROOT, path, ROOT, path), &allowed, path);
        }
        for path in ["..", "../", "../pre", "a/../.."] {
            refused(guest.rename(ROOT, path, ROOT, "new"), path);
            refused(guest.rename(ROOT, "a", ROOT, path), path);
        }
        for path in ["a/child", "a/b/child", "a/b/../child"] {
            fails(guest.rename(ROOT, "a", ROOT, path), &[Errno::Inval], path);
        }
        assert_eq!(fixture.inside(), before);
        assert_eq!(guest.rename(ROOT, "a/b", ROOT, "a/b"), Ok(()));
    });
}

#[test]
fn item_16_dots_for_the_others() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let before = fixture.inside();
        for path in [".", "a/.", "a/..", "a/b/.."] {
            fails(guest.mkdir(ROOT, path), &[Errno::Exist], path);
            fails(guest.symlink("x", ROOT, path), &[Errno::Exist], path);
            fails(
                guest.rmdir(ROOT, path),
                &[Errno::Inval, Errno::NotEmpty],
                path,
            );
            fails(guest.unlink(ROOT, path), &[Errno::IsDir, Errno::Perm], path);
            fails(guest.readlink(ROOT, path, 10), &[Errno::Inval], path);
            assert_eq!(
                guest.stat(ROOT, path, 0).map(|stat| stat.kind),
                Ok(3),
                "{path}"
            );
        }
        for path in ["f/.", "f/..", "f/./", "f/../f", "f/x"] {
            fails(guest.open(ROOT, path), &[Errno::NotDir], path);
            fails(guest.stat(ROOT, path, 0), &[Errno::NotDir], path);
            fails(guest.unlink(ROOT, path), &[Errno::NotDir], path);
            fails(guest.mkdir(ROOT, path), &[Errno::NotDir], path);
            fails(
                guest.rename(ROOT, path, ROOT, "new"),
                &[Errno::NotDir],
                path,
            );
        }
        assert_eq!(fixture.inside(), before);
    });
}

#[test]
fn item_17_slashes_at_the_end() {
    use Errno::{Exist, IsDir, NoEnt, NotDir, Success};
    /// A path, then what mkdir, rmdir, unlink, renaming it, and renaming a directory to it say.
    type Row = (&'static str, [Errno; 5]);
    const ROWS: &[Row] = &[
        ("f/", [Exist, NotDir, NotDir, NotDir, NotDir]),
        ("empty/", [Exist, Success, IsDir, Success, Success]),
        ("new/", [Success, NoEnt, NoEnt, NoEnt, Success]),
        ("new//", [Success, NoEnt, NoEnt, NoEnt, Success]),
        ("to-dir/", [Exist, NotDir, NotDir, NotDir, NotDir]),
        ("to-file/", [Exist, NotDir, NotDir, NotDir, NotDir]),
        ("to-nothing/", [Exist, NotDir, NotDir, NotDir, NotDir]),
    ];
    type Function = fn(&mut Guest, &str) -> Result<(), Errno>;
    let functions: [Function; 5] = [
        |guest, path| guest.mkdir(ROOT, path),
        |guest, path| guest.rmdir(ROOT, path),
        |guest, path| guest.unlink(ROOT, path),
        |guest, path| guest.rename(ROOT, path, ROOT, "renamed"),
        |guest, path| guest.rename(ROOT, "other", ROOT, path),
    ];
    for (path, expected) in ROWS {
        for (at, (function, wanted)) in functions.iter().zip(expected).enumerate() {
            each(|fixture| {
                for dir in ["pre/empty", "pre/other", "pre/target"] {
                    std::fs::create_dir(fixture.path(dir)).expect("a directory");
                }
                fixture.host_link("target", "to-dir");
                fixture.host_link("f", "to-file");
                fixture.host_link("nothing", "to-nothing");
                let before = fixture.inside();
                let found = function(&mut fixture.guest(), path)
                    .err()
                    .unwrap_or(Success);
                assert_eq!(found, *wanted, "{path}, function {at}");
                assert_eq!(
                    fixture.inside() == before,
                    *wanted != Success,
                    "{path}, {at}"
                );
            });
        }
    }
}

#[test]
fn item_17_opening_with_slashes() {
    each(|fixture| {
        fixture.host_link("a", "to-dir");
        fixture.host_link("f", "to-file");
        let guest = &mut fixture.guest();
        for path in ["f/", "to-file/"] {
            fails(guest.open(ROOT, path), &[Errno::NotDir], path);
            fails(guest.stat(ROOT, path, FOLLOW), &[Errno::NotDir], path);
            fails(guest.stat(ROOT, path, 0), &[Errno::NotDir], path);
            fails(guest.set_time(ROOT, path, 0, 1), &[Errno::NotDir], path);
            fails(
                guest.link(ROOT, 0, path, ROOT, "new"),
                &[Errno::NotDir],
                path,
            );
        }
        for path in ["a/", "to-dir/", "a/.", "to-dir/."] {
            assert!(guest.open_dir(ROOT, path).is_ok(), "{path}");
            assert_eq!(
                guest.stat(ROOT, path, 0).map(|stat| stat.kind),
                Ok(3),
                "{path}"
            );
            let created = guest.path_open(ROOT, FOLLOW, path, CREAT, (FILE, 0), 0);
            fails(created, &[Errno::IsDir], path);
        }
        let created = guest.path_open(ROOT, FOLLOW, "new/", CREAT, (FILE, 0), 0);
        fails(created, &[Errno::IsDir], "new/");
        fails(guest.symlink("f", ROOT, "new/"), &[Errno::NoEnt], "symlink");
        fails(guest.symlink("f", ROOT, "a/"), &[Errno::Exist], "symlink");
        fails(
            guest.link(ROOT, 0, "f", ROOT, "new/"),
            &[Errno::NoEnt],
            "link",
        );
        assert!(fixture.path("pre/new").symlink_metadata().is_err());
    });
}

#[test]
fn item_18_removing_by_a_way_out() {
    each(|fixture| {
        fixture.host_link("../out", "l");
        fixture.host_link("a/b", "inside");
        let guest = &mut fixture.guest();
        for path in ["a/../../out/s", "l/s", "../out/s"] {
            refused(guest.unlink(ROOT, path), path);
        }
        for path in ["l/dir", "a/../../out/dir", "../out/dir/"] {
            refused(guest.rmdir(ROOT, path), path);
        }
        for path in ["l", "l/", "l//", "inside", "inside/"] {
            fails(guest.rmdir(ROOT, path), &[Errno::NotDir], path);
        }
        assert!(fixture.path("pre/a/b").is_dir());
    });
}

#[test]
fn item_26_texts_that_are_no_paths() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let before = fixture.inside();
        let mut check = |path: &[u8], allowed: &[Errno]| {
            let what = String::from_utf8_lossy(&path[..path.len().min(40)]).into_owned();
            fails(guest.open(ROOT, path), allowed, &what);
            let create = guest.path_open(ROOT, FOLLOW, path, CREAT, (FILE, 0), 0);
            fails(create, allowed, &what);
            fails(guest.stat(ROOT, path, 0), allowed, &what);
            fails(guest.mkdir(ROOT, path), allowed, &what);
            fails(guest.unlink(ROOT, path), allowed, &what);
            fails(guest.rmdir(ROOT, path), allowed, &what);
            fails(guest.rename(ROOT, path, ROOT, "new"), allowed, &what);
            fails(guest.rename(ROOT, "f", ROOT, path), allowed, &what);
            fails(guest.symlink("f", ROOT, path), allowed, &what);
            fails(guest.readlink(ROOT, path, 10), allowed, &what);
        };
        check(b"", &[Errno::NoEnt]);
        check(b"f\0", &[Errno::Inval]);
        check(b"\0", &[Errno::Inval]);
        check(b"f\0/../../out/s", &[Errno::Inval]);
        check(b"\xff", &[Errno::IlSeq]);
        check(b"a/\xc0\xae\xc0\xae/f", &[Errno::IlSeq]);
        check(b"\xed\xa0\x80", &[Errno::IlSeq]);
        check(&[b'x'; 256], &[Errno::NameTooLong]);
        check(&[b'x'; 4096], &[Errno::NameTooLong]);
        assert_eq!(fixture.inside(), before);
    });
}

#[test]
fn item_26_long_paths() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let turns = "./".repeat(2000);
        assert_eq!(
            guest.read_file(ROOT, format!("{turns}f")),
            Ok(b"inside".to_vec())
        );
        let turns = "a/../".repeat(800);
        assert_eq!(
            guest.read_file(ROOT, format!("{turns}f")),
            Ok(b"inside".to_vec())
        );
        refused(
            guest.open(ROOT, format!("{turns}../out/s")),
            "after many turns",
        );
        // Two million bytes are not looked at, even where they are all in memory.
        let long = "./".repeat(1_000_000);
        guest.put(0x10_0000, long.as_bytes());
        let args = [ROOT.into(), 0x10_0000, long.len() as u64];
        fails(
            guest.call("path_create_directory", &args),
            &[Errno::NameTooLong],
            "two million",
        );
        let outside = [ROOT.into(), 0x10_0000, u64::from(u32::MAX)];
        fails(
            guest.call("path_create_directory", &outside),
            &[Errno::Fault],
            "four thousand million",
        );
        let name = "x".repeat(255);
        assert_eq!(guest.write_file(ROOT, &name, b"long"), Ok(()));
        assert_eq!(guest.unlink(ROOT, &name), Ok(()));
    });
}

/// On these systems backslashes and colons are bytes as all others.
#[test]
fn item_26_ordinary_bytes() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        for name in [
            r"..\out\s",
            r"C:\x",
            "C:x",
            "f:stream",
            "CON",
            "a b",
            "é",
            "-rf",
            "*",
        ] {
            assert_eq!(guest.write_file(ROOT, name, b"own"), Ok(()), "{name}");
            assert_eq!(
                std::fs::read(fixture.path("pre").join(name)).expect("there"),
                b"own"
            );
            assert_eq!(guest.read_file(ROOT, name), Ok(b"own".to_vec()), "{name}");
            assert_ne!(guest.read_file(ROOT, name), Ok(SECRET.to_vec()), "{name}");
        }
    });
}
