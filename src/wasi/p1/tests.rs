//! Tests of the functions against memory laid out by hand, without a guest.

use super::errno::Errno;
use super::linker::FUNCTIONS;
use super::types::rights;
use super::{Answer, Call, MODULE, Stop, WasiP1Ctx};
use crate::api::{Engine, Instance, Linker, Module, Store};
use crate::wasi::exit::I32Exit;
use crate::wasi::host::poll::Interrupt;
use crate::wasi::memory::{GuestMemory, MissingMemory};
use crate::wasi::{MemoryInputPipe, MemoryOutputPipe, StdinStream, VirtualClock, WasiCtxBuilder};
use std::io;
use std::time::Duration;

/// A context and 64 KiB of memory.
struct Bench {
    ctx: WasiP1Ctx,
    memory: Vec<u8>,
    interrupt: bool,
}

impl Bench {
    fn new(build: impl FnOnce(&mut WasiCtxBuilder)) -> Bench {
        let mut builder = WasiCtxBuilder::new();
        build(&mut builder);
        Bench {
            ctx: builder.build_p1(),
            memory: vec![0; 1 << 16],
            interrupt: false,
        }
    }

    fn call<R>(&mut self, function: impl FnOnce(&mut Call<'_>) -> R) -> R {
        let interrupt = self.interrupt;
        function(&mut Call {
            ctx: &self.ctx,
            memory: GuestMemory::own(&mut self.memory),
            interrupt: Interrupt::new(&|| interrupt),
            given_up: core::cell::Cell::new(false),
        })
    }

    /// The error number of a call.
    fn errno(&mut self, function: impl FnOnce(&mut Call<'_>) -> Answer) -> Errno {
        match self.call(function) {
            Ok(()) => Errno::Success,
            Err(Stop::Errno(errno)) => errno,
            Err(Stop::Interrupted) => Errno::Intr,
            Err(Stop::Trap(error)) => panic!("the run would end: {error}"),
        }
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.memory[at..at + 4].try_into().unwrap())
    }

    fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.memory[at..at + 8].try_into().unwrap())
    }

    /// Puts numbers one after the other.
    fn put(&mut self, at: usize, words: &[u32]) {
        for (place, word) in words.iter().enumerate() {
            self.memory[at + place * 4..][..4].copy_from_slice(&word.to_le_bytes());
        }
    }
}

#[test]
fn arguments_and_environment() {
    let mut bench = Bench::new(|b| {
        b.args(&["prog", "", "a=b"])
            .env("A", "1")
            .env("EMPTY", "")
            .env("A", "2");
    });
    assert_eq!(bench.errno(|c| c.args_sizes_get(0, 4)), Errno::Success);
    assert_eq!((bench.u32(0), bench.u32(4)), (3, 10));
    assert_eq!(bench.errno(|c| c.args_get(0, 100)), Errno::Success);
    assert_eq!((bench.u32(0), bench.u32(4), bench.u32(8)), (100, 105, 106));
    assert_eq!(&bench.memory[100..110], b"prog\0\0a=b\0");
    assert_eq!(bench.errno(|c| c.environ_sizes_get(0, 4)), Errno::Success);
    assert_eq!((bench.u32(0), bench.u32(4)), (2, 11));
    assert_eq!(bench.errno(|c| c.environ_get(0, 100)), Errno::Success);
    assert_eq!(&bench.memory[100..111], b"EMPTY=\0A=2\0");
}

#[test]
fn arguments_out_of_bounds() {
    let mut bench = Bench::new(|b| {
        b.args(&["prog", "x"]);
    });
    assert_eq!(
        bench.errno(|c| c.args_get(65536 - 8, 65536 - 7)),
        Errno::Success
    );
    assert_eq!(bench.errno(|c| c.args_get(65536 - 7, 0)), Errno::Fault);
    assert_eq!(bench.errno(|c| c.args_get(0, 65536 - 6)), Errno::Fault);
    assert_eq!(bench.errno(|c| c.args_get(u32::MAX - 3, 0)), Errno::Fault);
    assert_eq!(bench.errno(|c| c.args_sizes_get(0, 65533)), Errno::Fault);
}

