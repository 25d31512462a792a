//! Values near Go's own syntax.

use std::cell::Cell;

use super::{
    errors::error_message,
    layout::{Layout, Pointer},
    literal::{bytes, callable, enclosed, missing, text},
    name::{is_foreign, is_standard, package, short_name, type_name},
    number,
    subject::Subject,
    wellknown::{self, Form},
};
use crate::{
    Content, Elements, Entries, Field, Float, Func, Kind, Pointer as Target, Status, Type,
    TypeTable, Value,
};

/// Levels of a value that are written; what lies deeper is `…`.
const MAX_DEPTH: usize = 48;
/// Bytes that are no text that are written for people; a hash has as many.
const MAX_BYTES: usize = 32;
/// Pieces of a value that are written; what comes after them is `…`.
const MAX_PIECES: usize = 10_000;

/// A value in Go's notation, on one line.
///
/// Composite values name their type, elements do not repeat it. A pointer to one is `&T{…}`; what an interface holds names
/// its type where its text does not. What was cut is counted (`[]int{1, 2, …3 more}`), what lies past the depth limit is
/// `T{…}`, what is not known otherwise is its type with the reason (`<float64: in a vector register>`), and a pointer back
/// to a value that it is part of is `<cycle>`. Structs of the standard library show the exported fields that are not zero,
/// and well-known types what people say: `1.5s`, `127.0.0.1`, `GET /path`, `error("EOF")`.
///
/// ```
/// use model::{Content, Kind, Type, TypeTable, Value, notation};
///
/// let mut types = TypeTable::default();
/// let ty = types.push(Type { name: "int".into(), size: 8, kind: Kind::Int });
/// let value = Value { ty, content: Content::Int(2020) };
/// assert_eq!(notation::value(&value, &types), "2020");
/// ```
#[must_use]
pub fn value(value: &Value, types: &TypeTable) -> String {
    Writer::new(types, Style::Exact)
        .layout(value, Naming::Known)
        .line()
}

/// The same as [`value`] on several lines where one would be longer than `width` characters: a field or an element a line.
///
/// ```
/// use model::{Content, Elements, Kind, Type, TypeTable, Value, notation};
///
/// let mut types = TypeTable::default();
/// let int = types.push(Type { name: "int".into(), size: 8, kind: Kind::Int });
/// let ints = types.push(Type { name: "[]int".into(), size: 24, kind: Kind::Slice { element: int } });
/// let values = [1000, 2000].map(|value| Value { ty: int, content: Content::Int(value) });
/// let content = Content::Elements(Box::new(Elements { values: values.into(), full: 2 }));
/// let lines = notation::block(&Value { ty: ints, content }, &types, 10);
/// assert_eq!(lines, ["[]int{", "  1000,", "  2000,", "}"]);
/// ```
#[must_use]
pub fn block(value: &Value, types: &TypeTable, width: usize) -> Vec<String> {
    Writer::new(types, Style::Exact)
        .layout(value, Naming::Known)
        .block(width)
}

/// The same as [`value`] in about `width` characters: what finds no room is counted, long strings lose their middle. For
/// terminals alone.
#[must_use]
pub fn elided_value(value: &Value, types: &TypeTable, width: usize) -> String {
    Writer::new(types, Style::Exact)
        .layout(value, Naming::Known)
        .fitted(width)
}

/// How values are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style<'a> {
    /// As they were seen.
    Exact,
    /// The same on every run and every release: without addresses; of structs that are not of this module by the
    /// exported fields that are not zero.
    Stable {
        /// The path of the program's main module.
        module: Option<&'a str>,
    },
}

/// What the reader knows of a value's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// A function's signature or a struct's field says it. Composite values name it nevertheless.
    Known,
    /// It is right before, as that of a slice's elements is.
    Repeated,
    /// It is not known otherwise: the value is in an interface.
    Unknown,
}

