//! How probes are attached: through one link, or each through its own.

use std::{io, sync::OnceLock};

use aya::sys::{UProbeMultiFeature, is_uprobe_multi_supported};

use super::btf;

/// How probes are attached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// All through one link (Linux 6.6 and later).
    Multi,
    /// Each through its own, which is taken off by itself.
    Single,
}

impl LinkKind {
    /// The kind that the kernel's type information promises; none where there is no such information. Takes no
    /// privilege.
    pub(super) fn promised() -> Option<Self> {
        // Megabytes are read for it, and messages ask again.
        static PROMISED: OnceLock<Option<LinkKind>> = OnceLock::new();
        *PROMISED.get_or_init(|| {
            // The attach type of include/uapi/linux/bpf.h, wherever a distribution has put it.
            let known = btf::has_name("BPF_TRACE_UPROBE_MULTI").ok()?;
            Some(if known { Self::Multi } else { Self::Single })
        })
    }

    /// The kind that the kernel is able to do, by a trial. Takes the capabilities of loading.
    ///
    /// # Errors
    /// The kernel refuses to try.
    pub(super) fn supported() -> io::Result<Self> {
        let multi = is_uprobe_multi_supported(UProbeMultiFeature::LinkCreation)?;
        Ok(if multi { Self::Multi } else { Self::Single })
    }
}
