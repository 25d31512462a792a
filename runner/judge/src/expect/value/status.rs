//! Why a value is not known, and what can be done about it.

use model::Status;

use super::super::Inconclusive;

/// Why a value is not known, as a reason.
pub(in crate::expect) fn unread(status: Status) -> Inconclusive {
    match status {
        Status::DepthLimit => Inconclusive::because("it lies past the depth limit")
            .advise("raise limits.depth, or ask for the part by its path"),
        Status::Cut => Inconclusive::because("it is beyond the limits of what is read")
            .advise("raise limits.elements, or ask for the part by its path"),
        Status::Cycle => {
            Inconclusive::because("the pointer leads back to a value that is shown further out")
        }
        Status::BeingWritten => Inconclusive::because("the map was being written at that moment"),
        Status::TypeUnknown => Inconclusive::because("the binary does not describe its type"),
        Status::NotDescribed => Inconclusive::because(
            "this release's binary does not tell where a closure keeps what it captured",
        ),
        Status::NotRead => Inconclusive::because("it was not read"),
        Status::Absent => Inconclusive::because("there is no such element, key or dynamic type"),
        Status::Unreadable { address, errno } => Inconclusive::because(format!(
            "the memory at {address} could not be read (error {errno})"
        )),
        Status::InVectorRegister => {
            Inconclusive::because("the value is in a vector register, which a uprobe does not see")
                .advise("give the function `floats = true`")
        }
        Status::LostChunk => Inconclusive::because("the record had no room for the value")
            .advise("lower the limits of this function, or watch fewer arguments"),
        Status::Malformed => {
            Inconclusive::because("the header that leads to the value makes no sense")
        }
        Status::NoLocation => {
            Inconclusive::because("the value has no place that can be read at this moment")
        }
    }
}