#[test]
fn nothing_is_granted_by_default() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.errno(|c| c.args_sizes_get(0, 4)), Errno::Success);
    assert_eq!((bench.u32(0), bench.u32(4)), (0, 0));
    assert_eq!(bench.errno(|c| c.environ_sizes_get(0, 4)), Errno::Success);
    assert_eq!((bench.u32(0), bench.u32(4)), (0, 0));
    bench.put(0, &[100, 10]);
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 1, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 0);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 1, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 10);
    for fd in [3, 4, u32::MAX] {
        assert_eq!(bench.errno(|c| c.fd_prestat_get(fd, 0)), Errno::BadF);
        assert_eq!(
            bench.errno(|c| c.path_open(fd, 0, 0, 1, 0, 0, 0, 0, 8)),
            Errno::BadF
        );
        assert_eq!(bench.errno(|c| c.sock_accept(fd, 0, 0)), Errno::BadF);
    }
    assert_eq!(
        bench.errno(|c| c.path_open(0, 0, 0, 1, 0, 0, 0, 0, 8)),
        Errno::NotDir
    );
    assert_eq!(bench.errno(|c| c.sock_accept(0, 0, 0)), Errno::NotSock);
}

#[test]
fn writing_gathers_the_buffers() {
    let output = MemoryOutputPipe::new(1 << 20);
    let mut bench = Bench::new(|b| {
        b.stdout(output.clone());
    });
    bench.memory[100..105].copy_from_slice(b"hello");
    bench.put(0, &[100, 2, 102, 0, 102, 3]);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 3, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 5);
    assert_eq!(output.contents(), b"hello");
    // One buffer out of bounds: nothing is written.
    bench.put(0, &[100, 2, 65530, 7]);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 2, 50)), Errno::Fault);
    assert_eq!(
        bench.errno(|c| c.fd_write(1, 0, u32::MAX, 50)),
        Errno::Fault
    );
    assert_eq!(bench.errno(|c| c.fd_write(1, 65530, 1, 50)), Errno::Fault);
    bench.put(0, &[100, 2]);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 1, 65533)), Errno::Fault);
    assert_eq!(output.contents(), b"hello");
    assert_eq!(bench.errno(|c| c.fd_write(0, 0, 1, 50)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_write(7, 0, 1, 50)), Errno::BadF);
}

#[test]
fn writing_says_how_much_went_out() {
    let output = MemoryOutputPipe::new(3);
    let mut bench = Bench::new(|b| {
        b.stdout(output.clone());
    });
    bench.put(0, &[100, 5]);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 1, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 3);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 1, 50)), Errno::NoSpc);
}

#[test]
fn buffers_may_not_add_up_past_32_bits() {
    let mut bench = Bench::new(|_| {});
    bench.memory = vec![0; 1 << 20];
    for entry in 0..4200 {
        bench.put(entry * 8, &[0, 1 << 20]);
    }
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 4096, 50)), Errno::Inval);
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 4096, 50)), Errno::Inval);
}

#[test]
fn reading_fills_buffers_in_order() {
    let mut bench = Bench::new(|b| {
        b.stdin(MemoryInputPipe::new("abcdef"));
    });
    bench.put(0, &[100, 2, 0, 0, 200, 3]);
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 3, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 5);
    assert_eq!(
        (&bench.memory[100..102], &bench.memory[200..203]),
        (&b"ab"[..], &b"cde"[..])
    );
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 3, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 1);
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 3, 50)), Errno::Success);
    assert_eq!(bench.u32(50), 0);
    assert_eq!(bench.errno(|c| c.fd_read(1, 0, 3, 50)), Errno::BadF);
}

/// An input that never has anything.
struct Silent;

impl StdinStream for Silent {
    fn read(&self, _: &mut [u8]) -> io::Result<usize> {
        panic!("a read of it would wait for ever")
    }

    fn ready(&self, _: Duration) -> bool {
        false
    }
}

#[test]
fn reading_waits_unless_told_not_to() {
    let mut bench = Bench::new(|b| {
        b.stdin(Silent);
    });
    bench.put(0, &[100, 2]);
    bench.interrupt = true;
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 1, 50)), Errno::Intr);
    bench.interrupt = false;
    assert_eq!(bench.errno(|c| c.fd_fdstat_set_flags(0, 4)), Errno::Success);
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 1, 50)), Errno::Again);
}

