//! Work after work without privileges: records, the process and the requests are make-believe.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    path::PathBuf,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use golang::{Binary, testing};
use model::{Call, Outcome, ProcessId, Retention, SiteId, SiteLoss};
use nix::sys::signal::Signal;
use spec::{
    Span, Spanned,
    document::{Execution, Origin, Program, RequestSpec, StopSignal, Stub, Template},
};
use trace::{
    source::{Accounted, Mark},
    testing::{PROCESS, Program as Records},
};

use super::*;
use crate::{
    drive::{Context, DriveError, DriveResult, Driver, Interruption},
    session::{SelfCheck, Watch, WatchRedactions},
    target::{
        Ended, PanicReport, Ports, RaceReports, StartFailure, TargetError, TargetProcess,
        TemporaryFolder,
    },
};

/// The port that all requests come from.
const CLIENT: u16 = 4001;

/// A program that does what a test says.
struct Scene {
    records: Records,
    process: ProcessId,
    /// What the kernel would hold: records that nobody has taken.
    ring: VecDeque<Vec<u8>>,
    made: u64,
    taken: u64,
    lost: Loss,
    ended: Option<Ended>,
    output: String,
    launches: usize,
    stops: usize,
    signals: Vec<Signal>,
    /// Whether a signal ends it.
    obeys: bool,
}

type Shared = Arc<Mutex<Scene>>;

impl Scene {
    fn new() -> Shared {
        Arc::new(Mutex::new(Self {
            records: Records::new(&["f"]),
            process: PROCESS,
            ring: VecDeque::new(),
            made: 0,
            taken: 0,
            lost: Loss::default(),
            ended: None,
            output: String::new(),
            launches: 0,
            stops: 0,
            signals: Vec::new(),
            obeys: false,
        }))
    }

    /// Hits probes, now.
    fn hit(&mut self, hits: impl FnOnce(&mut Records)) {
        let records = &mut self.records;
        records.wait(clock::now().0 - records.now());
        hits(records);
        self.made += records.records.len() as u64;
        self.ring.extend(records.records.drain(..));
    }

    /// Handles a request: one call of `f`, with that text.
    fn handle(&mut self, text: &str) {
        self.hit(|records| {
            records.enter_request(50, 100, &format!("127.0.0.1:{CLIENT}"), "GET", "/");
            records.enter(50, 164, 0, text, 1);
            records.leave(50, 164, 0, "");
            records.leave_request(50, 100);
        });
    }

    fn lose(&mut self) {
        self.lost.add(SiteLoss::new(SiteId(0), None, 1));
    }
}

struct Ring(Shared);

impl RecordSource for Ring {
    type Error = Infallible;

    fn drain(&mut self, wait: Duration, sink: &mut dyn FnMut(&[u8])) -> Result<usize, Self::Error> {
        let taken: Vec<Vec<u8>> = self.0.lock().unwrap().ring.drain(..).collect();
        taken.iter().for_each(|record| sink(record));
        if taken.is_empty() {
            thread::sleep(wait.min(Duration::from_millis(1)));
        }
        self.0.lock().unwrap().taken += taken.len() as u64;
        Ok(taken.len())
    }

    fn mark(&mut self) -> Mark {
        Mark {
            time: clock::now(),
            position: self.0.lock().unwrap().made,
            counts: Vec::new(),
        }
    }

    fn mark_and_count(&mut self) -> Result<Mark, Self::Error> {
        Ok(self.mark())
    }

    fn has_passed(&self, mark: &Mark) -> bool {
        self.0.lock().unwrap().taken >= mark.position
    }

    fn loss(&mut self, _: &Mark) -> Result<Accounted, Self::Error> {
        let loss = self.0.lock().unwrap().lost.clone();
        Ok(Accounted {
            loss,
            complete: true,
        })
    }

    fn forget_loss(&mut self, _: &Mark) {
        self.0.lock().unwrap().lost = Loss::default();
    }
}

struct Target(Shared);

impl TargetProcess for Target {
    fn exited(&self) -> Option<Ended> {
        self.0.lock().unwrap().ended
    }

    fn wait_exited(&self, within: Duration) -> Option<Ended> {
        thread::sleep(within.min(Duration::from_millis(1)));
        self.exited()
    }

    fn said(&self, _: Ended) -> Vec<String> {
        let scene = self.0.lock().unwrap();
        scene.output.lines().map(str::to_owned).collect()
    }

