//! The context in which a node is executed.
use super::{NodeConfig, NodeFuture, join};
use crate::{
    Error, Result,
    budget::Account,
    connect::{http::Client, secrets::Scrubber},
    json,
    mail::Mailer,
    model::{
        Scope,
        run::{ApprovalRoles, Failure},
    },
    runner::engine::{StepKey, StepNotes},
    script::{Globals, Sandbox, ScriptProblem, ScriptProblemKind, template},
    variables::Vars,
};
use serde_json::{Map, Value};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Maximum size of the resolved input that is stored with a step, in bytes.
const KEPT_INPUT: usize = 64 << 10;

/// What steps need from the rest of the server.
pub trait Backend: Send + Sync {
    /// Executes a saved query of the scope's tenant for a run: `{data, columns, rowCount, truncated}`.
    fn execute_query<'a>(
        &'a self,
        scope: &'a Scope,
        run: Uuid,
        query: Uuid,
        parameters: Map<String, Value>,
    ) -> NodeFuture<'a, Result<Value>>;

    /// Returns the variables of the scope's tenant, including secret ones.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn variables(&self, scope: &Scope) -> Result<Arc<Vars>>;
}

/// A call of another workflow by a step.
pub struct WorkflowCall {
    pub workflow: Uuid,
    pub input: Value,
    pub caller: Uuid,
    /// The calling step.
    pub step: StepKey,
    /// The number of the step's attempts that failed before. Each attempt starts at most one run.
    pub failures: u32,
    /// The number of ancestors of the new run.
    pub depth: u32,
    pub is_test: bool,
}

/// What steps need from the runner.
pub trait RunnerAccess: Send + Sync {
    /// Starts a run that the caller waits for. It is committed when this returns.
    fn call<'a>(&'a self, scope: &'a Scope, call: WorkflowCall) -> NodeFuture<'a, Result<Uuid>>;

    /// Resolves roles given by id or name to the form that an approval stores. Keeps unknown roles, which allow nobody
    /// to answer.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn asked(&self, scope: &Scope, roles: Vec<String>) -> Result<ApprovalRoles>;
}

/// Services that all steps share.
pub struct Services {
    pub sandbox: Sandbox,
    pub backend: Box<dyn Backend>,
    pub web: Client,
    pub mail: Arc<Mailer>,
    /// The memory budget of steps that are being executed.
    pub budget: Account,
}

/// An execution of a node.
pub struct StepContext<'a> {
    pub scope: &'a Scope,
    pub config: &'a NodeConfig,
    /// The scope of expressions: `input`, `steps`, `vars`, `run`.
    pub globals: &'a Globals,
    pub services: &'a Services,
    pub runs: &'a dyn RunnerAccess,
    /// Removes the tenant's secret variables from text.
    pub secrets: &'a Scrubber,
    /// The timeout of the step.
    pub time_limit: Duration,
    pub instance: Uuid,
    pub key: StepKey,
    /// The number of attempts that failed before.
    pub failures: u32,
    /// The number of ancestors of the run.
    pub depth: u32,
    pub is_test: bool,
    pub notes: &'a Mutex<StepNotes>,
}

/// Why a step failed.
#[derive(Debug)]
pub enum StepFailure {
    /// A script or template failed, at this path in the config.
    Script(String, Box<ScriptProblem>),
    /// Another system refused the request or failed; with the node's error code.
    External(&'static str, Error),
    Other(Error),
}

/// Assigns the node's error code to failures of another system.
pub(super) fn external(code: &'static str) -> impl Fn(Error) -> StepFailure {
    move |error| match error {
        Error::Datasource(_) => StepFailure::External(code, error),
        other => StepFailure::Other(other),
    }
}

impl From<Error> for StepFailure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<StepFailure> for Failure {
    fn from(failed: StepFailure) -> Self {
        let (path, problem) = match failed {
            StepFailure::Script(path, problem) => (path, problem),
            StepFailure::External(code, error) => return Self { code: code.to_owned(), ..error.into() },
            StepFailure::Other(error) => return error.into(),
        };
        let code = match problem.kind {
            ScriptProblemKind::Syntax | ScriptProblemKind::Thrown => "SCRIPT_ERROR",
            ScriptProblemKind::Limit => "SCRIPT_LIMIT",
            ScriptProblemKind::Timeout => "TIMEOUT",
            ScriptProblemKind::Busy => "RATE_LIMITED",
            ScriptProblemKind::Unavailable => "UNAVAILABLE",
        };
        let inner = join(&path, &problem.path);
        let message = if inner.is_empty() { problem.to_string() } else { format!("{inner}: {problem}") };
        let transient = matches!(
            problem.kind,
            ScriptProblemKind::Timeout | ScriptProblemKind::Busy | ScriptProblemKind::Unavailable
        );
        Self { transient, ..Self::new(code, message) }
    }
}

impl StepContext<'_> {
    /// Returns a key of the form `instanceID/nodeID/iteration`. All attempts of a step have the same key.
    pub fn idempotency_key(&self) -> String {
        format!("{}/{}", self.instance, self.key)
    }

    /// Resolves the templates in `value`. `path` is its path in the config.
    pub async fn resolve(&self, value: &Value, path: &str) -> Result<Value, StepFailure> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        template::resolve_value(value, self.globals, &sandbox, self.time_limit)
            .await
            .map_err(|problem| self.failed(problem, path))
    }

    /// Runs `code`, the body of an async function with the scope of expressions.
    pub async fn script(&self, code: &str, path: &str) -> Result<Value, StepFailure> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        match sandbox.run(code, Globals::clone(self.globals), self.time_limit).await {
            Ok(ran) => {
                self.log(ran.logs);
                Ok(ran.value)
            }
            Err(problem) => Err(self.failed(problem, path)),
        }
    }

    /// Returns whether the regular expression `pattern`, at `path` in the config, matches `text`.
    pub async fn matches(&self, pattern: &str, text: String, path: &str) -> Result<bool, StepFailure> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        sandbox.matches(pattern, text, self.time_limit).await.map_err(|problem| self.failed(problem, path))
    }

    /// Waits for another system, at most until the step times out.
    pub async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let late = |_| Error::Timeout(format!("no response within {} ms", self.time_limit.as_millis()));
        tokio::time::timeout(self.time_limit, work).await.map_err(late)?
    }

    /// Records the resolved input of the step.
    pub fn saw(&self, input: &Value) {
        let size = json::weight(input);
        let kept = if size <= KEPT_INPUT {
            input.clone()
        } else {
            Value::String(format!("({size} bytes, too large to store)"))
        };
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).input = kept;
    }

    fn log(&self, lines: Vec<String>) {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).logs.extend(lines);
    }

    fn failed(&self, mut problem: ScriptProblem, path: &str) -> StepFailure {
        self.log(std::mem::take(&mut problem.logs));
        StepFailure::Script(path.to_owned(), Box::new(problem))
    }
}
