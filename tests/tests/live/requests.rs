//! What tests carry from request to request, and what stubs receive, against the program's own account of it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use goproctor::report::TestOutcome;
use goproctor_tests::{command::repository, go::NEWEST, harness::Test, live};
use model::{Answer, Exchange};
use spec::{Source, parse};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("what_requests_carry_on_arrives", carried),
    ("a_request_before_a_test_that_fails_is_told", before),
];

/// The stack's calling convention, and the registers'.
const RELEASES: [&str; 2] = ["go1.16.15", NEWEST];

/// Before each test of the spec.
const BEFORE: [&str; 2] = ["GET /login user=", "POST /login?ads=1 user="];

fn carried() {
    let path = repository().join("testdata/checkout.proctor.toml");
    // The program's own folder is gone when a test has ended.
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let journal = folder.path().join("journal");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("${dir}/journal", &journal.to_string_lossy());
    let spec = parse(Source::new(path, text));
    let spec = spec.unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    for release in RELEASES {
        let mut number = 0;
        let mut look = |tested: &live::Tested| {
            let verdicts = tested.verdicts().join("\n");
            assert_eq!(
                tested.report.outcome(),
                TestOutcome::Passed,
                "{release}\n{verdicts}"
            );
            let told = fs::read_to_string(&journal).unwrap();
            let _ = fs::remove_file(&journal);
            let asked: Vec<&str> = told.lines().collect();
            assert_eq!(asked[..2], BEFORE, "{release}");
            let id = saved(tested, "${id}");
            match number {
                0 | 1 => assert_eq!(asked[2..], ["GET /home user=ada"]),
                2 => assert_eq!(asked[2..], ["GET /home user="]),
                3 => {
                    let id = id.unwrap();
                    assert_eq!(
                        asked[2..],
                        [
                            "POST /orders user=ada".to_owned(),
                            format!("GET /orders/{id} user=ada"),
                            format!("POST /orders/{id}/pay user=ada"),
                        ]
                    );
                    assert_eq!(id_of(&tested.evidence().exchanges[0]), id);
                    let stub = &tested.evidence().stubs[0];
                    let charge = String::from_utf8_lossy(&stub.received[0].body);
                    assert!(charge.contains(&id), "{charge}");
                }
                _ => {
                    let id = id.unwrap();
                    assert_eq!(
                        asked[2..],
                        [
                            "POST /orders user=ada".to_owned(),
                            format!("GET /orders/{id} user=ada"),
                        ]
                    );
                }
            }
            // What came before is none of the test's.
            let evidence = tested.evidence();
            let expected = asked.len() - BEFORE.len() - usize::from(number == 4);
            assert_eq!(evidence.exchanges.len(), expected, "{release}");
            let calls = evidence.observation.calls.iter();
            let names = calls.filter_map(|call| evidence.observation.function(call.function));
            assert!(
                names
                    .into_iter()
                    .all(|function| function.name != "main.login")
            );
            let noted = evidence.carried.notes.iter();
            let noted = noted.filter(|note| note.contains("the cookie ads for ads.example"));
            let cookies = number == 0 || number > 2;
            assert_eq!(noted.count(), usize::from(cookies), "{release}");
            number += 1;
        };
        live::run(&spec, release, live::RING_BYTES, &mut look)
            .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
        assert_eq!(number, spec.tests.len());
    }
}

/// The value that was saved under a placeholder.
fn saved(tested: &live::Tested, placeholder: &str) -> Option<String> {
    let pairs = tested.report.substitutions.iter();
    let mut values = pairs.filter(|(_, name)| name == placeholder);
    values.next().map(|(value, _)| value.clone())
}

/// The id in an answer, as the program has it.
fn id_of(exchange: &Exchange) -> String {
    let Answer::Response { body, .. } = &exchange.answer else {
        panic!("{exchange:?}");
    };
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("\"id\":\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// The second request of the file fails; nothing of the test is sent.
fn before() {
    let path = repository().join("testdata/checkout.proctor.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("csrf = \"${csrf}\"", "csrf = \"x${csrf}\"");
    let source = Source::new(path, text);
    let spec = parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)));
    let error = live::run(&spec, NEWEST, live::RING_BYTES, &mut |_| {
        panic!("the test was run");
    });
    let error = live::reason(&error.unwrap_err());
    for told in [
        "the test was not begun: POST /login?ads=1",
        "status: want 303, got 403",
        "the answer had status 403",
        "the token is wrong",
    ] {
        assert!(error.contains(told), "{told} in {error}");
    }
}
