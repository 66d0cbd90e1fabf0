//! The standard input of this process, which can be waited for. A file is read by whoever asks: it
//! never waits. What else it may be is read by one thread of the process, when somebody asks and
//! not before: so a wait can have an end, on every system. Where the system tells whether reading
//! would wait, that thread reads once, which empties the buffer that the process may have filled
//! before; from then on whoever asks reads.

use super::os;
use super::stdio::StdinStream;
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Read};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Most bytes read ahead of the guest.
const PIECE: usize = 64 << 10;

/// What is there already is worth a moment: the thread needs one to look.
const MOMENT: Duration = Duration::from_millis(1);

/// Between two looks where nothing ends the wait.
const LONG: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug)]
pub(super) struct Stdin;

/// What the reading thread and the readers share.
struct Shared {
    state: Mutex<State>,
    /// The thread has something to do.
    wanted: Condvar,
    /// Something was read.
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    /// Whether the thread is to read once.
    wanted: bool,
    /// Whether the buffer of the process has been emptied.
    emptied: bool,
    /// What was last read was the end, or a failure; told once, then asked for again.
    ended: Option<io::Result<()>>,
}

impl State {
    /// Whether all that was read has been taken and nobody reads.
    fn is_idle(&self) -> bool {
        self.bytes.is_empty() && self.ended.is_none() && !self.wanted
    }
}

impl Shared {
    /// The one of this process, its thread running.
    fn get() -> &'static Shared {
        static SHARED: OnceLock<Shared> = OnceLock::new();
        static STARTED: OnceLock<bool> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Shared {
            state: Mutex::default(),
            wanted: Condvar::new(),
            arrived: Condvar::new(),
        });
        STARTED.get_or_init(|| {
            let thread = std::thread::Builder::new().name("stdin".into());
            let started = thread.spawn(|| shared.serve()).is_ok();
            if !started {
                let failed = io::Error::other("no thread to read standard input");
                shared.lock().ended = Some(Err(failed));
            }
            started
        });
        shared
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads whenever it is asked to.
    fn serve(&self) {
        let mut piece = vec![0; PIECE];
        loop {
            let mut state = self.lock();
            while !state.wanted {
                let woken = self.wanted.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
            drop(state);
            let read = io::stdin().lock().read(&mut piece);
            if matches!(&read, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
                continue;
            }
            let mut state = self.lock();
            state.wanted = false;
            state.emptied |= read.is_ok();
            match read {
                Ok(0) => state.ended = Some(Ok(())),
                Ok(len) => state.bytes.extend(&piece[..len]),
                Err(error) => state.ended = Some(Err(error)),
            }
            self.arrived.notify_all();
        }
    }

    /// Whether the system has something, within the time given; nothing where it cannot be asked,
    /// or not yet.
    fn ask(&self, within: Duration) -> Option<bool> {
        let state = self.lock();
        let direct = state.emptied && state.is_idle();
        drop(state);
        direct.then(|| os::input_ready(within))?
    }

    /// Reads without the thread: nothing where it would wait, or where that cannot be done.
    fn read_now(&self, buffer: &mut [u8]) -> Option<io::Result<Option<usize>>> {
        // Held between look and read: nobody else takes what was seen.
        let state = self.lock();
        if !state.emptied || !state.is_idle() {
            return None;
        }
        let read = match os::input_ready(Duration::ZERO)? {
            true => os::read_input(buffer).map(Some),
            false => Ok(None),
        };
        drop(state);
        Some(read)
    }

    /// Waits until there is something to tell, at most until the time given.
    fn wait(&self, until: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        loop {
            if !state.bytes.is_empty() || state.ended.is_some() {
                return state;
            }
            state.wanted = true;
            self.wanted.notify_one();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => return state,
                Some(left) => match self.arrived.wait_timeout(state, left) {
                    Ok((state, _)) => state,
                    Err(poisoned) => poisoned.into_inner().0,
                },
                None => {
                    let woken = self.arrived.wait(state);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}

/// Whether it is a file.
fn is_file() -> bool {
    static FILE: OnceLock<bool> = OnceLock::new();
    *FILE.get_or_init(os::input_is_file)
}

/// Reads a file.
fn read_file(buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match io::stdin().lock().read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Takes what was read, or what ended it.
fn take(mut state: MutexGuard<'_, State>, buffer: &mut [u8]) -> io::Result<usize> {
    if state.bytes.is_empty() {
        return state.ended.take().unwrap_or(Ok(())).map(|()| 0);
    }
    state.bytes.read(buffer)
}

impl StdinStream for Stdin {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if is_file() {
            return read_file(buffer);
        }
        let shared = Shared::get();
        while let Some(read) = shared.read_now(buffer) {
            if let Some(len) = read? {
                return Ok(len);
            }
            shared.ask(LONG);
        }
        take(shared.wait(None), buffer)
    }

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if buffer.is_empty() {
            return Ok(Some(0));
        }
        if is_file() {
            return read_file(buffer).map(Some);
        }
        let shared = Shared::get();
        if let Some(read) = shared.read_now(buffer) {
            return read;
        }
        let state = shared.wait(Instant::now().checked_add(MOMENT));
        if state.bytes.is_empty() && state.ended.is_none() {
            return Ok(None);
        }
        take(state, buffer).map(Some)
    }

    fn ready(&self, within: Duration) -> bool {
        if is_file() {
            return true;
        }
        let shared = Shared::get();
        if let Some(ready) = shared.ask(within) {
            return ready;
        }
        let within = within.max(MOMENT);
        let state = shared.wait(Instant::now().checked_add(within));
        !state.bytes.is_empty() || state.ended.is_some()
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }
}
