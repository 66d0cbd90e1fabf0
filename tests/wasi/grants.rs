//! What a grant allows: reading only, both ends of what is moved, links to files. Items 11 to 15.

use super::fixture::{Fixture, ROOT, each, grant, tree};
use super::guest::*;
use super::{fails, refused};
use limpid::wasi::p1::Errno;
use limpid::wasi::{DirPerms, FilePerms};

/// The second grant of a guest that may only read its first.
const RW: u32 = 4;

/// Whether all of a test leaves what may only be read as it is.
fn reading(test: impl Fn(&Fixture, &mut Guest)) {
    each(|fixture| {
        let before = fixture.inside();
        test(fixture, &mut fixture.reader());
        assert_eq!(fixture.inside(), before);
    });
}

#[test]
fn item_11_truncating_what_may_only_be_read() {
    reading(|_, guest| {
        for rights in [0, FD_READ, FD_WRITE, FILE, FD_FILESTAT_SET_SIZE] {
            let opened = guest.path_open(ROOT, FOLLOW, "f", TRUNC, (rights, 0), 0);
            refused(opened, "truncating");
        }
        for rights in [
            FD_WRITE,
            FD_ALLOCATE,
            FD_FILESTAT_SET_SIZE,
            FD_READ | FD_WRITE,
            FILE,
        ] {
            let opened = guest.path_open(ROOT, FOLLOW, "f", 0, (rights, 0), 0);
            refused(opened, "writing");
        }
        let file = guest.open(ROOT, "f").expect("to read");
        fails(guest.write(file, b"x"), &[Errno::BadF], "write");
        let set = guest.call("fd_filestat_set_size", &[file.into(), 0]);
        fails(set, &[Errno::NotCapable], "set_size");
        assert_eq!(guest.read(file, 10), Ok(b"inside".to_vec()));
    });
}

#[test]
fn item_11_truncating_without_the_right_to_write() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        // The directory has the right to set sizes: no right on the file is needed.
        let opened = guest.path_open(ROOT, FOLLOW, "f", TRUNC, (0, 0), 0);
        assert!(opened.is_ok());
        assert_eq!(std::fs::read(fixture.path("pre/f")).expect("there"), b"");
        let file = guest
            .path_open(ROOT, FOLLOW, "a/s", 0, (FD_READ, 0), 0)
            .expect("to read");
        fails(guest.write(file, b"x"), &[Errno::BadF], "write");
        let (base, inheriting) = guest.rights(ROOT).expect("rights");
        let without = base & !PATH_FILESTAT_SET_SIZE;
        let args = [ROOT.into(), without, inheriting];
        assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
        for rights in [0, FD_READ, FILE] {
            let opened = guest.path_open(ROOT, FOLLOW, "a/s", TRUNC, (rights, 0), 0);
            fails(opened, &[Errno::NotCapable], "truncating");
        }
        assert_eq!(
            std::fs::read(fixture.path("pre/a/s")).expect("there"),
            b"inside"
        );
    });
}

#[test]
fn item_12_creating_where_nothing_may_be() {
    reading(|_, guest| {
        for flags in [CREAT, CREAT | EXCL, CREAT | TRUNC] {
            for path in ["new", "f", "a/new"] {
                for rights in [0, FD_READ, FILE] {
                    let opened = guest.path_open(ROOT, FOLLOW, path, flags, (rights, 0), 0);
                    refused(opened, path);
                }
            }
        }
        refused(guest.mkdir(ROOT, "new"), "mkdir");
        refused(guest.rmdir(ROOT, "a/b"), "rmdir");
        refused(guest.unlink(ROOT, "f"), "unlink");
        refused(guest.symlink("f", ROOT, "new"), "symlink");
        refused(guest.set_time(ROOT, "f", FOLLOW, 1), "set_times");
        refused(guest.set_time(ROOT, "a", 0, 1), "set_times");
        let dir = guest.open_dir(ROOT, "a").expect("a directory");
        refused(guest.mkdir(dir, "new"), "mkdir further down");
        let times = guest.call("fd_filestat_set_times", &[dir.into(), 0, 1, MTIM]);
        refused(times, "set_times of the directory");
        let file = guest.path_open(ROOT, 0, "f", 0, (FD_READ | FD_FILESTAT_SET_TIMES, 0), 0);
        let file = file.expect("a file");
        let times = guest.call("fd_filestat_set_times", &[file.into(), 0, 1, MTIM]);
        refused(times, "set_times of the file");
        assert_eq!(guest.read_file(ROOT, "f"), Ok(b"inside".to_vec()));
        assert_eq!(guest.names(ROOT), Ok(vec!["a".to_owned(), "f".to_owned()]));
    });
}

