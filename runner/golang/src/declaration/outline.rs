//! What a Go file says, declaration by declaration, so that two texts of it can be compared.
//!
//! Two declarations have the same text here if they differ in layout and comments alone. Directives (`//go:embed`) are no mere comments, nor is
//! the `// Output:` of an example.

use std::{
    collections::{BTreeSet, HashMap},
    path::Path,
};

use tree_sitter::Node;

use super::reader::parse;
use crate::toolchain::source::{DeclaredFunction, PackageReader};

/// A Go file, declaration by declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The name in its package clause.
    pub package: String,
    /// Whether all of it was understood; what is not is in no declaration.
    pub is_whole: bool,
    /// Its functions and methods, in its order.
    pub functions: Vec<OutlinedFunction>,
    /// Its constants, types and variables, in its order: one for each word `const`, `type` or `var`.
    pub declarations: Vec<OutlinedDeclaration>,
    /// What it imports.
    pub imports: Vec<OutlinedImport>,
    /// The names of the methods that interfaces in it list.
    pub listed_methods: BTreeSet<String>,
    /// The directives that belong to no declaration: build constraints, and what cgo reads.
    pub directives: Vec<String>,
}

/// A function or method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlinedFunction {
    /// Its name without its package: `Refund`, `Cart.Total`, `(*Cart).Add`; `init` for each of these.
    pub name: String,
    /// The type that it is a method of.
    pub receiver: Option<String>,
    /// The line of the word `func`, from 1.
    pub line: u32,
    /// All of it, without layout and comments.
    pub text: String,
    /// The function literals in it, in the order of the source.
    pub literals: Vec<OutlinedLiteral>,
}

/// A function literal of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlinedLiteral {
    /// Its name without its package, by its place: `Refund.func1`.
    pub name: String,
    /// All of it, without layout and comments.
    pub text: String,
}

/// What a declaration outside of functions declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeclarationKind {
    /// `const`
    Constant,
    /// `type`
    Type,
    /// `var`
    Variable,
}

/// A declaration outside of functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlinedDeclaration {
    /// What it declares.
    pub kind: DeclarationKind,
    /// The names.
    pub names: Vec<String>,
    /// The line that it begins in, from 1.
    pub line: u32,
    /// All of it, without layout and comments.
    pub text: String,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OutlinedImport {
    /// The name that the file gives it, also `.` and `_`; none if it keeps its own.
    pub name: Option<String>,
    /// Its path.
    pub path: String,
}

impl Outline {
    /// Reads a file. None if the parser can't be set up.
    ///
    /// ```
    /// use golang::declaration::Outline;
    ///
    /// let outline = Outline::read(b"package shop\n\nfunc (c *Cart) Add(qty int) { c.qty += qty }\n").unwrap();
    /// assert_eq!(outline.functions[0].name, "(*Cart).Add");
    /// let laid_out = b"package shop\n// Add adds.\nfunc (c *Cart) Add(\n\tqty int,\n) {\n\tc.qty += qty\n}\n";
    /// let laid_out = Outline::read(laid_out).unwrap();
    /// assert_eq!(outline.functions[0].text, laid_out.functions[0].text);
    /// ```
    #[must_use]
    pub fn read(file: &[u8]) -> Option<Self> {
        const PREFIX: &str = "p";
        let mut functions = PackageReader::new(PREFIX).ok()?;
        functions.read(Path::new(""), file);
        let at = functions.functions.iter();
        let at: HashMap<usize, &DeclaredFunction> =
            at.map(|function| (function.offset, function)).collect();
        let tree = parse(file)?;
        let root = tree.root_node();
        let mut reading = Reading {
            file,
            outline: Self {
                is_whole: !root.has_error(),
                ..Self::default()
            },
            directives: Vec::new(),
            is_cgo: false,
        };
        let mut cursor = root.walk();
        let nodes: Vec<Node<'_>> = root.named_children(&mut cursor).collect();
        reading.read_imports(&nodes);
        reading.read_interfaces(root);
        for node in nodes {
            match at.get(&node.start_byte()) {
                Some(function) if node.kind() != "comment" => {
                    let name = function.name.strip_prefix(PREFIX).unwrap_or_default();
                    reading.read_function(node, function, name.strip_prefix('.').unwrap_or(name));
                }
                _ => reading.read_other(node),
            }
        }
        reading.keep_directives();
        Some(reading.outline)
    }
}

