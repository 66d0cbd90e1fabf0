//! Walking the frames of a run: garbage collection roots, backtraces, delivery of exceptions.

use super::context::Ctx;
use super::driver::BOTTOM;
use super::instance::Instance;
use super::instance::Instances;
use super::run::{Pos, Regs, Run, link_unit};
use crate::code::{Body, ExceptionHandler};
use crate::runtime::{InstAddr, Reference, TagAddr};

/// One frame of a run, the innermost first.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The instance whose function runs in the frame.
    pub inst: InstAddr,
    /// The body of the function.
    pub body: &'a Body,
    /// The unit of the body.
    pub unit: u32,
    /// The operation it stands at; in a caller, the last word of the call.
    pub pc: u32,
    /// The first cell of the frame on the stack.
    pub base: usize,
}

/// Returns where the innermost frame of a run stands. There is none before a function is entered,
/// nor when the last one has been replaced by a host function that it called as its last act: its
/// cells are that function's then.
fn innermost(run: &Run) -> Option<Pos> {
    let Regs {
        at, top, pending, ..
    } = run.regs;
    match pending {
        Some(call) if call.last => None,
        // The run goes on after the call.
        Some(_) => Some(Pos {
            pc: at.pc.wrapping_sub(1),
            ..at
        }),
        None => (top > 0).then_some(at),
    }
}

/// The frames of a run, innermost first.
pub fn frames<'a>(instances: &'a Instances, run: &'a Run) -> impl Iterator<Item = Frame<'a>> {
    walk(instances, innermost(run), |cell| run.stack[cell])
}

/// The frames from a position outwards, on the stack whose cells `cell` reads.
pub fn walk<'a>(
    instances: &'a Instances,
    from: Option<Pos>,
    cell: impl Fn(usize) -> u64 + 'a,
) -> impl Iterator<Item = Frame<'a>> {
    let mut next = from;
    core::iter::from_fn(move || {
        let at = next?;
        let body = instances.instance(at.inst).program.body(at.unit, at.pc)?;
        let link = at.base as usize + body.layout.link() as usize;
        let (back, bi) = (cell(link), cell(link + 1));
        next = ((bi >> 32) as u32 != BOTTOM).then(|| Pos {
            inst: InstAddr((bi >> 32) as u32),
            unit: link_unit(back),
            // The link names the operation after the call.
            pc: (back as u32).wrapping_sub(1),
            base: bi as u32,
        });
        Some(Frame {
            inst: at.inst,
            body,
            unit: at.unit,
            pc: at.pc,
            base: at.base as usize,
        })
    })
}

/// Gives every reference that the frames of a run hold to `visit`; dead cells among them.
pub fn roots(instances: &Instances, run: &Run, mut visit: impl FnMut(Reference)) {
    let mut cells = |range: core::ops::Range<usize>| {
        for &cell in run.stack.get(range).unwrap_or_default() {
            visit(Reference::from_cell(cell));
        }
    };
    for frame in frames(instances, run) {
        let refs = &frame.body.refs;
        let params = frame.body.layout.params.refs as usize;
        cells(frame.base..frame.base + params);
        cells(frame.base + refs.start as usize..frame.base + refs.end as usize);
    }
    if let Some(call) = run.regs.pending {
        // Arguments, or the place of results, of the host function being called.
        let base = call.base as usize;
        cells(base..base + usize::from(call.cells));
    }
}

/// The tag of the exception in the context.
fn thrown(x: &Ctx<'_, '_>) -> Option<TagAddr> {
    x.state.heap.exception_tag(x.path.exception.as_object()?)
}

/// Returns whether a handler, of code of an instance, catches the exception in the context.
pub fn catches(x: &Ctx<'_, '_>, inst: &Instance, handler: &ExceptionHandler) -> bool {
    match handler.tag {
        Some(tag) => thrown(x) == Some(inst.tags[tag.index()]),
        None => true,
    }
}

/// Writes payload and exception reference to where the handler's code expects them.
pub fn deliver(x: &mut Ctx<'_, '_>, handler: &ExceptionHandler) {
    let base = x.base();
    let (mut num, mut reference) = (base + handler.nums as usize, base + handler.refs as usize);
    let tag = handler
        .tag
        .and(thrown(x))
        .map(|tag| x.state.tags[tag.index()].ty);
    let types = tag
        .and_then(|ty| x.state.types.func(ty))
        .map(|ty| &ty.params[..])
        .unwrap_or_default();
    for (k, ty) in (0..).zip(types) {
        let handle = x.path.exception.as_object().unwrap_or_default();
        let cells = x.state.heap.exception_value(handle, k).unwrap_or_default();
        let next = if ty.is_ref() {
            &mut reference
        } else {
            &mut num
        };
        for &cell in &cells[..ty.cells() as usize] {
            x.stack[*next].set(cell);
            *next += 1;
        }
    }
    if handler.by_ref {
        x.stack[reference].set(x.path.exception.to_cell());
    }
}
