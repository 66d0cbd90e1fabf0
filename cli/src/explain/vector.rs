//! What vector instructions mean, in a sentence or two, and operands for an example of each. The
//! texts are by operation; the shape and the signedness come from the mnemonic.

use super::numeric::{Parts, Sign};
use limpid::V128;
use limpid::internals::syntax::{F32Text, F64Text, LaneOp, ValType, VectorOp};

/// What the instruction means.
pub fn meaning(op: VectorOp) -> String {
    with_shape(op.mnemonic())
}

/// What the extraction or replacement of a lane means.
pub fn lane_meaning(op: LaneOp) -> String {
    with_shape(op.mnemonic())
}

fn with_shape(mnemonic: &'static str) -> String {
    let parts = Parts::of(mnemonic);
    let Some(shape) = Shape::of(parts.ty) else {
        return bitwise(parts.name).to_owned();
    };
    let text = match parts.name.strip_prefix("relaxed_") {
        Some(name) => relaxed(name),
        None => lanes(name(&parts), shape.is_float),
    };
    let text = parts.fill(text, &shape.bits().to_string());
    let of = match shape.is_float {
        true => "floating-point numbers",
        false => "integers",
    };
    let count = match shape.lanes {
        2 => "two",
        4 => "four",
        8 => "eight",
        _ => "sixteen", // Bytes.
    };
    let shown = format!("{count} {}-bit {of}", shape.bits());
    let half = (shape.bits() / 2).to_string();
    text.replace("{shape}", &shown)
        .replace("{half}", &half)
        .replace("{lanes}", count)
        .replace("{last}", &(shape.lanes - 1).to_string())
}

/// The operation without what the shape says already: `narrow_i16x8` is `narrow`.
fn name(parts: &Parts) -> &'static str {
    let source = ["_i8x16", "_i16x8", "_i32x4", "_f32x4", "_f64x2"];
    let cut = source.iter().find_map(|source| {
        let at = parts.name.find(source)?;
        Some(&parts.name[..at])
    });
    cut.unwrap_or(parts.name)
}

/// The lanes of a vector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    lanes: u32,
    is_float: bool,
}

impl Shape {
    /// The shape of that name, such as `i32x4`.
    pub fn of(name: &str) -> Option<Shape> {
        let lanes = name.split_once('x')?.1.parse().ok()?;
        let is_float = name.starts_with('f');
        Some(Shape { lanes, is_float })
    }

    fn bits(self) -> u32 {
        128 / self.lanes
    }

    /// The lanes of a vector as the text format has them, lane 0 first.
    pub fn text(self, vector: V128, sign: Option<Sign>) -> String {
        let (bits, all) = (self.bits(), vector.as_u128());
        let lane = |place: u32| {
            let own = (all >> (place * bits)) as u64;
            let spare = 64 - bits;
            match (self.is_float, bits) {
                (true, 32) => F32Text(own as u32).to_string(),
                (true, _) => F64Text(own).to_string(),
                (false, _) if sign == Some(Sign::Unsigned) => (own << spare >> spare).to_string(),
                (false, _) => ((own << spare) as i64 >> spare).to_string(),
            }
        };
        let kind = if self.is_float { 'f' } else { 'i' };
        let lanes: Vec<String> = (0..self.lanes).map(lane).collect();
        format!("{kind}{bits}x{} {}", self.lanes, lanes.join(" "))
    }
}

/// Operations on all 128 bits.
fn bitwise(name: &str) -> &'static str {
    match name {
        "not" => "Flips all 128 bits of a vector.",
        "and" => "Combines two vectors bit by bit: a bit is set if it is set in both.",
        "andnot" => {
            "Combines two vectors bit by bit: a bit is set if it is set in the first and not in \
             the second."
        }
        "or" => "Combines two vectors bit by bit: a bit is set if it is set in at least one.",
        "xor" => "Combines two vectors bit by bit: a bit is set if it is set in exactly one.",
        "bitselect" => {
            "Chooses bit by bit between two vectors: where a bit of the third is set, that of the \
             first is taken, else that of the second."
        }
        "any_true" => "Tests a vector: the result is 1 if at least one of its 128 bits is set.",
        _ => "", // A test sees to it that no operation arrives here.
    }
}

