//! Which calls an expectation looks at, and whether all of them were seen.

use std::{collections::HashMap, rc::Rc};

use model::{Call, Completion, FunctionId, Nanoseconds, Observation, ScopeId};
use spec::{
    Spanned,
    document::{Scope, Spec, Test},
};

use super::{
    Evidence, Reason,
    ancestry::{Above, Ancestry},
    part::holds,
    truth::Truth,
    wording,
};

/// A test with all that it is judged on.
pub(super) struct Case<'a> {
    /// The test's spec.
    pub(super) spec: &'a Spec,
    /// The test.
    pub(super) test: &'a Test,
    /// What it is judged on.
    pub(super) evidence: &'a Evidence,
    /// Which calls its expectations look at.
    scope: Scope,
    /// The index in [`Evidence::scopes`] of each scope that the test is about.
    owners: Rc<HashMap<ScopeId, usize>>,
    /// The calls above calls.
    pub(super) ancestry: Rc<Ancestry<'a>>,
}

/// The calls that a label means.
#[derive(Default)]
pub(super) struct Members<'a> {
    /// They certainly belong to it, by entry.
    pub(super) sure: Vec<&'a Call>,
    /// They may belong to it, and why that is not known.
    pub(super) unsure: Vec<(&'a Call, Reason)>,
}

impl Members<'_> {
    /// Why it is not known of some call whether it is one, if there is any such.
    pub(super) fn doubt(&self) -> Option<Reason> {
        self.unsure.first().map(|(_, reason)| reason.clone())
    }
}

impl<'a> Case<'a> {
    /// Puts a test and its evidence together.
    pub(super) fn new(spec: &'a Spec, test: &'a Test, evidence: &'a Evidence) -> Self {
        let scopes = evidence.scopes.iter().enumerate();
        let owners = scopes.filter_map(|(index, scope)| Some((*scope.as_ref().ok()?, index)));
        let run = test.go_test.as_ref().and(evidence.scopes.first());
        let run = run.and_then(|run| run.as_ref().ok().copied());
        Self {
            spec,
            test,
            evidence,
            scope: scope(test, test.from.as_ref()),
            owners: Rc::new(owners.collect()),
            ancestry: Rc::new(Ancestry::new(&evidence.observation, run)),
        }
    }

    /// The same, looking at what an expectation's own `from` says, if it has one.
    pub(super) fn looking(&self, from: Option<&Spanned<Scope>>) -> Self {
        Self {
            scope: from.map_or(self.scope, |from| scope(self.test, Some(from))),
            owners: Rc::clone(&self.owners),
            ancestry: Rc::clone(&self.ancestry),
            ..*self
        }
    }

    /// The same, looking at the calls that the test's requests own, whatever its `from` says.
    pub(super) fn by_request(&self) -> Self {
        Self {
            scope: Scope::Requests,
            ..self.looking(None)
        }
    }

