//! How much of the stack functions take.

use super::{Binary, FunctionSymbol, elf::Image, pclntab::FunctionTable};

/// The frames of a program's functions, as its stack walks know them.
#[derive(Clone, Copy)]
pub struct Frames<'b> {
    image: &'b Image,
    table: FunctionTable,
}

impl Frames<'_> {
    /// How far the stack pointer goes below where it is at a function's entry, at most, in bytes; none if the program does not say.
    #[must_use]
    pub fn bytes(&self, function: &FunctionSymbol) -> Option<u32> {
        self.table
            .frame_bytes(self.image, function.start..function.end)
    }
}

impl Binary {
    /// Its functions' frames; none if the table that has them is not known.
    #[must_use]
    pub fn frames(&self) -> Option<Frames<'_>> {
        Some(Frames {
            image: &self.image,
            table: FunctionTable::find(&self.image)?,
        })
    }
}
