//! A spec with one expectation changed at a time: a test for each change, so that one run tells whether each is noticed,
//! and where.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// What is judged of a request.
const OF_REQUESTS: [&str; 4] = ["status", "body", "json", "response-headers"];
/// What of a test is an expectation; requests and stubs have theirs within.
const OF_TESTS: [&str; 9] = [
    "sequence",
    "count",
    "count-per-request",
    "never",
    "calls",
    "flow",
    "exit",
    "stdout",
    "stderr",
];

/// All changes of a spec.
pub(crate) struct Mutants {
    /// The spec with a test for each change, and none as it was.
    pub text: String,
    /// The tests.
    pub tests: Vec<Mutant>,
}

/// A test of which one expectation is changed.
pub(crate) struct Mutant {
    /// The test's name.
    pub name: String,
    /// The line of the change.
    pub line: usize,
    /// What stood there.
    pub old: String,
    /// What stands there now.
    pub new: String,
}

/// A place in a test, and what is to stand there.
struct Change {
    /// The key of the test that it is within.
    key: String,
    place: Range<usize>,
    new: String,
}

/// All changes of a spec.
pub(crate) fn mutants(spec: &str) -> Mutants {
    let mut starts: Vec<usize> = spec
        .match_indices("\n[[test]]\n")
        .map(|(at, _)| at + 1)
        .collect();
    let mut text = spec[..starts[0]].to_owned();
    let mut tests = Vec::new();
    starts.push(spec.len());
    for pair in starts.windows(2) {
        let test = &spec[pair[0]..pair[1]];
        let (name, at) = name(test);
        for (number, change) in changes(test).into_iter().enumerate() {
            let mutant = Mutant {
                name: format!("{name}, change {}", number + 1),
                line: lines(&text) + lines(&test[..change.place.start]) + 1,
                old: test[change.place.clone()].to_owned(),
                new: change.new.clone(),
            };
            let mut edits = [
                (change.place, change.new),
                (at.clone(), format!("{:?}", mutant.name)),
            ];
            edits.sort_by_key(|(place, _)| place.start);
            let mut changed = test.to_owned();
            for (place, new) in edits.into_iter().rev() {
                changed.replace_range(place, &new);
            }
            text.push_str(&alone(&changed, &change.key));
            tests.push(mutant);
        }
    }
    Mutants { text, tests }
}

