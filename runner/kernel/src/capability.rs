//! What this kernel and this process are able to do, and the command that mends what they are not.

use std::{fs, io, time::Duration};

use caps::{CapSet, Capability as Privilege};
use model::{Nanoseconds, plan::Plan};

use super::{
    HitCost, Kernel, KernelError, LinkKind, LoadOptions, Release, Unprivileged, btf, own_sites,
    privilege::{NEEDED, all, names, setcap},
    program::MAX_SINGLE,
    release,
};

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
    /// That can't be seen here.
    Unknown {
        /// Why.
        why: String,
        /// What makes it visible.
        fix: String,
    },
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
    let trial = Trial(tried());
    let lockdown = lockdown();
    // That it can't be seen keeps nothing from being watched.
    let forbids = matches!(lockdown, State::Missing { .. });
    vec![
        entry("kernel", false, release()),
        entry("privilege", true, privilege()),
        entry("kernel lockdown", forbids, lockdown),
        entry("kernel program", true, trial.program()),
        entry("a probe", true, trial.probe()),
        entry("uprobe_multi", false, trial.multi()),
        entry("cheap returns", false, trial.returns()),
        entry("kernel type information", false, types()),
    ]
}

/// The running release, beside those that the tests are run on.
fn release() -> State {
    let (oldest, newest) = (Release::OLDEST_PROVEN, Release::NEWEST_PROVEN);
    let running = release::running();
    if Release::parse(&running).is_some_and(Release::is_proven) {
        State::Found(format!("Linux {running}; tested on {oldest} to {newest}"))
    } else {
        State::Unknown {
            why: format!("Linux {running} is not among the tested releases, {oldest} to {newest}"),
            fix: "see the lines below, which were tried on this kernel".to_owned(),
        }
    }
}

fn privilege() -> State {
    match Unprivileged::find() {
        Some(lack) => State::Missing {
            why: lack.to_string(),
            fix: lack.fix(),
        },
        None if all(CapSet::Permitted, &NEEDED) => State::Found(names(&NEEDED)),
        None => State::Found(names(&[Privilege::CAP_SYS_ADMIN])),
    }
}

/// Whether the kernel is locked down (Documentation/admin-guide/LSM, lockdown).
fn lockdown() -> State {
    const FOLDER: &str = "/sys/kernel/security";
    match fs::read_to_string(format!("{FOLDER}/lockdown")) {
        Ok(text) => lockdown_of(&text),
        // Without securityfs the folder is there, and empty.
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && fs::read_dir(FOLDER).is_ok_and(|mut entries| entries.next().is_some()) =>
        {
            State::Found("off: this kernel does not have it".to_owned())
        }
        Err(error) => State::Unknown {
            why: format!("unknown: {FOLDER}/lockdown can't be read ({error})"),
            fix: format!("sudo mount -t securityfs securityfs {FOLDER}"),
        },
    }
}

/// The state that the text of the lockdown file means.
fn lockdown_of(text: &str) -> State {
    if text.contains("[confidentiality]") {
        State::Missing {
            why: "kernel lockdown is 'confidentiality': programs may not read memory".to_owned(),
            fix: "boot with lockdown=integrity or without secure boot's lockdown".to_owned(),
        }
    } else if text.contains("[integrity]") {
        State::Found("integrity, which allows watching".to_owned())
    } else {
        State::Found("off".to_owned())
    }
}

/// The kernel program, loaded and attached to two small functions of goproctor's own, which are then called.
struct Trial(Result<Tried, Failed>);

struct Tried {
    kind: LinkKind,
    cost: HitCost,
    executes_returns: bool,
    /// How long taking off as many single probes as are allowed would take.
    detach_all: Option<Duration>,
}

/// How far the trial came.
enum Failed {
    Loading(KernelError),
    Probing(LinkKind, KernelError),
}

impl Trial {
    fn program(&self) -> State {
        match &self.0 {
            Ok(_) | Err(Failed::Probing(..)) => State::Found("loads".to_owned()),
            Err(Failed::Loading(error)) => missing(error),
        }
    }

