//! Source positions: where functions are declared.

use std::ops::Range;

use model::{Address, SourcePosition};

use super::{
    BinaryError,
    debug::{Debug, Entry, EntryOffset, Unit, text},
    index::Body,
};

/// A line of a unit's line table: the number of the file and the line in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    file: u64,
    line: u32,
}

/// Where a function is declared. `start_line` is what the runtime's function table says, if it does.
///
/// From Go 1.22 on, the function's entry says the line, and its file too unless the function was inlined
/// somewhere. What is missing is taken from the function's first instruction that comes from no other,
/// inlined function: the stack check is on the declaration's line. A function that needs no stack
/// check has none; there its first parameter's line is the better one. Up to Go 1.19 nothing is better
/// than its first statement's line if it has no parameters on the declaration's line either.
pub(super) fn declaration(
    debug: &Debug<'_>,
    body: &Body,
    addresses: Range<Address>,
    start_line: Option<u32>,
) -> Result<Option<SourcePosition>, BinaryError> {
    let entry = debug.entry(body.entry)?;
    let described = match body.origin {
        Some(origin) => debug.entry(origin)?,
        None => debug.entry(body.entry)?,
    };
    let file = entry.number(gimli::DW_AT_decl_file);
    let line = line_number(described.number(gimli::DW_AT_decl_line)).or(start_line);
    if let (Some(file), Some(line)) = (file, line) {
        return Ok(position(debug, entry.unit(), Row { file, line }));
    }
    let Some(first) = first_own_row(debug, &entry, addresses)? else {
        return Ok(None);
    };
    let line = match line {
        Some(line) => line,
        None => first_parameter(debug, &described)?.map_or(first.line, |line| line.min(first.line)),
    };
    let file = file.unwrap_or(first.file);
    Ok(position(debug, entry.unit(), Row { file, line }))
}

/// Where the code at an address comes from: the function that was inlined there, if one was, and the place in the source.
pub(super) fn origin_of(
    debug: &Debug<'_>,
    body: &Body,
    addresses: Range<Address>,
    address: Address,
) -> Result<Option<(Option<EntryOffset>, SourcePosition)>, BinaryError> {
    let entry = debug.entry(body.entry)?;
    let rows = rows(entry.unit(), &addresses)
        .map_err(|error| BinaryError::malformed(".debug_line", error))?;
    let row = rows.iter().rfind(|(start, _)| *start <= address);
    let Some(position) = row.and_then(|(_, row)| position(debug, entry.unit(), *row)) else {
        return Ok(None);
    };
    // Each comes before those that are inlined into it.
    let copies = debug.below(body.entry, &[gimli::DW_TAG_inlined_subroutine], true)?;
    let mut inlined = None;
    for copy in &copies {
        if copy.ranges()?.iter().any(|range| range.contains(&address)) {
            inlined = copy.reference(gimli::DW_AT_abstract_origin);
        }
    }
    Ok(Some((inlined, position)))
}

fn line_number(number: Option<u64>) -> Option<u32> {
    number
        .and_then(|line| u32::try_from(line).ok())
        .filter(|line| *line > 0)
}

fn first_parameter(
    debug: &Debug<'_>,
    function: &Entry<'_, '_>,
) -> Result<Option<u32>, BinaryError> {
    let parameters = debug.below(function.offset(), &[gimli::DW_TAG_formal_parameter], false)?;
    Ok(parameters
        .iter()
        .filter_map(|parameter| line_number(parameter.number(gimli::DW_AT_decl_line)))
        .min())
}

/// Whether a function literal came with a function that is inlined in the one that holds it: it is outside of the
/// holder's own lines, and before these, or where an inlined function makes it.
pub(super) fn came_with_inlined(
    debug: &Debug<'_>,
    literal: &SourcePosition,
    holder: &Body,
    addresses: Range<Address>,
) -> Result<bool, BinaryError> {
    let entry = debug.entry(holder.entry)?;
    let (own, inlined) = split_rows(debug, &entry, addresses)?;
    let in_file = |row: &&Row| {
        position(debug, entry.unit(), **row).is_some_and(|position| position.file == literal.file)
    };
    let own: Vec<u32> = own.iter().filter(in_file).map(|row| row.line).collect();
    let (Some(least), Some(most)) = (own.iter().min(), own.iter().max()) else {
        return Ok(true);
    };
    let line = literal.line;
    // A literal that needs no stack check has the line of its first statement, which may be the next one.
    let mut inlined = inlined.iter().filter(in_file);
    let is_made_there = inlined.any(|row| row.line == line || row.line + 1 == line);
    Ok(line < *least || (line > *most && is_made_there))
}

/// The line of the first instruction that is no inlined function's.
fn first_own_row(
    debug: &Debug<'_>,
    function: &Entry<'_, '_>,
    addresses: Range<Address>,
) -> Result<Option<Row>, BinaryError> {
    let (own, _) = split_rows(debug, function, addresses)?;
    Ok(own.first().copied())
}

/// The rows of a function, in order: its own, and those of inlined functions.
fn split_rows(
    debug: &Debug<'_>,
    function: &Entry<'_, '_>,
    addresses: Range<Address>,
) -> Result<(Vec<Row>, Vec<Row>), BinaryError> {
    let mut foreign = Vec::new();
    for copy in debug.below(
        function.offset(),
        &[gimli::DW_TAG_inlined_subroutine],
        false,
    )? {
        foreign.extend(copy.ranges()?);
    }
    let rows = rows(function.unit(), &addresses)
        .map_err(|error| BinaryError::malformed(".debug_line", error))?;
    let (own, inlined): (Vec<_>, Vec<_>) = rows
        .into_iter()
        .partition(|(address, _)| !foreign.iter().any(|range| range.contains(address)));
    let lines = |rows: Vec<(Address, Row)>| rows.into_iter().map(|(_, row)| row).collect();
    Ok((lines(own), lines(inlined)))
}

/// The rows of a range of addresses, in order.
fn rows(unit: &Unit<'_>, addresses: &Range<Address>) -> gimli::Result<Vec<(Address, Row)>> {
    let Some(program) = unit.line_program.clone() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut rows = program.rows();
    while let Some((_, row)) = rows.next_row()? {
        let address = Address(row.address());
        let line = line_number(row.line().map(Into::into));
        if let Some(line) = line
            && !row.end_sequence()
            && addresses.contains(&address)
        {
            let file = row.file_index();
            found.push((address, Row { file, line }));
        }
    }
    Ok(found)
}

fn position(debug: &Debug<'_>, unit: &Unit<'_>, row: Row) -> Option<SourcePosition> {
    let header = unit.line_program.as_ref()?.header();
    let entry = header.file(row.file)?;
    let name = text(debug.dwarf(), unit, entry.path_name()).ok()?;
    let directory = entry
        .directory(header)
        .and_then(|directory| text(debug.dwarf(), unit, directory).ok())
        .unwrap_or_default();
    if name.is_empty() || name == "<autogenerated>" {
        return None;
    }
    let file = if name.starts_with('/') || directory.is_empty() || directory == "." {
        name.into_owned()
    } else {
        format!("{}/{name}", directory.trim_end_matches('/'))
    };
    Some(SourcePosition {
        file,
        line: row.line,
    })
}
