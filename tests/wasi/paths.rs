//! Where paths lead: up, out, through links of every kind. Items 1 to 10.

use super::fixture::{Fixture, ROOT, SECRET, each};
use super::guest::*;
use super::{fails, refused};
use limpid::wasi::p1::Errno;

/// Tries everything on a path that leads outside, or to something that is outside.
fn try_everything(fixture: &Fixture, path: &str) {
    let guest = &mut fixture.guest();
    refused(guest.open(ROOT, path), &format!("open {path}"));
    refused(
        guest.open_dir(ROOT, path),
        &format!("open directory {path}"),
    );
    for flags in [CREAT, CREAT | TRUNC, TRUNC] {
        let opened = guest.path_open(ROOT, FOLLOW, path, flags, (FILE, 0), 0);
        refused(opened, &format!("open {path} with {flags}"));
    }
    refused(guest.stat(ROOT, path, FOLLOW), &format!("stat {path}"));
    refused(
        guest.set_time(ROOT, path, FOLLOW, 1),
        &format!("set times of {path}"),
    );
    refused(
        guest.link(ROOT, FOLLOW, path, ROOT, "linked"),
        &format!("link {path}"),
    );
}

/// The same, and what only looks at the name itself, where the way to that leads outside.
fn try_everything_below(fixture: &Fixture, path: &str) {
    try_everything(fixture, path);
    let guest = &mut fixture.guest();
    refused(
        guest.path_open(ROOT, 0, path, 0, (FD_READ, 0), 0),
        &format!("open {path}, no link"),
    );
    refused(guest.stat(ROOT, path, 0), &format!("stat {path} itself"));
    refused(
        guest.set_time(ROOT, path, 0, 1),
        &format!("set times of {path} itself"),
    );
    refused(guest.readlink(ROOT, path, 100), &format!("readlink {path}"));
    refused(guest.mkdir(ROOT, path), &format!("mkdir {path}"));
    refused(guest.rmdir(ROOT, path), &format!("rmdir {path}"));
    refused(guest.unlink(ROOT, path), &format!("unlink {path}"));
    refused(guest.symlink("x", ROOT, path), &format!("symlink {path}"));
    refused(
        guest.link(ROOT, 0, path, ROOT, "linked"),
        &format!("link {path} itself"),
    );
    refused(
        guest.link(ROOT, 0, "f", ROOT, path),
        &format!("link to {path}"),
    );
    refused(
        guest.rename(ROOT, path, ROOT, "renamed"),
        &format!("rename {path}"),
    );
    refused(
        guest.rename(ROOT, "f", ROOT, path),
        &format!("rename to {path}"),
    );
}

#[test]
fn item_01_up_and_out() {
    each(|fixture| {
        let before = fixture.inside();
        for way in ["..", "a/../..", "./..", "a/b/../../.."] {
            for name in ["s", "new", "dir", "dir/s"] {
                try_everything_below(fixture, &format!("{way}/out/{name}"));
            }
            try_everything(fixture, way);
            try_everything(fixture, &format!("{way}/"));
        }
        assert_eq!(fixture.inside(), before);
    });
}

#[test]
fn item_02_absolute_paths() {
    each(|fixture| {
        for path in ["/etc/passwd", "//etc/passwd", "/", "/.", "//", "/f"] {
            try_everything_below(fixture, path);
        }
        let outside = fixture.path("out/s");
        try_everything_below(fixture, outside.to_str().expect("a path of text"));
    });
}

#[test]
fn item_03_a_link_to_the_outside() {
    each(|fixture| {
        fixture.host_link("../out", "l");
        fixture.host_link("../out/s", "file");
        for path in ["l/s", "l/new", "l/dir", "l/dir/s", "a/../l/s"] {
            try_everything_below(fixture, path);
        }
        try_everything(fixture, "l");
        try_everything(fixture, "file");
    });
}

