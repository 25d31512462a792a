//! Overwriting in raw records: in all chunks that hold the bytes, and in the registers that hold a part of them.

use std::ops::Range;

use arch::{LOCATING, Register};
use goproctor_ebpf::{ChunkHeader, NO_VIEW, RecordClass, RecordHeader};
use zerocopy::{FromBytes, IntoBytes};

use super::{Patterns, patterns::mask};

/// A register is overwritten if all of its bytes are in a row in something that is.
const WORD: usize = 8;

/// Where a chunk's bytes are.
struct Place {
    /// In the process.
    address: u64,
    /// In the record.
    range: Range<usize>,
    /// Whether the process has more there.
    cut: bool,
}

/// A stretch of the process's memory, of chunks that overlap or adjoin.
struct Stretch {
    address: u64,
    bytes: Vec<u8>,
    cut: bool,
}

impl Place {
    fn bytes<'r>(&self, record: &'r [u8]) -> &'r [u8] {
        record.get(self.range.clone()).unwrap_or_default()
    }

    fn alone(&self, record: &[u8]) -> Stretch {
        Stretch {
            address: self.address,
            bytes: self.bytes(record).to_vec(),
            cut: self.cut,
        }
    }
}

impl Patterns {
    /// Overwrites every match in the chunks of a raw record, wherever its bytes are; bytes that are no record stay
    /// as they are.
    ///
    /// Chunks are looked at alone, as a string has its own begin and end, and joined, as one may go on in the next.
    pub fn clean_record(&self, record: &mut [u8]) {
        if self.is_empty() {
            return;
        }
        let Some(places) = places(record) else {
            return;
        };
        let mut hidden: Vec<(u64, usize)> = Vec::new();
        let alone = places.iter().map(|place| place.alone(record));
        let stretches: Vec<Stretch> = alone.chain(joined(&places, record)).collect();
        let mut texts: Vec<Vec<u8>> = Vec::new();
        for stretch in &stretches {
            for range in self.ranges(&stretch.bytes, stretch.cut) {
                let address = stretch.address.wrapping_add(range.start as u64);
                hidden.push((address, range.len()));
                texts.extend(stretch.bytes.get(range).map(<[u8]>::to_vec));
            }
        }
        for (address, length) in hidden {
            for place in &places {
                mask_overlap(record, place, address, length);
            }
        }
        hide_registers(record, &texts);
    }
}

/// The chunks that were read.
fn places(record: &[u8]) -> Option<Vec<Place>> {
    let (header, _) = RecordHeader::read_from_prefix(record).ok()?;
    let class = RecordClass::ALL
        .into_iter()
        .find(|class| *class as u32 == header.class)?;
    let count = (header.chunk_count as usize).min(class.chunks());
    let places = (0..count).filter_map(|index| {
        let at = size_of::<RecordHeader>() + index * size_of::<ChunkHeader>();
        let (chunk, _) = ChunkHeader::read_from_prefix(record.get(at..)?).ok()?;
        let begin = class.data_offset() + usize::from(chunk.offset);
        let range = begin..begin.checked_add(chunk.read as usize)?;
        record.get(range.clone())?;
        // What leads on is a table of pointers, whose end says nothing of text.
        let cut = chunk.view == NO_VIEW && chunk.full > u64::from(chunk.read);
        Some(Place {
            address: chunk.address,
            range,
            cut,
        })
    });
    Some(places.filter(|place| !place.range.is_empty()).collect())
}

/// Stretches of at least two chunks.
fn joined(places: &[Place], record: &[u8]) -> Vec<Stretch> {
    let mut sorted: Vec<&Place> = places.iter().collect();
    sorted.sort_by_key(|place| place.address);
    let mut stretches: Vec<(Stretch, usize)> = Vec::new();
    for place in sorted {
        let bytes = place.bytes(record);
        if let Some((stretch, parts)) = stretches.last_mut() {
            let skip = place.address.wrapping_sub(stretch.address);
            if skip <= stretch.bytes.len() as u64 {
                let known = stretch.bytes.len() - skip as usize;
                if let Some(rest) = bytes.get(known..).filter(|rest| !rest.is_empty()) {
                    stretch.bytes.extend_from_slice(rest);
                    stretch.cut = place.cut;
                }
                *parts += 1;
                continue;
            }
        }
        stretches.push((place.alone(record), 1));
    }
    let several = stretches.into_iter().filter(|(_, parts)| *parts > 1);
    several.map(|(stretch, _)| stretch).collect()
}

