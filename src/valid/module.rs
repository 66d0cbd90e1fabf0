//! Modules (spec: valid/modules) without their instruction sequences: the loader reads those and
//! hands them to a [`FuncValidator`](super::FuncValidator).

use super::context::Context;
use super::error::{Check, Invalid, InvalidKind, Mismatch};
use super::types::rec_groups;
use crate::syntax::{
    AddrType, DataMode, Elem, ElemItems, ElemMode, Export, ExternIdx, Features, FuncType,
    GlobalType, Import, ImportDesc, Limits, MemoryType, Module, RefType, TableIdx, TableType,
    TypeIdx, ValType,
};
use alloc::collections::BTreeSet;

/// Validates everything but constant expressions, function bodies and lists of function indices.
pub fn module(module: &Module, features: &Features) -> Result<Context, Invalid> {
    let (space, types) = rec_groups(module, features)?;
    let mut ctx = Context::new(space, types, features);
    for import in &module.imports {
        add_import(&mut ctx, import).map_err(|kind| kind.at(import.offset))?;
    }
    ctx.imported_funcs = ctx.funcs.len() as u32;
    ctx.imported_tables = ctx.tables.len() as u32;
    ctx.imported_memories = ctx.memories.len() as u32;
    ctx.imported_globals = ctx.globals.len() as u32;
    ctx.imported_tags = ctx.tags.len() as u32;
    add_definitions(&mut ctx, module)?;
    for elem in &module.elems {
        add_elem(&mut ctx, elem).map_err(|kind| kind.at(elem.offset))?;
    }
    for data in &module.datas {
        if let DataMode::Active { memory, .. } = data.mode {
            ctx.memory(memory).map_err(|kind| kind.at(data.offset))?;
        }
    }
    exports(&mut ctx, module)?;
    if let Some(start) = &module.start {
        let ty = ctx.func(start.func).map(|_| ctx.func_type(start.func));
        let ty = ty.map_err(|kind| kind.at(start.offset))?;
        if *ty != FuncType::default() {
            return Err(InvalidKind::StartFunction.at(start.offset));
        }
    }
    ctx.datas = module.data_count;
    Ok(ctx)
}

fn add_import(ctx: &mut Context, import: &Import) -> Check {
    match import.desc {
        ImportDesc::Func(ty) => add_func(ctx, ty),
        ImportDesc::Table(ty) => add_table(ctx, &ty),
        ImportDesc::Memory(ty) => add_memory(ctx, &ty),
        ImportDesc::Global(ty) => {
            if ty.mutable && !ctx.features.mutable_global {
                return InvalidKind::FeatureOff("mutable-global").err();
            }
            add_global(ctx, &ty)
        }
        ImportDesc::Tag(ty) => add_tag(ctx, ty),
    }
}

fn add_definitions(ctx: &mut Context, module: &Module) -> Result<(), Invalid> {
    for &(ty, offset) in &module.funcs {
        add_func(ctx, ty).map_err(|kind| kind.at(offset))?;
    }
    for table in &module.tables {
        let added = add_table(ctx, &table.ty).and_then(|()| match &table.init {
            None if !table.ty.elem.nullable => no_initialiser(table.ty.elem),
            _ => Ok(()),
        });
        added.map_err(|kind| kind.at(table.offset))?;
    }
    for (ty, offset) in &module.memories {
        add_memory(ctx, ty).map_err(|kind| kind.at(*offset))?;
    }
    for &(ty, offset) in &module.tags {
        add_tag(ctx, ty).map_err(|kind| kind.at(offset))?;
    }
    for global in &module.globals {
        add_global(ctx, &global.ty).map_err(|kind| kind.at(global.offset))?;
    }
    Ok(())
}

/// A table filled with null that does not hold null.
fn no_initialiser(elem: RefType) -> Check {
    let null = RefType {
        nullable: true,
        ..elem
    };
    let (expected, found) = (ValType::Ref(elem), ValType::Ref(null));
    Mismatch::Type { expected, found }.err()
}

fn add_func(ctx: &mut Context, ty: TypeIdx) -> Check {
    let (id, _) = ctx.func_ty(ty)?;
    ctx.funcs.push(id);
    Ok(())
}

