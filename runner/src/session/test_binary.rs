//! A test binary that `go test` has built: watched while it runs, and asked how its tests did as they end.

use std::{
    collections::BTreeSet,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use golang::toolchain::Declarations;
use model::{Loss, ProcessId, Scope, ScopeId, Timestamp, suggestion::did_you_mean};
use spec::{
    Spec, SpecErrors,
    document::{GoTestName, Test},
};
use trace::{JudgedNames, Room, Tracer};

use super::{
    Cancel, Prepared, Progress, SessionError, SnapshotMode, TestRun, Watch,
    drain::{DRAIN, Drain, Flushed},
    judgement,
    kernels::{Kernels, Lent},
    probes::{attach_lent, tracer},
    self_check::check_main,
    specified::prepare_go_tests,
};
use crate::{
    drive::Stubs,
    report::TestReport,
    target::{Running, TemplateVars},
};
use judge::expect::{Evidence, Left};

/// How long a test that has reported its end may take to return. Nothing is between the two but the end of its goroutine, or
/// the report is none: a test may print a line like one.
const RETURN: Duration = Duration::from_secs(2);

/// The pause between two looks whether it has.
const PAUSE: Duration = Duration::from_micros(200);

/// How many runs are judged at a time before anybody asks: the calls of each are kept until all of them are taken.
const AT_A_TIME: usize = 16;

/// A test binary with the probes of one spec set.
pub(crate) struct TestBinary<'s> {
    spec: &'s Spec,
    /// What is wrong with the spec for this binary, and so with some of its tests.
    wrong: Option<SpecErrors>,
    mode: SnapshotMode,
    prepared: Prepared,
    drain: Drain,
    /// The services that the tests call.
    _stubs: Stubs,
    /// Environment variables for the binary besides its own.
    env: Vec<(String, String)>,
    /// What was lost because records could not be used.
    unusable: Loss,
    /// How often the owner of handed-over work is not known.
    unknown_owners: u64,
    /// The runs that have been judged, and those that are parts of others.
    judged: BTreeSet<ScopeId>,
    /// The process that `go test` runs.
    process: Option<ProcessId>,
    /// The same while it lives, if that could be looked at.
    alive: Option<Running>,
    /// The full names of the Go tests that ran.
    names: BTreeSet<String>,
    /// Those that have ended, and neither failed nor were skipped.
    passed: BTreeSet<String>,
    /// The tests of the spec of which it was said that their Go tests did not run.
    reported: BTreeSet<String>,
    // Last: the probes go when nothing reads their records any more.
    _kernel: Lent,
}

/// Environment variables for the binary: `GOPROCTOR_STUB_NAME` for each stub, and what `[go-test]` says.
fn environment(spec: &Spec, stubs: &Stubs) -> Result<Vec<(String, String)>, SessionError> {
    let vars = TemplateVars {
        ports: None,
        stubs: Some(stubs.urls()),
        folder: None,
        number: None,
        saved: None,
    };
    let urls = stubs.urls().iter();
    let variable = |name: &str| {
        name.to_uppercase()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
    };
    let mut env: Vec<_> = urls
        .map(|(name, url)| (format!("GOPROCTOR_STUB_{}", variable(name)), url.clone()))
        .collect();
    for (name, value) in &spec.program.env {
        env.push((name.clone(), vars.fill(&value.value)?));
    }
    Ok(env)
}

/// Tells of a Go test whether some test of the spec looks at it.
fn judged_names(spec: &Spec) -> JudgedNames {
    let tests = spec.tests.iter();
    let names: Vec<GoTestName> = tests
        .filter_map(|test| Some(test.go_test.as_ref()?.value.clone()))
        .collect();
    Box::new(move |name| names.iter().any(|own| own.matches(name)))
}

/// A run that was judged before anybody asked.
pub(crate) struct JudgedAhead {
    /// The Go test's full name.
    pub(crate) name: String,
    /// Whether it failed by itself.
    pub(crate) failed: bool,
    /// A report for each test of the spec that looks at it.
    pub(crate) reports: Vec<TestReport>,
}

