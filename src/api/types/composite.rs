//! Function, struct and array types as the embedder sees them.

use crate::api::engine::Engine;
use crate::api::error::{Fault, Result};
use crate::api::types::{Finality, Mutability, RefType, Space, ValType};
use crate::syntax::{self, CompositeType, SubType, TypeId, TypeSpace};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// The type of a struct's field or an array's element: a value type, or a packed integer.
///
/// ```
/// use limpid::{StorageType, ValType};
/// assert!(StorageType::I8.unpack().is_i32());
/// assert!(StorageType::ValType(ValType::I64).as_val_type().is_some_and(ValType::is_i64));
/// ```
#[derive(Clone)]
#[allow(missing_docs)]
pub enum StorageType {
    I8,
    I16,
    ValType(ValType),
}

impl StorageType {
    /// Returns whether it is `i8`.
    pub fn is_i8(&self) -> bool {
        matches!(self, StorageType::I8)
    }

    /// Returns whether it is `i16`.
    pub fn is_i16(&self) -> bool {
        matches!(self, StorageType::I16)
    }

    /// Returns whether it is a value type, rather than packed.
    pub fn is_val_type(&self) -> bool {
        matches!(self, StorageType::ValType(_))
    }

    /// Returns the value type, if it is not packed.
    pub fn as_val_type(&self) -> Option<&ValType> {
        match self {
            StorageType::ValType(ty) => Some(ty),
            StorageType::I8 | StorageType::I16 => None,
        }
    }

    /// Returns the value type.
    ///
    /// # Panics
    /// Panics when the type is packed.
    pub fn unwrap_val_type(&self) -> &ValType {
        self.as_val_type().expect("a value type")
    }

    /// Returns the type of the value that reading gives: `i32` for packed types.
    pub fn unpack(&self) -> &ValType {
        match self {
            StorageType::I8 | StorageType::I16 => &ValType::I32,
            StorageType::ValType(ty) => ty,
        }
    }

    fn from_syntax(space: &Space, ty: syntax::StorageType) -> StorageType {
        match ty {
            syntax::StorageType::I8 => StorageType::I8,
            syntax::StorageType::I16 => StorageType::I16,
            syntax::StorageType::Val(ty) => StorageType::ValType(ValType::from_syntax(space, ty)),
        }
    }

    fn to_syntax(&self, types: &mut TypeSpace) -> syntax::StorageType {
        match self {
            StorageType::I8 => syntax::StorageType::I8,
            StorageType::I16 => syntax::StorageType::I16,
            StorageType::ValType(ty) => syntax::StorageType::Val(ty.to_syntax(types)),
        }
    }

    /// Returns whether this type can be used where `other` is expected.
    pub fn matches(&self, other: &StorageType) -> bool {
        match (self, other) {
            (StorageType::I8, StorageType::I8) | (StorageType::I16, StorageType::I16) => true,
            (StorageType::ValType(a), StorageType::ValType(b)) => a.matches(b),
            _ => false,
        }
    }

    /// Returns whether both are the same type.
    pub fn eq(a: &StorageType, b: &StorageType) -> bool {
        a.matches(b) && b.matches(a)
    }
}

impl From<ValType> for StorageType {
    fn from(ty: ValType) -> StorageType {
        StorageType::ValType(ty)
    }
}

impl From<RefType> for StorageType {
    fn from(ty: RefType) -> StorageType {
        StorageType::ValType(ty.into())
    }
}

impl fmt::Display for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StorageType::I8 => f.write_str("i8"),
            StorageType::I16 => f.write_str("i16"),
            StorageType::ValType(ty) => ty.fmt(f),
        }
    }
}

impl fmt::Debug for StorageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The type and mutability of a struct's field or an array's element.
#[derive(Clone, Debug)]
pub struct FieldType {
    mutability: Mutability,
    storage: StorageType,
}

impl FieldType {
    /// Makes a field type.
    pub fn new(mutability: Mutability, element_type: StorageType) -> FieldType {
        FieldType {
            mutability,
            storage: element_type,
        }
    }

    /// Returns whether the field can be written.
    pub fn mutability(&self) -> Mutability {
        self.mutability
    }