    fn written(&self) -> u64 {
        self.0.lock().unwrap().output.len() as u64
    }

    fn output_since(&self, written: u64) -> String {
        let from = usize::try_from(written).unwrap();
        self.0.lock().unwrap().output[from..].to_owned()
    }

    fn begin_texts(&self) {}

    fn texts(&self) -> Output {
        let scene = self.0.lock().unwrap();
        let mut output = Output::default();
        output.stdout.bytes = scene.output.clone().into_bytes();
        output
    }

    fn signal(&self, signal: Signal) {
        let mut scene = self.0.lock().unwrap();
        scene.signals.push(signal);
        if scene.obeys {
            scene.ended = Some(Ended::Exited(0));
        }
    }

    fn panics(&self) -> Vec<PanicReport> {
        Vec::new()
    }

    fn take_races(&self) -> RaceReports {
        RaceReports::default()
    }

    fn stop(&mut self) -> Result<Ended, TargetError> {
        let mut scene = self.0.lock().unwrap();
        scene.stops += 1;
        Ok(scene.ended.unwrap_or(Ended::Signaled(15)))
    }
}

/// What the program does when a test's requests are sent.
type Doing = Arc<dyn Fn(&mut Scene) -> DriveResult>;

struct Requests {
    scene: Shared,
    doing: Doing,
}

impl Driver for Requests {
    fn run(&self, _: &[RequestSpec], _: &Context<'_>) -> Result<DriveResult, DriveError> {
        Ok((self.doing)(&mut self.scene.lock().unwrap()))
    }
}

/// What came back for one request.
fn exchange(answer: Answer) -> DriveResult {
    DriveResult {
        exchanges: vec![Exchange {
            // Before what the program has done.
            sent: Timestamp(clock::now().0 - 1_000_000_000),
            took: Nanoseconds(1_000_000_000),
            answer,
            ..model::testing::exchange("/", CLIENT)
        }],
        interrupted: None,
    }
}

fn answered() -> DriveResult {
    exchange(Answer::Response {
        status: 200,
        headers: Vec::new(),
        body: Vec::new(),
        truncated: false,
    })
}

fn prepared(scene: &Shared, restart: bool) -> Prepared {
    static BINARY: LazyLock<Arc<Binary>> = LazyLock::new(|| {
        let built = testing::Program::build("package main\n\nfunc main() {}\n");
        Arc::new(Binary::open(&built.binary).unwrap())
    });
    let origin = Origin::Binary(Spanned::new(PathBuf::new(), Span::default()));
    Prepared {
        watch: Watch {
            program: Program {
                restart,
                ..Program::new(origin)
            },
            folder: PathBuf::new(),
            build_environment: Vec::new(),
            stubs: vec![stub()],
            functions: Vec::new(),
            hand_offs: Vec::new(),
            server: None,
            redactions: WatchRedactions {
                values: Vec::new(),
                patterns: vec!["token-\\d+".to_owned()],
            },
        },
        path: PathBuf::new(),
        folder: PathBuf::new(),
        binary: Arc::clone(&BINARY),
        plan: Arc::new(scene.lock().unwrap().records.plan.clone()),
        returns: plan::PlannedReturns::default(),
        tls: None,
        literals: BTreeMap::new(),
        timings: Timings::default(),
        _output: None,
    }
}

fn stub() -> Stub {
    Stub {
        name: Spanned::new("site".to_owned(), Span::default()),
        answers: Vec::new(),
        routes: Vec::new(),
        has_answers: true,
        received: Vec::new(),
        upstream: None,
    }
}

/// A runner whose program begins so, and does so when requests come.
fn runner<'s>(
    scene: &Shared,
    cancel: &'s Cancel,
    restart: bool,
    begins: fn(&mut Scene),
    doing: impl Fn(&mut Scene) -> DriveResult + 'static,
) -> WorkRunner<'s> {
    let doing: Doing = Arc::new(doing);
    let launch = Box::new({
        let scene = Arc::clone(scene);
        move |_: &Prepared, _: &Stubs, _: &Start<'_>| {
            let mut inside = scene.lock().unwrap();
            inside.launches += 1;
            let launched = clock::now();
            begins(&mut inside);
            Ok(Process {
                target: Box::new(Target(Arc::clone(&scene))),
                driver: Box::new(Requests {
                    scene: Arc::clone(&scene),
                    doing: Arc::clone(&doing),
                }),
                id: inside.process,
                launched,
                ready: clock::now(),
                ports: Ports::reserve([""])?,
                race_status: 66,
                tls: None,
                folder: TemporaryFolder::create().map_err(SessionError::file("make a folder"))?,
            })
        }
    });
    let prepared = prepared(scene, restart);
    let costs = vec![Nanoseconds(1); prepared.plan.sites.len()];
    WorkRunner::begin(
        prepared,
        launch,
        Ring(Arc::clone(scene)),
        costs,
        cancel,
        None,
    )
    .unwrap()
}

