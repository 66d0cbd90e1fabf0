//! `limpid explore`: each function of a module, Wasm on the left and the register code it becomes
//! on the right.

use super::engine::Kind;
use super::excerpt::nesting;
use super::flags::WasmFlags;
use super::listing::{self, Functions, Length};
use super::load_module::load_module;
use super::outcome::Failure;
use super::results::Results;
use super::screen::{BOLD, DIM, styled};
use super::settings::LayeredSettings;
use super::source::Source;
use clap::Args;
use limpid::Module;
use limpid::internals::binary::InstrReader;
use limpid::internals::code::disassemble::{Line, disassemble};
use limpid::internals::syntax::{Count, Descriptions, FuncIdx};
use limpid::internals::translate::{self, FuncMap};
use limpid::observe::display;
use std::path::PathBuf;

/// Columns of the left side.
const LEFT: usize = 44;

/// What the help ends with.
const EXAMPLES: &str = "\
Examples:\n\
\x20 limpid explore -f main prog.wat                       see what becomes of one function\n\
\x20 limpid explore --translation faithful -f 7 prog.wasm  see the code that traces run";

/// The verb.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Explore {
    #[command(flatten)]
    wasm: WasmFlags,
    /// Show this function only: a name, an index, or the name of an export
    #[arg(short, long, value_name = "NAME")]
    func: Option<String>,
    /// The translation to show: fused, what runs, or faithful, one operation or marker for each
    /// instruction
    #[arg(
        long,
        value_name = "KIND",
        default_value = "fused",
        hide_possible_values = true
    )]
    translation: Kind,
    /// The module
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Explore {
    /// Shows it.
    ///
    /// # Errors
    /// When the module cannot be loaded, or has no such function.
    pub fn carry_out(&self, given: &LayeredSettings) -> Result<(), Failure> {
        let mut settings = self.wasm.options(given)?;
        settings.config.translation(self.translation.translation());
        let module = load_module(&Source::read(&self.file)?, &settings.engine()?)?;
        let syntax = module.syntax();
        let first = syntax.imported_funcs();
        let all = first..first + syntax.code.len() as u32;
        let funcs = match &self.func {
            Some(name) => {
                let index = listing::find_func(syntax, name)?;
                index..index + 1
            }
            None => all,
        };
        let known = Known {
            types: Descriptions::new(syntax),
            names: Functions::new(syntax, Length::Short),
            imported: first,
        };
        let mut results = Results::new();
        for index in funcs {
            show(&mut results, &module, &known, FuncIdx(index));
        }
        Ok(())
    }
}

/// What is found out once for all functions of a module.
struct Known<'m> {
    types: Descriptions<'m>,
    names: Functions<'m>,
    /// Functions that are imported.
    imported: u32,
}

/// One function: for each instruction, the operations that begin with it.
fn show(results: &mut Results, module: &Module, known: &Known<'_>, func: FuncIdx) {
    let (syntax, program) = (module.syntax(), module.program());
    let (validated, settings) = (program.validated(), program.settings());
    let unit = translate::unit(validated, settings, &[func], 0, &|_| false);
    let map = translate::offsets(validated, settings, func);
    let Some(body) = unit.bodies.iter().find(|body| body.func == func) else {
        unreachable!("the function asked for is in the unit");
    };
    let range = body.code.start as usize..body.code.end as usize;
    let lines = disassemble(&unit.ops[range], body.code.start);
    let source = &syntax.code[(func.0 - known.imported) as usize];
    let ty = known.types.func(func);
    results.line(styled(
        BOLD,
        format_args!(
            "{} {ty}  {}, {}",
            known.names.name(func.0),
            Count(body.cells, "cell"),
            Count(lines.len(), "operation")
        ),
    ));
    let mut sides = Sides {
        results,
        lines: &lines,
        next: 0,
        start: body.code.start,
        map: &map,
    };
    let features = program.context().features;
    let mut reader = InstrReader::for_body(syntax, source, &features);
    let mut depth = 1usize;
    sides.before(source.code.start);
    while !reader.at_end() {
        let Ok((offset, instr)) = reader.read() else {
            unreachable!("validated: the body can be read");
        };
        let (before, after) = nesting(instr.mnemonic());
        depth = depth.saturating_sub(before);
        let text = instr.text(&syntax.names, Some(func.0)).to_string();
        let indent = "  ".repeat(depth.min(10));
        sides.instruction(
            offset,
            &format!("{indent}{}", display::line(&text)),
            reader.offset(),
        );
        depth += after;
    }
    sides.results.line("");
}

/// Both sides of a function, written in step.
struct Sides<'a> {
    results: &'a mut Results,
    lines: &'a [Line],
    /// The next line of register code.
    next: usize,
    /// Where the body's operations begin.
    start: u32,
    map: &'a FuncMap,
}

impl Sides<'_> {
    /// Operations that belong to no instruction: what is done on entry.
    fn before(&mut self, first: u32) {
        while let Some(right) = self.take(first) {
            self.results
                .line(format_args!("  {:8}  {:LEFT$}{right}", "", ""));
        }
    }

    /// An instruction, and the operations up to the next one.
    fn instruction(&mut self, offset: u32, left: &str, next: u32) {
        let margin = styled(DIM, format_args!("{offset:#8x}"));
        let mut right = self.take(next);
        let wide = left.chars().count() >= LEFT;
        match right.take() {
            Some(right) if !wide => {
                self.results
                    .line(format_args!("  {margin}  {left:LEFT$}{right}"));
            }
            Some(right) => {
                self.results.line(format_args!("  {margin}  {left}"));
                self.results
                    .line(format_args!("  {:8}  {:LEFT$}{right}", "", ""));
            }
            None => self.results.line(format_args!("  {margin}  {left}")),
        }
        while let Some(right) = self.take(next) {
            self.results
                .line(format_args!("  {:8}  {:LEFT$}{right}", "", ""));
        }
    }

    /// The next operation, if it belongs to an instruction before that offset.
    fn take(&mut self, before: u32) -> Option<String> {
        let line = self.lines.get(self.next)?;
        let own = self.map.offset(line.at - self.start);
        if own.is_some_and(|own| own >= before) {
            return None;
        }
        self.next += 1;
        Some(format!(
            "{} {}",
            styled(DIM, format_args!("@{:<5}", line.at)),
            line.text
        ))
    }
}
