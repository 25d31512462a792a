//! One spec holds for a program whatever Go release builds it: the same verdicts, the same snapshots.

use std::fs;

use goproctor_tests::{command, go::NEWEST, harness::Test, live};
use spec::Spec;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("the_tour_passes_with_every_release", tour),
    ("every_kind_of_function_has_one_name_on_all_releases", names),
    ("generic_functions_have_one_name_on_all_releases", generics),
];

fn tour() {
    let releases = ["go1.15.15", "go1.16.15", "go1.17.13", "go1.22.12", NEWEST];
    pass_alike("tour", &releases);
}

fn names() {
    pass_alike("names", &["go1.16.15", "go1.17.13", "go1.22.12", NEWEST]);
}

fn generics() {
    pass_alike("generics", &["go1.18.10", NEWEST]);
}

/// All expectations hold, the committed snapshots among them, and are the same on each release.
pub(crate) fn pass_alike(name: &str, releases: &[&str]) {
    let mut told: Vec<(&str, Vec<String>)> = Vec::new();
    for release in releases {
        told.push((release, verdicts(name, release)));
    }
    let (first, expected) = &told[0];
    for (release, verdicts) in &told {
        for verdict in verdicts {
            assert!(
                verdict.ends_with(": passed"),
                "{name}, {release}: {verdict}"
            );
        }
        assert_eq!(verdicts, expected, "{name}: {release} against {first}");
    }
}

/// The tour's expectations hold on a release, its snapshots among them, but for its bounds on time: an emulated machine
/// is slow.
pub(crate) fn tour_passes_whatever_the_time(release: &str) {
    let path = command::repository().join("testdata/tour.proctor.toml");
    let mut text = fs::read_to_string(&path).unwrap();
    for bound in [
        r#"took    = "< 50ms""#,
        r#"latency = { handler = ["p50 < 50ms", "max < 500ms"] }"#,
        r#", gap = "< 20ms""#,
    ] {
        assert!(text.contains(bound), "the tour has no {bound} any more");
        text = text.replace(bound, "");
    }
    let source = spec::Source::new(path, text);
    let spec = spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    for verdict in verdicts_of(&spec, release) {
        assert!(verdict.ends_with(": passed"), "{release}: {verdict}");
    }
}

fn verdicts(name: &str, release: &str) -> Vec<String> {
    let folder = command::repository().join("testdata");
    let path = folder.join(format!("{name}.proctor.toml"));
    let spec = spec::read(&path).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    verdicts_of(&spec, release)
}

fn verdicts_of(spec: &Spec, release: &str) -> Vec<String> {
    let mut verdicts = Vec::new();
    live::run(spec, release, live::RING_BYTES, &mut |tested| {
        verdicts.extend(tested.verdicts());
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
    assert!(!verdicts.is_empty());
    verdicts
}