#[test]
fn item_04_slashes_after_a_link() {
    each(|fixture| {
        fixture.host_link("../out", "l");
        for path in ["l/", "l//", "l/.", "l/./", "l/./s", "l//s", "a/../l/"] {
            try_everything(fixture, path);
            let guest = &mut fixture.guest();
            for flags in [0, DIRECTORY] {
                let opened = guest.path_open(ROOT, 0, path, flags, (FD_READ, 0), 0);
                refused(opened, &format!("open {path} with {flags} and no links"));
            }
            refused(guest.stat(ROOT, path, 0), path);
            refused(guest.readlink(ROOT, path, 10), path);
        }
    });
}

#[test]
fn item_05_a_link_whose_target_ends_in_a_slash() {
    each(|fixture| {
        fixture.host_link("../out", "evil");
        fixture.host_link("evil/", "link1");
        fixture.host_link("link1//", "link2");
        for link in ["link1", "link2"] {
            try_everything(fixture, link);
            for way in ["", "/", "//", "/."] {
                try_everything(fixture, &format!("{link}{way}"));
            }
            for name in ["s", "new", "dir"] {
                try_everything_below(fixture, &format!("{link}/{name}"));
            }
        }
        let guest = &mut fixture.guest();
        fails(guest.mkdir(ROOT, "link1"), &[Errno::Exist], "mkdir");
        fails(guest.mkdir(ROOT, "link1/"), &[Errno::Exist], "mkdir");
        fails(guest.rmdir(ROOT, "link1"), &[Errno::NotDir], "rmdir");
        fails(guest.rmdir(ROOT, "link1/"), &[Errno::NotDir], "rmdir");
        fails(guest.unlink(ROOT, "link1/"), &[Errno::NotDir], "unlink");
        fails(
            guest.rename(ROOT, "a", ROOT, "link1/"),
            &[Errno::NotDir],
            "rename onto it",
        );
        fails(
            guest.rename(ROOT, "link1/", ROOT, "new"),
            &[Errno::NotDir],
            "rename",
        );
        // The link itself is inside, and may be moved and removed.
        assert_eq!(guest.rename(ROOT, "link1", ROOT, "moved"), Ok(()));
        assert_eq!(guest.unlink(ROOT, "moved"), Ok(()));
    });
}

#[test]
fn item_06_absolute_links() {
    each(|fixture| {
        let outside = fixture.path("out/s");
        let outside = outside.to_str().expect("a path of text");
        fixture.host_link("/etc/passwd", "x");
        fixture.host_link(outside, "y");
        fixture.host_link("/", "root");
        fixture.host_link("x", "to-x");
        for link in ["x", "y", "root", "to-x"] {
            try_everything(fixture, link);
        }
        try_everything_below(fixture, "root/etc/passwd");
        let guest = &mut fixture.guest();
        for target in ["/etc/passwd", "/", "//", outside] {
            refused(guest.symlink(target, ROOT, "made"), target);
        }
        assert!(fixture.path("pre/made").symlink_metadata().is_err());
    });
}

#[test]
fn item_07_chains_and_loops() {
    each(|fixture| {
        fixture.host_link("f", "l1");
        for link in 2..=45 {
            fixture.host_link(&format!("l{}", link - 1), &format!("l{link}"));
        }
        fixture.host_link("self", "self");
        fixture.host_link("two", "one");
        fixture.host_link("one", "two");
        fixture.host_link("slash/", "slash");
        let guest = &mut fixture.guest();
        assert_eq!(guest.read_file(ROOT, "l40"), Ok(b"inside".to_vec()));
        assert_eq!(guest.stat(ROOT, "l40", FOLLOW).map(|stat| stat.size), Ok(6));
        let looped = [Errno::Loop];
        for path in [
            "l41", "l45", "self", "one", "two", "self/", "one/", "slash", "slash/",
        ] {
            fails(guest.open(ROOT, path), &looped, path);
            fails(guest.stat(ROOT, path, FOLLOW), &looped, path);
            fails(guest.set_time(ROOT, path, FOLLOW, 1), &looped, path);
            fails(guest.link(ROOT, FOLLOW, path, ROOT, "new"), &looped, path);
            fails(
                guest.path_open(ROOT, FOLLOW, path, 0, (FILE, 0), 0),
                &looped,
                path,
            );
        }
        for path in ["self/x", "one/x", "slash/x"] {
            fails(guest.open(ROOT, path), &looped, path);
            fails(guest.mkdir(ROOT, path), &looped, path);
            fails(guest.unlink(ROOT, path), &looped, path);
            fails(guest.rename(ROOT, "f", ROOT, path), &looped, path);
        }
        assert!(fixture.path("pre/new").symlink_metadata().is_err());
    });
}

