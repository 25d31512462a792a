//! What holds for all sites of a plan.

use std::{fs, io, os::unix::fs::MetadataExt as _};

use goproctor_ebpf::Globals;
use model::plan::{GoroutineSource, Plan};

use super::{KernelError, btf, return_trial::ReturnsExecuted};

/// `PROC_PID_INIT_INO` of include/linux/proc_ns.h: the first PID namespace.
const FIRST_PID_NAMESPACE: u64 = 0xEFFF_FFFC;

/// What holds for all sites.
pub(super) fn globals(
    plan: &Plan,
    executed: Option<ReturnsExecuted>,
) -> Result<Globals, KernelError> {
    let thread_local = plan
        .sites
        .iter()
        .any(|site| site.goroutine == GoroutineSource::ThreadLocal);
    let (pid_ns_device, pid_ns_inode) = pid_namespace().map_err(KernelError::Namespace)?;
    Ok(Globals {
        task_fsbase: if thread_local {
            btf::task_thread_pointer()?
        } else {
            0
        },
        tls_g: plan.runtime.tls_g,
        g_goid: plan.runtime.g_goid,
        g_stack_hi: plan.runtime.g_stack_hi,
        g_m: plan.runtime.g_m,
        m_curg: plan.runtime.m_curg,
        pid_ns_device,
        pid_ns_inode,
        task_features: executed.map_or(0, |executed| executed.task_features),
    })
}

/// Device and inode of our PID namespace, as the kernel numbers devices; zeros for the first namespace,
/// whose numbers need no translation.
fn pid_namespace() -> io::Result<(u64, u64)> {
    let namespace = fs::metadata("/proc/self/ns/pid")?;
    if namespace.ino() == FIRST_PID_NAMESPACE {
        return Ok((0, 0));
    }
    let (major, minor) = (libc::major(namespace.dev()), libc::minor(namespace.dev()));
    Ok((u64::from(major) << 20 | u64::from(minor), namespace.ino()))
}
