//! Descriptors: closing, renumbering, state, and what only files can do, which no descriptor here
//! stands for yet.

use super::errno::Errno;
use super::table::Object;
use super::types::{fdflags, fdstat, filestat, filetype, rights};
use super::{Answer, Call};

impl Call<'_> {
    pub(super) fn fd_close(&mut self, fd: u32) -> Answer {
        Ok(self.ctx.table.close(fd)?)
    }

    pub(super) fn fd_renumber(&mut self, from: u32, to: u32) -> Answer {
        Ok(self.ctx.table.renumber(from, to)?)
    }

    pub(super) fn fd_fdstat_get(&mut self, fd: u32, stat: u32) -> Answer {
        let descriptor = *self.ctx.table.get(fd)?;
        let kind = self.filetype(descriptor.object);
        let (base, inheriting) = (descriptor.rights, descriptor.inheriting);
        let bytes = fdstat(kind, descriptor.flags, base, inheriting);
        Ok(self.memory.write(stat, &bytes)?)
    }

    pub(super) fn fd_fdstat_set_flags(&mut self, fd: u32, flags: u32) -> Answer {
        let descriptor = self.ctx.table.get_mut(fd)?;
        descriptor.need(rights::FD_FDSTAT_SET_FLAGS)?;
        let flags = u16::try_from(flags).map_err(|_| Errno::Inval)?;
        if flags & !fdflags::ALL != 0 {
            return Err(Errno::Inval.into());
        }
        if flags & !(fdflags::APPEND | fdflags::NONBLOCK) != 0 {
            return Err(Errno::NotSup.into());
        }
        descriptor.flags = flags;
        Ok(())
    }

    pub(super) fn fd_fdstat_set_rights(&mut self, fd: u32, base: u64, inheriting: u64) -> Answer {
        let descriptor = self.ctx.table.get_mut(fd)?;
        // Rights are only ever given up.
        if base & !descriptor.rights != 0 || inheriting & !descriptor.inheriting != 0 {
            return Err(Errno::NotCapable.into());
        }
        (descriptor.rights, descriptor.inheriting) = (base, inheriting);
        Ok(())
    }

    pub(super) fn fd_filestat_get(&mut self, fd: u32, stat: u32) -> Answer {
        let descriptor = *self.ctx.table.get(fd)?;
        descriptor.need(rights::FD_FILESTAT_GET)?;
        let bytes = filestat(self.filetype(descriptor.object));
        Ok(self.memory.write(stat, &bytes)?)
    }

    pub(super) fn fd_prestat_get(&mut self, fd: u32, _prestat: u32) -> Answer {
        self.not_a_grant(fd)
    }

    pub(super) fn fd_prestat_dir_name(&mut self, fd: u32, _path: u32, _len: u32) -> Answer {
        self.not_a_grant(fd)
    }

    pub(super) fn fd_seek(&mut self, fd: u32, _offset: i64, _from: u32, _to: u32) -> Answer {
        self.not_seekable(fd)
    }

    pub(super) fn fd_tell(&mut self, fd: u32, _offset: u32) -> Answer {
        self.not_seekable(fd)
    }

    pub(super) fn fd_advise(&mut self, fd: u32, _at: u64, _len: u64, _advice: u32) -> Answer {
        self.not_seekable(fd)
    }

    pub(super) fn fd_allocate(&mut self, fd: u32, _offset: u64, _len: u64) -> Answer {
        self.not_a_file(fd)
    }

    pub(super) fn fd_datasync(&mut self, fd: u32) -> Answer {
        self.not_a_file(fd)
    }

    pub(super) fn fd_sync(&mut self, fd: u32) -> Answer {
        self.not_a_file(fd)
    }

    pub(super) fn fd_filestat_set_size(&mut self, fd: u32, _size: u64) -> Answer {
        self.not_a_file(fd)
    }

    pub(super) fn fd_filestat_set_times(&mut self, fd: u32, _a: u64, _m: u64, _f: u32) -> Answer {
        self.not_a_file(fd)
    }

    pub(super) fn fd_pread(&mut self, fd: u32, _iovs: u32, _n: u32, _at: u64, _: u32) -> Answer {
        self.not_seekable(fd)
    }

    pub(super) fn fd_pwrite(&mut self, fd: u32, _iovs: u32, _n: u32, _at: u64, _: u32) -> Answer {
        self.not_seekable(fd)
    }

    pub(super) fn fd_readdir(&mut self, fd: u32, _: u32, _: u32, _: u64, _used: u32) -> Answer {
        self.not_a_directory(fd)
    }

    /// What a terminal is told by: programs then write line by line.
    fn filetype(&self, object: Object) -> u8 {
        let wasi = &self.ctx.wasi;
        let terminal = match object {
            Object::Stdin => wasi.stdin.is_terminal(),
            Object::Stdout => wasi.stdout.is_terminal(),
            Object::Stderr => wasi.stderr.is_terminal(),
        };
        match terminal {
            true => filetype::CHARACTER_DEVICE,
            false => filetype::UNKNOWN,
        }
    }

    /// No directory was granted under this number; programs ask for numbers until they hear this.
    fn not_a_grant(&self, _fd: u32) -> Answer {
        Err(Errno::BadF.into())
    }

    fn not_seekable(&self, fd: u32) -> Answer {
        self.ctx.table.get(fd)?;
        Err(Errno::SPipe.into())
    }

    fn not_a_file(&self, fd: u32) -> Answer {
        self.ctx.table.get(fd)?;
        Err(Errno::Inval.into())
    }

    pub(super) fn not_a_directory(&self, fd: u32) -> Answer {
        self.ctx.table.get(fd)?;
        Err(Errno::NotDir.into())
    }

    pub(super) fn not_a_socket(&self, fd: u32) -> Answer {
        self.ctx.table.get(fd)?;
        Err(Errno::NotSock.into())
    }
}
