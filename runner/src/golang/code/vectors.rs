//! Floats in vector registers, which a uprobe does not see: where the code itself keeps copies of them in its frame.
//!
//! At a function's entry, arguments stand in X0 … X14 (`cmd/compile/abi-internal.md`). Where the straight line from there
//! stores such a register to the frame before anything else writes it, the argument can be read from the frame
//! after the store. At a return, where the straight line to the `ret` loads such a register from the frame (or stores
//! it there), the result can be read after that, while the frame still stands. Packages that are built with `-N` do both
//! for every float. Anything that is not understood ends the line: no slot rather than a wrong one.

use std::collections::BTreeSet;

use iced_x86::{
    FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};

use super::{
    CodeError,
    body::{branch_target, instructions},
};
use crate::model::Address;

/// How far from the entry, or from the `ret`, is looked, in instructions: a store or load for each register, and as many
/// for the others.
const LONGEST_LINE: usize = 96;

/// Where vector registers have copies in the frame at one place of the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VectorSlots {
    /// The instruction before which the copies can be read.
    pub site: Address,
    /// How far the stack pointer is there below where it was at the function's entry, in bytes.
    pub below: u32,
    /// The copies, by register.
    pub slots: Vec<VectorSlot>,
}

/// A copy of a vector register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorSlot {
    /// The register's number: X0 … X14.
    pub register: u8,
    /// Where the copy is, in bytes from the stack pointer at the function's entry, where the return address stands.
    pub offset: i64,
    /// How many of the register's low bytes were copied.
    pub size: u32,
}

/// The arguments that the straight line from `entry` stores, in a function that begins at `start` and whose bytes are
/// `code`; none if it stores none.
///
/// # Errors
/// Bytes that are no instruction.
pub fn stored_arguments(
    code: &[u8],
    start: Address,
    entry: Address,
) -> Result<Option<VectorSlots>, CodeError> {
    let instructions = instructions(code, start)?;
    let targets = branch_targets(&instructions);
    let Ok(first) = instructions.binary_search_by_key(&entry.0, Instruction::ip) else {
        return Ok(None);
    };
    if targets.contains(&entry.0) {
        return Ok(None);
    }
    let mut line = Line {
        frame: Frame::at_entry(),
        slots: Slots::default(),
        unwritten: (1 << VECTORS) - 1,
        info: InstructionInfoFactory::new(),
    };
    let mut found = None;
    let candidates = instructions.iter().zip(instructions.iter().skip(1));
    for (instruction, next) in candidates.skip(first).take(LONGEST_LINE) {
        let entered_elsewhere = instruction.ip() != entry.0 && targets.contains(&instruction.ip());
        if entered_elsewhere || instruction.flow_control() != FlowControl::Next {
            break;
        }
        let stored = line.store(instruction);
        if line.step(instruction).is_none() {
            break;
        }
        if let Some(slot) = stored {
            line.slots.put(slot);
            // A place that code jumps back to is hit again when the copies have been overwritten.
            if !targets.contains(&next.ip()) {
                found = VectorSlots::at(next, line.frame.stack, &line.slots);
            }
        }
    }
    Ok(found)
}

/// The results that the straight line to the `ret` at that address loads from the frame; none if it loads none.
///
/// # Errors
/// Bytes that are no instruction.
pub fn loaded_results(
    code: &[u8],
    start: Address,
    ret: Address,
) -> Result<Option<VectorSlots>, CodeError> {
    let instructions = instructions(code, start)?;
    // A jump through a table may lead anywhere.
    if instructions
        .iter()
        .any(|instruction| instruction.flow_control() == FlowControl::IndirectBranch)
    {
        return Ok(None);
    }
    let Ok(last) = instructions.binary_search_by_key(&ret.0, Instruction::ip) else {
        return Ok(None);
    };
    let targets = branch_targets(&instructions);
    let Some((first, frame)) = block_before(&instructions, last, &targets) else {
        return Ok(None);
    };
    let mut line = Line {
        frame,
        slots: Slots::default(),
        unwritten: 0,
        info: InstructionInfoFactory::new(),
    };
    let mut found = None;
    let block = instructions.iter().zip(instructions.iter().skip(1));
    for (instruction, next) in block.skip(first).take(last - first) {
        let copied = line.load(instruction).or_else(|| line.copy(instruction));
        if line.step(instruction).is_none() {
            return Ok(None);
        }
        match copied {
            Some(slot) => {
                line.slots.put(slot);
                found = VectorSlots::at(next, line.frame.stack, &line.slots);
            }
            // What the line does after the last copy must leave the registers alone.
            None => found = found.map(|found| found.without_others(&line.slots)),
        }
    }
    Ok(found.filter(|found| !found.slots.is_empty()))
}

