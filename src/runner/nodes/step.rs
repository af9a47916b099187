//! What a node gets to do its work with.
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

/// How much of a step's resolved input its record keeps.
const KEPT_INPUT: usize = 64 << 10;

/// What steps need of the rest of the server.
pub trait Backend: Send + Sync {
    /// Runs a saved query of the scope's tenant: `{data, columns, rowCount, truncated}`.
    fn execute_query<'a>(
        &'a self,
        scope: &'a Scope,
        query: Uuid,
        parameters: Map<String, Value>,
    ) -> Pending<'a, Result<Value>>;

    /// The variables of the scope's tenant, with their secrets.
    ///
    /// # Errors
    /// When the store cannot be read, or a secret not be opened.
    fn variables(&self, scope: &Scope) -> Result<Arc<Vars>>;
}

/// Another workflow's run, to be started by a step.
pub struct Call {
    pub workflow: Uuid,
    pub input: Value,
    pub caller: Uuid,
    /// `nodeID/iteration`: the same step starts one run only.
    pub step: String,
    /// How many runs are above the new one.
    pub depth: u32,
    pub is_test: bool,
}

/// What steps need of the runner.
pub trait Runs: Send + Sync {
    /// Starts a run that the caller waits for; it is committed when this answers.
    fn call<'a>(&'a self, scope: &'a Scope, call: Call) -> Pending<'a, Result<Uuid>>;

    /// The roles with these ids or names, as a question keeps them. What is no role stays, and lets nobody in.
    ///
    /// # Errors
    /// When the store cannot be read.
    fn asked(&self, scope: &Scope, roles: Vec<String>) -> Result<Asked>;
}

/// What all steps share.
pub struct Services {
    pub sandbox: Sandbox,
    pub backend: Box<dyn Backend>,
    pub web: Client,
    pub mail: Arc<Mailer>,
    /// The bytes that steps hold while they work.
    pub budget: Account,
}

/// One execution of one node.
pub struct Step<'a> {
    pub scope: &'a Scope,
    pub config: &'a Config,
    /// What expressions see: `input`, `steps`, `vars`, `run`.
    pub globals: &'a Globals,
    pub services: &'a Services,
    pub runs: &'a dyn Runs,
    /// Knows what must not be repeated: the tenant's secret variables.
    pub secrets: &'a Scrubber,
    /// What is left of the step's time.
    pub time_limit: Duration,
    pub instance: Uuid,
    pub key: StepKey,
    /// How many runs are above this one.
    pub depth: u32,
    pub is_test: bool,
    pub notes: &'a Mutex<Notes>,
}

/// Why a step could not do its work.
#[derive(Debug)]
pub enum Failed {
    /// A script or a template in its config, at this path.
    Script(String, Box<Problem>),
    /// Another system refused or failed; the word for it is the node's own.
    External(&'static str, Error),
    Other(Error),
}

/// Gives failures of another system the node's own word for them.
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
    /// Names this execution, the same over all attempts: `instanceID/nodeID/iteration`.
    pub fn idempotency_key(&self) -> String {
        format!("{}/{}", self.instance, self.key)
    }

    /// `value` with its templates resolved; `path` is where it stands in the config.
    pub async fn resolve(&self, value: &Value, path: &str) -> Result<Value, Failed> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        template::resolve_value(value, self.globals, &sandbox, self.time_limit)
            .await
            .map_err(|problem| self.failed(problem, path))
    }

    /// Runs `code`, the body of an async function over the expressions' scope.
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

    /// Waits for another system, at most as long as the step may take.
    pub async fn in_time<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let late = |_| Error::Timeout(format!("no answer within {} ms", self.time_limit.as_millis()));
        tokio::time::timeout(self.time_limit, work).await.map_err(late)?
    }

    /// Keeps what the step works on, for its record.
    pub fn saw(&self, input: &Value) {
        let size = json::weight(input);
        let kept = if size <= KEPT_INPUT {
            input.clone()
        } else {
            Value::String(format!("({size} bytes, too large for the record)"))
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
