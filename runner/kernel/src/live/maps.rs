//! What maps lead to.

use std::collections::BTreeMap;

use goproctor_ebpf::FLAG_CHUNKS_FULL;
use model::{
    Register,
    plan::{Link, LinkKind, Operand, Plan, Read, ViewPlan},
};

use super::{
    fixture::Fixture,
    record::Seen,
    values::{SOURCE, constant, entry, levels, register, run, text, to_view, word},
};

/// The entries that the chunks of a map hold. `slots` gives the offsets of keys and values of the occupied ones in an
/// element of a chunk with the view of buckets or groups.
fn entries(
    seen: &Seen,
    view: u32,
    size: usize,
    slots: impl Fn(&[u8]) -> Vec<(usize, usize)>,
) -> BTreeMap<u64, String> {
    let mut entries = BTreeMap::new();
    for (_, bytes) in seen.chunks.iter().filter(|(chunk, _)| chunk.view == view) {
        for element in bytes.chunks_exact(size) {
            for (key, value) in slots(element) {
                let address = word(element, value);
                let (_, text) = seen
                    .chunks
                    .iter()
                    .find(|(chunk, _)| chunk.address == address)
                    .unwrap();
                let text = String::from_utf8(text.clone()).unwrap();
                assert_eq!(text.len() as u64, word(element, value + 8));
                assert_eq!(entries.insert(word(element, key), text), None);
            }
        }
    }
    entries
}

/// Judges the calls of `table`.
fn judge_maps(seen: &[Seen], entries: impl Fn(&Seen) -> BTreeMap<u64, String>) {
    assert_eq!(seen.len(), 9);
    for call in &seen[..8] {
        let count = call.header.registers[Register::Rbx.index()];
        assert_eq!(call.header.flags & FLAG_CHUNKS_FULL, 0, "{count}");
        assert_eq!(word(&call.chunks[0].1, 0), count, "the header's count");
        let want: BTreeMap<u64, String> = (0..count)
            .map(|number| (number * number, format!("value {number}")))
            .collect();
        assert_eq!(entries(call), want, "{count}");
    }
    assert!(seen[8].chunks.is_empty(), "nil");
}

fn map_plan(fixture: &Fixture, views: Vec<ViewPlan>) -> Plan {
    let header = to_view(constant(0, 48), 0);
    let read = Read::new(register(Register::Rax), Operand::Constant(0), header);
    let mut plan = entry(fixture, "main.table", vec![read], views);
    plan.sites[0].limits.bytes = 32_768;
    plan
}

/// `hmap` and `bmap` of runtime/map.go, Go 1.22: flags at 8, B at 9, buckets at 16, oldbuckets at 24; a bucket of
/// `map[int64]string` has 8 tophashes, 8 keys, 8 values and the overflow pointer.
#[test]
fn maps_of_buckets_are_read_whole() {
    const BUCKET: u32 = 8 + 64 + 128 + 8;
    let buckets = |offset, kind| levels(1, to_view(Link::new(offset, kind, BUCKET, 4096), 1));
    let header = vec![
        buckets(16, LinkKind::Power(9)),
        buckets(24, LinkKind::OldPower(9)),
    ];
    let mut bucket: Vec<Link> = (0..8).map(|slot| text(72 + 16 * slot)).collect();
    bucket.push(to_view(constant(BUCKET - 8, BUCKET), 1));
    let views = vec![
        ViewPlan {
            stride: 0,
            links: header,
        },
        ViewPlan {
            stride: BUCKET,
            links: bucket,
        },
    ];
    let fixture = Fixture::build("go1.22.12", SOURCE);
    let seen = run(&fixture, &map_plan(&fixture, views));
    judge_maps(&seen, |call| {
        entries(call, 1, BUCKET as usize, |bucket| {
            // `minTopHash`: less is empty or moved to the new buckets.
            let used = (0..8).filter(|slot| bucket[*slot] >= 5);
            used.map(|slot| (8 + 8 * slot, 72 + 16 * slot)).collect()
        })
    });
    let growing = |call: &&Seen| {
        call.chunks
            .first()
            .is_some_and(|(_, header)| word(header, 24) != 0)
    };
    assert!(
        seen.iter().filter(growing).count() > 0,
        "one was seen growing"
    );
}

/// `Map`, `table` and groups of internal/runtime/maps, Go 1.26: dirPtr at 16, dirLen at 24; groups' data at 16 of a
/// table, their lengthMask at 24; a group of `map[int64]string` has 8 control bytes and 8 slots.
#[test]
fn swiss_maps_are_read_whole() {
    const GROUP: u32 = 8 + 8 * 24;
    let group = |link| levels(1, to_view(link, 3));
    let header = vec![
        group(Link::new(16, LinkKind::Uncounted, GROUP, GROUP)),
        levels(1, to_view(Link::new(16, LinkKind::Counted, 8, 4096), 1)),
    ];
    let views = vec![
        ViewPlan {
            stride: 0,
            links: header,
        },
        ViewPlan {
            stride: 8,
            links: vec![to_view(constant(0, 32), 2)],
        },
        ViewPlan {
            stride: 0,
            links: vec![to_view(Link::new(16, LinkKind::Masked, GROUP, 4096), 3)],
        },
        ViewPlan {
            stride: GROUP,
            links: (0..8).map(|slot| text(16 + 24 * slot)).collect(),
        },
    ];
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let seen = run(&fixture, &map_plan(&fixture, views));
    judge_maps(&seen, |call| {
        entries(call, 3, GROUP as usize, |group| {
            let used = (0..8).filter(|slot| group[*slot] & 0x80 == 0);
            used.map(|slot| (8 + 24 * slot, 16 + 24 * slot)).collect()
        })
    });
}
