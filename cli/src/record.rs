//! `limpid record` and `limpid replay`: a run of WASI kept in a file with all that came from the
//! host, and done again without files, clocks or network.
//!
//! The file holds the words of the command line, hashes of the modules, every call of WASI. Grants
//! are not used when the run is done again: each call is answered from the file.

use super::outcome::{Cause, FAILED, Failure};
use super::paths;
use super::run::RunFlags;
use super::schedule::ScheduleFlags;
use super::screen;
use super::settings::LayeredSettings;
use super::source::Source;
use clap::{Args, Parser, ValueEnum};
use limpid::observe::display;
use limpid::wasi::tape::{Damaged, Player, Reader, Recorder, Redacted, ReplayError, Writer};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read};
use std::path::{Path, PathBuf};

/// What the help of `record` ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid record -o run.lrec --dir . prog.wasm a  keep a run\n\
\x20 limpid replay run.lrec                         do it again, with nothing granted\n\
\x20 limpid step run.lrec                           step through it, forwards and backwards\n\
\n\
The file holds what the guest was given, secrets included: it is readable by its owner only, and\n\
--redact overwrites parts of it.";

/// The verb `record`.
#[derive(Args, Debug)]
#[command(
    after_help = EXAMPLES,
    override_usage = "limpid record [OPTIONS] -o <FILE> <FILE> [ARGS]..."
)]
pub struct Record {
    /// Keep the run in this file
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Overwrite these in the file with `x`: env, args, stdin
    #[arg(
        long,
        value_name = "WHAT",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    redact: Vec<Redact>,
    #[command(flatten)]
    schedule: ScheduleFlags,
    #[command(flatten)]
    flags: RunFlags,
}

/// What can be overwritten.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Redact {
    /// Values of environment variables
    Env,
    /// Arguments of the guest
    Args,
    /// What it reads from standard input
    Stdin,
}

/// The words of a recorded command line.
#[derive(Parser, Debug)]
#[command(no_binary_name = true)]
struct Again {
    #[command(flatten)]
    record: Record,
}

impl Record {
    /// Runs, and keeps the run.
    ///
    /// # Errors
    /// As those of a run, and when the file cannot be written.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        self.flags.check_files(given, Some(&self.output))?;
        self.flags.check_recorded()?;
        self.flags.set_schedule(self.schedule);
        let header = self.header(given)?;
        let file = private(&self.output)?;
        let writer = Writer::new(Box::new(BufWriter::new(file)), &header);
        let recorder = Recorder::new(
            writer.map_err(|error| self.unwritten(&error))?,
            Redacted {
                env: self.redact.contains(&Redact::Env),
                args: self.redact.contains(&Redact::Args),
                stdin: self.redact.contains(&Redact::Stdin),
            },
        );
        self.flags.record(recorder.clone());
        let ran = self.flags.execute(given, None, false);
        recorder
            .end(&ended(&ran))
            .map_err(|error| self.unwritten(&error))?;
        ran
    }

    /// What the file begins with.
    fn header(&self, given: &LayeredSettings) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let mut header = vec![("words".to_owned(), self.words()?)];
        let source = Source::read(self.flags.module_path())?;
        header.push(("module".to_owned(), hash(&source.bytes).into_bytes()));
        for preload in self.flags.preloads(given) {
            let (name, path) = preload?;
            let source = Source::read(path)?;
            header.push((format!("preload {name}"), hash(&source.bytes).into_bytes()));
        }
        Ok(header)
    }

    /// The words after the verb, without what is to be overwritten.
    fn words(&self) -> Result<Vec<u8>, Failure> {
        let after = std::env::args_os()
            .skip_while(|word| word != "record")
            .skip(1);
        let mut words = Vec::new();
        for word in after {
            words.push(word.into_string().map_err(|word| {
                let shown = display::name(&word.to_string_lossy()).into_owned();
                Failure::usage(format!("the argument `{shown}` is not UTF-8"))
            })?);
        }
        if self.redact.contains(&Redact::Env) {
            redact_env(&mut words);
        }
        if self.redact.contains(&Redact::Args) {
            if self.flags.invoked().is_some() {
                let text = "`--redact args` cannot overwrite the arguments of `--invoke`";
                return Err(Failure::usage(text).hint("without them the run cannot be done again"));
            }
            let first = words.len() - self.flags.args().len().min(words.len());
            words[first..]
                .iter_mut()
                .for_each(|word| *word = "x".repeat(word.len()));
        }
        let ended = words
            .into_iter()
            .flat_map(|word| [word.into_bytes(), vec![0]].concat());
        Ok(ended.collect())
    }

    fn unwritten(&self, error: &std::io::Error) -> Failure {
        Failure::failed(format!("{}: {error}", paths::shown(&self.output)))
    }
}

/// Overwrites the values of `--env NAME=VALUE`.
fn redact_env(words: &mut [String]) {
    let mut is_value = false;
    for word in words {
        let variable = match word.strip_prefix("--env=") {
            Some(_) => "--env=".len(),
            None if is_value => 0,
            None => {
                is_value = word == "--env";
                continue;
            }
        };
        is_value = false;
        if let Some(at) = word[variable..].find('=') {
            let from = variable + at + 1;
            let hidden = "x".repeat(word.len() - from);
            word.replace_range(from.., &hidden);
        }
    }
}

