//! The test binary of a package, built as `goproctor test` has it built, but not run: for what is asked of it beforehand.

use std::process::{Command, Stdio};

use golang::toolchain::{
    TestBuildRequest, TestCommand, TestRequest, WatchedPackage, prepare_test, test_packages,
};
use spec::{Spec, SpecErrors, document::FunctionSpec};

use super::{
    Cancel, Prepared, Progress, SessionError, folder::kept_folder, specified::prepare_go_tests,
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

/// Builds the test binary of the package that a spec of Go tests lies in, and holds the spec against it. `release` is the Go release
/// to build with; none for the go command's own choice.
///
/// # Errors
/// The binary can't be built or read, or nothing of the spec fits it.
pub(crate) fn prepare_test_package(
    spec: &Spec,
    release: Option<&str>,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
    let output = kept_folder().map_err(SessionError::file("make a temporary folder"))?;
    let binary = output.path().join("package.test");
    let words = ["-c".into(), "-o".into(), binary.clone().into()];
    let mut request = TestRequest::new(TestCommand::parse(&words), spec.folder());
    request.toolchain = release.map(str::to_owned);
    request.cancel = cancel.flag();
    progress(Progress::Building(".".to_owned()));
    let listed = test_packages(&request, &mut |line| {
        progress(Progress::Go(line.to_owned()));
    })?;
    let package = listed.packages.iter().find(|package| package.has_tests());
    let Some(package) = package else {
        return Err(SessionError::NoGoTests(spec.folder()));
    };
    let build = TestBuildRequest {
        packages: &listed,
        watched: vec![watched_package(
            &package.import_path,
            std::slice::from_ref(spec),
        )],
        exec: Vec::new(),
        lasting: false,
    };
    let build = prepare_test(&build, &mut |line| {
        progress(Progress::Go(line.to_owned()));
    })?;
    let go = Command::new(&build.go)
        .args(&build.arguments)
        .envs(build.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(spec.folder())
        .stdin(Stdio::null())
        .output()
        .map_err(SessionError::file("run go"))?;
    if !go.status.success() {
        let said = [go.stdout, go.stderr].concat();
        let said = String::from_utf8_lossy(&said).trim().to_owned();
        return Err(SessionError::GoTestBuild(said));
    }
    let declarations = build.declarations.get(&package.import_path);
    let (mut prepared, errors) = prepare_go_tests(spec, &binary, declarations, progress)?;
    prepared._output = Some(output);
    Ok((prepared, errors))
}
