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
    Call, CallId, Exchange, Function, FunctionId, Observation, ScopeId, ScopeKind,
    forest::{Cut, Forest, Node},
    notation,
};
use trace::match_requests;

use super::{
    call_line::{call_line, duration},
    columns::{self, Line},
};

/// Levels that are drawn; what is deeper is counted.
const MAX_LEVELS: usize = 32;

/// Levels that are indented by four columns; those below take two.
const WIDE_LEVELS: usize = 8;

/// The room that is left for `g12345  `, so that how a line is shortened does not depend on goroutines' numbers.
const GOID: usize = 8;

/// How a tree is shown.
#[derive(Clone, Debug)]
pub struct TreeOptions<'a> {
    /// The requests that were sent: their numbers and answers are in the headings.
    pub exchanges: &'a [Exchange],
    /// Which part is shown.
    pub scope: TreeScope,
    /// The calls that get a `▶`.
    pub marked: &'a [CallId],
    /// The values that calls panicked with, as far as they are known.
    pub panics: Option<&'a BTreeMap<CallId, String>>,
    /// How wide it may be, in columns.
    pub width: usize,
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
            width: 120,
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
        room: options.width.saturating_sub(columns::right(
            observation.functions.iter().filter_map(position),
        )),
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
    /// Whose calls are in it; none for an exchange whose request was not seen.
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
    /// The columns that are left of durations and positions.
    room: usize,
}

/// How the lines below a line are indented.
struct Indent {
    text: String,
    level: usize,
    /// The columns behind it.
    room: usize,
}

/// What is before the text of a line.
struct Place {
    prefix: String,
    goid: String,
    /// The columns behind both.
    room: usize,
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
                let target = notation::elided(&exchange.target, self.options.width / 2);
                let answer = &exchange.answer;
                format!(
                    "request {}  {method} {target} → {answer}{reason}",
                    index + 1
                )
            }
            (None, Some(Some(id))) => {
                let scope = self.observation.scope(id)?;
                let name = notation::elided(&scope.name(), self.options.width / 2);
                match &scope.kind {
                    ScopeKind::Request(request) => {
                        let remote = request.remote.as_deref().unwrap_or("?");
                        format!("request  {name} from {remote}")
                    }
                    ScopeKind::Test(_) => format!("test  {name}"),
                }
            }
            (None, _) if self.forest.roots(None).is_empty() => return None,
            (None, _) => "background".to_owned(),
        };
        Some(Line::heading(format!("  {text}")))
    }

    /// How many calls there were besides, where most were counted but not kept.
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
            "  … and {text} more call{plural}{of}, counted but not kept"
        )))
    }

    fn draw_root(&self, node: Node, lines: &mut Vec<Line>) {
        let goid = match node {
            Node::Call(id) => {
                let call = self.forest.call(id);
                call.map_or_else(String::new, |call| self.older(call))
            }
            Node::Goroutine(_, goid, _) => format!("{goid}  "),
        };
        let indent = Indent {
            text: " ".repeat(goid.len() + 3),
            level: 1,
            room: self.room.saturating_sub(GOID + 3),
        };
        let place = Place {
            prefix: "  ".to_owned(),
            goid,
            room: self.room.saturating_sub(GOID),
        };
        self.draw(node, place, &indent, lines);
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

    /// Draws a node, and what is below it with an indent.
    fn draw(&self, node: Node, place: Place, below: &Indent, lines: &mut Vec<Line>) {
        let (only, is_body) = match node {
            Node::Call(id) => (self.forest.call(id), false),
            Node::Goroutine(..) => (self.body(node), true),
        };
        let (line, children_of) = match only {
            Some(call) => (self.call_line(call, is_body, place), Node::Call(call.id)),
            None => (self.goroutine_line(node, place), node),
        };
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
        let further = if indent.level <= WIDE_LEVELS { 4 } else { 2 };
        for (index, child) in children.iter().enumerate() {
            let is_last = index + 1 == children.len();
            let (branch, trunk) = if is_last {
                ("└ ", ' ')
            } else {
                ("├ ", '│')
            };
            let below = Indent {
                text: format!("{}{trunk:<further$}", indent.text),
                level: indent.level + 1,
                room: indent.room.saturating_sub(further),
            };
            let (goid, taken) = match child {
                Node::Call(_) => (String::new(), 0),
                Node::Goroutine(_, goid, _) => (format!("go {goid}  "), "go ".len() + GOID),
            };
            let place = Place {
                prefix: format!("{}{branch}", indent.text),
                goid,
                room: indent.room.saturating_sub(2 + taken),
            };
            self.draw(*child, place, &below, lines);
        }
    }

    /// The call of the function that a goroutine began with, if nothing else is known of the goroutine.
    fn body(&self, node: Node) -> Option<&Call> {
        let [Node::Call(only)] = self.forest.children(node) else {
            return None;
        };
        let call = self.forest.call(*only)?;
        let begun = self.forest.goroutine(node)?.function.as_deref();
        let is_begun = begun.is_none_or(|begun| begun == self.function_name(call.function));
        is_begun.then_some(call)
    }

    fn call_line(&self, call: &Call, is_body: bool, place: Place) -> Line {
        let panic = self.options.panics.and_then(|all| all.get(&call.id));
        let panic = panic.map(String::as_str);
        let text = call_line(self.observation, call, panic, is_body, place.room);
        Line {
            prefix: place.prefix,
            text: format!("{}{text}", place.goid),
            duration: call.left.map(|left| duration(call, left)),
            position: self.position(call.function),
            is_marked: self.options.marked.contains(&call.id),
            is_heading: false,
        }
    }

    fn goroutine_line(&self, node: Node, place: Place) -> Line {
        let goroutine = self.forest.goroutine(node);
        let packages = self.observation.types.packages();
        let function = goroutine.and_then(|goroutine| goroutine.function.as_deref());
        let short = |name| notation::short_function(name, packages);
        let function = function.map_or_else(|| "?".to_owned(), short);
        let ended = goroutine.and_then(|goroutine| goroutine.ended);
        let ended = ended.map_or("", |_| "  ended");
        Line {
            prefix: place.prefix,
            text: format!("{}{function}{ended}", place.goid),
            ..Line::default()
        }
    }

    fn function_name(&self, function: FunctionId) -> &str {
        let function = self.observation.function(function);
        function.map_or("?", |function| &function.name)
    }

    fn position(&self, function: FunctionId) -> Option<String> {
        position(self.observation.function(function)?)
    }
}

/// File and line without the folder.
fn position(function: &Function) -> Option<String> {
    let position = function.position.as_ref()?;
    let file = position.file.rsplit('/').next().unwrap_or(&position.file);
    Some(format!("{file}:{}", position.line))
}