/// An outline that is being read.
struct Reading<'f> {
    file: &'f [u8],
    outline: Outline,
    /// The directives since the last declaration.
    directives: Vec<String>,
    /// Whether all comments outside of functions may be C.
    is_cgo: bool,
}

impl Reading<'_> {
    fn text_of(&self, node: Node<'_>) -> String {
        String::from_utf8_lossy(self.file.get(node.byte_range()).unwrap_or_default()).into_owned()
    }

    fn read_imports(&mut self, nodes: &[Node<'_>]) {
        for node in below(nodes, "import_declaration", "import_spec") {
            let Some(path) = node.child_by_field_name("path") else {
                continue;
            };
            let name = node
                .child_by_field_name("name")
                .map(|name| self.text_of(name));
            let path = self.text_of(path).trim_matches(['"', '`']).to_owned();
            self.is_cgo |= path == "C";
            self.outline.imports.push(OutlinedImport { name, path });
        }
    }

    fn read_interfaces(&mut self, root: Node<'_>) {
        let mut pending = vec![root];
        while let Some(node) = pending.pop() {
            if node.kind() == "method_elem"
                && let Some(name) = node.child_by_field_name("name")
            {
                let name = self.text_of(name);
                self.outline.listed_methods.insert(name);
            }
            let mut cursor = node.walk();
            pending.extend(node.named_children(&mut cursor));
        }
    }

    fn read_function(&mut self, node: Node<'_>, function: &DeclaredFunction, name: &str) {
        // Its number depends on the package's other files.
        let name = match name.strip_prefix("init.") {
            Some(_) if node.child_by_field_name("receiver").is_none() => "init",
            _ => name,
        };
        let receiver = node.child_by_field_name("receiver");
        let receiver = receiver.and_then(|_| name.rsplit_once('.'));
        let receiver = receiver.map(|(ty, _)| ty.trim_matches(['(', '*', ')']).to_owned());
        let comments = match name.starts_with("Example") {
            true => Comments::Kept,
            false => Comments::LeftOut,
        };
        let own = |literal: &str| {
            let rest = literal.strip_prefix(&function.name).unwrap_or_default();
            format!("{name}{rest}")
        };
        let literals = function.literals.iter().filter_map(|literal| {
            let range = literal.range.clone();
            let node = node.descendant_for_byte_range(range.start, range.end)?;
            Some(OutlinedLiteral {
                name: own(&literal.name),
                text: words(self.file, node, Comments::LeftOut),
            })
        });
        let mut text = std::mem::take(&mut self.directives).join("\n");
        text.push_str(&words(self.file, node, comments));
        self.outline.functions.push(OutlinedFunction {
            name: name.to_owned(),
            receiver,
            line: function.line,
            text,
            literals: literals.collect(),
        });
    }

    fn read_other(&mut self, node: Node<'_>) {
        let kind = match node.kind() {
            "comment" => {
                let text = self.text_of(node);
                if self.is_cgo || is_directive(&text) {
                    self.directives.push(text);
                }
                return;
            }
            "package_clause" => {
                let name = node.named_child(0).map(|name| self.text_of(name));
                self.outline.package = name.unwrap_or_default();
                return self.keep_directives();
            }
            "const_declaration" => DeclarationKind::Constant,
            "type_declaration" => DeclarationKind::Type,
            "var_declaration" => DeclarationKind::Variable,
            _ => return self.keep_directives(),
        };
        let specs = ["const_spec", "type_spec", "type_alias", "var_spec"];
        let mut names = Vec::new();
        for spec in specs
            .iter()
            .flat_map(|spec| below(&[node], node.kind(), spec))
        {
            let mut cursor = spec.walk();
            let named = spec.children_by_field_name("name", &mut cursor);
            // The commas between names have their field, too.
            let named = named.filter(Node::is_named);
            names.extend(named.map(|name| self.text_of(name)));
        }
        let mut text = std::mem::take(&mut self.directives).join("\n");
        text.push_str(&words(self.file, node, Comments::LeftOut));
        self.outline.declarations.push(OutlinedDeclaration {
            kind,
            names,
            line: u32::try_from(node.start_position().row).map_or(u32::MAX, |row| row + 1),
            text,
        });
    }

    /// Counts the directives since the last declaration as the file's own.
    fn keep_directives(&mut self) {
        self.outline.directives.append(&mut self.directives);
    }
}