/// X0 … X14; X15 is the ABI's zero.
const VECTORS: u8 = 15;

impl VectorSlots {
    fn at(next: &Instruction, stack: i64, slots: &Slots) -> Option<Self> {
        Some(Self {
            site: Address(next.ip()),
            below: u32::try_from(stack.checked_neg()?).ok()?,
            slots: slots.0.clone(),
        })
    }

    /// Without those that are not, or no longer, among `slots`.
    fn without_others(mut self, slots: &Slots) -> Self {
        self.slots.retain(|slot| slots.0.contains(slot));
        self
    }
}

/// What is known of the stack pointer and the frame pointer, in bytes from the stack pointer at the entry.
#[derive(Clone, Copy)]
struct Frame {
    stack: i64,
    base: Option<i64>,
}

impl Frame {
    const fn at_entry() -> Self {
        Self {
            stack: 0,
            base: None,
        }
    }

    /// Where an operand in memory is, if it is in the frame.
    fn place(&self, instruction: &Instruction) -> Option<i64> {
        if instruction.memory_index() != Register::None {
            return None;
        }
        let base = match instruction.memory_base() {
            Register::RSP => self.stack,
            Register::RBP => self.base?,
            _ => return None,
        };
        base.checked_add(instruction.memory_displacement64().cast_signed())
    }
}

/// How an instruction moves the stack pointer, in bytes; none if that is not understood.
fn stack_change(instruction: &Instruction) -> Option<i64> {
    let immediate = || {
        let is_immediate = !matches!(instruction.op1_kind(), OpKind::Register | OpKind::Memory);
        is_immediate.then(|| instruction.immediate(1).cast_signed())
    };
    let writes =
        instruction.op0_kind() == OpKind::Register && instruction.op0_register() == Register::RSP;
    match instruction.mnemonic() {
        Mnemonic::Push | Mnemonic::Pop if writes => None,
        Mnemonic::Push | Mnemonic::Pop => Some(i64::from(instruction.stack_pointer_increment())),
        Mnemonic::Sub if writes => immediate()?.checked_neg(),
        Mnemonic::Add if writes => immediate(),
        Mnemonic::Lea if writes && instruction.memory_base() == Register::RSP => {
            let plain = instruction.memory_index() == Register::None;
            plain.then(|| instruction.memory_displacement64().cast_signed())
        }
        Mnemonic::Cmp | Mnemonic::Test => Some(0),
        _ if writes || instruction.is_stack_instruction() => None,
        _ => Some(0),
    }
}

/// Copies that were seen, each register once, no two overlapping.
#[derive(Default)]
struct Slots(Vec<VectorSlot>);

impl Slots {
    fn put(&mut self, slot: VectorSlot) {
        self.0.retain(|known| known.register != slot.register);
        self.0.push(slot);
        self.0.sort_by_key(|slot| slot.register);
    }

    fn overwrite(&mut self, offset: i64, size: i64) {
        self.0.retain(|slot| {
            offset >= slot.offset.saturating_add(i64::from(slot.size))
                || slot.offset >= offset.saturating_add(size)
        });
    }
}

/// A straight line of instructions as it is gone through.
struct Line {
    frame: Frame,
    slots: Slots,
    /// Bit n set: the n-th vector register still has what it had at the line's begin.
    unwritten: u16,
    info: InstructionInfoFactory,
}

impl Line {
    /// The copy that an instruction makes of a vector register that was not written before.
    fn store(&self, instruction: &Instruction) -> Option<VectorSlot> {
        self.copy(instruction)
            .filter(|slot| self.unwritten & 1 << slot.register != 0)
    }

    /// The copy that an instruction makes of a vector register.
    fn copy(&self, instruction: &Instruction) -> Option<VectorSlot> {
        let is_store =
            instruction.op0_kind() == OpKind::Memory && instruction.op1_kind() == OpKind::Register;
        Some(VectorSlot {
            register: vector(instruction.op1_register()).filter(|_| is_store)?,
            offset: self.frame.place(instruction)?,
            size: moved(instruction)?,
        })
    }

