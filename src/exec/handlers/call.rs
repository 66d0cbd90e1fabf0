//! Calls and returns (spec: exec/instructions, function calls). Calls inside a unit, and returns
//! inside one, stay in the handlers; the rest leaves to the driver.
//!
//! A callee's frame starts on the caller's staged arguments. Its link stands where its type says:
//! `pc | unit << 32` and `base | instance << 32` of the caller. The driver marks the links that it
//! makes as far (`run::FAR`), so that one comparison tells a near return: a link of the current
//! unit that is not marked names the current instance.

use crate::exec::context::{Callee, Ctx, LastCall};
use crate::exec::linked::{Dispatch, Exit, Frame, Linked, get, get32, handlers, set};
use crate::exec::run::link_unit;
use crate::runtime::{FuncAddr, FuncInst, FuncKind, Reference};
use crate::syntax::FuncIdx;
use crate::trap::Trap;

/// Leaves for a call of `callee` that the driver does; the run goes on after the call.
#[cold]
#[inline(never)]
fn leave_call(rest: usize, x: &mut Ctx<'_, '_>, op: &Linked, callee: Callee, exit: Exit) -> Exit {
    x.callee = callee;
    x.offset = u32::from(op.a);
    x.link = op.b;
    x.leave(rest, 0, exit)
}

/// Calls a host function that needs nothing but cells; `false` if it is no such function. Whoever
/// looks at each step sees a call of the host as the end of a leg.
#[inline(never)]
fn call_on_cells(op: &Linked, f: &Frame, x: &Ctx<'_, '_>, addr: FuncAddr) -> bool {
    let host = match x.state.funcs.get(addr.index()) {
        Some(FuncInst {
            kind: FuncKind::Host(host),
            ..
        }) => x.fixed.on_cells(*host),
        Some(_) | None => None,
    };
    match host {
        Some(host) => {
            host.call(&f[usize::from(op.a)..]);
            true
        }
        None => false,
    }
}

/// Leaves to translate `func`; the run goes on at the same call.
#[cold]
#[inline(never)]
fn leave_translate(left: usize, x: &mut Ctx<'_, '_>, acc: u64, func: FuncIdx) -> Exit {
    x.callee = Callee::Idx(func);
    x.leave(left, acc, Exit::Translate)
}

/// Enters the code at `pc` of the current unit. The accumulator says nothing at an entry.
#[inline(always)]
fn enter<'c, D: Dispatch>(
    op: &Linked,
    rest: &'c [Linked],
    left: usize,
    x: &mut Ctx<'c, '_>,
    pc: usize,
) -> Exit {
    let bi = x.bi.wrapping_add(u64::from(op.a));
    let Some(f) = x.window(bi) else {
        return x.trap(left, Trap::StackOverflow);
    };
    let Some(to) = x.all.get(pc..) else {
        return Exit::Bug;
    };
    let back = x.all.len() - rest.len();
    set(f, op.b, back as u64 | x.unit);
    set(f, op.b.wrapping_add(1), x.bi);
    x.last = LastCall {
        callee: bi,
        bi: x.bi,
        pc: back,
    };
    x.bi = bi;
    D::next(to, f, x, 0)
}

/// Enters the code at `pc` of another unit of the same program.
#[inline(never)]
fn enter_unit<'c, D: Dispatch>(
    left: usize,
    op: &Linked,
    x: &mut Ctx<'c, '_>,
    entry: u64,
    back: u64,
) -> Exit {
    let bi = x.bi.wrapping_add(u64::from(op.a));
    let Some(f) = x.window(bi) else {
        return x.trap(left, Trap::StackOverflow);
    };
    set(f, op.b, back);
    set(f, op.b.wrapping_add(1), x.bi);
    x.bi = bi;
    x.switch_unit((entry >> 32) as u32);
    match x.all.get(entry as u32 as usize..) {
        Some(to) => D::next(to, f, x, 0),
        None => Exit::Bug,
    }
}

