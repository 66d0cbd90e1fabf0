//! The reduction rules of the specification that a step used.

use limpid::observe::Event;

/// The names of the rules, in the order in which the step used them.
pub fn rules_of(_event: &Event<'_>) -> Vec<String> {
    Vec::new()
}
