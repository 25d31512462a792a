//! What a function does before a `ret`: it closes its frame.

use std::collections::BTreeSet;

use arch::{Flow, Instruction};
use model::Address;

use super::body::{CodeError, index_of, instructions};

/// The instructions that close a frame, and the `ret` behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Epilogue {
    /// The addresses of its instructions; the last is the `ret`'s.
    pub(crate) instructions: Vec<Address>,
    /// The byte behind its last.
    pub(crate) end: Address,
    /// How far the stack pointer is at its begin below where it is at the `ret`, in bytes.
    pub(crate) below: u32,
}

impl Epilogue {
    /// Its first instruction.
    pub(crate) fn start(&self) -> Address {
        self.instructions.first().copied().unwrap_or(self.end)
    }

    /// How many bytes it has.
    pub(crate) fn size(&self) -> usize {
        (self.end.0 - self.start().0) as usize
    }
}

/// Why a `ret` has no epilogue in which a jump has room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoEpilogue {
    /// The function opens no frame.
    NoFrame,
    /// Code jumps to an instruction in the middle of it.
    JumpedInto,
}

/// A function's code, to look for epilogues in.
#[derive(Debug)]
pub(crate) struct Epilogues {
    instructions: Vec<Instruction>,
    /// Where the function's own jumps lead to. Those through a table lead to the begin of a block, and the compiler makes an
    /// epilogue of one instruction of its own, `RET` (`cmd/internal/obj/x86/obj6.go`), so that no block begins within it.
    targets: BTreeSet<u64>,
}

impl Epilogues {
    /// Of the function that begins at `start` and whose bytes are `code`.
    ///
    /// # Errors
    /// Bytes that are no instruction.
    pub(crate) fn new(code: &[u8], start: Address) -> Result<Self, CodeError> {
        let instructions = instructions(code, start)?;
        let targets = instructions.iter();
        let targets = targets.filter_map(|instruction| match instruction.flow() {
            Flow::Branch(target) | Flow::Jump(Some(target)) | Flow::Call(Some(target)) => {
                Some(target)
            }
            _ => None,
        });
        Ok(Self {
            targets: targets.collect(),
            instructions,
        })
    }

    /// The shortest end of what closes the frame before the `ret` at that address in which there are `room` bytes for a jump.
    pub(crate) fn before(&self, ret: Address, room: usize) -> Result<Epilogue, NoEpilogue> {
        let last = index_of(&self.instructions, ret.0).ok_or(NoEpilogue::NoFrame)?;
        let end = ret.0 + self.instructions[last].size() as u64;
        let (mut first, mut below, mut jumped_into) = (last, 0, false);
        while let Some(before) = first.checked_sub(1).map(|index| &self.instructions[index]) {
            let begin = self.instructions[first].address();
            if end - begin >= room as u64 || !before.closes_frame() {
                break;
            }
            if self.targets.contains(&begin) {
                jumped_into = true;
                break;
            }
            let Some(change) = before.stack_change().and_then(|it| u32::try_from(it).ok()) else {
                break;
            };
            below += change;
            first -= 1;
        }
        let begin = self.instructions[first].address();
        match end - begin {
            size if size >= room as u64 => Ok(Epilogue {
                instructions: self.instructions[first..=last]
                    .iter()
                    .map(|instruction| Address(instruction.address()))
                    .collect(),
                end: Address(end),
                below,
            }),
            _ if jumped_into => Err(NoEpilogue::JumpedInto),
            _ => Err(NoEpilogue::NoFrame),
        }
    }

    /// Whether an instruction begins at an address.
    pub(crate) fn has_instruction_at(&self, address: Address) -> bool {
        index_of(&self.instructions, address.0).is_some()
    }
}

#[cfg(test)]
mod tests {
    use arch::{LONG_JUMP, SHORT_JUMP};

    use super::*;

    const START: Address = Address(0x1000);

    fn before_last(code: &[&[u8]], room: usize) -> Result<Epilogue, NoEpilogue> {
        let code = code.concat();
        let ret = Address(START.0 + code.len() as u64 - 1);
        Epilogues::new(&code, START).unwrap().before(ret, room)
    }

    fn found(code: &[&[u8]], room: usize) -> (u64, usize, u32) {
        let epilogue = before_last(code, room).unwrap();
        (
            epilogue.start().0 - START.0,
            epilogue.size(),
            epilogue.below,
        )
    }

    const NOP: &[u8] = &[0x90];
    const ADD: &[u8] = &[0x48, 0x83, 0xc4, 0x18]; // add rsp, 24
    const POP: &[u8] = &[0x5d]; // pop rbp
    const RET: &[u8] = &[0xc3];

    #[test]
    fn what_closes_a_frame_is_taken_as_far_as_a_jump_needs() {
        assert_eq!(found(&[NOP, ADD, POP, RET], LONG_JUMP), (1, 6, 32));
        let far: &[u8] = &[0x48, 0x81, 0xc4, 0, 1, 0, 0]; // add rsp, 256
        assert_eq!(found(&[NOP, far, POP, RET], LONG_JUMP), (1, 9, 264));
        // Up to Go 1.20: the frame pointer is restored first.
        let restored: &[u8] = &[0x48, 0x8b, 0x6c, 0x24, 0x10]; // mov rbp, [rsp+16]
        assert_eq!(found(&[NOP, restored, ADD, RET], LONG_JUMP), (6, 5, 24));
        assert_eq!(found(&[NOP, POP, RET], SHORT_JUMP), (1, 2, 8));
        assert_eq!(found(&[NOP, ADD, POP, RET], SHORT_JUMP), (5, 2, 8));
    }

    #[test]
    fn a_function_without_a_frame_has_none() {
        for code in [&[NOP, RET][..], &[RET]] {
            assert_eq!(before_last(code, SHORT_JUMP), Err(NoEpilogue::NoFrame));
        }
        assert_eq!(
            before_last(&[NOP, POP, RET], LONG_JUMP),
            Err(NoEpilogue::NoFrame)
        );
    }

    #[test]
    fn nothing_may_jump_into_it() {
        let to_ret: &[u8] = &[0x75, 5]; // jne to the `ret`
        assert_eq!(
            before_last(&[to_ret, ADD, POP, RET], SHORT_JUMP),
            Err(NoEpilogue::JumpedInto)
        );
        let to_pop: &[u8] = &[0x75, 4]; // jne to the `pop`
        assert_eq!(
            before_last(&[to_pop, ADD, POP, RET], LONG_JUMP),
            Err(NoEpilogue::JumpedInto)
        );
        assert_eq!(found(&[to_pop, ADD, POP, RET], SHORT_JUMP), (6, 2, 8));
        let to_add: &[u8] = &[0x75, 0]; // jne to the `add`
        assert_eq!(found(&[to_add, ADD, POP, RET], LONG_JUMP), (2, 6, 32));
    }
}
