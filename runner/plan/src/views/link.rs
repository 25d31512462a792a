//! Single links, and sizes.

use goproctor_ebpf::MAX_CHUNK;
use model::{
    Kind, TypeId, TypeTable,
    plan::{Link, LinkKind},
};

/// Size of a pointer and of an integer, in bytes.
pub(crate) const WORD: u32 = 8;
/// How many links a view has at most: the kernel program follows so many from one piece of memory.
pub(crate) const MAX_LINKS_OF_VIEW: usize = MAX_CHUNK as usize / 8;

/// Whether a link blanks instead of leading on.
pub(crate) const fn is_blank(link: &Link) -> bool {
    matches!(link.kind, LinkKind::Blank(_))
}

/// How many words of memory a link takes.
pub(crate) const fn words(kind: LinkKind) -> u32 {
    match kind {
        LinkKind::Counted
        | LinkKind::Uncounted
        | LinkKind::Masked
        | LinkKind::EmptyInterface
        | LinkKind::Interface
        | LinkKind::EmptyInterfaceOf(_)
        | LinkKind::InterfaceOf(_) => 2,
        LinkKind::Constant(_) | LinkKind::Power(_) | LinkKind::OldPower(_) | LinkKind::Func => 1,
        LinkKind::Blank(_) => 0,
    }
}

/// The link of a string or a byte slice, of which at most `limit` bytes are wanted.
pub(crate) fn text_link(limit: u32) -> Link {
    Link::new(0, LinkKind::Counted, 1, limit.min(MAX_CHUNK))
}

/// The link to one piece of so many bytes, or as many of them as can be read at once; none for no bytes.
pub(crate) fn single(size: u32) -> Option<Link> {
    (size > 0).then(|| Link::new(0, LinkKind::Constant(1), size, size.min(MAX_CHUNK)))
}

/// How many bytes of elements of that size can be read at once: whole ones, if they are not larger.
pub(crate) const fn whole(element: u32) -> u32 {
    match MAX_CHUNK.checked_div(element) {
        None | Some(0) => MAX_CHUNK,
        Some(count) => count * element,
    }
}

/// The size of a type's values, in bytes; 0 for one that is not in the table.
pub(crate) fn size(types: &TypeTable, ty: TypeId) -> u64 {
    types.get(ty).map_or(0, |ty| ty.size)
}

/// Whether it is the type of bytes, whose slices and arrays are shown as text.
pub(crate) fn is_byte(types: &TypeTable, ty: TypeId) -> bool {
    types
        .get(ty)
        .is_some_and(|ty| ty.kind == Kind::Uint && ty.size == 1)
}
