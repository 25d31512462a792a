//! The test binary of a package, built as `goproctor test` has it built, but not run: for what is asked of it beforehand.

use std::{
    ffi::OsString,
    path::PathBuf,
    process::{Command, Stdio},
};

use golang::toolchain::{
    Declarations, TestBuildRequest, TestCommand, TestRequest, WatchedPackage, prepare_test,
    test_packages,
};
use spec::{Spec, SpecErrors, document::FunctionSpec};
use tempfile::TempDir;

use super::{
    Cancel, Prepared, Progress, SessionError, Watch, WatchedFunction, folder::kept_folder,
    specified::prepare_go_tests,
};

/// What is watched of a package that these specs look at.
pub(crate) fn watched_package(import_path: &str, specs: &[Spec]) -> WatchedPackage {
    let functions = specs.iter().flat_map(|spec| &spec.functions);
    let pattern = |function: &FunctionSpec| function.pattern.value.clone();
    WatchedPackage {
        import_path: import_path.to_owned(),
        functions: functions.clone().map(pattern).collect(),
        floats: functions
            .filter(|function| function.floats)
            .map(pattern)
            .collect(),
    }
}

/// What is watched of the package that a watch is of.
pub(crate) fn package_of(import_path: &str, watch: &Watch) -> WatchedPackage {
    let functions = watch.functions.iter();
    let pattern = |function: &WatchedFunction| function.label.pattern.clone();
    WatchedPackage {
        import_path: import_path.to_owned(),
        functions: functions.clone().map(pattern).collect(),
        floats: functions
            .filter(|function| function.floats)
            .map(pattern)
            .collect(),
    }
}

/// A `go test` of the package in the folder of what is watched, with the program's own flags before these words.
pub(crate) fn test_request(watch: &Watch, words: &[OsString], cancel: &Cancel) -> TestRequest {
    let build = &watch.program.build;
    let flags = build.flags.iter().map(|flag| OsString::from(&flag.value));
    let words: Vec<OsString> = flags.chain(words.iter().cloned()).collect();
    let mut request = TestRequest::new(TestCommand::parse(&words), &watch.folder);
    let release = watch.program.toolchain.as_ref();
    request.toolchain = release.map(|release| release.value.clone());
    request.environment.clone_from(&watch.build_environment);
    request.cancel = cancel.flag();
    request
}

/// Builds the test binary of the package in the folder of what is watched for a spec of Go tests, and holds the spec against it.
///
/// # Errors
/// The binary can't be built or read, or nothing of the spec fits it.
pub(crate) fn prepare_test_package(
    spec: &Spec,
    watch: Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
    let built = build_test_package(&watch, cancel, progress)?;
    let declarations = built.declarations.as_ref();
    let (mut prepared, errors) =
        prepare_go_tests(spec, watch, &built.path, declarations, progress)?;
    prepared._output = Some(built.output);
    Ok((prepared, errors))
}

/// A test binary that was built and not run.
pub(super) struct BuiltTests {
    /// It.
    pub(super) path: PathBuf,
    /// What its source declares.
    pub(super) declarations: Option<Declarations>,
    /// The folder that it is in.
    pub(super) output: TempDir,
}

/// Builds the test binary of the package in the folder of what is watched.
pub(super) fn build_test_package(
    watch: &Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<BuiltTests, SessionError> {
    let output = kept_folder().map_err(SessionError::file("make a temporary folder"))?;
    let path = output.path().join("package.test");
    let words = ["-c".into(), "-o".into(), path.clone().into()];
    let request = test_request(watch, &words, cancel);
    progress(Progress::Building(".".to_owned()));
    let listed = test_packages(&request, &mut |line| {
        progress(Progress::Go(line.to_owned()));
    })?;
    let package = listed.packages.iter().find(|package| package.has_tests());
    let Some(package) = package else {
        return Err(SessionError::NoGoTests(watch.folder.clone()));
    };
    let build = TestBuildRequest {
        packages: &listed,
        watched: vec![package_of(&package.import_path, watch)],
        exec: Vec::new(),
        lasting: false,
    };
    let mut build = prepare_test(&build, &mut |line| {
        progress(Progress::Go(line.to_owned()));
    })?;
    let go = Command::new(&build.go)
        .args(&build.arguments)
        .envs(build.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&watch.folder)
        .stdin(Stdio::null())
        .output()
        .map_err(SessionError::file("run go"))?;
    if !go.status.success() {
        let said = [go.stdout, go.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        return Err(SessionError::GoTestBuild(said));
    }
    Ok(BuiltTests {
        path,
        declarations: build.declarations.remove(&package.import_path),
        output,
    })
}