#[test]
fn item_08_a_link_up_that_stays_inside() {
    each(|fixture| {
        fixture.host_link("..", "a/up");
        fixture.host_link("../..", "a/b/top");
        let guest = &mut fixture.guest();
        for path in [
            "a/up/f",
            "a/b/top/f",
            "a/up/a/up/f",
            "a/b/../up/f",
            "a/b/../../f",
        ] {
            assert_eq!(
                guest.read_file(ROOT, path),
                Ok(b"inside".to_vec()),
                "{path}"
            );
        }
        assert_eq!(guest.write_file(ROOT, "a/up/new", b"new"), Ok(()));
        assert_eq!(
            std::fs::read(fixture.path("pre/new")).expect("made"),
            b"new"
        );
        assert_eq!(guest.mkdir(ROOT, "a/up/newdir"), Ok(()));
        assert_eq!(
            guest.rename(ROOT, "a/up/newdir", ROOT, "a/b/top/other"),
            Ok(())
        );
        assert!(fixture.path("pre/other").is_dir());
        // The same link is one that leaves, seen from where it would.
        let below = guest.open_dir(ROOT, "a").expect("a directory");
        refused(guest.open(below, "up/f"), "up from a");
        refused(guest.open_dir(below, "up"), "up from a");
        refused(guest.mkdir(below, "b/top/x"), "up from a");
    });
}

#[test]
fn item_09_out_and_in_again() {
    each(|fixture| {
        fixture.host_link("../pre/f", "back");
        fixture.host_link("../pre", "here");
        try_everything(fixture, "back");
        for path in ["../pre/f", "here/f", "../pre/a/../f", "a/../../pre/new"] {
            try_everything_below(fixture, path);
        }
    });
}

#[test]
fn item_10_creating_through_a_dangling_link() {
    each(|fixture| {
        fixture.host_link("../out/new", "d");
        fixture.host_link("inside-new", "fine");
        fixture.host_link("d", "to-d");
        let guest = &mut fixture.guest();
        for link in ["d", "to-d"] {
            for flags in [CREAT, CREAT | TRUNC] {
                for rights in [FD_WRITE, FILE] {
                    let opened = guest.path_open(ROOT, FOLLOW, link, flags, (rights, 0), 0);
                    refused(opened, link);
                }
                let opened = guest.path_open(ROOT, 0, link, flags, (FILE, 0), 0);
                fails(opened, &[Errno::Loop], "not followed");
            }
            let opened = guest.path_open(ROOT, FOLLOW, link, CREAT | EXCL, (FILE, 0), 0);
            fails(opened, &[Errno::Exist], "exclusive");
            fails(guest.mkdir(ROOT, link), &[Errno::Exist], "mkdir");
            fails(
                guest.link(ROOT, 0, "f", ROOT, link),
                &[Errno::Exist],
                "link",
            );
        }
        assert!(fixture.path("out/new").symlink_metadata().is_err());
        assert_eq!(guest.write_file(ROOT, "fine", b"new"), Ok(()));
        assert_eq!(
            std::fs::read(fixture.path("pre/inside-new")).expect("made"),
            b"new"
        );
        assert_ne!(guest.read_file(ROOT, "f"), Ok(SECRET.to_vec()));
    });
}
