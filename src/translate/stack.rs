//! The operand stack during translation. An operand need not be computed yet: it can still be a
//! local or a constant. Each has its own cell, the *slot*, where it goes when it must.
//!
//! The hazard: a local that stands on the stack and is written before it is taken. Every write of
//! a local first moves such operands to their slots ([`Stack::take_aliases`]), and every construct
//! with a label moves all of them.

use crate::syntax::LocalIdx;
use alloc::vec;
use alloc::vec::Vec;

/// What cells an operand takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// A number in one cell.
    Num,
    /// A vector in two cells.
    Vec,
    /// A reference in one cell among the references.
    Ref,
}

impl Class {
    /// Returns the number of cells that a value takes.
    pub const fn cells(self) -> u32 {
        match self {
            Class::Num | Class::Ref => 1,
            Class::Vec => 2,
        }
    }
}

/// Where the value of an operand is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// In the slot of the operand.
    Slot,
    /// Still in a local, which has not been written since.
    Local(LocalIdx),
    /// Nowhere: these bits. Never a vector.
    Const(u64),
}

/// An operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operand {
    /// Where its value is.
    pub place: Place,
    /// What cells it takes.
    pub class: Class,
    /// The operand's own cell of the frame.
    pub slot: u32,
}

/// How high the stack is: operands, and cells of either kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Height {
    /// Operands.
    pub operands: usize,
    /// Cells of numbers.
    pub nums: u32,
    /// Cells of references.
    pub refs: u32,
}

/// An operand that was pushed as a local, and may have been materialised since.
#[derive(Debug)]
struct Link {
    /// The position of the operand on the stack.
    position: usize,
    /// The local; none when it is known to be materialised.
    local: Option<LocalIdx>,
    /// The link of the same local below, counted from 1.
    older: u32,
}

/// The operand stack.
#[derive(Debug)]
pub struct Stack {
    operands: Vec<Operand>,
    /// First cell of number slots and of reference slots.
    first: (u32, u32),
    height: Height,
    /// Operands below this are not locals.
    materialised: usize,
    /// Operands that were pushed as locals; the bottom first.
    links: Vec<Link>,
    /// For each local, the number of its topmost link, counted from 1; 0 for none.
    newest: Vec<u32>,
    /// Most cells used of either kind.
    pub most: (u32, u32),
    /// Lowest height since the mark was set.
    pub low: usize,
}

impl Stack {
    /// An empty stack over a function's locals.
    pub fn new(locals: usize, first_num: u32, first_ref: u32) -> Stack {
        Stack {
            operands: Vec::new(),
            first: (first_num, first_ref),
            height: Height::default(),
            materialised: 0,
            links: Vec::new(),
            newest: vec![0; locals],
            most: (0, 0),
            low: 0,
        }
    }

    /// The height.
    pub fn height(&self) -> Height {
        self.height
    }

    /// The first slot of numbers.
    pub fn first_num(&self) -> u32 {
        self.first.0
    }

    /// The slot that the next number takes.
    pub fn next_num(&self) -> u32 {
        self.first.0 + self.height.nums
    }

    /// The slot that the next reference takes.
    pub fn next_ref(&self) -> u32 {
        self.first.1 + self.height.refs
    }

    /// The slot that the next operand of a class takes.
    fn next_slot(&self, class: Class) -> u32 {
        match class {
            Class::Num | Class::Vec => self.next_num(),
            Class::Ref => self.next_ref(),
        }
    }

    /// Pushes an operand; returns its slot.
    pub fn push(&mut self, class: Class, place: Place) -> u32 {
        let slot = self.next_slot(class);
        if let Place::Local(local) = place {
            let older = self.newest[local.index()];
            self.links.push(Link {
                position: self.operands.len(),
                local: Some(local),
                older,
            });
            self.newest[local.index()] = self.links.len() as u32;
        }
        self.operands.push(Operand { place, class, slot });
        self.height.operands += 1;
        match class {
            Class::Num => self.height.nums += 1,
            Class::Vec => self.height.nums += 2,
            Class::Ref => self.height.refs += 1,
        }
        self.most.0 = self.most.0.max(self.height.nums);
        self.most.1 = self.most.1.max(self.height.refs);
        slot
    }

    /// Pops the top operand.
    ///
    /// # Panics
    /// When there is none.
    pub fn pop(&mut self) -> Operand {
        let Some(operand) = self.operands.pop() else {
            unreachable!("validated: operands are there")
        };
        self.height.operands -= 1;
        self.low = self.low.min(self.height.operands);
        match operand.class {
            Class::Num => self.height.nums -= 1,
            Class::Vec => self.height.nums -= 2,
            Class::Ref => self.height.refs -= 1,
        }
        let position = self.operands.len();
        if let Some(link) = self.links.pop_if(|link| link.position == position)
            && let Some(local) = link.local
        {
            self.newest[local.index()] = link.older;
        }
        self.materialised = self.materialised.min(position);
        operand
    }

    /// Notes that the instruction takes the `count` operands on top, though they stay in place.
    pub fn take(&mut self, count: usize) {
        self.low = self.low.min(self.height.operands - count);
    }

    /// The operand `depth` below the top, which is 0.
    pub fn peek(&self, depth: usize) -> Operand {
        self.operands[self.operands.len() - 1 - depth]
    }

    /// Drops everything above a height.
    pub fn truncate(&mut self, height: Height) {
        while self.height.operands > height.operands {
            self.pop();
        }
    }

    /// The operand at a position from the bottom.
    pub fn at(&self, position: usize) -> Operand {
        self.operands[position]
    }

    /// Says that an operand is in its slot now.
    pub fn materialise(&mut self, position: usize) {
        self.operands[position].place = Place::Slot;
    }

    /// Positions of the operands that are a local, the topmost first, to be materialised. Each
    /// link is looked at once, however many operands lie above.
    pub fn take_aliases(&mut self, local: LocalIdx) -> Vec<usize> {
        let mut found = Vec::new();
        let mut next = core::mem::take(&mut self.newest[local.index()]);
        while let Some(at) = next.checked_sub(1) {
            let link = &mut self.links[at as usize];
            link.local = None;
            next = link.older;
            if self.operands[link.position].place == Place::Local(local) {
                found.push(link.position);
            }
        }
        found
    }

    /// The slots that the next number and the next reference take at a height.
    pub fn slots_at(&self, height: Height) -> (u32, u32) {
        (self.first.0 + height.nums, self.first.1 + height.refs)
    }

    /// The height below the `count` operands on top.
    pub fn below(&self, count: usize) -> Height {
        let mut height = self.height;
        for operand in self.operands.iter().rev().take(count) {
            height.operands -= 1;
            match operand.class {
                Class::Num | Class::Vec => height.nums -= operand.class.cells(),
                Class::Ref => height.refs -= 1,
            }
        }
        height
    }

    /// Positions that may still be locals, below the `above` topmost; marks them materialised.
    pub fn unmaterialised(&mut self, above: usize) -> core::ops::Range<usize> {
        let end = self.operands.len() - above;
        let range = self.materialised.min(end)..end;
        self.materialised = end;
        range
    }
}
