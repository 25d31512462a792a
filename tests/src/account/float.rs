//! Floats in JSON.

use serde_json::Value as Json;

/// Whether two floats of that size, in bytes, are the same number. A smaller one may be written with as few digits as
/// tell it from others of its size, or with all of them.
pub(super) fn same(size: u64, seen: &Json, told: &Json) -> bool {
    match (seen, told) {
        (Json::String(seen), Json::String(told)) => seen == told && is_special(told),
        (Json::Number(seen), Json::Number(told)) => match (seen.as_f64(), told.as_f64()) {
            (Some(seen), Some(told)) if size == 4 => single(seen) == single(told),
            (Some(seen), Some(told)) => seen.to_bits() == told.to_bits(),
            _ => false,
        },
        _ => false,
    }
}

fn is_special(text: &str) -> bool {
    matches!(text, "NaN" | "+Inf" | "-Inf")
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the number is rounded to the size that it has in the program"
)]
fn single(number: f64) -> u32 {
    (number as f32).to_bits()
}
