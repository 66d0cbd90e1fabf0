//! The one input on which wasmtime's deterministic setting differs from the deterministic profile
//! of the spec: relaxed dot products of neighbouring pairs of -128 (spec: exec/numerics,
//! RELAXED_DOT). A module's dot products can be replaced by functions that compute what the profile
//! says from ordinary instructions; on every other input that changes nothing.

use crate::generate::{leb, read_leb};
use std::ops::Range;
use wasmparser::{Operator, Parser, Payload, TypeRef};

/// The sum of neighbouring products of parameters 0 and 1, saturated to 16 bits.
const DOT: &str = "(i16x8.add_sat_s
    (i8x16.shuffle 0 1 4 5 8 9 12 13 16 17 20 21 24 25 28 29
        (i16x8.extmul_low_i8x16_s (local.get 0) (local.get 1))
        (i16x8.extmul_high_i8x16_s (local.get 0) (local.get 1)))
    (i8x16.shuffle 2 3 6 7 10 11 14 15 18 19 22 23 26 27 30 31
        (i16x8.extmul_low_i8x16_s (local.get 0) (local.get 1))
        (i16x8.extmul_high_i8x16_s (local.get 0) (local.get 1))))";

/// The types of the two functions.
const TYPES: [&[u8]; 2] = [
    &[0x60, 2, 0x7B, 0x7B, 1, 0x7B],
    &[0x60, 3, 0x7B, 0x7B, 0x7B, 1, 0x7B],
];

/// A relaxed dot product in a module.
struct Place {
    start: usize,
    end: usize,
    /// Which of the two functions replaces it.
    function: u32,
}

/// What a module is made of, as far as it matters here.
#[derive(Default)]
struct Parts {
    types: u32,
    functions: u32,
    places: Vec<Place>,
}

/// The module with its relaxed dot products replaced by calls of functions that are added at its
/// end; `None` when it has none, or is not valid.
pub fn spelled_out(bytes: &[u8]) -> Option<Vec<u8>> {
    let parts = parts(bytes).ok().filter(|parts| !parts.places.is_empty())?;
    let mut module = bytes.get(..8)?.to_vec();
    let mut at = 8;
    while at < bytes.len() {
        let (start, id) = (at, bytes[at]);
        at += 1;
        let size = read_leb(bytes, &mut at)? as usize;
        let end = at + size;
        let section = match id {
            1 => grown(bytes, at..end, TYPES.map(<[u8]>::to_vec))?,
            3 => grown(bytes, at..end, [0, 1].map(|own| number(parts.types + own)))?,
            10 => code(bytes, at, &parts)?,
            _ => {
                module.extend_from_slice(&bytes[start..end]);
                at = end;
                continue;
            }
        };
        module.push(id);
        leb(&mut module, section.len() as u32);
        module.extend_from_slice(&section);
        at = end;
    }
    Some(module)
}

fn parts(bytes: &[u8]) -> wasmparser::Result<Parts> {
    let mut parts = Parts::default();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(groups) => {
                for group in groups {
                    parts.types += group?.types().len() as u32;
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    parts.functions += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(functions) => parts.functions += functions.count(),
            Payload::CodeSectionEntry(body) => {
                let operators = body.get_operators_reader()?.into_iter_with_offsets();
                let operators = operators.collect::<wasmparser::Result<Vec<_>>>()?;
                for (operator, next) in operators.iter().zip(operators.iter().skip(1)) {
                    let function = match operator.0 {
                        Operator::I16x8RelaxedDotI8x16I7x16S => 0,
                        Operator::I32x4RelaxedDotI8x16I7x16AddS => 1,
                        _ => continue,
                    };
                    let (start, end) = (operator.1 as usize, next.1 as usize);
                    parts.places.push(Place {
                        start,
                        end,
                        function,
                    });
                }
            }
            _ => {}
        }
    }
    Ok(parts)
}

/// A section with two entries more.
fn grown(bytes: &[u8], contents: Range<usize>, more: [Vec<u8>; 2]) -> Option<Vec<u8>> {
    let mut at = contents.start;
    let mut section = number(read_leb(bytes, &mut at)? + 2);
    section.extend_from_slice(bytes.get(at..contents.end)?);
    section.extend(more.concat());
    Some(section)
}

/// The code section: bodies with calls in the places, and the two functions.
fn code(bytes: &[u8], mut at: usize, parts: &Parts) -> Option<Vec<u8>> {
    let count = read_leb(bytes, &mut at)?;
    let mut section = number(count + 2);
    for _ in 0..count {
        let size = read_leb(bytes, &mut at)? as usize;
        let mut body = Vec::with_capacity(size);
        let mut from = at;
        let whole = at..at + size;
        at = whole.end;
        let inside = |place: &&Place| whole.contains(&place.start);
        for place in parts.places.iter().filter(inside) {
            body.extend_from_slice(&bytes[from..place.start]);
            body.push(0x10); // call
            leb(&mut body, parts.functions + place.function);
            from = place.end;
        }
        body.extend_from_slice(bytes.get(from..at)?);
        leb(&mut section, body.len() as u32);
        section.extend(body);
    }
    for body in functions() {
        leb(&mut section, body.len() as u32);
        section.extend(body);
    }
    Some(section)
}

/// The bodies of the two functions.
fn functions() -> Vec<Vec<u8>> {
    let text = format!(
        "(module
            (func (param v128 v128) (result v128) {DOT})
            (func (param v128 v128 v128) (result v128)
                (i32x4.add (i32x4.extadd_pairwise_i16x8_s {DOT}) (local.get 2))))"
    );
    let module = wat::parse_str(text).expect("the text is right");
    let payloads = Parser::new(0).parse_all(&module);
    let bodies = payloads.filter_map(|payload| match payload {
        Ok(Payload::CodeSectionEntry(body)) => {
            let range = body.range();
            Some(module[range.start as usize..range.end as usize].to_vec())
        }
        _ => None,
    });
    bodies.collect()
}

fn number(value: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    leb(&mut bytes, value);
    bytes
}