    /// Returns the type of what the field holds.
    pub fn element_type(&self) -> &StorageType {
        &self.storage
    }

    /// Returns whether this type can be used where `other` is expected.
    pub fn matches(&self, other: &FieldType) -> bool {
        self.mutability == other.mutability
            && self.storage.matches(&other.storage)
            && (self.mutability.is_const() || other.storage.matches(&self.storage))
    }

    /// Returns whether both are the same type.
    pub fn eq(a: &FieldType, b: &FieldType) -> bool {
        a.matches(b) && b.matches(a)
    }

    fn from_syntax(space: &Space, ty: syntax::FieldType) -> FieldType {
        FieldType {
            mutability: Mutability::of(ty.mutable),
            storage: StorageType::from_syntax(space, ty.storage),
        }
    }

    fn to_syntax(&self, types: &mut TypeSpace) -> syntax::FieldType {
        syntax::FieldType {
            storage: self.storage.to_syntax(types),
            mutable: self.mutability.is_var(),
        }
    }
}

macro_rules! defined {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name {
            pub(crate) space: Space,
            pub(crate) id: TypeId,
        }

        impl $name {
            /// Returns the engine that the type was made for.
            pub fn engine(&self) -> &Engine {
                &self.space.engine
            }

            /// Returns whether the type may have subtypes.
            pub fn finality(&self) -> Finality {
                if self.space.types.get(self.id).is_final {
                    Finality::Final
                } else {
                    Finality::NonFinal
                }
            }

            /// Returns the declared supertype, if there is one.
            pub fn supertype(&self) -> Option<$name> {
                let id = *self.space.types.get(self.id).supertypes.first()?;
                Some($name { space: self.space.clone(), id })
            }

            /// Returns whether this type is `other` or declared as a subtype of it, directly or
            /// not.
            pub fn matches(&self, other: &$name) -> bool {
                if self.space.same(&other.space) {
                    return self.space.types.is_subtype(self.id, other.id);
                }
                let mut types = (*self.space.types).clone();
                let sup = types.absorb(&other.space.types)[other.id.index()];
                types.is_subtype(self.id, sup)
            }

            /// Returns whether both are the same type.
            pub fn eq(a: &$name, b: &$name) -> bool {
                a.matches(b) && b.matches(a)
            }

            /// The type entered into a space.
            pub(crate) fn intern(&self, types: &mut TypeSpace) -> TypeId {
                types.absorb(&self.space.types)[self.id.index()]
            }

            /// A type of its own; `below` gives the supertype and its finality.
            fn define(
                engine: &Engine,
                mut types: TypeSpace,
                finality: Finality,
                supertype: Option<TypeId>,
                composite: CompositeType,
            ) -> Result<$name> {
                if let Some(sup) = supertype {
                    let sup = types.get(sup);
                    if sup.is_final || !types.composite_matches(&composite, &sup.composite) {
                        return Err(Fault::TypeMismatch.because(match sup.is_final {
                            true => "the super type is final",
                            false => "the sub type does not match its super type",
                        }));
                    }
                }
                let sub = SubType {
                    is_final: finality.is_final(),
                    supertypes: supertype.into_iter().collect(),
                    composite,
                };
                let first = types.len() as u32;
                let id = types.intern(&[sub], first, |idx| idx);
                let space = Space { engine: engine.clone(), types: Arc::new(types) };
                Ok($name { space, id })
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

defined! {
    /// The type of a function: its parameters and results.
    ///
    /// ```
    /// use limpid::{Engine, FuncType, ValType};
    /// let ty = FuncType::new(&Engine::default(), [ValType::I32, ValType::I64], [ValType::F32]);
    /// assert_eq!(ty.to_string(), "(func (param i32 i64) (result f32))");
    /// assert_eq!(ty.params().len(), 2);
    /// ```
    FuncType
    /// The type of a struct: its fields.
    ///
    /// ```
    /// use limpid::{Engine, FieldType, Mutability, StorageType, StructType, ValType};
    /// let engine = Engine::default();
    /// let x = FieldType::new(Mutability::Const, StorageType::ValType(ValType::F64));
    /// let point = StructType::new(&engine, [x.clone(), x])?;
    /// assert_eq!(point.fields().len(), 2);
    /// assert_eq!(point.to_string(), "(struct (field f64) (field f64))");
    /// # Ok::<(), limpid::Error>(())
    /// ```
    StructType
    /// The type of an array: its element.
    ///
    /// ```
    /// use limpid::{ArrayType, Engine, FieldType, Mutability, StorageType};
    /// let field = FieldType::new(Mutability::Const, StorageType::I8);
    /// let ty = ArrayType::new(&Engine::default(), field);
    /// assert!(ty.element_type().is_i8() && ty.mutability().is_const());
    /// assert_eq!(ty.to_string(), "(array i8)");
    /// ```
    ArrayType
}

impl FuncType {
    /// Makes a function type without supertype, which is final.
    pub fn new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> FuncType {
        match Self::with_finality_and_supertype(engine, Finality::Final, None, params, results) {
            Ok(ty) => ty,
            Err(_) => unreachable!("a type without a supertype is always fine"),
        }
    }

    /// Makes a function type, as [`FuncType::new`] does.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn try_new(
        engine: &Engine,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Result<FuncType> {
        Ok(FuncType::new(engine, params, results))
    }

    /// Makes a function type that may have subtypes or a supertype.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when the supertype is final or does not match.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&FuncType>,
        params: impl IntoIterator<Item = ValType>,
        results: impl IntoIterator<Item = ValType>,
    ) -> Result<FuncType> {
        let mut types = TypeSpace::default();
        let supertype = supertype.map(|sup| sup.intern(&mut types));
        let params = params
            .into_iter()
            .map(|ty| ty.to_syntax(&mut types))
            .collect();
        let results = results
            .into_iter()
            .map(|ty| ty.to_syntax(&mut types))
            .collect();
        let func = CompositeType::Func(syntax::FuncType { params, results });
        FuncType::define(engine, types, finality, supertype, func)
    }

    /// The type with that id, taken out of the space where it refers to nothing else there.
    pub(crate) fn of(
        space: impl FnOnce() -> Space,
        engine: &Engine,
        types: &TypeSpace,
        id: TypeId,
    ) -> FuncType {
        let sub = types.get(id);
        let mut own = TypeSpace::default();
        let alone = types.find(core::slice::from_ref(sub)) == Some(id);
        if !alone || types.func(id).is_none_or(|func| refers_to_types(sub, func)) {
            return FuncType { space: space(), id };
        }
        let id = own.intern(core::slice::from_ref(sub), 0, |idx| idx);
        let types = Arc::new(own);
        FuncType {
            space: Space {
                engine: engine.clone(),
                types,
            },
            id,
        }
    }

    pub(crate) fn syntax(&self) -> &syntax::FuncType {
        match self.space.types.func(self.id) {
            Some(func) => func,
            None => unreachable!("a function type names a function type"),
        }
    }

    /// Returns the type of parameter `i`, if there is one.
    pub fn param(&self, i: usize) -> Option<ValType> {
        let ty = self.syntax().params.get(i)?;
        Some(ValType::from_syntax(&self.space, *ty))
    }

    /// Returns the types of the parameters.
    pub fn params(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        let params = self.syntax().params.iter();
        params.map(|&ty| ValType::from_syntax(&self.space, ty))
    }

    /// Returns the type of result `i`, if there is one.
    pub fn result(&self, i: usize) -> Option<ValType> {
        let ty = self.syntax().results.get(i)?;
        Some(ValType::from_syntax(&self.space, *ty))
    }

    /// Returns the types of the results.
    pub fn results(&self) -> impl ExactSizeIterator<Item = ValType> + '_ {
        let results = self.syntax().results.iter();
        results.map(|&ty| ValType::from_syntax(&self.space, ty))
    }
}

impl fmt::Display for FuncType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.syntax().fmt(f)
    }
}