fn lanes(name: &str, is_float: bool) -> &'static str {
    match name {
        "swizzle" => {
            "Makes a vector of bytes of the first operand: each byte of the second is the number \
             of the byte that is taken, and from 16 on it gives 0."
        }
        "splat" => "Makes a vector of {shape} whose lanes all have the value of the operand.",
        "extract_lane" => {
            "Takes one lane out of a vector of {shape}; the immediate says which, 0 to {last}. An \
             integer that is narrower than its type is read as the mnemonic says, signed or \
             unsigned."
        }
        "replace_lane" => {
            "Gives a vector of {shape} in which one lane has the value of the second operand; the \
             immediate says which, 0 to {last}."
        }
        "eq" | "ne" | "lt" | "gt" | "le" | "ge" => comparison(name, is_float),
        "all_true" => "Tests a vector of {shape}: the result is 1 if no lane is zero, else 0.",
        "bitmask" => {
            "Collects the highest bit of each lane of {shape}: bit 0 of the result is that of lane \
             0."
        }
        "shl" => {
            "Shifts each lane of {shape} to the left by the second operand, and fills with zeros. \
             The count is taken modulo {n}."
        }
        "shr" => {
            "Shifts each lane of {shape}, read as {sign}, to the right by the second operand, and \
             fills with {fill}. The count is taken modulo {n}."
        }
        "popcnt" => "Counts the bits that are set in each lane of {shape}.",
        "min" | "max" | "pmin" | "pmax" => extremes(name, is_float),
        _ if is_float => float_lanes(name),
        _ => integer_lanes(name),
    }
}

fn comparison(name: &str, is_float: bool) -> &'static str {
    match (name, is_float) {
        ("eq", _) => {
            "Compares two vectors of {shape} lane by lane. A lane of the result has all bits set \
             if the lanes are equal, else none."
        }
        ("ne", _) => {
            "Compares two vectors of {shape} lane by lane. A lane of the result has all bits set \
             if the lanes differ, else none."
        }
        ("lt", true) => {
            "Compares two vectors of {shape} lane by lane. A lane of the result has all bits set \
             if that of the first is less, else none. With a NaN it has none."
        }
        ("gt", true) => {
            "Compares two vectors of {shape} lane by lane. A lane of the result has all bits set \
             if that of the first is greater, else none. With a NaN it has none."
        }
        ("le", true) => {
            "Compares two vectors of {shape} lane by lane. A lane of the result has all bits set \
             if that of the first is less or equal, else none. With a NaN it has none."
        }
        (_, true) => {
            "Compares two vectors of {shape} lane by lane. A lane of the result has all bits set \
             if that of the first is greater or equal, else none. With a NaN it has none."
        }
        ("lt", false) => {
            "Compares two vectors of {shape}, read as {sign}, lane by lane. A lane of the result \
             has all bits set if that of the first is less, else none."
        }
        ("gt", false) => {
            "Compares two vectors of {shape}, read as {sign}, lane by lane. A lane of the result \
             has all bits set if that of the first is greater, else none."
        }
        ("le", false) => {
            "Compares two vectors of {shape}, read as {sign}, lane by lane. A lane of the result \
             has all bits set if that of the first is less or equal, else none."
        }
        (_, false) => {
            "Compares two vectors of {shape}, read as {sign}, lane by lane. A lane of the result \
             has all bits set if that of the first is greater or equal, else none."
        }
    }
}

fn extremes(name: &str, is_float: bool) -> &'static str {
    match (name, is_float) {
        ("min", false) => {
            "Gives the smaller one of each two lanes of {shape}, which are read as {sign}."
        }
        ("max", false) => {
            "Gives the larger one of each two lanes of {shape}, which are read as {sign}."
        }
        ("min", true) => {
            "Gives the smaller one of each two lanes of {shape}. Negative zero is smaller than \
             zero, and if one of the two is a NaN, so is the result."
        }
        ("max", true) => {
            "Gives the larger one of each two lanes of {shape}. Zero is larger than negative zero, \
             and if one of the two is a NaN, so is the result."
        }
        ("pmin", _) => {
            "Gives, for each two lanes of {shape}, the second if it is less than the first, else \
             the first: what `b < a ? b : a` means in C, also for NaNs and zeros."
        }
        _ => {
            "Gives, for each two lanes of {shape}, the second if the first is less than it, else \
             the first: what `a < b ? b : a` means in C, also for NaNs and zeros."
        }
    }
}

