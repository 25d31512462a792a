//! A function's declaration out of its file's syntax tree.

use std::collections::BTreeSet;

use tree_sitter::{Node, Parser, Tree};

use super::{Declaration, Declared, FieldText, TypeText, list::Import};

/// How deep types may be nested in each other.
const MAX_DEPTH: usize = 32;

/// Parses a Go file. None if the parser can't be set up.
pub(crate) fn parse(file: &[u8]) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_go::LANGUAGE.into()).ok()?;
    parser.parse(file, None)
}

pub(super) fn is_function(node: Node<'_>) -> bool {
    matches!(
        node.kind(),
        "function_declaration" | "method_declaration" | "func_literal"
    )
}

/// Reads one function's declaration out of a file.
pub(super) struct Reader<'a> {
    file: &'a [u8],
    imports: Vec<Import>,
    /// Names that mean something else here than in the package: type parameters and local types.
    local: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a [u8], tree: &Tree, function: Node<'_>) -> Self {
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

    /// Type parameters are in the function's own list and in the receiver's type arguments.
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

    pub(super) fn declaration(self, node: Node<'_>, package: &str) -> Option<Declaration> {
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
        if depth > MAX_DEPTH {
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
