//! `cargo xtask VERB`: what the project does to itself.

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask VERB
  ci [--list] [STEP...]
            check everything that must hold before a change lands, or the steps so named
  tidy      check the form of the sources; `cargo test` does the same
  conformance [CONFIGURATION...]
            run the official suites, write target/conformance/index.html and conformance.json
  embeddings
            build a small embedding with the profiles of embedders, check the dispatch of each
  fuzz [MINUTES] [TARGET...]
            run the fuzz targets one after another, 20 minutes each, and say what they did
  parity [--check]
            write docs/wasmtime.md from the list of wasmtime's names, or check both
  pictures [--check]
            make the pictures in docs/pictures from real runs, or compare them
  playground
            build the page that runs Limpid in a browser, target/playground/limpid.html
  real-programs [FILTER]
            fetch CPython for WASI and wasmtime, run real programs with Limpid's release build and
            with wasmtime, compare what they print, and tell time and peak memory
  rules [--check] [--uses] [FILE...]
            say which rules of the formal spec the official suite and our own scripts use
  book      build the book in docs with mdbook, into target/book; installs mdbook if it is absent
  viewer-test
            open a trace and the playground in a headless browser, and try them
  figures   time of a clean release build, size of the program and of the sources";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let verb = args.first().map(String::as_str);
    match verb {
        Some("ci") => xtask::ci::main(&args[1..]),
        Some("tidy") => xtask::tidy::main(),
        Some("conformance") => xtask::conformance::main(&args[1..]),
        Some("embeddings") => xtask::embeddings::main(),
        Some("fuzz") => xtask::fuzz::main(&args[1..]),
        Some("parity") => xtask::parity::main(&args[1..]),
        Some("pictures") => xtask::pictures::main(&args[1..]),
        Some("playground") => xtask::playground::main(),
        Some("viewer-test") => xtask::viewer_test::main(),
        Some("real-programs") => xtask::real_programs::main(&args[1..]),
        Some("rules") => xtask::rules::main(&args[1..]),
        Some("book") => xtask::book::main(),
        Some("figures") => xtask::figures::main(),
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}
