//! Instantiation (spec: exec/modules, instantiation): everything but the start function, which is
//! a call like any other. Knows nothing of names, of host functions or of who asked.
//!
//! Nothing is allocated before the imports are known to match and every memory and table exists;
//! what a trap leaves behind later stays, as the spec says.

use super::context::DispatchMode;
use super::driver;
use super::instance::{ExternAddr, Instance, Instances};
use super::probe::Watch;
use super::program::Program;
use super::run::{Control, Run, Stop};
use crate::runtime::limits::{Limited, OutOfMemory};
use crate::runtime::{
    DataAddr, DataInst, ElemAddr, ElemInst, FuncAddr, FuncInst, FuncKind, GlobalAddr, GlobalInst,
    InstAddr, MemAddr, Memory, Reference, State, Table, TableAddr, TagAddr, TagInst,
};
use crate::syntax::matching::{map_ref, map_val};
use crate::syntax::{
    AddrType, ConstExpr, Count, DataMode, Elem, ElemItems, ElemMode, ExternType, FuncIdx, HeapType,
    ImportDesc, MemIdx, Module, TableIdx, TableType, TagIdx, TagType, TypeId,
};
use crate::translate::{Constant, constant, element_funcs};
use crate::trap::Trap;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// Why a module was not instantiated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum InstantiateError {
    /// Another number of imports is given than asked for.
    ImportCount {
        /// Asked for.
        expected: usize,
        /// Given.
        found: usize,
    },
    /// An import cannot be used.
    Unlinkable(Box<Unlinkable>),
    /// A memory or table could not be made.
    OutOfMemory(OutOfMemory),
    /// A constant expression trapped.
    Trap(Trap),
    /// An active segment does not fit.
    Segment(SegmentFault),
}

/// An active segment that does not fit into its memory or table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SegmentFault {
    /// The trap.
    pub trap: Trap,
    /// Whether it is a data segment; otherwise it is an element segment.
    pub is_data: bool,
    /// The index of the segment.
    pub index: u32,
    /// The index of the memory or table.
    pub target: u32,
    /// Where it begins.
    pub offset: u64,
    /// The number of bytes or elements.
    pub len: u64,
    /// The bytes or elements of the memory or table.
    pub size: u64,
}

impl fmt::Display for SegmentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SegmentFault {
            is_data,
            index,
            target,
            offset,
            len,
            size,
            ..
        } = self;
        let (segment, what, unit) = match is_data {
            true => ("data", "memory", "byte"),
            false => ("elem", "table", "element"),
        };
        let (len, size) = (Count(*len, unit), Count(*size, unit));
        write!(
            f,
            "{segment} segment {index} puts {len} at offset {offset}, \
             and {what} {target} has {size}"
        )
    }
}

/// An import that cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unlinkable {
    /// The position among the imports.
    pub index: usize,
    /// The module name.
    pub module: Arc<str>,
    /// The item's name.
    pub name: Box<str>,
    /// What is wrong.
    pub kind: UnlinkableKind,
}

/// What is wrong with an import.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UnlinkableKind {
    /// No definition has that name.
    UnknownImport,
    /// What has that name does not match. Types are canonical in the store.
    IncompatibleImportType {
        /// Asked for.
        expected: ExternType,
        /// Given.
        found: ExternType,
    },
}

impl fmt::Display for Unlinkable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (module, name) = (&self.module, &self.name);
        match &self.kind {
            UnlinkableKind::UnknownImport => write!(f, "unknown import: `{module}::{name}`"),
            UnlinkableKind::IncompatibleImportType { expected, found } => {
                let (expected, found) = (kind_name(expected), kind_name(found));
                write!(f, "incompatible import type: `{module}::{name}`")?;
                if expected == found {
                    write!(f, " is a {found} of another type")
                } else {
                    write!(f, " is a {found}, not a {expected}")
                }
            }
        }
    }
}

fn kind_name(ty: &ExternType) -> &'static str {
    match ty {
        ExternType::Func(_) => "function",
        ExternType::Table(_) => "table",
        ExternType::Memory(_) => "memory",
        ExternType::Global(_) => "global",
        ExternType::Tag(_) => "tag",
    }
}

impl core::error::Error for Unlinkable {}

impl fmt::Display for InstantiateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            InstantiateError::ImportCount { expected, found } => {
                let expected = Count(*expected, "import");
                write!(f, "unknown import: expected {expected}, found {found}")
            }
            InstantiateError::Unlinkable(unlinkable) => unlinkable.fmt(f),
            InstantiateError::OutOfMemory(error) => error.fmt(f),
            InstantiateError::Trap(trap) => trap.fmt(f),
            InstantiateError::Segment(fault) => write!(f, "{}: {fault}", fault.trap),
        }
    }
}

