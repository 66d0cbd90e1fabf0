//! `cargo xtask fuzz [MINUTES] [TARGET...]`: the fuzz targets one after another, with a table of
//! what each of them did. See `fuzz/README.md`.

use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// A target and how it is run.
struct Target {
    name: &'static str,
    /// Whether its inputs may be modules, so that those of the suite are good ones to begin with.
    seeded: bool,
    /// The longest input: for modules their size, for generated ones what a generator draws from.
    max_len: u32,
    features: &'static [&'static str],
}

const fn target(name: &'static str, seeded: bool, max_len: u32) -> Target {
    Target {
        name,
        seeded,
        max_len,
        features: &[],
    }
}

const TARGETS: [Target; 5] = [
    target("decode", true, 4096),
    target("validate", true, 4096),
    target("fused_vs_faithful", true, 8192),
    target("threaded_vs_stepped", true, 8192),
    Target {
        features: &["--features", "wasmtime"],
        ..target("differential", true, 8192)
    },
];

/// Seconds after which an input is a finding, and megabytes.
const SLOW: u32 = 20;
const LARGE: u32 = 3000;

/// What a campaign said of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// Inputs executed.
    pub executions: u64,
    /// Inputs each second.
    pub speed: u64,
    /// Edges covered, and features (edges with their counts).
    pub covered: u64,
    /// See `covered`.
    pub features: u64,
    /// What of the programs executed code, in words.
    pub programs: String,
    /// Whether an input was found that breaks the property.
    pub finding: bool,
}

impl Figures {
    /// Takes over what a line of libFuzzer's or a target's output says.
    pub fn read(&mut self, line: &str) {
        if let Some(rest) = line.strip_prefix('#') {
            let words: Vec<&str> = rest.split_whitespace().collect();
            let after = |key: &str| {
                let at = words.iter().position(|word| *word == key)?;
                words.get(at + 1)?.parse().ok()
            };
            let first = words.first().and_then(|word| word.parse().ok());
            self.executions = first.unwrap_or(self.executions);
            self.covered = after("cov:").unwrap_or(self.covered);
            self.features = after("ft:").unwrap_or(self.features);
            self.speed = after("exec/s:").unwrap_or(self.speed);
        } else if let Some(programs) = line.strip_prefix("programs: ") {
            self.programs = programs.to_string();
        } else if line.contains("Test unit written to") {
            self.finding = true;
        }
    }
}

