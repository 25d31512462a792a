//! Go's types as the binary describes them, flattened into a table.

use std::{borrow::Cow, collections::BTreeMap};

use super::{PackageNames, TypeId};

/// A Go type. A named type has its own name and the [`Kind`] of its underlying type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// The name as Go writes it, with the full package path, e.g. `net/http.Request` or `[]string`.
    pub name: String,
    /// Its size, in bytes.
    pub size: u64,
    /// What it is made of.
    pub kind: Kind,
}

/// What a type is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `bool`
    Bool,
    /// `int`, `int8` … `int64`
    Int,
    /// `uint`, `uint8` … `uint64`, `uintptr`
    Uint,
    /// `float32`, `float64`
    Float,
    /// `complex64`, `complex128`
    Complex,
    /// `string`: pointer and length
    String,
    /// A slice: pointer, length, capacity
    Slice {
        /// The type of an element.
        element: TypeId,
    },
    /// An array
    Array {
        /// The type of an element.
        element: TypeId,
        /// The number of elements.
        count: u64,
    },
    /// A struct
    Struct {
        /// Its fields in order, blank ones too.
        fields: Vec<Field>,
    },
    /// A pointer
    Pointer {
        /// What it points to; none where the binary does not say.
        target: Option<TypeId>,
    },
    /// `unsafe.Pointer`
    UnsafePointer,
    /// A map: a pointer to the runtime's header
    Map {
        /// The type of a key.
        key: TypeId,
        /// The type of a value.
        value: TypeId,
        /// How the runtime keeps it; none where the binary does not say.
        layout: Option<Box<MapLayout>>,
    },
    /// An interface: two words
    Interface {
        /// Whether it has no methods, so that its first word is the type rather than an itab.
        empty: bool,
    },
    /// A func value: a pointer to a closure
    Func,
    /// A channel: a pointer to the runtime's header
    Channel {
        /// The type of an element.
        element: TypeId,
    },
    /// The binary says nothing that could be used.
    Unknown,
}

/// How the runtime keeps maps of one type; all offsets and sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MapLayout {
    /// `runtime.hmap`, up to Go 1.23 (`runtime/map.go`).
    Buckets {
        /// Size of the header.
        header: u32,
        /// Offset of `count`, an int.
        count: u32,
        /// Offset of `flags`, a byte: 4 while it is being written, 8 while it grows to the same size. `B`, the
        /// binary logarithm of the number of buckets, is the byte after it.
        flags: u32,
        /// Offset of `buckets`, a pointer.
        buckets: u32,
        /// Offset of `oldbuckets`, a pointer.
        old_buckets: u32,
        /// A bucket; its first 8 bytes are the slots' top hashes.
        block: Block,
        /// Offset in a bucket of the pointer to the next bucket of the same chain.
        overflow: u32,
    },
    /// `internal/runtime/maps.Map`, from Go 1.24 (`internal/runtime/maps/map.go`).
    Groups {
        /// Size of the header.
        header: u32,
        /// Offset of `used`, the number of entries, 8 bytes.
        used: u32,
        /// Offset of `dirPtr`: the one group of a small map, else the directory of tables. `dirLen` follows it.
        directory: u32,
        /// Offset of `writing`, a byte that is not 0 while it is being written.
        writing: u32,
        /// Size of a table.
        table: u32,
        /// Offset in a table of the pointer to its groups; their number minus 1 follows it.
        groups: u32,
        /// A group; its first 8 bytes are the slots' control bytes.
        block: Block,
    },
}

/// Eight slots of a map: a bucket or a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its size, in bytes.
    pub size: u32,
    /// Where the keys are.
    pub keys: Slots,
    /// Where the values are.
    pub values: Slots,
}

/// Where the keys or the values of a block are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// Offset of the first, in bytes.
    pub offset: u32,
    /// From one to the next, in bytes.
    pub stride: u32,
    /// Whether a slot holds a pointer to the key or value, which is too large for it.
    pub indirect: bool,
}

/// A struct's field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name; `_` for a blank one.
    pub name: String,
    /// Its offset, in bytes.
    pub offset: u64,
    /// Its type.
    pub ty: TypeId,
    /// Whether it is embedded.
    pub embedded: bool,
}

/// Which of the methods an error's type has that `errors.Is` and `errors.As` call, its own or those of embedded fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorMethods {
    /// `Is`
    pub is: bool,
    /// `As`
    pub r#as: bool,
    /// `Unwrap`
    pub unwrap: bool,
}

