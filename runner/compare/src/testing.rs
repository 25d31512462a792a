//! Calls for tests, without a program.

use judge::outline::Began;
use model::{Outcome, Timestamp, notation::Layout};

use crate::{
    run::{Node, Part, Run, Settled, Shape},
    value::Value,
};

/// A call that returned nothing, with these arguments.
pub(crate) fn call(name: &str, arguments: &[&str]) -> Node {
    let arguments = arguments.iter().enumerate();
    Node {
        key: name.to_owned(),
        name: format!("main.{name}"),
        place: None,
        began: Settled::Always(Began::ByCall),
        entered: None,
        left: None,
        call: Some(Shape {
            arguments: arguments
                .map(|(index, text)| (["a", "b", "c"][index].to_owned(), value(text)))
                .collect(),
            results: Vec::new(),
            outcome: Settled::Always(Outcome::Returned),
        }),
        below: Vec::new(),
        sometimes: false,
        unordered: false,
    }
}

fn value(text: &str) -> Value {
    Value::new(&Layout::leaf(text))
}

impl Node {
    /// The same with calls below it.
    pub(crate) fn with(mut self, below: impl IntoIterator<Item = Self>) -> Self {
        self.below.extend(below);
        self
    }

    /// The same with a result.
    pub(crate) fn gives(mut self, result: &str) -> Self {
        let call = self.call.as_mut().unwrap();
        let index = call.results.len();
        call.results
            .push((format!("returns[{index}]"), value(result)));
        self
    }

    /// The same, ended in this way.
    pub(crate) fn ending(mut self, outcome: Outcome) -> Self {
        self.call.as_mut().unwrap().outcome = Settled::Always(outcome);
        self
    }

    /// The same, at this time.
    pub(crate) fn at(mut self, entered: u64, left: u64) -> Self {
        (self.entered, self.left) = (Some(Timestamp(entered)), Some(Timestamp(left)));
        self
    }

    /// The same, in a goroutine of its own.
    pub(crate) fn in_go(mut self) -> Self {
        self.began = Settled::Always(Began::ByGo);
        self
    }
}

/// A goroutine of a function literal with its calls.
pub(crate) fn goroutine(below: impl IntoIterator<Item = Node>) -> Node {
    Node {
        name: "main.serve.func1".to_owned(),
        call: None,
        ..call("main.serve.func", &[]).in_go().with(below)
    }
}

/// A run with one request.
pub(crate) fn run(below: impl IntoIterator<Item = Node>) -> Run {
    Run {
        parts: vec![part("GET /", below)],
        ..Run::default()
    }
}

/// A request that was answered with 200.
pub(crate) fn part(name: &str, below: impl IntoIterator<Item = Node>) -> Part {
    Part {
        name: name.to_owned(),
        answer: Settled::Always("200".to_owned()),
        below: below.into_iter().collect(),
        is_run: false,
        sometimes: false,
        unordered: false,
    }
}
