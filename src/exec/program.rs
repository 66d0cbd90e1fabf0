//! A validated module together with its register code, translated function by function when
//! first called, or all at once. Immutable from outside, shared by every store.

use super::append::{Append, Once};
use super::context::DispatchMode;
use super::handlers::handler;
use super::threaded::{Stepped, Threaded, ThreadedOp};
use crate::code::{Body, FrameLayout, Kind, Op, Unit};
use crate::room;
use crate::syntax::{Features, FuncIdx, Module};
use crate::translate::{self, Validated};
use crate::trap::Trap;
use crate::valid::Context;
use alloc::boxed::Box;
use alloc::vec::Vec;

pub use crate::translate::{Settings, Translation};

/// Where a translated function begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The unit of the program.
    pub unit: u32,
    /// The operation in the unit.
    pub pc: u32,
}

/// A unit and its two threaded forms, each made when first run.
#[derive(Debug)]
struct LinkedUnit {
    unit: Unit,
    threaded: Once<Box<[ThreadedOp]>>,
    stepped: Once<Box<[ThreadedOp]>>,
}

/// A module ready to run. Beyond its functions, its constant expressions are numbered as
/// functions without parameters: see [`Program::const_expr`].
#[derive(Debug)]
pub struct Program {
    validated: Validated,
    settings: Settings,
    imported: u32,
    /// Bytes of the largest function.
    largest: usize,
    /// The entry of each defined function, then of each constant expression.
    entries: Box<[Once<Entry>]>,
    units: Append<LinkedUnit>,
}

impl Program {
    /// Makes a program; translates all of it when the settings are eager.
    pub fn new(validated: Validated, settings: Settings) -> Program {
        let module = &validated.module;
        let count = module.code.len() + validated.consts.len();
        let program = Program {
            imported: module.imported_funcs(),
            largest: module
                .code
                .iter()
                .map(|body| body.code.len())
                .max()
                .unwrap_or(0),
            entries: (0..count).map(|_| Once::new()).collect(),
            units: Append::default(),
            validated,
            settings,
        };
        if settings.eager {
            program.translate_all();
        }
        program
    }

    /// A program of ready code for the one function of a module without anything else.
    pub(super) fn of_unit(unit: Unit) -> Program {
        const MODULE: &[u8] =
            b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0A\x04\x01\x02\0\x0B";
        let validated = translate::load(MODULE, &Features::default())
            .unwrap_or_else(|_| unreachable!("validated: the smallest module with a function"));
        let program = Program::new(validated, Settings::default());
        program.add(unit);
        program
    }

    /// The decoded module.
    pub fn module(&self) -> &Module {
        &self.validated.module
    }

    /// Returns what validation has found out about the module.
    pub fn context(&self) -> &Context {
        &self.validated.context
    }

    /// Both.
    pub fn validated(&self) -> &Validated {
        &self.validated
    }

    /// Returns the settings that the code is built for.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The function that stands for the `k`-th constant expression, in the order of
    /// [`Validated::consts`].
    pub fn const_expr(&self, k: usize) -> FuncIdx {
        FuncIdx(self.imported + (self.module().code.len() + k) as u32)
    }

    /// Returns whether a function is defined here (or is a constant expression), not imported.
    #[inline(always)]
    pub fn is_defined(&self, func: FuncIdx) -> bool {
        func.0 >= self.imported
    }

    /// Returns where a defined function begins, if it is translated.
    #[inline(always)]
    pub fn entry(&self, func: FuncIdx) -> Option<Entry> {
        let place = func.index().wrapping_sub(self.imported as usize);
        self.entries.get(place)?.get().copied()
    }

    /// Returns where a defined function begins; translates it and what it reaches when need be.
    ///
    /// # Panics
    /// When the function is not defined in this module.
    pub fn ensure(&self, func: FuncIdx) -> Entry {
        if let Some(entry) = self.entry(func) {
            return entry;
        }
        self.translate(func, translate::budget(self.units.count()))
    }

