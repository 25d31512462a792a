//! How a function uses what its closure holds: as values, or by their addresses.

use std::collections::BTreeSet;

use iced_x86::{
    Code, Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic,
    OpKind, Register,
};
use model::Address;

/// What a function does with its closure; all offsets are in bytes from the closure's begin.
///
/// A variable whose address is taken stands in the closure itself. One that is captured by reference has its address
/// there, which is loaded and followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CaptureUse {
    /// The offsets whose addresses are taken.
    pub addressed: BTreeSet<u32>,
    /// The offsets that are read.
    pub accessed: BTreeSet<u32>,
    /// The offsets of words that are followed as pointers.
    pub followed: BTreeSet<u32>,
}

impl CaptureUse {
    /// Of the function that begins at `start` and whose bytes are `code`.
    ///
    /// The closure's address, which is in RDX when the function is called, is followed through registers and the frame
    /// along all ways through the code; where ways meet, it may be where it is on either.
    #[must_use]
    pub(crate) fn of(code: &[u8], start: Address) -> Self {
        let mut sweep = Sweep::new(code, start);
        sweep.run();
        sweep.found
    }
}

/// General registers, a bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Registers(u16);

impl Registers {
    fn bit(register: Register) -> u16 {
        match register.is_gpr64() {
            true => 1 << register.number(),
            false => 0,
        }
    }

    fn contains(self, register: Register) -> bool {
        self.0 & Self::bit(register) != 0
    }

    fn insert(&mut self, register: Register) {
        self.0 |= Self::bit(register);
    }

    fn remove(&mut self, register: Register) {
        self.0 &= !Self::bit(register);
    }
}

/// Where the closure's address may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holders {
    registers: Registers,
    /// In the frame, as distances from the stack pointer.
    slots: BTreeSet<i64>,
    /// The registers that hold words of the closure, with these words' offsets.
    words: BTreeSet<(Register, u32)>,
}

impl Holders {
    /// Adds what another way brings; whether that is news.
    fn join(&mut self, other: &Self) -> bool {
        let size = |holders: &Self| {
            let registers = holders.registers.0.count_ones() as usize;
            registers + holders.slots.len() + holders.words.len()
        };
        let before = size(self);
        self.registers.0 |= other.registers.0;
        self.slots.extend(&other.slots);
        self.words.extend(&other.words);
        before != size(self)
    }
}

struct Sweep {
    /// By address.
    instructions: Vec<Instruction>,
    /// What holds before each instruction that is reached.
    before: Vec<Holders>,
    found: CaptureUse,
}

impl Sweep {
    fn new(code: &[u8], start: Address) -> Self {
        let decoder = Decoder::with_ip(64, code, start.0, DecoderOptions::NONE);
        let instructions: Vec<_> = decoder.into_iter().collect();
        Self {
            before: vec![Holders::default(); instructions.len()],
            instructions,
            found: CaptureUse::default(),
        }
    }

    fn run(&mut self) {
        let mut factory = InstructionInfoFactory::new();
        let mut entry = Holders::default();
        entry.registers.insert(Register::RDX);
        let mut waiting = vec![(0, entry)];
        while let Some((number, holders)) = waiting.pop() {
            let (Some(instruction), Some(before)) = (
                self.instructions.get(number).copied(),
                self.before.get_mut(number),
            ) else {
                continue;
            };
            // Where nothing is held any more, nothing more is found.
            if !before.join(&holders) {
                continue;
            }
            let mut after = before.clone();
            self.note(&instruction, &after);
            step(&mut after, &instruction, &mut factory);
            for next in self.successors(number, &instruction) {
                waiting.push((next, after.clone()));
            }
        }
    }

    /// Notes how an instruction uses the closure: `lea 8(%rdx), %rbx` takes an address, `mov 8(%rdx), %rcx` reads.
    fn note(&mut self, instruction: &Instruction, holders: &Holders) {
        let base = instruction.memory_base();
        if base == Register::None {
            return;
        }
        let followed = holders
            .words
            .iter()
            .filter(|(register, _)| *register == base);
        self.found
            .followed
            .extend(followed.map(|(_, offset)| *offset));
        if let Some(offset) = offset_in_closure(instruction, holders) {
            match instruction.mnemonic() {
                Mnemonic::Lea => self.found.addressed.insert(offset),
                _ => self.found.accessed.insert(offset),
            };
        }
    }

    /// The number of the instruction at an address.
    fn at(&self, address: u64) -> Option<usize> {
        let found = self
            .instructions
            .binary_search_by_key(&address, Instruction::ip);
        found.ok()
    }

