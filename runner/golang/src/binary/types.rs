//! Types: DWARF's type entries as a [`TypeTable`].
//!
//! Go's linker describes each type by an entry of DWARF's own kind and by Go's `reflect.Kind`
//! (`cmd/link/internal/ld/dwarf.go`, `newtype`); a named type is a `DW_TAG_typedef` before it.

use std::{borrow::Cow, collections::HashMap};

use model::{Field, Kind, Type, TypeId, TypeTable};

use super::{
    BinaryError,
    attributes::{GO_DICTIONARY_INDEX, GO_ELEMENT, GO_EMBEDDED_FIELD, GO_KEY, GO_KIND},
    constants::read_constants,
    debug::{Debug, Entry, EntryOffset, malformed},
    go_kind,
    layout::lay_out,
    maps::map_layout,
    type_entry::{MAX_TYPEDEFS, WORD, described, member_offset, target},
};
use crate::names;

/// How many types and fields are read at most: fifty times what a program of 80 MB has.
const MAX_READ: usize = 1 << 22;

/// Reads types as they are reached.
pub(super) struct TypeReader<'d, 'a> {
    debug: &'d Debug<'a>,
    table: TypeTable,
    ids: HashMap<EntryOffset, TypeId>,
    unread: Vec<(EntryOffset, TypeId)>,
    /// What was composed of other types, each after its parts.
    composed: Vec<TypeId>,
}

impl<'d, 'a> TypeReader<'d, 'a> {
    /// With an empty table.
    pub(super) fn new(debug: &'d Debug<'a>) -> Self {
        Self {
            debug,
            table: TypeTable::default(),
            ids: HashMap::new(),
            unread: Vec::new(),
            composed: Vec::new(),
        }
    }

    /// The number of the type that an entry describes, the same for a typedef and what it names. It is read when the
    /// table is finished.
    pub(super) fn id(&mut self, entry: EntryOffset) -> TypeId {
        if let Some(id) = self.ids.get(&entry) {
            return *id;
        }
        let described = described(self.debug, entry);
        let id = match self.ids.get(&described) {
            Some(id) => *id,
            None => {
                let id = self.table.push(Type {
                    name: String::new(),
                    size: 0,
                    kind: Kind::Unknown,
                });
                self.unread.push((described, id));
                self.ids.insert(described, id);
                id
            }
        };
        self.ids.insert(entry, id);
        id
    }

    /// Adds a type that the DWARF does not describe.
    pub(super) fn add(&mut self, ty: Type) -> TypeId {
        self.table.push(ty)
    }

    /// Adds an array that the binary does not describe. It is laid out when the table is finished.
    pub(super) fn add_array(&mut self, name: String, element: TypeId, count: u64) -> TypeId {
        self.compose(name, Kind::Array { element, count })
    }

    /// Adds a struct that the binary does not describe. It is laid out when the table is finished, its fields' offsets
    /// are found then.
    pub(super) fn add_struct(&mut self, name: String, fields: Vec<Field>) -> TypeId {
        self.compose(name, Kind::Struct { fields })
    }

    fn compose(&mut self, name: String, kind: Kind) -> TypeId {
        let id = self.add(Type {
            name,
            size: 0,
            kind,
        });
        self.composed.push(id);
        id
    }

    /// Reads all that can be reached, and gives the table. `constants` are the packages' constants, by their types.
    pub(super) fn finish(
        mut self,
        constants: &HashMap<EntryOffset, Vec<EntryOffset>>,
    ) -> Result<TypeTable, BinaryError> {
        let mut read = 0_usize;
        while let Some((entry, id)) = self.unread.pop() {
            let ty = self.read(entry)?;
            read += 1;
            if let Kind::Struct { fields } = &ty.kind {
                read += fields.len();
            }
            if read > MAX_READ {
                return Err(malformed(entry, "more types than a program can have"));
            }
            self.table.replace(id, ty);
        }
        for id in self.composed {
            lay_out(&mut self.table, id);
        }
        for (entry, id) in &self.ids {
            if let Some(entries) = constants.get(entry)
                && let Some(ty) = self.table.get(*id)
                && ty.name.contains('.')
            {
                let constants = read_constants(self.debug, entries, &ty.kind)?;
                self.table.set_constants(*id, constants);
            }
        }
        Ok(self.table)
    }

    fn read(&mut self, offset: EntryOffset) -> Result<Type, BinaryError> {
        let mut entry = self.debug.entry(offset)?;
        let mut name = Cow::Borrowed("");
        for _ in 0..MAX_TYPEDEFS {
            // A type parameter's stand-in (`.param0`) has no name in Go; its shape has.
            if name.is_empty() && entry.number(GO_DICTIONARY_INDEX).is_none() {
                name = entry.name()?;
            }
            if entry.tag() != gimli::DW_TAG_typedef || entry.number(GO_KIND).is_some() {
                let (size, kind) = self.kind(&entry)?;
                let name = names::unescape(&name).into_owned();
                return Ok(Type { name, size, kind });
            }
            entry = self.debug.entry(target(&entry, gimli::DW_AT_type)?)?;
        }
        Err(malformed(offset, "too many typedefs"))
    }

