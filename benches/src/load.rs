//! Decoding and validation of a large module, beside wasmparser.

use crate::measure::{Pair, pair};
use std::process::Command;
use wasm_encoder::{
    BlockType, CodeSection, Function, FunctionSection, InstructionSink, MemArg, MemArgTarget,
    MemorySection, MemoryType, Module, TypeSection, ValType,
};

/// Bytes that the module has at least.
const BYTES: usize = 20_000_000;

/// A module of many functions that differ, with the mix of instructions that compilers make:
/// locals and constants, arithmetic, loads and stores, blocks, branches and calls.
pub fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types
        .ty()
        .function([ValType::I32, ValType::I32], [ValType::I32]);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut code = CodeSection::new();
    let mut random = Random(1);
    let mut count = 0;
    while code.byte_len() < BYTES {
        code.function(&function(&mut random, count));
        count += 1;
    }
    let mut functions = FunctionSection::new();
    (0..count).for_each(|_| {
        functions.function(0);
    });
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&memories)
        .section(&code);
    module.finish()
}

/// A generator of numbers, the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695);
        ((self.0 >> 33) as u32) % n
    }
}

/// A function whose body keeps the operand stack empty between statements.
fn function(random: &mut Random, count: u32) -> Function {
    let mut function = Function::new([(6, ValType::I32), (2, ValType::I64)]);
    let mut body = function.instructions();
    for _ in 0..20 + random.below(120) {
        statement(&mut body, random, count);
    }
    body.local_get(2).end();
    function
}

fn statement(body: &mut InstructionSink<'_>, random: &mut Random, count: u32) {
    let (from, to) = (random.below(8), 2 + random.below(6));
    let memarg = MemArg {
        offset: u64::from(random.below(4096)),
        align: 2,
        target: MemArgTarget::Memory(0),
        ordering: None,
    };
    match random.below(8) {
        0 => {
            body.local_get(from)
                .i32_load(memarg)
                .local_get(to)
                .i32_add()
                .local_set(to);
        }
        1 => {
            body.local_get(from).local_get(to).i32_store(memarg);
        }
        2 => {
            body.block(BlockType::Empty)
                .local_get(from)
                .i32_eqz()
                .br_if(0);
            body.local_get(to)
                .i32_const(random.below(1 << 20) as i32)
                .i32_xor()
                .local_set(to);
            body.end();
        }
        3 => {
            body.local_get(from)
                .i32_const(3)
                .i32_lt_s()
                .if_(BlockType::Result(ValType::I32));
            body.local_get(to).else_().i32_const(7).end().local_set(to);
        }
        4 => {
            body.local_get(from)
                .local_get(to)
                .call(random.below(count + 1))
                .local_set(to);
        }
        5 => {
            body.local_get(8)
                .local_get(from)
                .i64_extend_i32_u()
                .i64_mul()
                .local_set(8);
        }
        6 => {
            body.local_get(from)
                .i32_const(2)
                .i32_shl()
                .local_tee(to)
                .drop();
        }
        _ => {
            body.i32_const(random.below(1 << 30) as i32)
                .local_get(from)
                .i32_and();
            body.i32_const(5).i32_or().local_set(to);
        }
    }
}

/// Loads the module in turns with wasmparser, on as many threads as the process may use.
pub fn measure(rounds: usize, wasm: &[u8]) -> Pair {
    let features = limpid::Features::default();
    let ours = || {
        let loaded = limpid::internals::translate::load(wasm, &features);
        assert!(loaded.is_ok(), "the module is valid");
    };
    // Validates with one set of allocations for all functions, on one thread.
    let theirs = || {
        let validated = wasmparser::Validator::new().validate_all(wasm);
        assert!(validated.is_ok(), "the module is valid");
    };
    pair(rounds, ours, theirs)
}

/// The same in a process that may use one processor only, so that both sides are sequential.
pub fn measure_sequential(rounds: usize) -> Result<Pair, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("taskset")
        .args(["-c", "0"])
        .arg(own)
        .args(["load-on-one-processor", &rounds.to_string()])
        .output()
        .map_err(|error| format!("taskset: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let times: Vec<f64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    match times[..] {
        [median, min, their_median, their_min] => Ok(Pair {
            ours: crate::measure::Times { median, min },
            theirs: crate::measure::Times {
                median: their_median,
                min: their_min,
            },
        }),
        _ => Err(format!(
            "no times: {}",
            String::from_utf8_lossy(&output.stderr)
        )),
    }
}
