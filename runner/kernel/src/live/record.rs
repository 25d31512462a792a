//! A record taken apart.

use std::time::Duration;

use goproctor_ebpf::{ChunkHeader, RecordClass, RecordHeader};
use trace::source::{Accounted, RecordSource as _};
use zerocopy::FromBytes as _;

use crate::Records;

/// What a record says.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) header: RecordHeader,
    pub(super) chunks: Vec<(ChunkHeader, Vec<u8>)>,
}

/// Takes a record apart.
pub(super) fn decode(record: &[u8]) -> Seen {
    let (header, mut rest) = RecordHeader::read_from_prefix(record).unwrap();
    let class = RecordClass::ALL[header.class as usize];
    assert_eq!(record.len(), class.size());
    let mut chunks = Vec::new();
    for _ in 0..header.chunk_count {
        let (chunk, next) = ChunkHeader::read_from_prefix(rest).unwrap();
        rest = next;
        let begin = class.data_offset() + chunk.offset as usize;
        chunks.push((chunk, record[begin..begin + chunk.read as usize].to_vec()));
    }
    Seen { header, chunks }
}

/// All records that are there.
pub(super) fn records(source: &mut Records) -> Vec<Seen> {
    let mut seen = Vec::new();
    while source
        .drain(Duration::ZERO, &mut |record| seen.push(decode(record)))
        .unwrap()
        > 0
    {}
    let mark = source.mark_and_count().unwrap();
    assert_eq!(
        source.loss(&mark).unwrap(),
        Accounted {
            complete: true,
            ..Accounted::default()
        }
    );
    seen
}
