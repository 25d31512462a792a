//! One run of a test, as it is compared: calls by what they are called, values by path, no times and no numbers of goroutines.

use judge::{
    expect::{self, Evidence},
    outline::{self, Began, Item, Subject},
    snapshot::Substitutions,
};
use model::{
    Answer, Call, Exchange, FunctionId, Observation, Outcome, SourcePosition, Timestamp,
    notation::{self, Identities},
};

use crate::value::Value;

/// What a run of a test shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// Its requests, or its Go test and the requests that were handled for it.
    pub parts: Vec<Part>,
    /// What its stubs were asked, each as the stub's name, method and path: `rates: GET /rates`.
    pub asked: Vec<String>,
    /// Why not all of it was seen, if so: then it can't be said that nothing differs.
    pub doubt: Option<String>,
}

/// A request, or the run of a Go test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `GET /?name=Go`, the name of a Go test, or `start`.
    pub name: String,
    /// What a request was answered with: its status, or why there is none. Empty for a Go test.
    pub answer: Settled<String>,
    /// What it owns.
    pub below: Vec<Node>,
    /// Whether it is the run of a Go test, in which its requests were sent.
    pub is_run: bool,
    /// Whether it was not there in every run of its side.
    pub sometimes: bool,
    /// Whether what it owns comes in another order from run to run.
    pub unordered: bool,
}

/// A call, or a goroutine with its calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is called on both sides: the spec's label where that means one function, else the function. What is compared.
    pub key: String,
    /// The function's name as it is on this side; `?` if it is not known.
    pub name: String,
    /// Where the call's function begins in the source of this side.
    pub place: Option<SourcePosition>,
    /// Who made the call; of a goroutine, `go`.
    pub began: Settled<Began>,
    /// When it began in the first run of its side, if that is known.
    pub entered: Option<Timestamp>,
    /// When it ended there.
    pub left: Option<Timestamp>,
    /// The call; none for a goroutine that is more than one call.
    pub call: Option<Shape>,
    /// What is below it.
    pub below: Vec<Node>,
    /// Whether it was not there in every run of its side.
    pub sometimes: bool,
    /// Whether what is below it comes in another order from run to run.
    pub unordered: bool,
}

/// What is compared of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// Its arguments, each with its name.
    pub arguments: Vec<(String, Value)>,
    /// Its results, each as `returns[0]`.
    pub results: Vec<(String, Value)>,
    /// How it ended.
    pub outcome: Settled<Outcome>,
}

/// What may not be the same in all runs of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settled<T> {
    /// It is this in all runs.
    Always(T),
    /// It varies.
    Varies,
}

impl<T: PartialEq> Settled<T> {
    /// Takes in what it is in another run; whether it varies now and did not before.
    pub(crate) fn settle(&mut self, other: &Self) -> bool {
        let varies_now =
            matches!((&self, other), (Self::Always(own), Self::Always(other)) if own != other);
        if varies_now {
            *self = Self::Varies;
        }
        varies_now
    }

    /// What it is on both sides, if it is another.
    pub(crate) const fn known(&self) -> Option<&T> {
        match self {
            Self::Always(known) => Some(known),
            Self::Varies => None,
        }
    }
}

impl Run {
    /// What evidence shows. `chosen` are values that were chosen at random for the run, each with the placeholder that stands for it.
    #[must_use]
    pub fn new(evidence: &Evidence, chosen: &[(String, String)]) -> Self {
        let reader = Reader {
            observation: &evidence.observation,
            substitutions: &Substitutions::of(evidence, chosen),
        };
        let mut parts = Vec::new();
        for part in outline::outline(evidence, &[]) {
            reader.read(&part, &mut parts);
        }
        let asked = evidence.stubs.iter().flat_map(|stub| {
            let requests = stub.requests.iter();
            requests.map(|request| format!("{}: {request}", stub.name))
        });
        let timed_out = || {
            evidence
                .timed_out
                .then(|| "the test took too long".to_owned())
        };
        Self {
            parts,
            asked: asked.collect(),
            doubt: expect::doubt(evidence)
                .map(|reason| reason.to_string())
                .or_else(timed_out),
        }
    }
}

struct Reader<'a> {
    observation: &'a Observation,
    substitutions: &'a Substitutions,
}

