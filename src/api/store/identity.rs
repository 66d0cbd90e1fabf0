//! The identity of a store: which handles it knows. A store that is copied takes a new id for the
//! handles made from then on, and both sides remember the ids they had.
//!
//! The ids of a store's past form a list that its copies share. Looking one up takes logarithmic
//! time, and an id that no handle has is not remembered, so that the thousandth copy costs what the
//! first one does.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Which store a handle is of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[doc(hidden)]
pub struct StoreId(usize);

/// The ids that a store took, also those that it lost when it was restored to a snapshot. It takes
/// them in blocks, each twice as long as the one before, so that the list of blocks stays short.
#[derive(Debug, Default)]
struct Taken {
    blocks: Vec<Range<usize>>,
    next: usize,
}

impl Taken {
    /// Takes an id that no store has had, and that is greater than `above`.
    fn take(&mut self, above: Option<StoreId>) -> StoreId {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let next = self.next;
        let fits = |block: &Range<usize>| block.contains(&next);
        let left = self.blocks.last().is_some_and(fits);
        if !left || above.is_some_and(|above| next <= above.0) {
            let len = 1 << self.blocks.len().min(16);
            // What comes out of the counter is greater than every id so far.
            self.next = NEXT.fetch_add(len, Ordering::Relaxed);
            self.blocks.push(self.next..self.next + len);
        }
        self.next += 1;
        StoreId(self.next - 1)
    }

    fn has(&self, id: StoreId) -> bool {
        self.blocks.iter().any(|block| block.contains(&id.0))
    }
}

/// The id of a store, and those it had.
#[derive(Debug)]
pub(crate) struct Identity {
    now: StoreId,
    /// Whether a handle has the id.
    used: AtomicBool,
    before: Past,
    taken: Taken,
    /// The first id of the store that this one is a copy of, however often it was copied.
    family: StoreId,
}

impl Identity {
    /// Returns the identity of a new store.
    pub(crate) fn new() -> Identity {
        let mut taken = Taken::default();
        let now = taken.take(None);
        Identity {
            now,
            used: AtomicBool::new(false),
            before: Past::default(),
            taken,
            family: now,
        }
    }

    /// The id for a handle that is made now.
    #[inline]
    pub(crate) fn id(&self) -> StoreId {
        self.used.store(true, Ordering::Relaxed);
        self.now
    }

    /// Returns whether a handle with this id is of the store.
    #[inline]
    pub(crate) fn knows(&self, id: StoreId) -> bool {
        id == self.now || self.before.has(id)
    }

    /// The id that a store has in common with all its copies.
    pub(crate) fn family(&self) -> StoreId {
        self.family
    }

    /// Returns whether a handle with this id was made in this store, which does not know it since
    /// it was restored to a snapshot that is older than the handle.
    #[cold]
    pub(crate) fn has_lost(&self, id: StoreId) -> bool {
        self.taken.has(id) && !self.knows(id)
    }

    /// The identity of a copy, which knows the handles made so far.
    pub(crate) fn copy(&self) -> Identity {
        let mut taken = Taken::default();
        Identity {
            now: taken.take(None),
            used: AtomicBool::new(false),
            before: self.past(),
            taken,
            family: self.family,
        }
    }

    /// Takes a new id after the store was copied, so that handles made from now on are of it alone.
    pub(crate) fn renew(&mut self) {
        if *self.used.get_mut() {
            self.go_on_from(self.past());
        }
    }

    /// The store is set back to a snapshot with this identity: it knows the handles that the
    /// snapshot knows, and those that are made from now on.
    pub(crate) fn restore(&mut self, snapshot: &Identity) {
        self.go_on_from(snapshot.past());
    }

    fn go_on_from(&mut self, before: Past) {
        let last = before.0.as_ref().map(|node| node.id);
        self.now = self.taken.take(last);
        self.used = AtomicBool::new(false);
        self.before = before;
    }

    /// The ids that handles made so far have.
    fn past(&self) -> Past {
        match self.used.load(Ordering::Relaxed) {
            true => self.before.with(self.now),
            false => self.before.clone(),
        }
    }
}

/// Ids, the latest and greatest first.
#[derive(Clone, Debug, Default)]
struct Past(Option<Arc<Node>>);

/// An id, those before it, and some of them that are reached at once: of a list of n ids, `jump`
/// makes any reachable in O(log n) steps.
#[derive(Debug)]
struct Node {
    id: StoreId,
    depth: usize,
    before: Past,
    jump: Past,
}

impl Past {
    fn depth(&self) -> usize {
        self.0.as_ref().map_or(0, |node| node.depth)
    }

