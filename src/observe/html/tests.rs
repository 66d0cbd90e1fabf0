//! A reader of recorded traces of its own, which is compared with the machine at every step; and
//! the same for the viewer's reader, where there is a `node` to run it.

use super::code::{Functions, Role};
use super::recorder::{
    ELEMENTS, FRAMES, GLOBALS, GROWTH, MEMORY, NOTE, OBJECT, RULES, SIZES, STATE, WRITES,
};
use super::{Output, Recording, SourceText, Texts, record, trace};
use crate::api::{Caller, Config, Engine, Extern, Func, Linker, Module, Store, Translation, Val};
use crate::binary::InstrReader;
use crate::exec::Program;
use crate::observe::Machine;
use crate::syntax::{FuncIdx, ValType};
use std::fmt::Write;
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::{fs, io};

/// A machine for the export `f` of a module; `host.read` writes to memory and calls `g` if there
/// is one.
fn machine(text: &str) -> Machine<u32> {
    let mut config = Config::new();
    config
        .translation(Translation::Faithful)
        .wasm_gc(true)
        .wasm_exceptions(true)
        .wasm_memory64(true)
        .wasm_tail_call(true);
    let engine = Engine::new(&config).expect("the settings are fine");
    let module = Module::new(&engine, text).expect("valid");
    let mut store = Store::new(&engine, 0);
    let mut linker = Linker::new(&engine);
    let read = |mut caller: Caller<'_, u32>, at: i32| -> i32 {
        *caller.data_mut() += 1;
        let count = *caller.data();
        if let Some(Extern::Memory(memory)) = caller.get_export("memory") {
            let bytes = count.to_le_bytes();
            memory.write(&mut caller, at as usize, &bytes).expect("in");
        }
        if let Some(Extern::Func(g)) = caller.get_export("g") {
            g.call(&mut caller, &[], &mut []).expect("returns");
        }
        count as i32
    };
    linker.func_wrap("host", "read", read).expect("new");
    let (instance, start) = linker
        .instantiate_unstarted(&mut store, &module)
        .expect("instantiates");
    let f = instance.get_func(&mut store, "f").expect("exported");
    let h = instance.get_func(&mut store, "h");
    let calls: Vec<(Func, Vec<Val>)> = start
        .into_iter()
        .chain([f])
        .chain(h)
        .map(|func| (func, Vec::new()))
        .collect();
    Machine::new(store, calls).expect("faithful")
}

/// A value as text: the letter of its type and its cells.
fn shown(ty: ValType, [low, high]: [u64; 2]) -> String {
    let bits = match ty {
        ValType::I32 | ValType::F32 => u128::from(low as u32),
        ValType::V128 => u128::from(high) << 64 | u128::from(low),
        ValType::I64 | ValType::F64 | ValType::Ref(_) => u128::from(low),
    };
    format!("{}{bits}", super::bytes::letter(ty))
}

/// What a machine shows, in the words of the reader below.
fn seen<T>(machine: &mut Machine<T>) -> String {
    let mut text = format!("{}", machine.time());
    for frame in machine.frames().iter().rev() {
        let place = frame.place;
        let _ = write!(
            text,
            " [{} {} {}|",
            place.inst.0, place.func.0, place.offset
        );
        for local in &frame.locals {
            let _ = write!(text, " {}", shown(local.ty, local.cells));
        }
        text.push_str(" |");
        for operand in &frame.operands {
            let _ = write!(text, " {}", shown(operand.value.ty, operand.value.cells));
        }
        text.push(']');
    }
    let time = machine.time();
    let (state, _) = machine.state();
    text.push_str(" globals");
    for global in &state.globals {
        let _ = write!(text, " {}", shown(global.ty.val, global.cells));
    }
    for memory in &state.memories {
        text.push_str(&memory_text(time, &memory.bytes));
    }
    text
}

/// What is said of a memory: its size, and now and then a checksum, since computing that at each
/// step of a long run would take long.
fn memory_text(time: u64, bytes: &[u8]) -> String {
    let is_summed = time < 300 || time.is_multiple_of(64);
    let sum = if is_summed { sum(bytes) } else { 0 };
    format!(" memory {} {sum:x}", bytes.len())
}

/// A checksum that is easy to compute in any language (Adler-32 without its modulus' subtleties).
fn sum(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for &byte in bytes {
        a = (a + u32::from(byte)) % 65521;
        b = (b + a) % 65521;
    }
    b << 16 | a
}

