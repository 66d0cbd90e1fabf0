//! Times, links read, magic links, other file systems, what is no file, and lists. Items 19, 20,
//! 21, 24, 25, 28 and 29.

use super::fixture::{ROOT, each, grant};
use super::guest::*;
use super::{fails, refused};
use limpid::wasi::p1::Errno;
use limpid::wasi::{DirPerms, FilePerms};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;

#[test]
fn item_19_times() {
    each(|fixture| {
        fixture.host_link("../out/s", "l");
        fixture.host_link("f", "fine");
        let guest = &mut fixture.guest();
        refused(guest.set_time(ROOT, "l", FOLLOW, 1_000_000_000), "followed");
        fixture.assert_untouched();
        // Of the link itself they may be set.
        assert_eq!(guest.set_time(ROOT, "l", 0, 5_000_000_000), Ok(()));
        let link = fixture.path("pre/l").symlink_metadata().expect("there");
        assert_eq!(link.mtime(), 5);
        assert_eq!(guest.set_time(ROOT, "fine", FOLLOW, 7_000_000_001), Ok(()));
        let file = fixture.path("pre/f").symlink_metadata().expect("there");
        assert_eq!((file.mtime(), file.mtime_nsec()), (7, 1));
        assert_eq!(
            guest.stat(ROOT, "f", 0).map(|stat| stat.modified),
            Ok(7_000_000_001)
        );
    });
}

#[test]
fn item_20_reading_links() {
    each(|fixture| {
        fixture.host_link("../out/s", "l");
        fixture.host_link("/etc/passwd", "x");
        let guest = &mut fixture.guest();
        // Where a link leads is no secret, and no grant.
        assert_eq!(guest.readlink(ROOT, "l", 100), Ok(b"../out/s".to_vec()));
        assert_eq!(guest.readlink(ROOT, "x", 100), Ok(b"/etc/passwd".to_vec()));
        assert_eq!(guest.readlink(ROOT, "l", 3), Ok(b"../".to_vec()));
        assert_eq!(guest.readlink(ROOT, "l", 0), Ok(Vec::new()));
        refused(guest.open(ROOT, "l"), "through it");
        fails(guest.readlink(ROOT, "f", 10), &[Errno::Inval], "a file");
        fails(guest.readlink(ROOT, "none", 10), &[Errno::NoEnt], "nothing");
        let beyond = [ROOT.into(), 0x1000, 1, 0x40_0000 - 5, 6, 0x8000];
        fails(
            guest.call("path_readlink", &beyond),
            &[Errno::Fault],
            "past the end of memory",
        );
    });
}

#[cfg(target_os = "linux")]
#[test]
fn item_21_magic_links() {
    each(|fixture| {
        let mut builder = fixture.builder();
        let granted = builder.preopened_dir("/proc", "/", DirPerms::READ, FilePerms::READ);
        granted.expect("a grant");
        let guest = &mut Guest::new(builder.build_p1());
        let root = "self/root";
        let (file, slash) = (format!("{root}/etc/passwd"), format!("{root}/"));
        for path in [&file, root, "self/cwd", "self/cwd/..", "self/exe"] {
            refused(guest.open(ROOT, path), path);
            refused(guest.stat(ROOT, path, FOLLOW), path);
        }
        refused(guest.open_dir(ROOT, &slash), "the root");
        refused(guest.stat(ROOT, &slash, 0), "the root");
        let file = std::fs::File::open(fixture.base.path()).expect("a directory");
        let path = format!("self/fd/{}", file.as_raw_fd());
        refused(guest.open(ROOT, &path), "a link that says an absolute path");
        let (ours, _theirs) = std::os::unix::net::UnixStream::pair().expect("a pair");
        let path = format!("self/fd/{}", ours.as_raw_fd());
        // One that says a name that is nowhere.
        let nowhere = &[Errno::Perm, Errno::NoEnt];
        fails(guest.open(ROOT, &path), nowhere, &path);
        assert!(guest.read_file(ROOT, "self/status").is_ok());
    });
}

/// What goes from one file system to another has another number than what leaves a grant.
#[cfg(target_os = "linux")]
#[test]
fn item_24_other_file_systems() {
    each(|fixture| {
        let Ok(other) = tempfile::tempdir_in("/dev/shm") else {
            println!("left out: no second file system to write to");
            return;
        };
        let device = |path: &std::path::Path| path.metadata().expect("there").dev();
        if device(other.path()) == device(fixture.base.path()) {
            println!("left out: both are one file system");
            return;
        }
        let guest = &mut fixture.guest_with(|builder| grant(builder, other.path(), "/other"));
        fails(guest.rename(ROOT, "f", 4, "f"), &[Errno::XDev], "rename");
        fails(guest.link(ROOT, 0, "f", 4, "f"), &[Errno::XDev], "link");
        // A mount below what is granted belongs to it.
        let mut builder = fixture.builder();
        let granted = builder.preopened_dir("/dev", "/", DirPerms::READ, FilePerms::READ);
        granted.expect("a grant");
        std::fs::write(other.path().join("x"), "there").expect("a file");
        let guest = &mut Guest::new(builder.build_p1());
        let name = other.path().strip_prefix("/dev").expect("below");
        let path = name.join("x");
        let path = path.to_str().expect("a path of text");
        let up = name.to_str().expect("a path of text");
        assert_eq!(guest.read_file(ROOT, path), Ok(b"there".to_vec()));
        refused(
            guest.open(ROOT, format!("{up}/../../../etc/passwd")),
            "out of the mount",
        );
    });
}