    fn successors(&self, number: usize, instruction: &Instruction) -> Vec<usize> {
        let branches = instruction.op_count() > 0 && instruction.op0_kind() == OpKind::NearBranch64;
        let target = branches
            .then(|| self.at(instruction.near_branch_target()))
            .flatten();
        match instruction.flow_control() {
            FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall => vec![number + 1],
            FlowControl::ConditionalBranch => target.into_iter().chain([number + 1]).collect(),
            FlowControl::UnconditionalBranch => target.into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

/// What an instruction's operand in memory is of the closure.
fn offset_in_closure(instruction: &Instruction, holders: &Holders) -> Option<u32> {
    let base = instruction.memory_base();
    let of_closure = base != Register::None
        && instruction.memory_index() == Register::None
        && holders.registers.contains(base);
    u32::try_from(instruction.memory_displacement64())
        .ok()
        .filter(|_| of_closure)
}

/// Moves the closure's address as an instruction does.
fn step(holders: &mut Holders, instruction: &Instruction, factory: &mut InstructionInfoFactory) {
    if matches!(
        instruction.flow_control(),
        FlowControl::Call | FlowControl::IndirectCall
    ) {
        // No register outlives a call (`cmd/compile/abi-internal.md`).
        holders.registers = Registers::default();
        holders.words.clear();
        return;
    }
    let slot = (instruction.memory_base() == Register::RSP
        && instruction.memory_index() == Register::None)
        .then(|| instruction.memory_displacement64().cast_signed());
    let word = match instruction.code() {
        Code::Mov_r64_rm64 => offset_in_closure(instruction, holders),
        _ => None,
    };
    let moved = match instruction.code() {
        Code::Mov_r64_rm64 | Code::Mov_rm64_r64 => {
            match (instruction.op0_kind(), instruction.op1_kind()) {
                (_, OpKind::Register) => holders.registers.contains(instruction.op1_register()),
                (_, OpKind::Memory) => slot.is_some_and(|slot| holders.slots.contains(&slot)),
                _ => false,
            }
        }
        _ => false,
    };
    if instruction.op0_kind() == OpKind::Memory {
        if let Some(slot) = slot.filter(|_| instruction.mnemonic() == Mnemonic::Mov) {
            match moved {
                true => holders.slots.insert(slot),
                false => holders.slots.remove(&slot),
            };
        }
        return;
    }
    for used in factory.info(instruction).used_registers() {
        let writes = !matches!(
            used.access(),
            iced_x86::OpAccess::Read | iced_x86::OpAccess::CondRead
        );
        let register = used.register().full_register();
        if writes && register == Register::RSP {
            // Slots are counted from another place.
            holders.slots.clear();
        } else if writes {
            holders.registers.remove(register);
            holders.words.retain(|(holder, _)| *holder != register);
        }
    }
    if let Some(offset) = word {
        holders.words.insert((instruction.op0_register(), offset));
    }
    if moved {
        holders.registers.insert(instruction.op0_register());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &[&[u8]]) -> Vec<u32> {
        let code = code.concat();
        let found = CaptureUse::of(&code, Address(0x1000));
        found.addressed.into_iter().collect()
    }

    #[test]
    fn a_word_that_is_followed_is_a_pointer() {
        let code = [
            0x48, 0x8b, 0x4a, 0x08, // mov rcx, [rdx+8]
            0x48, 0x8b, 0x5a, 0x10, // mov rbx, [rdx+16]
            0x48, 0xff, 0x41, 0x18, // inc qword [rcx+24]
            0xc3,
        ];
        let found = CaptureUse::of(&code, Address(0x1000));
        assert_eq!(found.accessed, BTreeSet::from([8, 16]));
        assert_eq!(found.followed, BTreeSet::from([8]));
        assert_eq!(found.addressed, BTreeSet::new());
    }

    #[test]
    fn an_address_is_taken_of_what_stands_in_the_closure() {
        let lea = &[0x48, 0x8d, 0x5a, 0x08]; // lea rbx, [rdx+8]
        assert_eq!(of(&[lea, &[0xc3]]), [8]);
        // mov rcx, [rdx+8]; ret
        assert_eq!(of(&[&[0x48, 0x8b, 0x4a, 0x08, 0xc3]]), [0_u32; 0]);
        // xor edx, edx; lea rbx, [rdx+8]
        assert_eq!(of(&[&[0x31, 0xd2], lea, &[0xc3]]), [0_u32; 0]);
        // call; lea rbx, [rdx+8]
        assert_eq!(of(&[&[0xe8, 0, 0, 0, 0], lea, &[0xc3]]), [0_u32; 0]);
    }

    #[test]
    fn the_closure_is_followed_through_the_frame_and_other_registers() {
        assert_eq!(
            of(&[
                &[0x48, 0x89, 0x54, 0x24, 0x10], // mov [rsp+16], rdx
                &[0xe8, 0, 0, 0, 0],             // call
                &[0x48, 0x8b, 0x44, 0x24, 0x10], // mov rax, [rsp+16]
                &[0x48, 0x89, 0xc1],             // mov rcx, rax
                &[0x48, 0x8d, 0x59, 0x18, 0xc3], // lea rbx, [rcx+24]; ret
            ]),
            [24]
        );
    }

    #[test]
    fn every_way_through_the_code_is_gone() {
        assert_eq!(
            of(&[
                &[0x48, 0x85, 0xc0],             // test rax, rax
                &[0x74, 0x03],                   // je to the lea
                &[0x31, 0xd2],                   // xor edx, edx
                &[0xc3],                         // ret
                &[0x48, 0x8d, 0x5a, 0x08, 0xc3], // lea rbx, [rdx+8]; ret
            ]),
            [8]
        );
        // A loop ends.
        assert_eq!(of(&[&[0x48, 0x8d, 0x5a, 0x08, 0xeb, 0xfa]]), [8]);
    }

    #[test]
    fn no_code_is_too_bad() {
        assert_eq!(of(&[]), [0_u32; 0]);
        assert_eq!(of(&[&[0x06, 0x06]]), [0_u32; 0]);
    }
}
