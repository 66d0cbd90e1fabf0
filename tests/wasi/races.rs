//! What changes while it is looked at: directories that turn into links, parents that move away,
//! memory that other threads rewrite, numbers that are closed while they are read. Items 22, 23, 45
//! and 48.

use super::fixture::{Fixture, ROOT, SECRET, each};
use super::guest::*;
use super::refused;
use limpid::wasi::p1::Errno;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Does something again and again on a thread of its own while something else runs.
fn meanwhile<R>(mut again: impl FnMut() + Send, run: impl FnOnce() -> R) -> R {
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Relaxed) {
                again();
            }
        });
        // The thread ends, however this does.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
        over.store(true, Relaxed);
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// Whether to go on: at least for that many turns, and then until enough was seen, but not for
/// ever. A busy machine may run one of two threads alone for a while.
fn goes_on(turn: usize, turns: usize, enough: bool, begin: Instant) -> bool {
    turn < turns || (!enough && begin.elapsed() < Duration::from_secs(30))
}

/// Exchanges `pre/a` and a link to `out` as fast as it can.
#[cfg(target_os = "linux")]
fn swapping<R>(fixture: &Fixture, run: impl FnOnce() -> R) -> R {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    let (dir, link) = (fixture.path("pre/a"), fixture.path("pre/l"));
    meanwhile(
        || renameat_with(CWD, &dir, CWD, &link, RenameFlags::EXCHANGE).expect("both are there"),
        run,
    )
}

/// What a resolver does that looks first and opens then.
#[cfg(target_os = "linux")]
fn naive(fixture: &Fixture) -> Option<Vec<u8>> {
    let dir = fixture.path("pre/a");
    let looked = dir.symlink_metadata().ok()?;
    if looked.is_symlink() {
        return None;
    }
    std::fs::read(dir.join("s")).ok()
}

#[cfg(target_os = "linux")]
#[test]
fn item_22_a_directory_that_turns_into_a_link() {
    const ATTEMPTS: usize = 100_000;
    each(|fixture| {
        fixture.host_link("../out", "l");
        swapping(fixture, || {
            // The same race is one that can be lost.
            let until = Instant::now() + Duration::from_secs(60);
            while naive(fixture) != Some(SECRET.to_vec()) {
                assert!(Instant::now() < until, "the naive resolver leaks nothing");
            }
            let guest = &mut fixture.guest();
            let (mut inside, mut outside) = (0, 0);
            for _ in 0..ATTEMPTS {
                match guest.read_file(ROOT, "a/s") {
                    Ok(bytes) if bytes == b"inside" => inside += 1,
                    Ok(bytes) => panic!("leaked {:?}", String::from_utf8_lossy(&bytes)),
                    Err(error) => {
                        assert_eq!(error, Errno::Perm);
                        outside += 1;
                    }
                }
            }
            println!("{inside} inside, {outside} refused");
            assert!(
                inside.min(outside) >= ATTEMPTS / 100,
                "{inside} inside, {outside} refused"
            );
        });
    });
}

/// The same with what writes: nothing appears outside.
#[cfg(target_os = "linux")]
#[test]
fn item_22_writing_where_a_directory_turns_into_a_link() {
    each(|fixture| {
        fixture.host_link("../out", "l");
        swapping(fixture, || {
            let guest = &mut fixture.guest();
            let (mut done, mut refused, mut turn) = (0, 0, 0);
            let begin = Instant::now();
            while goes_on(turn, 3_000, done > 300 && refused > 300, begin) {
                turn += 1;
                for result in [
                    guest.write_file(ROOT, "a/new", b"new"),
                    guest.set_time(ROOT, "a/s", FOLLOW, 1),
                    guest.mkdir(ROOT, "a/newdir"),
                    guest.rmdir(ROOT, "a/newdir"),
                    guest.symlink("x", ROOT, "a/link"),
                    guest.unlink(ROOT, "a/link"),
                    guest.rename(ROOT, "a/new", ROOT, "a/renamed"),
                    guest.link(ROOT, 0, "f", ROOT, "a/hard"),
                    guest.unlink(ROOT, "a/hard"),
                    guest.unlink(ROOT, "a/renamed"),
                ] {
                    match result {
                        Ok(()) => done += 1,
                        Err(Errno::Perm) => refused += 1,
                        Err(Errno::NoEnt | Errno::Exist | Errno::NotEmpty) => {}
                        Err(error) => panic!("{error:?}"),
                    }
                }
            }
            assert!(
                done > 300 && refused > 300,
                "{done} done, {refused} refused"
            );
        });
        fixture.assert_untouched();
    });
}

