//! All functions of `wasi_snapshot_preview1`, with their types, and how they are added to a
//! linker.

use super::monitor::Named;
use super::{Answer, Call, Errno, MODULE, Stop, WasiP1Ctx};
use crate::api::events;
use crate::api::{AsContext, AsContextMut, Caller, Error, Linker, Result, Trap};
use crate::wasi::exit::I32Exit;
use crate::wasi::host::poll::Interrupt;
use crate::wasi::memory::{GuestMemory, MissingMemory};
use crate::wasi::tape::{Damaged, Entry, Given, Player, ReplayError, Tape, given_by};
use core::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Defines the functions of `wasi_snapshot_preview1`; `get` finds the context in the embedder's
/// data.
///
/// # Errors
/// Fails when one of the functions is defined already.
pub fn add_to_linker<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add_functions(linker, get, MODULE, &|_| true)?;
    add_exit(linker, get, MODULE)
}

/// Adds the function that gives no error number, under the name of a version.
pub(super) fn add_exit<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
    module: &str,
) -> Result<()> {
    linker.func_wrap(
        module,
        "proc_exit",
        move |mut caller: Caller<'_, T>, code: u32| match call(
            &mut caller,
            get,
            &|| Named {
                function: "proc_exit",
                params: &["code"],
                args: vec![code.into()],
            },
            &mut |call| Err(call.proc_exit(code)),
        ) {
            Ok(errno) => unreachable!("leaving gives no error number: {errno}"),
            Err(exit) => Err::<(), Error>(exit),
        },
    )?;
    Ok(())
}

/// Defines the functions, as [`add_to_linker`] does, for embedders whose calls are asynchronous. A
/// call of the guest that waits blocks the thread that polls it.
///
/// ```
/// use limpid::wasi::{WasiCtx, p1};
/// use limpid::{Engine, Linker, Store};
/// let engine = Engine::default();
/// let mut linker = Linker::new(&engine);
/// p1::add_to_linker_async(&mut linker, |ctx| ctx)?;
/// let store = Store::new(&engine, WasiCtx::builder().arg("guest").build_p1());
/// assert!(linker.get(store, "wasi_snapshot_preview1", "fd_write").is_ok());
/// # Ok::<(), limpid::Error>(())
/// ```
///
/// # Errors
/// Fails when one of the functions is defined already.
pub fn add_to_linker_async<T: Send + 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add_to_linker(linker, get)
}

/// Defines the functions, as [`add_to_linker`] does; this is wasmtime's name for it.
///
/// # Errors
/// Fails when one of the functions is defined already.
pub fn add_to_linker_sync<T: 'static>(
    linker: &mut Linker<T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
) -> Result<()> {
    add_to_linker(linker, get)
}

/// Carries a function out. What it is comes behind pointers, so that this is compiled once for an
/// embedder and not for each function.
#[inline(never)]
pub(super) fn call<T: 'static>(
    caller: &mut Caller<'_, T>,
    get: impl Fn(&mut T) -> &mut WasiP1Ctx,
    named: &dyn Fn() -> Named,
    function: &mut dyn FnMut(&mut Call<'_>) -> Answer,
) -> Result<u32> {
    let epochs = caller.as_context().interruption();
    let passed = |(now, deadline): &(Arc<AtomicUsize>, usize)| now.load(Relaxed) >= *deadline;
    let asked = || epochs.as_ref().is_some_and(passed);
    let interrupt = match &epochs {
        Some(_) => Interrupt::new(&asked),
        None => Interrupt::NEVER,
    };
    let takes_turns = caller.as_context_mut().takes_turns();
    let (memory, data) = GuestMemory::of(caller);
    let mut call = Call {
        ctx: get(data),
        memory,
        interrupt,
        given_up: Cell::new(false),
    };
    let given = match &call.ctx.wasi.monitor {
        Some(_) => Some(named().given(&call.memory)),
        None => None,
    };
    let answer = match call.ctx.wasi.tape.as_ref() {
        None => function(&mut call),
        Some(_) if call.memory.is_shared() && !takes_turns => {
            let text = "a run whose threads run at once cannot be recorded";
            Err(Stop::Trap(Error::msg(text)))
        }
        Some(tape) => taped(tape, &mut call, named(), function),
    };
    let given_up = call.given_up.get();
    let absent = call.memory.is_absent();
    if let Err(Stop::Errno(errno @ (Errno::NotCapable | Errno::Perm))) = &answer {
        let named = named();
        let path = named.path(&call.memory);
        events::denied(named.function, path.as_deref(), &errno.symbol());
    }
    if let (Some(monitor), Some(given)) = (&call.ctx.wasi.monitor, given) {
        monitor(&named().line(given, &call, &answer));
    }
    match answer {
        // A guest that hears of it first may exit as if nothing were.
        Ok(()) | Err(Stop::Errno(_)) if given_up && caller.as_context().traps_at_deadline() => {
            Err(Trap::Interrupt.into())
        }
        Ok(()) => Ok(Errno::Success as u32),
        // An error number would be lost on a guest that cannot hear of anything.
        Err(Stop::Errno(Errno::Fault)) if absent => Err(MissingMemory(named().function).into()),
        Err(Stop::Errno(errno)) => Ok(errno as u32),
        Err(Stop::Interrupted) if caller.as_context().traps_at_deadline() => {
            Err(Trap::Interrupt.into())
        }
        Err(Stop::Interrupted) => Ok(Errno::Intr as u32),
        Err(Stop::Trap(error)) => Err(error),
    }
}

