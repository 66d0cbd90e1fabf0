//! What was reached: the functions of each module that ran, and how much of each.

use super::functions::Functions;
use super::{Cell, Monitor, Table, module_name};
use crate::binary::InstrReader;
use crate::exec::Program;
use crate::exec::probe::{Detail, Event, Probe};
use crate::observe::instructions::func_name;
use crate::syntax::FuncIdx;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Most ranges of a function that are listed.
const RANGES: usize = 8;

/// Notes which instructions are reached.
#[derive(Debug, Default)]
pub struct Coverage {
    functions: Functions<()>,
    /// The modules, by where the program is.
    modules: BTreeMap<usize, Listed>,
    last: usize,
}

/// The functions of a module.
#[derive(Debug)]
struct Listed {
    module: String,
    /// The index of the first.
    first: u32,
    /// Their names, and how many instructions they have.
    functions: Vec<(String, u64)>,
}

impl Listed {
    fn new(program: &Program) -> Listed {
        let (module, context) = (program.module(), program.context());
        let first = context.imported_funcs;
        let function = |place: usize| {
            let func = FuncIdx(first + place as u32);
            let mut reader = InstrReader::for_body(module, &module.code[place], &context.features);
            let mut instructions = 0;
            while !reader.at_end() && reader.read().is_ok() {
                instructions += 1;
            }
            (func_name(program, func), instructions)
        };
        Listed {
            module: module_name(program),
            first,
            functions: (0..module.code.len()).map(function).collect(),
        }
    }
}

impl Probe for Coverage {
    #[inline]
    fn step(&mut self, event: &Event<'_>) {
        let program = core::ptr::from_ref(event.program) as usize;
        if self.last != program {
            self.last = program;
            let listed = self.modules.entry(program);
            listed.or_insert_with(|| Listed::new(event.program));
        }
        if !event.is_initialiser {
            self.functions.of(event).count(event);
        }
    }

    fn detail(&self) -> Detail {
        Detail::Control
    }
}

impl Monitor for Coverage {
    fn tables(&self) -> Vec<Table> {
        let known = self.functions.iter();
        let known: BTreeMap<_, _> = known
            .map(|function| ((function.program, function.func.0), function))
            .collect();
        let (mut modules, mut rows) = (Vec::new(), Vec::new());
        for (&program, listed) in &self.modules {
            let (mut entered, mut reached, mut all) = (0, 0, 0);
            for (place, (name, instructions)) in listed.functions.iter().enumerate() {
                let function = known.get(&(program, listed.first + place as u32));
                let hits = function.map_or(0, |function| function.reached());
                let ranges = function.map_or_else(String::new, |function| {
                    let executed = function.executed();
                    missed(executed.map(|(step, count)| (step.offset, count)))
                });
                entered += u64::from(function.is_some());
                (reached, all) = (reached + hits, all + instructions);
                rows.push(vec![
                    Cell::Count(hits),
                    Cell::Count(*instructions),
                    Cell::share(hits, *instructions),
                    Cell::Text(listed.module.clone()),
                    Cell::Text(name.clone()),
                    Cell::Text(ranges),
                ]);
            }
            modules.push(vec![
                Cell::Count(entered),
                Cell::Count(listed.functions.len() as u64),
                Cell::Count(reached),
                Cell::Count(all),
                Cell::share(reached, all),
                Cell::Text(listed.module.clone()),
            ]);
        }
        let modules = Table {
            title: "coverage by module",
            columns: &[
                "entered",
                "functions",
                "reached",
                "instructions",
                "share",
                "module",
            ],
            rows: modules,
        };
        let functions = Table {
            title: "coverage by function",
            columns: &[
                "reached",
                "instructions",
                "share",
                "module",
                "function",
                "missed",
            ],
            rows,
        };
        vec![modules, functions]
    }
}

/// The ranges of offsets whose instructions were not executed, first and last one.
fn missed(executed: impl Iterator<Item = (u32, u64)>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    let mut open = false;
    for (offset, count) in executed {
        match ranges.last_mut() {
            _ if count > 0 => open = false,
            Some(range) if open => range.1 = offset,
            Some(_) | None => {
                ranges.push((offset, offset));
                open = true;
            }
        }
    }
    let more = ranges.len().saturating_sub(RANGES);
    let shown = ranges.iter().take(RANGES);
    let mut texts: Vec<String> = shown
        .map(|(first, last)| match first == last {
            true => format!("{first:#x}"),
            false => format!("{first:#x}-{last:#x}"),
        })
        .collect();
    if more > 0 {
        texts.push(format!("({more} more)"));
    }
    texts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::missed;

    fn check(counts: &[u64], expected: &str) {
        let executed = counts.iter().enumerate();
        let text = missed(executed.map(|(place, &count)| (place as u32, count)));
        assert_eq!(text, expected);
    }

    #[test]
    fn ranges() {
        check(&[1, 2], "");
        check(&[0, 1, 0, 0, 3, 0], "0x0 0x2-0x3 0x5");
        check(&[0, 0], "0x0-0x1");
        check(
            &[0, 1].repeat(10),
            "0x0 0x2 0x4 0x6 0x8 0xa 0xc 0xe (2 more)",
        );
    }
}