#[test]
fn item_23_a_parent_that_moves_away() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let held = guest.open_dir(ROOT, "a/b").expect("a directory");
        std::fs::create_dir(fixture.path("elsewhere")).expect("a directory");
        std::fs::write(fixture.path("elsewhere/s"), SECRET).expect("a file");
        std::fs::rename(fixture.path("pre/a/b"), fixture.path("elsewhere/b")).expect("moved");
        for path in ["..", "../s", "../../out/s", "./../s"] {
            refused(guest.open(held, path), path);
            refused(guest.open_dir(held, path), path);
            refused(guest.stat(held, path, 0), path);
            refused(guest.write_file(held, path, b"x"), path);
        }
        // What is held stays usable.
        assert_eq!(guest.write_file(held, "own", b"own"), Ok(()));
        assert_eq!(guest.read_file(held, "own"), Ok(b"own".to_vec()));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn item_23_a_parent_that_moves_to_and_fro() {
    use std::fs::rename;
    each(|fixture| {
        std::fs::create_dir_all(fixture.path("pre/a/b/c")).expect("a directory");
        std::fs::create_dir(fixture.path("away")).expect("a directory");
        std::fs::write(fixture.path("away/s"), SECRET).expect("a file");
        let (home, away) = (fixture.path("pre/a/b"), fixture.path("away/b"));
        let moving = || {
            rename(&home, &away).expect("moved");
            rename(&away, &home).expect("moved back");
        };
        meanwhile(moving, || {
            let guest = &mut fixture.guest();
            for _ in 0..20_000 {
                // From `away/b/c` two up and down again would be the secret.
                for path in ["a/b/c/../../s", "a/b/../s"] {
                    match guest.read_file(ROOT, path) {
                        Ok(bytes) => assert_eq!(bytes, b"inside", "{path}"),
                        Err(error) => assert!(
                            matches!(error, Errno::NoEnt | Errno::Perm | Errno::Again),
                            "{error:?}"
                        ),
                    }
                }
            }
        });
    });
}

/// Paths, lists of buffers and subscriptions are read once: what another thread writes meanwhile
/// is either in what was read or not.
#[test]
fn item_45_memory_that_others_rewrite() {
    each(|fixture| {
        let mut builder = fixture.builder();
        super::fixture::grant(&mut builder, &fixture.path("pre"), "/");
        let mut guest = SharedGuest::new(builder.build_p1());
        let memory = guest.memory.clone();
        let mut turn = 0u64;
        let paths = [*b"a/b/../s", *b"../out/s"];
        let buffers = [[0x1_0000u32, 6], [0xFFFF_FFF0, 64], [0x1_0000, 0x7FFF_FFFF]];
        let rewriting = || {
            turn += 1;
            let path = &paths[turn as usize % 2];
            memory.write(0x1000, path).expect("in bounds");
            let [at, len] = buffers[turn as usize % 3];
            memory.write(0x2000, &at.to_le_bytes()).expect("in bounds");
            memory.write(0x2004, &len.to_le_bytes()).expect("in bounds");
            // A subscription whose kind, clock and time change.
            memory.write(0x3008, &[turn as u8 % 3]).expect("in bounds");
            memory
                .write(0x3010, &(turn as u32 % 5).to_le_bytes())
                .expect("in bounds");
            memory
                .write(0x3018, &(turn % 7).to_le_bytes())
                .expect("in bounds");
        };
        meanwhile(rewriting, || {
            let (mut opened, mut refused, mut turn) = (0, 0, 0);
            let begin = Instant::now();
            while goes_on(turn, 20_000, opened > 100 && refused > 100, begin) {
                turn += 1;
                let args = [3, 1, 0x1000, 8, 0, FILE, 0, 0, 0x8000];
                match guest.call("path_open", &args) {
                    Ok(()) => opened += 1,
                    Err(_) => {
                        refused += 1;
                        continue;
                    }
                }
                let mut fd = [0; 4];
                guest.memory.read(0x8000, &mut fd).expect("in bounds");
                let fd = u64::from(u32::from_le_bytes(fd));
                let _ = guest.call("fd_read", &[fd, 0x2000, 1, 0x8000]);
                let mut bytes = [0; 6];
                guest.memory.read(0x1_0000, &mut bytes).expect("in bounds");
                assert_ne!(bytes, SECRET[..]);
                let _ = guest.call("poll_oneoff", &[0x3000, 0x9000, 1, 0x8000]);
                assert_eq!(guest.call("fd_close", &[fd]), Ok(()));
            }
            assert!(
                opened > 100 && refused > 100,
                "{opened} opened, {refused} refused"
            );
        });
    });
}

