//! Go tests under goproctor: `go test -exec 'goproctor exec'`, and who judges.
//!
//! `go test` starts [`exec`] for each test binary. That asks a [`helper`] whether a spec looks at the package; if one does, the
//! helper sets the probes, and `exec` runs the binary, holds back what it prints of a test's end until the helper has judged
//! the test, and lets it say that the test failed where it must. The two speak the [`protocol`] over a socket, which closes with either.

mod ahead;
mod arguments;
mod artifacts;
mod exec;
mod helper;
mod mapper;
mod merged;
mod own_exec;
mod protocol;
mod replacement;
mod running;
mod serving;
mod specs;

pub(crate) use exec::{SWITCH, run as exec};
pub(crate) use helper::{Helper, HelperOptions, Package};
pub(crate) use mapper::{Mapper, MapperOptions};
pub(crate) use own_exec::{is_own_exec, own_exec};
pub(crate) use running::{GoRun, GoRunError};
pub(crate) use serving::Answering;
pub(crate) use specs::{all_right, specs_in};
