//! Answers to approvals that reach another server than the one that executes the run.
use crate::{
    Error, Result,
    model::{ActorKind, Scope, run::ApprovalTask},
    runner::{
        Inner,
        engine::{StepKey, StepPlace, StepResult},
        waiting::{GivenAnswer, Signal, Ticket},
    },
    store::MailedAnswer,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::oneshot;
use uuid::Uuid;

/// How long an answer waits until its run handles it, and how often to look.
const HEARD: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(50);

/// An answer on its way to the owner of its run.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::runner) struct ForwardedAnswer {
    pub step: StepKey,
    pub decision: String,
    pub output: Value,
    pub task: ApprovalTask,
    pub by: Answerer,
}

/// Who answers.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::runner) struct Answerer {
    kind: ActorKind,
    id: Uuid,
    label: String,
}

/// What became of an answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum AnswerResult {
    Accepted,
    Forbidden(String),
    Conflict(String),
    /// The run could not be read or advanced.
    Failed,
}

impl Answerer {
    pub fn of(scope: &Scope) -> Self {
        Self { kind: scope.actor.kind, id: scope.actor.id, label: scope.actor.label.to_string() }
    }

    fn scope(self, tenant: Uuid) -> Scope {
        let mut scope = Scope::system(tenant);
        scope.actor.kind = self.kind;
        scope.actor.id = self.id;
        scope.actor.label = self.label.into();
        scope
    }
}

impl AnswerResult {
    fn of(result: Result<()>) -> Self {
        match result {
            Ok(()) => Self::Accepted,
            Err(Error::Forbidden(why)) => Self::Forbidden(why),
            Err(Error::Conflict(why)) => Self::Conflict(why),
            Err(_) => Self::Failed,
        }
    }

    fn result(self) -> Result<()> {
        match self {
            Self::Accepted => Ok(()),
            Self::Forbidden(why) => Err(Error::Forbidden(why)),
            Self::Conflict(why) => Err(Error::Conflict(why)),
            Self::Failed => Err(Error::Unavailable("the run cannot be read right now: try again")),
        }
    }
}

impl Inner {
    /// Sends an answer to the server that executes the run, and waits for what became of it.
    ///
    /// # Errors
    /// Those of the run.
    pub(in crate::runner) async fn mail(&self, tenant: Uuid, run: Uuid, answer: &ForwardedAnswer) -> Result<()> {
        let (id, body) = (Uuid::now_v7(), serde_json::to_string(answer)?);
        self.store.runs.write_aside(move |tx| tx.post_answer(id, tenant, run, &body)).await?;
        let begun = Instant::now();
        loop {
            tokio::time::sleep(LOOK).await;
            if let Some(result) = self.store.runs.write_aside(move |tx| tx.answer_result(id)).await? {
                return serde_json::from_str::<AnswerResult>(&result)?.result();
            }
            if begun.elapsed() >= HEARD && self.store.runs.write_aside(move |tx| tx.withdraw_answer(id)).await? {
                return Err(Error::Unavailable("the run has not processed the answer yet: try again later"));
            }
            if begun.elapsed() >= HEARD * 2 {
                return Err(Error::Unavailable("it is not known yet whether the run has processed the answer"));
            }
        }
    }

    /// Passes answers from other servers to the runs of this one.
    pub(super) async fn handle_mail(self: &Arc<Self>) -> Result<()> {
        for MailedAnswer { id, tenant, run, body } in self.store.runs.write_aside(|tx| tx.take_answers()).await? {
            let inner = Arc::clone(self);
            self.tasks.spawn(async move {
                let result = AnswerResult::of(inner.deliver(tenant, run, &body).await);
                let settled = async {
                    let result = serde_json::to_string(&result)?;
                    inner.store.runs.write_aside(move |tx| tx.settle_answer(id, &result)).await
                };
                if let Err(error) = settled.await {
                    tracing::warn!(instance = %run, %error, "could not tell another server what became of an answer");
                }
            });
        }
        Ok(())
    }

    async fn deliver(self: &Arc<Self>, tenant: Uuid, run: Uuid, body: &str) -> Result<()> {
        let ForwardedAnswer { step, decision, output, task, by } = serde_json::from_str(body)?;
        let by = by.scope(tenant);
        let definition = self.store.runs.get(|tx| tx.definition_of(&by, run))?.ok_or(Error::NotFound("task"))?;
        let place = StepPlace::find(&self.definition(&by, &definition)?.graph, &step).ok_or(Error::NotFound("task"))?;
        let (reply, result) = oneshot::channel();
        let done = StepResult::through(&decision, output);
        let given = GivenAnswer { place, done, by, task, reply };
        self.post_here(Ticket { tenant, run }, Signal::Answer(Box::new(given)));
        let result = tokio::time::timeout(HEARD, result).await;
        let result =
            result.map_err(|_| Error::Unavailable("the run has not processed the answer yet: try again later"))?;
        result.unwrap_or_else(|_| Err(Error::conflict("the run no longer waits for this answer")))
    }
}
