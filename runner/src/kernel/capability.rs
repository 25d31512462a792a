//! What this kernel and this process are able to do, and the command that mends what they are not.

use std::fs;

use aya::sys::{UProbeMultiFeature, is_uprobe_multi_supported};
use caps::{CapSet, Capability as Privilege};

use super::{
    Kernel, KernelError, LoadOptions, Release, btf, calibrate,
    error::setcap,
    privilege::{NEEDED, Raised, all},
};
use crate::plan::Plan;

/// One thing that watching a program takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// What it is.
    pub name: &'static str,
    /// Whether nothing can be watched without it.
    pub required: bool,
    /// Whether it is there.
    pub state: State,
}

/// Whether something is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is; the text says in what form.
    Found(String),
    /// It is not.
    Missing {
        /// Why, or what does not work without it.
        why: String,
        /// The command that mends it, or what else to do.
        fix: String,
    },
}

/// All that watching takes, in the order in which one would mend it.
#[must_use]
pub fn capabilities() -> Vec<Capability> {
    let entry = |name, required, state| Capability {
        name,
        required,
        state,
    };
    vec![
        entry("Linux 6.0 or newer", true, release()),
        entry("privilege", true, privilege()),
        entry(
            "kernel lockdown",
            true,
            lockdown(&read("/sys/kernel/security/lockdown")),
        ),
        entry("kernel program", true, program()),
        entry("uprobe_multi", false, multi()),
        entry("kernel type information", false, types()),
    ]
}

fn release() -> State {
    match Release::running() {
        Ok(running) if running >= Release::OLDEST => State::Found(running.to_string()),
        Ok(running) => State::Missing {
            why: format!("this is Linux {running}; its uprobes can't wait for memory"),
            fix: format!("run Linux {} or newer", Release::OLDEST),
        },
        Err(error) => State::Missing {
            why: format!("/proc/sys/kernel/osrelease: {error}"),
            fix: "mount -t proc proc /proc".to_owned(),
        },
    }
}

fn privilege() -> State {
    if all(CapSet::Effective, &NEEDED) {
        return State::Found("CAP_BPF and CAP_PERFMON".to_owned());
    }
    if all(CapSet::Permitted, &NEEDED) {
        return State::Found("CAP_BPF and CAP_PERFMON, used only while probes are set".to_owned());
    }
    if all(CapSet::Permitted, &[Privilege::CAP_SYS_ADMIN]) {
        return State::Found("CAP_SYS_ADMIN".to_owned());
    }
    if !all(CapSet::Bounding, &NEEDED) {
        return State::Missing {
            why: "this process can't be given CAP_BPF and CAP_PERFMON; they are not in its bounding set, as in most containers".to_owned(),
            fix: "docker run --cap-add=BPF --cap-add=PERFMON --security-opt seccomp=unconfined …".to_owned(),
        };
    }
    let status = read("/proc/self/status");
    if status
        .lines()
        .any(|line| line.split_whitespace().eq(["NoNewPrivs:", "1"]))
    {
        return State::Missing {
            why: "CAP_BPF and CAP_PERFMON are missing, and no_new_privs keeps this process from getting them from the file".to_owned(),
            fix: "start goproctor from a shell without no_new_privs".to_owned(),
        };
    }
    State::Missing {
        why: "CAP_BPF and CAP_PERFMON are missing".to_owned(),
        fix: setcap(),
    }
}

/// The state that the text of the lockdown file tells; it is empty where there is none.
fn lockdown(text: &str) -> State {
    if text.contains("[confidentiality]") {
        State::Missing {
            why: "kernel lockdown is 'confidentiality': programs may not read memory".to_owned(),
            fix: "boot with lockdown=integrity or without secure boot's lockdown".to_owned(),
        }
    } else if text.contains("[integrity]") {
        State::Found("integrity, which is fine".to_owned())
    } else {
        State::Found("off".to_owned())
    }
}

/// Loads the program itself, for a plan of one site.
fn program() -> State {
    let [site, _] = calibrate::sites(&Plan::default());
    let plan = Plan {
        sites: vec![site],
        ..Plan::default()
    };
    match Kernel::load(
        &plan,
        &LoadOptions {
            ring_bytes: 1 << 16,
        },
    ) {
        Ok(_) => State::Found("loads".to_owned()),
        Err(KernelError::Privilege { fix }) => State::Missing {
            why: "can't be tried without privilege".to_owned(),
            fix,
        },
        Err(error) => State::Missing {
            why: error.to_string(),
            fix: "see above".to_owned(),
        },
    }
}

fn multi() -> State {
    let supported = Raised::raise()
        .map_err(|_| "can't be tried without privilege".to_owned())
        .and_then(|_raised| {
            is_uprobe_multi_supported(UProbeMultiFeature::LinkCreation)
                .map_err(|error| error.to_string())
        });
    match supported {
        Ok(true) => State::Found("all probes at once".to_owned()),
        Ok(false) => State::Missing {
            why: "probes are set one by one, 256 at most, and taking them off takes 0.1 s each"
                .to_owned(),
            fix: "run Linux 6.6 or newer".to_owned(),
        },
        Err(why) => State::Missing { why, fix: setcap() },
    }
}

fn types() -> State {
    match btf::task_fsbase() {
        Ok(_) => State::Found("BTF, for programs of Go 1.16 and older".to_owned()),
        Err(error) => State::Missing {
            why: error.to_string(),
            fix: "run a kernel with CONFIG_DEBUG_INFO_BTF=y, or build the program with Go 1.17 or newer"
                .to_owned(),
        },
    }
}

/// The text of a file, empty where there is none.
fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Live: the machine that runs the tests is able to watch.
    #[test]
    fn nothing_that_is_required_is_missing_here() {
        let capabilities = capabilities();
        for capability in &capabilities {
            println!("{}: {:?}", capability.name, capability.state);
            let found = matches!(capability.state, State::Found(_));
            assert!(found || !capability.required, "{capability:?}");
        }
        assert_eq!(capabilities.len(), 6);
    }

    #[test]
    fn lockdown_matters_only_where_it_forbids_reading() {
        assert_eq!(lockdown(""), State::Found("off".to_owned()));
        assert_eq!(
            lockdown("[none] integrity confidentiality\n"),
            State::Found("off".to_owned())
        );
        assert!(matches!(
            lockdown("none [integrity] confidentiality\n"),
            State::Found(_)
        ));
        assert!(matches!(
            lockdown("none integrity [confidentiality]\n"),
            State::Missing { .. }
        ));
    }
}
