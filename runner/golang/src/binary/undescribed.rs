//! The types that the DWARF does not describe and interfaces can hold, read from the program's own
//! [data](super::type_data) into a table of types.

use std::collections::HashMap;

use model::{Address, Block, Field, Kind, MapLayout, Slots, Type, TypeId, TypeTable};

use super::{
    RuntimeType,
    elf::Image,
    go_kind,
    type_data::{Form, Header, TypeData},
    type_names::Names,
};
use crate::GoRelease;

/// What the names of the runtime's own types begin with: no interface holds them.
const INTERNAL: [&str; 5] = [
    "noalg.",
    "map.bucket[",
    "map.hdr[",
    "map.iter[",
    "map.group[",
];

/// Adds to a table the types that the DWARF does not describe but the program has, and to the list of runtime types.
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
