//! Functions that an address is in, from the units of `.debug_info`. No recursion: how deeply a
//! guest's debug information nests must not matter to the host's stack.

use super::FrameSymbol;
use super::demangle::demangle;
use super::lines::{self, Line};
use super::metered::{Meter, Metered};
use crate::room;
use crate::syntax::Module;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;
use gimli::{
    AttributeValue, DebugInfoOffset, DebuggingInformationEntry, Dwarf, Reader, SectionId, Unit,
    UnitOffset,
};

/// Bytes that are read of most sections, for all frames of a backtrace together.
const READ: u64 = 64 << 20;

/// The same of `.debug_abbrev`, whose entries take far more memory than bytes.
const ABBREVIATIONS: u64 = 8 << 20;

/// Bytes of memory that the tables of two units take at most for each byte of `.debug_abbrev`, as
/// its shortest entry has five bytes.
const ABBREVIATION_ROOM: usize = 128;

/// The same of `.debug_line`, whose header makes room for a file for each byte that it has itself.
const LINE_ROOM: usize = 400;

/// Most functions that a frame is shown in.
const NESTED: usize = 64;

/// References that are followed to find a name.
const HOPS: usize = 8;

type Entry<'a> = DebuggingInformationEntry<Metered<'a>>;
type Result<T> = gimli::Result<T>;

/// The symbols for each offset in a module's binary. What cannot be read is left out.
pub fn locate(module: &Module, offsets: &[Option<usize>]) -> Vec<Vec<FrameSymbol>> {
    let mut found = alloc::vec![Vec::new(); offsets.len()];
    let is_debug = |name: &str| name.starts_with(".debug_");
    if !module.customs.iter().any(|custom| is_debug(&custom.name)) {
        return found;
    }
    let Some(start) = code_section(&module.bytes) else {
        return found;
    };
    let first = module
        .code
        .first()
        .map_or(start, |first| first.offset as usize);
    let lag = first.saturating_sub(start) as u64;
    let mut wanted: Vec<Wanted> = Vec::new();
    for offset in offsets.iter().flatten() {
        // Addresses are relative to the start of the code section's contents.
        if let Some(address) = offset.checked_sub(start) {
            wanted.push(Wanted::new(address as u64));
        }
    }
    wanted.sort_by_key(|wanted| wanted.address);
    wanted.dedup_by_key(|wanted| wanted.address);
    let meters = Meters::default();
    let dwarf = sections(module, &meters);
    // What was found before it went wrong stays.
    let _ = search(&dwarf, &mut wanted, lag);
    for (symbols, offset) in found.iter_mut().zip(offsets) {
        let address = offset.and_then(|offset| offset.checked_sub(start));
        let place = |address| wanted.binary_search_by_key(&(address as u64), |w| w.address);
        if let Some(Ok(place)) = address.map(place) {
            symbols.clone_from(&wanted[place].symbols);
        }
    }
    found
}

/// An address, and what is found for it.
pub struct Wanted {
    pub address: u64,
    pub line: Option<Line>,
    /// The functions that the address is in, outermost first.
    functions: Vec<Function>,
    symbols: Vec<FrameSymbol>,
}

impl Wanted {
    fn new(address: u64) -> Wanted {
        Wanted {
            address,
            line: None,
            functions: Vec::new(),
            symbols: Vec::new(),
        }
    }
}

/// A function, or a place into which it is inlined.
struct Function {
    entry: UnitOffset,
    depth: isize,
    /// The line of the call, if the function was inlined.
    call: Option<Line>,
}

/// What may be read of the sections.
struct Meters {
    most: Meter,
    abbreviations: Meter,
    lines: Meter,
}

impl Default for Meters {
    fn default() -> Meters {
        Meters {
            most: Meter::new(READ),
            abbreviations: Meter::new(ABBREVIATIONS),
            lines: Meter::new(READ / 2),
        }
    }
}

/// The contents of a section.
fn contents(module: &Module, id: SectionId) -> &[u8] {
    let mut customs = module.customs.iter();
    let custom = customs.find(|custom| *custom.name == *id.name());
    let range = custom.map(|custom| custom.bytes.start as usize..custom.bytes.end as usize);
    let bytes = range.and_then(|range| module.bytes.get(range));
    bytes.unwrap_or_default()
}

