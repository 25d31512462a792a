//! The tables that describe values.

use super::shape::{Section, Shape, keys};

pub(crate) static ERROR: Section = Section {
    name: "error",
    about: "What the error in a call's last result must be; several keys must all hold.",
    keys: keys! {
        "is": Shape::Text, "not judged", "it, or an error that it wraps, is this variable: `\"database/sql.ErrNoRows\"`";
        "as": Shape::Text, "not judged", "it, or an error that it wraps, is of this type: `\"*net.OpError\"`";
        "equal": Shape::Text, "not judged", "its message is this";
        "contains": Shape::Text, "not judged", "its message contains this";
        "matches": Shape::Text, "not judged", "its message matches this regular expression, anywhere in it";
    },
};

pub(crate) static MATCHER: Section = Section {
    name: "matcher",
    about: "What a value must be. A plain literal means `equal`; several keys must all hold.",
    keys: keys! {
        "any": Shape::Flag, "—", "anything at all, also a value that could not be read";
        "equal": Shape::Literal, "—", "equal to this";
        "contains": Shape::Text, "—", "a string that contains this";
        "matches": Shape::Text, "—", "a string that matches this regular expression, anywhere in it";
        "nil": Shape::Flag, "—", "nil, or with `false` not nil";
        "len": Shape::Matcher, "—", "the length of a string, slice, array, map or channel";
        "type": Shape::Text, "—", "the type of a value, or of what an interface holds";
        "has": Shape::Value, "—", "an element of a list, or a value of a map, matches this";
        "each": Shape::Value, "—", "every element of a list, or every value of a map, matches this";
        "lt": BOUND, "—", "less than";
        "le": BOUND, "—", "at most";
        "gt": BOUND, "—", "greater than";
        "ge": BOUND, "—", "at least";
    },
};

/// What a value is compared with: a number, or a length or point of time.
const BOUND: Shape = Shape::Either(&[Shape::Number, Shape::Text]);
