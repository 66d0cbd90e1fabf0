//! What scalar numeric instructions mean, in a sentence or two, and operands for an example of
//! each. The texts are by operation; the type and the signedness come from the mnemonic.

use limpid::internals::syntax::{NumericOp, ValType};

/// A mnemonic in its parts: `i64.trunc_sat_f32_u` is type `i64`, name `trunc_sat_f32`, unsigned.
pub struct Parts {
    /// The type or the shape before the dot.
    pub ty: &'static str,
    /// The operation, without the sign.
    pub name: &'static str,
    /// How integers are read, where it makes a difference.
    pub sign: Option<Sign>,
}

/// How the bits of an integer are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// In two's complement.
    Signed,
    /// As a number that is not negative.
    Unsigned,
}

impl Sign {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Sign::Signed => "signed",
            Sign::Unsigned => "unsigned",
        }
    }
}

impl Parts {
    /// Takes a mnemonic apart.
    pub fn of(mnemonic: &'static str) -> Parts {
        let (ty, rest) = mnemonic.split_once('.').unwrap_or(("", mnemonic));
        let plain = rest.strip_suffix("_zero").unwrap_or(rest);
        let (name, sign) = match (plain.strip_suffix("_s"), plain.strip_suffix("_u")) {
            (Some(name), _) => (name, Some(Sign::Signed)),
            (_, Some(name)) => (name, Some(Sign::Unsigned)),
            (None, None) => (rest, None),
        };
        Parts { ty, name, sign }
    }

    /// Puts the sign and the bits of the type into a text.
    pub fn fill(&self, text: &str, bits: &str) -> String {
        let sign = self.sign.map_or("", Sign::word);
        let fill = match self.sign {
            Some(Sign::Signed) => "copies of the highest bit",
            Some(Sign::Unsigned) | None => "zeros",
        };
        let article = if self.sign == Some(Sign::Unsigned) {
            "an"
        } else {
            "a"
        };
        text.replace("{n}", bits)
            .replace("{a sign}", &format!("{article} {sign}"))
            .replace("{sign}", sign)
            .replace("{fill}", fill)
    }
}

/// What the instruction means.
pub fn meaning(op: NumericOp) -> String {
    let parts = Parts::of(op.mnemonic());
    let is_int = parts.ty.starts_with('i');
    let text = match is_int {
        true => integer(parts.name),
        false => float(parts.name),
    };
    parts.fill(text, &parts.ty[1..])
}

/// The meaning of operations whose result is an integer.
fn integer(name: &str) -> &'static str {
    match name {
        "eqz" => "Tests a {n}-bit integer: the result is 1 if it is zero, else 0.",
        "eq" => "Compares two {n}-bit integers: the result is 1 if they are equal, else 0.",
        "ne" => "Compares two {n}-bit integers: the result is 1 if they differ, else 0.",
        "lt" | "gt" | "le" | "ge" => integer_order(name),
        "clz" => {
            "Counts the zero bits before the highest bit that is set. For zero the result is {n}."
        }
        "ctz" => {
            "Counts the zero bits below the lowest bit that is set. For zero the result is {n}."
        }
        "popcnt" => "Counts the bits that are set in a {n}-bit integer.",
        "add" => "Adds two {n}-bit integers. The sum wraps around: it keeps the lowest {n} bits.",
        "sub" => {
            "Subtracts the second {n}-bit integer from the first. The difference wraps around: it \
             keeps the lowest {n} bits."
        }
        "mul" => {
            "Multiplies two {n}-bit integers. The product wraps around: it keeps the lowest {n} \
             bits."
        }
        "div" => {
            "Divides the first {n}-bit integer by the second, both read as {sign}, and drops the \
             fraction: the quotient is rounded towards zero."
        }
        "rem" => {
            "Gives the remainder of dividing the first {n}-bit integer by the second, both read as \
             {sign}. A remainder has the sign of the first operand."
        }
        "and" => "Combines two {n}-bit integers bit by bit: a bit is set if it is set in both.",
        "or" => {
            "Combines two {n}-bit integers bit by bit: a bit is set if it is set in at least one."
        }
        "xor" => {
            "Combines two {n}-bit integers bit by bit: a bit is set if it is set in exactly one."
        }
        "shl" => {
            "Shifts the bits of the first operand to the left by the second, and fills with zeros. \
             The count is taken modulo {n}."
        }
        "shr" => {
            "Shifts the bits of the first operand, read as {sign}, to the right by the second, and \
             fills with {fill}. The count is taken modulo {n}."
        }
        "rotl" => {
            "Rotates the bits of the first operand to the left by the second: what leaves at the \
             top comes in at the bottom. The count is taken modulo {n}."
        }
        "rotr" => {
            "Rotates the bits of the first operand to the right by the second: what leaves at the \
             bottom comes in at the top. The count is taken modulo {n}."
        }
        _ => integer_conversion(name),
    }
}

