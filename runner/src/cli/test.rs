//! `goproctor test`

use std::{
    env,
    ffi::OsString,
    fs::File,
    io,
    os::unix::{
        fs::MetadataExt as _,
        net::UnixListener,
        process::{CommandExt as _, ExitStatusExt as _},
    },
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
    thread,
};

use golang::toolchain::{
    TestBuild, TestBuildRequest, TestCommand, TestPackages, TestRequest, WatchedPackage,
    prepare_test, test_packages,
};
use judge::snapshot::Store;
use nix::sys::{prctl, signal::Signal};
use spec::Spec;

use super::{
    Failure,
    arguments::TestArguments,
    screen::{Screen, Waiting},
    startup,
};
use crate::{
    go_test::{self, Helper, HelperOptions, Package},
    session::{self, Cancel, Progress, SnapshotMode},
};

/// Runs `go test` with the specs that are beside its tests; gives go's exit code.
///
/// # Errors
/// No privilege to watch, or go can't be started.
pub(super) fn run(arguments: &TestArguments) -> Result<u8, Failure> {
    let mut words = arguments.command.clone();
    let accept = arguments.accept | take_accept(&mut words);
    if accept || arguments.calls.is_some() {
        // A result from the cache has nothing to accept and no calls.
        words.insert(0, "-count=1".into());
    }
    let command = TestCommand::parse(&words);
    if env::var_os(go_test::SWITCH).is_some_and(|value| value == "off") {
        eprintln!("goproctor: GOPROCTOR=off: the tests run without goproctor");
        return plainly(&words);
    }
    if !command.runs_tests() {
        return plainly(&words);
    }
    let folder = env::current_dir()
        .map_err(|error| Failure::world(format!("cannot find the current folder: {error}")))?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&Screen::detect(), false);
    let mut progress = |line: &str| waiting.show(&Progress::Go(line.to_owned()));
    let mut request = TestRequest::new(command, folder);
    request.cancel = cancel.flag();
    let listed = test_packages(&request, &mut progress).map_err(world)?;
    let found = found(&listed)?;
    if found.is_empty() {
        waiting.clear();
        eprintln!(
            "goproctor: no *.proctor.toml with `go-test` beside these tests (docs/go-test.md)"
        );
        return plainly(&words);
    }
    startup::may_watch()?;
    let build = TestBuildRequest {
        packages: &listed,
        watched: found.iter().map(Found::watched).collect(),
        exec: own_exec()?,
    };
    // Before there is an overlay to keep.
    keeper::begin();
    let build = prepare_test(&build, &mut progress).map_err(world)?;
    waiting.clear();
    let options = HelperOptions {
        mode: mode(accept),
        ring_bytes: arguments.kernel.ring_mib << 20,
        exec: build.exec.clone().unwrap_or_default(),
        calls: arguments.calls.as_deref().map(calls).transpose()?,
    };
    let packages = found
        .into_iter()
        .map(|found| found.package(&build))
        .collect();
    let helper = Arc::new(Helper::new(packages, options, cancel.clone()));
    let status = with_helper(&helper, |socket| {
        go(&build, socket, Stdio::inherit(), &cancel)
    })?;
    for note in helper.take_notes() {
        eprintln!("goproctor: {note}");
    }
    match listed.problem.as_ref().or(build.problem.as_ref()) {
        // What go could not list could not be watched.
        Some(problem) if status.success() => Err(Failure::world(problem)),
        _ => Ok(code(status)),
    }
}

/// The file that calls are written to.
fn calls(path: &Path) -> Result<Arc<File>, Failure> {
    let file = File::create(path);
    let file =
        file.map_err(|error| Failure::world(format!("cannot write {}: {error}", path.display())))?;
    Ok(Arc::new(file))
}

/// Takes `--accept` out of what is meant for go: it may come behind packages, too.
fn take_accept(words: &mut Vec<OsString>) -> bool {
    let end = words
        .iter()
        .position(|word| word == "-args" || word == "--args");
    let end = end.unwrap_or(words.len());
    let place = words[..end].iter().position(|word| word == "--accept");
    place.map(|place| words.remove(place)).is_some()
}

/// A package that has specs of Go tests.
struct Found {
    import_path: String,
    folder: PathBuf,
    /// They, or what is wrong with them.
    specs: Result<Vec<Spec>, String>,
}

