//! The only user of aya: load, attach, drain, detach, and what the kernel is able to do.
//!
//! A [`Kernel`] is the kernel program loaded with the tables of one plan. Its [`Records`] are the live
//! [`RecordSource`](trace::source::RecordSource); they can be moved to a thread of their own.
//!
//! ```no_run
//! use std::{path::Path, time::Duration};
//! use kernel::{Kernel, LoadOptions};
//! use model::plan::Plan;
//! use trace::source::RecordSource as _;
//!
//! # fn watch(plan: &Plan) -> Result<(), Box<dyn std::error::Error>> {
//! let mut kernel = Kernel::load(plan, &LoadOptions::default())?;
//! let mut records = kernel.records()?;
//! kernel.attach(Path::new("./shop"))?;
//! records.drain(Duration::from_millis(100), &mut |record| println!("{} bytes", record.len()))?;
//! kernel.detach()?;
//! # Ok(())
//! # }
//! ```
#![deny(missing_docs)]

mod account;
mod btf;
mod calibrate;
mod capability;
pub mod clock;
mod error;
mod globals;
mod link;
#[cfg(test)]
mod live;
mod loaded;
mod maps;
mod object;
mod own_code;
mod own_sites;
mod point;
mod privilege;
mod program;
mod raised;
mod records;
mod release;
mod return_trial;
mod ring;
mod tables;

pub use btf::BtfError;
pub use calibrate::HitCost;
pub use capability::{Capability, State, capabilities};
pub use error::KernelError;
pub use link::LinkKind;
pub use loaded::LoadOptions;
pub use privilege::{NEEDED, Unprivileged, file_capabilities, kept};
pub use program::{AttachReport, Kernel, SpareKernel};
pub use records::Records;
pub use release::Release;
pub use tables::{Tables, TablesError};
