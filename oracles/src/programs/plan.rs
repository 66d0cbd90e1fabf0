//! The module around the bodies: types, functions with what is known of them, tags, globals,
//! memories, tables; and its encoding.

use super::body::Body;
use super::input::Input;
use std::borrow::Cow;
use wasm_encoder::{
    AbstractHeapType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection,
    Elements, ExportKind, ExportSection, FieldType, Function, FunctionSection, GlobalSection,
    GlobalType, HeapType, ImportSection, MemorySection, MemoryType, Module, RefType, StorageType,
    TableSection, TableType, TagKind, TagSection, TagType, TypeSection, ValType,
};

/// The index of the one struct type: a number, a float, and a reference to another such struct.
pub const STRUCT: u32 = 0;

/// The index of the type of those functions that references of a concrete type refer to.
pub const LEAF: u32 = 1;

/// Instructions that a function may execute in one call, those of its callees included.
pub const BUDGET: u64 = 6000;

/// The same for functions of the type [`LEAF`]: which of them a reference names is not known.
pub const LEAF_BUDGET: u64 = 300;

/// Elements that the second table has at first and at most; the first holds all functions.
pub const SLOTS: u64 = 8;
const MOST_SLOTS: u64 = 12;

/// Pages that a memory has at most; it begins with one.
const MOST_PAGES: u64 = 4;

/// The length of the passive data segment.
pub const DATA: usize = 64;

/// The nullable reference to a type.
pub const fn nullable(heap_type: HeapType) -> ValType {
    ValType::Ref(RefType {
        nullable: true,
        heap_type,
    })
}

/// The type of structs, of functions of the type [`LEAF`], and of exceptions.
pub const STRUCT_REF: ValType = nullable(HeapType::Concrete(STRUCT));
pub const LEAF_REF: ValType = nullable(HeapType::Concrete(LEAF));
pub const EXN_REF: ValType = nullable(HeapType::Abstract {
    shared: false,
    ty: AbstractHeapType::Exn,
});

/// Parameters and results.
pub type Signature = (Vec<ValType>, Vec<ValType>);

/// A function as its callers see it.
#[derive(Clone)]
pub struct Callee {
    /// The index of its type.
    pub ty: u32,
    /// Instructions that a call executes at most.
    pub cost: u64,
    /// Whether it may throw.
    pub throws: bool,
    /// Whether it may call a function by reference.
    pub by_ref: bool,
    /// Whether it is small, not exported, and throws more often than others.
    pub helper: bool,
}

/// A module to be.
pub struct Plan {
    /// Types that values of this program have often; the first is `i32`.
    palette: Vec<ValType>,
    /// Function types; their indices begin behind the struct's.
    signatures: Vec<Signature>,
    /// Functions of the host among `functions`, which are the first ones.
    pub imports: usize,
    /// All functions. Of those that are not written yet only the type is right.
    pub functions: Vec<Callee>,
    /// The types of exceptions, as indices of function types.
    pub tags: Vec<u32>,
    /// The types of the globals, all of which are mutable.
    pub globals: Vec<ValType>,
    /// The index types of the memories.
    pub memories: Vec<ValType>,
    /// The element type of the second table.
    pub element: ValType,
}

impl Plan {
    /// Chooses all but the bodies.
    pub fn new(input: &mut Input) -> Plan {
        let mut plan = Plan {
            palette: palette(input),
            signatures: vec![(vec![ValType::I32], vec![ValType::I32])],
            imports: 0,
            functions: Vec::new(),
            tags: Vec::new(),
            globals: vec![ValType::I32],
            memories: vec![ValType::I32],
            element: STRUCT_REF,
        };
        for _ in 0..1 + input.below(3) {
            let payload = plan.types(input);
            let ty = plan.intern(payload, Vec::new());
            plan.tags.push(ty);
        }
        plan.imports = input.weighted(&[(5, 0), (3, 1), (2, 2)]);
        plan.choose_functions(input);
        for _ in 0..input.below(4) {
            let ty = plan.ty(input);
            plan.globals.push(ty);
        }
        if input.chance(15) {
            plan.memories[0] = ValType::I64;
        }
        if input.chance(20) {
            plan.memories.push(ValType::I32);
        }
        if input.chance(30) {
            plan.element = nullable(HeapType::EXTERN);
        }
        plan
    }

