//! Independent judges of Limpid: what they share. `suites` finds and reads the official test
//! suites, `judge` asks other implementations, `mutate` damages binaries. The tests are in
//! `tests/`.

pub mod judge;
pub mod mutate;
pub mod suites;
