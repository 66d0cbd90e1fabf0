//! The type section (spec: valid/types, recursive types and sub types): canonical ids and checks
//! of declared subtyping.

use super::error::{Check, Excess, Invalid, InvalidKind, Space, unknown};
use crate::syntax::limits::SUBTYPING_DEPTH;
use crate::syntax::{
    CompositeType, Features, FieldType, Module, RecGroup, StorageType, SubType, TypeId, TypeIdx,
    TypeSpace, ValType,
};
use alloc::vec::Vec;

/// Interns the types of a module and checks them. Yields the canonical type of each index.
pub(super) fn rec_groups(
    module: &Module,
    features: &Features,
) -> Result<(TypeSpace, Vec<TypeId>), Invalid> {
    let mut types = Types {
        recursive: features.gc,
        ..Types::default()
    };
    types.ids.reserve(module.type_count());
    types.depths.reserve(module.type_count());
    for group in &module.types {
        types.add(group).map_err(|kind| kind.at(group.offset))?;
    }
    Ok((types.space, types.ids))
}

#[derive(Default)]
struct Types {
    /// Whether a type may refer to its own group.
    recursive: bool,
    space: TypeSpace,
    ids: Vec<TypeId>,
    /// Length of the chain of supertypes of each index.
    depths: Vec<u8>,
}

impl Types {
    fn add(&mut self, group: &RecGroup) -> Check {
        let first = self.ids.len() as u32;
        let end = first + group.types.len() as u32;
        for (index, sub) in (first..).zip(&group.types) {
            references_below(sub, if self.recursive { end } else { index })?;
            // Before interning: a chain is stored whole with each of its members.
            let depth = self.depth(sub, index)?;
            self.depths.push(depth);
        }
        let ids = &self.ids;
        let base = self
            .space
            .intern(&group.types, first, |idx| ids[idx.index()]);
        self.ids
            .extend((base.0..).take(group.types.len()).map(TypeIdx));
        for (index, sub) in (first..).zip(&group.types) {
            if let Some(&above) = sub.supertypes.first() {
                self.check_sub(TypeIdx(index), above)?;
            }
        }
        Ok(())
    }

    /// Length of the chain above a type whose supertypes stand before it.
    fn depth(&self, sub: &SubType, index: u32) -> Check<u8> {
        let wrong = |why| InvalidKind::SubType { index, why }.err();
        match *sub.supertypes {
            [] => Ok(0),
            [above] => match self.depths.get(above.index()) {
                None => wrong("has a super type that does not stand before it"),
                Some(&depth) if u32::from(depth) >= SUBTYPING_DEPTH => {
                    let (what, limit) = ("super types above a type", SUBTYPING_DEPTH);
                    InvalidKind::Limit(Excess { what, limit }).err()
                }
                Some(&depth) => Ok(depth + 1),
            },
            [_, _, ..] => wrong("has more than one super type"),
        }
    }

    fn check_sub(&self, sub: TypeIdx, above: TypeIdx) -> Check {
        let entry = self.space.get(self.ids[sub.index()]);
        let sup = self.space.get(self.ids[above.index()]);
        let why = if sup.is_final {
            "has a final super type"
        } else if !self
            .space
            .composite_matches(&entry.composite, &sup.composite)
        {
            "does not match its super type"
        } else {
            return Ok(());
        };
        InvalidKind::SubType { index: sub.0, why }.err()
    }
}

/// Every type index in the type is below `end`.
fn references_below(sub: &SubType, end: u32) -> Check {
    let idx = |idx: TypeIdx| match idx.0 < end {
        true => Ok(()),
        false => Err(unknown(Space::Type, idx.0)),
    };
    let val = |ty: &ValType| match ty {
        ValType::Ref(r) => r.heap.type_idx().map_or(Ok(()), idx),
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => Ok(()),
    };
    let field = |field: &FieldType| match &field.storage {
        StorageType::Val(ty) => val(ty),
        StorageType::I8 | StorageType::I16 => Ok(()),
    };
    sub.supertypes.iter().copied().try_for_each(idx)?;
    match &sub.composite {
        CompositeType::Func(ty) => ty.params.iter().chain(&ty.results).try_for_each(val),
        CompositeType::Struct(fields) => fields.iter().try_for_each(field),
        CompositeType::Array(elem) => field(elem),
    }
}
