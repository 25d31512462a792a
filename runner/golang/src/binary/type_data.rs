//! Types as the program itself has them: `abi.Type` and what follows it, in the binary's data.
//!
//! The DWARF does not describe types that only ever are in an interface (`Color(1)` as an argument of `any`). These are
//! found by looking at every place between `runtime.types` and `runtime.etypes` that could be one. What is taken for a
//! type and is none does no harm, for nothing refers to it.
//!
//! Sources: `internal/abi/{type,map}*.go`, up to Go 1.20 `reflect/type.go`.

use std::collections::HashMap;

use model::Address;

use super::{elf::Image, go_kind};
use crate::GoRelease;

/// The symbol where the runtime types begin, and the one where they end.
const TYPES: &str = "runtime.types";
const END: &str = "runtime.etypes";
/// Types begin at multiples of this, in bytes.
const ALIGNMENT: usize = 8;
/// Size of an `abi.Type`; what the kind needs follows.
const HEADER: u64 = 48;
/// Size of an `abi.Method`, which begins with its name's offset.
const METHOD: u64 = 16;
/// From this release on `direct` is a type's flag rather than a bit of its kind.
const FIRST_DIRECT_FLAG: u32 = 26;
/// `KindDirectIface`, and `TFlagDirectIface`.
const DIRECT: u8 = 1 << 5;
/// Up to this release a name's length has two bytes; then it is a varint.
const LAST_WIDE_LENGTH: u32 = 16;
/// Up to this release a field's offset is doubled, and its lowest bit says whether it is embedded; then a bit of its name does.
const LAST_DOUBLED_OFFSET: u32 = 18;
/// How many fields and parameters are read at most, of one type and of all.
const MAX_PARTS: u64 = 1 << 12;
const MAX_PARTS_OF_ALL: u64 = 1 << 22;

pub(super) mod flag {
    pub(in super::super) const UNCOMMON: u8 = 1 << 0;
    pub(in super::super) const EXTRA_STAR: u8 = 1 << 1;
    pub(in super::super) const NAMED: u8 = 1 << 2;
}

/// The begin of an `abi.Type`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Size of a value, in bytes.
    pub(super) size: u64,
    /// `abi.Kind`
    pub(super) kind: u64,
    /// Whether an interface's data word is the value itself.
    pub(super) direct: bool,
    /// `abi.TFlag`
    pub(super) flags: u8,
    text: i32,
}

/// What a type is made of; types are given by their addresses.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// A type that its kind and its size describe.
    Plain,
    Pointer(Address),
    Slice(Address),
    Channel(Address, u64),
    Array(Address, u64),
    Map {
        key: Address,
        value: Address,
        /// A bucket or a group.
        block: Address,
    },
    Interface {
        methods: u64,
    },
    Func {
        parameters: Vec<Address>,
        results: Vec<Address>,
        variadic: bool,
    },
    Struct(Vec<FieldData>),
}

/// A struct's field.
#[derive(Clone, Debug)]
pub(super) struct FieldData {
    pub(super) name: String,
    pub(super) tag: String,
    pub(super) ty: Address,
    pub(super) offset: u64,
    pub(super) embedded: bool,
}

/// A name in memory.
struct Name {
    text: String,
    tag: String,
    embedded: bool,
}

/// The types in a binary's data.
pub(super) struct TypeData<'b> {
    image: &'b Image,
    minor: u32,
    begin: Address,
    end: Address,
}

impl<'b> TypeData<'b> {
    /// None if the symbols for their begin and end are missing.
    pub(super) fn new(image: &'b Image, release: &GoRelease) -> Option<Self> {
        let begin = image.symbol_address(TYPES)?;
        let end = image.symbol_address(END)?;
        Some(Self {
            image,
            minor: release.minor(),
            begin,
            end,
        })
    }

    /// Every place that may be a type, but for those that are known.
    pub(super) fn unknown(
        &self,
        known: impl Fn(Address) -> bool,
    ) -> HashMap<Address, (Header, Form)> {
        let mut found = HashMap::new();
        let length = usize::try_from(self.end.0.saturating_sub(self.begin.0)).ok();
        let region = length
            .and_then(|length| self.image.bytes_at(self.begin, length))
            .unwrap_or_default();
        let mut left = MAX_PARTS_OF_ALL;
        let first = (self.begin.0.next_multiple_of(ALIGNMENT as u64) - self.begin.0) as usize;
        for place in (first..region.len()).step_by(ALIGNMENT) {
            let address = Address(self.begin.0 + place as u64);
            let bytes = region[place..].first_chunk();
            if let Some(header) = bytes.and_then(|bytes| header_of(bytes, self.minor))
                && !known(address)
                && let Some(form) = self.form(address, &header, &mut left)
                && self.text(&header).is_some()
            {
                found.insert(address, (header, form));
            }
        }
        found
    }