/// A file that nobody else may read.
fn private(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
    let file = options.open(path).map_err(failed)?;
    #[cfg(unix)]
    {
        // One that was there already keeps its mode otherwise.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(mode).map_err(failed)?;
    }
    Ok(file)
}

/// How a run ended, as a line.
fn ended(ran: &Result<(), Failure>) -> String {
    match ran {
        Ok(()) => "0".to_owned(),
        Err(failure) => format!("{} {}", failure.code(), failure.text())
            .trim()
            .to_owned(),
    }
}

/// What the help of `replay` ends with.
const REPLAYS: &str = "\
Examples:\n\
\x20 limpid replay run.lrec                      the same output and exit code as then\n\
\x20 limpid replay --module moved.wasm run.lrec  where the module has another path now";

/// The verb `replay`.
#[derive(Args, Debug)]
#[command(after_help = REPLAYS)]
pub struct Replay {
    /// Take the module from this file
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
    /// The recorded run
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Replay {
    /// Does the run again.
    ///
    /// # Errors
    /// As those of the recorded run; when the file is damaged, the module is another one, or the
    /// run takes another course.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        let recording = Recording::open(&self.file, self.module.as_deref(), given)?;
        let ran = recording.flags.execute(given, None, false);
        if recording.player.is_off_course() {
            return ran;
        }
        let then = recording.player.end();
        let then = then.map_err(|error| wrong(&self.file, &error))?;
        let now = ended(&ran);
        if now != then {
            screen::note(format_args!(
                "the recorded run ended with `{}`",
                display::line(&then)
            ));
            return ran.and(Err(Failure::silent(FAILED)));
        }
        ran
    }
}

/// A recorded run that can be done again.
pub struct Recording {
    /// The flags of the run, which answer its calls from the file.
    pub flags: RunFlags,
    /// What answers them.
    pub player: Player,
}

impl Recording {
    /// Returns whether a file begins as a recorded run does.
    pub fn is_one(path: &Path) -> bool {
        let mut begin = [0; 7];
        let read = File::open(path).and_then(|mut file| file.read_exact(&mut begin));
        read.is_ok() && begin == *b"lmpdrec"
    }

    /// Reads what a recorded run begins with, and checks its modules.
    ///
    /// # Errors
    /// When it is none, or its modules have changed.
    pub fn open(
        path: &Path,
        module: Option<&Path>,
        given: &LayeredSettings,
    ) -> Result<Recording, Failure> {
        paths::not_empty("the recorded run", path)?;
        let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
        check_whole(path)?;
        let file = File::open(path).map_err(failed)?;
        let reader = Reader::new(Box::new(BufReader::new(file)));
        let reader = reader.map_err(|error| damaged(path, &error))?;
        let header = |name: &str| reader.header(name).unwrap_or_default().to_vec();
        let words = header("words");
        let words = words
            .split(|&byte| byte == 0)
            .filter(|word| !word.is_empty());
        let words = words.map(|word| String::from_utf8_lossy(word).into_owned());
        let again = Again::try_parse_from(words);
        let again = again.map_err(|_| damaged(path, &Damaged::Changed))?;
        let mut flags = again.record.flags;
        flags.set_schedule(again.record.schedule);
        if let Some(module) = module {
            paths::not_empty("--module", module)?;
            flags.set_module(module);
        }
        check(path, flags.module_path(), "module", &header("module"))?;
        for preload in flags.preloads(given) {
            let (name, file) = preload?;
            let name = format!("preload {name}");
            check(path, file, &name, &header(&name))?;
        }
        let player = Player::new(reader);
        flags.replay(player.clone());
        Ok(Recording { flags, player })
    }
}

/// The SHA-256 of a module, in hexadecimal.
fn hash(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks that a recorded run is not cut or changed, before anything is run.
fn check_whole(path: &Path) -> Result<(), Failure> {
    let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
    let file = File::open(path).map_err(failed)?;
    let reader = Reader::new(Box::new(BufReader::new(file)));
    let all = reader.and_then(|mut reader| {
        while let limpid::wasi::tape::Next::Entry(_) = reader.next()? {}
        Ok(())
    });
    all.map_err(|error| damaged(path, &error))
}

/// Checks a module against the hash of the one that was recorded.
fn check(path: &Path, module: &Path, what: &str, expected: &[u8]) -> Result<(), Failure> {
    let source = Source::read(module)
        .map_err(|failure| failure.hint("--module FILE says where the module is now"))?;
    if hash(&source.bytes).as_bytes() == expected {
        return Ok(());
    }
    let text = format!(
        "{}: the {} {} is another one than that of the recorded run",
        paths::shown(path),
        display::name(what),
        paths::shown(module)
    );
    Err(Failure::failed(text).because(Cause::new("replay")))
}

fn damaged(path: &Path, error: &Damaged) -> Failure {
    let text = format!("{}: {error}", paths::shown(path));
    Failure::failed(text).because(Cause::new("replay"))
}

fn wrong(path: &Path, error: &ReplayError) -> Failure {
    let text = format!(
        "{}: {}",
        paths::shown(path),
        display::line(&error.to_string())
    );
    Failure::failed(text).because(Cause::new("replay"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_variables_are_overwritten() {
        let words = "--env A=secret --env B --env=C=é -o --env=D x=y";
        let mut words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        redact_env(&mut words);
        assert_eq!(
            words.join(" "),
            "--env A=xxxxxx --env B --env=C=xx -o --env=D x=y"
        );
    }
}
