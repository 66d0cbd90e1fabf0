//! Which rules of the formal spec the suites use: those of steps by a probe on every executed
//! instruction, those of types by the modules that are accepted and those that are refused.

use crate::files::File;
use limpid::internals::binary::{self, InstrReader};
use limpid::internals::syntax::{Import, ImportDesc, Instr, Module};
use limpid::internals::translate::{LoadError, Validated, load};
use limpid::internals::valid::{FrameKind, InvalidKind};
use limpid::observe::rules::{
    NEVER_ACCEPTED, NEVER_FIRE, NEVER_REJECTED, Place, Rule, RuleKind, StepRules, typing_rules,
};
use limpid::observe::{Event, Probe};
use limpid::wast::script::{Action, Command, Directive, Script, Source};
use limpid::wast::{self, Setting};
use limpid::{Config, Dispatch, Features, Translation};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};

/// How often each rule was used.
pub type Uses = BTreeMap<Rule, u64>;

/// The rules that scripts use.
#[derive(Clone, Debug, Default)]
pub struct Used {
    /// Instructions executed.
    pub steps: u64,
    /// Uses of the rules of steps.
    pub fired: Uses,
    /// Instructions of valid modules by the rules that type them.
    pub accepted: Uses,
    /// Modules that are refused, by the rule of the instruction at which they are.
    pub rejected: Uses,
    /// Directives that have failed.
    pub failures: Vec<String>,
}

impl Used {
    /// Runs a file of a suite.
    ///
    /// # Errors
    /// A file that is no script, or an unavailable engine.
    pub fn add_file(&mut self, file: &File) -> Result<(), String> {
        let script = file.script().map_err(|error| error.to_string())?;
        self.add(&file.name, script, (file.suite.features)())
    }

    /// Runs a script.
    ///
    /// # Errors
    /// An unavailable engine.
    pub fn add(&mut self, name: &str, script: &Script, features: Features) -> Result<(), String> {
        let mut config = Config::new();
        config
            .set_features(features)
            .translation(Translation::Faithful)
            .dispatch(Dispatch::Stepped);
        let shared = Arc::new(Mutex::new((0, Uses::new())));
        let into = shared.clone();
        let setting = Setting::new(&config).map_err(|error| format!("{error:#}"))?;
        let setting = setting.with_probe(move || Box::new(Collector::new(into.clone())));
        let report = wast::run(script, &setting);
        for failure in &report.failures {
            self.failures.push(format!("{name}: {failure}"));
        }
        let (steps, fired) = std::mem::take(&mut *locked(&shared));
        self.steps += steps;
        for (rule, times) in fired {
            *self.fired.entry(rule).or_default() += times;
        }
        self.modules(&script.directives, &features);
        Ok(())
    }

    fn modules(&mut self, directives: &[Directive], features: &Features) {
        for directive in directives {
            match &directive.command {
                Command::Module(_, source)
                | Command::Definition(_, source)
                | Command::AssertInvalid(source, _)
                | Command::AssertUnlinkable(source, _)
                | Command::AssertInvalidCustom(source, _)
                | Command::AssertTrap(Action::Instantiate(source), _) => {
                    self.module(source, features);
                }
                Command::Thread { body, .. } => self.modules(body, features),
                _ => {} // Nothing else has a module that decodes.
            }
        }
    }

    fn module(&mut self, source: &Source, features: &Features) {
        let Ok(bytes) = &source.binary else {
            return;
        };
        match load(bytes, features) {
            Ok(validated) => self.accept(&validated),
            Err(LoadError::Invalid(at)) => {
                let not_constant = at.invalid.kind == InvalidKind::ConstantRequired;
                if at.mnemonic.is_some() && !not_constant {
                    self.reject(
                        bytes,
                        features,
                        at.func.map(|func| func.0),
                        at.invalid.offset,
                    );
                }
            }
            Err(LoadError::Malformed(_)) => {}
        }
    }

    /// Counts the rules of every instruction of a valid module.
    fn accept(&mut self, validated: &Validated) {
        let (module, features) = (&*validated.module, &validated.context.features);
        for body in &module.code {
            walk(
                InstrReader::for_body(module, body, features),
                false,
                |_, rules| {
                    self.accepted_all(rules);
                },
            );
        }
        for constant in &validated.consts {
            let range = &constant.expr.range;
            let reader = InstrReader::new(module.slice(range), range.start, features);
            walk(reader, true, |_, rules| self.accepted_all(rules));
        }
    }

