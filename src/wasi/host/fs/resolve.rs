//! From a path to a place: the one way from a guest's text to the host's files. A path is opened
//! beneath its directory in one call of the system where there is one, and else walked name by
//! name, links read and never followed by the system. Neither way checks first and uses then: what
//! was found is held open, and a last name is used in the directory held, never followed. Knows no
//! grants.

use super::path::{Parts, components, parts};
use super::{FileKind, OpenHow, path};
use crate::wasi::host::error::ErrorCode;
use crate::wasi::host::os::{self, Borrowed, Handle};

type Result<T> = core::result::Result<T, ErrorCode>;

/// Most links on the way, as Linux has it.
const LINKS: usize = 40;

/// How often a name is looked at again that changes all the time.
const CHANGES: usize = 100;

/// How paths are resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PathResolver {
    /// The system resolves the path in one call where it can; otherwise it is walked.
    #[default]
    Best,
    /// The path is always walked, name by name.
    Walk,
}

/// A directory on the way: where the path begins, or one that was opened.
#[derive(Debug)]
pub(super) enum Directory<'d> {
    Given(Borrowed<'d>),
    Opened(Handle),
}

impl Directory<'_> {
    pub fn handle(&self) -> Borrowed<'_> {
        match self {
            Directory::Given(given) => *given,
            Directory::Opened(opened) => os::borrow(opened),
        }
    }
}

/// Where a path leads: a name in a directory that is held open.
#[derive(Debug)]
pub(super) struct Place<'d> {
    pub dir: Directory<'d>,
    /// The name in the directory; `None` for the directory itself.
    pub name: Option<Vec<u8>>,
    /// Whether it can only be a directory.
    pub slash: bool,
}

impl PathResolver {
    /// The place a path names. With `follow` its last name was no link a moment ago.
    pub(super) fn locate<'d>(
        self,
        base: Borrowed<'d>,
        path: &str,
        follow: bool,
    ) -> Result<Place<'d>> {
        path::check(path)?;
        let mut text = path.as_bytes().to_vec();
        let mut links = 0;
        loop {
            let parts = parts(&text);
            let dir = self.directory(base, &parts, &mut links)?;
            let followed = match parts.name {
                Some(name) if follow => self::target(&dir, name, &mut links)?,
                Some(_) | None => None,
            };
            match followed {
                Some(target) => text = parts.followed(&target)?,
                None => {
                    let name = parts.name.map(<[u8]>::to_vec);
                    let slash = parts.slash;
                    return Ok(Place { dir, name, slash });
                }
            }
        }
    }

    /// Opens what a path names, and creates it if asked to.
    pub(super) fn open(self, base: Borrowed<'_>, path: &str, how: &OpenHow) -> Result<Handle> {
        path::check(path)?;
        let parts = parts(path.as_bytes());
        let mut how = *how;
        if parts.is_directory() {
            if how.create {
                return Err(self.not_created(base, path, &how));
            }
            // A slash stands for a look into the directory, which a link then leads to.
            (how.directory, how.follow) = (true, true);
        }
        if self == PathResolver::Best
            && let Some(answer) = os::open_beneath(base, &parts.whole(), Some(&how))
        {
            return answer;
        }
        open_walking(base, parts.whole(), &how)
    }

    /// Why nothing is created where only a directory can be: it would be outside, or no file.
    fn not_created(self, base: Borrowed<'_>, path: &str, how: &OpenHow) -> ErrorCode {
        match self.locate(base, path, true) {
            // `.` and `..` are there; a name before a slash need not be.
            Ok(place) if how.exclusive && place.name.is_none() => ErrorCode::Exist,
            Ok(_) => ErrorCode::IsDirectory,
            Err(error) => error,
        }
    }

    /// The directory that the last name is in.
    fn directory<'d>(
        self,
        base: Borrowed<'d>,
        parts: &Parts<'_>,
        links: &mut usize,
    ) -> Result<Directory<'d>> {
        let Some(text) = parts.directory() else {
            return Ok(Directory::Given(base));
        };
        if self == PathResolver::Best
            && let Some(answer) = os::open_beneath(base, &text, None)
        {
            return answer.map(Directory::Opened);
        }
        walk(base, &parts.parents, links)
    }
}

