//! Why watching does not work, and what to do about it.

use std::{fmt, io, path::PathBuf, time::Duration};

use aya::{EbpfError, maps::MapError, programs::ProgramError};
use model::{FileOffset, Nanoseconds, SiteId};
use thiserror::Error;

use super::{BtfError, TablesError, Unprivileged, privilege::container, release};

/// Why a program can't be watched.
#[derive(Debug, Error)]
pub enum KernelError {
    /// The capabilities are missing.
    #[error("no privilege to watch programs: {0}\n  fix: {fix}", fix = .0.fix())]
    Privilege(Unprivileged),
    /// The kernel sets probes one by one, and takes CAP_SYS_ADMIN for each.
    #[error(
        "this kernel has no uprobe_multi and requires CAP_SYS_ADMIN to set a probe ({error}): {why}\n  fix: {fix}; or use a kernel with uprobe_multi (Linux 6.6 or newer)",
        fix = why.fix()
    )]
    SingleLinks {
        /// Why it is missing.
        why: Unprivileged,
        /// What the kernel said.
        #[source]
        error: io::Error,
    },
    /// The capabilities are there, but the kernel refuses, as in a container or a user namespace.
    #[error(
        "the kernel refuses to load a program although this process has the capabilities ({0}); in a container, allow bpf(2) in the seccomp profile: {fix}",
        fix = container()
    )]
    Refused(#[source] io::Error),
    /// The kernel lacks something that the kernel program is built on.
    #[error(
        "this kernel ({}) has no {lacking} ({error}); use Linux 6.1 or newer, or a kernel of your distribution that has it",
        release::running()
    )]
    TooOld {
        /// What it lacks.
        lacking: &'static str,
        /// What the system call said.
        #[source]
        error: io::Error,
    },
    /// Where threads keep their thread-local storage is not known.
    #[error(transparent)]
    Btf(#[from] BtfError),
    /// The plan does not fit.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// Our PID namespace is not known.
    #[error("the PID namespace can't be read from /proc/self/ns/pid ({0}); is /proc mounted?")]
    Namespace(#[source] io::Error),
    /// The program or its maps could not be set up.
    #[error(
        "the kernel program can't be set up: {}; with 'Cannot allocate memory', choose a smaller ring",
        whole(.0)
    )]
    Setup(#[source] Box<EbpfError>),
    /// The verifier rejected the program.
    #[error(
        "the kernel's verifier rejected goproctor's program {program} ({error}); this is a bug of goproctor or of this kernel, please report it with `uname -r` and this end of the log:\n{log}"
    )]
    Rejected {
        /// Which of the two.
        program: &'static str,
        /// What the system call said.
        error: io::Error,
        /// The end of the verifier's log.
        log: String,
    },
    /// The program could not be loaded for another reason.
    #[error("the kernel program can't be loaded: {}", whole(.0))]
    Load(#[source] Box<ProgramError>),
    /// A table or the ring could not be written, read or mapped.
    #[error("the kernel program's {map} can't be used: {}", whole(error))]
    Map {
        /// Which.
        map: &'static str,
        /// Why.
        #[source]
        error: Box<MapError>,
    },
    /// The object does not have what it must have.
    #[error("the built-in kernel program has no {0}; goproctor was not built properly, rebuild it")]
    Object(&'static str),
    /// The records were already handed out.
    #[error("the records of this kernel program are already being read")]
    RecordsTaken,
    /// The program is already attached.
    #[error("the kernel program is already attached; detach it first")]
    Attached,
    /// A probe could not be attached.
    #[error("no probe could be set at offset {offset} of {binary} ({site}): {}; is it still the file that was read?", whole(error), binary = binary.display())]
    Attach {
        /// The binary.
        binary: PathBuf,
        /// The first site that fails.
        site: SiteId,
        /// Its place in the file.
        offset: FileOffset,
        /// Why.
        #[source]
        error: Box<ProgramError>,
    },
    /// Without uprobe_multi, so many sites would take too long to detach.
    #[error(
        "this kernel has no uprobe_multi: it sets each probe by itself, and removing {sites} probes would take {}; the limit is {most}: watch fewer functions, or use a kernel with uprobe_multi (Linux 6.6 or newer)",
        estimate.map_or_else(|| "long".to_owned(), |time| format!("about {}", Nanoseconds::from(time).brief()))
    )]
    TooManySites {
        /// How many there are.
        sites: usize,
        /// How many are allowed.
        most: usize,
        /// How long detaching would take, where that was measured.
        estimate: Option<Duration>,
    },
    /// A plan without a site.
    #[error("there is nothing to watch: the plan has no probe sites")]
    NoSites,
    /// Calibration could not be carried out.
    #[error("the cost of a probe can't be measured: {0}")]
    Calibration(&'static str),
    /// goproctor's own code can't be read, on which calibration sets its probes.
    #[error("the cost of a probe can't be measured: {path} can't be read: {error}")]
    OwnCode {
        /// The file.
        path: &'static str,
        /// Why.
        #[source]
        error: io::Error,
    },
}

impl KernelError {
    /// A failure to load a program.
    pub(super) fn load(program: &'static str, error: ProgramError) -> Self {
        let ProgramError::LoadError {
            io_error: error,
            verifier_log,
        } = error
        else {
            return Self::Load(Box::new(error));
        };
        let log = verifier_log.to_string();
        if let Some(lacking) = lacking(&log) {
            return Self::TooOld { lacking, error };
        }
        // The verifier says `EACCES` too, but has a reason.
        if denied(&error) && log.trim().is_empty() {
            return Self::Refused(error);
        }
        let log = tail(&log);
        Self::Rejected {
            program,
            error,
            log,
        }
    }

    /// A failure to set up the maps.
    pub(super) fn setup(error: EbpfError) -> Self {
        match error {
            EbpfError::MapError(MapError::CreateError { io_error, .. }) if denied(&io_error) => {
                Self::Refused(io_error)
            }
            other => Self::Setup(Box::new(other)),
        }
    }
}

/// What a kernel lacks whose verifier says so. The kernels that a distribution keeps may have it whatever their number is.
fn lacking(log: &str) -> Option<&'static str> {
    // kernel/bpf/verifier.c: check_attach_btf_id and check_helper_call.
    if log.contains("programs can be sleepable") || log.contains("program can be sleepable") {
        Some("sleepable uprobes")
    } else if log.contains("bpf_loop") && log.contains("unknown func")
        || log.contains("invalid func unknown#181")
    {
        Some("bpf_loop")
    } else {
        None
    }
}

/// An error of aya's with what lies behind it: most of them leave the errno to their source.
fn whole(error: &(dyn std::error::Error + 'static)) -> impl fmt::Display {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        source = error.source();
    }
    text
}

/// The errno behind an error, if there is one.
pub(super) fn errno<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a io::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

fn denied(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::PermissionDenied
}

/// The last lines of a verifier's log.
fn tail(log: &str) -> String {
    const LINES: usize = 30;
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}
