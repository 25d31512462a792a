//! A function's parameter list as its source has it.
//!
//! The binaries of older Go releases leave out parameters without a name, and Go 1.17's most results. The
//! source has them all; the types it writes are looked up in the binary
//! ([`Binary::signatures_with_source`](super::Binary::signatures_with_source)).
//!
//! ```
//! use goproctor::golang::Declaration;
//!
//! let source = "package main\n\nfunc area(w, h int) (float64, error)\n";
//! let declaration = Declaration::at_offset(source.as_bytes(), source.find("func").unwrap(), "main");
//! assert_eq!(declaration.unwrap().to_string(), "(w int, h int) (float64, error)");
//! ```

use std::{collections::BTreeSet, fmt};

use tree_sitter::{Node, Parser, Tree};

/// How deep types may be nested in each other.
const DEEPEST: usize = 32;

/// A function's parameter list as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The receiver, if there is one, and the parameters.
    pub(super) parameters: Vec<Declared>,
    /// The results.
    pub(super) results: Vec<Declared>,
    /// The package that it is in, as its symbols write it.
    pub(super) package: String,
    /// What its file imports.
    pub(super) imports: Vec<Import>,
}

/// A parameter or result as the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    /// Its name; none if it has none or `_`.
    pub(super) name: Option<String>,
    /// Its type.
    pub(super) ty: TypeText,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Import {
    /// The name that the file gives it; none if it keeps its own.
    pub(super) name: Option<String>,
    /// Its path.
    pub(super) path: String,
}

/// A type as the source writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TypeText {
    /// `T`, of this package or predeclared, or `p.T`.
    Named {
        /// The package, as the file calls it.
        package: Option<String>,
        /// The type.
        name: String,
    },
    /// `*T`
    Pointer(Box<Self>),
    /// `[]T`
    Slice(Box<Self>),
    /// `[2]T`
    Array(u64, Box<Self>),
    /// `map[K]V`
    Map(Box<Self>, Box<Self>),
    /// `chan T`, `<-chan T` or `chan<- T`: what stands before the element, and the element.
    Channel(&'static str, Box<Self>),
    /// `func(A, B) C`
    Func {
        /// The types of the parameters; of a variadic one the element's.
        parameters: Vec<Self>,
        /// Whether the last one is variadic.
        variadic: bool,
        /// The types of the results.
        results: Vec<Self>,
    },
    /// `interface{}` or `any`
    EmptyInterface,
    /// `interface{ M() }`, with methods of its own, as it is written.
    Interface(String),
    /// `struct{ A, b int; _ bool; io.Reader }`
    Struct(Vec<FieldText>),
    /// What cannot be looked up: type parameters, local types, other literals.
    Other(String),
}

/// A field of a struct as the source writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldText {
    /// Its name, also if that is `_`; none for an embedded field.
    pub(super) name: Option<String>,
    /// Its type.
    pub(super) ty: TypeText,
}

impl Declaration {
    /// The declaration of the function or function literal whose word `func` is at this offset of a file,
    /// in bytes. `package` is the package as its symbols write it: `main` or `net/http`. None if there is
    /// no function there.
    #[must_use]
    pub fn at_offset(file: &[u8], offset: usize, package: &str) -> Option<Self> {
        SourceFile::parse(file.to_vec())?.declaration_at(offset, package)
    }

    /// The declaration of the function or method of that name (without package and receiver) that spans
    /// this line of a file, counted from 1. None if there is none.
    #[must_use]
    pub fn on_line(file: &[u8], line: u32, name: &str, package: &str) -> Option<Self> {
        let tree = parse(file)?;
        let row = usize::try_from(line).ok()?.checked_sub(1)?;
        let root = tree.root_node();
        let mut cursor = root.walk();
        let node = root.named_children(&mut cursor).find(|node| {
            let named = |own: Node<'_>| file.get(own.byte_range()) == Some(name.as_bytes());
            is_function(*node)
                && (node.start_position().row..=node.end_position().row).contains(&row)
                && node.child_by_field_name("name").is_some_and(named)
        })?;
        Reader::new(file, &tree, node).declaration(node, package)
    }
}

/// A Go file that is parsed once for many declarations.
#[derive(Debug)]
pub struct SourceFile {
    bytes: Vec<u8>,
    tree: Tree,
}

