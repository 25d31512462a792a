//! What a path means for the types that it meets: which fields, elements, entries and dynamic types lead on.
//!
//! The rules are those of Go's selectors and index expressions (the language specification, "Selectors", "Index
//! expressions", "Type assertions"), but through any number of pointers.

use std::{collections::BTreeSet, fmt};

use super::RedactedType;
use crate::{
    Field, Kind, PackageNames, PickKey, PickStep, Segment, Type, TypeId, TypeTable,
    notation::short_name,
};

/// The types that a path can meet.
#[derive(Clone, Copy, Debug)]
pub struct PathTypes<'a> {
    /// All types.
    pub types: &'a TypeTable,
    /// Those that an interface can hold.
    pub dynamic: &'a [TypeId],
    /// Those that are not to be seen.
    pub redacted: &'a [RedactedType],
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The steps from the value that the path begins with.
    pub steps: Vec<PickStep>,
    /// The type of the value that they lead to.
    pub ty: TypeId,
}

/// A path that the types do not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// Index of the segment that does not lead on.
    pub at: usize,
    /// Why.
    pub reason: PathProblem,
    /// The type that the segment meets, as it is shown.
    pub ty: String,
    /// What is known there, each as a person may write it: the fields with their types, the types that are meant or
    /// possible.
    pub known: Vec<String>,
}

/// Why a segment does not lead on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// The struct has no such field; its fields are known.
    NoField,
    /// Several embedded structs have such a field at the same depth; these are known.
    AmbiguousField,
    /// The value is an interface: what it holds needs an assertion. The types that it can hold are known where
    /// they are few.
    NeedsAssertion,
    /// An assertion on what is no interface.
    NotAnInterface,
    /// No interface can hold a type of that name; types of the same last name are known.
    NoSuchType,
    /// Several types have that name; these are known.
    AmbiguousType,
    /// A name on a value that has no fields and no keys.
    NoNames,
    /// An index on a value that has no elements.
    NoElements,
    /// An index below zero.
    Negative,
    /// An index behind the end of an array of that length.
    PastTheEnd(u64),
    /// A key on what is no map.
    NotAMap,
    /// The map's keys are not of that kind; the keys' type is known.
    OtherKeys,
    /// What a call leaves behind a parameter is asked for, but it is no pointer, slice, map or interface.
    NotAReference,
    /// The binary says too little of the type.
    UnknownType,
    /// The value there is redacted, with that label.
    Redacted(String),
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ty = &self.ty;
        match &self.reason {
            PathProblem::NoField => write!(f, "{ty} has no such field"),
            PathProblem::AmbiguousField => write!(f, "several embedded structs of {ty} have it"),
            PathProblem::NeedsAssertion => {
                write!(
                    f,
                    "{ty} is an interface: name the type that it holds, as `.(T)`"
                )
            }
            PathProblem::NotAnInterface => write!(f, "{ty} is not an interface"),
            PathProblem::NoSuchType => write!(f, "{ty} can't hold such a type in this program"),
            PathProblem::AmbiguousType => f.write_str("several types have this name"),
            PathProblem::NoNames => write!(f, "{ty} has no fields"),
            PathProblem::NoElements => write!(f, "{ty} has no elements"),
            PathProblem::Negative => f.write_str("an index can't be negative"),
            PathProblem::PastTheEnd(count) => write!(f, "{ty} has {count} elements"),
            PathProblem::NotAMap => write!(f, "{ty} is not a map"),
            PathProblem::OtherKeys => write!(f, "the keys of {ty} have another type"),
            PathProblem::NotAReference => {
                write!(f, "{ty} is passed by value, so the caller sees no change")
            }
            PathProblem::UnknownType => write!(f, "the binary does not describe {ty}"),
            PathProblem::Redacted(label) => write!(f, "it is redacted as {label}"),
        }
    }
}

impl std::error::Error for PathError {}

/// Finds what segments mean from a value of type `root` on.
///
/// # Errors
/// The types do not have it, or it is redacted.
pub fn resolve(
    known: &PathTypes<'_>,
    root: TypeId,
    segments: &[Segment],
) -> Result<Resolved, PathError> {
    let mut walk = Walk {
        known,
        steps: Vec::new(),
        ty: root,
        at: 0,
    };
    for (at, segment) in segments.iter().enumerate() {
        walk.at = at;
        walk.not_redacted()?;
        match segment {
            Segment::Name(name) => walk.name(name)?,
            Segment::Index(index) => walk.index(*index)?,
            Segment::Key(key) => walk.key(key)?,
            Segment::Assert(name) => walk.assert(name)?,
        }
    }
    walk.not_redacted()?;
    Ok(Resolved {
        steps: walk.steps,
        ty: walk.ty,
    })
}

