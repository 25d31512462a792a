//! Bodies that are copies of one another.

use iced_x86::{Decoder, DecoderOptions, Instruction, OpKind};
use model::Address;

use super::{FunctionSymbol, elf::Image};

/// Whether two bodies do the same: instruction by instruction, with the same addresses but for those within the body.
pub(super) fn are_twins(image: &Image, one: &FunctionSymbol, other: &FunctionSymbol) -> bool {
    match (code(image, one), code(image, other)) {
        (Some(left), Some(right)) if left.len() == right.len() => {
            let left = Decoder::with_ip(64, left, one.start.0, DecoderOptions::NONE);
            let right = Decoder::with_ip(64, right, other.start.0, DecoderOptions::NONE);
            left.into_iter()
                .zip(right)
                .all(|(left, right)| are_alike(&left, one.start, &right, other.start))
        }
        _ => false,
    }
}

fn code<'a>(image: &'a Image, function: &FunctionSymbol) -> Option<&'a [u8]> {
    let length = function.end.0.checked_sub(function.start.0)?;
    image.bytes_at(function.start, usize::try_from(length).ok()?)
}

fn are_alike(left: &Instruction, begin: Address, right: &Instruction, other: Address) -> bool {
    let branches = |instruction: &Instruction| {
        (0..instruction.op_count())
            .any(|operand| instruction.op_kind(operand) == OpKind::NearBranch64)
    };
    if branches(left) && branches(right) {
        let (to, other_to) = (left.near_branch_target(), right.near_branch_target());
        let within = to.wrapping_sub(begin.0) == other_to.wrapping_sub(other.0);
        return left.code() == right.code() && (to == other_to || within);
    }
    // Addresses relative to the instruction are absolute in what is decoded.
    left == right
}
