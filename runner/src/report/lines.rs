//! What was seen as JSON lines: an object each for requests, goroutines, calls and what was lost, its kind in `event`.

use std::collections::{BTreeMap, BTreeSet};

use model::{Goid, Goroutine, Observation, ProcessId, Request, Scope, ScopeId};
use serde_json::{Value as Json, json};

use super::call::{json_call, request_number};

/// What was seen of a program for machines, in this order:
///
/// | `event` | fields |
/// |---|---|
/// | `request` | `id`, `process`, `goroutine` (that handled it), `method`, `target`, `remote`, `stream` (HTTP/2), `entered_ns`, `left_ns` |
/// | `goroutine`, if it made a call or one that it began did | `goroutine`, `process`, `function` (that it began with), `creator`, `creating_call`, `request`, `created_ns`, `ended_ns` |
/// | `call` | as [`json_call`] says |
/// | `lost` | `hits`, `function` (null for a probe of goproctor's own), `site` |
///
/// What is not known is null. Ids of requests and calls are of one observation; times are the kernel's monotonic clock.
pub(crate) fn json_lines(observation: &Observation) -> impl Iterator<Item = Json> + '_ {
    let requests = observation.requests().map(request);
    let goroutines = leading_to_calls(observation).into_iter();
    let goroutines = goroutines.map(|one| goroutine(observation, one));
    let calls = observation.calls.iter().map(|call| {
        let mut line = json_call(observation, call);
        line["event"] = json!("call");
        line
    });
    let lost = lost_lines(observation);
    requests.chain(goroutines).chain(calls).chain(lost)
}

/// The calls of a run of a Go test, with those of its subtests, as [`json_call`] says. If they are not all, an object with an `event`
/// follows: `lost` as in [`json_lines`], or `not_shown` with the number of `calls` and `goroutines` that were not kept.
pub(crate) fn run_lines(
    observation: &Observation,
    run: ScopeId,
) -> impl Iterator<Item = Json> + '_ {
    let calls = observation.calls.iter();
    let calls = calls.filter(move |call| observation.is_within(call.scope, run));
    let calls = calls.map(|call| json_call(observation, call));
    let not_kept = observation.not_kept.map(|not_kept| {
        json!({
            "event": "not_shown",
            "calls": not_kept.calls,
            "goroutines": not_kept.goroutines,
        })
    });
    calls.chain(lost_lines(observation)).chain(not_kept)
}

fn lost_lines(observation: &Observation) -> impl Iterator<Item = Json> + '_ {
    observation.loss.sites.iter().map(|loss| {
        let function = loss.function.and_then(|id| observation.function(id));
        json!({
            "event": "lost",
            "hits": loss.lost,
            "function": function.map(|function| function.name.as_str()),
            "site": loss.site.0,
        })
    })
}

/// The goroutines that made a call, and those that began them.
fn leading_to_calls(observation: &Observation) -> Vec<&Goroutine> {
    let known: BTreeMap<(ProcessId, Goid), &Goroutine> = observation
        .goroutines
        .iter()
        .map(|goroutine| ((goroutine.process, goroutine.goid), goroutine))
        .collect();
    let mut leading = BTreeSet::new();
    for call in &observation.calls {
        let mut next = Some((call.process, call.goroutine));
        while let Some(key) = next.take().filter(|key| leading.insert(*key)) {
            let creator = known.get(&key).and_then(|goroutine| goroutine.creator);
            next = creator.map(|creator| (key.0, creator));
        }
    }
    let leading = leading.iter().filter_map(|key| known.get(key));
    leading.copied().collect()
}

fn request((scope, request): (&Scope, &Request)) -> Json {
    json!({
        "event": "request",
        "id": scope.id.0,
        "process": scope.process.0,
        "goroutine": scope.goroutine.0,
        "method": request.method,
        "target": request.target,
        "remote": request.remote,
        "stream": request.stream,
        "entered_ns": scope.entered.0,
        "left_ns": scope.left.map(|left| left.0),
    })
}

fn goroutine(observation: &Observation, goroutine: &Goroutine) -> Json {
    json!({
        "event": "goroutine",
        "goroutine": goroutine.goid.0,
        "process": goroutine.process.0,
        "function": goroutine.function,
        "creator": goroutine.creator.map(|creator| creator.0),
        "creating_call": goroutine.creating_call.map(|call| call.0),
        "request": request_number(observation, goroutine.scope),
        "created_ns": goroutine.created.map(|created| created.0),
        "ended_ns": goroutine.ended.map(|ended| ended.0),
    })
}

#[cfg(test)]
mod tests {
    use model::{Countable, Loss, NotKept, SiteId, SiteLoss};

    use super::{json_lines, run_lines};
    use crate::report::tree_tests::played;

    #[test]
    fn requests_goroutines_and_calls_name_one_another() {
        let seen = played();
        let lines: Vec<_> = json_lines(&seen).collect();
        let of = |event: &str| {
            let lines = lines.iter().filter(|line| line["event"] == event);
            lines.collect::<Vec<_>>()
        };
        assert_eq!(of("request")[0]["target"], "/?name=GopherCon+2020");
        let calls = of("call");
        assert_eq!(calls.len(), seen.calls.len());
        let worker = of("goroutine")
            .into_iter()
            .find(|goroutine| goroutine["goroutine"] == 35)
            .unwrap();
        assert_eq!(
            (&worker["creator"], &worker["request"]),
            (&34.into(), &0.into())
        );
        let creating = calls[worker["creating_call"].as_u64().unwrap() as usize];
        assert_eq!(creating["function"], "main.checkSite");
        let outcomes: Vec<_> = calls.iter().map(|call| call["outcome"].clone()).collect();
        assert!(outcomes.contains(&"returned".into()) && outcomes.contains(&"running".into()));
    }

    #[test]
    fn the_lines_of_a_run_say_what_they_lack() {
        let mut seen = played();
        let (request, _) = seen.requests().next().unwrap();
        let run = request.id;
        let own = seen.calls.iter().filter(|call| call.scope == Some(run));
        let own = own.count();
        let mut other = seen.calls[1].clone();
        other.scope = None;
        seen.calls.push(other);
        assert_eq!(run_lines(&seen, run).count(), own);
        seen.loss = Loss {
            sites: vec![SiteLoss::new(SiteId(0), None, 7)],
        };
        seen.not_kept = Some(NotKept {
            calls: 1200,
            goroutines: 3,
            countable: Countable::AllCalls,
        });
        let lines: Vec<_> = run_lines(&seen, run).skip(own).collect();
        assert_eq!(
            lines,
            [
                serde_json::json!({ "event": "lost", "hits": 7, "function": null, "site": 0 }),
                serde_json::json!({ "event": "not_shown", "calls": 1200, "goroutines": 3 }),
            ]
        );
    }
}
