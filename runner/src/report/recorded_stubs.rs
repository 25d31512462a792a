//! What the upstreams of stubs answered, as tables to be pasted into the spec.

use std::fmt::Write as _;

use model::{Answer, Forwarded, StubUse};
use toml_writer::{ToTomlKey as _, ToTomlValue as _, TomlStringBuilder};

/// Headers that a stub sends by itself, or that belong to one connection (RFC 9110, 7.6.1) or one moment.
const LEFT_OUT: [&str; 9] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What the stubs of a spec were answered by their upstreams, test by test.
#[derive(Debug, Default)]
pub(crate) struct RecordedStubs {
    rounds: Vec<Round>,
}

/// What one stub was asked while it did not begin anew.
#[derive(Debug)]
struct Round {
    stub: String,
    test: String,
    number: u64,
    routes: Vec<RecordedRoute>,
}

/// The answers to one method and path, in order.
#[derive(Clone, Debug, PartialEq)]
struct RecordedRoute {
    route: String,
    answers: Vec<RecordedAnswer>,
}

#[derive(Clone, Debug, PartialEq)]
struct RecordedAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// Headers that were there several times, of which an answer has the first.
    repeated: Vec<String>,
}

impl RecordedStubs {
    /// Adds what a test's stubs were answered. Gives what can't be recorded, a line each.
    pub(crate) fn add(&mut self, test: &str, stubs: &[StubUse]) -> Vec<String> {
        let mut problems = Vec::new();
        for stub in stubs {
            for forwarded in &stub.forwarded {
                match RecordedAnswer::new(&forwarded.answer) {
                    Ok(answer) => self.keep(test, &stub.name, forwarded, answer),
                    Err(why) => problems.push(format!(
                        "stub {}: {} {} is not recorded: {why}",
                        stub.name, forwarded.method, forwarded.path
                    )),
                }
            }
        }
        problems
    }

    fn keep(&mut self, test: &str, stub: &str, forwarded: &Forwarded, answer: RecordedAnswer) {
        let is_same = |round: &Round| {
            round.stub == stub && round.test == test && round.number == forwarded.round
        };
        let index = self.rounds.iter().position(is_same).unwrap_or_else(|| {
            self.rounds.push(Round {
                stub: stub.to_owned(),
                test: test.to_owned(),
                number: forwarded.round,
                routes: Vec::new(),
            });
            self.rounds.len() - 1
        });
        let routes = self.rounds.get_mut(index).map(|round| &mut round.routes);
        let route = format!("{} {}", forwarded.method, forwarded.path);
        if let Some(routes) = routes {
            match routes.iter_mut().find(|known| known.route == route) {
                Some(known) => known.answers.push(answer),
                None => routes.push(RecordedRoute {
                    route,
                    answers: vec![answer],
                }),
            }
        }
    }

    /// Whether there is nothing to paste.
    pub(crate) const fn is_empty(&self) -> bool {
        self.rounds.is_empty()
    }

    /// The tables: for each stub one that holds for all tests; where tests were answered differently, one for each of these.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let mut stubs: Vec<&str> = Vec::new();
        for round in &self.rounds {
            if !stubs.contains(&round.stub.as_str()) {
                stubs.push(&round.stub);
            }
        }
        for stub in stubs {
            self.write_stub(&mut text, stub);
        }
        text
    }

    fn write_stub(&self, text: &mut String, stub: &str) {
        let mut common: Vec<RecordedRoute> = Vec::new();
        let mut different: Vec<&Round> = Vec::new();
        for round in self.rounds.iter().filter(|round| round.stub == stub) {
            match merged(&common, &round.routes) {
                Some(routes) => common = routes,
                None => different.push(round),
            }
        }
        separate(text);
        let _ = writeln!(text, "[stubs.{stub}.routes]");
        write_routes(text, &common);
        for round in different {
            separate(text);
            let test = one_line(&round.test);
            let _ = writeln!(
                text,
                "# Below the [[test]] with name = {test}, which was answered differently:"
            );
            let _ = writeln!(text, "[test.stubs.{stub}.routes]");
            write_routes(text, &round.routes);
        }
    }
}

