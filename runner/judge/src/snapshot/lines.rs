//! Calls and goroutines as lines.

use model::{
    Call, Observation, Outcome, Value,
    notation::{self, Identities, Layout},
};

use super::{node::Node, substitution::Substitutions};
use crate::outline::{Began, Item};

/// What lines are made of.
pub(super) struct Lines<'a> {
    /// What was seen.
    pub(super) observation: &'a Observation,
    /// What was chosen at random.
    pub(super) substitutions: &'a Substitutions,
}

impl Lines<'_> {
    /// Calls and goroutines in their order, each a line with what is below it.
    pub(super) fn nodes(&self, items: &[Item<'_>]) -> Vec<Node> {
        items.iter().map(|item| self.node(item)).collect()
    }

    fn node(&self, item: &Item<'_>) -> Node {
        match item {
            Item::Call { call, began, below } => {
                let line = self.line(call);
                Node {
                    text: match began {
                        Began::ByCall => line,
                        Began::ByGo => format!("go {line}"),
                    },
                    below: self.nodes(below),
                }
            }
            Item::Goroutine { function, below } => Node {
                text: format!("go {}", function.unwrap_or("?")),
                below: self.nodes(below),
            },
            Item::Deeper(1) => Node::leaf("… 1 call deeper".to_owned()),
            Item::Deeper(calls) => Node::leaf(format!("… {calls} calls deeper")),
        }
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
