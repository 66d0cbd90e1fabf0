//! The sources keep the form that `ARCHITECTURE.md` and `CONTRIBUTING.md` promise.

use xtask::tidy;

#[test]
fn sources_are_tidy() {
    let report = tidy::check(&xtask::root());
    assert!(report.files > 50, "only {} files found", report.files);
    println!("{report}");
    assert!(report.faults.is_empty(), "{report}");
}

#[test]
fn the_library_depends_on_few_crates() {
    assert_eq!(tidy::too_many_dependencies(&xtask::root()), []);
}