    fn accepted_all(&mut self, rules: &[Rule]) {
        for &rule in rules {
            *self.accepted.entry(rule).or_default() += 1;
        }
    }

    /// Counts the rule of the instruction at which a module is refused.
    fn reject(&mut self, bytes: &[u8], features: &Features, func: Option<u32>, offset: u32) {
        let Ok(module) = binary::decode(bytes, features) else {
            return;
        };
        let mut count = |at: u32, rules: &[Rule]| {
            if let Some(&own) = rules.last().filter(|_| at == offset) {
                *self.rejected.entry(own).or_default() += 1;
            }
        };
        match func {
            Some(func) => {
                let imported = imported_funcs(&module);
                if let Some(body) = module.code.get((func - imported) as usize) {
                    walk(InstrReader::for_body(&module, body, features), false, count);
                }
            }
            None => {
                let rest = bytes.get(offset as usize..).unwrap_or_default();
                if let Ok((at, instr)) = InstrReader::new(rest, offset, features).read() {
                    let mut rules = Vec::new();
                    let (inside, constant) = (FrameKind::Func, true);
                    typing_rules(&instr, Place { inside, constant }, &mut rules);
                    count(at, &rules);
                }
            }
        }
    }
}

fn imported_funcs(module: &Module) -> u32 {
    let is_func = |import: &&Import| matches!(import.desc, ImportDesc::Func(_));
    module.imports.iter().filter(is_func).count() as u32
}

/// Hands the offset of each instruction and the rules that type it to `each`.
fn walk(mut reader: InstrReader<'_>, constant: bool, mut each: impl FnMut(u32, &[Rule])) {
    let (mut open, mut rules) = (vec![FrameKind::Func], Vec::new());
    while let Some(&inside) = open.last() {
        let Ok((offset, instr)) = reader.read() else {
            return;
        };
        typing_rules(&instr, Place { inside, constant }, &mut rules);
        each(offset, &rules);
        match instr {
            Instr::Block(_) => open.push(FrameKind::Block),
            Instr::Loop(_) => open.push(FrameKind::Loop),
            Instr::If(_) => open.push(FrameKind::If),
            Instr::TryTable(..) => open.push(FrameKind::TryTable),
            Instr::End => drop(open.pop()),
            _ => {} // Nothing else opens or closes a construct.
        }
    }
}

/// The probe of a store.
struct Collector {
    shared: Arc<Mutex<(u64, Uses)>>,
    rules: StepRules,
    steps: u64,
    uses: Vec<u64>,
}

impl Collector {
    fn new(shared: Arc<Mutex<(u64, Uses)>>) -> Collector {
        Collector {
            shared,
            rules: StepRules::default(),
            steps: 0,
            uses: vec![0; Rule::ALL.len()],
        }
    }
}