impl SourceFile {
    /// Parses a file's bytes. None if the parser can't be set up; a file with errors is parsed as far as it goes.
    #[must_use]
    pub fn parse(bytes: Vec<u8>) -> Option<Self> {
        let tree = parse(&bytes)?;
        Some(Self { bytes, tree })
    }

    /// The same as [`Declaration::at_offset`] of this file.
    #[must_use]
    pub fn declaration_at(&self, offset: usize, package: &str) -> Option<Declaration> {
        let root = self.tree.root_node();
        let mut node = root.descendant_for_byte_range(offset, offset)?;
        while !is_function(node) || node.start_byte() != offset {
            node = node.parent()?;
        }
        Reader::new(&self.bytes, &self.tree, node).declaration(node, package)
    }
}

fn parse(file: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_go::LANGUAGE.into()).ok()?;
    parser.parse(file, None)
}

fn is_function(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_declaration" | "method_declaration" | "func_literal"
    )
}

/// Reads one function's declaration out of a file.
struct Reader<'a> {
    file: &'a [u8],
    imports: Vec<Import>,
    /// Names that mean something else here than in the package: type parameters and local types.
    local: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a [u8], tree: &Tree, function: Node<'_>) -> Self {
        let mut reader = Self {
            file,
            imports: Vec::new(),
            local: BTreeSet::new(),
        };
        reader.read_imports(tree.root_node());
        let mut outermost = function;
        while let Some(parent) = outermost.parent().filter(|p| p.parent().is_some()) {
            outermost = parent;
        }
        reader.read_local_names(outermost);
        reader
    }

    fn text(&self, node: Node<'_>) -> String {
        String::from_utf8_lossy(self.file.get(node.byte_range()).unwrap_or_default()).into_owned()
    }

    fn read_imports(&mut self, root: Node<'_>) {
        for_each_below(root, &["import_declaration", "import_spec_list"], |node| {
            if node.kind() == "import_spec"
                && let Some(path) = node.child_by_field_name("path")
            {
                let name = node.child_by_field_name("name").map(|name| self.text(name));
                let path = self.text(path).trim_matches(['"', '`']).to_owned();
                self.imports.push(Import { name, path });
            }
        });
    }

    /// Type parameters stand in the function's own list and in the receiver's type arguments.
    fn read_local_names(&mut self, outermost: Node<'_>) {
        if let Some(parameters) = outermost.child_by_field_name("type_parameters") {
            self.read_identifiers(parameters);
        }
        if let Some(receiver) = outermost.child_by_field_name("receiver") {
            for_each_below(receiver, &[], |node| {
                if node.kind() == "type_arguments" {
                    self.read_identifiers(node);
                }
            });
        }
        for_each_below(outermost, &[], |node| {
            if matches!(node.kind(), "type_spec" | "type_alias")
                && let Some(name) = node.child_by_field_name("name")
            {
                self.local.insert(self.text(name));
            }
        });
    }

    fn read_identifiers(&mut self, node: Node<'_>) {
        for_each_below(node, &[], |node| {
            if matches!(node.kind(), "identifier" | "type_identifier") {
                self.local.insert(self.text(node));
            }
        });
    }

    fn declaration(self, node: Node<'_>, package: &str) -> Option<Declaration> {
        let mut parameters = Vec::new();
        if let Some(receiver) = node.child_by_field_name("receiver") {
            parameters.extend(self.declared(receiver, 0)?);
        }
        parameters.extend(self.declared(node.child_by_field_name("parameters")?, 0)?);
        Some(Declaration {
            parameters,
            results: self.results(node, 0)?,
            package: package.to_owned(),
            imports: self.imports,
        })
    }

    fn results(&self, function: Node<'_>, depth: usize) -> Option<Vec<Declared>> {
        match function.child_by_field_name("result") {
            None => Some(Vec::new()),
            Some(list) if list.kind() == "parameter_list" => self.declared(list, depth),
            Some(ty) => Some(vec![Declared {
                name: None,
                ty: self.type_text(ty, depth),
            }]),
        }
    }

    /// A parameter list, one entry for each name. None if it does not parse.
    fn declared(&self, list: Node<'_>, depth: usize) -> Option<Vec<Declared>> {
        let mut entries = Vec::new();
        let mut cursor = list.walk();
        for node in list.named_children(&mut cursor) {
            let ty = match node.kind() {
                "comment" => continue,
                "parameter_declaration" => self.type_text(node.child_by_field_name("type")?, depth),
                "variadic_parameter_declaration" => TypeText::Slice(Box::new(
                    self.type_text(node.child_by_field_name("type")?, depth),
                )),
                _ => return None,
            };
            let mut cursor = node.walk();
            let names: Vec<_> = node
                .children_by_field_name("name", &mut cursor)
                .map(|name| self.text(name))
                .collect();
            if names.is_empty() {
                entries.push((None, ty));
            } else {
                entries.extend(names.into_iter().map(|name| (Some(name), ty.clone())));
            }
        }
        named_alike(entries)
    }

    fn type_text(&self, node: Node<'_>, depth: usize) -> TypeText {
        self.known_type(node, depth)
            .unwrap_or_else(|| TypeText::Other(self.text(node)))
    }

    fn known_type(&self, node: Node<'_>, depth: usize) -> Option<TypeText> {
        if depth > DEEPEST {
            return None;
        }
        let inner = |node: Node<'_>| Some(Box::new(self.type_text(node, depth + 1)));
        let field = |name: &str| node.child_by_field_name(name).and_then(inner);
        Some(match node.kind() {
            "parenthesized_type" => self.type_text(node.named_child(0)?, depth + 1),
            "type_identifier" => {
                let name = self.text(node);
                if self.local.contains(&name) {
                    return None;
                }
                TypeText::Named {
                    package: None,
                    name,
                }
            }
            "qualified_type" => TypeText::Named {
                package: Some(self.text(node.child_by_field_name("package")?)),
                name: self.text(node.child_by_field_name("name")?),
            },
            "pointer_type" => TypeText::Pointer(inner(node.named_child(0)?)?),
            "slice_type" => TypeText::Slice(field("element")?),
            "array_type" => {
                let length = self.text(node.child_by_field_name("length")?);
                TypeText::Array(length.parse().ok()?, field("element")?)
            }
            "map_type" => TypeText::Map(field("key")?, field("value")?),
            "channel_type" => {
                let value = node.child_by_field_name("value")?;
                let before = self
                    .file
                    .get(node.start_byte()..value.start_byte())
                    .unwrap_or_default();
                let direction = match before {
                    b if b.starts_with(b"<-") => "<-chan ",
                    b if b.windows(2).any(|pair| pair == b"<-") => "chan<- ",
                    _ => "chan ",
                };
                TypeText::Channel(direction, inner(value)?)
            }
            "function_type" => self.function_type(node, depth)?,
            "interface_type" if node.named_child_count() == 0 => TypeText::EmptyInterface,
            "interface_type" if has_methods(node) => TypeText::Interface(self.text(node)),
            "struct_type" => TypeText::Struct(self.fields(node.named_child(0)?, depth)?),
            _ => return None,
        })
    }

    /// A struct's fields, one entry for each name.
    fn fields(&self, list: Node<'_>, depth: usize) -> Option<Vec<FieldText>> {
        let mut fields = Vec::new();
        let mut cursor = list.walk();
        for node in list.named_children(&mut cursor) {
            match node.kind() {
                "comment" => continue,
                "field_declaration" => {}
                _ => return None,
            }
            let ty = self.type_text(node.child_by_field_name("type")?, depth + 1);
            let mut names = node.walk();
            let before = fields.len();
            for name in node.children_by_field_name("name", &mut names) {
                fields.push(FieldText {
                    name: Some(self.text(name)),
                    ty: ty.clone(),
                });
            }
            if fields.len() == before {
                let is_pointer = node.child(0).is_some_and(|first| first.kind() == "*");
                fields.push(FieldText {
                    name: None,
                    ty: match ty {
                        target if is_pointer => TypeText::Pointer(Box::new(target)),
                        ty => ty,
                    },
                });
            }
        }
        Some(fields)
    }

    fn function_type(&self, node: Node<'_>, depth: usize) -> Option<TypeText> {
        let list = node.child_by_field_name("parameters")?;
        let mut parameters: Vec<_> = self
            .declared(list, depth + 1)?
            .into_iter()
            .map(|p| p.ty)
            .collect();
        let mut cursor = list.walk();
        let variadic = list
            .named_children(&mut cursor)
            .any(|parameter| parameter.kind() == "variadic_parameter_declaration");
        if variadic && let Some(TypeText::Slice(element)) = parameters.pop() {
            parameters.push(*element);
        }
        let results = self
            .results(node, depth + 1)?
            .into_iter()
            .map(|r| r.ty)
            .collect();
        Some(TypeText::Func {
            parameters,
            variadic,
            results,
        })
    }
}