/// Routes that serve both, if there are such: where both have a route, one list of answers goes on where the other ends.
fn merged(some: &[RecordedRoute], more: &[RecordedRoute]) -> Option<Vec<RecordedRoute>> {
    let mut merged = some.to_vec();
    for route in more {
        match merged.iter_mut().find(|known| known.route == route.route) {
            None => merged.push(route.clone()),
            Some(known) if known.answers.starts_with(&route.answers) => {}
            Some(known) if route.answers.starts_with(&known.answers) => {
                known.answers.clone_from(&route.answers);
            }
            Some(_) => return None,
        }
    }
    Some(merged)
}

fn separate(text: &mut String) {
    if !text.is_empty() {
        text.push('\n');
    }
}

fn write_routes(text: &mut String, routes: &[RecordedRoute]) {
    for RecordedRoute { route, answers } in routes {
        let route = one_line(route);
        let needed = needed(answers);
        let repeated = needed.iter().flat_map(|answer| &answer.repeated);
        for name in repeated {
            let _ = writeln!(
                text,
                "# There were several {name}: an answer has the first."
            );
        }
        match needed {
            [answer] => {
                let _ = writeln!(text, "{route} = {}", answer.text());
            }
            answers => {
                let _ = writeln!(text, "{route} = [");
                for answer in answers {
                    let _ = writeln!(text, "  {},", answer.text());
                }
                let _ = writeln!(text, "]");
            }
        }
    }
}

/// The answers without those at the end that are the same once more: the last one of a list repeats.
fn needed(answers: &[RecordedAnswer]) -> &[RecordedAnswer] {
    let Some(last) = answers.last() else {
        return answers;
    };
    let other = answers.iter().rposition(|answer| answer != last);
    let needed = other.map_or(1, |other| other + 2);
    answers.get(..needed).unwrap_or(answers)
}

impl RecordedAnswer {
    /// What a stub says to give the same answer.
    ///
    /// # Errors
    /// No stub can give it; why.
    fn new(answer: &Answer) -> Result<Self, String> {
        let Answer::Response {
            status,
            headers,
            body,
            ..
        } = answer
        else {
            return Err(answer.to_string());
        };
        if !(200..=599).contains(status) {
            return Err(format!("no stub can answer with status {status}"));
        }
        let body = String::from_utf8(body.clone())
            .map_err(|_| "its body is no UTF-8 text, and a stub's body is text".to_owned())?;
        let mut recorded = Self {
            status: *status,
            headers: Vec::new(),
            body,
            repeated: Vec::new(),
        };
        for (name, value) in headers {
            let is_there = recorded.headers.iter().any(|(known, _)| known == name);
            if is_there && !recorded.repeated.contains(name) {
                recorded.repeated.push(name.clone());
            } else if !is_there && !LEFT_OUT.contains(&name.as_str()) {
                recorded.headers.push((name.clone(), value.clone()));
            }
        }
        Ok(recorded)
    }

    /// `{ status = 201, headers = { content-type = "text/plain" }, body = "ok" }`
    fn text(&self) -> String {
        let mut text = format!("{{ status = {}", self.status);
        let headers = self.headers.iter();
        let headers =
            headers.map(|(name, value)| format!("{} = {}", name.to_toml_key(), one_line(value)));
        let headers: Vec<String> = headers.collect();
        if !headers.is_empty() {
            let _ = write!(text, ", headers = {{ {} }}", headers.join(", "));
        }
        if !self.body.is_empty() {
            let _ = write!(text, ", body = {}", one_line(&self.body));
        }
        text.push_str(" }");
        text
    }
}

/// A string in one line, as a table in one line wants it.
fn one_line(text: &str) -> String {
    let builder = TomlStringBuilder::new(text);
    let pretty = builder.as_basic_pretty().or_else(|| builder.as_literal());
    let string = pretty.unwrap_or_else(|| builder.as_basic());
    string.to_toml_value()
}

#[cfg(test)]
mod tests {
    use spec::{Source, document::AnswerAction};

    use super::*;

