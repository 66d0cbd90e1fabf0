//! Directories: what can be done with what is in them. The grant is asked first, the place found
//! next, and the one call that acts comes last.

use super::file::File;
use super::listing::{Listing, ListingRoom};
use super::resolve::{PathResolver, Place};
use super::{DirPerms, FileKind, FilePerms, FileStat, NewTime, OpenHow};
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::os::{self, Borrowed, Handle};
use std::io;
use std::path::Path;

type Result<T> = core::result::Result<T, ErrorCode>;

/// An open directory, with the permissions of the grant that it was reached by.
///
/// ```
/// use limpid::wasi::host::fs::{Dir, OpenHow, Opened};
/// use limpid::wasi::{DirPerms, ErrorCode, FilePerms, PathResolver};
/// # if cfg!(unix) {
/// let host = tempfile::tempdir()?;
/// std::fs::write(host.path().join("words"), "limpid")?;
/// let dir = Dir::ambient(host.path(), DirPerms::READ, FilePerms::READ, PathResolver::Best)?;
/// let how = OpenHow { read: true, ..OpenHow::default() };
/// assert!(matches!(dir.open("words", &how), Ok(Opened::File(_))));
/// assert!(matches!(dir.open("../words", &how), Err(ErrorCode::NotPermitted)));
/// assert_eq!(dir.unlink("words"), Err(ErrorCode::NotPermitted));
/// # }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Dir {
    handle: Handle,
    resolver: PathResolver,
    dir_perms: DirPerms,
    file_perms: FilePerms,
}

/// What a path was opened as.
#[derive(Debug)]
pub enum Opened {
    /// A directory, with the permissions of the one it was opened in.
    Dir(Dir),
    /// Anything that is not a directory.
    File(File),
}

impl Dir {
    /// Opens a directory of the host, wherever its path leads.
    ///
    /// # Errors
    /// Fails when there is no such directory, or when grants are not supported on this system.
    pub fn ambient(
        path: &Path,
        dir_perms: DirPerms,
        file_perms: FilePerms,
        resolver: PathResolver,
    ) -> io::Result<Dir> {
        let handle = os::open_ambient(path)?;
        Ok(Dir {
            handle,
            resolver,
            dir_perms,
            file_perms,
        })
    }

    /// Returns what is allowed with files in the directory.
    pub fn file_perms(&self) -> FilePerms {
        self.file_perms
    }

    /// Returns what is allowed with directories in the directory.
    pub fn dir_perms(&self) -> DirPerms {
        self.dir_perms
    }

    /// Returns whether the grant has all permissions.
    pub fn is_writable(&self) -> bool {
        self.dir_perms == DirPerms::all() && self.file_perms == FilePerms::all()
    }

