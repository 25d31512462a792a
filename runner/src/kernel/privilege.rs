//! The two capabilities that watching takes, raised only while they are needed.

use caps::{CapSet, Capability};

use super::KernelError;

/// What loading a program and attaching it takes.
pub(super) const NEEDED: [Capability; 2] = [Capability::CAP_BPF, Capability::CAP_PERFMON];

/// Capabilities of this thread that are effective until this is dropped.
#[derive(Debug)]
pub(super) struct Raised(Vec<Capability>);

impl Raised {
    /// Makes effective what is permitted but not effective.
    ///
    /// # Errors
    /// Neither both capabilities nor CAP_SYS_ADMIN, which stands for them, are permitted.
    pub(super) fn raise() -> Result<Self, KernelError> {
        let wanted: &[Capability] = if all(CapSet::Permitted, &NEEDED) {
            &NEEDED
        } else if all(CapSet::Permitted, &[Capability::CAP_SYS_ADMIN]) {
            &[Capability::CAP_SYS_ADMIN]
        } else {
            return Err(KernelError::privilege());
        };
        let mut raised = Self(Vec::new());
        for &capability in wanted {
            if !all(CapSet::Effective, &[capability]) {
                caps::raise(None, CapSet::Effective, capability)
                    .map_err(|_| KernelError::privilege())?;
                raised.0.push(capability);
            }
        }
        Ok(raised)
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
