//! Recordings are written and replayed; damaged ones are refused with the reason.

use std::{fs, path::PathBuf, time::Duration};

use model::{
    Address, Answer, Carried, Completion, End, Exchange, Forwarded, Gap, Loss, Missed, Nanoseconds,
    ProbeKind, Received, Running, SiteId, SiteLoss, StubUse, Timestamp, testing,
};
use tempfile::TempDir;

use super::{
    Header, LineError, ProcessExit, Recording, RecordingError, SpecText, TestBegin, TestEnd,
};
use crate::{
    RecordSource,
    record::Record,
    testing::{PROCESS, Program, lines, observe},
};

/// A process that serves two tests: the second sees a straggler of the first.
fn program() -> (Program, usize) {
    let mut program = Program::new(&["handler", "worker"]);
    program.enter_request(50, 100, "127.0.0.1:4000", "GET", "/a");
    program.enter(50, 164, 0, "Gopher", 1);
    program.create(50, 51, 0x1234);
    program.leave(50, 164, 0, "one");
    program.leave_request(50, 100);
    let first = program.records.len();
    program.wait(100);
    program.enter(51, 100, 1, "late", 2);
    program.leave(51, 100, 1, "two");
    program.enter(1, 100, 1, "", 3);
    (program, first)
}

fn header(program: &Program) -> Header {
    let spec = SpecText {
        name: "site.proctor.toml".to_owned(),
        text: "[program]\n".to_owned(),
        used: Vec::new(),
    };
    Header::new(program.plan.clone(), program.costs.clone(), Some(spec))
}

fn begin(name: &str, fresh_process: bool) -> TestBegin {
    TestBegin {
        name: name.to_owned(),
        fresh_process,
    }
}

/// Three hits, two of them with a place.
fn lost() -> SiteLoss {
    let mut lost = SiteLoss::new(SiteId(1), None, 3);
    lost.probes = vec![ProbeKind::GoroutineCreated];
    lost.gaps = vec![Gap {
        first: 4,
        last: 5,
        lost: 2,
        after: Some(Timestamp(20)),
        before: None,
    }];
    lost
}

fn first_end() -> TestEnd {
    TestEnd {
        window: (Timestamp(1), Timestamp(99)),
        races: None,
        output: None,
        ending: None,
        substitutions: vec![("40001".to_owned(), "${port}".to_owned())],
        loss: Loss {
            sites: vec![lost()],
        },
        exchanges: vec![Exchange {
            sent: Timestamp(5),
            took: Nanoseconds(60),
            answer: Answer::Response {
                status: 200,
                headers: vec![("server".to_owned(), "x".to_owned())],
                body: b"\xffbody".to_vec(),
                truncated: false,
            },
            ..testing::exchange("/a", 4000)
        }],
        stubs: vec![StubUse {
            name: "site".to_owned(),
            requests: vec!["GET /".to_owned()],
            unanswered: vec![0],
            received: vec![Received {
                method: "GET".to_owned(),
                target: "/?a=1".to_owned(),
                headers: vec![("accept".to_owned(), "*/*".to_owned())],
                body: b"\xffbody".to_vec(),
                truncated: true,
            }],
            forwarded: vec![Forwarded {
                round: 3,
                method: "GET".to_owned(),
                path: "/".to_owned(),
                answer: Answer::TimedOut,
            }],
        }],
        carried: Carried {
            missed: vec![Missed {
                entry: 1,
                name: "id".to_owned(),
                found: "nothing".to_owned(),
            }],
            notes: vec!["a cookie".to_owned()],
        },
        timed_out: false,
        completion: Some(Completion {
            end: End::SettlePassed,
            after: Nanoseconds(30),
            limit: Nanoseconds(25),
            running: Running {
                requests: vec!["GET /a".to_owned()],
                ..Running::default()
            },
        }),
        functions: [(Address(0x1234), "main.handler.func1".to_owned())].into(),
    }
}

fn second_end() -> TestEnd {
    TestEnd {
        window: (Timestamp(100), Timestamp(999)),
        ..TestEnd::default()
    }
}

fn recorded() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site.recording.jsonl");
    let (program, first) = program();
    let mut writer = Recording::write(&path, &header(&program)).unwrap();
    writer.begin_test(&begin("first", true)).unwrap();
    for record in &program.records[..first] {
        writer.record(record).unwrap();
    }
    writer.end_test(&first_end()).unwrap();
    writer.begin_test(&begin("second", false)).unwrap();
    for record in &program.records[first..] {
        writer.record(record).unwrap();
    }
    writer.record(b"no record").unwrap();
    writer.process_ended(PROCESS, Timestamp(500)).unwrap();
    writer.end_test(&second_end()).unwrap();
    writer.finish().unwrap();
    (folder, path)
}

