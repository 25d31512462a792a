//! Tables that may be matchers or fields: `{ ge = 1 }` asks something of a value, `{ URL = { Path = "/" } }` of its
//! parts. A key with the name of a matcher is one; so a field of such a name needs a path in quotes.

use model::Segment;
use toml::de::DeValue;

use super::matcher;
use crate::{
    Span, Spanned, SpecError,
    cursor::{Context, Entry, Node},
    matcher::{self as language, Matcher},
    names::is_identifier,
    path::{self, PathError, PathProblem},
};

/// How long a path may be to be shown in a message, in bytes.
const MAX_SHOWN: usize = 80;

/// What a value of the spec asks about.
pub(super) enum Asked<'a> {
    /// A Go value as a whole.
    Whole,
    /// Parts of it.
    Fields(Vec<Entry<'a>>),
}

/// What a value of the spec asks about; none if it mixes both, which has been reported.
pub(super) fn asked<'a>(node: &Node<'a>) -> Option<Asked<'a>> {
    let DeValue::Table(_) = node.value else {
        return Some(Asked::Whole);
    };
    let entries = node.entries()?;
    let matcher = entries.iter().find(|entry| is_matcher(entry));
    let field = entries.iter().find(|entry| !is_matcher(entry));
    match (matcher, field) {
        (_, None) => Some(Asked::Whole),
        (None, Some(_)) => Some(Asked::Fields(entries)),
        (Some(matcher), Some(field)) => node.refuse(mixed(node.context, &matcher.key, &field.key)),
    }
}

fn is_matcher(entry: &Entry<'_>) -> bool {
    language::names().any(|name| name == entry.key.value)
}

fn mixed(context: &Context<'_>, matcher: &Spanned<String>, field: &Spanned<String>) -> SpecError {
    let (matcher_name, field_name) = (&matcher.value, &field.value);
    let slip = context.nearest(field_name, language::names());
    let help = match slip {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!(
            "a field with the name of a matcher needs a path in quotes: \"x.{matcher_name}\"; write what the \
             value as a whole must be beside it: x = {{ {matcher_name} = … }}, \"x.{field_name}\" = …"
        ),
    };
    let (first, second) = if matcher.span.start < field.span.start {
        ((matcher, "a matcher"), (field, "a field"))
    } else {
        ((field, "a field"), (matcher, "a matcher"))
    };
    SpecError::at(
        second.0.span.clone(),
        format!("`{matcher_name}` is a matcher, `{field_name}` is a field: a table is of one kind"),
    )
    .label(second.1)
    .related(first.0.span.clone(), first.1)
    .help(help)
}

/// The steps that a key of a table of fields means. A key with `.`, `[` or `(` in it is a path; a number without
/// quotes is an index; all else is one name, of a field or, if it is no identifier, a key of a map.
pub(super) fn steps(context: &Context<'_>, key: &Spanned<String>) -> Option<Vec<Segment>> {
    let name = &key.value;
    if name.contains(['.', '[', '(']) {
        let segments = read(context, key, path::segments)?;
        return Some(segments.into_iter().map(|segment| segment.value).collect());
    }
    if name == "_" {
        let error = PathError {
            place: 0..name.len(),
            problem: PathProblem::Blank,
        };
        return context.refuse(bad_path(context, key, &error));
    }
    let is_quoted = context.is_quoted(&key.span);
    let index = name.parse::<i64>().ok().filter(|_| !is_quoted);
    Some(vec![match index {
        Some(index) => Segment::Index(i128::from(index)),
        None if is_identifier(name) => Segment::Name(name.clone()),
        None => Segment::Key(name.clone()),
    }])
}

/// Reads a path in a key.
pub(super) fn read<T>(
    context: &Context<'_>,
    key: &Spanned<String>,
    read: impl FnOnce(&str) -> Result<T, PathError>,
) -> Option<T> {
    match read(&key.value) {
        Ok(path) => Some(path),
        Err(error) => context.refuse(bad_path(context, key, &error)),
    }
}

/// What to say of a text that is no path.
pub(super) fn bad_path(
    context: &Context<'_>,
    key: &Spanned<String>,
    error: &PathError,
) -> SpecError {
    let message = match key.value.len() {
        ..=MAX_SHOWN => format!("`{}` is not a path", key.value),
        _ => "this is not a path".to_owned(),
    };
    SpecError::at(place(context, key, error), message)
        .label(error.problem.to_string())
        .help(r#"paths: request.URL.Path, items[2].Price, headers["Accept"][0], err.(*net.OpError).Op"#)
}

/// Where in the file; an error at the end points to the last character.
fn place(context: &Context<'_>, key: &Spanned<String>, error: &PathError) -> Span {
    let mut part = error.place.clone();
    if part.is_empty() {
        let before = key.value.get(..part.start).unwrap_or_default();
        part.start -= before.chars().next_back().map_or(0, char::len_utf8);
    }
    context.inside(&key.span, &key.value, part)
}

/// Fields of an element of a list, where no path can lead.
pub(super) fn in_a_list(entries: &[Entry<'_>]) -> Option<Matcher> {
    let fields: Vec<_> = entries.iter().filter_map(field_in_a_list).collect();
    (fields.len() == entries.len()).then_some(Matcher::Fields(fields))
}

fn field_in_a_list(entry: &Entry<'_>) -> Option<(String, Matcher)> {
    let steps = steps(entry.node.context, &entry.key);
    let matcher = matcher::value(&entry.node);
    let (steps, matcher) = (steps?, matcher?);
    let mut names = Vec::new();
    for step in steps {
        match step {
            Segment::Name(name) | Segment::Key(name) => names.push(name),
            Segment::Index(_) | Segment::Assert(_) => {
                return entry.node.refuse(
                    SpecError::at(
                        entry.key.span.clone(),
                        "in a list, name fields and keys without indices or types",
                    )
                    .label("an index or a type")
                    .help("ask for it by a path from the argument: \"items[0].Tags[1]\" = …"),
                );
            }
        }
    }
    let last = names.pop()?;
    let outer = names.into_iter().rev();
    Some(outer.fold((last, matcher.value), |inner, name| {
        (name, Matcher::Fields(vec![inner]))
    }))
}
