//! Overwriting in what went over the wire, and in what stubs were asked.

use model::{Answer, Exchange, StubUse};

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
        match &mut exchange.answer {
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

    /// Overwrites every match in what a stub was asked.
    pub fn clean_stub_use(&self, stub: &mut StubUse) {
        for request in &mut stub.requests {
            self.clean_text(request);
        }
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
        };
        patterns.clean_exchange(&mut exchange);
        patterns.clean_stub_use(&mut stub);
        let seen = format!("{exchange:?} {stub:?}");
        assert!(!seen.contains("tok-"), "{seen}");
        assert!(
            seen.contains("/?t=*******") && seen.contains("a=*******; b"),
            "{seen}"
        );
    }
}
