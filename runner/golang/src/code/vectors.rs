//! Floats in vector registers, which a uprobe does not see: where the code itself keeps copies of them in its frame.
//!
//! At a function's entry, arguments are in the first vector registers (`cmd/compile/abi-internal.md`), and so do results
//! at a `ret`. Where the line of code from the entry, or the one that leads to a `ret`, has such a register's value in the
//! frame too, it can be read there, while the frame is still there. A line is code that runs as a whole: nothing
//! jumps into it. Packages that are built with `-N` store every argument and every result that has a name, and every result that
//! has none. What a line does to values is followed by [`Contents`]; anything that is not understood makes them unknown: no
//! slot rather than a wrong one.

use std::collections::{BTreeMap, BTreeSet};

use arch::{AnyRegister, Flow, Instruction, VECTOR_ARGUMENTS};
use model::Address;

use super::{
    CodeError,
    body::{index_of, instructions},
    contents::{Contents, Frame, Stored, Value},
};

/// How far from the entry, or from the `ret`, is looked, in instructions: a store or load for each register, and as many
/// for the others.
const MAX_LINE: usize = 96;

/// A vector register of which the low bytes are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorPiece {
    /// The register's number, below [`VECTOR_ARGUMENTS`].
    pub register: u8,
    /// How many of its low bytes.
    pub size: u32,
}

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
    /// The register's number, below [`VECTOR_ARGUMENTS`].
    pub register: u8,
    /// Where the copy is, in bytes from the stack pointer at the function's entry, where the return address is.
    pub offset: i64,
    /// How many of the register's low bytes were copied.
    pub size: u32,
}

/// Where the line from `entry` has copies of what is wanted of the arguments, in a function that begins at `start` and
/// whose bytes are `code`. No register is in two places.
///
/// # Errors
/// Bytes that are no instruction.
pub fn stored_arguments(
    code: &[u8],
    start: Address,
    entry: Address,
    wanted: &[VectorPiece],
) -> Result<Vec<VectorSlots>, CodeError> {
    let instructions = instructions(code, start)?;
    let jumps = Jumps::new(&instructions);
    let Some(first) = index_of(&instructions, entry.0) else {
        return Ok(Vec::new());
    };
    // A place that code jumps to is hit again when the copies have been overwritten.
    let line: Vec<&Instruction> = instructions[first..]
        .iter()
        .take(MAX_LINE)
        .take_while(|instruction| !jumps.lead_to(instruction))
        .collect();
    let mut contents = Contents::new(Frame::at_entry());
    let arguments = values(wanted, &mut contents);
    let mut moments = Vec::new();
    for instruction in line {
        moments.extend(Moment::before(instruction, &contents));
        if instruction.flow() != Flow::Next || contents.step(instruction).is_none() {
            break;
        }
    }
    Ok(cover(&moments, arguments))
}

/// Where the line to the `ret` at that address has copies of what is wanted of the results. No register is in two places.
///
/// # Errors
/// Bytes that are no instruction.
pub fn loaded_results(
    code: &[u8],
    start: Address,
    ret: Address,
    wanted: &[VectorPiece],
) -> Result<Vec<VectorSlots>, CodeError> {
    let instructions = instructions(code, start)?;
    let jumps = Jumps::new(&instructions);
    let Some(last) = index_of(&instructions, ret.0) else {
        return Ok(Vec::new());
    };
    if jumps.anywhere {
        return Ok(Vec::new());
    }
    let (line, frame) = line_to(&instructions, last, &jumps);
    let mut contents = Contents::new(frame);
    let mut moments = Vec::new();
    for instruction in line {
        moments.extend(Moment::before(instruction, &contents));
        if instruction.address() != ret.0 && contents.step(instruction).is_none() {
            return Ok(Vec::new());
        }
    }
    let results = values(wanted, &mut contents);
    // The latest first: what is read last can have been overwritten least.
    moments.reverse();
    Ok(cover(&moments, results))
}

/// What is wanted, each with its value.
fn values(wanted: &[VectorPiece], contents: &mut Contents) -> Vec<(VectorPiece, Value)> {
    let mut value = |piece: &VectorPiece| contents.register(AnyRegister::Vector(piece.register));
    wanted.iter().map(|piece| (*piece, value(piece))).collect()
}

/// What the frame has before an instruction.
struct Moment {
    site: Address,
    below: u32,
    stored: Vec<Stored>,
}