fn integer_order(name: &str) -> &'static str {
    match name {
        "lt" => {
            "Compares two {n}-bit integers, both read as {sign}: the result is 1 if the first is \
             less than the second, else 0."
        }
        "gt" => {
            "Compares two {n}-bit integers, both read as {sign}: the result is 1 if the first is \
             greater than the second, else 0."
        }
        "le" => {
            "Compares two {n}-bit integers, both read as {sign}: the result is 1 if the first is \
             less than the second or equal to it, else 0."
        }
        _ => {
            "Compares two {n}-bit integers, both read as {sign}: the result is 1 if the first is \
             greater than the second or equal to it, else 0."
        }
    }
}

fn integer_conversion(name: &str) -> &'static str {
    match name {
        "wrap_i64" => "Keeps the lowest 32 bits of a 64-bit integer and drops the others.",
        "extend_i32" => {
            "Makes a 64-bit integer of a 32-bit integer, which is read as {sign}: the upper half \
             is filled with {fill}."
        }
        "extend8" => {
            "Reads the lowest 8 bits of the operand as a signed number and copies its sign into \
             all bits above."
        }
        "extend16" => {
            "Reads the lowest 16 bits of the operand as a signed number and copies its sign into \
             all bits above."
        }
        "extend32" => {
            "Reads the lowest 32 bits of the operand as a signed number and copies its sign into \
             all bits above."
        }
        "trunc_f32" | "trunc_f64" => {
            "Converts a floating-point number to {a sign} {n}-bit integer by dropping its \
             fraction."
        }
        "trunc_sat_f32" | "trunc_sat_f64" => {
            "Converts a floating-point number to {a sign} {n}-bit integer by dropping its \
             fraction. What is too large or too small becomes the nearest integer that there is, \
             and a NaN becomes 0."
        }
        "reinterpret_f32" | "reinterpret_f64" => {
            "Gives the bits of a floating-point number as an integer. Nothing is computed."
        }
        "add128" => {
            "Adds two 128-bit integers, each given as two 64-bit halves, the lower half first. The \
             results are the halves of the sum."
        }
        "sub128" => {
            "Subtracts two 128-bit integers, each given as two 64-bit halves, the lower half \
             first. The results are the halves of the difference."
        }
        "mul_wide" => {
            "Multiplies two 64-bit integers, both read as {sign}. The results are the halves of \
             the 128-bit product, the lower half first."
        }
        _ => "", // A test sees to it that no operation arrives here.
    }
}

/// The meaning of operations on floating-point numbers, whatever their result is.
fn float(name: &str) -> &'static str {
    match name {
        "eq" => {
            "Compares two {n}-bit floating-point numbers: the result is 1 if they are equal, else \
             0. Zero equals negative zero, and a NaN equals nothing."
        }
        "ne" => {
            "Compares two {n}-bit floating-point numbers: the result is 1 if they differ, else 0. \
             A NaN differs from everything, itself included."
        }
        "lt" => {
            "Compares two {n}-bit floating-point numbers: the result is 1 if the first is less \
             than the second, else 0. With a NaN it is 0."
        }
        "gt" => {
            "Compares two {n}-bit floating-point numbers: the result is 1 if the first is greater \
             than the second, else 0. With a NaN it is 0."
        }
        "le" => {
            "Compares two {n}-bit floating-point numbers: the result is 1 if the first is less \
             than the second or equal to it, else 0. With a NaN it is 0."
        }
        "ge" => {
            "Compares two {n}-bit floating-point numbers: the result is 1 if the first is greater \
             than the second or equal to it, else 0. With a NaN it is 0."
        }
        "abs" => "Gives the absolute value: the sign bit is cleared, also that of a NaN.",
        "neg" => "Negates a number: the sign bit is flipped, also that of a NaN.",
        "ceil" => "Rounds a number up to the next integer, which remains a floating-point number.",
        "floor" => {
            "Rounds a number down to the next integer, which remains a floating-point number."
        }
        "trunc" => {
            "Rounds a number towards zero to an integer, which remains a floating-point number."
        }
        "nearest" => {
            "Rounds a number to the nearest integer, which remains a floating-point number. Of two \
             that are equally near it takes the even one."
        }
        "sqrt" => "Gives the square root. That of a negative number is a NaN.",
        "copysign" => "Gives the first number with the sign of the second.",
        _ => float_arithmetic(name),
    }
}