/// Opens a path without slashes at its end, every step of the way held.
fn open_walking(base: Borrowed<'_>, mut text: Vec<u8>, how: &OpenHow) -> Result<Handle> {
    let (mut links, mut changes) = (0, 0);
    loop {
        let parts = parts(&text);
        let dir = walk(base, &parts.parents, &mut links)?;
        let mut how = *how;
        how.directory |= parts.is_directory();
        let Some(name) = parts.name else {
            if how.create {
                return Err(match how.exclusive {
                    true => ErrorCode::Exist,
                    false => ErrorCode::IsDirectory,
                });
            }
            return os::open(dir.handle(), b".", &how);
        };
        // Not created under a name that only a directory can have, but perhaps a link to go on by.
        let opened = match how.create && how.directory {
            true => Err(ErrorCode::Loop),
            false => os::open(dir.handle(), name, &how),
        };
        let refused = match opened {
            Ok(handle) => return Ok(handle),
            Err(refused) if may_be_link(refused) => refused,
            Err(refused) => return Err(refused),
        };
        match target(&dir, name, &mut links)? {
            Some(target) if how.follow => text = parts.followed(&target)?,
            None if how.create && how.directory => return Err(ErrorCode::IsDirectory),
            None if has_changed(&dir, name, refused, &mut changes) => {}
            Some(_) | None => return Err(refused),
        }
    }
}

/// Goes from directory to directory. What `..` leads back to is what was passed through, not what
/// the system would say: that may have been moved meanwhile.
fn walk<'d>(base: Borrowed<'d>, names: &[&[u8]], links: &mut usize) -> Result<Directory<'d>> {
    let mut passed: Vec<Handle> = Vec::new();
    let mut changes = 0;
    let mut ahead: Vec<Vec<u8>> = names.iter().rev().map(|name| name.to_vec()).collect();
    while let Some(name) = ahead.pop() {
        if name == b".." {
            passed.pop().ok_or(ErrorCode::NotPermitted)?;
            continue;
        }
        let here = match passed.last() {
            Some(handle) => Directory::Given(os::borrow(handle)),
            None => Directory::Given(base),
        };
        let refused = match os::open_dir(here.handle(), &name) {
            Ok(handle) => {
                passed.push(handle);
                continue;
            }
            Err(refused) if may_be_link(refused) => refused,
            Err(refused) => return Err(refused),
        };
        let Some(target) = target(&here, &name, links)? else {
            if has_changed(&here, &name, refused, &mut changes) {
                ahead.push(name);
                continue;
            }
            return Err(refused);
        };
        if target.starts_with(b"/") {
            return Err(ErrorCode::NotPermitted);
        }
        ahead.extend(components(&target).rev().map(<[u8]>::to_vec));
    }
    Ok(match passed.pop() {
        Some(handle) => Directory::Opened(handle),
        None => Directory::Given(base),
    })
}

/// Returns whether an error is one that systems report for a link that was not to be followed.
fn may_be_link(refused: ErrorCode) -> bool {
    matches!(
        refused,
        ErrorCode::Loop | ErrorCode::NotDirectory | ErrorCode::TooManyLinks
    )
}

/// Returns whether what was refused as a link, or as no directory, is something else by now, so
/// that it is worth another look: somebody changes it meanwhile.
fn has_changed(dir: &Directory<'_>, name: &[u8], refused: ErrorCode, changes: &mut usize) -> bool {
    *changes += 1;
    let Ok(stat) = os::stat_at(dir.handle(), name) else {
        return false;
    };
    let other = match refused {
        ErrorCode::NotDirectory => matches!(stat.kind, FileKind::Directory | FileKind::Link),
        // It was a link, and no longer is one.
        _ => true,
    };
    other && *changes <= CHANGES
}

/// Returns where a name leads if it is a link.
fn target(dir: &Directory<'_>, name: &[u8], links: &mut usize) -> Result<Option<Vec<u8>>> {
    let Ok(target) = os::read_link(dir.handle(), name) else {
        return Ok(None);
    };
    *links += 1;
    if *links > LINKS {
        return Err(ErrorCode::Loop);
    }
    Ok(Some(target))
}
