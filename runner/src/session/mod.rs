//! One run: build → read → plan → self-check → attach → release → ready → drive → settle → drain → judge.

mod attached;
mod cancel;
mod error;
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
mod request;
mod telling;
mod watch;

pub(crate) use attached::Attached;
pub use cancel::Cancel;
pub use error::{SelfCheck, SessionError};
pub use judgement::{SnapshotMode, could_not_run, judge, store};
pub use live::{Live, LiveOptions};
pub use outcome::Ran;
pub use pinned::WatchedLiteral;
pub(crate) use prepare::prepare_running;
pub use prepare::{Prepared, Progress, prepare};
pub use replay::replay;
pub use telling::Free;
pub use watch::{Flushed, Watch, WatchError};
