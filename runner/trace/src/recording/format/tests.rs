//! What is written is read again: random values of every type of the file, and the recordings that are kept.
#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::{collections::BTreeMap, fmt::Debug, fs, path::Path};

use arch::Register;
use fastrand::Rng;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};

use super::{FirstLine, Form, Header, Line, plan::Plan, test::TestEnd};
use crate::recording::contents;

/// A type of the file, of which any value may come.
pub(super) trait Random {
    fn random(random: &mut Rng) -> Self;
}

macro_rules! any {
    ($($number:ident),+) => {$(
        impl Random for $number {
            fn random(random: &mut Rng) -> Self {
                match random.u8(..4) {
                    0 => 0,
                    1 => $number::MAX,
                    _ => random.$number(..),
                }
            }
        }
    )+};
}
any!(u8, u16, u32, u64, usize, i32, i64);

impl Random for Register {
    fn random(random: &mut Rng) -> Self {
        Self::ALL[random.usize(..Self::ALL.len())]
    }
}

impl Random for bool {
    fn random(random: &mut Rng) -> Self {
        random.bool()
    }
}

/// Every integer that a key of a map in Go can be.
impl Random for i128 {
    fn random(random: &mut Rng) -> Self {
        match random.bool() {
            true => i64::random(random).into(),
            false => u64::random(random).into(),
        }
    }
}

impl Random for String {
    fn random(random: &mut Rng) -> Self {
        let length = random.usize(..6);
        (0..length).map(|_| random.char(..)).collect()
    }
}

impl<T: Random> Random for Vec<T> {
    fn random(random: &mut Rng) -> Self {
        let length = random.usize(..4);
        (0..length).map(|_| T::random(random)).collect()
    }
}

impl<T: Random> Random for Option<T> {
    fn random(random: &mut Rng) -> Self {
        random.bool().then(|| T::random(random))
    }
}

impl<T: Random> Random for Box<T> {
    fn random(random: &mut Rng) -> Self {
        Self::new(T::random(random))
    }
}

impl<T: Random, U: Random> Random for (T, U) {
    fn random(random: &mut Rng) -> Self {
        (T::random(random), U::random(random))
    }
}

impl<T: Random + Ord, U: Random> Random for BTreeMap<T, U> {
    fn random(random: &mut Rng) -> Self {
        Vec::random(random).into_iter().collect()
    }
}

/// Writes and reads again what the file makes of random values.
fn survives<M: PartialEq + Debug, F: Form<M> + Random + Serialize + DeserializeOwned>() {
    for seed in 0..200 {
        let value = F::random(&mut Rng::with_seed(seed)).value();
        let text = serde_json::to_string(&F::of(&value)).unwrap();
        let read: F = serde_json::from_str(&text).unwrap();
        assert_eq!(read.value(), value, "seed {seed}: {text}");
        // As a first line is read.
        let json: Json = serde_json::from_str(&text).unwrap();
        let read: F = serde_json::from_value(json).unwrap();
        assert_eq!(read.value(), value, "seed {seed}: {text}");
    }
}

#[test]
fn a_header_is_read_as_it_was() {
    survives::<contents::Header, Header>();
}

#[test]
fn the_end_of_a_test_is_read_as_it_was() {
    survives::<contents::TestEnd, TestEnd>();
}

/// A recording that was made keeps its meaning: what is read of it is all that is in it.
#[test]
fn what_was_recorded_is_written_again_as_it_was() {
    let again = |text: &str, written: serde_json::Result<Json>| {
        let before: Json = serde_json::from_str(text).unwrap();
        assert_eq!(before, written.unwrap(), "{:.200}", text);
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/recordings");
    for name in ["go1.16.15.recording", "go1.27.3.recording"] {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        let mut lines = text.lines();
        let first: FirstLine<Json> = serde_json::from_str(lines.next().unwrap()).unwrap();
        let header: Header = serde_json::from_value(first.header.clone()).unwrap();
        let header = Header::of(&header.value());
        assert!(
            serde_json::to_value(header).unwrap() == first.header,
            "{name}"
        );
        for text in lines {
            let line: Line<'_> = serde_json::from_str(text).unwrap();
            let line = match line {
                Line::Test(begin) => Line::Test(Form::of(&begin.value())),
                Line::End(end) => Line::End(Form::of(&end.value())),
                line => line,
            };
            again(text, serde_json::to_value(line));
        }
    }
}

#[test]
fn what_is_known_of_types_stands_beside_their_list() {
    let mut plan = model::plan::Plan::default();
    let ty = plan.types.push(model::Type {
        name: "main.Failure".to_owned(),
        size: 0,
        kind: model::Kind::Struct { fields: vec![] },
    });
    let written = |plan: &model::plan::Plan| serde_json::to_value(Plan::of(plan)).unwrap();
    let old = written(&plan);
    assert!(old["types"].is_array() && old.get("error_methods").is_none());
    let methods = model::ErrorMethods {
        unwrap: true,
        ..model::ErrorMethods::default()
    };
    plan.types.set_error_methods(ty, methods);
    let mut packages = model::PackageNames::default();
    packages.add("gopkg.in/yaml.v3", "yaml");
    plan.types.name_packages(packages);
    let new = written(&plan);
    assert_eq!(new["types"], old["types"]);
    assert_eq!(new["error_methods"], json!([[0, { "unwrap": true }]]));
    assert_eq!(new["packages"], json!({ "gopkg.in/yaml.v3": "yaml" }));
}
