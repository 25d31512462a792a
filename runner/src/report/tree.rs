//! The calls of a test as a tree for people: requests, the goroutines that worked for them, what they called.
//!
//! ```text
//!   request 1  GET /?name=GopherCon+2020 → 200
//!   g34  handler(&http.response{…}, GET /?name=…)              3.1ms  main.go:52
//!         ├ checkSite() → 200                                         2.7ms  main.go:28
//!         │   └ go g35  checkSite.func1  returned                     2.6ms  main.go:30
//!       ▶ └ prepareAnswer("GopherCon 2020", 2020, 200) → "GopherCo…"    9µs  main.go:44
//! ```

use std::collections::BTreeMap;

use model::{
    Call, CallId, Content, Exchange, FunctionId, Nanoseconds, Observation, Outcome, Parameter,
    ScopeId, ScopeKind, Value,
};
use model::{
    forest::{Cut, Forest, Node},
    notation,
};
use trace::match_requests;

use super::{
    columns::{self, Line},
    durations::duration,
};

/// Levels that are drawn; what is deeper is counted.
const MAX_LEVELS: usize = 32;

/// About how many characters a value takes in a line at most.
pub(super) const MAX_VALUE: usize = 120;

/// About how many characters all values of a line take together, if they are many.
const MAX_VALUES: usize = 360;

/// The least characters that a value gets, however many there are.
const MIN_VALUE: usize = 16;

/// How a tree is shown.
#[derive(Clone, Debug)]
pub struct TreeOptions<'a> {
    /// The requests that were sent: their numbers and answers stand in the headings.
    pub exchanges: &'a [Exchange],
    /// Which part is shown.
    pub scope: TreeScope,
    /// The calls that get a `▶`.
    pub marked: &'a [CallId],
    /// The values that calls panicked with, as far as they are known.
    pub panics: Option<&'a BTreeMap<CallId, String>>,
    /// The width of the terminal, in characters; none for no limit, but for values.
    pub width: Option<usize>,
    /// Whether durations are shown, our own cost taken off.
    pub times: bool,
    /// Whether goroutines' ids are shown.
    pub goids: bool,
    /// Whether it is coloured.
    pub color: bool,
}

impl Default for TreeOptions<'_> {
    fn default() -> Self {
        Self {
            exchanges: &[],
            scope: TreeScope::All,
            marked: &[],
            panics: None,
            width: None,
            times: true,
            goids: true,
            color: false,
        }
    }
}

/// Which part of an observation is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreeScope {
    /// All requests, then the background.
    All,
    /// What one request owns.
    Request(ScopeId),
    /// What no request owns.
    Background,
}

/// Draws the calls of an observation; each line ends with a line break, and there is none if there are no calls.
#[must_use]
pub fn tree(observation: &Observation, options: &TreeOptions<'_>) -> String {
    let drawing = Drawing {
        observation,
        options,
        forest: Forest::new(observation, Cut::EachScope, |_| true),
    };
    let mut lines = Vec::new();
    for section in drawing.sections() {
        lines.extend(drawing.heading(&section));
        if let Some(owner) = section.owner {
            for root in drawing.forest.outermost(owner) {
                drawing.draw_root(root, &mut lines);
            }
        }
    }
    lines.extend(drawing.foot());
    columns::text(&lines, options.width, options.color)
}

/// A scope or the background.
struct Section {
    /// Whose calls stand in it; none for an exchange whose request was not seen.
    owner: Option<Option<ScopeId>>,
    /// The exchange's index.
    exchange: Option<usize>,
    /// Why the request of the exchange is not known.
    unmatched: Option<String>,
}

struct Drawing<'a> {
    observation: &'a Observation,
    options: &'a TreeOptions<'a>,
    forest: Forest<'a>,
}

/// How the lines below a line are indented.
#[derive(Clone)]
struct Indent {
    text: String,
    level: usize,
}