/// Writes values; one is used for the values that are on one line.
pub(super) struct Writer<'a> {
    types: &'a TypeTable,
    style: Style<'a>,
    depth: Cell<usize>,
    pieces: Cell<usize>,
    /// Whether the struct around is of another module, of which only exported fields are shown.
    in_foreign: Cell<bool>,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(types: &'a TypeTable, style: Style<'a>) -> Self {
        Self {
            types,
            style,
            depth: Cell::new(0),
            pieces: Cell::new(0),
            in_foreign: Cell::new(false),
        }
    }

    /// How a value is laid out.
    pub(super) fn layout(&self, value: &Value, naming: Naming) -> Layout {
        let (depth, pieces) = (self.depth.get(), self.pieces.get());
        if depth >= MAX_DEPTH || pieces >= MAX_PIECES {
            return Layout::leaf("…");
        }
        self.pieces.set(pieces + 1);
        self.depth.set(depth + 1);
        let layout = self.written(value, naming);
        self.depth.set(depth);
        layout
    }

    fn written(&self, value: &Value, naming: Naming) -> Layout {
        self.well_known(value, naming)
            .or_else(|| self.error(value))
            .unwrap_or_else(|| self.plain(value, naming))
    }

    fn subject<'v>(&self, value: &'v Value) -> Subject<'v>
    where
        'a: 'v,
    {
        let subject = Subject::new(value, self.types);
        match self.style {
            Style::Exact => subject,
            Style::Stable { .. } => subject.stable(),
        }
    }

    /// A value of a well-known type, or a pointer to one. Where the type is known, nothing but the value is of interest.
    fn well_known(&self, value: &Value, naming: Naming) -> Option<Layout> {
        if let Content::Pointer(pointer) = &value.content {
            let mut layout = match wellknown::form(self.subject(&pointer.target))? {
                Form::Plain(layout) if naming != Naming::Unknown => layout,
                Form::Whole(layout) => layout,
                form => self.form(&pointer.target, form, naming).behind("&"),
            };
            layout.pointer = self.identity(pointer);
            return Some(layout);
        }
        let form = wellknown::form(self.subject(value))?;
        Some(self.form(value, form, naming))
    }

    fn form(&self, value: &Value, form: Form<'_>, naming: Naming) -> Layout {
        match form {
            Form::Plain(layout) if naming != Naming::Unknown => layout,
            Form::Whole(layout) => layout,
            Form::Plain(layout) | Form::Named(layout) => enclosed(&self.name(value), layout),
            Form::Holds(inner) => {
                let inner = self.layout(inner, Naming::Known);
                Layout::group(format!("{}(", self.name(value)), vec![inner], ")")
            }
        }
    }

    /// An error of a known type by its message. Types that are not exported say nothing beyond it, and are not the
    /// same with every release.
    fn error(&self, value: &Value) -> Option<Layout> {
        if matches!(value.content, Content::Interface(_)) {
            // What it holds follows.
            return None;
        }
        let message =
            error_message(value, self.types).filter(|message| message.full().is_some())?;
        let name = self.types.name(value.ty);
        let (ampersand, named) = match name.strip_prefix('*') {
            Some(named) => ("&", named),
            None => ("", name),
        };
        let own = named.rsplit('.').next().unwrap_or(named);
        if !is_exported(own) || named.starts_with("internal/") {
            return Some(enclosed("error", message.layout()));
        }
        // It moved with Go 1.16.
        let named = named.replace("os.PathError", "io/fs.PathError");
        Some(
            enclosed(&type_name(&named, self.types.packages()), message.layout()).behind(ampersand),
        )
    }

    fn plain(&self, value: &Value, naming: Naming) -> Layout {
        match &value.content {
            Content::Bool(seen) => self.scalar(value, seen.to_string(), "bool", naming),
            Content::Int(seen) => self.scalar(value, seen.to_string(), "int", naming),
            Content::Uint(seen) => self.scalar(value, seen.to_string(), "", naming),
            Content::Float(seen) => {
                let text = number::float(*seen, self.bits(value));
                let shows_kind = text.contains(['.', 'e']);
                let default = if shows_kind { "float64" } else { "" };
                self.scalar(value, text, default, naming)
            }
            Content::Complex(seen) => {
                let text = number::complex(seen.real, seen.imaginary, self.bits(value));
                self.scalar(value, text, "complex128", naming)
            }
            Content::Text(seen) => {
                let text = text(seen);
                match naming {
                    Naming::Unknown if self.types.name(value.ty) != "string" => {
                        enclosed(&self.name(value), text)
                    }
                    _ => text,
                }
            }
            Content::Bytes(seen) => bytes(self.open(value, naming), seen, self.most_bytes()),
            Content::Nil => match naming {
                Naming::Unknown => Layout::leaf(format!("{}(nil)", callable(&self.name(value)))),
                _ => Layout::leaf("nil"),
            },
            Content::Pointer(pointer) => self.pointer(pointer, naming),
            Content::Elements(elements) => self.elements(value, elements, naming),
            Content::Struct(fields) => self.structure(value, fields, naming),
            Content::Map(entries) => self.map(value, entries, naming),
            Content::Interface(dynamic) => self.layout(dynamic, Naming::Unknown),
            Content::Func(func) => self.func(value, func),
            Content::Channel(channel) => Layout::leaf(format!(
                "{}(len {}, cap {})",
                self.name(value),
                channel.length,
                channel.capacity
            )),
            Content::Address(address) => Layout::leaf(match self.style {
                Style::Exact => format!("{}({address})", self.name(value)),
                Style::Stable { .. } => format!("{}(…)", self.name(value)),
            }),
            Content::Redacted(label) => Layout::leaf(&***label),
            Content::Unread(status) => Layout::leaf(self.unread(value, *status, naming)),
        }
    }

    /// How many bytes that are no text are shown.
    const fn most_bytes(&self) -> usize {
        match self.style {
            Style::Exact => MAX_BYTES,
            Style::Stable { .. } => usize::MAX,
        }
    }

    fn ty(&self, value: &Value) -> Option<&'a Type> {
        self.types.get(value.ty)
    }

    /// A value's type as it is shown.
    fn name(&self, value: &Value) -> String {
        type_name(self.types.name(value.ty), self.types.packages())
    }

    /// The bits of a number.
    fn bits(&self, value: &Value) -> u32 {
        let size = self.ty(value).map_or(8, |ty| ty.size);
        u32::try_from(size.saturating_mul(8)).unwrap_or(64)
    }

    /// What is before the brace of a composite value.
    fn open(&self, value: &Value, naming: Naming) -> String {
        let name = match naming {
            Naming::Repeated => return String::new(),
            Naming::Known | Naming::Unknown => self.name(value),
        };
        // The braces of the fields follow.
        name.strip_suffix("{…}").unwrap_or(&name).to_owned()
    }

    /// A number or a bool; `default` is the type that such a text has in Go if nothing else is said.
    fn scalar(&self, value: &Value, text: String, default: &str, naming: Naming) -> Layout {
        if naming == Naming::Unknown && self.types.name(value.ty) != default {
            return enclosed(&self.name(value), Layout::leaf(text));
        }
        Layout::leaf(text)
    }

    fn pointer(&self, pointer: &Target, naming: Naming) -> Layout {
        if pointer.target.content == Content::Unread(Status::Cycle) {
            let mut layout = Layout::leaf("<cycle>");
            layout.pointer = self.identity(pointer);
            return layout;
        }
        let mut layout = self.layout(&pointer.target, naming).behind("&");
        layout.pointer = self.identity(pointer);
        layout
    }

    /// Which pointer it is. Those to nothing are all the same in Go, and say nothing.
    fn identity(&self, pointer: &Target) -> Option<Pointer> {
        let ty = self.ty(&pointer.target)?;
        let is_shown = matches!(self.style, Style::Stable { .. }) && ty.size > 0;
        is_shown.then(|| Pointer {
            ty: ty.name.clone(),
            address: pointer.address.0,
        })
    }

    fn elements(&self, value: &Value, elements: &Elements, naming: Naming) -> Layout {
        let values = elements.values.iter();
        let parts = values.map(|element| self.layout(element, Naming::Repeated));
        let open = format!("{}{{", self.open(value, naming));
        let mut parts: Vec<Layout> = parts.collect();
        parts.extend(missing(elements.values.len(), elements.full));
        Layout::group(open, parts, "}")
    }

    fn structure(&self, value: &Value, fields: &[Value], naming: Naming) -> Layout {
        let described: &[Field] = match self.ty(value).map(|ty| &ty.kind) {
            Some(Kind::Struct { fields }) => fields,
            _ => &[],
        };
        let around = self.in_foreign.get();
        let is_foreign = self.is_foreign(self.types.name(value.ty)).unwrap_or(around);
        self.in_foreign.set(is_foreign);
        let parts: Vec<Layout> = described
            .iter()
            .zip(fields)
            .filter(|(field, _)| field.name != "_")
            .filter(|(field, value)| !is_foreign || (is_exported(&field.name) && !is_zero(value)))
            .map(|(field, value)| {
                let label = format!("{}: ", field.name);
                self.layout(value, Naming::Known).labelled(label)
            })
            .collect();
        self.in_foreign.set(around);
        let is_hidden = |field: &Field| is_foreign && !is_exported(&field.name);
        // Which of them are zero is not the same with every release.
        let is_empty = matches!(self.style, Style::Exact) && fields.iter().all(is_zero);
        if parts.is_empty() && described.iter().any(is_hidden) && !is_empty {
            return Layout::leaf(format!("{}{{…}}", self.open(value, naming)));
        }
        Layout::group(format!("{}{{", self.open(value, naming)), parts, "}")
    }

    /// The path of the package of what is named so.
    fn package<'n>(&'n self, name: &'n str) -> Option<&'n str> {
        let known = self.types.packages().of(name);
        known.map(|(path, _)| path).or_else(|| package(name))
    }

    /// Whether what is named so is shown by what its users see of it. It is the standard library's, or, where the text is
    /// to be stable, any other module's. None if the name does not say it.
    fn is_foreign(&self, name: &str) -> Option<bool> {
        match self.style {
            Style::Exact => self.package(name).map(is_standard),
            Style::Stable { module } => Some(is_foreign(self.package(name)?, module)),
        }
    }

    fn map(&self, value: &Value, entries: &Entries, naming: Naming) -> Layout {
        let name = self.open(value, naming);
        let is_whole = entries.values.len() as u64 == entries.full;
        if !is_whole && matches!(self.style, Style::Stable { .. }) {
            // Which entries were read is not the same on every run.
            return Layout::leaf(format!("{name}{{…{}}}", entries.full));
        }
        let pairs = entries.values.iter();
        let mut parts: Vec<Layout> = pairs
            .map(|(key, value)| {
                let key = self.layout(key, Naming::Repeated).line();
                self.layout(value, Naming::Repeated)
                    .labelled(format!("{key}: "))
            })
            .collect();
        parts.extend(missing(entries.values.len(), entries.full));
        Layout::group(format!("{name}{{"), parts, "}")
    }

    fn func(&self, value: &Value, func: &Func) -> Layout {
        let Some(name) = &func.name else {
            return Layout::leaf(match self.style {
                Style::Exact => format!("func({})", func.code),
                Style::Stable { .. } => format!("{}(…)", callable(&self.name(value))),
            });
        };
        let shown = short_name(name, self.types.packages());
        let is_stable = matches!(self.style, Style::Stable { .. });
        if is_stable && self.is_foreign(name).unwrap_or(false) {
            // How many literals are before it, and what it captures, is not the same with every release.
            return Layout::leaf(without_literals(&shown));
        }
        match &func.captured {
            Some(captured) => self.layout(captured, Naming::Repeated).behind(&shown),
            None => Layout::leaf(shown),
        }
    }

    fn unread(&self, value: &Value, status: Status, naming: Naming) -> String {
        let name = self.name(value);
        let reason = match status {
            Status::DepthLimit => {
                return match self.ty(value).map(|ty| &ty.kind) {
                    Some(
                        Kind::Struct { .. }
                        | Kind::Slice { .. }
                        | Kind::Array { .. }
                        | Kind::Map { .. },
                    ) => format!("{}{{…}}", self.open(value, naming)),
                    _ => format!("{}(…)", callable(&name)),
                };
            }
            Status::Cut => return "…".to_owned(),
            Status::Cycle => return "<cycle>".to_owned(),
            Status::Unreadable { address, .. } => match self.style {
                Style::Exact => return format!("<{name}: unreadable at {address}>"),
                Style::Stable { .. } => "unreadable",
            },
            Status::InVectorRegister => "in a vector register",
            Status::BeingWritten => "being written",
            Status::LostChunk => "no room in the record",
            Status::Malformed => "malformed",
            Status::NoLocation => "no location",
            Status::TypeUnknown => "type unknown",
            Status::NotDescribed => "not described",
            Status::NotRead => "not read",
            Status::Absent => "absent",
        };
        format!("<{name}: {reason}>")
    }
}

