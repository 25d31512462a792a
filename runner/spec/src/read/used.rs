//! `use`: files whose tables a spec has as its own.
//!
//! Their texts follow the spec's own, so that a place in any of them is one number. Each is parsed behind as many blanks as
//! texts are before it, which puts its parts where they are in the whole.

use std::path::{Path, PathBuf};

use toml::de::{DeArray, DeTable, DeValue};

use super::{
    file::{MAX_SIZE, bytes},
    syntax,
};
use crate::{
    document::{Source, Span, end_line, name_beside, normal},
    error::SpecError,
};

/// The key of the files that a file uses.
pub(super) const KEY: &str = "use";

/// The tables that a file can have that is used by others.
const TABLES: [&str; 4] = ["functions", "stubs", "limits", "redact"];

/// How many files a spec can use.
const MAX_FILES: usize = 100;

/// Gives the text of a file by its name, relative to the spec's folder, and its path; or why it has none.
pub(super) type Read<'r> = dyn Fn(&Path, &Path) -> Result<String, String> + 'r;

/// A spec with the texts of all files that it uses.
pub(super) struct Gathered {
    /// The files.
    pub(super) source: Source,
    /// What is wrong with the names of files.
    pub(super) errors: Vec<SpecError>,
}

/// The text of a file on disk.
pub(super) fn from_disk(_: &Path, path: &Path) -> Result<String, String> {
    let bytes = bytes(path, "it")?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}

/// Reads the files that a spec uses, and those that they use.
pub(super) fn gather(source: &Source, read: &Read<'_>) -> Gathered {
    let mut gathering = Gathering {
        spec: &source.path,
        read,
        files: Vec::new(),
        ring: Vec::new(),
        errors: Vec::new(),
        whole: source.text.to_string(),
    };
    let name = source.path.file_name().unwrap_or_default();
    gathering.ring.push(PathBuf::from(name));
    gathering.uses(&source.text, 0);
    let files = gathering.files.iter();
    let files = files.map(|(name, text)| (name.clone(), text.as_str()));
    Gathered {
        source: match gathering.files.is_empty() {
            true => source.clone(),
            false => Source::with_used(source.path.clone(), &source.text, files),
        },
        errors: gathering.errors,
    }
}

struct Gathering<'r> {
    spec: &'r Path,
    read: &'r Read<'r>,
    /// The files by name, with their texts.
    files: Vec<(PathBuf, String)>,
    /// The files that are being read, each used by the one before.
    ring: Vec<PathBuf>,
    errors: Vec<SpecError>,
    /// All texts.
    whole: String,
}

impl Gathering<'_> {
    /// Reads what a file uses, whose text begins at `start` of all.
    fn uses(&mut self, text: &str, start: usize) {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            // They are reported with all of its text.
            return;
        }
        let Some(list) = root.get_ref().get(KEY) else {
            return;
        };
        let place = |span: Span| span.start + start..span.end + start;
        let DeValue::Array(names) = list.get_ref() else {
            let error = SpecError::at(place(list.span()), "`use` must be a list of files");
            self.errors
                .push(error.help("use = [\"shop.functions.toml\"]"));
            return;
        };
        for name in names {
            match name.get_ref() {
                DeValue::String(text) => self.file(text, place(name.span())),
                _ => {
                    let error = SpecError::at(place(name.span()), "a file's name is a string");
                    self.errors.push(error);
                }
            }
        }
    }

    fn file(&mut self, text: &str, place: Span) {
        let error = |message: String| SpecError::at(place.clone(), message);
        if text.trim().is_empty() || text.contains('\0') || Path::new(text).is_absolute() {
            let error = error("this is no file beside the spec".to_owned());
            self.errors
                .push(error.help("name it relative to this file: use = [\"shop.functions.toml\"]"));
            return;
        }
        let user = self.ring.last().cloned().unwrap_or_default();
        let name = normal(&user.parent().unwrap_or_else(|| Path::new("")).join(text));
        if let Some(first) = self.ring.iter().position(|file| *file == name) {
            let ring = self.ring.iter().skip(first).chain([&name]);
            let ring: Vec<String> = ring.map(|file| file.display().to_string()).collect();
            let error = error("files use one another in a circle".to_owned());
            self.errors.push(
                error
                    .label(ring.join(" → "))
                    .help("move what both need into a third file"),
            );
            return;
        }
        if self.files.iter().any(|(known, _)| *known == name) {
            return;
        }
        let path = name_beside(self.spec, &name);
        let text = match (self.read)(&name, &path) {
            Ok(text) => text,
            Err(why) => {
                let message = format!("cannot use {}: {why}", path.display());
                self.errors.push(error(message));
                return;
            }
        };
        if self.whole.len() + text.len() >= MAX_SIZE || self.files.len() == MAX_FILES {
            let message = format!(
                "the spec and the files that it uses are more than {} MiB, or more than {MAX_FILES} files",
                MAX_SIZE >> 20
            );
            self.errors.push(error(message));
            return;
        }
        end_line(&mut self.whole);
        let start = self.whole.len();
        self.whole.push_str(&text);
        self.files.push((name.clone(), text.clone()));
        self.ring.push(name);
        self.uses(&text, start);
        self.ring.pop();
    }
}

