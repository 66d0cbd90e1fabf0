//! `limpid inspect`: what a module is made of: sections, imports, exports, functions, sizes.

use super::flags::WasmFlags;
use super::listing::{self, Functions, Length};
use super::load_module::load_module;
use super::outcome::Failure;
use super::results::Results;
use super::screen::{BOLD, DIM, NAME, styled};
use super::settings::LayeredSettings;
use super::source::Source;
use clap::Args;
use limpid::internals::binary;
use limpid::internals::syntax::{Count, Descriptions, Module};
use limpid::observe::display;
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
    /// Show long names whole
    #[arg(long)]
    full_names: bool,
    /// The module
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Inspect {
    /// Shows the module; of one that is malformed or invalid, as much as can be read of it.
    ///
    /// # Errors
    /// When the module cannot be loaded.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        let engine = self.wasm.options(given)?.engine()?;
        let source = Source::read(&self.file)?;
        let loaded = load_module(&source, &engine);
        let partly;
        let module = match &loaded {
            Ok(module) => module.syntax(),
            // Of a file that is no module there is nothing to show.
            Err(_) if !source.bytes.starts_with(PREAMBLE) => return loaded.map(drop),
            Err(_) => {
                let features = engine.config().features();
                partly = binary::decode_partly(&source.bytes[..], features).0;
                &partly
            }
        };
        let mut shown = Shown {
            results: Results::new(),
            module,
            types: Descriptions::new(module),
            length: match self.full_names {
                true => Length::Whole,
                false => Length::Short,
            },
        };
        shown.title(&source);
        shown.sections(&source.bytes);
        shown.imports();
        shown.exports();
        shown.functions(self.functions);
        loaded.map(drop)
    }
}

/// Magic number and version.
const PREAMBLE: &[u8] = b"\0asm\x01\0\0\0";

/// A section of a binary, which need not be whole.
struct Section {
    id: u8,
    /// Where its contents begin.
    start: usize,
    /// The size that the section states.
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

fn read_sections(bytes: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut at = 8;
    while let Some((&id, rest)) = bytes.get(at..).and_then(|rest| rest.split_first()) {
        let Some((len, taken)) = leb(rest) else {
            break;
        };
        let start = at + 1 + taken;
        at = start.saturating_add(len);
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

/// What is shown, and how.
struct Shown<'m> {
    results: Results,
    module: &'m Module,
    types: Descriptions<'m>,
    length: Length,
}

impl Shown<'_> {
    fn heading(&mut self, text: &str) {
        self.results.line("");
        self.results.line(styled(BOLD, text));
    }

    fn name(&self, name: &str) -> String {
        listing::name(name, self.length).into_owned()
    }

    fn title(&mut self, source: &Source) {
        let name = match &self.module.names.module {
            Some(name) => {
                let name = self.name(name);
                format!(" {}", styled(NAME, format_args!("${name}")))
            }
            None => String::new(),
        };
        self.results.line(format_args!(
            "{}: module{name}, {}",
            styled(BOLD, source.shown()),
            Count(source.bytes.len(), "byte")
        ));
    }

    fn sections(&mut self, bytes: &[u8]) {
        self.heading("sections");
        for section in read_sections(bytes) {
            let contents = bytes.get(section.start..).unwrap_or_default();
            let there = contents.len().min(section.len);
            let contents = &contents[..there];
            let what = match section.id {
                0 => {
                    let name = custom_name(contents).unwrap_or_default();
                    let name = match self.length {
                        Length::Short => display::name(&name),
                        Length::Whole => display::whole(&name),
                    };
                    format!("custom \"{name}\"")
                }
                id => match NAMES.get(usize::from(id)) {
                    Some(&name) => name.to_owned(),
                    None => format!("unknown section {id}"),
                },
            };
            let count = match (section.id, leb(contents)) {
                (0 | 8 | 12, _) | (_, None) => String::new(),
                (id, _) if usize::from(id) >= NAMES.len() => String::new(),
                (_, Some((count, _))) => format!("  {}", Count(count, "entry")),
            };
            let cut = match there == section.len {
                true => String::new(),
                false => format!("  cut short: {} there", Count(there, "byte")),
            };
            let start = styled(DIM, format_args!("{:#8x}", section.start));
            let len = section.len;
            let unit = Count(len, "byte").word();
            self.results.line(format_args!(
                "  {start} {len:>9} {unit:<5}  {what}{count}{cut}"
            ));
        }
    }

    fn imports(&mut self) {
        if self.module.imports.is_empty() {
            return;
        }
        self.heading("imports");
        for import in &self.module.imports {
            let (from, name) = (self.name(&import.module), self.name(&import.name));
            let name = styled(NAME, format_args!("{from}::{name}"));
            let ty = self.types.import(&import.desc);
            self.results.line(format_args!("  {name} {ty}"));
        }
    }

    fn exports(&mut self) {
        if self.module.exports.is_empty() {
            return;
        }
        self.heading("exports");
        for export in &self.module.exports {
            let name = styled(NAME, self.name(&export.name));
            let ty = self.types.item(export.item);
            self.results.line(format_args!("  {name} {ty}"));
        }
    }

    fn functions(&mut self, all: bool) {
        let module = self.module;
        if module.code.is_empty() {
            return;
        }
        let sized = module.code.iter().zip(module.imported_funcs()..);
        let mut sized: Vec<(u32, u32)> = sized
            .map(|(body, index)| (body.code.end - body.offset, index))
            .collect();
        let total = sized.len();
        if all {
            self.heading(&format!("functions: {total}"));
        } else {
            sized.sort_by_key(|&(size, index)| (std::cmp::Reverse(size), index));
            sized.truncate(LARGEST);
            self.heading(&format!("functions: {total}, the largest"));
        }
        let names = Functions::new(module, self.length);
        for (size, index) in sized {
            let name = styled(NAME, names.name(index));
            let unit = Count(size, "byte").word();
            self.results
                .line(format_args!("  {size:>9} {unit:<5}  {name}"));
        }
    }
}