    /// The list with one more id, which is greater than all of it.
    fn with(&self, id: StoreId) -> Past {
        // Two jumps of the same length are followed by one over both.
        let over = self.0.as_ref().filter(|last| {
            let (first, second) = (&last.jump, last.jump.0.as_ref().map(|node| &node.jump));
            second
                .is_some_and(|second| last.depth - first.depth() == first.depth() - second.depth())
        });
        let jump = match over.and_then(|last| last.jump.0.as_ref()) {
            Some(node) => node.jump.clone(),
            None => self.clone(),
        };
        Past(Some(Arc::new(Node {
            id,
            depth: self.depth() + 1,
            before: self.clone(),
            jump,
        })))
    }

    fn has(&self, id: StoreId) -> bool {
        let mut at = &self.0;
        while let Some(node) = at {
            if node.id <= id {
                return node.id == id;
            }
            let jump = node.jump.0.as_ref().filter(|jump| jump.id >= id);
            at = if jump.is_some() {
                &node.jump.0
            } else {
                &node.before.0
            };
        }
        false
    }
}

impl Drop for Node {
    /// In a loop, since the list may be long. Where `jump` leads is held by the list, too.
    fn drop(&mut self) {
        let mut next = self.before.0.take();
        self.jump.0 = None;
        while let Some(mut node) = next.and_then(Arc::into_inner) {
            next = node.before.0.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_store_knows_its_past_and_no_other() {
        let mut store = Identity::new();
        let mut early = Vec::new();
        let mut late = Vec::new();
        let mut kept = None;
        for turn in 0..100_000 {
            let id = store.id();
            if turn < 50_000 {
                early.push(id);
            } else {
                kept.get_or_insert_with(|| store.copy());
                late.push(id);
            }
            store.renew();
            assert!(store.knows(early[turn / 3]));
        }
        assert!(early.iter().chain(&late).all(|&id| store.knows(id)));
        // The copy was made when one of the later ids had been used.
        let kept = kept.expect("copied");
        assert!(early.iter().chain(&late[..1]).all(|&id| kept.knows(id)));
        assert!(!late[1..].iter().any(|&id| kept.knows(id)));
        assert!(!store.knows(kept.id()));
        assert_eq!(store.family(), kept.family());
    }

    #[test]
    fn a_restored_store_knows_what_it_lost() {
        let mut store = Identity::new();
        let early = store.id();
        let snapshot = store.copy();
        store.renew();
        let mut lost = Vec::new();
        for _ in 0..1000 {
            lost.push(store.id());
            store.restore(&snapshot);
        }
        let young = store.id();
        for id in [early, young] {
            assert!(store.knows(id) && !store.has_lost(id));
        }
        assert!(
            lost.iter()
                .all(|&id| store.has_lost(id) && !store.knows(id))
        );
        assert!(!store.has_lost(Identity::new().id()));
        // The list does not grow with each of them.
        assert!(store.taken.blocks.len() < 12);
    }

    #[test]
    fn a_copy_restored_to_a_later_snapshot_of_its_origin_keeps_its_list_in_order() {
        let mut store = Identity::new();
        store.id();
        let mut copy = store.copy();
        let own = copy.id();
        copy.renew();
        store.renew();
        let later = store.id();
        let snapshot = store.copy();
        copy.restore(&snapshot);
        assert!(copy.has_lost(own) && copy.knows(later));
        let now = copy.id();
        copy.renew();
        assert!(now > later && copy.knows(now) && copy.knows(later));
    }

    #[test]
    fn looking_up_takes_few_steps_and_dropping_no_stack() {
        let mut past = Past::default();
        let ids: Vec<StoreId> = (0..1 << 17).map(StoreId).collect();
        for &id in &ids {
            past = past.with(id);
        }
        let steps = |id| {
            let (mut at, mut steps) = (&past.0, 0);
            while let Some(node) = at.as_ref().filter(|node| node.id != id) {
                let far = node.jump.0.as_ref().is_some_and(|jump| jump.id >= id);
                at = if far { &node.jump.0 } else { &node.before.0 };
                steps += 1;
            }
            steps
        };
        let most = ids.iter().map(|&id| steps(id)).max();
        assert!(most <= Some(60), "{most:?}");
        drop(past);
    }

    #[test]
    fn copies_of_an_untouched_store_are_not_remembered() {
        let mut store = Identity::new();
        store.id();
        for _ in 0..1000 {
            store.copy();
            store.renew();
        }
        assert_eq!(store.before.depth(), 1);
    }
}