/// Both ways to resolve give the same answer where the system's call gives up: all tests here run
/// under both, and this one looks that the fallback was not the only way.
#[cfg(target_os = "linux")]
#[test]
fn item_25_both_resolvers_are_tested() {
    use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    match openat2(CWD, ".", flags, Mode::empty(), ResolveFlags::BENEATH) {
        Ok(_) => println!("this system has the call: both ways were tested"),
        Err(error) => println!("left out: this system refuses the call ({error})"),
    }
    let mut ways = Vec::new();
    let seen = std::cell::RefCell::new(&mut ways);
    each(|fixture| seen.borrow_mut().push(fixture.resolver));
    assert_eq!(ways.len(), 2);
    assert_ne!(ways[0], ways[1]);
}

#[test]
fn item_28_opening_never_hangs() {
    each(|fixture| {
        let fifo = fixture.path("pre/fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.is_ok_and(|status| status.success()));
        let _socket = std::os::unix::net::UnixListener::bind(fixture.path("pre/socket"));
        let guest = &mut fixture.guest();
        let reading = guest.open(ROOT, "fifo").expect("no wait");
        // Nobody writes to it: its end, for who does not wait for the first writer.
        const NONBLOCK: u64 = 4;
        let looking = guest.path_open(ROOT, 0, "fifo", 0, (FD_READ, 0), NONBLOCK);
        let looking = looking.expect("no wait");
        assert_eq!(guest.read(looking, 10), Ok(Vec::new()));
        assert_eq!(guest.close(looking), Ok(()));
        let writing = guest
            .path_open(ROOT, 0, "fifo", 0, (FD_WRITE, 0), 0)
            .expect("read by us");
        assert_eq!(guest.write(writing, b"through"), Ok(7));
        assert_eq!(guest.read(reading, 10), Ok(b"through".to_vec()));
        assert_eq!(guest.close(reading), Ok(()));
        let writing = guest.path_open(ROOT, 0, "fifo", 0, (FD_WRITE, 0), 0);
        fails(writing, &[Errno::NxIo], "nobody reads");
        fails(
            guest.open(ROOT, "socket"),
            &[Errno::NxIo, Errno::NotSup],
            "a socket",
        );
        let mut builder = fixture.builder();
        let granted = builder.preopened_dir("/dev", "/", DirPerms::READ, FilePerms::READ);
        granted.expect("a grant");
        let guest = &mut Guest::new(builder.build_p1());
        assert_eq!(guest.read_file(ROOT, "null"), Ok(Vec::new()));
        // A terminal does not become this process's, and is not waited for.
        let _ = guest.open(ROOT, "tty");
    });
}

#[test]
fn item_29_lists_that_change() {
    each(|fixture| {
        for number in 0..100 {
            std::fs::write(fixture.path(&format!("pre/a/n{number}")), "").expect("a file");
        }
        let guest = &mut fixture.guest();
        let dir = guest.open_dir(ROOT, "a").expect("a directory");
        let (mut seen, mut cookie, mut step) = (Vec::new(), 0, 0);
        loop {
            let (names, _) = guest.readdir(dir, cookie, 200).expect("a list");
            let Some((_, next)) = names.last() else {
                break;
            };
            cookie = *next;
            seen.extend(names.into_iter().map(|(name, _)| name));
            // Each time one of the old ones goes and a new one comes.
            let _ = std::fs::remove_file(fixture.path(&format!("pre/a/n{}", step * 3)));
            std::fs::write(fixture.path(&format!("pre/a/new{step}")), "").expect("a file");
            step += 1;
        }
        assert!(step > 10, "{step}");
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), seen.len(), "each name once");
        for number in (0..100).filter(|number| number % 3 != 0 || number / 3 >= step) {
            assert!(
                seen.contains(&format!("n{number}")),
                "n{number} was there all the time"
            );
        }
        // From the start it is as it is now.
        let now = guest.names(dir).expect("a list");
        assert!(now.contains(&"new0".to_owned()) && !now.contains(&"n0".to_owned()));
    });
}

#[test]
fn item_29_cookies_and_small_buffers() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let (names, used) = guest.readdir(ROOT, 0, 4096).expect("a list");
        let all: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(all[..2], [".", ".."]);
        assert_eq!(names.len(), 4);
        // Any cookie that was given leads to what comes after it.
        for (at, (_, cookie)) in names.iter().enumerate() {
            let (rest, _) = guest.readdir(ROOT, *cookie, 4096).expect("a list");
            assert_eq!(rest, names[at + 1..]);
        }
        for cookie in [5, 1000, 1 << 32, i64::MAX as u64, u64::MAX - 1, u64::MAX] {
            assert_eq!(
                guest.readdir(ROOT, cookie, 4096),
                Ok((Vec::new(), 0)),
                "{cookie}"
            );
        }
        // A full buffer says that there is more; what was cut comes again.
        for room in [0, 1, 23, 24, 25, used - 1] {
            let (_, filled) = guest.readdir(ROOT, 0, room).expect("a list");
            assert_eq!(filled, room);
        }
        let file = guest.open(ROOT, "f").expect("a file");
        fails(
            guest.readdir(file, 0, 100),
            &[Errno::NotDir, Errno::BadF],
            "a file",
        );
        let beyond = [ROOT.into(), 0x10_0000, u64::from(u32::MAX), 0, 0x8000];
        fails(
            guest.call("fd_readdir", &beyond),
            &[Errno::Fault],
            "past the end of memory",
        );
        // What is above is not looked at: its number is the directory's own.
        guest.readdir(ROOT, 0, 4096).expect("a list");
        assert_eq!(guest.u64(0x1_0008), guest.u64(0x1_0008 + 25));
    });
}
