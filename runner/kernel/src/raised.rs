//! Capabilities that are raised only while they are needed.

use caps::{CapSet, Capability};

use super::{
    KernelError, LinkKind, Unprivileged,
    privilege::{FOR_SINGLE_LINKS, NEEDED, all},
};

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
        if let Some(lack) = Unprivileged::find() {
            return Err(KernelError::Privilege(lack));
        }
        if all(CapSet::Permitted, &NEEDED) {
            raised.add(&NEEDED)?;
        } else {
            raised.add(&[Capability::CAP_SYS_ADMIN])?;
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
                    .map_err(|_| KernelError::Privilege(Unprivileged::NotGiven))?;
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
