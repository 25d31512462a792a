//! The comparison of a log with an observation, call by call.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    iter,
};

use judge::expect::Evidence;
use model::{Call, CallId, Content, Goid, Goroutine, Observation, Outcome, ScopeId, Value};

use super::{
    log::{Log, Run, Told},
    order::{self, Moment},
};

/// How far to look for the next call that both have, behind one that only one of them has.
const WINDOW: usize = 64;

/// What was compared.
#[derive(Debug, Default)]
pub struct Tally {
    /// Calls that both have.
    pub calls: usize,
    /// Goroutines that both have.
    pub goroutines: usize,
    /// Requests that both have.
    pub requests: usize,
    /// Arguments and results.
    pub values: usize,
    /// Hits whose order was checked.
    pub moments: usize,
    /// Calls by how they ended.
    pub outcomes: BTreeMap<String, usize>,
    /// What is not the same.
    pub differences: Vec<String>,
}

/// Compares all that a program's log says of its calls with what was seen. `open` is how calls must have ended that had
/// not when the log was written; `id` gives a request's id in the log from its target.
#[must_use]
pub fn compare(
    log: &Log<'_>,
    evidence: &Evidence,
    open: Outcome,
    id: &dyn Fn(&str) -> Option<i64>,
) -> Tally {
    let mut comparison = Comparison {
        log,
        seen: &evidence.observation,
        open,
        requests: HashMap::new(),
        pairs: HashMap::new(),
        tally: Tally::default(),
    };
    comparison.requests(evidence, id);
    comparison.join();
    comparison.runs();
    comparison.order();
    comparison.tally
}

struct Comparison<'a> {
    log: &'a Log<'a>,
    seen: &'a Observation,
    open: Outcome,
    /// The requests by their ids in the log.
    requests: HashMap<i64, ScopeId>,
    /// The calls that were seen, by run and number.
    pairs: HashMap<(i64, usize), CallId>,
    tally: Tally,
}

impl<'a> Comparison<'a> {
    fn differ(&mut self, difference: String) {
        self.tally.differences.push(difference);
    }

    /// Finds the request that was handled for each of those in the log.
    fn requests(&mut self, evidence: &Evidence, id: &dyn Fn(&str) -> Option<i64>) {
        for (exchange, handled) in evidence.exchanges.iter().zip(&evidence.scopes) {
            match (id(&exchange.target), handled) {
                (None, _) => {}
                (Some(id), Ok(request)) => {
                    if self.requests.insert(id, *request).is_some() {
                        self.differ(format!("two requests have the id {id}"));
                    }
                    self.tally.requests += 1;
                }
                (Some(id), Err(why)) => self.differ(format!("request {id}: {why}")),
            }
        }
    }