    fn form(&self, address: Address, header: &Header, left: &mut u64) -> Option<Form> {
        let after = Address(address.0.checked_add(HEADER)?);
        let pointer = |offset| self.pointer(after, offset);
        let word = |offset| self.word(after, offset);
        Some(match header.kind {
            go_kind::POINTER => Form::Pointer(pointer(0)?),
            go_kind::SLICE => Form::Slice(pointer(0)?),
            go_kind::CHAN => Form::Channel(pointer(0)?, word(8)?),
            go_kind::ARRAY => Form::Array(pointer(0)?, word(16)?),
            go_kind::MAP => Form::Map {
                key: pointer(0)?,
                value: pointer(8)?,
                block: pointer(16)?,
            },
            go_kind::INTERFACE => Form::Interface { methods: word(16)? },
            go_kind::FUNC => self.func(after, header, left)?,
            go_kind::STRUCT => {
                let count = take(word(16)?, left)?;
                let fields = if count == 0 { after } else { pointer(8)? };
                let fields = (0..count).map(|index| self.field(fields, index));
                Form::Struct(fields.collect::<Option<_>>()?)
            }
            _ => Form::Plain,
        })
    }

    fn func(&self, after: Address, header: &Header, left: &mut u64) -> Option<Form> {
        let counts = self.word(after, 0)?;
        let (parameters, results) = (counts & 0xffff, (counts >> 16) & 0x7fff);
        take(parameters + results, left)?;
        let first = match header.flags & flag::UNCOMMON {
            0 => 8,
            _ => 24,
        };
        let list = |from: u64, count: u64| -> Option<Vec<Address>> {
            let indices = from..from + count;
            indices
                .map(|index| self.pointer(after, first + index * 8))
                .collect()
        };
        Some(Form::Func {
            parameters: list(0, parameters)?,
            results: list(parameters, results)?,
            variadic: counts >> 31 & 1 != 0,
        })
    }

    fn field(&self, fields: Address, index: u64) -> Option<FieldData> {
        let place = Address(fields.0.checked_add(index.checked_mul(24)?)?);
        let name = self.name(self.pointer(place, 0)?)?;
        let offset = self.word(place, 16)?;
        let (offset, embedded) = if self.minor <= LAST_DOUBLED_OFFSET {
            (offset >> 1, offset & 1 != 0)
        } else {
            (offset, name.embedded)
        };
        Some(FieldData {
            name: name.text,
            tag: name.tag,
            ty: self.pointer(place, 8)?,
            offset,
            embedded,
        })
    }

    /// The name that a type itself has.
    pub(super) fn text(&self, header: &Header) -> Option<String> {
        let offset = u64::try_from(header.text).ok()?;
        let name = self.name(Address(self.begin.0.checked_add(offset)?))?.text;
        let name = if header.flags & flag::EXTRA_STAR != 0 {
            name.strip_prefix('*')?.to_owned()
        } else {
            name
        };
        (!name.is_empty()).then_some(name)
    }

    /// A name: a byte of flags, its length, its bytes, and a tag likewise.
    fn name(&self, address: Address) -> Option<Name> {
        let flags = *self.image.bytes_at(address, 1)?.first()?;
        let mut at = Address(address.0.checked_add(1)?);
        let text = self.counted(&mut at)?;
        let tag = if flags & 2 != 0 {
            self.counted(&mut at)?
        } else {
            String::new()
        };
        Some(Name {
            text,
            tag,
            embedded: flags & 8 != 0,
        })
    }

    fn counted(&self, at: &mut Address) -> Option<String> {
        let byte = |offset| {
            Some(usize::from(
                *self.image.bytes_at(at.offset(offset), 1)?.first()?,
            ))
        };
        let first = byte(0)?;
        let (length, size) = if self.minor <= LAST_WIDE_LENGTH {
            (first << 8 | byte(1)?, 2)
        } else if first < 0x80 {
            (first, 1)
        } else {
            let second = byte(1).filter(|second| *second < 0x80)?;
            (first & 0x7f | second << 7, 2)
        };
        let bytes = self.image.bytes_at(at.offset(size), length)?;
        *at = at.offset(size).offset(i64::try_from(length).ok()?);
        Some(std::str::from_utf8(bytes).ok()?.to_owned())
    }

