//! The tables that tell values.

use super::shape::{Section, Shape, key};

pub(crate) static ERROR: Section = Section {
    name: "error",
    about: "What the error in a call's last result must be; several keys must all hold.",
    keys: &[
        key(
            "is",
            Shape::Text,
            "not judged",
            "it, or an error that it wraps, is this variable: `\"database/sql.ErrNoRows\"`",
        ),
        key(
            "as",
            Shape::Text,
            "not judged",
            "it, or an error that it wraps, is of this type: `\"*net.OpError\"`",
        ),
        key("equal", Shape::Text, "not judged", "its message is this"),
        key(
            "contains",
            Shape::Text,
            "not judged",
            "its message contains this",
        ),
        key(
            "matches",
            Shape::Text,
            "not judged",
            "this regular expression finds a match in its message",
        ),
    ],
};

pub(crate) static MATCHER: Section = Section {
    name: "matcher",
    about: "What a value must be. A plain literal means `equal`; several keys must all hold.",
    keys: &[
        key(
            "any",
            Shape::Flag,
            "—",
            "anything at all, also a value that could not be read",
        ),
        key("equal", Shape::Literal, "—", "equal to this"),
        key("contains", Shape::Text, "—", "a string that contains this"),
        key(
            "matches",
            Shape::Text,
            "—",
            "a string in which this regular expression finds a match",
        ),
        key("nil", Shape::Flag, "—", "nil, or with `false` not nil"),
        key(
            "len",
            Shape::Matcher,
            "—",
            "the length of a string, slice, array, map or channel",
        ),
        key(
            "type",
            Shape::Text,
            "—",
            "what an interface holds is of this type; any other value is",
        ),
        key(
            "has",
            Shape::Value,
            "—",
            "an element of a list, or a value of a map, is so",
        ),
        key(
            "each",
            Shape::Value,
            "—",
            "every element of a list, or every value of a map, is so",
        ),
        key("lt", BOUND, "—", "less than"),
        key("le", BOUND, "—", "at most"),
        key("gt", BOUND, "—", "greater than"),
        key("ge", BOUND, "—", "at least"),
    ],
};

/// What a value is compared with: a number, or a length or point of time.
const BOUND: Shape = Shape::Either(&[Shape::Number, Shape::Text]);