/// A test without expectations of other keys, which would contradict the changed one: goproctor refuses such a spec. Each line stays
/// where it is.
fn alone(test: &str, key: &str) -> String {
    let (mut left_out, mut is_own) = (false, true);
    let mut text = String::new();
    for line in test.lines() {
        if line.starts_with('[') {
            is_own = line.trim_end() == "[[test]]";
            left_out = line.starts_with("[test.calls.") && key != "calls";
        }
        let begins = line.split([' ', '=']).next().unwrap_or_default();
        let of_another = is_own && OF_TESTS.contains(&begins) && begins != key;
        // The calls are the same, but the changed test has no snapshot.
        if !left_out && !of_another && begins != "snapshot" {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

/// A test's name, and where it stands.
fn name(test: &str) -> (String, Range<usize>) {
    let root = DeTable::parse(test).unwrap();
    let name = &table(&of_array(root.get_ref().get("test").unwrap())[0])["name"];
    let DeValue::String(text) = name.get_ref() else {
        panic!("a name is text: {name:?}");
    };
    (text.to_string(), name.span())
}

fn changes(test: &str) -> Vec<Change> {
    let root = DeTable::parse(test).unwrap();
    let test = table(&of_array(root.get_ref().get("test").unwrap())[0]);
    let mut changes = Changes {
        called: called(test).unwrap_or_default(),
        key: String::new(),
        all: Vec::new(),
    };
    for (key, value) in test {
        changes.key = key.get_ref().to_string();
        match key.get_ref().as_ref() {
            "request" => changes.of_requests(value),
            "stubs" => changes.of_stubs(value),
            "sequence" => changes.of_sequence(value),
            "never" => changes.of_never(value),
            "flow" => changes.of_flows(value),
            key if OF_TESTS.contains(&key) => changes.of_value(key, value),
            _ => {}
        }
    }
    changes.all
}

/// The first function of the sequence.
fn first(test: &DeTable<'_>) -> Option<String> {
    match test.get("sequence")?.get_ref() {
        DeValue::Array(elements) => match elements.first()?.get_ref() {
            DeValue::String(name) => Some(name.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// A function that the test says is called.
fn called(test: &DeTable<'_>) -> Option<String> {
    let by_key = |key| {
        let first = table(test.get(key)?).iter().next()?;
        Some(first.0.get_ref().to_string())
    };
    first(test)
        .or_else(|| by_key("count"))
        .or_else(|| by_key("calls"))
}

fn table<'t, 'a>(value: &'t Spanned<DeValue<'a>>) -> &'t DeTable<'a> {
    match value.get_ref() {
        DeValue::Table(table) => table,
        other => panic!("{other:?} is no table"),
    }
}

fn of_array<'t, 'a>(value: &'t Spanned<DeValue<'a>>) -> &'t [Spanned<DeValue<'a>>] {
    match value.get_ref() {
        DeValue::Array(array) => array,
        other => panic!("{other:?} is no list"),
    }
}

struct Changes {
    /// A function that is called.
    called: String,
    /// The key of the test that is looked at.
    key: String,
    all: Vec<Change>,
}

impl Changes {
    fn put(&mut self, place: &Spanned<DeValue<'_>>, new: impl Into<String>) {
        self.all.push(Change {
            key: self.key.clone(),
            place: place.span(),
            new: new.into(),
        });
    }

    fn of_requests(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Array(requests) => requests.iter().for_each(|one| self.of_requests(one)),
            _ => {
                for (key, value) in table(value) {
                    if OF_REQUESTS.contains(&key.get_ref().as_ref()) {
                        self.of_value(key.get_ref(), value);
                    }
                }
            }
        }
    }

    fn of_stubs(&mut self, stubs: &Spanned<DeValue<'_>>) {
        for stub in table(stubs).values() {
            let received = table(stub).get("received");
            received
                .into_iter()
                .for_each(|received| self.of_value("received", received));
        }
    }

    /// One call more than there are; a call where there is none.
    fn of_sequence(&mut self, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::String(name) => match name.strip_prefix('!') {
                Some(name) => self.put(value, format!("{name:?}")),
                None => self.put(value, format!("{name:?}, {name:?}")),
            },
            DeValue::Array(elements) => elements.iter().for_each(|one| self.of_sequence(one)),
            DeValue::Table(step) if step.contains_key("call") => {
                let asked = step.iter().filter(|(key, _)| key.get_ref() != "call");
                asked.for_each(|(key, value)| self.of_value(key.get_ref(), value));
            }
            _ => {
                let lists = table(value)
                    .iter()
                    .filter(|(key, _)| key.get_ref() != "goroutine");
                lists.for_each(|(_, list)| self.of_sequence(list));
            }
        }
    }

    fn of_never(&mut self, value: &Spanned<DeValue<'_>>) {
        for one in of_array(value) {
            let called = format!("{:?}", self.called);
            self.put(one, called);
        }
    }

    /// The way back.
    fn of_flows(&mut self, value: &Spanned<DeValue<'_>>) {
        for flow in of_array(value) {
            let parts = of_array(flow)
                .iter()
                .rev()
                .map(|part| match part.get_ref() {
                    DeValue::String(part) => format!("{part:?}"),
                    other => panic!("{other:?} is no part of a call"),
                });
            let back = format!("[{}]", parts.collect::<Vec<_>>().join(", "));
            self.put(flow, back);
        }
    }

    /// `key` is the nearest one around the value.
    fn of_value(&mut self, key: &str, value: &Spanned<DeValue<'_>>) {
        match value.get_ref() {
            DeValue::Table(table) => table
                .iter()
                .for_each(|(key, value)| self.of_value(key.get_ref(), value)),
            DeValue::Array(elements) => elements.iter().for_each(|one| self.of_value(key, one)),
            DeValue::Boolean(_) if key == "any" => {}
            DeValue::Boolean(flag) => self.put(value, format!("{}", !flag)),
            DeValue::Integer(number) => {
                let number: i64 = number.as_str().parse().unwrap();
                self.put(value, otherwise(key, number).to_string());
            }
            // The first call is nobody's nearest one, and nothing ends before it begins.
            DeValue::String(_) if ["child-of", "before"].contains(&key) => {
                self.put(value, format!("{:?}", self.called));
            }
            DeValue::String(text) => self.put(value, format!("{:?}", other_text(key, text))),
            other => panic!("{key}: nobody says how to change {other:?}"),
        }
    }
}

/// A number that a number cannot be as well.
const fn otherwise(key: &str, number: i64) -> i64 {
    match key.as_bytes() {
        b"lt" | b"le" => number / 2,
        b"gt" | b"ge" => number * 2 + 200,
        _ => number + 1,
    }
}

/// A text that is of the same kind and means something else.
fn other_text(key: &str, text: &str) -> String {
    let other = match (key, text) {
        ("took" | "gap", bound) if bound.starts_with('<') => "< 1ns",
        ("took" | "gap", _) => "> 10m",
        ("outcome", "returned") => "panicked",
        ("outcome", _) => "returned",
        ("goroutine", "same") => "child",
        ("goroutine", _) => "same",
        ("is", _) => "io.EOF",
        ("as" | "type", _) => "*net.OpError",
        ("matches", _) => "^something else$",
        (_, text) => return format!("{text}~"),
    };
    other.to_owned()
}
