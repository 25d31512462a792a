//! Raw records, built piece by piece.

use goproctor_ebpf::{ChunkHeader, NO_VIEW, REGISTERS, RecordClass, RecordHeader};
use model::{ProcessId, Register};
use zerocopy::IntoBytes;

pub const PROCESS: ProcessId = ProcessId(4000);

/// Builds one raw record.
pub struct RecordBuilder {
    pub header: RecordHeader,
    class: RecordClass,
    chunks: Vec<(ChunkHeader, Vec<u8>)>,
}

impl RecordBuilder {
    pub fn new(class: RecordClass) -> Self {
        Self {
            header: RecordHeader {
                site: 0,
                class: class as u32,
                time: 0,
                hit: 1,
                tgid: PROCESS.0,
                tid: PROCESS.0,
                g: 0xc000_0000,
                goid: 1,
                stack_hi: 0xc000_8000,
                flags: 0,
                chunk_count: 0,
                registers: [0; REGISTERS],
            },
            class,
            chunks: Vec::new(),
        }
    }

    pub fn register(mut self, register: Register, value: u64) -> Self {
        self.header.registers[register.index()] = value;
        self
    }

    pub fn flags(mut self, flags: u32) -> Self {
        self.header.flags |= flags;
        self
    }

    pub fn chunk(self, address: u64, bytes: &[u8]) -> Self {
        self.cut_chunk(address, bytes, bytes.len() as u64)
    }

    /// A chunk of which only a part was read.
    pub fn cut_chunk(mut self, address: u64, bytes: &[u8], full: u64) -> Self {
        let offset: usize = self
            .chunks
            .iter()
            .map(|(_, b)| b.len().next_multiple_of(8))
            .sum();
        let header = ChunkHeader {
            address,
            full,
            read: u32::try_from(bytes.len()).unwrap(),
            offset: u16::try_from(offset).unwrap(),
            levels: 0,
            view: NO_VIEW,
            status: 0,
        };
        self.chunks.push((header, bytes.to_vec()));
        self
    }

    pub fn unreadable(mut self, address: u64, full: u64, errno: i32) -> Self {
        let header = ChunkHeader {
            address,
            full,
            view: NO_VIEW,
            status: -errno,
            ..ChunkHeader::default()
        };
        self.chunks.push((header, Vec::new()));
        self
    }

    pub fn build(mut self) -> Vec<u8> {
        self.header.chunk_count = u32::try_from(self.chunks.len()).unwrap();
        // What is not filled is whatever stood in the ring before.
        let mut bytes = vec![0xee; self.class.size()];
        bytes[..size_of::<RecordHeader>()].copy_from_slice(self.header.as_bytes());
        for (index, (header, data)) in self.chunks.iter().enumerate() {
            let at = size_of::<RecordHeader>() + index * size_of::<ChunkHeader>();
            bytes[at..at + size_of::<ChunkHeader>()].copy_from_slice(header.as_bytes());
            let at = self.class.data_offset() + header.offset as usize;
            bytes[at..at + data.len()].copy_from_slice(data);
        }
        bytes
    }
}
