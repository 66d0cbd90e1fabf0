//! Generated modules through the judges: `smoke COUNT [FIRST-SEED]`. Compares fused and faithful
//! code, threaded and stepped dispatch, and (with feature `wasmtime`) wasmtime.

use limpid::Dispatch;
use limpid::internals::exec::Translation;
use limpid_oracles::outcome::Outcome;
use limpid_oracles::{generate, on_limpid};
use std::process::ExitCode;
use std::time::Instant;

/// Modules of a hundred that must execute code, or the generator has lost its use.
const EXECUTED: f64 = 85.0;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1).map(|arg| arg.parse::<u64>());
    let (Some(Ok(count)), first) = (args.next(), args.next()) else {
        eprintln!("usage: smoke COUNT [FIRST-SEED]");
        return ExitCode::from(2);
    };
    let first = first.and_then(Result::ok).unwrap_or(0);
    let begin = Instant::now();
    let engines = Engines::new();
    let (mut executed, mut returned, mut differ) = (0u64, 0u64, 0u64);
    let mut refused = 0u64;
    for seed in first..first + count {
        let (outcome, differences) = engines.judge(&generate::module(seed));
        refused += u64::from(outcome == Outcome::Refused);
        executed += u64::from(outcome.executed());
        returned += u64::from(outcome.returned());
        for difference in differences {
            differ += 1;
            println!("seed {seed}: {difference}");
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let share = |part: u64| 100.0 * part as f64 / count as f64;
    println!(
        "{count} modules, {refused} refused, {:.1} % executed code, {:.1} % returned from a call, \
         {differ} differences, {:.0} modules/s",
        share(executed),
        share(returned),
        count as f64 / seconds
    );
    match differ + refused == 0 && share(executed) >= EXECUTED {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

struct Engines {
    ours: Vec<(&'static str, limpid::Engine)>,
    #[cfg(feature = "wasmtime")]
    wasmtime: wasmtime::Engine,
}

impl Engines {
    fn new() -> Engines {
        use Dispatch::{Stepped, Threaded};
        use Translation::{Faithful, Fused};
        Engines {
            ours: vec![
                ("fused, threaded", on_limpid::new(Fused, Threaded)),
                ("fused, stepped", on_limpid::new(Fused, Stepped)),
                ("faithful, stepped", on_limpid::new(Faithful, Stepped)),
            ],
            #[cfg(feature = "wasmtime")]
            wasmtime: limpid_oracles::on_wasmtime::new(false),
        }
    }

    /// The first engine's outcome, and what others say differently.
    fn judge(&self, bytes: &[u8]) -> (Outcome, Vec<String>) {
        let outcomes: Vec<(&str, Outcome)> = self
            .ours
            .iter()
            .map(|(name, engine)| (*name, on_limpid::run(engine, bytes)))
            .collect();
        let (name, first) = &outcomes[0];
        let mut differences = Vec::new();
        let mut compare = |other: &str, outcome: &Outcome| {
            if !outcome.agrees(first) {
                differences.push(format!("{name}: {first:?}\n  {other}: {outcome:?}"));
            }
        };
        for (other, outcome) in &outcomes[1..] {
            compare(other, outcome);
        }
        #[cfg(feature = "wasmtime")]
        compare(
            "wasmtime",
            &limpid_oracles::on_wasmtime::run_beside(&self.wasmtime, bytes, first),
        );
        (first.clone(), differences)
    }
}
