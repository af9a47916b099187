//! The context in which a node is executed.
use super::{Config, Pending, join};
use crate::{
    Error, Result,
    budget::Account,
    connect::{http::Client, secrets::Scrubber},
    json,
    mail::Mailer,
    model::{
        Scope,
        run::{Asked, Failure},
    },
    runner::engine::{Notes, StepKey},
    script::{Globals, Problem, ProblemKind, Sandbox, template},
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
    /// Runs a saved query of the scope's tenant: `{data, columns, rowCount, truncated}`.
    fn execute_query<'a>(
        &'a self,
        scope: &'a Scope,
        query: Uuid,
        parameters: Map<String, Value>,
    ) -> Pending<'a, Result<Value>>;

    /// Returns the variables of the scope's tenant, including secret ones.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn variables(&self, scope: &Scope) -> Result<Arc<Vars>>;
}

/// A call of another workflow by a step.
pub struct Call {
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
pub trait Runs: Send + Sync {
    /// Starts a run that the caller waits for. It is committed when this returns.
    fn call<'a>(&'a self, scope: &'a Scope, call: Call) -> Pending<'a, Result<Uuid>>;

    /// Resolves roles given by id or name to the form that an approval stores. Keeps unknown roles, which allow nobody
    /// to answer.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn asked(&self, scope: &Scope, roles: Vec<String>) -> Result<Asked>;
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
pub struct Step<'a> {
    pub scope: &'a Scope,
    pub config: &'a Config,
    /// The scope of expressions: `input`, `steps`, `vars`, `run`.
    pub globals: &'a Globals,
    pub services: &'a Services,
    pub runs: &'a dyn Runs,
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
    pub notes: &'a Mutex<Notes>,
}

/// Why a step failed.
#[derive(Debug)]
pub enum Failed {
    /// A script or template failed, at this path in the config.
    Script(String, Box<Problem>),
    /// Another system refused the request or failed; with the node's error code.
    External(&'static str, Error),
    Other(Error),
}

/// Assigns the node's error code to failures of another system.
pub(super) fn external(code: &'static str) -> impl Fn(Error) -> Failed {
    move |error| match error {
        Error::Datasource(_) => Failed::External(code, error),
        other => Failed::Other(other),
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<Failed> for Failure {
    fn from(failed: Failed) -> Self {
        let (path, problem) = match failed {
            Failed::Script(path, problem) => (path, problem),
            Failed::External(code, error) => return Self { code: code.to_owned(), ..error.into() },
            Failed::Other(error) => return error.into(),
        };
        let code = match problem.kind {
            ProblemKind::Syntax | ProblemKind::Thrown => "SCRIPT_ERROR",
            ProblemKind::Limit => "SCRIPT_LIMIT",
            ProblemKind::Timeout => "TIMEOUT",
            ProblemKind::Busy => "RATE_LIMITED",
            ProblemKind::Unavailable => "UNAVAILABLE",
        };
        let inner = join(&path, &problem.path);
        let message = if inner.is_empty() { problem.to_string() } else { format!("{inner}: {problem}") };
        let transient = matches!(problem.kind, ProblemKind::Timeout | ProblemKind::Busy | ProblemKind::Unavailable);
        Self { transient, ..Self::new(code, message) }
    }
}

impl Step<'_> {
    /// Returns a key of the form `instanceID/nodeID/iteration`. All attempts of a step have the same key.
    pub fn idempotency_key(&self) -> String {
        format!("{}/{}", self.instance, self.key)
    }

    /// Resolves the templates in `value`. `path` is its path in the config.
    pub async fn resolve(&self, value: &Value, path: &str) -> Result<Value, Failed> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        template::resolve_value(value, self.globals, &sandbox, self.time_limit)
            .await
            .map_err(|problem| self.failed(problem, path))
    }

    /// Runs `code`, the body of an async function with the scope of expressions.
    pub async fn script(&self, code: &str, path: &str) -> Result<Value, Failed> {
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
    pub async fn matches(&self, pattern: &str, text: String, path: &str) -> Result<bool, Failed> {
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

    fn failed(&self, mut problem: Problem, path: &str) -> Failed {
        self.log(std::mem::take(&mut problem.logs));
        Failed::Script(path.to_owned(), Box::new(problem))
    }
}
