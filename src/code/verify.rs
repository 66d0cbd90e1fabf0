//! Checks translated code against what every unit keeps to: operands in range of the frame and of
//! the right class, the link never an operand, branches to operations of the same body, calls
//! staged where the callee's type says, the accumulator read only where something stands in it,
//! and names in range of the module. It is called on each translation where debug assertions are
//! on.
//!
//! What it cannot see is which of two cells of a class is meant.

use super::body::{Body, ExceptionHandler, Unit};
use super::layout::{Cells, FrameLayout, LINK_CELLS};
use super::op::{Kind, Op, decode_ref};
use super::operands::{Acc, Callee, Class, Facts, Flow, Name, Operand, facts};
use crate::syntax::{
    FuncType, GlobalType, HeapType, StorageType, TypeId, TypeIdx, TypeSpace, ValType,
};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// The parts of a module that code can refer to. Types are canonical.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Names<'m> {
    pub types: &'m TypeSpace,
    pub funcs: &'m [TypeId],
    pub imported_funcs: u32,
    pub tags: &'m [TypeId],
    pub globals: &'m [GlobalType],
    pub tables: usize,
    pub memories: usize,
    pub elems: usize,
    pub datas: usize,
}

/// An invariant that does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Broken {
    /// The operation in its unit.
    pub at: u32,
    /// The kind of the operation.
    pub kind: Kind,
    /// Which.
    pub invariant: Invariant,
}

/// What translated code keeps to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Invariant {
    /// Bodies and frames lie as `layout` says.
    Layout,
    /// Operands are cells of the frame.
    InFrame,
    /// The link is no operand.
    LinkApart,
    /// Numbers stand in cells of numbers, references in cells of references.
    ClassesApart,
    /// Branches go to operations of the same body.
    Targets,
    /// Data words and table entries follow their operation, and a body ends in a way out.
    WholeOperations,
    /// The accumulator is read where something stands in it.
    Accumulator,
    /// Calls and tail calls are staged as the callee's type says.
    Staging,
    /// Functions, types, tables, segments and lanes are those of the module.
    Names,
    /// Exception handlers cover operations of their body and deliver into its cells.
    Handlers,
    /// Positions and offsets of instructions rise together.
    Map,
    /// A handler covers the operations of the instructions in its `try_table`, and no other.
    Covered,
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Invariant::Layout => "bodies and frames lie as the layout says",
            Invariant::InFrame => "operands are cells of the frame",
            Invariant::LinkApart => "the link is no operand",
            Invariant::ClassesApart => "numbers and references keep to their cells",
            Invariant::Targets => "branches go to operations of the same body",
            Invariant::WholeOperations => "operations are whole, and bodies end in a way out",
            Invariant::Accumulator => "the accumulator is read where something stands in it",
            Invariant::Staging => "calls are staged as the callee's type says",
            Invariant::Names => "what is named is there",
            Invariant::Handlers => "handlers lie in their body",
            Invariant::Map => "positions and offsets of instructions rise together",
            Invariant::Covered => "a handler covers the operations of its try_table",
        })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at @{}, {:?})", self.invariant, self.at, self.kind)
    }
}

/// Checks a unit.
///
/// # Errors
/// The first operation that breaks an invariant.
pub fn unit(unit: &Unit, names: &Names<'_>) -> Result<(), Broken> {
    let mut end = 0;
    for body in &unit.bodies {
        if body.code.start != end || body.code.end as usize > unit.ops.len() {
            return Err(broken(unit, body.code.start, Invariant::Layout));
        }
        end = body.code.end;
        Checker::new(unit, names, body)?.run()?;
    }
    match end as usize == unit.ops.len() {
        true => Ok(()),
        false => Err(broken(unit, end, Invariant::Layout)),
    }
}