/// Calls a defined function of the current module wherever its code is.
#[inline(always)]
fn call_defined<'c, D: Dispatch>(
    op: &Linked,
    rest: &'c [Linked],
    left: usize,
    x: &mut Ctx<'c, '_>,
    func: FuncIdx,
) -> Exit {
    let Some(entry) = x.program.entry(func) else {
        return leave_translate(left, x, 0, func);
    };
    let unit = u64::from(entry.unit) << 32;
    if unit != x.unit {
        let back = (x.all.len() - rest.len()) as u64 | x.unit;
        return enter_unit::<D>(left, op, x, unit | u64::from(entry.pc), back);
    }
    enter::<D>(op, rest, left, x, entry.pc as usize)
}

/// Calls what a reference refers to, known to be of the right type.
#[inline(always)]
fn call_reference<'c, D: Dispatch>(
    op: &Linked,
    rest: &'c [Linked],
    left: usize,
    x: &mut Ctx<'c, '_>,
    callee: Reference,
    kind: FuncKind,
) -> Exit {
    match kind {
        FuncKind::Wasm { inst, func } if u64::from(inst.0) == x.bi >> 32 => {
            if let (Some(entry), Some(addr)) = (x.program.entry(func), callee.as_func())
                && let Some(func) = x.state.funcs.get_mut(addr.index())
            {
                func.near = u64::from(entry.unit) << 32 | u64::from(entry.pc);
            }
            call_defined::<D>(op, rest, left, x, func)
        }
        FuncKind::Wasm { .. } | FuncKind::Host(_) => {
            leave_call(rest.len(), x, op, Callee::Ref(callee), Exit::Call)
        }
    }
}

/// Element `index` of a table, as the reference and the function; `None` past the table's end.
#[inline(always)]
fn element<'x>(
    x: &'x Ctx<'_, '_>,
    index: u64,
    table: usize,
) -> Option<(Reference, Option<&'x FuncInst>)> {
    let addr = x.inst.tables.get(table)?;
    let elems = &x.state.tables.get(addr.index())?.elems;
    let callee = *elems.get(usize::try_from(index).ok()?)?;
    let func = callee
        .as_func()
        .and_then(|addr| x.state.funcs.get(addr.index()));
    Some((callee, func))
}

/// The element that a call names, checked against a type of the module. Inline: a result in memory
/// would keep its caller from jumping.
#[inline(always)]
fn checked_element(x: &Ctx<'_, '_>, index: u64, word: u64) -> Result<(Reference, FuncKind), Trap> {
    let Some((callee, func)) = element(x, index, (word >> 32) as usize) else {
        return Err(Trap::UndefinedElement);
    };
    let Some(func) = func else {
        return Err(Trap::UninitializedElement);
    };
    let Some(&expected) = x.inst.types.get(word as u32 as usize) else {
        return Err(Trap::UndefinedElement);
    };
    if func.ty != expected && !x.state.types.is_subtype(func.ty, expected) {
        return Err(Trap::IndirectCallTypeMismatch);
    }
    Ok((callee, func.kind))
}

/// Where the code of a function is, if it is of the current instance and known to be in the
/// current unit.
#[inline(always)]
fn near(x: &Ctx<'_, '_>, func: &FuncInst) -> Option<usize> {
    let FuncKind::Wasm { inst, .. } = func.kind else {
        return None;
    };
    let near = u64::from(inst.0) == x.bi >> 32 && (func.near ^ x.unit) >> 32 == 0;
    near.then_some(func.near as u32 as usize)
}

/// Calls an element that is not near.
#[inline(never)]
fn call_indirect_far<'c, D: Dispatch>(
    op: &Linked,
    rest: &'c [Linked],
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
) -> Exit {
    let left = rest.len() + 1;
    let [word, rest @ ..] = rest else {
        return Exit::Bug;
    };
    match checked_element(x, get(f, op.c), word.word()) {
        Ok((callee, kind)) => call_reference::<D>(op, rest, left, x, callee, kind),
        Err(trap) => x.trap(left, trap),
    }
}

/// Calls what a reference refers to when it is not near.
#[inline(never)]
fn call_ref_far<'c, D: Dispatch>(
    op: &Linked,
    rest: &'c [Linked],
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
) -> Exit {
    let left = rest.len() + 1;
    match referred(x, u64::from(get32(f, op.c))) {
        Ok((callee, kind)) => call_reference::<D>(op, rest, left, x, callee, kind),
        Err(trap) => x.trap(left, trap),
    }
}

