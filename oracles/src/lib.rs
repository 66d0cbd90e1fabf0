//! Independent judges of Limpid: what they share. `suites` finds and reads the official test
//! suites, `judge` asks other decoders, `features` tells them what is on, `generate` makes
//! modules, `programs` makes programs that always end, `on_limpid` and `on_wasmtime` run them to
//! an `outcome`, `agree` compares verdicts and outcomes, `relaxed` spells out what wasmtime
//! computes differently, `mutate` damages binaries, `properties` says what must hold for every
//! input. The tests are in `tests/`.

pub mod agree;
pub mod features;
pub mod generate;
pub mod judge;
pub mod mutate;
pub mod on_limpid;
#[cfg(feature = "wasmtime")]
pub mod on_wasmtime;
pub mod outcome;
pub mod programs;
pub mod properties;
pub mod relaxed;
pub mod suites;
