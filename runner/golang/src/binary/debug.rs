//! Access to the DWARF debugging information: its sections, units, entries and attributes.
//!
//! DWARF 4 and 5, as Go's linker writes them (5 by default from Go 1.25 on). What is asked of this module
//! costs as much as it reads; the one scan of everything is the [`index`](super::index).

use std::{borrow::Cow, cell::OnceCell, collections::BTreeMap, ops::Range, panic, thread};

use gimli::{
    Abbreviation, Attribute, AttributeValue, DebugInfoOffset, DwAt, DwTag, Dwarf, EndianSlice,
    LittleEndian, SectionId, UnitOffset,
};
use model::Address;

use super::{BinaryError, elf::Image};

/// A run of DWARF bytes.
pub(super) type Slice<'a> = EndianSlice<'a, LittleEndian>;
/// A compilation unit: for Go, a package.
pub(super) type Unit<'a> = gimli::Unit<Slice<'a>>;

/// An entry's place in `.debug_info`, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct EntryOffset(pub(super) usize);

/// The sections that are read; Go's linker leaves out some, C's may add others.
const SECTIONS: [SectionId; 9] = [
    SectionId::DebugInfo,
    SectionId::DebugAbbrev,
    SectionId::DebugAddr,
    SectionId::DebugLine,
    SectionId::DebugLineStr,
    SectionId::DebugRanges,
    SectionId::DebugRngLists,
    SectionId::DebugStr,
    SectionId::DebugStrOffsets,
];

/// The debugging sections that had to be decompressed.
#[derive(Default)]
pub(super) struct DebugSections {
    decompressed: BTreeMap<&'static str, Vec<u8>>,
}

impl DebugSections {
    /// Decompresses what has to be, all sections at the same time: that is a quarter of what a large binary takes.
    pub(super) fn load(image: &Image) -> Result<Self, BinaryError> {
        let sections = thread::scope(|scope| {
            let threads = SECTIONS.map(|id| {
                let name = id.name();
                (name, scope.spawn(|| image.debug_section(name)))
            });
            threads.map(|(name, thread)| match thread.join() {
                Ok(section) => (name, section),
                Err(payload) => panic::resume_unwind(payload),
            })
        });
        let mut decompressed = BTreeMap::new();
        for (name, section) in sections {
            if let Cow::Owned(bytes) = section? {
                decompressed.insert(name, bytes);
            }
        }
        Ok(Self { decompressed })
    }

    /// All sections together.
    pub(super) fn dwarf<'a>(&'a self, image: &'a Image) -> Dwarf<Slice<'a>> {
        let section = |id: SectionId| -> Result<Slice<'a>, std::convert::Infallible> {
            let bytes = match self.decompressed.get(id.name()) {
                Some(bytes) => bytes,
                None if SECTIONS.contains(&id) => image.section(id.name()).unwrap_or_default(),
                None => &[],
            };
            Ok(Slice::new(bytes, LittleEndian))
        };
        match Dwarf::load(section) {
            Ok(dwarf) => dwarf,
            Err(never) => match never {},
        }
    }
}

/// The DWARF of a binary, ready to be asked about single entries.
pub(super) struct Debug<'a> {
    dwarf: Dwarf<Slice<'a>>,
    units: &'a [usize],
    parsed: Vec<OnceCell<Unit<'a>>>,
}

