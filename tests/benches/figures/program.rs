//! The programs whose functions are probed: go-fixtures/base/hits, and requests beside it.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use golang::Binary;
use model::{
    Nanoseconds, ProbeKind, SiteId,
    plan::{Plan, Role},
};
use plan::{PlanRequest, WatchedLabel};
use trace::Tracer;

use super::{Outcome, Setup};

/// What a call took, as the program itself says, in ns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PerCall {
    /// By the clock.
    pub(crate) wall: f64,
    /// Of the process's own time on any processor.
    pub(crate) cpu: f64,
}

impl PerCall {
    /// Reads what the program printed.
    pub(crate) fn parse(printed: &str) -> Outcome<Self> {
        let value = |key: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(key));
            let line = line.ok_or_else(|| format!("hits printed no {key}: {printed}"))?;
            line.trim()
                .parse()
                .map_err(|_| format!("hits printed a {key} that is no number: {line}"))
        };
        Ok(Self {
            wall: value("wall ")?,
            cpu: value("cpu ")?,
        })
    }

    /// What it took more than another, in µs by the clock and of processor time.
    pub(crate) fn above(self, other: Self) -> (f64, f64) {
        ((self.wall - other.wall) / 1e3, (self.cpu - other.cpu) / 1e3)
    }
}

/// Builds the program; probes on one file don't reach another.
pub(crate) fn build(setup: &Setup, name: &str, flags: &[&str]) -> Outcome<PathBuf> {
    build_package(setup, "./hits", name, flags)
}

/// Builds a program of go-fixtures/base.
pub(crate) fn build_package(
    setup: &Setup,
    package: &str,
    name: &str,
    flags: &[&str],
) -> Outcome<PathBuf> {
    build_of(setup, "base", package, name, flags)
}

/// Builds a program of a module of go-fixtures.
pub(crate) fn build_of(
    setup: &Setup,
    module: &str,
    package: &str,
    name: &str,
    flags: &[&str],
) -> Outcome<PathBuf> {
    let binary = setup.scratch.path().join(name);
    let built = Command::new("go")
        .arg("build")
        .args(flags)
        .arg("-o")
        .arg(&binary)
        .arg(package)
        .current_dir(setup.root.join("go-fixtures").join(module))
        .env("GOENV", "off")
        .status()?;
    if !built.success() {
        return Err(format!("go build {package}: {built}").into());
    }
    Ok(binary)
}

/// A copy of the program, for probes of its own.
pub(crate) fn copy(binary: &Path, name: &str) -> Outcome<PathBuf> {
    let copy = binary.with_file_name(name);
    fs::copy(binary, &copy)?;
    Ok(copy)
}

/// The same without symbols.
pub(crate) fn stripped(binary: &Path, name: &str) -> Outcome<PathBuf> {
    let copy = copy(binary, name)?;
    let status = Command::new("strip").arg(&copy).status()?;
    match status.success() {
        true => Ok(copy),
        false => Err(format!("strip: {status}").into()),
    }
}

/// The program, waiting to be let go.
pub(crate) struct Waiting(Child);

/// Starts the program; it makes no call yet.
pub(crate) fn start(binary: &Path, calls: u64) -> Outcome<Waiting> {
    start_with(binary, calls, &[])
}

/// Starts a program with further flags; it makes no call yet.
pub(crate) fn start_with(binary: &Path, calls: u64, flags: &[&str]) -> Outcome<Waiting> {
    let child = Command::new(binary)
        .args(["-wait", "-calls", &calls.to_string()])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    Ok(Waiting(child))
}

impl Waiting {
    /// Lets it make its calls.
    pub(crate) fn go(mut self) -> Outcome<PerCall> {
        let mut gate = self.0.stdin.take().ok_or("no standard input")?;
        gate.write_all(b"go\n")?;
        let output = self.0.wait_with_output()?;
        if !output.status.success() {
            return Err(format!("hits: {}", output.status).into());
        }
        PerCall::parse(&String::from_utf8_lossy(&output.stdout))
    }
}

/// The plan to watch the function, at its entry alone or also where it returns; as in a session, with the probes of
/// goproctor's own.
pub(crate) fn plan(binary: &Binary, returns: bool) -> Outcome<Plan> {
    let mut watched = WatchedLabel::new("watched", "main.watched");
    watched.results = returns;
    let mut plan = plan::build(binary, &PlanRequest::new(vec![watched]))?.plan;
    if !returns {
        keep_sites(&mut plan, |role| role.probe() != ProbeKind::Return);
    }
    Ok(plan)
}

/// A tracer for a plan; nothing is taken off durations, which are not looked at.
pub(crate) fn tracer(plan: &Arc<Plan>) -> Tracer {
    let costs = vec![Nanoseconds(0); plan.sites.len()];
    Tracer::new(Arc::clone(plan), Box::new(|_| None), costs)
}

/// Leaves the sites that have such a role.
pub(crate) fn keep_sites(plan: &mut Plan, wanted: impl Fn(&Role) -> bool) {
    plan.sites.retain(|site| site.roles.iter().any(&wanted));
    for (number, site) in (0..).zip(&mut plan.sites) {
        site.id = SiteId(number);
    }
}
