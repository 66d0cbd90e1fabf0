//! What loads, stores, lane accesses and atomic accesses mean, and an example of each. Texts and
//! examples are made from the tables: the type, the bytes in memory, what becomes of them.

use super::numeric::{Parts, Sign};
use limpid::internals::syntax::{AtomicOp, AtomicShape, LaneMemoryOp, LoadOp, StoreOp, ValType};

/// Bytes at address 8 of the memory of an example.
const BYTES: &str = r"\fe\ff\03\04\05\06\07\08\09\0a\0b\0c\0d\0e\0f\10";

/// When an access traps.
pub const OUT_OF_BOUNDS: (&str, &str) = (
    "memory-out-of-bounds",
    "When the address plus the offset, or a byte of the access after it, is not in the memory.",
);

/// When an atomic access traps beside that.
pub const UNALIGNED: (&str, &str) = (
    "unaligned-atomic",
    "When the address plus the offset is not a multiple of the size of the access.",
);

fn bytes(count: u32) -> String {
    match count {
        1 => "one byte".to_owned(),
        count => format!("{count} bytes"),
    }
}

/// What a load means.
pub fn load_meaning(op: LoadOp) -> String {
    let parts = Parts::of(op.mnemonic());
    let read = format!("Reads {} of memory at an address", bytes(op.bytes()));
    let sign = parts.sign.map_or("", Sign::word);
    let (width, what) = (op.bytes() * 8, &parts.name[4..]);
    if let Some((lane, _)) = what.split_once('x') {
        return format!(
            "{read}, as lanes of {lane} bits, and gives them as lanes of twice the width. The \
             lanes are read as {sign}."
        );
    }
    if what.ends_with("_splat") {
        return format!("{read} and gives a vector whose {width}-bit lanes all have that value.");
    }
    if op.mnemonic().ends_with("_zero") {
        return format!(
            "{read} and gives a vector whose lowest {width} bits have that value, and whose other \
             bits are zero."
        );
    }
    let ty = op.ty();
    match parts.sign {
        Some(Sign::Signed) => format!(
            "{read} and gives the {width}-bit number there, read as signed, as an {ty}: its \
             highest bit fills all bits above."
        ),
        Some(Sign::Unsigned) => format!(
            "{read} and gives the {width}-bit number there, read as unsigned, as an {ty}: the bits \
             above are zero."
        ),
        None if ty == ValType::V128 => format!("{read} and gives them as a vector."),
        None => format!("{read} and gives them as an {ty}. The lowest byte is first."),
    }
}

/// What a store means.
pub fn store_meaning(op: StoreOp) -> String {
    let (count, ty) = (bytes(op.bytes()), op.ty());
    if ty == ValType::V128 {
        return format!("Writes a vector to memory at an address: {count}, lane 0 first.");
    }
    match ty_bytes(ty) == op.bytes() {
        true => format!("Writes an {ty} to memory at an address: {count}, the lowest byte first."),
        false => format!(
            "Writes the lowest {} bits of an {ty} to memory at an address: {count}, the lowest \
             byte first.",
            op.bytes() * 8
        ),
    }
}

fn ty_bytes(ty: ValType) -> u32 {
    match ty {
        ValType::I32 | ValType::F32 => 4,
        ValType::V128 => 16,
        _ => 8, // `i64` and `f64`; references are not in memory.
    }
}

/// What the load or store of a lane means.
pub fn lane_meaning(op: LaneMemoryOp) -> String {
    let (count, width, last) = (bytes(op.bytes()), op.bytes() * 8, op.lanes() - 1);
    match op.is_store() {
        true => format!(
            "Writes one {width}-bit lane of a vector to memory at an address: {count}. The second \
             immediate says which lane, 0 to {last}."
        ),
        false => format!(
            "Reads {count} of memory at an address and gives the vector with one {width}-bit lane \
             replaced by that value. The second immediate says which lane, 0 to {last}."
        ),
    }
}

/// What an atomic access means.
pub fn atomic_meaning(op: AtomicOp) -> String {
    let (count, ty) = (bytes(op.bytes()), op.ty());
    let zeros = match ty_bytes(ty) == op.bytes() {
        true => "",
        false => ", with zeros above",
    };
    let whole = "No other thread sees or makes a change in between.";
    match op.shape() {
        AtomicShape::Load => format!(
            "Reads {count} of memory at an address in one step, and gives them as an {ty}{zeros}. \
             No half-written value of another thread is ever read."
        ),
        AtomicShape::Store => format!(
            "Writes the lowest {count} of an {ty} to memory at an address in one step. No other \
             thread ever reads a part of them only."
        ),
        AtomicShape::Rmw => {
            let done = match rmw(op) {
                "add" => "adds the operand to it",
                "sub" => "subtracts the operand from it",
                "and" => "combines it with the operand by `and`",
                "or" => "combines it with the operand by `or`",
                "xor" => "combines it with the operand by `xor`",
                _ => "puts the operand in its place", // `xchg`
            };
            format!(
                "Reads a number of {count} at an address, {done}, and gives the number that was \
                 there before{zeros}. {whole}"
            )
        }
        AtomicShape::Cmpxchg => format!(
            "Reads a number of {count} at an address, and if it is the expected one, the second \
             operand, puts the third operand in its place. It gives the number that was there \
             before{zeros}. {whole}"
        ),
    }
}

