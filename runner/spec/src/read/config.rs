//! `goproctor.toml`: settings for `goproctor run`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use regex::Regex;
use toml::de::{DeTable, DeValue};

use super::{document::read_source, matcher::bad_regex, program, syntax};
use crate::{
    SpecError, SpecErrors,
    cases::Expansion,
    config::{Config, Settings},
    cursor::{Context, Node},
    document::Source,
    grammar::{self, CONFIG_SECTIONS, MAX_COUNT, MAX_JOBS, MAX_RETRIES, MAX_RING},
};

/// Reads a `goproctor.toml`.
///
/// # Errors
/// All that is wrong with the file, or why it can't be read.
pub fn read_config(path: &Path) -> Result<Config, SpecErrors> {
    parse_config(read_source(path, "the config file")?)
}

/// Understands a `goproctor.toml` that has been read.
///
/// ```
/// use spec::{Source, parse_config};
///
/// let text = "[run]\njobs = 2\n\n[profile.ci]\nretries = 1\n";
/// let source = Source::new("goproctor.toml", text);
/// let settings = parse_config(source)?.settings(Some("ci"))?;
/// assert_eq!((settings.jobs, settings.retries), (Some(2), Some(1)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// All that is wrong with it.
pub fn parse_config(source: Source) -> Result<Config, SpecErrors> {
    let text = Arc::clone(&source.text);
    match understand(&source, &text) {
        Ok(config) => Ok(config),
        Err(errors) => Err(SpecErrors { source, errors }),
    }
}

fn understand(source: &Source, text: &str) -> Result<Config, Vec<SpecError>> {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(syntax::errors(text, root.get_ref(), &errors));
    }
    let root = DeValue::Table(root.into_inner());
    let DeValue::Table(table) = &root else {
        return Err(Vec::new());
    };
    let context = Context::new(text, table, Expansion::default()).with_sections(&CONFIG_SECTIONS);
    let config = config(&Node::root(&context, &root), source);
    let errors = context.into_errors();
    match config {
        Some(config) if errors.is_empty() => Ok(config),
        _ => Err(errors),
    }
}

fn config(root: &Node<'_>, source: &Source) -> Option<Config> {
    let mut table = root.table(&grammar::CONFIG)?;
    let run = table.read("run", settings);
    let profiles = table.read("profile", profiles);
    table.finish();
    Some(Config {
        source: source.clone(),
        run: run.unwrap_or_default(),
        profiles: profiles.unwrap_or_default(),
    })
}

fn profiles(node: &Node<'_>) -> Option<BTreeMap<String, Settings>> {
    let entries = node.entries()?;
    let profiles = entries
        .into_iter()
        .filter_map(|entry| Some((entry.key.value, settings(&entry.node)?)));
    Some(profiles.collect())
}

fn settings(node: &Node<'_>) -> Option<Settings> {
    let mut table = node.table(&grammar::SETTINGS)?;
    let settings = Settings {
        paths: table.read("paths", paths),
        skip: table.read("skip", regex),
        count: table.read("count", |node| node.integer(1, MAX_COUNT)),
        jobs: table.read("jobs", |node| node.integer(1, MAX_JOBS)),
        retries: table.read("retries", |node| node.integer(0, MAX_RETRIES)),
        failfast: table.read("failfast", Node::flag),
        go: table
            .read("go", program::toolchain)
            .map(|release| release.value),
        env: table.read("env", environment).unwrap_or_default(),
        junit: table
            .read("junit", Node::filled_text)
            .map(|path| path.value.into()),
        ring: table.read("ring", |node| node.integer(1, MAX_RING)),
        user: table.read("user", Node::filled_text).map(|user| user.value),
    };
    table.finish();
    Some(settings)
}

fn paths(node: &Node<'_>) -> Option<Vec<PathBuf>> {
    let paths = node.each(|node| Some(PathBuf::from(node.filled_text()?.value)))?;
    if paths.is_empty() && node.list()?.is_empty() {
        return node.refuse(
            node.error("`paths` names nothing")
                .help("remove it, or name a spec or a folder: paths = [\"specs\"]"),
        );
    }
    Some(paths)
}

fn regex(node: &Node<'_>) -> Option<Regex> {
    let text = node.filled_text()?;
    match Regex::new(&text.value) {
        Ok(regex) => Some(regex),
        Err(error) => node.refuse(bad_regex(node, &text.value, &error.to_string())),
    }
}

/// Environment variables by name, as they are.
fn environment(node: &Node<'_>) -> Option<Vec<(String, String)>> {
    let mut variables = Vec::new();
    for entry in node.entries()? {
        let name = entry.key;
        if name.value.is_empty() || name.value.contains(['=', '\0']) {
            node.report(
                SpecError::at(name.span, "this is not a name of an environment variable")
                    .label("empty, or with = or NUL"),
            );
            continue;
        }
        let Some(value) = entry.node.text() else {
            continue;
        };
        if value.value.contains('\0') {
            entry
                .node
                .report(entry.node.error("a process can't be given a NUL character"));
            continue;
        }
        variables.push((name.value, value.value));
    }
    Some(variables)
}
