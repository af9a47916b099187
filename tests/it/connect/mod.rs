//! The query engine against real files and servers.
mod engine;
mod injection;
mod postgresql;
mod restapi;
mod sqlite;

use jet_admin::{
    Result,
    connect::{Context, Guard, Job, Outcome, Queries, Target},
    script::{Limits, Sandbox},
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use uuid::Uuid;

/// An engine with a data directory of its own.
pub struct House {
    pub queries: Queries,
    pub dir: TempDir,
}

impl House {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let queries = Queries::new(Context {
            files: dir.path().to_path_buf(),
            guard: Guard::new(true, [1]),
            sandbox: Sandbox::new(Limits::default()),
        });
        Self { queries, dir }
    }

    /// Runs a query given as JSON; the datasource's id and version are fixed.
    pub async fn run(&self, source: &Source, query: Value, parameters: Value) -> Result<Outcome> {
        self.queries.execute(source.job(query, parameters)).await
    }

    pub async fn data(&self, source: &Source, query: Value, parameters: Value) -> Value {
        let outcome = self.run(source, query, parameters).await;
        (*outcome.unwrap().data).clone()
    }
}

/// A saved datasource.
#[derive(Clone)]
pub struct Source(pub Target);

impl Source {
    pub fn new(kind: &str, options: Value) -> Self {
        Self(Target { id: Uuid::from_u128(7), version: 1, kind: kind.to_owned(), options: object(options) })
    }

    pub fn job(&self, query: Value, parameters: Value) -> Job {
        let mut whole = object(json!({"datasourceID": self.0.id}));
        whole.extend(object(query));
        Job {
            tenant: Uuid::from_u128(1),
            target: self.0.clone(),
            query: serde_json::from_value(whole.into()).unwrap(),
            parameters: object(parameters),
        }
    }
}

/// A query of nothing but SQL.
pub fn sql(text: &str) -> Value {
    json!({"options": {"sql": text}})
}

pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("not an object: {other}"),
    }
}
