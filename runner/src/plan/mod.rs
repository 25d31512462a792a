//! The plan: a spec's functions against a binary give the addresses to probe and what to read there.
//! Pure and printable; knows neither the kernel nor processes.

mod model;

pub use model::{
    GoroutineSource, Length, Link, LinkLength, Plan, Read, ReadAddress, RequestLayout, Role,
    RuntimeLayout, Site, ViewId, ViewPlan,
};
