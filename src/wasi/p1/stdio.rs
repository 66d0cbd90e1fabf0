//! Reading and writing through descriptors. Where a call has to wait it holds nothing, and whoever
//! ends the run ends the wait.

use super::errno::Errno;
use super::table::{Descriptor, Object};
use super::types::{fdflags, rights};
use super::{Answer, Call, Stop};
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::poll::{Event, Waited};
use std::io::SeekFrom;

/// Most bytes copied at a time.
const CHUNK: u32 = 1 << 20;

/// Most buffers of one call, as systems have it.
const BUFFERS: u32 = 1024;

/// Most bytes of one call: nothing interrupts a call that does not wait. Whoever asks for more is
/// told how many it were.
const BYTES: u32 = 64 << 20;

/// Reads some bytes, and says how many.
pub(super) type Read<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<usize, ErrorCode>;
/// Writes some of the bytes, and says how many.
pub(super) type Write<'a> = &'a mut dyn FnMut(&[u8]) -> Result<usize, ErrorCode>;

impl Call<'_> {
    pub(super) fn fd_read(&mut self, fd: u32, list: u32, n: u32, read: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_READ)?;
        let buffers = self.buffers(list, n)?;
        self.memory.check(read, 4)?;
        let wait = self.reading(&descriptor);
        let wasi = &*self.ctx.wasi;
        let count = match &descriptor.object {
            Object::Stdin => self.fill(&buffers, wait, &mut |buffer| {
                let read = wasi.stdin.try_read(buffer)?;
                read.ok_or(ErrorCode::WouldBlock)
            })?,
            Object::File(file) => {
                let waits = wait.is_some();
                self.fill(&buffers, wait, &mut |buffer| file.read(buffer, waits))?
            }
            Object::Connection(connection) => self.fill(&buffers, wait, &mut |buffer| {
                connection.receive(buffer, false)
            })?,
            Object::Stdout | Object::Stderr | Object::Dir(_) | Object::Listener(_) => {
                return Err(Errno::BadF.into());
            }
        };
        Ok(self.memory.write_u32(read, count)?)
    }

    pub(super) fn fd_write(&mut self, fd: u32, list: u32, n: u32, written: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_WRITE)?;
        let buffers = self.buffers(list, n)?;
        self.memory.check(written, 4)?;
        let wait = self.writing(&descriptor);
        let wasi = &*self.ctx.wasi;
        let count = match &descriptor.object {
            Object::Stdout => {
                self.drain(&buffers, wait, &mut |bytes| Ok(wasi.stdout.write(bytes)?))?
            }
            Object::Stderr => {
                self.drain(&buffers, wait, &mut |bytes| Ok(wasi.stderr.write(bytes)?))?
            }
            Object::File(file) => self.drain(&buffers, wait, &mut |bytes| file.write(bytes))?,
            Object::Connection(connection) => {
                self.drain(&buffers, wait, &mut |bytes| connection.send(bytes))?
            }
            Object::Stdin | Object::Dir(_) | Object::Listener(_) => return Err(Errno::BadF.into()),
        };
        Ok(self.memory.write_u32(written, count)?)
    }

    pub(super) fn fd_pread(&mut self, fd: u32, list: u32, n: u32, at: u64, read: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::File(file) = &descriptor.object else {
            return Err(no_place(&descriptor, rights::FD_READ));
        };
        descriptor.need(rights::FD_READ)?;
        descriptor.need(rights::FD_SEEK)?;
        let buffers = self.buffers(list, n)?;
        self.memory.check(read, 4)?;
        let mut place = at;
        let count = self.fill(&buffers, None, &mut |buffer| {
            let got = file.read_at(buffer, place)?;
            place = place.saturating_add(got as u64);
            Ok(got)
        })?;
        Ok(self.memory.write_u32(read, count)?)
    }

    pub(super) fn fd_pwrite(
        &mut self,
        fd: u32,
        list: u32,
        n: u32,
        at: u64,
        written: u32,
    ) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::File(file) = &descriptor.object else {
            return Err(no_place(&descriptor, rights::FD_WRITE));
        };
        descriptor.need(rights::FD_WRITE)?;
        descriptor.need(rights::FD_SEEK)?;
        let buffers = self.buffers(list, n)?;
        self.memory.check(written, 4)?;
        let mut place = at;
        let count = self.drain(&buffers, None, &mut |bytes| {
            let put = file.write_at(bytes, place)?;
            place = place.saturating_add(put as u64);
            Ok(put)
        })?;
        Ok(self.memory.write_u32(written, count)?)
    }

    pub(super) fn fd_seek(&mut self, fd: u32, offset: i64, whence: u32, position: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::File(file) = &descriptor.object else {
            return Err(no_place(&descriptor, rights::FD_SEEK));
        };
        // To be told the place is less than to move it.
        match (offset, whence) {
            (0, 1) => descriptor.need(rights::FD_TELL)?,
            (_, _) => descriptor.need(rights::FD_SEEK)?,
        }
        let from = match whence {
            0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| Errno::Inval)?),
            1 => SeekFrom::Current(offset),
            2 => SeekFrom::End(offset),
            // There is no other place to count from.
            _ => return Err(Errno::Inval.into()),
        };
        self.memory.check(position, 8)?;
        let at = file.seek(from)?;
        Ok(self.memory.write_u64(position, at)?)
    }

    pub(super) fn fd_tell(&mut self, fd: u32, position: u32) -> Answer {
        self.fd_seek(fd, 0, 1, position)
    }

    /// The buffers of a list, read once: another thread may rewrite them.
    pub(super) fn buffers(&self, list: u32, n: u32) -> Answer<Buffers> {
        self.memory.check(list, u64::from(n) * 8)?;
        if n > BUFFERS {
            return Err(Errno::Inval.into());
        }
        let mut buffers = Buffers::default();
        let mut total = 0u32;
        for index in 0..n {
            let (at, len) = self.memory.buffer(list, index)?;
            buffers.push((at, len.min(BYTES.saturating_sub(total))));
            total = total.checked_add(len).ok_or(Errno::Inval)?;
        }
        Ok(buffers)
    }

    /// Returns the event to wait for before reading, unless the descriptor is not to wait.
    pub(super) fn reading<'d>(&self, descriptor: &'d Descriptor) -> Option<Event<'d>> {
        self.waiting(descriptor, false)
    }

    /// Returns the event to wait for before writing, unless the descriptor is not to wait.
    pub(super) fn writing<'d>(&self, descriptor: &'d Descriptor) -> Option<Event<'d>> {
        self.waiting(descriptor, true)
    }

    fn waiting<'d>(&self, descriptor: &'d Descriptor, write: bool) -> Option<Event<'d>> {
        // Most never wait, whatever they are told.
        let event = descriptor.event(write)?;
        let nonblocking = descriptor.powers().flags & fdflags::NONBLOCK != 0;
        (!nonblocking).then_some(event)
    }

    /// Waits for one event.
    pub(super) fn wait_for(&self, event: Event<'_>) -> Answer {
        match self.ctx.wasi.wait_for(event, self.interrupt) {
            Waited::Ready(_) => Ok(()),
            Waited::Interrupted => {
                self.given_up.set(true);
                Err(Stop::Interrupted)
            }
        }
    }

    /// Fills buffers one after the other until a piece is not filled; waits for the first byte
    /// where there is something to wait for.
    pub(super) fn fill(
        &mut self,
        buffers: &[(u32, u32)],
        wait: Option<Event<'_>>,
        read: Read<'_>,
    ) -> Answer<u32> {
        let mut count = 0;
        for (mut at, mut len) in buffers.iter().copied() {
            while len > 0 {
                let part = len.min(CHUNK);
                let got = match self.memory.fill(at, part, read)? {
                    Ok(got) => got,
                    Err(_) if count > 0 => return Ok(count),
                    Err(ErrorCode::WouldBlock) => match wait {
                        Some(event) => {
                            self.wait_for(event)?;
                            continue;
                        }
                        None => return Err(Errno::Again.into()),
                    },
                    Err(error) => return Err(error.into()),
                };
                count += got;
                if got < part {
                    return Ok(count);
                }
                (at, len) = (at.wrapping_add(part), len - part);
            }
        }
        Ok(count)
    }

    /// Fills buffers to the last byte, however often it has to wait; less only at the end.
    pub(super) fn fill_all(
        &mut self,
        buffers: &[(u32, u32)],
        wait: Option<Event<'_>>,
        read: Read<'_>,
    ) -> Answer<u32> {
        let mut count = 0;
        for (mut at, mut len) in buffers.iter().copied() {
            while len > 0 {
                match self.fill(&[(at, len)], wait, read) {
                    Ok(0) => return Ok(count),
                    Ok(got) => {
                        count += got;
                        (at, len) = (at.wrapping_add(got), len - got);
                    }
                    Err(Stop::Errno(_) | Stop::Interrupted) if count > 0 => return Ok(count),
                    Err(stop) => return Err(stop),
                }
            }
        }
        Ok(count)
    }

    /// Writes buffers out, and waits until all is taken where there is something to wait for; else
    /// until a piece is not taken whole. Small buffers are gathered, so that one call writes once;
    /// one that is alone is written from where it lies, if that can be borrowed.
    pub(super) fn drain(
        &mut self,
        buffers: &[(u32, u32)],
        wait: Option<Event<'_>>,
        write: Write<'_>,
    ) -> Answer<u32> {
        let mut own = Vec::new();
        let mut rest = Rest::of(buffers);
        let mut count = 0;
        while let Some((at, len)) = rest.next_of(CHUNK) {
            let piece = match self.memory.borrowed(at, len)? {
                Some(piece) if len == CHUNK || rest.is_over() => piece,
                Some(_) | None => {
                    own.clear();
                    self.memory.append(at, len, &mut own)?;
                    self.gather(&mut rest, &mut own)?;
                    &own
                }
            };
            let mut left = piece;
            while !left.is_empty() {
                match (write(left), wait) {
                    (Ok(taken), _) => {
                        let taken = taken.min(left.len());
                        count += taken as u32;
                        left = &left[taken..];
                        if !left.is_empty() && (wait.is_none() || taken == 0) {
                            return Ok(count);
                        }
                    }
                    (Err(ErrorCode::WouldBlock), Some(event)) => match self.wait_for(event) {
                        // What went out before the end is reported first.
                        Err(_) if count > 0 => return Ok(count),
                        waited => waited?,
                    },
                    (Err(_), _) if count > 0 => return Ok(count),
                    (Err(error), _) => return Err(error.into()),
                }
            }
        }
        Ok(count)
    }

    /// Appends what comes next, up to a chunk in all.
    fn gather(&self, rest: &mut Rest<'_>, own: &mut Vec<u8>) -> Answer {
        while let Some((at, len)) = rest.next_of(CHUNK - own.len() as u32) {
            self.memory.append(at, len, own)?;
        }
        Ok(())
    }
}

