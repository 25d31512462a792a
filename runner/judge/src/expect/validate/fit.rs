//! Whether a matcher applies to values of a type.

use model::suggestion::{did_you_mean, nearest};
use model::{
    Field, Kind, Type, TypeId, TypeTable,
    notation::{Meaning, Spelling, short_name, spelling},
    plan::{PathTypes, RedactedType},
};
use spec::matcher::{Literal, Matcher, Number, TimeBound, TimeText};

use super::super::{
    matchers::{of_any, of_elements, of_order, of_parts},
    value::{
        NoConstant, NoField, atomic, complex, constant_value, is_byte, is_named, is_special,
        may_be_nil, selector, suits,
    },
};

/// How many pointers to pointers are gone through.
const MAX_POINTERS: usize = 16;

/// Why a matcher does not apply to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Why, in one sentence.
    pub(super) message: String,
    /// What the user can do.
    pub(super) help: Option<String>,
}

impl Misfit {
    pub(super) fn new(message: impl Into<String>, help: impl Into<Option<String>>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The types of a program.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Types<'a> {
    /// All that are known.
    pub(in super::super) all: &'a TypeTable,
    /// Those that an interface can hold.
    pub(in super::super) dynamic: &'a [TypeId],
    /// Those that are not to be seen.
    pub(in super::super) redacted: &'a [RedactedType],
}

impl<'a> Types<'a> {
    /// What paths are resolved with.
    pub(super) const fn of_paths(self) -> PathTypes<'a> {
        PathTypes {
            types: self.all,
            dynamic: self.dynamic,
            redacted: self.redacted,
        }
    }

    /// Whether a matcher applies to values of that type.
    pub(super) fn fit(self, matcher: &Matcher, ty: TypeId) -> Result<(), Misfit> {
        match matcher {
            Matcher::Any => return Ok(()),
            Matcher::All(parts) => return parts.iter().try_for_each(|part| self.fit(part, ty)),
            Matcher::Equal(_) | Matcher::Nil(_) | Matcher::Type(_) => {}
            Matcher::Text(_) | of_order!() | of_parts!() => {}
        }
        if let Some(redacted) = self.redacted.iter().find(|redacted| redacted.ty == ty) {
            return Err(Misfit::new(
                format!("it is redacted as {}, so it is never read", redacted.label),
                "remove it from [redact], or from the expectation".to_owned(),
            ));
        }
        let Some(Type {
            name: full,
            size,
            kind,
        }) = self.all.get(ty)
        else {
            return Err(not_described("?"));
        };
        let name = &self.short(full);
        if let Matcher::Equal(Literal::Text(text)) = matcher
            && constant_value(self.all, ty, text).is_ok()
        {
            return Ok(());
        }
        if let Some(spelling) = spelling(self.all, ty)
            && let Some(judged) = self.spelled(matcher, spelling, ty, name)
        {
            return judged;
        }
        match (matcher, kind) {
            (Matcher::Nil(_), _) if may_be_nil(kind) => Ok(()),
            (Matcher::Type(wanted), Kind::Interface { .. }) => self.can_hold(wanted, name),
            (Matcher::Type(wanted), _) if self.is_named(full, wanted) => Ok(()),
            (Matcher::Type(wanted), _) => Err(Misfit::new(
                format!("it is {}, never {wanted}", article(name)),
                None,
            )),
            (Matcher::Nil(_), _) => {
                Err(Misfit::new(format!("{} is never nil", article(name)), None))
            }
            // What it holds is known when it is seen.
            (_, Kind::Interface { .. }) => Ok(()),
            (_, Kind::Pointer { target }) => match target.and_then(|ty| self.behind(ty)) {
                Some(target) => self.fit(matcher, target),
                None => Err(not_described(name)),
            },
            (_, Kind::Unknown) => Err(not_described(name)),
            (Matcher::Equal(Literal::Text(text)), Kind::Int | Kind::Uint)
                if !self.all.constants(ty).is_empty() =>
            {
                Err(self.no_constant(text, ty, name))
            }
            (
                _,
                Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Complex | Kind::String,
            ) => scalar(matcher, kind, name, *size),
            (_, Kind::Slice { element }) => self.list(matcher, *element, None, name),
            (_, Kind::Array { element, count }) => self.list(matcher, *element, Some(*count), name),
            (_, Kind::Map { key, value, .. }) => self.map(matcher, *key, *value, name),
            (_, Kind::Struct { fields }) => self.structure(matcher, ty, fields, name),
            (Matcher::Equal(Literal::Text(_)), Kind::Func)
            | (Matcher::Length(_), Kind::Channel { .. }) => Ok(()),
            (_, Kind::Func) => Err(misfit(
                matcher,
                name,
                "it takes `nil` or the function's name",
            )),
            (_, Kind::Channel { .. }) => Err(misfit(matcher, name, "it takes `nil` or `len`")),
            (_, Kind::UnsafePointer) => Err(misfit(matcher, name, "it takes `nil`")),
        }
    }

