//! Go's own kinds (`internal/abi/type.go`).

pub(super) const BOOL: u64 = 1;
pub(super) const INT: u64 = 2;
pub(super) const INT64: u64 = 6;
pub(super) const UINT: u64 = 7;
pub(super) const UINTPTR: u64 = 12;
pub(super) const FLOAT32: u64 = 13;
pub(super) const FLOAT64: u64 = 14;
pub(super) const COMPLEX64: u64 = 15;
pub(super) const COMPLEX128: u64 = 16;
pub(super) const ARRAY: u64 = 17;
pub(super) const CHAN: u64 = 18;
pub(super) const FUNC: u64 = 19;
pub(super) const INTERFACE: u64 = 20;
pub(super) const MAP: u64 = 21;
pub(super) const POINTER: u64 = 22;
pub(super) const SLICE: u64 = 23;
pub(super) const STRING: u64 = 24;
pub(super) const STRUCT: u64 = 25;
pub(super) const UNSAFE_POINTER: u64 = 26;
/// Releases up to 1.25 keep flags in the bits above.
pub(super) const MASK: u64 = 31;

/// The size of the values of a kind, in bytes, if they all have the same.
pub(super) const fn size(kind: u64) -> Option<u64> {
    Some(match kind {
        BOOL | 3 | 8 => 1,
        4 | 9 => 2,
        5 | 10 | FLOAT32 => 4,
        INT | INT64 | UINT | 11 | UINTPTR | FLOAT64 | COMPLEX64 | CHAN | FUNC | MAP | POINTER
        | UNSAFE_POINTER => 8,
        COMPLEX128 | INTERFACE | STRING => 16,
        SLICE => 24,
        _ => return None,
    })
}
