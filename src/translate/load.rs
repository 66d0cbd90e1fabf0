//! Loading a module (spec: appendix/embedding, module_decode and module_validate): reads every
//! instruction sequence once and hands each instruction to the validator. Makes no code.
//!
//! Decoding comes first in the spec's phases, so a malformed body anywhere wins over an invalid
//! one: after the first invalid instruction the rest is read without being validated.

use crate::binary::{self, InstrReader, Malformed};
#[cfg(feature = "std")]
use crate::room;
use crate::syntax::instr::read_list;
use crate::syntax::{
    ConstExpr, DataMode, ElemItems, ElemMode, Features, FuncBody, FuncIdx, Module, ValType,
};
use crate::valid::{self, Context, FuncValidator, Invalid, Scratch};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A module that is valid, with what its validation found out.
#[derive(Clone, Debug)]
pub struct Validated {
    /// The module.
    pub module: Arc<Module>,
    /// What its instructions refer to, types canonical.
    pub context: Context,
    /// Its constant expressions: initialisers of tables that have one, globals, then for each
    /// element segment its offset (when active) and its expressions, then offsets of active data
    /// segments.
    pub consts: Box<[Const]>,
}

/// A constant expression and its type.
#[derive(Clone, Debug)]
pub struct Const {
    /// The expression.
    pub expr: ConstExpr,
    /// The type of its result, canonical.
    pub ty: ValType,
}

/// Why a module cannot be loaded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LoadError {
    /// The bytes are no module.
    Malformed(Malformed),
    /// The module breaks a rule of validation.
    Invalid(Box<InvalidAt>),
}

/// A broken rule and where it was broken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InvalidAt {
    /// The rule and the byte offset.
    pub invalid: Invalid,
    /// The function whose body breaks it.
    pub func: Option<FuncIdx>,
    /// The name of that function.
    pub name: Option<Box<str>>,
    /// The instruction that breaks it.
    pub mnemonic: Option<&'static str>,
}

/// Decodes and validates a module.
pub fn load(bytes: &[u8], features: &Features) -> Result<Validated, LoadError> {
    let module = binary::decode(bytes, features)?;
    let (context, consts) = match outer(&module, features) {
        Ok(outer) => outer,
        Err(LoadError::Malformed(malformed)) => return Err(malformed.into()),
        Err(invalid) => {
            // A malformed body wins.
            bodies(&module, None, features)?;
            return Err(invalid);
        }
    };
    bodies(&module, Some(&context), features)?;
    Ok(Validated {
        module: Arc::new(module),
        context,
        consts: consts.into(),
    })
}

/// Validates everything but the bodies.
///
/// # Errors
/// When a declaration or a constant expression is invalid.
pub fn outer(module: &Module, features: &Features) -> Result<(Context, Vec<Const>), LoadError> {
    let context = valid::module(module, features)?;
    let mut constants = Constants {
        module,
        context,
        scratch: Scratch::default(),
        list: Vec::new(),
    };
    constants.tables()?;
    constants.globals()?;
    constants.elems()?;
    constants.datas()?;
    Ok((constants.context, constants.list))
}

/// Validates the constant expressions of a module.
struct Constants<'m> {
    module: &'m Module,
    context: Context,
    scratch: Scratch,
    list: Vec<Const>,
}

