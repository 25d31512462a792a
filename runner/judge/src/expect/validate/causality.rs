//! Whether the values of hand-offs and flows, and what identifies a server's clients, are there and can be compared.

use model::{Function, Kind, Path, Root, TypeId, notation::short_type};
use spec::{
    Source, Spanned, SpecError,
    document::{CallPart, Flow, HandOff, Server},
};

use super::{
    fit::Types,
    value::{Signature, resolved},
};

/// How many types within types are looked at.
const MAX_DEPTH: u32 = 32;

/// The program that a spec is about.
#[derive(Clone, Copy)]
pub(super) struct Program<'a> {
    pub(super) source: &'a Source,
    pub(super) types: Types<'a>,
    /// The functions behind a name of the spec.
    pub(super) behind: &'a dyn Fn(&str) -> Vec<&'a Function>,
}

impl Program<'_> {
    /// What is wrong with a hand-off.
    pub(super) fn hand_off(self, hand_off: &HandOff) -> Vec<SpecError> {
        let (mut errors, mut sides) = (Vec::new(), Vec::new());
        for part in [&hand_off.from, &hand_off.to] {
            let path = Spanned::new(part.path.clone(), part.span.clone());
            match self.types_at(&part.label.value, &path) {
                Ok(types) => sides.push((part, types)),
                Err(wrong) => errors.extend(wrong),
            }
        }
        for (part, types) in &sides {
            let incomparable = types
                .iter()
                .find_map(|ty| self.incomparable(*ty, MAX_DEPTH));
            errors.extend(incomparable.map(|ty| {
                let message = format!("`{part}` can't be compared");
                SpecError::at(part.span.clone(), message)
                    .label(format!("{} has nothing to compare", short_type(ty, self.types.all)))
                    .help("pointers, strings, numbers, bools, and structs and arrays of these can carry a hand-off")
            }));
        }
        if let ([(from, given), (to, taken)], true) = (sides.as_slice(), errors.is_empty()) {
            let help =
                "both sides of a hand-off name the same pointer, or values that can be equal";
            errors.extend(self.never_equal((from, given), (to, taken), help));
        }
        errors
    }

    /// What is wrong with a flow.
    pub(super) fn flow(self, flow: &Flow) -> Vec<SpecError> {
        let (mut errors, mut before) = (Vec::new(), None);
        for part in &flow.parts {
            let path = Spanned::new(part.path.clone(), part.span.clone());
            let types = match self.types_at(&part.label.value, &path) {
                Ok(types) => types,
                Err(wrong) => {
                    errors.extend(wrong);
                    before = None;
                    continue;
                }
            };
            errors.extend(self.is_channel(part, &types));
            if let Some((from, given)) = before.replace((part, types.clone())) {
                let help = "a flow leads through the same pointer, or values that can be equal; \
                            ask for a part of one by its path";
                errors.extend(self.never_equal((from, &given), (part, &types), help));
            }
        }
        errors
    }

    /// That nothing but channels is there: only their sizes are read.
    fn is_channel(self, part: &CallPart, types: &[TypeId]) -> Option<SpecError> {
        let kind = |ty: &TypeId| self.types.all.kind(*ty);
        let is_channel = |ty: &TypeId| matches!(kind(ty), Some(Kind::Channel { .. }));
        let first = types.first().filter(|_| types.iter().all(is_channel))?;
        let message = format!("`{part}` can't be compared");
        let name = short_type(*first, self.types.all);
        Some(
            SpecError::at(part.span.clone(), message)
                .label(format!("{name} has nothing to compare"))
                .help("only the length and the capacity of a channel are read"),
        )
    }

    /// That no value of the one part can be equal to one of the other. Where the types of either are not known, nothing is
    /// said.
    fn never_equal(
        self,
        (from, given): (&CallPart, &[TypeId]),
        (to, taken): (&CallPart, &[TypeId]),
        help: &str,
    ) -> Option<SpecError> {
        let name = |ty: &TypeId| short_type(*ty, self.types.all);
        let (first_given, first_taken) = (name(given.first()?), name(taken.first()?));
        let may_be_equal = |given: &TypeId| {
            let mut taken = taken.iter();
            taken.any(|taken| self.may_be_equal(*given, *taken, MAX_DEPTH))
        };
        if given.iter().any(may_be_equal) {
            return None;
        }
        let message = format!("`{to}` can never equal `{from}`");
        Some(
            SpecError::at(to.span.clone(), message)
                .label(first_taken)
                .related(from.span.clone(), first_given)
                .help(help),
        )
    }

    /// What is wrong with a server's key.
    pub(super) fn server(self, server: &Server) -> Vec<SpecError> {
        let Some(key) = &server.key else {
            return Vec::new();
        };
        if !matches!(key.value.root, Root::Argument(_)) {
            let message = "a client is identified by an argument";
            return vec![SpecError::at(key.span.clone(), message).label("not an argument")];
        }
        let types = match self.types_at(&server.entry.value, key) {
            Ok(types) => types,
            Err(errors) => return errors,
        };
        let identifies = |ty: &TypeId| self.identifies_client(*ty);
        let other = types.iter().find(|ty| !identifies(ty));
        let other = other.map(|ty| {
            let message = format!("`{}` does not identify a client", key.value);
            SpecError::at(key.span.clone(), message)
                .label(short_type(*ty, self.types.all))
                .help("use a string `host:port`, or the port as a number")
        });
        other.into_iter().collect()
    }

    fn identifies_client(self, ty: TypeId) -> bool {
        match self.types.all.kind(ty) {
            Some(Kind::String | Kind::Int | Kind::Uint | Kind::Interface { .. }) => true,
            Some(Kind::Pointer {
                target: Some(target),
            }) => matches!(
                self.types.all.kind(*target),
                Some(Kind::String | Kind::Int | Kind::Uint)
            ),
            _ => false,
        }
    }

    /// The types that a path leads to in the functions of a name. Of a generic function's instances, those that have it.
    fn types_at(self, label: &str, path: &Spanned<Path>) -> Result<Vec<TypeId>, Vec<SpecError>> {
        let (mut types, mut errors) = (Vec::new(), Vec::new());
        for function in (self.behind)(label) {
            let all = Signature::all(function).into_iter();
            let (known, wrong): (Vec<_>, Vec<_>) = all
                .map(|signature| resolved(self.source, self.types, signature, path))
                .partition(Result::is_ok);
            if known.is_empty() {
                let first = wrong.into_iter().find_map(Result::err);
                errors.extend(first.map(|error| *error));
            }
            types.extend(known.into_iter().flatten());
        }
        if !errors.is_empty() {
            errors.dedup();
            return Err(errors);
        }
        Ok(types)
    }

    /// A type in a value of this one that can't be compared, if there is one.
    fn incomparable(self, ty: TypeId, deepest: u32) -> Option<TypeId> {
        let deeper = deepest.checked_sub(1)?;
        match self.types.all.kind(ty)? {
            Kind::Slice { .. }
            | Kind::Map { .. }
            | Kind::Func
            | Kind::Channel { .. }
            | Kind::Unknown => Some(ty),
            Kind::Array { element, .. } => self.incomparable(*element, deeper),
            Kind::Struct { fields } => {
                let mut fields = fields.iter();
                fields.find_map(|field| self.incomparable(field.ty, deeper))
            }
            Kind::Bool
            | Kind::Int
            | Kind::Uint
            | Kind::Float
            | Kind::Complex
            | Kind::String
            | Kind::Pointer { .. }
            | Kind::UnsafePointer
            | Kind::Interface { .. } => None,
        }
    }

    /// Whether a value of one type can be equal to one of another, as hand-offs and flows compare them.
    fn may_be_equal(self, one: TypeId, other: TypeId, deepest: u32) -> bool {
        let types = self.types.all;
        let (Some(left), Some(right)) = (types.get(one), types.get(other)) else {
            return true;
        };
        let Some(deeper) = deepest.checked_sub(1) else {
            return true;
        };
        match (&left.kind, &right.kind) {
            (Kind::Interface { .. } | Kind::Unknown, _)
            | (_, Kind::Interface { .. } | Kind::Unknown)
            | (Kind::Int | Kind::Uint, Kind::Int | Kind::Uint)
            | (Kind::Float, Kind::Float)
            | (Kind::Complex, Kind::Complex)
            | (Kind::Bool, Kind::Bool)
            | (Kind::Func, Kind::Func)
            | (Kind::String, Kind::String)
            | (Kind::UnsafePointer, Kind::UnsafePointer | Kind::Pointer { .. })
            | (Kind::Pointer { .. }, Kind::UnsafePointer) => true,
            // A pointer to a struct is one to its first field too.
            (Kind::Pointer { target: one }, Kind::Pointer { target: other }) => {
                match (one, other) {
                    (Some(one), Some(other)) => {
                        self.begins_with(*one, *other, deeper)
                            || self.begins_with(*other, *one, deeper)
                    }
                    _ => true,
                }
            }
            (
                Kind::Array {
                    element: one,
                    count,
                },
                Kind::Array {
                    element: other,
                    count: others,
                },
            ) => count == others && self.may_be_equal(*one, *other, deeper),
            (Kind::Slice { element: one }, Kind::Slice { element: other }) => {
                self.may_be_equal(*one, *other, deeper)
            }
            (
                Kind::Map {
                    key: key_one,
                    value: one,
                    ..
                },
                Kind::Map {
                    key: key_other,
                    value: other,
                    ..
                },
            ) => {
                self.may_be_equal(*key_one, *key_other, deeper)
                    && self.may_be_equal(*one, *other, deeper)
            }
            (Kind::Struct { fields: one }, Kind::Struct { fields: other }) => {
                let mut pairs = one.iter().zip(other);
                one.len() == other.len()
                    && pairs.all(|(one, other)| self.may_be_equal(one.ty, other.ty, deeper))
            }
            _ => false,
        }
    }

    /// Whether a value of a type has one of another at its begin.
    fn begins_with(self, whole: TypeId, part: TypeId, deepest: u32) -> bool {
        let types = self.types.all;
        if whole == part || types.name(whole) == types.name(part) {
            return true;
        }
        let Some(deeper) = deepest.checked_sub(1) else {
            return true;
        };
        match types.kind(whole) {
            Some(Kind::Struct { fields }) => fields
                .iter()
                .filter(|field| field.offset == 0)
                .any(|field| self.begins_with(field.ty, part, deeper)),
            Some(Kind::Array { element, .. }) => self.begins_with(*element, part, deeper),
            _ => false,
        }
    }
}
