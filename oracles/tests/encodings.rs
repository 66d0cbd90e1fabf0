//! What an encoder writes, the decoder reads: immediates of any value, written by wasm-encoder, and
//! numbers with as many bytes as they may have.

use limpid::internals::binary::InstrReader;
use limpid::internals::syntax::{Features, Instr, LoadOp, LocalIdx};
use proptest::prelude::*;
use std::borrow::Cow;
use wasm_encoder::{Encode, Instruction, MemArg, MemArgTarget};

/// An instruction with its immediates.
#[derive(Clone, Debug)]
enum Written {
    I32(i32),
    I64(i64),
    F32(u32),
    F64(u64),
    V128(u128),
    Local(u32),
    Load {
        offset: u64,
        align: u32,
        memory: u32,
    },
    Table(Vec<u32>, u32),
}

/// Values of every length, those at the edges of lengths among them.
fn lengths() -> impl Strategy<Value = u64> {
    (any::<u64>(), 0..64u32).prop_map(|(bits, shift)| bits >> shift)
}

fn written() -> impl Strategy<Value = Written> {
    let small = || lengths().prop_map(|bits| bits as u32);
    let signed = || {
        (lengths(), any::<bool>()).prop_map(|(bits, not)| match not {
            true => !bits as i64,
            false => bits as i64,
        })
    };
    prop_oneof![
        signed().prop_map(|value| Written::I32(value as i32)),
        signed().prop_map(Written::I64),
        any::<u32>().prop_map(Written::F32),
        any::<u64>().prop_map(Written::F64),
        any::<u128>().prop_map(Written::V128),
        small().prop_map(Written::Local),
        (lengths(), 0..3u32, small()).prop_map(|(offset, align, memory)| Written::Load {
            offset,
            align,
            memory
        }),
        (proptest::collection::vec(small(), 0..200), small())
            .prop_map(|(labels, default)| Written::Table(labels, default)),
    ]
}

impl Written {
    fn encode(&self, bytes: &mut Vec<u8>) {
        match self {
            Written::I32(value) => Instruction::I32Const(*value),
            Written::I64(value) => Instruction::I64Const(*value),
            Written::F32(bits) => Instruction::F32Const(f32::from_bits(*bits).into()),
            Written::F64(bits) => Instruction::F64Const(f64::from_bits(*bits).into()),
            Written::V128(bits) => Instruction::V128Const(*bits as i128),
            Written::Local(local) => Instruction::LocalGet(*local),
            &Written::Load {
                offset,
                align,
                memory,
            } => Instruction::I32Load(MemArg {
                offset,
                align,
                target: MemArgTarget::Memory(memory),
                ordering: None,
            }),
            Written::Table(labels, default) => {
                Instruction::BrTable(Cow::Borrowed(labels), *default)
            }
        }
        .encode(bytes);
    }

    /// Whether it is what was read.
    fn is(&self, read: Instr<'_>) -> bool {
        match (self, read) {
            (Written::I32(value), Instr::I32Const(read)) => *value == read,
            (Written::I64(value), Instr::I64Const(read)) => *value == read,
            (Written::F32(bits), Instr::F32Const(read)) => *bits == read,
            (Written::F64(bits), Instr::F64Const(read)) => *bits == read,
            (Written::V128(bits), Instr::V128Const(read)) => bits.to_le_bytes() == read,
            (Written::Local(local), Instr::LocalGet(read)) => *local == read.0,
            (
                &Written::Load {
                    offset,
                    align,
                    memory,
                },
                Instr::Load(LoadOp::I32Load, read),
            ) => (offset, align, memory) == (read.offset, read.align, read.memory.0),
            (Written::Table(labels, default), Instr::BrTable(read)) => {
                let all = labels.iter().chain([default]).copied();
                all.eq(read.iter().map(|label| label.0))
            }
            _ => false, // Another instruction than the one that was written.
        }
    }
}

/// A LEB128 number with more bytes than it needs, up to `len`.
fn padded(mut bytes: Vec<u8>, len: usize, fill: u8) -> Vec<u8> {
    while bytes.len() < len {
        if let Some(last) = bytes.last_mut() {
            *last |= 0x80;
        }
        bytes.push(fill);
    }
    bytes
}

/// What is read of one instruction and no more.
fn only(bytes: &[u8]) -> Option<Instr<'_>> {
    let mut reader = InstrReader::new(bytes, 0, &Features::default());
    let (_, read) = reader.read().ok()?;
    reader.at_end().then_some(read)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_is_read(all in proptest::collection::vec(written(), 1..20)) {
        let mut bytes = Vec::new();
        all.iter().for_each(|one| one.encode(&mut bytes));
        let mut reader = InstrReader::new(&bytes, 0, &Features::default());
        for one in &all {
            let (_, read) = reader.read().expect("well-formed");
            prop_assert!(one.is(read), "{one:?} is read as {read:?}");
        }
        prop_assert!(reader.at_end());
    }

    #[test]
    fn numbers_may_be_longer_than_they_need(bits in lengths(), len in 1..12usize) {
        let number = |value: i64, most: usize| {
            let mut bytes = Vec::new();
            value.encode(&mut bytes);
            padded(bytes, len.min(most), if value < 0 { 0x7F } else { 0 })
        };
        for value in [bits as i64, !bits as i64] {
            let long = [&[0x42][..], &number(value, 10)].concat();
            prop_assert_eq!(only(&long), Some(Instr::I64Const(value)));
            let value = value as i32;
            let short = [&[0x41][..], &number(value.into(), 5)].concat();
            prop_assert_eq!(only(&short), Some(Instr::I32Const(value)));
        }
        let (local, mut bytes) = (bits as u32, Vec::new());
        local.encode(&mut bytes);
        let bytes = [&[0x20][..], &padded(bytes, len.min(5), 0)].concat();
        prop_assert_eq!(only(&bytes), Some(Instr::LocalGet(LocalIdx(local))));
        // One byte more than the type has room for.
        let long = [&[0x42][..], &padded(number(bits as i64, 10), 11, 0)].concat();
        prop_assert_eq!(only(&long), None);
    }
}