    /// What was seen.
    pub(super) const fn observation(&self) -> &'a Observation {
        &self.evidence.observation
    }

    /// Whether expectations look at the calls of requests rather than at all calls.
    pub(super) fn is_by_request(&self) -> bool {
        self.scope == Scope::Requests
    }

    /// Among which calls a call is compared with others: those of its request; of all, where expectations do not look
    /// at requests, and so for calls that no request owns.
    pub(super) fn group(&self, call: &Call) -> Option<ScopeId> {
        let scope = call.scope.filter(|_| self.is_by_request())?;
        let own = self.exchange_of(call);
        own.and_then(|index| self.request(index)).or(Some(scope))
    }

    /// How many requests the test should have sent.
    pub(super) fn planned_requests(&self) -> usize {
        let repeats = self
            .test
            .requests
            .iter()
            .map(|request| request.repeat as usize);
        repeats.sum()
    }

    /// The request that an exchange was.
    pub(super) fn request(&self, exchange: usize) -> Option<ScopeId> {
        let request = self.evidence.scopes.get(exchange)?;
        request.as_ref().ok().copied()
    }

    /// The exchange that owns a call.
    pub(super) fn exchange_of(&self, call: &Call) -> Option<usize> {
        self.exchange_around(call.scope)
    }

    /// The exchange that the innermost of the test's own requests among the scopes of something was.
    fn exchange_around(&self, scope: Option<ScopeId>) -> Option<usize> {
        let mut scopes = self.observation().scopes_around(scope);
        scopes.find_map(|scope| self.owners.get(&scope).copied())
    }

    /// The calls of each exchange.
    pub(super) fn by_exchange<'c>(
        &self,
        calls: impl IntoIterator<Item = &'c Call>,
    ) -> Vec<Vec<&'c Call>> {
        let mut all = vec![Vec::new(); self.evidence.scopes.len()];
        for call in calls {
            let exchange = self.exchange_of(call);
            if let Some(own) = exchange.and_then(|exchange| all.get_mut(exchange)) {
                own.push(call);
            }
        }
        all
    }

    /// Whether the test's expectations look at a call.
    pub(super) fn holds(&self, call: &Call) -> bool {
        !self.is_by_request() || self.exchange_of(call).is_some()
    }

    /// Whether the program handled requests that are none of the test's exchanges.
    pub(super) fn has_foreign_requests(&self) -> bool {
        let mut requests = self.observation().requests();
        requests.any(|(scope, _)| self.exchange_around(Some(scope.id)).is_none())
    }

    /// The functions that a label means.
    pub(super) fn functions(&self, label: &str) -> &'a [FunctionId] {
        self.observation()
            .label(label)
            .map_or(&[], |label| &label.functions)
    }

    /// Whether a label means a call.
    pub(super) fn membership(&self, label: &str, call: &Call) -> Truth {
        if !self.functions(label).contains(&call.function) {
            return Truth::No;
        }
        let function = self.spec.function(label);
        match function.and_then(|function| function.filter.as_ref()) {
            Some(filter) => holds(filter, self.observation(), call),
            None => Truth::Yes,
        }
    }

    /// For each call, by number, whether one that a label means is above it.
    pub(super) fn above(&self, label: &str) -> Rc<[Above]> {
        let membership = |call: &Call| self.membership(label, call);
        self.ancestry.above(label, membership)
    }

    /// The name that the spec has for a call: the one that means the fewest functions; else that of its function.
    pub(super) fn name_of(&self, call: &Call) -> String {
        let labels = self.observation().labels.iter();
        let named = labels
            .filter(|label| label.functions.contains(&call.function))
            .filter(|label| self.membership(&label.name, call).is_certain())
            .min_by_key(|label| label.functions.len());
        named.map_or_else(
            || wording::function(self.observation(), call),
            |label| label.name.clone(),
        )
    }

    /// The calls among `calls` that a label means.
    pub(super) fn members(
        &self,
        label: &str,
        calls: impl IntoIterator<Item = &'a Call>,
    ) -> Members<'a> {
        let mut members = Members::default();
        for call in calls {
            match self.membership(label, call) {
                Truth::Yes => members.sure.push(call),
                Truth::No => {}
                Truth::Unknown(reason) => members.unsure.push((call, reason)),
            }
        }
        members
    }

    /// The calls that the test's expectations look at, by entry.
    pub(super) fn calls(&self) -> impl Iterator<Item = &'a Call> {
        let calls = self.observation().calls.iter();
        calls.filter(|call| self.holds(call))
    }

    /// How the test ended, if it was cut while something still ran.
    pub(super) fn cut(&self) -> Option<&'a Completion> {
        let completion = self.evidence.completion.as_ref()?;
        (completion.is_cut() && completion.running.total() > 0).then_some(completion)
    }

    /// Not all of the test's requests were sent.
    pub(super) fn unsent(&self) -> Option<Reason> {
        let (sent, planned) = (self.evidence.exchanges.len(), self.planned_requests());
        let missed = self.evidence.carried.missed.first();
        (sent < planned).then(|| match missed {
            Some(missed) => Reason::Unsaved(missed.name.clone()),
            None => Reason::Unsent { sent, planned },
        })
    }

    /// That no request of the program was found for an exchange.
    pub(super) fn unmatched(&self, index: usize) -> Reason {
        let request = self.evidence.exchanges.get(index).map_or_else(
            || format!("request {}", index + 1),
            |exchange| wording::exchange(index, exchange),
        );
        let why = match self.evidence.scopes.get(index) {
            Some(Err(reason)) => reason,
            Some(Ok(_)) | None => "the program was not searched for it",
        };
        Reason::Unmatched {
            request,
            why: why.to_owned(),
            no_server: self.observation().requests().next().is_none() && self.spec.server.is_none(),
        }
    }

    /// The nearest calls of a label that the test's expectations don't look at, in words; for a miss.
    pub(super) fn elsewhere(&self, label: &str, exchange: Option<usize>) -> Option<String> {
        let apart = |call: &&Call| match exchange {
            Some(_) => self.exchange_of(call) != exchange,
            None => !self.holds(call),
        };
        let calls = self.observation().calls.iter().filter(apart);
        let members = self.members(label, calls);
        let near = exchange
            .or(Some(0))
            .and_then(|index| self.evidence.exchanges.get(index));
        let (sent, answered) = near.map_or((0, 0), |exchange| {
            (
                exchange.sent.0,
                exchange.sent.0.saturating_add(exchange.took.0),
            )
        });
        // A call between the request and its answer comes first, whatever took how long; of several the last.
        let distance = |entered: u64| {
            let outside = entered.abs_diff(entered.clamp(sent, answered));
            (outside, entered.abs_diff(answered))
        };
        let nearest = members
            .sure
            .iter()
            .min_by_key(|call| (call.scope.is_some(), distance(call.entered.0)))?;
        Some(format!(
            "nearest: {} {}",
            wording::call(self.observation(), nearest, label),
            self.whereabouts(nearest, exchange)
        ))
    }

    /// Where a call ran, in words: `in the background, g9, 12ms after the answer`.
    pub(super) fn whereabouts(&self, call: &Call, exchange: Option<usize>) -> String {
        let request = self.observation().request_around(call.scope);
        let owner = match (self.exchange_of(call), request) {
            (Some(_), _) if self.test.go_test.is_some() => String::new(),
            (Some(index), _) => format!("in request {}", index + 1),
            (None, Some(_)) => "in a request that is not the test's".to_owned(),
            (None, None) if self.test.go_test.is_some() => "in no Go test".to_owned(),
            (None, None) if !self.test.requests.is_empty() => "in the background".to_owned(),
            (None, None) => String::new(),
        };
        let exchange = exchange.or_else(|| self.exchange_of(call));
        let exchange = exchange.or((self.evidence.exchanges.len() == 1).then_some(0));
        let moment = exchange
            .and_then(|index| self.evidence.exchanges.get(index))
            .map(|exchange| {
                let (sent, entered) = (exchange.sent.0, call.entered.0);
                let answered = sent.saturating_add(exchange.took.0);
                let (distance, since) = if entered < sent {
                    (sent - entered, "before the request")
                } else if entered > answered {
                    (entered - answered, "after the answer")
                } else {
                    (entered - sent, "after the request")
                };
                format!("{} {since}", Nanoseconds(distance).precise())
            });
        [Some(owner), Some(call.goroutine.to_string()), moment]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// The calls that an expectation looks at; without a request, all.
fn scope(test: &Test, from: Option<&Spanned<Scope>>) -> Scope {
    match from {
        _ if test.requests.is_empty() && test.go_test.is_none() => Scope::Anywhere,
        Some(from) => from.value,
        None => Scope::default(),
    }
}
