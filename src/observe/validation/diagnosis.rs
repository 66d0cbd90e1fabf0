//! What is known about an error of validation: where it is, the operands that the instruction needs
//! beside those that there are, and who pushed them. Data only; `hint` puts it into words.

use super::{Operand, Place, Stepper, hint};
use crate::observe::rules::Rule;
use crate::syntax::{ImportDesc, Instr, LabelIdx, Module, TypeIdx, TypeSpace, ValType};
use crate::valid::{
    Expected, FrameKind, FuncValidator, Invalid, InvalidKind, Mismatch, OperandType, Space,
};
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;

/// Most rows of a diagnosis: an instruction may take thousands of operands.
const MOST_ROWS: usize = 8;

/// A place of the operand stack: what is needed there, and what there is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// What the instruction takes; `None` for an operand that must not be there.
    pub expected: Option<Expected>,
    /// What there is; `None` when the block has no operand there.
    pub actual: Option<Operand>,
    /// Whether the operand is one that the instruction takes.
    pub fits: bool,
}

/// A block of the function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Block {
    /// Which construct it is.
    pub kind: FrameKind,
    /// The byte offset of the instruction that opened it.
    pub opened: u32,
}

/// An error of validation, explained.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnosis {
    /// The error.
    pub invalid: Invalid,
    /// The instruction sequence that it is in; `None` for an error in a declaration.
    pub place: Option<Place>,
    /// The name of the instruction.
    pub mnemonic: Option<&'static str>,
    /// The number of the instruction in its sequence, from 0.
    pub number: Option<usize>,
    /// The rules of the formal specification that type the instruction: those of its immediates
    /// first, its own last. Empty for an error that is in no instruction.
    pub rules: Vec<Rule>,
    /// The operands concerned, the top of the stack first. Empty for an error that is not about
    /// operands.
    pub rows: Vec<Row>,
    /// How many more rows there would be.
    pub rows_left_out: usize,
    /// How many operands of the block are below the rows.
    pub below: usize,
    /// How many operands are below the block, where its instructions cannot take them.
    pub outside: usize,
    /// The innermost block.
    pub block: Option<Block>,
    /// How many labels there are at the instruction.
    pub labels: Option<usize>,
    /// How many items there are in the index space of an unknown index.
    pub size: Option<usize>,
}

impl Diagnosis {
    /// Returns what the rule asks for and what may be done, in plain words. `shown` names the
    /// instruction that pushed an operand. `None` where the message says it all.
    pub fn hint(&self, shown: &dyn Fn(&Operand) -> String) -> Option<String> {
        hint::hint(self, shown)
    }

    /// Explains an error that is in no instruction that can be stepped to.
    pub fn elsewhere(module: &Module, invalid: &Invalid) -> Diagnosis {
        Diagnosis {
            invalid: invalid.clone(),
            place: None,
            mnemonic: None,
            number: None,
            rules: Vec::new(),
            rows: Vec::new(),
            rows_left_out: 0,
            below: 0,
            outside: 0,
            block: None,
            labels: None,
            size: match invalid.kind {
                InvalidKind::Unknown { space, .. } => size_in(module, space),
                _ => None, // Other errors name no index space.
            },
        }
    }
}

