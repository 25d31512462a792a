//! The process under test: supervisor, free ports, user and privileges, readiness, output, clean end.
//!
//! The target is never our own child. goproctor starts itself a second time as a [supervisor](supervise),
//! which forks the target and is the subreaper of all that descends from it. When the connection between
//! goproctor and the supervisor closes, whatever closed it, the supervisor ends every descendant.
//!
//! ```no_run
//! use std::{path::Path, sync::atomic::AtomicBool, time::Duration};
//! use spec::document::ReadyProbe;
//! use goproctor::target;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // First thing in `main`, before any thread:
//! if target::is_supervisor(std::env::args_os()) {
//!     std::process::exit(i32::from(target::supervise() != std::process::ExitCode::SUCCESS));
//! }
//! let standing = target::settle(None, Path::new("."), &kernel::kept())?;
//!
//! let mut ports = target::Ports::reserve([""])?;
//! let port = ports.number("").ok_or("no port")?;
//! let home = target::TemporaryFolder::create()?;
//! let mut request = target::LaunchRequest::new("./server", ".", standing.user);
//! request.args.push(format!("-listen=127.0.0.1:{port}").into());
//! request.env = target::environment(&home, []);
//!
//! let mut server = target::Target::launch(request)?; // waits at the gate: attach probes now
//! ports.release();
//! server.release()?;
//! server.wait_ready(&ReadyProbe::Accepts, port, None, Duration::from_secs(10), &AtomicBool::new(false))?;
//! let ended = server.stop()?;
//! # let _ = ended; Ok(())
//! # }
//! ```

mod cause;
mod descendants;
mod environment;
mod error;
mod line;
mod news;
mod output;
mod panics;
mod ports;
mod privilege;
mod process;
mod protocol;
mod races;
mod ready;
mod running;
mod stream;
mod supervisor;
mod template;
mod texts;

pub use environment::{TemporaryFolder, environment};
pub use error::{StartFailure, TargetError};
pub(crate) use line::{LEFT_OUT, last_lines};
pub use output::Output;
pub(crate) use panics::PanicReport;
pub use ports::{PortError, Ports};
pub use privilege::{Identity, IdentitySource, PrivilegeError, TargetUser, settle};
pub(crate) use process::TargetProcess;
pub use process::{LaunchRequest, Target};
pub use protocol::Ended;
pub(crate) use races::RaceReports;
pub use running::{Running, RunningError};
pub use stream::{Echo, Stream};
pub use supervisor::{is_supervisor, supervise};
pub use template::TemplateError;
pub(crate) use template::{TemplateVars, variable};
