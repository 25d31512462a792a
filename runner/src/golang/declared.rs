//! A function's parameters and results in the source's own words.
//!
//! ```
//! use goproctor::golang::declared::DeclaredSignature;
//! let signature = DeclaredSignature::parse("func (t *T) find(a, b string) (n int, err error) { … }").unwrap();
//! assert_eq!(signature.parameters.len(), 2);
//! assert_eq!(signature.results[1].ty, "error");
//! ```

use tree_sitter::{Node, Parser};

/// What the source of a function or a literal says of its parameters and results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredSignature {
    /// A method's receiver.
    pub receiver: Option<DeclaredParameter>,
    /// Its parameters in order, without the receiver; `a, b int` are two.
    pub parameters: Vec<DeclaredParameter>,
    /// Its results in order.
    pub results: Vec<DeclaredParameter>,
}

/// A parameter or a result as the source declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredParameter {
    /// Its name; `_` if it has none.
    pub name: String,
    /// Its type as written; `[]T` for `...T`.
    pub ty: String,
}

impl DeclaredSignature {
    /// Reads the text of a function, a method or a literal, from the word `func` on; what follows its result may be
    /// missing or malformed. None if it is nothing of the kind.
    #[must_use]
    pub fn parse(function: &str) -> Option<Self> {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_go::LANGUAGE.into()).ok()?;
        // A literal stands in an expression, a declaration on its own.
        ["package p\n", "package p\nvar _ = "]
            .into_iter()
            .find_map(|before| {
                let text = format!("{before}{function}");
                let tree = parser.parse(&text, None)?;
                let node = function_at(tree.root_node(), before.len())?;
                let receiver = node.child_by_field_name("receiver");
                Some(Self {
                    receiver: receiver.and_then(|list| declared(list, &text).pop()),
                    parameters: declared(node.child_by_field_name("parameters")?, &text),
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

fn results(result: Option<Node<'_>>, text: &str) -> Vec<DeclaredParameter> {
    match result {
        None => Vec::new(),
        Some(list) if list.kind() == "parameter_list" => declared(list, text),
        Some(only) => vec![unnamed(words(only, text))],
    }
}

/// Names and types of a list of parameters.
fn declared(list: Node<'_>, text: &str) -> Vec<DeclaredParameter> {
    let mut cursor = list.walk();
    let mut all = Vec::new();
    for declaration in list.named_children(&mut cursor) {
        let Some(ty) = declaration.child_by_field_name("type") else {
            continue;
        };
        let ty = match declaration.kind() {
            "variadic_parameter_declaration" => format!("[]{}", words(ty, text)),
            _ => words(ty, text),
        };
        let mut names = declaration.walk();
        let before = all.len();
        all.extend(
            declaration
                .children_by_field_name("name", &mut names)
                .map(|name| DeclaredParameter {
                    name: words(name, text),
                    ty: ty.clone(),
                }),
        );
        if all.len() == before {
            all.push(unnamed(ty));
        }
    }
    all
}

fn unnamed(ty: String) -> DeclaredParameter {
    DeclaredParameter {
        name: "_".to_owned(),
        ty,
    }
}

fn words(node: Node<'_>, text: &str) -> String {
    text.get(node.byte_range()).unwrap_or_default().to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn seen(function: &str) -> [String; 3] {
        let signature = DeclaredSignature::parse(function).unwrap();
        let list = |list: &[DeclaredParameter]| {
            let texts: Vec<_> = list
                .iter()
                .map(|one| format!("{} {}", one.name, one.ty))
                .collect();
            texts.join(", ")
        };
        [
            list(signature.receiver.as_slice()),
            list(&signature.parameters),
            list(&signature.results),
        ]
    }

    #[test]
    fn declarations_of_every_form_are_read() {
        for (function, expected) in [
            ("func f() {}", ["", "", ""]),
            (
                "func f(a, b int, c ...string) {}",
                ["", "a int, b int, c []string", ""],
            ),
            (
                "func f(int, string) error {}",
                ["", "_ int, _ string", "_ error"],
            ),
            (
                "func (t *T) m(x map[string]int) (string, error) {}",
                ["t *T", "x map[string]int", "_ string, _ error"],
            ),
            ("func (T) m()", ["_ T", "", ""]),
            (
                "func f(a int) (n, m int, err error) {}",
                ["", "a int", "n int, m int, err error"],
            ),
            (
                "func Map[T, U any](x []T, f func(T) U) []U {}",
                ["", "x []T, f func(T) U", "_ []U"],
            ),
            ("func(z int) bool { return z > 0 }", ["", "z int", "_ bool"]),
            ("func() { func(a int) {}(1) }()", ["", "", ""]),
            ("func f(a int) *T", ["", "a int", "_ *T"]),
        ] {
            assert_eq!(seen(function), expected, "{function}");
        }
    }

    #[test]
    fn other_texts_are_no_function() {
        for text in ["", "var x int", "x := 1", "func", "fun f()", "\u{0}"] {
            assert_eq!(DeclaredSignature::parse(text), None, "{text:?}");
        }
    }
}
