//! Every goroutine is known by its number, by who started it and by the function that the `go` statement names, in
//! whatever way it was started. The program itself tells what is true.

use std::path::Path;

use goproctor_tests::{command, go::NEWEST, harness::Test, live};
use model::{Call, Content, Goid, Observation};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("goroutines_are_known_in_all_ways_to_start_them", base),
    ("goroutines_of_generic_functions_are_known", generic),
];

fn base() {
    for release in ["go1.16.15", "go1.17.13", "go1.18.10", "go1.22.12", NEWEST] {
        agrees("base/spawn", release, 39);
    }
}

fn generic() {
    for release in ["go1.18.10", "go1.22.12", NEWEST] {
        agrees("generics/spawn", release, 8);
    }
}

fn agrees(fixture: &str, release: &str, goroutines: usize) {
    let folder = Path::new(command::repository())
        .join("go-fixtures")
        .join(fixture);
    let text = r#"
[program]
package = "."
restart = false

[functions]
note = "main.note"

[[test]]
name = "spawn"
count = { note = { ge = 1 } }
"#;
    let source = spec::Source::new(folder.join("spawn.proctor.toml"), text);
    let spec = spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    let mut differences = Vec::new();
    let mut seen = 0;
    live::run(&spec, release, live::RING_BYTES, &mut |tested| {
        let observation = &tested.evidence().observation;
        assert_eq!(observation.loss.total(), 0, "{:?}", observation.loss);
        seen += observation.calls.len();
        differences.extend(
            observation
                .calls
                .iter()
                .filter_map(|call| difference(observation, call)),
        );
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
    println!(
        "{fixture}, {release}: {seen} goroutines, {} mismatches",
        differences.len()
    );
    assert!(
        differences.is_empty(),
        "{release}:\n{}",
        differences.join("\n")
    );
    assert_eq!(seen, goroutines);
}

/// What is not as the goroutine that made a call says of itself.
fn difference(observation: &Observation, call: &Call) -> Option<String> {
    let [function, goid, parent] = &*call.arguments else {
        panic!("{:?}", call.arguments);
    };
    let Content::Text(function) = &function.content else {
        panic!("{function:?} is no text");
    };
    let function = String::from_utf8_lossy(&function.bytes).into_owned();
    let (named, within) = match function.split_once('|') {
        Some((named, within)) => (named.to_owned(), Some(format!("{within}.gowrap"))),
        None => (function, None),
    };
    let number = |content: &Content| match content {
        Content::Uint(number) => *number,
        other => panic!("{other:?} is no number"),
    };
    let (goid, parent) = (Goid(number(&goid.content)), number(&parent.content));
    let parent = Some(parent).filter(|goid| *goid != 0).map(Goid);
    let mut goroutines = observation.goroutines.iter();
    let known = goroutines.find(|known| known.goid == call.goroutine);
    let agrees = known.is_some_and(|known| {
        let function = known.function.as_ref();
        known.goid == goid
            && known.creator == parent
            && (function == Some(&named) || (within.is_some() && function == within.as_ref()))
    });
    (!agrees).then(|| format!("{goid} of {parent:?}, {named}: seen as {known:?}"))
}
