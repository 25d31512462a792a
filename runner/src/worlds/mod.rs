//! The same spec where its program is not built and run as it says: with another Go release, of another revision, with other settings.
//!
//! A [`World`] says what is different. A [`Stage`] is a spec in a world, ready to run its tests as often as one likes; stages of several
//! worlds may live at once, so that their rounds can take turns.

mod abi;
mod context;
mod go_test_stage;
mod observed;
mod program_stage;
mod stage;
mod versus;
mod world;

pub(crate) use abi::{abi_side, way};
pub(crate) use context::{Context, StageError};
pub(crate) use observed::{ChangedVerdict, ComparedTest, ExplainedCause, Observed, Verdicts};
pub(crate) use stage::Stage;
pub(crate) use versus::{Compared, Versus};
pub(crate) use world::World;
