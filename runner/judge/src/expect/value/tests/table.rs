//! Every kind of matcher against every kind of content, so that no pair is left to chance.

use std::sync::Arc;

use model::{Address, Content, Status};
use spec::matcher::{Comparison, Literal, Matcher, Number};

use super::world::{World, bytes, channel, complex, contains, float, func, words};
use crate::expect::{
    testing::{compares, cut, is, matches},
    truth::Truth,
};

fn number(number: f64) -> Matcher {
    Matcher::Equal(Literal::Number(Number::Float(number)))
}

fn length(matcher: Matcher) -> Matcher {
    Matcher::Length(Box::new(matcher))
}

fn has(matcher: Matcher) -> Matcher {
    Matcher::Has(Box::new(matcher))
}

fn each(matcher: Matcher) -> Matcher {
    Matcher::Each(Box::new(matcher))
}

fn ty(name: &str) -> Matcher {
    Matcher::Type(name.to_owned())
}

fn fields(fields: &[(&str, Matcher)]) -> Matcher {
    let field = |(name, matcher): &(&str, Matcher)| ((*name).to_owned(), matcher.clone());
    Matcher::Fields(fields.iter().map(field).collect())
}

/// The columns of the table.
fn matchers() -> Vec<(&'static str, Matcher)> {
    vec![
        ("any", Matcher::Any),
        ("nil", Matcher::Nil(true)),
        ("not nil", Matcher::Nil(false)),
        ("true", is(true)),
        ("3", is(3)),
        ("0.5", number(0.5)),
        ("abc", is("abc")),
        ("contains b", contains("b")),
        ("matches ^a", matches("^a")),
        ("< 4", compares(Comparison::Lt, 4)),
        (
            "> 0 and < 4",
            Matcher::All(vec![
                compares(Comparison::Gt, 0),
                compares(Comparison::Lt, 4),
            ]),
        ),
        ("len 3", length(is(3))),
        ("[1 2 3]", Matcher::List(vec![is(1), is(2), is(3)])),
        ("has 3", has(is(3))),
        ("each < 4", each(compares(Comparison::Lt, 4))),
        ("{abc = 3}", fields(&[("abc", is(3))])),
        ("type int", ty("int")),
    ]
}

