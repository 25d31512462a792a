//! Reads for given places, as a story of one value after the other.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

use super::{
    Link, LinkKind, Operand, Read, ViewPlan,
    reads::{Views, reads},
};
use crate::{
    golang::{
        Abi,
        abi::{Arch, assign},
    },
    model::{Kind, Parameter, Register, Type, TypeId, TypeTable},
    spec::document::Limits,
};

struct Values {
    types: TypeTable,
    int: TypeId,
    text: TypeId,
    float: TypeId,
    block: TypeId,
}

impl Values {
    fn new() -> Self {
        let mut types = TypeTable::default();
        let mut add = |name: &str, size, kind| {
            types.push(Type {
                name: name.into(),
                size,
                kind,
            })
        };
        let int = add("int", 8, Kind::Int);
        let text = add("main.Name", 16, Kind::String);
        let float = add("float64", 8, Kind::Float);
        let array = Kind::Array {
            element: int,
            count: 1000,
        };
        let block = add("[1000]int", 8000, array);
        Self {
            types,
            int,
            text,
            float,
            block,
        }
    }

    /// The reads of a function's parameters, and the views that they speak of.
    fn reads(&self, abi: Abi, parameters: &[TypeId]) -> (Vec<Read>, Vec<ViewPlan>) {
        let placed = assign(Arch::Amd64, abi, &self.types, parameters, &[]);
        let parameters: Vec<_> = parameters
            .iter()
            .zip(placed.parameters)
            .map(|(ty, location)| Parameter {
                name: "p".into(),
                ty: *ty,
                location,
            })
            .collect();
        let limits = Limits {
            string: 100,
            ..Limits::default()
        };
        let mut views = Views::default();
        let reads = reads(&mut views, &self.types, &parameters, limits);
        (reads, views.into_plans())
    }
}

#[test]
fn numbers_in_registers_need_no_memory() {
    let v = Values::new();
    assert_eq!(v.reads(Abi::Register, &[v.int, v.float]), (vec![], vec![]));
}

#[test]
fn a_string_in_registers_is_read_by_its_pointer_and_length() {
    let v = Values::new();
    let (reads, views) = v.reads(Abi::Register, &[v.int, v.text]);
    let expected = Read::new(
        Operand::Register(Register::Rbx),
        Operand::Register(Register::Rcx),
        Link::new(0, LinkKind::Counted, 1, 100),
    );
    assert_eq!((reads, views), (vec![expected], vec![]));
}

#[test]
fn values_on_the_stack_are_one_read_whose_view_links_the_strings() {
    let v = Values::new();
    let (reads, views) = v.reads(Abi::Stack, &[v.int, v.text, v.int, v.text]);
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].first, Operand::StackAddress(8));
    assert_eq!(
        (reads[0].link.kind, reads[0].link.element),
        (LinkKind::Constant(1), 48)
    );
    let view = &views[reads[0].link.view.unwrap().0 as usize];
    let links: Vec<_> = view
        .links
        .iter()
        .map(|link| (link.offset, link.kind, link.limit))
        .collect();
    assert_eq!(
        links,
        [(8, LinkKind::Counted, 100), (32, LinkKind::Counted, 100)]
    );
}

#[test]
fn what_is_not_wanted_is_not_read() {
    let v = Values::new();
    let (reads, views) = v.reads(Abi::Stack, &[v.float, v.int, v.float]);
    assert_eq!(reads.len(), 1);
    assert_eq!(reads[0].first, Operand::StackAddress(16));
    assert_eq!((reads[0].link.element, reads[0].link.limit), (8, 8));
    assert!(views.is_empty());
}

#[test]
fn a_large_value_between_two_parts_their_reads() {
    let v = Values::new();
    let (reads, _) = v.reads(Abi::Register, &[v.block, v.block]);
    assert!(reads.is_empty());
    let (reads, _) = v.reads(Abi::Stack, &[v.int, v.block, v.int]);
    let places: Vec<_> = reads.iter().map(|read| read.first).collect();
    assert_eq!(
        places,
        [Operand::StackAddress(8), Operand::StackAddress(8016)]
    );
}

#[test]
fn equal_views_are_one() {
    let v = Values::new();
    let mut views = Views::default();
    let limits = Limits::default();
    for _ in 0..2 {
        let placed = assign(Arch::Amd64, Abi::Stack, &v.types, &[v.text], &[]);
        let parameter = Parameter {
            name: "s".into(),
            ty: v.text,
            location: placed.parameters[0].clone(),
        };
        reads(&mut views, &v.types, &[parameter], limits);
    }
    assert_eq!(views.into_plans().len(), 1);
}
