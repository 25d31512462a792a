//! What probing an instruction costs, and code to measure it with.

/// How the kernel executes a probed instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stepping {
    /// By itself.
    Emulated,
    /// By the processor, on a copy, with a trap after it; some twenty times as costly in a virtual machine.
    Stepped,
}

/// A function of goproctor's own that is probed to see what that costs.
#[derive(Clone, Copy, Debug)]
pub struct CalibrationTarget {
    /// Takes a `runtime.g` and a string. At the site the first is in [`GOROUTINE`](crate::GOROUTINE), the string in
    /// [`CALIBRATION_TEXT`](crate::CALIBRATION_TEXT). It touches nothing but its own frame and registers that a call may change.
    pub function: unsafe extern "C" fn(*const u8, *const u8, usize),
    /// The probed instruction.
    pub site: *const u8,
    /// The bytes from there on.
    pub code: &'static [u8],
}