impl Probe for Collector {
    fn step(&mut self, event: &Event<'_>) {
        self.steps += 1;
        for &(rule, times) in self.rules.of(event) {
            self.uses[rule as usize] += times;
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        let mut shared = locked(&self.shared);
        shared.0 += self.steps;
        for (&rule, &times) in Rule::ALL.iter().zip(&self.uses).filter(|use_| *use_.1 > 0) {
            *shared.1.entry(rule).or_default() += times;
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rules that enter a label, and rules that leave one. Each frame has a label of its own, and those
/// of calls from outside are entered by no rule: rules that leave a frame stand in for them.
const LABELS: (&[Rule], &[Rule]) = (
    &[
        Rule::Block,
        Rule::Loop,
        Rule::TryTable,
        Rule::FrameVals,
        Rule::ReturnFrame,
        Rule::ReturnCallRefFrameAddr,
        Rule::ReturnCallRefFrameNull,
        Rule::ThrowRefFrame,
        Rule::TrapFrame,
    ],
    &[
        Rule::LabelVals,
        Rule::BrLabelZero,
        Rule::BrLabelSucc,
        Rule::ReturnLabel,
        Rule::ReturnCallRefLabel,
        Rule::ThrowRefLabel,
        Rule::TrapLabel,
    ],
);

/// Rules that enter a handler, and rules that leave one.
const HANDLERS: (&[Rule], &[Rule]) = (
    &[Rule::TryTable],
    &[
        Rule::HandlerVals,
        Rule::BrHandler,
        Rule::ReturnHandler,
        Rule::ReturnCallRefHandler,
        Rule::ThrowRefHandlerEmpty,
        Rule::ThrowRefHandlerCatch,
        Rule::ThrowRefHandlerCatchRef,
        Rule::ThrowRefHandlerCatchAll,
        Rule::ThrowRefHandlerCatchAllRef,
        Rule::TrapHandler,
    ],
);

/// What the suites use, against what they should.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The totals, a line for each kind of rule.
    pub totals: String,
    /// What is wrong, a line each.
    pub wrong: Vec<String>,
}

impl Report {
    /// Compares the rules used with the lists of those that never are.
    pub fn of(used: &Used) -> Report {
        let mut report = Report::default();
        let all = |is: fn(RuleKind) -> bool| {
            let of_kind = Rule::ALL
                .iter()
                .copied()
                .filter(move |rule| is(rule.kind()));
            of_kind.collect::<Vec<Rule>>()
        };
        let steps = all(|kind| matches!(kind, RuleKind::Step | RuleKind::Structural));
        report.compare("fired", &steps, &used.fired, NEVER_FIRE);
        let instrs = |rules: Vec<Rule>| -> Vec<Rule> {
            let own = rules
                .into_iter()
                .filter(|rule| rule.name().starts_with("Instr_ok/"));
            own.collect()
        };
        let typing = instrs(all(|kind| matches!(kind, RuleKind::Typing { .. })));
        report.compare("accepted", &typing, &used.accepted, NEVER_ACCEPTED);
        let premises = instrs(all(|kind| {
            matches!(kind, RuleKind::Typing { premises: 1.. })
        }));
        report.compare("rejected", &premises, &used.rejected, NEVER_REJECTED);
        let own = all(|kind| kind == RuleKind::Own);
        let (fired, not): (Vec<Rule>, Vec<Rule>) =
            own.iter().partition(|rule| used.fired.contains_key(rule));
        let not: Vec<&str> = not.iter().map(|rule| rule.name()).collect();
        let _ = writeln!(
            report.totals,
            "rules of our own: {} of {} fired; not {}",
            fired.len(),
            own.len(),
            not.join(", ")
        );
        report.balance("labels", &used.fired, LABELS);
        report.balance("handlers", &used.fired, HANDLERS);
        report.wrong.extend(used.failures.iter().cloned());
        report
    }

    /// Whether as many of a thing were entered as were left.
    fn balance(&mut self, what: &str, uses: &Uses, (entered, left): (&[Rule], &[Rule])) {
        let count =
            |rules: &[Rule]| -> u64 { rules.iter().filter_map(|rule| uses.get(rule)).sum() };
        let (entered, left) = (count(entered), count(left));
        let _ = writeln!(self.totals, "{what}: {entered} entered, {left} left");
        if entered != left {
            self.wrong
                .push(format!("{entered} {what} were entered, and {left} left"));
        }
    }

    fn compare(&mut self, what: &str, rules: &[Rule], uses: &Uses, never: &[(Rule, &str)]) {
        let used = rules.iter().filter(|rule| uses.contains_key(rule)).count();
        let total: u64 = rules.iter().filter_map(|rule| uses.get(rule)).sum();
        let _ = writeln!(
            self.totals,
            "rules {what}: {used} of {}, {} on the list of those that never are; {total} uses",
            rules.len(),
            never.len()
        );
        for rule in rules {
            let listed = never.iter().any(|(listed, _)| listed == rule);
            match (uses.contains_key(rule), listed) {
                (true, true) => self
                    .wrong
                    .push(format!("{rule} is on the list, and was {what}")),
                (false, false) => self.wrong.push(format!("{rule} was never {what}")),
                (true, false) | (false, true) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_of_the_formal_spec_is_known_and_no_other() {
        let path = crate::files::shared().join("data/spectec-rules.tsv");
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("not compared: there is no {}", path.display());
            return;
        };
        let rows = text.lines().filter_map(|line| line.split_once('\t'));
        let wanted = rows.filter(|(chapter, _)| {
            chapter.starts_with("4.3-execution.") || chapter.starts_with("2.3-validation.")
        });
        let wanted: BTreeSet<&str> = wanted.map(|(_, name)| name).collect();
        let ours = Rule::ALL.iter().filter(|rule| rule.is_of_spec());
        let ours: BTreeSet<&str> = ours.map(|rule| rule.name()).collect();
        assert_eq!(ours.len(), 360);
        let missing: Vec<_> = wanted.difference(&ours).collect();
        let extra: Vec<_> = ours.difference(&wanted).collect();
        assert!(
            missing.is_empty() && extra.is_empty(),
            "missing {missing:?}, extra {extra:?}"
        );
    }
}
