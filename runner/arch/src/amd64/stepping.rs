//! Which instructions the kernel emulates: nops, relative jumps and calls, pushes of a register.
//!
//! The rules are those of `arch_uprobe_analyze_insn` in arch/x86/kernel/uprobes.c of Linux (`branch_setup_xol_ops`
//! and `push_setup_xol_ops`), for 64-bit programs.

use crate::calibration::Stepping;

/// `ret`.
const RETURN: u8 = 0xc3;

/// How the kernel executes the instruction at the begin of `code`, the bytes at the probed address.
///
/// ```
/// use arch::{Stepping, stepping};
/// assert_eq!(stepping(&[0x55]), Stepping::Emulated); // push rbp
/// assert_eq!(stepping(&[0x5d]), Stepping::Stepped); // pop rbp
/// assert_eq!(stepping(&[0xc3]), Stepping::Return); // ret
/// ```
#[must_use]
pub fn stepping(code: &[u8]) -> Stepping {
    if code.first() == Some(&RETURN) {
        return Stepping::Return;
    }
    match emulated(code) {
        Some(true) => Stepping::Emulated,
        Some(false) | None => Stepping::Stepped,
    }
}

fn emulated(code: &[u8]) -> Option<bool> {
    let prefixes = code.iter().take_while(|byte| is_prefix(**byte)).count();
    let (prefixes, rest) = code.split_at(prefixes);
    let rex = rest
        .first()
        .filter(|byte| matches!(byte, 0x40..=0x4f))
        .copied();
    let opcode = rest.get(usize::from(rex.is_some())..)?;
    Some(match *opcode.first()? {
        // A nop of one byte, also as `pause` and with a 66 prefix; with REX.B it is xchg r8, rax.
        0x90 => rex.is_none_or(|rex| rex & 1 == 0),
        // push of a register, with no prefix but REX.B.
        0x50..=0x57 => prefixes.is_empty() && rex.is_none_or(|rex| rex == 0x41),
        // call, jmp, jcc of 8 bits, unless a 66 prefix changes their meaning.
        0xe8 | 0xe9 | 0xeb | 0x70..=0x7f => !prefixes.contains(&0x66),
        // jcc of 32 bits, likewise.
        0x0f => matches!(opcode.get(1)?, 0x80..=0x8f) && !prefixes.contains(&0x66),
        _ => false,
    })
}

/// The legacy prefixes.
const fn is_prefix(byte: u8) -> bool {
    matches!(
        byte,
        0x26 | 0x2e | 0x36 | 0x3e | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_and_ends_go_functions_is_told_apart() {
        for (code, expected) in [
            (&[0x55][..], Stepping::Emulated),               // push rbp
            (&[0x41, 0x56], Stepping::Emulated),             // push r14
            (&[0x90], Stepping::Emulated),                   // nop
            (&[0x66, 0x90], Stepping::Emulated),             // xchg ax, ax
            (&[0xe8, 1, 2, 3, 4], Stepping::Emulated),       // call
            (&[0x0f, 0x86, 1, 2, 3, 4], Stepping::Emulated), // jbe
            (&[0x76, 0x10], Stepping::Emulated),             // jbe
            (&[0xc3], Stepping::Return),                     // ret
            (&[0xc2, 8, 0], Stepping::Stepped),              // ret 8
            (&[0x48, 0x83, 0xec, 0x18], Stepping::Stepped),  // sub rsp, 24
            (&[0x49, 0x3b, 0x66, 0x10], Stepping::Stepped),  // cmp rsp, [r14+16]
            (&[0x48, 0x55], Stepping::Stepped),              // push rbp with REX.W
            (&[0x41, 0x90], Stepping::Stepped),              // xchg r8, rax
            (&[0x66, 0xe9, 1, 2], Stepping::Stepped),        // jmp of 16 bits
            (&[0xff, 0xd0], Stepping::Stepped),              // call rax
            (&[0x5d], Stepping::Stepped),                    // pop rbp
            (&[], Stepping::Stepped),
            (&[0x0f], Stepping::Stepped),
            (&[0x66, 0x66], Stepping::Stepped),
        ] {
            assert_eq!(stepping(code), expected, "{code:x?}");
        }
    }
}