impl StructType {
    /// Makes a struct type without supertype, which is final.
    ///
    /// # Errors
    /// Never fails today; the result is kept for compatibility with wasmtime.
    pub fn new(engine: &Engine, fields: impl IntoIterator<Item = FieldType>) -> Result<StructType> {
        Self::with_finality_and_supertype(engine, Finality::Final, None, fields)
    }

    /// Makes a struct type that may have subtypes or a supertype.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when the supertype is final or does not match.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&StructType>,
        fields: impl IntoIterator<Item = FieldType>,
    ) -> Result<StructType> {
        let mut types = TypeSpace::default();
        let supertype = supertype.map(|sup| sup.intern(&mut types));
        let fields: Vec<_> = fields
            .into_iter()
            .map(|f| f.to_syntax(&mut types))
            .collect();
        let composite = CompositeType::Struct(fields.into());
        StructType::define(engine, types, finality, supertype, composite)
    }

    pub(crate) fn syntax(&self) -> &[syntax::FieldType] {
        match self.space.types.fields(self.id) {
            Some(fields) => fields,
            None => unreachable!("a struct type names a struct type"),
        }
    }

    /// Returns the type of field `i`, if there is one.
    pub fn field(&self, i: usize) -> Option<FieldType> {
        let field = self.syntax().get(i)?;
        Some(FieldType::from_syntax(&self.space, *field))
    }

    /// Returns the types of the fields.
    pub fn fields(&self) -> impl ExactSizeIterator<Item = FieldType> + '_ {
        let fields = self.syntax().iter();
        fields.map(|&field| FieldType::from_syntax(&self.space, field))
    }
}