/// The sections. Where the host has little room, which the guest may have taken, those whose tables
/// are held in memory are cut short: nothing that is read of them can be refused later.
fn sections<'a>(module: &'a Module, meters: &'a Meters) -> Dwarf<Metered<'a>> {
    let abbreviations = contents(module, SectionId::DebugAbbrev).len();
    let lines = contents(module, SectionId::DebugLine).len();
    let wanted = abbreviations
        .saturating_mul(ABBREVIATION_ROOM)
        .saturating_add(lines.saturating_mul(LINE_ROOM));
    let had = room::up_to(wanted);
    let cut = |len: usize| (len as u128 * had as u128 / wanted.max(1) as u128) as usize;
    let section = |id: SectionId| {
        let mut bytes = contents(module, id);
        if matches!(id, SectionId::DebugAbbrev | SectionId::DebugLine) {
            bytes = &bytes[..cut(bytes.len())];
        }
        let meter = match id {
            SectionId::DebugAbbrev => &meters.abbreviations,
            SectionId::DebugLine => &meters.lines,
            // The others share one.
            _ => &meters.most,
        };
        Ok(Metered::new(bytes, meter))
    };
    match Dwarf::load(section) {
        Ok(dwarf) => dwarf,
        Err(infallible) => {
            let infallible: core::convert::Infallible = infallible;
            match infallible {}
        }
    }
}

/// Returns where the contents of the code section begin. The module has been decoded before.
fn code_section(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes.get(8..)?;
    loop {
        let (&id, after) = rest.split_first()?;
        let mut len = 0usize;
        let mut taken = 0;
        for byte in after.iter().take(5) {
            len |= usize::from(byte & 0x7F) << (taken * 7);
            taken += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let contents = after.get(taken..)?;
        if id == 10 {
            return Some(bytes.len() - contents.len());
        }
        rest = contents.get(len..)?;
    }
}

/// Looks at all units; each that has some of the addresses is read.
fn search(dwarf: &Dwarf<Metered<'_>>, wanted: &mut [Wanted], lag: u64) -> Result<()> {
    let mut units = dwarf.units();
    while let Some(header) = units.next()? {
        let Ok(unit) = dwarf.unit(header) else {
            continue;
        };
        let Ok(root) = unit.entry(unit.header.root_offset()) else {
            continue;
        };
        let lag = if is_of_text(dwarf, &unit, &root) {
            lag
        } else {
            0
        };
        shift(wanted, lag.wrapping_neg());
        if covers(dwarf, &unit, &root, wanted) {
            // What is wrong with one unit does not keep from the others.
            let _ = lines::find(dwarf, &unit, wanted);
            let _ = functions(dwarf, &unit, wanted);
            for wanted in wanted.iter_mut() {
                name(dwarf, &unit, wanted);
            }
        }
        shift(wanted, lag);
    }
    Ok(())
}

/// Returns whether a unit was made from the text format by the crate `wast`, which counts addresses
/// from the first function on, behind the number of functions.
fn is_of_text<'a>(dwarf: &Dwarf<Metered<'a>>, unit: &Unit<Metered<'a>>, root: &Entry<'a>) -> bool {
    let producer = root.attr_value(gimli::DW_AT_producer);
    let text = producer.and_then(|value| dwarf.attr_string(unit, value).ok());
    text.is_some_and(|text| text.to_string().is_ok_and(|text| text.starts_with("wast ")))
}

fn shift(wanted: &mut [Wanted], by: u64) {
    for wanted in wanted {
        wanted.address = wanted.address.wrapping_add(by);
    }
}

/// Returns whether a unit has code at one of the addresses; one that does not say where its code is
/// may.
fn covers<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    root: &Entry<'a>,
    wanted: &[Wanted],
) -> bool {
    let (mut says, mut any) = (false, false);
    let read = ranges(dwarf, unit, root, &mut |range| {
        says = true;
        let inside = |wanted: &Wanted| range.contains(&wanted.address);
        any = any || wanted.iter().any(inside);
    });
    any || !says || read.is_err()
}

/// Returns where the code of an entry is.
fn ranges<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    entry: &Entry<'a>,
    each: &mut dyn FnMut(Range<u64>),
) -> Result<()> {
    if let Some(value) = entry.attr_value(gimli::DW_AT_ranges)
        && let Some(mut list) = dwarf.attr_ranges(unit, value)?
    {
        while let Some(range) = list.next()? {
            each(range.begin..range.end);
        }
        return Ok(());
    }
    let low = entry.attr_value(gimli::DW_AT_low_pc);
    let high = entry.attr_value(gimli::DW_AT_high_pc);
    let Some((low, high)) = low.zip(high) else {
        return Ok(());
    };
    let Some(low) = dwarf.attr_address(unit, low)? else {
        return Ok(());
    };
    // The end is an address, or a length.
    let end = match high.udata_value() {
        Some(length) => Some(low.saturating_add(length)),
        None => dwarf.attr_address(unit, high)?,
    };
    if let Some(end) = end {
        each(low..end);
    }
    Ok(())
}

