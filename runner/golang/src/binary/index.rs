//! One scan of all of the DWARF: where the functions' bodies, their inlined copies and the runtime's
//! structs are described. What it keeps are places; the details are read when they are asked for.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use gimli::{Abbreviation, Attribute, AttributeSpecification, AttributeValue, DwAt};
use model::{Address, PackageNames};

use super::{
    BinaryError, SymbolKind,
    attributes::GO_CLOSURE_OFFSET,
    author::Author,
    debug::{
        Debug, EntryOffset, Slice, Unit, malformed, number, reference, scan, text, unit_start,
    },
};
use crate::names;

/// How many callers that hold a copy of a function are kept.
const KEPT_CALLERS: usize = 4;

/// Where things are described.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Where the units begin in `.debug_info`, in order.
    pub(super) units: Vec<usize>,
    /// The bodies, by the address of their first byte.
    pub(super) bodies: BTreeMap<Address, Body>,
    /// The functions that were inlined somewhere, by their abstract entry.
    pub(super) inlinable: HashMap<EntryOffset, Inlinable>,
    /// The runtime's structs that were looked for, by name.
    pub(super) structs: BTreeMap<&'static str, EntryOffset>,
    /// The units that describe types, by where they begin: one, in what Go's linker writes.
    pub(super) typed_units: Vec<usize>,
    /// The bodies of the function literals whose captured variables have places in the closure.
    pub(super) closures: BTreeSet<Address>,
    /// What the packages are called whose paths end otherwise.
    pub(super) packages: PackageNames,
    /// The packages' constants, by their types.
    pub(super) constants: HashMap<EntryOffset, Vec<EntryOffset>>,
}

/// `DW_AT_go_package_name` (cmd/internal/dwarf/dwarf.go).
const GO_PACKAGE_NAME: DwAt = DwAt(0x2905);

/// A function's body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    /// Its entry.
    pub(super) entry: EntryOffset,
    /// The entry that describes the function wherever it was inlined, and has its name and parameters.
    pub(super) origin: Option<EntryOffset>,
    /// Who wrote it.
    pub(super) author: Author,
    /// The line that it is declared on; none for a body with an origin, which has it.
    pub(super) line: Option<u32>,
}

/// A function that was inlined somewhere, or could have been.
#[derive(Clone, Debug, Default)]
pub(super) struct Inlinable {
    /// Its name.
    pub(super) name: String,
    /// Who made it.
    pub(super) kind: SymbolKind,
    /// The path of its package, in bytes of the name.
    pub(super) package: usize,
    /// The line that it is declared on, from Go 1.20 on.
    pub(super) line: Option<u32>,
    /// How many copies there are.
    pub(super) copies: u64,
    /// The bodies that hold the first of them.
    pub(super) callers: Vec<Address>,
}

