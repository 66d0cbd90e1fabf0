//! Operations that need no speed of their own: each is one plain function from operation, data
//! words, frame and context to the accumulator, and shares one handler with the others.

use crate::exec::context::{Ctx, OpExit};
use crate::exec::threaded::{Dispatch, Frame, ThreadedOp, handlers};

/// An operation out of line.
pub trait OutOfLine: 'static {
    /// Data words after the operation.
    const WORDS: usize;
    /// Executes it. A fault other than a trap must leave everything as it was.
    fn run(
        op: &ThreadedOp,
        words: &[ThreadedOp],
        f: &Frame,
        x: &mut Ctx<'_, '_>,
    ) -> Result<u64, OpExit>;
}

/// Executes it, result or fault in the context: a handler that held a place for them on the host
/// stack could not jump.
#[inline(never)]
fn execute<P: OutOfLine>(
    op: &ThreadedOp,
    words: &[ThreadedOp],
    f: &Frame,
    x: &mut Ctx<'_, '_>,
) -> bool {
    match P::run(op, words, f, x) {
        Ok(acc) => {
            x.acc = acc;
            true
        }
        Err(fault) => {
            x.path.fault = fault;
            false
        }
    }
}

handlers! {
    /// The handler of an operation out of line.
    pub fn out_of_line[P: OutOfLine, D: Dispatch](m) {
        if !execute::<P>(m.op, m.rest(), m.f, m.x) {
            return m.x.leave_fault(m.left(), m.acc);
        }
        let acc = m.x.acc;
        m.next_after::<D>(P::WORDS, acc)
    }
}

/// Defines operations out of line: a name for the handler table, the number of data words, a body.
macro_rules! out_of_line_ops {
    ($($(#[$meta:meta])* $name:ident $words:literal
       |$op:ident, $w:ident, $f:ident, $x:ident| $body:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $name {}

        impl $crate::exec::handlers::out_of_line::OutOfLine for $name {
            const WORDS: usize = $words;
            #[inline]
            fn run(
                $op: &$crate::exec::threaded::ThreadedOp,
                $w: &[$crate::exec::threaded::ThreadedOp],
                $f: &$crate::exec::threaded::Frame,
                $x: &mut $crate::exec::context::Ctx<'_, '_>,
            ) -> Result<u64, $crate::exec::context::OpExit> {
                let _ = ($op, $w, $f, &$x);
                $body
            }
        }
    )*};
}
pub(crate) use out_of_line_ops;
