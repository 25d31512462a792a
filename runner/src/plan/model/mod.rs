//! What a plan consists of.

mod attribution;
mod plan;
mod read;
mod runtime;
mod site;
mod view;

pub use attribution::{
    HandOff, HeldWriter, KeyPick, RequestEntry, RequestLayout, Server, StreamPath,
};
pub use plan::{Closure, CodeRange, DynamicType, Plan, RedactedType};
pub use read::{Guard, Operand, Read, ReadAddress, Turn};
pub use runtime::{Ancestry, PanicLayout, RecoveryLayout, RuntimeLayout};
pub use site::{Copied, GoroutineSource, Moment, Role, Save, Site};
pub use view::{Bound, Link, LinkKind, ViewId, ViewPlan};
