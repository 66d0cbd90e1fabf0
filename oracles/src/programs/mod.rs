//! Typed stack-machine programs from a fuzzer's bytes or from a seed. Unlike the modules of
//! [`generate`](crate::generate) they always end and hardly ever trap, so that nearly all of their
//! code executes: loops count, calls go to functions that are already written, recursion is as deep
//! as its first argument's low bits, addresses and divisors are masked.
//!
//! The grammar makes frequent what a translator to registers can get wrong: locals that are set
//! while their old value lies on the operand stack, moves and additions side by side, blocks with
//! parameters, branches that leave values of other heights behind, handlers whose values meet
//! locals that changed below them, tail calls that permute arguments. `plan` is the module around
//! the bodies, `body` the stack machine that a body is written on, `steps` chooses its next
//! instructions, `values` makes operands, `control` blocks and branches, `calls` calls and throws,
//! `ops` are tables of instructions, `shrink` makes a finding small.

mod body;
mod calls;
mod control;
mod input;
mod ops;
mod plan;
mod shrink;
mod steps;
mod values;

pub use shrink::shrink;

use crate::mutate::Random;

/// Bytes that a seed gives; most programs need fewer.
const BYTES: usize = 4096;

/// The bytes that a seed and a number give, from which [`from_bytes`] makes a program.
pub fn bytes(seed: u64, number: u64) -> Vec<u8> {
    let mut random = Random::new(seed.wrapping_mul(0x0000_0100_0000_01b3) ^ number);
    (0..BYTES).map(|_| (random.next() >> 56) as u8).collect()
}

/// The valid module that a fuzzer's bytes give. Every choice is one byte, zero is the simplest
/// one, and where the bytes end all further choices are zero.
pub fn from_bytes(data: &[u8]) -> Vec<u8> {
    let mut input = input::Input::new(data);
    plan::Plan::new(&mut input).module(&mut input)
}
