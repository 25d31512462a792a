//! `goproctor test`

use std::{
    env,
    ffi::OsString,
    fs::File,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::Arc,
};

use golang::toolchain::{TestBuild, TestBuildRequest, TestCommand, prepare_test};
use judge::snapshot::Store;
use kernel::LoadOptions;

use super::{
    Failure,
    arguments::{FlagsForm, TestArguments},
    screen::{Screen, Waiting},
    startup, test_flags,
    test_setup::{Found, current_folder, found, list, own_exec, world},
    test_tree::TreeRequest,
};
use crate::{
    go_test::{self, Answering, GoRun, Helper, HelperOptions},
    session::{Cancel, Kernels, Progress, SnapshotMode},
};

/// Runs `go test` with the specs that are beside its tests; gives go's exit code.
///
/// # Errors
/// No privilege to watch, or go can't be started.
pub(super) fn run(arguments: &TestArguments) -> Result<u8, Failure> {
    let mut words = arguments.command.clone();
    let accept = arguments.accept | take(&mut words, "--accept");
    let print_flags = arguments.print_flags.or_else(|| {
        let is_asked = take(&mut words, "--print-flags");
        is_asked.then_some(FlagsForm::Words)
    });
    if let Some(form) = print_flags {
        return print_flags_of(&words, form);
    }
    let tree = arguments.tree.as_deref();
    let tree = tree
        .map(|name| TreeRequest::new(name, &words))
        .transpose()?;
    if let Some(tree) = &tree {
        words = TestCommand::parse(&words).with(&tree.flags());
    } else if accept || arguments.calls.is_some() {
        // A result from the cache has nothing to accept and no calls.
        words = TestCommand::parse(&words).with(&["-count=1".into()]);
    }
    let command = TestCommand::parse(&words);
    if env::var_os(go_test::SWITCH).is_some_and(|value| value == "off") {
        eprintln!("goproctor: GOPROCTOR=off: the tests run without goproctor");
        return plainly(&words);
    }
    if !command.runs_tests() {
        return plainly(&words);
    }
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&Screen::detect(), false);
    let mut progress = |line: &str| waiting.show(&Progress::Go(line.to_owned()));
    let listed = list(command, &cancel, &mut progress)?;
    let found = match &tree {
        Some(tree) => tree.found(&listed)?,
        None => found(&listed)?,
    };
    if found.is_empty() {
        waiting.clear();
        eprintln!(
            "goproctor: no *.proctor.toml with `go-test` beside these tests (docs/go-test.md)"
        );
        return plainly(&words);
    }
    startup::may_watch()?;
    let kernels = kernels(&found, arguments.kernel.ring_mib << 20);
    let build = TestBuildRequest {
        packages: &listed,
        watched: found.iter().map(Found::watched).collect(),
        exec: own_exec()?,
        lasting: false,
    };
    let build = prepare_test(&build, &mut progress).map_err(world)?;
    waiting.clear();
    let options = HelperOptions {
        mode: mode(accept),
        // GOFLAGS may have what `--print-flags` printed.
        exec: (build.exec.clone())
            .filter(|exec| !go_test::is_own_exec(exec))
            .unwrap_or_default(),
        calls: arguments.calls.as_deref().map(calls).transpose()?,
        draws: tree.is_some(),
        keeps: false,
    };
    let packages = found
        .into_iter()
        .map(|found| found.package(&build))
        .collect();
    let helper = Helper::new(packages, options, kernels, cancel.clone());
    let helper = Arc::new(helper);
    let status = go(&build, &helper, Stdio::inherit(), &cancel)?;
    for note in helper.take_notes() {
        eprintln!("goproctor: {note}");
    }
    if let Some(tree) = &tree {
        print_trees(tree, &helper, status)?;
    }
    match listed.problem.as_ref().or(build.problem.as_ref()) {
        // What go could not list could not be watched.
        Some(problem) if status.success() => Err(Failure::world(problem)),
        _ => Ok(code(status)),
    }
}

/// Prints the trees of the runs that were seen.
fn print_trees(tree: &TreeRequest, helper: &Helper, status: ExitStatus) -> Result<(), Failure> {
    let trees = helper.take_trees();
    for drawn in &trees {
        println!("\n{drawn}");
    }
    match trees.is_empty() && status.success() {
        true => Err(Failure::usage(format!(
            "{} did not run: is there such a subtest?",
            tree.name()
        ))),
        false => Ok(()),
    }
}

/// The kernel programs that will watch, which are loaded while go builds.
fn kernels(found: &[Found], ring_bytes: u32) -> Arc<Kernels> {
    let kernels = Kernels::new(LoadOptions { ring_bytes });
    let specs = found.iter().flat_map(Found::specs);
    kernels.load_ahead(specs.map(<[_]>::len).sum());
    kernels
}

/// The file that calls are written to.
fn calls(path: &Path) -> Result<Arc<File>, Failure> {
    let file = File::create(path);
    let file =
        file.map_err(|error| Failure::world(format!("cannot write {}: {error}", path.display())))?;
    Ok(Arc::new(file))
}

/// Prints what plain `go test` needs; runs nothing.
fn print_flags_of(words: &[OsString], form: FlagsForm) -> Result<u8, Failure> {
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&Screen::detect(), false);
    let mut progress = |line: &str| waiting.show(&Progress::Go(line.to_owned()));
    let listed = list(TestCommand::parse(words), &cancel, &mut progress)?;
    let printed = test_flags::print(&listed, form, &mut progress);
    waiting.clear();
    printed
}

/// Takes a flag of ours out of what is meant for go: it may come behind packages, too.
fn take(words: &mut Vec<OsString>, flag: &str) -> bool {
    let end = words
        .iter()
        .position(|word| word == "-args" || word == "--args");
    let end = end.unwrap_or(words.len());
    let place = words[..end].iter().position(|word| word == flag);
    place.map(|place| words.remove(place)).is_some()
}

fn mode(accept: bool) -> SnapshotMode {
    match (accept, Store::in_ci()) {
        (true, _) => SnapshotMode::Accept,
        (false, true) => SnapshotMode::ReadOnly,
        (false, false) => SnapshotMode::Propose,
    }
}

/// A run of what was prepared in the current folder, whose standard output goes to `output`.
///
/// # Errors
/// The current folder can't be found, or go can't be run.
pub(super) fn go<A: Answering>(
    build: &TestBuild,
    helper: &Arc<A>,
    output: Stdio,
    cancel: &Cancel,
) -> Result<ExitStatus, Failure> {
    let run = GoRun {
        build,
        folder: &current_folder()?,
        output,
        errors: Stdio::inherit(),
        cancel,
    };
    run.with_helper(helper).map_err(world)
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