/// Carries a function out and keeps what it gave, or answers it from a recording.
#[cold]
fn taped(
    tape: &Tape,
    call: &mut Call<'_>,
    named: Named,
    function: &mut dyn FnMut(&mut Call<'_>) -> Answer,
) -> Answer {
    match tape {
        Tape::Record(recorder) => {
            call.memory.keep_log();
            let answer = function(call);
            let log = call.memory.take_log();
            let written = |(at, len): (u32, u32)| {
                let mut bytes = vec![0; len as usize];
                call.memory.read(at, &mut bytes).map(|()| (at, bytes)).ok()
            };
            recorder.keep(Entry {
                function: named.function.into(),
                args: named.args,
                given: match &answer {
                    Ok(()) => Given::Errno(0),
                    Err(Stop::Errno(errno)) => Given::Errno(*errno as u16),
                    Err(Stop::Interrupted) => Given::Failed("interrupted".into()),
                    Err(Stop::Trap(error)) => given_by(error),
                },
                writes: log.into_iter().filter_map(written).collect(),
                output: Vec::new(),
            });
            answer
        }
        Tape::Play(player) => replayed(player, call, &named),
    }
}

/// Answers a function from a recording.
fn replayed(player: &Player, call: &mut Call<'_>, named: &Named) -> Answer {
    let failed = |error: ReplayError| Stop::Trap(Error::new(error));
    let entry = player.answer(named.function, &named.args).map_err(failed)?;
    for (at, bytes) in &entry.writes {
        let inside = call.memory.write(*at, bytes);
        inside.map_err(|_| failed(ReplayError::Damaged(Damaged::Changed)))?;
    }
    for (stream, bytes) in &entry.output {
        let to = match stream {
            2 => &call.ctx.wasi.stderr,
            _ => &call.ctx.wasi.stdout, // There is no third.
        };
        let mut left = &bytes[..];
        while !left.is_empty() {
            // Where nobody reads it any more, the run goes on as it did.
            match to.write(left) {
                Ok(0) | Err(_) => break,
                Ok(written) => left = &left[written.min(left.len())..],
            }
        }
    }
    match entry.given {
        Given::Errno(0) => Ok(()),
        Given::Errno(errno) => match Errno::from_number(errno) {
            Some(errno) => Err(Stop::Errno(errno)),
            None => Err(failed(ReplayError::Damaged(Damaged::Changed))),
        },
        Given::Exit(code) => Err(Stop::Trap(I32Exit(code).into())),
        Given::Failed(text) => Err(failed(ReplayError::Failed(text))),
    }
}

macro_rules! functions {
    ($($name:ident($($arg:ident: $ty:ty),*))*) => {
        /// Adds those that give an error number, under the name of a version, if it has them.
        pub(super) fn add_functions<T: 'static>(
            linker: &mut Linker<T>,
            get: impl Fn(&mut T) -> &mut WasiP1Ctx + Copy + Send + Sync + 'static,
            module: &str,
            has: &dyn Fn(&str) -> bool,
        ) -> Result<()> {
            $(if has(stringify!($name)) {
                linker.func_wrap(
                    module,
                    stringify!($name),
                    move |mut caller: Caller<'_, T>, $($arg: $ty),*| -> Result<u32> {
                        let named = || Named {
                            function: stringify!($name),
                            params: &[$(stringify!($arg)),*],
                            args: vec![$($arg as u64),*],
                        };
                        call(&mut caller, get, &named, &mut |call| call.$name($($arg),*))
                    },
                )?;
            })*
            Ok(())
        }

        /// Their names, and those of their parameters.
        #[cfg(test)]
        pub(super) const FUNCTIONS: &[(&str, &[&str])] =
            &[$((stringify!($name), &[$(stringify!($arg)),*])),*];
    };
}