    fn word(&self, address: Address, offset: u64) -> Option<u64> {
        self.image.u64_at(Address(address.0.checked_add(offset)?))
    }

    fn pointer(&self, address: Address, offset: u64) -> Option<Address> {
        self.image
            .pointer_at(Address(address.0.checked_add(offset)?))
    }

    /// The path of the package of a named type; none for predeclared ones.
    pub(super) fn package(&self, address: Address, header: &Header) -> Option<String> {
        if header.flags & flag::UNCOMMON == 0 || header.kind == go_kind::MAP {
            return None;
        }
        let path = self.name_at(self.uncommon(address, header)?)?;
        (!path.is_empty()).then_some(path)
    }

    /// The names of the exported methods of the type at that address, those of embedded fields too. All of them are listed,
    /// also those whose code the linker dropped.
    pub(super) fn methods(&self, address: Address) -> Option<Vec<String>> {
        let header = header(self.image, self.minor, address)?;
        if header.flags & flag::UNCOMMON == 0 {
            return Some(Vec::new());
        }
        let uncommon = self.uncommon(address, &header)?;
        let &[_, _, _, _, a, b, x, y, d, e, f, g] =
            self.image.bytes_at(uncommon, 12)?.first_chunk::<12>()?;
        let (all, exported) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([x, y]));
        let offset = u32::from_le_bytes([d, e, f, g]);
        let first = uncommon.0.checked_add(u64::from(offset))?;
        if exported > all {
            return None;
        }
        let names = (0..u64::from(exported)).map(|index| {
            let place = first.checked_add(index * METHOD)?;
            self.name_at(Address(place)).filter(|name| !name.is_empty())
        });
        names.collect()
    }

    /// Where the type's uncommon part is, which follows what its kind needs.
    fn uncommon(&self, address: Address, header: &Header) -> Option<Address> {
        let size = match header.kind {
            go_kind::POINTER | go_kind::SLICE | go_kind::FUNC => 8,
            go_kind::CHAN => 16,
            go_kind::ARRAY => 24,
            go_kind::INTERFACE | go_kind::STRUCT => 32,
            go_kind::MAP => match self.minor {
                ..24 => 40,
                24..27 => 64,
                _ => 88,
            },
            _ => 0,
        };
        Some(Address(address.0.checked_add(HEADER + size)?))
    }

    /// The name whose offset is at an address; empty for none.
    fn name_at(&self, place: Address) -> Option<String> {
        let offset = self.image.u32_at(place)?.cast_signed();
        let offset = u64::try_from(offset).ok()?;
        if offset == 0 {
            return Some(String::new());
        }
        Some(self.name(Address(self.begin.0.checked_add(offset)?))?.text)
    }
}

/// The begin of the type at an address of a binary of Go 1.`minor`, if there can be one. It has been laid out alike since
/// Go 1.14: size, bytes with pointers, hash, flags, two alignments, kind, two pointers, the name's and another offset.
pub(super) fn header(image: &Image, minor: u32, address: Address) -> Option<Header> {
    header_of(image.bytes_at(address, 48)?.first_chunk()?, minor)
}

fn header_of(bytes: &[u8; 48], minor: u32) -> Option<Header> {
    let word = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
    let [flags, align, field_align, kind_bits] = *bytes.get(20..)?.first_chunk()?;
    let (size, pointers) = (word(0)?, word(8)?);
    let kind = u64::from(kind_bits) & go_kind::MASK;
    let fixed = go_kind::size(kind);
    let plausible = pointers <= size
        && (1..=go_kind::UNSAFE_POINTER).contains(&kind)
        && fixed.is_none_or(|fixed| fixed == size)
        && [align, field_align]
            .iter()
            .all(|align| align.is_power_of_two() && *align <= 8)
        && size % u64::from(align) == 0;
    let bits = if minor >= FIRST_DIRECT_FLAG {
        flags
    } else {
        kind_bits
    };
    plausible.then_some(Header {
        size,
        kind,
        direct: bits & DIRECT != 0,
        flags,
        text: i32::from_le_bytes(*bytes.get(40..)?.first_chunk()?),
    })
}

/// So many parts of a type, if that is not too much.
fn take(count: u64, left: &mut u64) -> Option<u64> {
    if count > MAX_PARTS {
        return None;
    }
    *left = left.checked_sub(count)?;
    Some(count)
}
