//! What the timeline says, beside the calls that it was made of.

use std::collections::BTreeMap;

use model::{Countable, Goid, Loss, NotKept, Observation, Outcome, SiteId, SiteLoss};
use serde_json::Value as Json;

use super::{
    Perfetto,
    tree_tests::{CHECK_SITE, HANDLER, WORKER, play, played, site},
};

fn events(observation: &Observation) -> Vec<Json> {
    let mut written = Vec::new();
    let mut trace = Perfetto::new(&mut written);
    trace.add(observation).unwrap();
    trace.finish().unwrap();
    serde_json::from_slice(&written).unwrap()
}

fn of<'a>(events: &'a [Json], phase: &str, category: &str) -> Vec<&'a Json> {
    let events = events.iter();
    events
        .filter(|event| event["ph"] == phase && event["cat"] == category)
        .collect()
}

/// A slice's begin and end in ns.
fn span(event: &Json) -> (u64, u64) {
    let nanoseconds = |key: &str| (event[key].as_f64().unwrap() * 1000.0).round() as u64;
    let begin = nanoseconds("ts");
    (begin, begin + nanoseconds("dur"))
}

#[test]
fn each_call_is_a_slice_on_the_track_of_its_goroutine() {
    let seen = played();
    let events = events(&seen);
    let slices = of(&events, "X", "call");
    assert_eq!(slices.len(), seen.calls.len() - 1);
    for (slice, call) in slices.iter().zip(&seen.calls[1..]) {
        assert_eq!(slice["tid"], call.goroutine.0);
        assert_eq!(span(slice), (call.entered.0, call.left.unwrap().0));
    }
    let running = of(&events, "B", "call");
    assert_eq!(running.len(), 1, "the audit in the background goes on");
    assert_eq!(running[0]["args"]["outcome"], "running");
    let prepared = slices.last().unwrap();
    assert_eq!(prepared["name"], "prepareAnswer");
    assert_eq!(prepared["args"]["arguments"][1]["value"], 2020);
}

#[test]
fn slices_of_a_track_lie_in_one_another_or_apart() {
    let mut program = site();
    play(&mut program);
    // A frame that is found to be gone when another is in its place.
    program.enter(50, 100, HANDLER, "", 0);
    program.enter(50, 164, CHECK_SITE, "", 0);
    program.wait(500);
    program.enter(50, 164, WORKER, "", 0);
    program.wait(500);
    program.leave(50, 164, WORKER, "");
    program.leave(50, 100, HANDLER, "");
    let seen = program.observe();
    assert!(
        seen.calls
            .iter()
            .any(|call| call.outcome == Outcome::Unwound)
    );
    let mut tracks: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
    for event in events(&seen).iter().filter(|event| event["ph"] == "X") {
        let track = tracks.entry(event["tid"].as_u64().unwrap()).or_default();
        track.push(span(event));
    }
    for slices in tracks.values() {
        for (index, one) in slices.iter().enumerate() {
            for other in &slices[index + 1..] {
                let apart = one.1 <= other.0 || other.1 <= one.0;
                let nested = (one.0 <= other.0 && other.1 <= one.1)
                    || (other.0 <= one.0 && one.1 <= other.1);
                assert!(apart || nested, "{one:?} {other:?}");
            }
        }
    }
}

#[test]
fn an_arrow_leads_from_the_go_statement_to_the_goroutine() {
    let events = events(&played());
    let (from, to) = (of(&events, "s", "go"), of(&events, "f", "go"));
    assert_eq!((from.len(), to.len()), (1, 1));
    assert_eq!(
        (&from[0]["tid"], &to[0]["tid"]),
        (&Json::from(34), &Json::from(35))
    );
    assert_eq!(from[0]["id"], to[0]["id"]);
    let lives = of(&events, "X", "goroutine");
    assert_eq!(lives.len(), 1);
    let call = of(&events, "X", "call")
        .into_iter()
        .find(|call| call["tid"] == 35)
        .unwrap();
    let (life, call) = (span(lives[0]), span(call));
    assert!(life.0 <= call.0 && call.1 <= life.1);
}

