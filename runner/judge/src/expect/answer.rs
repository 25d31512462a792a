//! What came back: status, headers and body of the responses.

use model::{Answer, Exchange, Nanoseconds};
use spec::{
    Span,
    document::RequestSpec,
    matcher::{Comparison, Matcher, Number},
};

use super::{
    Failure, FailureKind, Finding, Reason, Verdict,
    scope::Case,
    truth::Truth,
    value::{Excerpt, Length, integer_matches, text_matches},
    wording,
};

/// The status that a response must be below where the spec demands none.
const FIRST_ERROR_STATUS: i128 = 400;

/// How many lines and bytes of a body are shown beside a wrong status.
const BODY_LINES: usize = 10;
const BODY_BYTES: usize = 1 << 10;

/// The verdicts on the answers to one request entry and all its repetitions.
pub(super) fn judge(case: &Case<'_>, entry: usize, request: &RequestSpec) -> Vec<Verdict> {
    let default = Matcher::Compare(Comparison::Lt, Number::Integer(FIRST_ERROR_STATUS));
    let (matcher, span) = match &request.status {
        Some(status) => (&status.value, &status.span),
        None => (&default, &request.target.span),
    };
    let entry = Entry {
        case,
        entry,
        request,
    };
    let mut verdicts = vec![entry.judge(span, &Part::Status(matcher))];
    for (name, matcher) in &request.expected_headers {
        verdicts.push(entry.judge(&matcher.span, &Part::Header(name, &matcher.value)));
    }
    if let Some(body) = &request.expected_body {
        verdicts.push(entry.judge(&body.span, &Part::Body(&body.value)));
    }
    verdicts
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
}

impl Entry<'_> {
    fn judge(&self, span: &Span, part: &Part<'_>) -> Verdict {
        let exchanges = self.case.evidence.exchanges.iter().enumerate();
        let own: Vec<_> = exchanges.filter(|(_, e)| e.entry == self.entry).collect();
        let judged = own.iter().map(|one| (one, part.judge(&one.1.answer)));
        let (failing, unknown) = Truth::failing(judged);
        let (sent, planned) = (own.len(), self.request.repeat as usize);
        let unsent = (sent < planned).then_some(Reason::Unsent { sent, planned });
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
            got: Some(self.got(part, exchange)),
            remark,
            notes: part.notes(&exchange.answer),
            exchange: Some(index),
            ..Failure::new(FailureKind::Answer, part.name())
        }
    }

    fn got(&self, part: &Part<'_>, exchange: &Exchange) -> String {
        match &exchange.answer {
            Answer::TimedOut => {
                let limit = Nanoseconds::from(self.request.timeout).precise();
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
                Part::Header(name, _) => {
                    let values: Vec<_> = values(headers, name).map(|v| format!("{v:?}")).collect();
                    match values.as_slice() {
                        [] => "no such header".to_owned(),
                        _ => values.join(", "),
                    }
                }
            },
        }
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
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Status(_) => "status".to_owned(),
            Self::Header(name, _) => format!("header {name}"),
            Self::Body(_) => "body".to_owned(),
        }
    }

    /// Further explanation: a body beside a wrong status.
    fn notes(&self, answer: &Answer) -> Vec<String> {
        match (self, answer) {
            (
                Self::Status(_),
                Answer::Response {
                    body, truncated, ..
                },
            ) => shown_body(body, *truncated),
            (Self::Status(_) | Self::Header(..) | Self::Body(_), _) => Vec::new(),
        }
    }

    const fn matcher(&self) -> &Matcher {
        match self {
            Self::Status(matcher) | Self::Header(_, matcher) | Self::Body(matcher) => matcher,
        }
    }

    fn subject(&self) -> String {
        format!("{} {}", self.name(), self.matcher())
    }

    fn want(&self) -> String {
        self.matcher().describe()
    }
}

/// The begin of a body: its lines if it is text, else quoted.
fn shown_body(body: &[u8], truncated: bool) -> Vec<String> {
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

fn values<'h>(headers: &'h [(String, String)], name: &str) -> impl Iterator<Item = &'h str> {
    let named = move |(header, _): &&(String, String)| header.eq_ignore_ascii_case(name);
    headers
        .iter()
        .filter(named)
        .map(|(_, value)| value.as_str())
}

/// A header with several lines matches if one of them does.
fn header_matches<'h>(matcher: &Matcher, values: impl Iterator<Item = &'h str>) -> Truth {
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
