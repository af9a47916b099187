//! Ends of runs from outside: cancelled by people, skipped, or failed because they cannot be stored.
use super::endings::{EndedRun, ErrorHandlerRun};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope,
        run::{Failure, Instance, Status},
    },
    runner::{
        Inner, Runner,
        engine::{RunEntry, RunEvent},
        journal::{Change, write},
        waiting::Ticket,
    },
    shield::Shielded,
    store::{NewInstance, Progress, StoredInstance, TaskChange},
};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// How a run is ended from outside, not by its own steps.
#[derive(Clone)]
pub enum Conclusion {
    /// Cancelled by a person, or by the setting named in `by`, with the reason if it is not obvious.
    Cancelled { by: String, error: Option<Failure> },
    /// Failed, with the error handler run to start.
    Failed { error: Failure, error_handler: Option<Box<NewInstance>> },
}

impl Conclusion {
    /// Skips a run because its workflow has reached its concurrency limit.
    pub fn skipped(limit: usize) -> Self {
        let why = format!("the workflow reached its concurrency limit of {limit}");
        Self::Cancelled { by: "maxConcurrentRuns".to_owned(), error: Some(Failure::new("SKIPPED", why)) }
    }

    /// Returns the last transition of a run whose journal ends with the entry `seq`.
    pub fn change(self, instance: &Instance, seq: u64, at: Time) -> Result<Change> {
        let (status, error, error_handler, event) = match self {
            Self::Cancelled { by, error } => (Status::Cancelled, error, None, RunEvent::RunCancelled { by }),
            Self::Failed { error, error_handler } => {
                let event = RunEvent::RunFailed { error: error.clone(), output: Value::Null };
                (Status::Failed, Some(error), error_handler, event)
            }
        };
        let progress = Progress {
            status,
            started_at: instance.started_at,
            finished_at: Some(at),
            error: error.map(|error| serde_json::to_string(&error)).transpose()?,
            ..Progress::default()
        };
        let mut change = Change::single(&RunEntry { seq: seq + 1, at, event }, seq, instance.status, progress)?;
        change.tasks = vec![TaskChange::AllClosed];
        change.error_handler = error_handler;
        Ok(change)
    }
}

fn has_ended(status: Status) -> Error {
    Error::conflict(format!("the run has already ended: it is {}", status.as_str()))
}

impl Runner {
    /// Cancels a run in any state. Its history is kept.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if it has ended.
    pub async fn stop(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        self.0.stop(scope, id).await?;
        self.get(scope, id).await
    }
}

impl Inner {
    /// Cancels a run on behalf of the scope's actor.
    pub(in crate::runner) async fn stop(self: &Arc<Self>, scope: &Scope, id: Uuid) -> Result<()> {
        self.conclude(scope, id, Conclusion::Cancelled { by: scope.actor.label.to_string(), error: None }).await
    }

    /// Ends a run, whether or not it is in memory. Completes even if the caller is dropped.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if it has ended.
    pub(in crate::runner) fn conclude(
        self: &Arc<Self>,
        scope: &Scope,
        id: Uuid,
        how: Conclusion,
    ) -> Shielded<Result<()>> {
        let (inner, scope) = (Arc::clone(self), scope.clone());
        self.shield.run(async move {
            let (change, stored) = loop {
                match inner.write_conclusion(&scope, id, how.clone()).await {
                    Err(Error::Conflict(_)) => {
                        // the server that executes the run has moved it on, or somebody else has ended it
                        inner.must_be_unfinished(&scope, id)?;
                        tokio::task::yield_now().await;
                    }
                    concluded => break concluded?,
                }
            };
            inner.after_conclusion(&scope, stored, &change);
            Ok(())
        })
    }

    fn must_be_unfinished(&self, scope: &Scope, id: Uuid) -> Result<()> {
        match self.store.runs.get(|tx| tx.instance_state(scope, id))? {
            None => Err(Error::NotFound("instance")),
            Some((status, _)) if status.is_final() => Err(has_ended(status)),
            Some(_) => Ok(()),
        }
    }

    async fn write_conclusion(&self, scope: &Scope, id: Uuid, how: Conclusion) -> Result<(Change, StoredInstance)> {
        let owned = scope.clone();
        self.store
            .runs
            .write(move |tx| {
                let stored = tx.instance(&owned, id)?.ok_or(Error::NotFound("instance"))?;
                if stored.instance.status.is_final() {
                    return Err(has_ended(stored.instance.status));
                }
                let change = how.change(&stored.instance, stored.seq, Time::now())?;
                // the quota does not matter: an ended run no longer counts
                let _ = write(tx, &owned, id, &change)?;
                // with the end: the owner's place within the concurrency limit must become free
                if *stored.owner != *tx.life() {
                    tx.tell(&Self::notice_of_end(owned.tenant, id, stored.instance.workflow_id)?)?;
                }
                Ok((change, stored))
            })
            .await
    }

    fn after_conclusion(self: &Arc<Self>, scope: &Scope, stored: StoredInstance, change: &Change) {
        let StoredInstance { instance, definition, parent, .. } = stored;
        self.revoke(instance.id);
        if let Some(due) = instance.due_at {
            self.timers.remove(due, Ticket { tenant: scope.tenant, run: instance.id });
        }
        self.notify_watchers(scope.tenant, instance.id, instance.workflow_id, change);
        let definition = self.definition(scope, &definition).ok();
        if let Some(definition) = &definition {
            self.publish(instance.id, definition, &change.entries);
        }
        // a definition that can no longer be read may have a limit and calls
        let (is_limited, has_calls) = definition.map_or((true, true), |definition| {
            (definition.workflow.settings.max_concurrent_runs.is_some(), definition.has_calls)
        });
        self.after_end(&EndedRun {
            scope: Scope::system(scope.tenant),
            id: instance.id,
            workflow_id: instance.workflow_id,
            parent,
            is_limited,
            has_calls,
            error_handler: change.error_handler.as_deref().map(ErrorHandlerRun::of),
        });
    }
}
