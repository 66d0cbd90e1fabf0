//! The functions of a run as the viewer needs them: the lines of their code, and for each
//! instruction how many operands it takes and which results it leaves. Nothing here changes while
//! the run does.

use super::bytes::letter;
use super::source::{SourceText, Spot, write_spots};
use super::text::{json, list};
use crate::binary::InstrReader;
use crate::exec::Program;
use crate::observe::display;
use crate::runtime::InstAddr;
use crate::syntax::{FuncIdx, Instr, ValType};
use crate::translate::Steps;
use crate::translate::steps::{Label, Step};
use crate::valid::FrameKind;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

/// A line of a function's code.
struct Line {
    offset: u32,
    depth: usize,
    text: String,
    role: Role,
}

/// What an instruction does that its operands alone do not say, so that a reader finds the result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Nothing of the kind.
    Other,
    /// Pushes a local.
    Local(u32),
    /// Writes its operand to a local.
    SetLocal(u32),
    /// Writes its operand to a local and leaves it.
    TeeLocal(u32),
    /// Pushes a global of the instance.
    Global(u32),
    /// Writes its operand to a global of the instance.
    SetGlobal(u32),
}

/// An instruction that can be reached.
pub(super) struct Row {
    /// Byte offset in the module.
    pub offset: u32,
    /// Its line.
    line: usize,
    /// How many operands it takes.
    pub pops: usize,
    /// The types of its results.
    pub pushes: Vec<ValType>,
    /// How many operands a branch takes, and how many it passes on.
    pub branch: (usize, usize),
    /// Height of the operand stack before.
    pub height: usize,
    /// What it does besides.
    pub role: Role,
    /// The innermost open label.
    label: usize,
}

/// A function of an instance.
pub(super) struct Function {
    /// The instance.
    pub inst: InstAddr,
    /// Its index in the module.
    pub func: FuncIdx,
    name: String,
    /// How many of the locals are parameters.
    pub params: usize,
    /// The types of parameters and locals.
    pub locals: Vec<ValType>,
    names: Vec<String>,
    lines: Vec<Line>,
    /// The number of the text that the module was read from, and where each line is in it.
    text: Option<(usize, Vec<Option<Spot>>)>,
    /// The instructions that can be reached.
    pub rows: Vec<Row>,
    /// Kind, byte offset, arity, height, and the number of the label around it.
    labels: Vec<(FrameKind, u32, u32, u32, Option<usize>)>,
}

/// Numbers of labels, by offset and kind.
type Known = BTreeMap<(u32, &'static str), usize>;

/// The functions that a run has entered, by their numbers.
#[derive(Default)]
pub struct Functions {
    pub(super) list: Vec<Function>,
    numbers: BTreeMap<(InstAddr, FuncIdx), u32>,
}

impl core::fmt::Debug for Functions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Functions")
            .field("count", &self.list.len())
            .finish()
    }
}

impl Functions {
    /// Returns the number of a function, if it has one.
    pub fn find(&self, inst: InstAddr, func: FuncIdx) -> Option<u32> {
        self.numbers.get(&(inst, func)).copied()
    }

    /// Returns the number of a function, which is made if it has none.
    pub fn number(
        &mut self,
        (inst, func): (InstAddr, FuncIdx),
        program: &Program,
        steps: &Steps,
    ) -> u32 {
        let next = self.list.len() as u32;
        *self.numbers.entry((inst, func)).or_insert_with(|| {
            self.list.push(Function::new((inst, func), program, steps));
            next
        })
    }

    /// Returns the number of functions.
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// Returns the place that an instruction of a function is at, by the numbers of both.
    pub fn place(&self, number: u32, step: usize) -> Option<crate::exec::probe::Place> {
        let function = self.list.get(number as usize)?;
        Some(crate::exec::probe::Place {
            inst: function.inst,
            func: function.func,
            offset: function.rows.get(step)?.offset,
        })
    }

