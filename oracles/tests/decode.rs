//! The decoder against the official suites.

use limpid_oracles::judge;
use limpid_oracles::suites::{self, Expect};

#[test]
fn decode_suite() {
    let Some(root) = suites::folder("suites/spec") else {
        return;
    };
    let mut counts = [0; 3];
    let mut failures = Vec::new();
    let mut folders = vec!["core"];
    folders.extend([
        "threads",
        "wide-arithmetic",
        "custom-page-sizes",
        "compact-imports",
    ]);
    for folder in folders {
        let path = if folder == "core" {
            root.join(folder)
        } else {
            root.join("proposals").join(folder)
        };
        for script in suites::scripts(&path) {
            for module in suites::modules(&script, suites::features(folder)) {
                let verdict = judge::decode(&module.bytes, &module.features);
                let (kind, good) = match (&module.expect, &verdict) {
                    (Expect::Malformed(text), Err(error)) => {
                        (0, error.to_string().starts_with(text))
                    }
                    (Expect::Malformed(_), Ok(_)) => (0, false),
                    (Expect::Invalid(_), verdict) => (1, verdict.is_ok()),
                    (Expect::Valid, verdict) => (2, verdict.is_ok()),
                };
                counts[kind] += 1;
                if !good {
                    failures.push(format!(
                        "{folder} {} {:?}: {:?}",
                        module.place,
                        module.expect,
                        verdict.map(|_| ()).map_err(|e| e.to_string())
                    ));
                }
            }
        }
    }
    println!(
        "malformed {}, invalid {}, valid {}",
        counts[0], counts[1], counts[2]
    );
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        failures.join("\n")
    );
}
