//! Collection: mark what the roots reach, sweep the rest. Marking keeps its own stack, so that no
//! shape of data costs host stack. A reference that is not to an object of the heap is ignored,
//! wherever it stands.

use super::super::Reference;
use super::layout::Layouts;
use super::storage::{GRANULE, Place, Storage, rounded};
use super::{FIRST_COLLECTION, Form, HEADER_BYTES, Header, Heap};
use alloc::vec::Vec;

/// What a collection freed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Swept {
    /// Objects.
    pub objects: usize,
    /// Bytes, headers included.
    pub bytes: u64,
    /// The numbers of the host values gone, each once: the embedder drops them.
    pub hosts: Vec<u32>,
}

impl Heap {
    /// Frees every object that no chain of references reaches from what `roots` hands to its
    /// argument. References to functions must not be among the roots: their numbers would keep
    /// objects alive.
    pub fn collect(&mut self, roots: impl FnOnce(&mut dyn FnMut(Reference))) -> Swept {
        self.mark_from(roots);
        let swept = self.sweep();
        self.fresh = true;
        self.trigger = (self.used * 2).max(FIRST_COLLECTION).min(self.limit);
        swept
    }

    /// Returns whether a value of the host can be reached from these roots. Nothing is freed.
    pub fn reaches_host(&mut self, roots: impl FnOnce(&mut dyn FnMut(Reference))) -> bool {
        self.mark_from(roots);
        let mut reaches = false;
        for header in &mut self.headers {
            reaches |= header.marked && header.form == Form::Host;
            header.marked = false;
        }
        reaches
    }

    /// Marks what can be reached.
    fn mark_from(&mut self, roots: impl FnOnce(&mut dyn FnMut(Reference))) {
        let mut found = core::mem::take(&mut self.found);
        let headers = &mut self.headers;
        roots(&mut |root| mark(headers, root, &mut found));
        while let Some(handle) = found.pop() {
            let header = self.headers[handle as usize];
            trace(
                &mut self.headers,
                &self.storage,
                &self.layouts,
                header,
                &mut found,
            );
        }
        self.found = found;
    }

    fn sweep(&mut self) -> Swept {
        let mut swept = Swept::default();
        self.free = 0;
        // Backwards, so that low handles are used first again.
        for handle in (1..self.headers.len()).rev() {
            let header = &mut self.headers[handle];
            if header.marked {
                header.marked = false;
                continue;
            }
            let dead = *header;
            *header = Header {
                offset: self.free,
                ..Header::FREE
            };
            self.free = handle as u32;
            match dead.form {
                Form::Free => continue,
                Form::Host => swept.hosts.push(dead.offset),
                Form::Struct | Form::WideStruct | Form::Array | Form::Exception => {
                    let place = Place {
                        offset: dead.offset,
                        large: dead.large,
                    };
                    self.storage.give(place, dead.size());
                }
            }
            swept.objects += 1;
            swept.bytes += rounded(dead.size()) + HEADER_BYTES;
        }
        self.storage.reopen();
        self.used -= swept.bytes;
        swept
    }
}

/// Marks the object a reference is to, if there is one, and remembers it to be traced.
#[inline]
fn mark(headers: &mut [Header], reference: Reference, found: &mut Vec<u32>) {
    let Some(handle) = reference.as_object() else {
        return;
    };
    let Some(header) = headers.get_mut(handle as usize) else {
        return;
    };
    if header.marked || header.form == Form::Free {
        return;
    }
    header.marked = true;
    if header.form != Form::Host {
        found.push(handle);
    }
}

/// Marks what an object refers to.
fn trace(
    headers: &mut [Header],
    storage: &Storage,
    layouts: &Layouts,
    header: Header,
    found: &mut Vec<u32>,
) {
    let layout = match header.form {
        Form::Free | Form::Host => return,
        Form::Struct | Form::WideStruct => layouts.type_at(header.ty),
        Form::Exception => layouts.tag_at(header.ty),
        Form::Array if layouts.is_traced_array(header.ty) => None,
        Form::Array => return,
    };
    if header.form != Form::Array && layout.is_none_or(|layout| layout.traced.is_empty()) {
        return;
    }
    let place = Place {
        offset: header.offset,
        large: header.large,
    };
    let Some(bytes) = storage.bytes(place, header.size() as usize) else {
        return;
    };
    let at = |at: usize| -> Option<Reference> {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(Reference(u32::from_le_bytes(*bytes)))
    };
    match layout {
        Some(layout) => {
            for &granule in &layout.traced {
                mark(
                    headers,
                    at(granule as usize * GRANULE).unwrap_or_default(),
                    found,
                );
            }
        }
        None => {
            for element in bytes.chunks_exact(4) {
                let bits = u32::from_le_bytes([element[0], element[1], element[2], element[3]]);
                mark(headers, Reference(bits), found);
            }
        }
    }
}
