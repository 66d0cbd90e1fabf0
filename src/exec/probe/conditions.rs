//! When a run that is watched pauses: at a time, at a place, at a depth of calls, after a write.

use super::changes::{bytes_written, number};
use super::event::{Place, Value};
use crate::exec::context::Ctx;
use crate::runtime::{GlobalAddr, MemAddr, Reference, TableAddr};
use crate::syntax::Instr;
use crate::translate::Steps;
use crate::translate::steps::{Effect, Step};
use alloc::vec::Vec;

/// Something that instructions write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Target {
    /// Bytes of a memory.
    Memory {
        /// The address of the memory.
        addr: MemAddr,
        /// The first byte.
        at: u64,
        /// The number of bytes.
        len: u64,
    },
    /// A local of the frame whose cells begin there.
    Local {
        /// The thread that the frame is of.
        thread: u32,
        /// The first cell of the frame.
        base: u32,
        /// The index of the local.
        local: u32,
    },
    /// A global.
    Global(GlobalAddr),
    /// Elements of a table.
    Table {
        /// The address of the table.
        addr: TableAddr,
        /// The first element.
        at: u64,
        /// The number of elements.
        len: u64,
    },
    /// A field of a struct, or an element of an array.
    Field {
        /// The object.
        object: Reference,
        /// The index of the field or of the element; any when `None`.
        index: Option<u64>,
    },
    /// An operand of the frame whose cells begin there.
    Operand {
        /// The thread that the frame is of.
        thread: u32,
        /// The first cell of the frame.
        base: u32,
        /// The cell of the operand in the frame.
        cell: u32,
    },
}

/// What a pause is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// The breakpoint with this number.
    Breakpoint(usize),
    /// The watchpoint with this number: the instruction before the pause has written it.
    Watchpoint(usize),
    /// The frame asked for.
    Frame,
}

/// A condition that held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hit {
    /// For a watchpoint, the time of the instruction that writes; otherwise that of the
    /// instruction to come.
    pub time: u64,
    /// Which condition.
    pub cause: Cause,
}

/// A frame to wait for: the run pauses when the innermost frame of that thread begins at that cell
/// or before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Outwards {
    /// The thread that the frame is of.
    pub thread: u32,
    /// The first cell of the frame.
    pub base: u32,
}

/// The conditions under which a run pauses, besides its end.
#[derive(Clone, Debug)]
pub struct Conditions {
    /// The time at which it pauses in any case.
    pub until: u64,
    /// The time at which places are looked at first.
    pub from: u64,
    /// Places to pause at.
    pub places: Vec<Place>,
    /// What is watched.
    pub targets: Vec<Target>,
    /// A frame to wait for.
    pub frame: Option<Outwards>,
    /// Whether the first hit pauses the run; otherwise the last one is kept.
    pub pauses: bool,
    /// Whether the run pauses after an instruction whose event does not describe all its effects:
    /// one that called the host, caught an exception, wrote more than is shown, or ended a call.
    /// Such a pause resets this.
    pub follows: bool,
    /// The hit.
    pub hit: Option<Hit>,
    /// The hit before it.
    pub before: Option<Hit>,
}

impl Default for Conditions {
    fn default() -> Conditions {
        Conditions {
            until: u64::MAX,
            from: 0,
            places: Vec::new(),
            targets: Vec::new(),
            frame: None,
            pauses: true,
            follows: false,
            hit: None,
            before: None,
        }
    }
}

impl Conditions {
    /// To go on until that time.
    pub fn until(time: u64) -> Conditions {
        Conditions {
            until: time,
            ..Conditions::default()
        }
    }

    /// Whether there is anything but a time.
    #[inline]
    pub fn is_watchful(&self) -> bool {
        !self.places.is_empty() || self.frame.is_some()
    }

    /// Whether the run is to pause before an instruction.
    pub fn at_place(&mut self, time: u64, place: Place, (thread, base): (u32, u32)) -> bool {
        if time < self.from {
            return false;
        }
        let found = self.places.iter().position(|known| *known == place);
        let cause = match (found, self.frame) {
            (Some(number), _) => Cause::Breakpoint(number),
            (None, Some(frame)) if thread == frame.thread && base <= frame.base => Cause::Frame,
            (None, _) => return false,
        };
        self.hit = Some(Hit { time, cause });
        self.pauses
    }

