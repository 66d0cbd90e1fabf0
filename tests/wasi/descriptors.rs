//! The table of descriptors, rights, offsets, and sizes that guests choose. Items 30 to 36.

use super::fixture::{ROOT, each};
use super::guest::*;
use super::{fails, refused};
use limpid::wasi::p1::{self, Errno, WasiP1Ctx};
use limpid::wasi::{I32Exit, MissingMemory, WasiCtxBuilder};
use limpid::{Linker, Module, Store};

const BAD: &[Errno] = &[Errno::BadF];

#[test]
fn item_30_renumbering() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let renumber = |guest: &mut Guest, from: u32, to: u32| {
            guest.call("fd_renumber", &[from.into(), to.into()])
        };
        let file = guest.open(ROOT, "f").expect("a file");
        assert_eq!(renumber(guest, file, file), Ok(()));
        assert_eq!(guest.read(file, 3), Ok(b"ins".to_vec()));
        for (from, to) in [
            (file, 1 << 31),
            (file, u32::MAX),
            (file, 99),
            (99, file),
            (99, 98),
        ] {
            fails(renumber(guest, from, to), BAD, &format!("{from} to {to}"));
        }
        assert_eq!(guest.read(file, 3), Ok(b"ide".to_vec()));
        // Onto the grant: it is closed by that, and no longer one.
        assert_eq!(renumber(guest, file, ROOT), Ok(()));
        fails(
            guest.open(ROOT, "f"),
            &[Errno::NotDir],
            "no directory any more",
        );
        fails(
            guest.call("fd_prestat_get", &[ROOT.into(), 0x8000]),
            BAD,
            "no grant any more",
        );
        fails(guest.read(file, 3), BAD, "moved away");
    });
}

/// What is renumbered onto is closed, on the host too.
#[cfg(target_os = "linux")]
#[test]
fn item_30_renumbering_leaks_nothing() {
    each(|fixture| {
        let guest = &mut fixture.guest_with(|builder| {
            builder.max_open_files(8);
        });
        for _ in 0..10_000 {
            let one = guest.open(ROOT, "f").expect("a file");
            let other = guest.open(ROOT, "a/s").expect("a file");
            let args = [one.into(), other.into()];
            assert_eq!(guest.call("fd_renumber", &args), Ok(()));
            assert_eq!(guest.close(other), Ok(()));
        }
    });
}

#[test]
fn item_31_closed_numbers() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        assert_eq!(guest.close(ROOT), Ok(()));
        fails(guest.close(ROOT), BAD, "closed already");
        fails(
            guest.call("fd_prestat_get", &[ROOT.into(), 0x8000]),
            BAD,
            "prestat",
        );
        fails(
            guest.call("fd_prestat_dir_name", &[ROOT.into(), 0x8000, 1]),
            BAD,
            "its name",
        );
        fails(guest.open(ROOT, "f"), BAD, "open");
        fails(guest.stat(ROOT, "f", 0), BAD, "stat");
        for fd in [ROOT, 4, 1000, 1 << 31, u32::MAX] {
            fails(guest.read(fd, 1), BAD, "read");
            fails(guest.write(fd, b"x"), BAD, "write");
            fails(guest.fd_stat(fd), BAD, "stat");
            fails(guest.readdir(fd, 0, 100), BAD, "readdir");
        }
    });
}

#[test]
fn item_31_numbers_stand_for_one_thing() {
    each(|fixture| {
        std::fs::write(fixture.path("pre/g"), "other").expect("a file");
        let guest = &mut fixture.guest();
        let first = guest.open(ROOT, "f").expect("a file");
        let second = guest.open(ROOT, "g").expect("a file");
        assert_ne!(first, second);
        assert_eq!(guest.close(first), Ok(()));
        fails(guest.read(first, 10), BAD, "closed");
        let again = guest.open(ROOT, "g").expect("a file");
        assert_eq!(again, first, "the lowest free number");
        assert_eq!(guest.read(again, 10), Ok(b"other".to_vec()));
        assert_eq!(
            guest.read(second, 10),
            Ok(b"other".to_vec()),
            "with a place of its own"
        );
        // A directory that was a grant and is closed is no grant when its number is used again.
        assert_eq!(guest.close(again), Ok(()));
        let dir = guest.open_dir(ROOT, "a").expect("a directory");
        let args = [dir.into(), ROOT.into()];
        assert_eq!(guest.call("fd_renumber", &args), Ok(()));
        fails(
            guest.call("fd_prestat_get", &[ROOT.into(), 0x8000]),
            BAD,
            "prestat",
        );
        assert_eq!(guest.read_file(ROOT, "s"), Ok(b"inside".to_vec()));
        refused(guest.open(ROOT, "../f"), "out of it");
    });
}