/// The operation of a read-modify-write: `i64.atomic.rmw8.add_u` is `add`.
fn rmw(op: AtomicOp) -> &'static str {
    let last = op.mnemonic().rsplit('.').next().unwrap_or_default();
    last.strip_suffix("_u").unwrap_or(last)
}

/// The typing of a load, a store, an access to a lane or an atomic access.
pub fn typing(operands: &[ValType], results: &[ValType]) -> String {
    let list = |types: &[ValType]| {
        let types: Vec<String> = types.iter().map(ValType::to_string).collect();
        types.join(" ")
    };
    let space = if operands.is_empty() { "" } else { " " };
    format!(
        "[at{space}{}] -> [{}], where at is i32, or i64 for a 64-bit memory",
        list(operands),
        list(results)
    )
}

/// The operands of an atomic access after the address, and its results.
pub fn atomic_types(op: AtomicOp) -> (Vec<ValType>, Vec<ValType>) {
    let ty = op.ty();
    match op.shape() {
        AtomicShape::Load => (vec![], vec![ty]),
        AtomicShape::Store => (vec![ty], vec![]),
        AtomicShape::Rmw => (vec![ty], vec![ty]),
        AtomicShape::Cmpxchg => (vec![ty, ty], vec![ty]),
    }
}

/// A module whose memory has bytes, and whose function has these results and lines.
fn module(memory: &str, results: &str, lines: &[String]) -> String {
    format!(
        "(module\n  (memory {memory})\n  (data (i32.const 8) \"{BYTES}\")\n  (func (export \
         \"example\") (result {results})\n    {}))",
        lines.join("\n    ")
    )
}

/// An example of a load.
pub fn load_example(op: LoadOp) -> String {
    let lines = ["i32.const 8".to_owned(), op.mnemonic().to_owned()];
    module("1", &op.ty().to_string(), &lines)
}

/// An example of a store, and what is in memory then.
pub fn store_example(op: StoreOp) -> String {
    let value = match op.ty() {
        ValType::V128 => "v128.const i32x4 1 2 3 4".to_owned(),
        ty @ (ValType::F32 | ValType::F64) => format!("{ty}.const 1.5"),
        ty => format!("{ty}.const 0x0a0b0c0d"), // Integers; references are not in memory.
    };
    let ty = op.ty();
    let lines = [
        "i32.const 8".to_owned(),
        value,
        op.mnemonic().to_owned(),
        format!("({ty}.load (i32.const 8))"),
    ];
    module("1", &ty.to_string(), &lines)
}

/// An example of an access to a lane.
pub fn lane_example(op: LaneMemoryOp) -> String {
    let mut lines = vec![
        "i32.const 8".to_owned(),
        "v128.const i32x4 1 2 3 4".to_owned(),
        format!("{} 0", op.mnemonic()),
    ];
    if op.is_store() {
        lines.push("(v128.load (i32.const 8))".to_owned());
    }
    module("1", "v128", &lines)
}

/// An example of an atomic access: its result if it has one, then what is in memory.
pub fn atomic_example(op: AtomicOp) -> String {
    let ty = op.ty();
    let mut lines = vec!["i32.const 8".to_owned()];
    match op.shape() {
        AtomicShape::Load => {}
        AtomicShape::Store | AtomicShape::Rmw => lines.push(format!("{ty}.const 5")),
        AtomicShape::Cmpxchg => {
            let expected = match op.bytes() {
                1 => "0xfe",
                2 => "0xfffe",
                4 => "0x0403fffe",
                _ => "0x080706050403fffe", // Eight bytes.
            };
            lines.push(format!("{ty}.const {expected}   ;; what is there"));
            lines.push(format!("{ty}.const 5"));
        }
    }
    lines.push(op.mnemonic().to_owned());
    let results = match op.shape() {
        AtomicShape::Load => ty.to_string(),
        AtomicShape::Store => {
            lines.push(format!("({ty}.load (i32.const 8))"));
            ty.to_string()
        }
        AtomicShape::Rmw | AtomicShape::Cmpxchg => {
            lines.push(format!("({ty}.load (i32.const 8))   ;; after it"));
            format!("{ty} {ty}")
        }
    };
    // A comment in the last line would hide the brackets that close the module.
    if let Some(last) = lines.last_mut().filter(|last| last.contains(";;")) {
        last.push_str("\n   ");
    }
    module("1 1 shared", &results, &lines)
}