    /// The instruction that was about to run has trapped instead of writing.
    pub fn nothing_was_written(&mut self, time: u64) {
        let writes = |hit: &mut Hit| hit.time == time && matches!(hit.cause, Cause::Watchpoint(_));
        if self.hit.take_if(writes).is_some() {
            self.hit = self.before.take();
        }
    }

    /// An instruction is about to run: notes what of the targets it writes.
    pub fn at_write(
        &mut self,
        time: u64,
        x: &Ctx<'_, '_>,
        (steps, step): (&Steps, &Step),
        frame: (u32, u32),
        pops: &[Value],
    ) {
        for (number, target) in self.targets.iter().enumerate() {
            if writes(x, (steps, step), frame, pops, target) {
                let cause = Cause::Watchpoint(number);
                let hit = self.hit.replace(Hit { time, cause });
                self.before = hit.filter(|hit| hit.time != time).or(self.before);
            }
        }
    }
}

/// Whether an instruction writes a target.
fn writes(
    x: &Ctx<'_, '_>,
    (steps, step): (&Steps, &Step),
    frame: (u32, u32),
    pops: &[Value],
    target: &Target,
) -> bool {
    let meets = |(at, len): (u64, u64), (from, count): (u64, u64)| {
        at < from.saturating_add(count) && from < at.saturating_add(len)
    };
    match (*target, step.effect) {
        (Target::Memory { addr, at, len }, effect) => bytes_written(effect, |k| number(&pops[k]))
            .is_some_and(|(memory, from, count)| {
                x.inst.memories[memory as usize] == addr && meets((at, len), (from, count))
            }),
        (
            Target::Local {
                thread,
                base,
                local,
            },
            Effect::Local(written),
        ) => (thread, base) == frame && local == written,
        (Target::Global(addr), Effect::Global(global)) => x.inst.globals[global as usize] == addr,
        (Target::Table { addr, at, len }, Effect::Element(table)) => {
            let from = pops.first().map_or(0, |value| value.cells[0]);
            x.inst.tables[table as usize] == addr && meets((at, len), (from, 1))
        }
        (Target::Table { addr, at, len }, Effect::Elements(table)) => {
            let [from, _, count] = pops else {
                return false;
            };
            let range = (from.cells[0], count.cells[0]);
            x.inst.tables[table as usize] == addr && meets((at, len), range)
        }
        (Target::Field { object, index }, Effect::Object) => {
            let [written, rest @ ..] = pops else {
                return false;
            };
            Reference::from_cell(written.cells[0]) == object
                && index.is_none_or(|index| field_written(x, step, rest, index))
        }
        (Target::Operand { thread, base, cell }, _) => {
            (thread, base) == frame && steps.pushes(step).iter().any(|slot| slot.cell == cell)
        }
        (
            Target::Local { .. } | Target::Global(_) | Target::Table { .. } | Target::Field { .. },
            _,
        ) => false,
    }
}

/// Whether an instruction that writes an object writes that field or element; `rest` are its
/// operands after the object.
fn field_written(x: &Ctx<'_, '_>, step: &Step, rest: &[Value], index: u64) -> bool {
    let operand = |k: usize| {
        rest.get(k)
            .map_or(0, |value| u64::from(value.cells[0] as u32))
    };
    let covers = |from: u64, count: u64| (from..from.saturating_add(count)).contains(&index);
    match super::event::instruction(x.path.program, step.offset) {
        Instr::StructSet(_, field) => u64::from(field.0) == index,
        Instr::ArraySet(_) => covers(operand(0), 1),
        Instr::ArrayFill(_) => covers(operand(0), operand(2)),
        Instr::ArrayCopy(..) => covers(operand(0), operand(3)),
        Instr::ArrayInitData(..) | Instr::ArrayInitElem(..) => covers(operand(0), operand(2)),
        _ => false, // Nothing else writes an object.
    }
}