    /// Few types, so that calls by reference and tail calls find callees; the last function is a
    /// leaf.
    fn choose_functions(&mut self, input: &mut Input) {
        let mut types = vec![LEAF];
        for _ in 0..1 + input.below(4) {
            let (params, results) = (self.types(input), self.types(input));
            types.push(self.intern(params, results));
        }
        let results = self.types(input);
        let small = [
            self.intern(Vec::new(), results),
            self.intern(Vec::new(), Vec::new()),
        ];
        types.push(small[0]);
        let written = 3 + input.below(7);
        for at in 0..self.imports + written {
            let last = at + 1 == self.imports + written;
            let helper = at > self.imports && input.chance(50);
            let ty = match helper && input.chance(55) {
                _ if last => LEAF,
                true => input.pick(&small),
                false => input.pick(&types),
            };
            let callee = Callee {
                ty,
                cost: 1,
                throws: false,
                by_ref: false,
                helper,
            };
            self.functions.push(callee);
        }
    }

    /// A type of this program's.
    pub fn ty(&self, input: &mut Input) -> ValType {
        match input.chance(55) {
            true => input.pick(&self.palette),
            false => ValType::I32,
        }
    }

    /// Some types, at most four.
    pub fn types(&self, input: &mut Input) -> Vec<ValType> {
        let count = input.weighted(&[(10, 0), (8, 1), (4, 2), (2, 3), (1, 4)]);
        (0..count).map(|_| self.ty(input)).collect()
    }

    /// The index of a function type.
    pub fn intern(&mut self, params: Vec<ValType>, results: Vec<ValType>) -> u32 {
        let wanted = (params, results);
        let found = self.signatures.iter().position(|known| *known == wanted);
        let at = found.unwrap_or_else(|| {
            self.signatures.push(wanted);
            self.signatures.len() - 1
        });
        at as u32 + LEAF
    }

    /// The function type of an index.
    pub fn signature(&self, ty: u32) -> &Signature {
        &self.signatures[(ty - LEAF) as usize]
    }

    /// Writes the bodies, callees before their callers, and encodes it all.
    pub fn module(mut self, input: &mut Input) -> Vec<u8> {
        let mut bodies = Vec::new();
        for index in (self.imports..self.functions.len()).rev() {
            bodies.push(Body::write(&mut self, input, index));
        }
        bodies.reverse();
        self.encode(&bodies)
    }

    fn encode(&self, bodies: &[Function]) -> Vec<u8> {
        let mut imports = ImportSection::new();
        let mut functions = FunctionSection::new();
        for (at, function) in self.functions.iter().enumerate() {
            if at < self.imports {
                let ty = wasm_encoder::EntityType::Function(function.ty);
                imports.import("host", &format!("h{at}"), ty);
            } else {
                functions.function(function.ty);
            }
        }
        let mut tags = TagSection::new();
        for &func_type_idx in &self.tags {
            tags.tag(TagType {
                kind: TagKind::Exception,
                func_type_idx,
            });
        }
        let mut elements = ElementSection::new();
        let all: Vec<u32> = (0..self.functions.len() as u32).collect();
        let offset = ConstExpr::i32_const(0);
        elements.active(Some(0), &offset, Elements::Functions(Cow::from(all)));
        let mut code = CodeSection::new();
        for body in bodies {
            code.function(body);
        }
        let bytes: Vec<u8> = (0..DATA as u32)
            .map(|at| ((at * at * 37) >> 3) as u8)
            .collect();
        let mut data = DataSection::new();
        data.passive(bytes.iter().copied());
        let offset = match self.memories[0] {
            ValType::I64 => ConstExpr::i64_const(16),
            _ => ConstExpr::i32_const(16),
        };
        data.active(0, &offset, bytes);
        let mut module = Module::new();
        module
            .section(&self.type_section())
            .section(&imports)
            .section(&functions)
            .section(&self.tables())
            .section(&self.memory_section())
            .section(&tags)
            .section(&self.global_section())
            .section(&self.exports())
            .section(&elements)
            .section(&DataCountSection { count: 2 })
            .section(&code)
            .section(&data);
        module.finish()
    }

