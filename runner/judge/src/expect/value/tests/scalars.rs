//! Numbers and text, whole and cut.

use model::{Address, Content, Status, Text};
use spec::matcher::{Comparison, Literal, Matcher, Number};

use super::world::{World, contains};
use crate::expect::{
    testing::{compares, cut, is, matches, text},
    truth::Truth,
    value::{Excerpt, Length, text_matches},
};

fn value_matches(matcher: &Matcher, content: &Content) -> Truth {
    World::new().judge(matcher, "any", content.clone())
}

#[test]
fn integers_are_compared_without_rounding() {
    let large = Content::Uint(u64::MAX);
    assert_eq!(value_matches(&is(i128::from(u64::MAX)), &large), Truth::Yes);
    assert_eq!(
        value_matches(&is(i128::from(u64::MAX - 1)), &large),
        Truth::No
    );
    assert_eq!(value_matches(&is(-1), &large), Truth::No);
    assert_eq!(value_matches(&is(-1), &Content::Int(-1)), Truth::Yes);
    let float = |number| Matcher::Compare(Comparison::Gt, Number::Float(number));
    assert_eq!(value_matches(&float(2.5), &Content::Int(3)), Truth::Yes);
    assert_eq!(value_matches(&float(2.5), &Content::Int(2)), Truth::No);
    assert_eq!(value_matches(&float(-2.5), &Content::Int(-2)), Truth::Yes);
    // 2^53 + 1 is no float; as a float it would be 2^53, and not larger.
    let above = Content::Int((1 << 53) + 1);
    assert_eq!(
        value_matches(&float(9_007_199_254_740_992.0), &above),
        Truth::Yes
    );
    assert_eq!(value_matches(&float(f64::NAN), &above), Truth::No);
}

#[test]
fn every_comparison_knows_its_bound() {
    let at = |comparison| {
        [1, 2, 3]
            .map(|seen| value_matches(&compares(comparison, 2), &Content::Int(seen)).is_certain())
    };
    assert_eq!(at(Comparison::Lt), [true, false, false]);
    assert_eq!(at(Comparison::Le), [true, true, false]);
    assert_eq!(at(Comparison::Gt), [false, false, true]);
    assert_eq!(at(Comparison::Ge), [false, true, true]);
}

#[test]
fn several_conditions_hold_together() {
    let year = Matcher::All(vec![
        compares(Comparison::Ge, 2020),
        compares(Comparison::Lt, 2022),
    ]);
    assert_eq!(value_matches(&year, &Content::Int(2021)), Truth::Yes);
    assert_eq!(value_matches(&year, &Content::Int(2022)), Truth::No);
}

#[test]
fn strings_are_bytes() {
    let bytes = Content::Text(Text::new([b'a', 0xFF, b'b'], 3));
    assert_eq!(value_matches(&is("a\u{FFFD}b"), &bytes), Truth::No);
    assert_eq!(value_matches(&contains("b"), &bytes), Truth::Yes);
    assert_eq!(value_matches(&matches("b$"), &bytes), Truth::Yes);
    assert_eq!(value_matches(&matches("^b"), &bytes), Truth::No);
    assert_eq!(value_matches(&is(true), &Content::Bool(true)), Truth::Yes);
    assert_eq!(value_matches(&is(false), &Content::Bool(true)), Truth::No);
}

#[test]
fn of_a_cut_string_only_what_was_read_decides() {
    let seen = cut("GopherCon", 14);
    let is_unknown = |matcher| matches!(value_matches(&matcher, &seen), Truth::Unknown(_));
    assert!(is_unknown(is("GopherCon 2021")));
    assert_eq!(value_matches(&is("GopherCon"), &seen), Truth::No);
    assert_eq!(value_matches(&is("RubyConf 2021!"), &seen), Truth::No);
    assert_eq!(value_matches(&contains("Con"), &seen), Truth::Yes);
    assert!(is_unknown(contains("2021")));
    assert_eq!(
        value_matches(&contains("longer than it is"), &seen),
        Truth::No
    );
    assert_eq!(value_matches(&matches("^Gopher"), &seen), Truth::Yes);
    // A match that ends where the reading did may be none in the whole.
    assert!(is_unknown(matches("Con$")));
    assert!(is_unknown(matches(r"Con\b")));
    assert!(is_unknown(matches("2021")));
    // One that goes on to the cut is one already before.
    assert_eq!(value_matches(&matches("Gopher.*"), &seen), Truth::Yes);
}

#[test]
fn a_cut_through_a_character_is_no_end() {
    let seen = Content::Text(Text::new("aé".as_bytes().split_at(2).0, 9));
    assert!(matches!(
        value_matches(&matches("a$"), &seen),
        Truth::Unknown(_)
    ));
    assert!(matches!(
        value_matches(&is("aé123456"), &seen),
        Truth::Unknown(_)
    ));
}

#[test]
fn the_reason_says_what_to_do() {
    let Truth::Unknown(reason) = value_matches(&contains("x"), &cut("abc", 300)) else {
        panic!("decided");
    };
    assert_eq!(reason.to_string(), "only 3 of 300 bytes were read");
    assert_eq!(reason.advice().as_deref(), Some("raise limits.string"));
}

#[test]
fn what_could_not_be_read_is_unknown_and_anything_all_the_same() {
    for status in [
        Status::TypeUnknown,
        Status::Unreadable {
            address: Address(0xdead),
            errno: 14,
        },
        Status::InVectorRegister,
        Status::LostChunk,
        Status::Malformed,
        Status::NoLocation,
    ] {
        let content = Content::Unread(status);
        assert_eq!(value_matches(&Matcher::Any, &content), Truth::Yes);
        assert!(matches!(value_matches(&is(1), &content), Truth::Unknown(_)));
    }
}

#[test]
fn a_value_of_another_kind_is_not_as_demanded() {
    assert_eq!(value_matches(&is("1"), &Content::Int(1)), Truth::No);
    assert_eq!(value_matches(&is(1), &text("1")), Truth::No);
    assert_eq!(value_matches(&is(1), &Content::Bool(true)), Truth::No);
    let float = Matcher::Equal(Literal::Number(Number::Float(1.0)));
    assert_eq!(value_matches(&float, &Content::Int(1)), Truth::Yes);
}

#[test]
fn a_body_of_unknown_length_is_longer_than_what_was_kept() {
    let body = Excerpt {
        bytes: b"abc",
        full: Length::More,
        limits: None,
    };
    assert_eq!(text_matches(&is("abc"), body), Truth::No);
    assert!(matches!(text_matches(&is("abcd"), body), Truth::Unknown(_)));
    assert!(matches!(
        text_matches(&contains("zz"), body),
        Truth::Unknown(_)
    ));
    let message = Excerpt {
        full: Length::AtLeast,
        ..body
    };
    assert!(matches!(
        text_matches(&is("abc"), message),
        Truth::Unknown(_)
    ));
    assert_eq!(text_matches(&is("ab"), message), Truth::No);
}
