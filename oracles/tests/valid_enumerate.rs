//! Small instruction sequences, constant expressions and type sections, enumerated exhaustively
//! against wasmparser: both must accept, or refuse at the same instruction.
//!
//! A sequence is only extended while both accept it, because what is invalid stays so. Each is
//! judged twice: as a prefix, and closed by as many `end` as it needs.

use limpid::internals::binary::InstrReader;
use limpid::internals::syntax::{
    AtomicOp, Features, LaneMemoryOp, LaneOp, LoadOp, NumericOp, StoreOp, ValType, VectorOp,
};
use limpid::internals::translate::load::{Validated, load};
use limpid::internals::valid::{FuncValidator, Scratch};
use limpid_oracles::features::of_wasmparser;
use wasmparser::{
    BinaryReader, FuncToValidate, FuncValidatorAllocations, OperatorsReader, Parser, ValidPayload,
    Validator, ValidatorResources, WasmFeatures,
};

/// What the sequences refer to. `FUNC` is replaced by the type of the function judged.
const TEMPLATE: &str = r#"(module
    (type (;0;) (func))
    (type (;1;) (func (param i32) (result i32)))
    (type (;2;) (func (result i32 i64)))
    (type (;3;) (func (param i64 i32) (result i64)))
    (type (;4;) (sub (struct (field (mut i32)) (field i8))))
    (type (;5;) (sub 4 (struct (field (mut i32)) (field i8) (field (mut (ref null 4))))))
    (type (;6;) (array (mut i32)))
    (type (;7;) (array (mut (ref null 4))))
    (type (;8;) (array i8))
    (type (;9;) (func (param (ref 4)) (result (ref null 5))))
    (type (;10;) (func (result (ref 0))))
    (type (;11;) (func (param i32)))
    (type (;12;) (func (result i32)))
    (type (;13;) (func (param (ref 4)) (result (ref 4))))
    (type (;14;) (func (result i32 (ref exn))))
    (type (;15;) (func (result exnref)))
    (type (;16;) (array (mut (ref null 5))))
    (type (;17;) (func (param (ref extern) anyref) (result (ref any))))
    (import "" "" (func (type 0)))
    (func (type 1) (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (unreachable))
    (func (type 9) (unreachable))
    (func (type 10) (unreachable))
    (func (type FUNC) (unreachable))
    (table 1 funcref)
    (table i64 1 (ref null 4))
    (table 1 externref)
    (memory 1)
    (memory i64 1)
    (tag (type 11))
    (tag (type 0))
    (global (mut i32) (i32.const 0))
    (global i64 (i64.const 0))
    (global (mut (ref null 5)) (ref.null 5))
    (export "declared" (func 3))
    (elem funcref)
    (elem (ref null 5))
    (data "")
)"#;

/// Sequences over one alphabet.
struct Topic {
    /// Type of the function.
    func: u32,
    /// Declared locals.
    locals: &'static [ValType],
    /// Longest sequence.
    length: usize,
    alphabet: &'static [&'static [u8]],
}

/// Both validators, ready for bodies of one function type.
struct Judges {
    ours: Validated,
    scratch: Scratch,
    features: Features,
    their_features: WasmFeatures,
    theirs: ValidatorResources,
    allocations: FuncValidatorAllocations,
    func: u32,
    locals: Vec<(u32, ValType)>,
    their_locals: Vec<wasmparser::ValType>,
    judged: usize,
}

/// How a sequence fared.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Verdict {
    /// Instructions accepted.
    accepted: usize,
    /// Whether all were.
    all: bool,
    /// Control frames open at the end.
    depth: usize,
}

fn their_type(ty: ValType) -> wasmparser::ValType {
    use limpid::internals::syntax::{HeapType, RefType};
    match ty {
        ValType::I32 => wasmparser::ValType::I32,
        ValType::I64 => wasmparser::ValType::I64,
        ValType::Ref(RefType {
            nullable,
            heap: HeapType::Concrete(idx),
        }) => {
            let idx = wasmparser::UnpackedIndex::Module(idx.0);
            let heap = wasmparser::HeapType::Concrete(idx);
            wasmparser::ValType::Ref(wasmparser::RefType::new(nullable, heap).unwrap())
        }
        ValType::F32 => wasmparser::ValType::F32,
        ValType::F64 => wasmparser::ValType::F64,
        ValType::V128 => wasmparser::ValType::V128,
        ValType::Ref(_) => panic!("not used"),
    }
}

