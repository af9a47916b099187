//! Executes a step, and turns every failure into an outcome.
use crate::{
    Error,
    connect::secrets::Scrubber,
    json::weight,
    model::{Scope, run::Failure, workflow},
    runner::{
        Inner,
        definition::Definition,
        engine::{StepNotes, StepOutcome, StepPlace},
        nodes::{self, NodeKind, StepContext, StepFailure},
        validate,
    },
    script::Globals,
    variables::Vars,
};
use futures_util::FutureExt;
use serde_json::Value;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Maximum size of a step's output, in bytes.
const MAX_OUTPUT: usize = 4 << 20;

/// Maximum length of a failure's message, in characters.
const MAX_MESSAGE: usize = 4000;

/// The owned data of an execution, so that it can run as a separate task.
pub struct StepJob {
    pub scope: Scope,
    pub instance: Uuid,
    pub is_test: bool,
    /// The number of attempts that failed before.
    pub failures: u32,
    /// The number of ancestors of the run.
    pub depth: u32,
    pub definition: Arc<Definition>,
    pub globals: Globals,
    pub vars: Arc<Vars>,
    pub inner: Arc<Inner>,
    pub place: StepPlace,
}

/// The outcome of an execution.
pub struct FinishedStep {
    pub place: StepPlace,
    pub outcome: StepOutcome,
    pub notes: StepNotes,
}

impl StepJob {
    pub async fn execute(self) -> FinishedStep {
        // wait while the disk is low: the step's result could not be stored
        self.inner.store.quotas().disk.enough().await;
        let notes = Mutex::new(StepNotes::default());
        let mut outcome = AssertUnwindSafe(self.outcome(&notes)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(instance = %self.instance, node = self.place.node, "a step panicked");
            StepOutcome::Failed(Failure::new("SERVER_ERROR", "the step failed because of an error in the server"))
        });
        let mut notes = notes.into_inner().unwrap_or_else(PoisonError::into_inner);
        redact(&self.vars.secrets, &mut outcome, &mut notes);
        if let StepOutcome::Failed(failure) = &mut outcome {
            shorten(&mut failure.message);
        }
        FinishedStep { place: self.place, outcome, notes }
    }

    /// Returns the first variable that the step may use but that cannot be decrypted.
    fn unreadable(&self, kind: &dyn NodeKind, node: &workflow::Node) -> Option<&str> {
        if self.vars.sealed.is_empty() {
            return None;
        }
        let sources = kind.sources(&node.config).unwrap_or_default();
        let used: Vec<_> = sources.iter().map(|source| validate::variables(&source.code)).collect();
        let may_use =
            |name: &&String| used.iter().any(|used| used.as_ref().is_none_or(|used| used.contains(name.as_str())));
        self.vars.sealed.iter().find(may_use).map(String::as_str)
    }

    async fn outcome(&self, notes: &Mutex<StepNotes>) -> StepOutcome {
        let node = &self.definition.workflow.nodes[self.place.node];
        let Some(kind) = nodes::find(&node.r#type) else {
            let why = format!("this server does not support the node type `{}`", node.r#type);
            return StepOutcome::Failed(Failure::new("UNKNOWN_NODE_TYPE", why));
        };
        if let Some(output) = node.pinned_output.as_ref().filter(|_| self.is_test) {
            return pinned(kind, node, output);
        }
        if let Some(name) = self.unreadable(kind, node) {
            let why =
                format!("the variable `{name}` cannot be decrypted with this server's key: enter its value again");
            return StepOutcome::Failed(Error::conflict(why).into());
        }
        let time_limit = node.settings.timeout_ms.map_or_else(|| kind.time_limit(), Duration::from_millis);
        let step = StepContext {
            scope: &self.scope,
            config: &node.config,
            globals: &self.globals,
            services: &self.inner.services,
            runs: &self.inner,
            secrets: &self.vars.secrets,
            time_limit,
            instance: self.instance,
            key: self.place.key(&self.definition.graph),
            failures: self.failures,
            depth: self.depth,
            is_test: self.is_test,
            notes,
        };
        // scripts enforce the same limit and report more detail, so give them time to do so
        let patience = time_limit + Duration::from_millis(500);
        match tokio::time::timeout(patience, kind.run(&step)).await {
            Ok(Ok(outcome)) => bounded(outcome),
            Ok(Err(failed)) => {
                if let StepFailure::Other(Error::Internal(cause)) = &failed {
                    tracing::error!(instance = %self.instance, node = node.id, cause, "a step failed");
                }
                StepOutcome::Failed(failed.into())
            }
            Err(_) => {
                let why = format!("the step took longer than {} ms", time_limit.as_millis());
                StepOutcome::Failed(Failure::from(Error::Timeout(why)))
            }
        }
    }
}

/// Returns the pinned output as the result. Fails if it continues through a handle that the node does not have.
fn pinned(kind: &dyn NodeKind, node: &workflow::Node, output: &Value) -> StepOutcome {
    let done = kind.pinned(&node.config, output.clone());
    let handles = kind.handles(&node.config);
    match done.handles.iter().find(|taken| !handles.iter().any(|handle| handle.id == **taken)) {
        Some(unknown) => {
            let why = format!(
                "the pinned output continues through `{unknown}`, which this step does not have: pin another output"
            );
            StepOutcome::Failed(Failure::new("INVALID_REQUEST", why))
        }
        None => StepOutcome::Done(done),
    }
}

/// Truncates a message. Lists of runs contain it, so it must not carry data.
fn shorten(message: &mut String) {
    if let Some((at, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(at);
        message.push('…');
    }
}

/// Removes secret variables from everything that is kept only for display. Outputs keep them: later steps need them.
fn redact(secrets: &Scrubber, outcome: &mut StepOutcome, notes: &mut StepNotes) {
    if secrets.is_empty() {
        return;
    }
    secrets.clean_value(&mut notes.input);
    notes.logs.iter_mut().for_each(|line| *line = secrets.clean(line));
    match outcome {
        StepOutcome::Failed(failure) => failure.message = secrets.clean(&failure.message),
        StepOutcome::Wait(wait) => {
            if let Some(task) = &mut wait.task {
                task.title = secrets.clean(&task.title);
                task.description = secrets.clean(&task.description);
            }
        }
        StepOutcome::Done(_) | StepOutcome::Loop(_) => {}
    }
}

/// Returns `outcome`, or a failure if its output is too large to store.
fn bounded(outcome: StepOutcome) -> StepOutcome {
    let size = match &outcome {
        StepOutcome::Done(done) => weight(&done.output),
        StepOutcome::Wait(wait) => weight(&wait.then.output),
        StepOutcome::Loop(looping) => looping.items.iter().map(weight).sum(),
        StepOutcome::Failed(_) => 0,
    };
    if size <= MAX_OUTPUT {
        return outcome;
    }
    let why = format!("the output has {size} bytes, more than the limit of {MAX_OUTPUT}: return less data");
    StepOutcome::Failed(Failure::new("OUTPUT_TOO_LARGE", why))
}
