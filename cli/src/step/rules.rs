//! The reduction rules of the specification that a step used.

use limpid::observe::Event;
use limpid::observe::rules::StepRules;

/// The names of the rules, in the order in which the step used them.
pub fn rules_of(event: &Event<'_>) -> Vec<String> {
    let mut rules = StepRules::default();
    let used = rules.of(event).iter();
    used.map(|(rule, times)| match times {
        1 => rule.to_string(),
        _ => format!("{rule}, {times} times"),
    })
    .collect()
}
