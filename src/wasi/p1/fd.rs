//! Descriptors: closing, renumbering, state, what grants are called, and what only files and
//! directories can do.

use super::errno::Errno;
use super::table::{Descriptor, Object};
use super::types::{
    DIRENT, dirent, fdflags, fdstat, filestat, filetype, filetype_of, fstflags, rights,
    stream_stat, with_implied,
};
use super::{Answer, Call};
use crate::wasi::host::fs::{Advice, Entry, File, FileKind, NewTime};
use std::sync::Arc;
use std::time::Duration;

impl Call<'_> {
    pub(super) fn fd_close(&mut self, fd: u32) -> Answer {
        Ok(self.ctx.table.close(fd)?)
    }

    pub(super) fn fd_renumber(&mut self, from: u32, to: u32) -> Answer {
        Ok(self.ctx.table.renumber(from, to)?)
    }

    pub(super) fn fd_fdstat_get(&mut self, fd: u32, stat: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let kind = self.filetype(&descriptor.object);
        let powers = descriptor.powers();
        let bytes = fdstat(kind, powers.flags, powers.rights, powers.inheriting);
        Ok(self.memory.write(stat, &bytes)?)
    }

    pub(super) fn fd_fdstat_set_flags(&mut self, fd: u32, flags: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_FDSTAT_SET_FLAGS)?;
        let flags = u16::try_from(flags).map_err(|_| Errno::Inval)?;
        if flags & !fdflags::ALL != 0 {
            return Err(Errno::Inval.into());
        }
        if (flags ^ descriptor.powers().flags) & fdflags::SYNCHRONOUS != 0 {
            return Err(Errno::NotSup.into());
        }
        if let Object::File(file) = &descriptor.object {
            file.set_append(flags & fdflags::APPEND != 0)?;
        }
        descriptor.change(|powers| powers.flags = flags);
        Ok(())
    }

    pub(super) fn fd_fdstat_set_rights(&mut self, fd: u32, base: u64, inheriting: u64) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        // Rights are only ever given up.
        let given_up = descriptor.change(|powers| {
            let more =
                base & !with_implied(powers.rights) | inheriting & !with_implied(powers.inheriting);
            if more == 0 {
                (powers.rights, powers.inheriting) = (base, inheriting);
            }
            more == 0
        });
        match given_up {
            true => Ok(()),
            false => Err(Errno::NotCapable.into()),
        }
    }

    pub(super) fn fd_filestat_get(&mut self, fd: u32, stat: u32) -> Answer {
        let bytes = self.fd_stat(fd)?;
        Ok(self.memory.write(stat, &bytes)?)
    }

    /// The `filestat` of a descriptor.
    pub(super) fn fd_stat(&self, fd: u32) -> Answer<[u8; 64]> {
        let descriptor = self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_FILESTAT_GET)?;
        Ok(match &descriptor.object {
            Object::Dir(open) => filestat(&open.dir.stat()?)?,
            Object::File(file) => filestat(&file.stat()?)?,
            Object::Listener(_) | Object::Connection(_) => stream_stat(filetype::SOCKET_STREAM),
            object @ (Object::Stdin | Object::Stdout | Object::Stderr) => {
                stream_stat(self.filetype(object))
            }
        })
    }

    pub(super) fn fd_filestat_set_size(&mut self, fd: u32, size: u64) -> Answer {
        let descriptor = self.file(fd, rights::FD_FILESTAT_SET_SIZE)?;
        Ok(file_of(&descriptor)?.set_len(size)?)
    }

    pub(super) fn fd_filestat_set_times(
        &mut self,
        fd: u32,
        accessed: u64,
        modified: u64,
        which: u32,
    ) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let (accessed, modified) = new_times(accessed, modified, which)?;
        match &descriptor.object {
            Object::Dir(open) => {
                descriptor.need(rights::FD_FILESTAT_SET_TIMES)?;
                Ok(open.dir.set_times(accessed, modified)?)
            }
            Object::File(file) => {
                descriptor.need(rights::FD_FILESTAT_SET_TIMES)?;
                Ok(file.set_times(accessed, modified)?)
            }
            Object::Stdin | Object::Stdout | Object::Stderr => Err(Errno::Inval.into()),
            Object::Listener(_) | Object::Connection(_) => Err(Errno::Inval.into()),
        }
    }

    pub(super) fn fd_prestat_get(&mut self, fd: u32, prestat: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let name = preopen(&descriptor)?;
        let len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
        // A directory, as all grants are.
        self.memory.check(prestat, 8)?;
        self.memory.write_u32(prestat, 0)?;
        Ok(self.memory.write_u32(prestat + 4, len)?)
    }

    pub(super) fn fd_prestat_dir_name(&mut self, fd: u32, path: u32, len: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let name = preopen(&descriptor)?;
        if (len as usize) < name.len() {
            return Err(Errno::NameTooLong.into());
        }
        Ok(self.memory.write(path, name.as_bytes())?)
    }

    pub(super) fn fd_advise(&mut self, fd: u32, at: u64, len: u64, advice: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let advice = match advice {
            0 => Advice::Normal,
            1 => Advice::Sequential,
            2 => Advice::Random,
            3 => Advice::WillNeed,
            4 => Advice::DontNeed,
            5 => Advice::NoReuse,
            // There is no other.
            _ => return Err(Errno::Inval.into()),
        };
        match &descriptor.object {
            Object::File(file) => {
                descriptor.need(rights::FD_ADVISE)?;
                Ok(file.advise(at, len, advice)?)
            }
            Object::Dir(_) => Err(Errno::BadF.into()),
            Object::Stdin | Object::Stdout | Object::Stderr => Err(Errno::SPipe.into()),
            Object::Listener(_) | Object::Connection(_) => Err(Errno::SPipe.into()),
        }
    }

    pub(super) fn fd_allocate(&mut self, fd: u32, at: u64, len: u64) -> Answer {
        let descriptor = self.file(fd, rights::FD_ALLOCATE)?;
        Ok(file_of(&descriptor)?.allocate(at, len)?)
    }

    pub(super) fn fd_datasync(&mut self, fd: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        if let Object::Dir(open) = &descriptor.object {
            descriptor.need(rights::FD_DATASYNC)?;
            return Ok(open.dir.sync()?);
        }
        let descriptor = self.file(fd, rights::FD_DATASYNC)?;
        Ok(file_of(&descriptor)?.sync_data()?)
    }

    pub(super) fn fd_sync(&mut self, fd: u32) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        if let Object::Dir(open) = &descriptor.object {
            descriptor.need(rights::FD_SYNC)?;
            return Ok(open.dir.sync()?);
        }
        let descriptor = self.file(fd, rights::FD_SYNC)?;
        Ok(file_of(&descriptor)?.sync()?)
    }

    pub(super) fn fd_readdir(
        &mut self,
        fd: u32,
        buffer: u32,
        len: u32,
        cookie: u64,
        used: u32,
    ) -> Answer {
        let descriptor = self.ctx.table.get(fd)?;
        let Object::Dir(open) = &descriptor.object else {
            return Err(Errno::NotDir.into());
        };
        descriptor.need(rights::FD_READDIR)?;
        self.memory.check(buffer, len.into())?;
        self.memory.check(used, 4)?;
        let listing = open.listing(cookie == 0, &self.ctx.wasi)?;
        let first = usize::try_from(cookie).unwrap_or(usize::MAX);
        let rest = listing.entries().get(first..).unwrap_or_default();
        let mut count = 0;
        for (entry, next) in rest.iter().zip(cookie.wrapping_add(1)..) {
            // What does not fit is cut, which tells that there is more.
            let bytes = entry_bytes(entry, next);
            let part = bytes.len().min((len - count) as usize);
            self.memory.write(buffer + count, &bytes[..part])?;
            count += part as u32;
            if count == len {
                break;
            }
        }
        Ok(self.memory.write_u32(used, count)?)
    }

    /// Returns the file type. It shows programs a terminal, to which they then write line by line.
    fn filetype(&self, object: &Object) -> u8 {
        let wasi = &self.ctx.wasi;
        let terminal = match object {
            Object::Stdin => wasi.stdin.is_terminal(),
            Object::Stdout => wasi.stdout.is_terminal(),
            Object::Stderr => wasi.stderr.is_terminal(),
            Object::Dir(_) => return filetype_of(FileKind::Directory),
            Object::File(file) => return filetype_of(file.kind()),
            Object::Listener(_) | Object::Connection(_) => return filetype::SOCKET_STREAM,
        };
        match terminal {
            true => filetype::CHARACTER_DEVICE,
            false => filetype::UNKNOWN,
        }
    }

    /// A descriptor of a file that is no directory, with a right.
    fn file(&self, fd: u32, right: u64) -> Answer<Arc<Descriptor>> {
        let descriptor = self.ctx.table.get(fd)?;
        match &descriptor.object {
            Object::File(_) => descriptor.need(right)?,
            Object::Dir(_) => return Err(Errno::BadF.into()),
            Object::Stdin | Object::Stdout | Object::Stderr => return Err(Errno::Inval.into()),
            Object::Listener(_) | Object::Connection(_) => return Err(Errno::Inval.into()),
        }
        Ok(descriptor)
    }
}

