//! Maps of both layouts that the runtime has had: the slots that are filled, and the entries that they make.

use arch::ADDRESS_END;
use model::{Address, Block, Content, Entries, MapLayout, Slots, Status, TypeId, Value};

use super::{order, origin::Origin, walk::Walk};

/// Slots of a bucket or a group.
const SLOTS: u64 = 8;
/// Entries of a map that are looked at, at most.
const MAX_FOUND: usize = 1024;
/// `hmap.flags`: it is being written (`runtime/map.go`).
const HASH_WRITING: u64 = 4;
/// `hmap.flags`: it grows to the same size.
const SAME_SIZE_GROW: u64 = 8;
/// The least top hash of a filled slot; what is smaller are marks.
const MIN_TOP_HASH: u8 = 5;
/// The marks of a bucket whose entries have been moved to the new buckets.
const EVACUATED: std::ops::Range<u8> = 2..MIN_TOP_HASH;
/// A control byte with this bit is of a slot that is empty or deleted (`internal/runtime/maps/group.go`).
const NOT_FULL: u8 = 0x80;

/// A filled slot: where its key and its value are, or why that is not known.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    pub(super) key: Result<Address, Status>,
    pub(super) value: Result<Address, Status>,
}

/// A map's header.
#[derive(Clone, Copy)]
pub(super) struct Header {
    address: Address,
    /// How many entries the map says it has.
    pub(super) count: u64,
}

/// What is there of a map.
pub(super) struct Found {
    pub(super) slots: Vec<Slot>,
    /// Why there may be more.
    pub(super) missing: Option<Status>,
}

/// A key that was decoded, and what it took of the budget.
struct Key {
    key: Value,
    slot: Slot,
    values: u64,
    text: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn map(
        &mut self,
        (key, value): (TypeId, TypeId),
        layout: Option<&MapLayout>,
        origin: Origin<'a>,
        depth: u32,
    ) -> Result<Content, Status> {
        let address = match self.image.word(origin, 0)? {
            0 => return Ok(Content::Nil),
            address => Address(address),
        };
        let layout = layout.ok_or(Status::TypeUnknown)?;
        let header = self.map_header(layout, address)?;
        let Some(deeper) = depth.checked_sub(1).filter(|_| header.count > 0) else {
            return Ok(entries(Vec::new(), header.count));
        };
        let found = self.filled_slots(layout, header)?;
        if let Some(status) = found.missing
            && found.slots.is_empty()
            && !matches!(status, Status::Cut | Status::DepthLimit)
        {
            return Err(status);
        }
        Ok(entries(
            self.entries(key, value, found.slots, deeper),
            header.count,
        ))
    }

    /// The header at an address, unless the map is being written.
    pub(super) fn map_header(
        &self,
        layout: &MapLayout,
        address: Address,
    ) -> Result<Header, Status> {
        let (count, writing) = match layout {
            MapLayout::Buckets { count, flags, .. } => {
                let flags = self.image.byte_at(address, u64::from(*flags))?;
                (*count, flags & HASH_WRITING != 0)
            }
            MapLayout::Groups { used, writing, .. } => {
                let writing = self.image.byte_at(address, u64::from(*writing))?;
                (*used, writing != 0)
            }
        };
        if writing {
            return Err(Status::BeingWritten);
        }
        let count = self.image.word_at(address, u64::from(count))?;
        if count > ADDRESS_END {
            return Err(Status::Malformed);
        }
        Ok(Header { address, count })
    }

    /// The filled slots, as many as are there. When they are not as many as the header counts, a write came between the
    /// header's reading and theirs.
    pub(super) fn filled_slots(
        &mut self,
        layout: &MapLayout,
        header: Header,
    ) -> Result<Found, Status> {
        let mut search = Search {
            walk: self,
            slots: Vec::new(),
        };
        let found = match layout {
            MapLayout::Buckets { .. } => search.buckets(layout, header.address),
            MapLayout::Groups { .. } => search.groups(layout, header.address),
        };
        let slots = search.slots;
        let count = slots.len() as u64;
        match found {
            Err(Status::Malformed) => Err(Status::Malformed),
            _ if count > header.count => Err(Status::BeingWritten),
            Ok(()) if count < header.count => Err(Status::BeingWritten),
            found => Ok(Found {
                slots,
                missing: found.err(),
            }),
        }
    }

    /// The entries in the order of their keys, as many as the limits allow.
    fn entries(
        &mut self,
        key: TypeId,
        value: TypeId,
        slots: Vec<Slot>,
        depth: u32,
    ) -> Vec<(Value, Value)> {
        let mut keys: Vec<Key> = Vec::new();
        for slot in slots {
            let before = self.budget;
            if self.budget.take(2).is_err() {
                break;
            }
            keys.push(Key {
                key: self.slot_value(key, slot.key, depth),
                slot,
                values: before.values - self.budget.values,
                text: before.text - self.budget.text,
            });
        }
        let types = self.image.program.types();
        keys.sort_by(|a, b| order::of(&a.key, &b.key, types));
        let kept = usize::try_from(self.limits.elements).unwrap_or(usize::MAX);
        // Keys that are dropped cost work, but take no values.
        for dropped in keys.drain(kept.min(keys.len())..) {
            self.budget.values += dropped.values;
            self.budget.text += dropped.text;
        }
        let entries = keys.into_iter();
        entries
            .map(|entry| {
                let value = self.slot_value(value, entry.slot.value, depth);
                (entry.key, value)
            })
            .collect()
    }

