//! Runs queries for a tenant: loads them, opens their secrets, asks the datasource, notes the execution.
use crate::{
    Error, Result,
    connect::{self, CacheState, Job, Outcome, Queries, TableInfo, Target, TestReport},
    model::{DataQuery, Datasource, Record, Scope},
    store::{QueryRun, Sealer, Store},
};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

/// The one way to a datasource's data, for people, widgets and workflows alike.
pub struct Executor {
    store: Arc<Store>,
    sealer: Sealer,
    queries: Queries,
}

impl Executor {
    pub fn new(store: Arc<Store>, sealer: Sealer, queries: Queries) -> Self {
        Self { store, sealer, queries }
    }

    /// Runs a stored query and notes it in the query's history.
    pub async fn saved(&self, scope: &Scope, id: Uuid, parameters: Map<String, Value>) -> Result<Outcome> {
        let (query, datasource) = self.store.get(|tx| {
            let query = tx.find::<DataQuery>(scope, id)?;
            let datasource = tx.find::<Datasource>(scope, query.spec.datasource_id)?;
            Ok((query, datasource))
        })?;
        let started = std::time::Instant::now();
        let outcome = self.run(scope, &datasource, query.spec, parameters).await;
        self.note(scope, id, query.version, started.elapsed(), &outcome);
        outcome
    }

    /// Runs a query that is not saved.
    pub async fn draft(&self, scope: &Scope, query: DataQuery, parameters: Map<String, Value>) -> Result<Outcome> {
        let found = self.store.get(|tx| tx.find::<Datasource>(scope, query.datasource_id));
        let datasource = found.map_err(|error| match error {
            Error::NotFound(_) => Error::invalid("datasourceID", "no such datasource in this tenant"),
            other => other,
        })?;
        self.check(&datasource.spec, &query)?;
        self.run(scope, &datasource, query, parameters).await
    }

    /// Checks a query's options against its datasource's type.
    pub fn check(&self, datasource: &Datasource, query: &DataQuery) -> Result<()> {
        connect::options::check_query(&datasource.r#type, &query.options)
    }

    async fn run(
        &self,
        scope: &Scope,
        datasource: &Record<Datasource>,
        query: DataQuery,
        parameters: Map<String, Value>,
    ) -> Result<Outcome> {
        let target = self.target(scope, datasource)?;
        self.queries.execute(Job { tenant: scope.tenant, target, query, parameters }).await
    }

    fn target(&self, scope: &Scope, datasource: &Record<Datasource>) -> Result<Target> {
        Ok(Target {
            id: datasource.id,
            version: datasource.version,
            kind: datasource.spec.r#type.clone(),
            options: self.opened(scope, datasource.id, &datasource.spec)?,
        })
    }

    /// The options with their secrets.
    pub fn opened(&self, scope: &Scope, id: Uuid, datasource: &Datasource) -> Result<Map<String, Value>> {
        let Some(sealed) = &datasource.sealed else { return Ok(datasource.options.clone()) };
        let secrets = self.sealer.open(sealed, &context(scope, id))?;
        Ok(connect::secrets::merge(datasource.options.clone(), serde_json::from_slice(&secrets)?))
    }

    /// The same datasource with the secrets of its options sealed. An unchanged secret keeps its old seal.
    pub fn sealed(
        &self,
        scope: &Scope,
        id: Uuid,
        mut datasource: Datasource,
        old: Option<&Datasource>,
    ) -> Result<Datasource> {
        let schema = connect::options::schema(&datasource.r#type)?;
        connect::options::check(&datasource.r#type, &datasource.options)?;
        let (options, secrets) = connect::secrets::split(schema, datasource.options);
        datasource.options = options;
        datasource.secrets = secrets.keys().cloned().collect();
        let secret = serde_json::to_vec(&secrets)?;
        let context = context(scope, id);
        let kept = old.and_then(|old| old.sealed.clone());
        let kept = kept.filter(|sealed| self.sealer.open(sealed, &context).is_ok_and(|old| old == secret));
        datasource.sealed = match kept {
            Some(sealed) => Some(sealed),
            None if secrets.is_empty() => None,
            None => Some(self.sealer.seal(&secret, &context)?),
        };
        Ok(datasource)
    }

    /// Tries to reach what unsaved options say.
    pub async fn test_options(&self, kind: &str, options: &Map<String, Value>) -> Result<TestReport> {
        self.queries.test(kind, options).await
    }

    pub async fn test(&self, scope: &Scope, id: Uuid) -> Result<TestReport> {
        let datasource = self.store.get(|tx| tx.find::<Datasource>(scope, id))?;
        let options = self.opened(scope, id, &datasource.spec)?;
        self.queries.test(&datasource.spec.r#type, &options).await
    }

    /// The datasource's tables and columns.
    pub async fn schema(&self, scope: &Scope, id: Uuid) -> Result<Vec<TableInfo>> {
        let datasource = self.store.get(|tx| tx.find::<Datasource>(scope, id))?;
        self.queries.schema(scope.tenant, &self.target(scope, &datasource)?).await
    }

    /// Written beside the answer, not before it: a lost row of history is no lost work.
    fn note(
        &self,
        scope: &Scope,
        query: Uuid,
        query_version: u64,
        took: std::time::Duration,
        outcome: &Result<Outcome>,
    ) {
        let run = QueryRun {
            query,
            query_version,
            duration_us: u32::try_from(took.as_micros()).unwrap_or(u32::MAX),
            row_count: outcome.as_ref().ok().map(|outcome| outcome.row_count as u64),
            cache: match outcome.as_ref().map_or(CacheState::Off, |outcome| outcome.cache) {
                CacheState::Hit => "hit",
                CacheState::Miss => "miss",
                CacheState::Off => "off",
            },
            error: outcome.as_ref().err().map(ToString::to_string),
        };
        let (store, scope) = (Arc::clone(&self.store), scope.clone());
        tokio::spawn(async move {
            if let Err(error) = store.runs.write(move |tx| tx.record_query_run(&scope, &run)).await {
                tracing::warn!(%error, "an execution was not noted");
            }
        });
    }
}

/// What a sealed secret is bound to: it opens only for its own datasource.
fn context(scope: &Scope, id: Uuid) -> String {
    format!("{}/{id}", scope.tenant)
}
