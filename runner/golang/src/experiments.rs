//! GOEXPERIMENT: what a release's compiler and runtime do by default, and what can be switched.
//!
//! A release says with build tags which experiments are on (`goexperiment.jsonv2`, in `ToolTags` of `go list`), and declares those that it
//! has in `internal/goexperiment/flags.go`. One that is no longer there is either always on or gone.

use std::collections::BTreeSet;

use tree_sitter::Node;

use crate::declaration::parse;

/// The experiments of a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Experiments {
    /// Those that are on.
    pub on: BTreeSet<String>,
    /// Those that it has.
    pub known: BTreeSet<String>,
}

/// An experiment that is on in one release and not in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedExperiment {
    /// Its name, as GOEXPERIMENT has it.
    pub name: String,
    /// Whether it is on in the new release.
    pub is_on: bool,
    /// What GOEXPERIMENT says so that the new release does as the old one; none if the new release has no such experiment any more.
    pub trial: Option<String>,
}

impl Experiments {
    /// Takes the build tags of a release and the names that its [`flags.go`](Self::declared) declares.
    #[must_use]
    pub fn new<'t>(tags: impl IntoIterator<Item = &'t str>, known: BTreeSet<String>) -> Self {
        let on = tags
            .into_iter()
            .filter_map(|tag| tag.strip_prefix("goexperiment."));
        Self {
            on: on.map(str::to_owned).collect(),
            known,
        }
    }

    /// The names that `internal/goexperiment/flags.go` declares: the fields of `Flags`, in lower case. None if it is not as it is known.
    #[must_use]
    pub fn declared(source: &[u8]) -> Option<BTreeSet<String>> {
        let tree = parse(source)?;
        let text = |node: Node<'_>| {
            let bytes = source.get(node.byte_range()).unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        };
        let root = tree.root_node();
        let mut pending: Vec<Node<'_>> = children(root).collect();
        while let Some(node) = pending.pop() {
            let name = node.child_by_field_name("name").map(text);
            match node.kind() {
                "type_declaration" => pending.extend(children(node)),
                "type_spec" if name.as_deref() == Some("Flags") => {
                    let fields = node.child_by_field_name("type")?.named_child(0)?;
                    let fields =
                        children(fields).filter(|field| field.kind() == "field_declaration");
                    let names = fields.flat_map(|field| {
                        children(field).filter(|child| child.kind() == "field_identifier")
                    });
                    return Some(names.map(|name| text(name).to_lowercase()).collect());
                }
                _ => {}
            }
        }
        None
    }
}

fn children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    (0..node.named_child_count()).filter_map(move |index| node.named_child(index as _))
}

/// The experiments that are on in one of two releases alone, by name.
#[must_use]
pub fn moved_experiments(old: &Experiments, new: &Experiments) -> Vec<MovedExperiment> {
    let moved = old.on.symmetric_difference(&new.on);
    moved
        .map(|name| {
            let is_on = new.on.contains(name);
            let switch = if is_on {
                format!("no{name}")
            } else {
                name.clone()
            };
            MovedExperiment {
                name: name.clone(),
                is_on,
                trial: new.known.contains(name).then_some(switch),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Experiments, moved_experiments};

    const FLAGS: &[u8] =
        b"package goexperiment\n\n// Flags is a set.\ntype Flags struct {\n\tFieldTrack bool\n\n\
        \t// Dwarf5 enables.\n\tDwarf5 bool\n\tJSONv2, GreenTeaGC bool // two\n}\n";

    #[test]
    fn those_that_are_declared_are_read() {
        let known = Experiments::declared(FLAGS).unwrap();
        let known: Vec<_> = known.iter().map(String::as_str).collect();
        assert_eq!(known, ["dwarf5", "fieldtrack", "greenteagc", "jsonv2"]);
        assert_eq!(
            Experiments::declared(b"package goexperiment\ntype Other struct{}\n"),
            None
        );
    }

    #[test]
    fn those_that_moved_can_be_switched_where_the_new_release_has_them() {
        let known = Experiments::declared(FLAGS).unwrap();
        let old = Experiments::new(
            [
                "amd64.v1",
                "goexperiment.dwarf5",
                "goexperiment.swissmap",
                "goexperiment.fieldtrack",
            ],
            known.clone(),
        );
        let new = Experiments::new(["goexperiment.dwarf5", "goexperiment.jsonv2"], known);
        let moved = moved_experiments(&old, &new);
        let told: Vec<_> = moved
            .iter()
            .map(|one| (one.name.as_str(), one.is_on, one.trial.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("fieldtrack", false, Some("fieldtrack")),
                ("jsonv2", true, Some("nojsonv2")),
                ("swissmap", false, None),
            ]
        );
    }
}
