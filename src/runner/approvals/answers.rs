//! Answers to approvals.
use crate::{
    Error, Result,
    clock::Time,
    model::Scope,
    runner::{
        Runner,
        engine::{StepKey, StepPlace, StepResult},
        fleet::{Answerer, ForwardedAnswer},
        inputs,
        waiting::{GivenAnswer, Signal, Ticket},
    },
    store::OpenTask,
};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// How long an answer waits until its run handles it. Then it is withdrawn.
const HEARD: Duration = Duration::from_mins(1);

/// An answer to an approval.
pub struct ApprovalAnswer {
    /// The handle through which the run continues.
    pub decision: String,
    pub data: Value,
}

impl Runner {
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
    pub async fn answer(&self, scope: &Scope, task: &OpenTask, answer: ApprovalAnswer) -> Result<()> {
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
        let place = StepPlace::find(&definition.graph, &key).ok_or(Error::NotFound("task"))?;
        if !self.0.is_owned(scope.tenant, task.instance) {
            let (decision, task_asked) = (answer.decision, task.task.clone());
            let forwarded = ForwardedAnswer { step: key, decision, output, task: task_asked, by: Answerer::of(scope) };
            return self.0.mail(scope.tenant, task.instance, &forwarded).await;
        }
        let (reply, result) = oneshot::channel();
        let done = StepResult::through(&answer.decision, output);
        let given = GivenAnswer { place, done, by: scope.clone(), task: task.task.clone(), reply };
        self.0.post(Ticket { tenant: scope.tenant, run: task.instance }, Signal::Answer(Box::new(given)));
        let result = tokio::time::timeout(HEARD, result).await;
        let result =
            result.map_err(|_| Error::Unavailable("the run has not processed the answer yet: try again later"))?;
        result.unwrap_or_else(|_| Err(Error::conflict("the run no longer waits for this answer")))
    }
}
