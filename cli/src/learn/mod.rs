//! `limpid learn`: lessons on WebAssembly, each with the modules that its commands run.
//!
//! Reading order: `lessons` (the table), `render` (Markdown for a terminal), then this file.

mod lessons;
mod render;

use super::outcome::Failure;
use super::paths;
use super::results::Results;
use super::screen::{BOLD, styled};
use super::suggest::suggest;
use clap::Args;
use lessons::{LESSONS, Lesson};
use limpid::observe::display;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid learn                  list the lessons\n\
\x20 limpid learn 1                read the first one\n\
\x20 limpid learn 1 --extract try  write its modules into the folder `try`\n\
\n\
Everything is inside the program: no network is used.";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Learn {
    /// Write the modules of the lesson into this directory
    #[arg(long, value_name = "DIR", requires = "lesson")]
    extract: Option<PathBuf>,
    /// The number of a lesson, or its name
    #[arg(value_name = "LESSON")]
    lesson: Option<String>,
}

impl Learn {
    /// Shows the lessons, or one of them.
    ///
    /// # Errors
    /// When there is no such lesson, or its modules cannot be written.
    pub fn carry_out(&self) -> Result<(), Failure> {
        let Some(word) = &self.lesson else {
            list();
            return Ok(());
        };
        let lesson = find(word)?;
        match &self.extract {
            Some(dir) => extract(lesson, dir),
            None => {
                Results::new().line(render::terminal(lesson.text).trim_end());
                Ok(())
            }
        }
    }
}

fn list() {
    let mut results = Results::new();
    results.line("limpid learn LESSON shows a lesson. There are these:\n");
    for (at, lesson) in LESSONS.iter().enumerate() {
        let name = styled(BOLD, format_args!("{:10}", lesson.name));
        results.line(format_args!("  {}  {name} {}", at + 1, lesson.title()));
    }
    results.line("\nlimpid learn LESSON --extract DIR writes its modules, to try the commands.");
}

/// The lesson with that number or name.
fn find(word: &str) -> Result<&'static Lesson, Failure> {
    let number = word.parse().ok();
    let numbered = number.and_then(|number: usize| LESSONS.get(number.checked_sub(1)?));
    let named = LESSONS.iter().find(|lesson| lesson.name == word);
    numbered.or(named).ok_or_else(|| {
        let failure = Failure::failed(format!("there is no lesson `{}`", display::name(word)));
        match suggest(word, LESSONS.iter().map(|lesson| lesson.name)) {
            Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
            None => failure.hint("`limpid learn` lists the lessons"),
        }
    })
}

/// Writes the modules of a lesson. A file that is there with other contents stays as it is.
fn extract(lesson: &Lesson, dir: &Path) -> Result<(), Failure> {
    paths::not_empty("--extract", dir)?;
    let failed = |path: &Path, error: std::io::Error| {
        Failure::failed(format!("{}: {error}", paths::shown(path)))
    };
    fs::create_dir_all(dir).map_err(|error| failed(dir, error))?;
    let mut results = Results::new();
    for (name, text) in lesson.files {
        let path = dir.join(name);
        match File::create_new(&path) {
            Ok(mut file) => {
                let written = file.write_all(text.as_bytes());
                written.map_err(|error| failed(&path, error))?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let same = fs::read(&path).is_ok_and(|bytes| bytes == text.as_bytes());
                if !same {
                    let shown = paths::shown(&path);
                    let text = format!("{shown}: a file with other contents is there already");
                    return Err(Failure::failed(text).hint("remove it, or name another directory"));
                }
            }
            Err(error) => return Err(failed(&path, error)),
        }
        results.line(paths::shown(&path));
    }
    Ok(())
}