    fn slot_value(&mut self, ty: TypeId, place: Result<Address, Status>, depth: u32) -> Value {
        match place {
            Ok(address) => self.value_at(ty, address, depth),
            Err(_) if self.image.program.redacted(ty).is_some() => {
                self.value(ty, Origin::word(0), depth)
            }
            Err(status) => super::walk::unread(ty, status),
        }
    }
}

/// A search for filled slots. An error says why there may be more than were found.
struct Search<'w, 'a> {
    walk: &'w mut Walk<'a>,
    slots: Vec<Slot>,
}

impl Search<'_, '_> {
    /// All entries are in the new buckets and in those old ones that have not been moved yet: moving takes a bucket
    /// with its whole chain, and comes before every write to it (`runtime/map.go`, `evacuate`, `growWork`).
    fn buckets(&mut self, layout: &MapLayout, map: Address) -> Result<(), Status> {
        let MapLayout::Buckets {
            flags,
            buckets,
            old_buckets,
            block,
            overflow,
            ..
        } = layout
        else {
            return Ok(());
        };
        let image = self.walk.image;
        let same_size = image.byte_at(map, u64::from(*flags))? & SAME_SIZE_GROW != 0;
        let exponent = image.byte_at(map, u64::from(*flags) + 1)?;
        let power = |exponent: u64| {
            let exponent = u32::try_from(exponent).ok();
            exponent
                .and_then(|exponent| 1_u64.checked_shl(exponent))
                .ok_or(Status::Malformed)
        };
        let count = power(exponent)?;
        let old_count = match same_size {
            true => count,
            false => power(exponent.saturating_sub(1))?,
        };
        let buckets = Address(image.word_at(map, u64::from(*buckets))?);
        let old = Address(image.word_at(map, u64::from(*old_buckets))?);
        let kept = self.chains(block, *overflow, buckets, count, false);
        if old != Address(0) {
            self.chains(block, *overflow, old, old_count, true)?;
        }
        kept
    }

    /// The buckets of an array with their chains.
    fn chains(
        &mut self,
        block: &Block,
        overflow: u32,
        first: Address,
        count: u64,
        old: bool,
    ) -> Result<(), Status> {
        // A map without entries has its buckets made at the first write.
        if first == Address(0) {
            return Ok(());
        }
        for index in 0..count {
            let further = index.wrapping_mul(u64::from(block.size));
            let mut bucket = Address(first.0.wrapping_add(further));
            if old && EVACUATED.contains(&self.marks(bucket)?[0]) {
                continue;
            }
            while bucket != Address(0) {
                let top_hashes = self.marks(bucket)?;
                self.filled(block, bucket, |slot| top_hashes[slot] >= MIN_TOP_HASH)?;
                bucket = Address(self.walk.image.word_at(bucket, u64::from(overflow))?);
            }
        }
        Ok(())
    }

    /// A small map has one group, a larger one a directory of tables. A table that has not been split as often as the
    /// largest is in the directory several times, one behind the other (`internal/runtime/maps/map.go`).
    fn groups(&mut self, layout: &MapLayout, map: Address) -> Result<(), Status> {
        let MapLayout::Groups {
            directory,
            groups,
            block,
            ..
        } = layout
        else {
            return Ok(());
        };
        let image = self.walk.image;
        let first = Address(image.word_at(map, u64::from(*directory))?);
        let tables = image.word_at(map, u64::from(*directory) + 8)?;
        if tables == 0 {
            return match first {
                Address(0) => Ok(()),
                group => self.group(block, group),
            };
        }
        let mut last = 0;
        for index in 0..tables {
            self.walk.budget.labour()?;
            let table = image.word_at(first, index.wrapping_mul(8))?;
            if table == last {
                continue;
            }
            last = table;
            let begin = Address(image.word_at(Address(table), u64::from(*groups))?);
            let mask = image.word_at(Address(table), u64::from(*groups) + 8)?;
            for index in 0..=mask {
                let further = index.wrapping_mul(u64::from(block.size));
                self.group(block, Address(begin.0.wrapping_add(further)))?;
            }
        }
        Ok(())
    }

    fn group(&mut self, block: &Block, group: Address) -> Result<(), Status> {
        let control = self.marks(group)?;
        self.filled(block, group, |slot| control[slot] & NOT_FULL == 0)
    }

    /// The bytes with which a bucket or a group begins, one a slot.
    fn marks(&mut self, block: Address) -> Result<[u8; 8], Status> {
        self.walk.budget.labour()?;
        Ok(self.walk.image.word_at(block, 0)?.to_le_bytes())
    }

    /// Adds the slots of a block that are filled.
    fn filled(
        &mut self,
        block: &Block,
        address: Address,
        is_filled: impl Fn(usize) -> bool,
    ) -> Result<(), Status> {
        for slot in (0..SLOTS).filter(|slot| is_filled(*slot as usize)) {
            if self.slots.len() >= MAX_FOUND {
                return Err(Status::Cut);
            }
            self.slots.push(Slot {
                key: self.slot(address, &block.keys, slot),
                value: self.slot(address, &block.values, slot),
            });
        }
        Ok(())
    }

    fn slot(&self, block: Address, slots: &Slots, slot: u64) -> Result<Address, Status> {
        let offset = u64::from(slots.offset) + slot * u64::from(slots.stride);
        let address = Address(block.0.wrapping_add(offset));
        if !slots.indirect {
            return Ok(address);
        }
        match self.walk.image.word_at(address, 0)? {
            0 => Err(Status::Malformed),
            pointer => Ok(Address(pointer)),
        }
    }
}

fn entries(values: Vec<(Value, Value)>, full: u64) -> Content {
    Content::Map(Box::new(Entries {
        values: values.into(),
        full,
    }))
}
