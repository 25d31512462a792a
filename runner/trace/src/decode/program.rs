//! What is known of a program beforehand to understand its values: the plan's tables, ready to be looked up.

use std::{fmt, sync::Arc};

use model::{Address, CodePlace, Text, TypeId, TypeTable, plan::Plan};

use super::texts::Texts;

/// Tells the name of the function that begins at an address of the binary.
pub type FunctionNames = Box<dyn Fn(Address) -> Option<String> + Send>;

/// Tells the place in the source of an instruction's byte at an address of the binary.
pub type CodePlaces = Box<dyn Fn(Address) -> Option<CodePlace> + Send>;

/// What is known of a program beforehand.
pub struct Program {
    plan: Arc<Plan>,
    names: FunctionNames,
    /// By type: what replaces its values. Empty when nothing is redacted.
    redacted: Box<[Option<Arc<Box<str>>>]>,
    /// By the address of the runtime type.
    dynamic: Box<[(Address, Held)]>,
    /// By the address of the code: the captured variables, where the release describes them.
    closures: Box<[(Address, Option<TypeId>)]>,
    texts: Texts,
}

/// A type as an interface holds its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) ty: TypeId,
    /// Whether the data word is the value itself.
    pub(super) direct: bool,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("types", &self.plan.types.len())
            .field("dynamic", &self.dynamic.len())
            .field("closures", &self.closures.len())
            .finish_non_exhaustive()
    }
}

impl Program {
    /// Makes the plan's tables ready. `names` gives the functions that func values are.
    #[must_use]
    pub fn new(plan: Arc<Plan>, names: FunctionNames) -> Self {
        let dynamic = plan.dynamic.iter().map(|dynamic| {
            let held = Held {
                ty: dynamic.ty,
                direct: dynamic.direct,
            };
            (dynamic.address, held)
        });
        let closures = plan.closures.iter();
        let closures = closures.map(|closure| (closure.code, closure.captured));
        Self {
            redacted: redacted(&plan),
            dynamic: by_address(dynamic),
            closures: by_address(closures),
            plan,
            names,
            texts: Texts::default(),
        }
    }

    /// The types that values are of.
    #[must_use]
    pub fn types(&self) -> &TypeTable {
        &self.plan.types
    }

    /// The name of the function that begins at an address of the binary.
    #[must_use]
    pub fn function_name(&self, start: Address) -> Option<String> {
        (self.names)(start)
    }

    /// A text of these bytes, which stand for `full`.
    pub(super) fn text(&self, bytes: &[u8], full: u64) -> Text {
        self.texts.text(bytes, full)
    }

    /// What replaces values of that type.
    pub(super) fn redacted(&self, ty: TypeId) -> Option<&Arc<Box<str>>> {
        self.redacted.get(ty.0 as usize)?.as_ref()
    }

    /// The type whose runtime type is at that address of the binary.
    pub(super) fn dynamic(&self, address: Address) -> Option<Held> {
        found(&self.dynamic, address)
    }

    /// The variables that the closures with that code capture; none inside if the release does not describe them.
    pub(super) fn closure(&self, code: Address) -> Option<Option<TypeId>> {
        found(&self.closures, code)
    }
}

fn redacted(plan: &Plan) -> Box<[Option<Arc<Box<str>>>]> {
    if plan.redactions.is_empty() {
        return Box::default();
    }
    let mut labels = vec![None; plan.types.len()];
    for redaction in &plan.redactions {
        if let Some(label) = labels.get_mut(redaction.ty.0 as usize) {
            *label = Some(Arc::new(redaction.label.as_str().into()));
        }
    }
    labels.into()
}

fn by_address<T>(entries: impl Iterator<Item = (Address, T)>) -> Box<[(Address, T)]> {
    let mut entries: Box<[_]> = entries.collect();
    entries.sort_by_key(|(address, _)| *address);
    entries
}

fn found<T: Copy>(entries: &[(Address, T)], address: Address) -> Option<T> {
    let index = entries.binary_search_by_key(&address, |(address, _)| *address);
    Some(entries.get(index.ok()?)?.1)
}
