//! Overwriting in what went over the wire, and in what stubs were asked.

use model::{Answer, Carried, Exchange, StubUse};

use super::Patterns;

impl Patterns {
    /// Overwrites every match in a text.
    pub(crate) fn clean_text(&self, text: &mut String) {
        if let std::borrow::Cow::Owned(cleaned) = self.clean(text) {
            *text = cleaned;
        }
    }

    /// Overwrites every match in a request and in what came back.
    pub fn clean_exchange(&self, exchange: &mut Exchange) {
        self.clean_text(&mut exchange.target);
        self.clean_answer(&mut exchange.answer);
    }

    fn clean_answer(&self, answer: &mut Answer) {
        match answer {
            Answer::Response {
                headers,
                body,
                truncated,
                ..
            } => {
                for (_, value) in headers {
                    self.clean_text(value);
                }
                self.clean_bytes(body, *truncated);
            }
            Answer::Failed(reason) => self.clean_text(reason),
            Answer::TimedOut => {}
        }
    }

    /// Overwrites every match in what a stub was asked, and in what was answered in its place.
    pub fn clean_stub_use(&self, stub: &mut StubUse) {
        for request in &mut stub.requests {
            self.clean_text(request);
        }
        for received in &mut stub.received {
            self.clean_text(&mut received.target);
            for (_, value) in &mut received.headers {
                self.clean_text(value);
            }
            self.clean_bytes(&mut received.body, received.truncated);
        }
        for forwarded in &mut stub.forwarded {
            self.clean_text(&mut forwarded.path);
            self.clean_answer(&mut forwarded.answer);
        }
    }

    /// Overwrites every match in what is said of carried values.
    pub fn clean_carried(&self, carried: &mut Carried) {
        for missed in &mut carried.missed {
            self.clean_text(&mut missed.found);
        }
        for note in &mut carried.notes {
            self.clean_text(note);
        }
    }

    /// Whether a text has nothing that must not be seen.
    #[must_use]
    pub fn may_be_seen(&self, text: &str) -> bool {
        matches!(self.clean(text), std::borrow::Cow::Borrowed(_))
    }
}

#[cfg(test)]
mod tests {
    use model::testing;

    use super::*;

    #[test]
    fn every_text_of_an_exchange_is_looked_at() {
        let patterns = Patterns::new(["tok-[a-z]+"]).unwrap();
        let mut exchange = Exchange {
            answer: Answer::Response {
                status: 200,
                headers: vec![("set-cookie".to_owned(), "a=tok-abc; b".to_owned())],
                body: b"now tok-abc".to_vec(),
                truncated: true,
            },
            ..testing::exchange("/?t=tok-abc", 1)
        };
        let mut stub = StubUse {
            name: "site".to_owned(),
            requests: vec!["GET /tok-abc".to_owned()],
            unanswered: Vec::new(),
            received: vec![model::Received {
                method: "GET".to_owned(),
                target: "/tok-abc".to_owned(),
                headers: vec![("authorization".to_owned(), "tok-abc".to_owned())],
                body: b"now tok-abc".to_vec(),
                truncated: true,
            }],
            forwarded: vec![model::Forwarded {
                round: 0,
                method: "GET".to_owned(),
                path: "/tok-abc".to_owned(),
                answer: Answer::Response {
                    status: 200,
                    headers: vec![("x-token".to_owned(), "tok-abc".to_owned())],
                    body: b"now tok-abc".to_vec(),
                    truncated: false,
                },
            }],
        };
        let mut carried = Carried {
            missed: vec![model::Missed {
                found: "no JSON: tok-abc".to_owned(),
                ..model::Missed::default()
            }],
            notes: vec!["of tok-abc".to_owned()],
        };
        assert!(patterns.may_be_seen("tok-1") && !patterns.may_be_seen("a tok-abc"));
        patterns.clean_exchange(&mut exchange);
        patterns.clean_stub_use(&mut stub);
        patterns.clean_carried(&mut carried);
        let seen = format!("{exchange:?} {stub:?} {carried:?}");
        assert!(!seen.contains("tok-"), "{seen}");
        assert!(
            seen.contains("/?t=*******") && seen.contains("a=*******; b"),
            "{seen}"
        );
    }
}
