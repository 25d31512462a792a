//! A value against what it must be.
//!
//! Truth has three values here: what was cut, not reached or not read decides only if it would decide so whatever it
//! is. So `{ has = 3 }` holds for a list of which the first elements were read and one of them is 3; it is undecided
//! if none of them is; and it fails if there is nothing more to read.
//!
//! - **Nil** is asked of a value itself. All other matchers look through pointers and interfaces that are not nil:
//!   `p = 5` judges an `*int`. Through a nil pointer or interface nothing holds. A nil slice, map or channel is an
//!   empty one, as in Go: its length is 0.
//! - **Numbers**: integers are compared with all numbers without rounding. A literal with a fraction means the number
//!   of the value's own type that is nearest to it, as in Go: 0.1 is the float32 nearest to 0.1 where a float32 is
//!   judged. NaN equals the text `"NaN"` alone.
//! - **Complex numbers** are equal to a text such as `"(1+2i)"`, as `fmt` prints them, or to a number if their imaginary
//!   part is 0.
//! - **Text matchers** judge strings, byte slices and byte arrays alike.
//! - **Values of well-known types** that are shown as text are compared as that, whatever the spelling: `"1500ms"` is the
//!   `time.Duration` that is shown as `1.5s`. So are errors of known types, by their message. Other text is compared with
//!   the bytes themselves where a value has such.
//! - **An integer of a named type** is equal to the name of a constant of that type, where the binary describes the constants.
//! - **A func value** is equal to its function's name, full or short.
//! - A value of another kind than the matcher's does not match: `"5"` in an interface is not 5.
//!   Where the kind is known beforehand, [`validate`](super::validate) refuses such a matcher.

mod constant;
mod content;
mod fields;
mod items;
mod number;
mod spelled;
mod text;
mod type_name;

pub(super) use constant::{NoConstant, constant_name, constant_value};
pub(super) use content::{is_byte, may_be_nil, value_matches};
pub(super) use fields::{NoField, selector};
pub(super) use number::{complex, holds, integer_matches, is_special};
pub(super) use spelled::{atomic, suits};
pub(super) use text::{Excerpt, Length, text_matches};
pub(super) use type_name::is_named;

#[cfg(test)]
mod tests;
