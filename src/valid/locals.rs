//! Locals of a function: their types, and which of those without a default value are set
//! (spec: appendix/algorithm, locals).

use super::error::{Check, InvalidKind, Space, unknown};
use super::operand::Operand;
use crate::syntax::LocalIdx;
use alloc::vec::Vec;

/// Locals kept one by one; those after are kept as runs, so that a function that declares 50,000
/// in a few bytes costs a few bytes.
const NEAR: usize = 64;

#[derive(Default)]
pub(super) struct Locals {
    near: Vec<Operand>,
    /// End of each run and its type; the runs cover all locals.
    runs: Vec<(u32, Operand)>,
    /// The first local without a default value that is not a parameter; above all locals when there
    /// is none.
    first_strict: u32,
    /// The locals from `first_strict` on that are set, one bit each; the list grows as needed.
    set: Vec<u64>,
    /// The locals set, in the order in which they were.
    order: Vec<u32>,
}

impl Locals {
    /// Forgets everything but its allocations.
    pub fn clear(&mut self) {
        self.reset(0);
        self.near.clear();
        self.runs.clear();
        self.first_strict = u32::MAX;
    }

    /// Returns the number of locals.
    pub fn count(&self) -> u32 {
        self.runs.last().map_or(0, |run| run.0)
    }

    /// Adds a parameter, which is set.
    pub fn add_param(&mut self, ty: Operand) {
        self.add(1, ty);
    }

    /// Adds declared locals.
    pub fn add_declared(&mut self, count: u32, ty: Operand) {
        let strict = ty.is_ref() && !ty.is_nullable();
        if strict && count > 0 && self.first_strict == u32::MAX {
            self.first_strict = self.count();
        }
        self.add(count, ty);
    }

    fn add(&mut self, count: u32, ty: Operand) {
        if count == 0 {
            return;
        }
        let end = self.count() + count;
        match self.runs.last_mut() {
            Some(run) if run.1 == ty => run.0 = end,
            _ => self.runs.push((end, ty)),
        }
        let near = NEAR.saturating_sub(self.near.len()).min(count as usize);
        self.near.extend(core::iter::repeat_n(ty, near));
    }

    #[inline(always)]
    pub fn ty(&self, idx: LocalIdx) -> Check<Operand> {
        match self.near.get(idx.index()) {
            Some(&ty) => Ok(ty),
            None => self.far(idx),
        }
    }

    #[inline(never)]
    fn far(&self, idx: LocalIdx) -> Check<Operand> {
        let run = self.runs.partition_point(|run| run.0 <= idx.0);
        let run = self.runs.get(run);
        run.map(|run| run.1)
            .ok_or_else(|| unknown(Space::Local, idx.0))
    }

    /// Checks that a local of that type can be read.
    #[inline(always)]
    pub fn check_set(&self, idx: LocalIdx, ty: Operand) -> Check {
        match idx.0 < self.first_strict || ty.is_numeric() || ty.is_nullable() {
            true => Ok(()),
            false => self.check_strict(idx.0),
        }
    }

    #[inline(never)]
    fn check_strict(&self, idx: u32) -> Check {
        match self.is_set(idx) {
            true => Ok(()),
            false => InvalidKind::UninitializedLocal(idx).err(),
        }
    }

    fn is_set(&self, idx: u32) -> bool {
        let bit = idx - self.first_strict;
        let word = self.set.get(bit as usize / 64);
        word.is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// Marks a local as set.
    #[inline(always)]
    pub fn mark(&mut self, idx: LocalIdx) {
        if idx.0 >= self.first_strict {
            self.mark_strict(idx.0);
        }
    }

    #[inline(never)]
    fn mark_strict(&mut self, idx: u32) {
        if self.is_set(idx) {
            return;
        }
        let bit = idx - self.first_strict;
        let word = bit as usize / 64;
        if self.set.len() <= word {
            self.set.resize(word + 1, 0);
        }
        self.set[word] |= 1 << (bit % 64);
        self.order.push(idx);
    }

    /// Returns the locals without a default value that are set, in the order in which they were.
    pub fn in_order(&self) -> &[u32] {
        &self.order
    }

    /// Returns how many were set so far: what a control frame remembers.
    pub fn height(&self) -> u32 {
        self.order.len() as u32
    }

    /// Unsets what was set since there were `height`.
    #[inline(always)]
    pub fn reset(&mut self, height: u32) {
        while self.order.len() > height as usize {
            if let Some(idx) = self.order.pop() {
                let bit = idx - self.first_strict;
                self.set[bit as usize / 64] &= !(1 << (bit % 64));
            }
        }
    }
}