#[test]
fn what_is_written_is_read_again() {
    let (_folder, path) = recorded();
    let recording = Recording::open(&path).unwrap();
    let (program, _) = program();
    assert_eq!(recording.header(), &header(&program));
    let tests: Vec<_> = recording
        .tests()
        .iter()
        .map(|test| (&test.begin, &test.end))
        .collect();
    assert_eq!(
        tests,
        [
            (&begin("first", true), &first_end()),
            (&begin("second", false), &second_end())
        ]
    );
}

#[test]
fn a_replay_sees_what_was_seen() {
    let (_folder, path) = recorded();
    let recording = Recording::open(&path).unwrap();
    let (program, first) = program();
    let mut live = program.tracer_with_edges();
    let (from, to) = first_end().window;
    let expected = live.observe(from, to, first_end().loss);

    let seen = recording.observe(0).unwrap();
    assert_eq!(seen.calls, expected.calls);
    assert_eq!(seen.scopes, expected.scopes);
    assert_eq!(seen.loss.total(), 3);
    assert_eq!(seen.hits, expected.hits);
    let child = seen
        .goroutines
        .iter()
        .find(|goroutine| goroutine.goid.0 == 51)
        .unwrap();
    assert_eq!(child.function.as_deref(), Some("main.handler.func1"));

    let seen = recording.observe(1).unwrap();
    assert_eq!(
        lines(&seen),
        [
            r#"0 g51 worker("late", 2) -> "two" returned for r0"#,
            r#"1 g1 worker("", 3) processended"#,
        ]
    );
    assert_eq!(seen.loss.total(), 1, "the bytes that are no record");

    let mut raw = Vec::new();
    let mut replay = recording.replay(0).unwrap();
    let drained = replay
        .drain(Duration::ZERO, &mut |bytes| raw.push(bytes.to_vec()))
        .unwrap();
    assert_eq!((drained, raw.len()), (first, first));
    let mut tracer = Program::new(&["handler", "worker"]).tracer();
    for bytes in &raw {
        tracer.feed(bytes).unwrap();
    }
    assert_eq!(observe(&mut tracer).calls, program_calls(first));
}

fn program_calls(first: usize) -> Vec<model::Call> {
    let (mut program, _) = program();
    program.records.truncate(first);
    program.observe().calls
}

#[test]
fn what_comes_between_two_tests_belongs_to_the_second_if_its_process_goes_on() {
    for fresh_process in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("site.recording.jsonl");
        let (program, first) = program();
        let mut writer = Recording::write(&path, &header(&program)).unwrap();
        writer.begin_test(&begin("first", true)).unwrap();
        writer.end_test(&first_end()).unwrap();
        for record in &program.records[..first] {
            writer.record(record).unwrap();
        }
        writer.process_ended(PROCESS, Timestamp(500)).unwrap();
        writer.begin_test(&begin("second", fresh_process)).unwrap();
        writer.end_test(&second_end()).unwrap();
        writer.record(b"after the last").unwrap();
        writer.finish().unwrap();

        let recording = Recording::open(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let kept = if fresh_process { 0 } else { first + 1 };
        assert_eq!(text.lines().count(), 1 + 4 + kept + 1);
        assert_eq!(recording.tests().len(), 2);
    }
}

#[test]
fn a_source_stops_where_a_process_ended() {
    let (_folder, path) = recorded();
    let recording = Recording::open(&path).unwrap();
    let mut replay = recording.replay(1).unwrap();
    let mark = replay.mark();
    assert!(!replay.has_passed(&mark), "nothing was handed out");
    let mut times = Vec::new();
    let mut sink =
        |bytes: &[u8]| times.push(Record::parse(bytes).ok().map(|record| record.time().0));
    assert_eq!(replay.drain(Duration::ZERO, &mut sink).unwrap(), 4);
    assert_eq!(times, [Some(160), Some(170), Some(180), None]);
    let exit = ProcessExit {
        process: PROCESS,
        time: Timestamp(500),
    };
    assert_eq!(replay.take_exit(), Some(exit));
    assert_eq!(replay.drain(Duration::ZERO, &mut |_| {}).unwrap(), 0);
    assert_eq!(replay.take_exit(), None);
    assert_eq!(mark.time, Timestamp(999), "the end of the test's window");
    assert!(replay.has_passed(&mark));
    assert_eq!(replay.loss(&mark).unwrap().loss, Loss::default());
}

