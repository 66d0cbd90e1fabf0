//! The instruction sequences of a module in the order in which they are validated: constant
//! expressions first, then bodies (spec: valid/modules). Knows nothing of how one is validated.

use crate::syntax::{
    ConstExpr, DataIdx, DataMode, ElemIdx, ElemItems, ElemMode, FuncBody, FuncIdx, GlobalIdx,
    Module, TableIdx, ValType,
};
use crate::valid::Context;
use alloc::boxed::Box;
use core::fmt;
use core::iter;
use core::ops::Range;

/// Which part of a module an instruction sequence is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// The body of a function.
    Func(FuncIdx),
    /// The initialiser of a table's elements.
    Table(TableIdx),
    /// The initialiser of a global.
    Global(GlobalIdx),
    /// The offset of an active element segment.
    ElemOffset(ElemIdx),
    /// An element of a segment, by its position.
    Elem(ElemIdx, u32),
    /// The offset of an active data segment.
    DataOffset(DataIdx),
}

impl Place {
    /// Returns whether it is a constant expression.
    pub const fn is_constant(self) -> bool {
        !matches!(self, Place::Func(_))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Func(func) => write!(f, "function {}", func.0),
            Place::Table(table) => write!(f, "the initialiser of table {}", table.0),
            Place::Global(global) => write!(f, "the initialiser of global {}", global.0),
            Place::ElemOffset(elem) => write!(f, "the offset of element segment {}", elem.0),
            Place::Elem(elem, item) => write!(f, "element {item} of segment {}", elem.0),
            Place::DataOffset(data) => write!(f, "the offset of data segment {}", data.0),
        }
    }
}

/// An instruction sequence: a function body or a constant expression.
#[derive(Clone, Debug)]
pub struct Sequence<'m> {
    /// Which part of the module it is.
    pub place: Place,
    /// The bytes of its instructions, the closing `end` included.
    pub range: Range<u32>,
    pub(super) kind: Kind<'m>,
}

/// What a validator of the sequence begins with.
#[derive(Clone, Debug)]
pub(super) enum Kind<'m> {
    Body(&'m FuncBody),
    /// A constant expression of a type, which sees the globals below an index.
    Constant {
        ty: ValType,
        globals: u32,
    },
}

/// The sequences of one kind.
type Boxed<'m> = Box<dyn Iterator<Item = Sequence<'m>> + 'm>;

/// Returns the bodies of all functions.
pub(super) fn bodies<'m>(
    module: &'m Module,
    context: &'m Context,
) -> impl Iterator<Item = Sequence<'m>> + 'm {
    (context.imported_funcs..)
        .zip(&module.code)
        .map(|(index, body)| Sequence {
            place: Place::Func(FuncIdx(index)),
            range: body.code.clone(),
            kind: Kind::Body(body),
        })
}

/// Returns all constant expressions.
pub(super) fn constants<'m>(
    module: &'m Module,
    context: &'m Context,
) -> impl Iterator<Item = Sequence<'m>> + 'm {
    let elems = module.elems.iter().enumerate();
    let elems = elems.flat_map(|(index, _)| of_elem(module, context, index as u32));
    tables(module, context)
        .chain(globals(module, context))
        .chain(elems)
        .chain(datas(module, context))
}

fn constant<'m>(place: Place, expr: &ConstExpr, ty: ValType, globals: u32) -> Sequence<'m> {
    let range = expr.range.clone();
    let kind = Kind::Constant { ty, globals };
    Sequence { place, range, kind }
}

fn tables<'m>(module: &'m Module, context: &'m Context) -> impl Iterator<Item = Sequence<'m>> + 'm {
    let tables = (context.imported_tables..).zip(&module.tables);
    tables.filter_map(|(index, table)| {
        let elem = context.tables.get(index as usize)?.elem;
        let place = Place::Table(TableIdx(index));
        let init = table.init.as_ref()?;
        let (ty, globals) = (ValType::Ref(elem), context.imported_globals);
        Some(constant(place, init, ty, globals))
    })
}

fn globals<'m>(
    module: &'m Module,
    context: &'m Context,
) -> impl Iterator<Item = Sequence<'m>> + 'm {
    let globals = (context.imported_globals..).zip(&module.globals);
    globals.filter_map(|(index, global)| {
        let ty = context.globals.get(index as usize)?.val;
        let place = Place::Global(GlobalIdx(index));
        Some(constant(place, &global.init, ty, index))
    })
}

fn of_elem<'m>(module: &'m Module, context: &'m Context, index: u32) -> Boxed<'m> {
    let (Some(elem), Some(ty)) = (
        module.elems.get(index as usize),
        context.elems.get(index as usize),
    ) else {
        return Box::new(iter::empty());
    };
    let all = context.globals.len() as u32;
    let offset = match &elem.mode {
        ElemMode::Active { table, offset } => context.tables.get(table.index()).map(|table| {
            let place = Place::ElemOffset(ElemIdx(index));
            constant(place, offset, table.addr.val(), all)
        }),
        ElemMode::Passive | ElemMode::Declarative => None,
    };
    let items: &[ConstExpr] = match &elem.items {
        ElemItems::Funcs { .. } => &[],
        ElemItems::Exprs(exprs) => exprs,
    };
    let ty = ValType::Ref(*ty);
    let items = (0..).zip(items).map(move |(item, expr)| {
        let place = Place::Elem(ElemIdx(index), item);
        constant(place, expr, ty, all)
    });
    Box::new(offset.into_iter().chain(items))
}

fn datas<'m>(module: &'m Module, context: &'m Context) -> impl Iterator<Item = Sequence<'m>> + 'm {
    let all = context.globals.len() as u32;
    let datas = (0..).zip(&module.datas);
    datas.filter_map(move |(index, data)| match &data.mode {
        DataMode::Passive => None,
        DataMode::Active { memory, offset } => {
            let addr = context.memories.get(memory.index())?.addr;
            let place = Place::DataOffset(DataIdx(index));
            Some(constant(place, offset, addr.val(), all))
        }
    })
}
