//! The name section (spec: appendix/custom). Names mean nothing, so nothing here fails: what can
//! be read is kept, up to a [limit](crate::syntax::limits::NAMES), and the rest is dropped.

use super::reader::Reader;
use crate::syntax::{Features, NameMap, Names, limits};
use alloc::string::String;
use alloc::vec::Vec;

/// Reads the contents of a name section.
pub(super) fn read(bytes: &[u8], features: &Features) -> Names {
    let mut names = Names::default();
    let mut budget = limits::NAMES;
    let mut reader = Reader::new(bytes, 0, features);
    while let Some((id, contents)) = subsection(&mut reader) {
        let mut reader = Reader::new(contents, 0, features);
        let budget = &mut budget;
        match id {
            0 => names.module = reader.name().ok().map(String::from),
            1 => names.funcs = name_map(&mut reader, budget),
            2 => names.locals = indirect_map(&mut reader, budget),
            3 => names.labels = indirect_map(&mut reader, budget),
            4 => names.types = name_map(&mut reader, budget),
            5 => names.tables = name_map(&mut reader, budget),
            6 => names.memories = name_map(&mut reader, budget),
            7 => names.globals = name_map(&mut reader, budget),
            8 => names.elems = name_map(&mut reader, budget),
            9 => names.datas = name_map(&mut reader, budget),
            10 => names.fields = indirect_map(&mut reader, budget),
            11 => names.tags = name_map(&mut reader, budget),
            _ => {}
        }
    }
    names
}

fn subsection<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let id = reader.byte().ok()?;
    let size = reader.u32().ok()?;
    Some((id, reader.take(size).ok()?))
}

/// Reads as much of a name map as can be read.
fn name_map(reader: &mut Reader<'_>, budget: &mut u32) -> NameMap {
    let mut map = Vec::new();
    for _ in 0..reader.u32().unwrap_or(0) {
        match (reader.u32(), reader.name()) {
            (Ok(index), Ok(name)) if *budget > 0 => {
                *budget -= 1;
                map.push((index, String::from(name)));
            }
            _ => break,
        }
    }
    sort(&mut map);
    NameMap(map)
}

/// Reads as much of an indirect name map as can be read.
fn indirect_map(reader: &mut Reader<'_>, budget: &mut u32) -> Vec<(u32, NameMap)> {
    let mut maps = Vec::new();
    for _ in 0..reader.u32().unwrap_or(0) {
        match reader.u32() {
            Ok(index) if *budget > 0 => {
                *budget -= 1;
                maps.push((index, name_map(reader, budget)));
            }
            _ => break,
        }
    }
    sort(&mut maps);
    maps
}

/// Sorts by index, as lookups expect and most modules already are; the first of equals stays.
fn sort<T>(map: &mut Vec<(u32, T)>) {
    if !map.is_sorted_by(|a, b| a.0 < b.0) {
        map.sort_by_key(|entry| entry.0);
        map.dedup_by_key(|entry| entry.0);
    }
}
