//! Where sessions come from: the command line that describes the run, and the file that the user
//! may edit while stepping through it.

use super::super::outcome::Failure;
use super::super::run::RunFlags;
use super::super::settings::LayeredSettings;
use super::places;
use super::session::{Motion, Session};
use super::source_files::SourceDir;
use std::process::Command;

/// What a run is made of.
pub struct Maker<'a> {
    pub flags: &'a RunFlags,
    pub given: &'a LayeredSettings,
    /// Bytes for moments of the past.
    pub history: usize,
    /// Where source files may be read.
    pub sources: Option<SourceDir>,
}

impl Maker<'_> {
    /// Makes the run, up to its first instruction.
    ///
    /// # Errors
    /// When the module cannot be loaded or linked.
    pub fn make(&self) -> Result<Session, Failure> {
        let prepared = self.flags.prepare(self.given, self.history)?;
        Ok(Session::new(prepared, self.sources.clone()))
    }

    /// Lets the user edit the file of the module, then makes the run again and goes to the same
    /// time. Breakpoints stay on their lines.
    ///
    /// # Errors
    /// When no editor can be started, or the new module cannot be loaded: the old run stays.
    pub fn edit(&self, session: &mut Session) -> Result<String, Failure> {
        let path = self.flags.module_path();
        let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let editor = named("VISUAL").or_else(|| named("EDITOR"));
        let Some(editor) = editor else {
            return Err(Failure::failed("no editor: set the variable EDITOR"));
        };
        let mut words = editor.split_whitespace();
        let program = words.next().unwrap_or_default();
        let status = Command::new(program).args(words).arg(path).status();
        match status {
            Ok(status) if status.success() => self.again(session),
            Ok(status) => Err(Failure::failed(format!("the editor ended with {status}"))),
            Err(error) => Err(Failure::failed(format!("the editor: {error}"))),
        }
    }

    fn again(&self, session: &mut Session) -> Result<String, Failure> {
        let time = session.time();
        let mut lines = Vec::new();
        for place in session.machine().breakpoints().clone() {
            let code = session.code(place).filter(|code| code.is_text());
            lines.extend(code.and_then(|code| code.line_of(place.offset)));
        }
        let mut fresh = self.make()?;
        fresh.bookmarks = std::mem::take(&mut session.bookmarks);
        fresh.window = session.window;
        for line in lines {
            let set = places::place(&mut fresh, &(line + 1).to_string());
            // A line that has no instruction any more has no breakpoint.
            fresh.machine().breakpoints().extend(set.ok());
        }
        fresh.go(Motion::Goto(time))?;
        *session = fresh;
        Ok(format!(
            "The module was loaded again; this is step {}.",
            session.time()
        ))
    }
}
