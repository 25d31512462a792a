//! goproctor proves how a Go program behaves inside, not only what it answers.
//!
//! It builds the program, launches it, watches the functions that a TOML spec names with kernel uprobes, sends it
//! requests, and judges what it saw. This is the library behind the `goproctor` command; most people want the command.
//! It puts together the effects; each layer below it is a crate of its own.
//!
//! # A tour
//!
//! A [`spec`] says what is to be watched and what must hold. It is read without the program:
//!
//! ```
//! use std::sync::Arc;
//! use spec::{self, Source};
//!
//! let text = r#"
//! [program]
//! package = "./cmd/shop"
//! args    = ["-addr=127.0.0.1:${port}"]
//!
//! [functions]
//! insert  = "main.(*Store).insert"
//! publish = "main.publish"
//!
//! [[test]]
//! name     = "an order is stored, then announced"
//! request  = { post = "/orders", send = { json = { qty = 1 } }, status = 201 }
//! sequence = ["insert", "publish"]
//! "#;
//! let spec = spec::parse(Source::new("shop.proctor.toml", text))?;
//! assert_eq!(spec.tests[0].requests[0].method, "POST");
//! # Ok::<(), spec::SpecErrors>(())
//! ```
//!
//! Its errors are reported with their places, all at once:
//!
//! ```
//! # use std::sync::Arc;
//! # use spec::{self, Source};
//! let text = "[program]\npackage = \"./cmd/shop\"\n\n[[test]]\nname = \"a\"\nrequset = { get = \"/\" }\n";
//! let errors = spec::parse(Source::new("shop.proctor.toml", text)).unwrap_err();
//! assert!(errors.render(false, false, 80).contains("requset"));
//! ```
//!
//! A [`session`] then takes the spec through the modules, in this order:
//!
//! 1. [`golang`] builds the program so that the wanted functions are out of line, and reads the binary: symbols, types,
//!    parameter lists, machine code.
//! 2. [`plan`] says which addresses to probe and what to read there. From here on nobody needs to know Go.
//! 3. [`kernel`] loads one fixed program with the plan's tables and sets the probes; [`target`] launches the program behind a gate
//!    and sees that it never outlives us; [`drive`] sends the requests and serves the stubs.
//! 4. [`trace`] makes calls, goroutines and requests of the records: an [`Observation`](model::Observation).
//! 5. [`judge::expect`] judges it, [`judge::snapshot`] compares its text, [`report`] shows the verdicts.
//!
//! ```no_run
//! use model::Retention;
//! use goproctor::{target, session::{Cancel, Live, LiveOptions, SnapshotMode, self}};
//! use std::time::Duration;
//!
//! # fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let path = "shop.proctor.toml".as_ref();
//! let standing = target::settle(None, path, &kernel::kept())?; // before any thread
//! let spec = spec::read(path)?;
//! let cancel = Cancel::default();
//! let (prepared, wrong) = session::prepare_spec(&spec, Retention::Totals, &cancel, &mut |_| {})?;
//! if let Some(errors) = wrong {
//!     return Err(errors.into());
//! }
//! let options = LiveOptions { ring_bytes: 32 << 20, record: None };
//! let mut live = Live::begin(prepared, &standing, &cancel, &options, &mut |_| {})?;
//! for test in &spec.tests {
//!     let work = session::work_of(&spec, test, &live.prepared().watch, Retention::Totals);
//!     let ran = live.run(&work)?;
//!     let report = session::judge(&spec, test, ran, SnapshotMode::ReadOnly, Duration::ZERO)?;
//!     println!("{}: {:?}", report.name, report.outcome());
//! }
//! live.end()?;
//! # Ok(())
//! # }
//! ```
//!
//! A [recording](trace::recording) of a session goes through the same code from step 4 on, without privileges.
//!
//! Whatever could not be read, was lost or lies within the uncertainty of a measurement is *unknown*, and an expectation
//! that depends on it is inconclusive: it neither passes nor fails.
#![deny(missing_docs)]

mod cause;
pub mod cli;
pub mod drive;
mod git;
mod go_test;
mod map;
pub mod report;
mod review;
pub mod session;
pub mod target;
pub mod tls;
mod upgrade;
mod worlds;