/// Whether an interface lists methods itself, so that it is not empty whatever it embeds.
fn has_methods(interface: Node<'_>) -> bool {
    let mut cursor = interface.walk();
    interface
        .named_children(&mut cursor)
        .any(|element| element.kind() == "method_elem")
}

/// Either all entries of a list have names or none (Go specification, "Function types"). The grammar reads
/// the first of `a, b int` as a type at times; where others have names, it is one too.
fn named_alike(mut entries: Vec<(Option<String>, TypeText)>) -> Option<Vec<Declared>> {
    if entries.iter().any(|(name, _)| name.is_some()) {
        let mut following = None;
        for (name, ty) in entries.iter_mut().rev() {
            if name.is_none() {
                let TypeText::Named {
                    package: None,
                    name: own,
                } = std::mem::replace(ty, following.clone()?)
                else {
                    return None;
                };
                *name = Some(own);
            }
            following = Some(ty.clone());
        }
    }
    let declared = entries.into_iter().map(|(name, ty)| Declared {
        name: name.filter(|name| name != "_"),
        ty,
    });
    Some(declared.collect())
}

/// Visits the nodes below a node. With `through` not empty, only what is below nodes of these kinds is
/// visited further down.
fn for_each_below<'t>(node: Node<'t>, through: &[&str], mut visit: impl FnMut(Node<'t>)) {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            visit(child);
            if through.is_empty() || through.contains(&child.kind()) {
                waiting.push(child);
            }
        }
    }
}

