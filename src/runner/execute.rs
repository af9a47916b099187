//! One execution of one step, with everything that may go wrong turned into an outcome.
use super::{
    Inner,
    definition::Definition,
    engine::{Notes, Outcome, Place},
    nodes::{self, Failed, Step},
};
use crate::{
    Error,
    connect::secrets::Scrubber,
    json::weight,
    model::{Scope, run::Failure},
    script::Globals,
    variables::Vars,
};
use futures_util::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// The largest output of one step.
const MAX_OUTPUT: usize = 4 << 20;

/// The longest message of a failure, in characters.
const MAX_MESSAGE: usize = 4000;

/// What an execution needs; it owns it, so that it can run as a task of its own.
pub(super) struct Job {
    pub scope: Scope,
    pub instance: Uuid,
    pub is_test: bool,
    /// How many runs are above this one.
    pub depth: u32,
    pub definition: Arc<Definition>,
    pub globals: Globals,
    pub vars: Arc<Vars>,
    pub inner: Arc<Inner>,
    pub place: Place,
}

/// What an execution came to.
pub(super) struct Finished {
    pub place: Place,
    pub outcome: Outcome,
    pub notes: Notes,
}

impl Job {
    pub async fn execute(self) -> Finished {
        // a run that is under way waits while the disk is low: what its steps give could not be kept
        self.inner.store.quotas().disk.enough().await;
        let notes = Mutex::new(Notes::default());
        let mut outcome = AssertUnwindSafe(self.outcome(&notes)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(instance = %self.instance, node = self.place.node, "a step panicked");
            Outcome::Failed(Failure::new("SERVER_ERROR", "something went wrong on the server"))
        });
        let mut notes = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        redact(&self.vars.secrets, &mut outcome, &mut notes);
        if let Outcome::Failed(failure) = &mut outcome {
            shorten(&mut failure.message);
        }
        Finished { place: self.place, outcome, notes }
    }

    async fn outcome(&self, notes: &Mutex<Notes>) -> Outcome {
        let node = &self.definition.workflow.nodes[self.place.node];
        let Some(kind) = nodes::find(&node.r#type) else {
            let why = format!("this server has no node type `{}`", node.r#type);
            return Outcome::Failed(Failure::new("UNKNOWN_NODE_TYPE", why));
        };
        if let Some(output) = node.pinned_output.as_ref().filter(|_| self.is_test) {
            return Outcome::Done(kind.pinned(output.clone()));
        }
        let time_limit = node.settings.timeout_ms.map_or_else(|| kind.time_limit(), Duration::from_millis);
        let step = Step {
            scope: &self.scope,
            config: &node.config,
            globals: &self.globals,
            services: &self.inner.services,
            runs: &self.inner,
            secrets: &self.vars.secrets,
            time_limit,
            instance: self.instance,
            key: self.place.key(&self.definition.graph),
            depth: self.depth,
            is_test: self.is_test,
            notes,
        };
        // a script has the same limit inside and says more about it: let it speak first
        let patience = time_limit + Duration::from_millis(500);
        match tokio::time::timeout(patience, kind.run(&step)).await {
            Ok(Ok(outcome)) => bounded(outcome),
            Ok(Err(failed)) => {
                if let Failed::Other(Error::Internal(cause)) = &failed {
                    tracing::error!(instance = %self.instance, node = node.id, cause, "a step failed");
                }
                Outcome::Failed(failed.into())
            }
            Err(_) => {
                let why = format!("the step took longer than {} ms", time_limit.as_millis());
                Outcome::Failed(Failure::from(Error::Timeout(why)))
            }
        }
    }
}

/// Lists of runs tell why each failed: a message is no place for data.
fn shorten(message: &mut String) {
    if let Some((at, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(at);
        message.push('…');
    }
}

/// Takes secret variables out of all that is kept only to be looked at. Outputs stay as they are: later steps need them.
fn redact(secrets: &Scrubber, outcome: &mut Outcome, notes: &mut Notes) {
    if secrets.is_empty() {
        return;
    }
    secrets.clean_value(&mut notes.input);
    notes.logs.iter_mut().for_each(|line| *line = secrets.clean(line));
    match outcome {
        Outcome::Failed(failure) => failure.message = secrets.clean(&failure.message),
        Outcome::Wait(wait) => {
            if let Some(task) = &mut wait.task {
                task.title = secrets.clean(&task.title);
                task.description = secrets.clean(&task.description);
            }
        }
        Outcome::Done(_) | Outcome::Loop(_) => {}
    }
}

/// `outcome`, unless its output is too large to keep.
fn bounded(outcome: Outcome) -> Outcome {
    let size = match &outcome {
        Outcome::Done(done) => weight(&done.output),
        Outcome::Wait(wait) => weight(&wait.then.output),
        Outcome::Loop(looping) => looping.items.iter().map(weight).sum(),
        Outcome::Failed(_) => 0,
    };
    if size <= MAX_OUTPUT {
        return outcome;
    }
    let why =
        format!("the output has {size} bytes, more than the {MAX_OUTPUT} that a step may give: return less of it");
    Outcome::Failed(Failure::new("OUTPUT_TOO_LARGE", why))
}