    fn forwarded(round: u64, route: &str, status: u16, body: &str) -> Forwarded {
        let (method, path) = route.split_once(' ').unwrap();
        let headers = [("content-type", "text/plain"), ("date", "now")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Forwarded {
            round,
            method: method.to_owned(),
            path: path.to_owned(),
            answer: Answer::Response {
                status,
                headers: headers.to_vec(),
                body: body.as_bytes().to_vec(),
                truncated: false,
            },
        }
    }

    fn stub(forwarded: Vec<Forwarded>) -> StubUse {
        StubUse {
            name: "pay".to_owned(),
            forwarded,
            ..StubUse::default()
        }
    }

    /// Routes with the statuses and bodies of their answers, as a spec with these tables has them.
    fn routes(text: &str) -> Vec<(String, Vec<(u16, String)>)> {
        let text = format!(
            "[program]\npackage = \".\"\nargs = [\"${{stub.pay}}\"]\n{text}\n[functions]\nf = \"main.f\"\n\
             [[test]]\nname = \"a\"\nnever = [\"f\"]\n"
        );
        let spec = spec::parse(Source::new("a.proctor.toml", text)).unwrap();
        let routes = spec.stubs[0].routes.iter().map(|route| {
            let answers = route.answers.iter().map(|answer| match &answer.action {
                AnswerAction::Respond {
                    status,
                    body,
                    headers,
                } => {
                    assert_eq!(headers.len(), 1, "{headers:?}");
                    (*status, body.clone())
                }
                AnswerAction::Drop => panic!("none is dropped"),
            });
            (
                format!("{} {}", route.method, route.path),
                answers.collect(),
            )
        });
        routes.collect()
    }

    #[test]
    fn answers_stand_in_the_spec_as_they_came() {
        let odd = "tab\t 'single' \"double\" back\\slash\r\n\u{1}\u{7f} ü";
        let mut recorded = RecordedStubs::default();
        assert!(recorded.is_empty());
        let problems = recorded.add(
            "a",
            &[stub(vec![
                forwarded(1, "POST /a", 201, "{\"id\": 7}"),
                forwarded(1, "GET /b", 200, odd),
                forwarded(1, "POST /a", 503, ""),
                forwarded(1, "POST /a", 503, ""),
            ])],
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(
            routes(&recorded.text()),
            [
                (
                    "POST /a".to_owned(),
                    vec![(201, "{\"id\": 7}".to_owned()), (503, String::new())]
                ),
                ("GET /b".to_owned(), vec![(200, odd.to_owned())]),
            ]
        );
    }

    #[test]
    fn a_test_that_was_answered_differently_has_answers_of_its_own() {
        let mut recorded = RecordedStubs::default();
        let one = || forwarded(1, "GET /a", 200, "one");
        recorded.add("first", &[stub(vec![one()])]);
        recorded.add(
            "longer",
            &[stub(vec![one(), forwarded(1, "GET /a", 200, "two")])],
        );
        recorded.add("other", &[stub(vec![forwarded(1, "GET /a", 404, "")])]);
        let text = recorded.text();
        let (common, own) = text
            .split_once("\n# Below the [[test]] with name = \"other\"")
            .unwrap();
        let answers = vec![(200, "one".to_owned()), (200, "two".to_owned())];
        assert_eq!(routes(common), [("GET /a".to_owned(), answers)]);
        assert!(own.ends_with(
            "[test.stubs.pay.routes]\n\"GET /a\" = { status = 404, headers = { content-type = \"text/plain\" } }\n"
        ), "{own}");
    }

    #[test]
    fn what_no_stub_can_answer_is_said() {
        let mut recorded = RecordedStubs::default();
        let mut text = forwarded(1, "GET /a", 200, "");
        if let Answer::Response { body, .. } = &mut text.answer {
            *body = vec![0xff];
        }
        let failed = Forwarded {
            answer: Answer::Failed("connection refused".to_owned()),
            ..forwarded(1, "GET /b", 200, "")
        };
        let slow = Forwarded {
            answer: Answer::TimedOut,
            ..failed.clone()
        };
        let problems = recorded.add("a", &[stub(vec![text, failed, slow])]);
        assert_eq!(
            problems,
            [
                "stub pay: GET /a is not recorded: its body is no UTF-8 text, and a stub's body is text",
                "stub pay: GET /b is not recorded: no answer: connection refused",
                "stub pay: GET /b is not recorded: no answer in time",
            ]
        );
        assert!(recorded.is_empty());
    }
}