impl core::error::Error for InstantiateError {}

impl From<Trap> for InstantiateError {
    fn from(trap: Trap) -> InstantiateError {
        InstantiateError::Trap(trap)
    }
}

impl From<OutOfMemory> for InstantiateError {
    fn from(error: OutOfMemory) -> InstantiateError {
        InstantiateError::OutOfMemory(error)
    }
}

/// What instantiation works on.
pub struct Instantiation<'s> {
    /// The store's instances.
    pub instances: &'s Instances,
    /// The store's state.
    pub state: &'s mut State,
    /// A run for constant expressions.
    pub run: &'s mut Run,
    /// How they are run.
    pub mode: DispatchMode,
    /// The probe that sees each instruction of the constant expressions.
    pub watch: Option<&'s mut Watch>,
    /// The number of runs that wait for this one.
    pub depth: usize,
    /// Collects garbage when the heap wants it.
    pub collect: &'s mut dyn FnMut(&Instances, &mut State, &Run),
}

impl Instantiation<'_> {
    /// Instantiates a program. `types` are the ids in the store of its canonical types.
    ///
    /// # Errors
    /// See [`InstantiateError`]. After a trap the instance exists, and what its segments have
    /// written stays.
    pub fn instantiate(
        &mut self,
        program: &Arc<Program>,
        types: &Arc<[TypeId]>,
        imports: &[ExternAddr],
    ) -> Result<InstAddr, InstantiateError> {
        check_imports(self.state, program, types, imports)?;
        let addr = self.allocate(program, types, imports)?;
        let instance = self.instances.instance(addr).clone();
        Initialiser {
            to: self,
            instance: &instance,
            addr,
            next: 0,
        }
        .run()?;
        Ok(addr)
    }

    /// Allocates an instance with null tables and zeroed globals and memories.
    fn allocate(
        &mut self,
        program: &Arc<Program>,
        types: &Arc<[TypeId]>,
        imports: &[ExternAddr],
    ) -> Result<InstAddr, InstantiateError> {
        let module = program.module();
        let new_memories = self.new_memories(module)?;
        let new_tables = self.new_tables(program, types)?;
        let addr = InstAddr(self.instances.list.count() as u32);
        let context = program.context();
        let id = |ty: TypeId| types[ty.index()];
        let state = &mut *self.state;

        let mut funcs = imported(imports, ExternAddr::func);
        for func in context.imported_funcs..context.funcs.len() as u32 {
            funcs.push(FuncAddr(state.funcs.len() as u32));
            let ty = id(context.funcs[func as usize]);
            let kind = FuncKind::Wasm {
                inst: addr,
                func: FuncIdx(func),
            };
            state.funcs.push(FuncInst::new(ty, kind));
        }
        let mut tables = imported(imports, ExternAddr::table);
        tables.extend(added(&mut state.tables, new_tables).map(TableAddr));
        let mut memories = imported(imports, ExternAddr::memory);
        memories.extend(added(&mut state.memories, new_memories).map(MemAddr));
        let mut globals = imported(imports, ExternAddr::global);
        let new_globals = context.globals[globals.len()..]
            .iter()
            .map(|&ty| GlobalInst {
                ty: crate::syntax::GlobalType {
                    val: map_val(ty.val, &id),
                    ..ty
                },
                cells: [0; 2],
            });
        globals.extend(added(&mut state.globals, new_globals).map(GlobalAddr));
        let mut tags = imported(imports, ExternAddr::tag);
        for (tag, index) in tags.iter().zip(0..) {
            let origin = &mut state.tags[tag.index()].origin;
            origin.get_or_insert((addr, TagIdx(index)));
        }
        let own = (tags.len() as u32..).zip(&context.tags[tags.len()..]);
        let new_tags = own.map(|(index, &ty)| TagInst {
            ty: id(ty),
            origin: Some((addr, TagIdx(index))),
        });
        tags.extend(added(&mut state.tags, new_tags).map(TagAddr));
        let elems = ElemAddr(state.elems.len() as u32);
        let space = &state.types;
        let new_elems = context.elems.iter().map(|ty| ElemInst {
            items: Vec::new(),
            funcs: space.top(map_ref(*ty, &id).heap) == HeapType::Func,
        });
        state.elems.extend(new_elems);
        let datas = DataAddr(state.datas.len() as u32);
        state
            .datas
            .resize(state.datas.len() + module.datas.len(), DataInst::default());

        self.instances.list.push(Arc::new(Instance {
            program: program.clone(),
            types: types.clone(),
            funcs: funcs.into(),
            tables: tables.into(),
            memories: memories.into(),
            globals: globals.into(),
            tags: tags.into(),
            elems,
            datas,
        }));
        Ok(addr)
    }

    fn new_memories(&self, module: &Module) -> Result<Vec<Memory>, OutOfMemory> {
        let make = |&(ty, _): &(crate::syntax::MemoryType, u32)| {
            let bytes = ty.limits.min.saturating_mul(1 << ty.page_size_log2);
            let most = self.instances.memory_bytes;
            if bytes > most {
                return Err(OutOfMemory::over(Limited::Memory, bytes, most));
            }
            Memory::new(ty)
        };
        module.memories.iter().map(make).collect()
    }

    fn new_tables(&self, program: &Program, types: &[TypeId]) -> Result<Vec<Table>, OutOfMemory> {
        let context = program.context();
        let make = |&ty: &TableType| {
            let elem = map_ref(ty.elem, &|id: TypeId| types[id.index()]);
            Table::new(
                TableType { elem, ..ty },
                Reference::NULL,
                self.instances.table_elements,
            )
        };
        context.tables[context.imported_tables as usize..]
            .iter()
            .map(make)
            .collect()
    }
}

