//! Maps of both layouts, small, grown, growing and being written.

use model::{Block, Content, Entries, Kind, Limits, MapLayout, Register, Slots, Status, TypeId};

use super::{AT, Scene, bytes, text, unread, value};

/// `map[int]string` with buckets: 8 marks, 8 keys, 8 values, the overflow pointer.
const BUCKET: u64 = 8 + 64 + 128 + 8;
/// The same with groups: 8 control bytes, 8 slots.
const GROUP: u64 = 8 + 8 * 24;
const TEXTS: u64 = 0x7000;
const EMPTY: u8 = 0x80;
const DELETED: u8 = 0xfe;

fn buckets_layout() -> MapLayout {
    MapLayout::Buckets {
        header: 48,
        count: 0,
        flags: 8,
        buckets: 16,
        old_buckets: 24,
        block: Block {
            size: u32::try_from(BUCKET).unwrap(),
            keys: slots(8, 8),
            values: slots(72, 16),
        },
        overflow: 200,
    }
}

fn groups_layout() -> MapLayout {
    MapLayout::Groups {
        header: 48,
        used: 0,
        directory: 16,
        writing: 34,
        table: 32,
        groups: 16,
        block: Block {
            size: u32::try_from(GROUP).unwrap(),
            keys: slots(8, 24),
            values: slots(16, 24),
        },
    }
}

const fn slots(offset: u32, stride: u32) -> Slots {
    Slots {
        offset,
        stride,
        indirect: false,
    }
}

struct Map {
    scene: Scene,
    int: TypeId,
    string: TypeId,
    ty: TypeId,
}

impl Map {
    fn new(layout: MapLayout) -> Self {
        let mut scene = Scene::new().chunk(TEXTS, b"0123456789");
        let int = scene.int();
        let string = scene.string();
        let kind = Kind::Map {
            key: int,
            value: string,
            layout: Some(Box::new(layout)),
        };
        let ty = scene.ty("map[int]string", 8, kind);
        Self {
            scene,
            int,
            string,
            ty,
        }
    }

    /// `runtime.hmap` at `AT`.
    fn buckets_header(self, count: u64, flags: u8, exponent: u8, buckets: u64, old: u64) -> Self {
        let flags = u64::from(flags) | u64::from(exponent) << 8;
        self.words(AT, &[count, flags, buckets, old, 0, 0])
    }

    /// `internal/runtime/maps.Map` at `AT`.
    fn groups_header(self, used: u64, directory: u64, length: u64, writing: u8) -> Self {
        let flags = u64::from(writing) << 16;
        self.words(AT, &[used, 0, directory, length, flags, 0])
    }

    fn words(mut self, address: u64, words: &[u64]) -> Self {
        self.scene = self.scene.words(address, words);
        self
    }

    fn chunk(mut self, address: u64, bytes: &[u8]) -> Self {
        self.scene = self.scene.chunk(address, bytes);
        self
    }

    fn read(self) -> Content {
        self.scene.in_rax(self.ty)
    }

    /// What a map with these keys is; the value of key k is the k-th digit.
    fn expected(&self, keys: &[u64], full: u64) -> Content {
        let entry = |key: &u64| {
            (
                value(self.int, Content::Int(key.cast_signed())),
                value(self.string, text(&key.to_string())),
            )
        };
        Content::Map(Box::new(Entries {
            values: keys.iter().map(entry).collect(),
            full,
        }))
    }
}

/// A bucket; each slot has its top hash and its key.
fn bucket(slots: &[(u8, u64)], overflow: u64) -> Vec<u8> {
    let mut marks = [0; 8];
    let mut keys = [0; 8];
    let mut values = [0; 16];
    for (index, (mark, key)) in slots.iter().enumerate() {
        marks[index] = *mark;
        keys[index] = *key;
        values[2 * index] = TEXTS + key;
        values[2 * index + 1] = 1;
    }
    [
        &marks[..],
        &bytes(&keys),
        &bytes(&values),
        &bytes(&[overflow]),
    ]
    .concat()
}

/// A group; each slot has its control byte and its key.
fn group(slots: &[(u8, u64)]) -> Vec<u8> {
    let mut control = [EMPTY; 8];
    let mut words = [0; 24];
    for (index, (mark, key)) in slots.iter().enumerate() {
        control[index] = *mark;
        words[3 * index] = *key;
        words[3 * index + 1] = TEXTS + key;
        words[3 * index + 2] = 1;
    }
    [&control[..], &bytes(&words)].concat()
}

#[test]
fn nil_and_empty_maps_differ() {
    for layout in [buckets_layout(), groups_layout()] {
        let mut map = Map::new(layout.clone());
        map.scene = map.scene.register(Register::Rax, 0);
        assert_eq!(map.read(), Content::Nil);
        let map = Map::new(layout).words(AT, &[0; 6]);
        let empty = map.expected(&[], 0);
        assert_eq!(map.read(), empty);
    }
}

