//! Says in a line what the suite has, and that none of it is run yet.

use limpid_wasi_testsuite::{PARTS, programs, suite};

#[test]
fn the_suite_is_counted_and_not_yet_run() {
    let Some(suite) = suite() else {
        println!("left out: the WASI suite, which comes with WASI, is not here");
        return;
    };
    for part in PARTS {
        assert_eq!(
            programs(&suite.join(part.path)),
            part.programs,
            "{}",
            part.name
        );
    }
    let total: usize = PARTS.iter().map(|part| part.programs).sum();
    println!("left out: the {total} programs of the WASI suite, which come with WASI");
}