/// The imported addresses of one kind.
fn imported<A>(imports: &[ExternAddr], of: impl Fn(ExternAddr) -> Option<A>) -> Vec<A> {
    imports.iter().filter_map(|&import| of(import)).collect()
}

/// Adds to a list of the store; gives the new addresses.
fn added<I>(list: &mut Vec<I>, new: impl IntoIterator<Item = I>) -> core::ops::Range<u32> {
    let first = list.len() as u32;
    list.extend(new);
    first..list.len() as u32
}

/// Checks that imports are as many as asked for, and match (spec: valid/matching).
fn check_imports(
    state: &State,
    program: &Program,
    types: &[TypeId],
    imports: &[ExternAddr],
) -> Result<(), InstantiateError> {
    let asked = &program.module().imports;
    if asked.len() != imports.len() {
        let (expected, found) = (asked.len(), imports.len());
        return Err(InstantiateError::ImportCount { expected, found });
    }
    for (index, (import, &given)) in asked.iter().zip(imports).enumerate() {
        let expected = import_type(program, types, &import.desc);
        let found = extern_type(state, given);
        if !state.types.extern_matches(&found, &expected) {
            return Err(InstantiateError::Unlinkable(Box::new(Unlinkable {
                index,
                module: import.module.clone(),
                name: import.name.clone(),
                kind: UnlinkableKind::IncompatibleImportType { expected, found },
            })));
        }
    }
    Ok(())
}

/// Returns the type that an import asks for, canonical in the store.
fn import_type(program: &Program, types: &[TypeId], desc: &ImportDesc) -> ExternType {
    let context = program.context();
    let id = |ty| types[context.type_id(ty).index()];
    match *desc {
        ImportDesc::Func(ty) => ExternType::Func(id(ty)),
        ImportDesc::Table(ty) => ExternType::Table(TableType {
            elem: map_ref(ty.elem, &id),
            ..ty
        }),
        ImportDesc::Memory(ty) => ExternType::Memory(ty),
        ImportDesc::Global(ty) => {
            let val = map_val(ty.val, &id);
            ExternType::Global(crate::syntax::GlobalType { val, ..ty })
        }
        ImportDesc::Tag(ty) => ExternType::Tag(TagType { ty: id(ty) }),
    }
}

/// The type of what stands at an address, sizes as they are now.
pub fn extern_type(state: &State, addr: ExternAddr) -> ExternType {
    match addr {
        ExternAddr::Func(addr) => ExternType::Func(state.func(addr).ty),
        ExternAddr::Table(addr) => ExternType::Table(state.tables[addr.index()].current_type()),
        ExternAddr::Memory(addr) => ExternType::Memory(state.memories[addr.index()].current_type()),
        ExternAddr::Global(addr) => ExternType::Global(state.globals[addr.index()].ty),
        ExternAddr::Tag(addr) => ExternType::Tag(TagType {
            ty: state.tags[addr.index()].ty,
        }),
    }
}

/// Gives a new instance its contents. Constant expressions are taken in the order in which
/// [`Program::const_expr`] counts them; `next` is the one whose turn it is.
struct Initialiser<'i, 's> {
    to: &'i mut Instantiation<'s>,
    instance: &'i Instance,
    addr: InstAddr,
    next: usize,
}

