//! `limpid step`: runs as `run` does, under the eyes of the user, forwards and backwards, on a
//! screen or in words.
//!
//! Reading order: `session` (the run and its motions), `last` (the instruction executed last),
//! `show` and `code` (texts), `model` (what the panes hold), `places` and `predict`, `verbs`, then
//! `plain` and `tui`, which show the same things in two ways.

mod code;
mod export;
mod last;
pub mod maker;
pub mod model;
pub mod places;
mod plain;
mod predict;
mod rules;
pub mod session;
mod show;
pub mod source_files;
mod tui;
mod verbs;

use super::options;
use super::outcome::Failure;
use super::paths;
use super::record::Recording;
use super::run::RunFlags;
use super::schedule::ScheduleFlags;
use super::settings::LayeredSettings;
use super::signals;
use clap::Args;
use limpid::observe::machine::HISTORY_BYTES;
use maker::Maker;
use plain::Talk;
use session::Motion;
use source_files::SourceDir;
use std::io::{self, BufReader, IsTerminal};
use std::path::PathBuf;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid step --invoke fac fac.wat 5     step through a call, forwards and backwards\n\
\x20 limpid step --plain prog.wasm          the same in words, for screen readers\n\
\x20 limpid step run.lrec                   step through a recorded run\n\
\x20 limpid step --script verbs prog.wasm   carry out the verbs of a file and show the answers\n\
\n\
On the screen, `?` shows the keys. What the guest writes is shown in a pane.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, override_usage = "limpid step [OPTIONS] <FILE> [ARGS]...")]
pub struct Step {
    /// Take verbs as words and answer in sentences, without a screen
    #[arg(long)]
    plain: bool,
    /// Carry out the verbs of this file, a line each, and show the answers
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Begin after this many instructions
    #[arg(long, value_name = "T")]
    goto: Option<u64>,
    /// Memory for the past of the run: 64M, 1G (default 256M)
    #[arg(long, value_name = "BYTES")]
    history_memory: Option<String>,
    /// Show the source that debug information names, from files below this directory
    #[arg(long, value_name = "DIR")]
    source_dir: Option<PathBuf>,
    #[command(flatten)]
    schedule: ScheduleFlags,
    #[command(flatten)]
    flags: RunFlags,
}

impl Step {
    /// Steps.
    ///
    /// # Errors
    /// When the module cannot be loaded or linked, or a script has a verb that fails.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        self.flags.check_files(given, None)?;
        self.flags.set_schedule(self.schedule);
        let history = match &self.history_memory {
            Some(text) => options::size("--history-memory", text)?,
            None => HISTORY_BYTES as u64,
        };
        let sources = self.source_dir.as_deref().map(|path| {
            paths::not_empty("--source-dir", path)?;
            let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
            SourceDir::new(path).map_err(failed)
        });
        let recording = match Recording::is_one(self.flags.module_path()) {
            true => Some(Recording::open(self.flags.module_path(), None, given)?),
            false => None,
        };
        let maker = Maker {
            flags: recording
                .as_ref()
                .map_or(&self.flags, |recording| &recording.flags),
            given,
            history: usize::try_from(history).unwrap_or(usize::MAX),
            sources: sources.transpose()?,
        };
        let is_screen = !self.plain && self.script.is_none();
        if is_screen && !(io::stdout().is_terminal() && io::stdin().is_terminal()) {
            let text = "the screen of `step` needs a terminal";
            return Err(Failure::usage(text).hint("--plain steps in words, --script from a file"));
        }
        let mut session = maker.make()?;
        if !is_screen {
            signals::end_on_signals();
        }
        if let Some(time) = self.goto {
            session.go(Motion::Goto(time))?;
        }
        match &self.script {
            Some(path) => {
                paths::not_empty("--script", path)?;
                let failed = |error| Failure::failed(format!("{}: {error}", paths::shown(path)));
                let file = std::fs::File::open(path).map_err(failed)?;
                Talk::new(&maker, session).talk(&mut BufReader::new(file), true)
            }
            None if self.plain => Talk::new(&maker, session).talk(&mut io::stdin().lock(), false),
            None => tui::show(&maker, session),
        }
    }
}
