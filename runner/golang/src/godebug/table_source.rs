//! `internal/godebugs/table.go`, read with the parser of Go sources.

use tree_sitter::Node;

use super::{
    SettingTable,
    table::{DefaultChange, Refused, RemovedSetting, Setting},
};
use crate::declaration::parse;

/// Why a release's table of settings is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It is not a Go file that parses.
    #[error("it is not a Go file that can be parsed")]
    NotGo,
    /// The variable with the settings is not there.
    #[error("it declares no list of settings `All`")]
    NoSettings,
    /// An entry is not as in any release that is known.
    #[error("line {line}: {text:?} is not an entry as Go 1.21 to 1.27 have them")]
    Entry {
        /// The line, from 1.
        line: usize,
        /// Its text.
        text: String,
    },
}

impl SettingTable {
    /// Reads a release's `internal/godebugs/table.go`.
    ///
    /// # Errors
    /// It has something that is not understood.
    pub fn read(source: &[u8]) -> Result<Self, TableError> {
        let tree = parse(source).ok_or(TableError::NotGo)?;
        let root = tree.root_node();
        if root.has_error() {
            return Err(TableError::NotGo);
        }
        let file = TableFile { source, root };
        let settings = file.list("All").ok_or(TableError::NoSettings)?;
        let removed = file.list("Removed").unwrap_or_default();
        Ok(Self {
            settings: settings
                .into_iter()
                .map(|entry| file.setting(entry))
                .collect::<Result<_, _>>()?,
            removed: removed
                .into_iter()
                .map(|entry| file.removed(entry))
                .collect::<Result<_, _>>()?,
        })
    }
}

struct TableFile<'t> {
    source: &'t [u8],
    root: Node<'t>,
}

impl<'t> TableFile<'t> {
    fn text(&self, node: Node<'_>) -> &'t str {
        let bytes = self.source.get(node.byte_range()).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }

    fn not_understood(&self, node: Node<'_>) -> TableError {
        TableError::Entry {
            line: node.start_position().row + 1,
            text: self.text(node).to_owned(),
        }
    }

    /// The elements of the list that a variable of the file is set to.
    fn list(&self, variable: &str) -> Option<Vec<Node<'t>>> {
        let mut cursor = self.root.walk();
        let declarations = self.root.named_children(&mut cursor);
        let specs = declarations
            .filter(|node| node.kind() == "var_declaration")
            .flat_map(named_children)
            .filter(|node| node.kind() == "var_spec");
        let mut named = specs.filter(|spec| {
            let name = spec.child_by_field_name("name");
            name.is_some_and(|name| self.text(name) == variable)
        });
        let value = named
            .next()?
            .child_by_field_name("value")?
            .named_child(0)
            .filter(|value| value.kind() == "composite_literal")?;
        Some(named_children(value.child_by_field_name("body")?).collect())
    }

    /// The fields of an entry with their values.
    fn fields(&self, entry: Node<'t>) -> Result<Vec<(&'t str, Node<'t>)>, TableError> {
        let not_understood = || self.not_understood(entry);
        let body = inner(entry);
        if body.kind() != "literal_value" {
            return Err(not_understood());
        }
        named_children(body)
            .map(|element| {
                let children: Vec<_> = named_children(element).collect();
                match (element.kind(), children.as_slice()) {
                    ("keyed_element", &[key, value]) => Ok((self.text(key), inner(value))),
                    _ => Err(not_understood()),
                }
            })
            .collect()
    }

