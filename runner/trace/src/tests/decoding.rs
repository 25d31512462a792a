//! Values out of registers and memory, and bytes that are no record.

use std::sync::Arc;

use goproctor_ebpf::{FLAG_CHUNKS_FULL, RecordClass};
use model::{
    Address, Content, Kind, Limits, Location, Parameter, Piece, Place, Register, Status, Text,
    Type, TypeTable, plan::Plan,
};

use crate::testing::{RecordBuilder, in_register};
use crate::{
    decode,
    memory::{Memory, Missing},
    record::{Record, RecordError, restored},
};

fn read(kind: Kind, size: u64, pieces: Vec<Piece>, record: RecordBuilder) -> Content {
    let mut types = TypeTable::default();
    let name = "main.T".to_owned();
    let ty = types.push(Type { name, size, kind });
    let parameter = Parameter {
        name: "p".to_owned(),
        ty,
        location: Location { pieces },
    };
    let plan = Plan {
        types,
        ..Plan::default()
    };
    let program = decode::Program::new(Arc::new(plan), Box::new(|_| None));
    let bytes = record.build();
    let record = Record::parse(&bytes).unwrap();
    let decoder = decode::Decoder::new(&program, &record, 0);
    let values = decoder.parameters(&[parameter], Limits::default());
    values[0].content.clone()
}

fn small() -> RecordBuilder {
    RecordBuilder::new(RecordClass::Small)
}

fn whole(text: &str) -> Content {
    Content::Text(Text::new(text.as_bytes(), text.len() as u64))
}

fn string_in_registers() -> Vec<Piece> {
    vec![
        in_register(Register::Rdi, 0, 8),
        in_register(Register::Rsi, 8, 8),
    ]
}

fn string_at(pointer: u64, length: u64) -> RecordBuilder {
    small()
        .register(Register::Rdi, pointer)
        .register(Register::Rsi, length)
}

#[test]
fn small_integers_ignore_the_registers_upper_bits() {
    let garbage = 0xdead_beef_cafe_ff80;
    for (size, signed, unsigned) in [
        (1, -128, 0x80),
        (2, -128, 0xff80),
        (4, i64::from(0xcafe_ff80_u32.cast_signed()), 0xcafe_ff80),
        (8, garbage_signed(garbage), garbage),
    ] {
        let piece = |size: u64| vec![in_register(Register::R11, 0, u32::try_from(size).unwrap())];
        let record = || RecordBuilder::new(RecordClass::Scalar).register(Register::R11, garbage);
        assert_eq!(
            read(Kind::Int, size, piece(size), record()),
            Content::Int(signed)
        );
        assert_eq!(
            read(Kind::Uint, size, piece(size), record()),
            Content::Uint(unsigned)
        );
    }
}

fn garbage_signed(garbage: u64) -> i64 {
    garbage.cast_signed()
}

#[test]
fn a_bool_is_its_lowest_byte_and_nothing_but_0_or_1() {
    for (register, content) in [
        (0xff00, Content::Bool(false)),
        (0xff01, Content::Bool(true)),
        (0xff02, Content::Unread(Status::Malformed)),
    ] {
        let record = small().register(Register::Rcx, register);
        let pieces = vec![in_register(Register::Rcx, 0, 1)];
        assert_eq!(read(Kind::Bool, 1, pieces, record), content);
    }
}

#[test]
fn values_on_the_stack_are_read_relative_to_the_stack_pointer() {
    let mut stack = vec![0; 48];
    stack[8..12].copy_from_slice(&(-7_i32).to_le_bytes());
    stack[16..24].copy_from_slice(&0x9000_u64.to_le_bytes());
    stack[24..32].copy_from_slice(&5_u64.to_le_bytes());
    let record = || {
        small()
            .register(Register::Rsp, 0x7000)
            .chunk(0x7000, &stack)
            .chunk(0x9000, b"stack")
    };
    let at = |displacement, size| {
        vec![Piece {
            place: Place::Stack(displacement),
            offset: 0,
            size,
        }]
    };
    assert_eq!(read(Kind::Int, 4, at(8, 4), record()), Content::Int(-7));
    assert_eq!(read(Kind::String, 16, at(16, 16), record()), whole("stack"));
    assert_eq!(
        read(Kind::Int, 8, at(48, 8), record()),
        Content::Unread(Status::NotRead)
    );
}