fn add_tag(ctx: &mut Context, ty: TypeIdx) -> Check {
    let (id, func) = ctx.func_ty(ty)?;
    if !func.results.is_empty() {
        return InvalidKind::TagResult.err();
    }
    ctx.tags.push(id);
    Ok(())
}

fn add_global(ctx: &mut Context, ty: &GlobalType) -> Check {
    let val = ctx.check_val(ty.val)?;
    ctx.globals.push(GlobalType { val, ..*ty });
    Ok(())
}

fn add_table(ctx: &mut Context, ty: &TableType) -> Check {
    let elem = ctx.check_ref(ty.elem)?;
    let most = match ty.addr {
        AddrType::I32 => u64::from(u32::MAX),
        AddrType::I64 => u64::MAX,
    };
    if above(&ty.limits, most) {
        return InvalidKind::TableSize.err();
    }
    limits_in_order(&ty.limits)?;
    if !ctx.tables.is_empty() && !ctx.features.reference_types {
        return InvalidKind::MultipleTables.err();
    }
    ctx.tables.push(TableType { elem, ..*ty });
    Ok(())
}

fn add_memory(ctx: &mut Context, ty: &MemoryType) -> Check {
    let usual = match ty.page_size_log2 {
        16 => true,
        0 => false,
        _ => return InvalidKind::PageSize.err(),
    };
    let pages = match (ty.addr, usual) {
        (AddrType::I32, true) => 1 << 16,
        (AddrType::I32, false) => u64::from(u32::MAX),
        (AddrType::I64, true) => 1 << 48,
        (AddrType::I64, false) => u64::MAX,
    };
    if above(&ty.limits, pages) {
        let usual = usual && ty.addr == AddrType::I32;
        return InvalidKind::MemorySize { pages, usual }.err();
    }
    limits_in_order(&ty.limits)?;
    if ty.shared && ty.limits.max.is_none() {
        return InvalidKind::SharedWithoutMax.err();
    }
    if !ctx.memories.is_empty() && !ctx.features.multi_memory {
        return InvalidKind::MultipleMemories.err();
    }
    ctx.memories.push(*ty);
    Ok(())
}

fn above(limits: &Limits, most: u64) -> bool {
    limits.min > most || limits.max.is_some_and(|max| max > most)
}

fn limits_in_order(limits: &Limits) -> Check {
    match limits.max.is_some_and(|max| max < limits.min) {
        true => InvalidKind::LimitsOrder.err(),
        false => Ok(()),
    }
}

fn add_elem(ctx: &mut Context, elem: &Elem) -> Check {
    let ty = ctx.check_ref(elem.ty)?;
    if matches!(elem.items, ElemItems::Exprs(_)) && !ctx.features.reference_types {
        return InvalidKind::FeatureOff("reference-types").err();
    }
    ctx.elems.push(ty);
    match elem.mode {
        ElemMode::Passive | ElemMode::Declarative => Ok(()),
        ElemMode::Active { table, .. } => elem_fits(ctx, ty, table),
    }
}

fn elem_fits(ctx: &Context, ty: RefType, table: TableIdx) -> Check {
    let table = ctx.table(table)?;
    if ctx.space.ref_matches(ty, table.elem) {
        return Ok(());
    }
    let (expected, found) = (ValType::Ref(table.elem), ValType::Ref(ty));
    Mismatch::Type { expected, found }.err()
}

fn exports(ctx: &mut Context, module: &Module) -> Result<(), Invalid> {
    let mut names = BTreeSet::new();
    for export in &module.exports {
        add_export(ctx, export).map_err(|kind| kind.at(export.offset))?;
        if !names.insert(&*export.name) {
            let name = export.name.clone();
            return Err(InvalidKind::DuplicateExport(name).at(export.offset));
        }
    }
    Ok(())
}

fn add_export(ctx: &mut Context, export: &Export) -> Check {
    match export.item {
        ExternIdx::Func(idx) => {
            ctx.func(idx)?;
            ctx.declare(idx);
        }
        ExternIdx::Table(idx) => drop(ctx.table(idx)?),
        ExternIdx::Memory(idx) => drop(ctx.memory(idx)?),
        ExternIdx::Global(idx) => {
            if ctx.global(idx)?.mutable && !ctx.features.mutable_global {
                return InvalidKind::FeatureOff("mutable-global").err();
            }
        }
        ExternIdx::Tag(idx) => drop(ctx.tag(idx)?),
    }
    Ok(())
}
