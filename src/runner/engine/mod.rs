//! Decides what happens next in a run. A pure function of the graph and the journal, without I/O or a clock.
mod apply;
mod board;
mod cycle;
mod event;
mod graph;
mod loop_progress;
mod loops;
mod place;
#[cfg(test)]
mod properties;
mod result;
mod retry;
mod run;

#[cfg(test)]
use board::Board;
pub use board::Phase;
pub use cycle::find_cycle;
pub use event::{AnsweredApproval, EndEffect, ReusedResults, RunEntry, RunEvent, StepKey, StepNotes, StepResult, Wait};
pub use graph::{Graph, JOIN, LOOP, MAX_DEPTH, START, Vertex};
pub use loop_progress::{LoopPlan, OnItemError};
pub use place::{Iteration, StepPlace};
pub use run::{RunState, StepOutcome};
