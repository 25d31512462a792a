//! amd64, which others call x86-64.

mod calibration;
mod instruction;
mod program;
mod registers;
mod stepping;

pub use self::{calibration::*, instruction::*, program::*, registers::*, stepping::*};
