//! The capabilities that watching takes, and why this process lacks them.

use std::{env, fmt, fs};

use caps::{CapSet, Capability};

use super::LinkKind;

/// What loading a program and attaching it takes (bpf(2), perf_event_open(2)).
pub const NEEDED: [Capability; 2] = [Capability::CAP_BPF, Capability::CAP_PERFMON];

/// What single links take besides, on kernels with commit ba677dbe77af "perf: Revert to requiring CAP_SYS_ADMIN
/// for uprobes" (CVE-2025-38466), which all stable kernels have since 2025. It comes without a number to ask for,
/// so it is raised where there is any, and missed only where the kernel refuses.
pub(super) const FOR_SINGLE_LINKS: Capability = Capability::CAP_SYS_ADMIN;

/// The capabilities that watching takes on this kernel: CAP_SYS_ADMIN is among them where probes are set through single
/// links, or may be. Asks the kernel's type information alone, so it takes no privilege.
fn wanted() -> Vec<Capability> {
    let mut wanted = NEEDED.to_vec();
    if LinkKind::promised() != Some(LinkKind::Multi) {
        wanted.push(FOR_SINGLE_LINKS);
    }
    wanted
}

/// The capabilities that goproctor keeps permitted: those that it needs, else CAP_SYS_ADMIN, which stands for them.
#[must_use]
pub fn kept() -> Vec<Capability> {
    let mut kept = wanted();
    if !all(CapSet::Permitted, &NEEDED) {
        kept.push(Capability::CAP_SYS_ADMIN);
    }
    kept
}

/// The file capabilities that let an executable watch programs on this kernel, as setcap(8) takes them.
#[must_use]
pub fn file_capabilities() -> String {
    let names = wanted()
        .iter()
        .map(|it| it.to_string().to_lowercase())
        .collect::<Vec<_>>();
    format!("{}=p", names.join(","))
}

/// Why this thread may not load and attach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprivileged {
    /// Its capabilities are those of a user namespace, which do not count for BPF.
    UserNamespace,
    /// Its bounding set has no room for them.
    BoundingSet,
    /// It can't get them from the executable file.
    NoNewPrivileges,
    /// It was not given them.
    NotGiven,
}

impl Unprivileged {
    /// The reason, if there is one. What can be raised counts as there.
    #[must_use]
    pub fn find() -> Option<Self> {
        if in_user_namespace() {
            Some(Self::UserNamespace)
        } else if all(CapSet::Permitted, &NEEDED)
            || all(CapSet::Permitted, &[Capability::CAP_SYS_ADMIN])
        {
            None
        } else {
            Some(Self::why_without())
        }
    }

    /// Why a capability is missing.
    pub(super) fn why_without() -> Self {
        if !all(CapSet::Bounding, &wanted()) {
            Self::BoundingSet
        } else if has_no_new_privileges() {
            Self::NoNewPrivileges
        } else {
            Self::NotGiven
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn fix(self) -> String {
        match self {
            Self::UserNamespace => {
                "start goproctor outside of the namespace, as root or with file capabilities; a container must be run by root, not rootless".to_owned()
            }
            Self::BoundingSet => format!(
                "in a container: {}; in a systemd service: add them to CapabilityBoundingSet=",
                container()
            ),
            Self::NoNewPrivileges => {
                "start goproctor without it: not under `setpriv --no-new-privs`, NoNewPrivileges= of systemd, or `--security-opt no-new-privileges` of docker".to_owned()
            }
            Self::NotGiven => setcap(),
        }
    }
}

impl fmt::Display for Unprivileged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needed = names(&wanted());
        match self {
            Self::UserNamespace => f.write_str(
                "this process is in a user namespace of its own (unshare -U, a rootless container), whose capabilities do not count for BPF",
            ),
            Self::BoundingSet => write!(
                f,
                "the bounding set of this process (CapBnd in /proc/self/status) lacks some of {needed}, as in most containers"
            ),
            Self::NoNewPrivileges => write!(
                f,
                "{needed} are missing, and no_new_privs (NoNewPrivs in /proc/self/status) keeps this process from getting them through setcap or sudo"
            ),
            Self::NotGiven => write!(f, "{needed} are missing"),
        }
    }
}

/// Whether the capabilities are those of another user namespace than the first (user_namespaces(7)).
fn in_user_namespace() -> bool {
    // PROC_USER_INIT_INO of include/linux/proc_ns.h.
    const FIRST: &str = "user:[4026531837]";
    fs::read_link("/proc/self/ns/user").is_ok_and(|namespace| namespace.as_os_str() != FIRST)
}

fn has_no_new_privileges() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut lines = status.lines();
    lines.any(|line| line.split_whitespace().eq(["NoNewPrivs:", "1"]))
}

/// Whether this thread has all of `capabilities` in the set.
pub(super) fn all(set: CapSet, capabilities: &[Capability]) -> bool {
    capabilities
        .iter()
        .all(|&capability| caps::has_cap(None, set, capability).unwrap_or(false))
}

/// `CAP_BPF and CAP_PERFMON`
pub(super) fn names(capabilities: &[Capability]) -> String {
    let names: Vec<String> = capabilities.iter().map(ToString::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// The command that lets this executable watch programs.
pub(super) fn setcap() -> String {
    let executable = env::current_exe().map_or_else(
        |_| "\"$(command -v goproctor)\"".to_owned(),
        |path| format!("'{}'", path.display()),
    );
    format!("sudo setcap {} {executable}", file_capabilities())
}

/// The command that lets a container watch programs.
pub(super) fn container() -> String {
    let added = wanted().into_iter().map(|capability| {
        let name = capability.to_string();
        format!(" --cap-add={}", name.trim_start_matches("CAP_"))
    });
    let added: String = added.collect();
    format!("docker run{added} --security-opt seccomp=unconfined …")
}