#[test]
fn a_small_map_of_buckets_shows_its_filled_slots_by_key() {
    let slots = [(5, 7), (1, 8), (200, 3), (0, 9), (255, 5)];
    let map = Map::new(buckets_layout())
        .buckets_header(3, 0, 0, 0x2000, 0)
        .chunk(0x2000, &bucket(&slots, 0));
    let expected = map.expected(&[3, 5, 7], 3);
    assert_eq!(map.read(), expected);
}

#[test]
fn buckets_have_chains() {
    let two = [bucket(&[(9, 1)], 0x4000), bucket(&[(9, 2)], 0)].concat();
    let map = Map::new(buckets_layout())
        .buckets_header(4, 0, 1, 0x2000, 0)
        .chunk(0x2000, &two)
        .chunk(0x4000, &bucket(&[(9, 4)], 0x5000))
        .chunk(0x5000, &bucket(&[(1, 0), (9, 3)], 0));
    let expected = map.expected(&[1, 2, 3, 4], 4);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_growing_map_has_its_entries_in_new_buckets_and_in_old_ones_that_were_not_moved() {
    // 4 new buckets, 2 old ones: the first was moved, and its slots are left as they were but for their marks.
    let new = [
        bucket(&[(9, 1)], 0),
        bucket(&[], 0),
        bucket(&[(9, 2)], 0),
        bucket(&[], 0),
    ];
    let old = [
        bucket(&[(2, 1), (3, 2)], 0x5000),
        bucket(&[(9, 6), (9, 5)], 0x4000),
    ];
    let map = Map::new(buckets_layout())
        .buckets_header(5, 0, 2, 0x2000, 0x3000)
        .chunk(0x2000, &new.concat())
        .chunk(0x3000, &old.concat())
        .chunk(0x4000, &bucket(&[(9, 7)], 0))
        .chunk(0x5000, &bucket(&[(9, 8)], 0));
    let expected = map.expected(&[1, 2, 5, 6, 7], 5);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_map_that_grows_to_the_same_size_has_as_many_old_buckets() {
    let new = [bucket(&[], 0), bucket(&[(9, 1)], 0)].concat();
    let old = [bucket(&[(9, 2)], 0), bucket(&[(4, 1)], 0)].concat();
    let map = Map::new(buckets_layout())
        .buckets_header(2, 8, 1, 0x2000, 0x3000)
        .chunk(0x2000, &new)
        .chunk(0x3000, &old);
    let expected = map.expected(&[1, 2], 2);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_map_that_is_being_written_is_not_read() {
    let written = Map::new(buckets_layout())
        .buckets_header(1, 4, 0, 0x2000, 0)
        .chunk(0x2000, &bucket(&[(9, 1)], 0));
    assert_eq!(written.read(), unread(Status::BeingWritten));
    let written = Map::new(groups_layout())
        .groups_header(1, 0x2000, 0, 1)
        .chunk(0x2000, &group(&[(9, 1)]));
    assert_eq!(written.read(), unread(Status::BeingWritten));
}

#[test]
fn a_small_map_of_groups_leaves_deleted_slots_out() {
    let map = Map::new(groups_layout())
        .groups_header(2, 0x2000, 0, 0)
        .chunk(0x2000, &group(&[(0x7f, 7), (DELETED, 8), (0, 3)]));
    let expected = map.expected(&[3, 7], 2);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_directory_may_have_a_table_several_times() {
    let table = |groups: u64, mask: u64| [0, 0, groups, mask];
    let map = Map::new(groups_layout())
        .groups_header(4, 0x2000, 4, 0)
        .words(0x2000, &[0x3000, 0x3000, 0x3100, 0x3200])
        .words(0x3000, &table(0x4000, 1))
        .words(0x3100, &table(0x5000, 0))
        .words(0x3200, &table(0x6000, 0))
        .chunk(0x4000, &[group(&[(1, 9)]), group(&[(1, 2)])].concat())
        .chunk(0x5000, &group(&[(1, 5)]))
        .chunk(0x6000, &group(&[(EMPTY, 0), (1, 4)]));
    let expected = map.expected(&[2, 4, 5, 9], 4);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_map_is_cut_to_the_first_keys() {
    let slots = [(9, 4), (9, 3), (9, 2), (9, 1)];
    let mut map = Map::new(buckets_layout())
        .buckets_header(4, 0, 0, 0x2000, 0)
        .chunk(0x2000, &bucket(&slots, 0));
    map.scene.limits.elements = 2;
    let expected = map.expected(&[1, 2], 4);
    assert_eq!(map.read(), expected);

    let mut map = Map::new(buckets_layout())
        .buckets_header(4, 0, 0, 0x2000, 0)
        .chunk(0x2000, &bucket(&slots, 0));
    map.scene.limits = Limits {
        depth: 0,
        ..Limits::default()
    };
    let expected = map.expected(&[], 4);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_map_of_which_a_part_was_read_shows_that_part() {
    let whole = [bucket(&[(9, 1)], 0), bucket(&[(9, 2)], 0)].concat();
    let mut map = Map::new(buckets_layout()).buckets_header(2, 0, 1, 0x2000, 0);
    let read = &whole[..usize::try_from(BUCKET).unwrap()];
    map.scene.record = map.scene.record.cut_chunk(0x2000, read, 2 * BUCKET);
    let expected = map.expected(&[1], 2);
    assert_eq!(map.read(), expected);

    let mut map = Map::new(groups_layout()).groups_header(2, 0x2000, 0, 0);
    map.scene.record = map.scene.record.unreadable(0x2000, GROUP, libc::ENOSPC);
    assert_eq!(map.read(), unread(Status::LostChunk));
}

#[test]
fn slots_that_do_not_fit_their_header_were_written_after_it() {
    for count in [1, 3] {
        let slots = bucket(&[(9, 1), (9, 2)], 0);
        let other = Map::new(buckets_layout())
            .buckets_header(count, 0, 0, 0x2000, 0)
            .chunk(0x2000, &slots);
        assert_eq!(other.read(), unread(Status::BeingWritten));
        let other = Map::new(groups_layout())
            .groups_header(count, 0x2000, 0, 0)
            .chunk(0x2000, &group(&[(9, 1), (9, 2)]));
        assert_eq!(other.read(), unread(Status::BeingWritten));
    }
}

#[test]
fn a_header_that_makes_no_sense_is_malformed() {
    let exponent = Map::new(buckets_layout()).buckets_header(1, 0, 64, 0x2000, 0);
    assert_eq!(exponent.read(), unread(Status::Malformed));
    let negative = Map::new(buckets_layout()).buckets_header(u64::MAX, 0, 0, 0x2000, 0);
    assert_eq!(negative.read(), unread(Status::Malformed));
}

#[test]
fn a_chain_that_leads_round_ends() {
    let map = Map::new(buckets_layout())
        .buckets_header(1 << 40, 0, 60, 0x2000, 0)
        .chunk(0x2000, &bucket(&[(9, 1)], 0x2000));
    let Content::Map(entries) = map.read() else {
        panic!("no map");
    };
    assert_eq!(entries.full, 1 << 40);
    assert_eq!(entries.values.len(), 16);
}

#[test]
fn large_keys_and_values_stand_behind_pointers() {
    let mut layout = groups_layout();
    if let MapLayout::Groups { block, .. } = &mut layout {
        block.keys.indirect = true;
        block.values.indirect = true;
    }
    let mut slots = group(&[]);
    slots[0] = 1;
    slots[8..24].copy_from_slice(&bytes(&[0x8000, 0x8100]));
    let map = Map::new(layout)
        .groups_header(1, 0x2000, 0, 0)
        .chunk(0x2000, &slots)
        .words(0x8000, &[6])
        .words(0x8100, &[TEXTS + 6, 1]);
    let expected = map.expected(&[6], 1);
    assert_eq!(map.read(), expected);
}

#[test]
fn a_map_without_a_layout_is_unknown() {
    let mut scene = Scene::new();
    let int = scene.int();
    let kind = Kind::Map {
        key: int,
        value: int,
        layout: None,
    };
    let ty = scene.ty("map[int]int", 8, kind);
    assert_eq!(scene.in_rax(ty), unread(Status::TypeUnknown));
}

#[test]
fn text_keys_are_in_the_order_of_their_bytes() {
    let mut scene = Scene::new().chunk(TEXTS, b"bab\xffA");
    let string = scene.string();
    let empty = scene.structure(0, &[]);
    let block = Block {
        size: 8 + 8 * 16,
        keys: slots(8, 16),
        values: slots(24, 16),
    };
    let mut layout = groups_layout();
    if let MapLayout::Groups { block: own, .. } = &mut layout {
        *own = block;
    }
    let kind = Kind::Map {
        key: string,
        value: empty,
        layout: Some(Box::new(layout)),
    };
    let ty = scene.ty("map[string]struct{}", 8, kind);
    let mut group = vec![EMPTY; 8];
    group[..5].fill(1);
    for (offset, length) in [(0, 1), (0, 3), (1, 2), (3, 1), (4, 1)] {
        group.extend(bytes(&[TEXTS + offset, length]));
    }
    group.resize(8 + 8 * 16, 0);
    let scene = scene
        .words(AT, &[5, 0, 0x2000, 0, 0, 0])
        .chunk(0x2000, &group);
    let Content::Map(entries) = scene.in_rax(ty) else {
        panic!("no map");
    };
    let keys = entries.values.iter().map(|(key, _)| match &key.content {
        Content::Text(text) => text.bytes.to_vec(),
        other => panic!("{other:?}"),
    });
    let keys: Vec<_> = keys.collect();
    assert_eq!(keys, [&b"A"[..], b"ab", b"b", b"bab", b"\xff"]);
}
