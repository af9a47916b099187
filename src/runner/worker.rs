//! Executes runs: takes them in turn, runs their ready steps in parallel, rests with those that wait.
use super::{
    Inner,
    active::{Active, Next},
    engine::Entry,
    execute::Finished,
    queue::{Slot, Ticket},
};
use crate::{Error, Result, clock::Time, model::Scope, model::run::Status};
use std::{
    collections::hash_map::Entry as Place,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Says that a run is in memory, so that it is there only once; a cancelled token tells its driver to let go.
pub(super) struct Lease {
    inner: Arc<Inner>,
    run: Uuid,
    pub token: CancellationToken,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.inner.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.run);
    }
}

impl Inner {
    /// The right to hold a run in memory; none when it is there already.
    pub(super) fn lease(self: &Arc<Self>, ticket: Ticket) -> Option<Lease> {
        let token = self.killed.child_token();
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        match live.entry(ticket.run) {
            Place::Occupied(_) => return None,
            Place::Vacant(place) => place.insert((ticket.tenant, token.clone())),
        };
        drop(live);
        Some(Lease { inner: Arc::clone(self), run: ticket.run, token })
    }

    /// Tells whoever holds the run that its state is void.
    pub(super) fn revoke(&self, run: Uuid) {
        if let Some((_, token)) = self.live.lock().unwrap_or_else(PoisonError::into_inner).get(&run) {
            token.cancel();
        }
    }

    /// Puts everything that has not ended where it goes on from.
    pub(super) fn enqueue_unfinished(&self) -> Result<usize> {
        #[allow(clippy::redundant_closure_for_method_calls)] // the method itself is not general enough
        let unfinished = self.store.runs.get(|tx| tx.unfinished_instances())?;
        let count = unfinished.len();
        for run in unfinished {
            let ticket = Ticket { tenant: run.tenant, run: run.id };
            match (run.status, run.due_at) {
                (Status::Waiting, Some(due)) => self.timers.add(due, ticket),
                (Status::Waiting, None) => {}
                _ => self.queue.push(ticket),
            }
        }
        Ok(count)
    }

    /// Starts each run whose turn has come, until the server drains.
    pub(super) async fn dispatch(self: Arc<Self>) {
        loop {
            let (ticket, slot) = tokio::select! {
                next = self.queue.next() => next,
                () = self.draining.cancelled() => return,
            };
            let inner = Arc::clone(&self);
            self.tasks.spawn(async move { inner.resume(ticket, slot).await });
        }
    }

    /// Moves each waiting run to the queue when it is due.
    pub(super) async fn watch_timers(self: Arc<Self>) {
        loop {
            tokio::select! {
                ticket = self.timers.next() => self.queue.push(ticket),
                () = self.draining.cancelled() => return,
            }
        }
    }

    /// Loads a run and drives it until it ends or waits.
    pub(super) async fn resume(self: Arc<Self>, ticket: Ticket, slot: Slot) {
        let Some(lease) = self.lease(ticket) else { return };
        match self.load(&Scope::system(ticket.tenant), ticket.run) {
            Ok(Some(mut active)) => {
                let fresh = active.resume(Time::now());
                self.drive(active, Start::Fresh(fresh), lease, slot).await;
            }
            Ok(None) => {}
            Err(error) => {
                drop(lease);
                self.postpone(ticket, &error);
            }
        }
    }

    /// Executes a run until it ends, waits, or is taken away; then says where it goes on.
    pub(super) async fn drive(self: Arc<Self>, mut active: Active, start: Start, lease: Lease, slot: Slot) {
        let ticket = Ticket { tenant: active.scope.tenant, run: active.id };
        let driven = tokio::select! {
            biased;
            () = lease.token.cancelled() => Ok(None),
            driven = self.advance(&mut active, start) => driven,
        };
        // first out of memory, then where others may take it up
        drop(active);
        drop(lease);
        drop(slot);
        match driven {
            Ok(Some(due)) => self.timers.add(due, ticket),
            Ok(None) => {}
            Err(Error::Conflict(_)) => self.queue.push(ticket),
            Err(error) => self.postpone(ticket, &error),
        }
    }

    /// Transition by transition, each committed before its steps are executed.
    async fn advance(&self, active: &mut Active, start: Start) -> Result<Option<Time>> {
        let mut tasks = JoinSet::new();
        let mut next = match start {
            Start::Begun(started) => Next::Go(started),
            Start::Fresh(fresh) => self.transit(active, fresh).await?,
        };
        loop {
            match next {
                Next::Ended => return Ok(None),
                Next::Rest(due) => return Ok(due),
                Next::Go(started) => {
                    for node in started {
                        tasks.spawn(active.job(&self.services, node).execute());
                    }
                }
            }
            if tasks.is_empty() && self.draining.is_cancelled() {
                // what is ready starts after the restart
                return Ok(None);
            }
            let finished = self.wait(&mut tasks, active.run.next_due()).await?;
            let fresh = active.finish(finished, Time::now());
            next = self.transit(active, fresh).await?;
        }
    }

    async fn transit(&self, active: &mut Active, fresh: Vec<Entry>) -> Result<Next> {
        let limit = if self.draining.is_cancelled() { 0 } else { self.limits.steps };
        let (fresh, change, next) = active.transition(fresh, limit, &self.services, Time::now())?;
        if !fresh.is_empty() {
            self.commit(active, change, &fresh).await?;
        }
        Ok(next)
    }

    /// Waits until executions end or something is due; takes all that have ended by then.
    async fn wait(&self, tasks: &mut JoinSet<Finished>, due: Option<Time>) -> Result<Vec<Finished>> {
        let pause = due.map_or(Duration::from_hours(1), |due| Time::now().until(due));
        let mut finished = Vec::new();
        tokio::select! {
            Some(first) = tasks.join_next() => finished.push(first?),
            () = tokio::time::sleep(pause) => {}
        }
        while let Some(more) = tasks.try_join_next() {
            finished.push(more?);
        }
        Ok(finished)
    }

    /// Tries again later with a run that cannot be read or moved on now.
    fn postpone(&self, ticket: Ticket, error: &Error) {
        if let Error::Internal(cause) = error {
            tracing::error!(instance = %ticket.run, cause, "a run could not go on; trying again");
        } else {
            tracing::error!(instance = %ticket.run, %error, "a run could not go on; trying again");
        }
        self.timers.add(Time::now().plus(Duration::from_secs(10)), ticket);
    }
}

/// Where a driver begins.
pub(super) enum Start {
    /// These steps were started by a transition that is committed.
    Begun(Vec<usize>),
    /// This happened and is not yet committed.
    Fresh(Vec<Entry>),
}