    /// Translates a function, and what it reaches as far as the budget goes.
    fn translate(&self, func: FuncIdx, budget: u32) -> Entry {
        let done = |func: FuncIdx| self.entry(func).is_some();
        let unit = translate::unit(&self.validated, &self.settings, &[func], budget, &done);
        self.add(unit);
        self.entry(func)
            .unwrap_or_else(|| unreachable!("validated: translation gives the root"))
    }

    /// The same for code that a guest has called: the guest may have taken all memory.
    ///
    /// # Errors
    /// [`Trap::OutOfMemory`] where the host has no room to translate the function.
    #[inline]
    pub fn ensure_for_guest(&self, func: FuncIdx) -> Result<Entry, Trap> {
        match self.entry(func) {
            Some(entry) => Ok(entry),
            None => self.translate_within_room(func),
        }
    }

    #[cold]
    fn translate_within_room(&self, func: FuncIdx) -> Result<Entry, Trap> {
        let own = translate::room_of(&self.validated, func);
        let budget = translate::budget(self.units.count());
        // A unit takes in at most one function more than its budget allows.
        let more = translate::room_for(budget as usize + self.largest);
        if room::for_more::<u8>(own.saturating_add(more)).is_some() {
            return Ok(self.ensure(func));
        }
        room::for_more::<u8>(own).ok_or(Trap::OutOfMemory)?;
        Ok(self.translate(func, 0))
    }

    fn translate_all(&self) {
        let all: Vec<FuncIdx> = (0..self.entries.len())
            .map(|k| FuncIdx(self.imported + k as u32))
            .collect();
        if !all.is_empty() {
            self.add(translate::unit(
                &self.validated,
                &self.settings,
                &all,
                0,
                &|_| false,
            ));
        }
    }

    /// Takes a unit in. Functions that another thread has translated meanwhile keep their entry.
    fn add(&self, unit: Unit) {
        let entries: Vec<(FuncIdx, u32)> = unit
            .bodies
            .iter()
            .map(|body| (body.func, body.code.start))
            .collect();
        let unit = LinkedUnit {
            unit,
            threaded: Once::new(),
            stepped: Once::new(),
        };
        let index = self.units.push(unit) as u32;
        for (func, pc) in entries {
            let place = (func.0 - self.imported) as usize;
            let _ = self.entries[place].set(Entry { unit: index, pc });
        }
    }

    /// The threaded form of a unit.
    ///
    /// # Panics
    /// When there is no such unit.
    pub fn code(&self, unit: u32, mode: DispatchMode) -> &[ThreadedOp] {
        let Some(linked) = self.units.get(unit as usize) else {
            unreachable!("validated: a position names a unit of its program")
        };
        match mode {
            DispatchMode::Threaded => linked
                .threaded
                .get_or_init(|| link(&linked.unit, handler::<Threaded>)),
            DispatchMode::Stepped => linked
                .stepped
                .get_or_init(|| link(&linked.unit, handler::<Stepped>)),
        }
    }

    /// A unit as data.
    pub fn unit(&self, unit: u32) -> Option<&Unit> {
        self.units.get(unit as usize).map(|linked| &linked.unit)
    }

    /// The body that an operation of a unit belongs to.
    pub fn body(&self, unit: u32, pc: u32) -> Option<&Body> {
        self.unit(unit)?.body_at(pc)
    }

    /// Frame layout of a function of the module, imports included.
    pub fn layout(&self, func: FuncIdx) -> FrameLayout {
        FrameLayout::of(self.context().func_type(func))
    }
}

/// Gives each operation its handler and each branch the position of its target, and the unit an
/// end: handlers look one operation ahead. The end of a counted loop has no room for a position
/// and keeps the distance.
fn link(unit: &Unit, handler: impl Fn(Kind) -> super::threaded::Handler) -> Box<[ThreadedOp]> {
    let link = |(at, mut op): (u32, Op)| {
        if op.kind.is_branch()
            && let Some(target) = op.target(at)
        {
            op.set_imm(target);
        }
        ThreadedOp {
            run: handler(op.kind),
            a: op.a,
            b: op.b,
            c: op.c,
            d: op.d,
        }
    };
    let end = Op::new(Kind::Data, 0, 0, 0, 0);
    let ops = unit.ops.iter().copied().chain([end]);
    (0..).zip(ops).map(link).collect()
}