/// Places and lengths of buffers: few, as nearly always, take no allocation.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    few: [(u32, u32); 4],
    len: usize,
    /// All of them, when they are more.
    many: Vec<(u32, u32)>,
}

impl Buffers {
    fn push(&mut self, buffer: (u32, u32)) {
        match self.few.get_mut(self.len) {
            Some(place) => *place = buffer,
            None => {
                if self.many.is_empty() {
                    self.many.extend(self.few);
                }
                self.many.push(buffer);
            }
        }
        self.len += 1;
    }
}

impl std::ops::Deref for Buffers {
    type Target = [(u32, u32)];

    fn deref(&self) -> &[(u32, u32)] {
        match self.many.is_empty() {
            true => &self.few[..self.len],
            false => &self.many,
        }
    }
}

/// What of some buffers is still to come.
struct Rest<'b> {
    current: (u32, u32),
    behind: std::slice::Iter<'b, (u32, u32)>,
}

impl<'b> Rest<'b> {
    fn of(buffers: &'b [(u32, u32)]) -> Rest<'b> {
        let mut rest = Rest {
            current: (0, 0),
            behind: buffers.iter(),
        };
        rest.skip_empty();
        rest
    }

    fn skip_empty(&mut self) {
        while self.current.1 == 0 {
            match self.behind.next() {
                Some(next) => self.current = *next,
                None => return,
            }
        }
    }

    fn is_over(&self) -> bool {
        self.current.1 == 0
    }

    /// The next bytes that lie together, at most so many; nothing when there is no room or no rest.
    fn next_of(&mut self, most: u32) -> Option<(u32, u32)> {
        let (at, len) = self.current;
        let part = len.min(most);
        self.current = (at.wrapping_add(part), len - part);
        self.skip_empty();
        (part > 0).then_some((at, part))
    }
}

/// Returns the error of using a position in something that has none.
fn no_place(descriptor: &Descriptor, right: u64) -> Stop {
    match &descriptor.object {
        Object::Stdin | Object::Stdout | Object::Stderr => Errno::SPipe.into(),
        Object::Listener(_) | Object::Connection(_) => Errno::SPipe.into(),
        Object::Dir(_) => match descriptor.need(right) {
            Err(errno) => errno.into(),
            Ok(()) => Errno::BadF.into(),
        },
        Object::File(_) => Errno::Inval.into(),
    }
}
