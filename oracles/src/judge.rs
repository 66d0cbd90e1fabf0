//! Verdicts of wasmparser, and ours in the same shape.

use crate::features::of_wasmparser;
use limpid::internals::binary::{self, Malformed};
use limpid::internals::syntax::Features;
use wasmparser::{Parser, Payload, Validator};

/// Decodes a module and all its bodies, without validating.
pub fn decode(
    bytes: &[u8],
    features: &Features,
) -> Result<limpid::internals::syntax::Module, Malformed> {
    let module = binary::decode(bytes, features)?;
    for body in &module.code {
        binary::check_body(&module, body, features)?;
    }
    Ok(module)
}

/// Whether wasmparser finds a module valid.
pub fn validate(bytes: &[u8], features: &Features) -> wasmparser::Result<()> {
    let mut validator = Validator::new_with_features(of_wasmparser(features));
    validator.validate_all(bytes).map(drop)
}

/// Whether wasmparser reads a module to its end, without validating.
pub fn parse(bytes: &[u8], features: &Features) -> wasmparser::Result<()> {
    let mut parser = Parser::new(0);
    parser.set_features(of_wasmparser(features));
    for payload in parser.parse_all(bytes) {
        parse_section(payload?)?;
    }
    Ok(())
}

fn parse_section(payload: Payload<'_>) -> wasmparser::Result<()> {
    match payload {
        Payload::TypeSection(section) => all(section),
        Payload::ImportSection(section) => section
            .into_imports()
            .try_for_each(|import| import.map(drop)),
        Payload::FunctionSection(section) => all(section),
        Payload::TableSection(section) => {
            section.into_iter().try_for_each(|table| match table?.init {
                wasmparser::TableInit::RefNull => Ok(()),
                wasmparser::TableInit::Expr(expr) => parse_expr(&expr),
            })
        }
        Payload::MemorySection(section) => all(section),
        Payload::TagSection(section) => all(section),
        Payload::GlobalSection(section) => section
            .into_iter()
            .try_for_each(|global| parse_expr(&global?.init_expr)),
        Payload::ExportSection(section) => all(section),
        Payload::ElementSection(section) => {
            section.into_iter().try_for_each(|elem| parse_elem(elem?))
        }
        Payload::DataSection(section) => {
            section.into_iter().try_for_each(|data| match data?.kind {
                wasmparser::DataKind::Passive => Ok(()),
                wasmparser::DataKind::Active { offset_expr, .. } => parse_expr(&offset_expr),
            })
        }
        Payload::CodeSectionEntry(body) => {
            let mut locals = body.get_locals_reader()?;
            for _ in 0..locals.get_count() {
                locals.read()?;
            }
            let mut reader = body.get_operators_reader()?;
            while !reader.eof() {
                reader.read()?;
            }
            reader.finish()
        }
        _ => Ok(()),
    }
}

fn parse_elem(elem: wasmparser::Element<'_>) -> wasmparser::Result<()> {
    if let wasmparser::ElementKind::Active { offset_expr, .. } = &elem.kind {
        parse_expr(offset_expr)?;
    }
    match elem.items {
        wasmparser::ElementItems::Functions(funcs) => all(funcs),
        wasmparser::ElementItems::Expressions(_, exprs) => {
            exprs.into_iter().try_for_each(|expr| parse_expr(&expr?))
        }
    }
}

fn parse_expr(expr: &wasmparser::ConstExpr<'_>) -> wasmparser::Result<()> {
    let mut reader = expr.get_operators_reader();
    while !reader.eof() {
        reader.read()?;
    }
    reader.finish()
}

fn all<'a, T: wasmparser::FromReader<'a>>(
    section: wasmparser::SectionLimited<'a, T>,
) -> wasmparser::Result<()> {
    section.into_iter().try_for_each(|item| item.map(drop))
}