    /// Whether a matcher applies to values that are shown as text; none if it asks for something else.
    fn spelled(
        self,
        matcher: &Matcher,
        spelling: Spelling,
        ty: TypeId,
        name: &str,
    ) -> Option<Result<(), Misfit>> {
        let example = spelling.example();
        Some(match matcher {
            Matcher::Text(_) => Ok(()),
            Matcher::Equal(Literal::Text(text))
                if spelling.read(text).is_some() || self.may_be_bytes(text, ty) =>
            {
                Ok(())
            }
            Matcher::Equal(Literal::Text(text)) => Err(Misfit::new(
                format!("{text:?} is not {}", article(name)),
                format!("write it as it is shown, for instance {example:?}"),
            )),
            Matcher::CompareTime(_, bound) => match spelling.read(example) {
                Some(meaning) if suits(&bound.time, &meaning) => Ok(()),
                Some(Meaning::Duration(_) | Meaning::Moment(..)) => Err(misfit(
                    matcher,
                    name,
                    &format!("compare it with a text as it is shown, for instance {example:?}"),
                )),
                _ => return None,
            },
            Matcher::Equal(Literal::Number(Number::Integer(_))) | Matcher::Compare(..)
                if self.all.name(ty) == "math/big.Int" =>
            {
                Ok(())
            }
            Matcher::Equal(_) | Matcher::Compare(..) | of_any!() | of_parts!() => return None,
        })
    }

    /// Why a text is not the name of a constant of a type that has some.
    fn no_constant(self, text: &str, ty: TypeId, name: &str) -> Misfit {
        let full = self.all.constants(ty).iter().map(|one| one.name.as_str());
        if constant_value(self.all, ty, text) == Err(NoConstant::Ambiguous) {
            let meant = full.filter(|full| full.ends_with(&format!(".{text}")));
            let listed: Vec<&str> = meant.collect();
            return Misfit::new(
                format!("several constants of {name} are named `{text}`"),
                format!("write one of {}", listed.join(", ")),
            );
        }
        let own: Vec<&str> = full.filter_map(|full| full.rsplit('.').next()).collect();
        Misfit::new(
            format!("`{text}` is no constant of {name}"),
            did_you_mean(text, own),
        )
    }

    /// Whether a text can be the bytes of an address or an identifier themselves.
    fn may_be_bytes(self, text: &str, ty: TypeId) -> bool {
        match self.all.kind(ty) {
            Some(Kind::Array { count, .. }) => text.len() as u64 == *count,
            Some(Kind::Slice { .. }) => matches!(text.len(), 0 | 4 | 16),
            _ => false,
        }
    }

    /// A type's name as it is shown.
    fn short(self, name: &str) -> String {
        short_name(name, self.all.packages())
    }

    fn is_named(self, full: &str, wanted: &str) -> bool {
        is_named(full, wanted, self.all.packages())
    }

    /// The type behind any number of pointers; none for pointers that lead to pointers without an end.
    fn behind(self, ty: TypeId) -> Option<TypeId> {
        let mut ty = ty;
        for _ in 0..MAX_POINTERS {
            match self.all.kind(ty) {
                Some(Kind::Pointer { target }) => ty = (*target)?,
                _ => return Some(ty),
            }
        }
        None
    }

    /// Whether an interface can hold a type of that name.
    pub(super) fn can_hold(self, wanted: &str, interface: &str) -> Result<(), Misfit> {
        let names = || self.dynamic.iter().map(|ty| self.all.name(*ty));
        if self.dynamic.is_empty() || names().any(|name| self.is_named(name, wanted)) {
            return Ok(());
        }
        let interface = self.short(interface);
        if let Some(other) = self.interface(wanted) {
            return Err(Misfit::new(
                format!("{other} is an interface, but {interface} holds concrete types"),
                "name the type of the value itself".to_owned(),
            ));
        }
        let last = |name: &str| name.rsplit(['.', '*', ']']).next().map(str::to_lowercase);
        let short: Vec<String> = names().map(|name| self.short(name)).collect();
        let mut alike: Vec<&str> = short
            .iter()
            .map(String::as_str)
            .filter(|name| last(name) == last(wanted))
            .collect();
        alike.sort_unstable();
        alike.dedup();
        let near = || nearest(wanted, short.iter().map(String::as_str));
        let help = match alike.as_slice() {
            [] => near().map(|near| format!("did you mean `{near}`?")),
            [only] => Some(format!("did you mean `{only}`?")),
            _ => Some(format!("there are {}", alike.join(", "))),
        };
        Err(Misfit::new(
            format!(
                "{interface} can't hold `{wanted}`: the program puts no such type into interfaces"
            ),
            help,
        ))
    }

