//! What differs between the processor architectures that Go programs are compiled for.
//!
//! Each architecture is a folder that gives the same names: its registers and their roles, Go's calling conventions, what an
//! ELF file for it has, what an instruction does, and what a probe at it costs. The one that goproctor itself is compiled for
//! is chosen here, since a probe is set only in programs of the machine that it runs on. All other crates use these names
//! and know no architecture's own.
//!
//! ```
//! let code = [0x55, 0xc3]; // push rbp; ret
//! let mut instructions = arch::instructions(&code, 0x1000).map_while(Result::ok);
//! assert_eq!(instructions.next().and_then(|push| push.stack_change()), Some(-8));
//! assert_eq!(instructions.next().map(|ret| ret.flow()), Some(arch::Flow::Return));
//! ```
#![deny(missing_docs)]

#[cfg(target_arch = "x86_64")]
mod amd64;
mod calibration;
mod instruction;
mod thread_local;

#[cfg(target_arch = "x86_64")]
pub use amd64::{
    ADDRESS_END, CALIBRATION_TEXT, CLOSURE, ELF_MACHINE, ELF_RELATIVE, FRAME_POINTER, GOARCH,
    GOROUTINE, INTEGER_ARGUMENTS, Instruction, LONG_JUMP, PROGRAM_COUNTER, REGISTER_ABI_SINCE,
    Register, SHORT_JUMP, STACK_ABI_HAS_GOROUTINE, STACK_ARGUMENTS, STACK_POINTER, THREAD_FEATURES,
    THREAD_POINTER, TRAP, VECTOR_ARGUMENTS, VECTOR_PREFIX, ZERO_VECTOR, calibration_targets,
    goroutine_offset, instructions, jump, may_call, return_trial, stepping,
};
pub use calibration::{CalibrationTarget, ReturnTrial, Stepping};
pub use instruction::{AnyRegister, Flow, Memory, Move, Operand, Uses, VECTOR_SIZE};
pub use thread_local::ThreadLocal;

#[cfg(not(target_arch = "x86_64"))]
compile_error!(
    "goproctor has no folder for this architecture in runner/arch: see docs/contributing.md, \"An architecture\""
);

/// The registers that say where a hit is: they hold addresses of the stack, of code and of `runtime.g`, whatever their bytes
/// spell.
pub const LOCATING: [Register; 3] = [STACK_POINTER, PROGRAM_COUNTER, GOROUTINE];
