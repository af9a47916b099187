//! What happens next in a run: a pure function of its graph and its journal, without I/O and without a clock.
mod event;
mod graph;
#[cfg(test)]
mod properties;
mod retry;
mod run;

pub use event::{Done, Ends, Entry, Event, Notes, StepKey};
pub use graph::{Graph, START, Vertex, find_cycle};
pub use run::{Outcome, Phase, Run};