impl Judges {
    fn new(topic: &Topic) -> Judges {
        let text = TEMPLATE.replace("FUNC", &topic.func.to_string());
        let bytes = wat::parse_str(text).unwrap();
        let features = Features::default();
        let their_features = of_wasmparser(&features);
        let mut validator = Validator::new_with_features(their_features);
        let mut theirs = None;
        for payload in Parser::new(0).parse_all(&bytes) {
            if let ValidPayload::Func(func, _) = validator.payload(&payload.unwrap()).unwrap() {
                theirs = Some(func.resources);
            }
        }
        Judges {
            ours: load(&bytes, &features).unwrap(),
            scratch: Scratch::default(),
            features,
            their_features,
            theirs: theirs.unwrap(),
            allocations: FuncValidatorAllocations::default(),
            func: topic.func,
            locals: topic.locals.iter().map(|&ty| (1, ty)).collect(),
            their_locals: topic.locals.iter().map(|&ty| their_type(ty)).collect(),
            judged: 0,
        }
    }

    fn ours(&mut self, code: &[u8]) -> Verdict {
        let context = &self.ours.context;
        let ty = context.types[self.func as usize];
        let scratch = std::mem::take(&mut self.scratch);
        let mut validator = FuncValidator::new(context, ty, &self.locals, scratch).unwrap();
        let mut reader = InstrReader::new(code, 0, &self.features);
        let mut verdict = Verdict {
            accepted: 0,
            all: true,
            depth: 0,
        };
        while !reader.at_end() {
            let read = reader.read();
            let accepted = read.is_ok_and(|(at, instr)| validator.instr(at, &instr).is_ok());
            if !accepted {
                verdict.all = false;
                break;
            }
            verdict.accepted += 1;
        }
        verdict.depth = validator.depth();
        self.scratch = validator.into_scratch();
        verdict
    }

    fn theirs(&mut self, code: &[u8]) -> Verdict {
        let allocations = std::mem::take(&mut self.allocations);
        let func = FuncToValidate {
            resources: self.theirs.clone(),
            index: 4,
            ty: self.func,
            features: self.their_features,
        };
        let mut validator = func.into_validator(allocations);
        for &ty in &self.their_locals {
            validator.define_locals(0, 1, ty).unwrap();
        }
        let mut reader =
            OperatorsReader::new(BinaryReader::new_features(code, 0, self.their_features));
        let mut verdict = Verdict {
            accepted: 0,
            all: true,
            depth: 0,
        };
        while !reader.eof() {
            let read = reader.read_with_offset();
            let accepted = read.is_ok_and(|(op, at)| validator.op(at, &op).is_ok());
            if !accepted {
                verdict.all = false;
                break;
            }
            verdict.accepted += 1;
        }
        verdict.depth = validator.control_stack_height() as usize;
        self.allocations = validator.into_allocations();
        verdict
    }

    /// Judges a sequence; yields the open frames when both accept it.
    fn judge(&mut self, code: &[u8]) -> Option<usize> {
        self.judged += 1;
        let (ours, theirs) = (self.ours(code), self.theirs(code));
        // What stands open after a refusal says nothing.
        if ours.all != theirs.all || ours.accepted != theirs.accepted {
            panic!("{code:02x?}: ours {ours:?}, theirs {theirs:?}");
        }
        if ours.all {
            assert_eq!(ours.depth, theirs.depth, "{code:02x?}");
        }
        ours.all.then_some(ours.depth)
    }

    fn extend(&mut self, topic: &Topic, code: &mut Vec<u8>, length: usize) {
        for instr in topic.alphabet {
            let before = code.len();
            code.extend_from_slice(instr);
            if let Some(depth) = self.judge(code)
                && depth > 0
            {
                let open = code.len();
                code.extend(std::iter::repeat_n(0x0B, depth));
                self.judge(code);
                code.truncate(open);
                if length > 1 {
                    self.extend(topic, code, length - 1);
                }
            }
            code.truncate(before);
        }
    }
}