/// It begins as every Go program does.
fn well(scene: &mut Scene) {
    scene.hit(|records| records.enter_main(1));
}

fn request() -> [RequestSpec; 1] {
    let target = Template { parts: Vec::new() };
    [RequestSpec::new(
        "GET",
        Spanned::new(target, Span::default()),
    )]
}

fn work<'w>(requests: &'w [RequestSpec], stubs: &'w [Stub]) -> Work<'w> {
    Work {
        name: "a test",
        workload: Workload::Requests(requests),
        before: [&[], &[]],
        cookies: false,
        stubs,
        settle: Duration::from_millis(50),
        within: Duration::from_secs(60),
        keep: Retention::Calls,
        expects_end: false,
        execution: Execution::plain(),
    }
}

fn end(ran: &TestRun) -> End {
    ran.evidence.completion.as_ref().unwrap().end
}

fn texts(ran: &TestRun) -> Vec<String> {
    let argument = |call: &Call| trace::testing::text(&call.arguments[0]);
    ran.evidence
        .observation
        .calls
        .iter()
        .map(argument)
        .collect()
}

#[test]
fn each_test_has_a_process_of_its_own_from_start_to_stop() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let mut runner = runner(&scene, &cancel, true, well, |scene| {
        scene.handle("a");
        scene.output += "said token-17\n";
        answered()
    });
    for round in 1..=2 {
        let ran = runner.run(&work(&request(), &[])).unwrap();
        assert_eq!(
            (end(&ran), texts(&ran)),
            (End::Settled, vec!["\"a\"".to_owned()])
        );
        assert_eq!(ran.evidence.scopes.len(), 1);
        assert!(ran.evidence.scopes[0].is_ok() && ran.died.is_none());
        assert_eq!(ran.output, ["said ********"]);
        let scene = scene.lock().unwrap();
        assert_eq!((scene.launches, scene.stops), (round, round));
    }
    assert_eq!(runner.stop().unwrap(), None, "nothing runs any more");
    runner.end().unwrap();
}

#[test]
fn a_shared_process_goes_on_and_each_test_sees_its_own() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let number = AtomicUsize::new(0);
    let mut runner = runner(&scene, &cancel, false, well, move |scene| {
        let number = number.fetch_add(1, Ordering::Relaxed);
        scene.handle(&number.to_string());
        scene.output += &format!("test {number}\n");
        answered()
    });
    for number in ["0", "1"] {
        let ran = runner.run(&work(&request(), &[])).unwrap();
        assert_eq!(texts(&ran), [format!("{number:?}")]);
        assert_eq!(ran.output, [format!("test {number}")]);
    }
    assert_eq!(scene.lock().unwrap().stops, 0);
    runner.stop().unwrap();
    let scene = scene.lock().unwrap();
    assert_eq!((scene.launches, scene.stops), (1, 1));
}

#[test]
fn a_shared_process_that_is_ended_is_started_anew_for_the_next_work() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let mut runner = runner(&scene, &cancel, false, well, |scene| {
        scene.handle("a");
        answered()
    });
    for round in 1..=2 {
        let ran = runner.run(&work(&request(), &[])).unwrap();
        assert_eq!(texts(&ran), ["\"a\""]);
        runner.end_process().unwrap();
        let scene = scene.lock().unwrap();
        assert_eq!((scene.launches, scene.stops), (round, round));
    }
    assert_eq!(runner.end_process().unwrap(), Races::default());
    let timings = runner.timings;
    assert!(
        !timings.start.is_zero() && !timings.work.is_zero(),
        "{timings:?}"
    );
}