    fn probe(&self) -> State {
        match &self.0 {
            Ok(Tried { cost, .. }) => State::Found(format!(
                "set, hit and removed again; a hit costs {} where the kernel emulates the instruction, as at an entry, {} where \
                 it steps over it, {} at a ret",
                cost.emulated.brief(),
                cost.stepped.brief(),
                cost.returning.brief()
            )),
            Err(Failed::Probing(_, error)) => missing(error),
            Err(Failed::Loading(_)) => State::Missing {
                why: "can't be tried without the kernel program".to_owned(),
                fix: "see above".to_owned(),
            },
        }
    }

    fn returns(&self) -> State {
        match &self.0 {
            Ok(tried) if tried.executes_returns => {
                State::Found("the kernel lets goproctor execute them".to_owned())
            }
            Ok(_) => State::Missing {
                why: "the kernel steps over each return that is watched".to_owned(),
                fix: "fast-returns = true, or --fast-returns, where that takes too long".to_owned(),
            },
            Err(_) => State::Unknown {
                why: "unknown: it can't be tried".to_owned(),
                fix: "see above".to_owned(),
            },
        }
    }

    fn multi(&self) -> State {
        let (kind, detach_all) = match &self.0 {
            Ok(tried) => (Some(tried.kind), tried.detach_all),
            Err(Failed::Probing(kind, _)) => (Some(*kind), None),
            Err(Failed::Loading(_)) => (LinkKind::promised(), None),
        };
        let takes = detach_all.map_or_else(String::new, |time| {
            let time = Nanoseconds::from(time).brief();
            format!("; removing that many takes about {time} here")
        });
        match kind {
            Some(LinkKind::Multi) => State::Found("all probes at once".to_owned()),
            Some(LinkKind::Single) => State::Missing {
                why: format!("probes are set one by one, {MAX_SINGLE} at most{takes}"),
                fix: "run Linux 6.6 or newer".to_owned(),
            },
            None => State::Unknown {
                why: "unknown: it can't be tried, and the kernel has no type information"
                    .to_owned(),
                fix: setcap(),
            },
        }
    }
}

/// Tries it with a plan of one site, which is not attached itself.
fn tried() -> Result<Tried, Failed> {
    let [site, ..] = own_sites::calibration(&Plan::default());
    let plan = Plan {
        sites: vec![site],
        ..Plan::default()
    };
    let options = LoadOptions {
        ring_bytes: 1 << 16,
    };
    let mut kernel = Kernel::load(&plan, &options).map_err(Failed::Loading)?;
    let kind = kernel.kind();
    let failed = |error| Failed::Probing(kind, error);
    let cost = kernel.calibrate().map_err(failed)?;
    let detach_all = kernel.detach_estimate(MAX_SINGLE).map_err(failed)?;
    Ok(Tried {
        kind,
        cost,
        executes_returns: kernel.executes_returns(),
        detach_all,
    })
}

fn missing(error: &KernelError) -> State {
    match error {
        KernelError::Privilege(_) => State::Missing {
            why: "can't be tried without the privilege".to_owned(),
            fix: "see above".to_owned(),
        },
        KernelError::SingleLinks { why, error } => State::Missing {
            why: format!(
                "this kernel requires CAP_SYS_ADMIN to set probes one by one ({error}): {why}"
            ),
            fix: why.fix(),
        },
        error => State::Missing {
            why: error.to_string(),
            fix: "see the reason; if it names none, report it with `uname -r`".to_owned(),
        },
    }
}

fn types() -> State {
    match btf::task_thread_pointer() {
        Ok(_) => State::Found("BTF, for programs of Go 1.16 and older".to_owned()),
        Err(error) => State::Missing {
            why: error.to_string(),
            fix: "run a kernel with CONFIG_DEBUG_INFO_BTF=y, or build the program with Go 1.17 or newer"
                .to_owned(),
        },
    }
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
        assert_eq!(capabilities.len(), 8);
    }

    #[test]
    fn lockdown_matters_only_where_it_forbids_reading() {
        assert_eq!(
            lockdown_of("[none] integrity confidentiality\n"),
            State::Found("off".to_owned())
        );
        assert!(matches!(
            lockdown_of("none [integrity] confidentiality\n"),
            State::Found(_)
        ));
        assert!(matches!(
            lockdown_of("none integrity [confidentiality]\n"),
            State::Missing { .. }
        ));
    }
}