/// A row: what it is, its type and content, and the truth of each column: `y`, `n` or `?`.
type Row = (&'static str, &'static str, Content, &'static str);

fn rows(world: &World) -> Vec<Row> {
    let ints = |seen: &[i64], full| {
        let seen = seen.iter().map(|n| Content::Int(*n)).collect();
        world.list("int", seen, full)
    };
    let map = |entries: &[(&str, i64)], full| {
        let entries = entries.iter();
        let entries = entries.map(|(k, v)| (words(k), Content::Int(*v))).collect();
        world.map(("string", "int"), entries, full)
    };
    let unread = Content::Unread;
    let depth = || unread(Status::DepthLimit);
    vec![
        // The columns: any, nil, not nil, true, 3, 0.5, "abc", contains, matches, <, all, len, list, has, each, fields, type
        (
            "a bool",
            "bool",
            Content::Bool(true),
            "y n y y n n n n n n n n n n n n n",
        ),
        (
            "an int",
            "int",
            Content::Int(3),
            "y n y n y n n n n y y n n n n n y",
        ),
        (
            "a byte",
            "uint8",
            Content::Uint(7),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "a float",
            "float64",
            float(0.5),
            "y n y n n y n n n y y n n n n n n",
        ),
        (
            "a float of an integer",
            "float32",
            float(3.0),
            "y n y n y n n n n y y n n n n n n",
        ),
        (
            "NaN",
            "float64",
            float(f64::NAN),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "a complex",
            "complex64",
            complex(3.0, 0.0),
            "y n y n y n n n n n n n n n n n n",
        ),
        (
            "a string",
            "string",
            words("abc"),
            "y n y n n n y y y n n y n n n n n",
        ),
        (
            "a cut string",
            "string",
            cut("ab", 3),
            "y n y n n n ? y y n n y n n n n n",
        ),
        (
            "a cut string of that begin",
            "string",
            cut("ab", 9),
            "y n y n n n n y y n n n n n n n n",
        ),
        (
            "bytes",
            "[]uint8",
            bytes(b"abc", 3),
            "y n y n n n y y y n n y n n n n n",
        ),
        (
            "small bytes",
            "[]uint8",
            bytes(&[1, 2, 3], 3),
            "y n y n n n n n n n n y y y y n n",
        ),
        (
            "cut bytes",
            "[]uint8",
            bytes(&[1, 2], 3),
            "y n y n n n n ? ? n n y ? ? ? n n",
        ),
        (
            "a byte array",
            "[3]uint8",
            bytes(b"abc", 3),
            "y n y n n n y y y n n y n n n n n",
        ),
        (
            "a nil slice",
            "[]int",
            Content::Nil,
            "y y n n n n n n n n n n n n y n n",
        ),
        (
            "a nil byte slice",
            "[]uint8",
            Content::Nil,
            "y y n n n n n n n n n n n n y n n",
        ),
        (
            "a nil map",
            "map[string]int",
            Content::Nil,
            "y y n n n n n n n n n n n n y n n",
        ),
        (
            "a nil channel",
            "chan int",
            Content::Nil,
            "y y n n n n n n n n n n n n n n n",
        ),
        (
            "a nil pointer",
            "*int",
            Content::Nil,
            "y y n n n n n n n n n n n n n n n",
        ),
        (
            "a nil interface",
            "any",
            Content::Nil,
            "y y n n n n n n n n n n n n n n n",
        ),
        (
            "a nil func",
            "func()",
            Content::Nil,
            "y y n n n n n n n n n n n n n n n",
        ),
        (
            "a pointer",
            "*int",
            world.to("int", Content::Int(3)),
            "y n y n y n n n n y y n n n n n n",
        ),
        (
            "a pointer past the depth",
            "*int",
            world.to("int", depth()),
            "y n y ? ? ? ? ? ? ? ? ? ? ? ? ? n",
        ),
        (
            "a pointer to an array",
            "any",
            world.to("[3]int", depth()),
            "y n y ? ? ? ? ? ? ? ? y ? ? ? ? n",
        ),
        (
            "a list",
            "[]int",
            ints(&[1, 2, 3], 3),
            "y n y n n n n n n n n y y y y n n",
        ),
        (
            "another list",
            "[]int",
            ints(&[5, 2], 2),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "an empty list",
            "[]int",
            ints(&[], 0),
            "y n y n n n n n n n n n n n y n n",
        ),
        (
            "a list cut behind what matters",
            "[]int",
            ints(&[3, 5], 4),
            "y n y n n n n n n n n n n y n n n",
        ),
        (
            "a cut list",
            "[]int",
            ints(&[1, 2], 3),
            "y n y n n n n n n n n y ? ? ? n n",
        ),
        (
            "a cut list of another begin",
            "[]int",
            ints(&[9, 2], 3),
            "y n y n n n n n n n n y n ? n n n",
        ),
        (
            "an array",
            "[3]int",
            ints(&[1, 2, 3], 3),
            "y n y n n n n n n n n y y y y n n",
        ),
        (
            "a struct",
            "example.com/shop.Item",
            world.item(Some(7), "abc", &[]),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "a map",
            "map[string]int",
            map(&[("abc", 3)], 1),
            "y n y n n n n n n n n n n y y y n",
        ),
        (
            "another map",
            "map[string]int",
            map(&[("x", 5)], 1),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "a cut map",
            "map[string]int",
            map(&[("x", 2)], 3),
            "y n y n n n n n n n n y n ? ? ? n",
        ),
        (
            "a cut map that decides",
            "map[string]int",
            map(&[("abc", 3), ("x", 9)], 3),
            "y n y n n n n n n n n y n y n y n",
        ),
        (
            "an int in an interface",
            "any",
            world.held("int", Content::Int(3)),
            "y n y n y n n n n y y n n n n n y",
        ),
        (
            "a nil pointer in an interface",
            "error",
            world.held("*int", Content::Nil),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "an unread int in an interface",
            "any",
            world.held("int", depth()),
            "y n y ? ? ? ? ? ? ? ? ? ? ? ? ? y",
        ),
        (
            "a func",
            "func()",
            func(Some("abc")),
            "y n y n n n y n n n n n n n n n n",
        ),
        (
            "a func without a name",
            "func()",
            func(None),
            "y n y n n n ? n n n n n n n n n n",
        ),
        (
            "a channel",
            "chan int",
            channel(3),
            "y n y n n n n n n n n y n n n n n",
        ),
        (
            "an address",
            "unsafe.Pointer",
            Content::Address(Address(1)),
            "y n y n n n n n n n n n n n n n n",
        ),
        (
            "redacted",
            "[]int",
            Content::Redacted(Arc::new("[secret]".into())),
            "y ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? n",
        ),
        (
            "a redacted string",
            "string",
            Content::Redacted(Arc::new("[secret]".into())),
            "y n y ? ? ? ? ? ? ? ? ? ? ? ? ? n",
        ),
        (
            "an unread interface",
            "any",
            depth(),
            "y ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? ?",
        ),
        (
            "an unread int",
            "int",
            depth(),
            "y n y ? ? ? ? ? ? ? ? ? ? ? ? ? y",
        ),
        (
            "an unread slice",
            "[]int",
            depth(),
            "y ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? n",
        ),
        (
            "an unread array",
            "[3]int",
            depth(),
            "y n y ? ? ? ? ? ? ? ? y ? ? ? ? n",
        ),
        (
            "a map being written",
            "map[string]int",
            unread(Status::BeingWritten),
            "y n y ? ? ? ? ? ? ? ? ? ? ? ? ? n",
        ),
        (
            "of an unknown type",
            "main.Odd",
            unread(Status::TypeUnknown),
            "y ? ? ? ? ? ? ? ? ? ? ? ? ? ? ? n",
        ),
        (
            "absent",
            "int",
            unread(Status::Absent),
            "y n n n n n n n n n n n n n n n n",
        ),
    ]
}

#[test]
fn every_matcher_says_of_every_content_what_it_must() {
    let world = World::new();
    let matchers = matchers();
    let mut wrong = Vec::new();
    for (what, ty, content, expected) in rows(&world) {
        let expected: Vec<&str> = expected.split(' ').collect();
        assert_eq!(expected.len(), matchers.len(), "{what}");
        for ((name, matcher), expected) in matchers.iter().zip(expected) {
            let truth = match world.judge(matcher, ty, content.clone()) {
                Truth::Yes => "y",
                Truth::No => "n",
                Truth::Unknown(_) => "?",
            };
            if truth != expected {
                wrong.push(format!("{what} · {name}: {truth}, not {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_float_literal_means_the_nearest_number_of_the_type() {
    let world = World::new();
    let single = f64::from(0.1_f32);
    assert_eq!(
        world.judge(&number(0.1), "float32", float(single)),
        Truth::Yes
    );
    assert_eq!(
        world.judge(&number(0.1), "float64", float(single)),
        Truth::No
    );
    assert_eq!(world.judge(&number(0.1), "float64", float(0.1)), Truth::Yes);
    let below = Matcher::Compare(Comparison::Lt, Number::Float(0.1));
    assert_eq!(world.judge(&below, "float32", float(single)), Truth::No);
    // No float32 is so large, and Go would refuse the constant.
    assert_eq!(
        world.judge(&number(1e300), "float32", float(f64::INFINITY)),
        Truth::No
    );
    assert_eq!(
        world.judge(&is(3), "float64", float(f64::INFINITY)),
        Truth::No
    );
    // An integer is compared as it is: 2^24 + 1 is no float32.
    assert_eq!(
        world.judge(&is(16_777_217), "float32", float(16_777_216.0)),
        Truth::No
    );
    assert_eq!(world.judge(&is(0), "float64", float(-0.0)), Truth::Yes);
}

#[test]
fn floats_without_a_literal_are_equal_to_their_names() {
    let world = World::new();
    for (text, seen) in [
        ("NaN", f64::NAN),
        ("+Inf", f64::INFINITY),
        ("-Inf", f64::NEG_INFINITY),
    ] {
        assert_eq!(
            world.judge(&is(text), "float64", float(seen)),
            Truth::Yes,
            "{text}"
        );
        assert_eq!(
            world.judge(&is(text), "float64", float(1.0)),
            Truth::No,
            "{text}"
        );
    }
    assert_eq!(world.judge(&is("1"), "float64", float(1.0)), Truth::No);
}

#[test]
fn complex_numbers_are_written_as_go_prints_them() {
    let world = World::new();
    for (text, (real, imaginary)) in [
        ("(1+2i)", (1.0, 2.0)),
        ("(-0.5-1e+06i)", (-0.5, -1e6)),
        ("(1e-07+0i)", (1e-7, 0.0)),
        ("(NaN+Infi)", (f64::NAN, f64::INFINITY)),
        ("(+Inf-Infi)", (f64::INFINITY, f64::NEG_INFINITY)),
    ] {
        let seen = complex(real, imaginary);
        assert_eq!(
            world.judge(&is(text), "complex128", seen),
            Truth::Yes,
            "{text}"
        );
        assert_eq!(
            world.judge(&is(text), "complex128", complex(7.0, 2.0)),
            Truth::No,
            "{text}"
        );
    }
    let single = complex(f64::from(0.1_f32), 2.0);
    assert_eq!(
        world.judge(&is("(0.1+2i)"), "complex64", single.clone()),
        Truth::Yes
    );
    assert_eq!(
        world.judge(&is("(0.1+2i)"), "complex128", single),
        Truth::No
    );
    for text in ["1+2i", "(1+2)", "(i)", "()", "", "(1i)", "(+i)", "(1+i)"] {
        assert_eq!(
            world.judge(&is(text), "complex128", complex(1.0, 2.0)),
            Truth::No,
            "{text}"
        );
    }
}

#[test]
fn only_nil_distinguishes_an_empty_list_from_a_nil_slice() {
    let world = World::new();
    for content in [Content::Nil, world.list("int", vec![], 0)] {
        assert_eq!(
            world.judge(&length(is(0)), "[]int", content.clone()),
            Truth::Yes
        );
        assert_eq!(
            world.judge(&Matcher::List(vec![]), "[]int", content.clone()),
            Truth::Yes
        );
        let is_nil = content == Content::Nil;
        assert_eq!(
            world.judge(&Matcher::Nil(true), "[]int", content),
            is_nil.into()
        );
    }
    assert_eq!(
        world.judge(&length(is(0)), "chan int", Content::Nil),
        Truth::Yes
    );
    assert_eq!(world.judge(&is(""), "[]uint8", Content::Nil), Truth::Yes);
    // A nil pointer to a list is no list.
    assert_eq!(world.judge(&length(is(0)), "*int", Content::Nil), Truth::No);
}

#[test]
fn types_have_full_and_short_names() {
    let world = World::new();
    let item = world.item(None, "abc", &[]);
    let held = world.held(
        "*example.com/shop.Item",
        world.to("example.com/shop.Item", item.clone()),
    );
    for name in ["*example.com/shop.Item", "*shop.Item"] {
        assert_eq!(world.judge(&ty(name), "any", held.clone()), Truth::Yes);
        assert_eq!(
            world.judge(&ty(name), "example.com/shop.Item", item.clone()),
            Truth::No
        );
    }
    assert_eq!(world.judge(&ty("error"), "error", held.clone()), Truth::No);
    assert_eq!(world.judge(&ty("any"), "any", held), Truth::No);
}

#[test]
fn fields_are_found_through_pointers_and_embedding() {
    let world = World::new();
    let item = |id| world.to("example.com/shop.Item", world.item(id, "pen", &["blue"]));
    let judge = |wanted: &[(&str, Matcher)], id| {
        world.judge(&fields(wanted), "*example.com/shop.Item", item(id))
    };
    assert_eq!(
        judge(&[("Name", is("pen")), ("ID", is(7))], Some(7)),
        Truth::Yes
    );
    assert_eq!(
        judge(&[("Name", is("pen")), ("ID", is(8))], Some(7)),
        Truth::No
    );
    assert_eq!(
        judge(&[("Base", fields(&[("ID", is(7))]))], Some(7)),
        Truth::Yes
    );
    assert_eq!(judge(&[("ID", is(7))], None), Truth::No);
    assert_eq!(judge(&[("Base", Matcher::Nil(true))], None), Truth::Yes);
    assert_eq!(judge(&[("Price", is(7))], Some(7)), Truth::No);
    let tags = Matcher::List(vec![matches("^b")]);
    assert_eq!(judge(&[("Tags", tags)], Some(7)), Truth::Yes);
    let list = world.list(
        "example.com/shop.Item",
        vec![world.item(Some(7), "pen", &[])],
        2,
    );
    let named = |name| has(fields(&[("Name", is(name))]));
    assert_eq!(
        world.judge(&named("pen"), "[]example.com/shop.Item", list.clone()),
        Truth::Yes
    );
    let Truth::Unknown(reason) = world.judge(&named("ink"), "[]example.com/shop.Item", list) else {
        panic!("decided");
    };
    assert_eq!(reason.to_string(), "only 1 of 2 elements were read");
    assert_eq!(
        reason.advice().as_deref(),
        Some("raise limits.elements, or ask for the part by its path")
    );
}

#[test]
fn a_func_is_its_name() {
    let world = World::new();
    let seen = func(Some("example.com/shop.(*Cart).Add-fm"));
    for name in ["example.com/shop.(*Cart).Add-fm", "shop.(*Cart).Add-fm"] {
        assert_eq!(world.judge(&is(name), "func()", seen.clone()), Truth::Yes);
    }
    assert_eq!(world.judge(&is("Add"), "func()", seen), Truth::No);
}

#[test]
fn a_reason_says_what_to_do() {
    let world = World::new();
    let Truth::Unknown(reason) = world.judge(
        &is(3),
        "*int",
        world.to("int", Content::Unread(Status::DepthLimit)),
    ) else {
        panic!("decided");
    };
    assert_eq!(
        reason.advice().as_deref(),
        Some("raise limits.depth, or ask for the part by its path")
    );
}
