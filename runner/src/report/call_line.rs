//! A call as the text of a line: its values share the room that there is.

use std::borrow::Cow;

use model::{
    Call, Nanoseconds, Observation, Outcome, Parameter, Timestamp, TypeTable, Value, notation,
};
use unicode_width::UnicodeWidthStr as _;

/// How wide a value is at most, in columns.
pub(super) const MAX_VALUE: usize = 120;

/// How wide a value must be to show anything.
const MIN_VALUE: usize = 10;

/// What of a call a line shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// All of it: `f(1, "a") → nil`
    Whole,
    /// What is known at its entry: `f(1, "a")`
    Entry,
    /// What is known at its end: `f → nil`
    End,
}

/// `f(1, "a") → nil`, about `room` columns wide; a call that panicked with the value `panic`, if that is known. `is_body` is for the
/// function that a goroutine began with.
///
/// Where there is too little room, the receiver and contexts are the first to go (`ctx: …`); then long values lose what is in
/// their middle.
pub(super) fn call_line(
    observation: &Observation,
    call: &Call,
    panic: Option<&str>,
    is_body: bool,
    room: usize,
) -> String {
    call_part(observation, call, panic, is_body, room, Shown::Whole)
}

/// A part of that.
pub(super) fn call_part(
    observation: &Observation,
    call: &Call,
    panic: Option<&str>,
    is_body: bool,
    room: usize,
    shown: Shown,
) -> String {
    let types = &observation.types;
    let function = observation.function(call.function);
    let full_name = function.map_or("?", |function| function.name_of(call));
    let name = notation::short_function(full_name, types.packages());
    let parameters = function.map_or(&[][..], |function| &function.parameters);
    let end = match shown {
        Shown::Entry => Cow::Borrowed(""),
        Shown::Whole | Shown::End => ending(call.outcome, panic, is_body, call.results.is_empty()),
    };
    let has_results = shown != Shown::Entry
        && !call.results.is_empty()
        && matches!(call.outcome, Outcome::Returned | Outcome::Recovered);
    let arguments = match shown {
        Shown::End => &[][..],
        Shown::Whole | Shown::Entry => &call.arguments,
    };
    let around = [&*name, "()", &*end, if has_results { " → " } else { "" }];
    let around: usize = around.map(|text| text.width()).iter().sum();
    let argument_count = arguments.len();
    let arguments = arguments.iter().enumerate().map(|(index, value)| {
        let parameter = parameters.get(index);
        let is_minor = parameter.is_some_and(|parameter| {
            let ty = types.name(parameter.ty);
            is_context(ty) || index == 0 && is_receiver(full_name, ty)
        });
        Piece::new(value, parameter, is_minor, types)
    });
    let results = call.results.iter().filter(|_| has_results);
    let results = results.map(|value| Piece::new(value, None, false, types));
    let mut pieces: Vec<Piece<'_>> = arguments.chain(results).collect();
    let separators = ", ".len() * pieces.len().saturating_sub(1 + usize::from(has_results));
    fit(&mut pieces, room.saturating_sub(around + separators), types);
    let (arguments, results) = pieces.split_at(argument_count);
    let mut text = name;
    if !(is_body && arguments.is_empty()) && shown != Shown::End {
        text.push_str(&format!("({})", joined(arguments)));
    }
    text.push_str(&end);
    if has_results {
        text.push_str(" → ");
        text.push_str(&joined(results));
    }
    text
}

/// How long a call took until it ended, without what its hits cost; what may be nothing at all is said to be less than the most it can be.
pub(super) fn duration(call: &Call, left: Timestamp) -> String {
    let took = call.took(left);
    match took.low == 0 && took.high > 0 {
        true => format!("<{}", Nanoseconds(took.high).brief()),
        false => Nanoseconds(took.raw.saturating_sub(call.own_cost.0)).brief(),
    }
}