    fn setting(&self, entry: Node<'t>) -> Result<Setting, TableError> {
        let (mut name, mut package, mut since, mut old) = (None, None, None, None);
        let (mut is_opaque, mut is_immutable) = (false, false);
        for (field, value) in self.fields(entry)? {
            let known = match field {
                "Name" => set(&mut name, self.string(value)),
                "Package" => set(&mut package, self.string(value)),
                "Changed" => set(&mut since, self.number(value)),
                "Old" => set(&mut old, self.string(value)),
                "Opaque" => self.boolean(value).map(|value| is_opaque = value),
                "Immutable" => self.boolean(value).map(|value| is_immutable = value),
                _ => None,
            };
            known.ok_or_else(|| self.not_understood(entry))?;
        }
        let change = match (since.filter(|since| *since > 0), old) {
            (Some(since), Some(old)) => Some(DefaultChange { since, old }),
            (None, None) => None,
            _ => return Err(self.not_understood(entry)),
        };
        Ok(Setting {
            name: name.ok_or_else(|| self.not_understood(entry))?,
            package: package.ok_or_else(|| self.not_understood(entry))?,
            change,
            is_opaque,
            is_immutable,
        })
    }

    fn removed(&self, entry: Node<'t>) -> Result<RemovedSetting, TableError> {
        let (mut name, mut since) = (None, None);
        let mut refused = Refused::All;
        for (field, value) in self.fields(entry)? {
            let known = match field {
                "Name" => set(&mut name, self.string(value)),
                "Removed" => set(&mut since, self.number(value)),
                "Old" => self
                    .accepted_values(value)
                    .map(|values| refused = Refused::Values(values)),
                _ => None,
            };
            known.ok_or_else(|| self.not_understood(entry))?;
        }
        match (name, since) {
            (Some(name), Some(since)) => Ok(RemovedSetting {
                name,
                since,
                refused,
            }),
            _ => Err(self.not_understood(entry)),
        }
    }

    /// The texts for which a function from a text to whether it is meant is true: one that returns `s == "1" || s == "2"`, written here or
    /// declared in the file.
    fn accepted_values(&self, function: Node<'t>) -> Option<Vec<String>> {
        let body = match function.kind() {
            "func_literal" => function.child_by_field_name("body")?,
            "identifier" => {
                let mut functions = named_children(self.root)
                    .filter(|node| node.kind() == "function_declaration")
                    .filter(|node| {
                        let name = node.child_by_field_name("name");
                        name.is_some_and(|name| self.text(name) == self.text(function))
                    });
                functions.next()?.child_by_field_name("body")?
            }
            _ => return None,
        };
        let mut statement = body;
        while matches!(
            statement.kind(),
            "block" | "statement_list" | "return_statement" | "expression_list"
        ) {
            statement = statement
                .named_child(0)
                .filter(|_| statement.named_child_count() == 1)?;
        }
        self.compared(statement)
    }

    fn compared(&self, condition: Node<'t>) -> Option<Vec<String>> {
        if condition.kind() != "binary_expression" {
            return None;
        }
        let left = condition.child_by_field_name("left")?;
        let right = condition.child_by_field_name("right")?;
        match self.text(condition.child_by_field_name("operator")?) {
            "==" => self.string(right).map(|value| vec![value]),
            "||" => {
                let mut values = self.compared(left)?;
                values.extend(self.compared(right)?);
                Some(values)
            }
            _ => None,
        }
    }

    fn string(&self, node: Node<'_>) -> Option<String> {
        let text = self.text(node).strip_prefix('"')?.strip_suffix('"')?;
        (!text.contains('\\')).then(|| text.to_owned())
    }

    fn number(&self, node: Node<'_>) -> Option<u32> {
        self.text(node).parse().ok()
    }

    fn boolean(&self, node: Node<'_>) -> Option<bool> {
        self.text(node).parse().ok()
    }
}

/// Sets a field once.
fn set<T>(field: &mut Option<T>, value: Option<T>) -> Option<()> {
    let is_first = field.is_none();
    *field = value;
    (is_first && field.is_some()).then_some(())
}

/// The children that are neither punctuation nor comments.
fn named_children<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    let children =
        (0..node.named_child_count()).filter_map(move |index| node.named_child(index as _));
    children.filter(|child| child.kind() != "comment")
}