#[test]
fn a_string_split_over_register_and_stack_is_one() {
    let pieces = vec![
        in_register(Register::Rdi, 0, 8),
        Piece {
            place: Place::Stack(-8),
            offset: 8,
            size: 8,
        },
    ];
    let record = small()
        .register(Register::Rsp, 0x7008)
        .register(Register::Rdi, 0x9000)
        .chunk(0x7000, &2_u64.to_le_bytes())
        .chunk(0x9000, b"ok");
    assert_eq!(read(Kind::String, 16, pieces, record), whole("ok"));
}

#[test]
fn an_empty_string_may_point_anywhere() {
    for pointer in [0, 1, u64::MAX] {
        assert_eq!(
            read(
                Kind::String,
                16,
                string_in_registers(),
                string_at(pointer, 0)
            ),
            whole("")
        );
    }
}

#[test]
fn a_string_that_makes_no_sense_is_malformed() {
    for (pointer, length) in [
        (0, 1),
        (0x9000, u64::MAX),
        (0x9000, 1 << 63),
        (u64::MAX, 1),
        (1 << 47, 1),
    ] {
        assert_eq!(
            read(
                Kind::String,
                16,
                string_in_registers(),
                string_at(pointer, length)
            ),
            Content::Unread(Status::Malformed)
        );
    }
}

#[test]
fn a_long_string_tells_its_full_length() {
    let record = string_at(0x9000, 1000).cut_chunk(0x9000, b"begin", 1000);
    let text = Text::new(&b"begin"[..], 1000);
    assert_eq!(
        read(Kind::String, 16, string_in_registers(), record),
        Content::Text(text)
    );
}

#[test]
fn a_string_that_is_a_part_of_another_is_cut_to_its_own_length() {
    let record = string_at(0x9002, 3)
        .chunk(0x9000, b"abcdefgh")
        .cut_chunk(0x9002, b"c", 3);
    assert_eq!(
        read(Kind::String, 16, string_in_registers(), record),
        whole("cde")
    );
}

#[test]
fn what_is_missing_says_why() {
    let string = |record| read(Kind::String, 16, string_in_registers(), record);
    assert_eq!(
        string(string_at(0x9000, 3).unreadable(0x9000, 3, 14)),
        Content::Unread(Status::Unreadable {
            address: Address(0x9000),
            errno: 14
        })
    );
    assert_eq!(
        string(string_at(0x9000, 3).unreadable(0x9000, 3, libc::ENOSPC)),
        Content::Unread(Status::LostChunk)
    );
    assert_eq!(
        string(string_at(0x9000, 3).flags(FLAG_CHUNKS_FULL)),
        Content::Unread(Status::LostChunk)
    );
    assert_eq!(
        string(string_at(0x9000, 3)),
        Content::Unread(Status::NotRead)
    );
    assert_eq!(
        read(Kind::Int, 8, vec![], small()),
        Content::Unread(Status::NoLocation)
    );
    assert_eq!(
        read(
            Kind::Int,
            3,
            vec![in_register(Register::Rax, 0, 8)],
            small()
        ),
        Content::Unread(Status::Malformed)
    );
}

#[test]
fn memory_gives_what_it_has_and_the_reason_for_what_it_has_not() {
    let bytes = small()
        .cut_chunk(0x1000, b"12345678", 64)
        .unreadable(0x2000, 16, 14)
        .build();
    let record = Record::parse(&bytes).unwrap();
    let memory = record.memory();
    assert_eq!(memory.read(Address(0x1002), 3), Ok(&b"345"[..]));
    assert_eq!(memory.read(Address(0x1002), 0), Ok(&b""[..]));
    assert_eq!(memory.prefix(Address(0x1006), 100), Ok(&b"78"[..]));
    assert_eq!(memory.read(Address(0x1006), 3), Err(Missing::Cut));
    let unreadable = Missing::Unreadable {
        address: Address(0x2000),
        errno: 14,
    };
    assert_eq!(memory.word(Address(0x2008)), Err(unreadable));
    assert_eq!(memory.word(Address(0x2010)), Err(Missing::NotRead));
    assert_eq!(memory.word(Address(u64::MAX)), Err(Missing::NotRead));
}

