//! Live tests through the library: real programs, real probes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]

mod attached;
mod audit;
mod builds;
mod causality;
mod copies;
mod crashes;
mod differences;
mod documents;
mod ends;
mod go_map;
mod go_map_since;
mod go_test;
mod go_test_artifacts;
mod go_test_http2;
mod go_test_room;
mod go_test_surroundings;
mod go_test_tree;
mod go_test_verdicts;
mod go_test_ways;
mod goroutines;
mod hand_off;
mod http2;
mod jobs;
mod kernels;
mod loss;
mod matrix;
mod mutation;
mod oracle;
mod outcomes;
mod races;
mod recorded_stubs;
mod releases;
mod requests;
mod saturation;
mod secrets;
mod service;
mod snapshots;
mod third_party;
mod torture;
mod traced;
mod upgrade;
mod values;
mod watch;
mod wild;

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(ends::asked::ASK) {
        return ends::asked::answer();
    }
    goproctor_tests::harness::main(
        &[
            causality::TESTS,
            copies::TESTS,
            crashes::TESTS,
            differences::TESTS,
            documents::TESTS,
            attached::TESTS,
            audit::TESTS,
            builds::TESTS,
            ends::TESTS,
            go_map::TESTS,
            go_map_since::TESTS,
            go_test::TESTS,
            go_test_artifacts::TESTS,
            go_test_http2::TESTS,
            go_test_room::TESTS,
            go_test_surroundings::TESTS,
            go_test_tree::TESTS,
            go_test_verdicts::TESTS,
            go_test_ways::TESTS,
            goroutines::TESTS,
            hand_off::TESTS,
            http2::TESTS,
            jobs::TESTS,
            kernels::TESTS,
            loss::TESTS,
            matrix::TESTS,
            oracle::TESTS,
            outcomes::TESTS,
            races::TESTS,
            recorded_stubs::TESTS,
            releases::TESTS,
            requests::TESTS,
            saturation::TESTS,
            secrets::TESTS,
            service::TESTS,
            snapshots::TESTS,
            third_party::TESTS,
            torture::TESTS,
            traced::TESTS,
            upgrade::TESTS,
            values::TESTS,
            watch::TESTS,
            wild::TESTS,
        ]
        .concat(),
    )
}
