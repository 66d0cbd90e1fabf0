//! The table of our own rules, for what the formal spec lacks: host functions, proposals that it
//! does not have, and the limits of an engine. Rows as in `steps`.

/// Calls a macro with the rules of our own.
macro_rules! own_rows {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
HostCall own "host/call" (page "exec/instructions.html#exec-invoke-host")
    "A host function is called; what it does is its own affair.";
HostTrap own "host/trap" (page "exec/instructions.html#exec-invoke-host")
    "The host function has failed: a trap.";
HostThrow own "host/throw" (page "exec/instructions.html#exec-invoke-host")
    "The host function has thrown an exception.";
ThreadsLoadVal own "threads/load-val" (overview "threads")
    "The bytes at the address are read in one piece and pushed.";
ThreadsStoreVal own "threads/store-val" (overview "threads")
    "The bytes of the integer are written in one piece at the address.";
ThreadsRmwVal own "threads/rmw-val" (overview "threads")
    "The integer at the address is read, combined and written back in one piece.";
ThreadsCmpxchgEqual own "threads/cmpxchg-equal" (overview "threads")
    "The integer at the address is the expected one, and is replaced in one piece.";
ThreadsCmpxchgDiffer own "threads/cmpxchg-differ" (overview "threads")
    "The integer at the address is not the expected one, and stays.";
ThreadsWaitWoken own "threads/wait-woken" (overview "threads")
    "The thread has slept until another one notified it, so 0 is pushed.";
ThreadsWaitDiffer own "threads/wait-differ" (overview "threads")
    "The integer at the address is not the expected one, so 1 is pushed at once.";
ThreadsWaitTimeout own "threads/wait-timeout" (overview "threads")
    "The thread has slept until its time was over, so 2 is pushed.";
ThreadsNotify own "threads/notify" (overview "threads")
    "Threads that wait at the address are woken, and their number is pushed.";
ThreadsFence own "threads/fence" (overview "threads")
    "Accesses before the fence are ordered before those behind it.";
ThreadsOob own "threads/oob" (overview "threads")
    "The access ends past the memory: a trap.";
ThreadsUnaligned own "threads/unaligned" (overview "threads")
    "The address is no multiple of the access's width: a trap.";
ThreadsUnshared own "threads/unshared" (overview "threads")
    "A thread cannot wait on a memory that is not shared: a trap.";
ThreadsTyping (typing 0) "threads/typing" (overview "threads")
    "An atomic access takes an address, and its alignment is exactly its width.";
WideArithmeticAdd128 own "wide-arithmetic/add128" (overview "wide-arithmetic")
    "Two integers of 128 bits, each in two halves, are added.";
WideArithmeticSub128 own "wide-arithmetic/sub128" (overview "wide-arithmetic")
    "Two integers of 128 bits, each in two halves, are subtracted.";
WideArithmeticMulWide own "wide-arithmetic/mul_wide" (overview "wide-arithmetic")
    "Two integers are multiplied, and both halves of the product are pushed.";
WideArithmeticTyping (typing 0) "wide-arithmetic/typing" (overview "wide-arithmetic")
    "It takes integers of 64 bits and leaves the two halves of a result.";
LimitsCallStack own "limits/call-stack" (page "appendix/implementation.html#impl-exec")
    "The call stack is exhausted: a trap.";
LimitsFuel own "limits/fuel" (page "appendix/implementation.html#impl-exec")
    "No fuel is left: a trap.";
LimitsEpoch own "limits/epoch" (page "appendix/implementation.html#impl-exec")
    "The run is interrupted at its deadline: a trap.";
LimitsHeap own "limits/heap" (page "appendix/implementation.html#impl-exec")
    "The heap has no room for the object: a trap.";
LimitsArray own "limits/array" (page "appendix/implementation.html#impl-exec")
    "The array is longer than the engine makes them: a trap.";
LimitsGrowth own "limits/growth" (page "appendix/implementation.html#impl-exec")
    "The embedder asks for a trap where growth fails.";
LimitsMemory own "limits/memory" (page "appendix/implementation.html#impl-exec")
    "The host has no memory left: a trap.";
LimitsWait own "limits/wait" (page "appendix/implementation.html#impl-exec")
    "The embedder allows no thread to wait here: a trap.";
        }
    };
}
pub(super) use own_rows;
