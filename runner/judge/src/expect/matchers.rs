//! Matchers by what they judge, as patterns: where a `match` lists them, a new matcher that is in none of these groups
//! does not compile.

/// Those of a value of any kind.
macro_rules! of_any {
    () => {
        Matcher::Any | Matcher::All(_) | Matcher::Nil(_) | Matcher::Type(_)
    };
}

/// Those of an order.
macro_rules! of_order {
    () => {
        Matcher::Compare(..) | Matcher::CompareTime(..)
    };
}

/// Those of the parts of a value, and of their number.
macro_rules! of_parts {
    () => {
        Matcher::Length(_) | Matcher::Fields(_) | of_elements!()
    };
}

/// Those of the elements of a list.
macro_rules! of_elements {
    () => {
        Matcher::List(_) | Matcher::Has(_) | Matcher::Each(_)
    };
}

pub(super) use {of_any, of_elements, of_order, of_parts};
