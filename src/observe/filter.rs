//! Which instructions of a run a probe is shown: those of some functions, with some mnemonics, in
//! a range of times.

use super::instructions::func_name;
use crate::exec::probe::{Event, Probe};
use crate::syntax::{ExternIdx, FuncIdx, Module};
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// What is shown. The default is every instruction of functions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Names (with or without `$`), indices or exports of functions; empty for all.
    pub funcs: Vec<String>,
    /// Patterns of mnemonics, in which `*` stands for any text; empty for all.
    pub ops: Vec<String>,
    /// The times to show.
    pub times: RangeInclusive<u64>,
    /// Whether constant expressions are shown. They have times of their own, which `times` does
    /// not limit.
    pub initialisers: bool,
}

impl Default for Selection {
    fn default() -> Selection {
        Selection {
            funcs: Vec::new(),
            ops: Vec::new(),
            times: 0..=u64::MAX,
            initialisers: false,
        }
    }
}

/// A probe that passes the selected events on to another one.
#[derive(Debug)]
pub struct Filter<P> {
    selection: Selection,
    probe: P,
    /// The program and function that was asked about last, and whether it is shown.
    last: (usize, u32, bool),
}

impl<P: Probe> Filter<P> {
    /// Makes a filter before a probe.
    pub fn new(selection: Selection, probe: P) -> Filter<P> {
        Filter {
            selection,
            probe,
            last: (0, 0, false),
        }
    }
}

impl<P: Probe> Probe for Filter<P> {
    fn step(&mut self, event: &Event<'_>) {
        if self.shows(event) {
            self.probe.step(event);
        }
    }
}

impl<P> Filter<P> {
    fn shows(&mut self, event: &Event<'_>) -> bool {
        let selection = &self.selection;
        match event.is_initialiser {
            true if !selection.initialisers => return false,
            false if !selection.times.contains(&event.time) => return false,
            true | false => {}
        }
        self.has_func(event) && self.selection.has_op(event)
    }

    fn has_func(&mut self, event: &Event<'_>) -> bool {
        if self.selection.funcs.is_empty() {
            return true;
        }
        let program = core::ptr::from_ref(event.program) as usize;
        let key = (program, event.func.0);
        if (self.last.0, self.last.1) != key {
            self.last = (key.0, key.1, self.selection.has_func(event));
        }
        self.last.2
    }
}

impl Selection {
    fn has_func(&self, event: &Event<'_>) -> bool {
        let module = event.program.module();
        let is_it = |wanted: &String| {
            is_named(module, event.func, wanted) || func_name(event.program, event.func) == *wanted
        };
        self.funcs.iter().any(is_it)
    }

    fn has_op(&self, event: &Event<'_>) -> bool {
        if self.ops.is_empty() {
            return true;
        }
        let mnemonic = event.instr().mnemonic();
        self.ops.iter().any(|pattern| matches(pattern, mnemonic))
    }
}

/// Returns whether a function has this name (with or without `$`), this index, or an export of this
/// name.
fn is_named(module: &Module, func: FuncIdx, wanted: &str) -> bool {
    let name = wanted.strip_prefix('$').unwrap_or(wanted);
    let item = ExternIdx::Func(func);
    wanted.parse() == Ok(func.0)
        || module.names.funcs.get(func.0) == Some(name)
        || module
            .exports
            .iter()
            .any(|export| export.item == item && *export.name == *wanted)
}

/// Returns whether a text fits a pattern, in which `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts = rest.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return text.ends_with(part);
        }
        // The first place leaves the most for what follows.
        match text.split_once(part) {
            Some((_, after)) => text = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::matches;

    fn check(pattern: &str, text: &str, expected: bool) {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }

    #[test]
    fn patterns() {
        check("i32.add", "i32.add", true);
        check("i32.add", "i32.add_", false);
        check("i32.*", "i32.add", true);
        check("i32.*", "i64.add", false);
        check("*", "", true);
        check("*.add", "i32.add", true);
        check("*.add", "i32.sub", false);
        check("i*.a*", "i32.atomic.rmw.add", true);
        check("*add*sub", "add.sub.add", false);
        check("a*a", "a", false);
        check("*b*b*", "b", false);
        check("*b*b*", "bb", true);
        check("", "", true);
        check("", "x", false);
    }
}
