//! The official test suites, which lie beside the project: `../shared` seen from its root, or
//! where `LIMPID_SHARED` says.

use limpid::internals::syntax::Features;
use std::path::{Path, PathBuf};
use wast::parser::{self, ParseBuffer};
use wast::{QuoteWat, WastDirective, WastExecute, Wat};

/// What a suite says of a module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// It decodes and is valid.
    Valid,
    /// It does not decode; an error begins with the text.
    Malformed(String),
    /// It decodes and is not valid; an error begins with the text.
    Invalid(String),
}

/// A module of a suite.
#[derive(Clone, Debug)]
pub struct SuiteModule {
    /// File and line.
    pub place: String,
    /// Its binary.
    pub bytes: Vec<u8>,
    /// What the suite says of it.
    pub expect: Expect,
    /// What may stand in it.
    pub features: Features,
}

/// The folder of that name under the shared folder, or one line about its absence.
pub fn folder(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("..");
    let shared = std::env::var_os("LIMPID_SHARED").map(PathBuf::from);
    let folder = shared.unwrap_or(root.join("shared")).join(name);
    if !folder.is_dir() {
        eprintln!("left out: {name} is not beside the project");
        return None;
    }
    Some(folder)
}

/// The features under which the files of a folder of `spec` are meant.
pub fn features(folder: &str) -> Features {
    Features {
        custom_page_sizes: folder.contains("custom-page-sizes"),
        compact_imports: folder.contains("compact-imports"),
        ..Features::default()
    }
}

/// The scripts in a folder and the folders in it, sorted.
pub fn scripts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    for entry in entries {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            found.extend(scripts(&path));
        } else if path.extension().is_some_and(|end| end == "wast") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The modules of a script in order, those left out that exist as malformed text only.
pub fn modules(path: &Path, features: Features) -> Vec<SuiteModule> {
    let text = std::fs::read_to_string(path).expect("the script can be read");
    let mut lexer = wast::lexer::Lexer::new(&text);
    lexer.allow_confusing_unicode(true);
    let buffer = ParseBuffer::new_with_lexer(lexer).expect("the script has tokens");
    let script = parser::parse::<wast::Wast>(&buffer).expect("the script parses");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut modules = Vec::new();
    for directive in script.directives {
        let line = directive.span().linecol_in(&text).0 + 1;
        collect(directive, &mut |bytes, expect| {
            modules.push(SuiteModule {
                place: format!("{name}:{line}"),
                bytes,
                expect,
                features,
            });
        });
    }
    modules
}

fn collect(directive: WastDirective<'_>, push: &mut dyn FnMut(Vec<u8>, Expect)) {
    match directive {
        WastDirective::Module(module) | WastDirective::ModuleDefinition(module) => {
            add(module, Expect::Valid, push);
        }
        WastDirective::AssertMalformed {
            module, message, ..
        } => {
            if matches!(module, QuoteWat::Wat(_)) {
                add(module, Expect::Malformed(message.to_string()), push);
            }
        }
        WastDirective::AssertInvalid {
            module, message, ..
        } => add(module, Expect::Invalid(message.to_string()), push),
        WastDirective::AssertUnlinkable { module, .. } => {
            add(QuoteWat::Wat(module), Expect::Valid, push);
        }
        WastDirective::AssertTrap { exec, .. }
        | WastDirective::AssertReturn { exec, .. }
        | WastDirective::AssertException { exec, .. }
        | WastDirective::AssertSuspension { exec, .. } => {
            if let WastExecute::Wat(module @ Wat::Module(_)) = exec {
                add(QuoteWat::Wat(module), Expect::Valid, push);
            }
        }
        WastDirective::Thread(thread) => {
            for directive in thread.directives {
                collect(directive, push);
            }
        }
        // What is said of custom sections concerns annotations, which are text.
        WastDirective::AssertInvalidCustom { .. }
        | WastDirective::AssertMalformedCustom { .. }
        | WastDirective::ModuleInstance { .. }
        | WastDirective::Register { .. }
        | WastDirective::Invoke(_)
        | WastDirective::AssertExhaustion { .. }
        | WastDirective::Wait { .. } => {}
    }
}

fn add(mut module: QuoteWat<'_>, expect: Expect, push: &mut dyn FnMut(Vec<u8>, Expect)) {
    match module.encode() {
        Ok(bytes) => push(bytes, expect),
        Err(error) => assert!(
            !matches!(expect, Expect::Valid),
            "a valid module does not encode: {error}"
        ),
    }
}