/// The function behind a reference.
#[inline(always)]
fn referred(x: &Ctx<'_, '_>, cell: u64) -> Result<(Reference, FuncKind), Trap> {
    let callee = Reference::from_cell(cell);
    match callee
        .as_func()
        .and_then(|addr| x.state.funcs.get(addr.index()))
    {
        Some(func) => Ok((callee, func.kind)),
        None => Err(Trap::NullFunctionReference),
    }
}

/// Returns to the caller, unless the driver must.
#[inline(always)]
fn leave_frame<'c, D: Dispatch>(
    left: usize,
    op: &Linked,
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
    acc: u64,
) -> Exit {
    if x.last.callee == x.bi {
        return back_to::<D>(x.last.pc, x.last.bi, x, acc);
    }
    let (pc, bi) = (get(f, op.a), get(f, op.a.wrapping_add(1)));
    if (pc ^ x.unit) >> 32 != 0 {
        return far_return::<D>(left, op, f, x, acc);
    }
    back_to::<D>(pc as u32 as usize, bi, x, acc)
}

/// Goes on at `pc` of the current unit in the frame of `bi`.
#[inline(always)]
fn back_to<D: Dispatch>(pc: usize, bi: u64, x: &mut Ctx<'_, '_>, acc: u64) -> Exit {
    let (Some(to), Some(f)) = (x.all.get(pc..), x.window(bi)) else {
        return Exit::Bug;
    };
    x.bi = bi;
    D::next(to, f, x, acc)
}

/// Returns into another unit of the same instance, or leaves to the driver. Six integers: one more
/// and it would no longer be jumped to.
#[inline(never)]
fn far_return<'c, D: Dispatch>(
    left: usize,
    op: &Linked,
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
    acc: u64,
) -> Exit {
    let (pc, bi) = (get(f, op.a), get(f, op.a.wrapping_add(1)));
    if (bi ^ x.bi) >> 32 != 0 {
        x.link = op.a;
        return x.leave(left, acc, Exit::Return);
    }
    x.switch_unit(link_unit(pc));
    let (Some(to), Some(f)) = (x.all.get(pc as u32 as usize..), x.window(bi)) else {
        return Exit::Bug;
    };
    x.bi = bi;
    D::next(to, f, x, acc)
}

/// The operands of a tail call that stand in its data word.
struct Tail {
    callee_link: u16,
    own_link: u16,
    cells: u16,
}

impl Tail {
    #[inline(always)]
    fn of(word: &Linked) -> Tail {
        Tail {
            callee_link: word.a,
            own_link: word.b,
            cells: word.c,
        }
    }
}

/// Replaces the frame by the callee's: arguments from `op.a` go to cell 0, the link moves. Jumps
/// when the callee's code is in the same unit, else the driver goes on from the new frame.
#[inline(always)]
fn tail<'c, D: Dispatch>(
    left: usize,
    op: &Linked,
    tail: &Tail,
    f: &'c Frame,
    x: &mut Ctx<'c, '_>,
    acc: u64,
    callee: Callee,
) -> Exit {
    let entry = match callee {
        Callee::Idx(func) => match x.program.entry(func) {
            Some(entry) => Some(entry),
            None if x.program.is_defined(func) => return leave_translate(left, x, acc, func),
            None => None,
        },
        Callee::Ref(_) => None,
    };
    let link = (get(f, tail.own_link), get(f, tail.own_link.wrapping_add(1)));
    for k in 0..tail.cells {
        set(f, k, get(f, op.a.wrapping_add(k)));
    }
    set(f, tail.callee_link, link.0);
    set(f, tail.callee_link.wrapping_add(1), link.1);
    let Some(entry) = entry else {
        x.callee = callee;
        x.link = tail.callee_link;
        return x.leave(left, acc, Exit::TailCall);
    };
    if u64::from(entry.unit) << 32 != x.unit {
        x.switch_unit(entry.unit);
    }
    match x.all.get(entry.pc as usize..) {
        Some(to) => D::next(to, f, x, 0),
        None => Exit::Bug,
    }
}