/// Explains the error of an instruction. The stepper still has the state before it; `expected` are
/// the operand types of the instruction if they are known.
pub(super) fn explain(
    stepper: &Stepper<'_>,
    invalid: Invalid,
    instr: &Instr<'_>,
    expected: Option<&[Expected]>,
) -> Diagnosis {
    let mut diagnosis = Diagnosis::elsewhere(&stepper.validation.module, &invalid);
    let innermost = stepper.control.last();
    diagnosis.place = Some(stepper.place);
    diagnosis.mnemonic = Some(instr.mnemonic());
    diagnosis.number = Some(stepper.steps);
    diagnosis.rules = stepper.rules.clone();
    diagnosis.outside = stepper.stack.len() - stepper.available();
    diagnosis.labels = Some(stepper.control.len());
    diagnosis.block = innermost.map(|label| Block {
        kind: label.frame.kind,
        opened: label.opened,
    });
    if let InvalidKind::Unknown { space, .. } = invalid.kind {
        diagnosis.size = size_at(stepper, instr, space).or(diagnosis.size);
    }
    let expected = match *instr {
        Instr::BrTable(targets) => failing_target(stepper, targets.iter()),
        _ => expected.map(Vec::from), // Every other instruction has one list of operand types.
    };
    if let (InvalidKind::TypeMismatch(mismatch), Some(expected)) = (&invalid.kind, expected)
        && let Mismatch::Operand { .. } | Mismatch::Left { .. } = **mismatch
    {
        let left = match **mismatch {
            // What is left over is below what the end of the block takes.
            Mismatch::Left { count } => count,
            _ => 0, // Nothing else is about operands that nobody takes.
        };
        let all = expected.len() + left;
        diagnosis.below = stepper.available().saturating_sub(all);
        diagnosis.rows = shortened(rows(stepper, &expected, left.min(MOST_ROWS)));
        diagnosis.rows_left_out = all - diagnosis.rows.len();
    }
    diagnosis
}

/// The rows, or as many as there is room for with the first one that does not fit among them.
fn shortened(mut rows: Vec<Row>) -> Vec<Row> {
    let wrong = rows.iter().position(|row| !row.fits).unwrap_or(0);
    let first = (wrong + 1).saturating_sub(MOST_ROWS);
    rows.drain(..first);
    rows.truncate(MOST_ROWS);
    rows
}

/// The operand types that a `br_table` asks for: those of its first label that the stack does not
/// fit.
fn failing_target(
    stepper: &Stepper<'_>,
    labels: impl Iterator<Item = LabelIdx>,
) -> Option<Vec<Expected>> {
    let mut seen = BTreeSet::new();
    let mut types = Vec::new();
    for label in labels.filter(|label| seen.insert(*label)) {
        let position = stepper.control.len().checked_sub(label.index() + 1)?;
        let label = stepper.control.get(position)?.frame;
        types.clear();
        types.extend(label.label_types().iter().map(|&ty| Expected::Val(ty)));
        types.push(Expected::Val(ValType::I32));
        let space = &stepper.validator.context().space;
        let fits = |(depth, ty): (usize, &Expected)| row(stepper, depth, Some(*ty), space).fits;
        if !types.iter().rev().enumerate().all(fits) {
            break;
        }
    }
    Some(types)
}

/// Compares the operands on top with what an instruction takes, and shows as many more.
fn rows(stepper: &Stepper<'_>, expected: &[Expected], left: usize) -> Vec<Row> {
    let space = &stepper.validator.context().space;
    let depths = 0..expected.len() + left;
    let mut expected = expected.iter().rev().copied();
    let mut rows: Vec<Row> = depths
        .map(|depth| row(stepper, depth, expected.next(), space))
        .collect();
    match_select(&mut rows);
    rows
}

fn row(stepper: &Stepper<'_>, depth: usize, expected: Option<Expected>, space: &TypeSpace) -> Row {
    let within = depth < stepper.available();
    let actual = match within {
        true => stepper.stack.iter().rev().nth(depth).copied(),
        false => None,
    };
    let unreachable = stepper.control.last();
    let unreachable = unreachable.is_some_and(|label| label.frame.unreachable);
    let fits = match (expected, actual) {
        (Some(expected), Some(actual)) => fits(actual.ty, expected, space),
        (Some(_), None) => unreachable,
        (None, _) => false,
    };
    Row {
        expected,
        actual,
        fits,
    }
}

