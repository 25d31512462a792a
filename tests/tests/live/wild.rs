//! Names as the world has them (`go-fixtures/wild`): every call that the program writes down is seen, under the name that
//! the source gives it, whatever release built it and whoever did.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use golang::names;
use goproctor_tests::{
    command,
    go::{self, NEWEST},
    harness::Test,
    live::{self, Tested},
};
use model::{Call, Content, Observation};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("wild_names_are_all_watched_on_every_release", as_package),
    ("wild_names_of_a_binary_are_watched_or_named", as_binary),
    ("wild_names_have_one_snapshot", one_snapshot),
];

/// The first release with generics, and those between which literals' names changed.
const RELEASES: [&str; 9] = [
    "go1.15.15",
    "go1.17.13",
    "go1.18.10",
    "go1.20.14",
    "go1.21.13",
    "go1.22.12",
    "go1.24.13",
    "go1.26.8",
    NEWEST,
];

/// What does not write down its calls, by the beginnings of the names.
const SILENT: [&str; 5] = [
    "main.main",
    "main.generic",
    "go.goproctor.test/wild/account.",
    "go.goproctor.test/wild/compare.",
    "go.goproctor.test/wild/shop/v2.(*Error)",
];
/// One that is small enough to be inlined, and so does not either.
const OPTION: &str = "go.goproctor.test/wild/http-range.Option";

/// A call: the function's name by source, and its argument n; none where that was not read.
type Told = (String, Option<i64>);

fn spec(program: &str) -> spec::Spec {
    let text = format!(
        r#"
[program]
{program}
args = ["${{dir}}/account"]
restart = false

[functions]
main   = "main.*"
wild   = "go.goproctor.test/wild/*"
dep    = "go.vendored.test/*"

[[test]]
name   = "every call is seen"
within = "60s"
count  = {{ dep = {{ ge = 1 }} }}
"#
    );
    let source = spec::Source::new(
        command::repository().join("go-fixtures/wild/wild.proctor.toml"),
        text,
    );
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

fn as_package() {
    for release in RELEASES {
        run(&spec(r#"package = "./names""#), release, &mut |tested| {
            let account = account(&tested.folder);
            let seen = seen(&tested.evidence().observation);
            assert_eq!(
                seen.len(),
                account.len(),
                "{release}: {seen:?}\n{account:?}"
            );
            for ((name, n), told) in seen.iter().zip(&account) {
                let unread = n.is_none() && is_not_described(release, name);
                assert!(
                    *name == told.0 && (*n == told.1 || unread),
                    "{release}: {name} {n:?}, {told:?}"
                );
            }
            let unread = |warning: &String| {
                warning.contains("the parameters of main.(*list[")
                    && is_not_described(release, warning)
            };
            let mut warnings = tested.warnings.clone();
            warnings.retain(|warning| !unread(warning));
            assert_eq!(warnings, Vec::<String>::new(), "{release}");
        });
    }
}

fn as_binary() {
    for release in RELEASES {
        let folder = tempfile::tempdir().unwrap();
        let binary = go::build_fixture("wild", "names", release, folder.path());
        let program = format!("binary = \"{}\"", binary.display());
        run(&spec(&program), release, &mut |tested| {
            let account = by_name(account(&tested.folder));
            let seen = by_name(seen(&tested.evidence().observation));
            let warnings: Vec<_> = tested
                .warnings
                .iter()
                .map(|warning| names::without_type_arguments(warning))
                .collect();
            let said: BTreeSet<&str> = warnings
                .iter()
                .flat_map(|warning| warning.split([' ', ',']))
                .collect();
            for (name, told) in &account {
                let seen = seen.get(name).map_or(&[][..], Vec::as_slice);
                // Literals that were inlined may keep the linker's name there, after the function that holds them.
                let by_holder = ![RELEASES[0], NEWEST].contains(&release)
                    && name.contains(".func")
                    && said.iter().any(|word| word.starts_with("main.main."));
                if by_holder || said.contains(name.as_str()) {
                    assert!(
                        seen.iter().all(|n| n.is_none() || told.contains(n)),
                        "{release}: {name}"
                    );
                } else {
                    let is_told = seen == told || is_not_described(release, name);
                    assert!(
                        is_told,
                        "{release}: {name} {seen:?} {told:?}; {:?}",
                        tested.warnings
                    );
                }
            }
            for name in seen.keys() {
                assert!(account.contains_key(name), "{release}: {name}");
            }
        });
    }
}

/// Whether a release does not describe the parameters of a literal: up to Go 1.21 not those in generic methods.
fn is_not_described(release: &str, literal: &str) -> bool {
    ["go1.18.10", "go1.20.14", "go1.21.13"].contains(&release) && literal.contains("main.(*list")
}

fn one_snapshot() {
    crate::releases::pass_alike(
        "wild",
        &["go1.18.10", "go1.22.12", "go1.24.13", "go1.26.8", NEWEST],
    );
}

fn run(spec: &spec::Spec, release: &str, look: &mut dyn FnMut(&Tested)) {
    live::run(spec, release, live::RING_BYTES, &mut |tested| {
        let observation = &tested.evidence().observation;
        assert_eq!(
            observation.loss.total(),
            0,
            "{release}: {:?}",
            observation.loss
        );
        look(tested);
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
}

/// The calls that the program wrote down.
fn account(folder: &str) -> Vec<Told> {
    let text = fs::read_to_string(Path::new(folder).join("account")).unwrap();
    let told = text.lines().map(|line| {
        let (name, n) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), Some(n.parse().unwrap()))
    });
    told.collect()
}

/// The calls that were seen.
fn seen(observation: &Observation) -> Vec<Told> {
    let calls = observation.calls.iter().map(|call| {
        let function = observation.function(call.function).unwrap();
        let name = names::without_type_arguments(&function.name).into_owned();
        (name, argument(observation, call))
    });
    let is_told =
        |(name, _): &Told| name != OPTION && !SILENT.iter().any(|silent| name.starts_with(silent));
    calls.filter(is_told).collect()
}

/// The argument n; of a pair, its quantity.
fn argument(observation: &Observation, call: &Call) -> Option<i64> {
    let function = observation.function(call.function).unwrap();
    let number = |content: &Content| match content {
        Content::Int(n) => Some(*n),
        Content::Unread(_) => None,
        other => panic!("{}: {other:?}", function.name),
    };
    let arguments = function.parameters.iter().zip(&call.arguments);
    let mut wanted =
        arguments.filter(|(parameter, _)| ["n", "p"].contains(&parameter.name.as_str()));
    match wanted.next_back().map(|(_, value)| &value.content) {
        Some(Content::Struct(fields)) => number(&fields[1].content),
        Some(content) => number(content),
        None if function.parameters.is_empty() => Some(0),
        None => None,
    }
}

fn by_name(calls: Vec<Told>) -> BTreeMap<String, Vec<Option<i64>>> {
    let mut by_name: BTreeMap<String, Vec<Option<i64>>> = BTreeMap::new();
    for (name, n) in calls {
        by_name.entry(name).or_default().push(n);
    }
    by_name
}
