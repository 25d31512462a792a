//! The nouns that all other modules share: types, locations, values, calls, goroutines,
//! scopes, losses. Nothing here knows where any of it comes from.
#![deny(missing_docs)]

mod call;
mod completion;
mod duration;
mod elapsed;
mod exchange;
pub mod forest;
pub mod glob;
mod identity;
mod limits;
mod list;
mod location;
mod loss;
mod moment;
pub mod notation;
mod observation;
mod packages;
mod path;
pub mod plan;
mod race;
mod scope;
pub mod suggestion;
#[cfg(any(test, feature = "testing"))]
#[allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "for tests, which may fail loudly"
)]
pub mod testing;
mod totals;
mod types;
mod value;
mod value_identity;
mod written;

pub use arch::Register;
pub use call::{Awaited, Call, Goroutine, Outcome};
pub use completion::{Completion, End, MAX_NAMED, Running, RunningGoroutine};
pub use elapsed::Elapsed;
pub use exchange::{Answer, Carried, Exchange, Forwarded, Missed, Received, StubUse};
pub use identity::TooManyInstances;
pub use identity::{
    Address, CallId, Depth, FileOffset, FunctionId, Goid, InstanceId, Nanoseconds, ProcessId,
    ScopeId, SiteId, Timestamp, TypeId,
};
pub use limits::Limits;
pub use list::List;
pub use location::{Location, Piece, Place};
pub use loss::{Gap, Loss, MAX_GAPS, ProbeKind, SiteLoss, merge_nearest};
pub use moment::{Moment, duration};
pub use observation::{
    CodePlace, Function, Instance, Label, Observation, Parameter, Pick, PickKey, PickStep,
    ProbeHit, SourcePosition, Variable,
};
pub use packages::PackageNames;
pub use path::{Path, Root, Segment};
pub use race::{Race, RaceTime, Races};
pub use scope::{GoTest, GoTestKind, GoTestMark, Request, Scope, ScopeKind};
pub use totals::{Countable, FunctionTotals, Histogram, NotKept, Retention, Tally, Times, Totals};
pub use types::{Block, Constant, ErrorMethods, Field, Kind, MapLayout, Slots, Type, TypeTable};
pub use value::TextParts;
pub use value::{
    Channel, Complex, Content, Elements, Entries, Float, Func, Pointer, Status, Text, Value,
};
pub use value_identity::ValueIdentity;
pub use written::{Ending, Exit, Output, Written};
