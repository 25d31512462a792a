//! What stubs received against what the program must have sent: `[[test.stubs.NAME.received]]`.

use model::{Received as Seen, StubUse};
use spec::{
    Span,
    document::{Received, ReceivedBody, Stub},
    matcher::{Comparison, Matcher, Number},
};

use super::{
    Failure, FailureKind, Finding, Reason, Verdict,
    answer::{header_matches, shown_header, values},
    count::between,
    json::Document,
    scope::Case,
    truth::Truth,
    value::{Excerpt, Length, text_matches},
    wording,
};

/// How many requests are listed that came instead.
const LISTED: usize = 8;

/// The verdicts on what the stubs received.
pub(super) fn judge(case: &Case<'_>) -> Vec<Verdict> {
    let redacts = !case.spec.redactions.patterns.is_empty();
    let stubs = case.test.stubs.iter();
    let verdicts = stubs.flat_map(|stub| {
        let mut uses = case.evidence.stubs.iter();
        let used = uses.find(|used| used.name == stub.name.value);
        let mut look = Look {
            stub,
            used,
            redacts,
            certain: 0,
            possible: 0,
        };
        let wanted = stub.received.iter();
        let verdicts = wanted.map(|wanted| look.judge(case, wanted));
        verdicts.collect::<Vec<_>>()
    });
    verdicts.collect()
}

/// A stub's requests from where the next entry looks on.
struct Look<'a> {
    stub: &'a Stub,
    used: Option<&'a StubUse>,
    redacts: bool,
    /// From here on, all are behind those of the entries before.
    certain: usize,
    /// From here on, they may be.
    possible: usize,
}

/// One thing that is asked of a request.
struct Asked<'a> {
    span: &'a Span,
    label: String,
    truth: Truth,
    want: String,
    got: String,
    /// What to show beside it.
    body: bool,
}

impl<'a> Look<'a> {
    fn judge(&mut self, case: &Case<'_>, wanted: &Received) -> Verdict {
        let truths: Vec<Truth> = (0..self.requests().len())
            .map(|index| self.matches(wanted, index))
            .collect();
        let behind = |from: usize| truths.iter().enumerate().skip(from);
        let sure: Vec<usize> = behind(self.certain)
            .filter(|(_, truth)| truth.is_certain())
            .map(|(index, _)| index)
            .collect();
        let possible: Vec<usize> = behind(self.possible)
            .filter(|(_, truth)| truth.is_possible())
            .map(|(index, _)| index)
            .collect();
        let default = Matcher::Compare(Comparison::Ge, Number::Integer(1));
        let (matcher, span) = match &wanted.count {
            Some(count) => (&count.value, &count.span),
            None => (&default, &wanted.target.span),
        };
        let (least, most) = (sure.len() as i128, possible.len() as i128);
        let subject = format!(
            "stub {} received {} {}",
            self.stub.name.value, wanted.method, wanted.target.value
        );
        let mut at = span.clone();
        let finding = match (case.unsent(), between(matcher, least, Some(most))) {
            (Some(reason), _) => Finding::Inconclusive(reason),
            (None, Truth::Yes) => Finding::Passed {
                basis: wording::plural(sure.len(), "request"),
            },
            (None, Truth::Unknown(reason)) => {
                let mut reasons = truths.iter().filter_map(|truth| match truth {
                    Truth::Unknown(reason) => Some(reason.clone()),
                    Truth::Yes | Truth::No => None,
                });
                Finding::Inconclusive(reasons.next().unwrap_or(reason))
            }
            (None, Truth::No) if possible.is_empty() => {
                let (place, failure) = self.missing(wanted);
                at = place;
                Finding::Failed(failure)
            }
            (None, Truth::No) => Finding::Failed(Failure {
                want: Some(matcher.describe()),
                got: Some(match most == least {
                    true => least.to_string(),
                    false => format!("{least} to {most}"),
                }),
                notes: vec![self.listed()],
                ..Failure::new(FailureKind::Count, format!("requests {}", name(wanted)))
            }),
        };
        if let Some(first) = possible.first() {
            self.possible = first + 1;
            self.certain = sure
                .first()
                .or(possible.last())
                .map_or(self.certain, |at| self.certain.max(at + 1));
        }
        Verdict::new(at, subject, finding)
    }