    /// The full name of the interface that a name means.
    fn interface(self, wanted: &str) -> Option<String> {
        let all = 0..u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let mut types = all.filter_map(|id| self.all.get(TypeId(id)));
        types
            .find(|ty| matches!(ty.kind, Kind::Interface { .. }) && self.is_named(&ty.name, wanted))
            .map(|ty| self.short(&ty.name))
    }

    fn list(
        self,
        matcher: &Matcher,
        element: TypeId,
        count: Option<u64>,
        name: &str,
    ) -> Result<(), Misfit> {
        match matcher {
            Matcher::Length(_) => Ok(()),
            Matcher::List(wanted) if count.is_some_and(|count| count != wanted.len() as u64) => {
                Err(Misfit::new(
                    format!("{} never has {} elements", article(name), wanted.len()),
                    None,
                ))
            }
            Matcher::List(wanted) => wanted.iter().try_for_each(|part| self.fit(part, element)),
            Matcher::Has(wanted) | Matcher::Each(wanted) => self.fit(wanted, element),
            Matcher::Equal(Literal::Text(_)) | Matcher::Text(_) if is_byte(self.all, element) => {
                Ok(())
            }
            Matcher::Equal(_) | Matcher::Fields(_) | Matcher::Text(_) | of_any!() | of_order!() => {
                let takes = match is_byte(self.all, element) {
                    true => "it takes a string, `contains`, `matches`, `len`, or a list of numbers",
                    false => "it takes a list, `has`, `each` or `len`",
                };
                Err(misfit(matcher, name, takes))
            }
        }
    }

    fn map(self, matcher: &Matcher, key: TypeId, value: TypeId, name: &str) -> Result<(), Misfit> {
        match matcher {
            Matcher::Length(_) => Ok(()),
            Matcher::Has(wanted) | Matcher::Each(wanted) => self.fit(wanted, value),
            Matcher::Fields(wanted) => match self.all.kind(key) {
                Some(Kind::String | Kind::Interface { .. }) => wanted
                    .iter()
                    .try_for_each(|(_, part)| self.fit(part, value)),
                _ => Err(misfit(
                    matcher,
                    name,
                    "its keys are not strings: ask for a value by its path, as `m[3]`",
                )),
            },
            Matcher::Equal(_) | Matcher::List(_) | of_any!() | Matcher::Text(_) | of_order!() => {
                let takes = "it takes `has`, `each`, `len`, or the values under its keys";
                Err(misfit(matcher, name, takes))
            }
        }
    }

    fn structure(
        self,
        matcher: &Matcher,
        ty: TypeId,
        fields: &[Field],
        name: &str,
    ) -> Result<(), Misfit> {
        let held = fields.iter().find(|field| field.name == "v");
        if let (Some(own), Some(held)) = (atomic(self.all.name(ty)), held)
            && matches!(matcher, Matcher::Equal(_) | Matcher::Compare(..))
        {
            return match (own, matcher) {
                ("Bool", Matcher::Equal(Literal::Bool(_))) => Ok(()),
                ("Bool", _) => Err(misfit(matcher, name, "it is `true` or `false`")),
                _ => self.fit(matcher, held.ty),
            };
        }
        let Matcher::Fields(wanted) = matcher else {
            return Err(misfit(
                matcher,
                name,
                &format!("ask for its fields by their paths: {}", self.listed(fields)),
            ));
        };
        wanted.iter().try_for_each(|(field, part)| {
            let way = selector(self.all, ty, field).map_err(|reason| match reason {
                NoField::Unknown => Misfit::new(
                    format!("{name} has no field `{field}`"),
                    self.known_fields(field, fields),
                ),
                NoField::Ambiguous => Misfit::new(
                    format!("several embedded structs of {name} have `{field}`"),
                    None,
                ),
            })?;
            match self.at(ty, &way) {
                Some(field) => self.fit(part, field),
                None => Err(not_described(name)),
            }
        })
    }

    /// The type of the field at the end of a selector's way.
    fn at(self, ty: TypeId, way: &[usize]) -> Option<TypeId> {
        way.iter().try_fold(ty, |ty, index| {
            let kind = |ty| self.all.kind(ty);
            let target = match kind(ty)? {
                Kind::Pointer { target } => kind((*target)?)?,
                kind => kind,
            };
            match target {
                Kind::Struct { fields } => fields.get(*index).map(|field| field.ty),
                _ => None,
            }
        })
    }

