//! One spec holds for a program whatever Go release builds it: the same verdicts, the same snapshots.

use std::path::Path;

use goproctor::spec;
use goproctor_tests::{command, go::NEWEST, harness::Test, live};

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
fn pass_alike(name: &str, releases: &[&str]) {
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

fn verdicts(name: &str, release: &str) -> Vec<String> {
    let folder = command::repository().join("testdata");
    let path = Path::new(&folder).join(format!("{name}.proctor.toml"));
    let spec = spec::read(&path).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    let mut verdicts = Vec::new();
    live::run(&spec, release, live::RING_BYTES, &mut |tested| {
        verdicts.extend(tested.verdicts());
    })
    .unwrap_or_else(|error| panic!("{name}, {release}: {}", live::reason(&error)));
    assert!(!verdicts.is_empty());
    verdicts
}
