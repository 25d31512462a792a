//! One run: build → read → plan → self-check → attach → release → ready → drive → settle → drain → judge.

mod attached;
mod cancel;
mod drain;
mod error;
mod follower;
mod function_names;
mod judgement;
mod live;
mod outcome;
mod pinned;
mod prepare;
mod process;
mod races;
mod recorder;
mod replay;
mod specified;
mod watch;
mod work;

pub(crate) use attached::Attached;
pub use cancel::Cancel;
pub use drain::{Drain, DrainError, Flushed};
pub use error::{SelfCheck, SessionError};
pub(crate) use follower::TraceEvent;
pub use judgement::{SnapshotMode, could_not_run, judge, store};
pub use live::{Live, LiveOptions};
pub use outcome::TestRun;
pub use pinned::{ClosureError, ClosureErrors, WatchedLiteral};
pub(crate) use prepare::prepare_running;
pub use prepare::{Prepared, Progress, prepare};
pub use recorder::RecordTo;
pub use replay::replay;
pub use specified::{prepare_spec, work_of};
pub use watch::{Watch, WatchRedactions, WatchedFunction};
pub use work::{Work, Workload};