    pub(super) fn handle(&self) -> Borrowed<'_> {
        os::borrow(&self.handle)
    }

    fn need(&self, perms: DirPerms) -> Result<()> {
        match self.dir_perms.contains(perms) {
            true => Ok(()),
            false => Err(ErrorCode::NotPermitted),
        }
    }

    fn locate(&self, path: &str, follow: bool) -> Result<Place<'_>> {
        self.resolver.locate(self.handle(), path, follow)
    }

    /// Opens the file or directory that a path names.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn open(&self, path: &str, how: &OpenHow) -> Result<Opened> {
        self.need(DirPerms::READ)?;
        if how.create {
            self.need(DirPerms::MUTATE)?;
        }
        let writes = how.write || how.create || how.truncate;
        if writes && !self.file_perms.contains(FilePerms::WRITE) {
            return Err(ErrorCode::NotPermitted);
        }
        // Files alone are created and cut, so that this can be said before it is done.
        let reads = how.read && !self.file_perms.contains(FilePerms::READ);
        if reads && (how.create || how.truncate) {
            return Err(ErrorCode::NotPermitted);
        }
        if how.create && how.directory {
            return Err(ErrorCode::Invalid);
        }
        // What truncates is open for writing, everywhere; the file still only allows what is asked.
        let truncating = OpenHow {
            write: how.write || how.truncate,
            ..*how
        };
        let handle = self.resolver.open(self.handle(), path, &truncating)?;
        let kind = os::stat(os::borrow(&handle))?.kind;
        if kind == FileKind::Directory {
            return Ok(Opened::Dir(Dir { handle, ..*self }));
        }
        if reads {
            return Err(ErrorCode::NotPermitted);
        }
        Ok(Opened::File(File::new(handle, kind, how, self.file_perms)))
    }

    /// Returns the metadata of the directory itself.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn stat(&self) -> Result<FileStat> {
        os::stat(self.handle())
    }

    /// Returns the metadata of what a path names.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn stat_at(&self, path: &str, follow: bool) -> Result<FileStat> {
        self.need(DirPerms::READ)?;
        let place = self.locate(path, follow || path.ends_with('/'))?;
        let stat = place.stat()?;
        if place.slash && stat.kind != FileKind::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        Ok(stat)
    }

    /// Sets the times of the directory itself.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn set_times(&self, accessed: NewTime, modified: NewTime) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        os::set_times(self.handle(), accessed, modified)
    }

    /// Sets the times of what a path names.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn set_times_at(
        &self,
        path: &str,
        follow: bool,
        accessed: NewTime,
        modified: NewTime,
    ) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        if !self.file_perms.contains(FilePerms::WRITE) {
            return Err(ErrorCode::NotPermitted);
        }
        let place = self.locate(path, follow || path.ends_with('/'))?;
        if place.slash && place.stat()?.kind != FileKind::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        let name = place.name.as_deref().unwrap_or(b".");
        os::set_times_at(place.dir.handle(), name, accessed, modified)
    }

    /// Returns the target of a symbolic link: a text, which grants nothing.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn read_link(&self, path: &str) -> Result<Vec<u8>> {
        self.need(DirPerms::READ)?;
        let place = self.locate(path, path.ends_with('/'))?;
        let name = place.name.as_deref().ok_or(ErrorCode::Invalid)?;
        if place.slash && place.stat()?.kind != FileKind::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        os::read_link(place.dir.handle(), name)
    }

    /// Creates a directory.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn create_dir(&self, path: &str) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        let place = self.locate(path, false)?;
        let name = place.name.as_deref().ok_or(ErrorCode::Exist)?;
        os::make_dir(place.dir.handle(), name)
    }

    /// Removes an empty directory.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn remove_dir(&self, path: &str) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        let place = self.locate(path, false)?;
        let name = place.name.as_deref().ok_or(ErrorCode::Invalid)?;
        os::remove_dir(place.dir.handle(), name)
    }

    /// Removes a file that is not a directory.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn unlink(&self, path: &str) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        let place = self.locate(path, false)?;
        let name = place.name.as_deref().ok_or(ErrorCode::IsDirectory)?;
        if place.slash {
            return Err(match place.stat()?.kind {
                FileKind::Directory => ErrorCode::IsDirectory,
                // Only a directory could have this name.
                _ => ErrorCode::NotDirectory,
            });
        }
        os::unlink(place.dir.handle(), name)
    }

    /// Renames a file, within the directory or to another one.
    ///
    /// # Errors
    /// Fails where the grants do not allow it, or with the error of the system.
    pub fn rename(&self, path: &str, to: &Dir, new_path: &str) -> Result<()> {
        self.may_move_to(to)?;
        let old = self.locate(path, false)?;
        let new = to.locate(new_path, false)?;
        let name = old.name.as_deref().ok_or(ErrorCode::Busy)?;
        let new_name = new.name.as_deref().ok_or(ErrorCode::Busy)?;
        if (old.slash || new.slash) && old.stat()?.kind != FileKind::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        os::rename(old.dir.handle(), name, new.dir.handle(), new_name)
    }

    /// Makes a hard link to a file, within the directory or in another one.
    ///
    /// # Errors
    /// Fails where the grants do not allow it, or with the error of the system.
    pub fn link(&self, path: &str, follow: bool, to: &Dir, new_path: &str) -> Result<()> {
        self.may_move_to(to)?;
        let old = self.locate(path, follow || path.ends_with('/'))?;
        let new = to.locate(new_path, false)?;
        let name = old.name.as_deref().ok_or(ErrorCode::NotPermitted)?;
        if old.slash && old.stat()?.kind != FileKind::Directory {
            return Err(ErrorCode::NotDirectory);
        }
        let new_name = new.new_name()?;
        os::link(old.dir.handle(), name, new.dir.handle(), new_name)
    }

    /// Makes a symbolic link. Its target must not be an absolute path; whether it leads outside is
    /// checked when it is followed.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn symlink(&self, target: &str, path: &str) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        super::path::check(target)?;
        let place = self.locate(path, false)?;
        os::symlink(target.as_bytes(), place.dir.handle(), place.new_name()?)
    }

    /// Lists the directory as it is now, within the given room.
    ///
    /// # Errors
    /// Fails where the grant does not allow it, or with the error of the system.
    pub fn list(&self, room: &ListingRoom) -> Result<Listing> {
        self.need(DirPerms::READ)?;
        Listing::read(self.handle(), room)
    }

    /// Waits until the device has stored the directory.
    ///
    /// # Errors
    /// Returns the error of the system.
    pub fn sync(&self) -> Result<()> {
        os::sync(self.handle())
    }

    /// A file keeps its grant's power: nothing gets more of it by being named elsewhere.
    fn may_move_to(&self, to: &Dir) -> Result<()> {
        self.need(DirPerms::MUTATE)?;
        to.need(DirPerms::MUTATE)?;
        let kept = self.dir_perms.contains(to.dir_perms) && self.file_perms.contains(to.file_perms);
        match kept && self.file_perms.contains(FilePerms::WRITE) {
            true => Ok(()),
            false => Err(ErrorCode::NotPermitted),
        }
    }
}

impl Place<'_> {
    /// Returns the metadata of the place itself, be it a link or not.
    fn stat(&self) -> Result<FileStat> {
        os::stat_at(self.dir.handle(), self.name.as_deref().unwrap_or(b"."))
    }

    /// The name for something new that is no directory.
    fn new_name(&self) -> Result<&[u8]> {
        let name = self.name.as_deref().ok_or(ErrorCode::Exist)?;
        if self.slash {
            self.stat()?;
            return Err(ErrorCode::Exist);
        }
        Ok(name)
    }
}
