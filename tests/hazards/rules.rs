//! Rules of the formal spec that the official suite has no case of. `cargo xtask rules` runs the
//! same script and says which rules it uses.

use crate::*;

#[test]
fn rules_that_the_official_suite_does_not_use() {
    script(include_str!("rules.wast"));
}
