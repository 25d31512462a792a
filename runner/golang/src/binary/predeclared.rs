//! The types that Go has in every package (`go/types/universe.go`).

use model::Kind;

/// A predeclared type.
pub(super) struct Predeclared {
    /// What the source calls it.
    pub(super) source: &'static str,
    /// What the linker calls it.
    pub(super) linker: &'static str,
    /// The size of its values, in bytes.
    pub(super) size: u64,
    /// What it is.
    pub(super) kind: Kind,
}

const fn row(source: &'static str, linker: &'static str, size: u64, kind: Kind) -> Predeclared {
    Predeclared {
        source,
        linker,
        size,
        kind,
    }
}

static PREDECLARED: [Predeclared; 22] = [
    row("any", "interface {}", 16, Kind::Interface { empty: true }),
    row("bool", "bool", 1, Kind::Bool),
    row("byte", "uint8", 1, Kind::Uint),
    row("complex128", "complex128", 16, Kind::Complex),
    row("complex64", "complex64", 8, Kind::Complex),
    row("error", "error", 16, Kind::Interface { empty: false }),
    row("float32", "float32", 4, Kind::Float),
    row("float64", "float64", 8, Kind::Float),
    row("int", "int", 8, Kind::Int),
    row("int16", "int16", 2, Kind::Int),
    row("int32", "int32", 4, Kind::Int),
    row("int64", "int64", 8, Kind::Int),
    row("int8", "int8", 1, Kind::Int),
    row("rune", "int32", 4, Kind::Int),
    row("string", "string", 16, Kind::String),
    row("uint", "uint", 8, Kind::Uint),
    row("uint16", "uint16", 2, Kind::Uint),
    row("uint32", "uint32", 4, Kind::Uint),
    row("uint64", "uint64", 8, Kind::Uint),
    row("uint8", "uint8", 1, Kind::Uint),
    row("uintptr", "uintptr", 8, Kind::Uint),
    row("unsafe.Pointer", "unsafe.Pointer", 8, Kind::UnsafePointer),
];

/// The predeclared type that the source calls so.
pub(super) fn by_source(name: &str) -> Option<&'static Predeclared> {
    PREDECLARED.iter().find(|known| known.source == name)
}

/// The predeclared type that the linker calls so.
pub(super) fn by_linker(name: &str) -> Option<&'static Predeclared> {
    PREDECLARED.iter().find(|known| known.linker == name)
}
