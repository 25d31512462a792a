//! What a plan consists of.

mod attribution;
mod display;
mod path;
mod probe_plan;
mod read;
mod runtime;
mod site;
mod values_read;
mod view;

pub use attribution::{
    ClientEntry, HandOff, HeldWriter, KeyPick, NamePlace, PortPath, RequestEntry, RequestLayout,
    Server, StreamPath, TestEntry, TestMarker,
};
pub use display::PlanText;
pub use path::{PathError, PathProblem, PathTypes, Resolved, resolve, resolve_out};
pub use probe_plan::{Closure, CodeRange, DynamicType, Plan, RedactedType, TestGate};
pub use read::{Guard, Operand, Read, ReadAddress, Turn};
pub use runtime::{Ancestry, PanicLayout, RecoveryLayout, RuntimeLayout};
pub use site::{Copied, FrameEdge, GoroutineSource, Moment, Role, Save, Site, SiteInstruction};
pub use view::{Bound, Link, LinkKind, ViewId, ViewPlan};