impl Initialiser<'_, '_> {
    fn run(mut self) -> Result<(), InstantiateError> {
        let program = &self.instance.program;
        let module = program.module();
        // Tables' initialisers are counted first, but globals come first in the spec: see
        // exec/modules. A table's sees imported globals only, so the order is not observable.
        self.tables(module)?;
        self.globals(module)?;
        let first = self.next;
        self.elements(module)?;
        let after = core::mem::replace(&mut self.next, first);
        self.element_segments(module)?;
        self.next = after;
        self.data_segments(module)
    }

    fn tables(&mut self, module: &Module) -> Result<(), Trap> {
        let imported = self.instance.tables.len() - module.tables.len();
        for (table, addr) in module.tables.iter().zip(&self.instance.tables[imported..]) {
            if let Some(init) = &table.init {
                let value = Reference::from_cell(self.value(init)?[0]);
                self.to.state.tables[addr.index()].elems.fill(value);
            }
        }
        Ok(())
    }

    fn globals(&mut self, module: &Module) -> Result<(), Trap> {
        let imported = self.instance.globals.len() - module.globals.len();
        for (global, addr) in module
            .globals
            .iter()
            .zip(&self.instance.globals[imported..])
        {
            let cells = self.value(&global.init)?;
            self.to.state.globals[addr.index()].cells = cells;
        }
        Ok(())
    }