fn file_of(descriptor: &Descriptor) -> Result<&File, Errno> {
    match &descriptor.object {
        Object::File(file) => Ok(file),
        Object::Stdin | Object::Stdout | Object::Stderr | Object::Dir(_) => Err(Errno::BadF),
        Object::Listener(_) | Object::Connection(_) => Err(Errno::BadF),
    }
}

/// Returns the guest's path of a grant. Programs ask for descriptors in order until there is no
/// grant.
fn preopen(descriptor: &Descriptor) -> Result<&str, Errno> {
    match &descriptor.object {
        Object::Dir(open) => open.preopen.as_deref().ok_or(Errno::BadF),
        Object::Stdin | Object::Stdout | Object::Stderr | Object::File(_) => Err(Errno::BadF),
        Object::Listener(_) | Object::Connection(_) => Err(Errno::BadF),
    }
}

fn entry_bytes(entry: &Entry, next: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(DIRENT + entry.name.len());
    let len = entry.name.len() as u32;
    bytes.extend_from_slice(&dirent(next, entry.inode, len, entry.kind));
    bytes.extend_from_slice(entry.name.as_bytes());
    bytes
}

/// The times that flags ask for.
pub(super) fn new_times(
    accessed: u64,
    modified: u64,
    which: u32,
) -> Result<(NewTime, NewTime), Errno> {
    if which & !fstflags::ALL != 0 {
        return Err(Errno::Inval);
    }
    let time = |at: u64, given: u32, now: u32| match (which & given != 0, which & now != 0) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(NewTime::At(Duration::from_nanos(at))),
        (false, true) => Ok(NewTime::Now),
        (false, false) => Ok(NewTime::Keep),
    };
    Ok((
        time(accessed, fstflags::ATIM, fstflags::ATIM_NOW)?,
        time(modified, fstflags::MTIM, fstflags::MTIM_NOW)?,
    ))
}
