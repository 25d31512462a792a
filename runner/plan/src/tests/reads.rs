//! Reads for given places, as a story of one value after the other.

use golang::Abi;
use model::{
    Location, Piece, Place, Register,
    plan::{Bound, Link, LinkKind, Operand, Read, ViewPlan},
};

use super::world::World;
use crate::{
    reads::{Wanted, reads},
    views::whole,
};

fn register(register: Register) -> Operand {
    Operand::Register(register)
}

fn view<'v>(views: &'v [ViewPlan], link: &Link) -> &'v ViewPlan {
    &views[link.view.unwrap().0 as usize]
}

fn text() -> Link {
    Link {
        bound: Bound::String,
        ..Link::new(0, LinkKind::Counted, 1, 4096)
    }
}

#[test]
fn numbers_in_registers_need_no_memory() {
    let w = World::new();
    let (reads, views) = w.reads(Abi::Register, &[w.int, w.float, w.bool]);
    assert_eq!((reads, views), (vec![], vec![]));
}

#[test]
fn a_string_in_registers_is_read_by_its_pointer_and_length() {
    let mut w = World::new();
    let bytes = w.slice(w.byte);
    let (reads, views) = w.reads(Abi::Register, &[w.int, w.text, bytes]);
    let expected = [
        Read::new(register(Register::Rbx), register(Register::Rcx), text()),
        Read::new(register(Register::Rdi), register(Register::Rsi), text()),
    ];
    assert_eq!((&reads[..], views), (&expected[..], vec![]));
}

#[test]
fn a_slice_is_bounded_by_the_sites_elements_and_takes_a_level() {
    let mut w = World::new();
    let names = w.slice(w.text);
    let (reads, views) = w.reads(Abi::Register, &[names]);
    let link = reads[0].link;
    assert_eq!(
        (link.kind, link.element, link.limit),
        (LinkKind::Counted, 16, 4096)
    );
    assert_eq!((link.bound, link.levels), (Bound::Elements, 1));
    let names = view(&views, &link);
    assert_eq!((names.stride, &names.links[..]), (16, &[text()][..]));
}

#[test]
fn an_interface_takes_its_type_and_its_data() {
    let w = World::new();
    let (reads, _) = w.reads(Abi::Register, &[w.error, w.any]);
    let kinds: Vec<_> = reads
        .iter()
        .map(|read| (read.first, read.second, read.link.kind))
        .collect();
    assert_eq!(
        kinds,
        [
            (
                register(Register::Rax),
                register(Register::Rbx),
                LinkKind::Interface
            ),
            (
                register(Register::Rcx),
                register(Register::Rdi),
                LinkKind::EmptyInterface
            ),
        ]
    );
    assert!(reads.iter().all(|read| read.link.levels == 0));
}

#[test]
fn a_struct_in_registers_has_a_read_for_each_pointer_in_it() {
    let mut w = World::new();
    let number = w.pointer(w.int);
    let inner = w.structure("main.Inner", &[("weight", w.float), ("name", w.text)]);
    let user = w.structure(
        "main.User",
        &[("id", number), ("inner", inner), ("call", w.func)],
    );
    let (reads, _) = w.reads(Abi::Register, &[user]);
    let pointers: Vec<_> = reads
        .iter()
        .map(|read| (read.first, read.link.kind))
        .collect();
    assert_eq!(
        pointers,
        [
            (register(Register::Rax), LinkKind::Constant(1)),
            (register(Register::Rbx), LinkKind::Counted),
            (register(Register::Rdi), LinkKind::Func),
        ]
    );
    assert!(reads.iter().all(|read| read.link.offset == 0));
}

#[test]
fn values_on_the_stack_are_one_read_whose_view_links_the_strings() {
    let w = World::new();
    let (reads, views) = w.reads(Abi::Stack, &[w.int, w.text, w.float, w.text]);
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].first, Operand::StackAddress(8));
    assert_eq!(
        (
            reads[0].link.kind,
            reads[0].link.element,
            reads[0].link.levels
        ),
        (LinkKind::Constant(1), 48, 0)
    );
    let offsets: Vec<_> = view(&views, &reads[0].link)
        .links
        .iter()
        .map(|link| (link.offset, link.kind))
        .collect();
    assert_eq!(offsets, [(8, LinkKind::Counted), (32, LinkKind::Counted)]);
}

#[test]
fn of_an_array_on_the_stack_as_much_is_read_as_is_shown() {
    let mut w = World::new();
    let block = w.array(w.int, 1000);
    let (reads, _) = w.reads(Abi::Stack, &[w.int, block, w.int]);
    let places: Vec<_> = reads
        .iter()
        .map(|read| (read.first, read.link.element))
        .collect();
    assert_eq!(
        places,
        [
            (Operand::StackAddress(8), 8 + 16 * 8),
            (Operand::StackAddress(8016), 8)
        ]
    );
}

#[test]
fn a_value_larger_than_a_chunk_is_cut() {
    let mut w = World::new();
    let block = w.array(w.byte, 5000);
    let large = w.structure("main.Large", &[("block", block), ("name", w.text)]);
    let (reads, views) = w.reads(Abi::Stack, &[large]);
    assert_eq!(reads[0].link.limit, 4096);
    assert!(views.is_empty(), "its name stands behind what is read");
}

#[test]
fn a_value_in_registers_and_on_the_stack_is_followed_word_by_word() {
    let mut w = World::new();
    let pair = w.structure("main.Pair", &[("a", w.text), ("b", w.text), ("c", w.text)]);
    let stack = Piece {
        place: Place::Stack(24),
        offset: 24,
        size: 24,
    };
    let piece = |offset, register| Piece {
        place: Place::Register(register),
        offset,
        size: 8,
    };
    let location = Location {
        pieces: vec![
            piece(0, Register::Rax),
            piece(8, Register::Rbx),
            piece(16, Register::Rcx),
            stack,
        ],
    };
    let mut views = w.views();
    let wanted = Wanted::value(&mut views, pair, &location, super::world::LIMITS);
    let reads = reads(&mut views, [wanted]);
    let words: Vec<_> = reads.iter().map(|read| (read.first, read.second)).collect();
    assert_eq!(
        words,
        [
            (register(Register::Rax), register(Register::Rbx)),
            // The second string's length is the first word on the stack.
            (register(Register::Rcx), Operand::Stack(24)),
            (Operand::StackAddress(24), Operand::Constant(0)),
        ]
    );
    let views = views.into_plans();
    assert_eq!(view(&views, &reads[2].link).links[0].offset, 8);
}

#[test]
fn a_word_in_a_vector_register_leads_nowhere() {
    let w = World::new();
    let location = Location {
        pieces: vec![
            Piece {
                place: Place::Vector(0),
                offset: 0,
                size: 8,
            },
            Piece {
                place: Place::Register(Register::Rax),
                offset: 8,
                size: 8,
            },
        ],
    };
    let mut views = w.views();
    let wanted = Wanted::value(&mut views, w.text, &location, super::world::LIMITS);
    assert_eq!(reads(&mut views, [wanted]), []);
}

#[test]
fn whole_elements_fit_a_chunk() {
    assert_eq!((whole(24), whole(1), whole(4096)), (4080, 4096, 4096));
    assert_eq!((whole(5000), whole(0)), (4096, 4096));
}