fn integer_lanes(name: &str) -> &'static str {
    match name {
        "abs" => {
            "Gives the absolute value of each lane of {shape}. That of the smallest number does \
             not fit and stays as it is."
        }
        "neg" => "Negates each lane of {shape}. The results wrap around.",
        "add" => "Adds two vectors of {shape} lane by lane. The sums wrap around.",
        "sub" => {
            "Subtracts the second vector of {shape} from the first, lane by lane. The differences \
             wrap around."
        }
        "mul" => "Multiplies two vectors of {shape} lane by lane. The products wrap around.",
        "add_sat" => {
            "Adds two vectors of {shape}, read as {sign}, lane by lane. A sum that does not fit \
             becomes the nearest number that does."
        }
        "sub_sat" => {
            "Subtracts the second vector of {shape} from the first, both read as {sign}, lane by \
             lane. A difference that does not fit becomes the nearest number that does."
        }
        "avgr" => "Gives the average of each two lanes of {shape}, read as unsigned, rounded up.",
        "q15mulr_sat" => {
            "Multiplies two vectors of {shape} as fractions with 15 bits behind the point, lane by \
             lane, with rounding. The one product that does not fit, -1 by -1, becomes the largest \
             number."
        }
        _ => widening(name),
    }
}

/// Integer lanes that become wider or narrower, or come from floating-point lanes.
fn widening(name: &str) -> &'static str {
    match name {
        "narrow" => {
            "Makes the lanes of two vectors half as wide: the first operand gives the lower half \
             of the {shape}, the second the upper half. Lanes are read as signed, and what does \
             not fit {a sign} lane becomes the nearest number that does."
        }
        "extend_low" => {
            "Makes {shape} of the lower half of a vector's {half}-bit lanes, which are read as \
             {sign}."
        }
        "extend_high" => {
            "Makes {shape} of the upper half of a vector's {half}-bit lanes, which are read as \
             {sign}."
        }
        "extadd_pairwise" => {
            "Adds each two neighbouring {half}-bit lanes, read as {sign}, and gives the sums as \
             {shape}: none can be too large."
        }
        "extmul_low" => {
            "Multiplies the lower halves of two vectors of {half}-bit lanes, read as {sign}, and \
             gives the whole products as {shape}."
        }
        "extmul_high" => {
            "Multiplies the upper halves of two vectors of {half}-bit lanes, read as {sign}, and \
             gives the whole products as {shape}."
        }
        "dot" => {
            "Multiplies two vectors of {half}-bit lanes, read as {sign}, and adds each two \
             neighbouring products: a part of a dot product, as {shape}."
        }
        "trunc_sat" => {
            "Converts floating-point lanes to {sign} {n}-bit integers by dropping their fractions. \
             What is too large or too small becomes the nearest integer, and a NaN becomes 0. Of \
             two 64-bit lanes the upper two results are 0."
        }
        _ => "", // A test sees to it that no operation arrives here.
    }
}

fn float_lanes(name: &str) -> &'static str {
    match name {
        "abs" => "Gives the absolute value of each lane of {shape}: the sign bits are cleared.",
        "neg" => "Negates each lane of {shape}: the sign bits are flipped.",
        "sqrt" => "Gives the square root of each lane of {shape}. Of a negative one it is a NaN.",
        "ceil" => "Rounds each lane of {shape} up to the next integer.",
        "floor" => "Rounds each lane of {shape} down to the next integer.",
        "trunc" => "Rounds each lane of {shape} towards zero to an integer.",
        "nearest" => {
            "Rounds each lane of {shape} to the nearest integer; of two that are equally near it \
             takes the even one."
        }
        "add" => "Adds two vectors of {shape} lane by lane, and rounds each sum.",
        "sub" => {
            "Subtracts the second vector of {shape} from the first, lane by lane, and rounds each \
             difference."
        }
        "mul" => "Multiplies two vectors of {shape} lane by lane, and rounds each product.",
        "div" => {
            "Divides the first vector of {shape} by the second, lane by lane, and rounds each \
             quotient. Division by zero gives an infinity, and 0/0 a NaN."
        }
        "convert" => "Converts {lanes} integer lanes, read as {sign}, to {shape}.",
        "convert_low" => {
            "Converts the lower two 32-bit integer lanes, read as {sign}, to {shape}. The values \
             stay the same."
        }
        "demote" => {
            "Rounds two 64-bit floating-point lanes to 32-bit ones, the lower two of {shape}; the \
             upper two are 0."
        }
        "promote_low" => {
            "Makes {shape} of the lower two 32-bit floating-point lanes. The values stay the same."
        }
        _ => "", // A test sees to it that no operation arrives here.
    }
}

