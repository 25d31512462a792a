//! What must not be seen, as types: a value whose type is on the list is never read.
//!
//! A type that a spec names is on the list itself. A field or a parameter that a spec names gets a copy of its type
//! for itself alone, and so do the values on the way to it.

use std::collections::{BTreeSet, HashMap};

use golang::names::SHAPE;
use model::plan::RedactedType;
use model::{Kind, PackageNames, Parameter, TypeId, TypeTable, notation::short_name};

use super::{Redact, RedactionError};

/// A function's parameters or results: of its body, and of each instance that shares it.
pub(super) struct Values<'a> {
    /// The names that the spec has for the function.
    pub(super) labels: Vec<&'a str>,
    /// Whether these are its results.
    pub(super) are_results: bool,
    /// The body's.
    pub(super) body: &'a mut [Parameter],
    /// The instances', in the same order.
    pub(super) instances: Vec<&'a mut Vec<Parameter>>,
}

/// Marks what is redacted in the types and the functions' values.
///
/// # Errors
/// The patterns that nothing matches.
pub(super) fn redact(
    types: &mut TypeTable,
    functions: &mut [Values<'_>],
    wanted: &[Redact],
) -> Result<Vec<RedactedType>, Vec<RedactionError>> {
    let mut redaction = Redaction {
        types,
        list: Vec::new(),
        copies: HashMap::new(),
        met: BTreeSet::new(),
        label: String::new(),
        matched: false,
    };
    let mut errors = Vec::new();
    for (index, redact) in wanted.iter().enumerate() {
        let (pattern, label) = match redact {
            Redact::Path { pattern, label } | Redact::Type { pattern, label } => (pattern, label),
        };
        redaction.begin(label);
        match redact {
            Redact::Type { .. } => redaction.of_name(pattern),
            Redact::Path { .. } => redaction.of_path(pattern, functions),
        }
        if !redaction.matched {
            errors.push(RedactionError {
                index,
                pattern: pattern.clone(),
            });
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let of_types = wanted.iter().find_map(|redact| match redact {
        Redact::Type { label, .. } => Some(label.clone()),
        Redact::Path { .. } => None,
    });
    for values in functions {
        redaction.level(values, of_types.as_deref());
    }
    Ok(redaction.list)
}

struct Redaction<'t> {
    types: &'t mut TypeTable,
    list: Vec<RedactedType>,
    /// By the type and the label, what replaces it where it is redacted.
    copies: HashMap<(TypeId, String), TypeId>,
    /// The types on the way of the path that is followed now, each with how many names are left.
    met: BTreeSet<(TypeId, usize)>,
    label: String,
    matched: bool,
}

impl Redaction<'_> {
    fn begin(&mut self, label: &str) {
        label.clone_into(&mut self.label);
        self.matched = false;
    }

    fn is_redacted(&self, ty: TypeId) -> bool {
        self.list.iter().any(|redacted| redacted.ty == ty)
    }

    /// Puts every type of that name on the list.
    fn of_name(&mut self, pattern: &str) {
        for ty in self.all() {
            let name = self.types.name(ty);
            let short = |packages| is_like(pattern, &short_name(name, packages));
            let own = self.types.packages();
            if is_like(pattern, name) || short(own) || short(&PackageNames::default()) {
                self.matched = true;
                self.put(ty);
            }
        }
    }

    fn put(&mut self, ty: TypeId) {
        if !self.is_redacted(ty) {
            self.list.push(RedactedType {
                ty,
                label: self.label.clone(),
            });
        }
    }

    fn all(&self) -> impl Iterator<Item = TypeId> + use<> {
        (0..u32::try_from(self.types.len()).unwrap_or(u32::MAX)).map(TypeId)
    }

    fn of_path(&mut self, pattern: &str, functions: &mut [Values<'_>]) {
        let names: Vec<&str> = pattern.split('.').collect();
        let names = match names[..] {
            ["*", _, ..] => {
                self.anywhere(&names[1..]);
                &names[1..]
            }
            _ => &names[..],
        };
        let Some((first, rest)) = names.split_first() else {
            return;
        };
        for values in functions {
            self.of_values(values, |parameter, _| is_like(first, &parameter.name), rest);
            self.of_function(values, first, rest);
        }
    }

    /// What names lead to that begin with the spec's name for a function: `insert.order.CreatedAt`, `insert.returns.0`.
    fn of_function(&mut self, values: &mut Values<'_>, label: &str, names: &[&str]) {
        if !values.labels.contains(&label) {
            return;
        }
        match names {
            ["returns", number, rest @ ..] if values.are_results => {
                let number: Option<usize> = number.parse().ok();
                self.of_values(values, |_, index| Some(index) == number, rest);
            }
            [first, rest @ ..] => {
                self.of_values(values, |parameter, _| is_like(first, &parameter.name), rest);
            }
            [] => {}
        }
    }

    /// Redacts what the names lead to from some of the values, of the body and of each instance.
    fn of_values(
        &mut self,
        values: &mut Values<'_>,
        is_meant: impl Fn(&Parameter, usize) -> bool,
        names: &[&str],
    ) {
        let body = values.body.iter_mut().enumerate();
        let of_instances = values.instances.iter_mut();
        let of_instances = of_instances.flat_map(|values| values.iter_mut().enumerate());
        for (index, parameter) in body.chain(of_instances) {
            if is_meant(parameter, index)
                && let Some(ty) = self.below(parameter.ty, names)
            {
                parameter.ty = ty;
            }
        }
    }

    /// Redacts what the names lead to from the fields of any struct.
    fn anywhere(&mut self, names: &[&str]) {
        let Some((first, rest)) = names.split_first() else {
            return;
        };
        for id in self.all() {
            let Some(mut ty) = self.types.get(id).cloned() else {
                continue;
            };
            if let Kind::Struct { fields } = &mut ty.kind {
                for field in fields.iter_mut().filter(|f| is_like(first, &f.name)) {
                    field.ty = self.below(field.ty, rest).unwrap_or(field.ty);
                }
                self.types.replace(id, ty);
            }
        }
    }

    /// The type that replaces another where what the names lead to is redacted; none if they lead to nothing.
    fn below(&mut self, ty: TypeId, names: &[&str]) -> Option<TypeId> {
        if self.is_redacted(ty) {
            self.matched = true;
            return Some(ty);
        }
        let Some((first, rest)) = names.split_first() else {
            self.matched = true;
            return Some(self.copy(ty));
        };
        if !self.met.insert((ty, names.len())) {
            return None;
        }
        let changed = self.changed(ty, first, rest, names);
        self.met.remove(&(ty, names.len()));
        changed
    }

    fn changed(
        &mut self,
        id: TypeId,
        first: &str,
        rest: &[&str],
        names: &[&str],
    ) -> Option<TypeId> {
        let mut ty = self.types.get(id)?.clone();
        match &mut ty.kind {
            Kind::Pointer {
                target: Some(inner),
            }
            | Kind::Slice { element: inner }
            | Kind::Array { element: inner, .. }
            | Kind::Map { value: inner, .. } => *inner = self.below(*inner, names)?,
            Kind::Struct { fields } => {
                let mut found = false;
                for field in fields {
                    let below = if is_like(first, &field.name) {
                        self.below(field.ty, rest)
                    } else if field.embedded {
                        self.below(field.ty, names)
                    } else {
                        None
                    };
                    if let Some(ty) = below {
                        field.ty = ty;
                        found = true;
                    }
                }
                if !found {
                    return None;
                }
            }
            _ => return None,
        }
        Some(self.types.push(ty))
    }

    /// A copy of a type that is on the list.
    fn copy(&mut self, ty: TypeId) -> TypeId {
        let key = (ty, self.label.clone());
        if let Some(copy) = self.copies.get(&key) {
            return *copy;
        }
        let copy = match self.types.get(ty).cloned() {
            Some(known) => self.types.push(known),
            None => ty,
        };
        self.put(copy);
        self.copies.insert(key, copy);
        copy
    }

    /// Where a part of a value is redacted in one of the instances that share a body, all of it is in all: the
    /// registers are the same, and which instance is called is known only afterwards. So is a value of a shape whose
    /// instances are not known, if any types are redacted. Where all of them have one type there is nothing to level.
    fn level(&mut self, values: &mut Values<'_>, of_types: Option<&str>) {
        for index in 0..values.body.len() {
            let of_instances = values
                .instances
                .iter()
                .filter_map(|values| values.get(index));
            let ids: Vec<_> = of_instances.map(|parameter| parameter.ty).collect();
            let Some(body) = values.body.get_mut(index) else {
                continue;
            };
            if !ids.is_empty() && ids.iter().all(|ty| *ty == body.ty) {
                continue;
            }
            let shape = self.types.name(body.ty).contains(SHAPE);
            let label = match of_types {
                Some(label) if ids.is_empty() && shape => Some(label.to_owned()),
                _ => ids.iter().find_map(|ty| self.label_within(*ty)),
            };
            let Some(label) = label else {
                continue;
            };
            self.begin(&label);
            body.ty = self.copy(body.ty);
            for values in &mut values.instances {
                if let Some(parameter) = values.get_mut(index) {
                    parameter.ty = self.copy(parameter.ty);
                }
            }
        }
    }

    /// The label of what is redacted in a value of a type, or of what it leads to without an interface.
    fn label_within(&self, ty: TypeId) -> Option<String> {
        let mut met = BTreeSet::from([ty]);
        let mut pending = vec![ty];
        while let Some(ty) = pending.pop() {
            if let Some(redacted) = self.list.iter().find(|redacted| redacted.ty == ty) {
                return Some(redacted.label.clone());
            }
            if let Some(ty) = self.types.get(ty) {
                pending.extend(parts(&ty.kind).filter(|part| met.insert(*part)));
            }
        }
        None
    }
}

/// The types that a type is made of or leads to.
pub(super) fn parts(kind: &Kind) -> impl Iterator<Item = TypeId> + '_ {
    let (types, fields) = match kind {
        Kind::Slice { element } | Kind::Array { element, .. } | Kind::Channel { element } => {
            ([Some(*element), None], &[][..])
        }
        Kind::Struct { fields } => ([None; 2], &fields[..]),
        Kind::Pointer { target } => ([*target, None], &[][..]),
        Kind::Map { key, value, .. } => ([Some(*key), Some(*value)], &[][..]),
        _ => ([None; 2], &[][..]),
    };
    let of_fields = fields.iter().map(|field| field.ty);
    types.into_iter().flatten().chain(of_fields)
}

/// The same, to be changed.
pub(super) fn parts_mut(kind: &mut Kind) -> Vec<&mut TypeId> {
    match kind {
        Kind::Slice { element } | Kind::Array { element, .. } | Kind::Channel { element } => {
            vec![element]
        }
        Kind::Struct { fields } => fields.iter_mut().map(|field| &mut field.ty).collect(),
        Kind::Pointer { target } => target.iter_mut().collect(),
        Kind::Map { key, value, .. } => vec![key, value],
        _ => Vec::new(),
    }
}

/// Whether a name is like a pattern, whose `*` matches any run of characters.
fn is_like(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut pieces: Vec<_> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
