//! A small language to build values with their types, and what is seen of a program with nothing special about it.

use crate::{
    Address, Answer, Call, CallId, Channel, Content, Elements, Entries, Exchange, Field, Float,
    Func, Function, FunctionId, Goid, Goroutine, Kind, Limits, List, Nanoseconds, Outcome, Pointer,
    ProcessId, Request, Scope, ScopeId, ScopeKind, Status, Text, Timestamp, Type, TypeId,
    TypeTable, Value,
};

/// The process of what follows.
pub const PROCESS: ProcessId = ProcessId(1);

/// A function without parameters and results.
pub fn function(id: FunctionId, name: &str) -> Function {
    Function {
        id,
        name: name.to_owned(),
        position: None,
        parameters: Vec::new(),
        results: Vec::new(),
        limits: Limits::default(),
        picks: Vec::new(),
        instances: Vec::new(),
        dictionary: None,
    }
}

/// A call that returned a nanosecond later.
pub fn call(id: u64, goroutine: Goid, function: FunctionId, entered: Timestamp) -> Call {
    Call {
        id: CallId(id),
        process: PROCESS,
        goroutine,
        function,
        parent: None,
        scope: None,
        entered,
        left: Some(Timestamp(entered.0 + 1)),
        outcome: Outcome::Returned,
        arguments: List::default(),
        results: List::default(),
        picked: List::default(),
        instance: None,
        own_cost: Nanoseconds(0),
        awaited: None,
    }
}

/// A request that is still handled, of which nothing is known.
pub fn request(id: ScopeId, goroutine: Goid, entered: Timestamp) -> Scope {
    Scope {
        id,
        process: PROCESS,
        goroutine,
        kind: ScopeKind::Request(Request::default()),
        parent: None,
        entered,
        left: None,
    }
}

/// What is known of a scope that is a request.
pub const fn facts(scope: &mut Scope) -> &mut Request {
    let ScopeKind::Request(request) = &mut scope.kind else {
        panic!("it is a request");
    };
    request
}

/// A goroutine that runs, and of which nothing is known.
pub fn goroutine(goid: Goid) -> Goroutine {
    Goroutine {
        process: PROCESS,
        goid,
        creator: None,
        creating_call: None,
        function: None,
        scope: None,
        created: None,
        ended: None,
    }
}

/// A `GET` that was sent at once and answered with 200.
pub fn exchange(target: &str, local_port: u16) -> Exchange {
    Exchange {
        stream: None,
        entry: 0,
        number: 0,
        method: "GET".to_owned(),
        target: target.to_owned(),
        local_port,
        position: 0,
        sent: Timestamp(0),
        took: Nanoseconds(1),
        answer: Answer::Response {
            status: 200,
            headers: Vec::new(),
            body: Vec::new(),
            truncated: false,
        },
    }
}

/// The types of the values that were built.
#[derive(Debug, Default)]
pub struct World {
    pub types: TypeTable,
    next: u64,
}

impl World {
    /// The type of that name; it is new if it was not there.
    pub fn ty(&mut self, name: &str, size: u64, kind: Kind) -> TypeId {
        let count = u32::try_from(self.types.len()).unwrap();
        let known = (0..count).map(TypeId).find(|id| {
            self.types
                .get(*id)
                .is_some_and(|ty| ty.name == name && ty.kind == kind)
        });
        known.unwrap_or_else(|| {
            let name = name.to_owned();
            self.types.push(Type { name, size, kind })
        })
    }

    pub fn of(&mut self, name: &str, size: u64, kind: Kind, content: Content) -> Value {
        let ty = self.ty(name, size, kind);
        Value { ty, content }
    }

    pub fn boolean(&mut self, seen: bool) -> Value {
        self.of("bool", 1, Kind::Bool, Content::Bool(seen))
    }

    pub fn int(&mut self, seen: i64) -> Value {
        self.named_int("int", seen)
    }

    pub fn named_int(&mut self, name: &str, seen: i64) -> Value {
        self.of(name, 8, Kind::Int, Content::Int(seen))
    }

    pub fn uint(&mut self, name: &str, seen: u64) -> Value {
        self.of(name, 8, Kind::Uint, Content::Uint(seen))
    }

    pub fn float(&mut self, seen: f64) -> Value {
        self.of("float64", 8, Kind::Float, Content::Float(Float::new(seen)))
    }

    pub fn text(&mut self, seen: &str) -> Value {
        self.named_text("string", seen)
    }

