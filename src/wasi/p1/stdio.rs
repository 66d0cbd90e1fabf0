//! Reading and writing through descriptors.

use super::errno::Errno;
use super::table::Object;
use super::types::{fdflags, rights};
use super::{Answer, Call};
use crate::wasi::host::poll::Waited;
use crate::wasi::memory::{GuestMemory, OutOfBounds};
use std::io;
use std::time::Duration;

/// Most bytes copied at a time.
const CHUNK: usize = 1 << 20;

impl Call<'_> {
    pub(super) fn fd_write(&mut self, fd: u32, list: u32, n: u32, written: u32) -> Answer {
        let descriptor = *self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_WRITE)?;
        let total = check_buffers(&self.memory, list, n)?;
        self.memory.check(written, 4)?;
        let wasi = &mut self.ctx.wasi;
        let output = match descriptor.object {
            Object::Stdin => return Err(Errno::BadF.into()),
            Object::Stdout => &mut wasi.stdout,
            Object::Stderr => &mut wasi.stderr,
        };
        // Small buffers are gathered, so that one call writes once.
        let mut gathered = Vec::with_capacity(CHUNK.min(total as usize));
        let mut count = 0;
        let mut write = |gathered: &mut Vec<u8>| -> io::Result<bool> {
            let all = gathered.len();
            let taken = if all == 0 { 0 } else { output.write(gathered)? };
            count += taken as u32;
            gathered.clear();
            Ok(taken == all)
        };
        let result = gather(&self.memory, list, n, &mut gathered, &mut write)?;
        match result {
            // What went out before the failure is told first.
            Err(error) if count == 0 => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
        Ok(self.memory.write_u32(written, count)?)
    }

    pub(super) fn fd_read(&mut self, fd: u32, list: u32, n: u32, read: u32) -> Answer {
        let descriptor = *self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_READ)?;
        let total = check_buffers(&self.memory, list, n)?;
        self.memory.check(read, 4)?;
        match descriptor.object {
            Object::Stdin => {}
            Object::Stdout | Object::Stderr => return Err(Errno::BadF.into()),
        }
        if total == 0 {
            return Ok(self.memory.write_u32(read, 0)?);
        }
        self.wait_to_read(descriptor.flags & fdflags::NONBLOCK != 0)?;
        let input = &mut self.ctx.wasi.stdin;
        let mut count = 0;
        for index in 0..n {
            let (at, len) = self.memory.buffer(list, index)?;
            if len == 0 {
                continue;
            }
            // Only the first buffer may wait.
            if count > 0 && !input.ready(Duration::ZERO) {
                break;
            }
            let mut buffer = vec![0; CHUNK.min(len as usize)];
            let got = match input.read(&mut buffer) {
                Ok(got) => got,
                Err(_) if count > 0 => break,
                Err(error) => return Err(error.into()),
            };
            self.memory.write(at, &buffer[..got])?;
            count += got as u32;
            if got < len as usize {
                break;
            }
        }
        Ok(self.memory.write_u32(read, count)?)
    }

    fn wait_to_read(&mut self, nonblocking: bool) -> Answer {
        let wasi = &mut self.ctx.wasi;
        if nonblocking {
            return match wasi.stdin.ready(Duration::ZERO) {
                true => Ok(()),
                false => Err(Errno::Again.into()),
            };
        }
        match wasi.wait_for_input(self.interrupted) {
            Waited::Ready(_) => Ok(()),
            Waited::Interrupted => Err(Errno::Intr.into()),
        }
    }
}

/// Checks the list of buffers and each of them, and adds up their lengths.
fn check_buffers(memory: &GuestMemory<'_>, list: u32, n: u32) -> Answer<u32> {
    memory.check(list, u64::from(n) * 8)?;
    let mut total = 0u32;
    for index in 0..n {
        let (_, len) = memory.buffer(list, index)?;
        total = total.checked_add(len).ok_or(Errno::Inval)?;
    }
    Ok(total)
}

/// Copies the buffers together and hands them on whenever a chunk is full, until one is not taken
/// whole. What fails there is the inner result.
fn gather(
    memory: &GuestMemory<'_>,
    list: u32,
    n: u32,
    gathered: &mut Vec<u8>,
    write: &mut dyn FnMut(&mut Vec<u8>) -> io::Result<bool>,
) -> Result<io::Result<()>, OutOfBounds> {
    for index in 0..n {
        let (mut at, mut len) = memory.buffer(list, index)?;
        while len > 0 {
            let start = gathered.len();
            let part = (CHUNK - start).min(len as usize);
            gathered.resize(start + part, 0);
            memory.read(at, &mut gathered[start..])?;
            (at, len) = (at.wrapping_add(part as u32), len - part as u32);
            if gathered.len() == CHUNK {
                match write(gathered) {
                    Ok(true) => {}
                    Ok(false) => return Ok(Ok(())),
                    Err(error) => return Ok(Err(error)),
                }
            }
        }
    }
    Ok(write(gathered).map(drop))
}