/// Relaxed operations, of whose allowed results Limpid always gives the same one.
fn relaxed(name: &str) -> &'static str {
    match name {
        "swizzle" => {
            "Works as `i8x16.swizzle`, but what a number from 16 on gives depends on the machine. \
             In Limpid it always gives 0."
        }
        "trunc_f32x4" | "trunc_f64x2" | "trunc_f64x2_s" | "trunc_f64x2_u" => {
            "Works as the `trunc_sat` instruction with the same lanes, but what a NaN and a number \
             out of range give depends on the machine. Limpid always gives what `trunc_sat` gives."
        }
        "madd" => {
            "Multiplies the first two vectors of {shape} and adds the third, lane by lane. Whether \
             the product is rounded first depends on the machine; in Limpid it is always the same."
        }
        "nmadd" => {
            "Multiplies the first two vectors of {shape} and subtracts the product from the third, \
             lane by lane. Whether the product is rounded first depends on the machine; in Limpid \
             it is always the same."
        }
        "laneselect" => {
            "Chooses between two vectors lane by lane of {shape}: where the mask, the third \
             operand, has all bits of a lane set, the first is taken, where it has none the \
             second. Other masks depend on the machine; Limpid always chooses bit by bit."
        }
        "min" | "max" => {
            "Works as the `min` or `max` instruction of {shape}, but what NaNs and zeros of both \
             signs give depends on the machine. Limpid always gives the same as those."
        }
        "q15mulr" => {
            "Works as `i16x8.q15mulr_sat_s`, but what -1 by -1 gives depends on the machine. \
             Limpid always gives the largest number."
        }
        "dot_i8x16_i7x16" => {
            "Multiplies two vectors of 8-bit lanes and adds each two neighbouring products, as \
             {shape}. The second operand should have numbers of 7 bits: how its highest bit is \
             read depends on the machine, and Limpid always reads it as a sign."
        }
        "dot_i8x16_i7x16_add" => {
            "Multiplies two vectors of 8-bit lanes, adds each four neighbouring products and a \
             lane of the third operand, as {shape}. The second operand should have numbers of 7 \
             bits: how its highest bit is read depends on the machine, and Limpid always reads it \
             as a sign."
        }
        _ => "", // A test sees to it that no operation arrives here.
    }
}

/// Constants for the operands of an example.
pub fn operands(op: VectorOp) -> Vec<String> {
    let parts = Parts::of(op.mnemonic());
    let types = op.signature().0;
    let ty = source(&parts);
    let of = |(place, operand): (usize, &ValType)| match operand {
        ValType::V128 => format!("v128.const {}", vector(ty, &parts, place)),
        ValType::F32 | ValType::F64 => format!("{operand}.const 1.5"),
        _ if parts.name == "splat" => format!("{operand}.const 7"),
        _ => format!("{operand}.const 2"), // A shift.
    };
    types.iter().enumerate().map(of).collect()
}

/// The operand of a lane instruction's example.
pub fn lane_operands(op: LaneOp) -> Vec<String> {
    let parts = Parts::of(op.mnemonic());
    let of = |(place, operand): (usize, &ValType)| match operand {
        ValType::V128 => format!("v128.const {}", vector(parts.ty, &parts, place)),
        _ => format!("{operand}.const 7"), // The new value.
    };
    op.signature().0.iter().enumerate().map(of).collect()
}

/// The shape of the operands: that of the source where the operation changes it.
fn source(parts: &Parts) -> &'static str {
    let shapes = ["i8x16", "i16x8", "i32x4", "f32x4", "f64x2"];
    let found = shapes.into_iter().find(|shape| parts.name.contains(shape));
    match parts.ty {
        "v128" => "i32x4",
        own => found.unwrap_or(own),
    }
}

fn vector(shape: &str, parts: &Parts, place: usize) -> String {
    let lanes = Shape::of(shape).map_or(0, |shape| shape.lanes as usize);
    let most = match shape {
        "i8x16" => "127",
        "i16x8" => "32767",
        "i32x4" => "2147483647",
        _ => "9223372036854775807", // `i64x2`
    };
    let is_q15 = parts.name.contains("q15");
    let is_mask = parts.name.contains("select") && place == 2;
    let pattern: &[&str] = match (shape.starts_with('f'), place) {
        (false, _) if is_mask => &["-1", "0"],
        (false, 0) if is_q15 => &["16384", "-16384", "32767", "-32768"],
        (false, _) if is_q15 => &["16384", "8192", "16384", "-32768"],
        (false, 1) if parts.name.contains("swizzle") => &["3", "0", "15", "16"],
        (false, 0) if parts.name.contains("swizzle") => &["10", "11", "12", "13"],
        (false, 0) if lanes == 2 => &["-2", most],
        (false, 1) if lanes == 2 => &["3", "1"],
        (false, 0) => &["1", "-2", "100", most],
        (false, _) => &["10", "-2", "50", "1"],
        (true, 0) => &["1.5", "-2.5", "100", "0"],
        (true, _) => &["2", "-2.5", "0.5", "-1"],
    };
    let values: Vec<&str> = pattern.iter().copied().cycle().take(lanes).collect();
    format!("{shape} {}", values.join(" "))
}
