//! amd64, which others call x86-64.

mod calibration;
mod instruction;
mod jump;
mod program;
mod registers;
mod stepping;

pub use self::{calibration::*, instruction::*, jump::*, program::*, registers::*, stepping::*};
