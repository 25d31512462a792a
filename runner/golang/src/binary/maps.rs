//! How the runtime keeps the maps of a type: the headers, buckets and groups that Go's linker describes for each.
//!
//! The linker gives a map type a pointer to structs that it makes up for it (`cmd/link/internal/ld/dwarf.go`,
//! `synthesizemaptypes`): copies of the runtime's own, with the types of this map's keys and values. Every part is
//! checked; where one is not as it is known, there is no layout rather than a wrong one.

use model::{Block, MapLayout, Slots};

use super::{
    attributes::{GO_ELEMENT, GO_KEY},
    debug::{Debug, Entry, EntryOffset},
    type_entry::{self, described, member_offset},
};

/// Slots of a bucket or a group (`internal/abi/map*.go`).
const SLOTS: u64 = 8;
/// Size of a pointer or of an int, in bytes.
const WORD: u64 = 8;

/// The layout of the maps of the type that `entry` describes; none where the binary does not describe it.
pub(super) fn map_layout(debug: &Debug<'_>, entry: &Entry<'_, '_>) -> Option<MapLayout> {
    let reader = Reader {
        debug,
        key: described(debug, entry.reference(GO_KEY)?),
        value: described(debug, entry.reference(GO_ELEMENT)?),
    };
    let header = reader.structure(reader.target(entry.reference(gimli::DW_AT_type)?)?)?;
    if header.has("buckets") {
        reader.buckets(&header)
    } else {
        reader.groups(&header)
    }
}

struct Reader<'d, 'a> {
    debug: &'d Debug<'a>,
    /// The types of keys and values.
    key: EntryOffset,
    value: EntryOffset,
}

/// A struct as the binary describes it.
struct Structure {
    size: u64,
    members: Vec<Member>,
}

struct Member {
    name: String,
    offset: u64,
    ty: EntryOffset,
}

impl Structure {
    fn has(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.name == name)
    }

    /// The member of that name, if it lies within the struct with its size.
    fn member(&self, name: &str, size: u64) -> Option<&Member> {
        let member = self.members.iter().find(|member| member.name == name)?;
        let end = member.offset.checked_add(size)?;
        (end <= self.size).then_some(member)
    }
}

impl Reader<'_, '_> {
    /// `runtime.hmap` (`runtime/map.go` up to Go 1.23).
    fn buckets(&self, header: &Structure) -> Option<MapLayout> {
        let count = self.integer(header, "count", 8)?;
        let flags = self.integer(header, "flags", 1)?;
        let power = self.integer(header, "B", 1)?;
        let buckets = header.member("buckets", WORD)?;
        let old_buckets = header.member("oldbuckets", WORD)?;
        let bucket = self.target(buckets.ty)?;
        if power != flags + 1 || self.target(old_buckets.ty)? != bucket {
            return None;
        }
        let bucket = self.structure(bucket)?;
        if bucket.member("tophash", SLOTS)?.offset != 0 {
            return None;
        }
        let overflow = bucket.member("overflow", WORD)?;
        Some(MapLayout::Buckets {
            header: small(header.size)?,
            count: small(count)?,
            flags: small(flags)?,
            buckets: small(buckets.offset)?,
            old_buckets: small(old_buckets.offset)?,
            block: self.split(&bucket, "keys", "values")?,
            overflow: small(overflow.offset)?,
        })
    }

    /// `internal/runtime/maps.Map` (`internal/runtime/maps/{map,table,group}.go` from Go 1.24).
    fn groups(&self, header: &Structure) -> Option<MapLayout> {
        let used = self.integer(header, "used", 8)?;
        let writing = self.integer(header, "writing", 1)?;
        let length = self.integer(header, "dirLen", 8)?;
        let directory = header.member("dirPtr", WORD)?;
        if length != directory.offset.checked_add(WORD)? {
            return None;
        }
        let table = self.structure(self.target(self.target(directory.ty)?)?)?;
        let groups = table.member("groups", 2 * WORD)?;
        let reference = self.structure(described(self.debug, groups.ty))?;
        let data = reference.member("data", WORD)?;
        let mask = self.integer(&reference, "lengthMask", 8)?;
        if data.offset != 0 || mask != WORD {
            return None;
        }
        let group = self.structure(self.target(data.ty)?)?;
        if self.integer(&group, "ctrl", SLOTS)? != 0 {
            return None;
        }
        let block = if group.has("slots") {
            self.interleaved(&group)?
        } else {
            self.split(&group, "keys", "elems")?
        };
        Some(MapLayout::Groups {
            header: small(header.size)?,
            used: small(used)?,
            directory: small(directory.offset)?,
            writing: small(writing)?,
            table: small(table.size)?,
            groups: small(groups.offset)?,
            block,
        })
    }

