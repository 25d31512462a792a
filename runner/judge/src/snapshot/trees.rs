//! The calls and goroutines of a test as lines: a call below the call that made it, a goroutine below the call that
//! started it, each goroutine's calls together.

use model::{
    Call, FunctionId, Observation, Outcome, ScopeId, Value,
    forest::{self, Forest},
    notation::{self, Identities, Layout},
};

use super::{
    node::{MAX_DEPTH, Node},
    substitution::Substitutions,
};

/// The calls that a text shows.
pub(super) struct Trees<'a> {
    /// What was seen.
    pub(super) observation: &'a Observation,
    /// The calls that are shown.
    pub(super) forest: Forest<'a>,
    /// What was chosen at random.
    pub(super) substitutions: &'a Substitutions,
}

impl<'a> Trees<'a> {
    /// What belongs to a request: the calls of the goroutine that handles it, or of the main one, then goroutines whose
    /// creator is not known, ordered by their text.
    pub(super) fn nodes(&self, owner: Option<ScopeId>) -> Vec<Node> {
        let serving = self.forest.serving(owner);
        let roots = self.forest.roots(owner).iter();
        let adrift = roots.filter(|root| Some(**root) != serving);
        let mut adrift: Vec<Node> = adrift.map(|root| self.goroutine(*root, 0)).collect();
        // Their order is random.
        super::node::sort(&mut adrift);
        let mut nodes = serving.map_or_else(Vec::new, |serving| self.below(serving, 0));
        nodes.extend(adrift);
        nodes
    }

    fn below(&self, node: forest::Node, depth: usize) -> Vec<Node> {
        let children = self.forest.children(node);
        if depth >= MAX_DEPTH && !children.is_empty() {
            let deeper = match self.forest.calls_below(node) {
                1 => "1 call".to_owned(),
                calls => format!("{calls} calls"),
            };
            return vec![Node::leaf(format!("… {deeper} deeper"))];
        }
        children
            .iter()
            .filter_map(|child| match *child {
                forest::Node::Call(id) => self.forest.call(id).map(|call| Node {
                    text: self.line(call),
                    below: self.below(*child, depth + 1),
                }),
                forest::Node::Goroutine(..) => Some(self.goroutine(*child, depth)),
            })
            .collect()
    }

    /// A goroutine's block. Where its whole life is one call of the function it started with, that call is its line.
    fn goroutine(&self, node: forest::Node, depth: usize) -> Node {
        let goroutine = self.forest.goroutine(node);
        let started_with = goroutine.and_then(|goroutine| goroutine.function.as_deref());
        let mut below = self.below(node, depth + 1);
        if started_with.is_some()
            && self.only_call(node) == started_with
            && let Some(only) = below.pop()
        {
            return Node {
                text: format!("go {}", only.text),
                below: only.below,
            };
        }
        Node {
            text: format!("go {}", started_with.unwrap_or("?")),
            below,
        }
    }

    /// The name of the function of the only call directly in a goroutine's block.
    fn only_call(&self, node: forest::Node) -> Option<&'a str> {
        match self.forest.children(node) {
            [forest::Node::Call(id)] => Some(self.name(self.forest.call(*id)?.function)),
            _ => None,
        }
    }

    fn name(&self, function: FunctionId) -> &'a str {
        self.observation
            .function(function)
            .map_or("?", |function| &function.name)
    }

    /// A call: arguments, results, and how it ended where no results show that. On one line, or with a line for each
    /// argument and result where that would be too long.
    fn line(&self, call: &Call) -> String {
        let function = self.observation.function(call.function);
        let name = function.map_or("?", |function| function.name_of(call));
        let mut identities = Identities::default();
        let arguments = self.values(&call.arguments, &mut identities);
        let results = self.values(&call.results, &mut identities);
        let end = match call.outcome {
            Outcome::Returned => ended(results, "returned", ""),
            Outcome::Running => Layout::leaf("running"),
            Outcome::Panicked => Layout::leaf("panicked"),
            Outcome::Recovered => ended(results, "recovered", "recovered "),
            Outcome::Goexit => Layout::leaf("goexit"),
            Outcome::Unwound => Layout::leaf("unwound"),
            Outcome::ProcessEnded => Layout::leaf("process ended"),
        };
        let open = self.substitutions.apply(&format!("{name}("));
        let line = Layout::group(open.clone(), arguments.clone(), ")").line();
        let is_long = |line: &str| line.chars().count() > WIDTH;
        let whole = format!("{line} {}", end.line());
        if !is_long(&whole) {
            return whole;
        }
        let parameters = function.map_or(&[][..], |function| &function.parameters);
        let names = parameters.iter().map(|parameter| parameter.name.as_str());
        let names = names.chain(std::iter::repeat(""));
        let named = arguments.into_iter().zip(names);
        let named = named.map(|(argument, name)| match name {
            "" | "_" => argument,
            name => argument.labelled(format!("{name}: ")),
        });
        let mut lines = if is_long(&line) {
            Layout::group(open, named.collect(), ")").block(WIDTH)
        } else {
            vec![line]
        };
        let mut end = end.block(WIDTH).into_iter();
        if let (Some(last), Some(first)) = (lines.last_mut(), end.next()) {
            last.push(' ');
            last.push_str(&first);
        }
        lines.extend(end);
        lines.join("\n")
    }

    /// Values of one moment, with placeholders for what was chosen at random.
    fn values(&self, values: &[Value], identities: &mut Identities) -> Vec<Layout> {
        let (types, module) = (&self.observation.types, self.observation.module.as_deref());
        let mut layouts = notation::stable_values(values, types, module, identities);
        for layout in &mut layouts {
            layout.rewrite(&|text| self.substitutions.apply(text));
        }
        layouts
    }
}

/// The characters of a line beside its indentation, beyond which it is broken.
const WIDTH: usize = 120;

/// What a call returned; `without` if that is nothing.
fn ended(mut results: Vec<Layout>, without: &str, label: &str) -> Layout {
    match (results.len(), results.pop()) {
        (1, Some(result)) => result.labelled(format!("{label}→ ")),
        (_, None) => Layout::leaf(without),
        (_, Some(last)) => {
            results.push(last);
            Layout::group(format!("{label}→ ("), results, ")")
        }
    }
}
