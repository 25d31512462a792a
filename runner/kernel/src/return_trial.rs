//! Whether this kernel lets a uprobe's program execute a `ret`, found out by doing it.
//!
//! The program that does nothing else is loaded, set on a `ret` of goproctor's own, and that is called. Its stack has two return
//! addresses, so that a kernel that executes the `ret` once more after the program is recognised, and nothing goes wrong.

use std::{path::Path, sync::OnceLock};

use arch::{ReturnTrial, return_trial};
use aya::{
    Ebpf, EbpfLoader,
    programs::{
        UProbe,
        uprobe::{UProbeAttachLocation, UProbeAttachPoint, UProbeScope},
    },
};
use goproctor_ebpf::Globals;

use super::{
    LinkKind, btf,
    maps::fill,
    object::{OBJECT, RETURN_TRIAL},
    own_code::{EXECUTABLE, own_offset},
};

/// How the kernel program executes `ret`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReturnsExecuted {
    /// Offset in the kernel's `task_struct` of what says whether a thread has a shadow stack, in bytes; 0 where none has.
    pub(super) task_features: u64,
}

/// Whether it can, with links of a kind; none if the kernel refuses, or does anything else than is expected. Takes the
/// capabilities of loading.
pub(super) fn try_returns(kind: LinkKind) -> Option<ReturnsExecuted> {
    static TRIED: OnceLock<Option<ReturnsExecuted>> = OnceLock::new();
    // What gives the probed address is exact for links of this kind alone, and single ones are set on old kernels.
    match kind {
        LinkKind::Multi => *TRIED.get_or_init(attempt),
        LinkKind::Single => None,
    }
}

fn attempt() -> Option<ReturnsExecuted> {
    if !btf::has_name(WRITES).ok()? {
        return None;
    }
    let executed = ReturnsExecuted {
        task_features: btf::task_features().ok()?,
    };
    let mut ebpf = load(executed).ok()?;
    let trial = return_trial();
    let offset = own_offset(trial.site, trial.code).ok()?;
    let program: &mut UProbe = ebpf.program_mut(RETURN_TRIAL)?.try_into().ok()?;
    program.load().ok()?;
    let point = UProbeAttachPoint {
        location: UProbeAttachLocation::AbsoluteOffset(offset.0),
        cookie: None,
    };
    let path = Path::new(EXECUTABLE);
    let link = program
        .attach([point], path, UProbeScope::AllProcesses)
        .ok()?;
    // SAFETY: the function touches nothing but its own frame, and returns however often the `ret` is executed.
    let seen = unsafe { (trial.function)() };
    program.detach(link).ok()?;
    (seen == ReturnTrial::ONCE).then_some(executed)
}

/// What the kernel notes of a program that writes registers: a kernel whose type information lacks it refuses such a program.
const WRITES: &str = "kprobe_write_ctx";

fn load(executed: ReturnsExecuted) -> Result<Ebpf, Box<dyn std::error::Error>> {
    let mut loader = EbpfLoader::new();
    for map in [
        "SITES", "COUNTS", "SEEDS", "VIEWS", "LINKS", "DYNAMIC", "SAVES", "SAVED", "TESTS",
        "WATCHED",
    ] {
        loader.map_max_entries(map, 1);
    }
    let mut ebpf = loader.map_max_entries("RING", 1 << 12).load(OBJECT)?;
    let globals = Globals {
        task_features: executed.task_features,
        ..Globals::default()
    };
    fill::<Globals>(&mut ebpf, "GLOBALS", &[globals])?;
    Ok(ebpf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raised::Raised;

    /// Whatever the kernel does about it, goproctor goes on.
    #[test]
    fn the_trial_ends_on_every_kernel() {
        let _raised = Raised::raise().unwrap();
        assert_eq!(attempt(), attempt());
        assert_eq!(try_returns(LinkKind::Single), None);
    }
}
