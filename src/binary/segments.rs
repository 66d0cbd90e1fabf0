//! Element and data segments (spec: binary/modules, element section and data section).

use super::error::{Limit, MalformedKind, Read};
use super::module::Decoder;
use crate::syntax::{Data, DataMode, Elem, ElemItems, ElemMode, MemIdx, RefType, TableIdx};
use alloc::vec::Vec;

/// Bits of the kind of an element segment.
const NOT_ACTIVE: u32 = 1;
/// With [`NOT_ACTIVE`]: declarative; else: the table is named.
const EXPLICIT: u32 = 2;
const EXPRS: u32 = 4;

impl Decoder<'_> {
    pub(super) fn elems(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Elems, 0)?;
        self.module.elems.reserve(self.reader.room(count, 3));
        for _ in 0..count {
            let elem = self.elem()?;
            self.module.elems.push(elem);
        }
        Ok(())
    }

    fn elem(&mut self) -> Read<Elem> {
        let offset = self.reader.offset();
        let kind = self.reader.u32()?;
        let features = &self.reader.features;
        if kind > 7 || kind > 0 && !features.bulk_memory && !features.reference_types {
            return Err(MalformedKind::ElemSegment(kind).at(offset));
        }
        let mode = match (kind & NOT_ACTIVE != 0, kind & EXPLICIT != 0) {
            (true, false) => ElemMode::Passive,
            (true, true) => ElemMode::Declarative,
            (false, explicit) => {
                let table = if explicit { self.reader.u32()? } else { 0 };
                ElemMode::Active {
                    table: TableIdx(table),
                    offset: self.const_expr()?,
                }
            }
        };
        let has_type = kind & (NOT_ACTIVE | EXPLICIT) != 0;
        let (ty, items) = match kind & EXPRS != 0 {
            true => {
                let nullable_func = RefType::FUNCREF;
                let ty = if has_type {
                    self.reader.ref_type()?
                } else {
                    nullable_func
                };
                (ty, self.elem_exprs()?)
            }
            false => {
                if has_type {
                    self.elem_kind()?;
                }
                (RefType::FUNCREF.non_null(), self.elem_funcs()?)
            }
        };
        Ok(Elem {
            ty,
            items,
            mode,
            offset,
        })
    }

    /// The byte that stands for functions, the only kind of elements given by index.
    fn elem_kind(&mut self) -> Read<()> {
        match self.reader.byte()? {
            0 => Ok(()),
            kind => self.reader.fail_before(MalformedKind::ElemKind(kind)),
        }
    }

    fn elem_funcs(&mut self) -> Read<ElemItems> {
        let count = self.reader.count(Limit::ElemItems, 0)?;
        let start = self.reader.offset();
        for _ in 0..count {
            self.reader.u32()?;
        }
        let range = start..self.reader.offset();
        Ok(ElemItems::Funcs { count, range })
    }

    fn elem_exprs(&mut self) -> Read<ElemItems> {
        let count = self.reader.count(Limit::ElemItems, 0)?;
        let mut exprs = Vec::with_capacity(self.reader.room(count, 2));
        for _ in 0..count {
            exprs.push(self.const_expr()?);
        }
        Ok(ElemItems::Exprs(exprs))
    }

    pub(super) fn datas(&mut self) -> Read<()> {
        let count = self.reader.count(Limit::Datas, 0)?;
        self.module.datas.reserve(self.reader.room(count, 2));
        for _ in 0..count {
            let data = self.data()?;
            self.module.datas.push(data);
        }
        Ok(())
    }

    fn data(&mut self) -> Read<Data> {
        let offset = self.reader.offset();
        let mode = match self.reader.u32()? {
            0 => self.active_data(MemIdx(0))?,
            1 if self.reader.features.bulk_memory => DataMode::Passive,
            2 if self.reader.features.bulk_memory || self.reader.features.multi_memory => {
                let memory = MemIdx(self.reader.u32()?);
                self.active_data(memory)?
            }
            kind => return Err(MalformedKind::DataSegment(kind).at(offset)),
        };
        let len = self.reader.len()?;
        let start = self.reader.offset();
        self.reader.take(len)?;
        let bytes = start..self.reader.offset();
        Ok(Data {
            bytes,
            mode,
            offset,
        })
    }

    fn active_data(&mut self, memory: MemIdx) -> Read<DataMode> {
        let offset = self.const_expr()?;
        Ok(DataMode::Active { memory, offset })
    }
}
