//! Executes runs: takes them from the queue, executes their ready steps in parallel, and unloads waiting runs.
use super::{
    active::{ActiveRun, NextAction},
    endings::{EndedRun, ErrorHandlerRun},
    running_steps::RunningSteps,
};
use crate::{
    Error, Result,
    clock::Time,
    json::in_place,
    model::Scope,
    runner::{
        Inner,
        engine::{RunEntry, RunEvent, StepPlace},
        waiting::{GivenAnswer, Signal, Slot, Ticket},
    },
};
use std::{
    collections::hash_map::Entry as Slotted,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Delay before a run is retried that ran out of memory, or whose database does not answer.
const SOON: Duration = Duration::from_millis(500);

/// The entry of a run in memory.
pub struct LiveRun {
    pub tenant: Uuid,
    /// Stops its driver.
    pub token: CancellationToken,
    /// Notifies the driver of new signals.
    pub wake: Arc<Notify>,
}

/// The exclusive right to hold a run in memory. A cancelled token stops its driver.
pub struct RunLease {
    inner: Arc<Inner>,
    run: Uuid,
    pub token: CancellationToken,
    wake: Arc<Notify>,
}

impl Drop for RunLease {
    fn drop(&mut self) {
        self.inner.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.run);
    }
}

/// The state in which a driver starts.
pub enum DriverStart {
    /// A committed transition has started these steps.
    Begun(Vec<StepPlace>),
    /// These entries are not committed yet.
    Fresh(Vec<RunEntry>),
}

/// The state in which a driver leaves its run.
enum DriverEnd {
    /// It waits until this time, or for a signal.
    Waiting(Option<Time>),
    /// It has ended, or continues elsewhere.
    Over,
}

impl Inner {
    /// Acquires the right to hold a run in memory; `None` if it is already in memory or its tenant was deleted.
    pub(in crate::runner) fn lease(self: &Arc<Self>, ticket: Ticket) -> Option<RunLease> {
        let (token, wake) = (self.killed.child_token(), Arc::new(Notify::new()));
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        // check while holding the lock: deleting a tenant marks it first and then takes the lock
        if self.is_deleted(ticket.tenant) {
            return None;
        }
        match live.entry(ticket.run) {
            Slotted::Occupied(_) => return None,
            Slotted::Vacant(place) => {
                place.insert(LiveRun { tenant: ticket.tenant, token: token.clone(), wake: Arc::clone(&wake) })
            }
        };
        drop(live);
        Some(RunLease { inner: Arc::clone(self), run: ticket.run, token, wake })
    }

    /// Invalidates the state of a run in memory.
    pub(in crate::runner) fn revoke(&self, run: Uuid) {
        if let Some(live) = self.live.lock().unwrap_or_else(PoisonError::into_inner).get(&run) {
            live.token.cancel();
        }
        drop(self.parked.take(run));
    }

    /// Starts runs from the queue until the server shuts down.
    pub(in crate::runner) async fn dispatch(self: Arc<Self>) {
        loop {
            let (ticket, slot) = tokio::select! {
                next = self.queue.next() => next,
                () = self.draining.cancelled() => return,
            };
            tokio::select! {
                () = self.wait_for_life() => {}
                () = self.draining.cancelled() => return,
            }
            let inner = Arc::clone(&self);
            self.tasks.spawn(async move { inner.resume(ticket, slot).await });
        }
    }

    /// Queues waiting runs when they are due.
    pub(in crate::runner) async fn watch_timers(self: Arc<Self>) {
        loop {
            tokio::select! {
                ticket = self.timers.next() => self.queue.push(ticket),
                () = self.draining.cancelled() => return,
            }
        }
    }