impl Index {
    /// Scans everything.
    pub(super) fn scan(
        dwarf: &gimli::Dwarf<Slice<'_>>,
        structs: &[&'static str],
    ) -> Result<Self, BinaryError> {
        let mut index = Self::default();
        let mut headers = dwarf.units();
        loop {
            let header = headers.next().map_err(|error| {
                let after = index.units.last().copied().unwrap_or(0);
                BinaryError::malformed(format!(".debug_info after {after:#x}"), error)
            })?;
            let Some(header) = header else { break };
            let start = header.offset().0;
            index.units.push(start);
            dwarf
                .unit(header)
                .and_then(|unit| UnitScan::new(&mut index, dwarf, &unit, structs).run())
                .map_err(|error| malformed(EntryOffset(start), error))?;
        }
        Ok(index)
    }

    /// Where each type is described, by its name in Go's notation.
    pub(super) fn type_names(
        &self,
        debug: &Debug<'_>,
    ) -> Result<HashMap<String, EntryOffset>, BinaryError> {
        let mut names = HashMap::new();
        for start in &self.units {
            let (unit, _) = debug.unit(EntryOffset(*start))?;
            scan(unit, is_type, |entry, attributes| {
                let mut attributes = attributes.iter();
                if let Some(name) = attributes.find(|a| a.name() == gimli::DW_AT_name) {
                    let name = text(debug.dwarf(), unit, name.value())?;
                    let name = names::unescape(&name).into_owned();
                    names.entry(name).or_insert(entry);
                }
                Ok(())
            })
            .map_err(|error| malformed(EntryOffset(*start), error))?;
        }
        Ok(names)
    }
}

fn is_type(abbreviation: &Abbreviation) -> bool {
    matches!(
        abbreviation.tag(),
        gimli::DW_TAG_array_type
            | gimli::DW_TAG_base_type
            | gimli::DW_TAG_pointer_type
            | gimli::DW_TAG_structure_type
            | gimli::DW_TAG_subroutine_type
            | gimli::DW_TAG_typedef
    )
}

/// The scan of one unit.
struct UnitScan<'s, 'a> {
    index: &'s mut Index,
    dwarf: &'s gimli::Dwarf<Slice<'a>>,
    unit: &'s Unit<'a>,
    structs: &'s [&'static str],
    authors: HashMap<u64, Author>,
    attributes: Vec<Attribute<Slice<'a>>>,
    /// The body that the scan is in.
    body: Option<Address>,
}

