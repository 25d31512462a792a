//! What the program finds around it: `files`, `workdir`, `setup`.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use toml::de::DeValue;

use super::template::{Place, given, template};
use crate::{
    Span, Spanned, SpecError,
    cursor::{Entry, Node},
    document::{Template, TemplatePart, Workdir},
};

type Files = Vec<(Spanned<PathBuf>, Spanned<Template>)>;
type Command = Spanned<Vec<Spanned<Template>>>;

/// Files by their paths in the program's temporary folder.
pub(super) fn files(node: &Node<'_>) -> Option<Files> {
    let mut files = Files::new();
    for Entry { key, node } in node.entries()? {
        let content = template(&node, Place::Arguments);
        let path = file(&node, &key);
        if let (Some(path), Some(content)) = (path, content) {
            files.push((path, content));
        }
    }
    let places: BTreeMap<&Path, &Span> = files
        .iter()
        .map(|(path, _)| (path.value.as_path(), &path.span))
        .collect();
    for (path, _) in &files {
        let mut folders = path.value.ancestors().skip(1);
        let file = folders.find_map(|folder| Some((folder, *places.get(folder)?)));
        if let Some((folder, span)) = file {
            let message = format!("`{}` is a file and a folder", folder.display());
            node.report(
                SpecError::at(path.span.clone(), message)
                    .label("a file in it")
                    .related(span.clone(), "the file"),
            );
        }
    }
    Some(files)
}

/// The path of a file, which is to stay below `${dir}`.
fn file(node: &Node<'_>, key: &Spanned<String>) -> Option<Spanned<PathBuf>> {
    let path = Path::new(&key.value);
    let error = |message: &str| SpecError::at(key.span.clone(), message);
    if key.value.contains('\0') || key.value.ends_with('/') || path.components().next().is_none() {
        return node.refuse(error("this is not a file's name"));
    }
    if !is_below(path) {
        return node.refuse(
            error("the path leaves the program's temporary folder")
                .help("files are written below ${dir}: name them by a relative path without `..`"),
        );
    }
    if let "home" | "tmp" = key.value.as_str() {
        let message = format!("`${{dir}}/{}` is a folder of the program", key.value);
        return node
            .refuse(error(&message).help(format!("a file in it is \"{}/NAME\"", key.value)));
    }
    let path: PathBuf = path.components().collect();
    Some(Spanned::new(path, key.span.clone()))
}

/// Whether a path is relative and never leads up.
fn is_below(path: &Path) -> bool {
    let mut components = path.components();
    components.all(|component| matches!(component, Component::Normal(_) | Component::CurDir))
}

/// The folder that the program works in.
pub(super) fn workdir(node: &Node<'_>) -> Option<Spanned<Workdir>> {
    let text = node.filled_text()?;
    let parsed = template(node, Place::Start)?;
    let help = "workdir = \"testdata\" is relative to the spec's folder, \"${dir}/data\" to the program's temporary folder";
    let workdir = match parsed.value.parts.as_slice() {
        [TemplatePart::Literal(path)] => {
            if Path::new(path).is_absolute() {
                let error = node.error("`workdir` is relative to the spec's folder");
                return node.refuse(error.help(help));
            }
            Workdir::BesideSpec(path.into())
        }
        [TemplatePart::Folder] => Workdir::OfProcess(PathBuf::new()),
        [TemplatePart::Folder, TemplatePart::Literal(path)] if path.starts_with('/') => {
            let path = Path::new(path.trim_start_matches('/'));
            if !is_below(path) {
                let error = node.error("the path leaves the program's temporary folder");
                return node.refuse(error.help("write it without `..`"));
            }
            Workdir::OfProcess(path.components().collect())
        }
        _ => {
            let error = node.error("`workdir` takes ${dir} in front, and no other placeholder");
            return node.refuse(error.help(help));
        }
    };
    Some(Spanned::new(workdir, text.span))
}

/// A command with its arguments, or several.
pub(super) fn setup(node: &Node<'_>) -> Option<Vec<Command>> {
    let nodes = node.list()?;
    let is_list = |node: &&Node<'_>| matches!(node.value, DeValue::Array(_));
    if nodes.iter().any(|node| is_list(&node)) {
        if let Some(other) = nodes.iter().find(|node| !is_list(node)) {
            return node.refuse(
                other
                    .error("`setup` is one command, or a list of commands")
                    .label("no list beside lists")
                    .help("setup = [[\"./migrate\", \"up\"], [\"./seed\"]]"),
            );
        }
        return Some(nodes.iter().filter_map(command).collect());
    }
    Some(command(node).into_iter().collect())
}

fn command(node: &Node<'_>) -> Option<Command> {
    let words = node.each(|word| given(word, Place::Start))?;
    let is_empty = |word: &Spanned<Template>| word.value.parts.is_empty();
    if words.first().is_none_or(is_empty) {
        return node.refuse(
            node.error("a command has a name")
                .label("no name here")
                .help("setup = [\"./migrate\", \"up\"]"),
        );
    }
    Some(Spanned::new(words, node.span.clone()))
}
