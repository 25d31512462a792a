//! What a function's code takes from its closure.

use std::collections::BTreeMap;

use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, OpAccess, Register,
};
use model::Address;

/// A compiler loads captured variables where a function begins; so many instructions are looked at.
const MAX_PROLOGUE: usize = 256;

/// What a function takes from the closure that it is called with.
///
/// A closure's address is in RDX when its function is called (`cmd/compile/abi-internal.md`, "Closures"), in all
/// releases. It is followed in the straight line from the function's begin until something else is in RDX.
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
        let mut found = Self::default();
        let mut factory = InstructionInfoFactory::new();
        let mut decoder = Decoder::with_ip(64, code, start.0, DecoderOptions::NONE);
        while decoder.can_decode() && decoder.position() / 4 < MAX_PROLOGUE {
            let instruction = decoder.decode();
            if instruction.is_invalid() {
                break;
            }
            let info = factory.info(&instruction);
            let mut overwritten = false;
            for used in info.used_registers() {
                if used.register().full_register() == Register::RDX {
                    found.needed |= reads(used.access());
                    overwritten |= writes(used.access());
                }
            }
            found.note_read(&instruction);
            let goes_on = matches!(
                instruction.flow_control(),
                FlowControl::Next | FlowControl::ConditionalBranch
            );
            if overwritten || !goes_on {
                break;
            }
        }
        found
    }

    fn note_read(&mut self, instruction: &Instruction) {
        let plain = instruction.memory_base() == Register::RDX
            && instruction.memory_index() == Register::None;
        let size = instruction.memory_size().size();
        if let (true, Ok(offset), Ok(size @ 1..)) = (
            plain,
            u32::try_from(instruction.memory_displacement64()),
            u32::try_from(size),
        ) {
            let known = self.reads.entry(offset).or_insert(size);
            *known = size.max(*known);
        }
    }
}

const fn reads(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Read | OpAccess::CondRead | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
}

const fn writes(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
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
