//! Runtime types: which type in the DWARF is which `abi.Type` in memory, the address that an interface holds.
//!
//! The linker gives DWARF types an attribute with their runtime type's place, counted from the begin of the section that
//! has them (`cmd/link/internal/ld/dwarf.go`, `newtype`; `DW_CLS_GO_TYPEREF`); 0 for those that the program does not
//! have at run time. What stands in the file at that place is compared with the DWARF, and left out where they differ.

use std::collections::{BTreeMap, HashMap};

use gimli::Attribute;

use super::{
    BinaryError,
    debug::{Debug, EntryOffset, Slice, malformed, number, unit_start},
    elf::Image,
    index::Index,
    type_data::{self, Form, Header, Names, TypeData},
    types::{GO_KIND, GO_RUNTIME_TYPE, TypeReader, go_kind},
};
use crate::{
    golang::GoRelease,
    model::{Address, Block, Field, Kind, MapLayout, Slots, Type, TypeId, TypeTable},
};

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
/// What the names of the runtime's own types begin with: no interface holds them.
const INTERNAL: [&str; 5] = [
    "noalg.",
    "map.bucket[",
    "map.hdr[",
    "map.iter[",
    "map.group[",
];

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

/// Adds to a table the types that the DWARF does not describe but the program has, and tells their addresses.
pub(super) fn add_undescribed(
    image: &Image,
    release: &GoRelease,
    types: &mut TypeTable,
    dynamic: &mut Vec<RuntimeType>,
) {
    let Some(data) = TypeData::new(image, release) else {
        return;
    };
    let mut ids: HashMap<Address, TypeId> = dynamic.iter().map(|d| (d.address, d.ty)).collect();
    let found = data.unknown(|address| ids.contains_key(&address));
    let mut named: Vec<_> = {
        let known = |address| Some(types.name(*ids.get(&address)?).to_owned());
        let mut names = Names::new(&data, &found, &known);
        found
            .keys()
            .map(|address| (*address, names.of(*address)))
            .collect()
    };
    named.sort_unstable();
    let unknown = |name: String| Type {
        name,
        size: 0,
        kind: Kind::Unknown,
    };
    let nowhere = types.push(unknown("?".to_owned()));
    for (address, _) in &named {
        ids.insert(*address, types.push(unknown(String::new())));
    }
    let id = |address: &Address| ids.get(address).copied().unwrap_or(nowhere);
    let mut maps = Vec::new();
    for (address, name) in named {
        let Some((header, form)) = found.get(&address) else {
            continue;
        };
        let ty = id(&address);
        if let Form::Map { block, .. } = form {
            maps.push((ty, id(block)));
        }
        let internal = INTERNAL.iter().any(|prefix| name.starts_with(prefix));
        let size = header.size;
        let kind = kind(header, form, &id);
        types.replace(ty, Type { name, size, kind });
        if !internal {
            let direct = header.direct;
            dynamic.push(RuntimeType {
                address,
                ty,
                direct,
            });
        }
    }
    let template = types.layouts().next().cloned();
    for (map, block) in maps {
        let layout = template
            .as_ref()
            .and_then(|like| undescribed_layout(types, map, block, like));
        if let (Some(layout), Some(mut ty)) = (layout, types.get(map).cloned()) {
            if let Kind::Map { layout: slot, .. } = &mut ty.kind {
                *slot = Some(Box::new(layout));
            }
            types.replace(map, ty);
        }
    }
    dynamic.sort_by_key(|known| known.address);
}

fn kind(header: &Header, form: &Form, id: &impl Fn(&Address) -> TypeId) -> Kind {
    match form {
        Form::Plain => match header.kind {
            go_kind::BOOL => Kind::Bool,
            go_kind::INT..=go_kind::INT64 => Kind::Int,
            go_kind::UINT..=go_kind::UINTPTR => Kind::Uint,
            go_kind::FLOAT32 | go_kind::FLOAT64 => Kind::Float,
            go_kind::COMPLEX64 | go_kind::COMPLEX128 => Kind::Complex,
            go_kind::STRING => Kind::String,
            go_kind::UNSAFE_POINTER => Kind::UnsafePointer,
            _ => Kind::Unknown,
        },
        Form::Pointer(target) => Kind::Pointer {
            target: Some(id(target)),
        },
        Form::Slice(element) => Kind::Slice {
            element: id(element),
        },
        Form::Channel(element, _) => Kind::Channel {
            element: id(element),
        },
        Form::Array(element, count) => Kind::Array {
            element: id(element),
            count: *count,
        },
        Form::Map { key, value, .. } => Kind::Map {
            key: id(key),
            value: id(value),
            layout: None,
        },
        Form::Interface { methods } => Kind::Interface {
            empty: *methods == 0,
        },
        Form::Func { .. } => Kind::Func,
        Form::Struct(fields) => Kind::Struct {
            fields: fields
                .iter()
                .map(|field| Field {
                    name: field.name.clone(),
                    offset: field.offset,
                    ty: id(&field.ty),
                    embedded: field.embedded,
                })
                .collect(),
        },
    }
}

/// The layout of a map by the type of its buckets or groups, its header being like that of any other map.
fn undescribed_layout(
    types: &TypeTable,
    map: TypeId,
    block: TypeId,
    like: &MapLayout,
) -> Option<MapLayout> {
    let Kind::Map { key, value, .. } = types.get(map)?.kind else {
        return None;
    };
    let block_type = types.get(block)?;
    let Kind::Struct { fields } = &block_type.kind else {
        return None;
    };
    let field = |names: &[&str]| fields.iter().find(|f| names.contains(&f.name.as_str()));
    let size = u32::try_from(block_type.size).ok()?;
    let slots = |offset: u64, stride: u64, element: TypeId, wanted: TypeId| {
        let indirect = element != wanted;
        let points = types.get(element)?.kind
            == Kind::Pointer {
                target: Some(wanted),
            };
        let end = stride.checked_mul(7)?.checked_add(offset)?;
        let end = end.checked_add(types.get(element)?.size)?;
        if (indirect && !points) || end > u64::from(size) {
            return None;
        }
        Some(Slots {
            offset: u32::try_from(offset).ok()?,
            stride: u32::try_from(stride).ok()?,
            indirect,
        })
    };
    let array = |field: &Field| match types.get(field.ty)?.kind {
        Kind::Array { element, count: 8 } => Some((element, types.get(element)?.size)),
        _ => None,
    };
    let split = |field: &Field, wanted| {
        let (element, stride) = array(field)?;
        slots(field.offset, stride, element, wanted)
    };
    let (keys, values) = if let Some(pairs) = field(&["slots"]) {
        let (pair, stride) = array(pairs)?;
        let Kind::Struct { fields } = &types.get(pair)?.kind else {
            return None;
        };
        let part = |name: &str, wanted| {
            let part = fields.iter().find(|field| field.name == name)?;
            let offset = pairs.offset.checked_add(part.offset)?;
            slots(offset, stride, part.ty, wanted)
        };
        (part("key", key)?, part("elem", value)?)
    } else {
        let values = field(&["elems", "values"])?;
        (split(field(&["keys"])?, key)?, split(values, value)?)
    };
    let mut layout = like.clone();
    let overflow = field(&["overflow"]).and_then(|field| u32::try_from(field.offset).ok());
    match &mut layout {
        MapLayout::Buckets {
            block,
            overflow: place,
            ..
        } => {
            *block = Block { size, keys, values };
            *place = overflow?;
        }
        MapLayout::Groups { block, .. } => *block = Block { size, keys, values },
    }
    Some(layout)
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
