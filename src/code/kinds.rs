//! The table of operations: one row for each [`Kind`], and all that is known of it statically.
//!
//! A row is `number Kind(parameters) => text, words, accumulator, control, [operands], handler;`
//!
//! - The *number* is stable: it stands for the kind in stored code and is never used again.
//! - The *text* is how the operation is printed; [`disassemble`](super::disassemble) lists the
//!   placeholders.
//! - *Words* is the number of [`Kind::Data`] words that follow the operation.
//! - *Accumulator* ([`Acc`]) and *control* ([`Control`]) say what is in the accumulator afterwards
//!   and which operation comes next.
//! - *Operands* are calls of [`Facts`]'s methods, reads first, whose arguments name places of the
//!   operation ([`Place`]).
//! - The *handler* executes it; only `exec` expands that column, with `D` as its dispatch.
//!
//! Whatever wants something of all kinds is generated from here: a row that lacks a column does
//! not compile. See CONTRIBUTING, "Adding a fusion".
//!
//! [`Kind`]: super::op::Kind
//! [`Kind::Data`]: super::op::Kind::Data
//! [`Acc`]: super::operands::Acc
//! [`Control`]: super::op::Control
//! [`Facts`]: super::operands::Facts
//! [`Place`]: super::place::Place

/// Calls a macro with the rows of the table.
macro_rules! for_each_kind {
    ($make:ident) => { $make! {
/// 64 bits that belong to the operation before; never executed.
0x00 Data => "data {bits}", 0, Loses, Never, [], control::data;
/// Marks an instruction that needs no operation.
0x01 Nop => "nop", 0, Keeps, Next, [], control::nop::<D>;
0x02 Unreachable => "unreachable", 0, Loses, End, [], control::unreachable_op;
/// Charges units of fuel, or stops before.
0x03 Fuel => "fuel {imm}", 0, Keeps, Next, [], control::fuel::<D>;
/// Stops when the epoch deadline is reached.
0x04 Epoch => "epoch", 0, Keeps, Next, [], control::epoch::<D>;
/// Checks that the stack reaches that many cells past the frame's start.
0x05 CheckFrame => "check_frame {imm}", 0, Keeps, Next, [], control::check_frame::<D>;
/// Records the host stack's address (0: first, 1: last): the proof of tail calls.
0x06 StackProbe => "stack_probe {a.u}", 0, Keeps, Next, [], control::stack_probe::<D>;

0x10 Copy => "{a} = copy {b}", 0, Defines, Next,
    [same(B) sets_same(A)], control::copy::<D>;
0x11 Copy2 => "{a} = copy2 {b}", 0, Keeps, Next,
    [vec(B) sets_vec(A)], control::copy2::<D>;
0x12 CopyPair => "{a} = copy_pair {b}; {c} = {d}", 0, Defines, Next,
    [same(B) sets_same(A) also(D) sets_also(C)], control::copy_pair::<D>;
0x13 CopyConst => "{a} = copy_const {b}; {c} = {d.u}", 0, Defines, Next,
    [same(B) sets_same(A) sets_const(C, NumD)], control::copy_const::<D>;
0x14 ConstPair => "{a} = const_pair {b.u}; {c} = {d.u}", 0, Defines, Next,
    [sets_const(A, NumB) sets_const(C, NumD)], control::const_pair::<D>;
/// The cells may overlap.
0x15 CopySpan => "{a}.. = copy_span {b}.. ({cells})", 0, Keeps, Next,
    [span(B) sets_span(A)], control::copy_span::<D>;
0x16 Const32 => "{a} = const32 {imm}", 0, Defines, Next,
    [sets_const(A, Imm)], control::const32::<D>;
0x17 ConstSext => "{a} = const_sext {imm.i}", 0, Defines, Next,
    [sets_num(A)], control::const_sext::<D>;
0x18 Const64 => "{a} = const64 {word.x}", 1, Defines, Next,
    [sets_num(A)], control::const64::<D>;
0x19 Const128 => "{a} = const128 {words.x}", 2, Keeps, Next,
    [sets_vec(A)], control::const128::<D>;
0x1A Zero => "{a}.. = zero ({cells})", 0, Keeps, Next,
    [zeroes(A)], control::zero::<D>;
0x1B Select => "{a} = select {d} ? {b} : {c}", 0, Defines, Next,
    [num(D) same(B) same(C) sets_same(A)], control::select::<D>;
0x1C SelectAcc => "{a} = select_acc acc ? {b} : {c}", 0, Defines, Next,
    [num(Acc) same(B) same(C) sets_same(A)], control::select_acc::<D>;
0x1D Select2 => "{a} = select2 {d} ? {b} : {c}", 0, Keeps, Next,
    [num(D) vec(B) vec(C) sets_vec(A)], control::select2::<D>;

0x20 Numeric(op: NumericOp, form: NumForm) => "{0} = {op} {1..}", 0, Defines, Next,
    [nums(&form.places()[1..=op.arity()]) sets_num(form.places()[0])],
    numeric::numeric::<D>(op, form);
/// The second operand is loaded whole from memory 0.
0x21 NumericMem(op: NumericOp, form: MemForm) => "{a} = {op} {0}, [{1} + {d.u}]", 0, Defines, Next,
    [nums(form.places()) sets_num(A)], numeric::numeric_mem::<D>(op, form);
/// 32 bits.
0x22 AddPair(form: PairForm) => "i32.add {a} += {0}; {c} += {1}", 0, Defines, Next,
    [num(A) num(C) nums(form.places()) sets_num(A) sets_num(C)], numeric::add_pair::<D>(form);
/// `a <- b + (c << d)`, 32 bits.
0x23 AddShl => "{a} = add_shl {b}, {c}, {d.u}", 0, Defines, Next,
    [num(B) num(C) sets_num(A)], numeric::add_shl::<CellC, D>;
0x24 AddShlA => "{a} = add_shl_a {b}, acc, {d.u}", 0, Defines, Next,
    [num(B) num(Acc) sets_num(A)], numeric::add_shl::<Acc, D>;
/// Operands are four cells from `b`, or `b` and `c`.
0x25 Wide(op: NumericOp) => "{a}, {a+1} = {op} {b}, {c}", 0, Loses, Next,
    [wide(op.arity()) sets_vec(A)], numeric::wide_op::<D>(op);
0x26 Vector(op: VectorOp) => "{a} = {op} {b}, {c}, {d}", 0, Acc::of(op.signature().1[0]), Next,
    [typed(op.signature().0) sets(A, op.signature().1[0])], vector::vector::<D>(op);
0x27 Shuffle => "{a} = shuffle {b}, {c}, {words}", 2, Loses, Next,
    [vec(B) vec(C) sets_vec(A)], out_of_line::<vector::Shuffle, D>;
0x28 Lane(op: LaneOp) => "{a} = {op} {b}[{d.u}], {c}", 0, Acc::of(op.signature().1[0]), Next,
    [typed(op.signature().0) sets(A, op.signature().1[0]) lane(op.lanes())], vector::lane::<D>(op);

0x30 Br => "br {target}", 0, Loses, Jump, [], control::br::<D>;
0x31 CopyBr => "{a} = copy_br {b}, {target}", 0, Defines, Jump,
    [same(B) sets_same(A)], control::copy_br::<D>;
0x32 ConstBr => "{a} = const_br {b.u}, {target}", 0, Defines, Jump,
    [sets_const(A, NumB)], control::const_br::<D>;
/// 32 bits, as the three below.
0x33 BrNz => "br_nz {a}, {target}", 0, Keeps, Branch, [num(A)], control::br_nz::<CellA, D>;
0x34 BrZ => "br_z {a}, {target}", 0, Keeps, Branch, [num(A)], control::br_z::<CellA, D>;
0x35 BrNzA => "br_nz_a acc, {target}", 0, Keeps, Branch, [num(Acc)], control::br_nz::<Acc, D>;
0x36 BrZA => "br_z_a acc, {target}", 0, Keeps, Branch, [num(Acc)], control::br_z::<Acc, D>;
0x37 BrIf(op: NumericOp, form: BrForm) => "br_if {op} {0..}, {target}", 0, Keeps, Branch,
    [nums(&form.places()[..op.arity()])], numeric::br_if::<D>(op, form);
/// Branches when the comparison does not hold.
0x38 BrUnless(op: NumericOp, form: BrForm) => "br_unless {op} {0..}, {target}", 0, Keeps, Branch,
    [nums(&form.places()[..op.arity()])], numeric::br_unless::<D>(op, form);
/// The end of a counted loop: adds the step, then compares the sum with the limit.
0x39 AddBrIf(op: NumericOp, form: LimitForm) => "add_br_if {op} {a} += {0}, {1}, {target}",
    0, Defines, CountedLoop,
    [num(A) nums(form.places()) sets_num(A)], numeric::add_br_if::<D>(op, form);
/// Goes where the `a`-th (at most `imm`-th) of the `Br` operations that follow goes.
0x3A BrTable => "br_table {a}, {entries}", 0, Loses, Table,
    [num(A)], control::br_table::<D>;
0x3B BrOnNull => "br_on_null {a}, {target}", 0, Keeps, Branch,
    [reference(A)], control::br_z::<CellA, D>;
0x3C BrOnNonNull => "br_on_non_null {a}, {target}", 0, Keeps, Branch,
    [reference(A)], control::br_nz::<CellA, D>;
0x3D BrOnCast => "br_on_cast {a}, {ref}, {target}", 1, Keeps, Branch,
    [reference(A) ref_type()], reference::br_on_cast::<D, true>;
0x3E BrOnCastFail => "br_on_cast_fail {a}, {ref}, {target}", 1, Keeps, Branch,
    [reference(A) ref_type()], reference::br_on_cast::<D, false>;

/// Calls code of the unit; the callee's frame starts at `a`, its link at `a + b`.
0x40 Call => "call @{imm}, frame {a}, link {link}", 0, Defines, Call,
    [callee_code(Imm)], call::call::<D>;
0x41 CallFunc => "call_func {imm}, frame {a}, link {link}", 0, Defines, Call,
    [defined(Imm) callee_func(Imm)], call::call_func::<D>;
0x42 CallImport => "call_import {imm}, frame {a}, link {link}", 0, Defines, Call,
    [imported(Imm) callee_func(Imm)], call::call_import::<D>;
0x43 CallIndirect => "call_indirect table {high} [{c}], type {low}, frame {a}, link {link}",
    1, Defines, Call,
    [num(C) func_type(Low) table(High) callee_type(Low)], call::call_indirect::<D>;
0x44 CallRef => "call_ref {c}, frame {a}, link {link}", 0, Defines, Call,
    [reference(C)], call::call_ref::<D>;
/// Tail calls; arguments are staged at `a`, the word has both links and the number of cells.
0x45 ReturnCall => "return_call {imm}, {tail}", 1, Loses, TailCall,
    [func(Imm) callee_func(Imm)], call::return_call::<D>;
0x46 ReturnCallIndirect => "return_call_indirect table {high2} [{c}], type {low2}, {tail}",
    2, Loses, TailCall,
    [num(C) func_type(Low2) table(High2) callee_type(Low2)], call::return_call_indirect::<D>;
0x47 ReturnCallRef => "return_call_ref {c}, {tail}", 1, Loses, TailCall,
    [reference(C)], call::return_call_ref::<D>;
/// Results are in place.
0x48 Return => "return link {a}", 0, Loses, Return, [], call::ret::<D>;
0x49 ReturnR => "return_r {b}, link {a}", 0, Loses, Return, [value(B)], call::ret_r::<CellB, D>;
0x4A ReturnA => "return_a acc, link {a}", 0, Loses, Return, [num(Acc)], call::ret_r::<Acc, D>;
0x4B Throw => "throw tag {imm}, numbers {a}.., references {b}..", 0, Loses, End,
    [tag(Imm)], out_of_line::<aggregate::Throw, D>;
0x4C ThrowRef => "throw_ref {a}", 0, Loses, End,
    [reference(A)], out_of_line::<aggregate::ThrowRef, D>;

0x50 GlobalGet => "{a} = global_get {imm}", 0, Defines, Next,
    [sets_value(A) global(1)], variable::global_get::<D>;
0x51 GlobalGet2 => "{a} = global_get2 {imm}", 0, Keeps, Next,
    [sets_vec(A) global(2)], variable::global_get2::<D>;
0x52 GlobalSet => "global_set {imm}, {a}", 0, Keeps, Next,
    [value(A) global(1)], variable::global_set::<D>;
0x53 GlobalSet2 => "global_set2 {imm}, {a}", 0, Keeps, Next,
    [vec(A) global(2)], variable::global_set2::<D>;

/// From and to memory 0, with a 32-bit offset.
0x60 Load(op: LoadOp, form: LoadForm) => "{0} = {op} [{1} + {imm}]", 0, Acc::of(op.ty()), Next,
    [num(form.places()[1]) sets(form.places()[0], op.ty())], memory::load::<D>(op, form);
0x61 Store(op: StoreOp, form: StoreForm) => "{op} [{0} + {imm}], {1}", 0, Keeps, Next,
    [num(form.places()[0]) read(form.places()[1], op.ty())], memory::store::<D>(op, form);
/// Any memory (`imm`) and offset.
0x62 LoadGeneral(op: LoadOp) => "{a} = {op} memory {imm} [{b} + {word}]",
    1, Acc::of(op.ty()), Next,
    [num(B) sets(A, op.ty()) memory(Imm)], memory::load_general::<D>(op);
0x63 StoreGeneral(op: StoreOp) => "{op} memory {imm} [{a} + {word}], {b}", 1, Loses, Next,
    [num(A) read(B, op.ty()) memory(Imm)], memory::store_general::<D>(op);
0x64 LaneMemory(op: LaneMemoryOp) => "{a} = {op} memory {second} [{b} + {word}], {c}[{d.u}]",
    2, Loses, Next,
    [num(B) vec(C) loads_lane(op.is_store()) lane(op.lanes()) memory(Low2)],
    vector::lane_memory::<D>(op);
0x65 Atomic(op: AtomicOp) => "{a} = {op} memory {second} [{b} + {word}], {c}, {d}",
    2, Acc::of_atomic(op.shape()), Next,
    [num(B) atomic(op.shape()) memory(Low2)], atomic::atomic::<D>(op);
0x66 AtomicNotify => "{a} = atomic_notify memory {second} [{b} + {word}], {c}", 2, Defines, Next,
    [num(B) num(C) sets_num(A) memory(Low2)], out_of_line::<atomic::Notify, D>;
0x67 AtomicWait32 => "{a} = atomic_wait32 memory {second} [{b} + {word}], {c}, {d}",
    2, Defines, Next,
    [num(B) num(C) num(D) sets_num(A) memory(Low2)], out_of_line::<atomic::Wait32, D>;
0x68 AtomicWait64 => "{a} = atomic_wait64 memory {second} [{b} + {word}], {c}, {d}",
    2, Defines, Next,
    [num(B) num(C) num(D) sets_num(A) memory(Low2)], out_of_line::<atomic::Wait64, D>;
0x69 AtomicFence => "atomic_fence", 0, Loses, Next, [], out_of_line::<atomic::Fence, D>;
0x6A MemorySize => "{a} = memory_size {imm}", 0, Defines, Next,
    [sets_num(A) memory(Imm)], out_of_line::<bulk::MemorySize, D>;
0x6B MemoryGrow => "{a} = memory_grow {imm}, {b}", 0, Defines, Next,
    [num(B) sets_num(A) memory(Imm)], out_of_line::<bulk::MemoryGrow, D>;
0x6C MemoryFill => "memory_fill {low} [{a}], {b}, {c}", 1, Loses, Next,
    [num(A) num(B) num(C) memory(Low)], out_of_line::<bulk::MemoryFill, D>;
0x6D MemoryCopy => "memory_copy {low} [{a}], {high} [{b}], {c}", 1, Loses, Next,
    [num(A) num(B) num(C) memory(Low) memory(High)], out_of_line::<bulk::MemoryCopy, D>;
0x6E MemoryInit => "memory_init {low} [{a}], segment {high} [{b}], {c}", 1, Loses, Next,
    [num(A) num(B) num(C) memory(Low) data(High)], out_of_line::<bulk::MemoryInit, D>;
0x6F DataDrop => "data_drop {imm}", 0, Loses, Next, [data(Imm)], out_of_line::<bulk::DataDrop, D>;

0x70 TableGet => "{a} = table_get {imm} [{b}]", 0, Loses, Next,
    [num(B) sets_ref(A) table(Imm)], out_of_line::<bulk::TableGet, D>;
0x71 TableSet => "table_set {imm} [{a}], {b}", 0, Loses, Next,
    [num(A) reference(B) table(Imm)], out_of_line::<bulk::TableSet, D>;
0x72 TableSize => "{a} = table_size {imm}", 0, Defines, Next,
    [sets_num(A) table(Imm)], out_of_line::<bulk::TableSize, D>;
0x73 TableGrow => "{a} = table_grow {low}, {b}, {c}", 1, Defines, Next,
    [reference(B) num(C) sets_num(A) table(Low)], out_of_line::<bulk::TableGrow, D>;
0x74 TableFill => "table_fill {low} [{a}], {b}, {c}", 1, Loses, Next,
    [num(A) reference(B) num(C) table(Low)], out_of_line::<bulk::TableFill, D>;
0x75 TableCopy => "table_copy {low} [{a}], {high} [{b}], {c}", 1, Loses, Next,
    [num(A) num(B) num(C) table(Low) table(High)], out_of_line::<bulk::TableCopy, D>;
0x76 TableInit => "table_init {low} [{a}], segment {high} [{b}], {c}", 1, Loses, Next,
    [num(A) num(B) num(C) table(Low) elem(High)], out_of_line::<bulk::TableInit, D>;
0x77 ElemDrop => "elem_drop {imm}", 0, Loses, Next, [elem(Imm)], out_of_line::<bulk::ElemDrop, D>;

0x80 RefIsNull => "{a} = ref_is_null {b}", 0, Defines, Next,
    [reference(B) sets_num(A)], out_of_line::<reference::RefIsNull, D>;
0x81 RefAsNonNull => "{a} = ref_as_non_null {b}", 0, Loses, Next,
    [reference(B) sets_ref(A)], out_of_line::<reference::RefAsNonNull, D>;
0x82 RefEq => "{a} = ref_eq {b}, {c}", 0, Defines, Next,
    [reference(B) reference(C) sets_num(A)], out_of_line::<reference::RefEq, D>;
0x83 RefFunc => "{a} = ref_func {imm}", 0, Loses, Next,
    [sets_ref(A) func(Imm)], out_of_line::<reference::RefFunc, D>;
0x84 RefTest => "{a} = ref_test {b}, {ref}", 1, Defines, Next,
    [reference(B) sets_num(A) ref_type()], out_of_line::<reference::RefTest, D>;
0x85 RefCast => "{a} = ref_cast {b}, {ref}", 1, Loses, Next,
    [reference(B) sets_ref(A) ref_type()], out_of_line::<reference::RefCast, D>;
0x86 RefI31 => "{a} = ref_i31 {b}", 0, Loses, Next,
    [num(B) sets_ref(A)], out_of_line::<reference::RefI31, D>;
0x87 I31GetS => "{a} = i31_get_s {b}", 0, Defines, Next,
    [reference(B) sets_num(A)], out_of_line::<reference::I31GetS, D>;
0x88 I31GetU => "{a} = i31_get_u {b}", 0, Defines, Next,
    [reference(B) sets_num(A)], out_of_line::<reference::I31GetU, D>;

0x90 StructNew => "{a} = struct_new {low}, numbers {b}.., references {c}..", 1, Loses, Next,
    [sets_ref(A) structure(true)], out_of_line::<aggregate::StructNew, D>;
0x91 StructNewDefault => "{a} = struct_new_default {low}", 1, Loses, Next,
    [sets_ref(A) structure(false)], out_of_line::<aggregate::StructNewDefault, D>;
/// Packed fields are zero-extended.
0x92 StructGet => "{a} = struct_get {b}.{imm}", 0, Defines, Next,
    [reference(B) sets_value(A)], out_of_line::<aggregate::StructGet, D>;
0x93 StructGetS8 => "{a} = struct_get_s8 {b}.{imm}", 0, Defines, Next,
    [reference(B) sets_num(A)], out_of_line::<aggregate::StructGetS8, D>;
0x94 StructGetS16 => "{a} = struct_get_s16 {b}.{imm}", 0, Defines, Next,
    [reference(B) sets_num(A)], out_of_line::<aggregate::StructGetS16, D>;
0x95 StructGet2 => "{a} = struct_get2 {b}.{imm}", 0, Loses, Next,
    [reference(B) sets_vec(A)], out_of_line::<aggregate::StructGet2, D>;
0x96 StructSet => "struct_set {a}.{imm}, {b}", 0, Loses, Next,
    [reference(A) value(B)], out_of_line::<aggregate::StructSet, D>;
0x97 StructSet8 => "struct_set8 {a}.{imm}, {b}", 0, Loses, Next,
    [reference(A) num(B)], out_of_line::<aggregate::StructSet8, D>;
0x98 StructSet16 => "struct_set16 {a}.{imm}, {b}", 0, Loses, Next,
    [reference(A) num(B)], out_of_line::<aggregate::StructSet16, D>;
0x99 StructSet2 => "struct_set2 {a}.{imm}, {b}", 0, Loses, Next,
    [reference(A) vec(B)], out_of_line::<aggregate::StructSet2, D>;
0x9A ArrayNew => "{a} = array_new {low}, {b}, count {c}", 1, Loses, Next,
    [value(B) num(C) sets_ref(A) elements(1)], out_of_line::<aggregate::ArrayNew, D>;
0x9B ArrayNewDefault => "{a} = array_new_default {low}, count {c}", 1, Loses, Next,
    [num(C) sets_ref(A) array()], out_of_line::<aggregate::ArrayNewDefault, D>;
0x9C ArrayNewFixed => "{a} = array_new_fixed {low}, {b}.., {values}", 1, Loses, Next,
    [sets_ref(A) elements_imm()], out_of_line::<aggregate::ArrayNewFixed, D>;
0x9D ArrayNewData => "{a} = array_new_data {low}, segment {high} [{b}], count {c}", 1, Loses, Next,
    [num(B) num(C) sets_ref(A) array() data(High)], out_of_line::<aggregate::ArrayNewData, D>;
0x9E ArrayNewElem => "{a} = array_new_elem {low}, segment {high} [{b}], count {c}", 1, Loses, Next,
    [num(B) num(C) sets_ref(A) array() elem(High)], out_of_line::<aggregate::ArrayNewElem, D>;
/// Packed elements are sign-extended if `d` is 1.
0x9F ArrayGet => "{a} = array_get {b}[{c}], signed {d.u}", 0, Defines, Next,
    [reference(B) num(C) sets_value(A) lane(2)], out_of_line::<aggregate::ArrayGet, D>;
0xA0 ArraySet => "array_set {a}[{b}], {c}", 0, Loses, Next,
    [reference(A) num(B) value(C)], out_of_line::<aggregate::ArraySet, D>;
0xA1 ArrayLen => "{a} = array_len {b}", 0, Defines, Next,
    [reference(B) sets_num(A)], out_of_line::<aggregate::ArrayLen, D>;
0xA2 ArrayFill => "array_fill {a}[{b}], {c}, {d}", 0, Loses, Next,
    [reference(A) num(B) value(C) num(D)], out_of_line::<aggregate::ArrayFill, D>;
0xA3 ArrayCopy => "array_copy {a}[{b}], {c}[{d}], count r{word}", 1, Loses, Next,
    [reference(A) num(B) reference(C) num(D) num(CellWord)], out_of_line::<aggregate::ArrayCopy, D>;
0xA4 ArrayInitData => "array_init_data {a}[{b}], segment {low} [{c}], count {d}", 1, Loses, Next,
    [reference(A) num(B) num(C) num(D) data(Low)], out_of_line::<aggregate::ArrayInitData, D>;
0xA5 ArrayInitElem => "array_init_elem {a}[{b}], segment {low} [{c}], count {d}", 1, Loses, Next,
    [reference(A) num(B) num(C) num(D) elem(Low)], out_of_line::<aggregate::ArrayInitElem, D>;
    } };
}
pub(crate) use for_each_kind;
