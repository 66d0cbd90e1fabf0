//! The contents of memories in a recorded trace: what is in them when it begins, and what has
//! become different from one chunk to the next. Also finds what the host has written.

use super::bytes::Bytes;
use crate::runtime::Memory;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

/// Bytes that are compared at a time.
const PAGE: usize = 4096;

/// Equal bytes that end a run of different ones.
const GAP: usize = 4;

/// A memory as the trace knows it.
#[derive(Debug, Default)]
struct Image {
    bytes: Vec<u8>,
    /// Pages that have changed since the chunk began, as they were.
    old: BTreeMap<usize, Box<[u8]>>,
}

/// The memories as the trace knows them.
#[derive(Debug, Default)]
pub struct Images(Vec<Image>);

/// A write: the number of the memory, and the bytes written.
pub type Write = (usize, Range<usize>);

impl Images {
    /// Takes the contents of all memories, and writes what is not zero. What threads share is left
    /// out: its contents depend on more than the run.
    pub fn begin(memories: &[Memory], out: &mut Bytes) -> Images {
        out.number(memories.len() as u64);
        let image = |memory: &Memory| {
            let bytes = memory.bytes.clone();
            out.number(memory.byte_len());
            runs(out, &bytes, |at| bytes[at] != 0);
            Image {
                bytes,
                old: BTreeMap::new(),
            }
        };
        Images(memories.iter().map(image).collect())
    }

    /// An instruction has written these bytes.
    pub fn write(&mut self, memory: usize, at: u64, bytes: &[u8]) {
        let Some(image) = self.0.get_mut(memory) else {
            return;
        };
        let at = at as usize;
        let range = at..at.saturating_add(bytes.len()).min(image.bytes.len());
        image.keep(range.clone());
        if let Some(to) = image.bytes.get_mut(range.clone()) {
            to.copy_from_slice(&bytes[..range.len()]);
        }
    }

    /// A memory has grown.
    pub fn grow(&mut self, memory: usize, bytes: u64) {
        if let Some(image) = self.0.get_mut(memory) {
            image.bytes.resize(bytes as usize, 0);
        }
    }

    /// Compares with the memories themselves; returns what was written unseen, and which sizes are
    /// new.
    pub fn compare(&mut self, memories: &[Memory]) -> (Vec<Write>, Vec<(usize, u64)>) {
        let (mut writes, mut sizes) = (Vec::new(), Vec::new());
        for (number, (image, memory)) in self.0.iter_mut().zip(memories).enumerate() {
            if memory.shared.is_some() {
                continue;
            }
            if image.bytes.len() != memory.bytes.len() {
                image.bytes.resize(memory.bytes.len(), 0);
                sizes.push((number, memory.bytes.len() as u64));
            }
            for page in 0..memory.bytes.len().div_ceil(PAGE) {
                let range = page * PAGE..((page + 1) * PAGE).min(memory.bytes.len());
                let (own, new) = (&image.bytes[range.clone()], &memory.bytes[range.clone()]);
                if own == new {
                    continue;
                }
                let runs = different(own.len(), |at| own[at] != new[at]);
                writes.extend(
                    runs.map(|run| (number, run.start + range.start..run.end + range.start)),
                );
                image.keep(range.clone());
                image.bytes[range.clone()].copy_from_slice(&memory.bytes[range]);
            }
        }
        (writes, sizes)
    }

    /// The bytes of a memory.
    pub fn bytes(&self, (memory, range): &Write) -> &[u8] {
        &self.0[*memory].bytes[range.clone()]
    }

    /// Writes what has changed since the last cut.
    pub fn cut(&mut self, out: &mut Bytes) {
        for image in &mut self.0 {
            let old = core::mem::take(&mut image.old);
            out.number(image.bytes.len() as u64);
            out.number(old.len() as u64);
            for (page, old) in old {
                out.number(page as u64);
                let new = &image.bytes[page * PAGE..];
                // What the memory has grown by was zero.
                let before = |at: usize| old.get(at).copied().unwrap_or(0);
                let len = new.len().min(PAGE);
                runs(out, &new[..len], |at| before(at) != new[at]);
            }
        }
    }
}

impl Image {
    /// Keeps the pages of a range as they are, unless that was done since the last cut.
    fn keep(&mut self, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        for page in range.start / PAGE..=(range.end - 1) / PAGE {
            let bytes = page * PAGE..((page + 1) * PAGE).min(self.bytes.len());
            let now = self.bytes.get(bytes).unwrap_or_default();
            self.old.entry(page).or_insert_with(|| now.into());
        }
    }
}

/// Ranges of places that are different, with short gaps between them closed.
fn different(
    len: usize,
    is_different: impl Fn(usize) -> bool,
) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let start = (at..len).find(|&at| is_different(at))?;
        let mut end = start + 1;
        let mut next = end;
        while next < len && next - end < GAP {
            if is_different(next) {
                end = next + 1;
            }
            next += 1;
        }
        at = end;
        Some(start..end)
    })
}

/// Writes runs of places that are different: how far each is from the one before, and its bytes.
/// A run without bytes ends them.
fn runs(out: &mut Bytes, bytes: &[u8], is_different: impl Fn(usize) -> bool) {
    let mut before = 0;
    for run in different(bytes.len(), is_different) {
        out.number((run.start - before) as u64);
        out.slice(&bytes[run.clone()]);
        before = run.end;
    }
    out.number(0);
    out.number(0);
}
