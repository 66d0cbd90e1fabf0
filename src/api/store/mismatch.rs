//! What is said where types do not fit: the types on both sides, and whose they are.

use crate::api::error::{Coded, Error, Fault};
use crate::api::store::core::Core;
use crate::api::types::externs::{ExternType, space_of};
use crate::api::types::{RefType, ValType};
use crate::exec::instantiate::{Unlinkable, UnlinkableKind};
use crate::runtime::{FuncAddr, FuncKind, Reference};
use crate::syntax::{self, Count, ExternIdx, HeapType};
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

/// The error of an import whose definition has another type than the module asks for.
#[derive(Clone, Debug)]
pub struct IncompatibleImportError {
    index: usize,
    module: String,
    name: String,
    expected: ExternType,
    found: ExternType,
}

impl IncompatibleImportError {
    /// Returns the position among the module's imports, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the module name.
    pub fn module(&self) -> &str {
        &self.module
    }

    /// Returns the item's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the type that the module asks for.
    pub fn expected(&self) -> ExternType {
        self.expected.clone()
    }

    /// Returns the type of the definition. The minimum of a memory or table is its current size.
    pub fn found(&self) -> ExternType {
        self.found.clone()
    }
}

impl fmt::Display for IncompatibleImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, module, name) = (self.index, &self.module, &self.name);
        let (expected, found) = (self.expected.to_string(), self.found.to_string());
        write!(
            f,
            "incompatible import type: import {index}, `{module}::{name}`: \
             expected {expected}, found {found}"
        )?;
        if expected == found {
            f.write_str(
                ", which is another type of the same form \
                 (supertypes, finality or recursion groups differ)",
            )?;
        }
        Ok(())
    }
}

impl core::error::Error for IncompatibleImportError {}

impl Coded for IncompatibleImportError {
    fn error_code(&self) -> &'static str {
        "unlinkable"
    }
}

/// The types of the parameters or results that do not fit a typed function.
pub(crate) fn one_of_many(
    what: &str,
    place: usize,
    expected: impl fmt::Display,
    found: impl fmt::Display,
) -> Error {
    let place = place + 1;
    Fault::TypeMismatch.because(format!(
        "type mismatch: {what} {place}: expected {expected}, found {found}"
    ))
}

/// Makes the error of a wrong number of values; `what` is the word for one of them.
pub(crate) fn count(what: &str, expected: usize, found: usize) -> Error {
    let expected = Count(expected, what);
    Fault::Arity.because(format!("expected {expected}, found {found}"))
}

/// The same error, of one of many values: its text says which.
pub(crate) fn at(error: Error, what: &str, place: usize) -> Error {
    let place = place + 1;
    match error.downcast_ref::<Fault>() {
        Some(fault) => fault.because(format!("{what} {place}: {error:#}")),
        None => error.context(format!("{what} {place}")),
    }
}

/// The same error, of a call of a function.
pub(crate) fn of(error: Error, func: &str) -> Error {
    match error.downcast_ref::<Fault>() {
        Some(fault) => fault.because(format!("call of {func}: {error:#}")),
        None => error,
    }
}

impl Core {
    /// The error of an import that cannot be used.
    pub(crate) fn unlinkable(&self, unlinkable: Unlinkable) -> Error {
        let (expected, found) = match &unlinkable.kind {
            UnlinkableKind::UnknownImport => return Error::new(unlinkable),
            UnlinkableKind::IncompatibleImportType { expected, found } => (expected, found),
        };
        let space = space_of(&self.engine, &self.state.types);
        Error::coded(IncompatibleImportError {
            index: unlinkable.index,
            module: unlinkable.module.to_string(),
            name: unlinkable.name.to_string(),
            expected: ExternType::from_syntax(&space, expected),
            found: ExternType::from_syntax(&space, found),
        })
    }

    /// The error of a value of another type than the one expected.
    pub(crate) fn mismatch(&self, expected: syntax::ValType, found: impl fmt::Display) -> Error {
        let expected = self.shown(expected);
        Fault::TypeMismatch.because(format!("type mismatch: expected {expected}, found {found}"))
    }

    /// A type of the store as text.
    pub(crate) fn shown(&self, ty: syntax::ValType) -> ValType {
        ValType::from_syntax(&space_of(&self.engine, &self.state.types), ty)
    }

    /// The type of a reference of a hierarchy as text.
    pub(crate) fn shown_reference(&self, reference: Reference, top: HeapType) -> String {
        if reference.is_null() {
            return format!("a null {top} reference");
        }
        let ty = syntax::RefType {
            nullable: false,
            heap: self.heap_type(reference, top),
        };
        let space = space_of(&self.engine, &self.state.types);
        RefType::from_syntax(&space, ty).to_string()
    }

    /// A function of Wasm by its name in its module, with backquotes: that of the name section, or
    /// of an export.
    pub(crate) fn shown_func(&self, func: FuncAddr) -> Option<String> {
        let FuncKind::Wasm { inst, func } = self.state.func(func).kind else {
            return None;
        };
        let module = self.modules.get(inst.index())?.syntax();
        let exports = module.exports.iter();
        let mut exported = exports.filter(|export| export.item == ExternIdx::Func(func));
        let exported = exported.next().map(|export| &*export.name);
        let name = exported.or_else(|| module.names.funcs.get(func.0))?;
        Some(format!("`{name}`"))
    }
}
