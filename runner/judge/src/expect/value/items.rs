//! The elements of slices and arrays, and the values of maps.

use model::{Content, Status, TypeId, TypeTable, Value};
use spec::matcher::Matcher;

use super::{
    super::{
        Reason,
        matchers::{of_any, of_order},
        truth::Truth,
    },
    content::value_matches,
    number::integer_matches,
};

/// Values side by side, of which perhaps not all were read.
pub(super) struct Items<'a> {
    /// Those that were read; of a list, the first.
    read: Vec<&'a Value>,
    /// How many there are.
    full: u64,
    /// The type of each.
    element: TypeId,
    /// The limit that cuts them.
    limit: &'static str,
}

impl<'a> Items<'a> {
    /// The elements of a slice or an array, or the values of a map.
    pub(super) fn new(
        read: impl IntoIterator<Item = &'a Value>,
        full: u64,
        element: TypeId,
    ) -> Self {
        Self {
            read: read.into_iter().collect(),
            full,
            element,
            limit: "limits.elements",
        }
    }

    /// The bytes of a slice or an array.
    pub(super) fn of_bytes(bytes: &'a [Value], full: u64, element: TypeId) -> Self {
        Self {
            limit: "limits.string",
            ..Self::new(bytes, full, element)
        }
    }

    /// Whether they are what they must be.
    pub(super) fn judge(&self, matcher: &Matcher, types: &TypeTable) -> Truth {
        match matcher {
            Matcher::Length(wanted) => integer_matches(wanted, i128::from(self.full)),
            Matcher::List(wanted) => self.are(wanted, types),
            Matcher::Has(wanted) => Truth::any(self.each(wanted, types)),
            Matcher::Each(wanted) => Truth::all(self.each(wanted, types)),
            Matcher::Equal(_) | Matcher::Fields(_) => Truth::No,
            of_any!() | Matcher::Text(_) | of_order!() => Truth::No,
        }
    }

    /// Whether they are these, one by one.
    fn are(&self, wanted: &[Matcher], types: &TypeTable) -> Truth {
        if wanted.len() as u64 != self.full {
            return Truth::No;
        }
        Truth::all(
            wanted
                .iter()
                .enumerate()
                .map(|(index, wanted)| match self.read.get(index) {
                    Some(value) => value_matches(wanted, value, types),
                    None => self.unread(wanted, types),
                }),
        )
    }

    /// What is true of each; all that were not read are one more.
    fn each(&self, wanted: &Matcher, types: &TypeTable) -> impl Iterator<Item = Truth> {
        let rest = (self.full > self.read.len() as u64).then(|| self.unread(wanted, types));
        let read = self.read.iter();
        read.map(move |value| value_matches(wanted, value, types))
            .chain(rest)
    }

    /// What is true of one that was not read: what its type says of it.
    fn unread(&self, wanted: &Matcher, types: &TypeTable) -> Truth {
        let unread = Value {
            ty: self.element,
            content: Content::Unread(Status::Cut),
        };
        match value_matches(wanted, &unread, types) {
            Truth::Unknown(_) => Truth::Unknown(Reason::Elements {
                read: self.read.len(),
                full: self.full,
                limit: self.limit,
            }),
            certain => certain,
        }
    }
}