    /// Loads a run and executes it until it ends or waits.
    pub(in crate::runner) async fn resume(self: Arc<Self>, ticket: Ticket, slot: Slot) {
        let Some(lease) = self.lease(ticket) else { return };
        if !self.starved.may_load(ticket) {
            drop(lease);
            self.timers.add(Time::now().plus(SOON), ticket);
            return;
        }
        let parked = self.parked.take(ticket.run);
        let parked = parked.map(|mut active| active.unpark(&self).map(|()| Some(active)));
        let loaded = match parked {
            Some(Ok(active)) => Ok(active),
            // it is loaded from the store once there is enough memory
            Some(Err(error)) => Err(error),
            None => self.load(&Scope::system(ticket.tenant), ticket.run).await,
        };
        match loaded {
            Ok(Some(mut active)) => {
                if let Some(due) = active.instance.due_at {
                    self.timers.remove(due, ticket);
                }
                let fresh = active.resume(Time::now());
                self.drive(active, DriverStart::Fresh(fresh), lease, slot).await;
            }
            // it has ended: dropping the signals rejects pending answers
            Ok(None) => {
                self.starved.left(ticket, false);
                drop(self.signals.take(ticket.run));
            }
            Err(error) => {
                drop(lease);
                self.starved.left(ticket, is_short_of_memory(&error));
                self.signals.refuse_answers(ticket.run);
                self.postpone(ticket, &error);
            }
        }
    }

    /// Executes a run until it ends, waits or is stopped, and then schedules its continuation.
    pub(in crate::runner) async fn drive(
        self: Arc<Self>,
        mut active: ActiveRun,
        start: DriverStart,
        lease: RunLease,
        slot: Slot,
    ) {
        let ticket = Ticket { tenant: active.scope.tenant, run: active.id() };
        let driven = tokio::select! {
            biased;
            () = lease.token.cancelled() => Ok(DriverEnd::Over),
            driven = self.advance(&mut active, start, &lease.wake) => driven,
        };
        // unload the run before others can resume it
        if let Ok(DriverEnd::Waiting(due)) = driven {
            self.park(active, due);
            if lease.token.is_cancelled() {
                drop(self.parked.take(ticket.run));
            }
        } else {
            in_place(active.memory(), move || drop(active));
        }
        self.starved.left(ticket, driven.as_ref().err().is_some_and(is_short_of_memory));
        drop(lease);
        drop(slot);
        match driven {
            Ok(DriverEnd::Waiting(Some(due))) => self.timers.add(due, ticket),
            Ok(DriverEnd::Waiting(None) | DriverEnd::Over) => {}
            Err(Error::Conflict(_)) => self.queue.push(ticket),
            Err(error) => self.postpone(ticket, &error),
        }
        if !self.signals.is_empty_for(ticket.run) {
            self.queue.push(ticket);
        }
    }

    /// Advances a run by transitions, each committed before its steps are executed.
    async fn advance(self: &Arc<Self>, active: &mut ActiveRun, start: DriverStart, wake: &Notify) -> Result<DriverEnd> {
        let mut running = RunningSteps::default();
        // called runs may have ended while it was not in memory
        let mut calls = active.definition.has_calls;
        let mut next = match start {
            DriverStart::Begun(started) => NextAction::Go(started),
            DriverStart::Fresh(fresh) => self.transit(active, fresh, &mut calls).await?,
        };
        loop {
            if let Some(failure) = active.overrun.take().filter(|_| !matches!(next, NextAction::Ended)) {
                let fresh = active.run.abort(failure, Time::now());
                next = self.transit(active, fresh, &mut calls).await?;
                continue;
            }
            if let NextAction::Go(started) = &mut next {
                for place in started.drain(..) {
                    running.execute(active, self, place);
                }
            }
            if active.run.take_dropped() {
                running.dismiss(active);
            }
            if let Some(heard) = self.handle_signals(active, &mut calls).await? {
                next = heard;
                continue;
            }
            match next {
                NextAction::Ended => return Ok(DriverEnd::Over),
                NextAction::Rest(due) if !running.is_calling() => return Ok(DriverEnd::Waiting(due)),
                NextAction::Rest(_) | NextAction::Go(_) => {}
            }
            if running.is_idle() && self.draining.is_cancelled() {
                // ready steps start after the restart
                return Ok(DriverEnd::Over);
            }
            let was_starved = active.is_starved;
            active.account();
            if running.is_idle() && active.is_starved {
                // unload it: it is loaded again once there is enough memory
                return Err(Error::ShortOfMemory("there is not enough memory for this run right now"));
            }
            if running.is_idle() && was_starved {
                // no step was started for lack of memory, so no ending step would wake the run: start steps now
                next = self.transit(active, Vec::new(), &mut calls).await?;
                continue;
            }
            let finished = running.wait(active.run.next_due(), wake).await?;
            active.has_strays |= running.take_lost();
            let memory = active.memory();
            let fresh = in_place(memory, || active.finish(finished, Time::now()));
            next = self.transit(active, fresh, &mut calls).await?;
        }
    }