fn float_arithmetic(name: &str) -> &'static str {
    match name {
        "add" => {
            "Adds two {n}-bit floating-point numbers and rounds the sum to the nearest number of \
             the type, as IEEE 754 says."
        }
        "sub" => {
            "Subtracts the second {n}-bit floating-point number from the first and rounds the \
             difference to the nearest number of the type, as IEEE 754 says."
        }
        "mul" => {
            "Multiplies two {n}-bit floating-point numbers and rounds the product to the nearest \
             number of the type, as IEEE 754 says."
        }
        "div" => {
            "Divides the first {n}-bit floating-point number by the second and rounds the quotient \
             to the nearest number of the type. Division by zero gives an infinity, and 0/0 a NaN."
        }
        "min" => {
            "Gives the smaller of two numbers. Negative zero is smaller than zero, and if one of \
             them is a NaN, so is the result."
        }
        "max" => {
            "Gives the larger of two numbers. Zero is larger than negative zero, and if one of \
             them is a NaN, so is the result."
        }
        "convert_i32" | "convert_i64" => {
            "Converts an integer, read as {sign}, to the nearest {n}-bit floating-point number."
        }
        "demote_f64" => "Rounds a 64-bit floating-point number to the nearest 32-bit one.",
        "promote_f32" => {
            "Makes a 64-bit floating-point number of a 32-bit one. The value stays the same."
        }
        "reinterpret_i32" | "reinterpret_i64" => {
            "Takes the bits of an integer as a floating-point number. Nothing is computed."
        }
        _ => "", // A test sees to it that no operation arrives here.
    }
}

/// The traps of the instruction: the code of each, and when.
pub fn traps(op: NumericOp) -> Vec<(&'static str, &'static str)> {
    let parts = Parts::of(op.mnemonic());
    let is_int = parts.ty.starts_with('i');
    let mut traps = Vec::new();
    if is_int && matches!(parts.name, "div" | "rem") {
        traps.push(("integer-divide-by-zero", "When the second operand is zero."));
    }
    if is_int && parts.name == "div" && parts.sign == Some(Sign::Signed) {
        let when = "When the smallest number is divided by -1: the quotient does not fit.";
        traps.push(("integer-overflow", when));
    }
    if is_int && matches!(parts.name, "trunc_f32" | "trunc_f64") {
        traps.push(("invalid-conversion", "When the operand is a NaN."));
        traps.push((
            "integer-overflow",
            "When the integer does not fit the result type.",
        ));
    }
    traps
}

/// Constants for the operands of an example.
pub fn operands(op: NumericOp) -> Vec<String> {
    let parts = Parts::of(op.mnemonic());
    let types = op.signature().0;
    let values = values(&parts, types[0]);
    let typed = types.iter().zip(values.iter().cycle());
    typed
        .map(|(ty, value)| format!("{ty}.const {value}"))
        .collect()
}

fn values(parts: &Parts, operand: ValType) -> &'static [&'static str] {
    let is_int = matches!(operand, ValType::I32 | ValType::I64);
    let unsigned = parts.sign == Some(Sign::Unsigned);
    match parts.name {
        "eqz" => &["0"],
        "eq" | "ne" => &["7", "5"],
        "lt" | "gt" | "le" | "ge" if is_int => &["-1", "1"],
        "clz" => &["1"],
        "ctz" => &["8"],
        "popcnt" => &["255"],
        "and" | "or" | "xor" => &["12", "10"],
        "div" | "rem" if is_int => &["-7", "2"],
        "shl" => &["3", "4"],
        "shr" => &["-16", "2"],
        "rotl" | "rotr" => &["1", "1"],
        "wrap_i64" => &["0x100000007"],
        "extend8" => &["0xff"],
        "extend16" => &["0xffff"],
        "extend32" => &["0xffffffff"],
        "extend_i32" | "convert_i32" | "convert_i64" => &["-1"],
        "trunc_f32" | "trunc_f64" if unsigned => &["3.7"],
        "trunc_f32" | "trunc_f64" => &["-3.7"],
        "trunc_sat_f32" | "trunc_sat_f64" => &["1e30"],
        "reinterpret_f32" | "reinterpret_f64" => &["1"],
        "reinterpret_i32" => &["0x3fc00000"],
        "reinterpret_i64" => &["0x3ff8000000000000"],
        "demote_f64" => &["0.1"],
        "promote_f32" => &["0.1"],
        "add128" => &["-1", "0", "1", "0"],
        "sub128" => &["0", "1", "1", "0"],
        "mul_wide" => &["-1", "2"],
        "abs" | "neg" => &["-1.5"],
        "ceil" | "floor" | "trunc" | "nearest" => &["-2.5"],
        "sqrt" => &["2"],
        "copysign" => &["3", "-1"],
        "add" | "sub" if !is_int => &["0.1", "0.2"],
        "div" => &["7", "2"],
        "min" | "max" => &["-1", "2.5"],
        _ => &["7", "5"],
    }
}
