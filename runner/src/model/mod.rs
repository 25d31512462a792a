//! The nouns that all other modules share: types, registers, locations, values, calls, goroutines,
//! requests, losses. Nothing here knows where any of it comes from.

mod call;
mod exchange;
mod identity;
mod location;
mod observation;
mod types;
mod value;

pub use call::{Call, Goroutine, Outcome, Request};
pub use exchange::{Answer, Exchange, StubUse};
pub use identity::{
    Address, CallId, Depth, FileOffset, FunctionId, Goid, Nanoseconds, ProcessId, RequestId,
    SiteId, Timestamp, TypeId,
};
pub use location::{Location, Piece, Place, Register};
pub use observation::{
    Function, Label, Loss, Observation, Parameter, ProbeHit, SiteLoss, SourcePosition,
};
pub use types::{Field, Kind, Type, TypeTable};
pub use value::{Content, Status, Text, Value};
