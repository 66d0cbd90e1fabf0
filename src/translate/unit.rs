//! Units: several functions translated into one list of operations. A call between two of them
//! becomes a jump.

use super::func::{Detail, Source, Translated, translate};
use super::steps::Steps;
use super::{Const, Settings, Validated};
use crate::code::{Body, FrameLayout, Kind, Op, Unit, verify};
use crate::syntax::{ElemItems, FuncIdx};
use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

/// Bytes of Wasm after which a lazy unit takes no further function in, when its program has that
/// many units. It doubles, to 512 KiB: a start translates little, and a program that goes on to new
/// functions soon has those that call each other in one unit.
pub fn budget(units: usize) -> u32 {
    (32 << 10) << units.min(4)
}

/// Bytes of memory that translating that many bytes of Wasm takes at most, the threaded form
/// included: short instructions that become branches or calls take some 180 for each.
pub const fn room_for(bytes: usize) -> usize {
    bytes.saturating_mul(192)
}

/// The same for a defined function, or the constant expression that the index stands for.
pub fn room_of(validated: &Validated, func: FuncIdx) -> usize {
    room_for(source(validated, func).code.0.len())
}

/// Where the instructions of one function begin.
#[derive(Clone, Debug, Default)]
pub struct FuncMap {
    /// First operation (counted from the body's start) and byte offset of each instruction.
    pub offsets: Vec<(u32, u32)>,
    /// Operations at the entries of blocks, and byte offsets of the blocks' first instructions.
    pub entries: Vec<(u32, u32)>,
}

impl FuncMap {
    /// Byte offset of the instruction that an operation belongs to. Those with which a function
    /// begins belong to its first instruction. A charge of fuel or a look at the epoch belongs to
    /// the first instruction of its block, and not to the one before, in whose place it may stand.
    pub fn offset(&self, op: u32) -> Option<u32> {
        if let Ok(entry) = self.entries.binary_search_by_key(&op, |entry| entry.0) {
            return Some(self.entries[entry].1);
        }
        let after = self.offsets.partition_point(|entry| entry.0 <= op);
        self.offsets
            .get(after.saturating_sub(1))
            .map(|entry| entry.1)
    }
}

/// Translates `roots`, and what they call directly as long as the budget (in bytes of Wasm) lasts;
/// functions for which `done` holds are left out.
pub fn unit(
    validated: &Validated,
    settings: &Settings,
    roots: &[FuncIdx],
    budget: u32,
    done: &dyn Fn(FuncIdx) -> bool,
) -> Unit {
    let mut unit = Unit::default();
    let mut roots = roots.iter().copied();
    // What the roots lead to, dropped when the budget is spent.
    let mut queue: VecDeque<FuncIdx> = VecDeque::new();
    let mut starts: BTreeMap<FuncIdx, u32> = BTreeMap::new();
    let mut calls: Vec<(usize, FuncIdx)> = Vec::new();
    let mut ops = Vec::new();
    let mut spent = 0u32;
    let mut indirect = false;
    while let Some(func) = roots.next().or_else(|| queue.pop_front()) {
        if starts.contains_key(&func) {
            continue;
        }
        let (mut translated, bytes) = one(validated, settings, func, &mut ops, Detail::Code);
        spent = spent.saturating_add(bytes);
        let start = unit.ops.len();
        starts.insert(func, start as u32);
        for (at, callee) in translated.calls {
            calls.extend(at.map(|at| (start + at as usize, callee)));
            if spent < budget && !starts.contains_key(&callee) && !done(callee) {
                queue.push_back(callee);
            }
        }
        indirect |= translated.indirect;
        unit.ops.append(&mut ops);
        translated.body.code = start as u32..unit.ops.len() as u32;
        unit.bodies.push(translated.body);
        let idle = roots.len() == 0 && queue.is_empty();
        if idle && core::mem::take(&mut indirect) && spent < budget {
            queue.extend(elements(validated).filter(|func| !done(*func)));
        }
        if spent >= budget {
            queue.clear();
        }
    }
    for (at, callee) in calls {
        if let Some(&start) = starts.get(&callee) {
            let op = &mut unit.ops[at];
            op.kind = Kind::Call;
            op.set_imm(start);
        }
    }
    if cfg!(debug_assertions) {
        if let Err(broken) = verify::unit(&unit, &names(validated)) {
            unreachable!("translated: {broken}");
        }
        for body in &unit.bodies {
            same_alone(validated, settings, &unit, body);
        }
    }
    unit
}

