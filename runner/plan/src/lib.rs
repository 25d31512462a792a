//! The plan: a spec's functions against a binary give the addresses to probe and what to read there.
//! Pure and printable; knows neither the kernel nor processes.
#![deny(missing_docs)]

mod builder;
mod creation;
mod declarations;
mod declared;
mod dynamic;
mod floats;
mod function;
mod go_tests;
mod hand_off;
mod http2;
mod implicit;
mod picks;
mod placement;
mod reads;
mod redact;
mod renumber;
mod request;
mod returns;
mod select;
mod selection;
mod sites;
mod views;

#[cfg(test)]
mod binary_tests;
#[cfg(test)]
mod return_tests;
#[cfg(test)]
mod tests;

pub use builder::{Built, build};
pub use declared::Declared;
pub use request::{
    HandOffRequest, ImplicitProbes, LabelError, PlanError, PlanRequest, PlanWarning, Redact,
    RedactionError, ServerRequest, WatchedLabel,
};
pub use returns::{FastReturns, PlannedReturn, PlannedReturns};
pub use select::{InlinedInto, SelectError, SelectOptions, Selected, select};
