//! Functions that take a directory and a path. No descriptor stands for a directory yet, so each
//! says that its number is not there, or is not a directory.

use super::{Answer, Call};

impl Call<'_> {
    pub(super) fn path_create_directory(&mut self, fd: u32, _path: u32, _len: u32) -> Answer {
        self.not_a_directory(fd)
    }

    pub(super) fn path_filestat_get(
        &mut self,
        fd: u32,
        _flags: u32,
        _path: u32,
        _len: u32,
        _stat: u32,
    ) -> Answer {
        self.not_a_directory(fd)
    }

    #[allow(clippy::too_many_arguments)] // The interface has them.
    pub(super) fn path_filestat_set_times(
        &mut self,
        fd: u32,
        _flags: u32,
        _path: u32,
        _len: u32,
        _accessed: u64,
        _modified: u64,
        _which: u32,
    ) -> Answer {
        self.not_a_directory(fd)
    }

    #[allow(clippy::too_many_arguments)] // The interface has them.
    pub(super) fn path_link(
        &mut self,
        fd: u32,
        _flags: u32,
        _path: u32,
        _len: u32,
        new_fd: u32,
        _new_path: u32,
        _new_len: u32,
    ) -> Answer {
        self.ctx.table.get(new_fd)?;
        self.not_a_directory(fd)
    }

    #[allow(clippy::too_many_arguments)] // The interface has them.
    pub(super) fn path_open(
        &mut self,
        fd: u32,
        _lookup: u32,
        _path: u32,
        _len: u32,
        _how: u32,
        _base: u64,
        _inheriting: u64,
        _flags: u32,
        _opened: u32,
    ) -> Answer {
        self.not_a_directory(fd)
    }

    pub(super) fn path_readlink(
        &mut self,
        fd: u32,
        _path: u32,
        _len: u32,
        _buffer: u32,
        _size: u32,
        _used: u32,
    ) -> Answer {
        self.not_a_directory(fd)
    }

    pub(super) fn path_remove_directory(&mut self, fd: u32, _path: u32, _len: u32) -> Answer {
        self.not_a_directory(fd)
    }

    pub(super) fn path_rename(
        &mut self,
        fd: u32,
        _path: u32,
        _len: u32,
        new_fd: u32,
        _new_path: u32,
        _new_len: u32,
    ) -> Answer {
        self.ctx.table.get(new_fd)?;
        self.not_a_directory(fd)
    }

    pub(super) fn path_symlink(
        &mut self,
        _target: u32,
        _target_len: u32,
        fd: u32,
        _path: u32,
        _len: u32,
    ) -> Answer {
        self.not_a_directory(fd)
    }

    pub(super) fn path_unlink_file(&mut self, fd: u32, _path: u32, _len: u32) -> Answer {
        self.not_a_directory(fd)
    }
}
