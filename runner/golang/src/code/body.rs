//! Decoding of one function's body.

use arch::{Flow, Instruction, Stepping};
use model::Address;

/// What a function's machine code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// The instruction after the stack check; the function's first if it has none.
    pub entry: Address,
    /// The jump of the stack check, where a probe at it costs less than one at `entry`: the kernel emulates jumps. A call
    /// gets past it without jumping, once.
    pub stack_check: Option<Address>,
    /// Whether code of the function jumps (or may jump, by a table) back to `entry`, so that it can be executed
    /// several times in one call.
    pub loop_head: bool,
    /// Every `ret`, by address.
    pub returns: Vec<Address>,
    /// Where the function leaves by a jump instead of a `ret`: the addresses outside of it that its jumps lead to.
    pub tail_jumps: Vec<Address>,
    /// What the function calls directly, by address.
    pub calls: Vec<Address>,
}

/// Why a function's machine code is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// The bytes at that address are no instruction.
    #[error("the bytes at {0} are no instruction that is known")]
    Undecodable(Address),
    /// The function has no bytes.
    #[error("the function at {0} is empty")]
    Empty(Address),
}

/// The stack check is within so many instructions from a function's start.
const MAX_CHECK: usize = 16;
/// A call of `runtime.morestack` is within so many instructions from the check's target; what comes before it
/// are the arguments' stores, one a register.
const MAX_SPILL: usize = 48;

/// Decodes a function that begins at `start` and whose bytes are `code`.
///
/// `name_of` names the function that begins at an address; it is asked for the targets of calls, to know
/// `runtime.morestack` and its kin. The stack check is known by where it leads rather than by its form, of which
/// there are many (`stacksplit` in `cmd/internal/obj`): a conditional jump near the function's start to a
/// straight line that calls `runtime.morestack`. Frames of some sizes take two jumps; the last one counts.
///
/// # Errors
/// Bytes that are no instruction, or none at all.
pub fn decode<'n>(
    code: &[u8],
    start: Address,
    name_of: impl Fn(Address) -> Option<&'n str>,
) -> Result<Body, CodeError> {
    let instructions = instructions(code, start)?;
    let check = stack_check(&instructions, &name_of);
    let checked = check.and_then(|check| instructions.get(check + 1));
    let entry = checked.map_or(start, |behind| Address(behind.address()));
    let end = start.0.saturating_add(code.len() as u64);
    let inside = start.0..end;

    let mut body = Body {
        entry,
        stack_check: check
            .filter(|_| is_stepped(code, entry.0 - start.0))
            .and_then(|check| jump_to_probe(&instructions, check)),
        loop_head: false,
        returns: Vec::new(),
        tail_jumps: Vec::new(),
        calls: Vec::new(),
    };
    for instruction in &instructions {
        match instruction.flow() {
            Flow::Return => body.returns.push(Address(instruction.address())),
            Flow::Branch(target) | Flow::Jump(Some(target)) => {
                if target == entry.0 {
                    body.loop_head = true;
                } else if !inside.contains(&target) {
                    body.tail_jumps.push(Address(target));
                }
            }
            Flow::Call(target) => body.calls.extend(target.map(Address)),
            // A jump through a table may lead anywhere in the function, but never into the code that opens a
            // frame, which is what follows a stack check.
            Flow::Jump(None) if checked.is_none() => body.loop_head = true,
            Flow::Next | Flow::Jump(None) | Flow::Stop | Flow::Other => {}
        }
    }
    for targets in [&mut body.tail_jumps, &mut body.calls] {
        targets.sort_unstable();
        targets.dedup();
    }
    Ok(body)
}

pub(super) fn instructions(code: &[u8], start: Address) -> Result<Vec<Instruction>, CodeError> {
    if code.is_empty() {
        return Err(CodeError::Empty(start));
    }
    arch::instructions(code, start.0)
        .collect::<Result<_, _>>()
        .map_err(|address| CodeError::Undecodable(Address(address)))
}

/// The index of the instruction at an address.
pub(super) fn index_of(instructions: &[Instruction], address: u64) -> Option<usize> {
    let found = instructions.binary_search_by_key(&address, Instruction::address);
    found.ok()
}

/// Whether the processor must step over the instruction at an offset when it is probed.
fn is_stepped(code: &[u8], offset: u64) -> bool {
    let code = usize::try_from(offset)
        .ok()
        .and_then(|offset| code.get(offset..));
    code.is_some_and(|code| arch::stepping(code) != Stepping::Emulated)
}

/// The stack check's jump, if it is one whose flags say whether it jumps, and if a call comes to it in no other way than from the
/// function's start.
fn jump_to_probe(instructions: &[Instruction], check: usize) -> Option<Address> {
    let jump = instructions.get(check)?;
    let (start, end) = (instructions.first()?.address(), jump.address());
    let leads_into_check = |instruction: &Instruction| match instruction.flow() {
        Flow::Branch(target) | Flow::Jump(Some(target)) => start < target && target <= end,
        _ => false,
    };
    let is_reached_once = jump.is_stack_check_jump() && !instructions.iter().any(leads_into_check);
    is_reached_once.then_some(Address(end))
}

/// The index of the stack check's jump, if there is one.
fn stack_check<'n>(
    instructions: &[Instruction],
    name_of: &impl Fn(Address) -> Option<&'n str>,
) -> Option<usize> {
    let prefix = instructions.len().min(MAX_CHECK);
    instructions[..prefix]
        .iter()
        .enumerate()
        .take_while(|(_, instruction)| may_be_checking(instruction))
        .filter(|(_, instruction)| match instruction.flow() {
            Flow::Branch(target) => calls_morestack(instructions, target, name_of),
            _ => false,
        })
        .filter(|(index, _)| index + 1 < instructions.len())
        .last()
        .map(|(index, _)| index)
}

/// Whether an instruction may belong to a stack check or come before it: the frame is not yet open. Where later code
/// leads does not distinguish it from the check, since the arm of a `select` that is never taken may have no
/// code of its own and fall into the call of `runtime.morestack` (seen to Go 1.16).
fn may_be_checking(instruction: &Instruction) -> bool {
    matches!(instruction.flow(), Flow::Next | Flow::Branch(_))
        && instruction.stack_change() == Some(0)
}

/// Whether the straight line from `target` calls `runtime.morestack` or a variant of it.
fn calls_morestack<'n>(
    instructions: &[Instruction],
    target: u64,
    name_of: &impl Fn(Address) -> Option<&'n str>,
) -> bool {
    let Some(first) = index_of(instructions, target) else {
        return false;
    };
    let called = instructions[first..]
        .iter()
        .take(MAX_SPILL)
        .map(Instruction::flow)
        .find(|flow| *flow != Flow::Next);
    match called {
        Some(Flow::Call(Some(target))) => {
            name_of(Address(target)).is_some_and(|name| name.starts_with("runtime.morestack"))
        }
        _ => false,
    }
}
