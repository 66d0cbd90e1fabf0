//! Types of exceptions. The spec has none: a module can say `exn` only. The embedder sees what an
//! exception carries as a type of its own, below `exn`.

use crate::api::engine::Engine;
use crate::api::error::{Fault, Result};
use crate::api::types::composite::{FieldType, FuncType};
use crate::api::types::externs::TagType;
use crate::api::types::{HeapType, Mutability, ValType};

/// What exceptions of a tag carry.
#[derive(Clone, Debug)]
pub struct ExnType {
    pub(crate) ty: FuncType,
}

impl ExnType {
    /// Exceptions that carry these.
    ///
    /// # Errors
    /// None today.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = ValType>) -> Result<ExnType> {
        Ok(ExnType {
            ty: FuncType::new(engine, fields, []),
        })
    }

    /// What exceptions of tags of that type carry.
    ///
    /// # Errors
    /// [`Fault::TypeMismatch`] when the type has results.
    pub fn from_tag_type(tag: &TagType) -> Result<ExnType> {
        let ty = tag.ty().clone();
        if ty.results().len() > 0 {
            let text = alloc::format!("expected a function type without results, found {ty}");
            return Err(Fault::TypeMismatch.because(text));
        }
        Ok(ExnType { ty })
    }

    /// The type of tags of such exceptions.
    pub fn tag_type(&self) -> TagType {
        TagType::new(self.ty.clone())
    }

    /// One value.
    pub fn field(&self, i: usize) -> Option<FieldType> {
        self.ty
            .param(i)
            .map(|ty| FieldType::new(Mutability::Const, ty.into()))
    }

    /// The values.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        self.ty
            .params()
            .map(|ty| FieldType::new(Mutability::Const, ty.into()))
    }

    /// The engine it was made for.
    pub fn engine(&self) -> &Engine {
        self.ty.engine()
    }

    /// Whether both are the same type: there are no subtypes among them.
    pub fn matches(&self, other: &ExnType) -> bool {
        FuncType::eq(&self.ty, &other.ty)
    }
}

impl HeapType {
    /// Whether it is the type of the exceptions of some tags.
    pub fn is_concrete_exn(&self) -> bool {
        self.as_concrete_exn().is_some()
    }

    /// The type of the exceptions of some tags, if it is one.
    pub fn as_concrete_exn(&self) -> Option<&ExnType> {
        match self {
            HeapType::ConcreteExn(ty) => Some(ty),
            _ => None, // One of four forms is asked for.
        }
    }

    /// Whether this matches `other`, if one of them is such a type: the spec's types have none.
    pub(super) fn exn_matches(&self, other: &HeapType) -> Option<bool> {
        match (self, other) {
            (HeapType::ConcreteExn(a), HeapType::ConcreteExn(b)) => Some(a.matches(b)),
            (HeapType::ConcreteExn(_), other) => Some(other.is_exn()),
            (sub, HeapType::ConcreteExn(_)) => Some(sub.is_no_exn()),
            _ => None, // Neither is.
        }
    }
}

impl From<ExnType> for HeapType {
    fn from(ty: ExnType) -> HeapType {
        HeapType::ConcreteExn(ty)
    }
}
