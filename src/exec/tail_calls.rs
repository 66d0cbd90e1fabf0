//! The proof that handlers jump: whether the compiler turned the last call of each into a jump is
//! measured, never assumed from a build's settings. Rows of the operation table run between two
//! probes that record the host stack's address; one row that calls instead moves it.
//!
//! Operations that share one handler shape (`out_of_line`) are represented by a few of their kind.

use super::context::DispatchMode;
use super::driver::{self, Parts};
use super::instance::{Instance, Instances};
use super::program::Program;
use super::run::{Control, Run, Stop};
use crate::code::{
    Body, BrForm, FrameLayout, Kind, LimitForm, LoadForm, MemForm, NumForm, Op, PairForm,
    StoreForm, Unit,
};
use crate::runtime::{
    DataAddr, ElemAddr, GlobalAddr, GlobalInst, InstAddr, MemAddr, Memory, State,
};
use crate::syntax::{
    AddrType, FuncIdx, GlobalType, LaneOp, Limits, LoadOp, MemoryType, NumericOp, StoreOp, ValType,
    VectorOp,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

/// Operations between two probes.
const CHUNK: usize = 256;
/// Cells that hold 1, 0, a result, a callee's frame.
const ONE: u16 = 16;
const ZERO: u16 = 18;
const RESULT: u16 = 20;
const CALLEE: u16 = 64;

/// A row: an operation, its data words, and whether its number is the position after it.
struct Row {
    op: Op,
    words: Vec<u64>,
    branches: bool,
}

/// The dispatch that this build supports.
pub fn best_dispatch() -> DispatchMode {
    if rows().chunks(CHUNK).all(jumps) {
        DispatchMode::Threaded
    } else {
        DispatchMode::Stepped
    }
}

/// Returns how many of the operations tried call the next one instead of jumping to it, and how
/// many were tried.
pub fn calls() -> (usize, usize) {
    let rows = rows();
    let calls = rows.chunks(1).filter(|row| !jumps(row)).count();
    (calls, rows.len())
}

/// Returns whether the host stack stands where it stood after a chunk of rows.
fn jumps(rows: &[Row]) -> bool {
    let unit = unit(rows);
    let (instances, mut state) = world(unit);
    let Ok(mut run) = Run::try_new(1024) else {
        return false;
    };
    if driver::enter(&instances, &mut run, InstAddr(0), FuncIdx(0)).is_err() {
        return false;
    }
    run.stack[usize::from(ONE)] = 1;
    let stop = resume(&instances, &mut state, &mut run, DispatchMode::Threaded);
    let [before, after] = run.regs.probes;
    stop == Stop::Finished && before == after && before != 0
}

fn resume(instances: &Instances, state: &mut State, run: &mut Run, mode: DispatchMode) -> Stop {
    let mut control = Control::UNLIMITED;
    let mut parts = Parts {
        state,
        control: &mut control,
        run,
    };
    driver::resume(instances, &mut parts, mode)
}

/// Rows as one function: probe, the rows with the accumulator at 1 before each, probe, return;
/// then three callees.
fn unit(rows: &[Row]) -> Unit {
    let mut ops = vec![Op::new(Kind::StackProbe, 0, 0, 0, 0)];
    let mut calls = Vec::new();
    for row in rows {
        ops.push(Op::with_imm(Kind::Const32, ONE, 0, 1));
        let mut op = row.op;
        match op.kind {
            Kind::Call => calls.push((ops.len(), op.c)),
            Kind::BrTable => {
                ops.push(op);
                op = Op::with_imm(Kind::Br, 0, 0, 1);
            }
            Kind::AddBrIf(_, form) => {
                // Back to a branch over it.
                ops.extend([Op::with_imm(Kind::Br, 0, 0, 2); 2]);
                match form {
                    LimitForm::Rr => op.d = 1,
                    LimitForm::R | LimitForm::I => op.set_imm(Op::counted(1, 0)),
                }
            }
            _ if row.branches => op.set_imm(1 + row.words.len() as u32),
            _ => {} // The number, if any, is the row's own.
        }
        ops.push(op);
        ops.extend(row.words.iter().map(|&word| Op::data(word)));
    }
    ops.push(Op::new(Kind::StackProbe, 1, 0, 0, 0));
    ops.push(Op::new(Kind::Return, 0, 0, 0, 0));
    let callees = ops.len() as u32;
    ops.push(Op::new(Kind::Return, 1, 0, 0, 0));
    ops.push(Op::new(Kind::ReturnR, 1, 0, 0, 0));
    ops.push(Op::new(Kind::ReturnA, 1, 0, 0, 0));
    for (at, which) in calls {
        ops[at].set_imm(callees + u32::from(which));
    }
    let body = Body {
        func: FuncIdx(0),
        code: 0..ops.len() as u32,
        layout: FrameLayout::default(),
        refs: 2..2,
        cells: 128,
        handlers: Box::new([]),
    };
    Unit {
        ops,
        bodies: vec![body],
    }
}

/// An instance with a memory of one page and a global, running that code.
fn world(unit: Unit) -> (Instances, State) {
    let limits = Limits {
        min: 1,
        max: Some(1),
    };
    let ty = MemoryType {
        addr: AddrType::I32,
        limits,
        shared: false,
        page_size_log2: 16,
    };
    let mut state = State::default();
    state.memories.extend(Memory::new(ty));
    let ty = GlobalType {
        val: ValType::V128,
        mutable: true,
    };
    state.globals.push(GlobalInst { ty, cells: [0; 2] });
    let instance = Instance {
        program: Arc::new(Program::of_unit(unit)),
        types: Arc::new([]),
        funcs: Box::new([]),
        tables: Box::new([]),
        memories: state.memories.iter().map(|_| MemAddr(0)).collect(),
        globals: Box::new([GlobalAddr(0)]),
        tags: Box::new([]),
        elems: ElemAddr(0),
        datas: DataAddr(0),
    };
    let instances = Instances {
        list: [Arc::new(instance)].into_iter().collect(),
        ..Instances::default()
    };
    (instances, state)
}

fn row(kind: Kind, a: u16, b: u16, c: u16, d: u16) -> Row {
    Row {
        op: Op::new(kind, a, b, c, d),
        words: Vec::new(),
        branches: kind.is_branch(),
    }
}

fn rows() -> Vec<Row> {
    let mut rows = control_rows();
    rows.extend(NumericOp::ALL.iter().flat_map(|&op| numeric_rows(op)));
    let vector = |&op: &VectorOp| row(Kind::Vector(op), RESULT, ZERO, ZERO, ZERO);
    rows.extend(VectorOp::ALL.iter().map(vector));
    let lane = |&op: &LaneOp| row(Kind::Lane(op), RESULT, ZERO, ZERO, 0);
    rows.extend(LaneOp::ALL.iter().map(lane));
    for &op in LoadOp::ALL {
        for form in [LoadForm::R, LoadForm::A, LoadForm::Rx, LoadForm::Ax] {
            rows.push(row(Kind::Load(op, form), RESULT, ZERO, 0, 0));
        }
    }
    for &op in StoreOp::ALL {
        for form in [StoreForm::Rr, StoreForm::Ra, StoreForm::Ar, StoreForm::Ri] {
            rows.push(row(Kind::Store(op, form), ZERO, ZERO, 0, 0));
        }
    }
    rows
}

fn numeric_rows(op: NumericOp) -> Vec<Row> {
    use NumForm::{Ai, AiX, Ar, ArX, Ra, RaX, Ri, RiX, Rr, RrX};
    let (params, results) = op.signature();
    if results.len() > 1 {
        return vec![row(Kind::Wide(op), RESULT, ZERO, ZERO, 0)];
    }
    let mut forms = vec![Rr, Ar];
    if params.len() == 2 {
        forms.push(Ra);
    }
    if op.takes_immediate() {
        forms.extend([Ri, Ai]);
    }
    if op.chains() {
        let stored = |form: &NumForm| match form {
            Rr | RrX => RrX,
            Ri | RiX => RiX,
            Ra | RaX => RaX,
            Ar | ArX => ArX,
            Ai | AiX => AiX,
        };
        forms.extend(forms.clone().iter().map(stored));
    }
    let numeric = |&form| match form {
        // An immediate of 1 stands where the cell of the second operand would.
        Ri | Ai | RiX | AiX => row(Kind::Numeric(op, form), RESULT, ONE, 1, 0),
        Rr | Ra | Ar | RrX | RaX | ArX => row(Kind::Numeric(op, form), RESULT, ONE, ONE, 0),
    };
    let mut rows: Vec<Row> = forms.iter().map(numeric).collect();
    if op.operand_load().is_some() {
        for form in [MemForm::R, MemForm::A, MemForm::Ra] {
            rows.push(row(Kind::NumericMem(op, form), RESULT, ONE, ZERO, 0));
        }
    }
    if op.is_test() {
        let immediate = if op.takes_immediate() {
            &[BrForm::Ri, BrForm::Ai][..]
        } else {
            &[]
        };
        for &form in [BrForm::Rr, BrForm::Ar].iter().chain(immediate) {
            rows.push(row(Kind::BrIf(op, form), ONE, ONE, 0, 0));
            rows.push(row(Kind::BrUnless(op, form), ONE, ONE, 0, 0));
        }
    }
    if op.negated().is_some() {
        for form in [LimitForm::R, LimitForm::I, LimitForm::Rr] {
            rows.push(row(Kind::AddBrIf(op, form), RESULT, ONE, ONE, 0));
        }
    }
    rows
}

fn control_rows() -> Vec<Row> {
    let with = |kind, words: &[u64]| Row {
        words: words.into(),
        ..row(kind, RESULT, ZERO, ZERO, 0)
    };
    let imm = |kind, imm| Row {
        op: Op::with_imm(kind, RESULT, ZERO, imm),
        ..row(kind, 0, 0, 0, 0)
    };
    let mut rows: Vec<Row> = [
        Kind::Nop,
        Kind::Epoch,
        Kind::Copy,
        Kind::Copy2,
        Kind::CopyPair,
        Kind::CopyConst,
        Kind::ConstPair,
        Kind::AddPair(PairForm::Rr),
        Kind::AddPair(PairForm::Ri),
        Kind::AddPair(PairForm::Ir),
        Kind::AddPair(PairForm::Ii),
        Kind::AddShl,
        Kind::AddShlA,
        Kind::Const32,
        Kind::ConstSext,
        Kind::Select,
        Kind::SelectAcc,
        Kind::Select2,
        Kind::Br,
        Kind::CopyBr,
        Kind::ConstBr,
        Kind::BrNz,
        Kind::BrZ,
        Kind::BrNzA,
        Kind::BrZA,
        Kind::BrOnNull,
        Kind::BrOnNonNull,
        Kind::RefIsNull,
        Kind::RefEq,
        Kind::RefI31,
    ]
    .into_iter()
    .map(|kind| row(kind, RESULT, ZERO, ZERO, ZERO))
    .collect();
    rows.extend([
        imm(Kind::Fuel, 0),
        imm(Kind::CheckFrame, 0),
        imm(Kind::CopySpan, 2),
        imm(Kind::Zero, 2),
        imm(Kind::GlobalGet, 0),
        imm(Kind::GlobalGet2, 0),
        imm(Kind::GlobalSet, 0),
        imm(Kind::GlobalSet2, 0),
        imm(Kind::MemorySize, 0),
        with(Kind::Const64, &[7]),
        with(Kind::Const128, &[7, 8]),
        with(Kind::Shuffle, &[0, 0]),
        row(Kind::BrTable, ZERO, 0, 0, 0),
        row(Kind::Call, CALLEE, 1, 0, 0),
        row(Kind::Call, CALLEE, 1, 1, 0),
        row(Kind::Call, CALLEE, 1, 2, 0),
    ]);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_run() {
        for chunk in rows().chunks(CHUNK) {
            let (instances, mut state) = world(unit(chunk));
            let mut run = Run::try_new(1024).expect("there is room for a small stack");
            let entered = driver::enter(&instances, &mut run, InstAddr(0), FuncIdx(0));
            entered.expect("the code is ready");
            run.stack[usize::from(ONE)] = 1;
            let stop = resume(&instances, &mut state, &mut run, DispatchMode::Stepped);
            assert_eq!(stop, Stop::Finished);
        }
    }

    #[test]
    fn optimised_builds_are_threaded() {
        let calls: Vec<Kind> = rows()
            .chunks(1)
            .filter(|chunk| !jumps(chunk))
            .map(|chunk| chunk[0].op.kind)
            .collect();
        assert_eq!(calls, []);
    }
}
