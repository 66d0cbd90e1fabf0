//! The table of the rules by which instructions are typed (spec: valid/instructions): two lines
//! for each rule, as in `steps`. The kind has the number of the rule's premises in the formal spec.

/// Calls a macro with the rules of the formal spec that type instructions.
macro_rules! typing_rows {
    ($with:ident $($extra:tt)*) => {
        $with! { $($extra)*
InstrOkNop (typing 0) "Instr_ok/nop" (valid "nop")
    "It takes and leaves nothing.";
InstrOkUnreachable (typing 1) "Instr_ok/unreachable" (valid "unreachable")
    "What follows cannot be reached, so it may take and leave anything.";
InstrOkDrop (typing 1) "Instr_ok/drop" (valid "drop")
    "It takes one value of any type.";
InstrOkSelectExpl (typing 1) "Instr_ok/select-expl" (valid "select")
    "It takes two values of the type written and a condition, and leaves one.";
InstrOkSelectImpl (typing 3) "Instr_ok/select-impl" (valid "select")
    "It takes two numbers or vectors of one type and a condition, and leaves one.";
BlocktypeOkValtype (typing 1) "Blocktype_ok/valtype" (page "valid/types.html#valid-blocktype")
    "The type of a block is written as no result or one.";
BlocktypeOkTypeidx (typing 1) "Blocktype_ok/typeidx" (page "valid/types.html#valid-blocktype")
    "The type of a block is a function type of the module.";
InstrOkBlock (typing 2) "Instr_ok/block" (valid "block")
    "The body has the block's type, under a label that takes the block's results.";
InstrOkLoop (typing 2) "Instr_ok/loop" (valid "loop")
    "The body has the loop's type, under a label that takes the loop's parameters.";
InstrOkIf (typing 3) "Instr_ok/if" (valid "if")
    "Both arms have the type written; a condition is taken besides.";
InstrOkBr (typing 2) "Instr_ok/br" (valid "br")
    "It takes what the label takes; what follows cannot be reached.";
InstrOkBrIf (typing 1) "Instr_ok/br_if" (valid "br-if")
    "It takes a condition and what the label takes, and leaves the latter.";
InstrOkBrTable (typing 3) "Instr_ok/br_table" (valid "br-table")
    "It takes an index and what every label in the table takes.";
InstrOkBrOnNull (typing 2) "Instr_ok/br_on_null" (valid "br-on-null")
    "It takes a reference and leaves it as one that is not null.";
InstrOkBrOnNonNull (typing 1) "Instr_ok/br_on_non_null" (valid "br-on-non-null")
    "The label takes the reference, as one that is not null, on top.";
InstrOkBrOnCast (typing 5) "Instr_ok/br_on_cast" (valid "br-on-cast")
    "The label takes the reference with the type tested for.";
InstrOkBrOnCastFail (typing 5) "Instr_ok/br_on_cast_fail" (valid "br-on-cast-fail")
    "The label takes the reference with what the type tested for leaves.";
InstrOkCall (typing 1) "Instr_ok/call" (valid "call")
    "It takes the function's parameters and leaves its results.";
InstrOkCallRef (typing 1) "Instr_ok/call_ref" (valid "call-ref")
    "It takes the type's parameters and a reference to such a function.";
InstrOkCallIndirect (typing 3) "Instr_ok/call_indirect" (valid "call-indirect")
    "It takes the type's parameters and an index into a table of functions.";
InstrOkReturn (typing 2) "Instr_ok/return" (valid "return")
    "It takes the function's results; what follows cannot be reached.";
InstrOkReturnCall (typing 4) "Instr_ok/return_call" (valid "return-call")
    "The callee's results are those that the function must return.";
InstrOkReturnCallRef (typing 4) "Instr_ok/return_call_ref" (valid "return-call-ref")
    "The results of the type are those that the function must return.";
InstrOkReturnCallIndirect (typing 6) "Instr_ok/return_call_indirect" (valid "return-call-indirect")
    "As a call through a table, with results that the function may return.";
InstrOkThrow (typing 2) "Instr_ok/throw" (valid "throw")
    "It takes what the tag carries; what follows cannot be reached.";
InstrOkThrowRef (typing 1) "Instr_ok/throw_ref" (valid "throw-ref")
    "It takes a reference to an exception; what follows cannot be reached.";
InstrOkTryTable (typing 3) "Instr_ok/try_table" (valid "try-table")
    "The body has the type written, and each clause fits its label.";
CatchOkCatch (typing 2) "Catch_ok/catch" (valid "try-table")
    "The label takes what the tag carries.";
CatchOkCatchRef (typing 2) "Catch_ok/catch_ref" (valid "try-table")
    "The label takes what the tag carries, and the exception.";
CatchOkCatchAll (typing 1) "Catch_ok/catch_all" (valid "try-table")
    "The label takes nothing.";
CatchOkCatchAllRef (typing 1) "Catch_ok/catch_all_ref" (valid "try-table")
    "The label takes the exception.";
InstrOkRefNull (typing 1) "Instr_ok/ref.null" (valid "ref-null")
    "It leaves a reference that may be null, of the type written.";
InstrOkRefFunc (typing 2) "Instr_ok/ref.func" (valid "ref-func")
    "It leaves a reference to a function that is mentioned outside of bodies.";
InstrOkRefI31 (typing 0) "Instr_ok/ref.i31" (valid "ref-i31")
    "It takes an integer and leaves a reference that holds it.";
InstrOkRefIsNull (typing 1) "Instr_ok/ref.is_null" (valid "ref-is-null")
    "It takes any reference and leaves an integer.";
InstrOkRefAsNonNull (typing 1) "Instr_ok/ref.as_non_null" (valid "ref-as-non-null")
    "It takes any reference and leaves it as one that is not null.";
InstrOkRefEq (typing 0) "Instr_ok/ref.eq" (valid "ref-eq")
    "It takes two references that can be compared, and leaves an integer.";
InstrOkRefTest (typing 3) "Instr_ok/ref.test" (valid "ref-test")
    "It takes a reference of the same hierarchy and leaves an integer.";
InstrOkRefCast (typing 3) "Instr_ok/ref.cast" (valid "ref-cast")
    "It takes a reference of the same hierarchy and leaves it with the type written.";
InstrOkI31Get (typing 0) "Instr_ok/i31.get" (valid "i31-get")
    "It takes a reference that holds an integer, and leaves the integer.";
InstrOkStructNew (typing 1) "Instr_ok/struct.new" (valid "struct-new")
    "It takes a value for each field and leaves a reference to the structure.";
InstrOkStructNewDefault (typing 2) "Instr_ok/struct.new_default" (valid "struct-new-default")
    "Each field has a default value; it leaves a reference to the structure.";
InstrOkStructGet (typing 3) "Instr_ok/struct.get" (valid "struct-get")
    "It takes a structure and leaves the field; a packed one says how to extend it.";
InstrOkStructSet (typing 2) "Instr_ok/struct.set" (valid "struct-set")
    "It takes a structure and a value for a field that may change.";
InstrOkArrayNew (typing 1) "Instr_ok/array.new" (valid "array-new")
    "It takes an element and a length, and leaves a reference to the array.";
InstrOkArrayNewDefault (typing 2) "Instr_ok/array.new_default" (valid "array-new-default")
    "The element has a default value; it takes a length.";
InstrOkArrayNewFixed (typing 1) "Instr_ok/array.new_fixed" (valid "array-new-fixed")
    "It takes as many elements as written, and leaves a reference to the array.";
InstrOkArrayNewElem (typing 2) "Instr_ok/array.new_elem" (valid "array-new-elem")
    "The segment's references fit the element; it takes a start and a length.";
InstrOkArrayNewData (typing 3) "Instr_ok/array.new_data" (valid "array-new-data")
    "The element is a number or vector; it takes a start and a length.";
InstrOkArrayGet (typing 2) "Instr_ok/array.get" (valid "array-get")
    "It takes an array and an index; a packed element says how to extend it.";
InstrOkArraySet (typing 1) "Instr_ok/array.set" (valid "array-set")
    "It takes an array whose elements may change, an index and a value.";
InstrOkArrayLen (typing 0) "Instr_ok/array.len" (valid "array-len")
    "It takes any array and leaves its length.";
InstrOkArrayFill (typing 1) "Instr_ok/array.fill" (valid "array-fill")
    "It takes an array whose elements may change, a start, a value and a length.";
InstrOkArrayCopy (typing 3) "Instr_ok/array.copy" (valid "array-copy")
    "The array written may change, and takes what the other one holds.";
InstrOkArrayInitElem (typing 2) "Instr_ok/array.init_elem" (valid "array-init-elem")
    "The array may change, and takes the segment's references.";
InstrOkArrayInitData (typing 3) "Instr_ok/array.init_data" (valid "array-init-data")
    "The array may change, and its elements are numbers or vectors.";
InstrOkExternConvertAny (typing 1) "Instr_ok/extern.convert_any" (valid "extern-convert-any")
    "It takes an internal reference and leaves an external one, null or not alike.";
InstrOkAnyConvertExtern (typing 1) "Instr_ok/any.convert_extern" (valid "any-convert-extern")
    "It takes an external reference and leaves an internal one, null or not alike.";
InstrOkLocalGet (typing 1) "Instr_ok/local.get" (valid "local-get")
    "It leaves the value of a local that has been set.";
InstrOkLocalSet (typing 1) "Instr_ok/local.set" (valid "local-set")
    "It takes a value of the local's type, and the local is set from here on.";
InstrOkLocalTee (typing 1) "Instr_ok/local.tee" (valid "local-tee")
    "It takes and leaves a value of the local's type; the local is set from here on.";
InstrOkGlobalGet (typing 1) "Instr_ok/global.get" (valid "global-get")
    "It leaves the value of the global.";
InstrOkGlobalSet (typing 1) "Instr_ok/global.set" (valid "global-set")
    "It takes a value for a global that may change.";
InstrOkTableGet (typing 1) "Instr_ok/table.get" (valid "table-get")
    "It takes an index and leaves a reference of the table's type.";
InstrOkTableSet (typing 1) "Instr_ok/table.set" (valid "table-set")
    "It takes an index and a reference of the table's type.";
InstrOkTableSize (typing 1) "Instr_ok/table.size" (valid "table-size")
    "It leaves the table's length.";
InstrOkTableGrow (typing 1) "Instr_ok/table.grow" (valid "table-grow")
    "It takes a reference and a count, and leaves the old length.";
InstrOkTableFill (typing 1) "Instr_ok/table.fill" (valid "table-fill")
    "It takes a start, a reference and a length.";
InstrOkTableCopy (typing 3) "Instr_ok/table.copy" (valid "table-copy")
    "The table read holds what the table written takes.";
InstrOkTableInit (typing 3) "Instr_ok/table.init" (valid "table-init")
    "The segment holds what the table takes.";
InstrOkElemDrop (typing 1) "Instr_ok/elem.drop" (valid "elem-drop")
    "The element segment exists.";
MemargOk (typing 2) "Memarg_ok" (valid "memarg")
    "The alignment is at most the width, and the offset fits the address type.";
InstrOkMemorySize (typing 1) "Instr_ok/memory.size" (valid "memory-size")
    "It leaves the memory's number of pages.";
InstrOkMemoryGrow (typing 1) "Instr_ok/memory.grow" (valid "memory-grow")
    "It takes a number of pages and leaves the old one.";
InstrOkMemoryFill (typing 1) "Instr_ok/memory.fill" (valid "memory-fill")
    "It takes a start, a byte and a length.";
InstrOkMemoryCopy (typing 2) "Instr_ok/memory.copy" (valid "memory-copy")
    "Both memories exist; it takes two starts and a length.";
InstrOkMemoryInit (typing 2) "Instr_ok/memory.init" (valid "memory-init")
    "The memory and the data segment exist; it takes two starts and a length.";
InstrOkDataDrop (typing 1) "Instr_ok/data.drop" (valid "data-drop")
    "The data segment exists.";
InstrOkLoad (typing 4) "Instr_ok/load" (valid "load-val")
    "All loads of numbers in one rule, which is commented out in the formal spec.";
InstrOkLoadVal (typing 2) "Instr_ok/load-val" (valid "load-val")
    "It takes an address and leaves a number.";
InstrOkLoadPack (typing 2) "Instr_ok/load-pack" (valid "load-pack")
    "It takes an address and leaves an integer, extended from fewer bytes.";
InstrOkStore (typing 4) "Instr_ok/store" (valid "store-val")
    "All stores of numbers in one rule, which is commented out in the formal spec.";
InstrOkStoreVal (typing 2) "Instr_ok/store-val" (valid "store-val")
    "It takes an address and a number.";
InstrOkStorePack (typing 2) "Instr_ok/store-pack" (valid "store-pack")
    "It takes an address and an integer, of which the low bytes are stored.";
InstrOkVloadVal (typing 2) "Instr_ok/vload-val" (valid "vload-val")
    "It takes an address and leaves a vector.";
InstrOkVloadPack (typing 2) "Instr_ok/vload-pack" (valid "vload-pack")
    "It takes an address and leaves a vector of extended lanes.";
InstrOkVloadSplat (typing 2) "Instr_ok/vload-splat" (valid "vload-splat")
    "It takes an address and leaves a vector of equal lanes.";
InstrOkVloadZero (typing 2) "Instr_ok/vload-zero" (valid "vload-zero")
    "It takes an address and leaves a vector that is zero but for one lane.";
InstrOkVloadLane (typing 3) "Instr_ok/vload_lane" (valid "vload-lane")
    "It takes an address and a vector, and leaves the vector with a lane replaced.";
InstrOkVstore (typing 2) "Instr_ok/vstore" (valid "vstore")
    "It takes an address and a vector.";
InstrOkVstoreLane (typing 3) "Instr_ok/vstore_lane" (valid "vstore-lane")
    "It takes an address and a vector, of which one lane is stored.";
InstrOkConst (typing 0) "Instr_ok/const" (valid "const")
    "It leaves a number of its type.";
InstrOkUnop (typing 0) "Instr_ok/unop" (valid "unop")
    "It takes a number and leaves one of the same type.";
InstrOkBinop (typing 0) "Instr_ok/binop" (valid "binop")
    "It takes two numbers and leaves one of the same type.";
InstrOkTestop (typing 0) "Instr_ok/testop" (valid "testop")
    "It takes a number and leaves an integer.";
InstrOkRelop (typing 0) "Instr_ok/relop" (valid "relop")
    "It takes two numbers of a type and leaves an integer.";
InstrOkCvtop (typing 0) "Instr_ok/cvtop" (valid "cvtop")
    "It takes a number and leaves one of another type.";
InstrOkVconst (typing 0) "Instr_ok/vconst" (valid "vconst")
    "It leaves a vector.";
InstrOkVvunop (typing 0) "Instr_ok/vvunop" (valid "vvunop")
    "It takes a vector and leaves one.";
InstrOkVvbinop (typing 0) "Instr_ok/vvbinop" (valid "vvbinop")
    "It takes two vectors and leaves one.";
InstrOkVvternop (typing 0) "Instr_ok/vvternop" (valid "vvternop")
    "It takes three vectors and leaves one.";
InstrOkVvtestop (typing 0) "Instr_ok/vvtestop" (valid "vvtestop")
    "It takes a vector and leaves an integer.";
InstrOkVunop (typing 0) "Instr_ok/vunop" (valid "vunop")
    "It takes a vector and leaves one.";
InstrOkVbinop (typing 0) "Instr_ok/vbinop" (valid "vbinop")
    "It takes two vectors and leaves one.";
InstrOkVternop (typing 0) "Instr_ok/vternop" (valid "vternop")
    "It takes three vectors and leaves one.";
InstrOkVtestop (typing 0) "Instr_ok/vtestop" (valid "vtestop")
    "It takes a vector and leaves an integer.";
InstrOkVrelop (typing 0) "Instr_ok/vrelop" (valid "vrelop")
    "It takes two vectors and leaves one.";
InstrOkVshiftop (typing 0) "Instr_ok/vshiftop" (valid "vshiftop")
    "It takes a vector and a count, and leaves a vector.";
InstrOkVbitmask (typing 0) "Instr_ok/vbitmask" (valid "vbitmask")
    "It takes a vector and leaves an integer.";
InstrOkVswizzlop (typing 0) "Instr_ok/vswizzlop" (valid "vswizzlop")
    "It takes two vectors and leaves one.";
InstrOkVshuffle (typing 1) "Instr_ok/vshuffle" (valid "vshuffle")
    "Each lane number is below twice the number of lanes; it takes two vectors.";
InstrOkVsplat (typing 0) "Instr_ok/vsplat" (valid "vsplat")
    "It takes a number and leaves a vector.";
InstrOkVextractLane (typing 1) "Instr_ok/vextract_lane" (valid "vextract-lane")
    "The lane exists; it takes a vector and leaves a number.";
InstrOkVreplaceLane (typing 1) "Instr_ok/vreplace_lane" (valid "vreplace-lane")
    "The lane exists; it takes a vector and a number, and leaves a vector.";
InstrOkVextunop (typing 0) "Instr_ok/vextunop" (valid "vextunop")
    "It takes a vector and leaves one.";
InstrOkVextbinop (typing 0) "Instr_ok/vextbinop" (valid "vextbinop")
    "It takes two vectors and leaves one.";
InstrOkVextternop (typing 0) "Instr_ok/vextternop" (valid "vextternop")
    "It takes three vectors and leaves one.";
InstrOkVnarrow (typing 0) "Instr_ok/vnarrow" (valid "vnarrow")
    "It takes two vectors and leaves one.";
InstrOkVcvtop (typing 0) "Instr_ok/vcvtop" (valid "vcvtop")
    "It takes a vector and leaves one.";
InstrsOkEmpty (typing 0) "Instrs_ok/empty" (valid "instrs")
    "No instructions take and leave nothing.";
InstrsOkInstr (typing 1) "Instrs_ok/instr" (valid "instrs")
    "One instruction is a sequence of the same type.";
InstrsOkSeq (typing 3) "Instrs_ok/seq" (valid "instrs")
    "Two sequences fit when the first leaves what the second takes.";
InstrsOkSub (typing 3) "Instrs_ok/sub" (valid "instrs")
    "A sequence may be given a type that its own one matches.";
InstrsOkFrame (typing 2) "Instrs_ok/frame" (valid "instrs")
    "A sequence leaves untouched what lies below its operands.";
ExprOk (typing 1) "Expr_ok" (valid "expr")
    "The body takes nothing and leaves the results.";
InstrConstConst (typing 0) "Instr_const/const" (valid "constant")
    "A number may stand in a constant expression.";
InstrConstVconst (typing 0) "Instr_const/vconst" (valid "constant")
    "A vector may stand in a constant expression.";
InstrConstRefNull (typing 0) "Instr_const/ref.null" (valid "constant")
    "A null reference may stand in a constant expression.";
InstrConstRefI31 (typing 0) "Instr_const/ref.i31" (valid "constant")
    "A reference that holds an integer may be made in a constant expression.";
InstrConstRefFunc (typing 0) "Instr_const/ref.func" (valid "constant")
    "A reference to a function may stand in a constant expression.";
InstrConstStructNew (typing 0) "Instr_const/struct.new" (valid "constant")
    "A structure may be made in a constant expression.";
InstrConstStructNewDefault (typing 0) "Instr_const/struct.new_default" (valid "constant")
    "A structure of default values may be made in a constant expression.";
InstrConstArrayNew (typing 0) "Instr_const/array.new" (valid "constant")
    "An array may be made in a constant expression.";
InstrConstArrayNewDefault (typing 0) "Instr_const/array.new_default" (valid "constant")
    "An array of default values may be made in a constant expression.";
InstrConstArrayNewFixed (typing 0) "Instr_const/array.new_fixed" (valid "constant")
    "An array of values may be made in a constant expression.";
InstrConstAnyConvertExtern (typing 0) "Instr_const/any.convert_extern" (valid "constant")
    "A reference may be made internal in a constant expression.";
InstrConstExternConvertAny (typing 0) "Instr_const/extern.convert_any" (valid "constant")
    "A reference may be made external in a constant expression.";
InstrConstGlobalGet (typing 1) "Instr_const/global.get" (valid "constant")
    "A global that cannot change may be read in a constant expression.";
InstrConstBinop (typing 2) "Instr_const/binop" (valid "constant")
    "Integers may be added, subtracted and multiplied in a constant expression.";
ExprConst (typing 1) "Expr_const" (valid "constant")
    "Every instruction of the expression is a constant one.";
ExprOkConst (typing 2) "Expr_ok_const" (valid "constant")
    "The expression has its type, and is constant.";
        }
    };
}
pub(super) use typing_rows;
