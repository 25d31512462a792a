//! The program in a recording: its types, and the functions that are watched. What the fields mean is what they mean in
//! [`model`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use arch::Register;

use super::form::{Form, forms};

/// The list of types, which [`Plan`](super::plan::Plan) takes in with what is known beside it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::recording) struct Types {
    types: Vec<Type>,
    /// By type, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    error_methods: Vec<(u32, ErrorMethods)>,
    /// By type, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    constants: Vec<(u32, Vec<Constant>)>,
    /// By path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    packages: BTreeMap<String, String>,
}

impl Form<model::TypeTable> for Types {
    fn of(table: &model::TypeTable) -> Self {
        let packages = table.packages().iter();
        Self {
            types: table.iter().map(Form::of).collect(),
            error_methods: table.all_error_methods().iter().map(Form::of).collect(),
            constants: (table.all_constants().iter())
                .map(|(ty, constants)| (Form::of(ty), Form::of(constants)))
                .collect(),
            packages: packages
                .map(|(path, name)| (path.to_owned(), name.to_owned()))
                .collect(),
        }
    }

    fn value(self) -> model::TypeTable {
        let mut table = model::TypeTable::default();
        for ty in self.types {
            table.push(ty.value());
        }
        for (ty, methods) in self.error_methods {
            table.set_error_methods(ty.value(), methods.value());
        }
        for (ty, constants) in self.constants {
            table.set_constants(ty.value(), constants.value());
        }
        let mut packages = model::PackageNames::default();
        for (path, name) in &self.packages {
            packages.add(path, name);
        }
        table.name_packages(packages);
        table
    }
}

#[cfg(test)]
impl super::tests::Random for Types {
    fn random(random: &mut fastrand::Rng) -> Self {
        Self {
            types: Vec::random(random),
            error_methods: Vec::random(random),
            constants: Vec::random(random),
            packages: BTreeMap::random(random),
        }
    }
}

forms! {
    struct Type for model::Type { name: String, size: u64, kind: Kind }

    enum Kind for model::Kind {
        Bool, Int, Uint, Float, Complex, String,
        Slice { element: u32 },
        Array { element: u32, count: u64 },
        Struct { fields: Vec<Field> },
        Pointer { target: Option<u32> },
        UnsafePointer,
        Map {
            key: u32,
            value: u32,
            layout or default: Option<Box<MapLayout>>,
        },
        Interface { empty: bool },
        Func,
        Channel { element: u32 },
        Unknown,
    }

    enum MapLayout for model::MapLayout {
        Buckets {
            header: u32, count: u32, flags: u32, buckets: u32, old_buckets: u32,
            block: Block,
            overflow: u32,
        },
        Groups {
            header: u32, used: u32, directory: u32, writing: u32, table: u32, groups: u32,
            block: Block,
        },
    }

    struct Block for model::Block { size: u32, keys: Slots, values: Slots }

    struct Slots for model::Slots { offset: u32, stride: u32, indirect: bool }

    struct Field for model::Field { name: String, offset: u64, ty: u32, embedded: bool }

    struct ErrorMethods for model::ErrorMethods {
        is or default: bool,
        r#as or default: bool,
        unwrap or default: bool,
    }

    struct Constant for model::Constant { name: String, value: i64 }

    struct Function for model::Function {
        id: u32,
        name: String,
        position: Option<SourcePosition>,
        parameters: Vec<Parameter>,
        results: Vec<Parameter>,
        limits: Limits,
        picks or default: Vec<Pick>,
        instances or default: Vec<Instance>,
        dictionary or default: Option<Location>,
    }

    struct SourcePosition for model::SourcePosition { file: String, line: u32 }

    struct Parameter for model::Parameter { name: String, ty: u32, location: Location }

    #[serde(transparent)]
    struct Location for model::Location { pieces: Vec<Piece> }

    struct Piece for model::Piece { place: Place, offset: u32, size: u32 }

    enum Place for model::Place {
        Register(register: Register),
        Vector(number: u8),
        Stack(bytes: i64),
    }

    struct Limits for model::Limits { depth: u32, string: u32, elements: u32, bytes: u32 }

    struct Pick for model::Pick {
        path: Path,
        steps: Vec<PickStep>,
        ty: u32,
        variable or default: Option<Variable>,
    }

    struct Path for model::Path { root: Root, segments: Vec<Segment> }

    enum Root for model::Root {
        Argument(name: String),
        Result(position: u32),
        Out(name: String),
        Variable(name: String),
    }

    enum Segment for model::Segment {
        Name(name: String),
        Index(index: i128),
        Key(key: String),
        Assert(ty: String),
    }

    enum PickStep for model::PickStep {
        Target,
        Field(index: u32),
        Element(index: u64),
        Entry(key: PickKey),
        Dynamic(ty: u32),
    }

    enum PickKey for model::PickKey { Text(key: String), Integer(key: i128), Bool(key: bool) }

    struct Variable for model::Variable { address: u64, ty: u32 }

    struct Instance for model::Instance {
        dictionary: u64,
        name: String,
        parameters: Vec<Parameter>,
        results: Vec<Parameter>,
    }

    struct Label for model::Label {
        name: String,
        functions: Vec<u32>,
        unseen or default: Option<String>,
    }
}
