//! Copying a GiB from standard input to standard output in pieces of 64 KiB, and `cat` doing the
//! same: from a file to nowhere, and from a pipe to a pipe.

use super::sides::{Sides, seconds};
use super::{Figure, Row};
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const BYTES: u64 = 1 << 30;
const ROUNDS: usize = 5;
const COPY: &str = include_str!("../../../cli/tests/cli/copies.wat");

/// Both lines.
pub fn rows(sides: &Sides, print: &mut dyn FnMut(&Row)) -> Result<(), String> {
    let input = sides.folder.join("input");
    let made = File::create(&input).and_then(|file| file.set_len(BYTES));
    made.map_err(|error| format!("{}: {error}", input.display()))?;
    let from_file = |command: Command| seconds(command, Some(&input));
    print(&row(sides, "1 GiB, file to /dev/null", &from_file)?);
    print(&row(sides, "1 GiB, pipe to pipe", &through_pipes)?);
    // It is only in the way, from here on.
    let _ = std::fs::remove_file(&input);
    Ok(())
}

fn row(
    sides: &Sides,
    name: &'static str,
    run: &dyn Fn(Command) -> Result<f64, String>,
) -> Result<Row, String> {
    let guest = sides.guest("copy", COPY, 0)?;
    let (mut ours, mut cats, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(run(with(sides.limpid(), &guest))?);
        cats.push(run(Command::new("cat"))?);
        theirs.extend(sides.wasmtime(&[guest.as_os_str()], run)?);
    }
    Ok(Row {
        name,
        unit: "s",
        limpid: Figure::of(ours),
        bare: Some(("cat", Figure::of(cats))),
        wasmtime: (!theirs.is_empty())
            .then(|| Figure::of(theirs.iter().map(|[_, s]| *s).collect())),
    })
}

fn with(mut command: Command, guest: &Path) -> Command {
    command.arg(guest);
    command
}

/// Feeds a process and takes what it gives, which must be as much.
fn through_pipes(mut command: Command) -> Result<f64, String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (mut stdin, mut stdout) = stdin.zip(stdout).ok_or("no pipes")?;
    let feeder = std::thread::spawn(move || {
        let piece = vec![0; 64 << 10];
        (0..BYTES / piece.len() as u64).try_for_each(|_| stdin.write_all(&piece))
    });
    let (mut piece, mut count) = (vec![0; 64 << 10], 0);
    loop {
        match stdout.read(&mut piece) {
            Ok(0) => break,
            Ok(len) => count += len as u64,
            Err(error) => return Err(error.to_string()),
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let fed = feeder.join().is_ok_and(|fed| fed.is_ok());
    match fed && status.success() && count == BYTES {
        true => Ok(seconds),
        false => Err(format!("{command:?}: {status}, {count} bytes came through")),
    }
}
