//! The standard input of this process, and files as input. Both can be waited for, and neither is
//! read further than the guest asks: what it leaves is there for whoever reads next.
//!
//! Where the system tells whether reading would wait, whoever asks reads. Elsewhere a file is read
//! by whoever asks, for it never waits, and what else standard input may be is read by one thread
//! of the process, when somebody asks and not before: so a wait can have an end, on every system.
//! A mere question has that thread read one byte.

use super::os;
use super::stdio::StdinStream;
use crate::room;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Read};
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Most bytes that the thread reads at once.
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
    /// Notified when the thread has something to do.
    wanted: Condvar,
    /// Notified when something was read.
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    /// How many bytes the thread is to read at most; it has nothing to do when there are none.
    wanted: usize,
    /// What was last read was the end, or a failure; told once, then asked for again.
    ended: Option<io::Result<()>>,
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
            let started = room::thread(|starting| {
                thread.spawn(|| {
                    starting.begun();
                    shared.serve();
                })
            });
            let started = started.is_some();
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
            while state.wanted == 0 {
                let woken = self.wanted.wait(state);
                state = woken.unwrap_or_else(PoisonError::into_inner);
            }
            let len = state.wanted.min(PIECE);
            drop(state);
            let read = os::read_input(&mut piece[..len]);
            if matches!(&read, Err(error) if error.kind() == ErrorKind::Interrupted) {
                continue;
            }
            let mut state = self.lock();
            state.wanted = 0;
            match read {
                Ok(0) => state.ended = Some(Ok(())),
                Ok(len) => state.bytes.extend(&piece[..len]),
                Err(error) => state.ended = Some(Err(error)),
            }
            self.arrived.notify_all();
        }
    }

    /// Waits until there is something to report, at most until the given time. Requests `wanted`
    /// bytes if none are requested yet.
    fn wait(&self, wanted: usize, until: Option<Instant>) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        loop {
            if !state.bytes.is_empty() || state.ended.is_some() {
                return state;
            }
            if state.wanted == 0 {
                state.wanted = wanted;
                self.wanted.notify_one();
            }
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

/// Returns whether it is a file.
fn is_file() -> bool {
    static FILE: OnceLock<bool> = OnceLock::new();
    *FILE.get_or_init(os::input_is_file)
}

/// Held between look and read: no other thread takes what was seen.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns what was read without waiting; `None` where somebody else was faster, or where the
/// descriptor does not wait and has nothing.
fn unless_waiting(read: io::Result<usize>) -> io::Result<Option<usize>> {
    match read {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        read => read.map(Some),
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
        loop {
            match self.try_read(buffer)? {
                Some(len) => return Ok(len),
                None => self.ready(LONG),
            };
        }
    }

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        if buffer.is_empty() {
            return Ok(Some(0));
        }
        if is_file() {
            return unless_waiting(os::read_input(buffer));
        }
        let alone = alone();
        match os::input_ready(Duration::ZERO) {
            Some(true) => return unless_waiting(os::read_input(buffer)),
            Some(false) => return Ok(None),
            None => drop(alone),
        }
        let state = Shared::get().wait(buffer.len(), Instant::now().checked_add(MOMENT));
        if state.bytes.is_empty() && state.ended.is_none() {
            return Ok(None);
        }
        take(state, buffer).map(Some)
    }

    fn ready(&self, within: Duration) -> bool {
        if is_file() {
            return true;
        }
        if let Some(ready) = os::input_ready(within) {
            return ready;
        }
        let within = within.max(MOMENT);
        let state = Shared::get().wait(1, Instant::now().checked_add(within));
        !state.bytes.is_empty() || state.ended.is_some()
    }

    fn is_terminal(&self) -> bool {
        io::stdin().is_terminal()
    }
}

/// A file as input. It may also be a named pipe or a device, which can be waited for.
///
/// ```no_run
/// use limpid::wasi::{InputFile, WasiCtxBuilder};
/// let ctx = WasiCtxBuilder::new().stdin(InputFile::open("words.txt")?).build_p1();
/// # let _ = ctx;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct InputFile(File);

impl InputFile {
    /// Makes an input of a file that was opened for reading.
    pub fn new(file: File) -> InputFile {
        InputFile(file)
    }

    /// Opens a file for reading.
    ///
    /// # Errors
    /// Fails when the file cannot be opened.
    pub fn open(path: impl AsRef<Path>) -> io::Result<InputFile> {
        File::open(path).map(InputFile)
    }
}

impl StdinStream for InputFile {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match (&self.0).read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.ready(LONG);
                }
                read => return read,
            }
        }
    }

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let _alone = alone();
        if !self.ready(Duration::ZERO) {
            return Ok(None);
        }
        unless_waiting((&self.0).read(buffer))
    }

    fn ready(&self, within: Duration) -> bool {
        os::file_ready(&self.0, within)
    }

    fn is_terminal(&self) -> bool {
        self.0.is_terminal()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_no_further_than_asked() {
        let path = std::env::temp_dir().join(format!("limpid-input-{}", std::process::id()));
        std::fs::write(&path, "one\ntwo\n").expect("it can be written");
        let mut file = File::open(&path).expect("it was written");
        let input = InputFile::new(file.try_clone().expect("it can be shared"));
        let mut buffer = [0; 4];
        assert!(input.ready(Duration::ZERO));
        assert_eq!(input.try_read(&mut buffer).expect("it reads"), Some(4));
        assert_eq!(&buffer, b"one\n");
        let mut rest = String::new();
        file.read_to_string(&mut rest).expect("it reads");
        assert_eq!(rest, "two\n");
        std::fs::remove_file(&path).expect("it is there");
    }
}
