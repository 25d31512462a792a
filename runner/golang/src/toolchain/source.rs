//! The functions and function literals that a Go source file declares, read with tree-sitter.
//!
//! A file that does not parse gives what can be read of it: the compiler is the one to complain.

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
};

use tree_sitter::{LanguageError, Node, Parser};

use crate::{Packages, Pattern, names};

/// A function or method as the source declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredFunction {
    /// Its name as Go's symbols write it, with the full package path but without type parameters:
    /// `main.handler`, `net.(*Resolver).lookupIP`, `a.test/shop.Cart.Total`, `main.init.0`.
    pub name: String,
    /// The path of its package, as its name begins with it.
    pub package: String,
    /// The file.
    pub file: PathBuf,
    /// The line of the word `func`, from 1.
    pub line: u32,
    /// The offset of the word `func` in the file, in bytes.
    pub offset: usize,
    /// Whether it, or its receiver's type, has type parameters.
    pub generic: bool,
    /// Whether it has a body; one without is written in assembly or linked by name.
    pub has_body: bool,
    /// The function literals in it, in the order of the source, those within others included.
    pub literals: Vec<Literal>,
    /// The bytes between the declaration before it and the word `func`: comments, directives, blank lines.
    pub(super) above: Range<usize>,
    /// For a method on a value: the name of the wrapper through which pointers and interfaces call it.
    pub(super) wrapper: Option<String>,
    /// Whether it contains a statement that keeps every release from inlining it.
    pub(super) never_inlined: bool,
}

impl DeclaredFunction {
    /// Whether a pattern means it, a closure of it, or something that the compiler names after it.
    pub(super) fn is_meant_by(&self, pattern: &Pattern) -> bool {
        let mut literals = self.literals.iter();
        std::iter::once(&self.name)
            .chain(&self.wrapper)
            .any(|name| pattern.matches_declared(name))
            || literals.any(|literal| pattern.matches_declared(&literal.name))
            || pattern.is_made_of(&self.name)
    }
}

/// What the source of the packages declares that may hold wanted functions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declarations {
    /// Functions and methods.
    pub functions: Vec<DeclaredFunction>,
    /// Literals outside of functions.
    pub literals: Vec<Literal>,
    /// All packages of the program.
    pub packages: Packages,
}

impl Declarations {
    /// The function of that name, without type parameters. A name that is declared but not in the binary was dropped
    /// by the linker, because nothing calls it.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&DeclaredFunction> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// All function literals.
    pub fn literals(&self) -> impl Iterator<Item = &Literal> {
        let functions = self.functions.iter();
        functions
            .flat_map(|function| &function.literals)
            .chain(&self.literals)
    }

    /// The literal of that name.
    #[must_use]
    pub fn literal(&self, name: &str) -> Option<&Literal> {
        self.literals().find(|literal| literal.name == name)
    }
}

/// A function literal: a closure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal {
    /// Its name by its place: the n-th literal of `main.f` is `main.f.func1`, the first within that is
    /// `main.f.func1.1`; outside of functions it is `main.glob..func1`, which newer releases call `main.init.func1`.
    pub name: String,
    /// The path of its package, as its name begins with it.
    pub package: String,
    /// The file.
    pub file: PathBuf,
    /// The line of the word `func`, from 1.
    pub line: u32,
    /// Where it is in the file, in bytes.
    pub range: Range<usize>,
    /// Its text.
    pub text: String,
}

impl Literal {
    /// The function that it is written in, outside of all literals: `main.f` for `main.f.func1.2`; the package's
    /// `init` for a literal of its variables.
    #[must_use]
    pub fn enclosing(&self) -> String {
        match names::enclosing(&self.name) {
            Some(outer) => outer.to_owned(),
            None => format!("{}.init", self.package),
        }
    }

    /// How its text begins: its first line.
    #[must_use]
    pub fn first_line(&self) -> &str {
        self.text.lines().next().unwrap_or_default()
    }
}

/// The functions and literals of a package; files are to be read in the order in which `go list` names them.
pub(crate) struct PackageReader<'a> {
    prefix: &'a str,
    parser: Parser,
    inits: usize,
    /// What has been read: the functions.
    pub(crate) functions: Vec<DeclaredFunction>,
    /// What has been read: literals outside of functions.
    pub(super) literals: Vec<Literal>,
}

