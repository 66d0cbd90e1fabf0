//! Generated programs through the judges: `programs COUNT [SEED] [FIRST]`. Compares fused and
//! threaded code with faithful and stepped code, and (with feature `wasmtime`) with wasmtime; the
//! first program that differs is made small and printed as text.

use limpid::internals::exec::Translation::{Faithful, Fused};
use limpid::{Dispatch, Engine};
use limpid_oracles::outcome::{Outcome, Tally};
use limpid_oracles::{on_limpid, programs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Programs of a hundred all of whose calls must end without a trap, or the generator has lost its
/// use.
const ENDED: f64 = 90.0;

/// Time for making the first finding small.
const SHRINKING: Duration = Duration::from_secs(20);

/// How a difference begins that is a panic.
const PANIC: &str = "panic: ";

/// Findings that are printed.
const PRINTED: usize = 20;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args()
        .skip(1)
        .map(|arg| arg.parse::<u64>())
        .collect();
    let (count, seed, first) = match args.as_slice() {
        [Ok(count)] => (*count, 0, 0),
        [Ok(count), Ok(seed)] => (*count, *seed, 0),
        [Ok(count), Ok(seed), Ok(first)] => (*count, *seed, *first),
        _ => {
            eprintln!("usage: programs COUNT [SEED] [FIRST]");
            return ExitCode::from(2);
        }
    };
    std::panic::set_hook(Box::new(|_| {})); // Panics are told as differences.
    let begin = Instant::now();
    let engines = Engines::new();
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for number in first..first + count {
        let data = programs::bytes(seed, number);
        let (outcome, difference) = engines.judge(&programs::from_bytes(&data));
        tally.add(&outcome);
        if let Some(difference) = difference {
            if found.len() < PRINTED {
                println!("seed {seed}, program {number}: {difference}");
            }
            found.push(number);
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    println!(
        "{tally}, {} differences, {seconds:.1} s, {:.0} programs/s",
        found.len(),
        count as f64 / seconds
    );
    if let Some(number) = found.first() {
        println!("first difference: seed {seed}, program {number}");
        engines.explain(&programs::bytes(seed, *number));
    }
    match found.is_empty() && tally.refused == 0 && tally.ended() >= ENDED {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

struct Engines {
    fused: Engine,
    faithful: Engine,
    #[cfg(feature = "wasmtime")]
    wasmtime: wasmtime::Engine,
}

impl Engines {
    fn new() -> Engines {
        Engines {
            fused: on_limpid::new(Fused, Dispatch::Threaded),
            faithful: on_limpid::new(Faithful, Dispatch::Stepped),
            #[cfg(feature = "wasmtime")]
            wasmtime: limpid_oracles::on_wasmtime::new(false),
        }
    }

    /// What fused code does, and what others do differently; a panic is a difference too.
    fn judge(&self, module: &[u8]) -> (Outcome, Option<String>) {
        let compared = catch_unwind(AssertUnwindSafe(|| self.compare(module)));
        compared.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or(panic.downcast_ref::<&str>().copied());
            (
                Outcome::Refused,
                Some(format!("{PANIC}{}", text.unwrap_or("without words"))),
            )
        })
    }

    fn compare(&self, module: &[u8]) -> (Outcome, Option<String>) {
        let fused = on_limpid::run(&self.fused, module);
        let differs = |name: &str, other: &Outcome| {
            let what = || format!("fused: {fused:?}\n  {name}: {other:?}");
            (!other.agrees(&fused)).then(what)
        };
        let difference = differs("faithful", &on_limpid::run(&self.faithful, module));
        #[cfg(feature = "wasmtime")]
        let difference = difference.or_else(|| {
            let other = limpid_oracles::on_wasmtime::run(&self.wasmtime, module);
            differs("wasmtime", &other)
        });
        (fused, difference)
    }

    /// Prints a small program that differs, and how.
    fn explain(&self, data: &[u8]) {
        let panics = |difference: &String| difference.starts_with(PANIC);
        let kind = |module: &[u8]| self.judge(module).1.as_ref().map(panics);
        let wanted = kind(&programs::from_bytes(data));
        let shows = |module: &[u8]| kind(module) == wanted;
        let module = programs::from_bytes(&programs::shrink(data, SHRINKING, shows));
        match wasmprinter::print_bytes(&module) {
            Ok(text) => println!("{text}"),
            Err(error) => println!("not printable: {error}"),
        }
        println!("{}", self.judge(&module).1.unwrap_or_default());
    }
}
