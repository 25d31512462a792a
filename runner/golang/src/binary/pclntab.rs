//! The runtime's own table of functions (`pclntab`), as far as it shows what arguments a function takes.
//!
//! Up to Go 1.21 the DWARF leaves out parameters without a name, so whether a list is whole has to be
//! learnt elsewhere: up to 1.16 from the size of all arguments and results together, from 1.17 on from
//! what tracebacks print (`FUNCDATA_ArgInfo`, `cmd/compile/internal/ssagen/ssa.go`, `EmitArgInfo`).
//! Formats: `debug/gosym/pclntab.go` and `runtime/symtab.go` of the releases.

use model::Address;

use super::elf::Image;

/// Index of the arguments' description among a function's data (`internal/abi/symtab.go`).
const ARGUMENT_INFO: usize = 5;
/// Operators in it; smaller bytes are offsets, each before a size.
const END_SEQUENCE: u8 = 0xff;
const START_AGGREGATE: u8 = 0xfe;
const END_AGGREGATE: u8 = 0xfd;
const MORE: u8 = 0xfc;
const OFFSET_TOO_LARGE: u8 = 0xfb;
/// The longest sequence that the compiler writes, in bytes.
const MAX_SEQUENCE: usize = 171;

/// How the tables are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Up to Go 1.15.
    Go12,
    /// Go 1.16 and 1.17.
    Go116,
    /// Go 1.18 and 1.19.
    Go118,
    /// From Go 1.20 on.
    Go120,
}

/// The runtime's table of functions.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionTable {
    layout: Layout,
    /// Where the offsets of functions count from.
    base: Address,
    /// The table of functions' addresses, sorted.
    entries: Address,
    count: u64,
    /// Where the text begins, and where functions' data does; from Go 1.18 on.
    text: u64,
    data: Option<Address>,
}

/// A part of an argument, as tracebacks print it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A number, a pointer or the like, with its size in bytes.
    Word(u8),
    /// One whose size is unknown, for it is too far from the first.
    Far,
    /// A string, slice, interface, struct or array begins.
    Open,
    /// It ends.
    Close,
    /// More parts follow that are not listed.
    More,
}

impl FunctionTable {
    /// Finds the table; none if this release's format is not known.
    pub(super) fn find(image: &Image) -> Option<Self> {
        let table = image.symbol_address("runtime.pclntab")?;
        let header = image.bytes_at(table, 16)?;
        let layout = match u32::from_le_bytes(*header.first_chunk()?) {
            0xffff_fffb => Layout::Go12,
            0xffff_fffa => Layout::Go116,
            0xffff_fff0 => Layout::Go118,
            0xffff_fff1 => Layout::Go120,
            _ => return None,
        };
        let word = |index: i64| image.u64_at(table.offset(8 + 8 * index));
        let (text, base) = match layout {
            Layout::Go12 => (0, table),
            Layout::Go116 => (0, Address(table.0.checked_add(word(6)?)?)),
            Layout::Go118 | Layout::Go120 => {
                // Go 1.26 leaves the begin of the text out.
                let text = image.pointer_at(table.offset(24));
                let text = text
                    .filter(|text| text.0 != 0)
                    .or_else(|| image.symbol_address("runtime.text"))?
                    .0;
                (text, Address(table.0.checked_add(word(7)?)?))
            }
        };
        Some(Self {
            layout,
            base,
            entries: if layout == Layout::Go12 {
                table.offset(16)
            } else {
                base
            },
            count: word(0)?,
            text,
            data: image
                .symbol_address("go:func.*")
                .or_else(|| image.symbol_address("go.func.*")),
        })
    }

    /// Bytes of all arguments and results together, on the stack.
    pub(super) fn argument_bytes(&self, image: &Image, function: Address) -> Option<u64> {
        let record = self.record(image, function)?;
        let bytes = image.u32_at(record.offset(self.entry_bytes() + 4))?;
        (bytes.cast_signed() >= 0).then_some(u64::from(bytes))
    }

    /// The line on which a function is declared; from Go 1.20 on.
    pub(super) fn start_line(&self, image: &Image, function: Address) -> Option<u32> {
        if self.layout != Layout::Go120 {
            return None;
        }
        let record = self.record(image, function)?;
        image
            .u32_at(record.offset(self.entry_bytes() + 4 * 8))
            .filter(|line| *line > 0)
    }

    /// The parts of a function's parameters, in order; from Go 1.17 on. Empty for one without any.
    pub(super) fn argument_parts(&self, image: &Image, function: Address) -> Option<Vec<Part>> {
        let record = self.record(image, function)?;
        let fixed = self.entry_bytes() + 4 * self.words() + 4;
        let byte = |at: i64| image.bytes_at(record.offset(at), 1)?.first().copied();
        let tables = i64::from(image.u32_at(record.offset(self.entry_bytes() + 4 * 6))?);
        if usize::from(byte(fixed - 1)?) <= ARGUMENT_INFO {
            return Some(Vec::new());
        }
        let data = record.offset(fixed.checked_add(tables.checked_mul(4)?)?);
        let place = if self.layout == Layout::Go116 {
            let data = Address(data.0.checked_next_multiple_of(8)?);
            let slot = data.offset(8 * ARGUMENT_INFO as i64);
            match image.pointer_at(slot) {
                Some(place) if place.0 != 0 => place,
                _ => return Some(Vec::new()),
            }
        } else {
            match image.u32_at(data.offset(4 * ARGUMENT_INFO as i64))? {
                u32::MAX => return Some(Vec::new()),
                offset => self.data?.offset(i64::from(offset)),
            }
        };
        parts(image, place)
    }

    /// Bytes of a function's address in its record.
    const fn entry_bytes(&self) -> i64 {
        match self.layout {
            Layout::Go12 | Layout::Go116 => 8,
            Layout::Go118 | Layout::Go120 => 4,
        }
    }

    /// How many 4-byte words are between the address and the four bytes that end a record.
    const fn words(&self) -> i64 {
        match self.layout {
            Layout::Go12 => 7,
            Layout::Go116 | Layout::Go118 => 8,
            Layout::Go120 => 9,
        }
    }

    /// Where the record of the function that begins at this address is.
    fn record(&self, image: &Image, function: Address) -> Option<Address> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let (entry, record) = self.entry(image, middle)?;
            match entry.cmp(&function) {
                std::cmp::Ordering::Equal => return Some(record),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    fn entry(&self, image: &Image, index: u64) -> Option<(Address, Address)> {
        let wide = self.entry_bytes() == 8;
        let step = if wide { 16 } else { 8 };
        let place = Address(self.entries.0.checked_add(index.checked_mul(step)?)?);
        let (entry, record) = if wide {
            (image.pointer_at(place)?.0, image.u64_at(place.offset(8))?)
        } else {
            (
                self.text.checked_add(u64::from(image.u32_at(place)?))?,
                u64::from(image.u32_at(place.offset(4))?),
            )
        };
        Some((Address(entry), Address(self.base.0.checked_add(record)?)))
    }
}

fn parts(image: &Image, mut place: Address) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut next = || {
        let byte = image.bytes_at(place, 1)?.first().copied();
        place = place.offset(1);
        byte
    };
    while parts.len() < MAX_SEQUENCE {
        parts.push(match next()? {
            END_SEQUENCE => return Some(parts),
            START_AGGREGATE => Part::Open,
            END_AGGREGATE => Part::Close,
            MORE => Part::More,
            OFFSET_TOO_LARGE => Part::Far,
            _ => Part::Word(next()?),
        });
    }
    None
}