/// A constant that a package declares of a named integer type: `Paid Status = 1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Constant {
    /// Its name with the package's full path, e.g. `net/http.StateIdle`.
    pub name: String,
    /// Its value, as the compiler writes it: that of a `uint64` beyond the largest `int64` is negative.
    pub value: i64,
}

/// All types that a plan speaks of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeTable {
    types: Vec<Type>,
    /// By type, in order.
    error_methods: Vec<(TypeId, ErrorMethods)>,
    /// By type.
    constants: BTreeMap<TypeId, Vec<Constant>>,
    packages: PackageNames,
}

impl TypeTable {
    /// Adds a type.
    pub fn push(&mut self, ty: Type) -> TypeId {
        self.types.push(ty);
        TypeId(u32::try_from(self.types.len() - 1).unwrap_or(u32::MAX))
    }

    /// Puts `ty` in the place of an existing one; used to close cycles while a table is built.
    pub fn replace(&mut self, id: TypeId, ty: Type) {
        if let Some(slot) = self.types.get_mut(id.0 as usize) {
            *slot = ty;
        }
    }

    /// Gives every type the name that `name` makes of its own.
    pub fn rename(&mut self, name: impl Fn(&str) -> Cow<'_, str>) {
        for ty in &mut self.types {
            if let Cow::Owned(other) = name(&ty.name) {
                ty.name = other;
            }
        }
    }

    /// Forgets what pointers point to, for the types of these names.
    pub fn forget_targets(&mut self, of: impl Fn(&str) -> bool) {
        for ty in &mut self.types {
            if let Kind::Pointer { target } = &mut ty.kind
                && of(&ty.name)
            {
                *target = None;
            }
        }
    }

    /// The type of that number, if there is one.
    #[must_use]
    pub fn get(&self, id: TypeId) -> Option<&Type> {
        self.types.get(id.0 as usize)
    }

    /// All types, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Type> {
        self.types.iter()
    }

    /// What a type is made of.
    #[must_use]
    pub fn kind(&self, id: TypeId) -> Option<&Kind> {
        self.get(id).map(|ty| &ty.kind)
    }

    /// The name of that type; `?` for a number that is not in the table.
    #[must_use]
    pub fn name(&self, id: TypeId) -> &str {
        self.get(id).map_or("?", |ty| &ty.name)
    }

    /// Says which methods an error's type has.
    pub fn set_error_methods(&mut self, ty: TypeId, methods: ErrorMethods) {
        match self
            .error_methods
            .binary_search_by_key(&ty, |known| known.0)
        {
            Ok(place) => {
                if let Some(known) = self.error_methods.get_mut(place) {
                    known.1 = methods;
                }
            }
            Err(place) => self.error_methods.insert(place, (ty, methods)),
        }
    }

    /// Which methods an error's type has; none if that is not known.
    #[must_use]
    pub fn error_methods(&self, ty: TypeId) -> Option<ErrorMethods> {
        let place = self
            .error_methods
            .binary_search_by_key(&ty, |known| known.0);
        Some(self.error_methods.get(place.ok()?)?.1)
    }

    /// All errors' types of which that is known, in order.
    #[must_use]
    pub fn all_error_methods(&self) -> &[(TypeId, ErrorMethods)] {
        &self.error_methods
    }

    /// Says which constants there are of a type.
    pub fn set_constants(&mut self, ty: TypeId, constants: Vec<Constant>) {
        self.constants.insert(ty, constants);
    }

    /// The constants of a type, in the order of the source.
    #[must_use]
    pub fn constants(&self, ty: TypeId) -> &[Constant] {
        self.constants.get(&ty).map_or(&[], Vec::as_slice)
    }

    /// All types that have constants, in order.
    #[must_use]
    pub const fn all_constants(&self) -> &BTreeMap<TypeId, Vec<Constant>> {
        &self.constants
    }

    /// Says what the packages are called.
    pub fn name_packages(&mut self, packages: PackageNames) {
        self.packages = packages;
    }

    /// What the packages are called whose paths end otherwise.
    #[must_use]
    pub const fn packages(&self) -> &PackageNames {
        &self.packages
    }

    /// The layouts of all maps whose layout is known.
    pub fn layouts(&self) -> impl Iterator<Item = &MapLayout> {
        self.types.iter().filter_map(|ty| match &ty.kind {
            Kind::Map { layout, .. } => layout.as_deref(),
            _ => None,
        })
    }

    /// The number of types.
    #[must_use]
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.is_empty()
    }
}
