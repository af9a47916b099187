//! `mysql` against a private `MariaDB`.
mod effects;
mod hostile;
mod modes;
mod reaching;
mod safety;
mod statements;
mod types;

use super::{House, Source, TENANT, injection, object, sql};
use crate::support::mariadb::{PASSWORD, mariadb};
use jet_admin::{
    Error, Result,
    connect::{Mode, QueryOutcome, Slice},
    error::DatasourceProblem,
};
use serde_json::{Map, Value, json};

fn options(more: Value) -> Map<String, Value> {
    let mut options = object(json!({
        "host": "127.0.0.1", "port": mariadb().port, "user": "admin", "password": PASSWORD,
    }));
    options.extend(object(more));
    options
}

fn source(more: Value) -> Source {
    let mut source = Source::new("mysql", Value::Object(options(more)));
    source.0.id = uuid::Uuid::new_v4();
    source
}

/// Creates a database for one test.
pub async fn database(house: &House, name: &str, more: Value) -> Source {
    exec(house, &source(json!({})), &[&format!("create database {name}")]).await;
    let mut options = object(json!({"database": name}));
    options.extend(object(more));
    source(Value::Object(options))
}

/// Returns the same datasource with some options changed.
fn changed(of: &Source, more: Value) -> Source {
    let mut other = of.clone();
    other.0.id = uuid::Uuid::new_v4();
    other.0.options.extend(object(more));
    other
}

pub async fn exec(house: &House, source: &Source, statements: &[&str]) {
    for statement in statements {
        if let Err(error) = house.run(source, sql(statement), json!({})).await {
            panic!("{statement}: {error}");
        }
    }
}

async fn mode(house: &House, source: &Source, mode: Mode, query: Value) -> Result<QueryOutcome> {
    let mut job = source.job(query, json!({}));
    job.mode = mode;
    house.queries.execute(job).await
}

fn problem<T: std::fmt::Debug>(result: Result<T>) -> DatasourceProblem {
    match result {
        Err(Error::Datasource(problem)) => *problem,
        other => panic!("not a datasource error: {other:?}"),
    }
}