/// Whether other packages see a name (Go specification, "Exported identifiers").
fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// Whether it is its type's zero value.
fn is_zero(value: &Value) -> bool {
    let is_zero_number = |number: Float| number.get().to_bits() == 0;
    match &value.content {
        Content::Bool(seen) => !seen,
        Content::Int(seen) => *seen == 0,
        Content::Uint(seen) => *seen == 0,
        Content::Float(seen) => is_zero_number(*seen),
        Content::Complex(seen) => is_zero_number(seen.real) && is_zero_number(seen.imaginary),
        Content::Text(seen) => seen.full == 0,
        Content::Nil => true,
        Content::Struct(fields) => fields.iter().all(is_zero),
        Content::Bytes(_)
        | Content::Elements(_)
        | Content::Pointer(_)
        | Content::Map(_)
        | Content::Interface(_)
        | Content::Func(_)
        | Content::Channel(_)
        | Content::Address(_)
        | Content::Redacted(_)
        | Content::Unread(_) => false,
    }
}

/// A function's name up to the first literal's number: `http.(*conn).serve.func`.
fn without_literals(name: &str) -> String {
    const LITERAL: &str = ".func";
    let literal = name.match_indices(LITERAL).find(|(begin, _)| {
        let rest = name.get(begin + LITERAL.len()..).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit())
    });
    match literal {
        Some((begin, _)) => name.get(..begin + LITERAL.len()).unwrap_or(name).to_owned(),
        None => name.to_owned(),
    }
}
