//! Code of goproctor's own to probe.

use std::arch::global_asm;

use super::registers::Register;
use crate::calibration::CalibrationTarget;

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
    "call goproctor_calibrate_stepped_site",
    "pop r14",
    "ret",
    "goproctor_calibrate_stepped_site:",
    "ret",
    "ud2",
);

unsafe extern "C" {
    fn goproctor_calibrate_emulated(g: *const u8, text: *const u8, length: usize);
    fn goproctor_calibrate_stepped(g: *const u8, text: *const u8, length: usize);
    static goproctor_calibrate_emulated_site: u8;
    static goproctor_calibrate_stepped_site: u8;
}

/// One that is probed at an instruction that the kernel emulates, and one that is probed at a `ret`, which is stepped over.
#[must_use]
pub fn calibration_targets() -> [CalibrationTarget; 2] {
    [
        CalibrationTarget {
            function: goproctor_calibrate_emulated,
            site: &raw const goproctor_calibrate_emulated_site,
            code: &[0x55, 0x5d, 0x41, 0x5e, 0xc3],
        },
        CalibrationTarget {
            function: goproctor_calibrate_stepped,
            site: &raw const goproctor_calibrate_stepped_site,
            code: &[0xc3, 0x0f, 0x0b],
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stepping, amd64::stepping};

    #[test]
    fn the_targets_are_of_both_kinds() {
        let seen = calibration_targets().map(|target| stepping(target.code));
        assert_eq!(seen, [Stepping::Emulated, Stepping::Stepped]);
    }
}
