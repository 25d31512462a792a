//! The lines of a snapshot as nodes of a tree.

use super::{
    outside::{Outside, closing, open_brackets, pieces},
    value,
};
use crate::{
    align::{Aligned, hash},
    value::Value,
};

/// A line with what is below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// The line in one, without its number of repetitions.
    pub(super) text: String,
    /// What it is.
    pub(super) shape: Shape,
    /// How many equal neighbours it stands for.
    pub(super) count: usize,
    /// What is below it.
    pub(super) below: Vec<Node>,
}

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    /// A request: `GET /orders?q=1 → 200`.
    Request {
        /// The method and the path.
        name: String,
        /// The query, with its `?`.
        query: String,
        /// The answer; empty where it is not told.
        answer: String,
    },
    /// A call.
    Call {
        /// The function.
        function: String,
        /// Whether a `go` statement made it.
        is_go: bool,
        /// Its arguments, with their names where the text has them.
        arguments: Vec<(Option<String>, Value)>,
        /// Its results.
        results: Vec<Value>,
        /// How it ended.
        end: String,
    },
    /// Any other line: a goroutine, the name of a Go test, a remark.
    Other,
}

impl Node {
    /// What it is called.
    pub(super) fn name(&self) -> &str {
        match &self.shape {
            Shape::Request { name, .. } => name,
            Shape::Call { function, .. } => function,
            Shape::Other => &self.text,
        }
    }

    /// Its text with its number of repetitions.
    pub(super) fn line(&self) -> String {
        match self.count {
            1 => self.text.clone(),
            count => format!("{} ×{count}", self.text),
        }
    }

    /// It and all below it.
    pub(super) fn size(&self) -> usize {
        let below = self.below.iter().map(Self::size);
        1 + below.sum::<usize>()
    }
}

impl Aligned for Node {
    fn whole(&self) -> u64 {
        let below: Vec<u64> = self.below.iter().map(Aligned::whole).collect();
        hash(&(&self.text, &self.shape, self.count, below))
    }

    fn key(&self) -> u64 {
        hash(&(std::mem::discriminant(&self.shape), self.name()))
    }

    fn inputs(&self) -> u64 {
        match &self.shape {
            Shape::Call { arguments, .. } => {
                let values: Vec<&Value> = arguments.iter().map(|(_, value)| value).collect();
                hash(&(self.name(), values))
            }
            Shape::Request { name, query, .. } => hash(&(name, query)),
            Shape::Other => hash(&self.text),
        }
    }
}

/// The nodes of a snapshot's text. A line that is nothing known is a node like any other.
pub(super) fn read(text: &str) -> Vec<Node> {
    let mut lines = lines(text).into_iter().peekable();
    below(&mut lines, 0)
}

/// A line and the lines that a call which was too long goes on in.
struct Line {
    level: usize,
    text: String,
}

fn below(lines: &mut std::iter::Peekable<std::vec::IntoIter<Line>>, level: usize) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    while let Some(line) = lines.peek() {
        if line.level < level {
            break;
        }
        if line.level > level && !nodes.is_empty() {
            let deeper = below(lines, level + 1);
            if let Some(last) = nodes.last_mut() {
                last.below = deeper;
            }
            continue;
        }
        if let Some(line) = lines.next() {
            nodes.push(node(&line.text));
        }
    }
    nodes
}

fn lines(text: &str) -> Vec<Line> {
    let mut all = Vec::new();
    let mut rest: Vec<&str> = text.lines().collect();
    rest.reverse();
    while let Some(first) = rest.pop() {
        let content = first.trim_start_matches(' ');
        if content.is_empty() {
            continue;
        }
        let level = (first.len() - content.len()) / 2;
        let mut whole = content.to_owned();
        let mut taken = Vec::new();
        if level > 0 && request(content).is_none() {
            while open_brackets(&whole) > 0
                && let Some(next) = rest.pop()
            {
                taken.push(next);
                join(&mut whole, next.trim());
            }
            if open_brackets(&whole) > 0 {
                // Nothing closes it: it is a line by itself.
                content.clone_into(&mut whole);
                rest.extend(taken.into_iter().rev());
            }
        }
        all.push(Line { level, text: whole });
    }
    all
}

/// Puts the next line of a call behind the others, as it stands where all are one.
fn join(whole: &mut String, next: &str) {
    if next.starts_with(['}', ')', ']']) {
        if whole.ends_with(',') {
            whole.pop();
        }
    } else if !whole.ends_with(['{', '(', '[']) {
        whole.push(' ');
    }
    whole.push_str(next);
}

fn node(line: &str) -> Node {
    let (text, count) = counted(line);
    let shape = request(text).or_else(|| call(text)).unwrap_or(Shape::Other);
    Node {
        text: text.to_owned(),
        shape,
        count,
        below: Vec::new(),
    }
}

/// A line without the number of equal neighbours that it stands for, and the number.
fn counted(line: &str) -> (&str, usize) {
    let counted = line
        .rsplit_once(" ×")
        .and_then(|(text, count)| Some((text, count.parse().ok()?)));
    counted.filter(|(_, count)| *count > 1).unwrap_or((line, 1))
}

/// `GET /orders?q=1 → 200`
fn request(text: &str) -> Option<Shape> {
    let (method, rest) = text.split_once(' ')?;
    let is_method = !method.is_empty() && method.chars().all(|c| c.is_ascii_uppercase());
    if !is_method {
        return None;
    }
    let (target, answer) = match rest.rsplit_once(" → ") {
        Some((target, answer)) => (target, counted(answer).0),
        None => (rest, ""),
    };
    let query = target.find('?').unwrap_or(target.len());
    let (path, query) = target.split_at(query);
    Some(Shape::Request {
        name: format!("{method} {path}"),
        query: query.to_owned(),
        answer: answer.to_owned(),
    })
}

