//! Types for tests, and short ways to write values of them.

use std::collections::BTreeMap;

use model::{
    Address, Channel, Content, Elements, Entries, Field, Float, Func, Kind, List, Pointer, Text,
    Type, TypeId, TypeTable, Value,
};
use spec::matcher::{Matcher, TextMatcher};

use crate::expect::{truth::Truth, value::value_matches};

/// Types by their names.
pub(super) struct World {
    pub(super) types: TypeTable,
    ids: BTreeMap<String, TypeId>,
}

impl World {
    pub(super) fn new() -> Self {
        let mut world = Self {
            types: TypeTable::default(),
            ids: BTreeMap::new(),
        };
        for (name, size, kind) in [
            ("bool", 1, Kind::Bool),
            ("int", 8, Kind::Int),
            ("uint8", 1, Kind::Uint),
            ("float32", 4, Kind::Float),
            ("float64", 8, Kind::Float),
            ("complex64", 8, Kind::Complex),
            ("complex128", 16, Kind::Complex),
            ("string", 16, Kind::String),
            ("unsafe.Pointer", 8, Kind::UnsafePointer),
            ("any", 16, Kind::Interface { empty: true }),
            ("error", 16, Kind::Interface { empty: false }),
            ("func()", 8, Kind::Func),
            ("main.Odd", 8, Kind::Unknown),
        ] {
            world.add(name, size, kind);
        }
        world.composites();
        world
    }

    fn composites(&mut self) {
        let [int, byte, string, any] = ["int", "uint8", "string", "any"].map(|name| self.id(name));
        for (name, element) in [
            ("[]int", int),
            ("[]uint8", byte),
            ("[]string", string),
            ("[]any", any),
        ] {
            self.add(name, 24, Kind::Slice { element });
        }
        let array = |element| Kind::Array { element, count: 3 };
        self.add("[3]int", 24, array(int));
        self.add("[3]uint8", 3, array(byte));
        let map = |key, value| Kind::Map {
            key,
            value,
            layout: None,
        };
        self.add("map[string]int", 8, map(string, int));
        self.add("map[int]string", 8, map(int, string));
        self.add("map[string]any", 8, map(string, any));
        self.add("chan int", 8, Kind::Channel { element: int });
        let pointer = |target| Kind::Pointer {
            target: Some(target),
        };
        self.add("*int", 8, pointer(int));
        let field = |name: &str, ty, embedded| Field {
            name: name.to_owned(),
            offset: 0,
            ty,
            embedded,
        };
        let base = self.add(
            "example.com/shop.Base",
            24,
            Kind::Struct {
                fields: vec![field("ID", int, false), field("Note", string, false)],
            },
        );
        let base_pointer = self.add("*example.com/shop.Base", 8, pointer(base));
        let tags = self.id("[]string");
        let item = self.add(
            "example.com/shop.Item",
            64,
            Kind::Struct {
                fields: vec![
                    field("Base", base_pointer, true),
                    field("Name", string, false),
                    field("Tags", tags, false),
                ],
            },
        );
        self.add("*example.com/shop.Item", 8, pointer(item));
        self.add("[]example.com/shop.Item", 24, Kind::Slice { element: item });
    }

    fn add(&mut self, name: &str, size: u64, kind: Kind) -> TypeId {
        let name = name.to_owned();
        let id = self.types.push(Type {
            name: name.clone(),
            size,
            kind,
        });
        self.ids.insert(name, id);
        id
    }

    pub(super) fn id(&self, name: &str) -> TypeId {
        self.ids[name]
    }

    pub(super) fn value(&self, ty: &str, content: Content) -> Value {
        Value {
            ty: self.id(ty),
            content,
        }
    }

    pub(super) fn judge(&self, matcher: &Matcher, ty: &str, content: Content) -> Truth {
        value_matches(matcher, &self.value(ty, content), &self.types)
    }

    /// A pointer to a value.
    pub(super) fn to(&self, ty: &str, content: Content) -> Content {
        Content::Pointer(Box::new(Pointer {
            address: Address(0xc000),
            target: self.value(ty, content),
        }))
    }

    /// An interface that holds a value.
    pub(super) fn held(&self, ty: &str, content: Content) -> Content {
        Content::Interface(Box::new(self.value(ty, content)))
    }

    /// Elements, of which there are so many.
    pub(super) fn list(&self, ty: &str, contents: Vec<Content>, full: u64) -> Content {
        Content::Elements(Box::new(Elements {
            values: contents
                .into_iter()
                .map(|content| self.value(ty, content))
                .collect(),
            full,
        }))
    }

    /// A map's entries, of which there are so many.
    pub(super) fn map(
        &self,
        (key, value): (&str, &str),
        contents: Vec<(Content, Content)>,
        full: u64,
    ) -> Content {
        Content::Map(Box::new(Entries {
            values: contents
                .into_iter()
                .map(|(k, v)| (self.value(key, k), self.value(value, v)))
                .collect(),
            full,
        }))
    }

    /// A `shop.Item`; none for the embedded pointer is nil.
    pub(super) fn item(&self, id: Option<i64>, name: &str, tags: &[&str]) -> Content {
        let base = |id| {
            Content::Struct(List::from([
                self.value("int", Content::Int(id)),
                self.value("string", words("note")),
            ]))
        };
        let base = id.map_or(Content::Nil, |id| {
            self.to("example.com/shop.Base", base(id))
        });
        let tags = tags.iter().map(|tag| words(tag)).collect::<Vec<_>>();
        let full = tags.len() as u64;
        Content::Struct(List::from([
            self.value("*example.com/shop.Base", base),
            self.value("string", words(name)),
            self.value("[]string", self.list("string", tags, full)),
        ]))
    }
}

pub(super) fn words(text: &str) -> Content {
    crate::expect::testing::text(text)
}

pub(super) fn bytes(read: &[u8], full: u64) -> Content {
    Content::Bytes(Text::new(read, full))
}

pub(super) const fn float(number: f64) -> Content {
    Content::Float(Float::new(number))
}

pub(super) fn complex(real: f64, imaginary: f64) -> Content {
    Content::complex(Float::new(real), Float::new(imaginary))
}

pub(super) fn func(name: Option<&str>) -> Content {
    Content::Func(Box::new(Func {
        code: Address(0x40_1000),
        name: name.map(str::to_owned),
        captured: None,
    }))
}

pub(super) fn channel(length: u64) -> Content {
    Content::Channel(Box::new(Channel {
        length,
        capacity: 8,
    }))
}

pub(super) fn contains(text: &str) -> Matcher {
    Matcher::Text(TextMatcher::Contains(text.to_owned()))
}