/// Runs the campaigns.
pub fn main(args: &[String]) -> ExitCode {
    let (minutes, names) = match args.first().map(|first| first.parse::<u32>()) {
        Some(Ok(minutes)) => (minutes, &args[1..]),
        Some(Err(_)) | None => (20, args),
    };
    if let Some(name) = names
        .iter()
        .find(|name| !TARGETS.iter().any(|t| t.name == **name))
    {
        let known = TARGETS.map(|target| target.name).join(", ");
        eprintln!("no target {name}; there are {known}");
        return ExitCode::from(2);
    }
    match campaigns(minutes, names) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs those of the targets that are named, or all; whether none has a finding.
fn campaigns(minutes: u32, names: &[String]) -> Result<bool, String> {
    let there = Command::new("cargo").args(["fuzz", "--version"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        return Err("cargo-fuzz is not installed: cargo install cargo-fuzz".into());
    }
    let folder = crate::root().join("fuzz");
    let corpus = folder.join("corpus");
    let mut seeds = Command::new("cargo");
    seeds.args([
        "run",
        "--quiet",
        "--package",
        "limpid-oracles",
        "--bin",
        "seeds",
        "--",
    ]);
    let status = seeds
        .arg(corpus.join("seeds"))
        .current_dir(crate::root())
        .status();
    if !status.is_ok_and(|status| status.success()) {
        return Err("the seeds cannot be written".into());
    }
    let chosen = |target: &&Target| names.is_empty() || names.iter().any(|n| n == target.name);
    let mut rows = Vec::new();
    for target in TARGETS.iter().filter(chosen) {
        rows.push((target.name, campaign(&folder, target, minutes)?));
    }
    print!("{}", table(&rows));
    Ok(rows.iter().all(|(_, figures)| !figures.finding))
}

/// Runs one target; its output goes to `fuzz/corpus/NAME.log`, and to a terminal in one line.
fn campaign(folder: &Path, target: &Target, minutes: u32) -> Result<Figures, String> {
    let corpus = folder.join("corpus").join(target.name);
    std::fs::create_dir_all(&corpus).map_err(|error| error.to_string())?;
    let log = folder.join("corpus").join(format!("{}.log", target.name));
    let mut log = File::create(log).map_err(|error| error.to_string())?;
    let mut command = Command::new("cargo");
    command
        .args(["fuzz", "run", "--sanitizer", "none"])
        .args(target.features);
    command.arg(target.name).arg(&corpus);
    if target.seeded {
        command.arg(folder.join("corpus").join("seeds"));
    }
    command.arg("--");
    command.arg(format!("-max_total_time={}", minutes * 60));
    command.arg(format!("-max_len={}", target.max_len));
    command.arg(format!("-timeout={SLOW}"));
    command.arg(format!("-rss_limit_mb={LARGE}"));
    command.args(["-len_control=0", "-print_final_stats=1"]);
    // The coverage options are those of a nightly compiler.
    command.env("RUSTC_BOOTSTRAP", "1").current_dir(folder);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let output = child.stderr.take().ok_or("no output")?;
    let mut figures = Figures::default();
    for line in BufReader::new(output).lines() {
        let line = line.map_err(|error| error.to_string())?;
        figures.read(&line);
        writeln!(log, "{line}").map_err(|error| error.to_string())?;
        progress(&format!("{}: {line}", target.name));
    }
    progress("");
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() && !figures.finding && figures.executions == 0 {
        return Err(format!(
            "{}: it does not run; fuzz/corpus/{0}.log says why",
            target.name
        ));
    }
    figures.finding |= !status.success();
    Ok(figures)
}

/// Shows a line in place of the one before, where there is someone to see it.
fn progress(line: &str) {
    if std::io::stderr().is_terminal() {
        let shown: String = line.chars().take(100).collect();
        eprint!("\r\x1b[K{shown}");
    }
}

/// What the targets did, for reading.
pub fn table(rows: &[(&str, Figures)]) -> String {
    let mut text = format!(
        "{:<20} {:>11} {:>7} {:>8} {:>8}  {}\n",
        "target", "executions", "per s", "edges", "features", "findings; programs"
    );
    for (name, figures) in rows {
        let finding = if figures.finding {
            "ONE, see fuzz/artifacts"
        } else {
            "none"
        };
        let programs = match figures.programs.is_empty() {
            true => String::new(),
            false => format!("; {}", figures.programs),
        };
        text.push_str(&format!(
            "{name:<20} {:>11} {:>7} {:>8} {:>8}  {finding}{programs}\n",
            figures.executions, figures.speed, figures.covered, figures.features
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_read() {
        let mut figures = Figures::default();
        figures.read("INFO: seed corpus: files: 12");
        figures.read("#2048\tINITED cov: 310 ft: 900 corp: 12/3Kb exec/s: 0 rss: 90Mb");
        figures.read("programs: 1024, 93.1 % executed code, 55.0 % returned from a call");
        figures.read("#8192\tpulse  cov: 412 ft: 1100 corp: 30/9Kb lim: 400 exec/s: 270 rss: 95Mb");
        let expected = Figures {
            executions: 8192,
            speed: 270,
            covered: 412,
            features: 1100,
            programs: "1024, 93.1 % executed code, 55.0 % returned from a call".into(),
            finding: false,
        };
        assert_eq!(figures, expected);
        let crash = "artifact_prefix='./'; Test unit written to ./crash-1";
        figures.read(crash);
        assert!(figures.finding);
        let table = table(&[("decode", figures)]);
        let row = table.lines().nth(1).unwrap_or_default();
        assert!(row.starts_with("decode") && row.contains(" 8192 ") && row.contains("ONE"));
    }
}
