//! Servers that others wrote: what their own functions and the standard library's are given and give back, held by
//! expectations and by snapshots of whole flows.

use goproctor_tests::{command, go::NEWEST, harness::Test, live};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("what_httpbin_does_with_requests_is_seen", httpbin),
    ("what_a_nats_server_does_with_requests_is_seen", nats),
];

/// What the snapshots were taken with: the servers' own text of a release is in some of them.
const RELEASE: &str = "go1.26.8";

fn httpbin() {
    pass("httpbin", &[RELEASE, NEWEST]);
}

fn nats() {
    pass("nats", &[RELEASE, NEWEST]);
}

/// Every expectation holds and every snapshot is as it was taken.
fn pass(name: &str, releases: &[&str]) {
    let folder = command::repository().join("go-fixtures/third-party");
    let path = folder.join(format!("{name}.proctor.toml"));
    let spec = spec::read(&path).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    assert!(
        spec.tests.iter().all(|test| test.is_held()),
        "{name}: each test has a snapshot"
    );
    for release in releases {
        let mut verdicts = Vec::new();
        live::run(&spec, release, live::RING_BYTES, &mut |tested| {
            verdicts.extend(tested.verdicts());
        })
        .unwrap_or_else(|error| panic!("{name}, {release}: {}", live::reason(&error)));
        assert!(verdicts.len() > spec.tests.len(), "{name}, {release}");
        let missed: Vec<_> = verdicts
            .iter()
            .filter(|verdict| !verdict.ends_with(": passed"))
            .collect();
        assert!(missed.is_empty(), "{name}, {release}: {missed:#?}");
    }
}