#[test]
fn item_32_rights_only_shrink() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let set = |guest: &mut Guest, fd: u32, base: u64, inheriting: u64| {
            guest.call("fd_fdstat_set_rights", &[fd.into(), base, inheriting])
        };
        let lacking = &[Errno::NotCapable];
        let file = guest
            .path_open(ROOT, 0, "f", 0, (FILE, 0), 0)
            .expect("a file");
        fails(set(guest, file, FILE | PATH_OPEN, 0), lacking, "more");
        fails(set(guest, file, FILE, FD_READ), lacking, "more to pass on");
        assert_eq!(set(guest, file, FILE & !FD_WRITE, 0), Ok(()));
        fails(guest.write(file, b"x"), BAD, "write without the right");
        fails(set(guest, file, FILE, 0), lacking, "the right again");
        assert_eq!(guest.read(file, 2), Ok(b"in".to_vec()));
        assert_eq!(set(guest, file, 0, 0), Ok(()));
        fails(guest.read(file, 2), BAD, "read without the right");
        fails(guest.fd_stat(file), lacking, "stat without the right");
        fails(
            guest.call("fd_tell", &[file.into(), 0x8000]),
            lacking,
            "tell without the right",
        );
        fails(
            guest.call("fd_filestat_set_size", &[file.into(), 0]),
            lacking,
            "set_size",
        );
        fails(
            guest.call("fd_allocate", &[file.into(), 0, 100]),
            lacking,
            "allocate",
        );
        // What a directory does not pass on cannot be had through it.
        let (base, inheriting) = guest.rights(ROOT).expect("rights");
        assert_eq!(set(guest, ROOT, base, inheriting & !FD_WRITE), Ok(()));
        let opened = guest.path_open(ROOT, 0, "f", 0, (FD_READ | FD_WRITE, 0), 0);
        fails(opened, lacking, "open for writing");
        let opened = guest.path_open(ROOT, 0, "a", DIRECTORY, (FD_READDIR, FD_WRITE), 0);
        fails(opened, lacking, "to pass on");
        assert!(guest.path_open(ROOT, 0, "f", 0, (FD_READ, 0), 0).is_ok());
        assert_eq!(set(guest, ROOT, base & !PATH_OPEN, 0), Ok(()));
        fails(guest.open(ROOT, "f"), lacking, "open");
        assert_eq!(
            std::fs::read(fixture.path("pre/f")).expect("there"),
            b"inside"
        );
    });
}

#[test]
fn item_32_who_may_seek_may_tell() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let tell = |guest: &mut Guest, file: u32| {
            guest.call("fd_tell", &[file.into(), 0x8000])?;
            Ok::<u64, Errno>(guest.u64(0x8000))
        };
        let rights = (FD_READ | FD_SEEK, 0);
        let file = guest.path_open(ROOT, 0, "f", 0, rights, 0).expect("a file");
        assert_eq!(guest.rights(file), Ok(rights));
        let seek = [file.into(), 5, 0, 0x8000];
        assert_eq!(guest.call("fd_seek", &seek), Ok(()));
        assert_eq!(tell(guest, file), Ok(5));
        let here = [file.into(), 0, 1, 0x8000];
        assert_eq!(guest.call("fd_seek", &here), Ok(()));
        // What is implied can be named, and kept when the other is given up.
        let args = [file.into(), FD_READ | FD_TELL, 0];
        assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
        assert_eq!(tell(guest, file), Ok(5));
        fails(guest.call("fd_seek", &seek), &[Errno::NotCapable], "seek");
        let args = [file.into(), FD_READ, 0];
        assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
        fails(tell(guest, file), &[Errno::NotCapable], "tell");
        // A directory that passes one on passes the other on.
        let (base, inheriting) = guest.rights(ROOT).expect("rights");
        let args = [ROOT.into(), base, inheriting & !FD_TELL];
        assert_eq!(guest.call("fd_fdstat_set_rights", &args), Ok(()));
        let file = guest.path_open(ROOT, 0, "f", 0, (FD_TELL, 0), 0);
        assert_eq!(tell(guest, file.expect("a file")), Ok(0));
    });
}

