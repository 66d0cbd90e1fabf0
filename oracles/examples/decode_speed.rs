//! Speed of decoding, in megabytes of code per second, next to wasmparser's:
//! `cargo run --release -p limpid-oracles --example decode_speed -- FILE.wasm`

use limpid::internals::binary::{self, InstrReader};
use limpid::internals::syntax::{Features, Instr};
use std::hint::black_box;
use std::time::Instant;
use wasmparser::{Parser, Payload};

fn main() {
    let path = std::env::args().nth(1).expect("a module");
    let bytes = std::fs::read(path).expect("the module can be read");
    let features = Features::default();
    let module = binary::decode(bytes.as_slice(), &features).expect("the module decodes");
    let code: usize = module.code.iter().map(|body| body.code.len()).sum();
    println!("{} bytes, {code} of them code", bytes.len());
    println!("Instr takes {} bytes", size_of::<Instr<'_>>());
    measure("sections", bytes.len(), || {
        let module = binary::decode(bytes.as_slice(), &features);
        module.map_or(0, |module| module.code.len())
    });
    measure("instructions", code, || {
        let mut sum = 0usize;
        for body in &module.code {
            let mut reader = InstrReader::for_body(&module, body, &features);
            while !reader.at_end() {
                let (at, instr) = reader.read().expect("the body decodes");
                if matches!(black_box(&instr), Instr::Call(_)) {
                    sum += at as usize;
                }
            }
        }
        sum
    });
    measure("check_body", code, || {
        let check = |body| binary::check_body(&module, body, &features);
        module
            .code
            .iter()
            .filter(|body| check(body).is_ok())
            .count()
    });
    measure("wasmparser instructions", code, || {
        let mut sum = 0usize;
        for payload in Parser::new(0).parse_all(&bytes) {
            if let Payload::CodeSectionEntry(body) = payload.expect("it parses") {
                let mut reader = body.get_operators_reader().expect("locals parse");
                while !reader.eof() {
                    let op = reader.read().expect("operators parse");
                    if matches!(black_box(&op), wasmparser::Operator::Call { .. }) {
                        sum += 1;
                    }
                }
            }
        }
        sum
    });
    measure("wasmparser validation", code, || {
        wasmparser::validate(&bytes).map_or(0, |_| 1)
    });
}

/// Best of several runs.
fn measure(what: &str, bytes: usize, mut run: impl FnMut() -> usize) {
    let mut best = f64::MAX;
    for _ in 0..20 {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!("{what:>24}: {:7.1} MB/s", bytes as f64 / best / 1e6);
}