/// Overwrites what of the `length` bytes at `address` is in a chunk.
fn mask_overlap(record: &mut [u8], place: &Place, address: u64, length: usize) {
    let chunk_end = place.address.saturating_add(place.range.len() as u64);
    let from = address.max(place.address);
    let to = address.saturating_add(length as u64).min(chunk_end);
    if from < to {
        let begin = place.range.start + (from - place.address) as usize;
        mask(record, begin..begin + (to - from) as usize);
    }
}

/// Zeros the registers that hold 8 bytes of one of these texts.
fn hide_registers(record: &mut [u8], texts: &[Vec<u8>]) {
    let Ok((mut header, _)) = RecordHeader::read_from_prefix(record) else {
        return;
    };
    for register in Register::ALL {
        let Some(value) = header.registers.get_mut(register.index()) else {
            continue;
        };
        let bytes = value.to_le_bytes();
        let holds = |text: &Vec<u8>| text.windows(WORD).any(|window| window == bytes);
        if !LOCATING.contains(&register) && texts.iter().any(holds) {
            *value = 0;
        }
    }
    // The header was read from there.
    let _ = header.write_to_prefix(record);
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"sk-0123456789";

    /// A record of class Small with these chunks: address, full length, bytes.
    fn record(chunks: &[(u64, u64, &[u8])]) -> Vec<u8> {
        let class = RecordClass::Small;
        let mut record = vec![0; class.size()];
        let mut header =
            RecordHeader::read_from_bytes(&record[..size_of::<RecordHeader>()]).unwrap();
        header.class = class as u32;
        header.chunk_count = chunks.len() as u32;
        header.registers[0] = u64::from_le_bytes(SECRET[3..11].try_into().unwrap());
        header.registers[1] = 5;
        header.write_to_prefix(&mut record).unwrap();
        let mut offset = 0;
        for (index, (address, full, bytes)) in chunks.iter().enumerate() {
            let chunk = ChunkHeader {
                address: *address,
                full: *full,
                read: bytes.len() as u32,
                offset: offset as u16,
                levels: 0,
                view: NO_VIEW,
                status: 0,
            };
            let at = size_of::<RecordHeader>() + index * size_of::<ChunkHeader>();
            chunk.write_to_prefix(&mut record[at..]).unwrap();
            let begin = class.data_offset() + offset;
            record[begin..begin + bytes.len()].copy_from_slice(bytes);
            offset += bytes.len().next_multiple_of(8);
        }
        record
    }

    fn holds(record: &[u8], part: &[u8]) -> bool {
        record.windows(part.len()).any(|window| window == part)
    }

    fn cleaned(chunks: &[(u64, u64, &[u8])]) -> Vec<u8> {
        let mut record = record(chunks);
        let patterns = Patterns::new(["sk-[0-9]{10}"]).unwrap();
        patterns.clean_record(&mut record);
        record
    }

    #[test]
    fn every_copy_and_every_register_is_overwritten() {
        let record = cleaned(&[
            (0x1000, 20, b"key sk-0123456789 ok"),
            (0x1004, 13, SECRET),
            (0x1008, 4, &SECRET[4..8]),
        ]);
        assert!(holds(&record, b"key ************* ok"));
        assert!(!holds(&record, b"0123") && !holds(&record, &SECRET[4..8]));
        let (header, _) = RecordHeader::read_from_prefix(&record).unwrap();
        assert_eq!(header.registers[..2], [0, 5]);
    }

    #[test]
    fn a_secret_in_two_chunks_is_found() {
        let record = cleaned(&[(0x1006, 7, &SECRET[6..]), (0x1000, 6, &SECRET[..6])]);
        assert!(!holds(&record, b"sk-") && !holds(&record, b"6789"));
    }

    #[test]
    fn a_secret_that_was_cut_is_overwritten() {
        let record = cleaned(&[(0x1000, 100, &SECRET[..9])]);
        assert!(!holds(&record, b"sk-"));
        let record = cleaned(&[(0x1000, 9, &SECRET[..9])]);
        assert!(holds(&record, b"sk-"), "all of it, and it does not match");
    }

    #[test]
    fn bytes_that_are_no_record_stay() {
        let patterns = Patterns::new(["sk-[0-9]{10}"]).unwrap();
        for length in [0, 10, 200, 300] {
            let mut bytes = vec![0xff; length];
            patterns.clean_record(&mut bytes);
            assert_eq!(bytes, vec![0xff; length]);
        }
    }
}