/// The nodes of one kind in those of another, and in lists within them.
fn below<'t>(nodes: &[Node<'t>], within: &str, wanted: &str) -> Vec<Node<'t>> {
    let mut found = Vec::new();
    for node in nodes.iter().filter(|node| node.kind() == within) {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            if child.kind() == wanted {
                found.push(child);
            } else if child.kind().ends_with("_spec_list") {
                let mut cursor = child.walk();
                let listed = child.named_children(&mut cursor);
                found.extend(listed.filter(|spec| spec.kind() == wanted));
            }
        }
    }
    found
}

/// Whether a comment tells go or the compiler something.
fn is_directive(comment: &str) -> bool {
    let starts = [
        "//go:",
        "//export ",
        "//extern ",
        "//line ",
        "/*line ",
        "//+build",
        "// +build",
    ];
    starts.iter().any(|start| comment.starts_with(start)) && !comment.starts_with("//go:generate")
}

/// What becomes of comments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comments {
    LeftOut,
    Kept,
}

/// The words below a node and how they belong together, whatever the layout: the commas and semicolons that only the layout asks for are left
/// out.
fn words(file: &[u8], top: Node<'_>, comments: Comments) -> String {
    let mut out = String::new();
    let mut cursor = top.walk();
    loop {
        let node = cursor.node();
        let is_left_out = match node.kind() {
            "comment" => comments == Comments::LeftOut,
            "\n" | ";" | "," | "\0" => true,
            _ => false,
        };
        if !is_left_out {
            if let Some(field) = cursor.field_name() {
                out.push_str(field);
                out.push('\u{1}');
            }
            let is_text =
                node.child_count() == 0 || node.kind().ends_with("_literal") && is_quoted(node);
            if is_text {
                let text = file.get(node.byte_range()).unwrap_or_default();
                out.push_str(&String::from_utf8_lossy(text));
                out.push('\u{2}');
            } else if cursor.goto_first_child() {
                out.push_str(node.kind());
                out.push('\u{3}');
                continue;
            }
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return out;
            }
            out.push('\u{4}');
        }
    }
}

