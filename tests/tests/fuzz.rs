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

/// Numbers that are the same on every run (xorshift64*, Vigna 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// Bytes with a few changes: flipped, cut, doubled, put in from elsewhere.
fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        let length = random.below(17).min(bytes.len() - at);
        match random.below(5) {
            0 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            1 => drop(bytes.drain(at..at + length)),
            2 => {
                let part = bytes[at..at + length].to_vec();
                bytes.splice(at..at, part);
            }
            3 => {
                let part: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
                bytes.splice(at..at, part);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn run(name: &str) {
    let holds = target(name).unwrap().holds;
    let mut random = Random(0x5eed);
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
