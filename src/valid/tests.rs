//! What the validator shows of its stacks between instructions: the translator relies on it.

use super::{FrameKind, FuncValidator, OperandType, Scratch, module};
use crate::syntax::{
    BlockType, CompositeType, Features, FuncType, Instr, LabelIdx, LocalIdx, Module, RecGroup,
    SubType, TypeIdx, ValType,
};
use alloc::boxed::Box;
use alloc::vec;

/// A module of two types: `[i32] -> [i64]` and `[i32 i64] -> [f32]`.
fn two_types() -> Module {
    let func = |params: &[ValType], results: &[ValType]| SubType {
        is_final: true,
        supertypes: Box::new([]),
        composite: CompositeType::Func(FuncType {
            params: params.into(),
            results: results.into(),
        }),
    };
    let types = vec![
        func(&[ValType::I32], &[ValType::I64]),
        func(&[ValType::I32, ValType::I64], &[ValType::F32]),
    ];
    Module {
        types: vec![RecGroup { types, offset: 0 }],
        ..Module::default()
    }
}

#[test]
fn frames_and_operands_are_shown() {
    let context = module(&two_types(), &Features::default()).expect("two types are valid");
    let locals = [(2, ValType::F64)];
    let func = context.type_id(TypeIdx(0));
    let mut validator = FuncValidator::new(&context, func, &locals, Scratch::default())
        .expect("numbers are known types");
    let step = |validator: &mut FuncValidator<'_>, instr| {
        validator.instr(1, &instr).expect("the sequence is valid");
    };
    assert_eq!(validator.local_type(LocalIdx(0)), ValType::I32);
    assert_eq!(validator.local_type(LocalIdx(2)), ValType::F64);
    assert_eq!(validator.local_count(), 3);

    step(&mut validator, Instr::F32Const(0));
    step(&mut validator, Instr::LocalGet(LocalIdx(0)));
    step(&mut validator, Instr::I64Const(0));
    step(&mut validator, Instr::Loop(BlockType::Type(TypeIdx(1))));
    let inner = validator.control(LabelIdx(0));
    assert_eq!((inner.kind, inner.height), (FrameKind::Loop, 1));
    assert_eq!(inner.label_types(), inner.params());
    assert_eq!(inner.params(), [ValType::I32, ValType::I64]);
    assert_eq!(inner.results(), [ValType::F32]);
    let outer = validator.control(LabelIdx(1));
    assert_eq!((outer.kind, outer.height), (FrameKind::Func, 0));
    assert_eq!(outer.label_types(), [ValType::I64]);
    assert!(outer.params().is_empty());

    assert_eq!((validator.depth(), validator.height()), (2, 3));
    assert_eq!(validator.operand(0), OperandType::Val(ValType::I64));
    assert_eq!(validator.operand(1), OperandType::Val(ValType::I32));
    assert_eq!(validator.operand(2), OperandType::Bot);
    assert_eq!(
        validator.operand_at(0),
        Some(OperandType::Val(ValType::F32))
    );

    step(&mut validator, Instr::Unreachable);
    assert!(validator.is_unreachable() && validator.control(LabelIdx(0)).unreachable);
    assert_eq!(validator.height(), 1);
    step(&mut validator, Instr::RefAsNonNull);
    assert_eq!(validator.operand(0), OperandType::RefBot);
    step(&mut validator, Instr::Drop);
    step(&mut validator, Instr::End);
    assert!(!validator.is_unreachable());
    step(&mut validator, Instr::Drop);
    step(&mut validator, Instr::Drop);
    step(&mut validator, Instr::I64Const(0));
    step(&mut validator, Instr::End);
    assert_eq!(validator.depth(), 0);
    let after = validator.instr(9, &Instr::End);
    assert!(after.is_err_and(|invalid| invalid.offset == 9));
}