impl<'a> PackageReader<'a> {
    /// A reader for a package whose functions' names begin with `prefix` and a dot.
    pub(crate) fn new(prefix: &'a str) -> Result<Self, LanguageError> {
        let mut parser = Parser::new();
        parser.set_language(&tree_sitter_go::LANGUAGE.into())?;
        Ok(Self {
            prefix,
            parser,
            inits: 0,
            functions: Vec::new(),
            literals: Vec::new(),
        })
    }

    /// Reads one file of the package; gives whether it is right as far as that can be seen.
    pub(crate) fn read(&mut self, path: &Path, text: &[u8]) -> bool {
        let Some(tree) = self.parser.parse(text, None) else {
            return false;
        };
        let file = File {
            path,
            text,
            package: self.prefix,
        };
        let mut above = 0;
        let mut cursor = tree.walk();
        for node in tree.root_node().named_children(&mut cursor) {
            match node.kind() {
                "comment" => continue,
                "function_declaration" | "method_declaration" => {
                    self.read_function(file, node, above)
                }
                _ => self.read_package_literals(file, node),
            }
            above = node.end_byte();
        }
        !tree.root_node().has_error()
    }

    fn read_function(&mut self, file: File<'_>, node: Node<'_>, above: usize) {
        let Some(own_name) = node.child_by_field_name("name") else {
            return;
        };
        let own_name = file.text_of(own_name);
        let mut wrapper = None;
        let (name, generic) = match node.child_by_field_name("receiver") {
            Some(receiver) => {
                let Some(receiver) = Receiver::read(file, receiver) else {
                    return;
                };
                let (prefix, ty) = (self.prefix, receiver.ty);
                let pointer = format!("{prefix}.(*{ty}).{own_name}");
                let name = if receiver.pointer {
                    pointer
                } else {
                    wrapper = Some(pointer);
                    format!("{prefix}.{ty}.{own_name}")
                };
                (name, receiver.generic)
            }
            None if own_name == "init" => {
                self.inits += 1;
                (format!("{}.init.{}", self.prefix, self.inits - 1), false)
            }
            // Nothing can call it, and the compiler leaves it out.
            None if own_name == "_" => return,
            None => (
                format!("{}.{own_name}", self.prefix),
                node.child_by_field_name("type_parameters").is_some(),
            ),
        };
        let body = node.child_by_field_name("body");
        let (literals, never_inlined) =
            body.map_or((Vec::new(), false), |body| read_body(file, body, &name, 0));
        self.functions.push(DeclaredFunction {
            name,
            package: self.prefix.to_owned(),
            file: file.path.to_owned(),
            line: line_of(node),
            offset: node.start_byte(),
            generic,
            has_body: body.is_some(),
            literals,
            above: above..node.start_byte(),
            wrapper,
            never_inlined,
        });
    }

    fn read_package_literals(&mut self, file: File<'_>, node: Node<'_>) {
        let outer = self
            .literals
            .iter()
            .filter(|l| is_outermost(&l.name))
            .count();
        let (literals, _) = read_body(file, node, &format!("{}.glob.", self.prefix), outer);
        self.literals.extend(literals);
    }
}

/// Whether a package-level literal is in no other literal.
fn is_outermost(name: &str) -> bool {
    name.rsplit_once(".glob..func")
        .is_some_and(|(_, number)| !number.contains('.'))
}

#[derive(Clone, Copy)]
struct File<'a> {
    path: &'a Path,
    text: &'a [u8],
    /// The path of its package.
    package: &'a str,
}

impl File<'_> {
    fn text_of(&self, node: Node<'_>) -> String {
        String::from_utf8_lossy(self.text.get(node.byte_range()).unwrap_or_default()).into_owned()
    }
}

fn line_of(node: Node<'_>) -> u32 {
    u32::try_from(node.start_position().row).map_or(u32::MAX, |row| row.saturating_add(1))
}

/// The type of a method's receiver.
struct Receiver {
    ty: String,
    pointer: bool,
    generic: bool,
}

