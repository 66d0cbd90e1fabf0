//! Calls and returns (spec: exec/instructions, function calls). Calls inside a unit, and returns
//! inside one, stay in the handlers; the rest leaves to the driver.
//!
//! A callee's frame starts on the caller's staged arguments. Its link stands where its type says:
//! `pc | unit << 32` and `base | instance << 32` of the caller. The driver marks the links that it
//! makes (`run::DRIVER_LINK`), so that one comparison is enough for a return inside a unit: a link
//! of the current unit that is not marked names the current instance.

use super::operand::Source;
use crate::exec::context::{Callee, Ctx, LastCall};
use crate::exec::run::link_unit;
use crate::exec::threaded::{Dispatch, Exit, Machine, Outcome, ThreadedOp, handlers, set};
use crate::runtime::{FuncAddr, FuncInst, FuncKind, HostAddr, Reference};
use crate::syntax::FuncIdx;
use crate::trap::Trap;

/// Leaves for a call of `callee` that the driver does; the run resumes after the call.
#[cold]
#[inline(never)]
fn leave_call(x: &mut Ctx<'_, '_>, op: &ThreadedOp, left: usize, callee: Callee) -> Outcome {
    x.path.callee = callee;
    x.path.offset = u32::from(op.a);
    x.path.link = op.b;
    x.leave(left, 0, Exit::Call)
}

/// The host function that an imported function of the current instance is.
#[inline(always)]
fn host_of(x: &Ctx<'_, '_>, func: FuncAddr) -> Option<HostAddr> {
    match x.state.funcs.get(func.index())?.kind {
        FuncKind::Host(host) => Some(host),
        FuncKind::Wasm { .. } => None,
    }
}

/// Calls a host function: here, if it needs nothing but cells, or else by the driver. Under stepped
/// dispatch the driver does it always.
#[inline(always)]
fn call_host<D: Dispatch>(
    m: Machine<'_, '_, '_>,
    words: usize,
    host: HostAddr,
    func: FuncAddr,
) -> Outcome {
    if D::JUMPS
        && let Some(on_cells) = m.x.control.on_cells(host)
    {
        on_cells.call(&m.f[usize::from(m.op.a)..]);
        let acc = m.get(m.op.a);
        return m.next_after::<D>(words, acc);
    }
    leave_host(m, words, host, func)
}

/// Leaves for a call of a host function that the driver does.
#[inline(always)]
fn leave_host(m: Machine<'_, '_, '_>, words: usize, host: HostAddr, func: FuncAddr) -> Outcome {
    m.x.path.host = (host, func);
    m.x.path.offset = u32::from(m.op.a);
    m.x.path.link = m.op.b;
    m.exit_after(words, Exit::Host)
}

/// Leaves to translate `func`; the run resumes at the same call.
#[cold]
#[inline(never)]
fn leave_translate(x: &mut Ctx<'_, '_>, left: usize, acc: u64, func: FuncIdx) -> Outcome {
    x.path.callee = Callee::Idx(func);
    x.leave(left, acc, Exit::Translate)
}

/// Enters the code at `pc` of the current unit; the operation has that many data words. The
/// accumulator is undefined on entry.
#[inline(always)]
fn enter<D: Dispatch>(m: Machine<'_, '_, '_>, words: usize, pc: usize) -> Outcome {
    let here = m.x.frame_word;
    let bi = here.wrapping_add(u64::from(m.op.a));
    let Some(f) = m.x.window(bi) else {
        return m.trap(Trap::StackOverflow);
    };
    let back = m.position_after(words);
    set(f, m.op.b, back as u64 | m.x.unit_word);
    set(f, m.op.b.wrapping_add(1), here);
    m.x.last = LastCall {
        callee: bi,
        frame_word: here,
        pc: back,
    };
    m.enter::<D>(pc, f, bi, 0)
}

/// Calls a defined function of the current module wherever its code is.
#[inline(always)]
fn call_defined<D: Dispatch>(m: Machine<'_, '_, '_>, words: usize, func: FuncIdx) -> Outcome {
    let Some(entry) = m.x.path.program.entry(func) else {
        return leave_translate(m.x, m.left(), 0, func);
    };
    let unit = u64::from(entry.unit) << 32;
    if unit == m.x.unit_word {
        return enter::<D>(m, words, entry.pc as usize);
    }
    m.x.path.entry = unit | u64::from(entry.pc);
    m.x.path.back = m.position_after(words) as u64 | m.x.unit_word;
    m.hand_over(enter_unit::<D>)
}