/// The texts of a spec's files, each at its place behind blanks; the spec's own is the first.
pub(super) fn texts(source: &Source) -> Vec<String> {
    let used = source.used.iter().zip(source.used_texts());
    let used = used.map(|(file, (_, text))| {
        // A mark of its encoding is one at the begin alone.
        match text.strip_prefix('\u{feff}') {
            Some(text) => " ".repeat(file.start + 3) + text,
            None => " ".repeat(file.start) + text,
        }
    });
    std::iter::once(source.own_text().to_owned())
        .chain(used)
        .collect()
}

/// The tables of all files as one.
///
/// # Errors
/// What is not TOML in them.
pub(super) fn merged<'t>(
    texts: &'t [String],
    errors: &mut Vec<SpecError>,
) -> Result<DeTable<'t>, Vec<SpecError>> {
    let mut roots = Vec::new();
    let mut wrong = Vec::new();
    for text in texts {
        let (root, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            wrong.extend(syntax::errors(text, root.get_ref(), &errors));
        }
        roots.push(root.into_inner());
    }
    if !wrong.is_empty() {
        wrong.append(errors);
        return Err(wrong);
    }
    let mut roots = roots.into_iter();
    let mut all = roots.next().unwrap_or_default();
    for root in roots {
        merge(&mut all, root, errors);
    }
    Ok(all)
}

/// Adds the tables of a file that is used.
fn merge<'t>(all: &mut DeTable<'t>, used: DeTable<'t>, errors: &mut Vec<SpecError>) {
    for (key, value) in used {
        let name = key.get_ref().to_string();
        if name == KEY {
            continue;
        }
        if !TABLES.contains(&name.as_str()) {
            let message = format!("a file that is used has no `{name}`");
            let error = SpecError::at(key.span(), message).label("belongs to the spec itself");
            errors
                .push(error.help("it can have [functions], [stubs], [limits], [redact] and `use`"));
            continue;
        }
        let place = value.span();
        match all.get_mut(name.as_str()) {
            None => {
                all.insert(key, value);
            }
            Some(own) => match (own.get_mut(), value.into_inner()) {
                (DeValue::Table(own), DeValue::Table(more)) => {
                    add(own, more, name == "redact", errors);
                }
                (DeValue::Table(_), _) => {
                    errors.push(SpecError::at(place, format!("`{name}` must be a table")));
                }
                // What is wrong with the other one is said where it is read.
                _ => {}
            },
        }
    }
}

/// Adds the entries of a table to another one, and those of the tables and lists in it where it `is_nested`.
fn add<'t>(own: &mut DeTable<'t>, more: DeTable<'t>, is_nested: bool, errors: &mut Vec<SpecError>) {
    for (key, value) in more {
        let first = own.get_key_value(key.get_ref().as_ref());
        let Some(first) = first.map(|(first, _)| first.span()) else {
            own.insert(key, value);
            continue;
        };
        let Some(known) = own.get_mut(key.get_ref().as_ref()) else {
            continue;
        };
        match (known.get_mut(), value.into_inner()) {
            (DeValue::Table(known), DeValue::Table(more)) if is_nested => {
                add(known, more, false, errors);
            }
            (DeValue::Array(known), DeValue::Array(more)) if is_nested => {
                let others = more.into_iter().filter(|one| {
                    !known
                        .iter()
                        .any(|known| equal(known.get_ref(), one.get_ref()))
                });
                let others: Vec<_> = others.collect();
                let all = std::mem::replace(known, DeArray::new());
                *known = all.into_iter().chain(others).collect();
            }
            (known, other) if equal(known, &other) => {}
            _ => {
                let message = format!("`{}` is defined twice, and differently", key.get_ref());
                errors.push(SpecError::twice(message, first, key.span()));
            }
        }
    }
}

/// Whether two values say the same, wherever they stand.
fn equal(one: &DeValue<'_>, other: &DeValue<'_>) -> bool {
    match (one, other) {
        (DeValue::Array(one), DeValue::Array(other)) => {
            let mut pairs = one.iter().zip(other.iter());
            one.len() == other.len()
                && pairs.all(|(one, other)| equal(one.get_ref(), other.get_ref()))
        }
        (DeValue::Table(one), DeValue::Table(other)) => {
            let mut entries = one.iter();
            one.len() == other.len()
                && entries.all(|(key, value)| {
                    let other = other.get(key.get_ref().as_ref());
                    other.is_some_and(|other| equal(value.get_ref(), other.get_ref()))
                })
        }
        (DeValue::String(one), DeValue::String(other)) => one == other,
        (DeValue::Integer(one), DeValue::Integer(other)) => one.to_string() == other.to_string(),
        (DeValue::Float(one), DeValue::Float(other)) => one.as_str() == other.as_str(),
        (DeValue::Boolean(one), DeValue::Boolean(other)) => one == other,
        (DeValue::Datetime(one), DeValue::Datetime(other)) => one == other,
        _ => false,
    }
}