#[test]
fn descriptors_close_and_move() {
    let output = MemoryOutputPipe::new(64);
    let mut bench = Bench::new(|b| {
        b.stderr(output.clone());
    });
    bench.put(0, &[100, 2]);
    assert_eq!(bench.errno(|c| c.fd_renumber(1, 1)), Errno::Success);
    assert_eq!(bench.errno(|c| c.fd_renumber(2, 1)), Errno::Success);
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 1, 50)), Errno::Success);
    assert_eq!(output.contents().len(), 2);
    assert_eq!(bench.errno(|c| c.fd_write(2, 0, 1, 50)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_renumber(2, 1)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_renumber(1, 2)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_renumber(1, 1 << 31)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_close(0)), Errno::Success);
    assert_eq!(bench.errno(|c| c.fd_close(0)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_read(0, 0, 1, 50)), Errno::BadF);
}

#[test]
fn state_of_a_descriptor() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.errno(|c| c.fd_fdstat_get(1, 0)), Errno::Success);
    assert_eq!((bench.memory[0], bench.memory[2]), (0, 0));
    assert_ne!(bench.u64(8) & rights::FD_WRITE, 0);
    assert_eq!(bench.u64(8) & rights::FD_READ, 0);
    assert_eq!(bench.errno(|c| c.fd_fdstat_set_flags(1, 1)), Errno::Success);
    assert_eq!(bench.errno(|c| c.fd_fdstat_set_flags(1, 2)), Errno::NotSup);
    assert_eq!(bench.errno(|c| c.fd_fdstat_set_flags(1, 32)), Errno::Inval);
    assert_eq!(bench.errno(|c| c.fd_fdstat_get(1, 0)), Errno::Success);
    assert_eq!(bench.memory[2], 1);
    assert_eq!(bench.errno(|c| c.fd_fdstat_get(9, 0)), Errno::BadF);
    assert_eq!(bench.errno(|c| c.fd_filestat_get(0, 0)), Errno::Success);
    assert_eq!(bench.u64(24), 1);
}

#[test]
fn rights_are_only_given_up() {
    let mut bench = Bench::new(|_| {});
    bench.put(0, &[100, 1]);
    assert_eq!(
        bench.errno(|c| c.fd_fdstat_set_rights(1, u64::MAX, 0)),
        Errno::NotCapable
    );
    assert_eq!(
        bench.errno(|c| c.fd_fdstat_set_rights(1, 0, 1)),
        Errno::NotCapable
    );
    assert_eq!(
        bench.errno(|c| c.fd_fdstat_set_rights(1, 0, 0)),
        Errno::Success
    );
    assert_eq!(bench.errno(|c| c.fd_write(1, 0, 1, 50)), Errno::BadF);
    assert_eq!(
        bench.errno(|c| c.fd_fdstat_set_flags(1, 0)),
        Errno::NotCapable
    );
    assert_eq!(
        bench.errno(|c| c.fd_fdstat_set_rights(1, rights::FD_WRITE, 0)),
        Errno::NotCapable
    );
}

#[test]
fn streams_have_no_place() {
    let mut bench = Bench::new(|_| {});
    for (fd, errno) in [(0, Errno::SPipe), (1, Errno::SPipe), (3, Errno::BadF)] {
        assert_eq!(bench.errno(|c| c.fd_seek(fd, 0, 1, 0)), errno);
        assert_eq!(bench.errno(|c| c.fd_tell(fd, 0)), errno);
        assert_eq!(bench.errno(|c| c.fd_pread(fd, 0, 0, 0, 0)), errno);
    }
}

#[test]
fn clocks() {
    let clock = VirtualClock::new(Duration::from_secs(1_000));
    let mut bench = Bench::new(|b| {
        b.wall_clock(clock.clone()).monotonic_clock(clock.clone());
    });
    assert_eq!(bench.errno(|c| c.clock_time_get(0, 0, 0)), Errno::Success);
    assert_eq!(bench.u64(0), 1_000_000_000_000);
    assert_eq!(bench.errno(|c| c.clock_time_get(1, 0, 0)), Errno::Success);
    assert_eq!(bench.u64(0), 1);
    assert_eq!(bench.errno(|c| c.clock_res_get(1, 0)), Errno::Success);
    assert_eq!(bench.u64(0), 1);
    assert_eq!(bench.errno(|c| c.clock_time_get(0, 0, 65529)), Errno::Fault);
    // The processor works all the time that passes.
    for (id, passed) in [(2, 3), (3, 4)] {
        assert_eq!(bench.errno(|c| c.clock_time_get(id, 0, 0)), Errno::Success);
        assert_eq!(bench.u64(0), passed);
        assert_eq!(bench.errno(|c| c.clock_res_get(id, 0)), Errno::Success);
        assert_eq!(bench.u64(0), 1);
    }
    for id in [4, u32::MAX] {
        assert_eq!(bench.errno(|c| c.clock_time_get(id, 0, 0)), Errno::Inval);
        assert_eq!(bench.errno(|c| c.clock_res_get(id, 0)), Errno::Inval);
    }
}

