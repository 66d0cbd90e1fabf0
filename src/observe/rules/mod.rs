//! The rules of the formal spec, and which of them a step or an instruction uses. Pure functions
//! from what is known of an instruction to the ordered list of its rules; nothing here watches a
//! run.
//!
//! Reading order: `names` (every rule as a value, made from the tables `steps`, `typings` and
//! `own`), `class` (the classes of numeric, vector and memory instructions), `step` (what a step
//! depends on, and its rules), `control` and `bulk` (the parts of it for branches, calls and traps,
//! and for ranges), `typing` (the rules that type an instruction), `never` (rules that cannot fire,
//! each with the reason).

mod bulk;
mod class;
mod control;
mod event;
mod names;
mod never;
mod own;
mod step;
mod steps;
#[cfg(test)]
mod tests;
mod typing;
mod typings;

pub use event::StepRules;
pub use names::{Rule, RuleKind};
pub use never::{NEVER_ACCEPTED, NEVER_FIRE, NEVER_REJECTED};
pub use step::{Crossed, Facts, Fired, Label, Outcome, rules};
pub use typing::{Place, typing_rules};
