//! Code of goproctor's own to probe.

use std::arch::global_asm;

use super::registers::Register;
use crate::calibration::{CalibrationTarget, ReturnTrial};

/// Where a target has the string: System V's second and third argument.
pub const CALIBRATION_TEXT: [Register; 2] = [Register::Rsi, Register::Rdx];

// Arguments: a `runtime.g` in RDI, a string in RSI and RDX. The probed instruction is at the label
// `…_site`; the bytes from there on are `code` of the target.
global_asm!(
    ".globl goproctor_calibrate_emulated",
    ".globl goproctor_calibrate_emulated_site",
    "goproctor_calibrate_emulated:",
    "push r14",
    "mov r14, rdi",
    "goproctor_calibrate_emulated_site:",
    "push rbp",
    "pop rbp",
    "pop r14",
    "ret",
    ".globl goproctor_calibrate_stepped",
    ".globl goproctor_calibrate_stepped_site",
    "goproctor_calibrate_stepped:",
    "push r14",
    "mov r14, rdi",
    "goproctor_calibrate_stepped_site:",
    "sub rsp, 24",
    "add rsp, 24",
    "pop r14",
    "ret",
    ".globl goproctor_calibrate_return",
    ".globl goproctor_calibrate_return_site",
    "goproctor_calibrate_return:",
    "push r14",
    "mov r14, rdi",
    "call goproctor_calibrate_return_site",
    "pop r14",
    "ret",
    "goproctor_calibrate_return_site:",
    "ret",
    "ud2",
);

// A `ret` with two return addresses on the stack, so that it is seen when it is executed twice: gives 1 after once, 2 after twice.
global_asm!(
    ".globl goproctor_try_return",
    ".globl goproctor_try_return_site",
    "goproctor_try_return:",
    "lea rax, [rip + 3f]",
    "push rax",
    "call goproctor_try_return_site",
    "add rsp, 8",
    "mov eax, 1",
    "ret",
    "goproctor_try_return_site:",
    "ret",
    "ud2",
    "3:",
    "mov eax, 2",
    "ret",
);

unsafe extern "C" {
    fn goproctor_calibrate_emulated(g: *const u8, text: *const u8, length: usize);
    fn goproctor_calibrate_stepped(g: *const u8, text: *const u8, length: usize);
    fn goproctor_calibrate_return(g: *const u8, text: *const u8, length: usize);
    fn goproctor_try_return() -> u32;
    static goproctor_calibrate_emulated_site: u8;
    static goproctor_calibrate_stepped_site: u8;
    static goproctor_calibrate_return_site: u8;
    static goproctor_try_return_site: u8;
}

/// A `ret` whose execution can be watched.
#[must_use]
pub fn return_trial() -> ReturnTrial {
    ReturnTrial {
        function: goproctor_try_return,
        site: &raw const goproctor_try_return_site,
        code: &[0xc3, 0x0f, 0x0b],
    }
}

/// One for each [`Stepping`](crate::Stepping), in that order.
#[must_use]
pub fn calibration_targets() -> [CalibrationTarget; 3] {
    [
        CalibrationTarget {
            function: goproctor_calibrate_emulated,
            site: &raw const goproctor_calibrate_emulated_site,
            code: &[0x55, 0x5d, 0x41, 0x5e, 0xc3],
        },
        CalibrationTarget {
            function: goproctor_calibrate_stepped,
            site: &raw const goproctor_calibrate_stepped_site,
            code: &[0x48, 0x83, 0xec, 24, 0x48, 0x83, 0xc4, 24],
        },
        CalibrationTarget {
            function: goproctor_calibrate_return,
            site: &raw const goproctor_calibrate_return_site,
            code: &[0xc3, 0x0f, 0x0b],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stepping, amd64::stepping};

    #[test]
    fn the_targets_are_of_all_kinds() {
        let seen = calibration_targets().map(|target| stepping(target.code));
        assert_eq!(
            seen,
            [Stepping::Emulated, Stepping::Stepped, Stepping::Return]
        );
    }

    #[test]
    fn a_return_is_executed_once() {
        // SAFETY: the function touches nothing but its own frame.
        assert_eq!(unsafe { (return_trial().function)() }, ReturnTrial::ONCE);
    }
}
