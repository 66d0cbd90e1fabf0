//! Traps (spec: exec/runtime, results). The `Display` of each begins with the wording of the
//! reference interpreter, so that the suite's texts can be checked by prefix.

use core::fmt;

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident $code:literal $text:literal)*) => {
        /// Why execution stopped without a result.
        ///
        /// ```
        /// use limpid::{Engine, Instance, Module, Store, Trap};
        /// # #[cfg(feature = "wat")] {
        /// let engine = Engine::default();
        /// let module = Module::new(&engine, r#"(module (func (export "f") unreachable))"#)?;
        /// let mut store = Store::new(&engine, ());
        /// let instance = Instance::new(&mut store, &module, &[])?;
        /// let f = instance.get_typed_func::<(), ()>(&mut store, "f")?;
        /// let error = f.call(&mut store, ()).expect_err("it traps");
        /// assert_eq!(error.downcast_ref::<Trap>(), Some(&Trap::Unreachable));
        /// assert_eq!(error.code(), Trap::Unreachable.code());
        /// # }
        /// # Ok::<(), limpid::Error>(())
        /// ```
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[non_exhaustive]
        pub enum Trap { $($(#[$doc])* $name),* }

        impl Trap {
            /// Every trap.
            pub const ALL: &'static [Trap] = &[$(Trap::$name),*];

            /// A stable name for programs.
            pub const fn code(self) -> &'static str {
                match self { $(Trap::$name => $code),* }
            }
        }

        impl fmt::Display for Trap {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Trap::$name => $text),* })
            }
        }
    };
}

traps! {
    /// `unreachable` was executed.
    Unreachable "unreachable" "unreachable"
    /// An integer was divided by zero.
    IntegerDivideByZero "integer-divide-by-zero" "integer divide by zero"
    /// A division or conversion has no result of its type.
    IntegerOverflow "integer-overflow" "integer overflow"
    /// NaN was converted to an integer.
    InvalidConversionToInteger "invalid-conversion" "invalid conversion to integer"
    /// A memory access is out of bounds.
    MemoryOutOfBounds "memory-out-of-bounds" "out of bounds memory access"
    /// A bulk operation or segment is out of a table's bounds.
    TableOutOfBounds "table-out-of-bounds" "out of bounds table access"
    /// An indirect call names no element.
    UndefinedElement "undefined-element" "undefined element"
    /// An indirect call meets null.
    UninitializedElement "uninitialized-element" "uninitialized element"
    /// An indirect call meets a function of another type.
    IndirectCallTypeMismatch "indirect-call-type-mismatch" "indirect call type mismatch"
    /// A function reference is null.
    NullFunctionReference "null-function-reference" "null function reference"
    /// A structure reference is null.
    NullStructureReference "null-structure-reference" "null structure reference"
    /// An array reference is null.
    NullArrayReference "null-array-reference" "null array reference"
    /// An i31 reference is null.
    NullI31Reference "null-i31-reference" "null i31 reference"
    /// An exception reference is null.
    NullExceptionReference "null-exception-reference" "null exception reference"
    /// Another reference is null.
    NullReference "null-reference" "null reference"
    /// A cast failed.
    CastFailure "cast-failure" "cast failure"
    /// An access is out of an array's bounds.
    ArrayOutOfBounds "array-out-of-bounds" "out of bounds array access"
    /// The new array does not fit the engine's limits.
    ArrayTooLarge "array-too-large" "allocation size too large"
    /// An atomic access is not naturally aligned.
    UnalignedAtomic "unaligned-atomic" "unaligned atomic"
    /// A wait on a memory that is not shared.
    ExpectedSharedMemory "expected-shared-memory" "expected shared memory"
    /// The call stack is exhausted.
    StackOverflow "stack-overflow" "call stack exhausted"
    /// No fuel is left.
    OutOfFuel "out-of-fuel" "all fuel consumed by WebAssembly"
    /// The epoch deadline was reached.
    Interrupt "interrupt" "wasm trap: interrupt"
    /// The garbage-collected heap is at its limit.
    HeapExhausted "heap-exhausted" "GC heap exhausted"
    /// Growth failed and the limiter asked for a trap.
    GrowRefused "grow-refused" "forcing trap when growing"
    /// A shared memory was touched that the host has no memory left for.
    OutOfMemory "out-of-memory" "out of memory"
    /// A blocking wait is not allowed here.
    WaitRefused "wait-refused" "atomic wait is not allowed here"
}

impl core::error::Error for Trap {}