handlers! {
    /// Call code of the unit.
    pub fn call[D: Dispatch](op, rest, left, f, x, acc) {
        enter::<D>(op, rest, left, x, op.imm() as usize)
    }
    /// Call a defined function.
    pub fn call_func[D: Dispatch](op, rest, left, f, x, acc) {
        call_defined::<D>(op, rest, left, x, FuncIdx(op.imm()))
    }
    /// Call an imported function.
    pub fn call_import[D: Dispatch](op, rest, left, f, x, acc) {
        let Some(&addr) = x.inst.funcs.get(op.imm() as usize) else { return Exit::Bug };
        if D::JUMPS && call_on_cells(op, f, x, addr) {
            return D::next(rest, f, x, get(f, op.a));
        }
        x.callee = Callee::Ref(Reference::func(addr));
        x.offset = u32::from(op.a);
        x.link = op.b;
        x.leave(rest.len(), acc, Exit::Call)
    }
    /// Call an element of a table.
    pub fn call_indirect[D: Dispatch](op, rest, left, f, x, acc) {
        let [word, after @ ..] = rest else { return Exit::Bug };
        let word = word.word();
        if let Some((_, Some(func))) = element(x, get(f, op.c), (word >> 32) as usize)
            && x.inst.types.get(word as u32 as usize) == Some(&func.ty)
            && let Some(pc) = near(x, func)
        {
            return enter::<D>(op, after, left, x, pc);
        }
        call_indirect_far::<D>(op, rest, f, x)
    }
    /// Call what a reference refers to.
    pub fn call_ref[D: Dispatch](op, rest, left, f, x, acc) {
        let callee = Reference::from_cell(u64::from(get32(f, op.c)));
        let func = callee.as_func().and_then(|addr| x.state.funcs.get(addr.index()));
        if let Some(func) = func
            && let Some(pc) = near(x, func)
        {
            return enter::<D>(op, rest, left, x, pc);
        }
        call_ref_far::<D>(op, rest, f, x)
    }
    /// Tail call of a function of the module.
    pub fn return_call[D: Dispatch](op, rest, left, f, x, acc) {
        let [word, ..] = rest else { return Exit::Bug };
        tail::<D>(left, op, &Tail::of(word), f, x, acc, Callee::Idx(FuncIdx(op.imm())))
    }
    /// Tail call of an element of a table.
    pub fn return_call_indirect[D: Dispatch](op, rest, left, f, x, acc) {
        let [word, types, ..] = rest else { return Exit::Bug };
        match checked_element(x, get(f, op.c), types.word()) {
            Ok((callee, kind)) => {
                let callee = own(x, callee, kind);
                tail::<D>(left, op, &Tail::of(word), f, x, acc, callee)
            }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// Tail call of what a reference refers to.
    pub fn return_call_ref[D: Dispatch](op, rest, left, f, x, acc) {
        let [word, ..] = rest else { return Exit::Bug };
        match referred(x, u64::from(get32(f, op.c))) {
            Ok((callee, kind)) => {
                let callee = own(x, callee, kind);
                tail::<D>(left, op, &Tail::of(word), f, x, acc, callee)
            }
            Err(trap) => x.trap(left, trap),
        }
    }
    /// Return; results are in place.
    pub fn ret[D: Dispatch](op, rest, left, f, x, acc) {
        leave_frame::<D>(left, op, f, x, get(f, 0))
    }
    /// Return one cell.
    pub fn ret_r[D: Dispatch](op, rest, left, f, x, acc) {
        let v = get(f, op.b);
        set(f, 0, v);
        leave_frame::<D>(left, op, f, x, v)
    }
    /// Return the accumulator.
    pub fn ret_a[D: Dispatch](op, rest, left, f, x, acc) {
        set(f, 0, acc);
        leave_frame::<D>(left, op, f, x, acc)
    }
}

/// A function of the current instance by its index, any other by its reference.
#[inline(always)]
fn own(x: &Ctx<'_, '_>, callee: Reference, kind: FuncKind) -> Callee {
    match kind {
        FuncKind::Wasm { inst, func } if u64::from(inst.0) == x.bi >> 32 => Callee::Idx(func),
        FuncKind::Wasm { .. } | FuncKind::Host(_) => Callee::Ref(callee),
    }
}