/// A test of the spec that found no Go test to look at.
pub(crate) struct Missing {
    /// The Go test that ran without it.
    pub(crate) test: String,
    /// The place in the spec.
    pub(crate) place: String,
    /// What did not run.
    pub(crate) what: String,
    /// The same, as a report on the test of the spec.
    pub(crate) report: TestReport,
}

/// A run of a Go test that some test of the spec looks at.
struct Run {
    scope: Scope,
    name: String,
    /// Whether the test around it has returned before it: it is about to, since it has reported its end.
    is_outlived: bool,
}

impl Run {
    fn has_ended(&self, now: Timestamp) -> bool {
        self.scope.left.is_some_and(|left| left <= now)
    }

    fn failed(&self) -> bool {
        self.scope.test().is_some_and(|test| test.failed)
    }

    fn was_skipped(&self) -> bool {
        self.scope.test().is_some_and(|test| test.skipped)
    }
}

impl<'s> TestBinary<'s> {
    /// Reads a test binary, and sets probes on what is watched for a spec of Go tests.
    ///
    /// # Errors
    /// The binary can't be read or watched, or nothing of the spec fits it.
    pub(crate) fn begin(
        spec: &'s Spec,
        watch: Watch,
        path: &Path,
        declarations: Option<&Declarations>,
        kernels: &Arc<Kernels>,
        mode: SnapshotMode,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Self, SessionError> {
        let (prepared, wrong) = prepare_go_tests(spec, watch, path, declarations, progress)?;
        let stubs = Stubs::start(&spec.stubs)?;
        let env = environment(spec, &stubs)?;
        let patterns = prepared.watch.patterns()?;
        let (mut kernel, costs) = attach_lent(&prepared, kernels, progress)?;
        let records = kernel.kernel().records()?;
        let tracer = tracer(&prepared, prepared.names(), costs)
            .with_room_for_tests(Room::OF_TESTS, judged_names(spec));
        Ok(Self {
            spec,
            wrong,
            mode,
            drain: Drain::begin(records, tracer, patterns),
            prepared,
            _stubs: stubs,
            env,
            unusable: Loss::default(),
            unknown_owners: 0,
            judged: BTreeSet::new(),
            process: None,
            alive: None,
            names: BTreeSet::new(),
            passed: BTreeSet::new(),
            reported: BTreeSet::new(),
            _kernel: kernel,
        })
    }

    /// Environment variables for the binary besides its own.
    pub(crate) fn env(&self) -> &[(String, String)] {
        &self.env
    }

    /// The Go release that built it: `N` of `go1.N`.
    pub(crate) fn minor(&self) -> u32 {
        self.prepared.binary.release().minor()
    }

    /// The import path of the package that it tests; empty if only its files were named.
    pub(crate) fn import_path(&self) -> &str {
        let path = self.prepared.binary.main_package().unwrap_or_default();
        // As testing has it (cmd/go/internal/load, testFuncs.ImportPath).
        match path.strip_suffix(".test").unwrap_or(path) {
            "command-line-arguments" => "",
            path => path,
        }
    }

    /// The path of that package's module; empty if it has none.
    pub(crate) fn module(&self) -> &str {
        self.prepared.binary.main_module().unwrap_or_default()
    }

    /// The process that `go test` runs has been started.
    pub(crate) fn started(&mut self, process: ProcessId) {
        self.process = Some(process);
        self.alive = Running::find(process).ok();
    }

    /// Whether a test of the spec looks at the Go test of that name.
    pub(crate) fn looks_at(&self, name: &str) -> bool {
        self.tests_of(name).next().is_some()
    }

    fn tests_of(&self, name: &str) -> impl Iterator<Item = &'s Test> {
        let tests = self.spec.tests.iter();
        tests.filter(move |test| {
            let own = test.go_test.as_ref();
            own.is_some_and(|own| own.value.matches(name))
        })
    }

