//! Values of every kind out of memory images that are built by hand.

mod inline;
mod interfaces;
mod maps;
mod picks;
mod property;
mod references;

use std::sync::Arc;

use goproctor_ebpf::RecordClass;
use model::{
    Address, Content, Elements, Field, Float, Function, FunctionId, Kind, Limits, Location,
    Parameter, Piece, Place, Register, Status, Text, Type, TypeId, Value, plan::Plan,
};

use super::{Decoder, Program};
use crate::{
    record::Record,
    testing::{RecordBuilder, in_register},
};

/// Where the process's code lies behind where the binary was linked.
const BIAS: u64 = 0x55_0000_0000;
/// Where values are in memory.
const AT: u64 = 0xc000_1000;

/// A program's types, and the record of one hit.
struct Scene {
    /// How far the stack pointer is below where it was at the entry.
    below: u32,
    plan: Plan,
    record: RecordBuilder,
    limits: Limits,
}

impl Scene {
    fn new() -> Self {
        Self {
            below: 0,
            plan: Plan::default(),
            record: RecordBuilder::new(RecordClass::Huge).register(Register::Rax, AT),
            limits: Limits::default(),
        }
    }

    fn ty(&mut self, name: &str, size: u64, kind: Kind) -> TypeId {
        let name = name.to_owned();
        self.plan.types.push(Type { name, size, kind })
    }

    fn int(&mut self) -> TypeId {
        self.ty("int", 8, Kind::Int)
    }

    fn string(&mut self) -> TypeId {
        self.ty("string", 16, Kind::String)
    }

    fn pointer(&mut self, target: TypeId) -> TypeId {
        let target = Some(target);
        self.ty("*T", 8, Kind::Pointer { target })
    }

    fn slice(&mut self, element: TypeId) -> TypeId {
        self.ty("[]T", 24, Kind::Slice { element })
    }

    /// A struct whose fields are at these offsets.
    fn structure(&mut self, size: u64, fields: &[(u64, TypeId)]) -> TypeId {
        let fields = fields.iter().map(|(offset, ty)| Field {
            name: "F".to_owned(),
            offset: *offset,
            ty: *ty,
            embedded: false,
        });
        let fields = fields.collect();
        self.ty("main.S", size, Kind::Struct { fields })
    }

    fn chunk(mut self, address: u64, bytes: &[u8]) -> Self {
        self.record = self.record.chunk(address, bytes);
        self
    }

    fn words(self, address: u64, words: &[u64]) -> Self {
        self.chunk(address, &bytes(words))
    }

    fn register(mut self, register: Register, value: u64) -> Self {
        self.record = self.record.register(register, value);
        self
    }

    /// The value of a type with these pieces.
    fn read(self, ty: TypeId, pieces: Vec<Piece>) -> Content {
        let limits = self.limits;
        self.decode(|decoder| {
            let location = Location { pieces };
            let name = "p".to_owned();
            let parameter = Parameter { name, ty, location };
            decoder.parameters(&[parameter], limits)[0].clone().content
        })
    }

    /// The value of a type of one word that is in RAX.
    fn in_rax(self, ty: TypeId) -> Content {
        self.read(ty, vec![in_register(Register::Rax, 0, 8)])
    }

    /// The value of a type that is in memory at `AT`; read through a pointer.
    fn at(mut self, ty: TypeId) -> Content {
        self.limits.depth += 1;
        let pointer = self.pointer(ty);
        match self.in_rax(pointer) {
            Content::Pointer(pointer) => pointer.target.content,
            other => panic!("{other:?}"),
        }
    }

    fn decode<T>(self, decode: impl FnOnce(&Decoder<'_>) -> T) -> T {
        let names = |start: Address| Some(format!("main.at{:x}", start.0));
        let program = Program::new(Arc::new(self.plan), Box::new(names));
        let bytes = self.record.build();
        let record = Record::parse(&bytes).unwrap();
        decode(&Decoder::new(&program, &record, BIAS).counted_from_entry(self.below))
    }
}

fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn value(ty: TypeId, content: Content) -> Value {
    Value { ty, content }
}

fn unread(status: Status) -> Content {
    Content::Unread(status)
}

fn text(text: &str) -> Content {
    Content::Text(Text::new(text.as_bytes(), text.len() as u64))
}

fn elements(ty: TypeId, values: &[Content], full: u64) -> Content {
    let values = values.iter().map(|content| value(ty, content.clone()));
    Content::Elements(Box::new(Elements {
        values: values.collect(),
        full,
    }))
}

fn ints(ty: TypeId, numbers: &[i64]) -> Content {
    let values: Vec<_> = numbers.iter().map(|n| Content::Int(*n)).collect();
    elements(ty, &values, numbers.len() as u64)
}

/// The contents of a struct's fields.
fn fields(content: &Content) -> Vec<Content> {
    match content {
        Content::Struct(fields) => fields.iter().map(|field| field.content.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

fn piece(place: Place, offset: u32, size: u32) -> Piece {
    Piece {
        place,
        offset,
        size,
    }
}

fn function(parameters: Vec<Parameter>, results: Vec<Parameter>) -> Function {
    Function {
        id: FunctionId(0),
        name: "main.f".to_owned(),
        position: None,
        parameters,
        results,
        limits: Limits::default(),
        picks: Vec::new(),
        instances: Vec::new(),
        dictionary: None,
    }
}

fn float(number: f64) -> Content {
    Content::Float(Float::new(number))
}
