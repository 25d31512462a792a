//! The plan: a spec's functions against a binary give the addresses to probe and what to read there.
//! Pure and printable; knows neither the kernel nor processes.

mod ancestry;
mod builder;
mod declarations;
mod display;
mod dynamic;
mod floats;
mod function;
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
mod views;

#[cfg(test)]
mod binary_tests;
#[cfg(test)]
mod tests;

pub use builder::{Built, build};
pub use display::PlanText;
pub use model::{
    Ancestry, Bound, Closure, CodeRange, Copied, DynamicType, GoroutineSource, Guard, Link,
    LinkKind, Moment, Operand, PanicLayout, Plan, Read, ReadAddress, RecoveryLayout, RedactedType,
    RequestLayout, Role, RuntimeLayout, Save, Site, ViewId, ViewPlan,
};
pub use path::{PathError, PathProblem, PathTypes, Resolved, resolve, resolve_out};
pub use request::{
    Declared, ImplicitProbes, LabelError, PlanError, PlanRequest, PlanWarning, Redact,
    RedactionError, WatchedLabel,
};
pub use select::{InlinedInto, SelectError, SelectOptions, Selected, select};