    /// Handles the signals of the run. Returns `None` if they change nothing.
    async fn handle_signals(self: &Arc<Self>, active: &mut ActiveRun, calls: &mut bool) -> Result<Option<NextAction>> {
        let now = Time::now();
        let mut fresh = Vec::new();
        let mut replies: Vec<oneshot::Sender<Result<()>>> = Vec::new();
        for signal in self.signals.take(active.id()) {
            match signal {
                Signal::ChildEnded => *calls = true,
                Signal::Stray => active.has_strays = true,
                Signal::Answer(given) => {
                    let GivenAnswer { place, done, by, task, reply } = *given;
                    if reply.is_closed() {
                        // the answer was withdrawn
                        continue;
                    }
                    // membership and role may have changed since the answer was sent
                    if let Err(refusal) = self.check_answer(&by, &task) {
                        let _ = reply.send(Err(refusal));
                        continue;
                    }
                    let entries = active.run.answer(&place, Ok(done), now);
                    if entries.is_empty() {
                        // the caller may have disconnected
                        let _ = reply.send(Err(Error::conflict("the step no longer waits for an answer")));
                    } else {
                        fresh.extend(entries);
                        replies.push(reply);
                    }
                }
            }
        }
        if std::mem::take(&mut active.has_strays) {
            self.stop_strays(active).await?;
        }
        if std::mem::take(calls) {
            fresh.extend(self.handle_ended_children(active, now).await?);
        }
        if fresh.is_empty() {
            return Ok(None);
        }
        let next = self.transit(active, fresh, calls).await?;
        for reply in replies {
            let _ = reply.send(Ok(()));
        }
        Ok(Some(next))
    }

    async fn transit(
        self: &Arc<Self>,
        active: &mut ActiveRun,
        fresh: Vec<RunEntry>,
        calls: &mut bool,
    ) -> Result<NextAction> {
        let limit = if self.draining.is_cancelled() || active.is_starved { 0 } else { self.limits.steps };
        let memory = active.memory();
        let (fresh, mut change, next) = in_place(memory, || active.transition(fresh, limit, self, Time::now()))?;
        if fresh.is_empty() {
            self.stop_dropped(active);
            return Ok(next);
        }
        let ended = matches!(next, NextAction::Ended);
        change.error_handler = if ended { self.error_handler_run(active).map(Box::new) } else { None };
        let error_handler = change.error_handler.as_deref().map(ErrorHandlerRun::of);
        let workflow = active.instance.workflow_id.filter(|_| ended);
        if let Some(workflow) = workflow {
            // before the end is visible: a client that sees it may start the next run immediately
            self.gates.begin_end(workflow, active.id());
        }
        let committed = self.commit(active, change).await;
        if let Some(workflow) = workflow {
            match &committed {
                Ok(()) => self.leave_gate(Some(workflow), active.id()),
                Err(_) => self.gates.cancel_end(workflow, active.id()),
            }
        }
        committed?;
        if ended {
            self.after_end(&EndedRun::of(active, error_handler));
        } else {
            self.stop_dropped(active);
        }
        let calls_now =
            |entry: &RunEntry| matches!(&entry.event, RunEvent::StepWaiting { wait, .. } if wait.child.is_some());
        *calls |= fresh.iter().any(calls_now);
        Ok(next)
    }

    /// Retries a run later that cannot be loaded or advanced now.
    fn postpone(&self, ticket: Ticket, error: &Error) {
        if is_short_of_memory(error) || matches!(error, Error::Unavailable(_)) {
            self.timers.add(Time::now().plus(SOON), ticket);
            return;
        }
        tracing::error!(instance = %ticket.run, why = error.in_full(), "could not continue a run; retrying");
        self.timers.add(Time::now().plus(Duration::from_secs(10)), ticket);
    }
}

/// Returns whether the error is only a lack of memory, which other runs hold.
fn is_short_of_memory(error: &Error) -> bool {
    matches!(error, Error::RateLimited { .. } | Error::ShortOfMemory(_))
}
