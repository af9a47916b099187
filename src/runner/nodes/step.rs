//! What a node gets to do its work with.
use super::{Config, Pending};
use crate::{
    Error, Result,
    model::Scope,
    runner::engine::Notes,
    script::{self, Globals, Problem, Sandbox, template},
};
use serde_json::{Map, Value};
use std::{
    sync::{Mutex, PoisonError},
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
}

/// What all steps share.
pub struct Services {
    pub sandbox: Sandbox,
    pub backend: Box<dyn Backend>,
}

/// One execution of one node.
pub struct Step<'a> {
    pub scope: &'a Scope,
    pub config: &'a Config,
    /// What expressions see: `input`, `steps`, `run`.
    pub globals: &'a Globals,
    pub services: &'a Services,
    /// What is left of the step's time.
    pub time_limit: Duration,
    /// Stable over attempts: `instanceID/nodeID/iteration`.
    pub key: String,
    pub notes: &'a Mutex<Notes>,
}

impl Step<'_> {
    /// `value` with its templates resolved; `path` is where it stands in the config.
    pub async fn resolve(&self, value: &Value, path: &str) -> Result<Value> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        template::resolve_value(value, self.globals, &sandbox, self.time_limit)
            .await
            .map_err(|problem| self.failed(problem, path))
    }

    /// Runs `code`, the body of an async function over the expressions' scope.
    pub async fn script(&self, code: &str, path: &str) -> Result<Value> {
        let sandbox = self.services.sandbox.owned_by(self.scope.tenant);
        match sandbox.run(code, Globals::clone(self.globals), self.time_limit).await {
            Ok(ran) => {
                self.log(ran.logs);
                Ok(ran.value)
            }
            Err(problem) => Err(self.failed(problem, path)),
        }
    }

    /// Keeps what the step works on, for its record.
    pub fn saw(&self, input: &Value) {
        let size = script::weight(input);
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

    fn failed(&self, mut problem: Problem, path: &str) -> Error {
        self.log(std::mem::take(&mut problem.logs));
        problem.at(path)
    }
}
