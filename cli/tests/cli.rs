//! The command line, as data: each file in `tests/cli` holds commands and what they print.

#[test]
fn commands() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd").run();
}
