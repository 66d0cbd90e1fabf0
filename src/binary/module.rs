//! Modules (spec: binary/modules): the sections and their order.
//!
//! Sections are read without being clipped to their sizes, as the reference interpreter does, and
//! compared with the size afterwards: so what is wrong has the same name here and there.

use super::body::read_expr;
use super::error::{Limit, Malformed, MalformedKind, Read};
use super::instr::InstrReader;
use super::names;
use super::reader::Reader;
use crate::syntax::{
    ConstExpr, Custom, Export, ExternIdx, Features, FuncBody, FuncIdx, Global, GlobalIdx, Import,
    ImportDesc, MemIdx, Module, Start, Table, TableIdx, TagIdx, ValType,
};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Reads a module. Function bodies are delimited, not read: that is for [`InstrReader`] and whoever
/// validates, or for [`check_body`](super::check_body).
///
/// # Errors
/// [`Malformed`] when the bytes are no module, use a feature that is off, or exceed a
/// [limit](crate::syntax::limits).
///
/// ```
/// use limpid::internals::{binary, syntax::Features};
///
/// let module = binary::decode(*b"\0asm\x01\0\0\0", &Features::default()).unwrap();
/// assert!(module.funcs.is_empty());
/// let error = binary::decode(*b"\0asm\x02\0\0\0", &Features::default()).unwrap_err();
/// assert_eq!(error.to_string(), "unknown binary version (at 0x4)");
/// ```
pub fn decode(bytes: impl Into<Arc<[u8]>>, features: &Features) -> Result<Module, Malformed> {
    match decode_partly(bytes, features) {
        (module, None) => Ok(module),
        (_, Some(error)) => Err(error),
    }
}

/// Reads as much of a module as can be read: what stands before the error, and the error. This is
/// for showing what is in a module that cannot be used.
pub fn decode_partly(
    bytes: impl Into<Arc<[u8]>>,
    features: &Features,
) -> (Module, Option<Malformed>) {
    let bytes = bytes.into();
    if bytes.len() > Limit::ModuleSize.max() as usize {
        let error = MalformedKind::Limit(Limit::ModuleSize).at(0);
        return (Module::default(), Some(error));
    }
    let mut decoder = Decoder {
        reader: Reader::new(&bytes, 0, features),
        module: Module::default(),
        imported: Imported::default(),
        locals: Vec::new(),
    };
    let read = decoder.module();
    let error = read.err().map(|error| decoder.first_error(error));
    let module = decoder.module;
    (Module { bytes, ..module }, error)
}

pub(super) struct Decoder<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) module: Module,
    imported: Imported,
    /// Room for the locals of one function.
    locals: Vec<(u32, ValType)>,
}

/// How many imports there are of each kind.
#[derive(Default)]
struct Imported {
    funcs: u32,
    tables: u32,
    memories: u32,
    globals: u32,
    tags: u32,
}

/// The place of a section in the order of a module; `None` when there is no such section.
fn place(id: u8, features: &Features) -> Option<u32> {
    match id {
        1..=5 => Some(u32::from(id)),
        13 if features.exceptions => Some(6),
        6..=9 => Some(u32::from(id) + 1),
        12 if features.bulk_memory => Some(11),
        10 | 11 => Some(u32::from(id) + 2),
        _ => None,
    }
}

impl<'a> Decoder<'a> {
    fn module(&mut self) -> Read<()> {
        if self.reader.array()? != *b"\0asm" {
            return Err(MalformedKind::Magic.at(0));
        }
        match self.reader.array()? {
            [1, 0, 0, 0] => {}
            // The last two bytes are the layer; drafts of components had other versions.
            [version, 0, 1, 0] if version > 0 => return Err(MalformedKind::Component.at(4)),
            _ => return Err(MalformedKind::Version.at(4)),
        }
        let (mut last, mut sections) = (0, 0);
        while !self.reader.at_end() {
            let id = self.reader.byte()?;
            if id == 0 {
                self.sized(|decoder, start, size| decoder.custom(start, size, sections))?;
                continue;
            }
            let Some(place) = place(id, &self.reader.features) else {
                return self.reader.fail_before(MalformedKind::SectionId(id));
            };
            if place <= last {
                return self.reader.fail_before(MalformedKind::SectionOrder(id));
            }
            last = place;
            sections += 1;
            self.sized(|decoder, _, _| decoder.section(id))?;
        }
        self.lengths()
    }

