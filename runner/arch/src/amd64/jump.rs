//! Jumps to be written into a program's code, and calls to be found in it.

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

/// Whether code has a direct call of what begins at `target`, or bytes that look like one. Quicker than decoding it all.
///
/// ```
/// assert!(arch::may_call(&[0x90, 0xe8, 0xfa, 0x0f, 0, 0], 0x1000, 0x2000));
/// assert!(!arch::may_call(&[0x90, 0xe9, 0xfa, 0x0f, 0, 0], 0x1000, 0x2000));
/// ```
#[must_use]
pub fn may_call(code: &[u8], start: u64, target: u64) -> bool {
    const CALL: u8 = 0xe8;
    let mut windows = (start..).zip(code.windows(LONG_JUMP));
    windows.any(|(address, bytes)| {
        bytes[0] == CALL && {
            let distance = i32::from_le_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]);
            let next = address.wrapping_add(LONG_JUMP as u64);
            next.wrapping_add_signed(i64::from(distance)) == target
        }
    })
}

/// Bytes of a jump that reaches everywhere within 2 GiB.
pub const LONG_JUMP: usize = 5;
/// Bytes of a jump that reaches from 128 bytes before its end to 127 bytes behind it.
pub const SHORT_JUMP: usize = 2;
/// What traps when it is executed (`int3`): fills the bytes that a jump leaves over.
pub const TRAP: u8 = 0xcc;
