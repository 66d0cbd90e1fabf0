//! The garbage-collected heap (spec: exec/runtime, aggregate and exception instances): structs,
//! arrays, exceptions and wrapped host values of a store, named by handles that stay the same for
//! an object's life. Collection is exact and marks from the roots the caller names; nothing moves.
//!
//! Reading order: here what an object is and how it is allocated, `layout` (where fields stand),
//! `storage` (where bytes come from), `object` (fields and elements), `collect`. Knows nothing of
//! frames: who calls [`Heap::collect`] knows the roots.
//!
//! No handle can do harm: an accessor answers `None` for one that is free, forged or of another
//! kind of object.

mod collect;
mod layout;
mod object;
mod storage;
#[cfg(test)]
mod tests;

use super::TagAddr;
use crate::room;
use crate::syntax::{FuncType, TypeId, TypeIdx, TypeSpace};
use crate::trap::Trap;
use alloc::vec::Vec;
use layout::{Layout, Layouts};
use storage::Storage;

pub use collect::Swept;
pub use layout::is_traced;

/// The handles are 31 bits wide.
const MOST_HANDLES: usize = 1 << 31;
/// Bytes an object costs besides its contents.
const HEADER_BYTES: u64 = 16;
/// Below this, no collection is worth its time.
const FIRST_COLLECTION: u64 = 4 << 20;
/// Bytes of a heap that is given no limit.
const DEFAULT_LIMIT: u64 = 1 << 30;

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ObjectKind {
    /// A struct of a defined type of the store.
    Struct(TypeId),
    /// An array of a defined type of the store.
    Array(TypeId),
    /// An exception with its tag.
    Exception(TagAddr),
    /// A value of the host; the number is the embedder's.
    Host(u32),
}

/// Why nothing was allocated. Nothing has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeapFull {
    /// A collection is due: the caller collects and tries again. Right after a collection an
    /// allocation never returns this, so the retries come to an end.
    Collect,
    /// There is no room, even right after a collection.
    Exhausted,
    /// The object alone is larger than the whole heap may be.
    TooLarge,
}

impl HeapFull {
    /// The trap for an allocation that cannot be tried again; `None` if it can.
    pub const fn trap(self) -> Option<Trap> {
        match self {
            HeapFull::Collect => None,
            HeapFull::Exhausted => Some(Trap::HeapExhausted),
            HeapFull::TooLarge => Some(Trap::ArrayTooLarge),
        }
    }
}

/// What a header describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// The slot is free: `offset` is the next free handle, 0 for none.
    Free,
    /// A struct in small storage, each field one granule; `len` fields.
    Struct,
    /// Any other struct; `len` granules. The layout knows its fields.
    WideStruct,
    /// `len` elements of `2^shift` bytes.
    Array,
    /// `ty` is the tag; `len` granules. The layout of the tag knows the values.
    Exception,
    /// `offset` is the embedder's number.
    Host,
}

/// An object: 16 bytes.
#[derive(Clone, Copy, Debug)]
struct Header {
    /// Where the contents stand in their storage.
    offset: u32,
    /// Canonical type, or tag.
    ty: u32,
    len: u32,
    form: Form,
    shift: u8,
    /// Whether the contents have a storage of their own.
    large: bool,
    marked: bool,
}

const _: () = assert!(size_of::<Header>() as u64 == HEADER_BYTES);

impl Header {
    const FREE: Header = Header {
        offset: 0,
        ty: 0,
        len: 0,
        form: Form::Free,
        shift: 0,
        large: false,
        marked: false,
    };

    /// Bytes of the contents.
    fn size(&self) -> u64 {
        match self.form {
            Form::Free | Form::Host => 0,
            Form::Struct | Form::WideStruct | Form::Exception => u64::from(self.len) << 3,
            Form::Array => u64::from(self.len) << self.shift,
        }
    }
}

/// The heap of a store.
#[derive(Clone, Debug)]
pub struct Heap {
    /// The header of each handle; the first handle is never an object.
    headers: Vec<Header>,
    /// First free handle, 0 for none.
    free: u32,
    storage: Storage,
    layouts: Layouts,
    /// Bytes of all objects, headers included.
    used: u64,
    limit: u64,
    /// Collect before `used` gets over this.
    trigger: u64,
    /// A collection has just been, for the allocation that comes next. An allocation that fails
    /// afterwards asks anew the next time: references can be dropped without allocating.
    fresh: bool,
    stress: bool,
    /// Objects that a collection has found and not traced yet; empty between collections. It has
    /// room for all there are.
    found: Vec<u32>,
}

impl Default for Heap {
    fn default() -> Heap {
        Heap::new(DEFAULT_LIMIT)
    }
}

impl Heap {
    /// A heap of at most `limit` bytes.
    pub fn new(limit: u64) -> Heap {
        Heap {
            headers: Vec::new(),
            found: Vec::new(),
            free: 0,
            storage: Storage::default(),
            layouts: Layouts::default(),
            used: 0,
            limit,
            trigger: FIRST_COLLECTION.min(limit),
            fresh: false,
            stress: false,
        }
    }

