//! What is checked of each executed instruction: that time goes on by one, that the instruction
//! stands where the module has one, that it takes and leaves what its rule in the spec says, and
//! that what one instruction leaves is what the next one takes.

use limpid::internals::binary::InstrReader;
use limpid::internals::exec::Program;
use limpid::internals::syntax::instr::AtomicShape;
use limpid::internals::syntax::{FuncIdx, Instr, TypeIdx, ValType};
use limpid::observe::{Event, Outcome, Probe, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Faults of a file that are kept.
const MOST: usize = 10;

/// What the probes of a file found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Instructions executed.
    pub steps: u64,
    /// Those of constant expressions among them.
    pub in_constants: u64,
    /// Values found to be what the instruction before had left.
    pub compared: u64,
    /// Mnemonics of what was executed.
    pub seen: BTreeSet<&'static str>,
    /// What is wrong; the first few.
    pub faults: Vec<String>,
}

impl Findings {
    /// Adds those of another file.
    pub fn add(&mut self, other: &Findings) {
        self.steps += other.steps;
        self.in_constants += other.in_constants;
        self.compared += other.compared;
        self.seen.extend(&other.seen);
        let left = MOST.saturating_sub(self.faults.len());
        self.faults.extend(other.faults.iter().take(left).cloned());
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, constants, compared) = (self.steps, self.in_constants, self.compared);
        let seen = self.seen.len();
        write!(
            f,
            "{steps} instructions executed, {constants} in constant expressions; {seen} different \
             ones; {compared} values compared"
        )
    }
}

/// Where the probes of a file put what they find.
#[derive(Clone, Debug, Default)]
pub struct Shared(Arc<Mutex<Findings>>);

impl Shared {
    /// What there is, leaving nothing.
    pub fn take(&self) -> Findings {
        let mut findings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut findings)
    }
}

/// The instructions of a function: offset of each, and of what follows it.
type Starts = Arc<HashMap<u32, u32>>;

/// The probe of a store.
#[derive(Debug)]
pub struct Checker {
    shared: Shared,
    found: Findings,
    /// Instructions of functions and of constant expressions.
    times: [u64; 2],
    starts: BTreeMap<(usize, FuncIdx), Starts>,
    /// Where the instruction before ends, if control goes on there, and the value it left on top.
    before: Option<(FuncIdx, u32, Option<Value>)>,
}

impl Checker {
    /// A probe that puts what it finds there in the end.
    pub fn new(shared: Shared) -> Checker {
        Checker {
            shared,
            found: Findings::default(),
            times: [0; 2],
            starts: BTreeMap::new(),
            before: None,
        }
    }

    fn fault(&mut self, event: &Event<'_>, what: String) {
        if self.found.faults.len() < MOST {
            let (func, offset) = (event.func.0, event.offset());
            let fault = format!("step {}, function {func}, {offset:#x}: {what}", event.time);
            self.found.faults.push(fault);
        }
    }

    fn starts(&mut self, program: &Program, func: FuncIdx) -> Starts {
        let key = (std::ptr::from_ref(program) as usize, func);
        let starts = self.starts.entry(key);
        starts
            .or_insert_with(|| Arc::new(starts_of(program, func)))
            .clone()
    }

    fn check(&mut self, event: &Event<'_>) {
        let module = event.program.module();
        let before = self.times[usize::from(event.is_initialiser)];
        if event.time != before {
            self.fault(event, format!("{before} steps were seen before"));
        }
        self.times[usize::from(event.is_initialiser)] = event.time + 1;
        let is_func = event.func.index() < event.program.context().funcs.len();
        self.found.in_constants += u64::from(!is_func);
        if is_func
            && !self
                .starts(event.program, event.func)
                .contains_key(&event.offset())
        {
            self.fault(event, "no instruction of the function begins here".into());
        }
        let bytes = module
            .bytes
            .get(event.offset() as usize..)
            .unwrap_or_default();
        let features = event.program.context().features;
        let mut reader = InstrReader::new(bytes, event.offset(), &features);
        let Ok((_, instr)) = reader.read() else {
            return self.fault(event, "there is no instruction".into());
        };
        self.found.seen.insert(instr.mnemonic());
        if let Err(fault) = check_rule(event, &instr) {
            self.fault(event, format!("{}: {fault}", instr.mnemonic()));
        }
        self.compare(event);
        let goes_on = event.trap().is_none() && goes_on(&instr);
        let end = (event.func, reader.offset(), event.pushes.last().copied());
        self.before = goes_on.then_some(end);
    }

