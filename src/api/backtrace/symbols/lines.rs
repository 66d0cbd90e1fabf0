//! Lines that addresses are at, from `.debug_line`, and lines of calls that were inlined.

use super::dwarf::Wanted;
use super::metered::Metered;
use alloc::string::String;
use gimli::{
    AttributeValue, ColumnType, DebuggingInformationEntry, Dwarf, FileEntry, LineProgramHeader,
    LineRow, Reader, Unit,
};

/// Most bytes of a path.
const LONGEST: usize = 1024;

type Header<'a> = LineProgramHeader<Metered<'a>>;
type Result<T> = gimli::Result<T>;

/// A place in a source file.
#[derive(Clone, Default, Debug)]
pub struct Line {
    pub file: Option<String>,
    pub line: Option<u32>,
    pub column: Option<u32>,
}

/// A row of the table, as long as its file need not be known.
#[derive(Clone, Copy)]
struct Row {
    address: u64,
    file: u64,
    line: u64,
    column: u64,
}

impl Row {
    fn new(row: &LineRow) -> Row {
        Row {
            address: row.address(),
            file: row.file_index(),
            line: row.line().map_or(0, u64::from),
            column: match row.column() {
                ColumnType::LeftEdge => 0,
                ColumnType::Column(column) => column.into(),
            },
        }
    }
}

/// Finds the lines of the addresses, which are sorted, in the table of a unit.
pub fn find<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    wanted: &mut [Wanted],
) -> Result<()> {
    let Some(program) = unit.line_program.clone() else {
        return Ok(());
    };
    let mut rows = program.rows();
    let mut before: Option<Row> = None;
    // Of code that the linker removed.
    let mut removed = false;
    while let Some((header, row)) = rows.next_row()? {
        match before {
            None => removed = row.address() == 0,
            Some(before) if !removed => {
                let from = wanted.partition_point(|wanted| wanted.address < before.address);
                for wanted in wanted[from..].iter_mut() {
                    if wanted.address >= row.address() {
                        break;
                    }
                    wanted.line = Some(line(dwarf, unit, header, before));
                }
            }
            Some(_) => {}
        }
        before = (!row.end_sequence()).then(|| Row::new(row));
    }
    Ok(())
}

/// Returns where an inlined function was called.
pub fn of_call<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    entry: &DebuggingInformationEntry<Metered<'a>>,
) -> Option<Line> {
    let number = |key| {
        let value = entry.attr_value(key)?;
        match value {
            AttributeValue::FileIndex(index) => Some(index),
            // Any other form of a number.
            _ => value.udata_value(),
        }
    };
    let row = Row {
        address: 0,
        file: number(gimli::DW_AT_call_file)?,
        line: number(gimli::DW_AT_call_line).unwrap_or(0),
        column: number(gimli::DW_AT_call_column).unwrap_or(0),
    };
    let header = unit.line_program.as_ref()?.header();
    Some(line(dwarf, unit, header, row))
}

fn line<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    header: &Header<'a>,
    row: Row,
) -> Line {
    let number = |number: u64| u32::try_from(number).ok().filter(|number| *number > 0);
    let file = header.file(row.file);
    Line {
        file: file.and_then(|file| path(dwarf, unit, header, file).ok()),
        line: number(row.line),
        column: number(row.column),
    }
}

/// The path of a file: beneath the directory it names, and that beneath the unit's.
fn path<'a>(
    dwarf: &Dwarf<Metered<'a>>,
    unit: &Unit<Metered<'a>>,
    header: &Header<'a>,
    file: &FileEntry<Metered<'a>>,
) -> Result<String> {
    let mut path = String::new();
    if let Some(base) = &unit.comp_dir {
        push(&mut path, &base.to_string_lossy()?);
    }
    if let Some(directory) = file.directory(header) {
        push(
            &mut path,
            &dwarf.attr_string(unit, directory)?.to_string_lossy()?,
        );
    }
    let name = dwarf.attr_string(unit, file.path_name())?;
    push(&mut path, &name.to_string_lossy()?);
    Ok(path)
}

/// Adds a part to a path; one that begins at a root replaces it.
fn push(path: &mut String, part: &str) {
    let drive = part.as_bytes().get(1) == Some(&b':');
    let rooted = part.starts_with(['/', '\\']) || drive;
    if rooted || matches!(&**path, "" | ".") {
        path.clear();
    } else if part == *path || part.is_empty() || part == "." {
        // The directory of the unit is often given again.
        return;
    } else if !path.ends_with(['/', '\\']) {
        path.push('/');
    }
    let end = part.floor_char_boundary(LONGEST.saturating_sub(path.len()));
    path.push_str(&part[..end]);
}
