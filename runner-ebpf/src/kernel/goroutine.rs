//! Which goroutine made a hit.

use goproctor_ebpf::{FLAG_NO_G, FLAG_SYSTEM_STACK, G_REGISTER, Globals, RecordHeader};

use crate::{
    memory::{self, Errno, task_word, word},
    verifier::opaque,
};

/// The goroutine of a hit, in the words of the record's header.
#[repr(C)]
pub(crate) struct Goroutine {
    pub(crate) g: u64,
    pub(crate) goid: u64,
    pub(crate) stack_hi: u64,
    pub(crate) flags: u64,
}

/// Finds the goroutine; `r14` is that register's value, `source` one of the `G_` constants. Uses the begin of
/// the record, which is not yet written, to read `g` into, if there is one. Gives 0.
///
/// A global function, see [`crate::verifier`].
///
/// # Safety
/// `globals` and `found` are good; `record` is null or a reserved record.
#[unsafe(no_mangle)]
#[inline(never)]
pub(crate) unsafe extern "C" fn find_goroutine(
    globals: *const Globals,
    source: u32,
    r14: u64,
    record: *mut RecordHeader,
    found: *mut Goroutine,
) -> u32 {
    if globals.is_null() || found.is_null() {
        return 0;
    }
    // SAFETY: the caller's promise.
    unsafe {
        *found = match read(&*globals, source, r14, record.cast()) {
            Ok(goroutine) => goroutine,
            Err(_) => Goroutine {
                g: opaque(0),
                goid: opaque(0),
                stack_hi: opaque(0),
                flags: u64::from(FLAG_NO_G),
            },
        };
    }
    0
}

#[inline(always)]
unsafe fn read(
    globals: &Globals,
    source: u32,
    r14: u64,
    record: *mut u8,
) -> Result<Goroutine, Errno> {
    let g = if source == G_REGISTER {
        r14
    } else {
        let base = task_word(globals.task_fsbase)?;
        word(base.wrapping_add(globals.tls_g as u64))?
    };
    // One read of all fields costs as much as one of them.
    let length = globals
        .g_goid
        .max(globals.g_m)
        .max(globals.g_stack_hi)
        .wrapping_add(8);
    // SAFETY: the caller's promise.
    let (stack_hi, m, goid) = unsafe {
        if !record.is_null() && memory::borrow(record, length, g) == 0 {
            (
                memory::borrowed(record, globals.g_stack_hi)?,
                memory::borrowed(record, globals.g_m)?,
                memory::borrowed(record, globals.g_goid)?,
            )
        } else {
            (
                word(g.wrapping_add(globals.g_stack_hi))?,
                word(g.wrapping_add(globals.g_m))?,
                word(g.wrapping_add(globals.g_goid))?,
            )
        }
    };
    if goid != 0 {
        return Ok(Goroutine {
            g,
            goid,
            stack_hi,
            flags: 0,
        });
    }
    let current = word(m.wrapping_add(globals.m_curg))?;
    let goid = if current == 0 {
        0
    } else {
        word(current.wrapping_add(globals.g_goid))?
    };
    Ok(Goroutine {
        g,
        goid,
        stack_hi,
        flags: u64::from(FLAG_SYSTEM_STACK),
    })
}
