//! A ring that is too small on purpose: what was received and what was lost are what was made, of every probe, and a
//! test that needed what was lost is not decided.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use goproctor::{
    report::TestOutcome,
    session::{LiveOptions, RecordTo},
};
use goproctor_ebpf::RecordHeader;
use goproctor_tests::{command, go::NEWEST, harness::Test, live};
use judge::expect::Finding;
use model::{Loss, ProbeKind, SiteId, plan::Plan};
use serde_json::Value as Json;
use spec::Spec;
use trace::{recording::Recording, source::RecordSource};
use zerocopy::FromBytes;

pub(crate) const TESTS: &[Test<'static>] = &[
    (
        "loss_and_what_came_are_all_that_was_made",
        all_that_was_made,
    ),
    ("loss_that_was_needed_is_exit_code_four", exit_code_four),
];

/// The smallest ring that there is: four large records.
const SMALLEST_RING: u32 = 64 << 10;
const ROUNDS: usize = 20;
const CALLS: u64 = 500;
const GOROUTINES: u64 = 4;

/// The flood's own spec: so many tests, each with a process of its own, whose count is written to a file.
fn flood(rounds: usize, log: &Path) -> Spec {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../go-fixtures/base/flood/flood.proctor.toml");
    let source = spec::Source::new(path, text(rounds, log, "."));
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

fn text(rounds: usize, log: &Path, package: &str) -> String {
    let mut text = format!(
        r#"
[program]
package = "{package}"
args = ["-calls={CALLS}", "-goroutines={GOROUTINES}", "-log={}"]

[functions]
quiet = "main.Quiet"
take = "main.Take"

[limits]
elements = 64
"#,
        log.display()
    );
    for round in 1..=rounds {
        text.push_str(&format!(
            r#"
[[test]]
name = "round {round}"
count = {{ quiet = 5, take = {} }}
"#,
            CALLS * GOROUTINES
        ));
    }
    text
}

/// What a round brought.
struct Round {
    loss: Loss,
    /// What the program says that it made: of `Quiet` and of `Take`.
    made: [u64; 2],
}

fn all_that_was_made() {
    let folder = open_folder();
    let log = folder.path().join("made.json");
    let recording = folder.path().join("flood.jsonl");
    let flood = flood(ROUNDS, &log);
    let options = LiveOptions {
        ring_bytes: SMALLEST_RING,
        record: Some(RecordTo {
            path: recording.clone(),
            spec: flood.source.clone(),
        }),
    };
    let mut rounds: Vec<Round> = Vec::new();
    let run = live::run_with(&flood, NEWEST, &options, &mut |tested| {
        let made: Json = serde_json::from_slice(&fs::read(&log).unwrap()).unwrap();
        assert_eq!(tested.report.outcome(), TestOutcome::Inconclusive);
        judged(&tested.report.verdicts);
        let loss = tested.evidence().observation.loss.clone();
        assert!(loss.total() > 0, "the ring is too small for a flood");
        rounds.push(Round {
            loss,
            made: ["quiet", "taken"].map(|key| made[key].as_u64().unwrap()),
        });
    });
    run.unwrap_or_else(|error| panic!("{}", live::reason(&error)));
    let recording = Recording::open(&recording).unwrap();
    assert_eq!((rounds.len(), recording.tests().len()), (ROUNDS, ROUNDS));
    let mut lost = Vec::new();
    for (index, round) in rounds.iter().enumerate() {
        let received = received(&recording, index);
        accounted(&recording.header().plan, round, &received, index);
        lost.push(round.loss.total());
    }
    println!("lost by round: {lost:?}");
}

/// What needed a lost hit is not decided, what did not stands.
fn judged(verdicts: &[judge::expect::Verdict]) {
    let of = |word: &str| verdicts.iter().find(|v| v.subject.contains(word)).unwrap();
    match &of("take").finding {
        Finding::Inconclusive(why) => {
            let reason = why.to_string();
            assert!(
                reason.contains("lost (") && reason.contains("main.Take entry"),
                "{reason}"
            );
            assert!(why.advice().unwrap().contains("--ring"));
        }
        other => panic!("{other:?}"),
    }
    match &of("quiet").finding {
        Finding::Passed { basis } => assert!(basis.contains("but not needed"), "{basis}"),
        other => panic!("{other:?}"),
    }
}

/// The numbers of the hits that were received of each site.
fn received(recording: &Recording, index: usize) -> BTreeMap<SiteId, Vec<u64>> {
    let mut numbers: BTreeMap<SiteId, Vec<u64>> = BTreeMap::new();
    let mut replay = recording.replay(index).unwrap();
    let mut take = |bytes: &[u8]| {
        let (header, _) = RecordHeader::read_from_prefix(bytes).unwrap();
        numbers
            .entry(SiteId(header.site))
            .or_default()
            .push(header.hit);
    };
    // A process's end interrupts it.
    while replay.drain(Duration::ZERO, &mut take).unwrap() > 0 || replay.take_exit().is_some() {}
    for numbers in numbers.values_mut() {
        numbers.sort_unstable();
        let all = numbers.len();
        numbers.dedup();
        assert_eq!(numbers.len(), all, "no hit comes twice");
    }
    numbers
}

/// Received and lost are made, of every probe of the program's functions.
fn accounted(plan: &Plan, round: &Round, received: &BTreeMap<SiteId, Vec<u64>>, index: usize) {
    let received_of = |site: SiteId| {
        received
            .get(&site)
            .map_or(0, |numbers| numbers.len() as u64)
    };
    for (name, made) in [("main.Quiet", round.made[0]), ("main.Take", round.made[1])] {
        let function = plan.functions.iter().find(|f| f.name == name).unwrap().id;
        for probe in [ProbeKind::Entry, ProbeKind::Return] {
            let sites = plan.sites.iter().filter(|site| {
                let roles = site.roles.iter();
                roles
                    .clone()
                    .any(|role| role.function() == Some(function) && role.probe() == probe)
            });
            let (mut came, mut lost) = (0, 0);
            for site in sites {
                came += received_of(site.id);
                let of_site = round.loss.sites.iter().filter(|lost| lost.site == site.id);
                lost += of_site.map(|lost| lost.lost).sum::<u64>();
            }
            assert_eq!(
                came + lost,
                made,
                "round {index}: {name} {probe}: {came} came, {lost} lost"
            );
        }
    }
    for lost in &round.loss.sites {
        assert_eq!(
            lost.counted, None,
            "round {index}: the kernel counted something else: {lost:?}"
        );
        assert_eq!(lost.gaps.iter().map(|gap| gap.lost).sum::<u64>(), lost.lost);
        let came = received.get(&lost.site).map_or(&[][..], Vec::as_slice);
        for gap in lost.gaps.iter().filter(|gap| gap.is_exact()) {
            let inside = came.iter().filter(|n| (gap.first..=gap.last).contains(n));
            assert_eq!(
                inside.count(),
                0,
                "round {index}: what came is not in a gap: {gap:?}"
            );
            assert!(gap.after <= gap.before || gap.before.is_none(), "{gap:?}");
        }
    }
}

fn exit_code_four() {
    let folder = open_folder();
    let package = command::repository().join("go-fixtures/base/flood");
    let spec = folder.path().join("flood.proctor.toml");
    let text = text(
        1,
        &folder.path().join("made.json"),
        &package.display().to_string(),
    );
    fs::write(&spec, text).unwrap();
    // Counts alone need no values: all records fit into the ring.
    let counted = command::goproctor()
        .args(["run", "--ring", "1"])
        .arg(&spec)
        .output()
        .unwrap();
    assert_eq!(counted.status.code(), Some(0), "{counted:?}");
    // Calls that are shown with their values do not.
    let output = command::goproctor()
        .args(["run", "--ring", "1", "--json", "-v"])
        .arg(&spec)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{told}\n{errors}");
    let end = told
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
        .find(|event| event["event"] == "test_end")
        .unwrap();
    assert_eq!(end["outcome"], "inconclusive");
    assert_eq!(end["completion"]["end"], "process_ended");
    let losses = end["losses"].as_array().unwrap();
    let lost: u64 = losses
        .iter()
        .map(|site| site["lost"].as_u64().unwrap())
        .sum();
    assert_eq!(end["lost"], lost);
    assert!(losses.iter().any(|site| site["function"] == "main.Take"
        && site["gaps"].as_array().is_some_and(|gaps| !gaps.is_empty())));
}

/// A folder that the program may write to, whoever it runs as.
fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    folder
}
