//! Traps under the names that embedders know, besides those of the spec. Where one of those names
//! covers several traps of the spec, it stands for the most common of them.

#![allow(non_upper_case_globals)]

use crate::trap::Trap;

impl Trap {
    /// [`Trap::Unreachable`].
    pub const UnreachableCodeReached: Trap = Trap::Unreachable;
    /// [`Trap::IntegerDivideByZero`].
    pub const IntegerDivisionByZero: Trap = Trap::IntegerDivideByZero;
    /// [`Trap::InvalidConversionToInteger`].
    pub const BadConversionToInteger: Trap = Trap::InvalidConversionToInteger;
    /// [`Trap::UninitializedElement`].
    pub const IndirectCallToNull: Trap = Trap::UninitializedElement;
    /// [`Trap::IndirectCallTypeMismatch`].
    pub const BadSignature: Trap = Trap::IndirectCallTypeMismatch;
    /// [`Trap::UnalignedAtomic`].
    pub const HeapMisaligned: Trap = Trap::UnalignedAtomic;
    /// [`Trap::ExpectedSharedMemory`].
    pub const AtomicWaitNonSharedMemory: Trap = Trap::ExpectedSharedMemory;
    /// [`Trap::ArrayTooLarge`].
    pub const AllocationTooLarge: Trap = Trap::ArrayTooLarge;
}
