//! What `docs/wasmtime.md` says of wasmtime's names is true, and all of them are in it.

#[test]
fn wasmtimes_names_are_classified_truly() {
    assert_eq!(xtask::parity::check(&xtask::root()), []);
}
