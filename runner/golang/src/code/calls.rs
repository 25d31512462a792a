//! A function's direct calls.

use arch::Flow;
use model::Address;

use super::{CodeError, body::instructions};

/// A call of an address that the instruction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirectCall {
    /// The call's own address.
    pub address: Address,
    /// Where it returns to.
    pub next: Address,
    /// What is called.
    pub target: Address,
    /// Whether what comes back from the call before goes straight on to this one: without a branch, and nothing else is called
    /// on the way.
    pub follows: bool,
}

/// The direct calls of a function that begins at `start` and whose bytes are `code`, by address.
///
/// # Errors
/// Bytes that are no instruction, or none at all.
///
/// ```
/// use golang::code::direct_calls;
/// use model::Address;
///
/// let code = [0xe8, 0xfb, 0x0f, 0, 0, 0x90, 0xe8, 0xf5, 0x1f, 0, 0, 0xc3]; // call, nop, call, ret
/// let calls = direct_calls(&code, Address(0x1000)).unwrap();
/// assert_eq!(calls[0].target, Address(0x2000));
/// assert_eq!((calls[1].address, calls[1].target), (Address(0x1006), Address(0x3000)));
/// assert!(calls[1].follows && !calls[0].follows);
/// ```
pub fn direct_calls(code: &[u8], start: Address) -> Result<Vec<DirectCall>, CodeError> {
    let mut calls = Vec::new();
    let mut follows = false;
    for instruction in instructions(code, start)? {
        match instruction.flow() {
            Flow::Call(Some(target)) => {
                let address = instruction.address();
                calls.push(DirectCall {
                    address: Address(address),
                    next: Address(address + instruction.size() as u64),
                    target: Address(target),
                    follows,
                });
                follows = true;
            }
            Flow::Next => {}
            _ => follows = false,
        }
    }
    Ok(calls)
}