#[test]
fn a_program_that_ends_early_died_unless_that_is_expected() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let mut runner = runner(&scene, &cancel, true, well, |scene| {
        scene.hit(|records| {
            records.enter_request(50, 100, &format!("127.0.0.1:{CLIENT}"), "GET", "/");
            records.enter(50, 164, 0, "a", 1);
        });
        scene.output = "going token-17\n".to_owned();
        scene.ended = Some(Ended::Exited(2));
        exchange(Answer::Failed("connection closed".to_owned()))
    });
    let ran = runner.run(&work(&request(), &[])).unwrap();
    assert_eq!(end(&ran), End::ProcessEnded);
    assert_eq!(
        ran.died.as_deref(),
        Some("the program exited with code 2 during the test; it wrote:\n  going ********")
    );
    let call = &ran.evidence.observation.calls[0];
    assert_eq!(call.outcome, Outcome::ProcessEnded);
    scene.lock().unwrap().ended = None;
    let ran = runner.run(&Work {
        expects_end: true,
        ..work(&request(), &[])
    });
    assert_eq!(ran.unwrap().died, None);
}

#[test]
fn a_program_that_ends_at_its_start_is_not_started_again_for_the_same_stubs() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let ends = |scene: &mut Scene| scene.ended = Some(Ended::Exited(1));
    let mut runner = runner(&scene, &cancel, true, ends, |_| answered());
    let error = runner.run(&work(&request(), &[])).unwrap_err();
    let at_start = StartFailure::EndedAtStart(Ended::Exited(1));
    assert!(
        matches!(
            &error,
            SessionError::Target(TargetError::NotReady { failure, .. }) if *failure == at_start
        ),
        "{error}"
    );
    let error = runner.run(&work(&request(), &[])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not started again: the program exited with code 1 before its runtime.main began"
    );
    assert_eq!(scene.lock().unwrap().launches, 1);
    // With another stub it may do something else.
    assert!(runner.run(&work(&request(), &[stub()])).is_err());
    assert_eq!(scene.lock().unwrap().launches, 2);
}

#[test]
fn the_main_goroutine_must_be_the_launched_process_s_first() {
    for (begins, wrong) in [
        (
            (|scene| scene.hit(|records| records.enter_main(7))) as fn(&mut Scene),
            SelfCheck::Goroutine(model::Goid(7)),
        ),
        (
            |scene| {
                well(scene);
                scene.process = ProcessId(9);
            },
            SelfCheck::Process {
                launched: ProcessId(9),
                seen: PROCESS,
            },
        ),
    ] {
        let (scene, cancel) = (Scene::new(), Cancel::default());
        let mut runner = runner(&scene, &cancel, true, begins, |_| answered());
        let error = runner.run(&work(&request(), &[])).unwrap_err();
        assert!(
            matches!(&error, SessionError::SelfCheck(check) if *check == wrong),
            "{error}"
        );
    }
}

#[test]
fn what_is_lost_is_held_against_the_test_in_which_it_was() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let loses_at_start = |scene: &mut Scene| {
        well(scene);
        scene.lose();
    };
    let number = AtomicUsize::new(0);
    let mut runner = runner(&scene, &cancel, false, loses_at_start, move |scene| {
        scene.handle("a");
        if number.fetch_add(1, Ordering::Relaxed) == 1 {
            scene.lose();
        }
        answered()
    });
    let lost: Vec<u64> = (0..3)
        .map(|_| runner.run(&work(&request(), &[])).unwrap())
        .map(|ran| ran.evidence.observation.loss.total())
        .collect();
    assert_eq!(lost, [0, 1, 0]);
}

#[test]
fn a_test_ends_when_its_time_is_over() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let mut runner = runner(&scene, &cancel, true, well, |scene| {
        scene.hit(|records| {
            records.enter_request(50, 100, &format!("127.0.0.1:{CLIENT}"), "GET", "/");
            records.create(50, 60, 0x10);
            records.leave_request(50, 100);
        });
        answered()
    });
    let ran = runner.run(&work(&request(), &[])).unwrap();
    assert_eq!(
        (end(&ran), ran.evidence.timed_out),
        (End::SettlePassed, false)
    );
    let running = &ran.evidence.completion.as_ref().unwrap().running;
    assert_eq!(running.goroutines.len(), 1, "which the request began");
    // The test's own limit comes first.
    let ran = runner.run(&Work {
        within: Duration::from_millis(20),
        settle: Duration::from_secs(60),
        ..work(&request(), &[])
    });
    assert_eq!(end(&ran.unwrap()), End::Deadline);
}

