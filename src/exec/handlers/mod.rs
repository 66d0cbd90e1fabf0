//! Handlers, one file for each class of the spec's chapter on instructions, and the table from
//! kinds of operations to handlers.
//!
//! Reading order: `operand` (where operands come from), `numeric` (written once for all rows),
//! `control`, `call`, `memory`, `variable`; then `out_of_line`, the shape of
//! everything that needs no speed of its own.

pub mod aggregate;
pub mod atomic;
pub mod bulk;
pub mod call;
pub mod control;
pub mod memory;
pub mod numeric;
pub mod operand;
pub mod out_of_line;
pub mod reference;
pub mod variable;
pub mod vector;

use super::threaded::{Dispatch, Handler};
use crate::code::Kind;
use crate::code::kinds::for_each_kind;
use operand::{Acc, CellA, CellB, CellC};
use out_of_line::out_of_line;

macro_rules! table {
    ($($(#[$meta:meta])* $number:literal $name:ident $(($($p:ident: $t:ident),+))? =>
        $text:literal, $words:literal, $acc:expr, $control:ident,
        [$($role:ident($($arg:expr),*))*], $handler:expr;)*) => {
        /// The handler of a kind of operation under a dispatch.
        pub fn handler<D: Dispatch>(kind: Kind) -> Handler {
            match kind { $(Kind::$name $(($($p),+))? => $handler,)* }
        }
    };
}
for_each_kind! { table }
