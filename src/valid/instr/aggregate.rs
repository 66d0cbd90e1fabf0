//! Structs and arrays (spec: valid/instructions, aggregate instructions).

use crate::syntax::{
    DataIdx, ElemIdx, FieldIdx, FieldType, HeapType, RefType, StorageType, TypeId, TypeIdx, ValType,
};
use crate::valid::error::{Check, InvalidKind, Mismatch, Space, unknown};
use crate::valid::func::FuncValidator;
use crate::valid::operand::Operand;

/// Structs.
impl FuncValidator<'_> {
    pub(super) fn struct_new(&mut self, ty: TypeIdx) -> Check {
        let (id, fields) = self.ctx.struct_ty(ty)?;
        for field in fields.iter().rev() {
            self.pop_val(field.storage.unpacked())?;
        }
        self.push_ref(false, HeapType::Concrete(id));
        Ok(())
    }

    pub(super) fn struct_new_default(&mut self, ty: TypeIdx) -> Check {
        let (id, fields) = self.ctx.struct_ty(ty)?;
        if !fields.iter().all(has_default) {
            return InvalidKind::NoDefault("field").err();
        }
        self.push_ref(false, HeapType::Concrete(id));
        Ok(())
    }

    fn field(&self, ty: TypeIdx, field: FieldIdx) -> Check<(TypeId, FieldType)> {
        let (id, fields) = self.ctx.struct_ty(ty)?;
        match fields.get(field.index()) {
            Some(&found) => Ok((id, found)),
            None => Err(unknown(Space::Field, field.0)),
        }
    }

    /// `extends` for the `_s` and `_u` forms.
    pub(super) fn struct_get(&mut self, ty: TypeIdx, field: FieldIdx, extends: bool) -> Check {
        let (id, field) = self.field(ty, field)?;
        check_packing("field", field, extends)?;
        self.pop_ref(HeapType::Concrete(id))?;
        self.push_val(field.storage.unpacked());
        Ok(())
    }

    pub(super) fn struct_set(&mut self, ty: TypeIdx, field: FieldIdx) -> Check {
        let (id, field) = self.field(ty, field)?;
        if !field.mutable {
            return InvalidKind::Immutable("field").err();
        }
        self.pop_val(field.storage.unpacked())?;
        self.pop_ref(HeapType::Concrete(id))
    }
}

fn has_default(field: &FieldType) -> bool {
    field.storage.unpacked().is_defaultable()
}

fn check_packing(what: &'static str, field: FieldType, extends: bool) -> Check {
    let packed = field.storage.is_packed();
    match packed == extends {
        true => Ok(()),
        false => InvalidKind::Packing { what, packed }.err(),
    }
}

/// Making arrays.
impl FuncValidator<'_> {
    fn push_array(&mut self, id: TypeId) -> Check {
        self.push_ref(false, HeapType::Concrete(id));
        Ok(())
    }

    pub(super) fn array_new(&mut self, ty: TypeIdx) -> Check {
        let (id, elem) = self.ctx.array_ty(ty)?;
        self.pop(Operand::I32)?;
        self.pop_val(elem.storage.unpacked())?;
        self.push_array(id)
    }

    pub(super) fn array_new_default(&mut self, ty: TypeIdx) -> Check {
        let (id, elem) = self.ctx.array_ty(ty)?;
        if !has_default(&elem) {
            return InvalidKind::NoDefault("array").err();
        }
        self.pop(Operand::I32)?;
        self.push_array(id)
    }

    pub(super) fn array_new_fixed(&mut self, ty: TypeIdx, count: u32) -> Check {
        let (id, elem) = self.ctx.array_ty(ty)?;
        let val = Operand::new(elem.storage.unpacked());
        for _ in 0..count {
            self.pop(val)?;
            // Below the last operand of unreachable code everything fits.
            if self.operands.len() == self.height && self.is_unreachable() {
                break;
            }
        }
        self.push_array(id)
    }

    pub(super) fn array_new_data(&mut self, ty: TypeIdx, data: DataIdx) -> Check {
        let (id, elem) = self.ctx.array_ty(ty)?;
        check_numeric(elem)?;
        self.ctx.data(data)?;
        self.pop(Operand::I32)?;
        self.pop(Operand::I32)?;
        self.push_array(id)
    }

    pub(super) fn array_new_elem(&mut self, ty: TypeIdx, elem: ElemIdx) -> Check {
        let (id, field) = self.ctx.array_ty(ty)?;
        self.check_elements(elem, field)?;
        self.pop(Operand::I32)?;
        self.pop(Operand::I32)?;
        self.push_array(id)
    }

    /// Elements of a segment can stand in the array.
    fn check_elements(&self, elem: ElemIdx, field: FieldType) -> Check {
        let found: RefType = self.ctx.elem(elem)?;
        match field.storage {
            StorageType::Val(ValType::Ref(expected)) => self.elements_fit(found, expected),
            StorageType::I8 | StorageType::I16 | StorageType::Val(_) => Mismatch::Element.err(),
        }
    }
}