#[test]
fn a_guest_without_a_memory_is_told_so() {
    let engine = engine();
    let mut linker = Linker::new(engine);
    p1::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).expect("the functions");
    for memory in [
        "(memory 1)",
        "(memory (export \"mem\") 1)",
        "(func (export \"memory\"))",
    ] {
        let text = format!(
            r#"(module
            (import "wasi_snapshot_preview1" "fd_write"
                (func $write (param i32 i32 i32 i32) (result i32)))
            (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            {memory}
            (func (export "write")
                (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
            (func (export "exit") (drop (call $close (i32.const 2))) (call $exit (i32.const 7))))"#
        );
        let module = Module::new(engine, text).expect("a module");
        let mut store = Store::new(engine, WasiCtxBuilder::new().build_p1());
        store.set_epoch_deadline(1 << 40);
        let instance = linker
            .instantiate(&mut store, &module)
            .expect("an instance");
        let mut call = |name: &str| {
            let func = instance.get_typed_func::<(), ()>(&mut store, name);
            func.expect("a function").call(&mut store, ())
        };
        let error = call("write").expect_err("it has no memory");
        assert_eq!(error.downcast_ref(), Some(&MissingMemory("fd_write")));
        // What needs none goes on working.
        let error = call("exit").expect_err("it exits");
        assert_eq!(error.downcast_ref(), Some(&I32Exit(7)));
    }
}

#[test]
fn item_33_offsets() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let file = guest
            .path_open(ROOT, 0, "f", 0, (FILE, 0), 0)
            .expect("a file");
        let seek = |guest: &mut Guest, offset: i64, whence: u64| {
            guest.call("fd_seek", &[file.into(), offset as u64, whence, 0x8000])
        };
        let wrong = &[Errno::Inval];
        for (offset, whence) in [
            (-1, 0),
            (i64::MIN, 0),
            (i64::MIN, 1),
            (-7, 2),
            (0, 3),
            (0, 99),
        ] {
            fails(
                seek(guest, offset, whence),
                wrong,
                &format!("{offset} from {whence}"),
            );
        }
        assert_eq!(seek(guest, 5, 0), Ok(()));
        fails(
            seek(guest, i64::MAX, 1),
            &[Errno::Inval, Errno::Overflow],
            "past what counts",
        );
        fails(
            seek(guest, i64::MAX, 2),
            &[Errno::Inval, Errno::Overflow],
            "past what counts",
        );
        assert_eq!(seek(guest, 0, 1), Ok(()));
        assert_eq!(guest.u64(0x8000), 5);
        let large = &[Errno::Inval, Errno::FBig, Errno::NoSpc];
        for at in [1 << 63, u64::MAX, u64::MAX - 3] {
            guest.list(4);
            let args = [file.into(), 0, 1, at, 0x8000];
            fails(guest.call("fd_pread", &args), wrong, "pread");
            fails(guest.call("fd_pwrite", &args), wrong, "pwrite");
            fails(
                guest.call("fd_filestat_set_size", &[file.into(), at]),
                large,
                "set_size",
            );
            fails(
                guest.call("fd_allocate", &[file.into(), at, 1]),
                large,
                "allocate",
            );
            fails(
                guest.call("fd_allocate", &[file.into(), 1, at]),
                large,
                "allocate",
            );
            fails(
                guest.call("fd_advise", &[file.into(), at, 1, 0]),
                wrong,
                "advise",
            );
        }
        fails(
            guest.call("fd_allocate", &[file.into(), 0, 1 << 62]),
            large,
            "allocate",
        );
        fails(
            guest.call("fd_allocate", &[file.into(), 0, 0]),
            wrong,
            "allocate nothing",
        );
        assert_eq!(guest.fd_stat(file).map(|stat| stat.size), Ok(6));
    });
}

#[test]
fn item_34_what_cannot_be_written_or_read() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let reading = guest.open(ROOT, "f").expect("a file");
        fails(guest.write(reading, b"x"), BAD, "write to what is read");
        let writing = guest
            .path_open(ROOT, 0, "f", 0, (FD_WRITE, 0), 0)
            .expect("a file");
        fails(guest.read(writing, 1), BAD, "read what is written");
        for (name, args) in [
            ("fd_write", vec![ROOT.into(), 0, 1, 0x8000]),
            ("fd_read", vec![ROOT.into(), 0, 1, 0x8000]),
            ("fd_pwrite", vec![ROOT.into(), 0, 1, 0, 0x8000]),
            ("fd_pread", vec![ROOT.into(), 0, 1, 0, 0x8000]),
        ] {
            fails(guest.call(name, &args), BAD, name);
        }
        let directory = guest.path_open(ROOT, 0, "a", 0, (FD_READ | FD_WRITE, 0), 0);
        fails(directory, &[Errno::IsDir], "open a directory for writing");
    });
}

