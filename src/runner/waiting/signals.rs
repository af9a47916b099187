//! Signals to runs from outside: answers, and the ends of runs that they called.
use super::queue::Ticket;
use crate::{
    Error, Result,
    model::{Scope, run::ApprovalTask},
    runner::{
        Inner,
        engine::{StepPlace, StepResult},
    },
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A signal to a run from outside.
pub enum Signal {
    /// A run that one of its steps waits for has ended.
    ChildEnded,
    /// A step that was dropped may have started a run, which is now orphaned.
    Stray,
    /// An answer to a waiting step, from an actor who may answer.
    Answer(Box<GivenAnswer>),
}

/// An answer. The permission is checked again before it is committed.
pub struct GivenAnswer {
    pub place: StepPlace,
    pub done: StepResult,
    pub by: Scope,
    pub task: ApprovalTask,
    pub reply: oneshot::Sender<Result<()>>,
}

/// Signals that runs have not handled yet.
#[derive(Default)]
pub struct PendingSignals(Mutex<HashMap<Uuid, Vec<Signal>>>);

impl PendingSignals {
    pub fn put(&self, run: Uuid, signal: Signal) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(run).or_default().push(signal);
    }

    pub fn take(&self, run: Uuid) -> Vec<Signal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&run).unwrap_or_default()
    }

    /// Rejects pending answers because the run cannot be read now. Keeps the other signals.
    pub fn refuse_answers(&self, run: Uuid) {
        for signal in self.take(run) {
            match signal {
                Signal::Answer(given) => {
                    // the caller may have disconnected
                    let _ = given.reply.send(Err(Error::Unavailable("the run cannot be read right now: try again")));
                }
                other => self.put(run, other),
            }
        }
    }

    pub fn is_empty_for(&self, run: Uuid) -> bool {
        !self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&run)
    }
}

impl Inner {
    /// Sends a signal to a run, whether or not it is in memory, and whichever server executes it. Answers reach only runs
    /// of this server.
    pub(in crate::runner) fn post(self: &Arc<Self>, ticket: Ticket, signal: Signal) {
        let Ticket { tenant, run } = ticket;
        let stray = matches!(signal, Signal::Stray);
        if self.fleet.has_others() && !matches!(signal, Signal::Answer(_)) && !self.is_owned(tenant, run) {
            return self.tell_wake(tenant, run, stray);
        }
        self.post_here(ticket, signal);
    }

    /// Sends a signal to a run of this server.
    pub(in crate::runner) fn post_here(&self, ticket: Ticket, signal: Signal) {
        self.signals.put(ticket.run, signal);
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        match live.get(&ticket.run) {
            Some(live) => live.wake.notify_one(),
            None => self.queue.push(ticket),
        }
    }
}