/// Checks the map from operations (counted from a body's start) to offsets of instructions, and
/// that each handler covers the operations of the instructions in its `try_table` and no other.
///
/// # Errors
/// [`Invariant::Map`], at the first entry out of order; [`Invariant::Covered`].
pub fn map(
    offsets: &[(u32, u32)],
    ops: &[Op],
    handlers: &[ExceptionHandler],
) -> Result<(), Broken> {
    let broken = |at: u32, invariant| Broken {
        at,
        kind: ops.get(at as usize).map_or(Kind::Nop, |op| op.kind),
        invariant,
    };
    let rising = |pair: &[(u32, u32)]| pair[0].0 <= pair[1].0 && pair[0].1 < pair[1].1;
    let inside = offsets.iter().all(|&(op, _)| op as usize <= ops.len());
    match offsets.windows(2).position(|pair| !rising(pair)) {
        None if inside => {}
        wrong => {
            return Err(broken(
                wrong.map_or(0, |entry| offsets[entry].0),
                Invariant::Map,
            ));
        }
    }
    // Both columns rise, so that what a range holds is a range of entries.
    let by_op = |op: u32| offsets.partition_point(|entry| entry.0 < op);
    let by_offset = |offset: u32| offsets.partition_point(|entry| entry.1 < offset);
    for ExceptionHandler { code, source, .. } in handlers {
        let executed = by_op(code.start)..by_op(code.end);
        let written = by_offset(source.start)..by_offset(source.end);
        if executed != written && !(executed.is_empty() && written.is_empty()) {
            return Err(broken(code.start, Invariant::Covered));
        }
    }
    Ok(())
}

fn broken(unit: &Unit, at: u32, invariant: Invariant) -> Broken {
    let kind = unit.ops.get(at as usize).map_or(Kind::Nop, |op| op.kind);
    Broken {
        at,
        kind,
        invariant,
    }
}

/// What a cell of a frame is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Number,
    Reference,
    Link,
    /// Between parameters and link, where only results go.
    Result,
}

/// An operation of the body under check.
struct Item {
    at: u32,
    facts: Facts,
}

/// The check of one body.
struct Checker<'a> {
    unit: &'a Unit,
    names: &'a Names<'a>,
    body: &'a Body,
    items: Vec<Item>,
    /// Where operations begin that control may go to.
    starts: BTreeSet<u32>,
    /// Where control comes from elsewhere.
    joined: BTreeSet<u32>,
}

type Checked = Result<(), Invariant>;

fn demand(holds: bool, invariant: Invariant) -> Checked {
    if holds { Ok(()) } else { Err(invariant) }
}

