//! Actions of people on runs: cancelling a run, answering an approval.
use super::{
    Inner, Runner,
    calls::{Alarm, Ended, GivenAnswer, Signal},
    commit::{self, Change},
    engine::{Done, Entry, Event, Place, StepKey},
    inputs,
    queue::Ticket,
};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope,
        run::{Failure, Instance, Status},
    },
    shield::Shielded,
    store::{NewInstance, OpenTask, Progress, StoredInstance, TaskChange},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::oneshot;
use uuid::Uuid;

/// How long an answer waits until its run handles it. Then it is withdrawn.
const HEARD: Duration = Duration::from_mins(1);

/// An answer to an approval.
pub struct Answer {
    /// The handle through which the run continues.
    pub decision: String,
    pub data: Value,
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

    /// Returns the newest open approvals.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn tasks(&self, scope: &Scope, limit: u32) -> Result<Vec<OpenTask>> {
        let scope = scope.clone();
        self.0.store.runs.read(scope.tenant, move |tx| tx.tasks(&scope, limit)).await
    }

    /// Returns an open approval of a run.
    ///
    /// # Errors
    /// `NotFound`, also if it was already answered.
    pub fn task(&self, scope: &Scope, instance: Uuid, task: Uuid) -> Result<OpenTask> {
        self.0.store.runs.get(|tx| tx.task(scope, instance, task)?.ok_or(Error::NotFound("task")))
    }

    /// Answers an approval. When this returns, the run has continued.
    ///
    /// # Errors
    /// `Forbidden` if the actor may not answer, `Invalid` if the data does not fit the form, `Conflict` if the approval
    /// was answered in the meantime.
    pub async fn answer(&self, scope: &Scope, task: &OpenTask, answer: Answer) -> Result<()> {
        self.0.check_answer(scope, &task.task)?;
        let data = if answer.decision == "approved" {
            inputs::resolve_as("data", &task.task.fields, answer.data)?
        } else {
            // a rejection may leave out fields of the form
            inputs::resolve_given("data", &task.task.fields, answer.data)?
        };
        let output = json!({
            "decision": answer.decision,
            "data": data,
            "by": &*scope.actor.label,
            "at": Time::now(),
        });
        let definition = self.0.store.runs.get(|tx| tx.definition_of(scope, task.instance))?;
        let definition = self.0.definition(scope, &definition.ok_or(Error::NotFound("task"))?)?;
        let key = StepKey { node: task.node.clone(), iteration: task.iteration.clone() };
        let place = Place::find(&definition.graph, &key).ok_or(Error::NotFound("task"))?;
        let (reply, told) = oneshot::channel();
        let done = Done::through(&answer.decision, output);
        let given = GivenAnswer { place, done, by: scope.clone(), task: task.task.clone(), reply };
        self.0.post(Ticket { tenant: scope.tenant, run: task.instance }, Signal::Answer(Box::new(given)));
        let told = tokio::time::timeout(HEARD, told).await;
        let told = told.map_err(|_| Error::Unavailable("the run has not processed the answer yet: try again later"))?;
        told.unwrap_or_else(|_| Err(Error::conflict("the run no longer waits for this answer")))
    }
}

/// How a run is ended from outside, not by its own steps.
pub(super) enum Conclusion {
    /// Cancelled by a person, or by the setting named in `by`, with the reason if it is not obvious.
    Cancelled { by: String, error: Option<Failure> },
    /// Failed, with the error handler run to start.
    Failed { error: Failure, alarm: Option<Box<NewInstance>> },
}

impl Conclusion {
    /// Skips a run because its workflow has reached its concurrency limit.
    pub fn skipped(limit: usize) -> Self {
        let why = format!("the workflow reached its concurrency limit of {limit}");
        Self::Cancelled { by: "maxConcurrentRuns".to_owned(), error: Some(Failure::new("SKIPPED", why)) }
    }

    /// Returns the last transition of a run whose journal ends with the entry `seq`.
    pub fn change(self, instance: &Instance, seq: u64, at: Time) -> Result<Change> {
        let (status, error, alarm, event) = match self {
            Self::Cancelled { by, error } => (Status::Cancelled, error, None, Event::RunCancelled { by }),
            Self::Failed { error, alarm } => {
                let event = Event::RunFailed { error: error.clone(), output: Value::Null };
                (Status::Failed, Some(error), alarm, event)
            }
        };
        let progress = Progress {
            status,
            started_at: instance.started_at,
            finished_at: Some(at),
            error: error.map(|error| serde_json::to_string(&error)).transpose()?,
            ..Progress::default()
        };
        let mut change = Change::single(&Entry { seq: seq + 1, at, event }, seq, instance.status, progress)?;
        change.tasks = vec![TaskChange::AllClosed];
        change.alarm = alarm;
        Ok(change)
    }
}

impl Inner {
    /// Cancels a run on behalf of the scope's actor.
    pub(super) async fn stop(self: &Arc<Self>, scope: &Scope, id: Uuid) -> Result<()> {
        self.conclude(scope, id, Conclusion::Cancelled { by: scope.actor.label.to_string(), error: None }).await
    }

    /// Ends a run, whether or not it is in memory. Completes even if the caller is dropped.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if it has ended.
    pub(super) fn conclude(self: &Arc<Self>, scope: &Scope, id: Uuid, how: Conclusion) -> Shielded<Result<()>> {
        let (inner, scope) = (Arc::clone(self), scope.clone());
        self.shield.run(async move {
            let owned = scope.clone();
            let concluded = inner.store.runs.write(move |tx| {
                let stored = tx.instance(&owned, id)?.ok_or(Error::NotFound("instance"))?;
                if stored.instance.status.is_final() {
                    let status = stored.instance.status.as_str();
                    return Err(Error::conflict(format!("the run has already ended: it is {status}")));
                }
                let change = how.change(&stored.instance, stored.seq, Time::now())?;
                // the quota does not matter: an ended run no longer counts
                let _ = commit::write(tx, &owned, id, &change)?;
                Ok((change, stored))
            });
            let (change, stored) = concluded.await?;
            inner.after_conclusion(&scope, stored, &change);
            Ok(())
        })
    }

    fn after_conclusion(self: &Arc<Self>, scope: &Scope, stored: StoredInstance, change: &Change) {
        let StoredInstance { instance, definition, parent, .. } = stored;
        self.revoke(instance.id);
        if let Some(due) = instance.due_at {
            self.timers.remove(due, Ticket { tenant: scope.tenant, run: instance.id });
        }
        self.tell(scope.tenant, instance.id, instance.workflow_id, change);
        let definition = self.definition(scope, &definition).ok();
        if let Some(definition) = &definition {
            self.publish(instance.id, definition, &change.entries);
        }
        // a definition that can no longer be read may have a limit and calls
        let (is_limited, has_calls) = definition.map_or((true, true), |definition| {
            (definition.workflow.settings.max_concurrent_runs.is_some(), definition.has_calls)
        });
        self.after_end(&Ended {
            scope: Scope::system(scope.tenant),
            id: instance.id,
            workflow_id: instance.workflow_id,
            parent,
            is_limited,
            has_calls,
            alarm: change.alarm.as_deref().map(Alarm::of),
        });
    }
}