    fn known_fields(self, wanted: &str, fields: &[Field]) -> Option<String> {
        if fields.is_empty() {
            return Some("it has no fields".to_owned());
        }
        let listed = self.listed(fields);
        Some(
            match nearest(wanted, fields.iter().map(|f| f.name.as_str())) {
                Some(near) => format!("did you mean `{near}`? Its fields: {listed}"),
                None => format!("its fields: {listed}"),
            },
        )
    }

    fn listed(self, fields: &[Field]) -> String {
        let named = fields.iter().filter(|field| field.name != "_");
        let listed: Vec<String> = named
            .map(|field| format!("{} {}", field.name, self.short(self.all.name(field.ty))))
            .collect();
        listed.join(", ")
    }
}

fn scalar(matcher: &Matcher, kind: &Kind, name: &str, size: u64) -> Result<(), Misfit> {
    let help = match (kind, matcher) {
        (Kind::Bool, Matcher::Equal(Literal::Bool(_)))
        | (
            Kind::String,
            Matcher::Equal(Literal::Text(_)) | Matcher::Text(_) | Matcher::Length(_),
        )
        | (Kind::Float, Matcher::Equal(Literal::Number(_)) | Matcher::Compare(..))
        | (Kind::Complex, Matcher::Equal(Literal::Number(_))) => return Ok(()),
        (Kind::Int | Kind::Uint, Matcher::Equal(Literal::Number(Number::Integer(wanted)))) => {
            return in_range(*wanted, kind, name, size);
        }
        (Kind::Int | Kind::Uint, Matcher::Compare(_, Number::Integer(_))) => return Ok(()),
        (Kind::Int | Kind::Uint, Matcher::Compare(_, Number::Float(bound))) if !bound.is_nan() => {
            return Ok(());
        }
        (Kind::Float, Matcher::Equal(Literal::Text(text))) if is_special(text) => return Ok(()),
        (Kind::Complex, Matcher::Equal(Literal::Text(text))) if complex(text).is_some() => {
            return Ok(());
        }
        (Kind::Bool, _) => "it is `true` or `false`",
        (Kind::Int | Kind::Uint, _) => {
            "it takes an integer, or `lt`, `le`, `gt`, `ge` with a number"
        }
        (Kind::Float, _) => {
            "it takes a number, \"NaN\", \"+Inf\", \"-Inf\", or `lt`, `le`, `gt`, `ge`"
        }
        (Kind::Complex, _) => "it takes a text such as \"(1+2i)\"",
        _ => "it takes a string, `contains`, `matches` or `len`",
    };
    Err(misfit(matcher, name, help))
}

/// Whether an integer type has that number.
fn in_range(wanted: i128, kind: &Kind, name: &str, size: u64) -> Result<(), Misfit> {
    let bits = u32::try_from(size.clamp(1, 8) * 8).unwrap_or(64);
    let (least, most) = match kind {
        Kind::Uint => (0, (1_i128 << bits) - 1),
        _ => (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1),
    };
    if (least..=most).contains(&wanted) {
        return Ok(());
    }
    Err(Misfit::new(
        format!("{wanted} is out of range for {name}"),
        format!("its range is {least} to {most}"),
    ))
}

fn misfit(matcher: &Matcher, name: &str, help: &str) -> Misfit {
    let message = format!("{} does not apply to {name}", described(matcher));
    Misfit::new(message, help.to_owned())
}

fn not_described(name: &str) -> Misfit {
    Misfit::new(
        format!("the binary does not describe {name}, so it is never read"),
        "{ any = true } holds for every value".to_owned(),
    )
}

/// A type's name behind the article that it needs.
fn article(name: &str) -> String {
    let is_vowel = name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']);
    let article = if is_vowel { "an" } else { "a" };
    format!("{article} {name}")
}

fn described(matcher: &Matcher) -> String {
    let words = match matcher {
        Matcher::Any => "`any`",
        Matcher::Equal(Literal::Bool(_)) => "a bool",
        Matcher::Equal(Literal::Number(Number::Integer(_))) => "an integer",
        Matcher::Equal(Literal::Number(Number::Float(_))) => "a float",
        Matcher::Equal(Literal::Text(_)) => "a string",
        Matcher::Text(text) => return format!("`{}`", text.parts().0),
        Matcher::Compare(..) => "a comparison",
        Matcher::CompareTime(_, TimeText { time, .. }) => match time {
            TimeBound::Duration(_) => "a duration",
            TimeBound::Moment(_) => "a time",
        },
        Matcher::All(_) => "that",
        Matcher::Nil(_) => "`nil`",
        Matcher::Length(_) => "`len`",
        Matcher::Type(_) => "`type`",
        Matcher::List(_) => "a list",
        Matcher::Has(_) => "`has`",
        Matcher::Each(_) => "`each`",
        Matcher::Fields(_) => "a table of fields",
    };
    words.to_owned()
}