impl Reader<'_> {
    /// A part, and the requests that were handled for it.
    fn read(&self, part: &outline::Part<'_>, parts: &mut Vec<Part>) {
        let (name, answer) = match part.subject {
            Subject::Exchange { exchange, .. } => (request(exchange), answer(exchange)),
            Subject::Request(scope) => (scope.name(), String::new()),
            Subject::Run(scope) => (scope.name(), String::new()),
            Subject::Start => ("start".to_owned(), String::new()),
        };
        let mut below = self.nodes(&part.below);
        below.extend(pooled(self.nodes(&part.adrift)));
        parts.push(Part {
            name: self.substitutions.apply(&name),
            answer: Settled::Always(answer),
            below,
            is_run: matches!(part.subject, Subject::Run(_)),
            sometimes: false,
            unordered: false,
        });
        for group in &part.handled {
            let mut together = Vec::new();
            group.iter().for_each(|part| self.read(part, &mut together));
            together.sort_by_cached_key(|part| {
                let below: String = part.below.iter().map(text).collect();
                (part.name.clone(), below)
            });
            parts.append(&mut together);
        }
    }

    fn nodes(&self, items: &[Item<'_>]) -> Vec<Node> {
        items.iter().filter_map(|item| self.node(item)).collect()
    }

    fn node(&self, item: &Item<'_>) -> Option<Node> {
        let mut place = None;
        let mut times = (None, None);
        let (name, key, began, call, below) = match item {
            Item::Call { call, began, below } => {
                let function = self.observation.function(call.function);
                let name = function.map_or("?", |function| function.name_of(call));
                let key = label(self.observation, call.function).unwrap_or(name);
                place = function.and_then(|function| function.position.clone());
                times = (Some(call.entered), call.left);
                (name, key, *began, Some(self.shape(call)), below)
            }
            Item::Goroutine { function, below } => {
                let name = function.unwrap_or("?");
                (name, outer(name), Began::ByGo, None, below)
            }
            Item::Deeper(_) => return None,
        };
        let below = self.nodes(below);
        let first = below.iter().filter_map(|node| node.entered).min();
        Some(Node {
            key: self.substitutions.apply(key),
            name: name.to_owned(),
            place,
            began: Settled::Always(began),
            entered: times.0.or(first),
            left: times.1,
            call,
            below,
            sometimes: false,
            unordered: false,
        })
    }

    fn shape(&self, call: &Call) -> Shape {
        let function = self.observation.function(call.function);
        let parameters = function.map_or(&[][..], |function| &function.parameters);
        let names = parameters.iter().map(|parameter| parameter.name.clone());
        let names = names.chain(std::iter::repeat(String::new()));
        let mut identities = Identities::default();
        let arguments = self.values(&call.arguments, &mut identities);
        let arguments = names.zip(arguments).enumerate();
        let results = self.values(&call.results, &mut identities);
        let results = results.into_iter().enumerate();
        Shape {
            arguments: arguments
                .map(|(index, (name, value))| match name.as_str() {
                    "" | "_" => (format!("argument {}", index + 1), value),
                    _ => (name, value),
                })
                .collect(),
            results: results
                .map(|(index, value)| (format!("returns[{index}]"), value))
                .collect(),
            outcome: Settled::Always(call.outcome),
        }
    }

    fn values(&self, values: &[model::Value], identities: &mut Identities) -> Vec<Value> {
        let (types, module) = (&self.observation.types, self.observation.module.as_deref());
        let layouts = notation::stable_values(values, types, module, identities);
        let values = layouts.into_iter().map(|mut layout| {
            layout.rewrite(&|text| self.substitutions.apply(text));
            Value::new(&layout)
        });
        values.collect()
    }
}

/// What a function is called on both sides: the spec's label where that means it alone, else its name.
pub(crate) fn key_of(observation: &Observation, function: FunctionId) -> &str {
    label(observation, function).unwrap_or_else(|| {
        let function = observation.function(function);
        function.map_or("?", |function| &function.name)
    })
}

/// The label that means this function alone.
fn label(observation: &Observation, function: FunctionId) -> Option<&str> {
    let mut labels = observation.labels.iter();
    let label = labels.find(|label| label.functions == [function])?;
    Some(&label.name)
}

fn request(exchange: &Exchange) -> String {
    format!("{} {}", exchange.method, exchange.target)
}

fn answer(exchange: &Exchange) -> String {
    match &exchange.answer {
        // The reason is the system's wording, and may hold addresses.
        Answer::Failed(_) => "no answer".to_owned(),
        answer => answer.to_string(),
    }
}

/// The function that a literal stands in, and that there is one: releases number literals in different ways.
fn outer(name: &str) -> &str {
    let is_literal = |place: &usize| {
        let rest = name.get(place + ".func".len()..).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit())
    };
    let mut places = name.match_indices(".func").map(|(place, _)| place);
    match places.find(is_literal) {
        Some(place) => name.get(..place + ".func".len()).unwrap_or(name),
        None => name,
    }
}

/// Goroutines that are older than their part, such as the workers of a pool: which of them takes what is chance, so what those of one
/// function do is taken together, without an order.
fn pooled(adrift: Vec<Node>) -> Vec<Node> {
    let mut pools: Vec<Node> = Vec::new();
    for node in adrift {
        let is_pool = |pool: &&mut Node| pool.call.is_none() && pool.key == node.key;
        match pools
            .iter_mut()
            .find(is_pool)
            .filter(|_| node.call.is_none())
        {
            Some(pool) => {
                pool.entered = pool.entered.into_iter().chain(node.entered).min();
                pool.below.extend(node.below);
            }
            None => pools.push(node),
        }
    }
    for pool in pools.iter_mut().filter(|pool| pool.call.is_none()) {
        pool.unordered = true;
        pool.below.sort_by_cached_key(text);
    }
    pools.sort_by_cached_key(text);
    pools
}

/// A node with all below it as text, for an order.
fn text(node: &Node) -> String {
    let mut text = node.key.clone();
    for (_, value) in node
        .call
        .iter()
        .flat_map(|call| call.arguments.iter().chain(&call.results))
    {
        text.push_str(&value.line());
        text.push(',');
    }
    for below in &node.below {
        text.push('(');
        text.push_str(&self::text(below));
        text.push(')');
    }
    text
}
