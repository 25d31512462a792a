//! The nouns that all other modules share: types, registers, locations, values, calls, goroutines,
//! requests, losses. Nothing here knows where any of it comes from.

mod call;
mod completion;
mod exchange;
mod identity;
mod limits;
mod list;
mod location;
mod loss;
mod moment;
mod observation;
mod packages;
mod path;
mod race;
mod took;
mod totals;
mod types;
mod value;
mod value_identity;

pub use call::{Awaited, Call, Goroutine, Outcome, Request};
pub use completion::{Completion, End, MAX_NAMED, Running, RunningGoroutine};
pub use exchange::{Answer, Exchange, StubUse};
pub use identity::{
    Address, CallId, Depth, FileOffset, FunctionId, Goid, InstanceId, Nanoseconds, ProcessId,
    RequestId, SiteId, Timestamp, TooManyInstances, TypeId,
};
pub use limits::Limits;
pub use list::List;
pub use location::{Location, Piece, Place, Register};
pub use loss::{Gap, Loss, MAX_GAPS, ProbeKind, SiteLoss, merge_nearest};
pub use moment::{Moment, duration};
pub use observation::{
    Function, Instance, Label, Observation, Parameter, Pick, PickKey, PickStep, ProbeHit,
    SourcePosition, Variable,
};
pub use packages::PackageNames;
pub use path::{Path, Root, Segment};
pub use race::{Race, RaceTime, Races};
pub use took::Took;
pub use totals::{FunctionTotals, Histogram, Keep, Tally, Times, Totals};
pub use types::{Block, ErrorMethods, Field, Kind, MapLayout, Slots, Type, TypeTable};
pub use value::{
    Channel, Complex, Content, Elements, Entries, Float, Func, Pointer, Status, Text, TextParts,
    Value,
};
pub use value_identity::ValueIdentity;