    /// The size of a section, its contents by `read`, which is given start and size, and the check
    /// that they agree. Errors in the contents take precedence over an oversized length.
    fn sized(&mut self, read: impl FnOnce(&mut Self, u32, u32) -> Read<()>) -> Read<()> {
        let (left, offset) = (self.reader.remaining(), self.reader.offset());
        let size = self.reader.u32()?;
        let fits = size as usize <= left;
        let start = self.reader.offset();
        match read(self, start, size) {
            Err(error) if fits || error.kind != MalformedKind::UnexpectedEnd => Err(error),
            Ok(()) if self.reader.offset() - start == size => Ok(()),
            Ok(()) if fits => Err(MalformedKind::SectionSize.at(start)),
            Ok(()) | Err(_) => Err(MalformedKind::Length.at(offset)),
        }
    }

    /// The error that comes first in the bytes: bodies are not read on the way, so when something
    /// after them is wrong, they are read now. A body with a wrong size makes garbage of the rest.
    #[cold]
    fn first_error(&self, error: Malformed) -> Malformed {
        let in_body = |body: &FuncBody| {
            let mut rest = self.reader;
            rest.pos = body.code.start as usize;
            let mut instrs = InstrReader::at(rest);
            match read_expr(&mut instrs) {
                Err(error) => Some(error),
                Ok(()) if instrs.offset() == body.code.end => None,
                Ok(()) => Some(MalformedKind::SectionSize.at(body.code.start)),
            }
        };
        self.module.code.iter().find_map(in_body).unwrap_or(error)
    }

    fn section(&mut self, id: u8) -> Read<()> {
        match id {
            1 => self.types(),
            2 => self.imports(),
            3 => self.funcs(),
            4 => self.tables(),
            5 => self.memories(),
            6 => self.globals(),
            7 => self.exports(),
            8 => self.start(),
            9 => self.elems(),
            10 => self.code(),
            11 => self.datas(),
            12 => {
                self.module.data_count = Some(self.reader.count(Limit::Datas, 0)?);
                Ok(())
            }
            13 => self.tags(),
            _ => unreachable!("only sections with a place are read"),
        }
    }

    /// Checks what different sections must agree about.
    fn lengths(&self) -> Read<()> {
        let module = &self.module;
        if module.funcs.len() != module.code.len() {
            return self.reader.fail(MalformedKind::CodeLength);
        }
        let datas = module.datas.len() as u32;
        if module.data_count.is_some_and(|count| count != datas) {
            return self.reader.fail(MalformedKind::DataLength);
        }
        Ok(())
    }

    fn custom(&mut self, start: u32, size: u32, place: u32) -> Read<()> {
        let name = self.reader.name()?;
        let left = size.checked_sub(self.reader.offset() - start);
        let Some(left) = left else {
            return self.reader.fail(MalformedKind::UnexpectedEnd);
        };
        // A size may be anything: only what has been taken is added to a position.
        let start = self.reader.offset();
        let bytes = self.reader.take(left)?;
        let range = start..self.reader.offset();
        if name == "name" {
            self.module.names = names::read(bytes, &self.reader.features);
        }
        self.module.customs.push(Custom {
            name: name.into(),
            bytes: range,
            place,
        });
        Ok(())
    }

