//! Types as the embedder sees them. A concrete type carries the canonical types of the module or
//! store it is from, so that it can be compared with one from anywhere.

pub(crate) mod composite;
pub(crate) mod display;
pub(crate) mod exn;
pub(crate) mod externs;

use crate::api::engine::Engine;
use crate::api::types::composite::{ArrayType, FuncType, StructType};
use crate::api::types::exn::ExnType;
use crate::syntax;
use alloc::sync::Arc;
use core::fmt;

/// Canonical types that a concrete type points into.
#[derive(Clone)]
pub(crate) struct Space {
    pub engine: Engine,
    pub types: Arc<syntax::TypeSpace>,
}

impl Space {
    pub fn same(&self, other: &Space) -> bool {
        Arc::ptr_eq(&self.types, &other.types)
    }
}

/// Whether a global or field can be written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Mutability {
    /// It cannot be written.
    Const,
    /// It can be written.
    Var,
}

impl Mutability {
    pub(crate) fn of(mutable: bool) -> Mutability {
        if mutable {
            Mutability::Var
        } else {
            Mutability::Const
        }
    }

    /// Returns whether it cannot be written.
    pub fn is_const(&self) -> bool {
        *self == Mutability::Const
    }

    /// Returns whether it can be written.
    pub fn is_var(&self) -> bool {
        *self == Mutability::Var
    }
}

/// Whether a type may have subtypes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Finality {
    /// The type cannot have subtypes.
    Final,
    /// The type can have subtypes.
    NonFinal,
}

impl Finality {
    /// Returns whether the type cannot have subtypes.
    pub fn is_final(&self) -> bool {
        *self == Finality::Final
    }

    /// Returns whether the type can have subtypes.
    pub fn is_non_final(&self) -> bool {
        *self == Finality::NonFinal
    }
}

/// The type of a value.
///
/// ```
/// use limpid::ValType;
/// assert!(ValType::I32.is_num());
/// assert_eq!(ValType::FUNCREF.to_string(), "(ref null func)");
/// ```
#[derive(Clone)]
#[allow(missing_docs)]
pub enum ValType {
    I32,
    I64,
    F32,
    F64,
    V128,
    Ref(RefType),
}

impl ValType {
    /// `externref`.
    pub const EXTERNREF: ValType = ValType::Ref(RefType::EXTERNREF);
    /// `nullexternref`.
    pub const NULLEXTERNREF: ValType = ValType::Ref(RefType::NULLEXTERNREF);
    /// `funcref`.
    pub const FUNCREF: ValType = ValType::Ref(RefType::FUNCREF);
    /// `nullfuncref`.
    pub const NULLFUNCREF: ValType = ValType::Ref(RefType::NULLFUNCREF);
    /// `anyref`.
    pub const ANYREF: ValType = ValType::Ref(RefType::ANYREF);
    /// `eqref`.
    pub const EQREF: ValType = ValType::Ref(RefType::EQREF);
    /// `i31ref`.
    pub const I31REF: ValType = ValType::Ref(RefType::I31REF);
    /// `structref`.
    pub const STRUCTREF: ValType = ValType::Ref(RefType::STRUCTREF);
    /// `arrayref`.
    pub const ARRAYREF: ValType = ValType::Ref(RefType::ARRAYREF);
    /// `nullref`.
    pub const NULLREF: ValType = ValType::Ref(RefType::NULLREF);
    /// `exnref`.
    pub const EXNREF: ValType = ValType::Ref(RefType::EXNREF);
    /// `nullexnref`.
    pub const NULLEXNREF: ValType = ValType::Ref(RefType::NULLEXNREF);

    /// Returns whether it is a number type.
    pub fn is_num(&self) -> bool {
        matches!(
            self,
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64
        )
    }

    /// Returns whether it is `i32`.
    pub fn is_i32(&self) -> bool {
        matches!(self, ValType::I32)
    }

    /// Returns whether it is `i64`.
    pub fn is_i64(&self) -> bool {
        matches!(self, ValType::I64)
    }

    /// Returns whether it is `f32`.
    pub fn is_f32(&self) -> bool {
        matches!(self, ValType::F32)
    }

    /// Returns whether it is `f64`.
    pub fn is_f64(&self) -> bool {
        matches!(self, ValType::F64)
    }

    /// Returns whether it is `v128`.
    pub fn is_v128(&self) -> bool {
        matches!(self, ValType::V128)
    }

