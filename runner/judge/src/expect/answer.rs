//! What came back: status, headers and body of the responses.

use model::{Answer, Carried, Exchange, Nanoseconds};
use spec::{
    Span,
    document::{JsonExpectation, RequestSpec},
    matcher::{Comparison, Matcher, Number},
};

use super::{
    Failure, FailureKind, Finding, Reason, Verdict,
    json::Document,
    scope::Case,
    truth::Truth,
    value::{Excerpt, Length, integer_matches, text_matches},
    wording,
};

/// What a status must be where the spec demands none.
static BELOW_ERRORS: Matcher = Matcher::Compare(Comparison::Lt, Number::Integer(400));

/// How many lines and bytes of a body are shown beside a wrong status.
const BODY_LINES: usize = 10;
const BODY_BYTES: usize = 1 << 10;

/// The verdicts on the answers to one request entry and all its repetitions.
pub(super) fn judge(case: &Case<'_>, entry: usize, request: &RequestSpec) -> Vec<Verdict> {
    let redacts = !case.spec.redactions.patterns.is_empty();
    let entry = Entry {
        case,
        entry,
        request,
    };
    let parts = parts(request, redacts).into_iter();
    parts.map(|(span, part)| entry.judge(span, &part)).collect()
}

/// All that is demanded of the answers to a request, with its places.
fn parts(request: &RequestSpec, redacts: bool) -> Vec<(&Span, Part<'_>)> {
    let mut parts = vec![match &request.status {
        Some(status) => (&status.span, Part::Status(&status.value)),
        None => (&request.target.span, Part::Status(&BELOW_ERRORS)),
    }];
    for (name, matcher) in &request.expected_headers {
        parts.push((&matcher.span, Part::Header(name, &matcher.value)));
    }
    if let Some(body) = &request.expected_body {
        parts.push((&body.span, Part::Body(&body.value)));
    }
    for wanted in &request.expected_json {
        parts.push((&wanted.matcher.span, Part::Json(wanted, redacts)));
    }
    parts
}

/// What an answer was not that it had to be, to a request that only prepares a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmet {
    /// The demand's place in the spec.
    pub span: Span,
    /// The request: `POST /login`
    pub request: String,
    /// What of the answer: `status`
    pub part: String,
    /// What it had to be.
    pub want: String,
    /// What it was.
    pub got: String,
    /// The answer, a line each.
    pub notes: Vec<String>,
}

/// The first demand on the answers to requests that one does not meet; what they were is taken from `shown`, where what must not
/// be seen is overwritten.
#[must_use]
pub fn unmet(
    requests: &[RequestSpec],
    exchanges: &[Exchange],
    shown: &[Exchange],
    carried: &Carried,
) -> Option<Unmet> {
    exchanges.iter().zip(shown).find_map(|(exchange, shown)| {
        let request = requests.get(exchange.entry)?;
        let words = |span: &Span, part: String, want: String, got: String| Unmet {
            span: span.clone(),
            request: format!("{} {}", shown.method, shown.target),
            part,
            want,
            got,
            notes: shown_answer(&shown.answer),
        };
        let mut parts = parts(request, false).into_iter();
        let wrong = parts.find(|(_, part)| part.judge(&exchange.answer) == Truth::No);
        if let Some((span, part)) = wrong {
            let got = got(request, &part, shown);
            return Some(words(span, part.name(), part.want(), got));
        }
        let missed = carried.missed.iter();
        let mut missed = missed.filter(|missed| missed.entry == exchange.entry);
        missed.find_map(|missed| {
            let mut captures = request.save.iter();
            let capture = captures.find(|capture| capture.name.value == missed.name)?;
            let part = format!("${{{}}} from {}", missed.name, capture.source.value);
            let (want, got) = ("one value".to_owned(), missed.found.clone());
            Some(words(&capture.source.span, part, want, got))
        })
    })
}

/// A request entry of the test.
struct Entry<'a> {
    case: &'a Case<'a>,
    entry: usize,
    request: &'a RequestSpec,
}

