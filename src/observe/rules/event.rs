//! The rules of an executed instruction, from what a probe sees of it.

use super::names::Rule;
use super::step::{Crossed, Facts, Fired, Label, Outcome, rules};
use crate::exec::probe::{self, Event};
use crate::syntax::Instr;
use crate::translate::Steps;
use crate::translate::steps::Step;
use crate::valid::FrameKind;
use alloc::vec::Vec;

/// Finds the rules of one executed instruction after the other; keeps its room between them.
///
/// ```
/// use limpid::observe::rules::StepRules;
/// use limpid::observe::{Event, Probe};
/// /// Counts uses of rules.
/// struct Count(StepRules, u64);
/// impl Probe for Count {
///     fn step(&mut self, event: &Event<'_>) {
///         let rules = self.0.of(event);
///         self.1 += rules.iter().map(|(_, times)| times).sum::<u64>();
///     }
/// }
/// ```
#[derive(Debug, Default)]
pub struct StepRules {
    labels: Vec<Label<'static>>,
    fired: Fired,
}

impl StepRules {
    /// Returns the rules of an instruction in order, each with how many times it is used in a row.
    pub fn of(&mut self, event: &Event<'_>) -> &[(Rule, u64)] {
        let instr = event.instr();
        let mut labels = emptied(core::mem::take(&mut self.labels));
        if !event.is_initialiser {
            fill(&mut labels, event.steps, event.step);
        }
        let callers = event.crossed.get(1..).unwrap_or_default();
        let callers: Vec<(Vec<Label<'_>>, bool)> = callers.iter().filter_map(caller).collect();
        let caller = |(labels, beside)| Crossed { labels, beside };
        let crossed = callers
            .iter()
            .map(|(labels, beside)| caller((labels, *beside)));
        let crossed: Vec<Crossed<'_>> = crossed.collect();
        let facts = Facts {
            instr: &instr,
            pops: event.pops,
            pushes: event.pushes,
            outcome: outcome(event, &instr),
            host: event.host.is_some(),
            beside: beside(event.steps, event.step),
            labels: &labels,
            crossed: &crossed,
            written: event.changes.len,
        };
        rules(&facts, &mut self.fired);
        self.labels = emptied(labels);
        &self.fired
    }
}

/// An empty list in the same room.
fn emptied<'b>(mut labels: Vec<Label<'_>>) -> Vec<Label<'b>> {
    labels.clear();
    let none = |_| unreachable!("the list is empty");
    labels.into_iter().map(none).collect()
}

/// The labels of a caller, and whether something stands beside its call.
fn caller(frame: &probe::Crossed) -> Option<(Vec<Label<'_>>, bool)> {
    let step = frame.steps.steps.get(frame.step as usize)?;
    let mut labels = Vec::new();
    fill(&mut labels, &frame.steps, step);
    Some((labels, beside(&frame.steps, step)))
}

/// The labels around an instruction, innermost first.
fn fill<'a>(labels: &mut Vec<Label<'a>>, steps: &'a Steps, step: &Step) {
    let mut open = steps.labels(step).peekable();
    while let Some(label) = open.next() {
        let below = open
            .peek()
            .is_some_and(|around| label.height > around.height);
        labels.push(Label {
            kind: label.kind,
            catches: &label.catches,
            beside: below || label.followed,
        });
    }
}

/// Whether values below its operands, or instructions after it, are in an instruction's sequence.
fn beside(steps: &Steps, step: &Step) -> bool {
    let around = steps.labels(step).next().map_or(0, |label| label.height);
    step.followed || step.height.saturating_sub(step.arity.0) > around
}

/// How an instruction ended, in the words of the rules.
fn outcome(event: &Event<'_>, instr: &Instr<'_>) -> Outcome {
    match event.outcome {
        probe::Outcome::Branched if is_skipped(event, instr) => Outcome::Skipped,
        probe::Outcome::Branched => Outcome::Branched,
        probe::Outcome::Next | probe::Outcome::Host => Outcome::Next,
        probe::Outcome::Called | probe::Outcome::TailCalled => Outcome::Called,
        probe::Outcome::Returned => Outcome::Returned,
        probe::Outcome::HostFailed => Outcome::Failed,
        probe::Outcome::Trapped(trap) => Outcome::Trapped(trap),
        probe::Outcome::Uncaught => Outcome::Uncaught,
        probe::Outcome::Caught { frames } => match event.clause {
            Some(clause) => Outcome::Caught {
                frame: frames as usize,
                label: clause.label as usize,
                clause: clause.clause as usize,
            },
            None => Outcome::Uncaught,
        },
    }
}

/// Whether an `if` that has branched has no `else`, which it would have branched to.
fn is_skipped(event: &Event<'_>, instr: &Instr<'_>) -> bool {
    if !matches!(instr, Instr::If(_)) {
        return false;
    }
    let steps = event.steps;
    let next = event.next.and_then(|next| steps.at_offset(next.offset));
    let next = next.and_then(|next| steps.steps.get(next as usize));
    let inside = next.and_then(|next| steps.labels(next).next());
    !inside.is_some_and(|label| label.kind == FrameKind::Else && label.offset == event.step.offset)
}