/// The same from a parameter's value at its call's entry, where what it leads to at the return is meant.
///
/// # Errors
/// The types do not have it, it is redacted, or the parameter does not lead to anything.
pub fn resolve_out(
    known: &PathTypes<'_>,
    root: TypeId,
    segments: &[Segment],
) -> Result<Resolved, PathError> {
    let resolved = resolve(known, root, segments)?;
    match known.types.kind(root) {
        Some(
            Kind::Pointer { .. } | Kind::Slice { .. } | Kind::Map { .. } | Kind::Interface { .. },
        ) => Ok(resolved),
        _ => Err(PathError {
            at: 0,
            reason: PathProblem::NotAReference,
            ty: short_name(known.types.name(root), known.types.packages()),
            known: Vec::new(),
        }),
    }
}

struct Walk<'a> {
    known: &'a PathTypes<'a>,
    steps: Vec<PickStep>,
    ty: TypeId,
    at: usize,
}

impl<'a> Walk<'a> {
    fn error(&self, reason: PathProblem, known: Vec<String>) -> PathError {
        PathError {
            at: self.at,
            reason,
            ty: self.short(self.ty),
            known,
        }
    }

    fn refuse<T>(&self, reason: PathProblem) -> Result<T, PathError> {
        Err(self.error(reason, Vec::new()))
    }

    fn not_redacted(&self) -> Result<(), PathError> {
        let redacted = self.known.redacted.iter();
        match redacted.clone().find(|redacted| redacted.ty == self.ty) {
            Some(redacted) => self.refuse(PathProblem::Redacted(redacted.label.clone())),
            None => Ok(()),
        }
    }

    fn go(&mut self, step: PickStep, ty: TypeId) -> Result<(), PathError> {
        self.steps.push(step);
        self.ty = ty;
        self.not_redacted()
    }