impl Found {
    fn watched(&self) -> WatchedPackage {
        let specs = self.specs.as_deref().unwrap_or_default();
        session::watched_package(&self.import_path, specs)
    }

    fn package(self, build: &TestBuild) -> Package {
        let declarations = build.declarations.get(&self.import_path);
        Package {
            folder: self.folder,
            specs: self.specs,
            declarations: declarations.cloned(),
        }
    }
}

/// The packages that have specs of Go tests.
fn found(listed: &TestPackages) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::new();
    for package in listed.packages.iter().filter(|package| package.has_tests()) {
        let specs = go_test::specs_in(&package.folder).map_err(|error| {
            Failure::world(format!(
                "cannot look for specs in {}: {error}",
                package.folder.display()
            ))
        })?;
        if !specs.is_empty() {
            all.push(Found {
                import_path: package.import_path.clone(),
                folder: package.folder.clone(),
                specs: go_test::all_right(specs),
            });
        }
    }
    Ok(all)
}

fn mode(accept: bool) -> SnapshotMode {
    match (accept, Store::in_ci()) {
        (true, _) => SnapshotMode::Accept,
        (false, true) => SnapshotMode::ReadOnly,
        (false, false) => SnapshotMode::Propose,
    }
}

/// What goes into `-exec`.
pub(super) fn own_exec() -> Result<Vec<OsString>, Failure> {
    let own = env::current_exe()
        .map_err(|error| Failure::world(format!("cannot find goproctor's own file: {error}")))?;
    Ok(vec![own.into(), "exec".into()])
}

/// Runs something while the helper can be spoken to at a socket.
fn with_helper<T>(
    helper: &Arc<Helper>,
    run: impl FnOnce(&Path) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let cannot = |error: io::Error| Failure::world(format!("cannot make a socket: {error}"));
    let folder = session::kept_folder().map_err(cannot)?;
    let socket = folder.path().join("helper");
    let listener = UnixListener::bind(&socket).map_err(cannot)?;
    let serving = Arc::clone(helper);
    thread::spawn(move || serving.serve(&listener));
    run(&socket)
}

/// Runs go, and passes on to it what this process is signalled. Its standard output goes to `output`.
pub(super) fn go(
    build: &TestBuild,
    socket: &Path,
    output: Stdio,
    cancel: &Cancel,
) -> Result<ExitStatus, Failure> {
    let mut command = Command::new(&build.go);
    command
        .args(&build.arguments)
        .stdout(output)
        .envs(build.environment.iter().map(|(name, value)| (name, value)))
        .env(go_test::HELPER, socket)
        .env(go_test::TOOL, tool()?);
    // A go that starts another one in its place may do so from another thread, which loses this; then it ends because no test can be
    // judged any more. SAFETY: between fork and exec nothing is called but prctl, which is async-signal-safe and allocates nothing.
    unsafe {
        command.pre_exec(|| Ok(prctl::set_pdeathsig(Signal::SIGTERM)?));
    }
    let cannot =
        |error: io::Error| Failure::world(format!("cannot run {}: {error}", build.go.display()));
    let mut child = command.spawn().map_err(cannot)?;
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    let asked = cancel.clone();
    thread::spawn(move || {
        while !asked.is_set() {
            thread::sleep(std::time::Duration::from_millis(50));
        }
        // One that is gone needs none.
        let _ = nix::sys::signal::kill(pid, Signal::SIGINT);
    });
    child.wait().map_err(cannot)
}

/// What identifies this goproctor: go runs a test again when it is another one.
fn tool() -> Result<String, Failure> {
    let own = env::current_exe().and_then(std::fs::metadata);
    let own = own
        .map_err(|error| Failure::world(format!("cannot look at goproctor's own file: {error}")))?;
    let version = env!("CARGO_PKG_VERSION");
    Ok(format!(
        "{version} {} {}.{}",
        own.len(),
        own.mtime(),
        own.mtime_nsec()
    ))
}

/// Runs `go test` as it was given, in place of this process.
fn plainly(words: &[OsString]) -> Result<u8, Failure> {
    let error = Command::new("go").arg("test").args(words).exec();
    Err(Failure::world(format!("cannot run go: {error}")))
}

/// The exit code of a process; of one that a signal ended, the shell's.
fn code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

pub(super) fn world(error: impl std::fmt::Display) -> Failure {
    Failure::world(error.to_string())
}
