//! Runs in memory: loaded, advanced by committed transitions, and unloaded while they wait.
mod active;
mod commit;
mod conclusion;
mod endings;
mod execute;
mod parked;
mod room;
mod running_steps;
mod scopes;
mod worker;

pub(super) use active::{ActiveRun, NextAction};
pub(super) use conclusion::Conclusion;
pub(super) use endings::{EndedRun, ErrorHandlerRun};
pub(super) use parked::Parked;
pub(super) use room::memory_for;
pub(super) use worker::{DriverStart, LiveRun};
