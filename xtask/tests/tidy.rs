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
fn the_engine_depends_on_libm_only() {
    assert_eq!(
        tidy::core_dependencies(&xtask::root()),
        Ok(vec!["libm".to_string()])
    );
}