#[test]
fn item_12_what_ends_in_dots_is_there_already() {
    each(|fixture| {
        fixture.host_link("a", "link");
        let guest = &mut fixture.guest();
        for path in [
            ".", "./", "a/.", "a/..", "a/./", "a/b/..", "link/.", "link/..",
        ] {
            for rights in [0, FD_READ, FILE] {
                let opened = guest.path_open(ROOT, FOLLOW, path, CREAT | EXCL, (rights, 0), 0);
                fails(opened, &[Errno::Exist], path);
                let opened = guest.path_open(ROOT, FOLLOW, path, CREAT, (rights, 0), 0);
                fails(opened, &[Errno::IsDir], path);
            }
        }
        for (path, errno) in [
            ("none/.", Errno::NoEnt),
            ("none/..", Errno::NoEnt),
            ("f/.", Errno::NotDir),
            ("..", Errno::Perm),
            ("a/../..", Errno::Perm),
        ] {
            let opened = guest.path_open(ROOT, FOLLOW, path, CREAT | EXCL, (FILE, 0), 0);
            fails(opened, &[errno], path);
        }
    });
}

#[test]
fn item_32_a_directory_passes_on_what_a_writable_grant_does() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let (base, all) = guest.rights(ROOT).expect("rights");
        // Whatever is asked for, as long as nothing was given up.
        for asked in [0, base, FD_READ, all] {
            let rights = (PATH_OPEN | FD_READDIR, asked);
            let dir = guest.path_open(ROOT, 0, "a", DIRECTORY, rights, 0);
            let dir = dir.expect("a directory");
            assert_eq!(guest.rights(dir), Ok((PATH_OPEN | FD_READDIR, all)));
            assert_eq!(guest.read_file(dir, "s"), Ok(b"inside".to_vec()));
            let deeper = guest.path_open(dir, 0, "b", DIRECTORY, (PATH_OPEN, 0), 0);
            let deeper = deeper.expect("a directory");
            assert_eq!(guest.rights(deeper), Ok((PATH_OPEN, all)));
        }
        // A file passes nothing on but what is asked for.
        let file = guest.path_open(ROOT, 0, "f", 0, (FD_READ, 0), 0);
        assert_eq!(guest.rights(file.expect("a file")), Ok((FD_READ, 0)));
        // What is given up stays so, here and below.
        let dir = guest.path_open(ROOT, 0, "a", DIRECTORY, (base, 0), 0);
        let dir = dir.expect("a directory");
        let args = [dir.into(), PATH_OPEN, all & !FD_WRITE];
        assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
        assert_eq!(guest.rights(dir), Ok((PATH_OPEN, all & !FD_WRITE)));
        for asked in [0, FD_READ] {
            let deeper = guest.path_open(dir, 0, "b", DIRECTORY, (PATH_OPEN, asked), 0);
            let deeper = deeper.expect("a directory");
            assert_eq!(guest.rights(deeper), Ok((PATH_OPEN, asked)));
        }
        let opened = guest.path_open(dir, 0, "s", 0, (FD_WRITE, 0), 0);
        fails(opened, &[Errno::NotCapable], "open for writing");
    });
}

#[test]
fn item_32_nothing_widens_below_a_reading_grant() {
    reading(|_, guest| {
        for asked in [0, FD_READ] {
            let dir = guest.path_open(ROOT, 0, "a", DIRECTORY, (PATH_OPEN, asked), 0);
            let dir = dir.expect("a directory");
            assert_eq!(guest.rights(dir), Ok((PATH_OPEN, asked)));
        }
    });
}

