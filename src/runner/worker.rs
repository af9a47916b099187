//! Executes runs: takes them in turn, runs their ready steps in parallel, rests with those that wait.
use super::{
    Inner,
    active::{Active, Next},
    calls::{Alarm, Ended, GivenAnswer, Signal},
    engine::{Entry, Event, Place},
    execute::Finished,
    queue::{Slot, Ticket},
};
use crate::{
    Error, Result,
    clock::{Time, sleep_until_or_look},
    json::in_place,
    model::Scope,
};
use std::{
    collections::{HashMap, hash_map::Entry as Slotted},
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, oneshot},
    task::{AbortHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// When a run that found no memory is tried again.
const SOON: Duration = Duration::from_millis(500);

/// A run in memory, as others see it.
pub(super) struct Live {
    pub tenant: Uuid,
    /// Takes it away from its driver.
    pub token: CancellationToken,
    /// Tells the driver to look into its mail.
    pub mail: Arc<Notify>,
}

/// Says that a run is in memory, so that it is there only once; a cancelled token tells its driver to let go.
pub(super) struct Lease {
    inner: Arc<Inner>,
    run: Uuid,
    pub token: CancellationToken,
    mail: Arc<Notify>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.inner.live.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.run);
    }
}

/// Where a driver begins.
pub(super) enum Start {
    /// These steps were started by a transition that is committed.
    Begun(Vec<Place>),
    /// This happened and is not yet committed.
    Fresh(Vec<Entry>),
}

/// The executions of one run.
#[derive(Default)]
struct Crew {
    tasks: JoinSet<Finished>,
    handles: HashMap<Place, AbortHandle>,
}

impl Inner {
    /// The right to hold a run in memory; none when it is there already.
    pub(super) fn lease(self: &Arc<Self>, ticket: Ticket) -> Option<Lease> {
        let (token, mail) = (self.killed.child_token(), Arc::new(Notify::new()));
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        // looked at under the lock: whoever deletes a tenant takes it after saying so
        if self.is_deleted(ticket.tenant) {
            return None;
        }
        match live.entry(ticket.run) {
            Slotted::Occupied(_) => return None,
            Slotted::Vacant(place) => {
                place.insert(Live { tenant: ticket.tenant, token: token.clone(), mail: Arc::clone(&mail) })
            }
        };
        drop(live);
        Some(Lease { inner: Arc::clone(self), run: ticket.run, token, mail })
    }

    /// Tells whoever holds the run that its state is void.
    pub(super) fn revoke(&self, run: Uuid) {
        if let Some(live) = self.live.lock().unwrap_or_else(PoisonError::into_inner).get(&run) {
            live.token.cancel();
        }
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
        if !self.starved.may_load(ticket) {
            drop(lease);
            self.timers.add(Time::now().plus(SOON), ticket);
            return;
        }
        match self.load(&Scope::system(ticket.tenant), ticket.run).await {
            Ok(Some(mut active)) => {
                if let Some(due) = active.instance.due_at {
                    self.timers.remove(due, ticket);
                }
                let fresh = active.resume(Time::now());
                self.drive(active, Start::Fresh(fresh), lease, slot).await;
            }
            // it has ended: whoever wants to tell it something hears that
            Ok(None) => {
                self.starved.left(ticket, false);
                drop(self.mail.take(ticket.run));
            }
            Err(error) => {
                drop(lease);
                self.starved.left(ticket, is_short_of_memory(&error));
                self.postpone(ticket, &error);
            }
        }
    }

    /// Executes a run until it ends, waits, or is taken away; then says where it goes on.
    pub(super) async fn drive(self: Arc<Self>, mut active: Active, start: Start, lease: Lease, slot: Slot) {
        let ticket = Ticket { tenant: active.scope.tenant, run: active.id() };
        let driven = tokio::select! {
            biased;
            () = lease.token.cancelled() => Ok(None),
            driven = self.advance(&mut active, start, &lease.mail) => driven,
        };
        // first out of memory, then where others may take it up
        in_place(active.memory(), move || drop(active));
        self.starved.left(ticket, driven.as_ref().err().is_some_and(is_short_of_memory));
        drop(lease);
        drop(slot);
        match driven {
            Ok(Some(due)) => self.timers.add(due, ticket),
            Ok(None) => {}
            Err(Error::Conflict(_)) => self.queue.push(ticket),
            Err(error) => self.postpone(ticket, &error),
        }
        if !self.mail.is_empty_for(ticket.run) {
            self.queue.push(ticket);
        }
    }