impl Moment {
    /// None where the stack pointer is above where it was at the entry.
    fn before(instruction: &Instruction, contents: &Contents) -> Option<Self> {
        let stack = contents.frame.stack;
        // What is below the stack pointer is anyone's.
        let stored = contents.stored().iter();
        Some(Self {
            site: Address(instruction.address()),
            below: u32::try_from(stack.checked_neg()?).ok()?,
            stored: stored
                .filter(|stored| stored.offset >= stack)
                .copied()
                .collect(),
        })
    }

    fn slot(&self, piece: VectorPiece, value: Value) -> Option<VectorSlot> {
        let stored = self.stored.iter().find(|stored| {
            stored.value.is_same(value)
                && stored.value.size >= piece.size
                && value.size >= piece.size
        })?;
        Some(VectorSlot {
            register: piece.register,
            offset: stored.offset,
            size: stored.value.size,
        })
    }
}

/// As few places as have all values that have a copy at all; of places that have as many, the first.
fn cover(moments: &[Moment], mut wanted: Vec<(VectorPiece, Value)>) -> Vec<VectorSlots> {
    let mut sites = Vec::new();
    wanted.retain(|(piece, _)| piece.register < VECTOR_ARGUMENTS);
    wanted.sort_by_key(|(piece, _)| piece.register);
    loop {
        let mut best: Option<VectorSlots> = None;
        for moment in moments {
            let slots = wanted.iter();
            let slots: Vec<_> = slots
                .filter_map(|(piece, value)| moment.slot(*piece, *value))
                .collect();
            if slots.len() > best.as_ref().map_or(0, |best| best.slots.len()) {
                best = Some(VectorSlots {
                    site: moment.site,
                    below: moment.below,
                    slots,
                });
            }
        }
        let Some(best) = best else {
            return sites;
        };
        wanted.retain(|(piece, _)| {
            let mut found = best.slots.iter();
            !found.any(|slot| slot.register == piece.register)
        });
        sites.push(best);
    }
}

/// The function's own jumps.
struct Jumps {
    /// The indices of the jumps that lead to an address.
    to: BTreeMap<u64, BTreeSet<usize>>,
    /// Whether there is one through a table, which may lead anywhere.
    anywhere: bool,
}

impl Jumps {
    fn new(instructions: &[Instruction]) -> Self {
        let mut jumps = Self {
            to: BTreeMap::new(),
            anywhere: false,
        };
        for (index, instruction) in instructions.iter().enumerate() {
            match instruction.flow() {
                Flow::Branch(target) | Flow::Jump(Some(target)) => {
                    jumps.to.entry(target).or_default().insert(index);
                }
                Flow::Jump(None) => jumps.anywhere = true,
                Flow::Next | Flow::Call(_) | Flow::Return | Flow::Stop | Flow::Other => {}
            }
        }
        jumps
    }

    fn lead_to(&self, instruction: &Instruction) -> bool {
        self.to.contains_key(&instruction.address())
    }
}

/// The line that ends with the `ret` of that index, and the frame before it: from each of its instructions there is one
/// way back, which no call is on.
fn line_to<'i>(
    instructions: &'i [Instruction],
    ret: usize,
    jumps: &Jumps,
) -> (Vec<&'i Instruction>, Frame) {
    let mut frame = Frame::at_entry();
    let mut line = Vec::new();
    let mut here = Some(ret);
    while let Some((index, instruction)) = here.and_then(|index| {
        let instruction = instructions.get(index)?;
        Some((index, instruction))
    }) {
        line.push(instruction);
        here = the_one_before(instructions, index, jumps).filter(|_| line.len() < MAX_LINE);
        let before = here.and_then(|index| {
            let change = instructions.get(index)?.stack_change()?;
            frame.stack.checked_sub(change)
        });
        match before {
            Some(stack) => frame.stack = stack,
            None => break,
        }
    }
    line.reverse();
    (line, frame)
}

/// The index of the one instruction that is followed by that one, if there is no other and it is no call.
fn the_one_before(instructions: &[Instruction], index: usize, jumps: &Jumps) -> Option<usize> {
    let instruction = instructions.get(index)?;
    // To the first one come the function's callers.
    let above = index.checked_sub(1)?;
    let falls = !matches!(
        instructions.get(above)?.flow(),
        Flow::Jump(_) | Flow::Return | Flow::Stop
    );
    let jumping = jumps.to.get(&instruction.address());
    let before = match (falls.then_some(above), jumping) {
        (Some(above), None) => above,
        (None, Some(jumping)) if jumping.len() == 1 => *jumping.first()?,
        _ => return None,
    };
    let goes_on = matches!(
        instructions.get(before)?.flow(),
        Flow::Next | Flow::Branch(_) | Flow::Jump(Some(_))
    );
    goes_on.then_some(before)
}
