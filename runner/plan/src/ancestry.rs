//! Where goroutines came from that are older than the probes: each entry reads what the running `g` says of it.

use model::plan::{GoroutineSource, Operand, Read, RuntimeLayout};

use super::{reads::fixed_read, sites::Probed};

/// The read of `runtime.g`'s fields, in one piece; none where no register holds `g`, and where it is not asked for.
pub(super) fn ancestry_read(probed: &Probed<'_>, layout: &RuntimeLayout) -> Option<Read> {
    if probed.goroutine() != GoroutineSource::Register {
        return None;
    }
    let parent = layout.ancestry?.parent_goid.unwrap_or(layout.g_startpc);
    let begin = parent.min(layout.g_startpc);
    let size = parent.max(layout.g_startpc) + 8 - begin;
    let mut read = fixed_read(Operand::Register(arch::GOROUTINE), size, None)?;
    read.link.displacement = u32::try_from(begin).ok()?;
    Some(read)
}
