//! What people do to runs: stop them, answer what they ask.
use super::{
    Inner, Runner,
    active::Change,
    calls::{Ended, GivenAnswer, Signal},
    engine::{Done, Entry, Event, Place, StepKey},
    inputs,
    queue::Ticket,
};
use crate::{
    Error, Result,
    clock::Time,
    model::{
        Scope,
        run::{Instance, Status},
    },
    store::{OpenTask, Progress, TaskChange},
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// An answer to what a step asks.
pub struct Answer {
    /// The handle that the run goes on through.
    pub decision: String,
    pub data: Value,
}

impl Runner {
    /// Cancels a run, whatever it is doing; its history stays.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it has ended.
    pub async fn stop(&self, scope: &Scope, id: Uuid) -> Result<Instance> {
        self.0.stop(scope, id).await?;
        self.get(scope, id).await
    }

    /// The newest questions that wait for a person.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tasks(&self, scope: &Scope, limit: u32) -> Result<Vec<OpenTask>> {
        let scope = scope.clone();
        self.0.store.runs.read(move |tx| tx.tasks(&scope, limit)).await
    }

    /// A question that a run asks.
    ///
    /// # Errors
    /// `NotFound` also when it was answered.
    pub fn task(&self, scope: &Scope, instance: Uuid, task: Uuid) -> Result<OpenTask> {
        self.0.store.runs.get(|tx| tx.task(scope, instance, task)?.ok_or(Error::NotFound("task")))
    }

    /// Answers a question; the run has gone on when this answers.
    ///
    /// # Errors
    /// `Forbidden` for those who are not asked, `Invalid` when the data does not fit the form, `Conflict` when it was answered meanwhile.
    pub async fn answer(&self, scope: &Scope, task: &OpenTask, answer: Answer) -> Result<()> {
        self.0.check_answer(scope, &task.task)?;
        let data = if answer.decision == "approved" {
            inputs::resolve_as("data", &task.task.fields, answer.data)?
        } else {
            // why not, in as many words as the person likes
            inputs::resolve_given("data", &task.task.fields, answer.data)?
        };
        let output = json!({
            "decision": answer.decision,
            "data": data,
            "by": &*scope.actor.label,
            "at": Time::now(),
        });
        let stored = self.0.store.runs.get(|tx| tx.instance(scope, task.instance))?;
        let stored = stored.ok_or(Error::NotFound("task"))?;
        let definition = self.0.definition(scope, &stored.definition)?;
        let key = StepKey { node: task.node.clone(), iteration: task.iteration.clone() };
        let place = Place::find(&definition.graph, &key).ok_or(Error::NotFound("task"))?;
        let (reply, told) = oneshot::channel();
        let done = Done::through(&answer.decision, output);
        let given = GivenAnswer { place, done, by: scope.clone(), task: task.task.clone(), reply };
        self.0.post(Ticket { tenant: scope.tenant, run: task.instance }, Signal::Answer(Box::new(given)));
        told.await.unwrap_or_else(|_| Err(Error::conflict("the run does not wait for this answer any more")))
    }
}

impl Inner {
    pub(super) async fn stop(self: &Arc<Self>, scope: &Scope, id: Uuid) -> Result<()> {
        let owned = scope.clone();
        let cancelled = self.store.runs.write(move |tx| {
            let stored = tx.instance(&owned, id)?.ok_or(Error::NotFound("instance"))?;
            let instance = &stored.instance;
            if instance.status.is_final() {
                let status = instance.status.as_str();
                return Err(Error::conflict(format!("the run has ended already: it is {status}")));
            }
            let event = Event::RunCancelled { by: owned.actor.label.to_string() };
            let entry = Entry { seq: stored.seq + 1, at: Time::now(), event };
            let progress = Progress {
                status: Status::Cancelled,
                started_at: instance.started_at,
                finished_at: Some(entry.at),
                ..Progress::default()
            };
            let mut change = Change::single(&entry, stored.seq, instance.status, progress)?;
            change.tasks = vec![TaskChange::AllClosed];
            // it is over: what the tenant's runs take is less from here on
            let _ = super::active::write(tx, &owned, id, &change)?;
            Ok((change, stored))
        });
        let (change, stored) = cancelled.await?;
        self.revoke(id);
        if let Some(due) = stored.instance.due_at {
            self.timers.remove(due, Ticket { tenant: scope.tenant, run: id });
        }
        let definition = self.definition(scope, &stored.definition)?;
        self.tell(scope.tenant, id, stored.instance.workflow_id, &change);
        self.publish(id, &definition, &change.entries);
        self.after_end(&Ended {
            scope: Scope::system(scope.tenant),
            id,
            workflow_id: stored.instance.workflow_id,
            parent: stored.parent,
            is_limited: definition.workflow.settings.max_concurrent_runs.is_some(),
            has_calls: definition.has_calls,
            alarm: None,
        });
        Ok(())
    }
}
