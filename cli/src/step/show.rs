//! Values and places as short text: what every pane and every answer is made of. All that a guest
//! names is escaped here.

use super::super::excerpt::nesting;
use super::super::listing;
use limpid::internals::binary::InstrReader;
use limpid::internals::exec::{Instance, Instances, Program};
use limpid::internals::runtime::{FuncAddr, FuncKind, InstAddr, ObjectKind, Reference, State};
use limpid::internals::syntax::{
    CompositeType, F32Text, F64Text, FuncIdx, HeapType, Instr, RefType, TypeId, ValType,
};
use limpid::observe::display;
use limpid::observe::{Place, Value};

/// What names and kinds are looked up in.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The state of the store.
    pub state: &'a State,
    /// The instances of the store.
    pub instances: &'a Instances,
}

impl Known<'_> {
    /// An instance.
    pub fn instance(&self, inst: InstAddr) -> &Instance {
        self.instances.instance(inst)
    }

    /// A value of a frame of an instance, with its type.
    pub fn value(&self, inst: InstAddr, value: &Value) -> String {
        let ty = match value.ty {
            ValType::Ref(ty) => ValType::Ref(self.in_store(inst, ty)),
            other => other, // Numbers have the same type everywhere.
        };
        self.cells(ty, value.cells)
    }

    /// A value whose type is one of the store, with its type.
    pub fn cells(&self, ty: ValType, [low, high]: [u64; 2]) -> String {
        match ty {
            ValType::I32 => format!("i32 {}", low as u32 as i32),
            ValType::I64 => format!("i64 {}", low as i64),
            ValType::F32 => format!("f32 {}", F32Text(low as u32)),
            ValType::F64 => format!("f64 {}", F64Text(low)),
            ValType::V128 => format!("v128 0x{high:016x}{low:016x}"),
            ValType::Ref(ty) => self.reference(ty, Reference::from_cell(low)),
        }
    }

    /// A reference type of an instance's module as one of the store.
    fn in_store(&self, inst: InstAddr, ty: RefType) -> RefType {
        let HeapType::Concrete(index) = ty.heap else {
            return ty;
        };
        let instance = self.instance(inst);
        let types = &instance.program.context().types;
        let own = types.get(index.0 as usize).map(|own| own.0 as usize);
        let heap = own.and_then(|own| instance.types.get(own));
        RefType {
            heap: heap.map_or(ty.heap, |id| HeapType::Concrete(*id)),
            ..ty
        }
    }

    /// What a reference refers to; its type is one of the store.
    pub fn reference(&self, ty: RefType, reference: Reference) -> String {
        match (reference.as_func(), self.is_func(ty)) {
            (Some(func), true) => self.func(func),
            (None, true) => "func null".to_owned(),
            (_, false) => self.object(reference),
        }
    }

    /// Whether references of a type of an instance's module are to functions.
    pub fn is_func_in(&self, inst: InstAddr, ty: RefType) -> bool {
        self.is_func(self.in_store(inst, ty))
    }

    /// Whether references of a type of the store are to functions.
    pub fn is_func(&self, ty: RefType) -> bool {
        match ty.heap {
            HeapType::Func | HeapType::NoFunc => true,
            HeapType::Concrete(id) => {
                matches!(self.composite(id), CompositeType::Func(_))
            }
            HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Struct
            | HeapType::Array
            | HeapType::None
            | HeapType::Extern
            | HeapType::NoExtern
            | HeapType::Exn
            | HeapType::NoExn => false,
        }
    }

    /// A type of the store.
    pub fn composite(&self, id: TypeId) -> &CompositeType {
        &self.state.types.get(id).composite
    }

    /// A reference of the other hierarchies.
    pub fn object(&self, reference: Reference) -> String {
        if let Some(number) = reference.as_i31() {
            return format!("i31 {}", ((number << 1) as i32) >> 1);
        }
        let Some(handle) = reference.as_object() else {
            return "null".to_owned();
        };
        match self.state.heap.kind(handle) {
            Some(ObjectKind::Struct(_)) => format!("struct #{handle}"),
            Some(ObjectKind::Array(_)) => {
                let len = self.state.heap.array_len(handle).unwrap_or(0);
                format!("array #{handle} of {len}")
            }
            Some(ObjectKind::Exception(_)) => format!("exception #{handle}"),
            Some(ObjectKind::Host(_)) => format!("host value #{handle}"),
            None => format!("reference #{handle}"),
        }
    }

    /// A function of the store.
    pub fn func(&self, addr: FuncAddr) -> String {
        match self.state.funcs.get(addr.index()).map(|func| func.kind) {
            Some(FuncKind::Wasm { inst, func }) => self.func_of(inst, func),
            Some(FuncKind::Host(_)) => format!("host function #{}", addr.0),
            None => format!("function #{}", addr.0),
        }
    }

    /// A function of an instance, by its name or else its index.
    pub fn func_of(&self, inst: InstAddr, func: FuncIdx) -> String {
        listing::func(self.instance(inst).program.module(), func.0)
    }

    /// The text of the instruction at a place, with the names of the module.
    pub fn instruction(&self, place: Place) -> String {
        let program = &self.instance(place.inst).program;
        let module = program.module();
        match decoded(program, place.offset) {
            Some(instr) => {
                let text = instr.text(&module.names, Some(place.func.0)).to_string();
                display::line(&text).into_owned()
            }
            None => "?".to_owned(),
        }
    }

    /// The name of a local with its index.
    pub fn local(&self, inst: InstAddr, func: FuncIdx, local: u32) -> String {
        let names = &self.instance(inst).program.module().names;
        let of = names.locals.iter().find(|(at, _)| *at == func.0);
        named(local, of.and_then(|(_, names)| names.get(local)))
    }

    /// The name of the label that an instruction opens.
    pub fn label(&self, place: Place) -> Option<String> {
        let program = &self.instance(place.inst).program;
        let module = program.module();
        let all = &module.names.labels;
        let (_, names) = all.iter().find(|(func, _)| *func == place.func.0)?;
        let body = place.func.0.checked_sub(module.imported_funcs())?;
        let body = module.code.get(body as usize)?;
        let mut reader = InstrReader::for_body(module, body, &program.context().features);
        let mut number = 0;
        while let Ok((offset, instr)) = reader.read() {
            let opens = nesting(instr.mnemonic()) == (0, 1);
            if offset == place.offset {
                let name = names.get(number).filter(|_| opens)?;
                return Some(display::name(name).into_owned());
            }
            number += u32::from(opens);
        }
        None
    }

    /// The name of a global with its index.
    pub fn global(&self, inst: InstAddr, global: u32) -> String {
        let names = &self.instance(inst).program.module().names;
        named(global, names.globals.get(global))
    }

    /// The name of a table with its index.
    pub fn table(&self, inst: InstAddr, table: u32) -> String {
        let names = &self.instance(inst).program.module().names;
        named(table, names.tables.get(table))
    }
}

/// The instruction at a byte offset.
fn decoded(program: &Program, offset: u32) -> Option<Instr<'_>> {
    let bytes = program.module().bytes.get(offset as usize..)?;
    let mut reader = InstrReader::new(bytes, offset, &program.context().features);
    reader.read().ok().map(|(_, instr)| instr)
}

/// An index, and the name where there is one.
fn named(index: u32, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("{index} ${}", display::name(name)),
        None => index.to_string(),
    }
}