    /// Eight keys, then eight values.
    fn split(&self, block: &Structure, keys: &str, values: &str) -> Option<Block> {
        let slots = |name, wanted| {
            let array = block.member(name, 0)?;
            let (stride, element) = self.eight(array.ty)?;
            self.slots(block, array.offset, stride, element, wanted)
        };
        Some(Block {
            size: small(block.size)?,
            keys: slots(keys, self.key)?,
            values: slots(values, self.value)?,
        })
    }

    /// Eight pairs of a key and a value.
    fn interleaved(&self, group: &Structure) -> Option<Block> {
        let array = group.member("slots", 0)?;
        let (stride, slot) = self.eight(array.ty)?;
        let slot = self.structure(slot)?;
        if slot.size != stride {
            return None;
        }
        let slots = |name, wanted| {
            let member = slot.member(name, 0)?;
            let offset = array.offset.checked_add(member.offset)?;
            self.slots(group, offset, stride, member.ty, wanted)
        };
        Some(Block {
            size: small(group.size)?,
            keys: slots("key", self.key)?,
            values: slots("elem", self.value)?,
        })
    }

    /// Eight slots, from `offset` in the block and `stride` bytes from each other. `element` is what a slot holds:
    /// the wanted type, or a pointer to it if that is too large (`internal/abi`, `MapMaxKeyBytes`).
    fn slots(
        &self,
        block: &Structure,
        offset: u64,
        stride: u64,
        element: EntryOffset,
        wanted: EntryOffset,
    ) -> Option<Slots> {
        let element = described(self.debug, element);
        let indirect = element != wanted;
        if indirect && self.target(element)? != wanted {
            return None;
        }
        let size = if indirect { WORD } else { self.size(element)? };
        let last = stride.checked_mul(SLOTS - 1)?.checked_add(offset)?;
        if size > stride || last.checked_add(size)? > block.size {
            return None;
        }
        Some(Slots {
            offset: small(offset)?,
            stride: small(stride)?,
            indirect,
        })
    }

    /// An array of eight: the size of an element in bytes, and its type.
    fn eight(&self, array: EntryOffset) -> Option<(u64, EntryOffset)> {
        let array = self.debug.entry(described(self.debug, array)).ok()?;
        let ranges = [gimli::DW_TAG_subrange_type];
        let ranges = self.debug.below(array.offset(), &ranges, false).ok()?;
        let count = ranges.first()?.number(gimli::DW_AT_count)?;
        let size = array.number(gimli::DW_AT_byte_size)?;
        if array.tag() != gimli::DW_TAG_array_type || count != SLOTS || size % SLOTS != 0 {
            return None;
        }
        Some((size / SLOTS, array.reference(gimli::DW_AT_type)?))
    }

    /// The size of a value of that type, in bytes.
    fn size(&self, entry: EntryOffset) -> Option<u64> {
        let entry = self.debug.entry(entry).ok()?;
        type_entry::size(&entry)
    }

    /// Offset of an integer or of an array of bytes of that size in a struct.
    fn integer(&self, structure: &Structure, name: &str, size: u64) -> Option<u64> {
        let member = structure.member(name, size)?;
        let described = self.size(described(self.debug, member.ty))?;
        (described == size).then_some(member.offset)
    }

    /// What a pointer points to.
    fn target(&self, pointer: EntryOffset) -> Option<EntryOffset> {
        let pointer = self.debug.entry(described(self.debug, pointer)).ok()?;
        if pointer.tag() != gimli::DW_TAG_pointer_type {
            return None;
        }
        Some(described(self.debug, pointer.reference(gimli::DW_AT_type)?))
    }

    fn structure(&self, entry: EntryOffset) -> Option<Structure> {
        let entry = self.debug.entry(described(self.debug, entry)).ok()?;
        if entry.tag() != gimli::DW_TAG_structure_type {
            return None;
        }
        let members = self
            .debug
            .below(entry.offset(), &[gimli::DW_TAG_member], false)
            .ok()?;
        let members = members.iter().map(|member| {
            Some(Member {
                name: member.name().ok()?.into_owned(),
                offset: member_offset(member).ok()?,
                ty: member.reference(gimli::DW_AT_type)?,
            })
        });
        Some(Structure {
            size: entry.number(gimli::DW_AT_byte_size)?,
            members: members.collect::<Option<_>>()?,
        })
    }
}

fn small(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}