/// A frame as it was read.
struct Frame {
    func: usize,
    step: usize,
    locals: Vec<[u64; 2]>,
    stack: Vec<(ValType, [u64; 2])>,
}

/// Reads a trace.
struct Reader<'f> {
    functions: &'f Functions,
    types: Vec<ValType>,
    instances: Vec<Vec<usize>>,
    bytes: Vec<u8>,
    at: usize,
    time: u64,
    frames: Vec<Frame>,
    globals: Vec<[u64; 2]>,
    memories: Vec<Vec<u8>>,
    address: u64,
}

impl Reader<'_> {
    fn byte(&mut self) -> u8 {
        self.at += 1;
        self.bytes[self.at - 1]
    }

    fn number(&mut self) -> u64 {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return number;
            }
        }
    }

    fn signed(&mut self) -> i64 {
        let folded = self.number();
        (folded >> 1) as i64 ^ -((folded & 1) as i64)
    }

    fn slice(&mut self, len: usize) -> Vec<u8> {
        self.at += len;
        self.bytes[self.at - len..self.at].to_vec()
    }

    fn word(&mut self, len: usize) -> u64 {
        let mut word = [0; 8];
        word[..len].copy_from_slice(&self.slice(len));
        u64::from_le_bytes(word)
    }

    fn value(&mut self, ty: ValType) -> [u64; 2] {
        match ty {
            ValType::I32 => [u64::from(self.signed() as u32), 0],
            ValType::I64 => [self.signed() as u64, 0],
            ValType::F32 => [self.word(4), 0],
            ValType::F64 => [self.word(8), 0],
            ValType::V128 => [self.word(8), self.word(8)],
            ValType::Ref(_) => [self.number(), 0],
        }
    }

    fn letter(&mut self) -> ValType {
        match self.byte() {
            b'i' => ValType::I32,
            b'I' => ValType::I64,
            b'f' => ValType::F32,
            b'F' => ValType::F64,
            b'v' => ValType::V128,
            b'r' => ValType::Ref(crate::syntax::RefType::FUNCREF),
            other => panic!("{other} is no letter of a type"),
        }
    }

    fn read_frames(&mut self) {
        self.frames.clear();
        for _ in 0..self.number() {
            let (func, step) = (self.number() as usize, self.number() as usize);
            let types = &self.functions.list[func].locals;
            let locals = types.iter().map(|&ty| self.value(ty)).collect();
            let count = self.number();
            let operand = |_| {
                let ty = self.letter();
                (ty, self.value(ty))
            };
            let stack = (0..count).map(operand).collect();
            self.frames.push(Frame {
                func,
                step,
                locals,
                stack,
            });
        }
    }

    fn read_globals(&mut self) {
        let count = self.number() as usize;
        self.globals = (0..count).map(|at| self.value(self.types[at])).collect();
    }

    fn read_write(&mut self) {
        let memory = self.number() as usize;
        self.address = self.address.wrapping_add(self.signed() as u64);
        let len = self.number() as usize;
        let bytes = self.slice(len);
        let at = self.address as usize;
        self.memories[memory][at..at + len].copy_from_slice(&bytes);
    }

    fn begin(&mut self, chunk: &[u8]) {
        (self.bytes, self.at, self.address) = (chunk.to_vec(), 0, 0);
        self.read_frames();
        self.read_globals();
    }

    fn enter(&mut self, args: Vec<(ValType, [u64; 2])>) {
        let func = self.number() as usize;
        let function = &self.functions.list[func];
        let mut locals = vec![[0; 2]; function.locals.len()];
        for (place, arg) in args.iter().take(function.params).enumerate() {
            locals[place] = arg.1;
        }
        self.frames.push(Frame {
            func,
            step: 0,
            locals,
            stack: Vec::new(),
        });
    }

    fn step(&mut self) {
        let first = self.byte();
        self.outcome(first & 15);
        self.time += 1;
        if first & WRITES != 0 {
            for _ in 0..self.number() {
                self.read_write();
            }
        }
        if first & GROWTH != 0 {
            let (memory, len) = (self.number() as usize, self.number() as usize);
            self.memories[memory].resize(len, 0);
        }
        if first & NOTE != 0 {
            let what = self.byte();
            for (bit, count) in [(ELEMENTS, 3), (OBJECT, 1), (RULES, 1)] {
                if what & bit != 0 {
                    (0..count).for_each(|_| {
                        self.number();
                    });
                }
            }
        }
        if first & STATE == 0 {
            return;
        }
        let what = self.byte();
        if what & FRAMES != 0 {
            self.read_frames();
        }
        if what & GLOBALS != 0 {
            self.read_globals();
        }
        if what & SIZES != 0 {
            for _ in 0..self.number() {
                let (memory, len) = (self.number() as usize, self.number() as usize);
                self.memories[memory].resize(len, 0);
            }
        }
        if what & MEMORY != 0 {
            for _ in 0..self.number() {
                self.read_write();
            }
        }
    }

    fn outcome(&mut self, outcome: u8) {
        let functions = self.functions;
        let frame = self.frames.last_mut().expect("there is a frame");
        let function = &functions.list[frame.func];
        let row = &function.rows[frame.step];
        let takes = match outcome {
            1 => row.branch.0,
            _ => row.pops,
        };
        let passed = {
            let from = frame.stack.len() - row.branch.0.min(frame.stack.len());
            frame.stack[from..][..row.branch.1.min(frame.stack.len() - from)].to_vec()
        };
        if matches!(outcome, 6 | 8 | 9) {
            return;
        }
        let pops = frame.stack.split_off(frame.stack.len() - takes);
        let last = pops.last().map_or([0; 2], |value| value.1);
        match outcome {
            0 => {
                frame.step += 1;
                let global = |at: u32| self.instances[function.inst.index()][at as usize];
                let derived = match row.role {
                    Role::Other => None,
                    Role::Local(local) => Some(frame.locals[local as usize]),
                    Role::SetLocal(local) => {
                        frame.locals[local as usize] = last;
                        None
                    }
                    Role::TeeLocal(local) => {
                        frame.locals[local as usize] = last;
                        Some(last)
                    }
                    Role::Global(at) => Some(self.globals[global(at)]),
                    Role::SetGlobal(at) => {
                        self.globals[global(at)] = last;
                        None
                    }
                };
                self.push(&row.pushes, derived);
            }
            1 => {
                let step = self.number() as usize;
                let frame = self.frames.last_mut().expect("there is a frame");
                frame.step = step;
                frame
                    .stack
                    .truncate(function.rows[step].height - passed.len());
                frame.stack.extend(passed);
            }
            2 => self.enter(pops),
            3 => {
                self.frames.pop();
                self.enter(pops);
            }
            4 => {
                self.frames.pop();
                if let Some(caller) = self.frames.last_mut() {
                    caller.step += 1;
                    caller.stack.extend(passed);
                }
            }
            5 => {
                frame.step += 1;
                self.push(&row.pushes, None);
            }
            7 => {} // The frames follow.
            other => panic!("{other} is no outcome"),
        }
    }

    fn push(&mut self, types: &[ValType], derived: Option<[u64; 2]>) {
        for &ty in types {
            let value = derived.unwrap_or_else(|| self.value(ty));
            let frame = self.frames.last_mut().expect("there is a frame");
            frame.stack.push((ty, value));
        }
    }

    fn seen(&self) -> String {
        let mut text = format!("{}", self.time);
        for frame in &self.frames {
            let function = &self.functions.list[frame.func];
            let (inst, func) = (function.inst.0, function.func.0);
            let offset = function.rows[frame.step].offset;
            let _ = write!(text, " [{inst} {func} {offset}|");
            for (&ty, &cells) in function.locals.iter().zip(&frame.locals) {
                let _ = write!(text, " {}", shown(ty, cells));
            }
            text.push_str(" |");
            for &(ty, cells) in &frame.stack {
                let _ = write!(text, " {}", shown(ty, cells));
            }
            text.push(']');
        }
        text.push_str(" globals");
        for (&ty, &cells) in self.types.iter().zip(&self.globals) {
            let _ = write!(text, " {}", shown(ty, cells));
        }
        for memory in &self.memories {
            text.push_str(&memory_text(self.time, memory));
        }
        text
    }
}

