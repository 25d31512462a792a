//! How calls stand to one another: the specs that have every word of it hold on all releases, and each word fails where
//! it is changed.

mod calls;
mod requests;

use calls::{OUTCOMES, STANDPOINTS, TIMES};
use goproctor_tests::{command, go::NEWEST};
use requests::{FLOWS, OWNERS, SEQUENCES, SERVER};

use crate::mutated::{Edits, Mutated, committed, fails_at_its_places};

/// A change of the only test whose name contains a word.
type Change = (&'static str, Edits<'static>);

/// Each change of a spec fails at its place, and what is not changed passes.
fn fails(spec: &str, release: &str, kinds: &[&[Change]]) {
    let (head, tests) = committed(spec);
    let head = head.replacen(
        "[program]",
        &format!("[program]\ntoolchain = {release:?}"),
        1,
    );
    let mut mutated = Mutated::new(head);
    for (number, test) in tests.iter().enumerate() {
        mutated.add(test, &format!("unchanged {number}"), &[]);
    }
    for (number, (word, edits)) in kinds.iter().copied().flatten().enumerate() {
        let mut named = tests.iter().filter(|test| name(test).contains(word));
        let test = named.next().unwrap_or_else(|| panic!("no test of {word}"));
        assert_eq!(named.next(), None, "{word} is one test's");
        mutated.add(test, &format!("mutation {number}, {word}"), edits);
    }
    fails_at_its_places(tempfile::tempdir().unwrap().path(), &mutated);
}

fn name(test: &str) -> &str {
    test.lines().find(|line| line.starts_with("name ")).unwrap()
}

#[test]
fn every_word_holds_on_every_release() {
    for release in ["go1.16.15", "go1.22.12", NEWEST] {
        let specs = [
            "testdata/causality.proctor.toml",
            "testdata/server.proctor.toml",
        ];
        let output = command::goproctor()
            .args(["run", "--go", release])
            .args(specs)
            .output();
        let output = output.unwrap();
        let told = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{release}: {told}");
        assert_eq!(
            told.lines().filter(|line| line.starts_with("ok ")).count(),
            19,
            "{told}"
        );
    }
}

const ALL: &[&[Change]] = &[STANDPOINTS, SEQUENCES, TIMES, OWNERS, FLOWS, OUTCOMES];

#[test]
fn every_change_fails_at_its_place_with_the_stack_abi() {
    fails("causality", "go1.16.15", ALL);
}

#[test]
fn every_change_fails_at_its_place_with_the_newest_release() {
    fails("causality", NEWEST, ALL);
}

#[test]
fn every_change_of_a_server_without_net_http_fails_at_its_place() {
    fails("server", NEWEST, &[SERVER]);
}

/// What carries the work, and who handles requests, is no test's own: here each is missing or another.
#[test]
fn what_belongs_to_no_request_fails() {
    let (head, tests) = committed("causality");
    let (before, _) = head.split_once("[hand-off]").unwrap();
    let owned = "[[test]]\nname = \"owned\"\nrequest = { get = \"/order?item=book\" }\n";
    let calls = |label: &str| format!("{owned}[test.calls.{label}]\ngoroutine = \"distinct\"\n\n");
    let folder = tempfile::tempdir().unwrap();
    for (hand_off, of_process, of_store) in [
        ("", "«process»", "«store»"),
        // Not what the pool begins with, but what that calls.
        (
            "[hand-off]\njob = { from = \"submit.o\", to = \"store.o\" }\n",
            "«process»",
            "store",
        ),
        // Nobody hands it over who belongs to a request.
        (
            "[hand-off]\njob = { from = \"process.o\", to = \"store.o\" }\n",
            "«process»",
            "«store»",
        ),
    ] {
        let mut mutated = Mutated::new(format!("{before}{hand_off}"));
        mutated.add(&calls(of_process), "process", &[]);
        mutated.add(&calls(of_store), "store", &[]);
        mutated.add(
            &tests[2].replace(r#""!announce", "store", "#, ""),
            "handler",
            &[],
        );
        fails_at_its_places(folder.path(), &mutated);
    }
}