/// What is demanded of a part of a response.
enum Part<'a> {
    Status(&'a Matcher),
    Header(&'a str, &'a Matcher),
    Body(&'a Matcher),
    /// Of the JSON in its body, parts of which may be overwritten.
    Json(&'a JsonExpectation, bool),
}

impl Entry<'_> {
    fn judge(&self, span: &Span, part: &Part<'_>) -> Verdict {
        let exchanges = self.case.evidence.exchanges.iter().enumerate();
        let own: Vec<_> = exchanges.filter(|(_, e)| e.entry == self.entry).collect();
        let judged = own.iter().map(|one| (one, part.judge(&one.1.answer)));
        let (failing, unknown) = Truth::failing(judged);
        let (sent, planned) = (own.len(), self.request.repeat as usize);
        let unsent = || match self.case.evidence.carried.missed.first() {
            Some(missed) => Reason::Unsaved(missed.name.clone()),
            None => Reason::Unsent { sent, planned },
        };
        let unsent = (sent < planned).then(unsent);
        let finding = match failing.first() {
            Some((index, exchange)) => {
                Finding::Failed(self.failure(part, *index, exchange, failing.len(), sent))
            }
            None => Finding::passed(unknown.or(unsent), || {
                basis(own.iter().map(|(_, exchange)| &exchange.answer))
            }),
        };
        Verdict::new(span.clone(), part.subject(), finding)
    }

    fn failure(
        &self,
        part: &Part<'_>,
        index: usize,
        exchange: &Exchange,
        failing: usize,
        sent: usize,
    ) -> Failure {
        let remark = (sent > 1).then(|| format!("{failing} of {sent} responses"));
        Failure {
            want: Some(part.want()),
            got: Some(got(self.request, part, exchange)),
            remark,
            notes: part.notes(&exchange.answer),
            exchange: Some(index),
            ..Failure::new(FailureKind::Answer, part.name())
        }
    }
}

/// What came back instead of what is demanded.
fn got(request: &RequestSpec, part: &Part<'_>, exchange: &Exchange) -> String {
    match &exchange.answer {
        Answer::TimedOut => {
            let limit = Nanoseconds::from(request.timeout).precise();
            format!("no answer within {limit}")
        }
        answer @ Answer::Failed(_) => answer.to_string(),
        Answer::Response {
            status,
            headers,
            body,
            truncated,
        } => match part {
            Part::Status(_) => status.to_string(),
            Part::Body(_) => wording::text(body, !truncated),
            Part::Header(name, _) => shown_header(headers, name),
            Part::Json(wanted, redacts) => document(body, *truncated, *redacts).got(wanted).0,
        },
    }
}

/// The values of a header, quoted.
pub(super) fn shown_header(headers: &[(String, String)], name: &str) -> String {
    let values: Vec<_> = values(headers, name).map(|v| format!("{v:?}")).collect();
    match values.as_slice() {
        [] => "no such header".to_owned(),
        _ => values.join(", "),
    }
}

const fn document(body: &[u8], truncated: bool, redacts: bool) -> Document<'_> {
    Document {
        bytes: body,
        truncated,
        redacts,
    }
}

