//! From the start of a process to the first byte of its guest, a command that `rustc` made.

use super::sides::{Sides, seconds};
use super::{Figure, Row};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const ROUNDS: usize = 20;

/// The line, where the command is at hand.
pub fn row(sides: &Sides, print: &mut dyn FnMut(&Row)) -> Result<(), String> {
    let shared = match std::env::var_os("LIMPID_SHARED") {
        Some(shared) => PathBuf::from(shared),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let guest = shared.join("programs/rust-hello-p1.wasm");
    if !guest.is_file() {
        println!("left out: the start of a command (LIMPID_SHARED says where programs are)");
        return Ok(());
    }
    let grant = format!("{}::.", sides.folder.display());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut command = sides.limpid();
        command.args(["--dir", &grant]).arg(&guest);
        ours.push(first_byte(command)?);
        let args = ["--dir".as_ref(), grant.as_ref(), guest.as_os_str()];
        let times = sides.wasmtime(&args, |command| seconds(command, None))?;
        theirs.extend(times.map(|[compile, run]| compile + run));
    }
    print(&Row {
        name: "start to first output",
        unit: "ms",
        limpid: Figure::of(ours).times(1e3),
        bare: None,
        // Without its process: that is Python's.
        wasmtime: (!theirs.is_empty()).then(|| Figure::of(theirs).times(1e3)),
    });
    Ok(())
}

fn first_byte(mut command: Command) -> Result<f64, String> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let mut stdout = child.stdout.take().ok_or("no pipe")?;
    let mut first = [0];
    stdout
        .read_exact(&mut first)
        .map_err(|error| error.to_string())?;
    let seconds = start.elapsed().as_secs_f64();
    let mut rest = String::new();
    let read = stdout.read_to_string(&mut rest);
    let ended = child.wait().map_err(|error| error.to_string())?;
    let as_expected = first == *b"H" && rest.starts_with("ello from Rust!");
    match as_expected && read.is_ok() && ended.success() {
        true => Ok(seconds),
        false => Err(format!("{command:?}: {ended}, {rest:?}")),
    }
}