    fn requests(&self) -> &'a [String] {
        self.used.map_or(&[], |used| used.requests.as_slice())
    }

    fn seen(&self, index: usize) -> Option<&'a Seen> {
        self.used?.received.get(index)
    }

    /// Whether a request is the wanted one.
    fn matches(&self, wanted: &Received, index: usize) -> Truth {
        self.is_named(wanted, index).and(|| match self.seen(index) {
            Some(seen) => {
                let asked = self.asked(wanted, seen);
                Truth::all(asked.into_iter().map(|asked| asked.truth))
            }
            None if asks_more(wanted) => Truth::Unknown(Reason::StubRoom),
            None => Truth::Yes,
        })
    }

    /// Whether its method and its path are the wanted ones.
    fn is_named(&self, wanted: &Received, index: usize) -> Truth {
        let Some(request) = self.requests().get(index) else {
            return Truth::No;
        };
        let (method, path) = request.split_once(' ').unwrap_or((request, ""));
        match method == wanted.method && path == path_of(&wanted.target.value) {
            true => Truth::Yes,
            false if self.redacts && method == wanted.method && path.contains('*') => {
                Truth::Unknown(Reason::Redacted)
            }
            false => Truth::No,
        }
    }

    /// All that is asked of a request beside its method and its path.
    fn asked<'w>(&self, wanted: &'w Received, seen: &Seen) -> Vec<Asked<'w>> {
        let mut all = Vec::new();
        if let Some((_, query)) = wanted.target.value.split_once('?') {
            let got = seen.target.split_once('?').map_or("", |(_, query)| query);
            all.push(Asked {
                span: &wanted.target.span,
                label: "query".to_owned(),
                truth: self.undecided((query == got).into(), got),
                want: format!("{query:?}"),
                got: format!("{got:?}"),
                body: false,
            });
        }
        for (header, matcher) in &wanted.headers {
            let truth = header_matches(&matcher.value, values(&seen.headers, header));
            let got: Vec<&str> = values(&seen.headers, header).collect();
            all.push(Asked {
                span: &matcher.span,
                label: format!("header {header}"),
                truth: self.undecided(truth, &got.concat()),
                want: matcher.value.describe(),
                got: shown_header(&seen.headers, header),
                body: false,
            });
        }
        match &wanted.body {
            None => {}
            Some(ReceivedBody::Text(matcher)) => {
                let text = Excerpt {
                    bytes: &seen.body,
                    full: match seen.truncated {
                        true => Length::More,
                        false => Length::Is(seen.body.len() as u64),
                    },
                    limits: None,
                };
                let truth = text_matches(&matcher.value, text);
                all.push(Asked {
                    span: &matcher.span,
                    label: "body".to_owned(),
                    truth: self.undecided(truth, &String::from_utf8_lossy(&seen.body)),
                    want: matcher.value.describe(),
                    got: wording::text(&seen.body, !seen.truncated),
                    body: false,
                });
            }
            Some(ReceivedBody::Json(parts)) => {
                let document = Document {
                    bytes: &seen.body,
                    truncated: seen.truncated,
                    redacts: self.redacts,
                };
                for part in parts {
                    let (got, body) = document.got(part);
                    all.push(Asked {
                        span: &part.matcher.span,
                        label: format!("json {}", part.path.value),
                        truth: document.judge(part),
                        want: part.matcher.value.describe(),
                        got,
                        body,
                    });
                }
            }
            Some(ReceivedBody::Form(fields)) => {
                let form: Vec<(String, String)> =
                    form_urlencoded::parse(&seen.body).into_owned().collect();
                for (field, matcher) in fields {
                    all.push(self.field(field, matcher, &form, seen));
                }
            }
        }
        all
    }

    fn field<'w>(
        &self,
        field: &str,
        matcher: &'w spec::Spanned<Matcher>,
        form: &[(String, String)],
        seen: &Seen,
    ) -> Asked<'w> {
        let own = form.iter().filter(|(name, _)| name == field);
        let own: Vec<&str> = own.map(|(_, value)| value.as_str()).collect();
        let matching = own
            .iter()
            .map(|value| text_matches(&matcher.value, Excerpt::whole(value.as_bytes())));
        let truth = match Truth::any(matching) {
            Truth::No if seen.truncated => Truth::Unknown(Reason::Truncated {
                read: seen.body.len(),
                full: None,
                limits: None,
            }),
            truth => self.undecided(truth, &own.concat()),
        };
        let quoted: Vec<String> = own.iter().map(|value| format!("{value:?}")).collect();
        Asked {
            span: &matcher.span,
            label: format!("form {field}"),
            truth,
            want: matcher.value.describe(),
            got: match quoted.as_slice() {
                [] => "no such field".to_owned(),
                _ => quoted.join(", "),
            },
            body: own.is_empty(),
        }
    }

    /// What was overwritten might have matched.
    fn undecided(&self, truth: Truth, text: &str) -> Truth {
        match truth {
            Truth::No if self.redacts && text.contains('*') => Truth::Unknown(Reason::Redacted),
            truth => truth,
        }
    }

    /// Why no request is the wanted one, and the place of what none of them is.
    fn missing(&self, wanted: &Received) -> (Span, Failure) {
        let stub = &self.stub.name.value;
        let named: Vec<usize> = (0..self.requests().len())
            .filter(|index| self.is_named(wanted, *index).is_possible())
            .collect();
        let behind = named.iter().filter(|index| **index >= self.possible);
        let nearest = behind
            .clone()
            .filter_map(|index| {
                let asked = self.asked(wanted, self.seen(*index)?);
                let wrong = asked
                    .iter()
                    .filter(|asked| asked.truth == Truth::No)
                    .count();
                Some((wrong, *index, asked))
            })
            .min_by_key(|(wrong, index, _)| (*wrong, *index));
        if let Some((_, index, asked)) = nearest
            && let Some(wrong) = asked.into_iter().find(|asked| asked.truth == Truth::No)
        {
            let body = self.seen(index).filter(|_| wrong.body);
            let mut notes = body.map_or_else(Vec::new, |seen| {
                super::answer::shown_body(&seen.body, seen.truncated)
            });
            notes.push(self.listed());
            let failure = Failure {
                want: Some(wrong.want),
                got: Some(wrong.got),
                remark: Some(format!(
                    "{}, the nearest of {}",
                    name(wanted),
                    wording::plural(behind.count(), "request")
                )),
                notes,
                ..Failure::new(
                    FailureKind::Value,
                    format!("{} at stub {stub}", wrong.label),
                )
            };
            return (wrong.span.clone(), failure);
        }
        let is_early = named
            .iter()
            .any(|index| self.matches(wanted, *index).is_possible());
        let failure = match is_early {
            true => Failure::new(
                FailureKind::Order,
                format!("stub {stub} received it only before the one above"),
            ),
            false => Failure::new(
                FailureKind::Missing,
                format!("stub {stub} did not receive it"),
            ),
        };
        let failure = Failure {
            notes: vec![self.listed()],
            ..failure
        };
        (wanted.target.span.clone(), failure)
    }

    /// `stub pay received: GET /a, POST /v1/charges ×2`
    fn listed(&self) -> String {
        let stub = &self.stub.name.value;
        let mut runs: Vec<(&str, usize)> = Vec::new();
        for request in self.requests() {
            match runs.last_mut() {
                Some((last, times)) if *last == request => *times += 1,
                _ => runs.push((request.as_str(), 1)),
            }
        }
        let shown = runs
            .iter()
            .take(LISTED)
            .map(|(request, times)| match times {
                1 => (*request).to_owned(),
                times => format!("{request} ×{times}"),
            });
        let shown: Vec<String> = shown.collect();
        match (shown.as_slice(), runs.len().saturating_sub(LISTED)) {
            ([], _) => format!("stub {stub} received nothing"),
            (shown, 0) => format!("stub {stub} received: {}", shown.join(", ")),
            (shown, more) => format!("stub {stub} received: {} and {more} more", shown.join(", ")),
        }
    }
}

/// Whether more is asked than the method and the path.
fn asks_more(wanted: &Received) -> bool {
    wanted.target.value.contains('?') || !wanted.headers.is_empty() || wanted.body.is_some()
}

fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

fn name(wanted: &Received) -> String {
    format!("{} {}", wanted.method, wanted.target.value)
}
