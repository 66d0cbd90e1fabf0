//! What must hold for every input, each a function of bytes that panics where it does not. The
//! fuzz targets and the tests of earlier findings are thin layers over these.
//!
//! Bytes that begin as a module does are one; from others a module is generated, by one of two
//! generators that the first byte chooses.

use crate::agree;
use crate::generate;
use crate::mutate::{self, Random};
use crate::on_limpid::{self, Units};
use crate::outcome::Outcome;
use crate::programs;
use limpid::internals::exec::Translation::{Faithful, Fused};
use limpid::internals::syntax::Features;
use limpid::{Config, Dispatch, Engine, Module};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// How binaries begin.
const MAGIC: &[u8] = b"\0asm";

/// Bytes in front of a generated module's that say how it is damaged.
const DAMAGE: usize = 2;

/// First bytes from here on are for [`programs`], those below for [`generate`].
const PROGRAMS: u8 = 0x80;

/// Every feature there is.
pub fn all_features() -> Features {
    let mut features = Features::default();
    for name in Features::NAMES {
        features.set(name, true);
    }
    features
}

/// The decoder reads what wasmparser reads, with every feature and with the usual ones.
///
/// # Panics
/// When verdicts differ, or the decoder panics.
pub fn decode(data: &[u8]) {
    let bytes = damaged(data);
    for features in [Features::default(), all_features(), Features::MVP] {
        agreed(agree::decode(&bytes, &features));
    }
}

/// A module is malformed, invalid or valid for both validators, and what is valid translates.
///
/// # Panics
/// When verdicts differ, or validator or translator panic.
pub fn validate(data: &[u8]) {
    static EAGER: LazyLock<[Engine; 2]> = LazyLock::new(|| {
        [Fused, Faithful].map(|translation| {
            let mut config = Config::new();
            config.translation(translation).eager(true);
            Engine::new(&config).expect("the configuration is supported")
        })
    });
    let bytes = damaged(data);
    if agreed(agree::validate(&bytes, &Features::default())) {
        for engine in &*EAGER {
            Module::new(engine, &bytes).expect("what is valid is translated");
        }
    }
}

fn agreed<T>(verdict: Result<T, String>) -> T {
    verdict.unwrap_or_else(|difference| panic!("verdicts differ: {difference}"))
}

/// A module as it is, or one that is generated and then damaged.
fn damaged(data: &[u8]) -> Vec<u8> {
    if data.starts_with(MAGIC) || data.len() < DAMAGE {
        return data.to_vec();
    }
    let (damage, data) = data.split_at(DAMAGE);
    let module = generated(data).unwrap_or_default();
    match u64::from(damage[0]) << 8 | u64::from(damage[1]) {
        0 => module,
        seed => mutate::mutant(&module, &mut Random::new(seed)),
    }
}

/// Our engines: those that charge no fuel, then those that do, for modules that may have no end.
struct Ours {
    fused: Engine,
    faithful: Engine,
    stepped: Engine,
    stressed: Engine,
}

static OURS: LazyLock<[Ours; 2]> = LazyLock::new(|| {
    use Dispatch::{Stepped, Threaded};
    [false, true].map(|fuel| Ours {
        fused: on_limpid::of(Fused, Threaded, |config| config.consume_fuel(fuel)),
        faithful: on_limpid::of(Faithful, Threaded, |config| config.consume_fuel(fuel)),
        stepped: on_limpid::of(Fused, Stepped, |config| config.consume_fuel(fuel)),
        stressed: on_limpid::of(Faithful, Stepped, |config| {
            config.consume_fuel(fuel).gc_stress(true).eager(true)
        }),
    })
});

/// What the generator makes that the first byte chooses.
fn generated(data: &[u8]) -> Option<Vec<u8>> {
    match data.split_first() {
        Some((&first, rest)) if first >= PROGRAMS => Some(programs::from_bytes(rest)),
        _ => generate::from_bytes(data),
    }
}

/// The module of an input, and which engines are for it.
fn program(data: &[u8]) -> Option<(Vec<u8>, usize)> {
    match data.starts_with(MAGIC) {
        true => Some((data.to_vec(), 1)),
        false => Some((generated(data)?, 0)),
    }
}

/// Fuel for runs that collect at every chance, each time as much as is alive: what a deep recursion
/// keeps makes that quadratic.
const FEW: Units = Units {
    own: 60,
    engine: 5_000,
};

/// Another engine: given the module, whether fuel is charged, and what the fused engine saw.
type Other<'o> = &'o dyn Fn(&[u8], usize, &Outcome) -> Outcome;

/// Runs an input on the fused engine and another one; `None` when it gives no module.
fn compare(data: &[u8], name: &str, other: Other<'_>) -> Option<Outcome> {
    let (bytes, charged) = program(data)?;
    let first = on_limpid::run(&OURS[charged].fused, &bytes);
    note(&first);
    let second = other(&bytes, charged, &first);
    Some(agreed(agree::outcomes(("fused", first), (name, &second))))
}

/// Fused code does what one operation for each instruction does, the latter under collections at
/// every chance as well.
///
/// # Panics
/// When outcomes differ, or an engine panics.
pub fn fused_vs_faithful(data: &[u8]) -> Option<Outcome> {
    compare(data, "faithful", &|bytes, charged, _| {
        let ours = &OURS[charged];
        let few = |engine| on_limpid::run_within(engine, bytes, FEW);
        let stressed = few(&ours.stressed);
        agreed(agree::outcomes(
            ("fused", few(&ours.fused)),
            ("stressed", &stressed),
        ));
        on_limpid::run(&ours.faithful, bytes)
    })
}

/// Handlers that jump do what handlers that return do.
///
/// # Panics
/// When outcomes differ, limits included, or an engine panics.
pub fn threaded_vs_stepped(data: &[u8]) -> Option<Outcome> {
    let (bytes, charged) = program(data)?;
    let threaded = on_limpid::run(&OURS[charged].fused, &bytes);
    let stepped = on_limpid::run(&OURS[charged].stepped, &bytes);
    note(&threaded);
    assert_eq!(threaded, stepped, "threaded and stepped differ");
    Some(threaded)
}

/// Wasmtime sees what we see.
///
/// # Panics
/// When outcomes differ, or an engine panics.
#[cfg(feature = "wasmtime")]
pub fn differential(data: &[u8]) -> Option<Outcome> {
    use crate::on_wasmtime;
    static THEIRS: LazyLock<[wasmtime::Engine; 2]> =
        LazyLock::new(|| [false, true].map(on_wasmtime::new));
    compare(data, "wasmtime", &|bytes, charged, ours| {
        on_wasmtime::run_beside(&THEIRS[charged], bytes, ours)
    })
}

/// Programs that were run, those that executed guest code, and those that returned from a call.
static RUN: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

/// Counts an outcome, and says at powers of two and every 2^14 programs what was counted.
fn note(outcome: &Outcome) {
    let [run, executed, returned] = RUN.each_ref();
    executed.fetch_add(u64::from(outcome.executed()), Ordering::Relaxed);
    returned.fetch_add(u64::from(outcome.returned()), Ordering::Relaxed);
    let run = run.fetch_add(1, Ordering::Relaxed) + 1;
    let told = run.is_power_of_two() || run.is_multiple_of(1 << 14);
    if run >= 1 << 10 && told {
        let share = |part: &AtomicU64| 100.0 * part.load(Ordering::Relaxed) as f64 / run as f64;
        eprintln!(
            "programs: {run}, {:.1} % executed code, {:.1} % returned from a call",
            share(executed),
            share(returned)
        );
    }
}
