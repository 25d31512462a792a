//! Work that handlers hand to pools of goroutines belongs to the request that it is for, if the spec says how it is
//! handed; and requests of a server without `net/http` are told by what the spec names. The programs tell which request
//! each piece of work was for.

use std::{collections::BTreeMap, fs, path::Path};

use goproctor_tests::{command, go::NEWEST, harness::Test, live};
use model::{Call, Content, Exchange, Observation, ScopeId};

pub(crate) const TESTS: &[Test<'static>] = &[
    (
        "hand_off_gives_work_to_its_request_with_the_stack_abi",
        stack_abi,
    ),
    (
        "hand_off_gives_work_to_its_request_with_the_newest_release",
        newest_release,
    ),
    (
        "without_a_hand_off_a_pool_works_in_the_background",
        background,
    ),
    ("hand_off_server_without_net_http", server),
    ("hand_off_server_without_a_key", server_without_key),
];

const REQUESTS: usize = 300;
/// The steps of a request's work.
const STEPS: usize = 6;

fn stack_abi() {
    work_belongs_to_its_request("go1.16.15");
}

fn newest_release() {
    work_belongs_to_its_request(NEWEST);
}

/// `GET /work` so many times, a hundred at a time.
fn pool(hand_offs: &str) -> spec::Spec {
    parse(
        "pool",
        &format!(
            r#"
[program]
package = "."
args = ["-listen=127.0.0.1:${{port}}", "-log=${{dir}}/log"]
restart = false

[functions]
submit = "main.submit"
process = "main.process"
place = "main.place"
fulfil = "main.fulfil"
buy = "main.buy"
admit = "main.admit"
step = "main.step"
{hand_offs}
[[test]]
name = "work"
request = {{ get = "/work?request=${{n}}", repeat = {REQUESTS}, concurrency = 100 }}
within = "120s"

[[test]]
name = "log"
request = {{ get = "/log" }}
"#
        ),
    )
}

fn parse(fixture: &str, text: &str) -> spec::Spec {
    let folder = Path::new(command::repository())
        .join("go-fixtures/base")
        .join(fixture);
    let source = spec::Source::new(folder.join(format!("{fixture}.proctor.toml")), text);
    spec::parse(source).unwrap_or_else(|errors| panic!("{}", live::text(&errors)))
}

/// What a step's call was of: its goroutine, the request that it is for, and which part.
type Step = (u64, usize, usize);

/// A step with the request that owns it.
type Owned = (Step, Option<usize>);

/// A step with the request that goproctor says owns it.
fn steps(observation: &Observation, owner: impl Fn(ScopeId) -> Option<usize>) -> Vec<Owned> {
    let calls = observation
        .calls
        .iter()
        .filter(|call| name(observation, call) == "main.step");
    calls
        .map(|call| {
            let step = (call.goroutine.0, number(call, 0), number(call, 1));
            (step, call.scope.and_then(&owner))
        })
        .collect()
}

fn name<'o>(observation: &'o Observation, call: &Call) -> &'o str {
    &observation.function(call.function).unwrap().name
}

fn number(call: &Call, argument: usize) -> usize {
    match call.arguments[argument].content {
        Content::Int(number) => usize::try_from(number).unwrap(),
        ref other => panic!("{other:?} is no number"),
    }
}

/// The number in a target, by the program's own request.
fn owners(
    exchanges: &[Exchange],
    requests: &[Result<ScopeId, String>],
) -> BTreeMap<ScopeId, usize> {
    let pairs = exchanges.iter().zip(requests);
    pairs
        .map(|(exchange, request)| {
            let number = exchange.target.rsplit('=').next().unwrap();
            let request = request
                .as_ref()
                .unwrap_or_else(|why| panic!("{}: {why}", exchange.target));
            (*request, number.parse().unwrap())
        })
        .collect()
}

/// All steps of a program.
struct Steps {
    /// As goproctor saw them.
    seen: Vec<Owned>,
    /// As the program wrote them down.
    told: Vec<Step>,
    /// How often hand-offs were not known.
    unknown: u64,
}