impl<'s, 'a> UnitScan<'s, 'a> {
    fn new(
        index: &'s mut Index,
        dwarf: &'s gimli::Dwarf<Slice<'a>>,
        unit: &'s Unit<'a>,
        structs: &'s [&'static str],
    ) -> Self {
        Self {
            authors: authors(dwarf, unit),
            index,
            dwarf,
            unit,
            structs,
            attributes: Vec::new(),
            body: None,
        }
    }

    fn run(mut self) -> gimli::Result<()> {
        let mut entries = self.unit.entries_raw(None)?;
        while !entries.is_empty() {
            let entry = EntryOffset(unit_start(self.unit).wrapping_add(entries.next_offset().0));
            let Some(abbreviation) = entries.read_abbreviation()? else {
                continue;
            };
            let specifications = abbreviation.attributes();
            let wanted = match abbreviation.tag() {
                gimli::DW_TAG_structure_type => self.index.structs.len() < self.structs.len(),
                gimli::DW_TAG_compile_unit
                | gimli::DW_TAG_constant
                | gimli::DW_TAG_subprogram
                | gimli::DW_TAG_inlined_subroutine => true,
                gimli::DW_TAG_base_type => {
                    self.typed();
                    false
                }
                gimli::DW_TAG_variable => {
                    self.variable(specifications);
                    false
                }
                _ => false,
            };
            if !wanted {
                entries.skip_attributes(specifications)?;
                continue;
            }
            entries.read_attributes(specifications, &mut self.attributes)?;
            match abbreviation.tag() {
                gimli::DW_TAG_compile_unit if !self.is_go() => return Ok(()),
                gimli::DW_TAG_compile_unit => self.package()?,
                gimli::DW_TAG_structure_type => self.structure(entry)?,
                gimli::DW_TAG_subprogram => self.subprogram(entry)?,
                gimli::DW_TAG_inlined_subroutine => self.copy(),
                gimli::DW_TAG_constant => self.constant(entry),
                _ => {}
            }
        }
        Ok(())
    }

    fn attribute(&self, name: DwAt) -> Option<AttributeValue<Slice<'a>>> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name() == name)
            .map(Attribute::value)
    }

    fn name(&self) -> gimli::Result<Cow<'a, str>> {
        self.attribute(gimli::DW_AT_name)
            .map_or(Ok(Cow::Borrowed("")), |value| {
                text(self.dwarf, self.unit, value)
            })
    }

    fn is_go(&self) -> bool {
        matches!(
            self.attribute(gimli::DW_AT_language),
            Some(AttributeValue::Language(gimli::DW_LANG_Go))
        )
    }

    /// A unit is a package, and has its path as its name.
    fn package(&mut self) -> gimli::Result<()> {
        if let Some(name) = self.attribute(GO_PACKAGE_NAME) {
            let name = text(self.dwarf, self.unit, name)?;
            self.index.packages.add(&self.name()?, &name);
        }
        Ok(())
    }

    fn structure(&mut self, entry: EntryOffset) -> gimli::Result<()> {
        let name = self.name()?;
        if let Some(wanted) = self.structs.iter().find(|wanted| **wanted == name) {
            self.index.structs.entry(wanted).or_insert(entry);
        }
        Ok(())
    }

    fn constant(&mut self, entry: EntryOffset) {
        let ty = self.attribute(gimli::DW_AT_type);
        if let Some(ty) = ty.and_then(|value| reference(self.unit, &value)) {
            self.index.constants.entry(ty).or_default().push(entry);
        }
    }

    fn typed(&mut self) {
        let start = unit_start(self.unit);
        if self.index.typed_units.last() != Some(&start) {
            self.index.typed_units.push(start);
        }
    }

    fn variable(&mut self, specifications: &[AttributeSpecification]) {
        let captured = || specifications.iter().any(|s| s.name() == GO_CLOSURE_OFFSET);
        if let Some(body) = self.body
            && captured()
        {
            self.index.closures.insert(body);
        }
    }

    fn subprogram(&mut self, entry: EntryOffset) -> gimli::Result<()> {
        if self.attribute(gimli::DW_AT_inline).is_some() {
            let name = self.name()?;
            let line = self.line();
            let inlinable = self.index.inlinable.entry(entry).or_default();
            inlinable.package = names::unescape(&name[..names::package_end(&name)]).len();
            inlinable.name = names::unescape(&name).into_owned();
            inlinable.kind = SymbolKind::of(&name, None);
            inlinable.line = line;
            return Ok(());
        }
        let start = match self.attribute(gimli::DW_AT_low_pc) {
            Some(value) => self.dwarf.attr_address(self.unit, value)?.map(Address),
            None => None,
        };
        self.body = start;
        if let Some(start) = start {
            let body = Body {
                entry,
                origin: self.origin(),
                author: self.author(),
                line: self.line(),
            };
            self.index.bodies.insert(start, body);
        }
        Ok(())
    }

    fn line(&self) -> Option<u32> {
        let line = number(&self.attribute(gimli::DW_AT_decl_line)?)?;
        u32::try_from(line).ok()
    }

    fn origin(&self) -> Option<EntryOffset> {
        reference(self.unit, &self.attribute(gimli::DW_AT_abstract_origin)?)
    }

    fn author(&self) -> Author {
        if self.attribute(gimli::DW_AT_trampoline).is_some() {
            return Author::Compiler;
        }
        self.attribute(gimli::DW_AT_decl_file)
            .and_then(|value| self.authors.get(&number(&value)?))
            .copied()
            .unwrap_or(Author::Go)
    }

    fn copy(&mut self) {
        if let (Some(origin), Some(caller)) = (self.origin(), self.body) {
            let inlinable = self.index.inlinable.entry(origin).or_default();
            inlinable.copies += 1;
            if inlinable.callers.len() < KEPT_CALLERS {
                inlinable.callers.push(caller);
            }
        }
    }
}

/// Who wrote the code in a unit's files, by the file's number, where it is not a person in Go.
fn authors(dwarf: &gimli::Dwarf<Slice<'_>>, unit: &Unit<'_>) -> HashMap<u64, Author> {
    let Some(program) = &unit.line_program else {
        return HashMap::new();
    };
    let first = if program.header().version() >= 5 {
        0
    } else {
        1
    };
    let files = program.header().file_names();
    (first..)
        .zip(files)
        .filter_map(|(number, file)| {
            let path = text(dwarf, unit, file.path_name()).ok()?;
            if path == "<autogenerated>" {
                Some((number, Author::Compiler))
            } else {
                path.ends_with(".s").then_some((number, Author::Assembly))
            }
        })
        .collect()
}
