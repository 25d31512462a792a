//! Where the runtime keeps what every hit needs, and `net/http` what identifies a request.

use gimli::DW_AT_type;
use model::{
    Address,
    plan::{Ancestry, PanicLayout, RecoveryLayout, RequestLayout, RuntimeLayout},
};

use super::{
    BinaryError,
    debug::{Debug, EntryOffset},
    elf::Image,
    index::Index,
    type_entry::{member_offset, target},
};

const G: &str = "runtime.g";
const M: &str = "runtime.m";
const PANIC: &str = "runtime._panic";
const REQUEST: &str = "net/http.Request";

/// The structs that the layout is read from.
pub(super) const STRUCTS: [&str; 4] = [G, M, PANIC, REQUEST];

/// Reads the layout.
pub(super) fn runtime_layout(
    debug: &Debug<'_>,
    index: &Index,
    tls_g: i64,
    build_version: Option<Address>,
) -> Result<RuntimeLayout, BinaryError> {
    let known = |name| index.structs.get(name).copied();
    let g = known(G).ok_or(BinaryError::Missing(G))?;
    let m = known(M).ok_or(BinaryError::Missing(M))?;
    let stack = field(debug, g, "stack")?.ok_or(BinaryError::Missing("runtime.g.stack"))?;
    let offset = |entry, name, full| {
        let field = field(debug, entry, name)?;
        field
            .map(|field| field.offset)
            .ok_or(BinaryError::Missing(full))
    };
    let request = match known(REQUEST) {
        None => None,
        Some(request) => Some(RequestLayout {
            method: offset(request, "Method", "net/http.Request.Method")?,
            remote_addr: offset(request, "RemoteAddr", "net/http.Request.RemoteAddr")?,
            request_uri: offset(request, "RequestURI", "net/http.Request.RequestURI")?,
        }),
    };
    Ok(RuntimeLayout {
        tls_g,
        g_goid: offset(g, "goid", "runtime.g.goid")?,
        g_stack_hi: stack.offset + offset(stack.ty, "hi", "runtime.stack.hi")?,
        g_m: offset(g, "m", "runtime.g.m")?,
        g_startpc: offset(g, "startpc", "runtime.g.startpc")?,
        g_gopc: field(debug, g, "gopc")?.map(|field| field.offset),
        m_curg: offset(m, "curg", "runtime.m.curg")?,
        ancestry: Some(Ancestry {
            parent_goid: field(debug, g, "parentGoid")?.map(|field| field.offset),
        }),
        build_version,
        request,
        recovery: recovery_layout(debug, g, known(PANIC))?,
    })
}

/// Where `runtime.recovery` finds the frame to go on in. Go 1.22 moved that from `g` into `_panic`, whose field `startSP` is
/// as old; none if there is neither.
fn recovery_layout(
    debug: &Debug<'_>,
    g: EntryOffset,
    panic: Option<EntryOffset>,
) -> Result<Option<RecoveryLayout>, BinaryError> {
    let of = |structure, name| {
        let field = field(debug, structure, name)?;
        Ok::<_, BinaryError>(field.map(|field| field.offset))
    };
    let Some(panic) = panic else {
        return Ok(None);
    };
    let Some(start_sp) = of(panic, "startSP")? else {
        let words = of(g, "sigcode0")?.zip(of(g, "sigcode1")?);
        return Ok(words.map(|(sp, pc)| RecoveryLayout::Goroutine { sp, pc }));
    };
    let fields = (
        of(g, "_panic")?,
        of(panic, "link")?,
        of(panic, "sp")?,
        of(panic, "retpc")?,
        of(panic, "goexit")?,
    );
    let (Some(first), Some(link), Some(sp), Some(pc), Some(goexit)) = fields else {
        return Ok(None);
    };
    Ok(Some(RecoveryLayout::Panics(PanicLayout {
        first,
        link,
        start_sp,
        sp,
        pc,
        goexit,
    })))
}

/// A struct's field: its offset in bytes and its type.
struct Place {
    offset: u64,
    ty: EntryOffset,
}

fn field(
    debug: &Debug<'_>,
    structure: EntryOffset,
    name: &str,
) -> Result<Option<Place>, BinaryError> {
    let mut structure = debug.entry(structure)?;
    if structure.tag() == gimli::DW_TAG_typedef {
        structure = debug.entry(target(&structure, DW_AT_type)?)?;
    }
    for member in debug.below(structure.offset(), &[gimli::DW_TAG_member], false)? {
        if member.name()? == name {
            return Ok(Some(Place {
                offset: member_offset(&member)?,
                ty: target(&member, DW_AT_type)?,
            }));
        }
    }
    Ok(None)
}

/// Where a thread-local `g` is, in bytes from the thread's pointer to such storage.
pub(super) fn tls_g(image: &Image) -> Result<i64, BinaryError> {
    let symbol = image
        .symbols()?
        .find(|symbol| symbol.kind == object::elf::STT_TLS && symbol.name == b"runtime.tlsg");
    let block = image.tls();
    arch::goroutine_offset(block, symbol.map(|symbol| symbol.address))
        .ok_or_else(|| BinaryError::malformed("thread-local segment", format!("{block:?}")))
}