fn seen_and_told(spec: &spec::Spec, release: &str) -> Steps {
    let (mut seen, mut told, mut unknown) = (Vec::new(), Vec::new(), 0);
    live::run(spec, release, live::RING_BYTES, &mut |tested| {
        let evidence = tested.evidence();
        let observation = &evidence.observation;
        assert_eq!(observation.loss.total(), 0, "{:?}", observation.loss);
        unknown += observation.unknown_hand_offs;
        if tested.report.name == "work" {
            let owners = owners(&evidence.exchanges, &evidence.scopes);
            assert_eq!(
                owners.len(),
                REQUESTS,
                "each exchange has a request of its own"
            );
            seen = steps(observation, |request| owners.get(&request).copied());
        } else {
            let log = fs::read_to_string(Path::new(&tested.folder).join("log")).unwrap();
            told = log
                .lines()
                .map(|line| {
                    let numbers: Vec<usize> =
                        line.split(' ').map(|word| word.parse().unwrap()).collect();
                    (numbers[0] as u64, numbers[1], numbers[2])
                })
                .collect();
        }
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
    seen.sort_unstable();
    told.sort_unstable();
    Steps {
        seen,
        told,
        unknown,
    }
}

fn work_belongs_to_its_request(release: &str) {
    let spec = pool(
        r#"
[hand-off]
job = { from = "submit.j", to = "process.j" }
order = { from = "place.name", to = "fulfil.name" }
ticket = { from = "buy.returns.0", to = "admit.number" }
"#,
    );
    let Steps {
        seen,
        told,
        unknown,
    } = seen_and_told(&spec, release);
    let steps: Vec<Step> = seen.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, told);
    assert_eq!(steps.len(), REQUESTS * STEPS);
    let wrong: Vec<_> = seen
        .iter()
        .filter(|((_, request, _), owner)| *owner != Some(*request))
        .collect();
    println!(
        "{release}: {} steps, {} of them another's, {unknown} unknown",
        steps.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{:?}", &wrong[..wrong.len().min(10)]);
    assert_eq!(unknown, 0);
}

fn background() {
    let Steps {
        seen,
        told,
        unknown,
    } = seen_and_told(&pool(""), NEWEST);
    let steps: Vec<Step> = seen.iter().map(|(step, _)| *step).collect();
    // What is not waited for may come after the test: nothing says that it is a request's.
    assert!(steps.len() >= REQUESTS * (STEPS - 1), "{}", steps.len());
    assert!(steps.iter().all(|step| told.binary_search(step).is_ok()));
    assert!(seen.iter().all(|(_, owner)| owner.is_none()));
    assert_eq!(unknown, 0);
}

/// The hand-made server; `key` is what follows `entry`.
fn lines(key: &str, requests: &str) -> spec::Spec {
    parse(
        "lines",
        &format!(
            r#"
[program]
package = "."
args = ["-listen=127.0.0.1:${{port}}"]

[functions]
serve = "main.serve"
shout = "main.shout"

[server]
entry = "serve"
{key}

[[test]]
name = "shouts"
request = {{ get = "/n=${{n}}", {requests} }}
"#
        ),
    )
}

/// Each request owns the one call that was made for it.
fn shouts_belong_to_their_requests(spec: &spec::Spec, release: &str, count: usize) {
    live::run(spec, release, live::RING_BYTES, &mut |tested| {
        let evidence = tested.evidence();
        let observation = &evidence.observation;
        let owners = owners(&evidence.exchanges, &evidence.scopes);
        assert_eq!(owners.len(), count);
        assert_eq!(observation.unknown_hand_offs, 0);
        let calls = observation
            .calls
            .iter()
            .filter(|call| name(observation, call) == "main.shout");
        let mut shouts = 0;
        for call in calls {
            let Content::Text(text) = &call.arguments[0].content else {
                panic!("{:?} is no text", call.arguments[0]);
            };
            let owner = call.scope.and_then(|request| owners.get(&request));
            let owner = owner.map(|number| format!("/n={number}"));
            assert_eq!(
                owner.as_deref().map(str::as_bytes),
                Some(&*text.bytes),
                "{release}"
            );
            shouts += 1;
        }
        assert_eq!(shouts, count);
        assert!(observation.scopes.iter().all(|scope| scope.left.is_some()));
    })
    .unwrap_or_else(|error| panic!("{release}: {}", live::reason(&error)));
}

fn server() {
    for (release, key) in [
        ("go1.16.15", "c.remote"),
        (NEWEST, "c.remote"),
        (NEWEST, "c.port"),
    ] {
        let spec = lines(
            &format!("key = \"{key}\""),
            "repeat = 200, concurrency = 20",
        );
        shouts_belong_to_their_requests(&spec, release, 200);
    }
}

fn server_without_key() {
    shouts_belong_to_their_requests(&lines("", "repeat = 20"), NEWEST, 20);
}
