//! Rules that this engine never uses, each with the reason. `cargo xtask rules --check` holds the
//! test suites to these lists: what is not on them must happen, and what is must not.

use super::names::Rule;

/// Rules of steps that never fire.
pub const NEVER_FIRE: &[(Rule, &str)] = &[
    (Rule::StepPure, "structural: it only lets other rules apply"),
    (Rule::StepRead, "structural: it only lets other rules apply"),
    (Rule::StepsRefl, "structural: it only makes runs of steps"),
    (Rule::StepsTrans, "structural: it only makes runs of steps"),
    (
        Rule::CtxtInstrs,
        "structural: it only lets other rules apply",
    ),
    (
        Rule::CtxtLabel,
        "structural: it only lets other rules apply",
    ),
    (
        Rule::CtxtHandler,
        "structural: it only lets other rules apply",
    ),
    (
        Rule::CtxtFrame,
        "structural: it only lets other rules apply",
    ),
    (
        Rule::UnopTrap,
        "every unary operator has a result for every number",
    ),
    (
        Rule::VunopTrap,
        "every unary operator has a result for every lane",
    ),
    (
        Rule::VbinopTrap,
        "every binary operator has a result for all lanes",
    ),
    (
        Rule::VternopTrap,
        "every ternary operator has a result for all lanes",
    ),
];

/// Typing rules of instructions by which no instruction is ever accepted.
pub const NEVER_ACCEPTED: &[(Rule, &str)] = &[
    (
        Rule::InstrOkLoad,
        "commented out in the formal spec; load-val and load-pack stand for it",
    ),
    (
        Rule::InstrOkStore,
        "commented out in the formal spec; store-val and store-pack stand for it",
    ),
];

/// Typing rules of instructions with premises at which no module can ever be refused.
pub const NEVER_REJECTED: &[(Rule, &str)] = &[
    (
        Rule::InstrOkUnreachable,
        "its premise is that the types that it takes and leaves exist, and any may be chosen",
    ),
    (
        Rule::InstrOkLoad,
        "commented out in the formal spec; load-val and load-pack stand for it",
    ),
    (
        Rule::InstrOkStore,
        "commented out in the formal spec; store-val and store-pack stand for it",
    ),
];
