//! Which tests depend on a name of `[functions]`.

use super::document::{
    CallExpectation, Sequence, SequenceElement, Spanned, Spec, Standpoint, Step, Test,
};

impl Spec {
    /// The tests whose verdicts depend on the calls of the functions behind a name, by their names.
    #[must_use]
    pub fn tests_on(&self, label: &str) -> Vec<String> {
        let mut parts = self
            .hand_offs
            .iter()
            .flat_map(|hand_off| [&hand_off.from.label, &hand_off.to.label])
            .chain(self.server.iter().map(|server| &server.entry));
        // What identifies requests decides whose calls all are.
        let of_requests = parts.any(|part| part.value == label);
        self.tests
            .iter()
            .filter(|test| of_requests || test.depends_on(label))
            .map(|test| test.name.value.clone())
            .collect()
    }
}

impl Test {
    fn depends_on(&self, label: &str) -> bool {
        let Self {
            sequence,
            counts,
            counts_per_request,
            flows,
            never,
            calls,
            latency,
            left: _,
            snapshot: _,
            execution: _,
            name: _,
            go_test: _,
            tags: _,
            requests: _,
            stubs: _,
            from: _,
            settle: _,
            within: _,
            before: _,
            cookies: _,
            span: _,
        } = self;
        let is = |name: &Spanned<String>| name.value == label;
        let mut parts = flows.iter().flat_map(|flow| &flow.parts);
        // A snapshot shows the calls of all functions.
        self.is_held()
            || sequence.iter().any(|sequence| sequence.depends_on(label))
            || counts
                .iter()
                .chain(counts_per_request)
                .any(|count| is(&count.label))
            || parts.any(|part| is(&part.label))
            || never.iter().any(is)
            || calls.iter().any(|calls| calls.depends_on(label))
            || latency.iter().any(|latency| is(&latency.label))
    }
}

impl Sequence {
    fn depends_on(&self, label: &str) -> bool {
        let is_forbidden = |element: &SequenceElement| matches!(element, SequenceElement::Forbidden(name) if name.value == label);
        self.steps().any(|step| step.depends_on(label)) || self.elements.iter().any(is_forbidden)
    }
}

impl Step {
    fn depends_on(&self, label: &str) -> bool {
        self.label.value == label || self.standpoint.depends_on(label)
    }
}

impl CallExpectation {
    fn depends_on(&self, label: &str) -> bool {
        let others = self.before.iter().chain(&self.after);
        let mut names = others.chain(&self.concurrent_with).chain([&self.label]);
        names.any(|name| name.value == label) || self.standpoint.depends_on(label)
    }
}

impl Standpoint {
    fn depends_on(&self, label: &str) -> bool {
        let Self {
            under,
            child_of,
            goroutine: _,
        } = self;
        // Any function may be the nearest one above.
        child_of.is_some() || under.as_ref().is_some_and(|under| under.value == label)
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{sound, spec_with};

    /// The tests of a spec that depend on `insert`.
    fn on_insert(text: &str) -> Vec<String> {
        sound(&spec_with(text)).tests_on("insert")
    }

    #[test]
    fn a_test_depends_on_what_it_names() {
        for expectation in [
            "count = { insert = 1 }",
            "count-per-request = { insert = 1 }",
            "never = [\"insert\"]",
            "latency = { insert = [\"max < 1s\"] }",
            "sequence = [\"handler\", \"insert\"]",
            "sequence = [\"handler\", \"!insert\", \"handler\"]",
            "sequence = [[\"handler\", \"insert\"]]",
            "sequence = [{ call = \"handler\", under = \"insert\" }]",
            "calls = { insert = { took = \"< 1s\" } }",
            "calls = { handler = { under = \"insert\" } }",
            "calls = { handler = { before = [\"insert\"] } }",
            "calls = { handler = { after = [\"insert\"] } }",
            "calls = { handler = { concurrent-with = [\"insert\"] } }",
            "flow = [[\"handler.r\", \"insert.item\"]]",
        ] {
            let text = format!(
                "[[test]]\nname = \"one\"\nrequest = {{ get = \"/\" }}\n{expectation}\n\
                 [[test]]\nname = \"other\"\nrequest = {{ get = \"/\" }}\ncount = {{ handler = 1 }}\n"
            );
            assert_eq!(on_insert(&text), ["one"], "{expectation}");
        }
    }

    #[test]
    fn snapshots_parents_and_requests_depend_on_all_functions() {
        let other = "request = { get = \"/\" }\ncount = { handler = 1 }";
        let test = |more: &str| format!("[[test]]\nname = \"one\"\n{other}\n{more}\n");
        assert_eq!(on_insert(&test("")), [""; 0]);
        assert_eq!(on_insert(&test("snapshot = true")), ["one"]);
        let child = test("calls = { handler = { child-of = \"publish\" } }");
        assert_eq!(on_insert(&child), ["one"]);
        let hand_off = "[hand-off]\na = { from = \"handler.r\", to = \"insert.item\" }\n";
        assert_eq!(on_insert(&(hand_off.to_owned() + &test(""))), ["one"]);
    }
}