impl Receiver {
    fn read(file: File<'_>, parameters: Node<'_>) -> Option<Self> {
        let mut cursor = parameters.walk();
        let parameter = parameters
            .named_children(&mut cursor)
            .find(|node| node.kind() == "parameter_declaration")?;
        let mut ty = parameter.child_by_field_name("type")?;
        let (mut pointer, mut generic) = (false, false);
        loop {
            match ty.kind() {
                "pointer_type" => {
                    pointer = true;
                    ty = ty.named_child(0)?;
                }
                "parenthesized_type" => ty = ty.named_child(0)?,
                "generic_type" => {
                    generic = true;
                    ty = ty.child_by_field_name("type")?;
                }
                "type_identifier" => break,
                _ => return None,
            }
        }
        Some(Self {
            ty: file.text_of(ty),
            pointer,
            generic,
        })
    }
}

/// The literals below a node, named after `outer`, and whether a statement of the node's own function keeps it from
/// being inlined. `before` literals of `outer` are elsewhere.
fn read_body(file: File<'_>, body: Node<'_>, outer: &str, before: usize) -> (Vec<Literal>, bool) {
    let mut literals: Vec<Literal> = Vec::new();
    let mut never_inlined = false;
    // How many literals each function or literal has so far.
    let mut counts: HashMap<Option<usize>, usize> = HashMap::from([(None, before)]);
    // Depth first in the order of the source, without recursion: sources may nest without end.
    let mut pending: Vec<(Node<'_>, Option<usize>)> = vec![(body, None)];
    while let Some((node, mut inside)) = pending.pop() {
        match node.kind() {
            // No release inlines a function with `go` or `defer` (cmd/compile/internal/inline, doNode).
            "go_statement" | "defer_statement" if inside.is_none() => never_inlined = true,
            "func_literal" => {
                let count = counts.entry(inside).or_insert(0);
                *count += 1;
                let name = match inside.and_then(|index| literals.get(index)) {
                    Some(literal) => format!("{}.{count}", literal.name),
                    None => format!("{outer}.func{count}"),
                };
                inside = Some(literals.len());
                literals.push(Literal {
                    name,
                    package: file.package.to_owned(),
                    file: file.path.to_owned(),
                    line: line_of(node),
                    range: node.byte_range(),
                    text: file.text_of(node),
                });
            }
            _ => {}
        }
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
        pending.extend(children.into_iter().rev().map(|child| (child, inside)));
    }
    (literals, never_inlined)
}

/// What one file of a package declares.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn declarations_of(package: &str, text: &str) -> Option<Declarations> {
    let mut reader = PackageReader::new(package).ok()?;
    reader.read(Path::new("/main.go"), text.as_bytes());
    Some(Declarations {
        functions: reader.functions,
        literals: reader.literals,
        packages: Packages::new(None, std::iter::once((package, package))),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::PackageReader;

    fn read<'a>(prefix: &'a str, files: &[&str]) -> PackageReader<'a> {
        let mut reader = PackageReader::new(prefix).unwrap();
        for text in files {
            reader.read(Path::new("/a.go"), text.as_bytes());
        }
        reader
    }

    #[test]
    fn functions_have_the_names_of_their_symbols() {
        let reader = read(
            "a.test/shop",
            &[
                "package shop\nfunc init() {}\nfunc Plain() {}\nfunc (c Cart) Total() int { return 0 }\n",
                "package shop\nfunc init() {}\nfunc (*Cart) Add(n int) {}\nfunc (c (*Cart)) Odd() {}\nfunc _() {}\n",
                "package shop\nfunc Map[T, U any](t []T) []U { return nil }\nfunc (l *List[T]) Push(T) {}\nfunc asm(n int)\n",
            ],
        );
        let names: Vec<(&str, u32, bool, bool)> = reader
            .functions
            .iter()
            .map(|f| (f.name.as_str(), f.line, f.generic, f.has_body))
            .collect();
        assert_eq!(
            names,
            [
                ("a.test/shop.init.0", 2, false, true),
                ("a.test/shop.Plain", 3, false, true),
                ("a.test/shop.Cart.Total", 4, false, true),
                ("a.test/shop.init.1", 2, false, true),
                ("a.test/shop.(*Cart).Add", 3, false, true),
                ("a.test/shop.(*Cart).Odd", 4, false, true),
                ("a.test/shop.Map", 2, true, true),
                ("a.test/shop.(*List).Push", 3, true, true),
                ("a.test/shop.asm", 4, false, false),
            ]
        );
    }

    #[test]
    fn what_is_made_of_a_function_means_it() {
        let declarations = super::declarations_of(
            "main",
            "package main\nfunc f() { go func() { func() {}() }() }\nfunc fun() {}\n\
             func (t T) Value() {}\nfunc (t *T) Pointer() { defer func() {}() }\nfunc (t *T) Other() {}\n",
        )
        .unwrap();
        let meant = |written: &str| -> Vec<&str> {
            let pattern = declarations.packages.meanings(written).unwrap().full;
            let functions = declarations.functions.iter();
            let meant = functions.filter(|function| function.is_meant_by(&pattern));
            meant.map(|function| function.name.as_str()).collect()
        };
        for written in [
            "main.f",
            "main.f.func1",
            "main.f.func1.1",
            "main.f.gowrap1",
            "main.f-range1",
            "main.f.func7",
            "main.*.func1.1",
        ] {
            assert_eq!(meant(written), ["main.f"], "{written}");
        }
        assert_eq!(meant("main.(*T).Pointer.func1"), ["main.(*T).Pointer"]);
        assert_eq!(meant("main.T.Value"), ["main.T.Value"]);
        assert_eq!(meant("main.(*T).Value"), ["main.T.Value"]);
        assert_eq!(
            meant("main.(*T).*"),
            ["main.T.Value", "main.(*T).Pointer", "main.(*T).Other"]
        );
        assert_eq!(meant("main.T.Pointer"), [""; 0]);
    }

    #[test]
    fn literals_are_counted_in_their_function() {
        let reader = read(
            "main",
            &[
                "package main\nvar a, b = func() {}, func() int { return func() int { return 1 }() }()\n\
                 func f() {\n\tgo func() {\n\t\tg(func() {}, func() {})\n\t}()\n\tdefer (func() {})()\n\tx := func() {}\n\tx()\n}\n",
                "package main\nvar c = func() {}\n",
            ],
        );
        let of_f: Vec<(&str, u32)> = reader.functions[0]
            .literals
            .iter()
            .map(|l| (l.name.as_str(), l.line))
            .collect();
        assert_eq!(
            of_f,
            [
                ("main.f.func1", 4),
                ("main.f.func1.1", 5),
                ("main.f.func1.2", 5),
                ("main.f.func2", 7),
                ("main.f.func3", 8),
            ]
        );
        assert_eq!(reader.functions[0].literals[4].text, "func() {}");
        let outside: Vec<&str> = reader.literals.iter().map(|l| l.name.as_str()).collect();
        assert_eq!(
            outside,
            [
                "main.glob..func1",
                "main.glob..func2",
                "main.glob..func2.1",
                "main.glob..func3",
            ]
        );
    }

    #[test]
    fn only_a_functions_own_statements_keep_it_from_being_inlined() {
        let reader = read(
            "main",
            &[
                "package main\nfunc a() { defer b() }\nfunc b() { x = func() { go a() } }\nfunc c() { go a() }\n",
            ],
        );
        let never: Vec<bool> = reader.functions.iter().map(|f| f.never_inlined).collect();
        assert_eq!(never, [true, false, true]);
    }

    #[test]
    fn no_text_is_too_bad() {
        let deep = format!(
            "package main\nfunc f() {{ x = {}1{} }}\n",
            "(".repeat(20_000),
            ")".repeat(20_000)
        );
        for text in [
            "",
            "\0\0",
            "package",
            "func",
            "func (",
            "func f",
            "package main\nfunc f( {\nfunc g() {}",
            "}}}}((((\"",
            &deep,
        ] {
            read("main", &[text]);
        }
        let mut reader = PackageReader::new("main").unwrap();
        reader.read(
            Path::new("/a.go"),
            b"package main\nfunc \xff\xfe() {}\nfunc g() {}\n",
        );
        assert!(reader.functions.iter().any(|f| f.name == "main.g"));
    }
}