    /// Checks place and top operand against what the instruction right before has left.
    fn compare(&mut self, event: &Event<'_>) {
        let Some((func, offset, left)) = self.before else {
            return;
        };
        if (func, offset) != (event.func, event.offset()) {
            return self.fault(event, format!("{offset:#x} of function {} is next", func.0));
        }
        if let (Some(left), Some(taken)) = (left, event.pops.last()) {
            self.found.compared += 1;
            if taken.cells != left.cells {
                self.fault(event, format!("takes {taken:?}, where {left:?} was left"));
            }
        }
    }
}

impl Probe for Checker {
    fn step(&mut self, event: &Event<'_>) {
        self.found.steps += 1;
        self.check(event);
    }
}

impl Drop for Checker {
    fn drop(&mut self) {
        let mut findings = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        findings.add(&self.found);
    }
}

fn starts_of(program: &Program, func: FuncIdx) -> HashMap<u32, u32> {
    let (module, context) = (program.module(), program.context());
    let body = &module.code[func.index() - context.imported_funcs as usize];
    let mut reader = InstrReader::for_body(module, body, &context.features);
    let mut starts = HashMap::new();
    while !reader.at_end() {
        match reader.read() {
            Ok((offset, _)) => starts.insert(offset, reader.offset()),
            Err(_) => break,
        };
    }
    starts
}

/// Whether control goes from an instruction to what stands after it.
fn goes_on(instr: &Instr<'_>) -> bool {
    match instr {
        Instr::Unreachable | Instr::Block(_) | Instr::Loop(_) | Instr::If(_) | Instr::Else => false,
        Instr::End | Instr::TryTable(..) | Instr::Throw(_) | Instr::ThrowRef => false,
        Instr::Br(_) | Instr::BrIf(_) | Instr::BrTable(_) | Instr::BrOnNull(_) => false,
        Instr::BrOnNonNull(_) | Instr::BrOnCast(_) | Instr::BrOnCastFail(_) => false,
        Instr::Return | Instr::Call(_) | Instr::CallIndirect(..) | Instr::CallRef(_) => false,
        Instr::ReturnCall(_) | Instr::ReturnCallIndirect(..) | Instr::ReturnCallRef(_) => false,
        _ => true, // Everything that is no control instruction.
    }
}

/// Operands and results of an instruction: types where its rule names them, else how many.
enum Rule {
    /// Exactly these.
    Types(Vec<ValType>, Vec<ValType>),
    /// So many.
    Counts(usize, usize),
    /// At least so many operands; control decides about the rest.
    Control(usize),
}

