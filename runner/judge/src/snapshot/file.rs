//! A snapshot file in insta's format, and how it comes to disk whole or not at all.

use std::{fs::File, io, path::Path};

use keeper::whole_file::WholeFile;

/// The file's text: a YAML header between `---`, as insta 1.x writes it, then the snapshot. `further` are lines of the header of
/// goproctor's own, each a key and a text.
pub(super) fn compose(
    source: &str,
    expression: &str,
    further: &[(&str, &str)],
    text: &str,
) -> String {
    let lines = [("source", source), ("expression", expression)];
    let lines = lines.iter().chain(further);
    let header: String = lines
        .map(|(key, value)| format!("{key}: {}\n", yaml(value)))
        .collect();
    format!("---\n{header}---\n{}\n", text.trim_end())
}

/// The snapshot in a file's text; none if the file has no header.
pub(super) fn content(file: &str) -> Option<String> {
    let file = file.replace("\r\n", "\n");
    let (_, content) = parts(&file)?;
    Some(content.trim_end().to_owned())
}

/// What stands in a file's header under a key.
pub(super) fn header(file: &str, key: &str) -> Option<String> {
    let file = file.replace("\r\n", "\n");
    let (header, _) = parts(&file)?;
    let value = header
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?
        .trim();
    match value.starts_with('"') {
        true => serde_json::from_str(value).ok(),
        false => Some(value.to_owned()),
    }
}

/// The header of a file and what is behind it.
fn parts(file: &str) -> Option<(&str, &str)> {
    let header = file.strip_prefix("---\n")?;
    match header.strip_prefix("---\n") {
        Some(content) => Some(("", content)),
        None => header.split_once("\n---\n"),
    }
}

/// A string as YAML reads it back: plain where that is safe, else as JSON writes it.
fn yaml(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " ._-/'".contains(c))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Puts a file in place by way of a temporary one beside it: afterwards it is there whole, or as it was.
pub(super) fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or_else(|| Path::new(".")))?;
    let mut file = WholeFile::create(path, ".snapshot-")?;
    fill(file.file())?;
    file.commit()
}
