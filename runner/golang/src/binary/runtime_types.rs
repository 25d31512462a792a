//! Runtime types: which type in the DWARF is which `abi.Type` in memory, the address that an interface holds.
//!
//! The linker gives DWARF types an attribute with their runtime type's place, counted from the begin of the section that
//! has them (`cmd/link/internal/ld/dwarf.go`, `newtype`; `DW_CLS_GO_TYPEREF`); 0 for those that the program does not
//! have at run time. What stands in the file at that place is compared with the DWARF, and left out where they differ.

use std::collections::{BTreeMap, BTreeSet};

use gimli::Attribute;
use model::{Address, TypeId, TypeTable};

use super::{
    BinaryError,
    attributes::{GO_KIND, GO_RUNTIME_TYPE},
    debug::{Debug, EntryOffset, Slice, malformed, number, unit_start},
    elf::Image,
    go_kind,
    index::Index,
    type_data::{self, Header},
    types::TypeReader,
};
use crate::GoRelease;

/// A type that interfaces can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuntimeType {
    /// The address of its runtime type (`internal/abi.Type`), as linked.
    pub address: Address,
    /// The type.
    pub ty: TypeId,
    /// Whether an interface's data word is the value itself rather than a pointer to it.
    pub direct: bool,
}

/// The symbol where the runtime types begin.
const TYPES: &str = "runtime.types";
/// Up to this release the attribute of `uintptr` is an address as it stands (`DW_CLS_ADDRESS`).
const LAST_ABSOLUTE: u32 = 23;
/// The runtime types that the DWARF speaks of and the file has.
pub(super) struct RuntimeTypes {
    found: Vec<(EntryOffset, Address, Header)>,
}

/// Runtime types whose own types are in a table.
#[derive(Default)]
pub(super) struct Listed {
    listed: Vec<(TypeId, Address, Header)>,
}

/// What the DWARF tells of a runtime type.
#[derive(Clone, Copy)]
struct Told {
    entry: EntryOffset,
    place: u64,
    kind: u64,
}

impl RuntimeTypes {
    /// Reads them all.
    pub(super) fn read(
        debug: &Debug<'_>,
        index: &Index,
        image: &Image,
        release: &GoRelease,
    ) -> Result<Self, BinaryError> {
        let told = told(debug, index)?;
        Ok(Self {
            found: Memory { image, release }.most(&told),
        })
    }

    /// The addresses of those with these names.
    pub(super) fn named(
        &self,
        debug: &Debug<'_>,
        names: &[&str],
    ) -> Result<BTreeSet<Address>, BinaryError> {
        let mut addresses = BTreeSet::new();
        if names.is_empty() {
            return Ok(addresses);
        }
        for (entry, address, _) in &self.found {
            let name = debug.entry(*entry)?.name()?;
            if names.iter().any(|wanted| *wanted == name) {
                addresses.insert(*address);
            }
        }
        Ok(addresses)
    }

    /// Puts those into the table that are wanted.
    pub(super) fn list(
        &self,
        types: &mut TypeReader<'_, '_>,
        wanted: impl Fn(Address) -> bool,
    ) -> Listed {
        let found = self.found.iter();
        let listed = found
            .filter(|(_, address, _)| wanted(*address))
            .map(|(entry, address, header)| (types.id(*entry), *address, *header));
        Listed {
            listed: listed.collect(),
        }
    }
}

impl Listed {
    /// Those that are as large as the table says, by address.
    pub(super) fn confirmed(self, types: &TypeTable) -> Vec<RuntimeType> {
        let mut confirmed: BTreeMap<Address, Option<RuntimeType>> = BTreeMap::new();
        for (ty, address, header) in self.listed {
            if types.get(ty).is_none_or(|ty| ty.size != header.size) {
                continue;
            }
            let this = RuntimeType {
                address,
                ty,
                direct: header.direct,
            };
            confirmed
                .entry(address)
                // Two types cannot have one runtime type: none is to be believed then.
                .and_modify(|known| *known = known.filter(|known| known.ty == this.ty))
                .or_insert(Some(this));
        }
        confirmed.into_values().flatten().collect()
    }
}

/// The types in the file.
struct Memory<'b> {
    image: &'b Image,
    release: &'b GoRelease,
}

impl Memory<'_> {
    /// What the file has of these types, counted from where most of them are right: the symbol or, where another linker
    /// put something before it, the section's begin.
    fn most(&self, told: &[Told]) -> Vec<(EntryOffset, Address, Header)> {
        let Some(types) = self.image.symbol_address(TYPES) else {
            return Vec::new();
        };
        let section = self.image.section_start(types);
        let found = self.from(types, told);
        match section.filter(|section| *section != types) {
            Some(section) if found.len() < told.len() / 2 => {
                let other = self.from(section, told);
                if other.len() > found.len() {
                    other
                } else {
                    found
                }
            }
            _ => found,
        }
    }

    fn from(&self, base: Address, told: &[Told]) -> Vec<(EntryOffset, Address, Header)> {
        let header = |told: &Told| {
            let relative = base.0.checked_add(told.place);
            let relative = relative.and_then(|address| self.header(Address(address), told.kind));
            let (address, header) = relative.or_else(|| self.absolute(told))?;
            Some((told.entry, address, header))
        };
        told.iter().filter_map(header).collect()
    }

    fn absolute(&self, told: &Told) -> Option<(Address, Header)> {
        if self.release.minor() > LAST_ABSOLUTE || told.kind != go_kind::UINTPTR {
            return None;
        }
        self.header(Address(told.place), told.kind)
    }

    /// The type at that address, if it is of that kind.
    fn header(&self, address: Address, kind: u64) -> Option<(Address, Header)> {
        let header = type_data::header(self.image, self.release.minor(), address)?;
        (header.kind == kind).then_some((address, header))
    }
}

/// All types that the program has at run time, by their entries.
fn told(debug: &Debug<'_>, index: &Index) -> Result<Vec<Told>, BinaryError> {
    let mut told = Vec::new();
    for start in &index.typed_units {
        let unit = EntryOffset(*start);
        told_by_unit(debug, unit, &mut told)?.map_err(|error| malformed(unit, error))?;
    }
    Ok(told)
}

fn told_by_unit(
    debug: &Debug<'_>,
    unit: EntryOffset,
    told: &mut Vec<Told>,
) -> Result<gimli::Result<()>, BinaryError> {
    let (unit, _) = debug.unit(unit)?;
    let mut scan = || -> gimli::Result<()> {
        let mut attributes: Vec<Attribute<Slice<'_>>> = Vec::new();
        let mut entries = unit.entries_raw(None)?;
        while !entries.is_empty() {
            let entry = EntryOffset(unit_start(unit).wrapping_add(entries.next_offset().0));
            let Some(abbreviation) = entries.read_abbreviation()? else {
                continue;
            };
            let specifications = abbreviation.attributes();
            if specifications.iter().all(|s| s.name() != GO_RUNTIME_TYPE) {
                entries.skip_attributes(specifications)?;
                continue;
            }
            entries.read_attributes(specifications, &mut attributes)?;
            let value = |name| {
                let attribute = attributes.iter().find(|a| a.name() == name)?;
                match attribute.value() {
                    gimli::AttributeValue::Addr(address) => Some(address),
                    value => number(&value),
                }
            };
            let (place, kind) = (value(GO_RUNTIME_TYPE), value(GO_KIND));
            if let (Some(place @ 1..), Some(kind)) = (place, kind) {
                told.push(Told {
                    entry,
                    place,
                    kind: kind & go_kind::MASK,
                });
            }
        }
        Ok(())
    };
    Ok(scan())
}
