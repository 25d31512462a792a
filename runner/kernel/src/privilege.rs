//! The capabilities that watching takes.

use caps::{CapSet, Capability};

use super::LinkKind;

/// What loading a program and attaching it takes (bpf(2), perf_event_open(2)).
pub const NEEDED: [Capability; 2] = [Capability::CAP_BPF, Capability::CAP_PERFMON];

/// What single links take besides, on kernels with commit ba677dbe77af "perf: Revert to requiring CAP_SYS_ADMIN
/// for uprobes" (CVE-2025-38466), which all stable kernels have since 2025. It comes without a number to ask for,
/// so it is raised where there is any, and missed only where the kernel refuses.
pub(super) const FOR_SINGLE_LINKS: Capability = Capability::CAP_SYS_ADMIN;

/// The capabilities that goproctor keeps permitted on this kernel: those that it needs, and CAP_SYS_ADMIN where
/// probes are set through single links. Asks the kernel's type information alone, so it takes no privilege.
#[must_use]
pub fn kept() -> Vec<Capability> {
    let mut kept = NEEDED.to_vec();
    if LinkKind::promised() != Some(LinkKind::Multi) {
        kept.push(FOR_SINGLE_LINKS);
    }
    kept
}

/// Whether this thread may load and attach: it has what that takes, or can raise it.
#[must_use]
pub fn is_privileged() -> bool {
    all(CapSet::Permitted, &NEEDED) || all(CapSet::Permitted, &[Capability::CAP_SYS_ADMIN])
}

/// The file capabilities that let an executable watch programs on this kernel, as setcap(8) takes them.
#[must_use]
pub fn file_capabilities() -> &'static str {
    match LinkKind::promised() {
        None | Some(LinkKind::Multi) => "cap_bpf,cap_perfmon=p",
        Some(LinkKind::Single) => "cap_bpf,cap_perfmon,cap_sys_admin=p",
    }
}

/// Whether this thread has all of `capabilities` in the set.
pub(super) fn all(set: CapSet, capabilities: &[Capability]) -> bool {
    capabilities
        .iter()
        .all(|&capability| caps::has_cap(None, set, capability).unwrap_or(false))
}
