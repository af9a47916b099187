//! Starts of runs: saved workflows, sub-workflows, replays, and recovery after a restart.
mod calls;
mod entrance;
mod recovery;
mod replays;
mod saved;
mod start;

pub use replays::ReplayOptions;
pub use saved::{SavedWorkflow, StartOptions, Workflows};
pub(super) use start::NewRun;
