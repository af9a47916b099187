//! What starts runs by itself: schedules by the clock, webhooks by their address.
mod answer;
mod hooks;
mod signature;

use super::{
    Runner,
    saved::{Cause, Workflows},
};
use crate::{
    Error, Result,
    clock::Time,
    model::{Json, Scope, run, trigger::Trigger},
    store::{DueTrigger, Settled, Store},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

pub(super) use answer::RESPOND;
pub use answer::{End, Heard};
pub use hooks::{Call, Hook, Hooks};

/// How long nobody looks at the clock at most: it may be set, and another process may write.
const LOOK: Duration = Duration::from_secs(30);
/// How many due schedules are taken at once, and how many of them are started at the same time.
const BATCH: u32 = 500;
const AT_ONCE: usize = 32;
/// How soon, and how late, a time is tried again that could start no run.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_mins(1);

/// Starts runs when they are due.
pub struct Schedules {
    runner: Runner,
    workflows: Arc<Workflows>,
    changed: Notify,
}

impl Schedules {
    pub fn new(runner: Runner, workflows: Arc<Workflows>) -> Self {
        Self { runner, workflows, changed: Notify::new() }
    }

    /// Goes on until the runner is shut down.
    pub fn run(self: &Arc<Self>) {
        let schedules = Arc::clone(self);
        self.runner.0.tasks.spawn(async move { schedules.watch().await });
    }

    /// Looks again: a schedule may be due sooner than before.
    pub fn changed(&self) {
        self.changed.notify_one();
    }

    async fn watch(&self) {
        loop {
            let pause = match self.step(Time::now()).await {
                Ok(next) => next.map_or(LOOK, |next| Time::now().until(next).min(LOOK)),
                Err(error) => {
                    tracing::error!(%error, "schedules could not be looked after; trying again");
                    SOONEST
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.changed.notified() => {}
                () = self.runner.0.draining.cancelled() => return,
            }
        }
    }

    /// Takes up what is due at `now`; answers when the next one is.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn step(&self, now: Time) -> Result<Option<Time>> {
        let due = self.store().read(move |tx| tx.due_triggers(now, BATCH)).await?;
        stream::iter(due).map(|due| self.take_up(due, now)).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        self.store().read(|tx| tx.next_due()).await
    }

    /// Starts a run for a schedule's time, and goes on with the time after it. The run's key names the time: where the
    /// process dies in between, the second attempt finds the run of the first.
    async fn take_up(&self, due: DueTrigger, now: Time) -> Result<()> {
        let mut scope = Scope::system(due.tenant);
        scope.actor.label = "schedule".into();
        let (settled, next) = match self.attempt(&scope, &due, now).await {
            Ok(outcome) => outcome,
            Err(_) if self.runner.0.draining.is_cancelled() => return Ok(()),
            Err(error) => {
                // as long again as it is late by now: 1 s, 2 s, 4 s …
                let again = now.plus(due.scheduled_for.until(now).clamp(SOONEST, LATEST));
                let message = error.to_string();
                tracing::warn!(tenant = %due.tenant, workflow = %due.workflow, trigger = due.id, %error, "a schedule could not start its run; trying again");
                return self.store().write(move |tx| tx.postpone_trigger(&due, again, &message)).await;
            }
        };
        if let Settled::Failed(why) = &settled {
            tracing::warn!(tenant = %due.tenant, workflow = %due.workflow, trigger = due.id, why, "a schedule started no run");
        }
        self.store().write(move |tx| tx.settle_trigger(&due, &settled, next)).await
    }

    /// What the time comes to, and when the next one is.
    ///
    /// # Errors
    /// Only what may pass by itself.
    async fn attempt(&self, scope: &Scope, due: &DueTrigger, now: Time) -> Result<(Settled, Option<Time>)> {
        let saved = match self.workflows.load(scope, due.workflow) {
            Ok(saved) => saved,
            // it was deleted meanwhile, and the row with it
            Err(Error::NotFound(_)) => return Ok((Settled::Skipped, None)),
            Err(error) => return Err(error),
        };
        let Some(Trigger::Schedule(schedule)) =
            saved.trigger(&due.id).filter(|trigger| saved.enabled && trigger.enabled())
        else {
            return Ok((Settled::Skipped, None));
        };
        let next = schedule.next(now.max(due.scheduled_for));
        if !schedule.keeps(due.due_at, now) {
            return Ok((Settled::Failed("was missed: the server did not run".to_owned()), next));
        }
        let cause = Cause {
            trigger: run::Trigger::Schedule,
            input: Json::of(&schedule.input)?,
            key: Some(format!("schedule/{}/{}", due.id, due.scheduled_for.0)),
        };
        match self.workflows.start_once(scope, &saved, cause).await {
            Ok(_) => Ok((Settled::Fired, next)),
            Err(error @ (Error::Invalid(_) | Error::NotFound(_) | Error::Conflict(_) | Error::Forbidden(_))) => {
                Ok((Settled::Failed(error.to_string()), next))
            }
            Err(error) => Err(error),
        }
    }

    fn store(&self) -> &Store {
        &self.runner.0.store
    }
}

#[cfg(test)]
mod tests;
