//! Where the time goes: instructions executed in each function and in each loop.

use super::functions::{Functions, More};
use super::{Cell, Monitor, Table};
use crate::exec::Program;
use crate::exec::probe::{Detail, Event, Probe};
use crate::translate::Steps;
use crate::translate::steps::Step;
use crate::valid::FrameKind;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Counts the instructions of functions and of loops.
#[derive(Debug, Default)]
pub struct Hotness {
    functions: Functions<Inside>,
}

/// The offset of the innermost loop around an instruction.
#[derive(Clone, Copy, Debug)]
pub struct Inside(Option<u32>);

impl More for Inside {
    fn of(_: &Program, steps: &Steps, step: &Step) -> Inside {
        let mut labels = steps.labels(step);
        let around = labels.find(|label| label.kind == FrameKind::Loop);
        Inside(around.map(|label| label.offset))
    }
}

impl Probe for Hotness {
    #[inline]
    fn step(&mut self, event: &Event<'_>) {
        self.functions.of(event).count(event);
    }

    fn detail(&self) -> Detail {
        Detail::Control
    }
}

impl Monitor for Hotness {
    fn tables(&self) -> Vec<Table> {
        let total: u64 = self.functions.iter().map(|function| function.total()).sum();
        let (mut functions, mut loops) = (Vec::new(), Vec::new());
        for function in self.functions.iter() {
            let name = || Cell::Text(function.name.clone());
            let module = || Cell::Text(function.module.clone());
            let own = function.total();
            functions.push((own, vec![module(), name()]));
            let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
            for (step, count) in function.executed() {
                if let Some(offset) = step.more.0 {
                    *counts.entry(offset).or_default() += count;
                }
            }
            let executed = counts.into_iter().filter(|(_, count)| *count > 0);
            loops.extend(executed.map(|(offset, count)| {
                let offset = Cell::Offset(offset.into());
                (count, vec![offset, module(), name()])
            }));
        }
        let rows = |mut counted: Vec<(u64, Vec<Cell>)>| {
            counted.sort_by_key(|(count, _)| core::cmp::Reverse(*count));
            let row = |(count, cells): (u64, Vec<Cell>)| {
                let mut row = vec![Cell::Count(count), Cell::share(count, total)];
                row.extend(cells);
                row
            };
            counted.into_iter().map(row).collect()
        };
        let functions = Table {
            title: "instructions by function",
            columns: &["count", "share", "module", "function"],
            rows: rows(functions),
        };
        let loops = Table {
            title: "instructions by innermost loop",
            columns: &["count", "share", "offset", "module", "function"],
            rows: rows(loops),
        };
        vec![functions, loops]
    }
}