    /// The size and the kind of an unnamed type.
    fn kind(&mut self, entry: &Entry<'_, 'a>) -> Result<(u64, Kind), BinaryError> {
        let size = entry.number(gimli::DW_AT_byte_size);
        let go_kind = entry.number(GO_KIND).map(|kind| kind & go_kind::MASK);
        Ok(match (entry.tag(), go_kind) {
            (_, Some(go_kind::CHAN)) => {
                let element = self.id(target(entry, GO_ELEMENT)?);
                (WORD, Kind::Channel { element })
            }
            (_, Some(go_kind::FUNC)) | (gimli::DW_TAG_subroutine_type, _) => (WORD, Kind::Func),
            (_, Some(go_kind::INTERFACE)) => {
                let empty = self.is_empty_interface(entry)?;
                (2 * WORD, Kind::Interface { empty })
            }
            (_, Some(go_kind::MAP)) => {
                let key = self.id(target(entry, GO_KEY)?);
                let value = self.id(target(entry, GO_ELEMENT)?);
                (
                    WORD,
                    Kind::Map {
                        key,
                        value,
                        layout: map_layout(self.debug, entry).map(Box::new),
                    },
                )
            }
            (_, Some(go_kind::SLICE)) => {
                let element = self.id(target(entry, GO_ELEMENT)?);
                (3 * WORD, Kind::Slice { element })
            }
            (_, Some(go_kind::STRING)) => (2 * WORD, Kind::String),
            (_, Some(go_kind::UNSAFE_POINTER)) => (WORD, Kind::UnsafePointer),
            // Up to Go 1.22 it has no kind (`cmd/link/internal/ld/dwarf.go`, `dwarfGenerateDebugInfo`).
            (gimli::DW_TAG_pointer_type, None) if entry.name()? == "unsafe.Pointer" => {
                (WORD, Kind::UnsafePointer)
            }
            (gimli::DW_TAG_pointer_type, _) => {
                let target = entry.reference(gimli::DW_AT_type).map(|to| self.id(to));
                (WORD, Kind::Pointer { target })
            }
            (gimli::DW_TAG_structure_type, _) => (required(entry, size)?, self.structure(entry)?),
            (gimli::DW_TAG_array_type, _) => (required(entry, size)?, self.array(entry)?),
            (gimli::DW_TAG_base_type, _) => (required(entry, size)?, basic(entry)),
            _ => (size.unwrap_or(0), Kind::Unknown),
        })
    }

    /// An interface without methods is a `runtime.eface`, any other one a `runtime.iface`.
    fn is_empty_interface(&self, entry: &Entry<'_, 'a>) -> Result<bool, BinaryError> {
        let header = self.debug.entry(target(entry, gimli::DW_AT_type)?)?;
        match &*header.name()? {
            "runtime.eface" => Ok(true),
            "runtime.iface" => Ok(false),
            other => Err(malformed(
                entry.offset(),
                format!("an interface that is a {other}"),
            )),
        }
    }

    fn structure(&mut self, entry: &Entry<'_, 'a>) -> Result<Kind, BinaryError> {
        let fields = self
            .debug
            .below(entry.offset(), &[gimli::DW_TAG_member], false)?
            .iter()
            .map(|member| {
                Ok(Field {
                    name: names::unescape(&member.name()?).into_owned(),
                    offset: member_offset(member)?,
                    ty: self.id(target(member, gimli::DW_AT_type)?),
                    embedded: member.flag(GO_EMBEDDED_FIELD),
                })
            })
            .collect::<Result<_, BinaryError>>()?;
        Ok(Kind::Struct { fields })
    }

    fn array(&mut self, entry: &Entry<'_, 'a>) -> Result<Kind, BinaryError> {
        let ranges = self
            .debug
            .below(entry.offset(), &[gimli::DW_TAG_subrange_type], false)?;
        let count = ranges
            .first()
            .and_then(|range| range.number(gimli::DW_AT_count))
            .ok_or_else(|| malformed(entry.offset(), "an array without a count"))?;
        let element = self.id(target(entry, gimli::DW_AT_type)?);
        Ok(Kind::Array { element, count })
    }
}

fn basic(entry: &Entry<'_, '_>) -> Kind {
    let encoding = entry
        .number(gimli::DW_AT_encoding)
        .and_then(|encoding| u8::try_from(encoding).ok())
        .map(gimli::DwAte);
    match encoding {
        Some(gimli::DW_ATE_boolean) => Kind::Bool,
        Some(gimli::DW_ATE_signed) => Kind::Int,
        Some(gimli::DW_ATE_unsigned) => Kind::Uint,
        Some(gimli::DW_ATE_float) => Kind::Float,
        Some(gimli::DW_ATE_complex_float) => Kind::Complex,
        _ => Kind::Unknown,
    }
}

fn required(entry: &Entry<'_, '_>, size: Option<u64>) -> Result<u64, BinaryError> {
    size.ok_or_else(|| malformed(entry.offset(), "a type without a size"))
}
