//! Operations that need no speed of their own: each is one plain function from operation, data
//! words, frame and context to the accumulator, and shares one handler with the others.

use crate::exec::context::{Ctx, Fault};
use crate::exec::linked::{Dispatch, Exit, Frame, Linked, handlers};

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
    pub fn plain[P: Plain, D: Dispatch](op, rest, left, f, x, acc) {
        if !execute::<P>(op, rest, f, x) {
            return x.leave_fault(left, acc);
        }
        let acc = x.acc;
        match rest.get(P::WORDS..) {
            Some(rest) => D::next(rest, f, x, acc),
            None => Exit::Bug,
        }
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
