//! Where a recovered panic goes on.
//!
//! `runtime.recovery` (`runtime/panic.go`) leaves the deferred function that recovered, and all that the panic went past, and
//! goes on in the frame that deferred it: there the function's other deferred calls run, and it returns. Where that would
//! lead past a `Goexit` it goes on in this one's loop instead, so that no frame has recovered. Up to Go 1.21 the caller
//! decides that and leaves the place in `g`; from Go 1.22 on `recovery` decides it, over the list of running panics.

use model::{
    Address, Depth,
    plan::{PanicLayout, ReadAddress, RecoveryLayout, RuntimeLayout},
};

use super::{hit::Hit, memory::Memory};

/// Where it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Landing {
    /// The stack pointer in that frame: what is deeper is left.
    pub(super) depth: Depth,
    /// Where in the binary as linked, if it is in the frame whose deferred function recovered.
    pub(super) code: Option<Address>,
}

impl Landing {
    /// What a hit of `recovery` says, `goroutine` being where the `*g` is; none if a part of that could not be read.
    pub(super) fn of(
        hit: &Hit<'_>,
        goroutine: ReadAddress,
        runtime: &RuntimeLayout,
    ) -> Option<Self> {
        let layout = runtime.recovery?;
        let memory = hit.record.memory();
        let g = hit.resolve(goroutine)?;
        let high = word(&memory, g, runtime.g_stack_hi)?;
        let (sp, pc) = match layout {
            RecoveryLayout::Goroutine { sp, pc } => {
                let pc = word(&memory, g, pc)?;
                (word(&memory, g, sp)?, Some(pc))
            }
            RecoveryLayout::Panics(layout) => {
                let newest = word(&memory, g, layout.first)?;
                let most = hit.record.header().chunk_count;
                frame_of(&memory, layout, Address(newest), most)?
            }
        };
        Some(Self {
            depth: Depth(high.checked_sub(sp)?),
            code: pc.map(|pc| Address(pc.wrapping_sub(hit.load_bias()))),
        })
    }
}

/// The stack pointer of the frame to go on in, and where in its function if that is the one that recovered. `most` bounds how
/// many panics are looked at: each was read into a chunk of its own.
fn frame_of(
    memory: &Memory<'_>,
    layout: PanicLayout,
    newest: Address,
    most: u32,
) -> Option<(u64, Option<u64>)> {
    let sp = word(memory, newest, layout.sp)?;
    let pc = word(memory, newest, layout.pc)?;
    let mut panic = newest;
    for _ in 0..=most {
        if panic == Address(0) {
            return Some((sp, Some(pc)));
        }
        let start = word(memory, panic, layout.start_sp)?;
        if start >= sp {
            return Some((sp, Some(pc)));
        }
        if flag(memory, panic, layout.goexit)? {
            return Some((start, None));
        }
        panic = Address(word(memory, panic, layout.link)?);
    }
    None
}

fn word(memory: &Memory<'_>, base: Address, offset: u64) -> Option<u64> {
    memory.word(Address(base.0.wrapping_add(offset))).ok()
}

fn flag(memory: &Memory<'_>, base: Address, offset: u64) -> Option<bool> {
    let bytes = memory.read(Address(base.0.wrapping_add(offset)), 1).ok()?;
    bytes.first().map(|byte| *byte != 0)
}