#[test]
fn item_34_lists_of_buffers() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let file = guest
            .path_open(ROOT, 0, "f", 0, (FILE, 0), 0)
            .expect("a file");
        const END: u32 = 64 << 16;
        let put = |guest: &mut Guest, at: u32, len: u32| {
            guest.put(0, &at.to_le_bytes());
            guest.put(4, &len.to_le_bytes());
        };
        for (at, len) in [
            (END - 3, 4),
            (END, 1),
            (END + 1, 0),
            (u32::MAX, 2),
            (u32::MAX - 1, 1),
            (0x1_0000, u32::MAX),
            (1, u32::MAX),
        ] {
            put(guest, at, len);
            for name in ["fd_read", "fd_write"] {
                let args = [file.into(), 0, 1, 0x8000];
                fails(
                    guest.call(name, &args),
                    &[Errno::Fault],
                    &format!("{name} {at}+{len}"),
                );
            }
        }
        put(guest, 0x1_0000, 3);
        for name in ["fd_read", "fd_write"] {
            // Lists that leave the memory, that are too long, or whose result does.
            let outside = [file.into(), u64::from(END - 7), 1, 0x8000];
            fails(guest.call(name, &outside), &[Errno::Fault], name);
            let million = [file.into(), 0, 1_000_000, 0x8000];
            fails(
                guest.call(name, &million),
                &[Errno::Fault, Errno::Inval],
                name,
            );
            let thousands = [file.into(), 0x10_0000, 100_000, 0x8000];
            fails(guest.call(name, &thousands), &[Errno::Inval], name);
            let result = [file.into(), 0, 1, u64::from(END - 3)];
            fails(guest.call(name, &result), &[Errno::Fault], name);
            let many = [file.into(), 0, u64::from(u32::MAX), 0x8000];
            fails(guest.call(name, &many), &[Errno::Fault], name);
        }
        assert_eq!(guest.fd_stat(file).map(|stat| stat.size), Ok(6));
        // Buffers that overlap are filled one after the other.
        for (entry, (at, len)) in [(0x1_0000u32, 4u32), (0x1_0002, 2)].into_iter().enumerate() {
            guest.put(entry * 8, &at.to_le_bytes());
            guest.put(entry * 8 + 4, &len.to_le_bytes());
        }
        assert_eq!(guest.call("fd_read", &[file.into(), 0, 2, 0x8000]), Ok(()));
        assert_eq!(guest.u32(0x8000), 6);
        assert_eq!(guest.get(0x1_0000, 4), b"inde");
    });
}

#[test]
fn item_34_limits_of_buffers() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let file = guest
            .path_open(ROOT, 0, "f", 0, (FILE, 0), 0)
            .expect("a file");
        // As many buffers as there may be, and one more; then more bytes than can be counted.
        let list = |guest: &mut Guest, at: u32, len: u32| {
            let entry = [at.to_le_bytes(), len.to_le_bytes()].concat();
            guest.put(0x10_0000, &entry.repeat(1025));
        };
        for name in ["fd_read", "fd_pread", "fd_write", "fd_pwrite"] {
            let args = |n: u64| match name.starts_with("fd_p") {
                true => vec![file.into(), 0x10_0000, n, 0, 0x8000],
                false => vec![file.into(), 0x10_0000, n, 0x8000],
            };
            list(guest, 0x1_0000, 0);
            assert_eq!(guest.call(name, &args(1024)), Ok(()), "{name}");
            fails(guest.call(name, &args(1025)), &[Errno::Inval], name);
            list(guest, 0, 64 << 16);
            fails(guest.call(name, &args(1024)), &[Errno::Inval], name);
        }
        // Of very many bytes some are written at a time.
        assert_eq!(
            guest.call("fd_write", &[1, 0x10_0000, 1023, 0x8000]),
            Ok(())
        );
        assert_eq!(guest.u32(0x8000), 64 << 20);
    });
}

