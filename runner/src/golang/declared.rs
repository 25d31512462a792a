//! A function's parameters and results in the source's own words.
//!
//! ```
//! use goproctor::golang::declared::DeclaredSignature;
//! let signature = DeclaredSignature::parse("func (t *T) find(a, b string) (n int, err error) { … }").unwrap();
//! assert_eq!(signature.parameters, 2);
//! assert_eq!(signature.results[1].ty, "error");
//! ```

use tree_sitter::{Node, Parser};

/// What the source of a function or a literal says of its parameters and results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredSignature {
    /// How many parameters it has, without the receiver; `a, b int` are two.
    pub parameters: usize,
    /// Its results in order.
    pub results: Vec<DeclaredResult>,
}

/// A result as the source declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredResult {
    /// Its name; `~r0` and so on if it has none, as the compiler calls it.
    pub name: String,
    /// Its type as written.
    pub ty: String,
}

impl DeclaredSignature {
    /// Reads the text of a function, a method or a literal, from the word `func` on; what follows its result may be
    /// missing or malformed. None if it is nothing of the kind.
    #[must_use]
    pub fn parse(function: &str) -> Option<Self> {
        let mut parser = Parser::new();
        parser
            .set_language(&tree_sitter_go::LANGUAGE.into())
            .ok()?;
        // A literal stands in an expression, a declaration on its own.
        ["package p\n", "package p\nvar _ = "]
            .into_iter()
            .find_map(|before| {
                let text = format!("{before}{function}");
                let tree = parser.parse(&text, None)?;
                let node = function_at(tree.root_node(), before.len())?;
                Some(Self {
                    parameters: declared(node.child_by_field_name("parameters")?, &text).len(),
                    results: results(node.child_by_field_name("result"), &text),
                })
            })
    }
}

/// The function whose word `func` stands there.
fn function_at(root: Node<'_>, start: usize) -> Option<Node<'_>> {
    const KINDS: [&str; 3] = ["function_declaration", "method_declaration", "func_literal"];
    let mut node = root.descendant_for_byte_range(start, start + "func".len())?;
    loop {
        if KINDS.contains(&node.kind()) {
            return (node.start_byte() == start).then_some(node);
        }
        node = node.parent()?;
    }
}

fn results(result: Option<Node<'_>>, text: &str) -> Vec<DeclaredResult> {
    let Some(result) = result else {
        return Vec::new();
    };
    let declared = if result.kind() == "parameter_list" {
        declared(result, text)
    } else {
        vec![(None, words(result, text))]
    };
    declared
        .into_iter()
        .enumerate()
        .map(|(index, (name, ty))| DeclaredResult {
            name: name.unwrap_or_else(|| format!("~r{index}")),
            ty,
        })
        .collect()
}

/// Names and types of a list of parameters.
fn declared(list: Node<'_>, text: &str) -> Vec<(Option<String>, String)> {
    let mut cursor = list.walk();
    let mut all = Vec::new();
    for declaration in list.named_children(&mut cursor) {
        let Some(ty) = declaration.child_by_field_name("type") else {
            continue;
        };
        let ty = words(ty, text);
        let mut names = declaration.walk();
        let before = all.len();
        all.extend(
            declaration
                .children_by_field_name("name", &mut names)
                .map(|name| (Some(words(name, text)), ty.clone())),
        );
        if all.len() == before {
            all.push((None, ty));
        }
    }
    all
}

fn words(node: Node<'_>, text: &str) -> String {
    text.get(node.byte_range()).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn seen(function: &str) -> (usize, String) {
        let signature = DeclaredSignature::parse(function).unwrap();
        let results: Vec<_> = signature
            .results
            .iter()
            .map(|result| format!("{} {}", result.name, result.ty))
            .collect();
        (signature.parameters, results.join(", "))
    }

    #[test]
    fn declarations_of_every_form_are_read() {
        for (function, parameters, results) in [
            ("func f() {}", 0, ""),
            ("func f(a, b int, c ...string) {}", 3, ""),
            ("func f(int, string) error {}", 2, "~r0 error"),
            ("func (t *T) m(x map[string]int) (string, error) {}", 1, "~r0 string, ~r1 error"),
            ("func f(a int) (n, m int, err error) {}", 1, "n int, m int, err error"),
            ("func Map[T, U any](x []T, f func(T) U) []U {}", 2, "~r0 []U"),
            ("func(z int) bool { return z > 0 }", 1, "~r0 bool"),
            ("func() { func(a int) {}(1) }()", 0, ""),
            ("func f(a int) *T", 1, "~r0 *T"),
        ] {
            assert_eq!(seen(function), (parameters, results.into()), "{function}");
        }
    }

    #[test]
    fn other_texts_are_no_function() {
        for text in ["", "var x int", "x := 1", "func", "fun f()", "\u{0}"] {
            assert_eq!(DeclaredSignature::parse(text), None, "{text:?}");
        }
    }
}
