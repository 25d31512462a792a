//! A short run of every fuzz target: over its corpus, and over mutations of it that are the same on every run. `make
//! fuzz` runs them for long.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test may fail loudly"
)]

use std::{fs, path::PathBuf};

use goproctor_tests::fuzz::{TARGETS, target};

/// How many mutations of each file of the corpus are tried.
const MUTATIONS: u64 = 40;

/// The corpus of a target: each file once was worth keeping.
fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testdata/fuzz");
    let mut files: Vec<_> = fs::read_dir(folder.join(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has a corpus");
    files
        .into_iter()
        .map(|path| {
            let bytes = fs::read(&path).unwrap();
            (path, bytes)
        })
        .collect()
}

/// Bytes with a few changes: flipped, cut, doubled, put in from elsewhere.
fn mutated(bytes: &[u8], random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.usize(..4) {
        let at = random.usize(..bytes.len().max(1));
        let length = random.usize(..17).min(bytes.len() - at);
        match random.usize(..5) {
            0 if !bytes.is_empty() => bytes[at] = random.u8(..),
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let part = bytes[at..at + length].to_vec();
                bytes.splice(at..at, part);
            }
            3 => {
                let part: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
                bytes.splice(at..at, part);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn run(name: &str) {
    let holds = target(name).unwrap().holds;
    let mut random = fastrand::Rng::with_seed(0x5eed);
    for (path, bytes) in corpus(name) {
        println!("{}", path.display());
        holds(&bytes);
        for _ in 0..MUTATIONS {
            holds(&mutated(&bytes, &mut random));
        }
    }
}

#[test]
fn binaries() {
    run("binaries");
}

#[test]
fn chunks() {
    run("chunks");
}

#[test]
fn paths() {
    run("paths");
}

#[test]
fn recordings() {
    run("recordings");
}

#[test]
fn records() {
    run("records");
}

#[test]
fn snapshots() {
    run("snapshots");
}

#[test]
fn specs() {
    run("specs");
}

#[test]
fn every_target_has_a_test() {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    assert_eq!(
        names,
        [
            "binaries",
            "chunks",
            "paths",
            "recordings",
            "records",
            "snapshots",
            "specs"
        ]
    );
}
