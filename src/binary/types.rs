//! Types (spec: binary/types). A type that belongs to a feature that is off is malformed.

use super::error::{Limit, MalformedKind, Read};
use super::reader::Reader;
use crate::syntax::{
    AddrType, BlockType, CompositeType, FieldType, FuncType, GlobalType, HeapType, Limits,
    MemoryType, RecGroup, RefType, StorageType, SubType, TableType, TypeIdx, ValType,
};
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

const REF_NULL: u8 = 0x63;
const REF: u8 = 0x64;

/// Returns the error for a byte that begins no type: types are numbers of 7 bits, and a set eighth
/// bit would continue the number.
fn no_type(byte: u8, kind: MalformedKind) -> MalformedKind {
    match byte < 0x80 {
        true => kind,
        false => MalformedKind::IntegerTooLong,
    }
}

impl Reader<'_> {
    pub(super) fn type_idx(&mut self) -> Read<TypeIdx> {
        self.u32().map(TypeIdx)
    }

    /// The value type that begins with `byte`; `None` when there is none.
    fn val_type_of(&mut self, byte: u8) -> Read<Option<ValType>> {
        Ok(Some(match byte {
            0x7F => ValType::I32,
            0x7E => ValType::I64,
            0x7D => ValType::F32,
            0x7C => ValType::F64,
            0x7B if self.features.simd => ValType::V128,
            _ if self.features.reference_types => {
                return Ok(self.ref_type_of(byte)?.map(ValType::Ref));
            }
            _ => return Ok(None),
        }))
    }

    /// A value type.
    pub(super) fn val_type(&mut self) -> Read<ValType> {
        let offset = self.offset();
        let byte = self.byte()?;
        let ty = self.val_type_of(byte)?;
        ty.ok_or(no_type(byte, MalformedKind::ValueType(byte)).at(offset))
    }

    /// The abstract heap type of that byte; `None` when there is none.
    fn abstract_heap(&self, byte: u8) -> Option<HeapType> {
        let (gc, exceptions) = (self.features.gc, self.features.exceptions);
        Some(match byte {
            0x70 => HeapType::Func,
            0x6F if self.features.reference_types => HeapType::Extern,
            0x69 if exceptions => HeapType::Exn,
            0x6E if gc => HeapType::Any,
            0x6D if gc => HeapType::Eq,
            0x6C if gc => HeapType::I31,
            0x6B if gc => HeapType::Struct,
            0x6A if gc => HeapType::Array,
            0x71 if gc => HeapType::None,
            0x72 if gc => HeapType::NoExtern,
            0x73 if gc => HeapType::NoFunc,
            0x74 if exceptions => HeapType::NoExn,
            _ => return None,
        })
    }

    /// The reference type that begins with `byte`; `None` when there is none.
    fn ref_type_of(&mut self, byte: u8) -> Read<Option<RefType>> {
        let heap = match byte {
            REF | REF_NULL if self.features.function_references || self.features.gc => {
                Some(self.heap_type()?)
            }
            _ => self.abstract_heap(byte),
        };
        let nullable = byte != REF;
        Ok(heap.map(|heap| RefType { nullable, heap }))
    }

    /// A reference type.
    pub(super) fn ref_type(&mut self) -> Read<RefType> {
        let offset = self.offset();
        let byte = self.byte()?;
        let ty = self.ref_type_of(byte)?;
        ty.ok_or(no_type(byte, MalformedKind::ReferenceType(byte)).at(offset))
    }

    /// A heap type: a type index, or one negative byte.
    pub(super) fn heap_type(&mut self) -> Read<HeapType> {
        let byte = self.peek()?;
        if byte & 0xC0 == 0x40 {
            return match self.abstract_heap(byte) {
                Some(heap) => {
                    self.pos += 1;
                    Ok(heap)
                }
                None => self.fail(MalformedKind::HeapType),
            };
        }
        let offset = self.offset();
        let index = self.s33()?;
        match u32::try_from(index) {
            Ok(index) if self.features.function_references || self.features.gc => {
                Ok(HeapType::Concrete(TypeIdx(index)))
            }
            _ => Err(MalformedKind::HeapType.at(offset)),
        }
    }

    /// A block type.
    pub(super) fn block_type(&mut self) -> Read<BlockType> {
        let offset = self.offset();
        let byte = self.peek()?;
        if byte == 0x40 {
            self.pos += 1;
            return Ok(BlockType::Empty);
        }
        let error = MalformedKind::BlockType.at(offset);
        if byte & 0xC0 == 0x40 {
            self.pos += 1;
            return self.val_type_of(byte)?.map(BlockType::Val).ok_or(error);
        }
        match u32::try_from(self.s33()?) {
            Ok(index) if self.features.multi_value => Ok(BlockType::Type(TypeIdx(index))),
            _ => Err(error),
        }
    }

    fn val_types(&mut self, limit: Limit) -> Read<Box<[ValType]>> {
        let count = self.count(limit, 0)?;
        (0..count).map(|_| self.val_type()).collect()
    }

    fn func_type(&mut self) -> Read<FuncType> {
        let params = self.val_types(Limit::Params)?;
        let offset = self.offset();
        let results = self.val_types(Limit::Results)?;
        if results.len() > 1 && !self.features.multi_value {
            return Err(MalformedKind::FeatureOff("multi-value").at(offset));
        }
        Ok(FuncType { params, results })
    }

    fn mutability(&mut self) -> Read<bool> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            byte => self.fail_before(MalformedKind::Mutability(byte)),
        }
    }

    fn field_type(&mut self) -> Read<FieldType> {
        let offset = self.offset();
        let storage = match self.byte()? {
            0x78 => StorageType::I8,
            0x77 => StorageType::I16,
            byte => {
                let error = no_type(byte, MalformedKind::StorageType(byte)).at(offset);
                StorageType::Val(self.val_type_of(byte)?.ok_or(error)?)
            }
        };
        let mutable = self.mutability()?;
        Ok(FieldType { storage, mutable })
    }

    fn composite_type(&mut self, byte: u8) -> Read<CompositeType> {
        Ok(match byte {
            0x60 => CompositeType::Func(self.func_type()?),
            0x5F if self.features.gc => {
                let count = self.count(Limit::Fields, 0)?;
                let fields: Read<_> = (0..count).map(|_| self.field_type()).collect();
                CompositeType::Struct(fields?)
            }
            0x5E if self.features.gc => CompositeType::Array(self.field_type()?),
            _ => {
                let kind = no_type(byte, MalformedKind::DefinitionType(byte));
                return self.fail_before(kind);
            }
        })
    }

    /// The sub type that begins with `byte`, already read.
    fn sub_type(&mut self, byte: u8) -> Read<SubType> {
        let (is_final, supertypes) = match byte {
            0x50 | 0x4F if self.features.gc => {
                let count = self.count(Limit::Supertypes, 0)?;
                let supertypes: Read<_> = (0..count).map(|_| self.type_idx()).collect();
                (byte == 0x4F, supertypes?)
            }
            _ => {
                return Ok(SubType {
                    is_final: true,
                    supertypes: Box::default(),
                    composite: self.composite_type(byte)?,
                });
            }
        };
        let byte = self.byte()?;
        Ok(SubType {
            is_final,
            supertypes,
            composite: self.composite_type(byte)?,
        })
    }

    /// A recursion group; `before` types stand before it.
    pub(super) fn rec_group(&mut self, before: u32) -> Read<RecGroup> {
        let offset = self.offset();
        let types = match self.byte()? {
            0x4E if self.features.gc => {
                let limit = if before == 0 {
                    Limit::RecGroup
                } else {
                    Limit::Types
                };
                let count = self.count(limit, before)?;
                let mut types = Vec::with_capacity(self.room(count, 2));
                for _ in 0..count {
                    let byte = self.byte()?;
                    types.push(self.sub_type(byte)?);
                }
                types
            }
            byte => vec![self.sub_type(byte)?],
        };
        if before + types.len() as u32 > Limit::Types.max() {
            return Err(MalformedKind::Limit(Limit::Types).at(offset));
        }
        Ok(RecGroup { types, offset })
    }

    /// Flags and numbers of limits; flags outside `allowed` are malformed.
    fn limits(&mut self, allowed: u8) -> Read<(u8, AddrType, Limits)> {
        let flags = self.byte()?;
        let memory64 = if self.features.memory64 { 4 } else { 0 };
        if flags & !(allowed | memory64 | 1) != 0 {
            return self.fail_before(MalformedKind::LimitsFlags(flags));
        }
        let min = self.limit()?;
        let max = match flags & 1 {
            0 => None,
            _ => Some(self.limit()?),
        };
        let addr = match flags & 4 {
            0 => AddrType::I32,
            _ => AddrType::I64,
        };
        Ok((flags, addr, Limits { min, max }))
    }

    /// A number of limits: 64 bits wide since memory64, whatever the address type.
    fn limit(&mut self) -> Read<u64> {
        match self.features.memory64 {
            true => self.u64(),
            false => self.u32().map(u64::from),
        }
    }

    /// A table type.
    pub(super) fn table_type(&mut self) -> Read<TableType> {
        let elem = self.ref_type()?;
        let (_, addr, limits) = self.limits(0)?;
        Ok(TableType { addr, limits, elem })
    }

    /// A memory type.
    pub(super) fn memory_type(&mut self) -> Read<MemoryType> {
        let shared = if self.features.threads { 2 } else { 0 };
        let page_size = if self.features.custom_page_sizes {
            8
        } else {
            0
        };
        let (flags, addr, limits) = self.limits(shared | page_size)?;
        let mut page_size_log2 = 16;
        if flags & 8 != 0 {
            let offset = self.offset();
            page_size_log2 = self.u32()?;
            if page_size_log2 >= 64 {
                return Err(MalformedKind::PageSize.at(offset));
            }
        }
        Ok(MemoryType {
            addr,
            limits,
            shared: flags & 2 != 0,
            page_size_log2,
        })
    }

    /// A global type.
    pub(super) fn global_type(&mut self) -> Read<GlobalType> {
        let val = self.val_type()?;
        let mutable = self.mutability()?;
        Ok(GlobalType { val, mutable })
    }

    /// A tag type: a reserved byte and the index of a function type.
    pub(super) fn tag_type(&mut self) -> Read<TypeIdx> {
        self.zero()?;
        self.type_idx()
    }
}