/// Lays out a subscription to a clock.
fn subscribe_clock(bench: &mut Bench, at: usize, userdata: u32, id: u32, timeout: u64, abs: u32) {
    let (low, high) = (timeout as u32, (timeout >> 32) as u32);
    bench.put(at, &[userdata, 0, 0, 0, id, 0, low, high, 0, 0, abs, 0]);
}

#[test]
fn the_first_clock_wins() {
    let clock = VirtualClock::new(Duration::ZERO);
    let mut bench = Bench::new(|b| {
        b.wall_clock(clock.clone()).monotonic_clock(clock.clone());
    });
    subscribe_clock(&mut bench, 0, 7, 1, u64::MAX, 0);
    subscribe_clock(&mut bench, 48, 8, 0, 5_000_000_000, 0);
    assert_eq!(
        bench.errno(|c| c.poll_oneoff(0, 200, 2, 400)),
        Errno::Success
    );
    assert_eq!((bench.u32(400), bench.u32(200)), (1, 8));
    assert_eq!((bench.memory[208], bench.memory[210]), (0, 0));
    assert_eq!(bench.errno(|c| c.clock_time_get(1, 0, 0)), Errno::Success);
    let now = bench.u64(0);
    assert!((5_000_000_000..5_000_001_000).contains(&now), "{now}");
    // A point that has passed.
    subscribe_clock(&mut bench, 0, 9, 1, 3, 1);
    assert_eq!(
        bench.errno(|c| c.poll_oneoff(0, 200, 1, 400)),
        Errno::Success
    );
    assert_eq!(bench.u32(200), 9);
}

#[test]
fn waiting_is_interrupted() {
    let mut bench = Bench::new(|b| {
        b.stdin(Silent);
    });
    bench.interrupt = true;
    subscribe_clock(&mut bench, 0, 7, 1, u64::MAX, 0);
    bench.put(48, &[8, 0, 1, 0, 0]);
    assert_eq!(bench.errno(|c| c.poll_oneoff(0, 200, 2, 400)), Errno::Intr);
}

#[test]
fn streams_are_polled() {
    let mut bench = Bench::new(|b| {
        b.stdin(MemoryInputPipe::new("x"));
    });
    // Reading 0, writing 1, writing 0, reading a number that is not there.
    bench.put(0, &[1, 0, 1, 0, 0]);
    bench.put(48, &[2, 0, 2, 0, 1]);
    bench.put(96, &[3, 0, 2, 0, 0]);
    bench.put(144, &[4, 0, 1, 0, 77]);
    assert_eq!(
        bench.errno(|c| c.poll_oneoff(0, 300, 4, 600)),
        Errno::Success
    );
    assert_eq!(bench.u32(600), 4);
    let events: Vec<_> = (0..4)
        .map(|i| 300 + i * 32)
        .map(|at| (bench.u32(at), bench.memory[at + 8], bench.memory[at + 10]))
        .collect();
    let badf = Errno::BadF as u8;
    assert_eq!(events, [(1, 0, 1), (2, 0, 2), (3, badf, 2), (4, badf, 1)]);
}

#[test]
fn too_many_or_bad_subscriptions() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.errno(|c| c.poll_oneoff(0, 0, 0, 0)), Errno::Inval);
    assert_eq!(
        bench.errno(|c| c.poll_oneoff(0, 0, 1 << 31, 0)),
        Errno::Inval
    );
    assert_eq!(
        bench.errno(|c| c.poll_oneoff(0, 0, 1 << 16, 0)),
        Errno::Inval
    );
    assert_eq!(bench.errno(|c| c.poll_oneoff(65500, 0, 1, 0)), Errno::Fault);
    assert_eq!(bench.errno(|c| c.poll_oneoff(0, 65510, 1, 0)), Errno::Fault);
    bench.put(0, &[1, 0, 3, 0, 0]);
    assert_eq!(bench.errno(|c| c.poll_oneoff(0, 100, 1, 200)), Errno::Inval);
    subscribe_clock(&mut bench, 0, 7, 9, 1, 0);
    assert_eq!(
        bench.errno(|c| c.poll_oneoff(0, 100, 1, 200)),
        Errno::Success
    );
    assert_eq!(bench.memory[108], Errno::Inval as u8);
}