    fn type_section(&self) -> TypeSection {
        let mut types = TypeSection::new();
        let field = |ty| FieldType {
            element_type: StorageType::Val(ty),
            mutable: true,
        };
        types
            .ty()
            .struct_([ValType::I32, ValType::F64, STRUCT_REF].map(field));
        for (params, results) in &self.signatures {
            types
                .ty()
                .function(params.iter().copied(), results.iter().copied());
        }
        types
    }

    fn tables(&self) -> TableSection {
        let mut tables = TableSection::new();
        let count = self.functions.len() as u64;
        let ValType::Ref(element) = self.element else {
            unreachable!("a reference type")
        };
        for (element_type, minimum, maximum) in [
            (RefType::FUNCREF, count, count),
            (element, SLOTS, MOST_SLOTS),
        ] {
            tables.table(TableType {
                element_type,
                minimum,
                maximum: Some(maximum),
                table64: false,
                shared: false,
            });
        }
        tables
    }

    fn memory_section(&self) -> MemorySection {
        let mut memories = MemorySection::new();
        for index in &self.memories {
            memories.memory(MemoryType {
                minimum: 1,
                maximum: Some(MOST_PAGES),
                memory64: *index == ValType::I64,
                shared: false,
                page_size_log2: None,
            });
        }
        memories
    }

    fn global_section(&self) -> GlobalSection {
        let mut globals = GlobalSection::new();
        for (at, &val_type) in self.globals.iter().enumerate() {
            let ty = GlobalType {
                val_type,
                mutable: true,
                shared: false,
            };
            globals.global(
                ty,
                &match val_type {
                    ValType::I32 => ConstExpr::i32_const(at as i32 * 3 + 1),
                    ValType::I64 => ConstExpr::i64_const(-5),
                    ValType::F32 => ConstExpr::f32_const(2.5.into()),
                    ValType::F64 => ConstExpr::f64_const((-0.75).into()),
                    ValType::V128 => ConstExpr::v128_const(0x0123_4567_89AB_CDEF << 33),
                    ValType::Ref(ty) => ConstExpr::ref_null(ty.heap_type),
                },
            );
        }
        globals
    }

    fn exports(&self) -> ExportSection {
        let mut exports = ExportSection::new();
        for at in self.imports..self.functions.len() {
            if self.functions[at].helper {
                continue;
            }
            exports.export(&format!("f{at}"), ExportKind::Func, at as u32);
        }
        for at in 0..self.globals.len() {
            exports.export(&format!("g{at}"), ExportKind::Global, at as u32);
        }
        for at in 0..self.memories.len() {
            exports.export(&format!("m{at}"), ExportKind::Memory, at as u32);
        }
        exports.export("t1", ExportKind::Table, 1);
        exports
    }
}

/// `i32` and up to three others.
fn palette(input: &mut Input) -> Vec<ValType> {
    let mut palette = vec![ValType::I32];
    for _ in 0..input.below(4) {
        palette.push(input.weighted(&[
            (30, ValType::I64),
            (14, ValType::F64),
            (10, ValType::F32),
            (14, ValType::V128),
            (10, nullable(HeapType::EXTERN)),
            (8, nullable(HeapType::FUNC)),
            (12, STRUCT_REF),
            (10, LEAF_REF),
        ]));
    }
    palette
}
