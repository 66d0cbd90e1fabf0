//! The rules of control: labels and branches, frames and calls, traps and exceptions on their way
//! outwards (spec: exec/instructions, control instructions).
//!
//! A function's body stands in a frame, and in that under a label. A `try_table` is a handler with
//! a label in it. What stands directly in a frame or a handler stands alone there, so that only
//! labels and instructions can have something beside them.

use super::names::Rule;
use super::step::{Label, Outcome, Step, limit};
use crate::syntax::{BrTargets, Catch, Instr, LabelIdx};
use crate::trap::Trap;
use crate::valid::FrameKind;

/// `if`: one arm becomes a block. Where there is no arm, that block is empty and done at once.
pub(super) fn if_(step: &mut Step<'_, '_>) {
    let rule = match step.is_zero(0) {
        true => Rule::IfFalse,
        false => Rule::IfTrue,
    };
    step.add(rule);
    step.add(Rule::Block);
    if step.facts.outcome == Outcome::Skipped {
        step.add(Rule::LabelVals);
    }
}

/// `end`, when control comes to it.
pub(super) fn end(step: &mut Step<'_, '_>) {
    match step.facts.labels.first() {
        None => step.add(Rule::EvalExpr),
        Some(label) => {
            step.add(Rule::LabelVals);
            around(step, label.kind);
        }
    }
}

/// What holds a label that is gone: its values stand there alone.
fn around(step: &mut Step<'_, '_>, kind: FrameKind) {
    match kind {
        FrameKind::Func => step.add(Rule::FrameVals),
        FrameKind::TryTable => step.add(Rule::HandlerVals),
        FrameKind::Block | FrameKind::Loop | FrameKind::If | FrameKind::Else => {}
    }
}

/// `br`.
pub(super) fn branch(step: &mut Step<'_, '_>, label: LabelIdx) {
    let labels = step.facts.labels;
    leave_to(step, labels, label);
}

