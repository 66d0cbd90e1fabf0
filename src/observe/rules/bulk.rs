//! The rules of operations on ranges (spec: exec/instructions, memory, table and array
//! instructions). Each handles one element by other instructions and goes on with the rest; all of
//! the range has been checked before. A range of `n` uses its rule `n` times, then the one for
//! nothing left.

use super::names::Rule;
use super::step::Step;
use crate::trap::Trap;

/// The rules of an operation: out of bounds, nothing left, and for each element.
struct Range<'r> {
    oob: Rule,
    zero: Rule,
    each: &'r [Rule],
}

/// Adds the rules of an operation, whose count is the top operand.
fn range(step: &mut Step<'_, '_>, range: Range<'_>) {
    if step.trap().is_some() {
        return step.done(range.zero, range.oob);
    }
    let count = step.number(0);
    for &rule in range.each {
        step.times(rule, count);
    }
    step.add(range.zero);
}

/// The rule by which a copy handles an element: upwards, or, where the target lies behind the
/// source, downwards.
fn copies(step: &Step<'_, '_>, (to, from): (usize, usize), (le, gt): (Rule, Rule)) -> Rule {
    match step.number(to) <= step.number(from) {
        true => le,
        false => gt,
    }
}

pub(super) fn memory_fill(step: &mut Step<'_, '_>) {
    let (oob, zero) = (Rule::MemoryFillOob, Rule::MemoryFillZero);
    let each = &[Rule::MemoryFillSucc, Rule::StorePackVal];
    range(step, Range { oob, zero, each });
}

pub(super) fn memory_copy(step: &mut Step<'_, '_>) {
    let (oob, zero) = (Rule::MemoryCopyOob, Rule::MemoryCopyZero);
    let first = copies(step, (2, 1), (Rule::MemoryCopyLe, Rule::MemoryCopyGt));
    let each = &[first, Rule::LoadPackVal, Rule::StorePackVal];
    range(step, Range { oob, zero, each });
}

pub(super) fn memory_init(step: &mut Step<'_, '_>) {
    let (oob, zero) = (Rule::MemoryInitOob, Rule::MemoryInitZero);
    let each = &[Rule::MemoryInitSucc, Rule::StorePackVal];
    range(step, Range { oob, zero, each });
}

pub(super) fn table_fill(step: &mut Step<'_, '_>) {
    let (oob, zero) = (Rule::TableFillOob, Rule::TableFillZero);
    let each = &[Rule::TableFillSucc, Rule::TableSetVal];
    range(step, Range { oob, zero, each });
}

pub(super) fn table_copy(step: &mut Step<'_, '_>) {
    let (oob, zero) = (Rule::TableCopyOob, Rule::TableCopyZero);
    let first = copies(step, (2, 1), (Rule::TableCopyLe, Rule::TableCopyGt));
    let each = &[first, Rule::TableGetVal, Rule::TableSetVal];
    range(step, Range { oob, zero, each });
}

pub(super) fn table_init(step: &mut Step<'_, '_>) {
    let (oob, zero) = (Rule::TableInitOob, Rule::TableInitZero);
    let each = &[Rule::TableInitSucc, Rule::TableSetVal];
    range(step, Range { oob, zero, each });
}

pub(super) fn array_fill(step: &mut Step<'_, '_>) {
    let oob = step.fault(Rule::ArrayFillNull, Rule::ArrayFillOob);
    let each = &[Rule::ArrayFillSucc, Rule::ArraySetArray];
    let zero = Rule::ArrayFillZero;
    range(step, Range { oob, zero, each });
}

pub(super) fn array_copy(step: &mut Step<'_, '_>) {
    // Target, its start, source, its start, count.
    let null = match step.is_zero(4) {
        true => Rule::ArrayCopyNull1,
        false => Rule::ArrayCopyNull2,
    };
    let end = step.number(3) + step.number(0);
    let past = match step.facts.written {
        Some(len) if end <= u64::from(len) => Rule::ArrayCopyOob2,
        Some(_) | None => Rule::ArrayCopyOob1,
    };
    let oob = step.fault(null, past);
    let first = copies(step, (3, 1), (Rule::ArrayCopyLe, Rule::ArrayCopyGt));
    let each = &[first, Rule::ArrayGetArray, Rule::ArraySetArray];
    let zero = Rule::ArrayCopyZero;
    range(step, Range { oob, zero, each });
}

pub(super) fn array_init_data(step: &mut Step<'_, '_>) {
    let oob = init(
        step,
        [
            Rule::ArrayInitDataNull,
            Rule::ArrayInitDataOob1,
            Rule::ArrayInitDataOob2,
        ],
    );
    let each = &[Rule::ArrayInitDataNum, Rule::ArraySetArray];
    let zero = Rule::ArrayInitDataZero;
    range(step, Range { oob, zero, each });
}

pub(super) fn array_init_elem(step: &mut Step<'_, '_>) {
    let oob = init(
        step,
        [
            Rule::ArrayInitElemNull,
            Rule::ArrayInitElemOob1,
            Rule::ArrayInitElemOob2,
        ],
    );
    let each = &[Rule::ArrayInitElemSucc, Rule::ArraySetArray];
    let zero = Rule::ArrayInitElemZero;
    range(step, Range { oob, zero, each });
}

/// Which fault of an array and a segment the trap is: it is null, or too short, or the segment is.
fn init(step: &Step<'_, '_>, [null, array, segment]: [Rule; 3]) -> Rule {
    match step.trap() {
        Some(Trap::NullArrayReference) => null,
        Some(Trap::MemoryOutOfBounds | Trap::TableOutOfBounds) => segment,
        Some(_) | None => array,
    }
}