#[test]
fn item_35_open_files_have_a_limit() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let mut opened = 0;
        for _ in 0..10_000 {
            match guest.open(ROOT, "f") {
                Ok(_) => opened += 1,
                Err(error) => assert_eq!(error, Errno::MFile),
            }
        }
        // Three streams and the grant among them.
        assert_eq!(opened, 60);
        fails(guest.open_dir(ROOT, "a"), &[Errno::MFile], "a directory");
        let created = guest.path_open(ROOT, 0, "new", CREAT, (FILE, 0), 0);
        fails(created, &[Errno::MFile], "a new file");
        assert!(
            fixture.path("pre/new").symlink_metadata().is_err(),
            "refused before it is made"
        );
        assert_eq!(guest.close(40), Ok(()));
        assert_eq!(guest.open(ROOT, "f"), Ok(40));
        let guest = &mut fixture.guest_with(|builder| {
            builder.max_open_files(1024);
        });
        let opened = (0..2000).filter(|_| guest.open(ROOT, "f").is_ok()).count();
        assert_eq!(opened, 1020);
    });
}

/// What goes by way of the host is in pieces there.
#[test]
fn item_36_much_in_memory_that_is_shared() {
    each(|fixture| {
        let bytes: Vec<u8> = (0..3u32 << 20).map(|at| (at % 251) as u8).collect();
        std::fs::write(fixture.path("pre/f"), &bytes).expect("a file");
        let mut builder = fixture.builder();
        super::fixture::grant(&mut builder, &fixture.path("pre"), "/");
        let mut guest = SharedGuest::new(builder.build_p1());
        let put = |guest: &SharedGuest, at: usize, bytes: &[u8]| {
            guest.memory.write(at, bytes).expect("in bounds");
        };
        let get = |guest: &SharedGuest, at: usize, len: usize| {
            let mut bytes = vec![0; len];
            guest.memory.read(at, &mut bytes).expect("in bounds");
            bytes
        };
        put(&guest, 0x1000, b"f");
        let open = [3, 0, 0x1000, 1, 0, FILE, 0, 0, 0x8000];
        assert_eq!(guest.call("path_open", &open), Ok(()));
        put(
            &guest,
            0,
            &[0x1_0000u32, 3 << 20].map(u32::to_le_bytes).concat(),
        );
        assert_eq!(guest.call("fd_read", &[4, 0, 1, 0x8000]), Ok(()));
        assert_eq!(get(&guest, 0x8000, 4), (3u32 << 20).to_le_bytes());
        assert!(get(&guest, 0x1_0000, 3 << 20) == bytes);
        assert_eq!(guest.call("fd_write", &[4, 0, 1, 0x8000]), Ok(()));
        let twice = std::fs::read(fixture.path("pre/f")).expect("a file");
        assert!(twice == bytes.repeat(2));
        assert_eq!(guest.call("random_get", &[0x1_0000, 3 << 20]), Ok(()));
        assert!(
            get(&guest, 0x30_0000, 0x1_0000 - 1)
                .iter()
                .any(|byte| *byte != 0)
        );
    });
}

#[test]
fn item_36_sizes_that_guests_choose() {
    each(|fixture| {
        let guest = &mut fixture.guest();
        let all = u64::from(u32::MAX);
        fails(
            guest.call("random_get", &[0, all]),
            &[Errno::Fault],
            "random_get",
        );
        let poll = |guest: &mut Guest, n: u64| guest.call("poll_oneoff", &[0, 0x8000, n, 0x9000]);
        for n in [0, 1 << 31, all, 1 << 20, 4097] {
            fails(poll(guest, n), &[Errno::Inval], "poll");
        }
        // As many as there may be, all of them clocks that are past already.
        guest.put(0x10_0000, &[0; 48 * 4096]);
        let most = [0x10_0000, 0x20_0000, 4096, 0x9000];
        assert_eq!(guest.call("poll_oneoff", &most), Ok(()));
        assert_eq!(guest.u32(0x9000), 4096);
        fails(poll(guest, 1 << 20 | 1), &[Errno::Inval], "poll");
        fails(
            guest.call("fd_prestat_dir_name", &[3, 0x40_0000, 1]),
            &[Errno::Fault],
            "name",
        );
        fails(
            guest.call("fd_prestat_dir_name", &[3, 0x8000, 0]),
            &[Errno::NameTooLong],
            "name",
        );
    });
}