/// Raw deflate that compresses nothing.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut blocks = bytes.chunks(0xffff).peekable();
    if bytes.is_empty() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(block) = blocks.next() {
        let len = block.len() as u16;
        out.push(u8::from(blocks.peek().is_none()));
        out.extend(len.to_le_bytes());
        out.extend((!len).to_le_bytes());
        out.extend(block);
    }
    out
}

fn recorded(text: &str, compress: &dyn Fn(&[u8]) -> Vec<u8>) -> Recording {
    let outputs = Vec::<Output>::new;
    record(
        &mut machine(text),
        "test",
        0..u64::MAX,
        outputs,
        &Texts::NONE,
        compress,
    )
    .expect("recorded")
}

/// What a machine shows at each time.
fn all_states(text: &str) -> Vec<String> {
    let mut machine = machine(text);
    let mut all = vec![seen(&mut machine)];
    while !machine.is_at_end() {
        let time = machine.time();
        machine.step().expect("there is room");
        if machine.time() > time {
            all.push(seen(&mut machine));
        }
    }
    all
}

/// Reads the contents of memories at first.
fn contents(reader: &mut Reader<'_>) {
    for _ in 0..reader.number() {
        let mut memory = vec![0; reader.number() as usize];
        let mut at = 0;
        loop {
            at += reader.number() as usize;
            let len = reader.number() as usize;
            if len == 0 {
                break;
            }
            memory[at..at + len].copy_from_slice(&reader.slice(len));
            at += len;
        }
        reader.memories.push(memory);
    }
}

