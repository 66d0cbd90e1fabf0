//! Operations that need no speed of their own: each is one plain function from operation, data
//! words, frame and context to the accumulator, and shares one handler with the others.

use crate::exec::context::{Ctx, Fault};
use crate::exec::linked::{Dispatch, Frame, Linked, handlers};

/// A plain operation.
pub trait Plain: 'static {
    /// Data words after the operation.
    const WORDS: usize;
    /// Executes it. A fault other than a trap must leave everything as it was.
    fn run(op: &Linked, words: &[Linked], f: &Frame, x: &mut Ctx<'_, '_>) -> Result<u64, Fault>;
}

/// Executes it, result or fault in the context: a handler that held a place for them on the host
/// stack could not jump.
#[inline(never)]
fn execute<P: Plain>(op: &Linked, words: &[Linked], f: &Frame, x: &mut Ctx<'_, '_>) -> bool {
    match P::run(op, words, f, x) {
        Ok(acc) => {
            x.acc = acc;
            true
        }
        Err(fault) => {
            x.fault = fault;
            false
        }
    }
}

handlers! {
    /// The handler of a plain operation.
    pub fn plain[P: Plain, D: Dispatch](m) {
        if !execute::<P>(m.op, m.rest(), m.f, m.x) {
            return m.x.leave_fault(m.left(), m.acc);
        }
        let acc = m.x.acc;
        m.next_after::<D>(P::WORDS, acc)
    }
}

/// Defines plain operations: a name for the handler table, the number of data words, a body.
macro_rules! plain_ops {
    ($($(#[$meta:meta])* $name:ident $words:literal
       |$op:ident, $w:ident, $f:ident, $x:ident| $body:expr;)*) => {$(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $name {}

        impl $crate::exec::handlers::plain::Plain for $name {
            const WORDS: usize = $words;
            #[inline]
            fn run(
                $op: &$crate::exec::linked::Linked,
                $w: &[$crate::exec::linked::Linked],
                $f: &$crate::exec::linked::Frame,
                $x: &mut $crate::exec::context::Ctx<'_, '_>,
            ) -> Result<u64, $crate::exec::context::Fault> {
                let _ = ($op, $w, $f, &$x);
                $body
            }
        }
    )*};
}
pub(crate) use plain_ops;