    /// Pairs the calls of each goroutine, in its order.
    fn join(&mut self) {
        let mut seen: HashMap<Goid, Vec<&'a Call>> = HashMap::new();
        for call in &self.seen.calls {
            if Some(call.process) != self.seen.process {
                self.differ(format!("{} is of {}", call.id, call.process));
            }
            seen.entry(call.goroutine).or_default().push(call);
        }
        let mut told: BTreeMap<Goid, Vec<&'a Run<'a>>> = BTreeMap::new();
        for run in &self.log.runs {
            told.entry(run.goid).or_default().push(run);
        }
        for (goid, mut runs) in told {
            runs.sort_by_key(|run| run.before);
            let calls = runs.iter().flat_map(|run| {
                let calls = run.calls.iter().enumerate();
                calls.map(|(number, told)| (run.number, number, told))
            });
            let calls: Vec<(i64, usize, &Told<'_>)> = calls.collect();
            self.pair(goid, &calls, &seen.remove(&goid).unwrap_or_default());
        }
        for (goid, calls) in seen {
            for call in calls {
                self.extra(goid, call);
            }
        }
    }

    fn pair(&mut self, goid: Goid, told: &[(i64, usize, &Told<'a>)], seen: &[&Call]) {
        let (mut i, mut k) = (0, 0);
        while i < told.len() || k < seen.len() {
            let (skip_told, skip_seen) = self.next_pair(&told[i..], &seen[k..]);
            for (run, number, call) in &told[i..i + skip_told] {
                let name = self.log.functions[call.function].name;
                let values = call.values;
                self.differ(format!(
                    "missing: {goid}, call {number} of run {run}: {name} {values}"
                ));
            }
            for call in &seen[k..k + skip_seen] {
                self.extra(goid, call);
            }
            (i, k) = (i + skip_told, k + skip_seen);
            if let (Some((run, number, _)), Some(call)) = (told.get(i), seen.get(k)) {
                self.pairs.insert((*run, *number), call.id);
                (i, k) = (i + 1, k + 1);
            }
        }
    }

    /// How many calls of each to leave out until the next one that both have.
    fn next_pair(&self, told: &[(i64, usize, &Told<'_>)], seen: &[&Call]) -> (usize, usize) {
        for distance in 0..WINDOW {
            for skip_told in 0..=distance {
                let skip_seen = distance - skip_told;
                if let (Some((.., one)), Some(other)) = (told.get(skip_told), seen.get(skip_seen))
                    && self.is_same(one, other)
                {
                    return (skip_told, skip_seen);
                }
            }
        }
        (told.len(), seen.len())
    }

    /// Whether function and arguments are the same.
    fn is_same(&self, told: &Told<'_>, call: &Call) -> bool {
        let signature = self.log.functions[told.function];
        let name = self
            .seen
            .function(call.function)
            .map(|function| &*function.name);
        name == Some(signature.name)
            && is_equal(told.values().take(signature.arguments), &call.arguments)
    }

    fn extra(&mut self, goid: Goid, call: &Call) {
        let function = self.seen.function(call.function);
        let name = function.map_or("?", |function| &function.name);
        let arguments: Vec<String> = leaves(&call.arguments).collect();
        self.differ(format!(
            "extra: {goid}, {}: {name} {}",
            call.id,
            arguments.join(" ")
        ));
    }

    fn runs(&mut self) {
        let goroutines: HashMap<Goid, &Goroutine> = self
            .seen
            .goroutines
            .iter()
            .map(|goroutine| (goroutine.goid, goroutine))
            .collect();
        let mut compared = HashSet::new();
        for run in &self.log.runs {
            for (number, told) in run.calls.iter().enumerate() {
                if let Some(id) = self.pairs.get(&(run.number, number)) {
                    let call = &self.seen.calls[usize::try_from(id.0).unwrap_or(usize::MAX)];
                    self.call(run, number, told, call);
                }
            }
            match goroutines.get(&run.goid) {
                Some(goroutine) => self.goroutine(run, goroutine),
                None => self.differ(format!("missing: goroutine {}", run.goid)),
            }
            compared.insert(run.goid);
        }
        self.tally.goroutines = compared.len();
    }

    fn call(&mut self, run: &Run<'_>, number: usize, told: &Told<'_>, call: &Call) {
        self.tally.calls += 1;
        let signature = self.log.functions[told.function];
        let outcome = told.outcome.unwrap_or(self.open);
        let place = || {
            format!(
                "{}, call {number} of run {}, {} {}",
                run.goid, run.number, signature.name, told.values
            )
        };
        let parent = told
            .parent
            .map(|parent| self.pairs.get(&(run.number, parent)).copied());
        // A parent that is missing was told of.
        if parent != Some(None) && call.parent != parent.flatten() {
            let seen = call.parent;
            self.differ(format!(
                "parent: {}: {:?}, seen {seen:?}",
                place(),
                parent.flatten()
            ));
        }
        let request = run
            .request
            .map(|request| self.requests.get(&request).copied());
        if request != Some(None) && call.scope != request.flatten() {
            let seen = call.scope;
            self.differ(format!(
                "request: {}: {:?}, seen {seen:?}",
                place(),
                request.flatten()
            ));
        }
        if call.outcome != outcome {
            let seen = call.outcome;
            self.differ(format!("outcome: {}: {outcome:?}, seen {seen:?}", place()));
        }
        let results = told.values().skip(signature.arguments);
        if call.outcome.has_results() && outcome.has_results() && !is_equal(results, &call.results)
        {
            let seen: Vec<String> = leaves(&call.results).collect();
            self.differ(format!("results: {}: seen {}", place(), seen.join(" ")));
        }
        if outcome.has_results() && call.left.is_none() {
            self.differ(format!("left: {}: seen never to be left", place()));
        }
        self.tally.values += told.values().count();
        *self
            .tally
            .outcomes
            .entry(format!("{outcome:?}"))
            .or_default() += 1;
    }

    fn goroutine(&mut self, run: &Run<'_>, seen: &Goroutine) {
        let creating = run
            .creating
            .and_then(|creating| self.pairs.get(&creating).copied());
        // A goroutine that was there before its run belongs to nobody.
        let request = run.request.filter(|_| run.created);
        let request = request.and_then(|request| self.requests.get(&request).copied());
        let told = (
            run.creator,
            creating,
            Some(run.start),
            request,
            true,
            run.created && run.after.is_some(),
        );
        let same = (
            seen.creator,
            seen.creating_call,
            seen.function.as_deref(),
            seen.scope,
            seen.created.is_some(),
            run.created && seen.ended.is_some(),
        );
        if told != same {
            self.differ(format!("goroutine {}: {told:?}, seen {same:?}", run.goid));
        }
    }

    fn order(&mut self) {
        let mut moments = Vec::new();
        for run in &self.log.runs {
            self.moments(run, &mut moments);
        }
        self.tally.moments = moments.len();
        for disorder in order::disorders(moments) {
            self.differ(format!(
                "order: {:?} happened before {:?}",
                disorder.earlier, disorder.later
            ));
        }
    }

    /// The hits at the beginnings and ends of a run's calls, each with the events around it.
    fn moments(&self, run: &Run<'_>, moments: &mut Vec<Moment>) {
        let begins = run.calls.iter().map(|told| told.begin);
        let ends = run.calls.iter().filter_map(|told| told.end);
        let mut before: Vec<u64> = begins
            .clone()
            .chain(ends)
            .chain(iter::once(run.before))
            .collect();
        before.sort_unstable();
        // A call that a panic ends has its number before that.
        let returns = run.calls.iter().filter(|told| returns(told));
        let mut after: Vec<u64> = begins.chain(returns.filter_map(|told| told.end)).collect();
        after.sort_unstable();
        for (number, told) in run.calls.iter().enumerate() {
            let Some(id) = self.pairs.get(&(run.number, number)) else {
                continue;
            };
            let call = &self.seen.calls[usize::try_from(id.0).unwrap_or(usize::MAX)];
            let earlier = before.partition_point(|event| *event < told.begin);
            moments.push(Moment {
                from: earlier.checked_sub(1).map_or(0, |index| before[index]),
                to: Some(told.begin),
                time: call.entered,
                entry: Some(*id),
            });
            if let (Some(end), Some(left)) = (told.end, call.left) {
                let later = after.partition_point(|event| *event <= end);
                moments.push(Moment {
                    from: end,
                    to: after.get(later).copied(),
                    time: left,
                    entry: None,
                });
            }
        }
    }
}

fn returns(told: &Told<'_>) -> bool {
    told.outcome.is_some_and(Outcome::has_results)
}

/// Whether values are those of the log, those inside of others one by one.
fn is_equal<'a>(told: impl Iterator<Item = &'a str>, values: &[Value]) -> bool {
    let mut told = told;
    values.iter().all(|value| takes(&mut told, value)) && told.next().is_none()
}

/// Whether a value is the next ones of the log.
fn takes<'a>(told: &mut impl Iterator<Item = &'a str>, value: &Value) -> bool {
    match &value.content {
        Content::Struct(fields) => fields.iter().all(|field| takes(told, field)),
        Content::Pointer(pointer) => takes(told, &pointer.target),
        Content::Int(number) => told.next().is_some_and(|told| told.parse() == Ok(*number)),
        Content::Text(text) => told.next().is_some_and(|told| {
            text.is_whole()
                && told.strip_prefix('\'').map(str::as_bytes) == Some(text.bytes.as_ref())
        }),
        _ => false,
    }
}

/// Values as the log has them.
fn leaves(values: &[Value]) -> impl Iterator<Item = String> + '_ {
    values.iter().map(|value| match &value.content {
        Content::Int(number) => number.to_string(),
        Content::Text(text) => format!("'{}", String::from_utf8_lossy(&text.bytes)),
        Content::Struct(fields) => leaves(fields).collect::<Vec<_>>().join(" "),
        Content::Pointer(pointer) => leaves(std::slice::from_ref(&pointer.target)).collect(),
        other => format!("{other:?}"),
    })
}