impl Drawing<'_> {
    /// The exchanges in order, then the requests that are no exchange's, then the background.
    fn sections(&self) -> Vec<Section> {
        let matches = match_requests(self.observation, self.options.exchanges);
        let of_exchanges = matches.iter().enumerate().map(|(index, found)| Section {
            owner: found.ok().map(Some),
            exchange: Some(index),
            unmatched: found.err().map(|reason| reason.to_string()),
        });
        let others = self.observation.scopes.iter();
        let others = others.filter(|scope| !matches.contains(&Ok(scope.id)));
        let owners = others.map(|scope| Some(scope.id)).chain([None]);
        let others = owners.map(|owner| Section {
            owner: Some(owner),
            exchange: None,
            unmatched: None,
        });
        let mut sections: Vec<Section> = of_exchanges.chain(others).collect();
        sections.retain(|section| match self.options.scope {
            TreeScope::All => true,
            TreeScope::Request(request) => {
                (section.owner).is_some_and(|owner| self.observation.is_within(owner, request))
            }
            TreeScope::Background => section.owner == Some(None),
        });
        sections
    }

    fn heading(&self, section: &Section) -> Option<Line> {
        let text = match (section.exchange, section.owner) {
            (Some(index), _) => {
                let exchange = self.options.exchanges.get(index)?;
                let reason = section.unmatched.as_ref();
                let reason = reason.map_or_else(String::new, |reason| format!("  ({reason})"));
                let method = &exchange.method;
                let target = notation::elided(&exchange.target, MAX_VALUE);
                let answer = &exchange.answer;
                format!(
                    "request {}  {method} {target} → {answer}{reason}",
                    index + 1
                )
            }
            (None, Some(Some(id))) => {
                let scope = self.observation.scope(id)?;
                let name = notation::elided(&scope.name(), MAX_VALUE);
                match &scope.kind {
                    ScopeKind::Request(request) => {
                        let remote = request.remote.as_deref().unwrap_or("?");
                        format!("request  {name} from {remote}")
                    }
                }
            }
            (None, _) if self.forest.roots(None).is_empty() => return None,
            (None, _) => "background".to_owned(),
        };
        Some(Line::heading(format!("  {text}")))
    }

    /// How many calls there were besides, where most were counted and not kept.
    fn foot(&self) -> Option<Line> {
        let totals = self.observation.totals.as_ref()?;
        let owned = |call: &&Call| call.scope.is_some();
        let calls = self.observation.calls.iter();
        let (all, kept, of) = match self.options.scope {
            TreeScope::All => (totals.count(), calls.count(), ""),
            // Requests are counted together.
            TreeScope::Request(_) => (totals.owned(), calls.filter(owned).count(), " of requests"),
            TreeScope::Background => {
                let background = totals.count() - totals.owned();
                let kept = calls.filter(|call| !owned(call)).count();
                (background, kept, " of no request")
            }
        };
        let (text, plural) = match all.saturating_sub(kept as u64) {
            0 => return None,
            1 => ("1".to_owned(), ""),
            more => (more.to_string(), "s"),
        };
        Some(Line::heading(format!(
            "  … and {text} more call{plural}{of}, counted and not kept"
        )))
    }

    fn draw_root(&self, node: Node, lines: &mut Vec<Line>) {
        let goid = match (node, self.options.goids) {
            (_, false) => String::new(),
            (Node::Call(id), true) => {
                let call = self.forest.call(id);
                call.map_or_else(String::new, |call| self.older(call))
            }
            (Node::Goroutine(_, goid, _), true) => format!("{goid}  "),
        };
        let indent = Indent {
            text: " ".repeat(goid.len() + 3),
            level: 1,
        };
        self.draw(node, "  ", &goid, &indent, lines);
    }

    /// A call's goroutine; one that was not seen to begin with who began it, if that is known.
    fn older(&self, call: &Call) -> String {
        let goid = call.goroutine;
        // They are sorted by these.
        let goroutines = &self.observation.goroutines;
        let index = goroutines
            .binary_search_by_key(&(call.process, goid), |one| (one.process, one.goid))
            .ok();
        let goroutine = index.and_then(|index| goroutines.get(index));
        let older = goroutine.filter(|goroutine| goroutine.created.is_none());
        match older.and_then(|goroutine| goroutine.creator) {
            Some(creator) => format!("{goid} of {creator}  "),
            None => format!("{goid}  "),
        }
    }

    /// Draws a node behind `prefix`, and what stands below it with an indent.
    fn draw(&self, node: Node, prefix: &str, goid: &str, below: &Indent, lines: &mut Vec<Line>) {
        let (only, is_body) = match node {
            Node::Call(id) => (self.forest.call(id), false),
            Node::Goroutine(..) => (self.body(node), true),
        };
        let (mut line, children_of) = match only {
            Some(call) => (self.call_line(call, goid, is_body), Node::Call(call.id)),
            None => (self.goroutine_line(node, goid), node),
        };
        line.prefix = prefix.to_owned();
        lines.push(line);
        self.draw_children(children_of, below, lines);
    }

    fn draw_children(&self, node: Node, indent: &Indent, lines: &mut Vec<Line>) {
        let children = self.forest.children(node);
        if indent.level > MAX_LEVELS && !children.is_empty() {
            let calls = self.forest.calls_below(node);
            lines.push(Line::heading(format!(
                "{}… and {calls} deeper calls",
                indent.text
            )));
            return;
        }
        for (index, child) in children.iter().enumerate() {
            let is_last = index + 1 == children.len();
            let (branch, trunk) = if is_last {
                ("└ ", "    ")
            } else {
                ("├ ", "│   ")
            };
            let prefix = format!("{}{branch}", indent.text);
            let below = Indent {
                text: format!("{}{trunk}", indent.text),
                level: indent.level + 1,
            };
            self.draw(*child, &prefix, &self.go(*child), &below, lines);
        }
    }

    fn go(&self, node: Node) -> String {
        match node {
            Node::Call(_) => String::new(),
            Node::Goroutine(_, goid, _) if self.options.goids => format!("go {goid}  "),
            Node::Goroutine(..) => "go ".to_owned(),
        }
    }

    /// The call of the function that a goroutine began with, if that is all there is to tell of the goroutine.
    fn body(&self, node: Node) -> Option<&Call> {
        let [Node::Call(only)] = self.forest.children(node) else {
            return None;
        };
        let call = self.forest.call(*only)?;
        let begun = self.forest.goroutine(node)?.function.as_deref();
        let is_begun = begun.is_none_or(|begun| begun == self.function_name(call.function));
        is_begun.then_some(call)
    }

    fn call_line(&self, call: &Call, goid: &str, is_body: bool) -> Line {
        let function = self.observation.function(call.function);
        let name = function.map_or("?", |function| function.name_of(call));
        let name = notation::short_function(name, self.observation.types.packages());
        let arguments = if is_body && call.arguments.is_empty() {
            String::new()
        } else {
            let parameters = function.map_or(&[][..], |function| &function.parameters);
            format!("({})", self.values(&call.arguments, parameters))
        };
        let outcome = match (call.outcome, &*call.results) {
            (Outcome::Returned, []) if is_body => "  returned".to_owned(),
            (Outcome::Returned, []) => String::new(),
            (Outcome::Returned, results) => format!(" → {}", self.values(results, &[])),
            (Outcome::Running, _) => "  running".to_owned(),
            (Outcome::Panicked, _) => match self.options.panics.and_then(|all| all.get(&call.id)) {
                Some(value) => format!("  panicked: {}", one_line(value)),
                None => "  panicked".to_owned(),
            },
            (Outcome::Recovered, []) => "  recovered".to_owned(),
            (Outcome::Recovered, results) => format!("  recovered → {}", self.values(results, &[])),
            (Outcome::Goexit, _) => "  goexit".to_owned(),
            (Outcome::Unwound, _) => "  unwound".to_owned(),
            (Outcome::ProcessEnded, _) => "  process ended".to_owned(),
        };
        Line {
            prefix: String::new(),
            text: format!("{goid}{name}{arguments}{outcome}"),
            duration: self.duration(call),
            position: self.position(call.function),
            is_marked: self.options.marked.contains(&call.id),
            is_heading: false,
        }
    }

    fn goroutine_line(&self, node: Node, goid: &str) -> Line {
        let goroutine = self.forest.goroutine(node);
        let packages = self.observation.types.packages();
        let function = goroutine.and_then(|goroutine| goroutine.function.as_deref());
        let function = function.map_or_else(
            || "?".to_owned(),
            |name| notation::short_function(name, packages),
        );
        let has_ended = goroutine.is_some_and(|goroutine| goroutine.ended.is_some());
        let ended = if has_ended { "  ended" } else { "" };
        Line {
            text: format!("{goid}{function}{ended}"),
            ..Line::default()
        }
    }

    fn function_name(&self, function: FunctionId) -> &str {
        let function = self.observation.function(function);
        function.map_or("?", |function| &function.name)
    }

    /// Values in a row; those whose text tells little have the name of their parameter.
    fn values(&self, values: &[Value], parameters: &[Parameter]) -> String {
        let types = &self.observation.types;
        let names = parameters.iter().map(|parameter| parameter.name.as_str());
        let names = names.chain(std::iter::repeat(""));
        let most = self.options.width.map_or(MAX_VALUE, |width| width / 4);
        let share = MAX_VALUES / values.len().max(1);
        let room = most.min(MAX_VALUE).min(share).max(MIN_VALUE);
        let values = values.iter().zip(names).map(|(value, name)| {
            let text = notation::elided_value(value, types, room);
            match value.content {
                Content::Bool(_) | Content::Nil if !matches!(name, "" | "_") => {
                    format!("{name}: {text}")
                }
                _ => text,
            }
        });
        values.collect::<Vec<_>>().join(", ")
    }

    /// How long it took without what its hits cost; what may be nothing at all is said to be less than the most it can be.
    fn duration(&self, call: &Call) -> Option<String> {
        let left = call.left.filter(|_| self.options.times)?;
        let took = call.took(left);
        if took.low == 0 && took.high > 0 {
            return Some(format!("<{}", duration(Nanoseconds(took.high))));
        }
        Some(duration(Nanoseconds(
            took.raw.saturating_sub(call.own_cost.0),
        )))
    }

    fn position(&self, function: FunctionId) -> Option<String> {
        let position = self.observation.function(function)?.position.as_ref()?;
        let file = position.file.rsplit('/').next().unwrap_or(&position.file);
        Some(format!("{file}:{}", position.line))
    }
}

/// A text of others on a line.
fn one_line(text: &str) -> String {
    let text = notation::elided(text, MAX_VALUE);
    text.replace(|c: char| c.is_control(), " ")
}