impl<'a> Debug<'a> {
    /// `units`: where the units begin in `.debug_info`, in order.
    pub(super) fn new(dwarf: Dwarf<Slice<'a>>, units: &'a [usize]) -> Self {
        Self {
            dwarf,
            units,
            parsed: units.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    /// The DWARF as a whole.
    pub(super) const fn dwarf(&self) -> &Dwarf<Slice<'a>> {
        &self.dwarf
    }

    /// The unit that holds an entry, and the entry's place in it.
    pub(super) fn unit(
        &self,
        entry: EntryOffset,
    ) -> Result<(&Unit<'a>, UnitOffset<usize>), BinaryError> {
        let index = self.units.partition_point(|start| *start <= entry.0);
        let found = index
            .checked_sub(1)
            .and_then(|index| Some((self.units.get(index)?, self.parsed.get(index)?)));
        let Some((start, slot)) = found else {
            return Err(malformed(entry, "no unit holds this entry"));
        };
        let unit = match slot.get() {
            Some(unit) => unit,
            None => {
                let header = self.dwarf.unit_header(DebugInfoOffset(*start));
                let unit = header
                    .and_then(|header| self.dwarf.unit(header))
                    .map_err(|error| malformed(entry, error))?;
                slot.get_or_init(|| unit)
            }
        };
        Ok((unit, UnitOffset(entry.0 - *start)))
    }

    /// An entry.
    pub(super) fn entry(&self, offset: EntryOffset) -> Result<Entry<'_, 'a>, BinaryError> {
        let (unit, place) = self.unit(offset)?;
        let fail = |error| malformed(offset, error);
        let mut entries = unit.entries_raw(Some(place)).map_err(fail)?;
        let abbreviation = entries
            .read_abbreviation()
            .map_err(fail)?
            .ok_or_else(|| malformed(offset, "there is no entry"))?;
        let mut attributes = Vec::new();
        entries
            .read_attributes(abbreviation.attributes(), &mut attributes)
            .map_err(fail)?;
        Ok(Entry {
            dwarf: &self.dwarf,
            unit,
            offset,
            tag: abbreviation.tag(),
            attributes,
        })
    }

    /// The entries below an entry that have one of these tags, in order: its direct children, or with
    /// `deep` also theirs.
    pub(super) fn below(
        &self,
        parent: EntryOffset,
        tags: &[DwTag],
        deep: bool,
    ) -> Result<Vec<Entry<'_, 'a>>, BinaryError> {
        let (unit, place) = self.unit(parent)?;
        self.collect_below(unit, parent, place, tags, deep)
            .map_err(|error| malformed(parent, error))
    }

    /// The variables that a unit describes outside of its functions.
    pub(super) fn variables(&self, unit: EntryOffset) -> Result<Vec<Entry<'_, 'a>>, BinaryError> {
        let (parsed, _) = self.unit(unit)?;
        let entries = parsed
            .entries_raw(None)
            .map_err(|error| malformed(unit, error))?;
        let root = EntryOffset(unit.0.wrapping_add(entries.next_offset().0));
        self.below(root, &[gimli::DW_TAG_variable], false)
    }

    fn collect_below<'d>(
        &'d self,
        unit: &'d Unit<'a>,
        parent: EntryOffset,
        place: UnitOffset<usize>,
        tags: &[DwTag],
        deep: bool,
    ) -> gimli::Result<Vec<Entry<'d, 'a>>> {
        let mut found = Vec::new();
        let mut entries = unit.entries_raw(Some(place))?;
        let depth = entries.next_depth();
        if let Some(abbreviation) = entries.read_abbreviation()? {
            entries.skip_attributes(abbreviation.attributes())?;
        }
        while !entries.is_empty() && entries.next_depth() > depth {
            let below = entries.next_depth() - depth;
            let offset = entries.next_offset();
            let Some(abbreviation) = entries.read_abbreviation()? else {
                continue;
            };
            if !tags.contains(&abbreviation.tag()) || (below > 1 && !deep) {
                entries.skip_attributes(abbreviation.attributes())?;
                continue;
            }
            let mut attributes = Vec::new();
            entries.read_attributes(abbreviation.attributes(), &mut attributes)?;
            found.push(Entry {
                dwarf: &self.dwarf,
                unit,
                offset: EntryOffset(parent.0.wrapping_add(offset.0).wrapping_sub(place.0)),
                tag: abbreviation.tag(),
                attributes,
            });
        }
        Ok(found)
    }
}

/// An entry with its attributes.
pub(super) struct Entry<'d, 'a> {
    dwarf: &'d Dwarf<Slice<'a>>,
    unit: &'d Unit<'a>,
    offset: EntryOffset,
    tag: DwTag,
    attributes: Vec<Attribute<Slice<'a>>>,
}

impl<'d, 'a> Entry<'d, 'a> {
    /// Its place.
    pub(super) const fn offset(&self) -> EntryOffset {
        self.offset
    }

    /// The unit that it is in.
    pub(super) const fn unit(&self) -> &'d Unit<'a> {
        self.unit
    }

    /// What it describes.
    pub(super) const fn tag(&self) -> DwTag {
        self.tag
    }

