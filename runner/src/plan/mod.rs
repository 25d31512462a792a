//! The plan: a spec's functions against a binary give the addresses to probe and what to read there.
//! Pure and printable; knows neither the kernel nor processes.

mod builder;
mod display;
mod model;
mod path;
mod reads;
mod request;
mod select;
mod sites;

#[cfg(test)]
mod binary_tests;
#[cfg(test)]
mod tests;

pub use builder::{Built, build};
pub use display::PlanText;
pub use model::{
    Bound, Closure, DynamicType, GoroutineSource, Guard, Link, LinkKind, Operand, Plan, Read,
    ReadAddress, RedactedType, RequestLayout, Role, RuntimeLayout, Save, Site, ViewId, ViewPlan,
};
pub use path::{PathError, PathProblem, PathTypes, Resolved, resolve};
pub use request::{
    Declared, ImplicitProbes, LabelError, PlanError, PlanRequest, PlanWarning, WatchedLabel,
};
pub use select::{InlinedInto, SelectError, SelectOptions, Selected, select};