/// Enumerates a topic; at least `least` sequences must have been judged.
fn enumerate(topic: &Topic, least: usize) {
    let mut judges = Judges::new(topic);
    judges.extend(topic, &mut Vec::new(), topic.length);
    println!("{} sequences", judges.judged);
    assert!(judges.judged >= least, "only {}", judges.judged);
}

const NULLABLE: ValType = reference(true, 4);
const NON_NULL: ValType = reference(false, 4);

const fn reference(nullable: bool, ty: u32) -> ValType {
    ValType::Ref(limpid::internals::syntax::RefType {
        nullable,
        heap: limpid::internals::syntax::HeapType::Concrete(limpid::internals::syntax::TypeIdx(ty)),
    })
}

#[test]
fn control() {
    let topic = Topic {
        func: 1,
        locals: &[ValType::I64],
        length: 5,
        alphabet: &[
            &[0x00],             // unreachable
            &[0x1A],             // drop
            &[0x41, 0],          // i32.const
            &[0x42, 0],          // i64.const
            &[0x02, 0x40],       // block
            &[0x02, 0x7F],       // block (result i32)
            &[0x02, 1],          // block (param i32) (result i32)
            &[0x02, 2],          // block (result i32 i64)
            &[0x03, 0x7F],       // loop (result i32)
            &[0x03, 1],          // loop (param i32) (result i32)
            &[0x04, 0x40],       // if
            &[0x04, 0x7F],       // if (result i32)
            &[0x04, 1],          // if (param i32) (result i32)
            &[0x05],             // else
            &[0x0B],             // end
            &[0x0C, 0],          // br 0
            &[0x0C, 1],          // br 1
            &[0x0D, 0],          // br_if 0
            &[0x0D, 1],          // br_if 1
            &[0x0E, 1, 0, 1],    // br_table 0 1
            &[0x0E, 2, 1, 0, 1], // br_table 1 0 1
            &[0x0F],             // return
            &[0x1B],             // select
            &[0x1C, 1, 0x7E],    // select i64
            &[0x6A],             // i32.add
            &[0x50],             // i64.eqz
            &[0x10, 1],          // call
            &[0x12, 1],          // return_call
            &[0x20, 1],          // local.get i64
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn unreachable_code() {
    let topic = Topic {
        func: 12,
        locals: &[NULLABLE],
        length: 6,
        alphabet: &[
            &[0x00],                   // unreachable
            &[0x1A],                   // drop
            &[0x41, 0],                // i32.const
            &[0x1B],                   // select
            &[0x1C, 1, 0x63, 4],       // select (ref null 4)
            &[0x0B],                   // end
            &[0x02, 2],                // block (result i32 i64)
            &[0x0D, 0],                // br_if 0
            &[0x0E, 1, 0, 1],          // br_table 0 1
            &[0xD1],                   // ref.is_null
            &[0xD4],                   // ref.as_non_null
            &[0xD5, 0],                // br_on_null 0
            &[0xD6, 0],                // br_on_non_null 0
            &[0x02, 0x64, 4],          // block (result (ref 4))
            &[0xFB, 0x18, 3, 0, 4, 5], // br_on_cast 0 (ref null 4) (ref null 5)
            &[0xFB, 0x19, 1, 0, 4, 5], // br_on_cast_fail 0 (ref null 4) (ref 5)
            &[0xFB, 0x1A],             // any.convert_extern
            &[0x20, 0],                // local.get
            &[0xD3],                   // ref.eq
            &[0x14, 9],                // call_ref 9
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn uninitialized_locals() {
    let topic = Topic {
        func: 13,
        locals: &[NULLABLE, NON_NULL, ValType::I32, NON_NULL],
        length: 7,
        alphabet: &[
            &[0x20, 0],    // local.get of the parameter
            &[0x20, 2],    // local.get
            &[0x21, 2],    // local.set
            &[0x22, 4],    // local.tee
            &[0x20, 4],    // local.get
            &[0x02, 0x40], // block
            &[0x04, 0x40], // if
            &[0x05],       // else
            &[0x0B],       // end
            &[0x41, 0],    // i32.const
            &[0x00],       // unreachable
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn references() {
    let topic = Topic {
        func: 9,
        locals: const { &[NULLABLE, reference(true, 5)] },
        length: 4,
        alphabet: &[
            &[0x20, 0],                // local.get (ref 4)
            &[0x20, 1],                // local.get (ref null 4)
            &[0x20, 2],                // local.get (ref null 5)
            &[0xD0, 0x6E],             // ref.null any
            &[0xD0, 0x71],             // ref.null none
            &[0xD0, 0x70],             // ref.null func
            &[0xD0, 5],                // ref.null 5
            &[0xD1],                   // ref.is_null
            &[0xD4],                   // ref.as_non_null
            &[0xD3],                   // ref.eq
            &[0xD2, 3],                // ref.func 3, declared
            &[0xD2, 2],                // ref.func 2, undeclared
            &[0x14, 9],                // call_ref 9
            &[0x14, 10],               // call_ref 10
            &[0x15, 9],                // return_call_ref 9
            &[0x12, 2],                // return_call
            &[0x02, 0x64, 4],          // block (result (ref 4))
            &[0x02, 0x63, 5],          // block (result (ref null 5))
            &[0x03, 13],               // loop (param (ref 4)) (result (ref 4))
            &[0x0B],                   // end
            &[0x0C, 0],                // br 0
            &[0xD5, 0],                // br_on_null 0
            &[0xD5, 1],                // br_on_null 1
            &[0xD6, 0],                // br_on_non_null 0
            &[0xFB, 0x14, 5],          // ref.test (ref 5)
            &[0xFB, 0x17, 5],          // ref.cast (ref null 5)
            &[0xFB, 0x17, 0x6C],       // ref.cast (ref null i31)
            &[0xFB, 0x18, 1, 0, 4, 5], // br_on_cast 0 (ref null 4) (ref 5)
            &[0xFB, 0x18, 3, 0, 4, 5], // br_on_cast 0 (ref null 4) (ref null 5)
            &[0xFB, 0x18, 0, 0, 5, 4], // br_on_cast 0 (ref 5) (ref 4)
            &[0xFB, 0x19, 3, 0, 4, 5], // br_on_cast_fail 0 (ref null 4) (ref null 5)
            &[0xFB, 0x19, 0, 1, 4, 5], // br_on_cast_fail 1 (ref 4) (ref 5)
            &[0xFB, 0x1A],             // any.convert_extern
            &[0xFB, 0x1B],             // extern.convert_any
            &[0x00],                   // unreachable
            &[0x1A],                   // drop
            &[0x1C, 1, 0x63, 4],       // select (ref null 4)
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn conversions() {
    let topic = Topic {
        func: 17,
        locals: &[],
        length: 5,
        alphabet: &[
            &[0x20, 0],                      // local.get (ref extern)
            &[0x20, 1],                      // local.get anyref
            &[0xD0, 0x6F],                   // ref.null extern
            &[0xD0, 0x72],                   // ref.null noextern
            &[0xFB, 0x1A],                   // any.convert_extern
            &[0xFB, 0x1B],                   // extern.convert_any
            &[0xD4],                         // ref.as_non_null
            &[0xFB, 0x14, 0x6C],             // ref.test (ref i31)
            &[0xFB, 0x16, 0x6C],             // ref.cast (ref i31)
            &[0xFB, 0x17, 0x6F],             // ref.cast (ref null extern)
            &[0xFB, 0x18, 3, 0, 0x6E, 0x6D], // br_on_cast 0 anyref eqref
            &[0xFB, 0x18, 1, 0, 0x6E, 0x6C], // br_on_cast 0 anyref (ref i31)
            &[0xFB, 0x19, 3, 0, 0x6F, 0x72], // br_on_cast_fail 0 externref (ref null noextern)
            &[0xD5, 0],                      // br_on_null 0
            &[0xD6, 0],                      // br_on_non_null 0
            &[0x02, 0x64, 0x6F],             // block (result (ref extern))
            &[0x02, 0x6E],                   // block (result anyref)
            &[0x0B],                         // end
            &[0x1A],                         // drop
            &[0x0F],                         // return
            &[0x00],                         // unreachable
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn aggregates() {
    let topic = Topic {
        func: 9,
        locals: const { &[reference(true, 6), reference(true, 7), reference(true, 5)] },
        length: 5,
        alphabet: &[
            &[0x20, 0],         // local.get (ref 4)
            &[0x20, 1],         // local.get (ref null 6)
            &[0x20, 2],         // local.get (ref null 7)
            &[0x20, 3],         // local.get (ref null 5)
            &[0x41, 0],         // i32.const
            &[0x1A],            // drop
            &[0x00],            // unreachable
            &[0x0F],            // return
            &[0xFB, 0, 4],      // struct.new 4
            &[0xFB, 0, 5],      // struct.new 5
            &[0xFB, 1, 5],      // struct.new_default 5
            &[0xFB, 2, 4, 0],   // struct.get 4 0
            &[0xFB, 2, 4, 1],   // struct.get 4 1, packed
            &[0xFB, 3, 5, 1],   // struct.get_s 5 1
            &[0xFB, 4, 4, 0],   // struct.get_u 4 0, not packed
            &[0xFB, 5, 4, 0],   // struct.set 4 0
            &[0xFB, 5, 5, 1],   // struct.set 5 1, immutable
            &[0xFB, 5, 5, 2],   // struct.set 5 2
            &[0xFB, 6, 6],      // array.new 6
            &[0xFB, 7, 7],      // array.new_default 7
            &[0xFB, 8, 6, 2],   // array.new_fixed 6 2
            &[0xFB, 9, 8, 0],   // array.new_data 8 0
            &[0xFB, 9, 7, 0],   // array.new_data 7 0, not numeric
            &[0xFB, 10, 7, 1],  // array.new_elem 7 1
            &[0xFB, 10, 7, 0],  // array.new_elem 7 0, mismatch
            &[0xFB, 11, 6],     // array.get 6
            &[0xFB, 11, 8],     // array.get 8, packed
            &[0xFB, 12, 8],     // array.get_s 8
            &[0xFB, 14, 6],     // array.set 6
            &[0xFB, 14, 8],     // array.set 8, immutable
            &[0xFB, 15],        // array.len
            &[0xFB, 16, 7],     // array.fill 7
            &[0xFB, 17, 6, 6],  // array.copy 6 6
            &[0xFB, 17, 6, 8],  // array.copy 6 8, mismatch
            &[0xFB, 17, 7, 16], // array.copy 7 16
            &[0xFB, 17, 16, 7], // array.copy 16 7, mismatch
            &[0xFB, 18, 6, 0],  // array.init_data 6 0
            &[0xFB, 19, 7, 1],  // array.init_elem 7 1
            &[0xFB, 28],        // ref.i31
            &[0xFB, 29],        // i31.get_s
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn exceptions() {
    let topic = Topic {
        func: 15,
        locals: &[],
        length: 4,
        alphabet: &[
            &[0x1F, 0x40, 0],          // try_table
            &[0x1F, 0x40, 1, 0, 0, 0], // try_table (catch 0 0)
            &[0x1F, 0x7F, 1, 0, 0, 0], // try_table (result i32) (catch 0 0)
            &[0x1F, 0x40, 1, 1, 0, 0], // try_table (catch_ref 0 0)
            &[0x1F, 0x40, 1, 1, 1, 0], // try_table (catch_ref 1 0)
            &[0x1F, 0x40, 1, 2, 0],    // try_table (catch_all 0)
            &[0x1F, 0x40, 1, 3, 0],    // try_table (catch_all_ref 0)
            &[0x1F, 0x40, 1, 3, 1],    // try_table (catch_all_ref 1)
            &[0x1F, 0x40, 1, 0, 2, 0], // try_table (catch 2 0), unknown tag
            &[0x1F, 1, 1, 0, 0, 0],    // try_table (param i32) (result i32) (catch 0 0)
            &[0x02, 0x7F],             // block (result i32)
            &[0x02, 0x40],             // block
            &[0x02, 14],               // block (result i32 (ref exn))
            &[0x02, 0x69],             // block (result exnref)
            &[0x02, 0x64, 0x69],       // block (result (ref exn))
            &[0x0B],                   // end
            &[0x08, 0],                // throw 0
            &[0x08, 1],                // throw 1
            &[0x0A],                   // throw_ref
            &[0xD0, 0x69],             // ref.null exn
            &[0xD0, 0x74],             // ref.null noexn
            &[0x41, 0],                // i32.const
            &[0x1A],                   // drop
            &[0x0C, 0],                // br 0
            &[0x00],                   // unreachable
        ],
    };
    enumerate(&topic, 100_000);
}

#[test]
fn tables_and_memories() {
    let topic = Topic {
        func: 3,
        locals: &[NULLABLE],
        length: 4,
        alphabet: &[
            &[0x41, 0],          // i32.const
            &[0x42, 0],          // i64.const
            &[0x20, 2],          // local.get (ref null 4)
            &[0xD0, 0x73],       // ref.null nofunc
            &[0x1A],             // drop
            &[0x00],             // unreachable
            &[0x25, 0],          // table.get 0
            &[0x25, 1],          // table.get 1
            &[0x26, 1],          // table.set 1
            &[0xFC, 15, 0],      // table.grow 0
            &[0xFC, 15, 1],      // table.grow 1
            &[0xFC, 16, 1],      // table.size 1
            &[0xFC, 17, 1],      // table.fill 1
            &[0xFC, 14, 1, 1],   // table.copy 1 1
            &[0xFC, 14, 0, 1],   // table.copy 0 1, mismatch
            &[0xFC, 12, 1, 1],   // table.init 1 from segment 1
            &[0xFC, 12, 0, 1],   // table.init 1 from segment 0, mismatch
            &[0xFC, 13, 1],      // elem.drop 1
            &[0xFC, 13, 2],      // elem.drop 2, unknown
            &[0x11, 1, 0],       // call_indirect 1 0
            &[0x11, 1, 1],       // call_indirect 1 1, not of functions
            &[0x13, 3, 0],       // return_call_indirect 3 0
            &[0x28, 2, 0],       // i32.load
            &[0x28, 3, 0],       // i32.load, over-aligned
            &[0x29, 0x42, 1, 0], // i64.load of memory 1
            &[0x37, 3, 0],       // i64.store
            &[0x36, 0x40, 1, 0], // i32.store of memory 1
            &[0x3F, 1],          // memory.size 1
            &[0x40, 1],          // memory.grow 1
            &[0x40, 0],          // memory.grow 0
            &[0xFC, 8, 0, 1],    // memory.init
            &[0xFC, 9, 0],       // data.drop
            &[0xFC, 10, 0, 1],   // memory.copy 0 1
            &[0xFC, 10, 1, 0],   // memory.copy 1 0
            &[0xFC, 11, 1],      // memory.fill 1
            &[0xFE, 0x10, 2, 0], // i32.atomic.load
            &[0xFE, 0x10, 1, 0], // i32.atomic.load, under-aligned
            &[0xFE, 0x49, 3, 0], // i64.atomic.rmw.cmpxchg
            &[0x23, 0],          // global.get 0
            &[0x24, 0],          // global.set 0
            &[0x24, 1],          // global.set 1, immutable
            &[0x24, 2],          // global.set 2
        ],
    };
    enumerate(&topic, 100_000);
}

/// One instruction that produces each number and vector type, and one that takes it.
const NUMBERS: [(&[u8], u8); 5] = [
    (&[0x41, 0], 0),
    (&[0x42, 0], 1),
    (&[0x43, 0, 0, 0, 0], 2),
    (&[0x44, 0, 0, 0, 0, 0, 0, 0, 0], 3),
    (
        &[0xFD, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        4,
    ),
];

/// Opcode and immediates.
fn instr(opcode: u32, immediates: &[u8]) -> Vec<u8> {
    let mut code = match opcode {
        0..=0xFF => vec![opcode as u8],
        _ => vec![
            (opcode >> 16) as u8,
            opcode as u8 | 0x80,
            (opcode as u16 >> 7) as u8,
        ],
    };
    code.extend_from_slice(immediates);
    code
}

/// Every row of every table, on every choice of operands, its result taken as every type.
#[test]
fn tables_of_instructions() {
    let mut rows = Vec::new();
    rows.extend(NumericOp::ALL.iter().map(|op| instr(op.opcode(), &[])));
    rows.extend(VectorOp::ALL.iter().map(|op| instr(op.opcode(), &[])));
    for lane in [0, 1, 2, 4, 8, 15, 16] {
        rows.extend(LaneOp::ALL.iter().map(|op| instr(op.opcode(), &[lane])));
        let memory = |op: &LaneMemoryOp| instr(op.opcode(), &[0, 0, lane]);
        rows.extend(LaneMemoryOp::ALL.iter().map(memory));
    }
    for align in 0..=5 {
        for memarg in [
            &[align, 0] as &[u8],
            &[align | 0x40, 1, 0],
            &[align | 0x40, 2, 0],
        ] {
            rows.extend(LoadOp::ALL.iter().map(|op| instr(op.opcode(), memarg)));
            rows.extend(StoreOp::ALL.iter().map(|op| instr(op.opcode(), memarg)));
            rows.extend(AtomicOp::ALL.iter().map(|op| instr(op.opcode(), memarg)));
            // Notify, wait32 and wait64.
            rows.extend((0..3).map(|sub| instr(0xFE_0000 | sub, memarg)));
        }
    }
    let mut judges = Judges::new(&Topic {
        func: 0,
        locals: &[
            ValType::I32,
            ValType::I64,
            ValType::F32,
            ValType::F64,
            ValType::V128,
        ],
        length: 0,
        alphabet: &[],
    });
    // Lists of up to four operands.
    let mut operands = vec![Vec::new()];
    let mut longest = operands.clone();
    for _ in 0..4 {
        let longer = |code: &Vec<u8>| NUMBERS.map(|(number, _)| [code, number].concat());
        longest = longest.iter().flat_map(longer).collect();
        operands.extend(longest.iter().cloned());
    }
    for row in &rows {
        for operand in &operands {
            let mut code = [operand.as_slice(), row].concat();
            if judges.judge(&code).is_none() {
                continue;
            }
            for (_, local) in NUMBERS {
                code.extend([0x21, local]);
                judges.judge(&code);
                code.truncate(code.len() - 2);
            }
        }
    }
    assert!(judges.judged > 100_000, "only {}", judges.judged);
}

/// Judges a whole module.
fn judge_module(bytes: &[u8], what: &str) {
    let ours = load(bytes, &Features::default());
    let features = of_wasmparser(&Features::default());
    let theirs = Validator::new_with_features(features).validate_all(bytes);
    assert_eq!(
        ours.is_ok(),
        theirs.is_ok(),
        "{what}: ours {:?}, theirs {:?}",
        ours.err().map(|error| error.to_string()),
        theirs.err()
    );
}

fn section(out: &mut Vec<u8>, id: u8, contents: &[u8]) {
    assert!(contents.len() < 1 << 14);
    out.push(id);
    out.extend([contents.len() as u8 | 0x80, (contents.len() >> 7) as u8]);
    out.extend_from_slice(contents);
}

#[test]
fn constant_expressions() {
    let exprs: &[&[u8]] = &[
        &[0x41, 0],       // i32.const
        &[0x42, 0],       // i64.const
        &[0x6A],          // i32.add
        &[0x7E],          // i64.mul
        &[0x6D],          // i32.div_s, not constant
        &[0x23, 0],       // global.get 0, imported
        &[0x23, 1],       // global.get 1, imported and mutable
        &[0x23, 2],       // global.get 2, before
        &[0x23, 3],       // global.get 3, itself
        &[0xD0, 0x70],    // ref.null func
        &[0xD0, 0x6E],    // ref.null any
        &[0xD2, 0],       // ref.func 0
        &[0xD2, 9],       // ref.func 9, unknown
        &[0xFB, 0, 1],    // struct.new 1
        &[0xFB, 1, 1],    // struct.new_default 1
        &[0xFB, 6, 2],    // array.new 2
        &[0xFB, 8, 2, 2], // array.new_fixed 2 2
        &[0xFB, 15],      // array.len, not constant
        &[0xFB, 28],      // ref.i31
        &[0xFB, 0x1B],    // extern.convert_any
        &[0x01],          // nop, not constant
        &[0x0B],          // end
    ];
    let types: &[&[u8]] = &[
        &[0x7F],
        &[0x7E],
        &[0x64, 0x6E],
        &[0x70],
        &[0x6F],
        &[0x64, 2],
    ];
    let mut judged = 0;
    for ty in types {
        for a in exprs {
            for b in exprs.iter().map(Some).chain([None]) {
                for c in exprs.iter().map(Some).chain([None]) {
                    if b.is_none() && c.is_some() {
                        continue;
                    }
                    let mut expr = a.to_vec();
                    expr.extend(b.into_iter().flat_map(|b| b.iter().copied()));
                    expr.extend(c.into_iter().flat_map(|c| c.iter().copied()));
                    expr.push(0x0B);
                    judge_module(&global_module(ty, &expr), &format!("{ty:02x?} {expr:02x?}"));
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 60_000);
}

/// A module whose fourth global has that type and initialiser.
fn global_module(ty: &[u8], expr: &[u8]) -> Vec<u8> {
    let mut out = b"\0asm\x01\0\0\0".to_vec();
    // A function, a struct of an i32 and an array of i64.
    section(
        &mut out,
        1,
        &[3, 0x60, 0, 0, 0x5F, 1, 0x7F, 0, 0x5E, 0x7E, 0],
    );
    section(&mut out, 2, &[2, 0, 0, 3, 0x7F, 0, 0, 0, 3, 0x7F, 1]);
    section(&mut out, 3, &[1, 0]);
    let mut globals = vec![2, 0x7F, 0, 0x41, 0, 0x0B];
    globals.extend_from_slice(ty);
    globals.push(0);
    globals.extend_from_slice(expr);
    section(&mut out, 6, &globals);
    section(&mut out, 10, &[1, 2, 0, 0x0B]);
    out
}

/// Three types in every grouping, with every declared supertype, over a few structures.
#[test]
fn subtypes() {
    let composites: &[&[u8]] = &[
        &[0x60, 0, 0],                   // func
        &[0x60, 1, 0x63, 0, 1, 0x63, 1], // func (param (ref null 0)) (result (ref null 1))
        &[0x5F, 0],                      // struct
        &[0x5F, 1, 0x63, 0, 0],          // struct of (ref null 0)
        &[0x5F, 1, 0x64, 1, 1],          // struct of mutable (ref 1)
        &[0x5F, 2, 0x64, 0, 0, 0x78, 0], // struct of (ref 0) and i8
        &[0x5E, 0x64, 0, 0],             // array of (ref 0)
        &[0x5E, 0x63, 0, 1],             // array of mutable (ref null 0)
    ];
    // How a type begins: final, open, or below another one.
    let heads: &[&[u8]] = &[
        &[],
        &[0x50, 0],
        &[0x50, 1, 0],
        &[0x50, 1, 1],
        &[0x4F, 1, 0],
        &[0x50, 2, 0, 0],
    ];
    let groupings: &[&[usize]] = &[&[1, 1, 1], &[2, 1], &[1, 2], &[3]];
    let types: Vec<Vec<u8>> = heads
        .iter()
        .flat_map(|head| composites.iter().map(move |body| [*head, *body].concat()))
        .collect();
    let mut judged = 0;
    for grouping in groupings {
        for a in &types[..24] {
            for b in &types {
                for c in &types {
                    let mut groups = vec![grouping.len() as u8];
                    let mut left = [a, b, c].into_iter();
                    for &size in *grouping {
                        if size > 1 {
                            groups.extend([0x4E, size as u8]);
                        }
                        left.by_ref().take(size).for_each(|ty| groups.extend(ty));
                    }
                    let mut out = b"\0asm\x01\0\0\0".to_vec();
                    section(&mut out, 1, &groups);
                    judge_module(&out, &format!("{groups:02x?}"));
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 200_000);
}
