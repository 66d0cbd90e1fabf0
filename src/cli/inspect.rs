//! `limpid inspect`: what a module is made of: sections, imports, exports, functions, sizes.

use super::config::Settings as Given;
use super::failure::Failure;
use super::flags::WasmFlags;
use super::listing;
use super::load::Source;
use super::screen::{BOLD, DIM, NAME, Results, styled};
use clap::Args;
use limpid::Module;
use limpid::observe::escape;
use std::path::PathBuf;

/// Functions listed unless all are asked for.
const LARGEST: usize = 10;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid inspect prog.wasm              see what it imports, and what takes its bytes\n\
\x20 limpid inspect --functions prog.wasm  list all functions with their sizes";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Inspect {
    #[command(flatten)]
    wasm: WasmFlags,
    /// List all functions, not only the largest
    #[arg(long)]
    functions: bool,
    /// The module
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Inspect {
    /// Shows it.
    ///
    /// # Errors
    /// When the module cannot be loaded.
    pub fn carry_out(&self, given: &Given) -> Result<(), Failure> {
        let engine = self.wasm.settings(given)?.engine()?;
        let source = Source::read(&self.file)?;
        let module = source.module(&engine)?;
        let mut results = Results::new();
        let name = match module.name() {
            Some(name) => format!(" {}", styled(NAME, format_args!("${}", escape::name(name)))),
            None => String::new(),
        };
        results.line(format_args!(
            "{}: module{name}, {} bytes",
            styled(BOLD, source.shown()),
            source.bytes.len()
        ));
        sections(&mut results, &source.bytes);
        imports(&mut results, &module);
        exports(&mut results, &module);
        functions(&mut results, &module, self.functions);
        Ok(())
    }
}

fn heading(results: &mut Results, text: &str) {
    results.line("");
    results.line(styled(BOLD, text));
}

/// A section of a binary that has been decoded before.
struct Section {
    id: u8,
    /// Where its contents begin.
    start: usize,
    len: usize,
}

/// Sections by their number (spec: binary/modules).
const NAMES: [&str; 14] = [
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
];

fn sections(results: &mut Results, bytes: &[u8]) {
    heading(results, "sections");
    for section in read_sections(bytes) {
        let contents = &bytes[section.start..section.start + section.len];
        let what = match section.id {
            0 => {
                let name = custom_name(contents).unwrap_or_default();
                format!("custom \"{}\"", escape::name(&name))
            }
            id => NAMES
                .get(usize::from(id))
                .map_or("?", |name| name)
                .to_owned(),
        };
        let count = match (section.id, leb(contents)) {
            (0 | 8 | 12, _) | (_, None) => String::new(),
            (_, Some((count, _))) => format!("  {count} entries"),
        };
        let start = styled(DIM, format_args!("{:#8x}", section.start));
        results.line(format_args!(
            "  {start} {:>9} bytes  {what}{count}",
            section.len
        ));
    }
}

fn read_sections(bytes: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut at = 8;
    while let Some((&id, rest)) = bytes.get(at..).and_then(|rest| rest.split_first()) {
        let Some((len, taken)) = leb(rest) else {
            break;
        };
        let start = at + 1 + taken;
        at = start + len;
        if at > bytes.len() {
            break;
        }
        sections.push(Section { id, start, len });
    }
    sections
}

/// An unsigned LEB128 number and how many bytes it takes.
fn leb(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (place, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7F) << (place * 7);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, place + 1));
        }
    }
    None
}

fn custom_name(contents: &[u8]) -> Option<String> {
    let (len, taken) = leb(contents)?;
    let name = contents.get(taken..taken + len)?;
    Some(String::from_utf8_lossy(name).into_owned())
}

fn imports(results: &mut Results, module: &Module) {
    if module.imports().len() == 0 {
        return;
    }
    heading(results, "imports");
    for import in module.imports() {
        let (from, name) = (escape::name(import.module()), escape::name(import.name()));
        let name = styled(NAME, format_args!("{from}::{name}"));
        results.line(format_args!("  {name} {}", import.ty()));
    }
}

fn exports(results: &mut Results, module: &Module) {
    if module.exports().len() == 0 {
        return;
    }
    heading(results, "exports");
    for export in module.exports() {
        let name = styled(NAME, escape::name(export.name()));
        results.line(format_args!("  {name} {}", export.ty()));
    }
}

fn functions(results: &mut Results, module: &Module, all: bool) {
    let syntax = module.syntax();
    if syntax.code.is_empty() {
        return;
    }
    let first = syntax.imported_funcs();
    let sized = syntax.code.iter().zip(first..);
    let mut sized: Vec<(u32, u32)> = sized
        .map(|(body, index)| (body.code.end - body.offset, index))
        .collect();
    let total = sized.len();
    if all {
        heading(results, &format!("functions: {total}"));
    } else {
        sized.sort_by_key(|&(size, index)| (std::cmp::Reverse(size), index));
        sized.truncate(LARGEST);
        heading(results, &format!("functions: {total}, the largest"));
    }
    for (size, index) in sized {
        let name = styled(NAME, listing::func(syntax, index));
        results.line(format_args!("  {size:>9} bytes  {name}"));
    }
}