    /// Transition by transition, each committed before its steps are executed.
    async fn advance(self: &Arc<Self>, active: &mut Active, start: Start, mail: &Notify) -> Result<Option<Time>> {
        let mut crew = Crew::default();
        // what it waits for may have ended while it was out of memory
        let mut calls = active.definition.has_calls;
        let mut next = match start {
            Start::Begun(started) => Next::Go(started),
            Start::Fresh(fresh) => self.transit(active, fresh, &mut calls).await?,
        };
        loop {
            if let Some(failure) = active.overrun.take().filter(|_| !matches!(next, Next::Ended)) {
                let fresh = active.run.abort(failure, Time::now());
                next = self.transit(active, fresh, &mut calls).await?;
                continue;
            }
            if let Next::Go(started) = &mut next {
                for place in started.drain(..) {
                    crew.execute(active, self, place);
                }
            }
            if active.run.take_cut() {
                crew.dismiss(active);
            }
            if let Some(heard) = self.hear(active, &mut calls).await? {
                next = heard;
                continue;
            }
            match next {
                Next::Ended => return Ok(None),
                Next::Rest(due) => return Ok(due),
                Next::Go(_) => {}
            }
            if crew.tasks.is_empty() && self.draining.is_cancelled() {
                // what is ready starts after the restart
                return Ok(None);
            }
            let was_starved = active.is_starved;
            active.account();
            if crew.tasks.is_empty() && active.is_starved {
                // let go of, it is loaded again when there is memory for what comes next
                return Err(Error::Unavailable("there is no memory for this run now"));
            }
            if crew.tasks.is_empty() && was_starved {
                // nothing was started for lack of memory, which there is now: no step's end would wake it
                next = self.transit(active, Vec::new(), &mut calls).await?;
                continue;
            }
            let finished = crew.wait(active.run.next_due(), mail).await?;
            let memory = active.memory();
            let fresh = in_place(memory, || active.finish(finished, Time::now()));
            next = self.transit(active, fresh, &mut calls).await?;
        }
    }

    /// Takes in what the run was told; none when that changes nothing.
    async fn hear(self: &Arc<Self>, active: &mut Active, calls: &mut bool) -> Result<Option<Next>> {
        let now = Time::now();
        let mut fresh = Vec::new();
        let mut replies: Vec<oneshot::Sender<Result<()>>> = Vec::new();
        for signal in self.mail.take(active.id()) {
            match signal {
                Signal::ChildEnded => *calls = true,
                Signal::Answer(given) => {
                    let GivenAnswer { place, done, by, task, reply } = *given;
                    if reply.is_closed() {
                        // it was withdrawn
                        continue;
                    }
                    // membership and role may have changed since the answer was sent
                    if let Err(refusal) = self.check_answer(&by, &task) {
                        let _ = reply.send(Err(refusal));
                        continue;
                    }
                    let entries = active.run.answer(&place, Ok(done), now);
                    if entries.is_empty() {
                        // whoever asked may be gone
                        let _ = reply.send(Err(Error::conflict("the step does not wait for an answer any more")));
                    } else {
                        fresh.extend(entries);
                        replies.push(reply);
                    }
                }
            }
        }
        if std::mem::take(calls) {
            fresh.extend(self.hear_children(active, now).await?);
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

    async fn transit(self: &Arc<Self>, active: &mut Active, fresh: Vec<Entry>, calls: &mut bool) -> Result<Next> {
        let limit = if self.draining.is_cancelled() || active.is_starved { 0 } else { self.limits.steps };
        let memory = active.memory();
        let (fresh, mut change, next) = in_place(memory, || active.transition(fresh, limit, self, Time::now()))?;
        if fresh.is_empty() {
            return Ok(next);
        }
        let ended = matches!(next, Next::Ended);
        change.alarm = if ended { self.alarm(active).map(Box::new) } else { None };
        let alarm = change.alarm.as_deref().map(Alarm::of);
        if ended {
            // before anyone can see the end: whoever does may start the next at once
            self.leave_gate(active.instance.workflow_id, active.id());
        }
        self.commit(active, change).await?;
        if ended {
            self.after_end(&Ended::of(active, alarm));
        }
        let calls_now = |entry: &Entry| matches!(&entry.event, Event::StepWaiting { wait, .. } if wait.child.is_some());
        *calls |= fresh.iter().any(calls_now);
        Ok(next)
    }

    /// Tries again later with a run that cannot be read or moved on now.
    fn postpone(&self, ticket: Ticket, error: &Error) {
        if is_short_of_memory(error) {
            self.timers.add(Time::now().plus(SOON), ticket);
            return;
        }
        tracing::error!(instance = %ticket.run, why = error.in_full(), "a run could not go on; trying again");
        self.timers.add(Time::now().plus(Duration::from_secs(10)), ticket);
    }
}

/// Whether it is only that others hold the memory.
fn is_short_of_memory(error: &Error) -> bool {
    matches!(error, Error::RateLimited { .. } | Error::Unavailable(_))
}

impl Crew {
    fn execute(&mut self, active: &mut Active, inner: &Arc<Inner>, place: Place) {
        let handle = self.tasks.spawn(active.job(inner, place.clone()).execute());
        self.handles.insert(place, handle);
    }

    /// Stops executions that the run has given up.
    fn dismiss(&mut self, active: &Active) {
        self.handles.retain(|place, handle| {
            let runs = active.run.phase(place) == Some(&super::engine::Phase::Running);
            if !runs {
                handle.abort();
            }
            runs
        });
    }

    /// Waits until executions end, something is due, or there is mail; takes all executions that have ended by then.
    async fn wait(&mut self, due: Option<Time>, mail: &Notify) -> Result<Vec<Finished>> {
        let mut finished = Vec::new();
        let mut ended = tokio::select! {
            first = self.tasks.join_next(), if !self.tasks.is_empty() => first,
            () = sleep_until_or_look(due) => None,
            () = mail.notified() => None,
        };
        while let Some(one) = ended {
            match one {
                Ok(one) => {
                    self.handles.remove(&one.place);
                    finished.push(one);
                }
                Err(error) if error.is_cancelled() => {}
                Err(error) => return Err(error.into()),
            }
            ended = self.tasks.try_join_next();
        }
        Ok(finished)
    }
}