/// Checks that a body of a unit is what its function is translated to alone: the map from
/// operations to instructions is made from that.
fn same_alone(validated: &Validated, settings: &Settings, unit: &Unit, body: &Body) {
    let mut ops = Vec::new();
    let (alone, _) = one(validated, settings, body.func, &mut ops, Detail::Offsets);
    let there = &unit.ops[body.code.start as usize..body.code.end as usize];
    let near = |op: &Op| match (op.kind, unit.body_at(op.imm())) {
        (Kind::Call, Some(callee)) => Op {
            kind: Kind::CallFunc,
            ..Op::with_imm(op.kind, op.a, op.b, callee.func.0)
        },
        _ => *op, // Only calls name a place in the unit.
    };
    assert!(
        there.iter().map(near).eq(ops.iter().copied()) && body.handlers == alone.body.handlers,
        "translated: function {} is other code alone than in a unit",
        body.func.0
    );
    if let Err(broken) = verify::map(&alone.offsets, &ops, &body.handlers) {
        unreachable!("translated: {broken}");
    }
}

/// The parts of a module that its code can refer to.
pub fn names(validated: &Validated) -> verify::Names<'_> {
    let context = &validated.context;
    verify::Names {
        types: &context.space,
        funcs: &context.funcs,
        imported_funcs: context.imported_funcs,
        tags: &context.tags,
        globals: &context.globals,
        tables: context.tables.len(),
        memories: context.memories.len(),
        elems: context.elems.len(),
        datas: validated.module.datas.len(),
    }
}

/// The defined functions that element segments list: what indirect calls reach.
fn elements(validated: &Validated) -> impl Iterator<Item = FuncIdx> {
    let imported = validated.context.imported_funcs;
    let lists = validated
        .module
        .elems
        .iter()
        .filter_map(|elem| match &elem.items {
            ElemItems::Funcs { count, range } => Some((*count, validated.module.slice(range))),
            ElemItems::Exprs(_) => None,
        });
    let funcs = lists.flat_map(|(count, bytes)| crate::syntax::instr::read_list(count, bytes));
    funcs.map(FuncIdx).filter(move |func| func.0 >= imported)
}

/// Translates one function again, to learn where its instructions are. Translation does not depend
/// on the position in a unit, so positions counted from the body's start are those of any unit.
pub fn offsets(validated: &Validated, settings: &Settings, func: FuncIdx) -> FuncMap {
    let (translated, _) = one(validated, settings, func, &mut Vec::new(), Detail::Offsets);
    FuncMap {
        offsets: translated.offsets,
        entries: translated.entries,
    }
}

/// Translates and validates one function again, to learn what its instructions do. There are none
/// unless the translation is faithful.
pub fn steps(validated: &Validated, settings: &Settings, func: FuncIdx) -> Steps {
    one(validated, settings, func, &mut Vec::new(), Detail::Steps)
        .0
        .steps
}

/// Translates one function; also says how many bytes of Wasm it has.
fn one(
    validated: &Validated,
    settings: &Settings,
    func: FuncIdx,
    ops: &mut Vec<Op>,
    detail: Detail,
) -> (Translated, u32) {
    let source = source(validated, func);
    let bytes = source.code.0.len() as u32;
    let mut refs = 0;
    loop {
        match translate(validated, settings, source, ops, refs, detail) {
            Ok(translated) => return (translated, bytes),
            Err(needed) => refs = needed,
        }
    }
}

/// The source of a defined function, or of the constant expression that the index stands for.
fn source(validated: &Validated, func: FuncIdx) -> Source<'_> {
    let (module, ctx) = (&validated.module, &validated.context);
    let defined = func.index() - ctx.imported_funcs as usize;
    let Some(code) = module.code.get(defined) else {
        return constant(
            validated,
            func,
            &validated.consts[defined - module.code.len()],
        );
    };
    let ty = ctx.func_type(func);
    Source {
        func,
        layout: FrameLayout::of(ty),
        params: &ty.params,
        results: &ty.results,
        locals: &code.locals,
        code: (module.slice(&code.code), code.code.start),
    }
}

fn constant<'m>(validated: &'m Validated, func: FuncIdx, constant: &'m Const) -> Source<'m> {
    let results = core::slice::from_ref(&constant.ty);
    let range = &constant.expr.range;
    Source {
        func,
        layout: FrameLayout {
            params: Default::default(),
            results: crate::code::Cells::of(results),
        },
        params: &[],
        results,
        locals: &[],
        code: (validated.module.slice(range), range.start),
    }
}
