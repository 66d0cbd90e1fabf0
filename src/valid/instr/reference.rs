//! References and scalars behind references (spec: valid/instructions, reference instructions).

use crate::syntax::{FuncIdx, HeapType, RefType};
use crate::valid::error::{Check, InvalidKind};
use crate::valid::func::FuncValidator;
use crate::valid::operand::Operand;

impl FuncValidator<'_> {
    pub(super) fn ref_null(&mut self, heap: HeapType) -> Check {
        let heap = self.ctx.check_heap(heap)?;
        self.push_ref(true, heap);
        Ok(())
    }

    pub(super) fn ref_is_null(&mut self) -> Check {
        self.pop_any_ref()?;
        self.push(Operand::I32);
        Ok(())
    }

    pub(super) fn ref_as_non_null(&mut self) -> Check {
        let operand = self.pop_any_ref()?;
        self.push(operand.non_null());
        Ok(())
    }

    pub(super) fn ref_eq(&mut self) -> Check {
        self.pop_ref(HeapType::Eq)?;
        self.pop_ref(HeapType::Eq)?;
        self.push(Operand::I32);
        Ok(())
    }

    /// In a body the function must be mentioned outside of bodies; a constant expression is such
    /// a mention.
    pub(super) fn ref_func(&mut self, func: FuncIdx) -> Check {
        let ty = self.ctx.func(func)?;
        if self.constant.is_some() {
            self.note_declared(func);
        } else if !self.ctx.is_declared(func) {
            return InvalidKind::UndeclaredFuncRef(func).err();
        }
        self.push_ref(false, HeapType::Concrete(ty));
        Ok(())
    }

    pub(super) fn ref_test(&mut self, ty: RefType) -> Check {
        self.pop_top_of(ty)?;
        self.push(Operand::I32);
        Ok(())
    }

    pub(super) fn ref_cast(&mut self, ty: RefType) -> Check {
        let ty = self.pop_top_of(ty)?;
        self.push(Operand::of_ref(ty));
        Ok(())
    }

    /// Pops any reference of the type's hierarchy; yields the type, canonical.
    fn pop_top_of(&mut self, ty: RefType) -> Check<RefType> {
        let ty = self.ctx.check_ref(ty)?;
        self.pop_ref(self.ctx.space.top(ty.heap))?;
        Ok(ty)
    }

    pub(super) fn ref_i31(&mut self) -> Check {
        self.pop(Operand::I32)?;
        self.push_ref(false, HeapType::I31);
        Ok(())
    }

    pub(super) fn i31_get(&mut self) -> Check {
        self.pop_ref(HeapType::I31)?;
        self.push(Operand::I32);
        Ok(())
    }

    pub(super) fn any_convert_extern(&mut self) -> Check {
        self.convert(HeapType::Extern, HeapType::Any)
    }

    pub(super) fn extern_convert_any(&mut self) -> Check {
        self.convert(HeapType::Any, HeapType::Extern)
    }

    /// The result is nullable when the operand is; of an unknown operand it is not, since that
    /// one could be of either type.
    fn convert(&mut self, from: HeapType, to: HeapType) -> Check {
        let operand = self.peek(0);
        self.pop_ref(from)?;
        self.push_ref(operand.is_some_and(Operand::is_nullable), to);
        Ok(())
    }
}
