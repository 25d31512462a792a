//! How much is kept of a program that is [looked at](super::Poll) while it goes on, and of Go tests until they are judged: no more than
//! there is room for. What finds none is counted, not reported.

use model::{Call, Content, Value};

/// How much is kept until it is reported or judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// How many calls.
    pub calls: usize,
    /// How many bytes their values take, about.
    pub bytes: usize,
    /// How many goroutines that live, how many that ended, and how many scopes.
    pub goroutines: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            calls: 1 << 16,
            bytes: 24 << 20,
            goroutines: 1 << 16,
        }
    }
}

impl Room {
    /// For the Go tests of one test binary.
    pub const OF_TESTS: Self = Self {
        calls: 100_000,
        bytes: 64 << 20,
        goroutines: 100_000,
    };
}

/// What found no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Calls that are not reported.
    pub calls: u64,
    /// Calls that were reported as running, and whose end is not reported.
    pub ends: u64,
    /// Goroutines whose origin or end is not reported.
    pub goroutines: u64,
    /// Scopes that are not reported.
    pub scopes: u64,
}

impl Dropped {
    /// Whether all was reported.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.calls == 0 && self.ends == 0 && self.goroutines == 0 && self.scopes == 0
    }

    /// With what was dropped later.
    #[must_use]
    pub const fn and(self, later: Self) -> Self {
        Self {
            calls: self.calls + later.calls,
            ends: self.ends + later.ends,
            goroutines: self.goroutines + later.goroutines,
            scopes: self.scopes + later.scopes,
        }
    }
}

/// About how many bytes a call takes.
pub(super) fn weight(call: &Call) -> usize {
    size_of::<Call>()
        + of_values(&call.arguments)
        + of_values(&call.results)
        + of_values(&call.picked)
}

pub(super) fn of_values(values: &[Value]) -> usize {
    values.iter().map(of_value).sum()
}

fn of_value(value: &Value) -> usize {
    // What the allocator adds is in the 16.
    size_of::<Value>()
        + match &value.content {
            Content::Text(text) | Content::Bytes(text) => 16 + 32 + text.bytes.len(),
            Content::Pointer(pointer) => 16 + 16 + of_value(&pointer.target),
            Content::Elements(elements) => 16 + 32 + of_values(&elements.values),
            Content::Struct(fields) => 16 + of_values(fields),
            Content::Map(entries) => {
                let entries = entries.values.iter();
                let entries = entries.map(|(key, value)| of_value(key) + of_value(value));
                16 + 32 + entries.sum::<usize>()
            }
            Content::Interface(held) => 16 + of_value(held),
            Content::Func(func) => {
                let name = func.name.as_ref().map_or(0, String::len);
                16 + 64 + name + func.captured.as_ref().map_or(0, of_value)
            }
            Content::Channel(_) | Content::Complex(_) => 32,
            Content::Bool(_)
            | Content::Int(_)
            | Content::Uint(_)
            | Content::Float(_)
            | Content::Nil
            | Content::Address(_)
            | Content::Redacted(_)
            | Content::Unread(_) => 0,
        }
}
