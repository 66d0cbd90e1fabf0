//! Where parameters, results and the return link stand in a frame. Everything here follows from a
//! function type alone, so that any caller can stage arguments in place and find results.
//!
//! ```text
//! [ params or results: references | numbers ][ link: 2 cells ][ ref locals, ref operands ]
//! [ number locals ][ number operands ... ]
//! ```
//!
//! A callee's frame begins at the cell of its first staged argument, on top of the caller's number
//! operands; its results come back to the same place.

use crate::syntax::{FuncType, ValType};

/// Cells of the return link.
pub const LINK_CELLS: u32 = 2;

/// The cells of a list of values: references first, then numbers, each in order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cells {
    /// Cells of references, one each.
    pub refs: u32,
    /// Cells of numbers; a vector takes two.
    pub nums: u32,
}

impl Cells {
    /// The cells of values of these types.
    pub fn of(types: &[ValType]) -> Cells {
        types.iter().fold(Cells::default(), |mut cells, ty| {
            match ty {
                ValType::Ref(_) => cells.refs += 1,
                _ => cells.nums += ty.cells(),
            }
            cells
        })
    }

    /// All cells.
    pub const fn total(self) -> u32 {
        self.refs + self.nums
    }
}

/// First cell of each value of a list, counted from the start of its area.
pub fn places(types: &[ValType]) -> impl Iterator<Item = (u32, ValType)> + '_ {
    let (mut next_ref, mut next_num) = (0, Cells::of(types).refs);
    types.iter().map(move |&ty| {
        let next = if ty.is_ref() {
            &mut next_ref
        } else {
            &mut next_num
        };
        let place = *next;
        *next += ty.cells();
        (place, ty)
    })
}

/// The frame layout that a function type fixes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct FrameLayout {
    /// Cells of the parameters, from cell 0.
    pub params: Cells,
    /// Cells of the results, from cell 0.
    pub results: Cells,
}

impl FrameLayout {
    /// The layout of a function type.
    pub fn of(ty: &FuncType) -> FrameLayout {
        FrameLayout {
            params: Cells::of(&ty.params),
            results: Cells::of(&ty.results),
        }
    }

    /// First of the two cells of the return link.
    pub fn link(self) -> u32 {
        self.params.total().max(self.results.total())
    }

    /// First cell after the link.
    pub fn body(self) -> u32 {
        self.link() + LINK_CELLS
    }
}