    /// Returns whether it is a reference type.
    pub fn is_ref(&self) -> bool {
        matches!(self, ValType::Ref(_))
    }

    /// Returns whether it is `funcref`.
    pub fn is_funcref(&self) -> bool {
        matches!(self, ValType::Ref(r) if r.nullable && r.heap.is_func())
    }

    /// Returns whether it is `externref`.
    pub fn is_externref(&self) -> bool {
        matches!(self, ValType::Ref(r) if r.nullable && r.heap.is_extern())
    }

    /// Returns whether it is `anyref`.
    pub fn is_anyref(&self) -> bool {
        matches!(self, ValType::Ref(r) if r.nullable && r.heap.is_any())
    }

    /// Returns the reference type, if it is one.
    pub fn as_ref(&self) -> Option<&RefType> {
        match self {
            ValType::Ref(r) => Some(r),
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => None,
        }
    }

    /// Returns the reference type.
    ///
    /// # Panics
    /// Panics when it is not a reference type.
    pub fn unwrap_ref(&self) -> &RefType {
        self.as_ref().expect("a reference type")
    }

    /// Returns whether a value of this type can be used where `other` is expected.
    pub fn matches(&self, other: &ValType) -> bool {
        match (self, other) {
            (ValType::Ref(a), ValType::Ref(b)) => a.matches(b),
            (ValType::I32, ValType::I32)
            | (ValType::I64, ValType::I64)
            | (ValType::F32, ValType::F32)
            | (ValType::F64, ValType::F64)
            | (ValType::V128, ValType::V128) => true,
            _ => false,
        }
    }

    /// Returns whether both are the same type.
    pub fn eq(a: &ValType, b: &ValType) -> bool {
        a.matches(b) && b.matches(a)
    }

    pub(crate) fn from_syntax(space: &Space, ty: syntax::ValType) -> ValType {
        match ty {
            syntax::ValType::I32 => ValType::I32,
            syntax::ValType::I64 => ValType::I64,
            syntax::ValType::F32 => ValType::F32,
            syntax::ValType::F64 => ValType::F64,
            syntax::ValType::V128 => ValType::V128,
            syntax::ValType::Ref(r) => ValType::Ref(RefType::from_syntax(space, r)),
        }
    }

    /// The type with its concrete part, if any, entered into `types`.
    pub(crate) fn to_syntax(&self, types: &mut syntax::TypeSpace) -> syntax::ValType {
        match self {
            ValType::I32 => syntax::ValType::I32,
            ValType::I64 => syntax::ValType::I64,
            ValType::F32 => syntax::ValType::F32,
            ValType::F64 => syntax::ValType::F64,
            ValType::V128 => syntax::ValType::V128,
            ValType::Ref(r) => syntax::ValType::Ref(r.to_syntax(types)),
        }
    }
}

impl fmt::Display for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValType::I32 => f.write_str("i32"),
            ValType::I64 => f.write_str("i64"),
            ValType::F32 => f.write_str("f32"),
            ValType::F64 => f.write_str("f64"),
            ValType::V128 => f.write_str("v128"),
            ValType::Ref(r) => r.fmt(f),
        }
    }
}

impl fmt::Debug for ValType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<RefType> for ValType {
    fn from(ty: RefType) -> ValType {
        ValType::Ref(ty)
    }
}

/// The type of a reference: what it refers to, and whether null is one of its values.
///
/// ```
/// use limpid::{HeapType, RefType};
/// let ty = RefType::new(false, HeapType::Func);
/// assert!(ty.matches(&RefType::FUNCREF) && !RefType::FUNCREF.matches(&ty));
/// ```
#[derive(Clone)]
pub struct RefType {
    nullable: bool,
    heap: HeapType,
}