/// Whether the text between a node's children counts.
fn is_quoted(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "interpreted_string_literal" | "raw_string_literal" | "rune_literal"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline::read(text.as_bytes()).unwrap()
    }

    fn function(body: &str) -> String {
        let text = format!("package shop\n{body}\n");
        let outline = outline(&text);
        assert!(outline.is_whole, "{body}");
        outline.functions[0].text.clone()
    }

    #[test]
    fn layout_and_comments_change_nothing() {
        let one = function(
            "func f(a, b int) int { x := []int{a, b}; if y := g(x, `s`); y > 0 { return y }; return 0 }",
        );
        let other = function(
            "// f is f.\nfunc f(\n\ta, b int, // both\n) int {\n\tx := []int{\n\t\ta,\n\t\tb,\n\t}\n\n\tif y := g(\n\t\tx, `s`,\n\t); y > 0 {\n\t\t/* so */ return y\n\t}\n\treturn 0\n}",
        );
        assert_eq!(one, other);
    }

    #[test]
    fn what_means_something_else_is_something_else() {
        for (one, other) in [
            ("func f() { return\nx() }", "func f() { return x() }"),
            (
                "func f() { for ; x(); { } }",
                "func f() { for ; ; x() { } }",
            ),
            (
                "func f() { switch x(); { } }",
                "func f() { switch x() { } }",
            ),
            ("func f() { g(`a b`) }", "func f() { g(`a  b`) }"),
            ("func f() { g(\"a // b\") }", "func f() { g(\"a // c\") }"),
            ("func f() { g(a, b) }", "func f() { g(a); g(b) }"),
            ("func f() { a(); b() }", "func f() { b(); a() }"),
            ("func f(a, b int) {}", "func f(a int, b string) {}"),
            ("func f() {}", "//go:noinline\nfunc f() {}"),
            ("func f() { x = -y }", "func f() { x -= y }"),
            (
                "func ExampleF() {\n\t// Output: 1\n}",
                "func ExampleF() {\n\t// Output: 2\n}",
            ),
        ] {
            assert_ne!(function(one), function(other), "{one}");
        }
    }

    #[test]
    fn a_file_is_its_declarations() {
        let outline = outline(
            "//go:build linux\n\n// Package shop sells.\npackage shop\n\nimport (\n\t\"fmt\"\n\ty \"gopkg.in/yaml.v3\"\n)\nimport _ \"embed\"\n\n\
             const (\n\tone = iota\n\ttwo\n)\n\n//go:embed a.txt\nvar text, other string\nvar (\n\tx = 1\n\ty = 2\n)\n\n\
             type (\n\tCart[K any] struct{}\n\tID = int\n)\n\nfunc init() {}\nfunc (c *Cart[K]) Add() { go func() { func() {}() }() }\nfunc (ID) M() {}\nfunc _() {}\nfunc Map[T any]() {}\n",
        );
        assert!(outline.is_whole);
        assert_eq!(outline.package, "shop");
        assert_eq!(outline.directives, ["//go:build linux"]);
        let imports: Vec<_> = outline
            .imports
            .iter()
            .map(|i| (i.name.as_deref(), i.path.as_str()))
            .collect();
        assert_eq!(
            imports,
            [
                (None, "fmt"),
                (Some("y"), "gopkg.in/yaml.v3"),
                (Some("_"), "embed")
            ]
        );
        let declared: Vec<_> = outline
            .declarations
            .iter()
            .map(|d| (d.kind, d.names.join(" "), d.line))
            .collect();
        use DeclarationKind::{Constant, Type, Variable};
        assert_eq!(
            declared,
            [
                (Constant, "one two".to_owned(), 12),
                (Variable, "text other".to_owned(), 18),
                (Variable, "x y".to_owned(), 19),
                (Type, "Cart ID".to_owned(), 24),
            ]
        );
        assert!(outline.declarations[1].text.starts_with("//go:embed a.txt"));
        let functions: Vec<_> = outline
            .functions
            .iter()
            .map(|f| (f.name.as_str(), f.receiver.as_deref(), f.line))
            .collect();
        assert_eq!(
            functions,
            [
                ("init", None, 29),
                ("(*Cart).Add", Some("Cart"), 30),
                ("ID.M", Some("ID"), 31),
                ("Map", None, 33),
            ]
        );
        let literals: Vec<_> = outline.functions[1]
            .literals
            .iter()
            .map(|l| l.name.as_str())
            .collect();
        assert_eq!(literals, ["(*Cart).Add.func1", "(*Cart).Add.func1.1"]);
    }

    #[test]
    fn methods_of_interfaces_are_listed_wherever_they_are() {
        let outline = outline(
            "package shop\ntype I interface { one(); Two() int; error }\nfunc f(x any) { _ = x.(interface{ three() }) }\n",
        );
        let listed: Vec<_> = outline.listed_methods.iter().collect();
        assert_eq!(listed, ["Two", "one", "three"]);
    }

    #[test]
    fn c_stands_in_comments() {
        let with = |c: &str| {
            outline(&format!(
                "package shop\n\n// int f(void) {{ {c}; }}\nimport \"C\"\n"
            ))
        };
        assert_ne!(with("return 1").directives, with("return 2").directives);
    }

    #[test]
    fn no_text_is_too_bad() {
        let deep = format!(
            "package p\nfunc f() {{ x = {}1{} }}\n",
            "(".repeat(20_000),
            ")".repeat(20_000)
        );
        for text in ["", "\0", "package", "func f( {", "}}}((((\"", deep.as_str()] {
            outline(text);
        }
        assert!(!outline("package p\nfunc f( {\nfunc g() {}").is_whole);
        assert!(Outline::read(b"package p\nfunc \xff() {}\n").is_some());
    }
}
