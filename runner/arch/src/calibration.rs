//! What probing an instruction costs, and code to measure it with.

/// How the kernel executes a probed instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stepping {
    /// By itself.
    Emulated,
    /// By the processor, on a copy, with a trap after it; some twenty times as costly in a virtual machine.
    Stepped,
    /// It is a `ret`: the kernel program executes it where the kernel lets it, else it is stepped.
    Return,
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

/// A function of goproctor's own that says how often its probed `ret` was executed.
#[derive(Clone, Copy, Debug)]
pub struct ReturnTrial {
    /// Gives [`ReturnTrial::ONCE`], or another number. It touches nothing but its own frame.
    pub function: unsafe extern "C" fn() -> u32,
    /// The `ret`.
    pub site: *const u8,
    /// The bytes from there on.
    pub code: &'static [u8],
}

impl ReturnTrial {
    /// What the function gives when all is as it must be.
    pub const ONCE: u32 = 1;
}