/// Checks operands and results by the rule of the instruction (spec: valid/instructions).
fn check_rule(event: &Event<'_>, instr: &Instr<'_>) -> Result<(), String> {
    let (pops, pushes) = (event.pops, event.pushes);
    let types = |values: &[Value]| values.iter().map(|value| value.ty).collect::<Vec<_>>();
    for value in pops.iter().chain(pushes) {
        let high = match value.ty {
            ValType::I32 | ValType::F32 | ValType::Ref(_) => value.cells[0] >> 32 | value.cells[1],
            ValType::I64 | ValType::F64 => value.cells[1],
            ValType::V128 => 0,
        };
        if high != 0 {
            return Err(format!("{value:?} has more bits than its type"));
        }
    }
    let rule = match (event.outcome, rule(event.program, instr)) {
        // The results of a host function come with the call; how many they are is the judge's.
        (Outcome::Host, Rule::Counts(pops, _)) if pops == event.pops.len() => {
            return host_results(event, instr);
        }
        (_, rule) => rule,
    };
    let (wanted_pops, wanted_pushes) = match &rule {
        Rule::Types(pops, pushes) => (pops.len(), pushes.len()),
        Rule::Counts(pops, pushes) => (*pops, *pushes),
        Rule::Control(least) if pops.len() >= *least => return Ok(()),
        Rule::Control(least) => (*least, 0),
    };
    // Neither a trap nor an exception leaves anything.
    let left = event.trap().is_none() && !matches!(instr, Instr::Throw(_) | Instr::ThrowRef);
    let wanted_pushes = if left { wanted_pushes } else { 0 };
    if (pops.len(), pushes.len()) != (wanted_pops, wanted_pushes) {
        return Err(format!(
            "takes {} and leaves {}, not {wanted_pops} and {wanted_pushes}",
            pops.len(),
            pushes.len()
        ));
    }
    if let Rule::Types(params, results) = rule {
        let results = if left { results } else { Vec::new() };
        if (types(pops), types(pushes)) != (params, results) {
            return Err(format!("types {:?} -> {:?}", types(pops), types(pushes)));
        }
    }
    Ok(())
}

/// Checks the results of a host function.
fn host_results(event: &Event<'_>, instr: &Instr<'_>) -> Result<(), String> {
    let context = event.program.context();
    let func = |ty: TypeIdx| context.space.func(context.type_id(ty));
    let ty = match *instr {
        Instr::Call(callee) => Some(context.func_type(callee)),
        Instr::CallIndirect(ty, _) | Instr::CallRef(ty) => func(ty),
        Instr::ReturnCall(_) | Instr::ReturnCallIndirect(..) | Instr::ReturnCallRef(_) => None,
        _ => return Err("calls no function".into()),
    };
    let results = ty.map_or(0, |ty| ty.results.len());
    match event.pushes.len() == results {
        true => Ok(()),
        false => Err(format!("{} results, not {results}", event.pushes.len())),
    }
}