    /// Judges the first run of the Go test of that name that was not judged yet and that has just reported its end, as one that
    /// `failed` by itself or not. A report for each test of the spec that looks at it; none if there is no such run.
    ///
    /// # Errors
    /// Records can't be read, or the runtime is not as it must be.
    pub(crate) fn judge(
        &mut self,
        name: &str,
        failed: bool,
        cancel: &Cancel,
    ) -> Result<Option<Vec<TestReport>>, SessionError> {
        let begin = Instant::now();
        loop {
            let now = self.drain.catch_up(DRAIN)?;
            let runs = self.runs();
            let mut own = runs.iter().filter(|run| run.name == name);
            let Some(run) = own
                .clone()
                .find(|run| run.failed() == failed)
                .or(own.next())
            else {
                return Ok(None);
            };
            if run.has_ended(now) {
                return self.judge_run(run).map(Some);
            }
            if begin.elapsed() > RETURN || cancel.is_set() {
                return Ok(None);
            }
            self.wait_for_return()?;
        }
    }

    /// Waits a moment for a test that has reported its end to return, too. It may come no more to that: the process may end first.
    fn wait_for_return(&mut self) -> Result<(), SessionError> {
        let ended = self.alive.as_ref();
        if ended.is_some_and(|process| process.wait_ended(Duration::ZERO)) {
            self.over()?;
        }
        std::thread::sleep(PAUSE);
        Ok(())
    }

