//! Values on their way between the embedder and the cells of the innermost run.

use crate::api::error::Result;
use crate::api::store::core::Core;
use crate::api::store::mismatch;
use crate::api::values::Val;
use crate::code::layout::places;
use crate::runtime::FuncAddr;
use crate::syntax::{self, StorageType};
use alloc::boxed::Box;
use alloc::vec::Vec;

impl Core {
    /// Takes the room for the values of a host call, empty; [`Core::keep_vals`] takes it back.
    pub(crate) fn take_vals(&mut self) -> Vec<Val> {
        let mut vals = core::mem::take(self.kept_vals());
        vals.clear();
        vals
    }

    /// Keeps the room for the values of the next host call.
    pub(crate) fn keep_vals(&mut self, vals: Vec<Val>) {
        *self.kept_vals() = vals;
    }

    fn kept_vals(&mut self) -> &mut Vec<Val> {
        let kept = self.vals.get_or_insert_with(|| Box::new(Vec::<Val>::new()));
        match kept.downcast_mut() {
            Some(vals) => vals,
            None => unreachable!("the store keeps values, and nothing else, in this place"),
        }
    }

    /// The type of a function.
    pub(crate) fn func_type(&self, addr: FuncAddr) -> &syntax::FuncType {
        match self.state.types.func(self.state.func(addr).ty) {
            Some(ty) => ty,
            None => unreachable!("a function has a function type"),
        }
    }

    /// Values of these types in the innermost run from `base`.
    pub(crate) fn load_vals(&mut self, types: &[syntax::ValType], base: usize) -> Vec<Val> {
        let mut vals = Vec::with_capacity(types.len());
        self.load_vals_into(types, base, &mut vals);
        vals
    }

    /// The same, added to a list.
    pub(crate) fn load_vals_into(
        &mut self,
        types: &[syntax::ValType],
        base: usize,
        vals: &mut Vec<Val>,
    ) {
        for (place, ty) in places(types) {
            let at = base + place as usize;
            let cells = self.cells();
            let pair = [cells[at], if ty.cells() == 2 { cells[at + 1] } else { 0 }];
            vals.push(Val::from_cells(self, ty, pair));
        }
    }

    /// Puts values of these types into the innermost run from `base`. `what` is the word for one of
    /// them in errors.
    ///
    /// # Errors
    /// [`Fault::Arity`](crate::Fault::Arity), and what [`Val::to_cells`] refuses.
    pub(crate) fn put_vals(
        &mut self,
        what: &str,
        types: &[syntax::ValType],
        vals: &[Val],
        base: usize,
    ) -> Result<()> {
        if types.len() != vals.len() {
            return Err(mismatch::count(what, types.len(), vals.len()));
        }
        for (number, ((place, ty), val)) in places(types).zip(vals).enumerate() {
            let pair = val.to_cells(self, ty);
            let pair = pair.map_err(|error| mismatch::at(error, what, number))?;
            let at = base + place as usize;
            self.cells()[at..at + ty.cells() as usize]
                .copy_from_slice(&pair[..ty.cells() as usize]);
        }
        Ok(())
    }

    /// The cells of a value for a place that may be packed.
    ///
    /// # Errors
    /// Returns the same errors as [`Val::to_cells`].
    pub(crate) fn to_storage(&self, val: Val, ty: StorageType) -> Result<[u64; 2]> {
        let cells = val.to_cells(self, ty.unpacked())?;
        Ok(match ty {
            StorageType::I8 => [cells[0] & 0xff, 0],
            StorageType::I16 => [cells[0] & 0xffff, 0],
            StorageType::Val(_) => cells,
        })
    }
}
