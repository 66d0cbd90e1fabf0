//! Arguments, environment, random bytes and the process itself.

use super::errno::Errno;
use super::{Answer, Call, Stop};
use crate::wasi::exit::I32Exit;
use crate::wasi::memory::GuestMemory;

/// Random bytes that are made at a time.
const CHUNK: u32 = 64 << 10;

impl Call<'_> {
    pub(super) fn args_get(&mut self, argv: u32, buffer: u32) -> Answer {
        let args = self.ctx.wasi.args.iter().map(|arg| (arg.as_str(), None));
        put_strings(&mut self.memory, argv, buffer, args)
    }

    pub(super) fn args_sizes_get(&mut self, count: u32, size: u32) -> Answer {
        let lengths = self.ctx.wasi.args.iter().map(|arg| arg.len() + 1);
        put_sizes(&mut self.memory, count, size, lengths)
    }

    pub(super) fn environ_get(&mut self, environ: u32, buffer: u32) -> Answer {
        let env = self.ctx.wasi.env.iter();
        let env = env.map(|(name, value)| (name.as_str(), Some(value.as_str())));
        put_strings(&mut self.memory, environ, buffer, env)
    }

    pub(super) fn environ_sizes_get(&mut self, count: u32, size: u32) -> Answer {
        let env = self.ctx.wasi.env.iter();
        let lengths = env.map(|(name, value)| name.len() + value.len() + 2);
        put_sizes(&mut self.memory, count, size, lengths)
    }

    pub(super) fn random_get(&mut self, buffer: u32, len: u32) -> Answer {
        self.memory.check(buffer, len.into())?;
        let wasi = &self.ctx.wasi;
        let (mut at, mut left) = (buffer, len);
        while left > 0 {
            let part = CHUNK.min(left);
            let mut make = |bytes: &mut [u8]| wasi.random(bytes).map(|()| bytes.len());
            self.memory.fill(at, part, &mut make)??;
            (at, left) = (at.wrapping_add(part), left - part);
        }
        Ok(())
    }

    pub(super) fn proc_exit(&mut self, code: u32) -> Stop {
        Stop::Trap(I32Exit(code as i32).into())
    }

    pub(super) fn proc_raise(&mut self, _signal: u32) -> Answer {
        Err(Errno::NotSup.into())
    }

    pub(super) fn sched_yield(&mut self) -> Answer {
        std::thread::yield_now();
        Ok(())
    }
}

/// Writes how many strings there are, and how many bytes they take in all.
fn put_sizes(
    memory: &mut GuestMemory<'_>,
    count: u32,
    size: u32,
    lengths: impl ExactSizeIterator<Item = usize>,
) -> Answer {
    let number = u32::try_from(lengths.len()).map_err(|_| Errno::Overflow)?;
    let total = u32::try_from(lengths.sum::<usize>()).map_err(|_| Errno::Overflow)?;
    memory.write_u32(count, number)?;
    Ok(memory.write_u32(size, total)?)
}

/// Writes strings one after the other, each ended by a zero byte, and a list of where they begin.
/// Before a second part stands `=`.
fn put_strings<'s>(
    memory: &mut GuestMemory<'_>,
    list: u32,
    buffer: u32,
    strings: impl Iterator<Item = (&'s str, Option<&'s str>)>,
) -> Answer {
    let (mut entry, mut at) = (Some(list), Some(buffer));
    let mut string = Vec::new();
    for (name, value) in strings {
        string.clear();
        string.extend_from_slice(name.as_bytes());
        if let Some(value) = value {
            string.push(b'=');
            string.extend_from_slice(value.as_bytes());
        }
        string.push(0);
        let len = u32::try_from(string.len()).map_err(|_| Errno::Overflow)?;
        let (this, start) = entry.zip(at).ok_or(Errno::Fault)?;
        memory.write_u32(this, start)?;
        memory.write(start, &string)?;
        (entry, at) = (this.checked_add(4), start.checked_add(len));
    }
    Ok(())
}