/// Elements made of bytes are numbers or vectors.
fn check_numeric(elem: FieldType) -> Check {
    match elem.storage.unpacked().is_ref() {
        true => InvalidKind::ArrayNotNumeric.err(),
        false => Ok(()),
    }
}

/// Using arrays.
impl FuncValidator<'_> {
    pub(super) fn array_get(&mut self, ty: TypeIdx, extends: bool) -> Check {
        let (id, elem) = self.ctx.array_ty(ty)?;
        check_packing("array", elem, extends)?;
        self.pop(Operand::I32)?;
        self.pop_ref(HeapType::Concrete(id))?;
        self.push_val(elem.storage.unpacked());
        Ok(())
    }

    fn mutable_array(&self, ty: TypeIdx) -> Check<(TypeId, FieldType)> {
        let (id, elem) = self.ctx.array_ty(ty)?;
        match elem.mutable {
            true => Ok((id, elem)),
            false => InvalidKind::Immutable("array").err(),
        }
    }

    pub(super) fn array_set(&mut self, ty: TypeIdx) -> Check {
        let (id, elem) = self.mutable_array(ty)?;
        self.pop_val(elem.storage.unpacked())?;
        self.pop(Operand::I32)?;
        self.pop_ref(HeapType::Concrete(id))
    }

    pub(super) fn array_len(&mut self) -> Check {
        self.pop_ref(HeapType::Array)?;
        self.push(Operand::I32);
        Ok(())
    }

    pub(super) fn array_fill(&mut self, ty: TypeIdx) -> Check {
        let (id, elem) = self.mutable_array(ty)?;
        self.pop(Operand::I32)?;
        self.pop_val(elem.storage.unpacked())?;
        self.pop(Operand::I32)?;
        self.pop_ref(HeapType::Concrete(id))
    }

    pub(super) fn array_copy(&mut self, dst: TypeIdx, src: TypeIdx) -> Check {
        let (dst, to) = self.mutable_array(dst)?;
        let (src, from) = self.ctx.array_ty(src)?;
        if !self.ctx.space.storage_matches(from.storage, to.storage) {
            return InvalidKind::ArrayTypes.err();
        }
        self.pop(Operand::I32)?;
        self.pop(Operand::I32)?;
        self.pop_ref(HeapType::Concrete(src))?;
        self.pop(Operand::I32)?;
        self.pop_ref(HeapType::Concrete(dst))
    }

    pub(super) fn array_init_data(&mut self, ty: TypeIdx, data: DataIdx) -> Check {
        let (id, elem) = self.mutable_array(ty)?;
        check_numeric(elem)?;
        self.ctx.data(data)?;
        self.pop_init(id)
    }

    pub(super) fn array_init_elem(&mut self, ty: TypeIdx, elem: ElemIdx) -> Check {
        let (id, field) = self.mutable_array(ty)?;
        self.check_elements(elem, field)?;
        self.pop_init(id)
    }

    /// Pops array, place in it, place in the segment, length.
    fn pop_init(&mut self, id: TypeId) -> Check {
        for _ in 0..3 {
            self.pop(Operand::I32)?;
        }
        self.pop_ref(HeapType::Concrete(id))
    }
}
