//! The custom section of branch hints (spec: appendix/custom, code metadata): which branches are
//! likely. The engine takes no hints, so only scripts look at them.

use crate::binary::InstrReader;
use crate::syntax::{Features, FuncBody, ImportDesc, Instr, Module};

const NAME: &str = "metadata.code.branch_hint";

/// The hints of a module, by function and byte offset in its body, checked; in the words of the
/// suite what is wrong.
pub(super) fn check(module: &Module, features: &Features) -> Result<(), String> {
    for custom in module.customs.iter().filter(|custom| &*custom.name == NAME) {
        let mut bytes = module.slice(&custom.bytes);
        section(&mut bytes, module, features)
            .map_err(|what| format!("@{NAME} annotation: {what}"))?;
    }
    Ok(())
}

fn section(bytes: &mut &[u8], module: &Module, features: &Features) -> Result<(), &'static str> {
    let imports = module.imports.iter();
    let imported = imports
        .filter(|import| matches!(import.desc, ImportDesc::Func(_)))
        .count();
    for _ in 0..number(bytes)? {
        let func = number(bytes)? as usize;
        let body = func
            .checked_sub(imported)
            .and_then(|func| module.code.get(func));
        let body = body.ok_or("not in a function")?;
        let mut last = None;
        for _ in 0..number(bytes)? {
            let offset = number(bytes)?;
            if last.is_some_and(|last| last >= offset) {
                return Err("duplicate annotation");
            }
            last = Some(offset);
            match (number(bytes)?, number(bytes)?) {
                (1, 0 | 1) => {}
                _ => return Err("malformed hint"), // A hint is one byte, 0 or 1.
            }
            if !is_branch(module, body, offset, features) {
                return Err("invalid target");
            }
        }
    }
    Ok(())
}

/// Returns whether a conditional branch is that many bytes after the start of a body, its locals
/// being the first bytes.
fn is_branch(module: &Module, body: &FuncBody, offset: u32, features: &Features) -> bool {
    let entry = body.offset..body.code.end;
    let mut bytes = module.slice(&entry);
    let Ok(size) = number(&mut bytes) else {
        return false;
    };
    let start = body.code.end.checked_sub(size);
    let Some(target) = start.and_then(|start| start.checked_add(offset)) else {
        return false; // An offset may be anything.
    };
    let mut reader = InstrReader::for_body(module, body, features);
    while !reader.at_end() {
        match reader.read() {
            Ok((at, instr)) if at == target => {
                return matches!(instr, Instr::If(_) | Instr::BrIf(_));
            }
            Ok((at, _)) if at > target => return false,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    false
}

/// A LEB128 number.
fn number(bytes: &mut &[u8]) -> Result<u32, &'static str> {
    let mut number = 0;
    for shift in (0..32).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or("unexpected end")?;
        *bytes = rest;
        number |= u32::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err("integer representation too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a module whose only function has a branch 3 bytes into its body, hinted at this
    /// offset.
    fn hinted(offset: &[u8]) -> Vec<u8> {
        let mut bytes = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0".to_vec();
        let mut contents = vec![NAME.len() as u8];
        contents.extend(NAME.as_bytes());
        contents.extend([1, 0, 1]);
        contents.extend(offset);
        contents.extend([1, 1]);
        bytes.extend([0, contents.len() as u8]);
        bytes.extend(contents);
        bytes.extend(b"\x0a\x0b\x01\x09\0\x41\0\x04\x40\x0b\x01\x01\x0b");
        bytes
    }

    #[test]
    fn an_offset_may_be_anything() {
        let check_hint = |offset: &[u8]| {
            let module = crate::binary::decode(hinted(offset), &Features::ALL);
            check(&module.expect("it decodes"), &Features::ALL)
        };
        assert_eq!(check_hint(&[3]), Ok(()));
        for wrong in [&[2][..], &[4], &[9], &[0xff, 0xff, 0xff, 0xff, 0x0f]] {
            let refused = check_hint(wrong).expect_err("it is no branch");
            assert!(refused.ends_with("invalid target"), "{refused}");
        }
    }
}