/// Returns whether an operand can be taken.
fn fits(found: OperandType, expected: Expected, space: &TypeSpace) -> bool {
    match (found, expected) {
        (OperandType::Bot, _) | (_, Expected::Any) => true,
        (OperandType::RefBot, Expected::Ref) => true,
        (OperandType::RefBot, Expected::Val(ty)) => ty.is_ref(),
        (OperandType::RefBot, Expected::Numeric) => false,
        (OperandType::Val(ty), Expected::Ref) => ty.is_ref(),
        (OperandType::Val(ty), Expected::Numeric) => !ty.is_ref(),
        (OperandType::Val(found), Expected::Val(ty)) => space.val_matches(found, ty),
    }
}

/// The operands of a `select` without a type must be of one type: the second decides.
fn match_select(rows: &mut [Row]) {
    if let [_, second, first] = rows
        && let (Some(Expected::Numeric), Some(Expected::Numeric)) =
            (second.expected, first.expected)
        && let (Some(a), Some(b)) = (first.actual, second.actual)
        && let (OperandType::Val(_), OperandType::Val(ty)) = (a.ty, b.ty)
        && second.fits
        && first.fits
    {
        first.expected = Some(Expected::Val(ty));
        first.fits = a.ty == b.ty;
    }
}

/// The number of items of an index space that depends on where the instruction is.
fn size_at(stepper: &Stepper<'_>, instr: &Instr<'_>, space: Space) -> Option<usize> {
    match space {
        Space::Label => Some(stepper.control.len()),
        Space::Local => {
            let validator: &FuncValidator<'_> = &stepper.validator;
            Some(validator.local_count() as usize)
        }
        Space::Field => fields(stepper, instr),
        // An initialiser sees the globals before its own, or the imported ones.
        Space::Global => match stepper.place {
            Place::Global(global) => Some(global.index()),
            Place::Table(_) => Some(stepper.validator.context().imported_globals as usize),
            Place::Func(_) | Place::ElemOffset(_) | Place::Elem(..) | Place::DataOffset(_) => None,
        },
        Space::Type
        | Space::Func
        | Space::Table
        | Space::Memory
        | Space::Tag
        | Space::Elem
        | Space::Data => None,
    }
}

fn fields(stepper: &Stepper<'_>, instr: &Instr<'_>) -> Option<usize> {
    let context = stepper.validator.context();
    let fields = |ty: TypeIdx| {
        let id = *context.types.get(ty.index())?;
        context.space.fields(id).map(<[_]>::len)
    };
    match *instr {
        Instr::StructGet(ty, _)
        | Instr::StructGetS(ty, _)
        | Instr::StructGetU(ty, _)
        | Instr::StructSet(ty, _) => fields(ty),
        _ => None, // No other instruction names a field.
    }
}

/// The number of items of an index space of the module.
fn size_in(module: &Module, space: Space) -> Option<usize> {
    let imported = |is: fn(&ImportDesc) -> bool| {
        let imports = module.imports.iter();
        imports.filter(|import| is(&import.desc)).count()
    };
    match space {
        Space::Type => Some(module.type_count()),
        Space::Func => {
            Some(imported(|desc| matches!(desc, ImportDesc::Func(_))) + module.funcs.len())
        }
        Space::Table => {
            Some(imported(|desc| matches!(desc, ImportDesc::Table(_))) + module.tables.len())
        }
        Space::Memory => {
            Some(imported(|desc| matches!(desc, ImportDesc::Memory(_))) + module.memories.len())
        }
        Space::Global => {
            Some(imported(|desc| matches!(desc, ImportDesc::Global(_))) + module.globals.len())
        }
        Space::Tag => Some(imported(|desc| matches!(desc, ImportDesc::Tag(_))) + module.tags.len()),
        Space::Elem => Some(module.elems.len()),
        Space::Data => Some(module.data_count.map_or(module.datas.len(), |n| n as usize)),
        // These depend on the place.
        Space::Local | Space::Label | Space::Field => None,
    }
}
