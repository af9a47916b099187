//! The query engine against real files and servers.
mod bodies;
pub mod corpus;
mod effects;
mod egress;
mod engine;
mod file;
mod forms;
mod graphql;
mod https;
mod injection;
mod isolation;
mod javascript;
mod modes;
mod mysql;
mod oauth;
mod pages;
mod payloads;
mod postgresql;
pub mod presets;
mod redis;
mod restapi;
mod roundtrip;
mod s3;
mod sqlite;
mod sqlite_bounds;
mod targets;
mod wire;

use crate::support::process::sandbox;
use jet_admin::{
    Result,
    budget::Budget,
    connect::{Context, Files, Guard, Mode, Queries, QueryJob, QueryOutcome, Slice, Target},
    turns::{Accounts, Turns},
};
use serde_json::{Map, Value, json};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;
use uuid::Uuid;

/// The tenant whose queries run.
pub const TENANT: Uuid = Uuid::from_u128(1);

/// A query engine with its own data directory.
pub struct House {
    pub queries: Queries,
    pub dir: TempDir,
}

impl House {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("files").join(TENANT.to_string())).unwrap();
        Self { queries: engine(dir.path(), &[], None), dir }
    }

    /// Makes statements on SQLite files take turns through `seats`.
    pub fn seat(&mut self, seats: Arc<Turns>) {
        self.queries = engine(self.dir.path(), &[], Some(seats));
    }

    /// Shares a folder with every tenant.
    pub fn open(&mut self, folder: &Path) {
        self.queries = engine(self.dir.path(), &[folder], None);
    }

    /// Returns the folder with the tenant's files.
    pub fn files(&self) -> PathBuf {
        self.dir.path().join("files").join(TENANT.to_string())
    }

    /// Runs a query given as JSON; the datasource's id and version are fixed.
    pub async fn run(&self, source: &Source, query: Value, parameters: Value) -> Result<QueryOutcome> {
        self.queries.execute(source.job(query, parameters)).await
    }

    /// Executes a query in the given mode, optionally returning only a page of the rows.
    pub async fn ask(&self, source: &Source, query: Value, mode: Mode, slice: Option<Slice>) -> Result<QueryOutcome> {
        let job = source.job(query, json!({}));
        self.queries.execute(QueryJob { mode, slice, ..job }).await
    }

    /// Executes a query whose rows are only shown.
    pub async fn show(&self, source: &Source, text: &str) -> Result<QueryOutcome> {
        self.queries.execute(QueryJob { must_read: true, ..source.job(sql(text), json!({})) }).await
    }

    pub async fn data(&self, source: &Source, query: Value, parameters: Value) -> Value {
        let outcome = self.run(source, query, parameters).await;
        (*outcome.unwrap().data).clone()
    }
}

fn engine(root: &Path, open: &[&Path], seats: Option<Arc<Turns>>) -> Queries {
    let shared = open.iter().map(|folder| folder.to_path_buf()).collect();
    Queries::new(Context {
        files: Files { own: root.join("files"), uploads: root.join("uploads"), shared, seats, ..Files::default() },
        guard: Guard::new(true, [1]),
        sandbox: sandbox(),
        budget: Budget::new(256 << 20).into(),
        accounts: Accounts::default(),
    })
}

/// A saved datasource.
#[derive(Clone)]
pub struct Source(pub Target);

impl Source {
    pub fn new(kind: &str, options: Value) -> Self {
        Self(Target { id: Uuid::from_u128(7), version: 1, kind: kind.to_owned(), options: object(options) })
    }

    pub fn job(&self, query: Value, parameters: Value) -> QueryJob {
        let mut fields = object(json!({"datasourceID": self.0.id}));
        fields.extend(object(query));
        QueryJob {
            tenant: TENANT,
            target: Arc::new(self.0.clone()),
            saved: None,
            query: Arc::new(serde_json::from_value(fields.into()).unwrap()),
            parameters: object(parameters).into(),
            mode: Mode::Run,
            slice: None,
            must_read: false,
        }
    }
}

/// Returns a query that consists only of SQL text.
pub fn sql(text: &str) -> Value {
    json!({"options": {"sql": text}})
}

pub fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("not an object: {other}"),
    }
}
