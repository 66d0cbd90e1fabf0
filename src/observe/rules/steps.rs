//! The table of the rules by which instructions are reduced (spec: exec/instructions): two lines
//! for each rule. The first has its variant, its kind, its name in the formal spec, and where the
//! spec shows it; the second says in our own words what it does.

/// Calls a macro with the rules of the formal spec that reduce instructions.
macro_rules! step_rows {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
StepPure structural "Step/pure" (page "exec/conventions.html#exec-notation")
    "A rule that needs nothing but the instructions is a step that leaves the state as it is.";
StepRead structural "Step/read" (page "exec/conventions.html#exec-notation")
    "A rule that only reads the state is a step that leaves the state as it is.";
StepsRefl structural "Steps/refl" (page "exec/conventions.html#exec-notation")
    "No step at all counts as a run.";
StepsTrans structural "Steps/trans" (page "exec/conventions.html#exec-notation")
    "A step with a run behind it is a run.";
CtxtInstrs structural "Step/ctxt-instrs" (page "exec/conventions.html#exec-notation")
    "A step happens with values below it and instructions after it, which stay.";
CtxtLabel structural "Step/ctxt-label" (page "exec/conventions.html#exec-notation")
    "A step happens inside a label, which stays.";
CtxtHandler structural "Step/ctxt-handler" (page "exec/conventions.html#exec-notation")
    "A step happens inside an exception handler, which stays.";
CtxtFrame structural "Step/ctxt-frame" (page "exec/conventions.html#exec-notation")
    "A step happens inside the frame of a call, with that frame's locals and module.";
Unreachable step "Step_pure/unreachable" (exec "unreachable")
    "The instruction turns into a trap.";
Nop step "Step_pure/nop" (exec "nop")
    "The instruction does nothing and disappears.";
Drop step "Step_pure/drop" (exec "drop")
    "The value on top is thrown away.";
SelectTrue step "Step_pure/select-true" (exec "select")
    "The condition is not zero, so the first value stays.";
SelectFalse step "Step_pure/select-false" (exec "select")
    "The condition is zero, so the second value stays.";
Block step "Step_read/block" (exec "block")
    "The block becomes a label around its body; a branch to it ends it.";
Loop step "Step_read/loop" (exec "loop")
    "The loop becomes a label around its body; a branch to it begins it again.";
IfTrue step "Step_pure/if-true" (exec "if")
    "The condition is not zero, so the first arm becomes a block.";
IfFalse step "Step_pure/if-false" (exec "if")
    "The condition is zero, so the second arm, or an empty one, becomes a block.";
LabelVals step "Step_pure/label-vals" (exec "instrs-exit")
    "The body is done; the label goes and its values stay.";
BrLabelZero step "Step_pure/br-label-zero" (exec "br")
    "The branch has reached its label; the label's values go on from there.";
BrLabelSucc step "Step_pure/br-label-succ" (exec "br")
    "The branch leaves a label that is not its target, and counts one down.";
BrHandler step "Step_pure/br-handler" (exec "br")
    "The branch leaves an exception handler, which is no label and is not counted.";
BrIfTrue step "Step_pure/br_if-true" (exec "br-if")
    "The condition is not zero, so the branch is taken.";
BrIfFalse step "Step_pure/br_if-false" (exec "br-if")
    "The condition is zero, so control goes on after the branch.";
BrTableLt step "Step_pure/br_table-lt" (exec "br-table")
    "The index names an entry of the table, whose label is the target.";
BrTableGe step "Step_pure/br_table-ge" (exec "br-table")
    "The index is past the table, so the default label is the target.";
BrOnNullNull step "Step_pure/br_on_null-null" (exec "br-on-null")
    "The reference is null; it is dropped and the branch is taken.";
BrOnNullAddr step "Step_pure/br_on_null-addr" (exec "br-on-null")
    "The reference is not null; it stays and control goes on.";
BrOnNonNullNull step "Step_pure/br_on_non_null-null" (exec "br-on-non-null")
    "The reference is null; it is dropped and control goes on.";
BrOnNonNullAddr step "Step_pure/br_on_non_null-addr" (exec "br-on-non-null")
    "The reference is not null; the branch is taken with it.";
BrOnCastSucceed step "Step_read/br_on_cast-succeed" (exec "br-on-cast")
    "The reference has the type, so the branch is taken with it.";
BrOnCastFail step "Step_read/br_on_cast-fail" (exec "br-on-cast")
    "The reference has not the type, so control goes on with it.";
BrOnCastFailSucceed step "Step_read/br_on_cast_fail-succeed" (exec "br-on-cast-fail")
    "The reference has the type, so control goes on with it.";
BrOnCastFailFail step "Step_read/br_on_cast_fail-fail" (exec "br-on-cast-fail")
    "The reference has not the type, so the branch is taken with it.";
Call step "Step_read/call" (exec "call")
    "The function index becomes the function's address, which is then called.";
CallRefNull step "Step_read/call_ref-null" (exec "call-ref")
    "The function reference is null: a trap.";
CallRefFunc step "Step_read/call_ref-func" (exec "invoke")
    "The arguments become locals of a new frame, with a label around the function's body.";
ReturnCall step "Step_read/return_call" (exec "return-call")
    "The function index becomes the function's address, to be called last.";
ReturnCallRefLabel step "Step_read/return_call_ref-label" (exec "return-call-ref")
    "The tail call leaves a label.";
ReturnCallRefHandler step "Step_read/return_call_ref-handler" (exec "return-call-ref")
    "The tail call leaves an exception handler.";
ReturnCallRefFrameNull step "Step_read/return_call_ref-frame-null" (exec "return-call-ref")
    "The tail call has left its frame, and the reference is null: a trap.";
ReturnCallRefFrameAddr step "Step_read/return_call_ref-frame-addr" (exec "return-call-ref")
    "The tail call replaces its frame by a call with the same arguments.";
CallIndirect step "Step_pure/call_indirect" (exec "call-indirect")
    "The call becomes a read of the table, a cast and a call by reference.";
ReturnCallIndirect step "Step_pure/return_call_indirect" (exec "return-call-indirect")
    "The tail call becomes a read of the table, a cast and a tail call by reference.";
FrameVals step "Step_pure/frame-vals" (exec "invoke-exit")
    "The function is done; its frame goes and its results stay.";
ReturnFrame step "Step_pure/return-frame" (exec "return")
    "The return has reached the frame, which goes; the results stay.";
ReturnLabel step "Step_pure/return-label" (exec "return")
    "The return leaves a label.";
ReturnHandler step "Step_pure/return-handler" (exec "return")
    "The return leaves an exception handler.";
Throw step "Step/throw" (exec "throw")
    "An exception of the tag is made of the values, and is thrown by reference.";
ThrowRefNull step "Step_read/throw_ref-null" (exec "throw-ref")
    "The exception reference is null: a trap.";
ThrowRefInstrs step "Step_read/throw_ref-instrs" (exec "throw-ref")
    "The exception discards the values below it and the instructions after it.";
ThrowRefLabel step "Step_read/throw_ref-label" (exec "throw-ref")
    "The exception leaves a label.";
ThrowRefFrame step "Step_read/throw_ref-frame" (exec "throw-ref")
    "The exception leaves the frame of a call.";
ThrowRefHandlerEmpty step "Step_read/throw_ref-handler-empty" (exec "throw-ref")
    "No clause is left to try, so the exception leaves the handler.";
ThrowRefHandlerCatch step "Step_read/throw_ref-handler-catch" (exec "throw-ref")
    "The clause names the exception's tag: a branch takes the exception's values.";
ThrowRefHandlerCatchRef step "Step_read/throw_ref-handler-catch_ref" (exec "throw-ref")
    "The clause names the tag: a branch takes the values and the exception itself.";
ThrowRefHandlerCatchAll step "Step_read/throw_ref-handler-catch_all" (exec "throw-ref")
    "The clause catches everything: a branch takes no values.";
ThrowRefHandlerCatchAllRef step "Step_read/throw_ref-handler-catch_all_ref" (exec "throw-ref")
    "The clause catches everything: a branch takes the exception itself.";
ThrowRefHandlerNext step "Step_read/throw_ref-handler-next" (exec "throw-ref")
    "The clause does not match, so the next one is tried.";
TryTable step "Step_read/try_table" (exec "try-table")
    "The construct becomes a handler with its clauses, and a label around its body.";
HandlerVals step "Step_pure/handler-vals" (exec "handler-exit")
    "The guarded body is done; the handler goes and the values stay.";
TrapInstrs step "Step_pure/trap-instrs" (page "exec/runtime.html#syntax-instr-admin")
    "The trap discards the values below it and the instructions after it.";
TrapLabel step "Step_pure/trap-label" (page "exec/runtime.html#syntax-instr-admin")
    "The trap leaves a label.";
TrapHandler step "Step_pure/trap-handler" (page "exec/runtime.html#syntax-instr-admin")
    "The trap leaves an exception handler, which cannot catch it.";
TrapFrame step "Step_pure/trap-frame" (page "exec/runtime.html#syntax-instr-admin")
    "The trap leaves the frame of a call.";
LocalGet step "Step_read/local.get" (exec "local-get")
    "The value of the local is pushed.";
LocalSet step "Step/local.set" (exec "local-set")
    "The value on top becomes the local's.";
LocalTee step "Step_pure/local.tee" (exec "local-tee")
    "The value is doubled, and one of the two is then set.";
GlobalGet step "Step_read/global.get" (exec "global-get")
    "The value of the global is pushed.";
GlobalSet step "Step/global.set" (exec "global-set")
    "The value on top becomes the global's.";
TableGetOob step "Step_read/table.get-oob" (exec "table-get")
    "The index is past the table: a trap.";
TableGetVal step "Step_read/table.get-val" (exec "table-get")
    "The reference at the index is pushed.";
TableSetOob step "Step/table.set-oob" (exec "table-set")
    "The index is past the table: a trap.";
TableSetVal step "Step/table.set-val" (exec "table-set")
    "The reference is put at the index.";
TableSize step "Step_read/table.size" (exec "table-size")
    "The number of the table's elements is pushed.";
TableGrowSucceed step "Step/table.grow-succeed" (exec "table-grow")
    "The table gets longer, and its old length is pushed.";
TableGrowFail step "Step/table.grow-fail" (exec "table-grow")
    "The table stays as it is, and -1 is pushed.";
TableFillOob step "Step_read/table.fill-oob" (exec "table-fill")
    "The range ends past the table: a trap, and nothing is written.";
TableFillZero step "Step_read/table.fill-zero" (exec "table-fill")
    "No element is left to write.";
TableFillSucc step "Step_read/table.fill-succ" (exec "table-fill")
    "One element is set, and the rest is filled after it.";
TableCopyOob step "Step_read/table.copy-oob" (exec "table-copy")
    "One of the ranges ends past its table: a trap, and nothing is copied.";
TableCopyZero step "Step_read/table.copy-zero" (exec "table-copy")
    "No element is left to copy.";
TableCopyLe step "Step_read/table.copy-le" (exec "table-copy")
    "The first element is copied, and the rest after it, upwards.";
TableCopyGt step "Step_read/table.copy-gt" (exec "table-copy")
    "The last element is copied, and the rest after it, downwards.";
TableInitOob step "Step_read/table.init-oob" (exec "table-init")
    "A range ends past the table or the segment: a trap, and nothing is written.";
TableInitZero step "Step_read/table.init-zero" (exec "table-init")
    "No element is left to write.";
TableInitSucc step "Step_read/table.init-succ" (exec "table-init")
    "One element of the segment is set, and the rest after it.";
ElemDrop step "Step/elem.drop" (exec "elem-drop")
    "The element segment becomes empty.";
LoadNumOob step "Step_read/load-num-oob" (exec "load-val")
    "The access ends past the memory: a trap.";
LoadNumVal step "Step_read/load-num-val" (exec "load-val")
    "The bytes at the address are pushed as a number.";
LoadPackOob step "Step_read/load-pack-oob" (exec "load-pack")
    "The access ends past the memory: a trap.";
LoadPackVal step "Step_read/load-pack-val" (exec "load-pack")
    "Fewer bytes than the type has are read and extended.";
VloadOob step "Step_read/vload-oob" (exec "vload-val")
    "The access ends past the memory: a trap.";
VloadVal step "Step_read/vload-val" (exec "vload-val")
    "The 16 bytes at the address are pushed as a vector.";
VloadPackOob step "Step_read/vload-pack-oob" (exec "vload-pack")
    "The access ends past the memory: a trap.";
VloadPackVal step "Step_read/vload-pack-val" (exec "vload-pack")
    "Eight bytes are read as lanes, each extended to twice its width.";
VloadSplatOob step "Step_read/vload-splat-oob" (exec "vload-splat")
    "The access ends past the memory: a trap.";
VloadSplatVal step "Step_read/vload-splat-val" (exec "vload-splat")
    "One lane is read, and every lane becomes a copy of it.";
VloadZeroOob step "Step_read/vload-zero-oob" (exec "vload-zero")
    "The access ends past the memory: a trap.";
VloadZeroVal step "Step_read/vload-zero-val" (exec "vload-zero")
    "One lane is read, and all other bits are zero.";
VloadLaneOob step "Step_read/vload_lane-oob" (exec "vload-lane")
    "The access ends past the memory: a trap.";
VloadLaneVal step "Step_read/vload_lane-val" (exec "vload-lane")
    "One lane of the vector is replaced by what is read.";
StoreNumOob step "Step/store-num-oob" (exec "store-val")
    "The access ends past the memory: a trap, and nothing is written.";
StoreNumVal step "Step/store-num-val" (exec "store-val")
    "The bytes of the number are written at the address.";
StorePackOob step "Step/store-pack-oob" (exec "store-pack")
    "The access ends past the memory: a trap, and nothing is written.";
StorePackVal step "Step/store-pack-val" (exec "store-pack")
    "The low bytes of the integer are written at the address.";
VstoreOob step "Step/vstore-oob" (exec "vstore")
    "The access ends past the memory: a trap, and nothing is written.";
VstoreVal step "Step/vstore-val" (exec "vstore")
    "The 16 bytes of the vector are written at the address.";
VstoreLaneOob step "Step/vstore_lane-oob" (exec "vstore-lane")
    "The access ends past the memory: a trap, and nothing is written.";
VstoreLaneVal step "Step/vstore_lane-val" (exec "vstore-lane")
    "One lane of the vector is written at the address.";
MemorySize step "Step_read/memory.size" (exec "memory-size")
    "The number of the memory's pages is pushed.";
MemoryGrowSucceed step "Step/memory.grow-succeed" (exec "memory-grow")
    "The memory gets more pages, and the old number of pages is pushed.";
MemoryGrowFail step "Step/memory.grow-fail" (exec "memory-grow")
    "The memory stays as it is, and -1 is pushed.";
MemoryFillOob step "Step_read/memory.fill-oob" (exec "memory-fill")
    "The range ends past the memory: a trap, and nothing is written.";
MemoryFillZero step "Step_read/memory.fill-zero" (exec "memory-fill")
    "No byte is left to write.";
MemoryFillSucc step "Step_read/memory.fill-succ" (exec "memory-fill")
    "One byte is stored, and the rest is filled after it.";
MemoryCopyOob step "Step_read/memory.copy-oob" (exec "memory-copy")
    "One of the ranges ends past its memory: a trap, and nothing is copied.";
MemoryCopyZero step "Step_read/memory.copy-zero" (exec "memory-copy")
    "No byte is left to copy.";
MemoryCopyLe step "Step_read/memory.copy-le" (exec "memory-copy")
    "The first byte is copied, and the rest after it, upwards.";
MemoryCopyGt step "Step_read/memory.copy-gt" (exec "memory-copy")
    "The last byte is copied, and the rest after it, downwards.";
MemoryInitOob step "Step_read/memory.init-oob" (exec "memory-init")
    "A range ends past the memory or the segment: a trap, and nothing is written.";
MemoryInitZero step "Step_read/memory.init-zero" (exec "memory-init")
    "No byte is left to write.";
MemoryInitSucc step "Step_read/memory.init-succ" (exec "memory-init")
    "One byte of the segment is stored, and the rest after it.";
DataDrop step "Step/data.drop" (exec "data-drop")
    "The data segment becomes empty.";
RefNull step "Step_read/ref.null" (exec "ref-null")
    "A null reference is pushed.";
RefFunc step "Step_read/ref.func" (exec "ref-func")
    "A reference to the function is pushed.";
RefI31 step "Step_pure/ref.i31" (exec "ref-i31")
    "The low 31 bits of the integer become a reference.";
RefIsNullTrue step "Step_pure/ref.is_null-true" (exec "ref-is-null")
    "The reference is null, so 1 is pushed.";
RefIsNullFalse step "Step_pure/ref.is_null-false" (exec "ref-is-null")
    "The reference is not null, so 0 is pushed.";
RefAsNonNullNull step "Step_pure/ref.as_non_null-null" (exec "ref-as-non-null")
    "The reference is null: a trap.";
RefAsNonNullAddr step "Step_pure/ref.as_non_null-addr" (exec "ref-as-non-null")
    "The reference is not null, and stays.";
RefEqNull step "Step_pure/ref.eq-null" (exec "ref-eq")
    "Both references are null, so 1 is pushed.";
RefEqTrue step "Step_pure/ref.eq-true" (exec "ref-eq")
    "Both are the same reference, so 1 is pushed.";
RefEqFalse step "Step_pure/ref.eq-false" (exec "ref-eq")
    "The references differ, so 0 is pushed.";
RefTestTrue step "Step_read/ref.test-true" (exec "ref-test")
    "The reference has the type, so 1 is pushed.";
RefTestFalse step "Step_read/ref.test-false" (exec "ref-test")
    "The reference has not the type, so 0 is pushed.";
RefCastSucceed step "Step_read/ref.cast-succeed" (exec "ref-cast")
    "The reference has the type, and stays.";
RefCastFail step "Step_read/ref.cast-fail" (exec "ref-cast")
    "The reference has not the type: a trap.";
I31GetNull step "Step_pure/i31.get-null" (exec "i31-get")
    "The reference is null: a trap.";
I31GetNum step "Step_pure/i31.get-num" (exec "i31-get")
    "The 31 bits are extended to 32, with or without sign.";
StructNew step "Step/struct.new" (exec "struct-new")
    "A structure is made of the values, and a reference to it is pushed.";
StructNewDefault step "Step_read/struct.new_default" (exec "struct-new-default")
    "The default value of each field is pushed, and a structure is made of them.";
StructGetNull step "Step_read/struct.get-null" (exec "struct-get")
    "The reference is null: a trap.";
StructGetStruct step "Step_read/struct.get-struct" (exec "struct-get")
    "The field's value is pushed, a packed one extended.";
StructSetNull step "Step/struct.set-null" (exec "struct-set")
    "The reference is null: a trap.";
StructSetStruct step "Step/struct.set-struct" (exec "struct-set")
    "The value becomes the field's, cut to its width when packed.";
ArrayNew step "Step_pure/array.new" (exec "array-new")
    "The value is repeated, and an array is made of the copies.";
ArrayNewDefault step "Step_read/array.new_default" (exec "array-new-default")
    "The default value is repeated, and an array is made of the copies.";
ArrayNewFixed step "Step/array.new_fixed" (exec "array-new-fixed")
    "An array is made of the values, and a reference to it is pushed.";
ArrayNewElemOob step "Step_read/array.new_elem-oob" (exec "array-new-elem")
    "The range ends past the element segment: a trap.";
ArrayNewElemAlloc step "Step_read/array.new_elem-alloc" (exec "array-new-elem")
    "References of the segment are pushed, and an array is made of them.";
ArrayNewDataOob step "Step_read/array.new_data-oob" (exec "array-new-data")
    "The range ends past the data segment: a trap.";
ArrayNewDataNum step "Step_read/array.new_data-num" (exec "array-new-data")
    "Bytes of the segment are read as numbers, and an array is made of them.";
ArrayGetNull step "Step_read/array.get-null" (exec "array-get")
    "The reference is null: a trap.";
ArrayGetOob step "Step_read/array.get-oob" (exec "array-get")
    "The index is past the array: a trap.";
ArrayGetArray step "Step_read/array.get-array" (exec "array-get")
    "The element is pushed, a packed one extended.";
ArraySetNull step "Step/array.set-null" (exec "array-set")
    "The reference is null: a trap.";
ArraySetOob step "Step/array.set-oob" (exec "array-set")
    "The index is past the array: a trap.";
ArraySetArray step "Step/array.set-array" (exec "array-set")
    "The value becomes the element's, cut to its width when packed.";
ArrayLenNull step "Step_read/array.len-null" (exec "array-len")
    "The reference is null: a trap.";
ArrayLenArray step "Step_read/array.len-array" (exec "array-len")
    "The number of the array's elements is pushed.";
ArrayFillNull step "Step_read/array.fill-null" (exec "array-fill")
    "The reference is null: a trap.";
ArrayFillOob step "Step_read/array.fill-oob" (exec "array-fill")
    "The range ends past the array: a trap, and nothing is written.";
ArrayFillZero step "Step_read/array.fill-zero" (exec "array-fill")
    "No element is left to write.";
ArrayFillSucc step "Step_read/array.fill-succ" (exec "array-fill")
    "One element is set, and the rest is filled after it.";
ArrayCopyNull1 step "Step_read/array.copy-null1" (exec "array-copy")
    "The reference to the array to be written is null: a trap.";
ArrayCopyNull2 step "Step_read/array.copy-null2" (exec "array-copy")
    "The reference to the array to be read is null: a trap.";
ArrayCopyOob1 step "Step_read/array.copy-oob1" (exec "array-copy")
    "The range to be written ends past its array: a trap.";
ArrayCopyOob2 step "Step_read/array.copy-oob2" (exec "array-copy")
    "The range to be read ends past its array: a trap.";
ArrayCopyZero step "Step_read/array.copy-zero" (exec "array-copy")
    "No element is left to copy.";
ArrayCopyLe step "Step_read/array.copy-le" (exec "array-copy")
    "The first element is copied, and the rest after it, upwards.";
ArrayCopyGt step "Step_read/array.copy-gt" (exec "array-copy")
    "The last element is copied, and the rest after it, downwards.";
ArrayInitElemNull step "Step_read/array.init_elem-null" (exec "array-init-elem")
    "The reference is null: a trap.";
ArrayInitElemOob1 step "Step_read/array.init_elem-oob1" (exec "array-init-elem")
    "The range to be written ends past the array: a trap.";
ArrayInitElemOob2 step "Step_read/array.init_elem-oob2" (exec "array-init-elem")
    "The range to be read ends past the element segment: a trap.";
ArrayInitElemZero step "Step_read/array.init_elem-zero" (exec "array-init-elem")
    "No element is left to write.";
ArrayInitElemSucc step "Step_read/array.init_elem-succ" (exec "array-init-elem")
    "One reference of the segment is set, and the rest after it.";
ArrayInitDataNull step "Step_read/array.init_data-null" (exec "array-init-data")
    "The reference is null: a trap.";
ArrayInitDataOob1 step "Step_read/array.init_data-oob1" (exec "array-init-data")
    "The range to be written ends past the array: a trap.";
ArrayInitDataOob2 step "Step_read/array.init_data-oob2" (exec "array-init-data")
    "The range to be read ends past the data segment: a trap.";
ArrayInitDataZero step "Step_read/array.init_data-zero" (exec "array-init-data")
    "No element is left to write.";
ArrayInitDataNum step "Step_read/array.init_data-num" (exec "array-init-data")
    "One number is read from the segment and set, and the rest after it.";
ExternConvertAnyNull step "Step_pure/extern.convert_any-null" (exec "extern-convert-any")
    "Null stays null, now as an external reference.";
ExternConvertAnyAddr step "Step_pure/extern.convert_any-addr" (exec "extern-convert-any")
    "The reference is wrapped as an external one.";
AnyConvertExternNull step "Step_pure/any.convert_extern-null" (exec "any-convert-extern")
    "Null stays null, now as an internal reference.";
AnyConvertExternAddr step "Step_pure/any.convert_extern-addr" (exec "any-convert-extern")
    "The wrapping of an external reference is taken off.";
UnopVal step "Step_pure/unop-val" (exec "unop")
    "The operator's result takes the place of its operand.";
UnopTrap step "Step_pure/unop-trap" (exec "unop")
    "The operator has no result for this operand: a trap.";
BinopVal step "Step_pure/binop-val" (exec "binop")
    "The operator's result takes the place of its two operands.";
BinopTrap step "Step_pure/binop-trap" (exec "binop")
    "The operator has no result for these operands: a trap.";
Testop step "Step_pure/testop" (exec "testop")
    "The test's answer, 1 or 0, takes the place of its operand.";
Relop step "Step_pure/relop" (exec "relop")
    "The comparison's answer, 1 or 0, takes the place of its operands.";
CvtopVal step "Step_pure/cvtop-val" (exec "cvtop")
    "The converted number takes the place of the operand.";
CvtopTrap step "Step_pure/cvtop-trap" (exec "cvtop")
    "The number has no counterpart in the other type: a trap.";
Vvunop step "Step_pure/vvunop" (exec "vvunop")
    "The operator is applied to all bits of the vector.";
Vvbinop step "Step_pure/vvbinop" (exec "vvbinop")
    "The operator is applied to the bits of two vectors.";
Vvternop step "Step_pure/vvternop" (exec "vvternop")
    "The operator is applied to the bits of three vectors.";
Vvtestop step "Step_pure/vvtestop" (exec "vvtestop")
    "1 is pushed if any bit of the vector is set, else 0.";
VunopVal step "Step_pure/vunop-val" (exec "vunop")
    "The operator is applied to each lane.";
VunopTrap step "Step_pure/vunop-trap" (exec "vunop")
    "The operator has no result for a lane: a trap.";
VbinopVal step "Step_pure/vbinop-val" (exec "vbinop")
    "The operator is applied to each pair of lanes.";
VbinopTrap step "Step_pure/vbinop-trap" (exec "vbinop")
    "The operator has no result for a pair of lanes: a trap.";
VternopVal step "Step_pure/vternop-val" (exec "vternop")
    "The operator is applied to each three lanes.";
VternopTrap step "Step_pure/vternop-trap" (exec "vternop")
    "The operator has no result for three lanes: a trap.";
Vtestop step "Step_pure/vtestop" (exec "vtestop")
    "1 is pushed if every lane is other than zero, else 0.";
Vrelop step "Step_pure/vrelop" (exec "vrelop")
    "Each pair of lanes is compared; a lane of all ones means yes.";
Vshiftop step "Step_pure/vshiftop" (exec "vshiftop")
    "Each lane is shifted by the same count, modulo its width.";
Vbitmask step "Step_pure/vbitmask" (exec "vbitmask")
    "The highest bits of the lanes are gathered into an integer.";
Vswizzlop step "Step_pure/vswizzlop" (exec "vswizzlop")
    "Lanes of one vector are picked by the numbers in another.";
Vshuffle step "Step_pure/vshuffle" (exec "vshuffle")
    "Lanes of two vectors are picked by the numbers in the instruction.";
Vsplat step "Step_pure/vsplat" (exec "vsplat")
    "Every lane becomes a copy of the number.";
VextractLaneNum step "Step_pure/vextract_lane-num" (exec "vextract-lane")
    "One lane is pushed as a number of its own type.";
VextractLanePack step "Step_pure/vextract_lane-pack" (exec "vextract-lane")
    "One narrow lane is extended and pushed.";
VreplaceLane step "Step_pure/vreplace_lane" (exec "vreplace-lane")
    "One lane of the vector is replaced by the number.";
Vextunop step "Step_pure/vextunop" (exec "vextunop")
    "Neighbouring lanes are extended and combined.";
Vextbinop step "Step_pure/vextbinop" (exec "vextbinop")
    "Lanes of two vectors are extended and combined.";
Vextternop step "Step_pure/vextternop" (exec "vextternop")
    "Lanes are extended and combined, and a third vector is added.";
Vnarrow step "Step_pure/vnarrow" (exec "vnarrow")
    "The lanes of two vectors are saturated to half their width, in one vector.";
Vcvtop step "Step_pure/vcvtop" (exec "vcvtop")
    "The lanes are converted to another shape.";
EvalExpr step "Eval_expr" (exec "expr")
    "The constant expression is done: what it left is its value.";
        }
    };
}
pub(super) use step_rows;