#[test]
fn a_request_has_a_begin_and_an_end_of_one_name_and_id() {
    let events = events(&played());
    let (begin, end) = (of(&events, "b", "request"), of(&events, "e", "request"));
    assert_eq!((begin.len(), end.len()), (1, 1));
    assert_eq!(begin[0]["name"], "GET /?name=GopherCon+2020");
    for key in ["name", "id", "pid", "cat"] {
        assert_eq!(begin[0][key], end[0][key]);
    }
}

#[test]
fn a_goroutine_is_named_once_however_often_it_is_seen() {
    let mut written = Vec::new();
    let mut trace = Perfetto::new(&mut written);
    trace.add(&played()).unwrap();
    trace.add(&played()).unwrap();
    // Not finished: the closing bracket may be missing.
    drop(trace);
    written.extend_from_slice(b"]");
    let events: Vec<Json> = serde_json::from_slice(&written).unwrap();
    let names = events.iter().filter(|event| event["ph"] == "M");
    let mut named: Vec<u64> = names.map(|name| name["tid"].as_u64().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, [9, 34, 35]);
}

#[test]
fn what_is_seen_again_when_it_has_ended_is_there_once() {
    let ended = played();
    let mut running = ended.clone();
    for call in &mut running.calls {
        call.outcome = Outcome::Running;
        call.left = None;
    }
    for goroutine in &mut running.goroutines {
        goroutine.ended = None;
    }
    for scope in &mut running.scopes {
        scope.left = None;
    }
    let mut written = Vec::new();
    let mut trace = Perfetto::new(&mut written);
    trace.add(&running).unwrap();
    trace.add(&ended).unwrap();
    trace
        .add(&Observation {
            calls: Vec::new(),
            goroutines: Vec::new(),
            ..ended.clone()
        })
        .unwrap();
    trace.finish().unwrap();
    let events: Vec<Json> = serde_json::from_slice(&written).unwrap();
    assert_eq!(of(&events, "X", "call").len(), ended.calls.len() - 1);
    assert_eq!(of(&events, "B", "call").len(), 1, "the one that goes on");
    let count = |phase, category| of(&events, phase, category).len();
    assert_eq!((count("X", "goroutine"), count("B", "goroutine")), (1, 0));
    assert_eq!((count("s", "go"), count("f", "go")), (1, 1));
    assert_eq!((count("b", "request"), count("e", "request")), (1, 1));
}

#[test]
fn what_was_lost_is_marked() {
    let mut seen = played();
    assert!(events(&seen).iter().all(|event| event["ph"] != "i"));
    seen.loss = Loss {
        sites: vec![SiteLoss::new(SiteId(0), None, 7)],
    };
    let events = events(&seen);
    let mark = events.iter().find(|event| event["ph"] == "i").unwrap();
    assert_eq!(mark["name"], "7 events were lost");
}

#[test]
fn what_was_not_kept_is_marked() {
    let mut seen = played();
    seen.not_kept = Some(NotKept {
        calls: 1200,
        goroutines: 0,
        countable: Countable::AllCalls,
    });
    let events = events(&seen);
    let mark = events.iter().find(|event| event["ph"] == "i").unwrap();
    assert_eq!(mark["name"], "1200 calls were not kept");
}

#[test]
fn of_one_scope_nothing_else_is_drawn() {
    let mut seen = played();
    let (request, _) = seen.requests().next().unwrap();
    let scope = request.id;
    let whole = events(&seen);
    // A call of nobody, on a goroutine that made no other.
    let mut other = seen.calls[1].clone();
    (other.scope, other.goroutine) = (None, Goid(77));
    seen.calls.push(other);
    let mut written = Vec::new();
    let mut trace = Perfetto::new(&mut written);
    trace.add_within(&seen, scope).unwrap();
    trace.finish().unwrap();
    let part: Vec<Json> = serde_json::from_slice(&written).unwrap();
    // The audit in the background is of no request.
    let of_request: Vec<&Json> = whole.iter().filter(|event| event["tid"] != 9).collect();
    assert!(of_request.len() < whole.len());
    assert_eq!(part.iter().collect::<Vec<_>>(), of_request);
}

#[test]
fn nothing_seen_is_an_empty_list() {
    assert_eq!(events(&Observation::default()), Vec::<Json>::new());
}