/// A trace holds what the machine shows at each step: as read here, and by the viewer.
fn check(text: &str) {
    let expected = all_states(text);
    let recording = recorded(text, &|bytes| bytes.to_vec());
    assert!(recording.is_whole);
    let mut instances = machine(text);
    let (state, list) = instances.state();
    let mut reader = Reader {
        functions: &recording.functions,
        types: state.globals.iter().map(|global| global.ty.val).collect(),
        instances: (0..list.list.count() as u32)
            .map(|inst| {
                let globals = &list.instance(crate::runtime::InstAddr(inst)).globals;
                globals.iter().map(|addr| addr.index()).collect()
            })
            .collect(),
        bytes: recording.memory.clone(),
        at: 0,
        time: 0,
        frames: Vec::new(),
        globals: Vec::new(),
        memories: Vec::new(),
        address: 0,
    };
    contents(&mut reader);
    for (number, chunk) in recording.chunks.iter().enumerate() {
        reader.begin(chunk);
        assert_eq!(reader.time, recording.times[number]);
        loop {
            assert_eq!(reader.seen(), expected[reader.time as usize]);
            if reader.at == reader.bytes.len() {
                break;
            }
            reader.step();
        }
    }
    assert_eq!(reader.time as usize + 1, expected.len());
    check_viewer(text, &expected);
}

/// The viewer reads the same from the page.
fn check_viewer(text: &str, expected: &[String]) {
    if Command::new("node").arg("--version").output().is_err() {
        let _ = writeln!(
            io::stdout(),
            "left out: the viewer's reader, which needs `node`"
        );
        return;
    }
    let page = trace(&recorded(text, &stored), &stored);
    let file = tempfile::NamedTempFile::new().expect("there is room");
    fs::write(file.path(), page).expect("there is room");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/viewer/tests/states.mjs");
    let output = Command::new("node").arg(script).arg(file.path()).output();
    let output = output.expect("node runs");
    let errors = String::from_utf8_lossy(&output.stderr).to_string();
    let lines = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), expected.len(), "{errors}");
    for (line, expected) in lines.iter().zip(expected) {
        assert_eq!(line, expected, "{errors}");
    }
}

#[test]
fn calls_branches_and_locals() {
    check(
        r#"(module
        (func $fac (param $n i64) (result i64)
            (if (result i64) (i64.eqz (local.get $n))
                (then (i64.const 1))
                (else (i64.mul (local.get $n) (call $fac (i64.sub (local.get $n) (i64.const 1)))))))
        (func (export "f") (result i64 f64 f32) (local $i i32) (local $v v128)
            (local.set $v (v128.const i32x4 1 2 3 -4))
            (block $out (result i32)
                (loop $again
                    (local.tee $i (i32.add (local.get $i) (i32.const 1)))
                    (br_if $out (i32.const 7) (i32.gt_s (local.get $i) (i32.const 5)))
                    (drop) (drop)
                    (br_table $again $again (local.get $i)))
                (unreachable))
            (local.set $i)
            (call $fac (i64.const 5)) (f64.const -0.5) (f32.const nan:0x200001)))"#,
    );
}