fn ending(
    outcome: Outcome,
    panic: Option<&str>,
    is_body: bool,
    without_results: bool,
) -> Cow<'static, str> {
    if let (Outcome::Panicked, Some(value)) = (outcome, panic) {
        let value = notation::elided(value, MAX_VALUE);
        let value = value.replace(|c: char| c.is_control(), " ");
        return format!("  panicked: {value}").into();
    }
    let text = match outcome {
        Outcome::Returned if is_body && without_results => "  returned",
        Outcome::Returned => "",
        Outcome::Running => "  running",
        Outcome::Panicked => "  panicked",
        Outcome::Recovered => "  recovered",
        Outcome::Goexit => "  goexit",
        Outcome::Unwound => "  unwound",
        Outcome::ProcessEnded => "  process ended",
    };
    text.into()
}

/// Whether a type is a context, of the standard library or of a framework.
fn is_context(ty: &str) -> bool {
    matches!(ty.rsplit('.').next(), Some("Context" | "Ctx"))
}

/// Whether the first parameter of a function, of type `ty`, is its receiver.
fn is_receiver(function: &str, ty: &str) -> bool {
    match ty.strip_prefix('*').and_then(|ty| ty.rsplit_once('.')) {
        Some((package, name)) => function.starts_with(&format!("{package}.(*{name})")),
        None => function.starts_with(&format!("{ty}.")),
    }
}

/// A value of a line.
struct Piece<'a> {
    value: &'a Value,
    /// `name: `, where its parameter has a name.
    label: Option<String>,
    is_minor: bool,
    text: String,
}

impl<'a> Piece<'a> {
    fn new(
        value: &'a Value,
        parameter: Option<&Parameter>,
        is_minor: bool,
        types: &TypeTable,
    ) -> Self {
        let name = parameter.map(|parameter| &*parameter.name);
        let name = name.filter(|name| !matches!(*name, "" | "_"));
        let mut piece = Self {
            value,
            label: name.map(|name| format!("{name}: ")),
            is_minor,
            text: String::new(),
        };
        piece.elide(MAX_VALUE, types);
        piece
    }

    /// Leaves nothing but its name, if that is shorter.
    fn leave_out(&mut self) {
        let short = format!("{}…", self.label.as_deref().unwrap_or_default());
        if short.width() < self.text.width() {
            self.text = short;
        }
    }

    fn elide(&mut self, width: usize, types: &TypeTable) {
        use model::Content;
        // The text of these says little without the name.
        let label = match self.value.content {
            Content::Bool(_) | Content::Nil => self.label.as_deref().unwrap_or_default(),
            _ => "",
        };
        let width = width.saturating_sub(label.width());
        self.text = format!(
            "{label}{}",
            notation::elided_value(self.value, types, width)
        );
    }
}

/// Shortens the texts of the pieces until there is room for them, as far as they can be shortened.
fn fit(pieces: &mut [Piece<'_>], room: usize, types: &TypeTable) {
    let width = |pieces: &[Piece<'_>]| pieces.iter().map(|piece| piece.text.width()).sum::<usize>();
    if width(pieces) <= room {
        return;
    }
    pieces
        .iter_mut()
        .filter(|piece| piece.is_minor)
        .for_each(Piece::leave_out);
    let share = share(pieces, room);
    let wide = pieces.iter_mut().filter(|piece| piece.text.width() > share);
    wide.for_each(|piece| piece.elide(share, types));
    // A text is about as wide as it should be.
    for index in (0..pieces.len()).rev() {
        let excess = width(pieces).saturating_sub(room);
        let piece = &mut pieces[index];
        let left = piece.text.width().saturating_sub(excess);
        match excess {
            0 => break,
            _ if left >= MIN_VALUE => piece.elide(left, types),
            _ => piece.leave_out(),
        }
    }
}

/// How wide a piece may be so that all have the room: what those that are narrower leave goes to the others.
fn share(pieces: &[Piece<'_>], room: usize) -> usize {
    let mut widths: Vec<usize> = pieces.iter().map(|piece| piece.text.width()).collect();
    widths.sort_unstable();
    let mut left = room;
    for (index, width) in widths.iter().enumerate() {
        let share = left / (widths.len() - index);
        if *width > share {
            return share.max(MIN_VALUE);
        }
        left -= width;
    }
    room
}

fn joined(pieces: &[Piece<'_>]) -> String {
    let texts: Vec<&str> = pieces.iter().map(|piece| &*piece.text).collect();
    texts.join(", ")
}