    fn current(&self) -> Result<&'a Type, PathError> {
        match self.known.types.get(self.ty) {
            Some(ty) if ty.kind != Kind::Unknown => Ok(ty),
            _ => self.refuse(PathProblem::UnknownType),
        }
    }

    /// Goes through pointers to what they point to in the end.
    fn through_pointers(&mut self) -> Result<&'a Type, PathError> {
        let mut met = BTreeSet::new();
        loop {
            let ty = self.current()?;
            match ty.kind {
                Kind::Pointer {
                    target: Some(target),
                } if met.insert(self.ty) => self.go(PickStep::Target, target)?,
                Kind::Pointer { .. } => return self.refuse(PathProblem::UnknownType),
                _ => return Ok(ty),
            }
        }
    }

    fn name(&mut self, name: &str) -> Result<(), PathError> {
        let ty = self.through_pointers()?;
        match &ty.kind {
            Kind::Struct { fields } => self.field(fields, name),
            Kind::Map { .. } => self.key(name),
            Kind::Interface { .. } => self.needs_assertion(),
            _ => self.refuse(PathProblem::NoNames),
        }
    }

    fn needs_assertion(&self) -> Result<(), PathError> {
        const FEW: usize = 12;
        let dynamic = self.known.dynamic;
        let mut known = match dynamic.len() {
            0..=FEW => self.short_names(dynamic),
            _ => Vec::new(),
        };
        known.sort();
        Err(self.error(PathProblem::NeedsAssertion, known))
    }

    fn short_names(&self, types: &[TypeId]) -> Vec<String> {
        types.iter().map(|ty| self.short(*ty)).collect()
    }

    /// A type's name as it is shown.
    fn short(&self, ty: TypeId) -> String {
        let types = self.known.types;
        short_name(types.name(ty), types.packages())
    }

    fn field(&mut self, fields: &[Field], name: &str) -> Result<(), PathError> {
        if name == "_" {
            return Err(self.error(PathProblem::NoField, self.fields(fields)));
        }
        let mut found = self.promoted(name);
        match (found.pop(), found.is_empty()) {
            (Some(steps), true) => steps
                .into_iter()
                .try_for_each(|(step, ty)| self.go(step, ty)),
            (Some(last), false) => {
                found.push(last);
                let known = found.iter().map(|steps| self.spelled(steps)).collect();
                Err(self.error(PathProblem::AmbiguousField, known))
            }
            (None, _) => Err(self.error(PathProblem::NoField, self.fields(fields))),
        }
    }

    /// The ways to fields of that name at the smallest depth that has any.
    fn promoted(&self, name: &str) -> Vec<Vec<(PickStep, TypeId)>> {
        let mut met = BTreeSet::from([self.ty]);
        let mut level = vec![(self.ty, Vec::new())];
        while !level.is_empty() {
            let mut found = Vec::new();
            let mut deeper = Vec::new();
            for (ty, way) in level {
                let Some(Kind::Struct { fields }) = self.kind(ty) else {
                    continue;
                };
                for (field, index) in fields.iter().zip(0..) {
                    let mut way: Vec<_> = way.clone();
                    way.push((PickStep::Field(index), field.ty));
                    if field.name == name {
                        found.push(way);
                    } else if field.embedded && met.insert(field.ty) {
                        deeper.push(self.embedded(field.ty, way));
                    }
                }
            }
            if !found.is_empty() {
                return found;
            }
            level = deeper;
        }
        Vec::new()
    }

    /// An embedded field is a struct or a pointer to one.
    fn embedded(
        &self,
        ty: TypeId,
        mut way: Vec<(PickStep, TypeId)>,
    ) -> (TypeId, Vec<(PickStep, TypeId)>) {
        match self.kind(ty) {
            Some(Kind::Pointer {
                target: Some(target),
            }) => {
                way.push((PickStep::Target, *target));
                (*target, way)
            }
            _ => (ty, way),
        }
    }

    fn kind(&self, ty: TypeId) -> Option<&'a Kind> {
        self.known.types.kind(ty)
    }

    /// The fields with their types, as `Name string`.
    fn fields(&self, fields: &[Field]) -> Vec<String> {
        let named = fields.iter().filter(|field| field.name != "_");
        named
            .map(|field| {
                let ty = self.short(field.ty);
                format!("{} {ty}", field.name)
            })
            .collect()
    }

    /// A way to a field, as `Inner.Name`.
    fn spelled(&self, way: &[(PickStep, TypeId)]) -> String {
        let mut ty = self.ty;
        let mut names = Vec::new();
        for (step, next) in way {
            if let (PickStep::Field(index), Some(Kind::Struct { fields })) = (step, self.kind(ty)) {
                let field = fields.get(*index as usize);
                names.extend(field.map(|field| field.name.as_str()));
            }
            ty = *next;
        }
        names.join(".")
    }

    fn index(&mut self, index: i128) -> Result<(), PathError> {
        let ty = self.through_pointers()?;
        let (element, count) = match &ty.kind {
            Kind::Slice { element } => (*element, None),
            Kind::Array { element, count } => (*element, Some(*count)),
            Kind::Map { key, value, .. } => {
                return match self.kind(*key) {
                    Some(Kind::Int | Kind::Uint) => {
                        self.go(PickStep::Entry(PickKey::Integer(index)), *value)
                    }
                    _ => self.other_keys(*key),
                };
            }
            Kind::Interface { .. } => return self.needs_assertion(),
            _ => return self.refuse(PathProblem::NoElements),
        };
        if index < 0 {
            return self.refuse(PathProblem::Negative);
        }
        match (u64::try_from(index), count) {
            (Ok(index), Some(count)) if index >= count => {
                self.refuse(PathProblem::PastTheEnd(count))
            }
            (Ok(index), _) => self.go(PickStep::Element(index), element),
            (Err(_), count) => self.refuse(PathProblem::PastTheEnd(count.unwrap_or(u64::MAX))),
        }
    }

    fn key(&mut self, key: &str) -> Result<(), PathError> {
        let ty = self.through_pointers()?;
        let (keys, value) = match &ty.kind {
            Kind::Map { key, value, .. } => (*key, *value),
            Kind::Interface { .. } => return self.needs_assertion(),
            _ => return self.refuse(PathProblem::NotAMap),
        };
        let key = match (self.kind(keys), key) {
            (Some(Kind::String), key) => PickKey::Text(key.to_owned()),
            (Some(Kind::Bool), "true") => PickKey::Bool(true),
            (Some(Kind::Bool), "false") => PickKey::Bool(false),
            _ => return self.other_keys(keys),
        };
        self.go(PickStep::Entry(key), value)
    }

    fn other_keys(&self, keys: TypeId) -> Result<(), PathError> {
        let keys = self.short(keys);
        Err(self.error(PathProblem::OtherKeys, vec![keys]))
    }

    /// An assertion is on an interface; a pointer to one is gone through.
    fn assert(&mut self, name: &str) -> Result<(), PathError> {
        let ty = self.through_pointers_to_interface()?;
        if !matches!(ty.kind, Kind::Interface { .. }) {
            return self.refuse(PathProblem::NotAnInterface);
        }
        let types = self.known.types;
        let by_path = |full: &str| short_name(full, &PackageNames::default());
        let called = |matches: &dyn Fn(&str) -> bool| -> Vec<TypeId> {
            let dynamic = self.known.dynamic.iter().copied();
            dynamic.filter(|ty| matches(types.name(*ty))).collect()
        };
        let mut meant = called(&|full| full == name);
        if meant.is_empty() {
            meant = called(&|full| short_name(full, types.packages()) == name);
        }
        if meant.is_empty() {
            meant = called(&|full| by_path(full) == name);
        }
        match meant[..] {
            [ty] => self.go(PickStep::Dynamic(ty), ty),
            [] => {
                let last = |name: &str| name.rsplit(['.', '*', ']']).next().map(str::to_lowercase);
                let wanted = last(name);
                let mut alike = self.short_names(&called(&|full| last(full) == wanted));
                alike.sort();
                alike.dedup();
                Err(self.error(PathProblem::NoSuchType, alike))
            }
            _ => {
                let mut known: Vec<_> = meant.iter().map(|ty| types.name(*ty).into()).collect();
                known.sort();
                Err(self.error(PathProblem::AmbiguousType, known))
            }
        }
    }

    fn through_pointers_to_interface(&mut self) -> Result<&'a Type, PathError> {
        let (ty, steps) = (self.ty, self.steps.len());
        let reached = self.through_pointers()?;
        if !matches!(reached.kind, Kind::Interface { .. }) {
            self.ty = ty;
            self.steps.truncate(steps);
            return self.current();
        }
        Ok(reached)
    }
}