    /// Returns which of the reachable instructions of a function begins at a byte offset.
    pub fn step(&self, number: u32, offset: u32) -> Option<usize> {
        let rows = &self.list.get(number as usize)?.rows;
        rows.binary_search_by_key(&offset, |row| row.offset).ok()
    }

    /// Returns the instance and the index of a function.
    pub fn owner(&self, number: u32) -> Option<(InstAddr, FuncIdx)> {
        let function = self.list.get(number as usize)?;
        Some((function.inst, function.func))
    }

    /// Keeps where the instructions of a function are in the text of its module: the number of the
    /// text, and byte offsets in the module beside those in the text.
    pub fn locate(
        &mut self,
        number: u32,
        (at, text): (usize, &SourceText),
        spots: &[(u32, usize)],
    ) {
        let Some(function) = self.list.get_mut(number as usize) else {
            return;
        };
        let spot = |line: &Line| {
            let found = spots
                .binary_search_by_key(&line.offset, |spot| spot.0)
                .ok()?;
            text.spot(spots[found].1)
        };
        function.text = Some((at, function.lines.iter().map(spot).collect()));
    }

    /// Appends a function as JSON.
    pub fn write(&self, out: &mut String, number: u32) {
        match self.list.get(number as usize) {
            Some(function) => function.write(out),
            None => out.push_str("null"),
        }
    }
}

impl Function {
    fn new((inst, func): (InstAddr, FuncIdx), program: &Program, steps: &Steps) -> Function {
        let (module, context) = (program.module(), program.context());
        let names = &module.names;
        let is_function = func.index() < context.funcs.len();
        let params = if is_function {
            context.func_type(func).params.len()
        } else {
            0
        };
        let name = match names.funcs.get(func.0) {
            Some(name) => format!("${}", display::name(name)),
            None if is_function => format!("func {}", func.0),
            None => format!("const {}", func.index() - context.funcs.len()),
        };
        let own = names.locals.iter().find(|(of, _)| *of == func.0);
        let local = |index: usize| match own.and_then(|(_, names)| names.get(index as u32)) {
            Some(name) => format!("${}", display::name(name)),
            None => index.to_string(),
        };
        let mut function = Function {
            inst,
            func,
            name,
            params,
            locals: steps.locals.iter().map(|slot| slot.ty).collect(),
            names: (0..steps.locals.len()).map(local).collect(),
            lines: lines(program, func),
            text: None,
            rows: Vec::new(),
            labels: Vec::new(),
        };
        function.add_rows(steps);
        function
    }

    fn add_rows(&mut self, steps: &Steps) {
        let mut known = Known::new();
        for step in &steps.steps {
            let label = self.label(&mut known, steps, step);
            let found = self
                .lines
                .binary_search_by_key(&step.offset, |line| line.offset);
            let line = found.unwrap_or_default();
            self.rows.push(Row {
                offset: step.offset,
                line,
                pops: step.arity.0 as usize,
                pushes: steps.pushes(step).iter().map(|slot| slot.ty).collect(),
                branch: (step.branch.0 as usize, step.branch.1 as usize),
                height: step.height as usize,
                role: self.lines.get(line).map_or(Role::Other, |line| line.role),
                label,
            });
        }
    }

    /// The number of the innermost label of a step; labels are numbered as they are met.
    fn label(&mut self, known: &mut Known, steps: &Steps, step: &Step) -> usize {
        let mut around = None;
        let mut unknown: Vec<&Label> = Vec::new();
        // What is around a known label is known, too.
        for label in steps.labels(step) {
            around = known.get(&(label.offset, kind_name(label.kind))).copied();
            if around.is_some() {
                break;
            }
            unknown.push(label);
        }
        for label in unknown.into_iter().rev() {
            let row = (label.kind, label.offset, label.arity, label.height, around);
            self.labels.push(row);
            let number = self.labels.len() - 1;
            known.insert((label.offset, kind_name(label.kind)), number);
            around = Some(number);
        }
        around.unwrap_or_default()
    }

