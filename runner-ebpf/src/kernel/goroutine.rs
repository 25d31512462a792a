//! Which goroutine made a hit.

use goproctor_ebpf::{FLAG_NO_G, FLAG_SYSTEM_STACK, G_REGISTER, Globals};

use crate::memory::{self, Errno, thread_base, word};

/// The goroutine of a hit, in the words of the record's header.
pub(crate) struct Goroutine {
    pub(crate) g: u64,
    pub(crate) goid: u64,
    pub(crate) stack_hi: u64,
    pub(crate) flags: u32,
}

/// Finds the goroutine; `r14` is that register's value, `source` one of the `G_` constants. Uses the begin of
/// the record, which is not yet written, to read `g` into, if there is one.
///
/// # Safety
/// `record` is null or points to a reserved record.
#[inline(always)]
pub(crate) unsafe fn find(globals: &Globals, source: u32, r14: u64, record: *mut u8) -> Goroutine {
    // SAFETY: the caller's promise.
    match unsafe { read(globals, source, r14, record) } {
        Ok(goroutine) => goroutine,
        Err(_) => Goroutine {
            g: 0,
            goid: 0,
            stack_hi: 0,
            flags: FLAG_NO_G,
        },
    }
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
        let base = thread_base(globals.task_fsbase)?;
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
        flags: FLAG_SYSTEM_STACK,
    })
}
