//! A spec of Go tests in a world: `go test` of its package, again and again.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read as _, Seek as _},
    mem,
    sync::Arc,
};

use golang::toolchain::{Declarations, TestBuild, TestBuildRequest, prepare_test, test_packages};
use judge::expect::{Failure, FailureKind, Finding, Verdict};
use model::Retention;
use spec::{
    Spec,
    document::{GoTestName, Test},
};

use super::{Context, StageError, World};
use crate::{
    go_test::{self, GoRun, Helper, HelperOptions, Package},
    report::{TestOutcome, TestReport},
    session::{
        self, Cancel, Kernels, Progress, SessionError, SnapshotMode, Watch, WatchedFunction,
    },
};

/// How much of what `go test` writes is read, from its end.
const MAX_OUTPUT: u64 = 64 * 1024;

/// How many lines of it are shown of a Go test that fails by itself.
const LINES_SHOWN: usize = 12;

/// `go test` of a package whose tests a spec looks at.
pub(super) struct GoTestStage<'c> {
    spec: Spec,
    watch: Watch,
    build: TestBuild,
    /// What the source of the test binary declares.
    declarations: Option<Declarations>,
    besides: Vec<WatchedFunction>,
    kernels: Arc<Kernels>,
    cancel: &'c Cancel,
    notes: Vec<String>,
}

impl<'c> GoTestStage<'c> {
    /// Lists what the tests are built from, and prepares the run.
    pub(super) fn begin(
        spec: &Spec,
        tests: &[&Test],
        world: &World,
        context: &Context<'c>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, StageError> {
        if world.binary.is_some() {
            return Err(StageError::BinaryOfGoTests);
        }
        let spec = world.spec(spec, tests);
        session::check_environment(&spec)?;
        let watch = world.watch(&spec, Retention::Calls);
        let request = session::test_request(&watch, &words(&spec), context.cancel);
        let mut say = |line: &str| progress(Progress::Go(line.to_owned()));
        let listed = test_packages(&request, &mut say).map_err(SessionError::from)?;
        if let Some(problem) = &listed.problem {
            return Err(SessionError::GoTestBuild(problem.clone()).into());
        }
        let package = listed.packages.iter().find(|package| package.has_tests());
        let Some(package) = package else {
            return Err(SessionError::NoGoTests(watch.folder).into());
        };
        let exec = go_test::own_exec();
        let exec = exec.map_err(SessionError::file("find goproctor's own file"))?;
        let build = TestBuildRequest {
            packages: &listed,
            watched: vec![session::package_of(&package.import_path, &watch)],
            exec,
            lasting: false,
        };
        let build = prepare_test(&build, &mut say).map_err(SessionError::from)?;
        if let Some(problem) = &build.problem {
            return Err(SessionError::GoTestBuild(problem.clone()).into());
        }
        Ok(Self {
            declarations: build.declarations.get(&package.import_path).cloned(),
            spec,
            watch,
            build,
            besides: world.watched.clone(),
            kernels: Arc::clone(&context.kernels),
            cancel: context.cancel,
            notes: Vec::new(),
        })
    }

    /// What a person should know of the runs.
    pub(super) fn take_notes(&mut self) -> Vec<String> {
        mem::take(&mut self.notes)
    }

