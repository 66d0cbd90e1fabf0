//! What is known of an exception that no handler caught, read from the store.

use crate::api::error::UncaughtException;
use crate::api::module::Module;
use crate::api::store::core::Core;
use crate::runtime::{Reference, TagAddr};
use crate::syntax::{ExternIdx, F32Text, F64Text, ImportDesc, TagIdx, ValType};
use alloc::format;
use alloc::string::{String, ToString};

impl Core {
    /// Describes the pending exception.
    #[cold]
    pub(crate) fn uncaught(&self) -> Option<UncaughtException> {
        let handle = self.state.roots.exception?.as_object()?;
        let tag = self.state.heap.exception_tag(handle)?;
        let func = self.state.types.func(self.state.tags[tag.index()].ty)?;
        let cells = self.state.heap.exception_payload(handle)?;
        let values = func.params.iter().zip(cells);
        Some(UncaughtException {
            tag: self.tag_name(tag),
            values: values.map(|(ty, cells)| constant(*ty, cells)).collect(),
        })
    }

    fn tag_name(&self, tag: TagAddr) -> Option<String> {
        let (instance, tag) = self.state.tags[tag.index()].origin?;
        name_in(self.modules.get(instance.index())?, tag)
    }
}

/// The name of a tag in a module.
fn name_in(module: &Module, tag: TagIdx) -> Option<String> {
    let syntax = module.syntax();
    if let Some(name) = syntax.names.tags.get(tag.0) {
        return Some(name.to_string());
    }
    let item = ExternIdx::Tag(tag);
    if let Some(export) = syntax.exports.iter().find(|export| export.item == item) {
        return Some(export.name.to_string());
    }
    let is_tag = |import: &&crate::syntax::Import| matches!(import.desc, ImportDesc::Tag(_));
    let import = syntax.imports.iter().filter(is_tag).nth(tag.index())?;
    Some(format!("{}::{}", import.module, import.name))
}

/// A value as a constant of the text format.
fn constant(ty: ValType, cells: [u64; 2]) -> String {
    match ty {
        ValType::I32 => format!("(i32.const {})", cells[0] as i32),
        ValType::I64 => format!("(i64.const {})", cells[0] as i64),
        ValType::F32 => format!("(f32.const {})", F32Text(cells[0] as u32)),
        ValType::F64 => format!("(f64.const {})", F64Text(cells[0])),
        ValType::V128 => {
            let [low, high] = cells;
            format!("(v128.const i64x2 {low:#018x} {high:#018x})")
        }
        ValType::Ref(ty) => match Reference::from_cell(cells[0]).is_null() {
            true => format!("(ref.null {})", ty.heap),
            false => format!("(ref {})", ty.heap),
        },
    }
}