    /// An attribute as it is.
    pub(super) fn value(&self, name: DwAt) -> Option<AttributeValue<Slice<'a>>> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name() == name)
            .map(Attribute::value)
    }

    /// Its name (`DW_AT_name`); empty if it has none.
    pub(super) fn name(&self) -> Result<Cow<'a, str>, BinaryError> {
        match self.value(gimli::DW_AT_name) {
            None => Ok(Cow::Borrowed("")),
            Some(value) => {
                text(self.dwarf, self.unit, value).map_err(|error| malformed(self.offset, error))
            }
        }
    }

    /// A number.
    pub(super) fn number(&self, name: DwAt) -> Option<u64> {
        number(&self.value(name)?)
    }

    /// Whether a flag is there and set.
    pub(super) fn flag(&self, name: DwAt) -> bool {
        matches!(self.value(name), Some(AttributeValue::Flag(true)))
    }

    /// The entry that an attribute refers to.
    pub(super) fn reference(&self, name: DwAt) -> Option<EntryOffset> {
        reference(self.unit, &self.value(name)?)
    }

    /// The ranges of addresses that its code takes.
    pub(super) fn ranges(&self) -> Result<Vec<Range<Address>>, BinaryError> {
        let entry = self
            .unit
            .entry(UnitOffset(self.offset.0 - unit_start(self.unit)));
        let mut ranges = entry
            .and_then(|entry| self.dwarf.die_ranges(self.unit, &entry))
            .map_err(|error| malformed(self.offset, error))?;
        let mut found = Vec::new();
        while let Some(range) = ranges
            .next()
            .map_err(|error| malformed(self.offset, error))?
        {
            found.push(Address(range.begin)..Address(range.end));
        }
        Ok(found)
    }
}

/// Hands all entries of a unit that are wanted by their abbreviations to `found`, with their attributes.
pub(super) fn scan<'a>(
    unit: &Unit<'a>,
    wanted: impl Fn(&Abbreviation) -> bool,
    mut found: impl FnMut(EntryOffset, &[Attribute<Slice<'a>>]) -> gimli::Result<()>,
) -> gimli::Result<()> {
    let mut attributes = Vec::new();
    let mut entries = unit.entries_raw(None)?;
    while !entries.is_empty() {
        let entry = EntryOffset(unit_start(unit).wrapping_add(entries.next_offset().0));
        match entries.read_abbreviation()? {
            Some(abbreviation) if wanted(abbreviation) => {
                entries.read_attributes(abbreviation.attributes(), &mut attributes)?;
                found(entry, &attributes)?;
            }
            Some(abbreviation) => entries.skip_attributes(abbreviation.attributes())?,
            None => {}
        }
    }
    Ok(())
}

/// Where a unit begins in `.debug_info`.
pub(super) fn unit_start(unit: &Unit<'_>) -> usize {
    unit.header.offset().0
}

/// An attribute's text.
pub(super) fn text<'a>(
    dwarf: &Dwarf<Slice<'a>>,
    unit: &Unit<'a>,
    value: AttributeValue<Slice<'a>>,
) -> gimli::Result<Cow<'a, str>> {
    let bytes = dwarf.attr_string(unit, value)?;
    Ok(String::from_utf8_lossy(bytes.slice()))
}

/// An attribute's number.
pub(super) fn number(value: &AttributeValue<Slice<'_>>) -> Option<u64> {
    match value {
        AttributeValue::FileIndex(index) => Some(*index),
        AttributeValue::Encoding(encoding) => Some(u64::from(encoding.0)),
        other => other.udata_value(),
    }
}

/// The entry that an attribute refers to.
pub(super) fn reference(unit: &Unit<'_>, value: &AttributeValue<Slice<'_>>) -> Option<EntryOffset> {
    match value {
        AttributeValue::UnitRef(place) => unit_start(unit).checked_add(place.0).map(EntryOffset),
        AttributeValue::DebugInfoRef(place) => Some(EntryOffset(place.0)),
        _ => None,
    }
}

/// Something at an entry contradicts DWARF.
pub(super) fn malformed(entry: EntryOffset, reason: impl ToString) -> BinaryError {
    BinaryError::malformed(format!(".debug_info at {:#x}", entry.0), reason)
}
