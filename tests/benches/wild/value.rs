//! Values as delve tells them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// A variable, a field, an element, or what a pointer leads to.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) addr: u64,
    /// It was not read, but where it stands is known.
    #[serde(default)]
    pub(crate) only_addr: bool,
    #[serde(rename = "type")]
    pub(crate) ty: String,
    real_type: String,
    #[serde(default)]
    flags: u64,
    kind: u8,
    value: String,
    #[serde(rename = "StringValueBytes", default)]
    bytes: Option<String>,
    pub(crate) len: i64,
    #[serde(default)]
    pub(crate) children: Vec<Variable>,
    pub(crate) base: u64,
    pub(crate) unreadable: String,
}

/// Go's kinds, as far as they differ here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Invalid,
    Bool,
    Integer,
    Float,
    Complex,
    Array,
    Channel,
    Func,
    Interface,
    Map,
    Pointer,
    Slice,
    String,
    Struct,
    Address,
}

/// A parameter that was moved to the heap.
const ESCAPED: u64 = 1 << 0;
/// A result.
const RESULT: u64 = 1 << 4;

impl Variable {
    /// What it is.
    pub(crate) fn kind(&self) -> Kind {
        // reflect.Kind
        match self.kind {
            1 => Kind::Bool,
            2..=12 => Kind::Integer,
            13 | 14 => Kind::Float,
            15 | 16 => Kind::Complex,
            17 => Kind::Array,
            18 => Kind::Channel,
            19 => Kind::Func,
            20 => Kind::Interface,
            21 => Kind::Map,
            22 => Kind::Pointer,
            23 => Kind::Slice,
            24 => Kind::String,
            25 => Kind::Struct,
            26 => Kind::Address,
            _ => Kind::Invalid,
        }
    }

    /// Whether it was moved to the heap: where it then stands is not known at the entry yet.
    pub(crate) fn is_escaped(&self) -> bool {
        self.flags & ESCAPED != 0
    }

    /// Whether it is a result, which has no value at the entry.
    pub(crate) fn is_result(&self) -> bool {
        self.flags & RESULT != 0
    }

    /// Whether it is a byte.
    pub(crate) fn is_byte(&self) -> bool {
        self.real_type == "uint8"
    }

    /// Whether it is one that takes four bytes, of floats.
    pub(crate) fn is_float32(&self) -> bool {
        self.real_type == "float32"
    }

    /// A number, without the name of the constant that has it: `StatusOK (200)`.
    pub(crate) fn number(&self) -> &str {
        let number = self.value.rsplit_once('(').map(|(_, number)| number);
        number.map_or(self.value.as_str(), |number| number.trim_end_matches(')'))
    }

    /// The text that stands in it.
    pub(crate) fn text(&self) -> &str {
        &self.value
    }

    /// A string's bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let bytes = self.bytes.as_ref().filter(|bytes| !bytes.is_empty());
        let bytes = bytes.and_then(|bytes| STANDARD.decode(bytes).ok());
        bytes.unwrap_or_else(|| self.value.as_bytes().to_vec())
    }

    /// A value that is no whole in few words, to be compared with itself at another time.
    pub(crate) fn short(&self) -> String {
        match self.kind() {
            Kind::Bool | Kind::Func => self.value.clone(),
            Kind::Integer | Kind::Float => self.number().to_owned(),
            Kind::String => String::from_utf8_lossy(&self.bytes()).into_owned(),
            Kind::Slice | Kind::Map => match self.base {
                0 => "nil".to_owned(),
                _ => format!("{} elements", self.len),
            },
            Kind::Channel => match self.base {
                0 => "nil".to_owned(),
                _ => {
                    let part = |name| self.channel(name).unwrap_or_default();
                    format!("{} of {} elements", part("qcount"), part("dataqsiz"))
                }
            },
            Kind::Pointer | Kind::Address => match self.target() {
                0 => "nil".to_owned(),
                _ => "not nil".to_owned(),
            },
            Kind::Interface => match self.children.first() {
                Some(held) if held.kind() != Kind::Invalid || held.addr != 0 => held.ty.clone(),
                _ => "nil".to_owned(),
            },
            Kind::Array | Kind::Struct | Kind::Complex | Kind::Invalid => self.ty.clone(),
        }
    }

    /// A number of a channel, by its name in the runtime.
    pub(crate) fn channel(&self, name: &str) -> Option<i64> {
        let mut parts = self.children.iter().filter(|part| part.name == name);
        parts.next()?.number().parse().ok()
    }

    /// Where its value is in memory; none for a register, to which delve gives an address of its own. A channel's value is
    /// the runtime's `hchan`, wherever the pointer to it is.
    pub(crate) fn place(&self) -> Option<u64> {
        let place = match self.kind() {
            Kind::Channel if self.base != 0 => self.base,
            _ => self.addr,
        };
        (1..1 << 47).contains(&place).then_some(place)
    }

    /// Where a pointer leads; 0 is nil.
    pub(crate) fn target(&self) -> u64 {
        self.children.first().map_or(0, |target| target.addr)
    }
}
