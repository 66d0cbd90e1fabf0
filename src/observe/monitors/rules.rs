//! How often each reduction rule of the formal spec was used.

use super::{Cell, Monitor, Table};
use crate::exec::probe::{Event, Probe};
use crate::observe::rules::{Rule, StepRules};
use alloc::vec;
use alloc::vec::Vec;

/// Counts rules.
#[derive(Debug, Default)]
pub struct Rules {
    rules: StepRules,
    /// By the place of the rule among all.
    counts: Vec<u64>,
}

impl Probe for Rules {
    fn step(&mut self, event: &Event<'_>) {
        self.counts.resize(Rule::ALL.len(), 0);
        for &(rule, times) in self.rules.of(event) {
            self.counts[rule as usize] += times;
        }
    }
}

impl Monitor for Rules {
    fn tables(&self) -> Vec<Table> {
        let total: u64 = self.counts.iter().sum();
        let used = Rule::ALL.iter().zip(&self.counts);
        let mut used: Vec<(&Rule, &u64)> = used.filter(|(_, count)| **count > 0).collect();
        used.sort_by_key(|(_, count)| core::cmp::Reverse(**count));
        let row = |(rule, &count): (&Rule, &u64)| {
            let share = Cell::share(count, total);
            vec![Cell::Count(count), share, Cell::Text(rule.name().into())]
        };
        vec![Table {
            title: "rules of the formal specification",
            columns: &["count", "share", "rule"],
            rows: used.into_iter().map(row).collect(),
        }]
    }
}