/// Finds the functions of a unit that the addresses are in.
fn functions<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    wanted: &mut [Wanted],
) -> Result<()> {
    let mut entries = unit.entries_raw(None)?;
    while !entries.is_empty() {
        let (offset, depth) = (entries.next_offset(), entries.next_depth());
        let Some(abbreviation) = entries.read_abbreviation()? else {
            continue;
        };
        entries.skip_attributes(abbreviation.attributes())?;
        let inlined = match abbreviation.tag() {
            gimli::DW_TAG_subprogram => false,
            gimli::DW_TAG_inlined_subroutine => true,
            // Everything else is no function.
            _ => continue,
        };
        let entry = unit.entry(offset)?;
        let mut places = Vec::new();
        ranges(dwarf, unit, &entry, &mut |range| {
            // The code section begins with a number: what is at 0 was removed by the linker.
            if range.start > 0 {
                let from = wanted.partition_point(|wanted| wanted.address < range.start);
                let to = wanted.partition_point(|wanted| wanted.address < range.end);
                places.extend(from..to);
            }
        })?;
        for place in places {
            nest(dwarf, unit, &mut wanted[place], &entry, depth, inlined);
        }
    }
    Ok(())
}

/// Adds a function to those that an address is in.
fn nest<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    wanted: &mut Wanted,
    entry: &Entry<'a>,
    depth: isize,
    inlined: bool,
) {
    let functions = &mut wanted.functions;
    match inlined {
        false => functions.clear(),
        true => while functions.pop_if(|before| before.depth >= depth).is_some() {},
    }
    if functions.len() < NESTED {
        functions.push(Function {
            entry: entry.offset(),
            depth,
            call: inlined
                .then(|| lines::of_call(dwarf, unit, entry))
                .flatten(),
        });
    }
}

/// Makes symbols of what was found in a unit.
fn name<'a>(dwarf: &Dwarf<Metered<'a>>, unit: &Unit<Metered<'a>>, wanted: &mut Wanted) {
    let functions = core::mem::take(&mut wanted.functions);
    let mut line = wanted.line.take();
    if functions.is_empty() && line.is_none() || !wanted.symbols.is_empty() {
        return;
    }
    for function in functions.iter().rev() {
        let name = function_name(dwarf, unit, function.entry).ok().flatten();
        wanted.symbols.push(symbol(name, line.take()));
        // What encloses an inlined function is at the place of its call.
        line.clone_from(&function.call);
    }
    if functions.is_empty() {
        wanted.symbols.push(symbol(None, line));
    }
}

fn symbol(name: Option<String>, line: Option<Line>) -> FrameSymbol {
    let line = line.unwrap_or_default();
    FrameSymbol {
        name,
        file: line.file,
        line: line.line,
        column: line.column,
    }
}

/// The name of a function, its own or that of what it is a copy of.
fn function_name<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    entry: UnitOffset,
) -> Result<Option<String>> {
    let mut other = None;
    let mut at = entry;
    for _ in 0..HOPS {
        let unit = other.as_ref().unwrap_or(unit);
        let entry = unit.entry(at)?;
        for key in [
            gimli::DW_AT_linkage_name,
            gimli::DW_AT_MIPS_linkage_name,
            gimli::DW_AT_name,
        ] {
            if let Some(value) = entry.attr_value(key) {
                let name = dwarf.attr_string(unit, value)?;
                let name = name.to_string_lossy()?;
                return Ok(Some(demangle(&name).to_string()));
            }
        }
        let origin = entry
            .attr_value(gimli::DW_AT_abstract_origin)
            .or_else(|| entry.attr_value(gimli::DW_AT_specification));
        match origin {
            Some(AttributeValue::UnitRef(next)) => at = next,
            Some(AttributeValue::DebugInfoRef(offset)) => {
                let Some((unit, next)) = elsewhere(dwarf, offset)? else {
                    return Ok(None);
                };
                (other, at) = (Some(unit), next);
            }
            // No reference, or none that can be followed.
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// The unit that an offset of the section is in.
fn elsewhere<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    offset: DebugInfoOffset,
) -> Result<Option<(Unit<Metered<'a>>, UnitOffset)>> {
    let mut units = dwarf.units();
    while let Some(header) = units.next()? {
        if let Some(inside) = offset.to_unit_offset(&header) {
            return Ok(Some((dwarf.unit(header)?, inside)));
        }
    }
    Ok(None)
}
