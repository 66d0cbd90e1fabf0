//! Types of exceptions. The spec has none: a module can say `exn` only. The embedder sees what an
//! exception carries as a type of its own, below `exn`.

use crate::api::engine::Engine;
use crate::api::error::{Fault, Result};
use crate::api::types::composite::{FieldType, FuncType};
use crate::api::types::externs::TagType;
use crate::api::types::{HeapType, Mutability, ValType};

/// The type of exceptions: the values that exceptions of a tag carry.
///
/// ```
/// use limpid::{Engine, ExnType, ValType};
/// let ty = ExnType::new(&Engine::default(), [ValType::I32, ValType::EXTERNREF])?;
/// assert_eq!(ty.fields().len(), 2);
/// assert_eq!(ty.tag_type().ty().params().len(), 2);
/// # Ok::<(), limpid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExnType {
    pub(crate) ty: FuncType,
}

impl ExnType {
    /// Makes the type of exceptions that carry values of these types.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = ValType>) -> Result<ExnType> {
        Ok(ExnType {
            ty: FuncType::new(engine, fields, []),
        })
    }

    /// Makes the type of the exceptions that tags of type `tag` have.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when the type has results.
    pub fn from_tag_type(tag: &TagType) -> Result<ExnType> {
        let ty = tag.ty().clone();
        if ty.results().len() > 0 {
            let text = alloc::format!("expected a function type without results, found {ty}");
            return Err(Fault::TypeMismatch.because(text));
        }
        Ok(ExnType { ty })
    }

    /// Returns the type of the tags of such exceptions.
    pub fn tag_type(&self) -> TagType {
        TagType::new(self.ty.clone())
    }

    /// Returns the type of value `i`, if there is one.
    pub fn field(&self, i: usize) -> Option<FieldType> {
        self.ty
            .param(i)
            .map(|ty| FieldType::new(Mutability::Const, ty.into()))
    }

    /// Returns the types of the values.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        self.ty
            .params()
            .map(|ty| FieldType::new(Mutability::Const, ty.into()))
    }

    /// Returns the engine that the type was made for.
    pub fn engine(&self) -> &Engine {
        self.ty.engine()
    }

    /// Returns whether both are the same type: there are no subtypes among them.
    pub fn matches(&self, other: &ExnType) -> bool {
        FuncType::eq(&self.ty, &other.ty)
    }
}

impl HeapType {
    /// Returns whether it is the type of the exceptions of some tags.
    pub fn is_concrete_exn(&self) -> bool {
        self.as_concrete_exn().is_some()
    }

    /// Returns the type of exceptions, if it is one.
    pub fn as_concrete_exn(&self) -> Option<&ExnType> {
        match self {
            HeapType::ConcreteExn(ty) => Some(ty),
            _ => None, // One of four forms is asked for.
        }
    }

    /// Returns whether this matches `other`, if one of them is such a type.
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