#[test]
fn item_12_creating_what_is_no_file() {
    each(|fixture| {
        fixture.host_link("nowhere", "dangling");
        let guest = &mut fixture.guest();
        for lookup in [0, FOLLOW] {
            let opened = guest.path_open(ROOT, lookup, "dangling", CREAT | EXCL, (FILE, 0), 0);
            fails(opened, &[Errno::Exist], "exclusive");
        }
        assert!(fixture.path("pre/nowhere").symlink_metadata().is_err());
        for path in ["new", "a", "f"] {
            let opened = guest.path_open(ROOT, 0, path, CREAT | DIRECTORY, (FD_READ, 0), 0);
            fails(opened, &[Errno::Inval], "a directory");
        }
        assert!(fixture.path("pre/new").symlink_metadata().is_err());
    });
}

#[test]
fn item_13_linking_what_may_only_be_read() {
    reading(|fixture, guest| {
        for lookup in [0, FOLLOW] {
            refused(
                guest.link(ROOT, lookup, "f", RW, "f"),
                "out of what may only be read",
            );
            refused(
                guest.link(ROOT, lookup, "f", ROOT, "g"),
                "in what may only be read",
            );
        }
        assert_eq!(guest.write_file(RW, "own", b"own"), Ok(()));
        refused(
            guest.link(RW, 0, "own", ROOT, "own"),
            "into what may only be read",
        );
        assert_eq!(tree(&fixture.path("rw")).len(), 2);
    });
}

#[test]
fn item_14_renaming_what_may_only_be_read() {
    reading(|_, guest| {
        assert_eq!(guest.write_file(RW, "own", b"own"), Ok(()));
        refused(
            guest.rename(ROOT, "f", RW, "f"),
            "out of what may only be read",
        );
        refused(guest.rename(ROOT, "a", RW, "a"), "a directory out of it");
        refused(guest.rename(RW, "own", ROOT, "f"), "over a file in it");
        refused(guest.rename(RW, "own", ROOT, "new"), "into it");
        refused(guest.rename(ROOT, "f", ROOT, "g"), "in it");
        assert_eq!(guest.read_file(RW, "own"), Ok(b"own".to_vec()));
    });
}

/// Where the grants overlap, each path has the power of the grant it was reached by.
#[test]
fn item_14_overlapping_grants() {
    each(|fixture| {
        let mut builder = fixture.builder();
        grant(&mut builder, &fixture.path("pre"), "/");
        let read =
            builder.preopened_dir(fixture.path("pre/a"), "/a", DirPerms::READ, FilePerms::READ);
        read.expect("a grant");
        let guest = &mut Guest::new(builder.build_p1());
        assert_eq!(guest.write_file(ROOT, "a/s", b"written"), Ok(()));
        refused(guest.write_file(RW, "s", b"again"), "by the other way");
        assert_eq!(guest.read_file(RW, "s"), Ok(b"written".to_vec()));
        refused(
            guest.rename(RW, "s", ROOT, "a/t"),
            "from the one to the other",
        );
        refused(
            guest.link(RW, 0, "s", ROOT, "a/t"),
            "from the one to the other",
        );
    });
}

#[test]
fn item_15_hard_links_to_the_outside_and_to_directories() {
    each(|fixture| {
        fixture.host_link("../out/s", "l");
        fixture.host_link("f", "fine");
        let guest = &mut fixture.guest();
        refused(guest.link(ROOT, FOLLOW, "l", ROOT, "stolen"), "followed");
        assert!(fixture.path("pre/stolen").symlink_metadata().is_err());
        // Of the link itself there may be another: it grants no more than the first.
        assert_eq!(guest.link(ROOT, 0, "l", ROOT, "second"), Ok(()));
        refused(guest.open(ROOT, "second"), "through it");
        for path in ["a", "a/b", "a/", ".", "a/."] {
            fails(guest.link(ROOT, 0, path, ROOT, "dir"), &[Errno::Perm], path);
        }
        assert_eq!(guest.link(ROOT, FOLLOW, "fine", ROOT, "hard"), Ok(()));
        assert_eq!(guest.stat(ROOT, "f", 0).map(|stat| stat.links), Ok(2));
        assert_eq!(guest.unlink(ROOT, "hard"), Ok(()));
    });
}