    /// Sets the most bytes that objects may take; those there are stay.
    pub fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
        self.trigger = self.trigger.min(limit);
    }

    /// Returns whether every allocation asks for a collection, to bring out missed roots.
    pub fn set_stress(&mut self, stress: bool) {
        self.stress = stress;
    }

    /// Bytes of all objects that are not yet collected.
    pub fn used_bytes(&self) -> u64 {
        self.used
    }

    /// A number that changes with each allocation.
    pub fn fingerprint(&self) -> u64 {
        let handles = u64::from(self.free) << 32 ^ self.headers.len() as u64;
        self.used.rotate_left(40) ^ handles
    }

    /// Returns whether an allocation of that many bytes would ask for a collection.
    pub fn needs_collection(&self, bytes: u64) -> bool {
        self.admit(bytes) == Err(HeapFull::Collect)
    }

    /// Returns the kind of an object; `None` for a handle without one.
    #[inline]
    pub fn kind(&self, handle: u32) -> Option<ObjectKind> {
        let header = self.headers.get(handle as usize)?;
        match header.form {
            Form::Free => None,
            Form::Struct | Form::WideStruct => Some(ObjectKind::Struct(TypeIdx(header.ty))),
            Form::Array => Some(ObjectKind::Array(TypeIdx(header.ty))),
            Form::Exception => Some(ObjectKind::Exception(TagAddr(header.ty))),
            Form::Host => Some(ObjectKind::Host(header.offset)),
        }
    }

    /// A struct of a canonical type of the store, all fields zero or null. (A type that is not of
    /// a struct has no fields.)
    pub fn alloc_struct(&mut self, types: &TypeSpace, ty: TypeId) -> Result<u32, HeapFull> {
        let layout = self.layouts.of_struct(types, ty);
        let (len, narrow) = (layout.granules, layout.narrow);
        let header = Header {
            ty: ty.0,
            len,
            form: Form::WideStruct,
            ..Header::FREE
        };
        let handle = self.allocate(header)?;
        let header = &mut self.headers[handle as usize];
        if narrow && !header.large {
            header.form = Form::Struct;
        }
        Ok(handle)
    }

    /// An array of a canonical type of the store, all elements zero or null.
    pub fn alloc_array(
        &mut self,
        types: &TypeSpace,
        ty: TypeId,
        len: u32,
    ) -> Result<u32, HeapFull> {
        // A type that is not of an array has no elements to make room for.
        let shift = self.layouts.of_array(types, ty).ok_or(HeapFull::TooLarge)?;
        self.allocate(Header {
            ty: ty.0,
            len,
            form: Form::Array,
            shift,
            ..Header::FREE
        })
    }

    /// An exception with the values of its tag's parameters, each in the low cell or both.
    pub fn alloc_exception(
        &mut self,
        types: &TypeSpace,
        tag: TagAddr,
        ty: &FuncType,
        payload: &[[u64; 2]],
    ) -> Result<u32, HeapFull> {
        let len = self.layouts.of_tag(types, tag, &ty.params).granules;
        let handle = self.allocate(Header {
            ty: tag.0,
            len,
            form: Form::Exception,
            ..Header::FREE
        })?;
        for (place, &value) in (0..).zip(payload) {
            self.set_exception_value(handle, place, value);
        }
        Ok(handle)
    }

    /// A host value under a number of the embedder's, who learns from [`Swept`] when it is gone.
    pub fn alloc_host(&mut self, index: u32) -> Result<u32, HeapFull> {
        let handle = self.allocate(Header {
            form: Form::Host,
            ..Header::FREE
        })?;
        self.headers[handle as usize].offset = index;
        Ok(handle)
    }

    /// Returns whether that many bytes may be allocated now.
    #[inline]
    fn admit(&self, bytes: u64) -> Result<(), HeapFull> {
        let after = self.used.saturating_add(bytes);
        if after <= self.trigger && !self.stress {
            return Ok(());
        }
        if bytes > self.limit {
            Err(HeapFull::TooLarge)
        } else if !self.fresh {
            Err(HeapFull::Collect)
        } else if after > self.limit {
            Err(HeapFull::Exhausted)
        } else {
            Ok(())
        }
    }

    /// Says that the last collection was not for the allocation that comes next.
    pub fn outdate(&mut self) {
        self.fresh = false;
    }

    /// Makes an object with zeroed contents.
    fn allocate(&mut self, header: Header) -> Result<u32, HeapFull> {
        let made = self.try_allocate(header);
        self.fresh = false;
        made
    }

    fn try_allocate(&mut self, mut header: Header) -> Result<u32, HeapFull> {
        let bytes = storage::rounded(header.size());
        self.admit(bytes.saturating_add(HEADER_BYTES))?;
        // What the host refuses may be there after a collection.
        let refused = if self.fresh {
            HeapFull::Exhausted
        } else {
            HeapFull::Collect
        };
        if self.free == 0 {
            self.new_handle().ok_or(refused)?;
        }
        let place = self.storage.take(bytes).ok_or(refused)?;
        header.offset = place.offset;
        header.large = place.large;
        let handle = self.free;
        let slot = &mut self.headers[handle as usize];
        self.free = slot.offset;
        *slot = header;
        self.used += bytes + HEADER_BYTES;
        Ok(handle)
    }

    /// Adds a free handle.
    #[cold]
    fn new_handle(&mut self) -> Option<()> {
        if self.headers.capacity() - self.headers.len() < 2 {
            room::reserve(&mut self.headers, 2)?;
            // Marking may find all of them at once, when there is no room to be had.
            room::reserve_exact(&mut self.found, self.headers.capacity())?;
        }
        if self.headers.is_empty() {
            self.headers.push(Header::FREE); // Null.
        }
        if self.headers.len() >= MOST_HANDLES {
            return None;
        }
        self.free = self.headers.len() as u32;
        self.headers.push(Header::FREE);
        Some(())
    }
}

/// Field layouts are kept by what they belong to, since all tags and types are few.
impl Heap {
    fn layout(&self, header: &Header) -> Option<&Layout> {
        match header.form {
            Form::Struct | Form::WideStruct => self.layouts.type_at(header.ty),
            Form::Exception => self.layouts.tag_at(header.ty),
            Form::Free | Form::Array | Form::Host => None,
        }
    }
}
