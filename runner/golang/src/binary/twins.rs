//! Bodies that are copies of one another.

use arch::instructions;

use super::{FunctionSymbol, elf::Image};

/// Whether two bodies do the same: instruction by instruction, with the same addresses but for those within the body.
pub(super) fn are_twins(image: &Image, one: &FunctionSymbol, other: &FunctionSymbol) -> bool {
    let (start, other_start) = (one.start.0, other.start.0);
    match (code(image, one), code(image, other)) {
        (Some(left), Some(right)) if left.len() == right.len() => instructions(left, start)
            .zip(instructions(right, other_start))
            .all(|pair| match pair {
                (Ok(left), Ok(right)) => left.is_twin(start, &right, other_start),
                _ => false,
            }),
        _ => false,
    }
}

fn code<'a>(image: &'a Image, function: &FunctionSymbol) -> Option<&'a [u8]> {
    let length = function.end.0.checked_sub(function.start.0)?;
    image.bytes_at(function.start, usize::try_from(length).ok()?)
}