impl Constants<'_> {
    fn expr(&mut self, expr: &ConstExpr, ty: ValType, globals: u32) -> Result<(), LoadError> {
        let features = &self.context.features;
        let mut reader =
            InstrReader::new(self.module.slice(&expr.range), expr.range.start, features);
        let scratch = core::mem::take(&mut self.scratch);
        let mut validator = FuncValidator::constant(&self.context, ty, globals, scratch);
        while validator.depth() > 0 {
            let (offset, instr) = reader.read()?;
            let checked = validator.instr(offset, &instr);
            checked.map_err(|invalid| at(invalid, None, Some(instr.mnemonic())))?;
        }
        self.scratch = validator.into_scratch();
        for func in self.scratch.take_declared() {
            self.context.declare(func);
        }
        let expr = expr.clone();
        self.list.push(Const { expr, ty });
        Ok(())
    }

    /// Initialisers of tables stand before all defined globals.
    fn tables(&mut self) -> Result<(), LoadError> {
        let module = self.module;
        for (index, table) in (self.context.imported_tables as usize..).zip(&module.tables) {
            if let Some(init) = &table.init {
                let elem = self.context.tables[index].elem;
                self.expr(init, ValType::Ref(elem), self.context.imported_globals)?;
            }
        }
        Ok(())
    }

    /// An initialiser sees the globals before its own.
    fn globals(&mut self) -> Result<(), LoadError> {
        let module = self.module;
        for (index, global) in (self.context.imported_globals..).zip(&module.globals) {
            let ty = self.context.globals[index as usize].val;
            self.expr(&global.init, ty, index)?;
        }
        Ok(())
    }

    fn elems(&mut self) -> Result<(), LoadError> {
        let module = self.module;
        let globals = self.context.globals.len() as u32;
        for (index, elem) in module.elems.iter().enumerate() {
            if let ElemMode::Active { table, offset } = &elem.mode {
                let addr = self.context.tables[table.index()].addr;
                self.expr(offset, addr.val(), globals)?;
            }
            match &elem.items {
                ElemItems::Funcs { count, range } => {
                    for func in read_list(*count, module.slice(range)) {
                        self.context.element_func(FuncIdx(func), elem.offset)?;
                    }
                }
                ElemItems::Exprs(exprs) => {
                    let ty = ValType::Ref(self.context.elems[index]);
                    for expr in exprs {
                        self.expr(expr, ty, globals)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn datas(&mut self) -> Result<(), LoadError> {
        let module = self.module;
        let globals = self.context.globals.len() as u32;
        for data in &module.datas {
            if let DataMode::Active { memory, offset } = &data.mode {
                let addr = self.context.memories[memory.index()].addr;
                self.expr(offset, addr.val(), globals)?;
            }
        }
        Ok(())
    }
}

/// Reads all bodies; validates them if there is a context.
fn bodies(
    module: &Module,
    context: Option<&Context>,
    features: &Features,
) -> Result<(), LoadError> {
    let run = Run {
        module,
        context,
        features,
    };
    #[cfg(feature = "std")]
    if let Some(threads) = threads(module) {
        return parallel(&run, threads);
    }
    let mut worker = Worker::default();
    for index in 0..module.code.len() {
        worker.body(&run, index)?;
    }
    worker.invalid.map_or(Ok(()), |invalid| Err(invalid.into()))
}

/// What all bodies are read with.
struct Run<'m> {
    module: &'m Module,
    context: Option<&'m Context>,
    features: &'m Features,
}

/// Reads bodies in ascending order.
#[derive(Default)]
struct Worker {
    scratch: Scratch,
    /// The first invalid instruction. From then on nothing is validated.
    invalid: Option<Box<InvalidAt>>,
}

impl Worker {
    fn body(&mut self, run: &Run<'_>, index: usize) -> Result<(), Malformed> {
        let body = &run.module.code[index];
        let Some(context) = run.context.filter(|_| self.invalid.is_none()) else {
            return binary::check_body(run.module, body, run.features);
        };
        let func = FuncIdx(context.imported_funcs + index as u32);
        let Err(mut invalid) = self.validate(run, context, func, body)? else {
            return Ok(());
        };
        // Again without validation: what follows may be malformed.
        binary::check_body(run.module, body, run.features)?;
        invalid.name = run.module.names.funcs.get(func.0).map(Into::into);
        self.invalid = Some(invalid);
        Ok(())
    }

    fn validate(
        &mut self,
        run: &Run<'_>,
        context: &Context,
        func: FuncIdx,
        body: &FuncBody,
    ) -> Result<Result<(), Box<InvalidAt>>, Malformed> {
        let mut reader = InstrReader::for_body(run.module, body, run.features);
        let scratch = core::mem::take(&mut self.scratch);
        let ty = context.funcs[func.index()];
        let mut validator = match FuncValidator::new(context, ty, &body.locals, scratch) {
            Ok(validator) => validator,
            Err(invalid) => {
                let offset = body.offset;
                return Ok(Err(at(Invalid { offset, ..invalid }, Some(func), None)));
            }
        };
        while validator.depth() > 0 {
            // Looked at in place: copying it out of the result would cost as much as checking it.
            match &reader.read() {
                Err(malformed) => return Err(*malformed),
                Ok((offset, instr)) => {
                    if let Err(invalid) = validator.instr(*offset, instr) {
                        return Ok(Err(at(invalid, Some(func), Some(instr.mnemonic()))));
                    }
                }
            }
        }
        self.scratch = validator.into_scratch();
        reader.finish().map(Ok)
    }
}

fn at(invalid: Invalid, func: Option<FuncIdx>, mnemonic: Option<&'static str>) -> Box<InvalidAt> {
    Box::new(InvalidAt {
        invalid,
        func,
        name: None,
        mnemonic,
    })
}

/// Bytes of code from which several threads are worth their start.
#[cfg(feature = "std")]
const MUCH_CODE: u64 = 256 << 10;

/// Most threads used.
#[cfg(feature = "std")]
const MOST_THREADS: usize = 16;

/// Returns how many threads to use, if more than one.
#[cfg(feature = "std")]
fn threads(module: &Module) -> Option<usize> {
    let first = module.code.first()?.code.start;
    let last = module.code.last()?.code.end;
    if u64::from(last - first) < MUCH_CODE {
        return None;
    }
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    let threads = threads.min(MOST_THREADS).min(module.code.len());
    (threads > 1).then_some(threads)
}

/// Reads the bodies on several threads. Each takes batches in ascending order, so the first error
/// of each is its smallest, and the smallest of all is what one thread would have found.
#[cfg(feature = "std")]
fn parallel(run: &Run<'_>, threads: usize) -> Result<(), LoadError> {
    let batches = Batches::new(run.module.code.len(), threads);
    let work = || {
        let mut worker = Worker::default();
        while let Some(batch) = batches.next() {
            for index in batch {
                worker.body(run, index)?;
            }
        }
        Ok(worker.invalid)
    };
    let results: Vec<Result<Option<Box<InvalidAt>>, Malformed>> = std::thread::scope(|scope| {
        // One that cannot be started leaves its batches to the others.
        let start = || {
            room::thread(|starting| {
                let thread = std::thread::Builder::new();
                thread.spawn_scoped(scope, move || {
                    starting.begun();
                    work()
                })
            })
        };
        let helpers: Vec<_> = (1..threads).map_while(|_| start()).collect();
        let own = work();
        let others = helpers.into_iter().map(|helper| match helper.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        core::iter::once(own).chain(others).collect()
    });
    let (mut malformed, mut invalid) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(found) => invalid.extend(found),
            Err(found) => malformed.push(found),
        }
    }
    if let Some(first) = malformed.into_iter().min_by_key(|found| found.offset) {
        return Err(first.into());
    }
    let first = invalid.into_iter().min_by_key(|found| found.invalid.offset);
    first.map_or(Ok(()), |invalid| Err(invalid.into()))
}

/// Hands out ranges of bodies.
#[cfg(feature = "std")]
struct Batches {
    next: core::sync::atomic::AtomicUsize,
    count: usize,
    size: usize,
}

#[cfg(feature = "std")]
impl Batches {
    fn new(count: usize, threads: usize) -> Batches {
        Batches {
            next: core::sync::atomic::AtomicUsize::new(0),
            count,
            size: (count / (threads * 16)).clamp(1, 256),
        }
    }

    fn next(&self) -> Option<core::ops::Range<usize>> {
        let start = self
            .next
            .fetch_add(self.size, core::sync::atomic::Ordering::Relaxed);
        (start < self.count).then(|| start..(start + self.size).min(self.count))
    }
}

impl From<Malformed> for LoadError {
    fn from(malformed: Malformed) -> LoadError {
        LoadError::Malformed(malformed)
    }
}

impl From<Box<InvalidAt>> for LoadError {
    fn from(invalid: Box<InvalidAt>) -> LoadError {
        LoadError::Invalid(invalid)
    }
}

impl From<Invalid> for LoadError {
    fn from(invalid: Invalid) -> LoadError {
        LoadError::Invalid(at(invalid, None, None))
    }
}

impl core::error::Error for LoadError {}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Malformed(malformed) => malformed.fmt(f),
            LoadError::Invalid(invalid) => invalid.fmt(f),
        }
    }
}

impl fmt::Display for InvalidAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.invalid.fmt(f)?;
        if let Some(mnemonic) = self.mnemonic {
            write!(f, ", {mnemonic}")?;
        }
        if let Some(func) = self.func {
            write!(f, ", in function {}", func.0)?;
        }
        if let Some(name) = &self.name {
            write!(f, " ({name})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
