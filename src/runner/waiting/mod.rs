//! What runs wait for: a place in the queue, a concurrency limit, a time, memory, signals.
mod gates;
mod queue;
mod signals;
mod starved;
mod timers;

pub(super) use gates::Gates;
pub(super) use queue::{Queue, Slot, Ticket};
pub(super) use signals::{GivenAnswer, PendingSignals, Signal};
pub(super) use starved::Starved;
pub(super) use timers::Timers;
