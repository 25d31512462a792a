//! What leads on from a piece of memory.

use crate::Address;

/// Index of a view in [`Plan::views`](super::Plan::views).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub u32);

/// Which pointers to follow from each element of a piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ViewPlan {
    /// Bytes from one element to the next; 0 when the links hold once.
    pub stride: u32,
    /// The pointers.
    pub links: Vec<Link>,
}

/// A pointer in memory that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// Its offset, in bytes.
    pub offset: u32,
    /// Where it leads to.
    pub kind: LinkKind,
    /// Bytes to add to the pointer.
    pub displacement: u32,
    /// Bytes of one element.
    pub element: u32,
    /// At most so many bytes are read.
    pub limit: u32,
    /// Which limit of the site bounds it too.
    pub bound: Bound,
    /// How many of the levels that the site follows it takes.
    pub levels: u32,
    /// Where that memory leads to.
    pub view: Option<ViewId>,
}

impl Link {
    /// A link at `offset` to elements of so many bytes, without levels, bounds and a view.
    #[must_use]
    pub const fn new(offset: u32, kind: LinkKind, element: u32, limit: u32) -> Self {
        Self {
            offset,
            kind,
            displacement: 0,
            element,
            limit,
            bound: Bound::None,
            levels: 0,
            view: None,
        }
    }
}

/// Which limit of a site bounds what a link reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bound {
    /// None but the link's own.
    #[default]
    None,
    /// That of bytes of a string.
    String,
    /// That of elements.
    Elements,
}

/// How a pointer is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// To so many elements.
    Constant(u32),
    /// To as many elements as the integer in the 8 bytes after it says (strings, slices, directories of maps).
    Counted,
    /// To one element, if the integer in the 8 bytes after it is 0 (the group of a small map).
    Uncounted,
    /// To one more element than the integer in the 8 bytes after it says (groups of a map).
    Masked,
    /// To as many elements as the power of 2 whose exponent is the byte at that offset (buckets of a map).
    Power(u32),
    /// The same for a map's old buckets: half as many, unless bit 8 of the byte before says that it grows to the
    /// same size.
    OldPower(u32),
    /// It is the type of an interface without methods; the data word after it is followed as the plan's
    /// [dynamic type](super::Plan::dynamic) says.
    EmptyInterface,
    /// It is the itab of an interface with methods, whose first 16 bytes are read too; else the same.
    Interface,
    /// As `EmptyInterface`, but only if it is the runtime type at that address; then the data word leads to one
    /// element.
    EmptyInterfaceOf(Address),
    /// As `Interface`, likewise.
    InterfaceOf(Address),
    /// To a closure, which is read as the plan's [closure](super::Plan::closures) of that code says; one that the plan does not
    /// have gives its first 8 bytes.
    Func,
    /// It is no pointer: so many bytes there (at most 8) are overwritten with zeros.
    Blank(u32),
}