#[test]
fn random_bytes() {
    let mut bench = Bench::new(|b| {
        b.random_seed(1);
    });
    assert_eq!(bench.errno(|c| c.random_get(0, 8)), Errno::Success);
    let first = bench.u64(0);
    assert_eq!(bench.errno(|c| c.random_get(0, 8)), Errno::Success);
    assert_ne!(bench.u64(0), first);
    assert_eq!(bench.errno(|c| c.random_get(0, u32::MAX)), Errno::Fault);
    assert_eq!(bench.errno(|c| c.random_get(65536, 0)), Errno::Success);
    assert_eq!(bench.errno(|c| c.random_get(65530, 7)), Errno::Fault);
}

#[test]
fn the_process() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.errno(|c| c.sched_yield()), Errno::Success);
    assert_eq!(bench.errno(|c| c.proc_raise(9)), Errno::NotSup);
    let Stop::Trap(error) = bench.call(|c| c.proc_exit(3)) else {
        panic!("leaving ends the run");
    };
    assert_eq!(error.downcast_ref::<I32Exit>(), Some(&I32Exit(3)));
}

/// Every function links, with the type that programs import it with, and none is missing.
#[test]
fn functions_link() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    super::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    let mut store = Store::new(&engine, WasiCtxBuilder::new().build_p1());
    let mut names: Vec<String> = linker
        .iter(&mut store)
        .map(|(module, name, _)| {
            assert_eq!(module, MODULE);
            name.to_string()
        })
        .collect();
    names.sort();
    let mut expected: Vec<&str> = FUNCTIONS
        .iter()
        .map(|(name, _)| *name)
        .chain(["proc_exit"])
        .collect();
    expected.sort();
    assert_eq!(names, expected);
    assert_eq!(names.len(), 46);
}

/// The error number given by a guest that calls `fd_write` with its one memory.
fn written_by(memory: &str) -> crate::api::Result<i32> {
    let text = format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
        {memory}
        (func (export "go") (result i32)
            (i32.store (i32.const 0) (i32.const 8))
            (i32.store (i32.const 4) (i32.const 2))
            (i32.store (i32.const 8) (i32.const 0x6968))
            (call 0 (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))"#
    );
    let engine = Engine::default();
    let module = Module::new(&engine, wat::parse_str(text)?)?;
    let mut linker = Linker::new(&engine);
    super::add_to_linker(&mut linker, |ctx| ctx)?;
    let output = MemoryOutputPipe::new(64);
    let ctx = WasiCtxBuilder::new().stdout(output.clone()).build_p1();
    let mut store = Store::new(&engine, ctx);
    let instance: Instance = linker.instantiate(&mut store, &module)?;
    let go = instance.get_typed_func::<(), i32>(&mut store, "go")?;
    let errno = go.call(&mut store, ())?;
    assert_eq!(output.contents() == b"hi", errno == 0);
    Ok(errno)
}

#[test]
fn guests_with_own_shared_and_hidden_memory() {
    assert_eq!(written_by(r#"(memory (export "memory") 1)"#).unwrap(), 0);
    assert_eq!(
        written_by(r#"(memory (export "memory") 1 1 shared)"#).unwrap(),
        0
    );
    let error = written_by("(memory 1)").unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&MissingMemory("fd_write")));
}

/// The version before has the same functions but the one that came later.
#[test]
fn functions_of_the_version_before_link() {
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    super::unstable::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    super::add_to_linker(&mut linker, |ctx: &mut WasiP1Ctx| ctx).unwrap();
    let mut store = Store::new(&engine, WasiCtxBuilder::new().build_p1());
    let all: Vec<_> = linker.iter(&mut store).collect();
    let of = |version: &str| {
        let own = all.iter().filter(|(module, ..)| *module == version);
        let mut types: Vec<(&str, String)> = own
            .map(|(_, name, item)| (*name, item.ty(&store).to_string()))
            .collect();
        types.sort();
        types
    };
    let mut later = of(MODULE);
    later.retain(|(name, _)| *name != "sock_accept");
    assert_eq!(of(super::unstable::MODULE), later);
    assert_eq!(later.len(), 45);
}