    /// Appends it as JSON: see the viewer's `source.mjs`, which describes each part.
    fn write(&self, out: &mut String) {
        out.push_str("{\"name\":");
        json(out, &self.name);
        let (inst, func, params) = (self.inst.0, self.func.0, self.params);
        let locals: String = self.locals.iter().map(|&ty| letter(ty)).collect();
        let _ = write!(
            out,
            ",\"inst\":{inst},\"func\":{func},\"params\":{params},\"locals\":\"{locals}\""
        );
        out.push_str(",\"names\":");
        list(out, &self.names, |out, name| json(out, name));
        out.push_str(",\"lines\":");
        list(out, &self.lines, |out, line| {
            let _ = write!(out, "[{},{},", line.offset, line.depth);
            json(out, &line.text);
            out.push(']');
        });
        if let Some((number, spots)) = &self.text {
            let _ = write!(out, ",\"text\":{number},\"spots\":");
            write_spots(spots, out);
        }
        out.push_str(",\"steps\":");
        list(out, &self.rows, |out, row| {
            let pushes: String = row.pushes.iter().map(|&ty| letter(ty)).collect();
            let role = match row.role {
                Role::Other => String::new(),
                Role::Local(local) => format!("l{local}"),
                Role::SetLocal(local) => format!("s{local}"),
                Role::TeeLocal(local) => format!("t{local}"),
                Role::Global(global) => format!("g{global}"),
                Role::SetGlobal(global) => format!("w{global}"),
            };
            let (takes, passes) = row.branch;
            let _ = write!(
                out,
                "[{},{},\"{pushes}\",{takes},{passes},{},\"{role}\",{}]",
                row.line, row.pops, row.height, row.label
            );
        });
        out.push_str(",\"labels\":");
        list(out, &self.labels, |out, label| {
            let (kind, offset, arity, height, around) = *label;
            let around = around.map_or(-1, |around| around as i64);
            let kind = kind_name(kind);
            let _ = write!(out, "[\"{kind}\",{offset},{arity},{height},{around}]");
        });
        out.push('}');
    }
}

fn kind_name(kind: FrameKind) -> &'static str {
    match kind {
        FrameKind::Func => "func",
        FrameKind::Block => "block",
        FrameKind::Loop => "loop",
        FrameKind::If => "if",
        FrameKind::Else => "else",
        FrameKind::TryTable => "try_table",
    }
}

/// The code of a function, or of a constant expression, line by line.
fn lines(program: &Program, func: FuncIdx) -> Vec<Line> {
    let module = program.module();
    let features = program.context().features;
    let place = func.index() - module.imported_funcs() as usize;
    let mut reader = match module.code.get(place) {
        Some(body) => InstrReader::for_body(module, body, &features),
        None => return Vec::new(), // A constant expression: it is no step of a machine's.
    };
    let (mut lines, mut depth) = (Vec::new(), 1usize);
    while !reader.at_end() {
        let Ok((offset, instr)) = reader.read() else {
            unreachable!("validated: the body can be read");
        };
        let (before, after) = nesting(&instr);
        depth = depth.saturating_sub(before);
        let text = instr.text(&module.names, Some(func.0)).to_string();
        lines.push(Line {
            offset,
            depth,
            text: display::line(&text).into_owned(),
            role: role(&instr),
        });
        depth += after;
    }
    lines
}

/// By how much the indentation changes before and after an instruction.
fn nesting(instr: &Instr<'_>) -> (usize, usize) {
    match instr.mnemonic() {
        "block" | "loop" | "if" | "try_table" => (0, 1),
        "else" => (1, 1),
        "end" => (1, 0),
        _ => (0, 0), // The others open and close nothing.
    }
}

fn role(instr: &Instr<'_>) -> Role {
    match instr {
        Instr::LocalGet(local) => Role::Local(local.0),
        Instr::LocalSet(local) => Role::SetLocal(local.0),
        Instr::LocalTee(local) => Role::TeeLocal(local.0),
        Instr::GlobalGet(global) => Role::Global(global.0),
        Instr::GlobalSet(global) => Role::SetGlobal(global.0),
        _ => Role::Other, // Only these move a value from one place to another.
    }
}
