//! Decoding: any registers and any memory give values of any type of a real program, within bounds, and every byte of
//! text stands in memory that was read.

use goproctor_ebpf::{ChunkHeader, NO_VIEW, RecordClass, RecordHeader};
use model::{Content, Limits, Location, Parameter, Piece, Place, TypeId, Value, notation};
use trace::{
    decode::{Decoder, Program},
    record::Record,
};
use zerocopy::{FromBytes, IntoBytes};

use super::{records::plan, script::Script};

/// More values than the decoder may give for one record.
const MAX_VALUES: usize = 70_000;
/// Memory is where pointers of a small range of numbers lead.
const BASE: u64 = 0xc000_0000;

pub(super) fn hold(bytes: &[u8]) {
    let plan = plan();
    let mut script = Script(bytes);
    let types = plan.types.len();
    let parameters: Vec<Parameter> = (0..1 + script.below(4))
        .map(|_| parameter(&mut script, types))
        .collect();
    let record = record(&mut script);
    let Ok(parsed) = Record::parse(&record) else {
        return;
    };
    let program = Program::new(plan, Box::new(|_| None));
    let decoder = Decoder::new(&program, &parsed, 0);
    let limits = Limits {
        depth: 1 + script.below(16) as u32,
        string: 1 + script.below(4096) as u32,
        elements: script.below(1024) as u32,
        bytes: 32_768,
    };
    let values = decoder.parameters(&parameters, limits);
    assert_eq!(values.len(), parameters.len());
    let counted: usize = values.iter().map(count).sum();
    assert!(counted <= MAX_VALUES, "{counted} values");
    for value in &values {
        let _ = notation::value(value, program.types());
        let _ = notation::block(value, program.types(), 80);
        let _ = notation::json(value, program.types());
        let _ = notation::error_message(value, program.types());
    }
}

fn count(value: &Value) -> usize {
    1 + match &value.content {
        Content::Pointer(pointer) => count(&pointer.target),
        Content::Interface(inner) => count(inner),
        Content::Struct(fields) => fields.iter().map(count).sum(),
        Content::Elements(elements) => elements.values.iter().map(count).sum(),
        Content::Map(entries) => {
            let entries = entries.values.iter();
            entries.map(|(key, value)| count(key) + count(value)).sum()
        }
        Content::Func(func) => func.captured.as_ref().map_or(0, count),
        _ => 0,
    }
}

fn parameter(script: &mut Script<'_>, types: usize) -> Parameter {
    let ty = TypeId(script.below(types) as u32);
    let on_stack = script.byte() & 1 == 0;
    let pieces = if on_stack {
        vec![Piece {
            place: Place::Stack(script.below(64) as i64),
            offset: 0,
            size: 4096,
        }]
    } else {
        let registers = arch::INTEGER_ARGUMENTS.iter().take(6).zip(0..);
        registers
            .map(|(register, index)| Piece {
                place: Place::Register(*register),
                offset: index * 8,
                size: 8,
            })
            .collect()
    };
    Parameter {
        name: "p".to_owned(),
        ty,
        location: Location { pieces },
    }
}

/// A record that is well formed, with memory at addresses that its own words can name.
fn record(script: &mut Script<'_>) -> Vec<u8> {
    let class = RecordClass::Large;
    let mut record = vec![0; class.size()];
    let mut header = RecordHeader::read_from_bytes(&vec![0; size_of::<RecordHeader>()])
        .expect("as long as a header");
    header.class = class as u32;
    header.flags = u32::from(script.byte() & 4);
    for register in &mut header.registers {
        *register = word(script);
    }
    let mut offset = 0;
    while !script.is_empty() && (header.chunk_count as usize) < class.chunks() {
        let data = script.bytes(8 * (1 + usize::from(script.0.first().copied().unwrap_or(0)) % 64));
        let mut words = Vec::new();
        let mut inner = Script(data);
        while !inner.is_empty() {
            words.extend(word(&mut inner).to_le_bytes());
        }
        let room = class.data_size() - offset;
        words.truncate(room);
        let chunk = ChunkHeader {
            address: BASE + u64::from(header.chunk_count) * 64,
            full: words.len() as u64 + u64::from(script.byte() & 1),
            read: words.len() as u32,
            offset: offset as u16,
            levels: 0,
            view: NO_VIEW,
            status: 0,
        };
        let at = size_of::<RecordHeader>() + header.chunk_count as usize * size_of::<ChunkHeader>();
        chunk
            .write_to(&mut record[at..at + size_of::<ChunkHeader>()])
            .expect("as long as a chunk's header");
        let begin = class.data_offset() + offset;
        record[begin..begin + words.len()].copy_from_slice(&words);
        offset += words.len().next_multiple_of(8).min(room);
        header.chunk_count += 1;
    }
    header
        .write_to(&mut record[..size_of::<RecordHeader>()])
        .expect("as long as a header");
    record
}

/// A word: a small number, a pointer to memory that may be there, or anything.
fn word(script: &mut Script<'_>) -> u64 {
    match script.byte() % 4 {
        0 => u64::from(script.byte()),
        1 | 2 => BASE + u64::from(script.byte()) * 8,
        _ => script.word(),
    }
}