/// What an element consists of.
fn inner(element: Node<'_>) -> Node<'_> {
    match element.kind() {
        "literal_element" => element.named_child(0).unwrap_or(element),
        _ => element,
    }
}

#[cfg(test)]
mod tests {
    use super::{Refused, SettingTable, TableError};

    fn read(all: &str, rest: &str) -> Result<SettingTable, TableError> {
        let source = format!("package godebugs\n\nvar All = []Info{{\n{all}\n}}\n\n{rest}");
        SettingTable::read(source.as_bytes())
    }

    #[test]
    fn settings_are_read() {
        let table = read(
            "\t{Name: \"execerrdot\", Package: \"os/exec\"},\n\
             \t{Name: \"fips140\", Package: \"crypto/fips140\", Opaque: true, Immutable: true}, // why\n\
             \t//{Name: \"multipartfiles\", Package: \"mime/multipart\"},\n\
             \t{Name: \"panicnil\", Package: \"runtime\", Changed: 21, Old: \"1\"},",
            "",
        )
        .unwrap();
        let names: Vec<_> = table.settings.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["execerrdot", "fips140", "panicnil"]);
        assert!(table.settings[1].is_opaque && table.settings[1].is_immutable);
        let change = table.settings[2].change.as_ref().unwrap();
        assert_eq!((change.since, change.old.as_str()), (21, "1"));
        assert_eq!(table.of_go_line(20).to_string(), "panicnil=1");
        assert!(table.of_go_line(21).is_empty());
    }

    #[test]
    fn removed_settings_say_which_values_are_refused() {
        let table = read(
            "",
            "var Removed = []RemovedInfo{\n\
             \t{Name: \"x509sha1\", Removed: 24},\n\
             \t{Name: \"tls3des\", Removed: 27, Old: one}, // Old: \"1\"\n\
             \t{Name: \"asynctimerchan\", Removed: 27, Old: func(s string) bool { return s == \"1\" || s == \"2\" }},\n\
             }\n\nfunc one(s string) bool  { return s == \"1\" }\n",
        )
        .unwrap();
        let refused: Vec<_> = table
            .removed
            .iter()
            .map(|removed| &removed.refused)
            .collect();
        let values =
            |values: &[&str]| Refused::Values(values.iter().map(ToString::to_string).collect());
        assert_eq!(
            refused,
            [&Refused::All, &values(&["1"]), &values(&["1", "2"])]
        );
        let set = "asynctimerchan=0,tls3des=1,x509sha1=0".parse().unwrap();
        let refused = table
            .refused(&set)
            .map(|(removed, _)| removed.name.as_str());
        assert_eq!(refused.collect::<Vec<_>>(), ["tls3des", "x509sha1"]);
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for entry in [
            r#"{Name: "a", Package: "b", Weight: 3},"#,
            r#"{Name: "a"},"#,
            r#"{Name: "a", Package: "b", Changed: 21},"#,
            r#"{Name: "a", Package: "b", Old: "1"},"#,
            r#"{"a", "b"},"#,
            r#"setting("a"),"#,
            r#"{Name: a, Package: "b"},"#,
        ] {
            let error = read(entry, "").unwrap_err();
            assert!(
                matches!(error, TableError::Entry { line: 4, .. }),
                "{entry}"
            );
        }
        for old in [
            "func(s string) bool { return s != \"1\" }",
            "func(s string) bool { x(); return s == \"1\" }",
            "two",
            "nil",
        ] {
            let rest = format!(
                "var Removed = []RemovedInfo{{{{Name: \"a\", Removed: 27, Old: {old}}}}}\n"
            );
            assert!(read("", &rest).is_err(), "{old}");
        }
        assert_eq!(
            SettingTable::read(b"package godebugs\n"),
            Err(TableError::NoSettings)
        );
        assert_eq!(SettingTable::read(b"package ((\n"), Err(TableError::NotGo));
    }
}
