//! Triggers that start runs automatically: schedules and webhooks.
mod answer;
mod challenge;
mod hooks;
mod signature;

use super::{
    Runner,
    starts::{StartOptions, Workflows},
};
use crate::{
    Error, Result,
    clock::{Backsteps, Time, sleep_until_or_look},
    model::{
        Json, Scope, run,
        schedule::{MOST_TOLD, MissedTimes, Schedule},
        trigger::Trigger,
    },
    store::{DueOutcome, DueTrigger, Store},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

pub use answer::{RunEnd, WaitResult};
pub use challenge::challenge;
pub use hooks::{AdmittedCall, Hook, Hooks};
pub use signature::SignedCall;

/// The number of due schedules that are read at once.
const BATCH: u32 = 500;
/// The number of runs that are started concurrently.
const AT_ONCE: usize = 32;
/// Minimum delay before a failed start is retried.
const SOONEST: Duration = Duration::from_secs(1);
/// Maximum delay before a failed start is retried.
const LATEST: Duration = Duration::from_mins(1);

/// Starts runs when their schedules are due.
pub struct Schedules {
    runner: Runner,
    workflows: Arc<Workflows>,
    changed: Notify,
}

impl Schedules {
    pub fn new(runner: Runner, workflows: Arc<Workflows>) -> Self {
        Self { runner, workflows, changed: Notify::new() }
    }

    /// Starts the background task, which runs until the runner is shut down.
    pub fn run(self: &Arc<Self>) {
        let schedules = Arc::clone(self);
        self.runner.0.tasks.spawn(async move { schedules.watch().await });
    }

    /// Checks the schedules again. Must be called after they were changed, because one may be due earlier.
    pub fn changed(&self) {
        self.changed.notify_one();
    }

    async fn watch(&self) {
        let mut steps = Backsteps::since(Time::now());
        let mut is_behind = self.store().survey(|tx| tx.has_fired_ahead(Time::now())).await.unwrap_or(false);
        loop {
            let now = Time::now();
            is_behind |= steps.happened(now);
            let looked = async {
                if is_behind {
                    self.rewind(now).await?;
                }
                self.step(now).await
            };
            // check regularly even if nothing is due, because another process may write
            let next = match looked.await {
                Ok(next) => {
                    is_behind = false;
                    next
                }
                Err(error) => {
                    tracing::error!(%error, "could not process schedules; retrying");
                    Some(Time::now().plus(SOONEST))
                }
            };
            tokio::select! {
                () = sleep_until_or_look(next) => {}
                () = self.changed.notified() => {}
                () = self.runner.0.draining.cancelled() => return,
            }
        }
    }

    /// Moves schedules to their next time after `now`, because the clock was set back. Times that have already started
    /// a run find it by its key and start no other.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn rewind(&self, now: Time) -> Result<()> {
        let ahead = self.store().survey(move |tx| tx.triggers_ahead(now)).await?;
        tracing::warn!(schedules = ahead.len(), "the clock was set back; moving schedules to their next time");
        for due in ahead {
            let scope = Scope::system(due.tenant);
            let Ok(saved) = self.workflows.load(&scope, due.workflow) else { continue };
            let Some(Trigger::Schedule(schedule)) = saved.trigger(&due.id) else { continue };
            if let Some(next) = schedule.next(now).filter(|next| *next < due.scheduled_for) {
                self.store().write(move |tx| tx.move_trigger(&due, next)).await?;
            }
        }
        Ok(())
    }

    /// Processes the schedules that are due at `now`. Returns when the next one is due.
    ///
    /// # Errors
    /// If the store cannot be read or written.
    pub async fn step(&self, now: Time) -> Result<Option<Time>> {
        let due = self.store().survey(move |tx| tx.due_triggers(now, BATCH)).await?;
        stream::iter(due).map(|due| self.take_up(due, now)).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.store().survey(|tx| tx.next_due()).await
    }

    /// Starts the run of a scheduled time, and moves the schedule to its next time. The run's key contains the time, so
    /// if the process ends in between, the next attempt finds the run.
    async fn take_up(&self, due: DueTrigger, now: Time) -> Result<()> {
        let mut scope = Scope::system(due.tenant);
        scope.actor.label = "schedule".into();
        let (settled, next) = match self.attempt(&scope, &due, now).await {
            Ok(outcome) => outcome,
            Err(_) if self.runner.0.draining.is_cancelled() => return Ok(()),
            Err(error) => {
                // wait as long as the run is late: 1 s, 2 s, 4 s …
                let again = now.plus(now.since(due.scheduled_for).clamp(SOONEST, LATEST));
                let message = error.to_string();
                tracing::warn!(
                    tenant = %due.tenant, workflow = %due.workflow, trigger = due.id, %error,
                    "a schedule could not start its run; retrying"
                );
                return self.store().write(move |tx| tx.postpone_trigger(&due, again, &message)).await;
            }
        };
        if let DueOutcome::Failed(why) | DueOutcome::Missed(why) = &settled {
            tracing::warn!(
                tenant = %due.tenant, workflow = %due.workflow, trigger = due.id, why,
                "a schedule started no run"
            );
        }
        self.store().write(move |tx| tx.settle_trigger(&due, &settled, next, now)).await
    }

    /// Starts the run of a scheduled time. Returns the outcome and the next time.
    ///
    /// # Errors
    /// Only transient errors, after which the start is retried.
    async fn attempt(&self, scope: &Scope, due: &DueTrigger, now: Time) -> Result<(DueOutcome, Option<Time>)> {
        let saved = match self.workflows.load(scope, due.workflow) {
            Ok(saved) => saved,
            // the workflow was deleted in the meantime, and its triggers with it
            Err(Error::NotFound(_)) => return Ok((DueOutcome::Skipped, None)),
            Err(error) => return Err(error),
        };
        let Some(Trigger::Schedule(schedule)) =
            saved.trigger(&due.id).filter(|trigger| saved.enabled && trigger.enabled())
        else {
            return Ok((DueOutcome::Skipped, None));
        };
        // times that are only a little late are started one by one, so that a restart loses none
        let (missed, next) = if Schedule::is_missed(due.due_at, now) {
            schedule.missed_from(due.scheduled_for, now)
        } else {
            (0, schedule.next(due.scheduled_for))
        };
        if missed > 0 && schedule.missed == MissedTimes::Skip {
            return Ok((DueOutcome::Missed(missed_note(missed)), next));
        }
        let cause = StartOptions {
            trigger: run::RunTrigger::Schedule,
            input: Json::of(&schedule.input)?,
            key: Some(format!("schedule/{}/{}", due.id, due.scheduled_for.0)),
            is_awaited: false,
        };
        match self.workflows.start_once(scope, &saved, cause).await {
            Ok(_) => Ok((DueOutcome::Fired, next)),
            Err(error @ (Error::Invalid(_) | Error::NotFound(_) | Error::Conflict(_) | Error::Forbidden(_))) => {
                Ok((DueOutcome::Failed(error.to_string()), next))
            }
            Err(error) => Err(error),
        }
    }

    fn store(&self) -> &Store {
        &self.runner.0.store
    }
}

/// Returns a message about the number of missed times.
fn missed_note(missed: usize) -> String {
    match missed {
        1 => "this run was missed: the server was not running".to_owned(),
        MOST_TOLD.. => format!("this and at least {} more runs were missed: the server was not running", MOST_TOLD - 1),
        _ => format!("this and {} more runs were missed: the server was not running", missed - 1),
    }
}

#[cfg(test)]
mod tests;