/// Calls what a reference refers to, known to be of the right type.
#[inline(always)]
fn call_reference<D: Dispatch>(
    m: Machine<'_, '_, '_>,
    words: usize,
    callee: Reference,
    kind: FuncKind,
) -> Outcome {
    match kind {
        FuncKind::Wasm { inst, func } if u64::from(inst.0) == m.x.frame_word >> 32 => {
            if let (Some(entry), Some(addr)) = (m.x.path.program.entry(func), callee.as_func())
                && let Some(func) = m.x.state.funcs.get_mut(addr.index())
            {
                func.cached_entry = u64::from(entry.unit) << 32 | u64::from(entry.pc);
            }
            call_defined::<D>(m, words, func)
        }
        FuncKind::Wasm { .. } => leave_call(m.x, m.op, m.left() - 1 - words, Callee::Ref(callee)),
        FuncKind::Host(host) => {
            let Some(func) = callee.as_func() else {
                return m.bug();
            };
            call_host::<D>(m, words, host, func)
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

/// Returns where the code of a function is, if it is of the current instance and known to be in the
/// current unit.
#[inline(always)]
fn cached_position(x: &Ctx<'_, '_>, func: &FuncInst) -> Option<usize> {
    let FuncKind::Wasm { inst, .. } = func.kind else {
        return None;
    };
    let near =
        u64::from(inst.0) == x.frame_word >> 32 && (func.cached_entry ^ x.unit_word) >> 32 == 0;
    near.then_some(func.cached_entry as u32 as usize)
}

/// The function behind a reference.
#[inline(always)]
fn referred(x: &Ctx<'_, '_>, callee: Reference) -> Result<(Reference, FuncKind), Trap> {
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
fn leave_frame<D: Dispatch>(mut m: Machine<'_, '_, '_>, acc: u64) -> Outcome {
    if m.x.last.callee == m.x.frame_word {
        let LastCall { pc, frame_word, .. } = m.x.last;
        return m.return_to::<D>(pc, frame_word, acc);
    }
    let (pc, bi) = (m.get(m.op.a), m.get(m.op.a.wrapping_add(1)));
    if (pc ^ m.x.unit_word) >> 32 != 0 {
        m.acc = acc;
        return m.hand_over(far_return::<D>);
    }
    m.return_to::<D>(pc as u32 as usize, bi, acc)
}

/// The operands of a tail call that stand in its data word.
struct Tail {
    callee_link: u16,
    own_link: u16,
    cells: u16,
}

impl Tail {
    #[inline(always)]
    fn of(word: &ThreadedOp) -> Tail {
        Tail {
            callee_link: word.a,
            own_link: word.b,
            cells: word.c,
        }
    }
}

/// Replaces the frame by the callee's: arguments from `op.a` go to cell 0, the link moves. Jumps
/// when the callee's code is in the same unit, else the driver resumes from the new frame.
#[inline(always)]
fn tail<D: Dispatch>(m: Machine<'_, '_, '_>, word: &ThreadedOp, callee: Callee) -> Outcome {
    let entry = match callee {
        Callee::Idx(func) => match m.x.path.program.entry(func) {
            Some(entry) => Some(entry),
            None if m.x.path.program.is_defined(func) => {
                return leave_translate(m.x, m.left(), m.acc, func);
            }
            None => None,
        },
        Callee::Ref(_) => None,
    };
    let tail = Tail::of(word);
    let own = tail.own_link;
    let link = (m.get(own), m.get(own.wrapping_add(1)));
    for k in 0..tail.cells {
        m.set(k, m.get(m.op.a.wrapping_add(k)));
    }
    m.set(tail.callee_link, link.0);
    m.set(tail.callee_link.wrapping_add(1), link.1);
    let Some(entry) = entry else {
        m.x.path.callee = callee;
        m.x.path.link = tail.callee_link;
        return m.exit(Exit::TailCall);
    };
    if u64::from(entry.unit) << 32 != m.x.unit_word {
        m.x.switch_unit(entry.unit);
    }
    m.jump::<D>(entry.pc as usize, 0)
}

handlers! {
    /// Calls code of the unit.
    pub fn call[D: Dispatch](m) {
        let pc = m.op.imm() as usize;
        enter::<D>(m, 0, pc)
    }
    /// Calls a defined function.
    pub fn call_func[D: Dispatch](m) {
        let func = FuncIdx(m.op.imm());
        call_defined::<D>(m, 0, func)
    }
    /// Enters the code at the context's entry, in another unit of the same program.
    #[inline(never)]
    fn enter_unit[D: Dispatch](m) {
        let bi = m.x.frame_word.wrapping_add(u64::from(m.op.a));
        let Some(f) = m.x.window(bi) else { return m.trap(Trap::StackOverflow) };
        set(f, m.op.b, m.x.path.back);
        set(f, m.op.b.wrapping_add(1), m.x.frame_word);
        let entry = m.x.path.entry;
        m.x.switch_unit((entry >> 32) as u32);
        m.enter::<D>(entry as u32 as usize, f, bi, 0)
    }
    /// Calls an imported function.
    pub fn call_import[D: Dispatch](m) {
        let Some(&addr) = m.x.inst.funcs.get(m.op.imm() as usize) else { return m.bug() };
        let Some(host) = host_of(m.x, addr) else {
            let callee = Callee::Ref(Reference::func(addr));
            return leave_call(m.x, m.op, m.left() - 1, callee);
        };
        // A call of a closure here would cost every import the registers that it needs.
        if D::JUMPS && m.x.control.on_cells(host).is_some() {
            return m.hand_over(call_on_cells::<D>);
        }
        leave_host(m, 0, host, addr)
    }
    /// Calls an imported function that needs nothing but cells.
    #[inline(never)]
    fn call_on_cells[D: Dispatch](m) {
        let func = m.x.inst.funcs.get(m.op.imm() as usize);
        let host = func.and_then(|&func| host_of(m.x, func));
        let (Some(host), Some(&func)) = (host, func) else { return m.bug() };
        call_host::<D>(m, 0, host, func)
    }
    /// Calls an element of a table.
    pub fn call_indirect[D: Dispatch](m) {
        let Some([word]) = m.words() else { return m.bug() };
        let word = word.word();
        if let Some((_, Some(func))) = element(m.x, m.get(m.op.c), (word >> 32) as usize)
            && m.x.inst.types.get(word as u32 as usize) == Some(&func.ty)
            && let Some(pc) = cached_position(m.x, func)
        {
            return enter::<D>(m, 1, pc);
        }
        m.hand_over(call_indirect_uncached::<D>)
    }
    /// Calls an element that is not near.
    #[inline(never)]
    fn call_indirect_uncached[D: Dispatch](m) {
        let Some([word]) = m.words() else { return m.bug() };
        match checked_element(m.x, m.get(m.op.c), word.word()) {
            Ok((callee, kind)) => call_reference::<D>(m, 1, callee, kind),
            Err(trap) => m.trap(trap),
        }
    }
    /// Calls what a reference refers to.
    pub fn call_ref[D: Dispatch](m) {
        let callee = Reference(m.get(m.op.c) as u32);
        let func = callee.as_func().and_then(|addr| m.x.state.funcs.get(addr.index()));
        if let Some(func) = func
            && let Some(pc) = cached_position(m.x, func)
        {
            return enter::<D>(m, 0, pc);
        }
        m.hand_over(call_ref_uncached::<D>)
    }
    /// Calls what a reference refers to when it is not near.
    #[inline(never)]
    fn call_ref_uncached[D: Dispatch](m) {
        match referred(m.x, Reference(m.get(m.op.c) as u32)) {
            Ok((callee, kind)) => call_reference::<D>(m, 0, callee, kind),
            Err(trap) => m.trap(trap),
        }
    }
    /// Tail call of a function of the module.
    pub fn return_call[D: Dispatch](m) {
        let Some([word]) = m.words() else { return m.bug() };
        let callee = Callee::Idx(FuncIdx(m.op.imm()));
        tail::<D>(m, word, callee)
    }
    /// Tail call of an element of a table.
    pub fn return_call_indirect[D: Dispatch](m) {
        let Some([word, types]) = m.words() else { return m.bug() };
        match checked_element(m.x, m.get(m.op.c), types.word()) {
            Ok((callee, kind)) => {
                let callee = own(m.x, callee, kind);
                tail::<D>(m, word, callee)
            }
            Err(trap) => m.trap(trap),
        }
    }
    /// Tail call of what a reference refers to.
    pub fn return_call_ref[D: Dispatch](m) {
        let Some([word]) = m.words() else { return m.bug() };
        match referred(m.x, Reference(m.get(m.op.c) as u32)) {
            Ok((callee, kind)) => {
                let callee = own(m.x, callee, kind);
                tail::<D>(m, word, callee)
            }
            Err(trap) => m.trap(trap),
        }
    }
    /// Returns; results are in place.
    pub fn ret[D: Dispatch](m) {
        let acc = m.get(0);
        leave_frame::<D>(m, acc)
    }
    /// Returns one cell, or the accumulator.
    pub fn ret_r[S: Source, D: Dispatch](m) {
        let v = S::get(&m);
        m.set(0, v);
        leave_frame::<D>(m, v)
    }
    /// Returns into another unit of the same instance, or leaves to the driver.
    #[inline(never)]
    fn far_return[D: Dispatch](m) {
        let (pc, bi, acc) = (m.get(m.op.a), m.get(m.op.a.wrapping_add(1)), m.acc);
        if (bi ^ m.x.frame_word) >> 32 != 0 {
            m.x.path.link = m.op.a;
            return m.exit(Exit::Return);
        }
        m.x.switch_unit(link_unit(pc));
        m.return_to::<D>(pc as u32 as usize, bi, acc)
    }
}

/// A function of the current instance by its index, any other by its reference.
#[inline(always)]
fn own(x: &Ctx<'_, '_>, callee: Reference, kind: FuncKind) -> Callee {
    match kind {
        FuncKind::Wasm { inst, func } if u64::from(inst.0) == x.frame_word >> 32 => {
            Callee::Idx(func)
        }
        FuncKind::Wasm { .. } | FuncKind::Host(_) => Callee::Ref(callee),
    }
}