    /// Evaluates the elements of segments. Lists of function indices need no evaluation, and
    /// those that are not passive are kept only after a trap.
    fn elements(&mut self, module: &Module) -> Result<(), Trap> {
        for (place, elem) in module.elems.iter().enumerate() {
            if let ElemMode::Active { .. } = elem.mode {
                self.next += 1; // The offset's turn comes with the segment.
            }
            match &elem.items {
                ElemItems::Funcs { .. } => {
                    if let ElemMode::Passive = elem.mode {
                        self.keep_funcs(module, place);
                    }
                }
                ElemItems::Exprs(exprs) => {
                    // Each element stands in the store before the next is evaluated, so that a
                    // collection sees it.
                    let at = self.elem(place);
                    for expr in exprs {
                        let value = Reference::from_cell(self.value(expr)?[0]);
                        self.to.state.elems[at].items.push(value);
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes active element segments into their tables, in order. Those that are not passive are
    /// dropped in their turn (spec: exec/modules, runelem): a trap leaves the one that trapped and
    /// the later ones as they are, for functions that an imported table holds already.
    fn element_segments(&mut self, module: &Module) -> Result<(), InstantiateError> {
        for (place, elem) in module.elems.iter().enumerate() {
            if let Err(error) = self.element_segment(place, elem) {
                self.keep_from(module, place);
                return Err(error);
            }
            match elem.mode {
                ElemMode::Active { .. } | ElemMode::Declarative => {
                    let at = self.elem(place);
                    self.to.state.elems[at].items = Vec::new();
                }
                ElemMode::Passive => {}
            }
        }
        Ok(())
    }

    /// Writes an element segment into its table, if it is active.
    fn element_segment(&mut self, place: usize, elem: &Elem) -> Result<(), InstantiateError> {
        let exprs = match &elem.items {
            ElemItems::Funcs { .. } => 0,
            ElemItems::Exprs(exprs) => exprs.len(),
        };
        let ElemMode::Active { table: idx, offset } = &elem.mode else {
            self.next += exprs;
            return Ok(());
        };
        let offset = self.offset(offset, self.table_addr_type(*idx))?;
        self.next += exprs;
        let table = self.instance.tables[idx.index()];
        let table = &mut self.to.state.tables[table.index()];
        let size = table.size();
        let mut write = |items: &[Reference]| {
            let len = items.len() as u64;
            (len, table.init(offset, items, 0, len))
        };
        let (len, done) = match &elem.items {
            ElemItems::Funcs { count, range } => {
                let module = self.instance.program.module();
                let items: Vec<Reference> = element_funcs(module, range, *count)
                    .map(|func| Reference::func(self.instance.funcs[func.index()]))
                    .collect();
                write(&items)
            }
            ElemItems::Exprs(_) => {
                write(&self.to.state.elems[self.instance.elems.index() + place].items)
            }
        };
        done.map_err(|trap| {
            InstantiateError::Segment(SegmentFault {
                trap,
                is_data: false,
                index: place as u32,
                target: idx.0,
                offset,
                len,
                size,
            })
        })
    }

    /// Keeps lists of function indices from a segment on that are not in the store already.
    #[cold]
    fn keep_from(&mut self, module: &Module, first: usize) {
        for (place, elem) in module.elems.iter().enumerate().skip(first) {
            match elem.mode {
                ElemMode::Active { .. } | ElemMode::Declarative => self.keep_funcs(module, place),
                ElemMode::Passive => {}
            }
        }
    }

    /// Puts a list of function indices into the store; lists of expressions are there.
    fn keep_funcs(&mut self, module: &Module, place: usize) {
        if let ElemItems::Funcs { count, range } = &module.elems[place].items {
            let funcs = element_funcs(module, range, *count);
            let items = funcs.map(|func| self.func(func)).collect();
            let at = self.elem(place);
            self.to.state.elems[at].items = items;
        }
    }

    /// The index in the store of a segment of the module.
    fn elem(&self, place: usize) -> usize {
        self.instance.elems.index() + place
    }

    /// Writes active data segments into their memories, in order, and drops them.
    fn data_segments(&mut self, module: &Module) -> Result<(), InstantiateError> {
        for (place, data) in module.datas.iter().enumerate() {
            let DataMode::Active {
                memory: idx,
                offset,
            } = &data.mode
            else {
                continue;
            };
            let offset = self.offset(offset, self.memory_addr_type(*idx))?;
            let bytes = module.slice(&data.bytes);
            let memory = self.instance.memories[idx.index()];
            let memory = &mut self.to.state.memories[memory.index()];
            let (len, size) = (bytes.len() as u64, memory.byte_len());
            let done = memory.init(offset, bytes, 0, len);
            done.map_err(|trap| {
                InstantiateError::Segment(SegmentFault {
                    trap,
                    is_data: true,
                    index: place as u32,
                    target: idx.0,
                    offset,
                    len,
                    size,
                })
            })?;
            self.to.state.datas[self.instance.datas.index() + place].dropped = true;
        }
        Ok(())
    }

    fn table_addr_type(&self, table: TableIdx) -> AddrType {
        self.instance.program.context().tables[table.index()].addr
    }

    fn memory_addr_type(&self, memory: MemIdx) -> AddrType {
        self.instance.program.context().memories[memory.index()].addr
    }

    fn offset(&mut self, expr: &ConstExpr, addr: AddrType) -> Result<u64, Trap> {
        let cell = self.value(expr)?[0];
        Ok(match addr {
            AddrType::I32 => u64::from(cell as u32),
            AddrType::I64 => cell,
        })
    }

    fn func(&self, func: FuncIdx) -> Reference {
        Reference::func(self.instance.funcs[func.index()])
    }

    /// The value of the next constant expression, run only when it has more than one instruction,
    /// or a probe is attached.
    fn value(&mut self, expr: &ConstExpr) -> Result<[u64; 2], Trap> {
        let turn = self.next;
        self.next += 1;
        let program = &self.instance.program;
        let plain = match self.to.watch {
            Some(_) => None,
            None => constant(program.validated(), expr),
        };
        match plain {
            Some(Constant::Number(cells)) => Ok(cells),
            Some(Constant::Global(global)) => {
                let addr = self.instance.globals[global.index()];
                Ok(self.to.state.globals[addr.index()].cells)
            }
            Some(Constant::Func(func)) => Ok([self.func(func).to_cell(), 0]),
            Some(Constant::Null) => Ok([Reference::NULL.to_cell(), 0]),
            None => self.evaluate(program.const_expr(turn)),
        }
    }

    /// Runs a constant expression to its end. It is bounded by the module's size, so it is free
    /// of fuel and epochs.
    #[cold]
    fn evaluate(&mut self, func: FuncIdx) -> Result<[u64; 2], Trap> {
        let Instantiation {
            instances,
            state,
            run,
            mode,
            watch,
            depth,
            collect,
        } = &mut *self.to;
        let mut control = Control::UNLIMITED;
        driver::enter(instances, run, self.addr, func)?;
        loop {
            let mut parts = driver::Parts {
                state,
                control: &mut control,
                run,
            };
            let stop = match watch {
                Some(watch) => watch.resume(instances, parts, *depth),
                None => driver::resume(instances, &mut parts, *mode),
            };
            match stop {
                Stop::Finished => return Ok([run.stack[0], run.stack[1]]),
                Stop::Trap(trap) => return Err(trap),
                Stop::Collect => collect(instances, state, run),
                Stop::Host(_)
                | Stop::Growth
                | Stop::Exception(_)
                | Stop::OutOfFuel
                | Stop::Epoch
                | Stop::Waits
                | Stop::Stepped => {
                    unreachable!("validated: a constant expression calls and throws nothing")
                }
            }
        }
    }
}