impl Part<'_> {
    fn judge(&self, answer: &Answer) -> Truth {
        let Answer::Response {
            status,
            headers,
            body,
            truncated,
        } = answer
        else {
            // Whatever comes back will do, and nothing too: the handler may panic, the program end.
            return matches!(self, Self::Status(Matcher::Any)).into();
        };
        match self {
            Self::Status(matcher) => integer_matches(matcher, i128::from(*status)),
            Self::Header(name, matcher) => header_matches(matcher, values(headers, name)),
            Self::Body(matcher) => {
                let text = Excerpt {
                    bytes: body,
                    full: if *truncated {
                        Length::More
                    } else {
                        Length::Is(body.len() as u64)
                    },
                    limits: None,
                };
                text_matches(matcher, text)
            }
            Self::Json(wanted, redacts) => document(body, *truncated, *redacts).judge(wanted),
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Status(_) => "status".to_owned(),
            Self::Header(name, _) => format!("header {name}"),
            Self::Body(_) => "body".to_owned(),
            Self::Json(wanted, _) => format!("json {}", wanted.path.value),
        }
    }

    /// Further explanation: a body beside a wrong status, and where a path leads nowhere.
    fn notes(&self, answer: &Answer) -> Vec<String> {
        match (self, answer) {
            (
                Self::Status(_),
                Answer::Response {
                    body, truncated, ..
                },
            ) => shown_body(body, *truncated),
            (
                Self::Json(wanted, redacts),
                Answer::Response {
                    body, truncated, ..
                },
            ) if document(body, *truncated, *redacts).got(wanted).1 => shown_body(body, *truncated),
            (Self::Status(_) | Self::Header(..) | Self::Body(_) | Self::Json(..), _) => Vec::new(),
        }
    }

    const fn matcher(&self) -> &Matcher {
        match self {
            Self::Status(matcher) | Self::Header(_, matcher) | Self::Body(matcher) => matcher,
            Self::Json(wanted, _) => &wanted.matcher.value,
        }
    }

    fn subject(&self) -> String {
        format!("{} {}", self.name(), self.matcher())
    }

    fn want(&self) -> String {
        self.matcher().describe()
    }
}

/// An answer, a line each: its status, and the begin of its body.
pub(super) fn shown_answer(answer: &Answer) -> Vec<String> {
    match answer {
        Answer::Response {
            status,
            body,
            truncated,
            ..
        } => {
            let mut lines = vec![format!("the answer had status {status}")];
            lines.extend(shown_body(body, *truncated));
            lines
        }
        Answer::TimedOut | Answer::Failed(_) => vec![answer.to_string()],
    }
}

/// The begin of a body: its lines if it is text, else quoted.
pub(super) fn shown_body(body: &[u8], truncated: bool) -> Vec<String> {
    let is_text = |c: char| !c.is_control() || "\n\r\t".contains(c);
    let text = std::str::from_utf8(body).ok();
    let Some(text) = text.filter(|text| text.chars().all(is_text)) else {
        return vec![format!("body {}", wording::text(body, !truncated))];
    };
    let text = text.trim_end();
    let shown = text
        .get(..text.floor_char_boundary(BODY_BYTES))
        .unwrap_or(text);
    let mut lines: Vec<&str> = shown.lines().take(BODY_LINES).collect();
    if truncated || shown.len() < text.len() || shown.lines().count() > BODY_LINES {
        lines.push("…");
    }
    match lines.as_slice() {
        [] => Vec::new(),
        [line] => vec![format!("body {line}")],
        lines => [&["body"], lines]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect(),
    }
}

/// What was looked at: `3 responses`, `no answer`, `2 responses, 1 request without an answer`.
fn basis<'a>(answers: impl Iterator<Item = &'a Answer>) -> String {
    let is_response = |answer: &&Answer| matches!(answer, Answer::Response { .. });
    let (responses, failed): (Vec<_>, Vec<_>) = answers.partition(is_response);
    let answered = wording::plural(responses.len(), "response");
    let unanswered = wording::plural(failed.len(), "request");
    match (responses.len(), failed.len()) {
        (_, 0) => answered,
        (0, _) => format!("{unanswered} without an answer"),
        _ => format!("{answered}, {unanswered} without an answer"),
    }
}

pub(super) fn values<'h>(
    headers: &'h [(String, String)],
    name: &str,
) -> impl Iterator<Item = &'h str> {
    let named = move |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
    headers
        .iter()
        .filter(named)
        .map(|(_, value)| value.as_str())
}

/// A header with several lines matches if one of them does.
pub(super) fn header_matches<'h>(
    matcher: &Matcher,
    values: impl Iterator<Item = &'h str>,
) -> Truth {
    let mut result = Truth::No;
    for value in values {
        match text_matches(matcher, Excerpt::whole(value.as_bytes())) {
            Truth::Yes => return Truth::Yes,
            Truth::No => {}
            unknown @ Truth::Unknown(_) => result = unknown,
        }
    }
    result
}