/// A branch out of these labels to one of them.
fn leave_to(step: &mut Step<'_, '_>, labels: &[Label<'_>], target: LabelIdx) {
    for (depth, label) in labels.iter().enumerate() {
        if depth < target.index() {
            step.add(Rule::BrLabelSucc);
            if label.kind == FrameKind::TryTable {
                step.add(Rule::BrHandler);
            }
            continue;
        }
        // The label of a loop begins with the loop, which is executed again as a step of its own.
        step.add(Rule::BrLabelZero);
        return around(step, label.kind);
    }
}

/// A branch that is taken or not, with the rules of both.
pub(super) fn branch_if(
    step: &mut Step<'_, '_>,
    (not, taken): (Rule, Rule),
    is_taken: bool,
    label: LabelIdx,
) {
    if is_taken {
        step.add(taken);
        branch(step, label);
    } else {
        step.add(not);
    }
}

/// `br_table`.
pub(super) fn branch_table(step: &mut Step<'_, '_>, targets: BrTargets<'_>) {
    let index = step.number(0);
    let (rule, at) = match index < u64::from(targets.count) {
        true => (Rule::BrTableLt, index as usize),
        false => (Rule::BrTableGe, targets.count as usize),
    };
    step.add(rule);
    if let Some(label) = targets.iter().nth(at) {
        branch(step, label);
    }
}

/// `return`.
pub(super) fn return_(step: &mut Step<'_, '_>) {
    outwards(step, Rule::ReturnLabel, Rule::ReturnHandler);
    step.add(Rule::ReturnFrame);
}

/// All labels and handlers of the frame are left.
fn outwards(step: &mut Step<'_, '_>, of_label: Rule, of_handler: Rule) {
    for label in step.facts.labels {
        step.add(of_label);
        if label.kind == FrameKind::TryTable {
            step.add(of_handler);
        }
    }
}

/// The rules of a table's element, read and cast to be called; returns whether that went well.
fn from_table(step: &mut Step<'_, '_>) -> bool {
    match step.trap() {
        Some(Trap::UndefinedElement | Trap::TableOutOfBounds) => step.add(Rule::TableGetOob),
        Some(Trap::IndirectCallTypeMismatch | Trap::CastFailure) => {
            step.add(Rule::TableGetVal);
            step.add(Rule::RefCastFail);
        }
        Some(_) | None => {
            step.add(Rule::TableGetVal);
            step.add(Rule::RefCastSucceed);
            return true;
        }
    }
    false
}

/// Whether the step ended because the function to be called is null.
fn is_null(step: &Step<'_, '_>) -> bool {
    matches!(
        step.trap(),
        Some(Trap::UninitializedElement | Trap::NullFunctionReference)
    ) && !step.facts.host
}

/// `call`, `call_ref` and `call_indirect`.
pub(super) fn call(step: &mut Step<'_, '_>) {
    match step.facts.instr {
        Instr::Call(_) => step.add(Rule::Call),
        Instr::CallIndirect(..) => {
            step.add(Rule::CallIndirect);
            if !from_table(step) {
                return trap(step, 0);
            }
        }
        _ => {} // `call_ref` finds its function on the stack.
    }
    if is_null(step) {
        step.add(Rule::CallRefNull);
        return trap(step, 0);
    }
    enter(step, 0);
}

/// `return_call`, `return_call_ref` and `return_call_indirect`.
pub(super) fn return_call(step: &mut Step<'_, '_>) {
    match step.facts.instr {
        Instr::ReturnCall(_) => step.add(Rule::ReturnCall),
        Instr::ReturnCallIndirect(..) => {
            step.add(Rule::ReturnCallIndirect);
            if !from_table(step) {
                return trap(step, 0);
            }
        }
        _ => {} // `return_call_ref` finds its function on the stack.
    }
    outwards(step, Rule::ReturnCallRefLabel, Rule::ReturnCallRefHandler);
    // The frame is gone from here on.
    if is_null(step) {
        step.add(Rule::ReturnCallRefFrameNull);
        return trap(step, 1);
    }
    step.add(Rule::ReturnCallRefFrameAddr);
    enter(step, 1);
}

/// A function is called, by the frame that is the innermost one left; it ends as the step did,
/// where it is the host's.
fn enter(step: &mut Step<'_, '_>, from: usize) {
    if !step.facts.host {
        match step.trap().and_then(limit) {
            Some(rule) => step.add(rule),
            None => return step.add(Rule::CallRefFunc),
        }
        return trap(step, from);
    }
    step.add(Rule::HostCall);
    match step.facts.outcome {
        Outcome::Trapped(_) | Outcome::Failed => {
            step.add(Rule::HostTrap);
            trap(step, from);
        }
        Outcome::Caught { .. } | Outcome::Uncaught => {
            step.add(Rule::HostThrow);
            exception(step, from);
        }
        Outcome::Next
        | Outcome::Skipped
        | Outcome::Branched
        | Outcome::Called
        | Outcome::Returned => {}
    }
}

/// A frame on the way outwards: its labels, and whether something stands beside the instruction.
fn frame<'a>(step: &Step<'a, '_>, frame: usize) -> Option<(&'a [Label<'a>], bool)> {
    match frame.checked_sub(1) {
        None => Some((step.facts.labels, step.facts.beside)),
        Some(caller) => {
            let caller = step.facts.crossed.get(caller)?;
            Some((caller.labels, caller.beside))
        }
    }
}

/// A trap goes outwards through every frame from that one on.
pub(super) fn trap(step: &mut Step<'_, '_>, from: usize) {
    let mut at = from;
    while let Some((labels, beside)) = frame(step, at) {
        if beside {
            step.add(Rule::TrapInstrs);
        }
        for label in labels {
            step.add(Rule::TrapLabel);
            match label.kind {
                FrameKind::Func => step.add(Rule::TrapFrame),
                FrameKind::TryTable => step.add(Rule::TrapHandler),
                FrameKind::Block | FrameKind::Loop | FrameKind::If | FrameKind::Else => {}
            }
            if label.beside {
                step.add(Rule::TrapInstrs);
            }
        }
        at += 1;
    }
}

/// `throw`.
pub(super) fn throw(step: &mut Step<'_, '_>) {
    match step.trap() {
        // There was no room for the exception.
        Some(cause) => {
            step.add(limit(cause).unwrap_or(Rule::LimitsHeap));
            trap(step, 0);
        }
        None => {
            step.add(Rule::Throw);
            exception(step, 0);
        }
    }
}

/// `throw_ref`.
pub(super) fn throw_ref(step: &mut Step<'_, '_>) {
    match step.trap() {
        Some(cause) => {
            step.add(limit(cause).unwrap_or(Rule::ThrowRefNull));
            trap(step, 0);
        }
        None => exception(step, 0),
    }
}

/// An exception goes outwards from that frame on, until it is caught.
fn exception(step: &mut Step<'_, '_>, from: usize) {
    let caught = match step.facts.outcome {
        Outcome::Caught {
            frame,
            label,
            clause,
        } => Some((frame, label, clause)),
        Outcome::Uncaught
        | Outcome::Next
        | Outcome::Skipped
        | Outcome::Branched
        | Outcome::Called
        | Outcome::Returned
        | Outcome::Trapped(_)
        | Outcome::Failed => None,
    };
    let mut at = from;
    while let Some((labels, beside)) = frame(step, at) {
        if beside {
            step.add(Rule::ThrowRefInstrs);
        }
        for (depth, label) in labels.iter().enumerate() {
            step.add(Rule::ThrowRefLabel);
            match caught {
                Some((frame, place, clause)) if (frame, place) == (at, depth) => {
                    step.times(Rule::ThrowRefHandlerNext, clause as u64);
                    return catch(step, &labels[depth + 1..], label.catches.get(clause));
                }
                Some(_) | None => pass(step, label),
            }
        }
        at += 1;
    }
}

/// An exception passes what holds a label.
fn pass(step: &mut Step<'_, '_>, label: &Label<'_>) {
    match label.kind {
        FrameKind::Func => step.add(Rule::ThrowRefFrame),
        FrameKind::TryTable => {
            step.times(Rule::ThrowRefHandlerNext, label.catches.len() as u64);
            step.add(Rule::ThrowRefHandlerEmpty);
        }
        FrameKind::Block | FrameKind::Loop | FrameKind::If | FrameKind::Else => {}
    }
    if label.beside {
        step.add(Rule::ThrowRefInstrs);
    }
}

/// A clause catches an exception, and branches out of the labels around its `try_table`.
fn catch(step: &mut Step<'_, '_>, around: &[Label<'_>], clause: Option<&Catch>) {
    let Some(clause) = clause else {
        return;
    };
    step.add(match (clause.tag.is_some(), clause.by_ref) {
        (true, false) => Rule::ThrowRefHandlerCatch,
        (true, true) => Rule::ThrowRefHandlerCatchRef,
        (false, false) => Rule::ThrowRefHandlerCatchAll,
        (false, true) => Rule::ThrowRefHandlerCatchAllRef,
    });
    leave_to(step, around, clause.label);
}