/// A part of a type that has to be looked up to be written as Go's linker does.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word<'a> {
    /// A type of this package or a predeclared one.
    Own(&'a str),
    /// A type of another package, which the file calls so.
    Imported(&'a str, &'a str),
    /// [`TypeText::Other`].
    Other(&'a str),
}

impl TypeText {
    /// The name of a field that embeds this type; none if it can't be embedded.
    pub(super) fn embedded_name(&self) -> Option<String> {
        match self {
            Self::Named { name, .. } => Some(name.clone()),
            Self::Pointer(target) => match &**target {
                Self::Named { name, .. } => Some(name.clone()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The type as Go's linker writes it, its words as `named` says; none if that does not know one.
    pub(super) fn go_name(&self, named: &impl Fn(Word<'_>) -> Option<String>) -> Option<String> {
        let list = |types: &[Self]| -> Option<Vec<String>> {
            types.iter().map(|ty| ty.go_name(named)).collect()
        };
        Some(match self {
            Self::Named { package, name } => named(match package {
                Some(package) => Word::Imported(package, name),
                None => Word::Own(name),
            })?,
            Self::Pointer(target) => format!("*{}", target.go_name(named)?),
            Self::Slice(element) => format!("[]{}", element.go_name(named)?),
            Self::Array(count, element) => format!("[{count}]{}", element.go_name(named)?),
            Self::Map(key, value) => {
                format!("map[{}]{}", key.go_name(named)?, value.go_name(named)?)
            }
            Self::Channel(direction, element) => {
                let inner = element.go_name(named)?;
                match **element {
                    Self::Channel("<-chan ", _) if *direction == "chan " => {
                        format!("chan ({inner})")
                    }
                    _ => format!("{direction}{inner}"),
                }
            }
            Self::Func {
                parameters,
                variadic,
                results,
            } => {
                let mut parameters = list(parameters)?;
                if *variadic && let Some(last) = parameters.last_mut() {
                    last.insert_str(0, "...");
                }
                let results = list(results)?;
                let results = match results.as_slice() {
                    [] => String::new(),
                    [one] => format!(" {one}"),
                    many => format!(" ({})", many.join(", ")),
                };
                format!("func({}){results}", parameters.join(", "))
            }
            Self::EmptyInterface => "interface {}".to_owned(),
            Self::Struct(fields) if fields.is_empty() => "struct {}".to_owned(),
            Self::Struct(fields) => {
                let fields: Option<Vec<_>> = fields
                    .iter()
                    .map(|field| {
                        let ty = field.ty.go_name(named)?;
                        Some(match &field.name {
                            Some(name) => format!("{name} {ty}"),
                            None => ty,
                        })
                    })
                    .collect();
                format!("struct {{ {} }}", fields?.join("; "))
            }
            Self::Interface(text) | Self::Other(text) => named(Word::Other(text))?,
        })
    }
}

impl fmt::Display for TypeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let as_written = |word: Word<'_>| {
            Some(match word {
                Word::Own(text) | Word::Other(text) => text.to_owned(),
                Word::Imported(package, name) => format!("{package}.{name}"),
            })
        };
        f.write_str(&self.go_name(&as_written).unwrap_or_default())
    }
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |list: &[Declared]| {
            list.iter()
                .map(|one| match &one.name {
                    Some(name) => format!("{name} {}", one.ty),
                    None => one.ty.to_string(),
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        write!(f, "({})", list(&self.parameters))?;
        match self.results.as_slice() {
            [] => Ok(()),
            [Declared { name: None, ty }] => write!(f, " {ty}"),
            results => write!(f, " ({})", list(results)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    const SOURCE: &str = r#"package shop

import (
	"net/http"
	y "gopkg.in/yaml.v3"
)

func plain(a, b int, _ string, c ...[]byte) (n int, err error) { return }
func unnamed(int, *http.Request, [2]Grid, map[string][]y.Node) (<-chan int, error)
func (s *Cart[K]) Put(k K, f func(http.ResponseWriter, ...string) (int, error)) interface{} {
	type local int
	return func(l local, c chan<- struct{}, d chan (<-chan int)) any { return nil }
}
func combine(h *Cart, h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 int64) (h10, h11, _ int64) { return }
func (Cart) odd(a [size]int, b struct{ X int }, c func()) *(Cart) { return nil }
"#;

    fn at(text: &str) -> String {
        let offset = SOURCE.find(text).unwrap();
        let declaration = Declaration::at_offset(SOURCE.as_bytes(), offset, "shop");
        declaration.unwrap().to_string()
    }

    #[test]
    fn a_list_has_an_entry_for_each_name() {
        assert_eq!(
            at("func plain"),
            "(a int, b int, string, c [][]byte) (n int, err error)"
        );
        assert_eq!(
            at("func unnamed"),
            "(int, *http.Request, [2]Grid, map[string][]y.Node) (<-chan int, error)"
        );
    }

    #[test]
    fn either_all_entries_have_names_or_none() {
        let names: Vec<_> = (0..10).map(|n| format!("h{n} int64")).collect();
        assert_eq!(
            at("func combine"),
            format!(
                "(h *Cart, {}) (h10 int64, h11 int64, int64)",
                names.join(", ")
            )
        );
    }

    #[test]
    fn what_has_no_name_in_the_binary_is_kept_as_text() {
        assert_eq!(
            at("func (s *Cart"),
            "(s *Cart[K], k K, f func(http.ResponseWriter, ...string) (int, error)) interface {}"
        );
        let literal = Declaration::at_offset(
            SOURCE.as_bytes(),
            SOURCE.find("func(l local").unwrap(),
            "shop",
        )
        .unwrap();
        assert_eq!(
            literal.to_string(),
            "(l local, c chan<- struct {}, d chan (<-chan int)) any"
        );
        assert_eq!(
            literal.parameters[0].ty,
            TypeText::Other("local".to_owned())
        );
        assert_eq!(
            at("func (Cart) odd"),
            "(Cart, a [size]int, b struct { X int }, c func()) *Cart"
        );
    }

    #[test]
    fn a_function_is_found_by_any_of_its_lines() {
        let on = |line, name| {
            Declaration::on_line(SOURCE.as_bytes(), line, name, "shop").map(|d| d.to_string())
        };
        assert_eq!(on(11, "Put"), Some(at("func (s *Cart")));
        assert_eq!(on(11, "plain"), None);
        assert_eq!(on(0, "Put"), None);
        assert_eq!(on(99, "Put"), None);
    }

    #[test]
    fn broken_sources_give_nothing_or_something_but_no_panic() {
        for end in 0..SOURCE.len() {
            for line in [8, 10, 14] {
                let _ = Declaration::on_line(&SOURCE.as_bytes()[..end], line, "Put", "shop");
            }
        }
        assert_eq!(Declaration::at_offset(b"func", 1 << 40, "main"), None);
    }
}