impl fmt::Display for StructType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(struct")?;
        for field in self.fields() {
            write!(f, " (field {})", Shown(&field))?;
        }
        f.write_str(")")
    }
}

impl ArrayType {
    /// Makes an array type without supertype, which is final.
    pub fn new(engine: &Engine, field_type: FieldType) -> ArrayType {
        match Self::with_finality_and_supertype(engine, Finality::Final, None, field_type) {
            Ok(ty) => ty,
            Err(_) => unreachable!("a type without a supertype is always fine"),
        }
    }

    /// Makes an array type that may have subtypes or a supertype.
    ///
    /// # Errors
    /// Returns [`Fault::TypeMismatch`] when the supertype is final or does not match.
    pub fn with_finality_and_supertype(
        engine: &Engine,
        finality: Finality,
        supertype: Option<&ArrayType>,
        field_type: FieldType,
    ) -> Result<ArrayType> {
        let mut types = TypeSpace::default();
        let supertype = supertype.map(|sup| sup.intern(&mut types));
        let composite = CompositeType::Array(field_type.to_syntax(&mut types));
        ArrayType::define(engine, types, finality, supertype, composite)
    }

    pub(crate) fn syntax(&self) -> syntax::FieldType {
        match self.space.types.element(self.id) {
            Some(element) => element,
            None => unreachable!("an array type names an array type"),
        }
    }

    /// Returns the type and mutability of the elements.
    pub fn field_type(&self) -> FieldType {
        FieldType::from_syntax(&self.space, self.syntax())
    }

    /// Returns whether elements can be written.
    pub fn mutability(&self) -> Mutability {
        self.field_type().mutability
    }

    /// Returns the type of the elements.
    pub fn element_type(&self) -> StorageType {
        self.field_type().storage
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "(array {})", Shown(&self.field_type()))
    }
}

/// A field as the text format writes it.
struct Shown<'a>(&'a FieldType);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.mutability {
            Mutability::Const => self.0.storage.fmt(f),
            Mutability::Var => write!(f, "(mut {})", self.0.storage),
        }
    }
}

/// Returns whether a function type names types of its space.
fn refers_to_types(sub: &syntax::SubType, func: &syntax::FuncType) -> bool {
    let names_type = |ty: &syntax::ValType| match ty {
        syntax::ValType::Ref(ty) => ty.heap.type_idx().is_some(),
        syntax::ValType::I32 | syntax::ValType::I64 | syntax::ValType::V128 => false,
        syntax::ValType::F32 | syntax::ValType::F64 => false,
    };
    !sub.supertypes.is_empty() || func.params.iter().chain(&func.results).any(names_type)
}
