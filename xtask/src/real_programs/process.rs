//! A process, how long it took and how much memory it had at most.

use super::programs::Program;
use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest run.
const LIMIT: Duration = Duration::from_secs(600);

/// What a process did.
pub struct Done {
    pub seconds: f64,
    /// What it took of processors, in seconds; not a number where the system does not tell.
    pub processor: f64,
    /// Its largest resident set; not a number where the system does not tell.
    pub mebibytes: f64,
    /// What was not as expected.
    pub problem: Option<String>,
}

/// Runs it, its input empty, and compares what it prints and how it exits.
pub fn run(mut command: Command, program: &Program) -> Result<Done, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let start = Instant::now();
    let child = command.spawn();
    let mut child = child.map_err(|error| format!("{name} cannot be started: {error}"))?;
    let (stdout, stderr) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let seen = watch(&mut child, start).map_err(|error| format!("{name}: {error}"))?;
    let seconds = start.elapsed().as_secs_f64();
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    let (stdout, stderr) = (stdout.join(), stderr.join());
    let (stdout, stderr) = (stdout.unwrap_or_default(), stderr.unwrap_or_default());
    let as_expected =
        status.code() == Some(program.code) && stdout == program.stdout && stderr == program.stderr;
    let problem = (!as_expected).then(|| {
        format!("{status}; stdout {stdout:?}, stderr {stderr:?}")
            .chars()
            .take(500)
            .collect()
    });
    Ok(Done {
        seconds,
        processor: seen.ticks.map_or(f64::NAN, |ticks| ticks as f64 / TICKS),
        mebibytes: seen
            .peak
            .map_or(f64::NAN, |kibibytes| kibibytes as f64 / 1024.0),
        problem,
    })
}

fn collect(pipe: Option<impl Read + Send + 'static>) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could be read is compared.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// What was last seen of a process: neither ever shrinks.
#[derive(Default)]
struct Seen {
    /// Its largest resident set, in KiB.
    peak: Option<u64>,
    /// Its time on processors.
    ticks: Option<u64>,
}

/// Ticks of a second, as Linux tells them to processes.
const TICKS: f64 = 100.0;

/// Waits for the end and looks at the process on the way.
fn watch(child: &mut Child, start: Instant) -> std::io::Result<Seen> {
    let mut seen = Seen::default();
    loop {
        seen.peak = largest(child.id()).or(seen.peak);
        seen.ticks = ticks(child.id()).or(seen.ticks);
        if child.try_wait()?.is_some() {
            return Ok(seen);
        }
        if start.elapsed() > LIMIT {
            child.kill()?;
            return Ok(seen);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The largest resident set of a process so far, in KiB.
fn largest(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// Ticks on processors so far, of the process and of the system for it.
fn ticks(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Its name, in parentheses, may have spaces in it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    Some(next()? + next()?)
}