/// `go main.f(1) → 2`
fn call(text: &str) -> Option<Shape> {
    let (is_go, rest) = match text.strip_prefix("go ") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (open, close) = arguments(rest)?;
    let end = rest.get(close + 1..)?.strip_prefix(' ')?;
    let (end, results) = ended(end);
    let arguments = pieces(rest.get(open + 1..close)?).into_iter();
    Some(Shape::Call {
        function: rest.get(..open)?.to_owned(),
        is_go,
        arguments: arguments
            .map(|argument| {
                let (name, value) = value::read(argument);
                (name.map(str::to_owned), value)
            })
            .collect(),
        results,
        end,
    })
}

/// The brackets of a call's arguments: the first that no name goes on behind, as one does behind a receiver.
fn arguments(text: &str) -> Option<(usize, usize)> {
    let mut after = 0;
    for (at, character) in Outside::of(text) {
        if at < after {
            continue;
        }
        match character {
            '(' => {
                let close = closing(text, at)?;
                let goes_on = text
                    .get(close + 1..)
                    .is_some_and(|rest| rest.starts_with('.'));
                if !goes_on {
                    return Some((at, close));
                }
                after = close;
            }
            '[' => after = closing(text, at)?,
            ' ' => return None,
            _ => {}
        }
    }
    None
}

/// How a call ended, and what it returned.
fn ended(text: &str) -> (String, Vec<Value>) {
    let (end, results) = match text.split_once("→ ") {
        Some((before, results)) => (before.trim_end(), results),
        None => (text, ""),
    };
    let end = match end {
        "" => "returned",
        end => end,
    };
    let is_list = results.starts_with('(') && closing(results, 0) == Some(results.len() - 1);
    let values = match is_list {
        true => pieces(results.get(1..results.len() - 1).unwrap_or_default()),
        false if results.is_empty() => Vec::new(),
        false => vec![results],
    };
    let values = values.into_iter().map(|text| value::read(text).1);
    (end.to_owned(), values.collect())
}

#[cfg(test)]
mod tests {
    use super::{Node, Shape, read};

    fn only(text: &str) -> Node {
        let mut nodes = read(text);
        assert_eq!(nodes.len(), 1, "{nodes:?}");
        nodes.remove(0)
    }

    #[test]
    fn what_is_below_a_line_is_below_its_node() {
        let visit = only(concat!(
            "GET /?name=Go → 200 ×3\n",
            "  main.handler(<http.ResponseWriter: type unknown>, GET /) returned\n",
            "    main.checkSite() → 200\n",
            "      go main.checkSite.func1() returned\n",
            "    main.prepareAnswer(\"Go\", 2020) → (\"x\", nil)\n",
        ));
        assert_eq!((visit.count, visit.size()), (3, 5));
        assert_eq!(visit.name(), "GET /");
        let handler = &visit.below[0];
        assert_eq!(handler.below.len(), 2);
        let worker = &handler.below[0].below[0];
        assert!(matches!(&worker.shape, Shape::Call { is_go: true, .. }));
        let Shape::Call { results, .. } = &handler.below[1].shape else {
            panic!("a call");
        };
        assert_eq!(results.len(), 2);
    }

    #[test]
    fn a_call_on_several_lines_is_one() {
        let start = only(concat!(
            "start\n",
            "  main.(*store).insert(\n",
            "    s: &main.store{\n",
            "      items: []string{\"(\", \"tea\"},\n",
            "      lock: sync.Mutex(unlocked),\n",
            "    },\n",
            "    item: \"tea\",\n",
            "  ) → main.Result{A: 1}\n",
            "    main.log() returned ×2\n",
        ));
        let insert = &start.below[0];
        assert_eq!(
            insert.text,
            "main.(*store).insert(s: &main.store{items: []string{\"(\", \"tea\"}, lock: sync.Mutex(unlocked)}, item: \"tea\") → main.Result{A: 1}"
        );
        assert_eq!(insert.name(), "main.(*store).insert");
        let Shape::Call { arguments, .. } = &insert.shape else {
            panic!("a call");
        };
        assert_eq!(arguments[1].0.as_deref(), Some("item"));
        assert_eq!(insert.below[0].count, 2);
    }

    #[test]
    fn what_is_nothing_known_is_a_line() {
        let test = only(
            "TestCheckout/a(b\n  go main.serve.func1\n    … 3 calls deeper\n  x( {\n  GET /a?( → 404\n",
        );
        assert_eq!(test.size(), 5);
        assert!(matches!(test.below[0].shape, Shape::Other));
        assert_eq!(test.below[1].text, "x( {");
        assert!(matches!(test.below[2].shape, Shape::Request { .. }));
        assert!(read("").is_empty());
        // However it is indented, no line is lost.
        assert_eq!(
            read("      a\n  b\nc\n")
                .iter()
                .map(Node::size)
                .sum::<usize>(),
            3
        );
    }

    #[test]
    fn generic_functions_and_methods_have_their_names() {
        let start = only(
            "start\n  main.Map[int,string](1, 2) → 3\n  main.(*List[int]).Add(4) recovered → 5\n",
        );
        assert_eq!(start.below[0].name(), "main.Map[int,string]");
        assert_eq!(start.below[1].name(), "main.(*List[int]).Add");
        let Shape::Call { end, results, .. } = &start.below[1].shape else {
            panic!("a call");
        };
        assert_eq!((end.as_str(), results.len()), ("recovered", 1));
    }
}