    pub fn named_text(&mut self, name: &str, seen: &str) -> Value {
        self.of(
            name,
            16,
            Kind::String,
            Content::Text(whole(seen.as_bytes())),
        )
    }

    pub fn cut_text(&mut self, seen: &[u8], full: u64) -> Value {
        let text = Text::new(seen, full);
        self.of("string", 16, Kind::String, Content::Text(text))
    }

    /// A byte slice or array of that type.
    pub fn bytes(&mut self, name: &str, seen: &[u8]) -> Value {
        self.cut_bytes(name, seen, seen.len() as u64)
    }

    pub fn cut_bytes(&mut self, name: &str, seen: &[u8], full: u64) -> Value {
        let element = self.ty("uint8", 1, Kind::Uint);
        let text = Text::new(seen, full);
        self.of(name, 24, Kind::Slice { element }, Content::Bytes(text))
    }

    /// A slice of which `values` were read.
    pub fn slice(&mut self, name: &str, values: Vec<Value>, full: u64) -> Value {
        let int = self.ty("int", 8, Kind::Int);
        let element = values.first().map_or(int, |value| value.ty);
        let values = values.into();
        let content = Content::Elements(Box::new(Elements { values, full }));
        self.of(name, 24, Kind::Slice { element }, content)
    }

    pub fn structure(&mut self, name: &str, fields: Vec<(&str, Value)>) -> Value {
        let described = fields.iter().zip(0..).map(|((name, value), index)| Field {
            name: (*name).to_owned(),
            offset: index * 8,
            ty: value.ty,
            embedded: false,
        });
        let kind = Kind::Struct {
            fields: described.collect(),
        };
        let size = fields.len() as u64 * 8;
        let values = fields.into_iter().map(|(_, value)| value).collect();
        self.of(name, size, kind, Content::Struct(values))
    }

    /// A pointer to a value, at an address of its own.
    pub fn pointer(&mut self, target: Value) -> Value {
        self.next += 0x10;
        let address = 0xc000_0000 + self.next;
        self.pointer_at(address, target)
    }

    pub fn pointer_at(&mut self, address: u64, target: Value) -> Value {
        let name = format!("*{}", self.types.name(target.ty));
        let kind = Kind::Pointer {
            target: Some(target.ty),
        };
        let pointer = Box::new(Pointer {
            address: Address(address),
            target,
        });
        self.of(&name, 8, kind, Content::Pointer(pointer))
    }

    /// A nil pointer to that type.
    pub fn nil(&mut self, name: &str) -> Value {
        self.of(name, 8, Kind::Pointer { target: None }, Content::Nil)
    }

    pub fn map(&mut self, name: &str, values: Vec<(Value, Value)>, full: u64) -> Value {
        let string = self.ty("string", 16, Kind::String);
        let (key, value) = values
            .first()
            .map_or((string, string), |(key, value)| (key.ty, value.ty));
        let kind = Kind::Map {
            key,
            value,
            layout: None,
        };
        let values = values.into();
        let content = Content::Map(Box::new(Entries { values, full }));
        self.of(name, 8, kind, content)
    }

    pub fn interface(&mut self, name: &str, dynamic: Value) -> Value {
        let content = Content::Interface(Box::new(dynamic));
        self.of(name, 16, Kind::Interface { empty: false }, content)
    }

    pub fn func(&mut self, name: Option<&str>, captured: Option<Value>) -> Value {
        let func = Func {
            code: Address(0x40_1000),
            name: name.map(str::to_owned),
            captured,
        };
        self.of("func(int)", 8, Kind::Func, Content::Func(Box::new(func)))
    }

    pub fn channel(&mut self, length: u64, capacity: u64) -> Value {
        let element = self.ty("int", 8, Kind::Int);
        let content = Content::Channel(Box::new(Channel { length, capacity }));
        self.of("chan int", 8, Kind::Channel { element }, content)
    }

    pub fn unread(&mut self, name: &str, kind: Kind, status: Status) -> Value {
        self.of(name, 8, kind, Content::Unread(status))
    }

    /// A struct that was not read.
    pub fn unread_struct(&mut self, name: &str, status: Status) -> Value {
        self.unread(name, Kind::Struct { fields: Vec::new() }, status)
    }
}

pub fn whole(bytes: &[u8]) -> Text {
    Text::new(bytes, bytes.len() as u64)
}
