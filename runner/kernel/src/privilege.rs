//! The capabilities that watching takes, raised only while they are needed.

use caps::{CapSet, Capability};

use super::{KernelError, LinkKind};

/// What loading a program and attaching it takes (bpf(2), perf_event_open(2)).
pub const NEEDED: [Capability; 2] = [Capability::CAP_BPF, Capability::CAP_PERFMON];

/// What single links take besides, on kernels with commit ba677dbe77af "perf: Revert to requiring CAP_SYS_ADMIN
/// for uprobes" (CVE-2025-38466), which all stable kernels have since 2025. It comes without a number to ask for,
/// so it is raised where there is any, and missed only where the kernel refuses.
const FOR_SINGLE_LINKS: Capability = Capability::CAP_SYS_ADMIN;

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

/// Capabilities of this thread that are effective until this is dropped.
#[derive(Debug)]
pub(super) struct Raised(Vec<Capability>);

impl Raised {
    /// Makes effective what loading takes.
    ///
    /// # Errors
    /// Neither both capabilities nor CAP_SYS_ADMIN, which stands for them, are permitted.
    pub(super) fn raise() -> Result<Self, KernelError> {
        let mut raised = Self(Vec::new());
        if all(CapSet::Permitted, &NEEDED) {
            raised.add(&NEEDED)?;
        } else if all(CapSet::Permitted, &[Capability::CAP_SYS_ADMIN]) {
            raised.add(&[Capability::CAP_SYS_ADMIN])?;
        } else {
            return Err(KernelError::privilege());
        }
        Ok(raised)
    }

    /// Makes effective what attaching through links of a kind takes.
    ///
    /// # Errors
    /// As [`Self::raise`]. That CAP_SYS_ADMIN is missing for single links is left for the kernel to say.
    pub(super) fn raise_for(kind: LinkKind) -> Result<Self, KernelError> {
        let mut raised = Self::raise()?;
        if kind == LinkKind::Single && all(CapSet::Permitted, &[FOR_SINGLE_LINKS]) {
            raised.add(&[FOR_SINGLE_LINKS])?;
        }
        Ok(raised)
    }

    /// Makes effective what is permitted but not effective.
    fn add(&mut self, wanted: &[Capability]) -> Result<(), KernelError> {
        for &capability in wanted {
            if !all(CapSet::Effective, &[capability]) {
                caps::raise(None, CapSet::Effective, capability)
                    .map_err(|_| KernelError::privilege())?;
                self.0.push(capability);
            }
        }
        Ok(())
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        for &capability in &self.0 {
            // Giving up a capability that this thread has raised itself can't fail.
            let _ = caps::drop(None, CapSet::Effective, capability);
        }
    }
}

/// Whether this thread has all of `capabilities` in the set.
pub(super) fn all(set: CapSet, capabilities: &[Capability]) -> bool {
    capabilities
        .iter()
        .all(|&capability| caps::has_cap(None, set, capability).unwrap_or(false))
}
