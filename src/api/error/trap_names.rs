//! Traps under the names that embedders know, besides those of the spec. Where one of those names
//! covers several traps of the spec, it stands for the most common of them.

#![allow(non_upper_case_globals)]

use crate::trap::Trap;

impl Trap {
    /// Wasmtime's name of [`Trap::Unreachable`].
    pub const UnreachableCodeReached: Trap = Trap::Unreachable;
    /// Wasmtime's name of [`Trap::IntegerDivideByZero`].
    pub const IntegerDivisionByZero: Trap = Trap::IntegerDivideByZero;
    /// Wasmtime's name of [`Trap::InvalidConversionToInteger`].
    pub const BadConversionToInteger: Trap = Trap::InvalidConversionToInteger;
    /// Wasmtime's name of [`Trap::UninitializedElement`].
    pub const IndirectCallToNull: Trap = Trap::UninitializedElement;
    /// Wasmtime's name of [`Trap::IndirectCallTypeMismatch`].
    pub const BadSignature: Trap = Trap::IndirectCallTypeMismatch;
    /// Wasmtime's name of [`Trap::UnalignedAtomic`].
    pub const HeapMisaligned: Trap = Trap::UnalignedAtomic;
    /// Wasmtime's name of [`Trap::ExpectedSharedMemory`].
    pub const AtomicWaitNonSharedMemory: Trap = Trap::ExpectedSharedMemory;
    /// Wasmtime's name of [`Trap::ArrayTooLarge`].
    pub const AllocationTooLarge: Trap = Trap::ArrayTooLarge;
}
