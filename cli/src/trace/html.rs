//! `limpid trace --html FILE`: records a run, and writes one page that shows it. What the guest
//! writes is shown there, and not here.

use super::super::lines;
use super::super::outcome::Failure;
use super::super::run::RunFlags;
use super::super::settings::LayeredSettings;
use super::super::wording::told;
use super::super::{paths, screen};
use limpid::Module;
use limpid::internals::exec::Program;
use limpid::internals::syntax::FuncIdx;
use limpid::observe::html::{self, Output, Recording, SourceText, Texts};
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Most steps of a page.
const MOST: u64 = 1_000_000;

/// Bytes for moments of the past: nobody goes back while a page is written.
const HISTORY: usize = 16 << 20;

/// How hard the bytes are compressed: further levels take much time for little.
const LEVEL: u8 = 7;

/// Records the steps of a range and writes the page. A page holds at most a million steps, and
/// says which when there are more.
///
/// # Errors
/// As those of a run, and when the file cannot be written. A run that traps is no error: the page
/// shows it.
pub fn write(
    flags: &RunFlags,
    given: &LayeredSettings,
    path: &Path,
    range: Range<u64>,
) -> Result<(), Failure> {
    let prepared = flags.prepare(given, HISTORY)?;
    let mut machine = prepared.machine;
    let range = range.start..range.end.min(range.start.saturating_add(MOST));
    let mut known = 0;
    let outputs = || {
        let all = prepared.output.before(u64::MAX);
        let text = String::from_utf8_lossy(&all[known..]).into_owned();
        known = all.len();
        match text.is_empty() {
            true => Vec::new(),
            false => vec![Output {
                is_error: false,
                text,
            }],
        }
    };
    let title = flags.module_path().file_name().unwrap_or_default();
    let title = title.to_string_lossy();
    let (modules, list): (Vec<Module>, Vec<SourceText>) = texts(prepared.modules);
    let find = |program: &Arc<Program>, func: FuncIdx| {
        let is_of = |module: &Module| Arc::ptr_eq(module.program(), program);
        let number = modules.iter().position(is_of)?;
        Some((number, lines::instructions(&modules[number], func.0)?))
    };
    let texts = Texts {
        list: &list,
        find: &find,
    };
    let recording = html::record(&mut machine, &title, range, outputs, &texts, &compressed);
    let recording = recording.map_err(|error| Failure::failed(told(&error)))?;
    let page = html::trace(&recording, &compressed);
    kept(path, page.as_bytes())?;
    screen::note(said(path, &recording));
    Ok(())
}

/// Those modules that were read from a text, and the texts.
fn texts(modules: Vec<Module>) -> (Vec<Module>, Vec<SourceText>) {
    let with_text = modules.into_iter().filter_map(|module| {
        let text = SourceText::new(&lines::text(&module)?);
        Some((module, text))
    });
    with_text.unzip()
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec(bytes, LEVEL)
}

fn said(path: &Path, recording: &Recording) -> String {
    let Range { start, end } = recording.range;
    let shown = paths::shown(path);
    match recording.is_whole {
        true => format!("{shown}: the run, {end} steps"),
        false => format!("{shown}: steps {start} to {end} of a longer run"),
    }
}

/// Writes a file atomically; for its owner alone, since a trace holds what the guest was given.
fn kept(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::failed(format!("{}: {error}", paths::shown(path)));
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        Some(_) | None => Path::new("."),
    };
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}
