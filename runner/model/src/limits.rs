//! How much of a value is read and shown.

/// How much is read from memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Levels of references that are followed: pointers, the elements of slices and maps, what an interface or a
    /// closure holds. Strings and byte slices are read at every level that is reached.
    pub depth: u32,
    /// Bytes of a string or of a byte slice.
    pub string: u32,
    /// Elements of a slice, an array or a map.
    pub elements: u32,
    /// Bytes of memory that one hit can bring, of all its values together.
    pub bytes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 3,
            string: 256,
            elements: 16,
            bytes: 16_384,
        }
    }
}

impl Limits {
    /// The most levels.
    pub const MAX_DEPTH: u32 = 16;
    /// The most bytes of a string.
    pub const MAX_STRING: u32 = 4096;
    /// The most elements.
    pub const MAX_ELEMENTS: u32 = 1024;
    /// The fewest bytes of one hit.
    pub const MIN_BYTES: u32 = 512;
    /// The most bytes of one hit.
    pub const MAX_BYTES: u32 = 32_768;

    /// The larger of each.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            string: self.string.max(other.string),
            elements: self.elements.max(other.elements),
            bytes: self.bytes.max(other.bytes),
        }
    }
}
