//! Functions that take a directory and a path. Rights are asked for here; what the grant allows and
//! where the path leads is the host's matter.

use super::errno::Errno;
use super::fd::new_times;
use super::table::{Descriptor, Object};
use super::types::{SYMLINK_FOLLOW, fdflags, filestat, oflags, rights, with_implied};
use super::{Answer, Call};
use crate::wasi::host::fs::{Dir, OpenHow, Opened};
use std::sync::Arc;

/// The longest path that is looked at.
const LONGEST: u32 = 4095;

impl Call<'_> {
    pub(super) fn path_create_directory(&mut self, fd: u32, path: u32, len: u32) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let dir = with_right(&descriptor, rights::PATH_CREATE_DIRECTORY)?;
        Ok(dir.create_dir(&path)?)
    }

    pub(super) fn path_filestat_get(
        &mut self,
        fd: u32,
        flags: u32,
        path: u32,
        len: u32,
        stat: u32,
    ) -> Answer {
        let bytes = self.path_stat(fd, flags, (path, len), (stat, 64))?;
        Ok(self.memory.write(stat, &bytes)?)
    }

    /// The `filestat` of a path, which is given as its place and length; so is the room for it.
    pub(super) fn path_stat(
        &self,
        fd: u32,
        flags: u32,
        path: (u32, u32),
        room: (u32, u64),
    ) -> Answer<[u8; 64]> {
        let (descriptor, path) = self.dir_path(fd, path.0, path.1)?;
        let dir = with_right(&descriptor, rights::PATH_FILESTAT_GET)?;
        self.memory.check(room.0, room.1)?;
        let found = dir.stat_at(&path, follow(flags)?)?;
        Ok(filestat(&found)?)
    }

    #[allow(clippy::too_many_arguments)] // The interface has them.
    pub(super) fn path_filestat_set_times(
        &mut self,
        fd: u32,
        flags: u32,
        path: u32,
        len: u32,
        accessed: u64,
        modified: u64,
        which: u32,
    ) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let dir = with_right(&descriptor, rights::PATH_FILESTAT_SET_TIMES)?;
        let (accessed, modified) = new_times(accessed, modified, which)?;
        Ok(dir.set_times_at(&path, follow(flags)?, accessed, modified)?)
    }

    #[allow(clippy::too_many_arguments)] // The interface has them.
    pub(super) fn path_link(
        &mut self,
        fd: u32,
        flags: u32,
        path: u32,
        len: u32,
        new_fd: u32,
        new_path: u32,
        new_len: u32,
    ) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let (new_descriptor, new_path) = self.dir_path(new_fd, new_path, new_len)?;
        let dir = with_right(&descriptor, rights::PATH_LINK_SOURCE)?;
        let new_dir = with_right(&new_descriptor, rights::PATH_LINK_TARGET)?;
        Ok(dir.link(&path, follow(flags)?, new_dir, &new_path)?)
    }

    #[allow(clippy::too_many_arguments)] // The interface has them.
    pub(super) fn path_open(
        &mut self,
        fd: u32,
        lookup: u32,
        path: u32,
        len: u32,
        how: u32,
        base: u64,
        inheriting: u64,
        flags: u32,
        opened: u32,
    ) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let dir = with_right(&descriptor, rights::PATH_OPEN)?;
        let flags = u16::try_from(flags).map_err(|_| Errno::Inval)?;
        if how & !oflags::ALL != 0 || flags & !fdflags::ALL != 0 {
            return Err(Errno::Inval.into());
        }
        if how & oflags::CREAT != 0 {
            descriptor.need(rights::PATH_CREATE_FILE)?;
        }
        if how & oflags::TRUNC != 0 {
            descriptor.need(rights::PATH_FILESTAT_SET_SIZE)?;
        }
        // Rights that do not exist yet mean nothing yet.
        let (base, inheriting) = (base & rights::ALL, inheriting & rights::ALL);
        let given = descriptor.powers().inheriting;
        if (base | inheriting) & !with_implied(given) != 0 {
            return Err(Errno::NotCapable.into());
        }
        self.memory.check(opened, 4)?;
        self.ctx.table.check_room()?;
        let directory = how & oflags::DIRECTORY != 0;
        let how = OpenHow {
            follow: follow(lookup)?,
            read: base & (rights::FD_READ | rights::FD_READDIR) != 0,
            write: base & rights::WRITING != 0,
            append: flags & fdflags::APPEND != 0,
            create: how & oflags::CREAT != 0,
            exclusive: how & oflags::EXCL != 0,
            truncate: how & oflags::TRUNC != 0,
            directory,
            sync: flags & (fdflags::SYNC | fdflags::RSYNC) != 0,
            data_sync: flags & fdflags::DSYNC != 0,
        };
        let object = dir.open(&path, &how)?;
        // Programs ask for too few when they open a directory to open files in it. Where all of a
        // writable grant is passed on, it is passed on whole; any of it can still be given up.
        let inheriting = match &object {
            Opened::Dir(_) if given == rights::ALL && dir.is_writable() => given,
            Opened::Dir(_) | Opened::File(_) => inheriting,
        };
        let new = Descriptor::opened(object, flags, base, inheriting);
        let new = self.ctx.table.add(new)?;
        Ok(self.memory.write_u32(opened, new)?)
    }

    pub(super) fn path_readlink(
        &mut self,
        fd: u32,
        path: u32,
        len: u32,
        buffer: u32,
        size: u32,
        used: u32,
    ) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let dir = with_right(&descriptor, rights::PATH_READLINK)?;
        self.memory.check(buffer, size.into())?;
        self.memory.check(used, 4)?;
        let target = dir.read_link(&path)?;
        // As much as fits.
        let part = &target[..target.len().min(size as usize)];
        self.memory.write(buffer, part)?;
        Ok(self.memory.write_u32(used, part.len() as u32)?)
    }

    pub(super) fn path_remove_directory(&mut self, fd: u32, path: u32, len: u32) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let dir = with_right(&descriptor, rights::PATH_REMOVE_DIRECTORY)?;
        Ok(dir.remove_dir(&path)?)
    }

    pub(super) fn path_rename(
        &mut self,
        fd: u32,
        path: u32,
        len: u32,
        new_fd: u32,
        new_path: u32,
        new_len: u32,
    ) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let (new_descriptor, new_path) = self.dir_path(new_fd, new_path, new_len)?;
        let dir = with_right(&descriptor, rights::PATH_RENAME_SOURCE)?;
        let new_dir = with_right(&new_descriptor, rights::PATH_RENAME_TARGET)?;
        Ok(dir.rename(&path, new_dir, &new_path)?)
    }

    pub(super) fn path_symlink(
        &mut self,
        target: u32,
        target_len: u32,
        fd: u32,
        path: u32,
        len: u32,
    ) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let target = self.path(target, target_len)?;
        let dir = with_right(&descriptor, rights::PATH_SYMLINK)?;
        Ok(dir.symlink(&target, &path)?)
    }

    pub(super) fn path_unlink_file(&mut self, fd: u32, path: u32, len: u32) -> Answer {
        let (descriptor, path) = self.dir_path(fd, path, len)?;
        let dir = with_right(&descriptor, rights::PATH_UNLINK_FILE)?;
        Ok(dir.unlink(&path)?)
    }

    /// A directory and a path in it.
    fn dir_path(&self, fd: u32, path: u32, len: u32) -> Answer<(Arc<Descriptor>, String)> {
        let descriptor = self.ctx.table.get(fd)?;
        Ok((descriptor, self.path(path, len)?))
    }

    /// A path, copied out once: another thread may rewrite it.
    fn path(&self, at: u32, len: u32) -> Answer<String> {
        self.memory.check(at, len.into())?;
        if len > LONGEST {
            return Err(Errno::NameTooLong.into());
        }
        let mut bytes = vec![0; len as usize];
        self.memory.read(at, &mut bytes)?;
        Ok(String::from_utf8(bytes).map_err(|_| Errno::IlSeq)?)
    }
}

/// The directory behind a descriptor that has a right.
fn with_right(descriptor: &Descriptor, right: u64) -> Result<&Dir, Errno> {
    match &descriptor.object {
        Object::Dir(open) => {
            descriptor.need(right)?;
            Ok(&open.dir)
        }
        Object::Stdin | Object::Stdout | Object::Stderr | Object::File(_) => Err(Errno::NotDir),
        Object::Listener(_) | Object::Connection(_) => Err(Errno::NotDir),
    }
}

/// Returns whether to go through a link at the end of a path.
fn follow(flags: u32) -> Result<bool, Errno> {
    match flags {
        0 => Ok(false),
        SYMLINK_FOLLOW => Ok(true),
        // There is no other flag.
        _ => Err(Errno::Inval),
    }
}