    /// Runs the tests once.
    pub(super) fn round(&mut self) -> Result<Vec<TestReport>, StageError> {
        let helper = Arc::new(self.helper());
        let output = tempfile::tempfile().map_err(SessionError::file("make a temporary file"))?;
        let copy = || {
            let copy = output.try_clone();
            copy.map_err(SessionError::file("write to a temporary file"))
        };
        let run = GoRun {
            build: &self.build,
            folder: &self.watch.folder,
            output: copy()?.into(),
            errors: copy()?.into(),
            cancel: self.cancel,
        };
        let status = run.with_helper(&helper)?;
        if self.cancel.is_set() {
            return Err(SessionError::Cancelled.into());
        }
        if let Some(refusal) = helper.take_refusal() {
            return Err(refusal.into());
        }
        for note in helper.take_notes() {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        let text = end_of(output).map_err(SessionError::file("read what go wrote"))?;
        let mut reports = helper.take_kept();
        let uses = text.lines().filter(|line| session::is_setting_use(line));
        let uses: Vec<String> = uses.map(str::to_owned).collect();
        for report in &mut reports {
            self.note_own_failure(report, &text);
            // Whose they are the output does not say.
            report.setting_uses.clone_from(&uses);
        }
        let mut outcomes = reports.iter().map(TestReport::outcome);
        if status.success() || outcomes.any(|outcome| outcome != TestOutcome::Passed) {
            return Ok(reports);
        }
        // It was not for these runs that go failed.
        if reports.is_empty() {
            return Err(SessionError::GoTestRun(text.trim().to_owned()).into());
        }
        reports.push(self.other_failure(&text));
        Ok(reports)
    }

    /// What a run of go did not pass for, where nothing that the spec looks at failed.
    fn other_failure(&self, output: &str) -> TestReport {
        let failure = Failure {
            notes: last_lines(output),
            ..Failure::new(
                FailureKind::GoTest,
                "go test fails for a test that the spec does not name",
            )
        };
        TestReport {
            verdicts: vec![Verdict::new(
                self.spec.program.origin.span().clone(),
                "go-test".to_owned(),
                Finding::Failed(failure),
            )],
            ..TestReport::new(self.spec.source.clone(), "go test")
        }
    }

    /// Who judges one run.
    fn helper(&self) -> Helper {
        let package = Package {
            folder: self.watch.folder.clone(),
            specs: Ok(vec![self.spec.clone()]),
            besides: self.besides.clone(),
            declarations: self.declarations.clone(),
        };
        let options = HelperOptions {
            mode: SnapshotMode::OtherWorld,
            exec: (self.build.exec.clone())
                .filter(|exec| !go_test::is_own_exec(exec))
                .unwrap_or_default(),
            calls: None,
            draws: false,
            keeps: true,
        };
        let kernels = Arc::clone(&self.kernels);
        Helper::new(vec![package], options, kernels, self.cancel.clone())
    }

    /// Adds to a report that the Go test failed, if it did so by itself: a spec need not ask for that.
    fn note_own_failure(&self, report: &mut TestReport, output: &str) {
        let evidence = &report.evidence;
        let run = evidence.scopes.first().and_then(|run| run.as_ref().ok());
        let run = run.and_then(|run| evidence.observation.scope(*run)?.test());
        if !run.is_some_and(|test| test.failed) {
            return;
        }
        let mut names = self.spec.tests.iter().filter_map(|t| t.go_test.as_ref());
        let span = names.find(|name| name.value.matches(&report.name));
        let failure = Failure {
            notes: own_lines(output, &report.name),
            ..Failure::new(FailureKind::GoTest, "the Go test fails by itself")
        };
        report.verdicts.push(Verdict::new(
            span.map(|name| name.span.clone()).unwrap_or_default(),
            "go-test".to_owned(),
            Finding::Failed(failure),
        ));
    }
}

/// The words for go behind its flags: the tests that the spec names, run anew.
fn words(spec: &Spec) -> Vec<OsString> {
    let names = spec.tests.iter().filter_map(|test| test.go_test.as_ref());
    let names: Vec<&GoTestName> = names.map(|name| &name.value).collect();
    let is_benchmark = |name: &&GoTestName| name.top().starts_with("Benchmark");
    let (benchmarks, others): (Vec<_>, Vec<_>) = names.into_iter().partition(is_benchmark);
    let mut words = vec![
        "-count=1".into(),
        format!("-run={}", alternatives(&others)).into(),
    ];
    if !benchmarks.is_empty() {
        words.push(format!("-bench={}", alternatives(&benchmarks)).into());
    }
    words.push(".".into());
    words
}

/// A regular expression for the tests that go runs on their own.
fn alternatives(names: &[&GoTestName]) -> String {
    let mut tops: Vec<String> = names
        .iter()
        .map(|name| regex::escape(name.top()).replace(r"\*", ".*"))
        .collect();
    tops.sort();
    tops.dedup();
    match tops.as_slice() {
        [] => "^$".to_owned(),
        tops => format!("^({})$", tops.join("|")),
    }
}

/// The last part of what was written to a file.
fn end_of(mut file: File) -> io::Result<String> {
    let written = file.seek(io::SeekFrom::End(0))?;
    file.seek(io::SeekFrom::Start(written.saturating_sub(MAX_OUTPUT)))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// What package testing printed of a test that failed, behind its `--- FAIL` line.
fn own_lines(output: &str, name: &str) -> Vec<String> {
    let is_of_test = |line: &str| {
        let rest = line.trim_start().strip_prefix("--- FAIL: ");
        rest.and_then(|rest| rest.split_whitespace().next()) == Some(name)
    };
    let mut lines = output.lines().skip_while(|line| !is_of_test(line));
    let Some(first) = lines.next() else {
        return Vec::new();
    };
    let depth = indentation(first);
    let below = lines.take_while(|line| indentation(line) > depth && !line.contains("--- FAIL: "));
    below
        .take(LINES_SHOWN)
        .map(|line| line.trim().to_owned())
        .collect()
}

/// The last lines of what go writes.
fn last_lines(output: &str) -> Vec<String> {
    let lines: Vec<&str> = output.lines().map(str::trim_end).collect();
    let first = lines.len().saturating_sub(LINES_SHOWN);
    lines.iter().skip(first).map(ToString::to_string).collect()
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use spec::document::GoTestName;

    use super::{alternatives, own_lines};

    #[test]
    fn go_runs_the_tests_that_a_spec_names_with_all_below_them() {
        let names = ["TestShop/free shipping", "TestShop/*", "Test*", "ExampleA"];
        let names = names.map(GoTestName::new);
        let names: Vec<&GoTestName> = names.iter().collect();
        assert_eq!(alternatives(&names), "^(ExampleA|Test.*|TestShop)$");
        assert_eq!(alternatives(&[]), "^$");
    }

    #[test]
    fn a_test_that_fails_has_its_own_lines() {
        let output = "\
--- FAIL: TestShop (0.00s)
    --- FAIL: TestShop/paid (0.00s)
        shop_test.go:12: got 3
            and more
    --- FAIL: TestShop/free (0.00s)
        shop_test.go:20: got 4
FAIL
";
        let lines = own_lines(output, "TestShop/paid");
        assert_eq!(lines, ["shop_test.go:12: got 3", "and more"]);
        assert_eq!(
            own_lines(output, "TestShop/free"),
            ["shop_test.go:20: got 4"]
        );
        assert!(own_lines(output, "TestShop").is_empty());
        assert!(own_lines(output, "TestOther").is_empty());
    }
}