    /// The place in the frame that an instruction loads a vector register from.
    fn load(&self, instruction: &Instruction) -> Option<VectorSlot> {
        let is_load =
            instruction.op0_kind() == OpKind::Register && instruction.op1_kind() == OpKind::Memory;
        Some(VectorSlot {
            register: vector(instruction.op0_register()).filter(|_| is_load)?,
            offset: self.frame.place(instruction)?,
            size: moved(instruction)?,
        })
    }

    /// Takes in what an instruction changes; none if that is not understood.
    fn step(&mut self, instruction: &Instruction) -> Option<()> {
        let is_load = self.load(instruction).is_some();
        let place = self.frame.place(instruction);
        let info = self.info.info(instruction);
        for used in info.used_registers() {
            let writes = is_write(used.access());
            if let Some(register) = vector(used.register()).filter(|_| writes) {
                self.unwritten &= !(1 << register);
                // A load is put in its place by the caller.
                self.slots
                    .0
                    .retain(|slot| slot.register != register || is_load);
            }
        }
        for used in info.used_memory() {
            if !is_write(used.access()) || instruction.is_stack_instruction() {
                continue;
            }
            let size = i64::try_from(used.memory_size().size()).ok()?;
            match place {
                Some(offset) => self.slots.overwrite(offset, size),
                // Through another pointer: it might lead into the frame.
                None if self.slots.0.is_empty() => {}
                None => return None,
            }
        }
        self.follow_frame(instruction)
    }

    fn follow_frame(&mut self, instruction: &Instruction) -> Option<()> {
        let before = self.frame.stack;
        self.frame.stack = before.checked_add(stack_change(instruction)?)?;
        if instruction.mnemonic() == Mnemonic::Push {
            self.slots.overwrite(self.frame.stack, 8);
        }
        let writes_base = instruction.op0_kind() == OpKind::Register
            && instruction.op0_register().full_register() == Register::RBP
            && !matches!(
                instruction.mnemonic(),
                Mnemonic::Push | Mnemonic::Cmp | Mnemonic::Test
            );
        if writes_base {
            self.frame.base = match instruction.mnemonic() {
                Mnemonic::Mov if instruction.op1_register() == Register::RSP => Some(before),
                Mnemonic::Lea if instruction.memory_base() == Register::RSP => {
                    before.checked_add(instruction.memory_displacement64().cast_signed())
                }
                _ => None,
            };
        }
        Some(())
    }
}

const fn is_write(access: OpAccess) -> bool {
    matches!(
        access,
        OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
    )
}

/// The number of a vector register of the ABI, by any of its widths.
fn vector(register: Register) -> Option<u8> {
    if !register.is_vector_register() {
        return None;
    }
    u8::try_from(register.number())
        .ok()
        .filter(|number| *number < VECTORS)
}

/// How many low bytes a plain move between a vector register and memory copies.
fn moved(instruction: &Instruction) -> Option<u32> {
    match instruction.mnemonic() {
        Mnemonic::Movss | Mnemonic::Vmovss | Mnemonic::Movd | Mnemonic::Vmovd => Some(4),
        Mnemonic::Movsd | Mnemonic::Vmovsd | Mnemonic::Movq | Mnemonic::Vmovq => Some(8),
        Mnemonic::Movups | Mnemonic::Movaps | Mnemonic::Movupd | Mnemonic::Movapd => Some(16),
        _ => None,
    }
}

/// Where the function's own jumps lead to.
fn branch_targets(instructions: &[Instruction]) -> BTreeSet<u64> {
    instructions
        .iter()
        .filter(|instruction| {
            matches!(
                instruction.flow_control(),
                FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch
            )
        })
        .filter_map(branch_target)
        .map(|target| target.0)
        .collect()
}

/// The straight line that ends with the `ret` of that index: the index of its first instruction, and the frame before it.
fn block_before(
    instructions: &[Instruction],
    ret: usize,
    targets: &BTreeSet<u64>,
) -> Option<(usize, Frame)> {
    let mut first = ret;
    let mut frame = Frame::at_entry();
    while first > 0
        && ret - first < LONGEST_LINE
        && !targets.contains(&instructions.get(first)?.ip())
    {
        let before = instructions.get(first - 1)?;
        let change = stack_change(before);
        if before.flow_control() != FlowControl::Next || change.is_none() {
            break;
        }
        frame.stack = frame.stack.checked_sub(change?)?;
        first -= 1;
    }
    (first < ret).then_some((first, frame))
}
