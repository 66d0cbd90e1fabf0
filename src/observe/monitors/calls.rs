//! Who calls whom, how often, and how many instructions are executed until a call is over. A call
//! of a host function is seen when it returns: what that function has called back counts for
//! the caller only where the caller had executed an instruction before.

use super::functions::Functions;
use super::{Cell, Monitor, Table};
use crate::exec::probe::{Detail, Event, Outcome, Place, Probe};
use crate::observe::display;
use crate::syntax::{ImportDesc, Instr};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

/// Stands for the host as a caller.
const HOST: usize = usize::MAX;

/// Most rows of the tree.
const ROWS: usize = 10_000;

/// Counts calls.
#[derive(Debug, Default)]
pub struct Calls {
    functions: Functions<()>,
    /// Calls, by caller and callee.
    edges: BTreeMap<(usize, usize), u64>,
    /// Calls of host functions, by caller and name.
    to_host: BTreeMap<(usize, String), u64>,
    /// Instructions executed until calls were over, and calls that are not over; by function.
    inclusive: Vec<(u64, u64)>,
    /// The calls that are not over: the function, and the time at which it was entered.
    stack: Vec<(usize, u64)>,
    time: u64,
    /// What the last instruction has led to.
    next: Option<Place>,
    outcome: Option<Outcome>,
}

impl Probe for Calls {
    fn step(&mut self, event: &Event<'_>) {
        if event.is_initialiser {
            return;
        }
        let place = self.functions.place(event);
        match self.outcome {
            Some(Outcome::Called) => self.enter(place),
            Some(Outcome::TailCalled) => {
                let caller = self.leave().unwrap_or(HOST);
                self.enter_from(caller, place);
            }
            // A host function comes back to where it was called.
            _ if self.comes_back(event, place) => {}
            _ if self.next == Some(event.place()) => {}
            // The host has called.
            _ => self.enter_from(HOST, place),
        }
        self.functions.of(event).count(event);
        self.time += 1;
        self.note(event, place);
        (self.next, self.outcome) = (event.next, Some(event.outcome));
    }

    fn detail(&self) -> Detail {
        Detail::Control
    }
}

impl Calls {
    /// Whether an instruction, of a function that runs already, has called a host function or
    /// follows such a call.
    fn comes_back(&self, event: &Event<'_>, place: usize) -> bool {
        let is_call = event.host.is_some() || self.outcome == Some(Outcome::Host);
        is_call && self.stack.last().is_some_and(|frame| frame.0 == place)
    }

    fn enter(&mut self, callee: usize) {
        let caller = self.stack.last().map_or(HOST, |frame| frame.0);
        self.enter_from(caller, callee);
    }

    fn enter_from(&mut self, caller: usize, callee: usize) {
        *self.edges.entry((caller, callee)).or_default() += 1;
        self.stack.push((callee, self.time));
        if self.inclusive.len() <= callee {
            self.inclusive.resize(callee + 1, (0, 0));
        }
        self.inclusive[callee].1 += 1;
    }

    /// The innermost call is over.
    fn leave(&mut self) -> Option<usize> {
        let (function, entered) = self.stack.pop()?;
        let (total, open) = &mut self.inclusive[function];
        *open -= 1;
        if *open == 0 {
            // Calls inside of it are part of it.
            *total += self.time - entered;
        }
        Some(function)
    }

    /// Notes what an instruction has called or left.
    fn note(&mut self, event: &Event<'_>, place: usize) {
        if event.host.is_some() {
            let name = host_name(event);
            *self.to_host.entry((place, name)).or_default() += 1;
        }
        let left = match event.outcome {
            Outcome::Returned => 1,
            Outcome::Caught { frames } => frames as usize,
            Outcome::Trapped(_) | Outcome::Uncaught | Outcome::HostFailed => self.stack.len(),
            Outcome::Host if event.next.is_none() && is_tail_call(event) => 1,
            Outcome::Next
            | Outcome::Branched
            | Outcome::Called
            | Outcome::TailCalled
            | Outcome::Host => 0,
        };
        for _ in 0..left {
            self.leave();
        }
    }

    /// Adds the calls that a function makes to the tree, and theirs below.
    fn tree(&self, rows: &mut Vec<Vec<Cell>>) {
        let names: Vec<&str> = self
            .functions
            .iter()
            .map(|function| function.name.as_str())
            .collect();
        let own: Vec<u64> = self
            .functions
            .iter()
            .map(|function| function.total())
            .collect();
        let mut seen = vec![false; names.len()];
        // What is still to be shown, the next one last.
        let mut open: Vec<(usize, usize, u64)> = self.callees(HOST, 0);
        while let Some((depth, function, calls)) = open.pop() {
            if rows.len() == ROWS {
                break;
            }
            let again = core::mem::replace(&mut seen[function], true);
            let inclusive = self.inclusive.get(function).map_or(0, |counts| counts.0);
            let mark = if again { " (see above)" } else { "" };
            let name = format!("{}{}{mark}", "  ".repeat(depth), names[function]);
            rows.push(vec![
                Cell::Count(calls),
                Cell::Count(inclusive),
                Cell::Count(own[function]),
                Cell::Text(name),
            ]);
            if again {
                continue;
            }
            open.extend(self.callees(function, depth + 1));
            let called = self.to_host.range((function, String::new())..);
            for ((_, name), calls) in called.take_while(|((caller, _), _)| *caller == function) {
                let name = format!("{}{name}", "  ".repeat(depth + 1));
                let none = Cell::Count(0);
                rows.push(vec![
                    Cell::Count(*calls),
                    none.clone(),
                    none,
                    Cell::Text(name),
                ]);
            }
        }
    }

    /// The functions that a function calls, the one that it calls most last.
    fn callees(&self, caller: usize, depth: usize) -> Vec<(usize, usize, u64)> {
        let called = self.edges.range((caller, 0)..=(caller, usize::MAX));
        let mut called: Vec<_> = called
            .map(|(&(_, callee), &calls)| (depth, callee, calls))
            .collect();
        called.sort_by_key(|&(_, callee, calls)| (calls, core::cmp::Reverse(callee)));
        called
    }
}

impl Monitor for Calls {
    fn tables(&self) -> Vec<Table> {
        let mut rows = Vec::new();
        // Calls that are not over count until now.
        let mut done = Calls {
            functions: self.functions.clone(),
            edges: self.edges.clone(),
            to_host: self.to_host.clone(),
            inclusive: self.inclusive.clone(),
            stack: self.stack.clone(),
            time: self.time,
            next: None,
            outcome: None,
        };
        while done.leave().is_some() {}
        done.tree(&mut rows);
        vec![Table {
            title: "calls",
            columns: &["calls", "inclusive", "own", "function"],
            rows,
        }]
    }
}

fn is_tail_call(event: &Event<'_>) -> bool {
    matches!(
        event.instr(),
        Instr::ReturnCall(_) | Instr::ReturnCallIndirect(..) | Instr::ReturnCallRef(_)
    )
}

/// The host function that an instruction calls, by the import, where it names one.
fn host_name(event: &Event<'_>) -> String {
    let (Instr::Call(func) | Instr::ReturnCall(func)) = event.instr() else {
        return "(a host function)".to_string();
    };
    let imports = event.program.module().imports.iter();
    let mut funcs = imports.filter(|import| matches!(import.desc, ImportDesc::Func(_)));
    match funcs.nth(func.index()) {
        Some(import) => {
            let (module, name) = (display::name(&import.module), display::name(&import.name));
            format!("{module}.{name}")
        }
        None => "(a host function)".to_string(),
    }
}
