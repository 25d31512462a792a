//! `docs/spec.md` and `README.md`: their examples are specs; the former's tables are the grammar.

use std::{fmt::Write as _, path::Path};

use super::sound;
use crate::{
    Source,
    grammar::{CONFIG_SECTIONS, SECTIONS, Section, Shape},
    parse_config,
};

fn document() -> String {
    read("docs/spec.md")
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

/// The examples of the document, each made whole with a program, stubs, functions and a test if it has none.
pub(super) fn examples() -> Vec<String> {
    examples_of(&document())
}

fn examples_of(text: &str) -> Vec<String> {
    text.split("```toml\n")
        .skip(1)
        .map(|rest| whole(rest.split("```").next().unwrap()))
        .collect()
}

fn whole(example: &str) -> String {
    let mut text = example.to_owned();
    if !example.contains("[program]") && !example.contains("go-test") {
        text.push_str("\n[program]\npackage = \"./server\"\n");
        text.push_str("args = [\"-listen=${port}\", \"-site=${stub.site}\"]\n");
        if !example.contains("[stubs.") {
            text.push_str("\n[stubs.site]\n");
        }
    }
    if !example.contains("[functions]") {
        text.push_str("\n[functions]\n");
        for name in [
            "handler",
            "checkSite",
            "prepareAnswer",
            "insert",
            "publish",
            "audit",
            "lookup",
        ] {
            writeln!(text, "{name} = \"main.{name}\"").unwrap();
        }
    }
    if !example.contains("[[test]]") {
        text.push_str("\n[[test]]\nname = \"a test\"\nrequest = { get = \"/\" }\n");
    }
    text
}

/// What the document should say of a section's keys.
fn table(section: &Section) -> String {
    let mut table = section.about.to_owned();
    table.push_str("\n\n| key | type | default | meaning |\n|---|---|---|---|\n");
    for key in section.keys {
        let shape = words(&key.shape);
        writeln!(
            table,
            "| `{}` | {shape} | {} | {} |",
            key.name, key.default, key.about
        )
        .unwrap();
    }
    table
}

fn words(shape: &Shape) -> String {
    let or = |words: Vec<String>| words.join(" or ");
    match shape {
        Shape::Text => "string".to_owned(),
        Shape::Template => "string, placeholders".to_owned(),
        Shape::Flag => "bool".to_owned(),
        Shape::Integer(least, most) => format!("integer, {least} to {most}"),
        Shape::Literal => "literal".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Duration => "duration".to_owned(),
        Shape::Bound => "bound".to_owned(),
        Shape::Latency => "latency bound".to_owned(),
        Shape::Choice(choices) => or(choices.iter().map(|c| format!("`\"{c}\"`")).collect()),
        Shape::Expression => "[condition](#conditions)".to_owned(),
        Shape::Json => "any value".to_owned(),
        Shape::Matcher => "[matcher](#matcher)".to_owned(),
        Shape::Value => "[value](#values)".to_owned(),
        Shape::Table(section) => format!("[{0}](#{0})", section.name),
        Shape::Map(value) => format!("names to {}", words(value)),
        Shape::List(element) => match element {
            Shape::Either(_) => format!("list of ({})", words(element)),
            _ => format!("list of {}", words(element)),
        },
        Shape::Either(shapes) => or(shapes.iter().map(words).collect()),
    }
}

#[test]
fn every_example_is_understood() {
    let examples = examples();
    assert!(examples.len() >= 10, "the document has examples");
    for example in examples {
        sound(&example);
    }
}

#[test]
fn what_the_readme_shows_is_sound() {
    let examples = examples_of(&read("README.md"));
    assert!(!examples.is_empty(), "it has one");
    for example in examples {
        sound(&example);
    }
}

/// `UPDATE_DOCS=1` writes the tables instead of comparing them.
#[test]
fn every_key_is_described_as_the_grammar_has_it() {
    described("docs/spec.md", &SECTIONS);
    described("docs/config.md", &CONFIG_SECTIONS);
}

/// Holds the tables of a document against sections of the grammar.
fn described(document: &str, sections: &[&Section]) {
    let mut wanted = read(document);
    for section in sections {
        let opening = format!("<!-- keys: {} -->\n", section.name);
        let start = wanted.find(&opening);
        let start = start.unwrap_or_else(|| panic!("no {opening}")) + opening.len();
        let length = wanted[start..].find("<!-- end -->").unwrap();
        wanted.replace_range(start..start + length, &table(section));
    }
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(document);
        std::fs::write(path, &wanted).unwrap();
    }
    assert_eq!(read(document), wanted);
}

/// What `docs/config.md` shows of config files.
fn configs() -> Vec<String> {
    let text = read("docs/config.md");
    let examples = text.split("```toml\n").skip(1);
    examples
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_examples_of_config_files_are_understood_and_use_every_key() {
    let examples = configs();
    for example in &examples {
        let source = Source::new("goproctor.toml", example.as_str());
        if let Err(errors) = parse_config(source) {
            panic!("{}", errors.render(false, false, 100));
        }
    }
    for key in CONFIG_SECTIONS.iter().flat_map(|section| section.keys) {
        let is_used = |example: &String| {
            let mut lines = example.lines();
            lines.any(|line| {
                line.starts_with(&format!("[{}", key.name))
                    || line
                        .split('=')
                        .next()
                        .is_some_and(|name| name.trim() == key.name)
            })
        };
        assert!(examples.iter().any(is_used), "no example uses {}", key.name);
    }
}