    /// Judges all runs below the Go test of that name that have ended and were not judged yet, in the order of their ends.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn judge_below(
        &mut self,
        name: &str,
    ) -> Result<Vec<(String, Vec<TestReport>)>, SessionError> {
        let above = format!("{name}/");
        let is_below = |run: &Run| run.name.starts_with(&above);
        let begin = Instant::now();
        loop {
            self.drain.catch_up(DRAIN)?;
            let mut runs = self.runs().into_iter();
            if !runs.any(|run| is_below(&run) && run.is_outlived) || begin.elapsed() > RETURN {
                break;
            }
            self.wait_for_return()?;
        }
        self.judge_ended(is_below)
    }

    /// Judges all runs that have ended and were not judged yet, in the order of their ends.
    ///
    /// # Errors
    /// Likewise.
    pub(crate) fn judge_rest(&mut self) -> Result<Vec<(String, Vec<TestReport>)>, SessionError> {
        self.judge_ended(|_| true)
    }

    /// Judges some of the runs that have ended and were not judged yet, the first ones first, and forgets their calls; none if there are
    /// none. Those whose goroutines are waited for are judged when they are asked for, and so is what can't be judged: then it says why.
    pub(crate) fn judge_ahead(&mut self) -> Vec<JudgedAhead> {
        let Ok(now) = self.drain.catch_up(DRAIN) else {
            return Vec::new();
        };
        let mut runs = self.runs();
        runs.retain(|run| {
            let mut tests = self.tests_of(&run.name);
            run.has_ended(now) && tests.all(|test| test.left.is_none())
        });
        runs.sort_by_key(|run| run.scope.left);
        let mut judged = Vec::new();
        for run in runs.into_iter().take(AT_A_TIME) {
            let Ok(reports) = self.judge_run(&run) else {
                break;
            };
            if !run.was_skipped() {
                judged.push(JudgedAhead {
                    failed: run.failed(),
                    name: run.name,
                    reports,
                });
            }
        }
        judged
    }

    fn judge_ended(
        &mut self,
        is_meant: impl Fn(&Run) -> bool,
    ) -> Result<Vec<(String, Vec<TestReport>)>, SessionError> {
        let now = self.drain.catch_up(DRAIN)?;
        let mut runs = self.runs();
        runs.retain(|run| run.has_ended(now) && is_meant(run));
        runs.sort_by_key(|run| run.scope.left);
        let mut reports = Vec::new();
        for run in runs {
            let of_run = self.judge_run(&run)?;
            if !run.was_skipped() {
                reports.push((run.name, of_run));
            }
        }
        Ok(reports)
    }

    /// The process has ended, and with it what still ran.
    ///
    /// # Errors
    /// Records can't be read.
    pub(crate) fn over(&mut self) -> Result<(), SessionError> {
        let now = self.drain.catch_up(DRAIN)?;
        if let Some(process) = self.process {
            self.drain.with(|tracer| tracer.process_ended(process, now));
        }
        Ok(())
    }

    /// The tests of the spec that look at subtests of a Go test which has run, where there was no such subtest: each with its line
    /// in the spec, once. None of a Go test that was skipped or failed: it may not have come so far.
    pub(crate) fn take_missing(&mut self) -> Vec<Missing> {
        self.runs();
        let mut missing = Vec::new();
        for test in &self.spec.tests {
            let Some(wanted) = &test.go_test else {
                continue;
            };
            let top = wanted.value.top();
            let has_run = self.passed.contains(top) && top != wanted.value.as_str();
            let is_seen = self.names.iter().any(|name| wanted.value.matches(name));
            if has_run && !is_seen && self.reported.insert(test.name.value.clone()) {
                let below = self.names.iter().map(String::as_str);
                let below = below.filter(|name| name.starts_with(&format!("{top}/")));
                let help = did_you_mean(wanted.value.as_str(), below);
                let help = help.map_or_else(String::new, |help| format!("; {help}"));
                let (line, _) = self.spec.source.position(wanted.span.start);
                let place = format!("{}.proctor.toml:{line}", self.spec.source.stem());
                let what = format!("{} did not run{help}", wanted.value.as_str());
                missing.push(Missing {
                    test: top.to_owned(),
                    place,
                    report: judgement::did_not_run(self.spec, test, wanted, &what),
                    what,
                });
            }
        }
        missing
    }

    /// The runs of Go tests that the spec looks at and that were not judged yet, by beginning. A synctest bubble runs within its
    /// test under the same name, and is a part of it.
    fn runs(&mut self) -> Vec<Run> {
        let (scopes, main) = self
            .drain
            .with(|tracer: &mut Tracer| (tracer.test_runs(), tracer.main_entered()));
        // The first process that began: tests start others of the same binary.
        let process = self.process.or(main.map(|main| main.process));
        self.note(&scopes);
        let name_of = |scope: &Scope| scope.test().and_then(|test| test.name.clone());
        let around = |scope: &Scope| {
            let outer = scope.parent?;
            scopes.iter().find(|scope| scope.id == outer)
        };
        let is_part = |scope: &Scope, name: &str| {
            around(scope).is_some_and(|outer| name_of(outer).as_deref() == Some(name))
        };
        // At once, since the test around it may be forgotten before it is.
        let parts = scopes
            .iter()
            .filter(|scope| name_of(scope).is_some_and(|name| is_part(scope, &name)));
        self.judged.extend(parts.map(|scope| scope.id));
        let runs = scopes.iter().filter_map(|scope| {
            let name = name_of(scope)?;
            let is_ours = process.is_none_or(|process| process == scope.process);
            let is_meant = is_ours && !self.judged.contains(&scope.id) && self.looks_at(&name);
            is_meant.then(|| Run {
                is_outlived: scope.left.is_none()
                    && around(scope).is_some_and(|outer| outer.left.is_some()),
                scope: scope.clone(),
                name,
            })
        });
        runs.collect()
    }

    /// Judges a run, unless it was skipped.
    fn judge_run(&mut self, run: &Run) -> Result<Vec<TestReport>, SessionError> {
        if run.was_skipped() {
            self.judged.insert(run.scope.id);
            return Ok(Vec::new());
        }
        let left = self.wait_for_goroutines(run)?;
        let Flushed { loss, now } = self.drain.flush(DRAIN)?;
        self.check()?;
        let end = run.scope.left.filter(|left| *left <= now).unwrap_or(now);
        let unusable = self.drain.with(Tracer::take_unusable);
        unusable
            .sites
            .into_iter()
            .for_each(|lost| self.unusable.add(lost));
        let mut loss = loss;
        for lost in &self.unusable.sites {
            loss.add(lost.clone());
        }
        self.unknown_owners += self.drain.with(|tracer| tracer.take_unknown_owners(&loss));
        let mut reports = Vec::new();
        for test in self.tests_of(&run.name) {
            let loss = loss.within(run.scope.entered, end);
            let errors = self.wrong.as_ref();
            if let Some(errors) = errors.and_then(|errors| errors.of_test(&test.name.value)) {
                reports.push(judgement::wrong_spec(self.spec, test, errors));
                continue;
            }
            let seen = self
                .drain
                .with(|tracer| tracer.observe_test(run.scope.id, end, loss));
            let Some((mut observation, own)) = seen else {
                continue;
            };
            observation.unknown_hand_offs = self.unknown_owners;
            let ran = TestRun {
                name: run.name.clone(),
                evidence: Evidence {
                    observation,
                    scopes: vec![Ok(own)],
                    left: left.clone(),
                    ..Evidence::default()
                },
                died: None,
                setting_uses: Vec::new(),
                output: Vec::new(),
                panics: std::collections::BTreeMap::new(),
                substitutions: Vec::new(),
                dropped: trace::Dropped::default(),
            };
            let took = end.since(run.scope.entered);
            reports.push(judgement::judge(
                self.spec,
                test,
                ran,
                self.mode,
                took.into(),
            )?);
        }
        self.judged.insert(run.scope.id);
        self.forget(now);
        Ok(reports)
    }

    /// Gives what a run left running, where a test of the spec asks for that: after its `settle` at the latest.
    fn wait_for_goroutines(&self, run: &Run) -> Result<Option<Left>, SessionError> {
        let asking = self.tests_of(&run.name).filter(|test| test.left.is_some());
        let Some(settle) = asking.map(|test| test.settle).max() else {
            return Ok(None);
        };
        let end = run.scope.left.unwrap_or_default();
        loop {
            // A process that is seen to have ended has done all that it did.
            let ended = self.alive.as_ref();
            let ended = ended.is_none_or(|process| process.wait_ended(Duration::ZERO));
            let now = self.drain.catch_up(DRAIN)?;
            let running = self
                .drain
                .with(|tracer: &mut Tracer| tracer.running_of(run.scope.id));
            let since = now.since(end);
            let has_settled = Duration::from(since) > settle;
            if running.is_nothing() || has_settled || ended {
                let cut = (!has_settled).then_some(since);
                return Ok(Some(Left { running, cut }));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Forgets what no run needs that is still to be judged. Runs that begin meanwhile are among these.
    fn forget(&mut self, now: Timestamp) {
        let is_to_be_judged = |scope: &Scope| {
            let name = scope.test().and_then(|test| test.name.as_deref());
            !self.judged.contains(&scope.id) && name.is_none_or(|name| self.looks_at(name))
        };
        let scopes = self.drain.with(|tracer| {
            // Their names are gone with them.
            let scopes = tracer.test_runs();
            tracer.forget_all_but(is_to_be_judged, now);
            scopes
        });
        self.note(&scopes);
    }

    /// Forgets what no run needs that is still to be judged, for a binary whose tests are not judged for a while.
    ///
    /// # Errors
    /// Records can't be read.
    pub(crate) fn tidy(&mut self) -> Result<(), SessionError> {
        let now = self.drain.catch_up(DRAIN)?;
        self.forget(now);
        Ok(())
    }

    /// Remembers which Go tests ran, and how they ended.
    fn note(&mut self, scopes: &[Scope]) {
        for scope in scopes {
            let Some((test, name)) = scope
                .test()
                .and_then(|test| Some((test, test.name.as_ref()?)))
            else {
                continue;
            };
            if !self.names.contains(name) {
                self.names.insert(name.clone());
            }
            if scope.left.is_some() && !test.skipped && !test.failed && !self.passed.contains(name)
            {
                self.passed.insert(name.clone());
            }
        }
    }

    /// What was seen of the runtime is as it must be.
    fn check(&self) -> Result<(), SessionError> {
        let Some(process) = self.process else {
            return Ok(());
        };
        let main = self.drain.with(|tracer: &mut Tracer| tracer.main_entered());
        check_main(main, process, self.prepared.binary.release().as_str())
    }
}
