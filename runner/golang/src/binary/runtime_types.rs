//! Runtime types: which type in the DWARF is which `abi.Type` in memory, the address that an interface holds.
//!
//! The linker gives DWARF types an attribute with their runtime type's place, counted from the begin of the section that
//! has them (`cmd/link/internal/ld/dwarf.go`, `newtype`; `DW_CLS_GO_TYPEREF`); 0 for those that the program does not
//! have at run time. What the file has at that place is compared with the DWARF, and left out where they differ.

use std::collections::{BTreeMap, BTreeSet};

use gimli::Abbreviation;
use model::{Address, TypeId, TypeTable};

use super::{
    BinaryError,
    attributes::{GO_KIND, GO_RUNTIME_TYPE},
    debug::{Debug, EntryOffset, malformed, number, scan},
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
/// Up to this release the attribute of `uintptr` is an absolute address (`DW_CLS_ADDRESS`).
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

/// A runtime type that the DWARF refers to.
#[derive(Clone, Copy)]
struct Reference {
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
        let references = referenced(debug, index)?;
        Ok(Self {
            found: Memory { image, release }.most(&references),
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
    fn most(&self, references: &[Reference]) -> Vec<(EntryOffset, Address, Header)> {
        let Some(types) = self.image.symbol_address(TYPES) else {
            return Vec::new();
        };
        let section = self.image.section_start(types);
        let found = self.from(types, references);
        match section.filter(|section| *section != types) {
            Some(section) if found.len() < references.len() / 2 => {
                let other = self.from(section, references);
                if other.len() > found.len() {
                    other
                } else {
                    found
                }
            }
            _ => found,
        }
    }

    fn from(&self, base: Address, references: &[Reference]) -> Vec<(EntryOffset, Address, Header)> {
        let header = |reference: &Reference| {
            let relative = base.0.checked_add(reference.place);
            let relative =
                relative.and_then(|address| self.header(Address(address), reference.kind));
            let (address, header) = relative.or_else(|| self.absolute(reference))?;
            Some((reference.entry, address, header))
        };
        references.iter().filter_map(header).collect()
    }

    fn absolute(&self, reference: &Reference) -> Option<(Address, Header)> {
        if self.release.minor() > LAST_ABSOLUTE || reference.kind != go_kind::UINTPTR {
            return None;
        }
        self.header(Address(reference.place), reference.kind)
    }

    /// The type at that address, if it is of that kind.
    fn header(&self, address: Address, kind: u64) -> Option<(Address, Header)> {
        let header = type_data::header(self.image, self.release.minor(), address)?;
        (header.kind == kind).then_some((address, header))
    }
}

/// All types that the program has at run time, by their entries.
fn referenced(debug: &Debug<'_>, index: &Index) -> Result<Vec<Reference>, BinaryError> {
    let has_place = |abbreviation: &Abbreviation| {
        let mut attributes = abbreviation.attributes().iter();
        attributes.any(|attribute| attribute.name() == GO_RUNTIME_TYPE)
    };
    let mut references = Vec::new();
    for start in &index.typed_units {
        let start = EntryOffset(*start);
        let (unit, _) = debug.unit(start)?;
        scan(unit, has_place, |entry, attributes| {
            let value = |name| {
                let attribute = attributes.iter().find(|a| a.name() == name)?;
                match attribute.value() {
                    gimli::AttributeValue::Addr(address) => Some(address),
                    value => number(&value),
                }
            };
            if let (Some(place @ 1..), Some(kind)) = (value(GO_RUNTIME_TYPE), value(GO_KIND)) {
                let kind = kind & go_kind::MASK;
                references.push(Reference { entry, place, kind });
            }
            Ok(())
        })
        .map_err(|error| malformed(start, error))?;
    }
    Ok(references)
}