#[test]
fn a_test_whose_requests_take_too_long_timed_out() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let mut runner = runner(&scene, &cancel, true, well, |_| DriveResult {
        interrupted: Some(Interruption::Deadline),
        ..exchange(Answer::TimedOut)
    });
    let ran = runner.run(&work(&request(), &[])).unwrap();
    assert_eq!((end(&ran), ran.evidence.timed_out), (End::Deadline, true));
}

#[test]
fn a_run_that_is_cancelled_leaves_nothing_running() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let signal = cancel.clone();
    let mut runner = runner(&scene, &cancel, false, well, move |_| {
        signal.set();
        answered()
    });
    let error = runner.run(&work(&request(), &[])).unwrap_err();
    assert!(matches!(error, SessionError::Cancelled));
    assert_eq!(scene.lock().unwrap().stops, 1);
}

#[test]
fn a_command_is_watched_from_its_first_call_to_its_end() {
    let (scene, cancel) = (Scene::new(), Cancel::default());
    let works = |scene: &mut Scene| {
        well(scene);
        scene.hit(|records| {
            records.enter(1, 100, 0, "a", 1);
            records.leave(1, 100, 0, "");
        });
        scene.output = "done\n".to_owned();
        scene.ended = Some(Ended::Exited(0));
    };
    let mut runner = runner(&scene, &cancel, true, works, |_| answered());
    let ran = runner
        .run(&Work {
            workload: Workload::Command,
            expects_end: true,
            ..work(&[], &[])
        })
        .unwrap();
    assert_eq!(
        (end(&ran), texts(&ran)),
        (End::ProcessEnded, vec!["\"a\"".to_owned()])
    );
    assert_eq!(ran.output, ["done"]);
}

/// A test that ends the program with a signal.
fn stopping() -> Execution {
    Execution {
        stop: Some(Spanned::new(StopSignal::Term, Span::default())),
        ..Execution::default()
    }
}

#[test]
fn a_program_that_is_told_to_end_is_awaited_and_its_end_is_no_error() {
    let scene = Scene::new();
    scene.lock().unwrap().obeys = true;
    let cancel = Cancel::default();
    let mut runner = runner(&scene, &cancel, true, well, |_| DriveResult::default());
    let (requests, execution) = (request(), stopping());
    let ran = runner
        .run(&Work {
            execution: &execution,
            ..work(&requests, &[])
        })
        .unwrap();
    assert_eq!(scene.lock().unwrap().signals, [Signal::SIGTERM]);
    assert_eq!(end(&ran), End::ProcessEnded);
    assert!(ran.died.is_none() && !ran.evidence.timed_out);
    let ending = ran.evidence.ending.unwrap();
    assert_eq!(ending.exit, Some(model::Exit::Code(0)));
    assert!(ending.signalled.is_some());
}

#[test]
fn a_program_that_outlives_the_signal_has_no_more_time_than_the_test() {
    let scene = Scene::new();
    let cancel = Cancel::default();
    let mut runner = runner(&scene, &cancel, true, well, |_| DriveResult::default());
    let (requests, execution) = (request(), stopping());
    let ran = runner
        .run(&Work {
            execution: &execution,
            within: Duration::from_millis(80),
            ..work(&requests, &[])
        })
        .unwrap();
    assert_eq!(end(&ran), End::Deadline);
    assert!(ran.evidence.timed_out);
    let ending = ran.evidence.ending.unwrap();
    assert!(ending.exit.is_none() && ending.signalled.is_some());
}

#[test]
fn a_program_that_has_ended_is_sent_no_signal() {
    let scene = Scene::new();
    let cancel = Cancel::default();
    let mut runner = runner(&scene, &cancel, true, well, |scene| {
        scene.ended = Some(Ended::Exited(2));
        DriveResult::default()
    });
    let (requests, execution) = (request(), stopping());
    let ran = runner
        .run(&Work {
            execution: &execution,
            ..work(&requests, &[])
        })
        .unwrap();
    assert!(scene.lock().unwrap().signals.is_empty());
    let ending = ran.evidence.ending.unwrap();
    assert_eq!(
        (ending.exit, ending.signalled),
        (Some(model::Exit::Code(2)), None)
    );
}
