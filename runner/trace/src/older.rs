//! Goroutines that are older than the probes: what `runtime.g` itself says of where they came from.

use model::{Address, Goid, plan::Plan};

use super::{goroutines::GoroutineHistory, hit::Hit};

/// The history of a goroutine whose creation was not seen, as its own `g` has it at this hit; none if the plan does not ask for
/// that, or the hit did not read it.
pub(super) fn history(plan: &Plan, hit: &Hit<'_>) -> Option<GoroutineHistory> {
    let layout = plan.runtime.ancestry?;
    let memory = hit.record.memory();
    let field = |offset: u64| {
        let address = Address(hit.record.header().g.wrapping_add(offset));
        memory.word(address).ok().filter(|word| *word != 0)
    };
    let start = field(plan.runtime.g_startpc)?;
    Some(GoroutineHistory {
        creator: layout.parent_goid.and_then(field).map(Goid),
        start: Some(Address(start.wrapping_sub(hit.load_bias()))),
        ..GoroutineHistory::default()
    })
}