macro_rules! nullable {
    ($($(#[$doc:meta])* $name:ident $heap:ident)*) => {
        $($(#[$doc])* pub const $name: RefType =
            RefType { nullable: true, heap: HeapType::$heap };)*
    };
}

impl RefType {
    nullable! {
        /// `externref`.
        EXTERNREF Extern
        /// `nullexternref`.
        NULLEXTERNREF NoExtern
        /// `funcref`.
        FUNCREF Func
        /// `nullfuncref`.
        NULLFUNCREF NoFunc
        /// `anyref`.
        ANYREF Any
        /// `eqref`.
        EQREF Eq
        /// `i31ref`.
        I31REF I31
        /// `structref`.
        STRUCTREF Struct
        /// `arrayref`.
        ARRAYREF Array
        /// `nullref`.
        NULLREF None
        /// `exnref`.
        EXNREF Exn
        /// `nullexnref`.
        NULLEXNREF NoExn
    }

    /// Makes the type of references to `heap_type`, with or without null.
    pub fn new(is_nullable: bool, heap_type: HeapType) -> RefType {
        RefType {
            nullable: is_nullable,
            heap: heap_type,
        }
    }

    /// Returns whether null is a value of the type.
    pub fn is_nullable(&self) -> bool {
        self.nullable
    }

    /// Returns the type of what is referred to.
    pub fn heap_type(&self) -> &HeapType {
        &self.heap
    }

    /// Returns whether a value of this type can be used where `other` is expected.
    pub fn matches(&self, other: &RefType) -> bool {
        (other.nullable || !self.nullable) && self.heap.matches(&other.heap)
    }

    /// Returns whether both are the same type.
    pub fn eq(a: &RefType, b: &RefType) -> bool {
        a.matches(b) && b.matches(a)
    }

    pub(crate) fn from_syntax(space: &Space, ty: syntax::RefType) -> RefType {
        RefType::new(ty.nullable, HeapType::from_syntax(space, ty.heap))
    }

    pub(crate) fn to_syntax(&self, types: &mut syntax::TypeSpace) -> syntax::RefType {
        syntax::RefType {
            nullable: self.nullable,
            heap: self.heap.to_syntax(types),
        }
    }
}

impl fmt::Display for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let null = if self.nullable { "null " } else { "" };
        write!(f, "(ref {null}{})", self.heap)
    }
}

impl fmt::Debug for RefType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The type of what a reference refers to.
///
/// ```
/// use limpid::{HeapType, RefType};
/// assert!(HeapType::I31.matches(&HeapType::Eq) && HeapType::Eq.matches(&HeapType::Any));
/// assert!(matches!(HeapType::Struct.top(), HeapType::Any));
/// let ty = RefType::new(false, HeapType::I31);
/// assert_eq!(ty.to_string(), "(ref i31)");
/// ```
#[derive(Clone)]
#[allow(missing_docs)]
pub enum HeapType {
    Extern,
    NoExtern,
    Func,
    ConcreteFunc(FuncType),
    NoFunc,
    Any,
    Eq,
    I31,
    Array,
    ConcreteArray(ArrayType),
    Struct,
    ConcreteStruct(StructType),
    None,
    Exn,
    /// The exceptions of tags of one type. No module can say this: in a type of a function, global,
    /// table or field it counts as `exn`.
    ConcreteExn(ExnType),
    NoExn,
}

impl HeapType {
    /// Returns whether it is `extern`.
    pub fn is_extern(&self) -> bool {
        matches!(self, HeapType::Extern)
    }

    /// Returns whether it is `func`.
    pub fn is_func(&self) -> bool {
        matches!(self, HeapType::Func)
    }

    /// Returns whether it is `nofunc`.
    pub fn is_no_func(&self) -> bool {
        matches!(self, HeapType::NoFunc)
    }

    /// Returns whether it is `noextern`.
    pub fn is_no_extern(&self) -> bool {
        matches!(self, HeapType::NoExtern)
    }

    /// Returns whether it is `noexn`.
    pub fn is_no_exn(&self) -> bool {
        matches!(self, HeapType::NoExn)
    }

    /// Returns whether it is the top of its hierarchy, the supertype of all others in it.
    pub fn is_top(&self) -> bool {
        matches!(
            self,
            HeapType::Extern | HeapType::Func | HeapType::Any | HeapType::Exn
        )
    }

    /// Returns whether it is the bottom of its hierarchy, whose only value is null.
    pub fn is_bottom(&self) -> bool {
        matches!(
            self,
            HeapType::NoExtern | HeapType::NoFunc | HeapType::None | HeapType::NoExn
        )
    }

    /// Returns whether it is `any`.
    pub fn is_any(&self) -> bool {
        matches!(self, HeapType::Any)
    }

    /// Returns whether it is `i31`.
    pub fn is_i31(&self) -> bool {
        matches!(self, HeapType::I31)
    }

    /// Returns whether it is `none`.
    pub fn is_none(&self) -> bool {
        matches!(self, HeapType::None)
    }

    /// Returns whether it is `exn`.
    pub fn is_exn(&self) -> bool {
        matches!(self, HeapType::Exn)
    }

    /// Returns whether it is a defined type.
    pub fn is_concrete(&self) -> bool {
        self.defined().is_some() || self.is_concrete_exn()
    }

    /// Returns whether it is not a defined type.
    pub fn is_abstract(&self) -> bool {
        !self.is_concrete()
    }

    /// Returns whether it is a defined function type.
    pub fn is_concrete_func(&self) -> bool {
        self.as_concrete_func().is_some()
    }

    /// Returns whether it is a defined struct type.
    pub fn is_concrete_struct(&self) -> bool {
        self.as_concrete_struct().is_some()
    }

    /// Returns whether it is a defined array type.
    pub fn is_concrete_array(&self) -> bool {
        self.as_concrete_array().is_some()
    }

    /// Returns the defined function type.
    ///
    /// # Panics
    /// Panics when it is another type.
    pub fn unwrap_concrete_func(&self) -> &FuncType {
        self.as_concrete_func().expect("a defined function type")
    }

    /// Returns the defined struct type.
    ///
    /// # Panics
    /// Panics when it is another type.
    pub fn unwrap_concrete_struct(&self) -> &StructType {
        self.as_concrete_struct().expect("a defined struct type")
    }

    /// Returns the defined array type.
    ///
    /// # Panics
    /// Panics when it is another type.
    pub fn unwrap_concrete_array(&self) -> &ArrayType {
        self.as_concrete_array().expect("a defined array type")
    }

    /// Returns the defined function type, if it is one.
    pub fn as_concrete_func(&self) -> Option<&FuncType> {
        match self {
            HeapType::ConcreteFunc(ty) => Some(ty),
            _ => None, // One of four forms is asked for.
        }
    }

    /// Returns the defined struct type, if it is one.
    pub fn as_concrete_struct(&self) -> Option<&StructType> {
        match self {
            HeapType::ConcreteStruct(ty) => Some(ty),
            _ => None, // One of four forms is asked for.
        }
    }

    /// Returns the defined array type, if it is one.
    pub fn as_concrete_array(&self) -> Option<&ArrayType> {
        match self {
            HeapType::ConcreteArray(ty) => Some(ty),
            _ => None, // One of four forms is asked for.
        }
    }

    /// Returns the top of the type's hierarchy.
    pub fn top(&self) -> HeapType {
        match self {
            HeapType::Extern | HeapType::NoExtern => HeapType::Extern,
            HeapType::Func | HeapType::ConcreteFunc(_) | HeapType::NoFunc => HeapType::Func,
            HeapType::Exn | HeapType::ConcreteExn(_) | HeapType::NoExn => HeapType::Exn,
            HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Array
            | HeapType::ConcreteArray(_)
            | HeapType::Struct
            | HeapType::ConcreteStruct(_)
            | HeapType::None => HeapType::Any,
        }
    }

    /// Returns the bottom of the type's hierarchy.
    pub fn bottom(&self) -> HeapType {
        match self.top() {
            HeapType::Extern => HeapType::NoExtern,
            HeapType::Func => HeapType::NoFunc,
            HeapType::Exn => HeapType::NoExn,
            _ => HeapType::None, // `top` gives four values only.
        }
    }

    /// Returns whether a reference to this type can be used where one to `other` is expected.
    pub fn matches(&self, other: &HeapType) -> bool {
        if let Some(matches) = self.exn_matches(other) {
            return matches;
        }
        let mut types = match self.defined().or(other.defined()) {
            Some((space, _)) => (*space.types).clone(),
            None => syntax::TypeSpace::default(),
        };
        let (sub, sup) = (self.to_syntax(&mut types), other.to_syntax(&mut types));
        types.heap_matches(sub, sup)
    }

    /// Returns whether both are the same type.
    pub fn eq(a: &HeapType, b: &HeapType) -> bool {
        a.matches(b) && b.matches(a)
    }

    /// The canonical types behind it and its id there, if it is a defined type.
    fn defined(&self) -> Option<(&Space, syntax::TypeId)> {
        match self {
            HeapType::ConcreteFunc(ty) => Some((&ty.space, ty.id)),
            HeapType::ConcreteArray(ty) => Some((&ty.space, ty.id)),
            HeapType::ConcreteStruct(ty) => Some((&ty.space, ty.id)),
            HeapType::Extern
            | HeapType::NoExtern
            | HeapType::Func
            | HeapType::NoFunc
            | HeapType::Any
            | HeapType::Eq
            | HeapType::I31
            | HeapType::Array
            | HeapType::Struct
            | HeapType::None
            | HeapType::Exn
            | HeapType::ConcreteExn(_)
            | HeapType::NoExn => None,
        }
    }

    pub(crate) fn from_syntax(space: &Space, ty: syntax::HeapType) -> HeapType {
        match ty {
            syntax::HeapType::Any => HeapType::Any,
            syntax::HeapType::Eq => HeapType::Eq,
            syntax::HeapType::I31 => HeapType::I31,
            syntax::HeapType::Struct => HeapType::Struct,
            syntax::HeapType::Array => HeapType::Array,
            syntax::HeapType::None => HeapType::None,
            syntax::HeapType::Func => HeapType::Func,
            syntax::HeapType::NoFunc => HeapType::NoFunc,
            syntax::HeapType::Extern => HeapType::Extern,
            syntax::HeapType::NoExtern => HeapType::NoExtern,
            syntax::HeapType::Exn => HeapType::Exn,
            syntax::HeapType::NoExn => HeapType::NoExn,
            syntax::HeapType::Concrete(id) => HeapType::from_id(space, id),
        }
    }

    pub(crate) fn from_id(space: &Space, id: syntax::TypeId) -> HeapType {
        let space = space.clone();
        match space.types.get(id).composite {
            syntax::CompositeType::Func(_) => HeapType::ConcreteFunc(FuncType { space, id }),
            syntax::CompositeType::Struct(_) => HeapType::ConcreteStruct(StructType { space, id }),
            syntax::CompositeType::Array(_) => HeapType::ConcreteArray(ArrayType { space, id }),
        }
    }

    pub(crate) fn to_syntax(&self, types: &mut syntax::TypeSpace) -> syntax::HeapType {
        match self {
            HeapType::Extern => syntax::HeapType::Extern,
            HeapType::NoExtern => syntax::HeapType::NoExtern,
            HeapType::Func => syntax::HeapType::Func,
            HeapType::NoFunc => syntax::HeapType::NoFunc,
            HeapType::Any => syntax::HeapType::Any,
            HeapType::Eq => syntax::HeapType::Eq,
            HeapType::I31 => syntax::HeapType::I31,
            HeapType::Array => syntax::HeapType::Array,
            HeapType::Struct => syntax::HeapType::Struct,
            HeapType::None => syntax::HeapType::None,
            HeapType::Exn | HeapType::ConcreteExn(_) => syntax::HeapType::Exn,
            HeapType::NoExn => syntax::HeapType::NoExn,
            HeapType::ConcreteFunc(FuncType { space, id })
            | HeapType::ConcreteArray(ArrayType { space, id })
            | HeapType::ConcreteStruct(StructType { space, id }) => {
                syntax::HeapType::Concrete(types.absorb(&space.types)[id.index()])
            }
        }
    }
}

impl fmt::Display for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HeapType::Extern => "extern",
            HeapType::NoExtern => "noextern",
            HeapType::Func => "func",
            HeapType::NoFunc => "nofunc",
            HeapType::Any => "any",
            HeapType::Eq => "eq",
            HeapType::I31 => "i31",
            HeapType::Array => "array",
            HeapType::Struct => "struct",
            HeapType::None => "none",
            HeapType::Exn => "exn",
            HeapType::ConcreteExn(ExnType { ty }) => return write!(f, "exn {}", ty.id.0),
            HeapType::NoExn => "noexn",
            HeapType::ConcreteFunc(FuncType { id, .. })
            | HeapType::ConcreteArray(ArrayType { id, .. })
            | HeapType::ConcreteStruct(StructType { id, .. }) => {
                return write!(f, "{}", id.0);
            }
        })
    }
}

impl fmt::Debug for HeapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<FuncType> for HeapType {
    fn from(ty: FuncType) -> HeapType {
        HeapType::ConcreteFunc(ty)
    }
}

impl From<ArrayType> for HeapType {
    fn from(ty: ArrayType) -> HeapType {
        HeapType::ConcreteArray(ty)
    }
}

impl From<StructType> for HeapType {
    fn from(ty: StructType) -> HeapType {
        HeapType::ConcreteStruct(ty)
    }
}
