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

handlers! {
    /// The handler of a plain operation.
    pub fn plain[P: Plain, D: Dispatch](op, rest, code, f, x, acc) {
        match P::run(op, rest, f, x) {
            Ok(acc) => match rest.get(P::WORDS..) {
                Some(rest) => D::next(rest, f, x, acc),
                None => Exit::Bug,
            },
            Err(fault) => x.fault(code, acc, fault),
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
            #[inline(never)]
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
