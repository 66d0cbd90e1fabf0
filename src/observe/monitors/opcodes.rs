//! How often each instruction was executed, by its mnemonic.

use super::{Cell, Monitor, Table, functions::Functions};
use crate::exec::probe::{Detail, Event, Probe};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

/// Counts instructions by their mnemonics.
#[derive(Debug, Default)]
pub struct Opcodes {
    functions: Functions<()>,
}

impl Probe for Opcodes {
    #[inline]
    fn step(&mut self, event: &Event<'_>) {
        self.functions.of(event).count(event);
    }

    fn detail(&self) -> Detail {
        Detail::Control
    }
}

impl Monitor for Opcodes {
    fn tables(&self) -> Vec<Table> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut total = 0;
        for function in self.functions.iter() {
            for (step, count) in function.executed() {
                if count > 0 {
                    *counts.entry(step.mnemonic).or_default() += count;
                    total += count;
                }
            }
        }
        let mut counts: Vec<(&str, u64)> = counts.into_iter().collect();
        counts.sort_by_key(|&(_, count)| core::cmp::Reverse(count));
        let row = |(mnemonic, count): (&str, u64)| {
            let share = Cell::share(count, total);
            vec![Cell::Count(count), share, Cell::Text(mnemonic.into())]
        };
        vec![Table {
            title: "instructions by mnemonic",
            columns: &["count", "share", "op"],
            rows: counts.into_iter().map(row).collect(),
        }]
    }
}