#[test]
fn a_test_that_did_not_end_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.jsonl");
    let (program, _) = program();
    let mut writer = Recording::write(&path, &header(&program)).unwrap();
    for name in ["could not be run", "was run", "was cancelled"] {
        writer.begin_test(&begin(name, true)).unwrap();
        for record in &program.records {
            writer.record(record).unwrap();
        }
        if name == "was run" {
            writer.end_test(&first_end()).unwrap();
        }
    }
    writer.finish().unwrap();
    let recording = Recording::open(&path).unwrap();
    let names = recording
        .tests()
        .iter()
        .map(|test| test.begin.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["was run"]);
    assert!(!recording.observe(0).unwrap().calls.is_empty());
}

#[test]
fn an_unfinished_recording_leaves_nothing_and_spoils_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kept.jsonl");
    fs::write(&path, "older").unwrap();
    let (program, _) = program();
    let mut writer = Recording::write(&path, &header(&program)).unwrap();
    writer.begin_test(&begin("cut short", true)).unwrap();
    drop(writer);
    assert_eq!(fs::read(&path).unwrap(), b"older");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let nowhere = folder.path().join("missing/x.jsonl");
    assert!(matches!(
        Recording::write(&nowhere, &header(&program)),
        Err(RecordingError::Io { .. })
    ));
}

#[test]
fn a_recording_that_was_cut_anywhere_is_refused() {
    let (_folder, path) = recorded();
    let whole = fs::read(&path).unwrap();
    for end in (0..whole.len()).rev().step_by(7) {
        fs::write(&path, &whole[..end]).unwrap();
        match Recording::open(&path) {
            Err(
                RecordingError::NotARecording { .. }
                | RecordingError::Line {
                    error: LineError::Truncated,
                    ..
                },
            ) => {}
            other => panic!("cut at {end}: {other:?}"),
        }
    }
}

/// Opens and replays everything.
fn read_all(path: &std::path::Path) -> Result<(), RecordingError> {
    let recording = Recording::open(path)?;
    for index in 0..recording.tests().len() {
        recording.observe(index)?;
    }
    Ok(())
}

fn error_of(path: &std::path::Path, text: &str) -> String {
    fs::write(path, text).unwrap();
    let error = read_all(path).unwrap_err().to_string();
    error.replace(path.to_str().unwrap(), "FILE")
}

#[test]
fn damage_is_reported_with_its_line() {
    let (_folder, path) = recorded();
    let whole = fs::read_to_string(&path).unwrap();
    let edit = |line: usize, change: &dyn Fn(&str) -> String| {
        let lines = whole.lines().enumerate();
        let lines = lines.map(|(at, text)| match at + 1 == line {
            true => change(text),
            false => text.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    };
    let errors = [
        edit(1, &|text| text.replace("recording\":2", "recording\":3")),
        edit(1, &|text| text.replace("hit_costs", "hit_prices")),
        edit(2, &|_| String::new()),
        edit(3, &|text| text.replace("record", "rekord")),
        edit(4, &|_| r#"{"record":"AAA?"}"#.to_owned()),
        edit(4, &|_| r#"{"record":"AAAA"}"#.to_owned()),
        edit(8, &|_| r#"{"record":"AAAA"}"#.to_owned()),
        edit(9, &|_| r#"{"exit":{"process":1,"time":2}}"#.to_owned()),
        whole.replace(r#"{"tests":2}"#, r#"{"tests":3}"#),
        whole.clone() + "{}\n",
        "hello\n".to_owned(),
    ];
    let errors: Vec<String> = errors.iter().map(|text| error_of(&path, text)).collect();
    insta::assert_snapshot!(errors.join("\n"));
    assert!(matches!(
        Recording::open(&path.with_extension("missing")),
        Err(RecordingError::Io { .. })
    ));
}

#[test]
fn random_damage_never_panics() {
    let (_folder, path) = recorded();
    let whole = fs::read(&path).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut next = move || random.usize(..);
    let mut refused = 0;
    for _ in 0..500 {
        let mut damaged = whole.clone();
        for _ in 0..=next() % 4 {
            let at = next() % damaged.len();
            damaged[at] = next().to_le_bytes()[0];
        }
        fs::write(&path, &damaged).unwrap();
        refused += usize::from(read_all(&path).is_err());
    }
    assert!(refused > 200, "{refused}");
}
