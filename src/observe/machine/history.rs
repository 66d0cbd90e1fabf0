//! The moments of a run that are kept: some evenly spaced over all of it, some close to where
//! somebody looks. Knows nothing of how a run goes on.

use super::threads::Threads;
use crate::exec::probe::Moment;
use alloc::vec::Vec;

/// Most moments that are evenly spaced.
const MOST: usize = 256;

/// The first distance of moments, in steps.
const FIRST: u64 = 1 << 14;

/// Most moments close to where somebody looks.
const CLOSE: usize = 6;

/// A moment, and the threads whose runs go on at it.
#[derive(Debug)]
pub struct Kept {
    /// The threads.
    pub threads: Threads,
    /// The moment.
    pub moment: Moment,
    /// Bytes that it takes besides the one before.
    bytes: usize,
}

impl Kept {
    /// A moment.
    pub fn new(threads: Threads, moment: Moment) -> Kept {
        Kept {
            threads,
            moment,
            bytes: 0,
        }
    }
}

/// The moments that are kept.
#[derive(Debug)]
pub struct History {
    /// By ascending time; the first is the beginning.
    even: Vec<Kept>,
    /// By ascending time.
    close: Vec<Kept>,
    interval: u64,
    bytes: usize,
    /// Most bytes.
    budget: usize,
}

impl History {
    /// Nothing yet; at most that many bytes.
    pub fn new(budget: usize) -> History {
        History {
            even: Vec::new(),
            close: Vec::new(),
            interval: FIRST,
            bytes: 0,
            budget,
        }
    }

    /// Nothing, ever.
    pub fn none() -> History {
        History {
            interval: u64::MAX,
            ..History::new(0)
        }
    }

    /// Whether anything is ever kept.
    pub fn is_kept(&self) -> bool {
        self.interval < u64::MAX
    }

    /// Bytes that all moments take, about.
    pub fn bytes(&self) -> usize {
        self.bytes + self.close.iter().map(|kept| kept.bytes).sum::<usize>()
    }

    /// The time after `time` at which a moment is to be kept.
    pub fn next_after(&self, time: u64) -> u64 {
        let last = self.even.last().map_or(0, |kept| kept.moment.time);
        let next = last.saturating_add(self.interval);
        match time < next {
            true => next,
            false => time.saturating_add(self.interval),
        }
    }

    /// Whether a moment at that time is wanted.
    pub fn wants(&self, time: u64) -> bool {
        let last = self.even.last().map(|kept| kept.moment.time);
        self.is_kept() && last.is_none_or(|last| time >= last.saturating_add(self.interval))
    }

    /// Keeps a moment later than all.
    pub fn add(&mut self, mut kept: Kept) {
        let before = self.even.last().map(|kept| &kept.moment);
        kept.bytes = kept.moment.bytes_beside(before);
        self.bytes += kept.bytes;
        self.even.push(kept);
        // A quarter is for those close to where somebody looks.
        let room = self.budget - self.budget / 4;
        while (self.even.len() > MOST || self.bytes > room) && self.even.len() > 2 {
            self.thin();
        }
    }

    /// Drops every second moment.
    fn thin(&mut self) {
        let mut number = 0;
        self.even.retain(|_| {
            number += 1;
            number % 2 == 1
        });
        self.interval = self.interval.saturating_mul(2);
        self.bytes = 0;
        for at in 0..self.even.len() {
            let before = at.checked_sub(1).map(|before| &self.even[before].moment);
            let bytes = self.even[at].moment.bytes_beside(before);
            self.even[at].bytes = bytes;
            self.bytes += bytes;
        }
    }

    /// Keeps a moment close to where somebody looks.
    pub fn add_close(&mut self, mut kept: Kept) {
        let time = kept.moment.time;
        let before = self.latest(time).map(|kept| &kept.moment);
        if before.is_some_and(|before| before.time == time) {
            return;
        }
        kept.bytes = kept.moment.bytes_beside(before);
        let room = self.budget / 4;
        let taken = |close: &[Kept]| close.iter().map(|kept| kept.bytes).sum::<usize>();
        while self.close.len() >= CLOSE
            || (!self.close.is_empty() && taken(&self.close) + kept.bytes > room)
        {
            // The one that is furthest away.
            let far = match self.close.first() {
                Some(first)
                    if first.moment.time.abs_diff(time)
                        >= self.close[self.close.len() - 1].moment.time.abs_diff(time) =>
                {
                    0
                }
                Some(_) | None => self.close.len() - 1,
            };
            self.close.remove(far);
        }
        let at = self.close.partition_point(|kept| kept.moment.time < time);
        self.close.insert(at, kept);
    }

    /// The latest moment that is not after `time`.
    pub fn latest(&self, time: u64) -> Option<&Kept> {
        let last = |list: &'_ [Kept]| {
            let after = list.partition_point(|kept| kept.moment.time <= time);
            after.checked_sub(1)
        };
        let even = last(&self.even).map(|at| &self.even[at]);
        let close = last(&self.close).map(|at| &self.close[at]);
        even.into_iter()
            .chain(close)
            .max_by_key(|kept| kept.moment.time)
    }
}
