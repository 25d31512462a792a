//! The runtime's own table of functions (`pclntab`), as far as it shows what arguments a function takes, and how a stack walk
//! goes through its frame.
//!
//! Up to Go 1.21 the DWARF leaves out parameters without a name, so whether a list is whole has to be
//! learnt elsewhere: up to 1.16 from the size of all arguments and results together, from 1.17 on from
//! what tracebacks print (`FUNCDATA_ArgInfo`, `cmd/compile/internal/ssagen/ssa.go`, `EmitArgInfo`).
//! Formats: `debug/gosym/pclntab.go` and `runtime/symtab.go` of the releases.

use std::ops::Range;

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
    /// Where the tables of values by address are.
    values: Address,
}

/// How the runtime takes a function when it walks a stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Treatment {
    /// Bytes of its arguments and results on the stack, and of the room that the register ABI keeps there for arguments.
    pub(super) argument_bytes: u32,
    /// Whether it is like any other function: the runtime has neither a number (`funcID`) for it, nor a flag (`funcFlag`: the
    /// stack's top, assembly, code that writes the stack pointer).
    pub(super) is_ordinary: bool,
}

/// What a stack walk finds for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// How far the stack pointer is there below where it was at the function's entry (`pcsp`), in bytes.
    pub(super) stack: i32,
    /// Whether a goroutine may be preempted there (`PCDATA_UnsafePoint`): −1 if it may, −2 if not; less where it must begin a
    /// sequence, or the function, again.
    pub(super) preemption: i32,
}

/// A value that holds up to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ValueRun {
    value: i32,
    end: Address,
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
        let values = match layout {
            Layout::Go12 => table,
            Layout::Go116 => Address(table.0.checked_add(word(5)?)?),
            Layout::Go118 | Layout::Go120 => Address(table.0.checked_add(word(6)?)?),
        };
        Some(Self {
            layout,
            base,
            values,
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
        let fixed = self.fixed_bytes();
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

    /// How the runtime takes a function; none if it does not know how large its arguments are.
    pub(super) fn treatment(&self, image: &Image, function: Address) -> Option<Treatment> {
        let argument_bytes = u32::try_from(self.argument_bytes(image, function)?).ok()?;
        let record = self.record(image, function)?;
        // A number, flags from Go 1.17 on and nothing before, a byte of nothing.
        let marks = image.bytes_at(record.offset(self.fixed_bytes() - 4), 3)?;
        Some(Treatment {
            argument_bytes,
            is_ordinary: marks.iter().all(|mark| *mark == 0),
        })
    }

    /// What a stack walk finds for an address in a function.
    pub(super) fn at(&self, image: &Image, function: Address, address: Address) -> Option<Moment> {
        /// `PCDATA_UnsafePoint` of internal/abi/symtab.go.
        const UNSAFE_POINT: u64 = 0;
        const SAFE: i32 = -1;
        let record = self.record(image, function)?;
        let table = image.u32_at(record.offset(self.entry_bytes() + 4 * 3))?;
        let stack = self.value(image, table, function, address)?;
        let tables = image.u32_at(record.offset(self.entry_bytes() + 4 * 6))?;
        let preemption = match u64::from(tables) > UNSAFE_POINT {
            true => image.u32_at(record.offset(self.fixed_bytes()))?,
            false => 0,
        };
        let preemption = match preemption {
            0 => SAFE,
            table => self.value(image, table, function, address)?,
        };
        Some(Moment { stack, preemption })
    }

    /// How far the stack pointer goes below where it is at a function's entry, at most, in bytes; `code` is where the function is.
    pub(super) fn frame_bytes(&self, image: &Image, code: Range<Address>) -> Option<u32> {
        let record = self.record(image, code.start)?;
        let table = image.u32_at(record.offset(self.entry_bytes() + 4 * 3))?;
        let mut most = None;
        for run in self.runs(image, table, code.start) {
            most = most.max(Some(run.value));
            if run.end >= code.end {
                break;
            }
        }
        most.filter(|_| table != 0)
            .and_then(|most| u32::try_from(most).ok())
    }

    /// The value of a table for an address in a function.
    fn value(&self, image: &Image, table: u32, function: Address, address: Address) -> Option<i32> {
        let mut runs = self.runs(image, table, function);
        runs.find(|run| address < run.end).map(|run| run.value)
    }

    /// The values of a table: pairs of differences, of the value (zigzag) and of the address, as variable-length numbers, up to a
    /// difference of 0 (`pcvalue` and `step` of runtime/symtab.go).
    fn runs<'i>(
        &self,
        image: &'i Image,
        table: u32,
        function: Address,
    ) -> impl Iterator<Item = ValueRun> + use<'i> {
        let mut place = self.values.offset(i64::from(table));
        let mut number = move || {
            let mut number = 0u32;
            for shift in (0..32).step_by(7) {
                let byte = *image.bytes_at(place, 1)?.first()?;
                place = place.offset(1);
                number |= u32::from(byte & 0x7f).wrapping_shl(shift);
                if byte & 0x80 == 0 {
                    return Some(number);
                }
            }
            None
        };
        let (mut value, mut end) = (-1i32, function);
        std::iter::from_fn(move || {
            let difference = number()?;
            if difference == 0 && end != function {
                return None;
            }
            let sign = (difference & 1).wrapping_neg().cast_signed();
            value = value.wrapping_add((difference >> 1).cast_signed() ^ sign);
            end = end.offset(i64::from(number()?));
            Some(ValueRun { value, end })
        })
    }

    /// Bytes of the part of a record that all functions have.
    const fn fixed_bytes(&self) -> i64 {
        self.entry_bytes() + 4 * self.words() + 4
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