/// A number that is closed and given anew while it is read stands for one thing in each call.
#[test]
fn item_48_numbers_that_change_while_they_are_read() {
    each(|fixture| {
        std::fs::write(fixture.path("pre/f"), vec![b'f'; 4096]).expect("a file");
        std::fs::write(fixture.path("pre/g"), vec![b'g'; 4096]).expect("a file");
        let mut guest = fixture.guest();
        let ctx = guest.store.data().clone();
        let fd = guest.open(ROOT, "f").expect("a file");
        let changing = || {
            for path in ["f", "g"] {
                let new = guest.open(ROOT, path).expect("a file");
                assert_eq!(guest.call("fd_renumber", &[new.into(), fd.into()]), Ok(()));
            }
            assert_eq!(guest.close(fd), Ok(()));
            assert_eq!(guest.open(ROOT, "f"), Ok(fd));
        };
        meanwhile(changing, || {
            let mut reader = Guest::new(ctx);
            reader.put(0, &[0, 0, 1, 0, 0, 16, 0, 0]);
            let (mut seen, mut turn) = ([0usize; 256], 0);
            let begin = Instant::now();
            let enough = |seen: &[usize; 256]| b"fg".iter().all(|b| seen[usize::from(*b)] > 20);
            while goes_on(turn, 20_000, enough(&seen), begin) {
                turn += 1;
                let args = [fd.into(), 0, 1, 0, 0x8000];
                match reader.call("fd_pread", &args) {
                    Ok(()) => {
                        let bytes = reader.get(0x1_0000, 4096);
                        assert!(bytes.iter().all(|byte| *byte == bytes[0]), "of one file");
                        seen[usize::from(bytes[0])] += 1;
                    }
                    Err(error) => assert_eq!(error, Errno::BadF),
                }
            }
            assert!(enough(&seen), "both files are seen");
        });
    });
}

/// A read that waits stays with what it began with when its number is given to something else.
#[test]
fn item_48_a_read_that_waits_stays_where_it_is() {
    each(|fixture| {
        let fifo = fixture.path("pre/fifo");
        let made = std::process::Command::new("mkfifo").arg(&fifo).status();
        assert!(made.is_ok_and(|status| status.success()));
        let mut guest = fixture.guest();
        let fd = guest.open(ROOT, "fifo").expect("no wait");
        // Held open to write, so that the read waits.
        let writer = guest
            .path_open(ROOT, 0, "fifo", 0, (FD_WRITE, 0), 0)
            .expect("to write");
        let ctx = guest.store.data().clone();
        let reading = std::thread::spawn(move || Guest::new(ctx).read(fd, 100));
        std::thread::sleep(Duration::from_millis(300));
        // Nothing is locked meanwhile.
        let begin = Instant::now();
        assert_eq!(guest.close(fd), Ok(()));
        assert_eq!(guest.open(ROOT, "f"), Ok(fd));
        assert_eq!(guest.read(fd, 100), Ok(b"inside".to_vec()));
        assert!(begin.elapsed() < Duration::from_secs(2));
        assert!(!reading.is_finished());
        assert_eq!(guest.write(writer, b"through"), Ok(7));
        assert_eq!(reading.join().expect("no panic"), Ok(b"through".to_vec()));
    });
}
