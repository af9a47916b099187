//! Caches saved workflows, ready to run, until a record of the tenant changes.
use crate::{
    Error, Result,
    error::FieldProblem,
    model::{Json, Scope, Workflow, run, trigger::Trigger},
    runner::{AcceptedRun, Definition, RunRequest, Runner},
    store::Remembered,
};
use std::sync::Arc;
use uuid::Uuid;

/// Maximum number of cached workflows.
const REMEMBERED: u64 = 2000;

/// The saved workflows of all tenants.
pub struct Workflows {
    runner: Runner,
    known: Remembered<(Uuid, Uuid), Arc<SavedWorkflow>>,
}

/// A saved workflow.
pub struct SavedWorkflow {
    pub id: Uuid,
    pub name: String,
    pub version: u64,
    pub enabled: bool,
    pub triggers: Vec<Trigger>,
    /// The definition, or the problems that prevent the workflow from running.
    definition: Result<Arc<Definition>, Vec<FieldProblem>>,
}

/// How a run is started, and with which input.
pub struct StartOptions {
    pub trigger: run::RunTrigger,
    pub input: Json,
    /// The same key starts only one run of the same workflow.
    pub key: Option<String>,
    /// Whether the caller waits for it.
    pub is_awaited: bool,
}

impl SavedWorkflow {
    /// # Errors
    /// `Invalid` with every problem that prevents it from running.
    pub fn definition(&self) -> Result<&Arc<Definition>> {
        self.definition.as_ref().map_err(|problems| Error::Invalid(problems.clone()))
    }

    pub fn trigger(&self, id: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|trigger| trigger.id() == id)
    }
}

impl Workflows {
    pub fn new(runner: Runner) -> Self {
        Self { runner, known: Remembered::new(REMEMBERED) }
    }

    /// # Errors
    /// `NotFound`.
    pub fn load(&self, scope: &Scope, id: Uuid) -> Result<Arc<SavedWorkflow>> {
        let store = &self.runner.0.store;
        self.known.get(store, (scope.tenant, id), || {
            let record = store.get(|tx| tx.find::<Workflow>(scope, id))?;
            let mut workflow = record.spec;
            let triggers = std::mem::take(&mut workflow.triggers);
            let definition = match self.runner.prepare(scope, &workflow) {
                Ok(definition) => Ok(definition),
                Err(Error::Invalid(problems)) => Err(problems),
                Err(error) => return Err(error),
            };
            let (name, version, enabled) = (record.label.name, record.version, workflow.enabled);
            Ok(Arc::new(SavedWorkflow { id, name, version, enabled, triggers, definition }))
        })
    }

    /// Starts a run. It is committed when this returns.
    ///
    /// # Errors
    /// As [`Runner::start`]; `Conflict` if the key has already started a run with another input.
    pub async fn start(&self, scope: &Scope, saved: &SavedWorkflow, cause: StartOptions) -> Result<AcceptedRun> {
        let request = RunRequest {
            workflow_id: Some(saved.id),
            workflow_name: saved.name.clone(),
            workflow_version: saved.version,
            definition: Arc::clone(saved.definition()?),
            input: cause.input,
            trigger: cause.trigger,
            is_test: false,
            idempotency_key: cause.key,
            is_awaited: cause.is_awaited,
        };
        self.runner.start(scope, request).await
    }

    /// Like [`Self::start`], but returns the first run of the key whatever its input: repeated calls may differ
    /// slightly.
    ///
    /// # Errors
    /// As [`Runner::start`].
    pub async fn start_once(&self, scope: &Scope, saved: &SavedWorkflow, cause: StartOptions) -> Result<AcceptedRun> {
        let key = cause.key.clone();
        let (error, key) = match (self.start(scope, saved, cause).await, key) {
            (Err(error @ Error::Conflict(_)), Some(key)) => (error, key),
            (other, _) => return other,
        };
        let first = self.runner.0.store.runs.get(|tx| match tx.instance_by_key(scope, saved.id, &key)? {
            Some(id) => Ok(tx.instance_state(scope, id)?.map(|(status, _)| AcceptedRun::unfollowed(id, status))),
            None => Ok(None),
        })?;
        first.ok_or(error)
    }
}
