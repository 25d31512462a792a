//! What a function's code takes from its closure.

use std::collections::BTreeMap;

use arch::{AnyRegister, CLOSURE, Flow, Memory, instructions};
use model::Address;

/// A compiler loads captured variables where a function begins; so many instructions are looked at.
const MAX_PROLOGUE: usize = 256;

/// What a function takes from the closure that it is called with.
///
/// A closure's address is in [a register](CLOSURE) when its function is called (`cmd/compile/abi-internal.md`, "Closures"), in
/// all releases. It is followed in the straight line from the function's begin until something else is in that register.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ContextUse {
    /// Whether it needs a closure at all: it captures variables.
    pub needed: bool,
    /// What it reads of it directly: offset from the closure's begin to the number of bytes.
    pub reads: BTreeMap<u32, u32>,
}

impl ContextUse {
    /// Of the function that begins at `start` and whose bytes are `code`.
    #[must_use]
    pub(crate) fn of(code: &[u8], start: Address) -> Self {
        let closure = AnyRegister::General(CLOSURE);
        let mut found = Self::default();
        let line = instructions(code, start.0).map_while(Result::ok);
        for instruction in line.take(MAX_PROLOGUE) {
            let uses = instruction.uses();
            found.needed |= uses.read.contains(&closure);
            if let Some(memory) = instruction.memory().filter(|memory| memory.base == closure) {
                found.note_read(memory);
            }
            let goes_on = matches!(instruction.flow(), Flow::Next | Flow::Branch(_));
            if uses.written.contains(&closure) || !goes_on {
                break;
            }
        }
        found
    }

    fn note_read(&mut self, memory: Memory) {
        let offset = memory.displacement.and_then(|it| u32::try_from(it).ok());
        if let (Some(offset), size @ 1..) = (offset, memory.size) {
            let known = self.reads.entry(offset).or_insert(size);
            *known = size.max(*known);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `push rbp`, `mov rbp, rsp`
    const FRAME: [u8; 4] = [0x55, 0x48, 0x89, 0xe5];

    fn of(code: &[&[u8]]) -> ContextUse {
        ContextUse::of(&code.concat(), Address(0x1000))
    }

    #[test]
    fn what_is_read_of_the_closure_is_known_until_its_address_is_gone() {
        let found = of(&[
            &FRAME,
            &[0x48, 0x8b, 0x42, 0x10],       // mov rax, [rdx+16]
            &[0x0f, 0xb6, 0x5a, 0x20],       // movzx ebx, byte [rdx+32]
            &[0x48, 0x8b, 0x52, 0x08],       // mov rdx, [rdx+8]
            &[0x48, 0x8b, 0x4a, 0x40, 0xc3], // mov rcx, [rdx+64]; ret
        ]);
        assert!(found.needed);
        assert_eq!(found.reads, BTreeMap::from([(8, 8), (16, 8), (32, 1)]));
    }

    #[test]
    fn a_function_that_takes_nothing_needs_no_closure() {
        for code in [
            &[0x31, 0xd2, 0xc3][..],                   // xor edx, edx; ret
            &[0xba, 1, 0, 0, 0, 0x48, 0x8b, 0x42, 16], // mov edx, 1; mov rax, [rdx+16]
            &[0x48, 0x8b, 0x40, 0x10, 0xc3],           // mov rax, [rax+16]; ret
            &[0xe8, 0, 0, 0, 0, 0x48, 0x89, 0xd0],     // call; mov rax, rdx
            &[0x06],                                   // no instruction
            &[],
        ] {
            assert_eq!(of(&[&FRAME, code]), ContextUse::default(), "{code:x?}");
        }
    }

    #[test]
    fn a_closure_that_is_only_kept_is_needed() {
        let kept = of(&[&FRAME, &[0x48, 0x89, 0x54, 0x24, 0x10, 0xc3]]); // mov [rsp+16], rdx
        assert!(kept.needed && kept.reads.is_empty());
    }
}