impl<'a> Checker<'a> {
    fn new(unit: &'a Unit, names: &'a Names<'a>, body: &'a Body) -> Result<Checker<'a>, Broken> {
        let mut checker = Checker {
            unit,
            names,
            body,
            items: Vec::new(),
            starts: BTreeSet::new(),
            joined: BTreeSet::new(),
        };
        let mut at = body.code.start;
        while at < body.code.end {
            let after = checker
                .split(at)
                .map_err(|invariant| broken(unit, at, invariant))?;
            checker.starts.insert(at);
            at = after;
        }
        Ok(checker)
    }

    /// Takes the operation at a position apart; gives where the next one begins.
    fn split(&mut self, at: u32) -> Result<u32, Invariant> {
        let ops = &self.unit.ops[..self.body.code.end as usize];
        let op = &ops[at as usize];
        let first = at as usize + 1;
        let data = ops.get(first..first + op.kind.data_words() as usize);
        let data = data.ok_or(Invariant::WholeOperations)?;
        demand(
            op.kind != Kind::Data && data.iter().all(|word| word.kind == Kind::Data),
            Invariant::WholeOperations,
        )?;
        let words: Vec<u64> = data.iter().map(Op::word).collect();
        let facts = facts(op, at, &words);
        let mut after = first as u32 + data.len() as u32;
        match facts.flow {
            Flow::Branch(to) | Flow::Jump(to) => {
                self.joined.insert(to);
            }
            Flow::Table(last) => {
                let end = (after as usize).saturating_add(last as usize + 1);
                let entries = ops
                    .get(after as usize..end)
                    .ok_or(Invariant::WholeOperations)?;
                for (at, entry) in (after..).zip(entries) {
                    demand(entry.kind == Kind::Br, Invariant::WholeOperations)?;
                    self.joined.extend(entry.target(at));
                }
                after = end as u32;
            }
            Flow::Next | Flow::Call(..) | Flow::TailCall(..) => {}
            Flow::Return(_) | Flow::End | Flow::Never => {}
        }
        self.items.push(Item { at, facts });
        Ok(after)
    }

    fn run(&self) -> Result<(), Broken> {
        let unit = self.unit;
        let fail = |at: u32| move |invariant| broken(unit, at, invariant);
        let start = self.body.code.start;
        self.layout().map_err(fail(start))?;
        for handler in &self.body.handlers {
            self.handler(handler)
                .map_err(fail(start.saturating_add(handler.target)))?;
        }
        if let Some(to) = self.joined.iter().find(|to| !self.starts.contains(to)) {
            return Err(broken(self.unit, *to, Invariant::Targets));
        }
        let landings = self.body.handlers.iter();
        let landings = landings.map(|handler| start + handler.target);
        let joined: BTreeSet<u32> = self.joined.iter().copied().chain(landings).collect();
        let mut acc = false;
        for (index, item) in self.items.iter().enumerate() {
            acc &= !joined.contains(&item.at);
            self.item(index, item, acc).map_err(fail(item.at))?;
            acc = match item.facts.acc {
                Acc::Keeps => acc,
                Acc::Defines => true,
                Acc::Loses => false,
            };
        }
        Ok(())
    }

    /// Checks where the frame's parts are, and that the body has an end.
    fn layout(&self) -> Checked {
        let body = self.body;
        let known = match self.names.funcs.get(body.func.index()) {
            Some(&ty) => self.func_type(ty).map(FrameLayout::of) == Some(body.layout),
            // A constant expression.
            None => body.layout.params == Cells::default(),
        };
        let refs = body.layout.body() <= body.refs.start
            && body.refs.start <= body.refs.end
            && body.refs.end <= body.cells;
        demand(known && refs && body.cells <= 65536, Invariant::Layout)?;
        // A faithful body may end in markers of instructions that nothing reaches.
        let marker = |item: &&Item| {
            self.unit.ops[item.at as usize].kind == Kind::Nop && !self.joined.contains(&item.at)
        };
        let last = self.items.iter().rev().find(|item| !marker(item));
        let ends = match last.map(|item| item.facts.flow) {
            Some(Flow::Jump(_) | Flow::Table(_) | Flow::TailCall(..)) => true,
            Some(Flow::Return(_) | Flow::End) => true,
            Some(Flow::Next | Flow::Branch(_) | Flow::Call(..) | Flow::Never) | None => false,
        };
        demand(ends, Invariant::WholeOperations)
    }

    fn handler(&self, handler: &ExceptionHandler) -> Checked {
        let (code, body) = (&handler.code, self.body);
        let inside = code.end <= body.code.end - body.code.start;
        let payload = match handler.tag {
            Some(tag) => {
                let ty = self
                    .names
                    .tags
                    .get(tag.index())
                    .ok_or(Invariant::Handlers)?;
                Cells::of(&self.func_type(*ty).ok_or(Invariant::Handlers)?.params)
            }
            None => Cells::default(),
        };
        let refs = handler.refs..handler.refs + payload.refs + u32::from(handler.by_ref);
        let nums = handler.nums..handler.nums + payload.nums;
        let fits = body.refs.start <= refs.start
            && refs.end <= body.refs.end
            && body.refs.end <= nums.start
            && nums.end <= body.cells;
        let target = body.code.start.checked_add(handler.target);
        let lands = target.is_some_and(|target| self.starts.contains(&target));
        demand(
            inside && code.start <= code.end && fits && lands,
            Invariant::Handlers,
        )
    }

    fn func_type(&self, ty: TypeId) -> Option<&FuncType> {
        match ty.index() < self.names.types.len() {
            true => self.names.types.func(ty),
            false => None,
        }
    }

    fn place(&self, cell: u32) -> Place {
        let FrameLayout { params, .. } = self.body.layout;
        let link = self.body.layout.link();
        if (link..link + LINK_CELLS).contains(&cell) {
            Place::Link
        } else if cell < params.refs || self.body.refs.contains(&cell) {
            Place::Reference
        } else if cell < params.total() || cell >= self.body.refs.end {
            Place::Number
        } else {
            Place::Result
        }
    }

    fn item(&self, index: usize, item: &Item, acc: bool) -> Checked {
        let facts = &item.facts;
        demand(facts.flow != Flow::Never, Invariant::WholeOperations)?;
        demand(acc || !facts.reads_acc, Invariant::Accumulator)?;
        self.operands(index, facts)?;
        for &name in &facts.names {
            self.name(name)?;
        }
        match facts.flow {
            Flow::Call(callee, start, link) => self.call(callee, start, link),
            Flow::TailCall(callee, start, word) => self.tail_call(callee, start, word),
            Flow::Return(link) => demand(link == self.body.layout.link(), Invariant::Staging),
            Flow::Next | Flow::Branch(_) | Flow::Jump(_) | Flow::Table(_) => Ok(()),
            Flow::End | Flow::Never => Ok(()),
        }
    }

    fn operands(&self, index: usize, facts: &Facts) -> Checked {
        let (mut same, mut also) = (Vec::new(), Vec::new());
        for operand in &facts.operands {
            let range = operand.cell..operand.cell + operand.cells;
            demand(range.end <= self.body.cells, Invariant::InFrame)?;
            let places: Vec<Place> = range.map(|cell| self.place(cell)).collect();
            demand(!places.contains(&Place::Link), Invariant::LinkApart)?;
            let all = |place: Place| places.iter().all(|&found| found == place);
            let holds = match operand.class {
                Class::Number => all(Place::Number),
                Class::Reference => all(Place::Reference),
                Class::Either => all(Place::Number) || all(Place::Reference),
                Class::Zeroed => !places.contains(&Place::Result),
                Class::Constant(zero) => all(Place::Number) || zero && all(Place::Reference),
                Class::Same => {
                    same.push(operand);
                    true
                }
                Class::Also => {
                    also.push(operand);
                    true
                }
            };
            demand(
                holds || self.returns(index, operand),
                Invariant::ClassesApart,
            )?;
        }
        self.moved(index, &same)?;
        self.moved(index, &also)
    }

    /// Cells that have to hold the same. Only what is staged for a call, taken over from one, or
    /// returned, crosses from one kind of cell to the other.
    fn moved(&self, index: usize, same: &[&Operand]) -> Checked {
        let all = |operand: &Operand, place: Place| {
            let mut cells = operand.cell..operand.cell + operand.cells;
            cells.all(|cell| self.place(cell) == place)
        };
        let alike = |place: Place| same.iter().all(|operand| all(operand, place));
        if alike(Place::Number) || alike(Place::Reference) {
            return Ok(());
        }
        let [from, to] = same else {
            return Err(Invariant::ClassesApart);
        };
        let one = |operand: &Operand| all(operand, Place::Number) || all(operand, Place::Reference);
        let staged = all(from, Place::Reference) && to.cell >= self.body.refs.end;
        let taken = all(to, Place::Reference)
            && self
                .call_before(index)
                .is_some_and(|start| from.cell >= start);
        let holds = (one(from) && (staged || taken)) || self.returns(index, to);
        demand(holds, Invariant::ClassesApart)
    }

    /// Returns where the callee's frame began, when only copies stand between a call and an
    /// operation.
    fn call_before(&self, index: usize) -> Option<u32> {
        for item in self.items[..index].iter().rev() {
            match item.facts.flow {
                Flow::Call(_, start, _) => return Some(start),
                Flow::Next if self.is_copy(item) => {}
                _ => return None, // Nothing else stands there.
            }
        }
        None
    }

    fn is_copy(&self, item: &Item) -> bool {
        let kind = self.unit.ops[item.at as usize].kind;
        matches!(
            kind,
            Kind::Copy
                | Kind::Copy2
                | Kind::CopySpan
                | Kind::CopyPair
                | Kind::CopyConst
                | Kind::ConstPair
        )
    }

    /// Returns whether an operation writes results, and the body returns right after.
    fn returns(&self, index: usize, to: &Operand) -> bool {
        let results = self.body.layout.results.total();
        let mut rest = self.items[index + 1..].iter();
        let after = rest.find(|item| !self.is_copy(item));
        let returns = after.is_some_and(|item| matches!(item.facts.flow, Flow::Return(_)));
        to.write && to.cell + to.cells <= results && returns
    }

    fn layout_of(&self, callee: Callee) -> Result<Option<FrameLayout>, Invariant> {
        let ty = match callee {
            Callee::Code(pc) => {
                let body = self.unit.body_at(pc).filter(|body| body.code.start == pc);
                return body.map(|body| Some(body.layout)).ok_or(Invariant::Targets);
            }
            Callee::Func(func) => {
                let ty = self.names.funcs.get(func as usize);
                self.func_type(*ty.ok_or(Invariant::Names)?)
            }
            Callee::Type(ty) => self.func_type(TypeIdx(ty)),
            Callee::Unknown => return Ok(None),
        };
        ty.map(|ty| Some(FrameLayout::of(ty)))
            .ok_or(Invariant::Names)
    }

    /// The callee's frame begins above all that holds references, and its head fits.
    fn call(&self, callee: Callee, start: u32, link: u32) -> Checked {
        if let Some(layout) = self.layout_of(callee)? {
            demand(link == layout.link(), Invariant::Staging)?;
        }
        let fits = start >= self.body.refs.end && start + link + LINK_CELLS <= self.body.cells;
        demand(fits, Invariant::Staging)
    }

    fn tail_call(&self, callee: Callee, start: u32, word: u64) -> Checked {
        let [link, own, args] = [word, word >> 16, word >> 32].map(|part| u32::from(part as u16));
        if let Some(layout) = self.layout_of(callee)? {
            let as_typed = link == layout.link() && args == layout.params.total();
            demand(as_typed, Invariant::Staging)?;
        }
        let fits = start >= self.body.refs.end && start + args <= self.body.cells;
        let own = own == self.body.layout.link();
        demand(
            fits && own && link + LINK_CELLS <= self.body.cells,
            Invariant::Staging,
        )
    }

    fn name(&self, name: Name) -> Checked {
        let names = self.names;
        let below = |index: u32, count: usize| (index as usize) < count;
        let named = match name {
            Name::Defined(func) => func >= names.imported_funcs && below(func, names.funcs.len()),
            Name::Imported(func) => func < names.imported_funcs,
            Name::Func(func) => below(func, names.funcs.len()),
            Name::FuncType(ty) => self.func_type(TypeIdx(ty)).is_some(),
            Name::RefType(word) => match decode_ref(word).heap {
                HeapType::Concrete(ty) => below(ty.0, names.types.len()),
                _ => true, // An abstract type is always there.
            },
            Name::Table(table) => below(table, names.tables),
            Name::Memory(memory) => below(memory, names.memories),
            Name::Elem(elem) => below(elem, names.elems),
            Name::Data(data) => below(data, names.datas),
            Name::Lane(lane, lanes) => lane < lanes,
            Name::Struct(ty, from) => return self.structure(ty, from),
            Name::Array(ty, from) => return self.array(ty, from),
            Name::Tag(tag, nums, refs) => return self.tag(tag, nums, refs),
            Name::Global(global, cell, cells) => return self.global(global, cell, cells),
        };
        demand(named, Invariant::Names)
    }

    /// Values of which the numbers stand from one cell, the references from another.
    fn spread(&self, cells: Cells, nums: u32, refs: u32) -> Checked {
        self.span(nums..nums + cells.nums, Place::Number)?;
        self.span(refs..refs + cells.refs, Place::Reference)
    }

    fn span(&self, mut cells: Range<u32>, place: Place) -> Checked {
        demand(
            cells.is_empty() || cells.end <= self.body.cells,
            Invariant::InFrame,
        )?;
        demand(
            cells.all(|cell| self.place(cell) == place),
            Invariant::ClassesApart,
        )
    }

    fn structure(&self, ty: u32, from: Option<(u32, u32)>) -> Checked {
        demand((ty as usize) < self.names.types.len(), Invariant::Names)?;
        let fields = self
            .names
            .types
            .fields(TypeIdx(ty))
            .ok_or(Invariant::Names)?;
        let Some((nums, refs)) = from else {
            return Ok(());
        };
        let types: Vec<ValType> = fields
            .iter()
            .map(|field| field.storage.unpacked())
            .collect();
        self.spread(Cells::of(&types), nums, refs)
    }

    fn array(&self, ty: u32, from: Option<(u32, u32)>) -> Checked {
        demand((ty as usize) < self.names.types.len(), Invariant::Names)?;
        let element = self
            .names
            .types
            .element(TypeIdx(ty))
            .ok_or(Invariant::Names)?;
        let Some((from, count)) = from else {
            return Ok(());
        };
        let ty: ValType = StorageType::unpacked(element.storage);
        let place = if ty.is_ref() {
            Place::Reference
        } else {
            Place::Number
        };
        let cells = count.checked_mul(ty.cells()).ok_or(Invariant::InFrame)?;
        let end = from.checked_add(cells).ok_or(Invariant::InFrame)?;
        self.span(from..end, place)
    }

    fn tag(&self, tag: u32, nums: u32, refs: u32) -> Checked {
        let ty = self.names.tags.get(tag as usize).ok_or(Invariant::Names)?;
        let ty = self.func_type(*ty).ok_or(Invariant::Names)?;
        self.spread(Cells::of(&ty.params), nums, refs)
    }

    fn global(&self, global: u32, cell: u32, cells: u32) -> Checked {
        let ty = self
            .names
            .globals
            .get(global as usize)
            .ok_or(Invariant::Names)?
            .val;
        demand(ty.cells() == cells, Invariant::Names)?;
        let place = if ty.is_ref() {
            Place::Reference
        } else {
            Place::Number
        };
        demand(self.place(cell) == place, Invariant::ClassesApart)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_covers_the_operations_of_its_instructions_and_no_other() {
        let ops = [Op::new(Kind::Nop, 0, 0, 0, 0); 5];
        // Operations 0 to 3 begin instructions; operation 4 belongs to the last of them.
        let offsets = [(0, 10), (1, 12), (2, 14), (3, 17)];
        let handler = |code, source| ExceptionHandler {
            code,
            source,
            tag: None,
            by_ref: false,
            target: 3,
            nums: 0,
            refs: 0,
        };
        let judge = |code, source| {
            let judged = map(&offsets, &ops, &[handler(code, source)]);
            judged.err().map(|broken| broken.invariant)
        };
        assert_eq!(judge(1..3, 12..17), None);
        assert_eq!(judge(1..1, 12..12), None, "an empty body");
        let covered = Some(Invariant::Covered);
        assert_eq!(
            judge(1..4, 12..17),
            covered,
            "an operation too many at its end"
        );
        assert_eq!(
            judge(0..3, 12..17),
            covered,
            "an operation too many at its start"
        );
        assert_eq!(judge(2..3, 12..17), covered, "one that is left out");
        assert_eq!(judge(1..1, 12..14), covered, "all that is left out");
        let unsorted = [(1, 10), (0, 12)];
        let judged = map(&unsorted, &ops, &[]);
        assert_eq!(
            judged.err().map(|broken| broken.invariant),
            Some(Invariant::Map)
        );
    }
}