#[test]
fn many_chunks_in_order_give_what_a_look_at_each_does() {
    for seed in 1_u64..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut below = |end: u64| random.u64(..end);
        let mut record = RecordBuilder::new(RecordClass::Medium);
        for _ in 0..9 + below(20) {
            let (at, length) = (0x1000 + below(64), below(24));
            let bytes = vec![7; usize::try_from(length).unwrap()];
            record = match below(6) {
                0 => record.unreadable(at, length, if below(2) == 0 { 14 } else { 28 }),
                1 => record.cut_chunk(at, &bytes, length + below(32)),
                2 => record.chunk(u64::MAX - below(16), &bytes),
                _ => record.chunk(at, &bytes),
            };
        }
        let bytes = record.build();
        let record = Record::parse(&bytes).unwrap();
        let (each, ordered) = (Memory::new(&record), Memory::indexed(&record));
        let addresses = (0xff8..0x1080).chain(u64::MAX - 20..=u64::MAX);
        for address in addresses.map(Address) {
            assert_eq!(each.prefix(address, 100), ordered.prefix(address, 100));
            assert_eq!(each.why_missing(address), ordered.why_missing(address));
        }
    }
}

#[test]
fn bytes_that_are_no_record_are_refused_with_the_reason() {
    let good = small().chunk(0x1000, b"abc").build();
    assert_eq!(
        Record::parse(&good[..199]).unwrap_err(),
        RecordError::TooShort {
            have: 199,
            need: 200
        }
    );
    let class = RecordClass::Small;
    assert_eq!(
        Record::parse(&good[..1000]).unwrap_err(),
        RecordError::WrongSize {
            class,
            have: 1000,
            need: 1024
        }
    );
    let mut other = good.clone();
    other[4] = 9;
    assert_eq!(
        Record::parse(&other).unwrap_err(),
        RecordError::UnknownClass { class: 9 }
    );
    let mut many = small();
    many.header.chunk_count = 9;
    let mut many = many.build();
    many[60..64].copy_from_slice(&9_u32.to_le_bytes());
    assert_eq!(
        Record::parse(&many).unwrap_err(),
        RecordError::TooManyChunks { class, count: 9 }
    );
    let mut outside = good;
    outside[216..220].copy_from_slice(&4000_u32.to_le_bytes());
    assert_eq!(
        Record::parse(&outside).unwrap_err(),
        RecordError::ChunkOutside { class, index: 0 }
    );
}

#[test]
fn what_a_record_does_not_fill_is_not_kept() {
    let bytes = small()
        .chunk(0x1000, b"abc")
        .unreadable(0x2000, 8, 14)
        .chunk(0x3000, b"defgh")
        .build();
    let record = Record::parse(&bytes).unwrap();
    let filled = record.filled();
    assert_eq!(filled.len(), RecordClass::Small.data_offset() + 13);
    assert!(!filled.contains(&0xee), "the ring's old bytes");
    let again = restored(filled);
    let again = Record::parse(&again).unwrap();
    let chunks = |record: &Record<'_>| -> Vec<_> {
        let chunks = record.chunks();
        chunks
            .map(|chunk| (chunk.address, chunk.bytes.to_vec(), chunk.status))
            .collect()
    };
    assert_eq!(chunks(&again), chunks(&record));
    assert_eq!(again.header().registers, record.header().registers);

    let scalar = RecordBuilder::new(RecordClass::Scalar).build();
    assert_eq!(Record::parse(&scalar).unwrap().filled(), scalar);
    assert_eq!(restored(vec![1, 2, 3]), [1, 2, 3]);
}
