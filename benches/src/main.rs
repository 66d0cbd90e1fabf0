//! Limpid beside its peers: `cargo run --profile bench -p limpid-benches [-- [FILTER] [ROUNDS]]`;
//! WASI: `cargo run --release -p limpid-benches -- wasi [copy|calls|start|instances]`.
//! Results are checked before times are taken; losses are printed like gains.

mod kernels;
mod load;
mod measure;
mod peers;
mod report;
mod wasi;

use report::Row;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |text: &String| text.parse::<usize>().ok();
    let rounds = args.iter().find_map(number).unwrap_or(11).max(1);
    if args
        .first()
        .is_some_and(|word| word == "load-on-one-processor")
    {
        let pair = load::measure(rounds, &load::module());
        let (a, b) = (pair.ours, pair.theirs);
        println!("{} {} {} {}", a.median, a.min, b.median, b.min);
        return ExitCode::SUCCESS;
    }
    if args.first().is_some_and(|word| word == "wasi") {
        return told(wasi::bench(args.get(1).map_or("", String::as_str)));
    }
    let filter = args
        .iter()
        .find(|word| number(word).is_none())
        .map_or("", String::as_str);
    told(bench(filter, rounds))
}

fn told(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn bench(filter: &str, rounds: usize) -> Result<(), String> {
    let mut rows = Vec::new();
    for kernel in kernels::KERNELS
        .iter()
        .filter(|kernel| kernel.name.contains(filter))
    {
        let name = kernel.name;
        let wasm = wat::parse_str(kernel.text).map_err(|error| format!("{name}: {error}"))?;
        let in_kernel = |error| format!("{name}: {error}");
        let mut ours = peers::limpid(&wasm).map_err(in_kernel)?;
        let mut theirs = peers::wasmi(&wasm).map_err(in_kernel)?;
        let expected = (kernel.expected)(kernel.n);
        for (side, run) in [("limpid", &mut ours), ("wasmi", &mut theirs)] {
            let result = run(kernel.n);
            if result != expected {
                return Err(format!("{name}: {side} gives {result}, not {expected}"));
            }
        }
        let check = |result: i64| assert_eq!(result, expected, "{name}");
        let pair = measure::pair(rounds, || check(ours(kernel.n)), || check(theirs(kernel.n)));
        rows.push(Row {
            name: name.into(),
            peer: "wasmi",
            pair,
            megabytes: None,
        });
    }
    if "load".contains(filter) {
        load_rows(rounds, &mut rows);
    }
    let dispatch = format!("{:?}", limpid::Engine::default().dispatch());
    print!("dispatch: {dispatch}\n{}", report::table(&rows));
    let dir = report::write(&rows, &dispatch).map_err(|error| error.to_string())?;
    println!("written: bench.json and bench.svg in {}", dir.display());
    Ok(())
}

/// Decoding and validation: on one processor, and on all.
fn load_rows(rounds: usize, rows: &mut Vec<Row>) {
    let wasm = load::module();
    let megabytes = Some(wasm.len() as f64 / 1e6);
    let mut add = |name: &str, pair| {
        rows.push(Row {
            name: name.into(),
            peer: "wasmparser",
            pair,
            megabytes,
        });
    };
    match load::measure_sequential(rounds) {
        Ok(pair) => add("load, one thread", pair),
        Err(error) => println!("left out: loading on one processor ({error})"),
    }
    add("load, all threads", load::measure(rounds, &wasm));
}