#[test]
fn a_host_that_writes_memory_and_globals() {
    check(
        r#"(module (import "host" "read" (func $read (param i32) (result i32)))
        (memory (export "memory") 1 9) (data (i32.const 100) "hello")
        (global $g (mut i64) (i64.const -3))
        (start $s) (func $s (global.set $g (i64.const 1)))
        (func (export "g") (global.set $g (i64.add (global.get $g) (i64.const 1)))
            (drop (memory.grow (i32.const 1))) (i32.store (i32.const 66000) (i32.const 5)))
        (func $last (result i32) (return_call $read (i32.const 300)))
        (func (export "f") (result i32)
            (drop (call $read (i32.const 100))) (drop (call $read (i32.const 104)))
            (drop (memory.grow (i32.const 1)))
            (memory.fill (i32.const 200) (i32.const 7) (i32.const 5000))
            (i64.store8 (i32.const 131072) (global.get $g))
            (drop (call $last)) (call $last))
        (func (export "h") (result i32) (i32.const 2)))"#,
    );
}

#[test]
fn exceptions_and_tail_calls() {
    check(
        r#"(module (tag $e (param i32))
        (func $down (param i32) (result i32)
            (if (i32.eqz (local.get 0)) (then (throw $e (i32.const 42))))
            (return_call $down (i32.sub (local.get 0) (i32.const 1))))
        (func (export "f") (result i32)
            (i32.const 5)
            (block $h (result i32)
                (try_table (catch $e $h) (drop (call $down (i32.const 3))))
                (i32.const 0))
            (i32.add)))"#,
    );
}

#[test]
fn references_and_tables() {
    check(
        r#"(module (type $list (struct (field (mut i32)) (field (ref null $list))))
        (table $t 3 funcref) (elem declare func $f)
        (func $f (param $x i32) (result i32) (local.get $x))
        (func (export "f") (result i32) (local $l (ref null $list))
            (local.set $l (struct.new $list (i32.const 7) (local.get $l)))
            (struct.set $list 0 (local.get $l) (i32.const 9))
            (table.set $t (i32.const 1) (ref.func $f))
            (block $null
                (br_on_null $null (local.get $l))
                (drop))
            (drop (call_indirect $t (param i32) (result i32) (i32.const 4) (i32.const 1)))
            (struct.get $list 0 (local.get $l))))"#,
    );
}

#[test]
fn a_trap_in_nested_calls() {
    check(
        r#"(module (func $g (param i32) (block (drop (i32.div_u (i32.const 1) (local.get 0)))))
        (func (export "f") (i32.const 3) (block (call $g (i32.const 0))) (drop)))"#,
    );
}

#[test]
fn many_chunks() {
    check(
        r#"(module (memory 2) (global $sum (mut i32) (i32.const 0))
        (func $deep (param i32)
            (if (local.get 0) (then (call $deep (i32.sub (local.get 0) (i32.const 1))))))
        (func (export "f") (local $i i32)
            (loop $l
                (i32.store (i32.mul (local.get $i) (i32.const 37)) (local.get $i))
                (global.set $sum (i32.add (global.get $sum) (local.get $i)))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br_if $l (i32.lt_u (local.get $i) (i32.const 1000))))
            (call $deep (i32.const 40))))"#,
    );
}

#[test]
fn what_guests_name_is_text() {
    let text = r#"(module (func $"</script><img src=x onerror=alert(1)>" (nop))
        (func (export "f") (call 0)))"#;
    let page = trace(&recorded(text, &|bytes| bytes.to_vec()), &|bytes| {
        bytes.to_vec()
    });
    let meta = recorded(text, &|bytes| bytes.to_vec()).meta;
    assert!(meta.contains("\\u003c/script\\u003e"), "{meta}");
    assert!(!page.contains("onerror"));
}

#[test]
fn functions_are_found_in_the_text_of_their_module() {
    let text = "(module (func (export \"f\")\n\t(drop (i32.const 1))))";
    let find = |program: &Arc<Program>, _: FuncIdx| {
        let module = program.module();
        let features = program.context().features;
        let mut reader = InstrReader::for_body(module, &module.code[0], &features);
        let spot = |word: &str| {
            (
                reader.read().expect("valid").0,
                text.find(word).expect("in"),
            )
        };
        Some((0, ["i32.const", "drop"].map(spot).to_vec()))
    };
    let texts = Texts {
        list: &[SourceText::new(text)],
        find: &find,
    };
    let recording = record(
        &mut machine(text),
        "test",
        0..u64::MAX,
        Vec::new,
        &texts,
        &|bytes| bytes.to_vec(),
    );
    let meta = recording.expect("recorded").meta;
    let lines = r#""texts":[["(module (func (export \"f\")","    (drop (i32.const 1))))"]]"#;
    let spots = r#""text":0,"spots":[[1,11,9],[1,5,4],0]"#;
    assert!(meta.contains(lines) && meta.contains(spots), "{meta}");
}