fn rule(program: &Program, instr: &Instr<'_>) -> Rule {
    use Rule::{Control, Counts};
    let context = program.context();
    let func = |ty: TypeIdx| {
        context
            .space
            .func(context.type_id(ty))
            .map_or(0, |ty| ty.params.len())
    };
    let fields = |ty: TypeIdx| {
        context
            .space
            .fields(context.type_id(ty))
            .map_or(0, <[_]>::len)
    };
    let same = |(params, results): (&[ValType], &[ValType])| {
        Rule::Types(params.to_vec(), results.to_vec())
    };
    match *instr {
        // A branch takes its label's operands, and leaves the frame's stack shorter.
        Instr::Unreachable | Instr::Nop | Instr::Block(_) | Instr::Loop(_) => Control(0),
        Instr::Else | Instr::End | Instr::TryTable(..) | Instr::Br(_) | Instr::Return => Control(0),
        Instr::If(_) | Instr::BrIf(_) | Instr::BrTable(_) | Instr::BrOnNull(_) => Control(1),
        Instr::BrOnNonNull(_) | Instr::BrOnCast(_) | Instr::BrOnCastFail(_) => Control(1),
        Instr::Throw(tag) => {
            let ty = context.tags[tag.index()];
            Counts(context.space.func(ty).map_or(0, |ty| ty.params.len()), 0)
        }
        Instr::ThrowRef => Counts(1, 0),
        // Results come with the callee's end.
        Instr::Call(callee) | Instr::ReturnCall(callee) => {
            Counts(context.func_type(callee).params.len(), 0)
        }
        Instr::CallIndirect(ty, _) | Instr::ReturnCallIndirect(ty, _) => Counts(func(ty) + 1, 0),
        Instr::CallRef(ty) | Instr::ReturnCallRef(ty) => Counts(func(ty) + 1, 0),
        Instr::Drop | Instr::LocalSet(_) | Instr::GlobalSet(_) => Counts(1, 0),
        Instr::Select | Instr::SelectT(_) | Instr::SelectArity(_) => Counts(3, 1),
        Instr::LocalGet(_) | Instr::GlobalGet(_) => Counts(0, 1),
        Instr::LocalTee(_) | Instr::TableGet(_) => Counts(1, 1),
        Instr::TableSet(_) => Counts(2, 0),
        Instr::TableSize(_) | Instr::MemorySize(_) => Counts(0, 1),
        Instr::TableGrow(_) => Counts(2, 1),
        Instr::TableFill(_) | Instr::TableCopy(..) | Instr::TableInit(..) => Counts(3, 0),
        Instr::ElemDrop(_) | Instr::DataDrop(_) | Instr::AtomicFence => Counts(0, 0),
        Instr::Load(..) | Instr::MemoryGrow(_) => Counts(1, 1),
        Instr::Store(..) => Counts(2, 0),
        Instr::LaneMemory(op, ..) => Counts(2, usize::from(!op.is_store())),
        Instr::MemoryFill(_) | Instr::MemoryCopy(..) | Instr::MemoryInit(..) => Counts(3, 0),
        Instr::Atomic(op, _) => match op.shape() {
            AtomicShape::Load => Counts(1, 1),
            AtomicShape::Store => Counts(2, 0),
            AtomicShape::Rmw => Counts(2, 1),
            AtomicShape::Cmpxchg => Counts(3, 1),
        },
        Instr::AtomicNotify(_) => Counts(2, 1),
        Instr::AtomicWait32(_) | Instr::AtomicWait64(_) => Counts(3, 1),
        Instr::RefNull(_) | Instr::RefFunc(_) => Counts(0, 1),
        Instr::RefIsNull | Instr::RefAsNonNull | Instr::RefTest(_) | Instr::RefCast(_) => {
            Counts(1, 1)
        }
        Instr::RefEq => Counts(2, 1),
        Instr::StructNew(ty) => Counts(fields(ty), 1),
        Instr::StructNewDefault(_) => Counts(0, 1),
        Instr::StructGet(..) | Instr::StructGetS(..) | Instr::StructGetU(..) => Counts(1, 1),
        Instr::StructSet(..) => Counts(2, 0),
        Instr::ArrayNew(_) | Instr::ArrayNewData(..) | Instr::ArrayNewElem(..) => Counts(2, 1),
        Instr::ArrayNewDefault(_) | Instr::ArrayLen => Counts(1, 1),
        Instr::ArrayNewFixed(_, count) => Counts(count as usize, 1),
        Instr::ArrayGet(_) | Instr::ArrayGetS(_) | Instr::ArrayGetU(_) => Counts(2, 1),
        Instr::ArraySet(_) => Counts(3, 0),
        Instr::ArrayFill(_) | Instr::ArrayInitData(..) | Instr::ArrayInitElem(..) => Counts(4, 0),
        Instr::ArrayCopy(..) => Counts(5, 0),
        Instr::RefI31 | Instr::I31GetS | Instr::I31GetU => Counts(1, 1),
        Instr::AnyConvertExtern | Instr::ExternConvertAny => Counts(1, 1),
        Instr::I32Const(_) => same((&[], &[ValType::I32])),
        Instr::I64Const(_) => same((&[], &[ValType::I64])),
        Instr::F32Const(_) => same((&[], &[ValType::F32])),
        Instr::F64Const(_) => same((&[], &[ValType::F64])),
        Instr::V128Const(_) => same((&[], &[ValType::V128])),
        Instr::Numeric(op) => same(op.signature()),
        Instr::Vector(op) => same(op.signature()),
        Instr::Shuffle(_) => same((&[ValType::V128; 2], &[ValType::V128])),
        Instr::Lane(op, _) => same(op.signature()),
    }
}
