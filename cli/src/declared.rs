//! Where the declarations of a module are in its text: what is invalid outside of instructions has
//! a line, too. An export or an import that is written inside another field has the place of the
//! field.

use limpid::internals::syntax::Module;
use wast::core::{FuncKind, GlobalKind, MemoryKind, ModuleField, TableKind, TagKind};
use wast::token::Span;

/// Where the keyword of each field is, in the order of the binary.
#[derive(Default)]
pub struct Declared {
    types: Vec<usize>,
    imports: Vec<usize>,
    funcs: Vec<usize>,
    tables: Vec<usize>,
    memories: Vec<usize>,
    tags: Vec<usize>,
    globals: Vec<usize>,
    exports: Vec<usize>,
    start: Option<usize>,
    elems: Vec<usize>,
    datas: Vec<usize>,
}

impl Declared {
    /// Adds a field of a text.
    pub fn add(&mut self, field: &ModuleField<'_>) {
        match field {
            ModuleField::Type(ty) => self.types.push(ty.span.offset()),
            ModuleField::Rec(rec) => self.types.push(rec.span.offset()),
            ModuleField::Import(imports) => {
                let count = imports.num_items();
                let at = imports.span.offset();
                self.imports.extend(std::iter::repeat_n(at, count));
            }
            ModuleField::Func(func) => {
                let import = matches!(func.kind, FuncKind::Import(..));
                self.item(func.span, func.exports.names.len(), import, |all| {
                    &mut all.funcs
                });
            }
            ModuleField::Table(table) => {
                let import = matches!(table.kind, TableKind::Import { .. });
                let exports = table.exports.names.len();
                self.item(table.span, exports, import, |all| &mut all.tables);
                if let TableKind::Inline { .. } = table.kind {
                    self.elems.push(table.span.offset());
                }
            }
            ModuleField::Memory(memory) => {
                let import = matches!(memory.kind, MemoryKind::Import { .. });
                let exports = memory.exports.names.len();
                self.item(memory.span, exports, import, |all| &mut all.memories);
                if let MemoryKind::Inline { .. } = memory.kind {
                    self.datas.push(memory.span.offset());
                }
            }
            ModuleField::Global(global) => {
                let import = matches!(global.kind, GlobalKind::Import(_));
                let exports = global.exports.names.len();
                self.item(global.span, exports, import, |all| &mut all.globals);
            }
            ModuleField::Tag(tag) => {
                let import = matches!(tag.kind, TagKind::Import(_));
                self.item(tag.span, tag.exports.names.len(), import, |all| {
                    &mut all.tags
                });
            }
            ModuleField::Export(export) => self.exports.push(export.span.offset()),
            ModuleField::Start(func) => self.start = Some(func.span().offset()),
            ModuleField::Elem(elem) => self.elems.push(elem.span.offset()),
            ModuleField::Data(data) => self.datas.push(data.span.offset()),
            ModuleField::Custom(_) => {}
        }
    }

    /// Adds what can be imported and exported where it is declared.
    fn item(
        &mut self,
        span: Span,
        exports: usize,
        import: bool,
        defined: fn(&mut Declared) -> &mut Vec<usize>,
    ) {
        let at = span.offset();
        self.exports.extend(std::iter::repeat_n(at, exports));
        match import {
            true => self.imports.push(at),
            false => defined(self).push(at),
        }
    }

    /// Where the declaration at an offset of the binary is in the text.
    pub fn find(&self, module: &Module, offset: u32) -> Option<usize> {
        let groups = module.types.iter().map(|group| group.offset);
        let imports = module.imports.iter().map(|import| import.offset);
        let funcs = module.funcs.iter().map(|(_, offset)| *offset);
        let bodies = module.code.iter().map(|body| body.offset);
        let tables = module.tables.iter().map(|table| table.offset);
        let memories = module.memories.iter().map(|(_, offset)| *offset);
        let tags = module.tags.iter().map(|(_, offset)| *offset);
        let globals = module.globals.iter().map(|global| global.offset);
        let exports = module.exports.iter().map(|export| export.offset);
        let elems = module.elems.iter().map(|elem| elem.offset);
        let datas = module.datas.iter().map(|data| data.offset);
        let start = module.start.filter(|start| start.offset == offset);
        nth(groups, offset, &self.types)
            .or_else(|| nth(imports, offset, &self.imports))
            .or_else(|| nth(funcs, offset, &self.funcs))
            .or_else(|| nth(tables, offset, &self.tables))
            .or_else(|| nth(memories, offset, &self.memories))
            .or_else(|| nth(tags, offset, &self.tags))
            .or_else(|| nth(globals, offset, &self.globals))
            .or_else(|| nth(exports, offset, &self.exports))
            .or_else(|| start.and(self.start))
            .or_else(|| nth(elems, offset, &self.elems))
            .or_else(|| nth(bodies, offset, &self.funcs))
            .or_else(|| nth(datas, offset, &self.datas))
    }
}

/// The place of the item whose offset it is.
fn nth(mut offsets: impl Iterator<Item = u32>, offset: u32, places: &[usize]) -> Option<usize> {
    let number = offsets.position(|known| known == offset)?;
    places.get(number).copied()
}