functions! {
    args_get(argv: u32, buffer: u32)
    args_sizes_get(count: u32, size: u32)
    environ_get(environ: u32, buffer: u32)
    environ_sizes_get(count: u32, size: u32)
    clock_res_get(id: u32, resolution: u32)
    clock_time_get(id: u32, precision: u64, time: u32)
    fd_advise(fd: u32, offset: u64, len: u64, advice: u32)
    fd_allocate(fd: u32, offset: u64, len: u64)
    fd_close(fd: u32)
    fd_datasync(fd: u32)
    fd_fdstat_get(fd: u32, stat: u32)
    fd_fdstat_set_flags(fd: u32, flags: u32)
    fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64)
    fd_filestat_get(fd: u32, stat: u32)
    fd_filestat_set_size(fd: u32, size: u64)
    fd_filestat_set_times(fd: u32, accessed: u64, modified: u64, which: u32)
    fd_pread(fd: u32, iovs: u32, n: u32, offset: u64, read: u32)
    fd_prestat_get(fd: u32, prestat: u32)
    fd_prestat_dir_name(fd: u32, path: u32, len: u32)
    fd_pwrite(fd: u32, iovs: u32, n: u32, offset: u64, written: u32)
    fd_read(fd: u32, iovs: u32, n: u32, read: u32)
    fd_readdir(fd: u32, buffer: u32, len: u32, cookie: u64, used: u32)
    fd_renumber(from: u32, to: u32)
    fd_seek(fd: u32, offset: i64, whence: u32, position: u32)
    fd_sync(fd: u32)
    fd_tell(fd: u32, position: u32)
    fd_write(fd: u32, iovs: u32, n: u32, written: u32)
    path_create_directory(fd: u32, path: u32, len: u32)
    path_filestat_get(fd: u32, flags: u32, path: u32, len: u32, stat: u32)
    path_filestat_set_times(
        fd: u32, flags: u32, path: u32, len: u32, accessed: u64, modified: u64, which: u32
    )
    path_link(
        fd: u32, flags: u32, path: u32, len: u32, new_fd: u32, new_path: u32, new_len: u32
    )
    path_open(
        fd: u32, lookup: u32, path: u32, len: u32, how: u32, base: u64, inheriting: u64,
        flags: u32, opened: u32
    )
    path_readlink(fd: u32, path: u32, len: u32, buffer: u32, size: u32, used: u32)
    path_remove_directory(fd: u32, path: u32, len: u32)
    path_rename(fd: u32, path: u32, len: u32, new_fd: u32, new_path: u32, new_len: u32)
    path_symlink(target: u32, target_len: u32, fd: u32, path: u32, len: u32)
    path_unlink_file(fd: u32, path: u32, len: u32)
    poll_oneoff(input: u32, output: u32, n: u32, count: u32)
    proc_raise(signal: u32)
    random_get(buffer: u32, len: u32)
    sched_yield()
    sock_accept(fd: u32, flags: u32, accepted: u32)
    sock_recv(fd: u32, iovs: u32, n: u32, flags: u32, read: u32, told: u32)
    sock_send(fd: u32, iovs: u32, n: u32, flags: u32, written: u32)
    sock_shutdown(fd: u32, how: u32)
}
