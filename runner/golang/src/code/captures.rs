//! How a function uses what its closure holds: as values, or by their addresses.

use std::collections::BTreeSet;

use arch::{AnyRegister, CLOSURE, Flow, Instruction, Memory, Operand, STACK_POINTER, instructions};
use model::Address;

use super::body::index_of;

/// What a function does with its closure; all offsets are in bytes from the closure's begin.
///
/// A variable whose address is taken is in the closure itself. One that is captured by reference has its address
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
    /// The closure's address, which is in [a register](CLOSURE) when the function is called, is followed through registers and the frame
    /// along all ways through the code; where ways meet, it may be where it is on either.
    #[must_use]
    pub(crate) fn of(code: &[u8], start: Address) -> Self {
        let mut sweep = Sweep::new(code, start);
        sweep.run();
        sweep.found
    }
}

/// Where the closure's address may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holders {
    registers: BTreeSet<AnyRegister>,
    /// In the frame, as distances from the stack pointer.
    slots: BTreeSet<i64>,
    /// The registers that hold words of the closure, with these words' offsets.
    words: BTreeSet<(AnyRegister, u32)>,
}

impl Holders {
    /// Adds what another way brings; whether that is news.
    fn join(&mut self, other: &Self) -> bool {
        let size =
            |holders: &Self| holders.registers.len() + holders.slots.len() + holders.words.len();
        let before = size(self);
        self.registers.extend(&other.registers);
        self.slots.extend(&other.slots);
        self.words.extend(&other.words);
        before != size(self)
    }

    /// The offset in the closure of an operand in memory that is a part of it.
    fn offset(&self, memory: Memory) -> Option<u32> {
        let displacement = memory.displacement?;
        let offset = u32::try_from(displacement).ok()?;
        self.registers.contains(&memory.base).then_some(offset)
    }

    /// Moves the closure's address as an instruction does.
    fn step(&mut self, instruction: &Instruction) {
        if matches!(instruction.flow(), Flow::Call(_)) {
            // No register outlives a call (`cmd/compile/abi-internal.md`).
            self.registers.clear();
            self.words.clear();
            return;
        }
        let uses = instruction.uses();
        let moved = instruction.moved().filter(|moved| moved.size == WORD);
        let from = moved.map(|moved| moved.from);
        let is_closure = match from {
            Some(Operand::Register(register)) => self.registers.contains(&register),
            Some(Operand::Memory(memory)) => {
                slot(memory).is_some_and(|slot| self.slots.contains(&slot))
            }
            Some(Operand::Zero) | None => false,
        };
        let word = match from {
            Some(Operand::Memory(memory)) => self.offset(memory),
            _ => None,
        };
        for store in uses.stores.iter().flatten() {
            if let Some(begin) = slot(*store) {
                let end = begin.saturating_add(i64::from(store.size));
                let word = i64::from(WORD);
                self.slots
                    .retain(|slot| *slot >= end || slot.saturating_add(word) <= begin);
            }
        }
        for register in uses.written {
            if register == AnyRegister::General(STACK_POINTER) {
                // Slots are counted from another place.
                self.slots.clear();
            }
            self.registers.remove(&register);
            self.words.retain(|(holder, _)| *holder != register);
        }
        match moved.map(|moved| moved.to) {
            Some(Operand::Register(register)) => {
                self.words.extend(word.map(|offset| (register, offset)));
                self.registers.extend(is_closure.then_some(register));
            }
            Some(Operand::Memory(memory)) => {
                self.slots.extend(slot(memory).filter(|_| is_closure));
            }
            Some(Operand::Zero) | None => {}
        }
    }
}

/// The size of an address, in bytes.
const WORD: u32 = 8;

/// Where an operand in memory is in the frame, as a distance from the stack pointer.
fn slot(memory: Memory) -> Option<i64> {
    let displacement = memory.displacement?;
    (memory.base == AnyRegister::General(STACK_POINTER)).then_some(displacement)
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
        let instructions: Vec<_> = instructions(code, start.0).map_while(Result::ok).collect();
        Self {
            before: vec![Holders::default(); instructions.len()],
            instructions,
            found: CaptureUse::default(),
        }
    }

    fn run(&mut self) {
        let mut entry = Holders::default();
        entry.registers.insert(AnyRegister::General(CLOSURE));
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
            after.step(&instruction);
            for next in self.successors(number, &instruction) {
                waiting.push((next, after.clone()));
            }
        }
    }

    /// Notes how an instruction uses the closure: it takes the address of what is there, reads it, or follows a word of it.
    fn note(&mut self, instruction: &Instruction, holders: &Holders) {
        let Some(memory) = instruction.memory() else {
            return;
        };
        let words = holders.words.iter();
        let followed = words.filter(|(register, _)| *register == memory.base);
        self.found
            .followed
            .extend(followed.map(|(_, offset)| *offset));
        if let Some(offset) = holders.offset(memory) {
            match memory.size {
                0 => self.found.addressed.insert(offset),
                _ => self.found.accessed.insert(offset),
            };
        }
    }

    fn successors(&self, number: usize, instruction: &Instruction) -> Vec<usize> {
        let at = |target| index_of(&self.instructions, target);
        match instruction.flow() {
            Flow::Next | Flow::Call(_) => vec![number + 1],
            Flow::Branch(target) => at(target).into_iter().chain([number + 1]).collect(),
            Flow::Jump(target) => target.and_then(at).into_iter().collect(),
            Flow::Return | Flow::Stop | Flow::Other => Vec::new(),
        }
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
