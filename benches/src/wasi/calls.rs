//! What a call costs: many in one run, less what a run without any takes, and the same calls of
//! the system from here.

use super::sides::{Sides, seconds};
use super::{Figure, Row};
use std::fs::File;
use std::io::Write;
use std::time::Instant;

const COUNT: u32 = 1_000_000;
const ROUNDS: usize = 5;

/// A line for each call.
pub fn rows(sides: &Sides, print: &mut dyn FnMut(&Row)) -> Result<(), String> {
    let mut null = File::create("/dev/null").map_err(|error| error.to_string())?;
    let mut write = || null.write_all(b"x").expect("it takes everything");
    let mut clock = || {
        std::hint::black_box(Instant::now());
    };
    print(&row(
        sides,
        "fd_write, a byte to /dev/null",
        ("write", include_str!("../../wasi/write.wat")),
        ("write", &mut write),
    )?);
    print(&row(
        sides,
        "clock_time_get",
        ("clock", include_str!("../../wasi/clock.wat")),
        ("clock_gettime", &mut clock),
    )?);
    Ok(())
}

fn row(
    sides: &Sides,
    name: &'static str,
    (file, text): (&str, &str),
    (bare, call): (&'static str, &mut dyn FnMut()),
) -> Result<Row, String> {
    let (many, none) = (sides.guest(file, text, COUNT)?, sides.guest(file, text, 0)?);
    let (mut ours, mut bares, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let [all, rest] = [&many, &none].map(|guest| {
            let mut command = sides.limpid();
            command.arg(guest);
            seconds(command, None)
        });
        ours.push(all? - rest?);
        let start = Instant::now();
        (0..COUNT).for_each(|_| call());
        bares.push(start.elapsed().as_secs_f64());
        let run = |command| seconds(command, None);
        theirs.extend(sides.wasmtime(&[many.as_os_str()], run)?);
    }
    let each = 1e9 / f64::from(COUNT);
    let theirs: Vec<f64> = theirs.iter().map(|[_, run]| *run).collect();
    Ok(Row {
        name,
        unit: "ns",
        limpid: Figure::of(ours).times(each),
        bare: Some((bare, Figure::of(bares).times(each))),
        wasmtime: (!theirs.is_empty()).then(|| Figure::of(theirs).times(each)),
    })
}
