//! Jumps to be written into a program's code.

/// A relative jump from `from` to `to`, of the size that fits into `room` bytes; none if it does not reach, or nothing fits.
///
/// ```
/// assert_eq!(arch::jump(0x1000, 0x1012, 2), Some(vec![0xeb, 0x10]));
/// assert_eq!(arch::jump(0x1000, 0x1105, 6), Some(vec![0xe9, 0, 1, 0, 0]));
/// assert_eq!(arch::jump(0x1000, 0x1105, 2), None);
/// ```
#[must_use]
pub fn jump(from: u64, to: u64, room: usize) -> Option<Vec<u8>> {
    let distance = |size: u64| to.wrapping_sub(from.wrapping_add(size)).cast_signed();
    if room >= LONG_JUMP {
        let distance = i32::try_from(distance(LONG_JUMP as u64)).ok()?;
        return Some([&[0xe9][..], &distance.to_le_bytes()].concat());
    }
    let distance = i8::try_from(distance(SHORT_JUMP as u64)).ok()?;
    (room >= SHORT_JUMP).then(|| vec![0xeb, distance.cast_unsigned()])
}

/// Bytes of a jump that reaches everywhere within 2 GiB.
pub const LONG_JUMP: usize = 5;
/// Bytes of a jump that reaches from 128 bytes before its end to 127 bytes behind it.
pub const SHORT_JUMP: usize = 2;
/// What traps when it is executed (`int3`): fills the bytes that a jump leaves over.
pub const TRAP: u8 = 0xcc;
