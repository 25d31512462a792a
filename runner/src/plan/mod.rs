//! The plan: a spec's functions against a binary give the addresses to probe and what to read there.
//! Pure and printable; knows neither the kernel nor processes.

mod ancestry;
mod builder;
mod declarations;
mod display;
mod dynamic;
mod floats;
mod function;
mod hand_off;
mod http2;
mod implicit;
mod model;
mod path;
mod picks;
mod placement;
mod reads;
mod redact;
mod renumber;
mod request;
mod select;
mod selection;
mod sites;
mod values_read;
mod views;

#[cfg(test)]
mod binary_tests;
#[cfg(test)]
mod tests;

pub use builder::{Built, build};
pub use display::PlanText;
pub use model::{
    Ancestry, Bound, Closure, CodeRange, Copied, DynamicType, GoroutineSource, Guard, HandOff,
    HeldWriter, KeyPick, Link, LinkKind, Moment, Operand, PanicLayout, Plan, Read, ReadAddress,
    RecoveryLayout, RedactedType, RequestEntry, RequestLayout, Role, RuntimeLayout, Save, Server,
    Site, StreamPath, Turn, ViewId, ViewPlan,
};
pub use path::{PathError, PathProblem, PathTypes, Resolved, resolve, resolve_out};
pub use request::{
    Declared, HandOffRequest, ImplicitProbes, LabelError, PlanError, PlanRequest, PlanWarning,
    Redact, RedactionError, ServerRequest, WatchedLabel,
};
pub use select::{InlinedInto, SelectError, SelectOptions, Selected, select};
