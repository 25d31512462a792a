//! What is demanded of an error.

use model::{
    Content, Path, Root, Status, TypeTable, Value,
    notation::{self, short_type},
};
use spec::{Span, Spanned, document::ErrorExpectation, matcher::Matcher};

use super::{
    super::{
        Reason,
        truth::Truth,
        value::{Excerpt, is_named, text_matches},
        wording,
    },
    chain::Chain,
    identity::is_same,
    methods::{self, Target},
};

/// One demand on an error.
#[derive(Clone, Copy, Debug)]
pub(in crate::expect) enum ErrorDemand<'a> {
    /// That there is none, or that there is one.
    Nil(bool),
    /// That it is that variable, or wraps it.
    Is(&'a str),
    /// That it has that type, or wraps one that has.
    As(&'a str),
    /// What its message must be.
    Message(&'a Matcher),
}

impl<'a> ErrorDemand<'a> {
    /// All that is demanded, each with its place in the spec.
    pub(in crate::expect) fn all(
        expectation: &'a Spanned<ErrorExpectation>,
    ) -> Vec<(&'a Span, Self)> {
        let ErrorExpectation {
            nil,
            is,
            as_type,
            message,
        } = &expectation.value;
        let is = is.as_ref().map(|is| (&is.span, Self::Is(&is.value)));
        let as_type = as_type.as_ref().map(|ty| (&ty.span, Self::As(&ty.value)));
        let message = message.as_ref();
        let message = message.map(|message| (&message.span, Self::Message(&message.value)));
        let all: Vec<_> = [is, as_type, message].into_iter().flatten().collect();
        if all.is_empty() {
            return vec![(&expectation.span, Self::Nil(*nil))];
        }
        all
    }

    /// Whether an error is as demanded. `variable` is the value of the variable that `is` names.
    pub(in crate::expect) fn judge(
        self,
        error: &Value,
        variable: Option<&Value>,
        types: &TypeTable,
    ) -> Truth {
        match (&error.content, self) {
            (Content::Unread(Status::Absent), _) => Truth::No,
            (Content::Unread(status), _) => Truth::Unknown(Reason::Unread(*status)),
            (Content::Redacted(_), _) => Truth::Unknown(Reason::Redacted),
            // As `errors.Is(nil, nil)`.
            (Content::Nil, Self::Is(_)) => match variable.map(|variable| &variable.content) {
                Some(Content::Nil) => Truth::Yes,
                Some(Content::Unread(status)) => Truth::Unknown(Reason::Unread(*status)),
                _ => Truth::No,
            },
            (Content::Nil, demand) => matches!(demand, Self::Nil(true)).into(),
            (_, Self::Nil(wanted)) => (!wanted).into(),
            (_, Self::As(name)) => Chain::of(error, types).any(|error| {
                if is_named(types.name(error.ty), name, types.packages()) {
                    return Truth::Yes;
                }
                methods::r#as(error, types)
            }),
            (_, Self::Is(name)) => match variable {
                Some(variable) => is_variable(error, name, variable, types),
                None => Truth::Unknown(Reason::of(name, Reason::Unread(Status::NotRead))),
            },
            (_, Self::Message(matcher)) => message_matches(error, matcher, types),
        }
    }

    /// The variable that it names.
    pub(in crate::expect) fn variable(self) -> Option<Path> {
        match self {
            Self::Is(name) => Some(Path {
                root: Root::Variable(name.to_owned()),
                segments: Vec::new(),
            }),
            Self::Nil(_) | Self::As(_) | Self::Message(_) => None,
        }
    }

    /// What is wanted.
    pub(in crate::expect) fn want(self) -> String {
        match self {
            Self::Nil(true) => "no error".to_owned(),
            Self::Nil(false) => "an error".to_owned(),
            Self::Is(name) => format!("is {name}"),
            Self::As(name) => format!("as {name}"),
            Self::Message(matcher) => matcher.describe(),
        }
    }

    /// What was seen instead: the message if that is asked for, else the value.
    pub(in crate::expect) fn got(self, error: &Value, types: &TypeTable) -> String {
        match (self, notation::error_message(error, types)) {
            (Self::Message(_), Some(message)) => wording::text(message.bytes(), message.is_whole()),
            _ => notation::elided_value(error, types, wording::LONG),
        }
    }
}

/// Whether an error or one that it wraps is the value of a variable.
fn is_variable(error: &Value, name: &str, variable: &Value, types: &TypeTable) -> Truth {
    let value = match &variable.content {
        Content::Interface(inner) => inner,
        Content::Unread(status) => return Truth::Unknown(Reason::Unread(*status)),
        Content::Nil => return Truth::No,
        _ => variable,
    };
    let target = Target { name, value };
    Chain::of(error, types).any(|error| {
        let ways = [
            is_same(error, value, types),
            methods::is(error, target, types),
        ];
        Truth::any(ways)
    })
}

fn message_matches(error: &Value, matcher: &Matcher, types: &TypeTable) -> Truth {
    if let Some(message) = notation::error_message(error, types) {
        return text_matches(matcher, Excerpt::of_message(&message));
    }
    let ty = match &error.content {
        Content::Interface(inner) => inner.ty,
        _ => error.ty,
    };
    Truth::Unknown(Reason::Message(short_type(ty, types)))
}