    fn types(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Types, 0)?;
        self.module.types.reserve(self.reader.room(count, 2));
        let mut members = 0;
        for _ in 0..count {
            let group = self.reader.rec_group(members)?;
            members += group.types.len() as u32;
            self.module.types.push(group);
        }
        Ok(())
    }

    fn imports(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Imports, 0)?;
        self.module.imports.reserve(self.reader.room(count, 4));
        for _ in 0..count {
            let offset = self.reader.offset();
            let module = self.reader.name()?;
            let module = match self.module.imports.last() {
                Some(import) if *import.module == *module => import.module.clone(),
                _ => Arc::from(module),
            };
            let name = self.reader.name()?;
            let compact = name.is_empty() && self.reader.features.compact_imports;
            match self.reader.peek()? {
                0x7F if compact => self.import_items(&module)?,
                0x7E if compact => self.import_names(&module)?,
                _ => {
                    let desc = self.import_desc()?;
                    self.import(module, name, desc, offset)?;
                }
            }
        }
        Ok(())
    }

    /// Compact imports: one module name, then names with their types.
    fn import_items(&mut self, module: &Arc<str>) -> Read<()> {
        self.reader.byte()?;
        for _ in 0..self.reader.len()? {
            let offset = self.reader.offset();
            let name = self.reader.name()?;
            let desc = self.import_desc()?;
            self.import(module.clone(), name, desc, offset)?;
        }
        Ok(())
    }

    /// Compact imports: one module name and one type, then names.
    fn import_names(&mut self, module: &Arc<str>) -> Read<()> {
        self.reader.byte()?;
        let desc = self.import_desc()?;
        for _ in 0..self.reader.len()? {
            let offset = self.reader.offset();
            let name = self.reader.name()?;
            self.import(module.clone(), name, desc, offset)?;
        }
        Ok(())
    }

    fn import_desc(&mut self) -> Read<ImportDesc> {
        Ok(match self.reader.byte()? {
            0 => ImportDesc::Func(self.reader.type_idx()?),
            1 => ImportDesc::Table(self.reader.table_type()?),
            2 => ImportDesc::Memory(self.reader.memory_type()?),
            3 => ImportDesc::Global(self.reader.global_type()?),
            4 if self.reader.features.exceptions => ImportDesc::Tag(self.reader.tag_type()?),
            kind => return self.reader.fail_before(MalformedKind::ImportKind(kind)),
        })
    }

    fn import(&mut self, module: Arc<str>, name: &str, desc: ImportDesc, offset: u32) -> Read<()> {
        let imported = &mut self.imported;
        let (count, limit) = match desc {
            ImportDesc::Func(_) => (&mut imported.funcs, Limit::Functions),
            ImportDesc::Table(_) => (&mut imported.tables, Limit::Tables),
            ImportDesc::Memory(_) => (&mut imported.memories, Limit::Memories),
            ImportDesc::Global(_) => (&mut imported.globals, Limit::Globals),
            ImportDesc::Tag(_) => (&mut imported.tags, Limit::Tags),
        };
        *count += 1;
        if *count > limit.max() {
            return Err(MalformedKind::Limit(limit).at(offset));
        }
        if self.module.imports.len() >= Limit::Imports.max() as usize {
            return Err(MalformedKind::Limit(Limit::Imports).at(offset));
        }
        self.module.imports.push(Import {
            module,
            name: name.into(),
            desc,
            offset,
        });
        Ok(())
    }

    fn funcs(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Functions, self.imported.funcs)?;
        self.module.funcs.reserve(self.reader.room(count, 1));
        for _ in 0..count {
            let offset = self.reader.offset();
            self.module.funcs.push((self.reader.type_idx()?, offset));
        }
        Ok(())
    }

    fn tables(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Tables, self.imported.tables)?;
        self.module.tables.reserve(self.reader.room(count, 3));
        for _ in 0..count {
            let offset = self.reader.offset();
            let features = &self.reader.features;
            let typed = features.function_references || features.gc;
            let has_init = typed && self.reader.peek()? == 0x40;
            if has_init {
                self.reader.byte()?;
                self.reader.zero()?;
            }
            let ty = self.reader.table_type()?;
            let init = match has_init {
                true => Some(self.const_expr()?),
                false => None,
            };
            self.module.tables.push(Table { ty, init, offset });
        }
        Ok(())
    }

    fn memories(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Memories, self.imported.memories)?;
        for _ in 0..count {
            let offset = self.reader.offset();
            let ty = self.reader.memory_type()?;
            self.module.memories.push((ty, offset));
        }
        Ok(())
    }

    fn tags(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Tags, self.imported.tags)?;
        self.module.tags.reserve(self.reader.room(count, 2));
        for _ in 0..count {
            let offset = self.reader.offset();
            self.module.tags.push((self.reader.tag_type()?, offset));
        }
        Ok(())
    }

    fn globals(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Globals, self.imported.globals)?;
        self.module.globals.reserve(self.reader.room(count, 4));
        for _ in 0..count {
            let offset = self.reader.offset();
            let ty = self.reader.global_type()?;
            let init = self.const_expr()?;
            self.module.globals.push(Global { ty, init, offset });
        }
        Ok(())
    }

    fn exports(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Exports, 0)?;
        self.module.exports.reserve(self.reader.room(count, 3));
        for _ in 0..count {
            let offset = self.reader.offset();
            let name: Box<str> = self.reader.name()?.into();
            let kind = self.reader.byte()?;
            if kind
                > if self.reader.features.exceptions {
                    4
                } else {
                    3
                }
            {
                return self.reader.fail_before(MalformedKind::ExportKind(kind));
            }
            let index = self.reader.u32()?;
            let item = match kind {
                0 => ExternIdx::Func(FuncIdx(index)),
                1 => ExternIdx::Table(TableIdx(index)),
                2 => ExternIdx::Memory(MemIdx(index)),
                3 => ExternIdx::Global(GlobalIdx(index)),
                _ => ExternIdx::Tag(TagIdx(index)),
            };
            self.module.exports.push(Export { name, item, offset });
        }
        Ok(())
    }

    fn start(&mut self) -> Read<()> {
        let offset = self.reader.offset();
        let func = FuncIdx(self.reader.u32()?);
        self.module.start = Some(Start { func, offset });
        Ok(())
    }

    /// A constant expression: read to find where it ends.
    pub(super) fn const_expr(&mut self) -> Read<ConstExpr> {
        let start = self.reader.offset();
        let mut instrs = InstrReader::at(self.reader);
        read_expr(&mut instrs)?;
        self.reader = instrs.reader;
        let range = start..self.reader.offset();
        Ok(ConstExpr { range })
    }

    fn code(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Functions, 0)?;
        self.module.code.reserve(self.reader.room(count, 3));
        for _ in 0..count {
            let body = self.body()?;
            self.module.code.push(body);
        }
        Ok(())
    }

    fn body(&mut self) -> Read<FuncBody> {
        let offset = self.reader.offset();
        let size = self.reader.count(Limit::FunctionSize, 0)?;
        let start = self.reader.offset();
        let end = start + size;
        let locals = self.locals()?;
        let code = self.reader.offset()..end;
        if code.start > end {
            return Err(MalformedKind::SectionSize.at(start));
        }
        self.reader.take(end - code.start)?;
        Ok(FuncBody {
            locals,
            code,
            offset,
        })
    }

    /// The declared locals of a function.
    fn locals(&mut self) -> Read<Box<[(u32, ValType)]>> {
        let count = self.reader.len()?;
        self.locals.clear();
        let mut total = 0u64;
        for _ in 0..count {
            let offset = self.reader.offset();
            let count = self.reader.u32()?;
            let ty = self.reader.val_type()?;
            total += u64::from(count);
            if total > u64::from(Limit::Locals.max()) {
                return Err(MalformedKind::Limit(Limit::Locals).at(offset));
            }
            self.locals.push((count, ty));
        }
        Ok(self.locals.as_slice().into())
    }
}
