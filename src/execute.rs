//! Runs queries for a tenant: loads a query, decrypts its datasource's secrets, runs it and records the execution.
use crate::{
    Error, Result,
    connect::{
        self, CacheState, EditCounts, Export, FilePreview, GivenParameters, Mode, Queries, QueryJob, QueryOutcome,
        Slice, StreamPart, TableEdits, TableInfo, Target, TestReport, destination::StoredDatasource,
    },
    model::{DataQuery, Datasource, File, Record, Resource, Scope},
    store::{QueryRun, Remembered, Sealer, Secret, Store},
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use uuid::Uuid;

/// How many queries are cached, with their datasources and decrypted secrets.
const REMEMBERED: u64 = 2000;
/// How many executions may wait to be recorded, and how many are recorded in one write.
const NOTES: usize = 20_000;
const NOTES_AT_ONCE: usize = 1000;

/// Runs queries for users, widgets and workflows; the only access to a datasource's data.
pub struct Executor {
    store: Arc<Store>,
    sealer: Sealer,
    queries: Queries,
    saved: Remembered<(Uuid, Uuid), Arc<Saved>>,
    notes: mpsc::Sender<(Scope, QueryRun)>,
}

/// A saved query with everything that its execution requires.
struct Saved {
    id: Uuid,
    version: u64,
    query: Arc<DataQuery>,
    target: Arc<Target>,
}

/// The parameters, mode and slice of one execution.
#[derive(Default)]
pub struct ExecutionOptions {
    pub parameters: GivenParameters,
    pub mode: Mode,
    pub slice: Option<Slice>,
}

impl From<GivenParameters> for ExecutionOptions {
    fn from(parameters: GivenParameters) -> Self {
        Self { parameters, ..Self::default() }
    }
}

impl From<Map<String, Value>> for ExecutionOptions {
    fn from(parameters: Map<String, Value>) -> Self {
        GivenParameters::from(parameters).into()
    }
}

impl Executor {
    /// Creates an executor. Must be called within a Tokio runtime, because it spawns a task that records executions.
    pub fn new(store: Arc<Store>, sealer: Sealer, queries: Queries) -> Self {
        let (notes, waiting) = mpsc::channel(NOTES);
        tokio::spawn(keep_notes(Arc::clone(&store), waiting));
        Self { store, sealer, queries, saved: Remembered::new(REMEMBERED), notes }
    }

    /// Runs a saved query and records the execution in the query history.
    pub async fn saved(&self, scope: &Scope, id: Uuid, ask: impl Into<ExecutionOptions>) -> Result<QueryOutcome> {
        let saved = self.load(scope, id)?;
        let ask = ask.into();
        let note = self.note(scope, &saved, ask.mode.name());
        let outcome = self.queries.execute(saved.job(scope, ask)).await;
        note.write(match &outcome {
            Ok(outcome) => Ok((outcome.row_count as u64, outcome.cache)),
            Err(error) => Err(error.to_string()),
        });
        outcome
    }

    /// Runs an unsaved query.
    pub async fn draft(
        &self,
        scope: &Scope,
        query: DataQuery,
        ask: impl Into<ExecutionOptions>,
    ) -> Result<QueryOutcome> {
        let found = self.store.get(|tx| tx.find::<Datasource>(scope, query.datasource_id));
        let datasource = found.map_err(|error| match error {
            Error::NotFound(_) => Error::invalid("datasourceID", "no such datasource in this tenant"),
            other => other,
        })?;
        self.check(&datasource.spec, &query)?;
        let ExecutionOptions { parameters, mode, slice } = ask.into();
        let target = Arc::new(self.target(scope, &datasource)?);
        let query = Arc::new(query);
        self.queries
            .execute(QueryJob { tenant: scope.tenant, target, query, saved: None, parameters, mode, slice })
            .await
    }

    /// Writes changes to rows of a table in the datasource of a saved query, within the query's timeout, or rolls them
    /// back for a `preview`. Returns the datasource's id and what was changed.
    pub async fn edit(&self, scope: &Scope, id: Uuid, edits: TableEdits, preview: bool) -> Result<(Uuid, EditCounts)> {
        let saved = self.load(scope, id)?;
        let limit = Duration::from_millis(saved.query.timeout_ms.into());
        let counts = self.queries.edit(scope.tenant, &saved.target, edits.into(), preview, limit).await?;
        Ok((saved.target.id, counts))
    }

    /// Exports all rows of a saved query.
    pub fn export(&self, scope: &Scope, id: Uuid, parameters: Map<String, Value>) -> Result<Exported> {
        let saved = self.load(scope, id)?;
        let note = self.note(scope, &saved, "export");
        let job = saved.job(scope, parameters.into());
        Ok(Exported { parts: self.queries.export(job)?, rows: 0, failed: None, note: Some(note) })
    }

    /// Returns the current query and datasource; reads the store only if something has changed.
    fn load(&self, scope: &Scope, id: Uuid) -> Result<Arc<Saved>> {
        self.saved.get(&self.store, (scope.tenant, id), || {
            let (query, datasource) = self.store.get(|tx| {
                let query = tx.find::<DataQuery>(scope, id)?;
                let datasource = tx.find::<Datasource>(scope, query.spec.datasource_id)?;
                Ok((query, datasource))
            })?;
            self.check(&datasource.spec, &query.spec)?;
            let target = Arc::new(self.target(scope, &datasource)?);
            Ok(Arc::new(Saved { id, version: query.version, query: Arc::new(query.spec), target }))
        })
    }

    /// Checks a query's options against its datasource's type.
    pub fn check(&self, datasource: &Datasource, query: &DataQuery) -> Result<()> {
        connect::options::check_query(&datasource.r#type, &query.options)
    }

    fn target(&self, scope: &Scope, datasource: &Record<Datasource>) -> Result<Target> {
        Ok(Target {
            id: datasource.id,
            version: self.version(scope, datasource)?,
            kind: datasource.spec.r#type.clone(),
            options: self.opened(scope, datasource.id, &datasource.spec)?,
        })
    }

    /// Returns a number that changes with the datasource and with the files that it reads, to invalidate cached data.
    fn version(&self, scope: &Scope, datasource: &Record<Datasource>) -> Result<u64> {
        let mut hash = DefaultHasher::new();
        for link in datasource.spec.links() {
            self.store.get(|tx| tx.find::<File>(scope, link.id))?.version.hash(&mut hash);
        }
        Ok(datasource.version.wrapping_add(hash.finish()))
    }

    /// Returns the datasource's options with their decrypted secrets.
    pub fn opened(&self, scope: &Scope, id: Uuid, datasource: &Datasource) -> Result<Map<String, Value>> {
        let secrets = self.secrets(scope.tenant, id, datasource)?;
        Ok(connect::secrets::merge(datasource.options.clone(), secrets))
    }

    fn secrets(&self, tenant: Uuid, id: Uuid, datasource: &Datasource) -> Result<Map<String, Value>> {
        secrets(&self.sealer, tenant, id, datasource)
    }

    /// Returns the datasource with the secrets in its options sealed, including those that a patch kept. Unchanged
    /// secrets keep their old seal.
    ///
    /// # Errors
    /// `Invalid` for invalid options, and for a kept secret if the datasource would now send it to another destination.
    pub fn sealed(
        &self,
        scope: &Scope,
        id: Uuid,
        mut datasource: Datasource,
        old: Option<&Datasource>,
    ) -> Result<Datasource> {
        let schema = connect::options::schema(&datasource.r#type)?;
        let before = old
            .map(|old| StoredDatasource { options: &old.options, secrets: self.secrets(scope.tenant, id, old).ok() });
        datasource.options = connect::destination::settle(schema, datasource.options, before.as_ref())?;
        connect::options::check(&datasource.r#type, &datasource.options)?;
        let (options, secrets) = connect::secrets::split(schema, datasource.options);
        datasource.options = options;
        self.seal(scope.tenant, id, datasource, &secrets, old)
    }

    fn seal(
        &self,
        tenant: Uuid,
        id: Uuid,
        mut datasource: Datasource,
        secrets: &Map<String, Value>,
        old: Option<&Datasource>,
    ) -> Result<Datasource> {
        datasource.secrets = secrets.keys().cloned().collect();
        datasource.sealed = None;
        if !secrets.is_empty() {
            let old = old.and_then(|old| old.sealed.as_ref());
            datasource.sealed = Some(self.sealer.seal_value(secrets, &context(tenant, id, &datasource)?, old)?);
        }
        Ok(datasource)
    }

    /// Migrates stored datasources and their versions to the current form: credentials in lists are sealed, and every
    /// seal is bound to the destination of its secrets.
    pub async fn renew_seals(self: &Arc<Self>) -> Result<()> {
        let executor = Arc::clone(self);
        let renew = move |tenant: Uuid, id: Uuid, datasource: Datasource| {
            let Ok(schema) = connect::options::schema(&datasource.r#type) else { return Ok(None) };
            let Ok(stored) = executor.secrets(tenant, id, &datasource) else {
                tracing::warn!(%tenant, datasource = %id, "the secrets cannot be decrypted with this server's key");
                return Ok(None);
            };
            let whole = connect::secrets::merge(datasource.options.clone(), stored);
            let (options, secrets) = connect::secrets::split(schema, whole);
            let bound = datasource.sealed.as_ref().is_none_or(|sealed| sealed.text().starts_with(BOUND));
            if bound && options == datasource.options {
                return Ok(None);
            }
            executor.seal(tenant, id, Datasource { options, ..datasource }, &secrets, None).map(Some)
        };
        self.store.rewrite_datasources(BOUND, renew).await
    }

    /// Tests the connection that unsaved options describe.
    pub async fn test_options(&self, scope: &Scope, kind: &str, options: &Map<String, Value>) -> Result<TestReport> {
        self.queries.test(scope.tenant, kind, options).await
    }

    /// Previews what a file datasource would read: from the file at `content`, or else from the tenant's file that the
    /// options name.
    pub async fn preview_file(
        &self,
        scope: &Scope,
        content: Option<PathBuf>,
        options: &Map<String, Value>,
    ) -> Result<FilePreview> {
        self.queries.preview_file(scope.tenant, content, options).await
    }

    pub async fn test(&self, scope: &Scope, id: Uuid) -> Result<TestReport> {
        let datasource = self.store.get(|tx| tx.find::<Datasource>(scope, id))?;
        let options = self.opened(scope, id, &datasource.spec)?;
        self.queries.test(scope.tenant, &datasource.spec.r#type, &options).await
    }

    /// Returns the datasource's tables and columns; `fresh` bypasses the cache.
    pub async fn schema(&self, scope: &Scope, id: Uuid, fresh: bool) -> Result<Arc<Vec<TableInfo>>> {
        let datasource = self.store.get(|tx| tx.find::<Datasource>(scope, id))?;
        self.queries.schema(scope.tenant, &self.target(scope, &datasource)?, fresh).await
    }

    fn note(&self, scope: &Scope, saved: &Saved, mode: &'static str) -> Note {
        Note {
            notes: self.notes.clone(),
            scope: scope.clone(),
            query: saved.id,
            query_version: saved.version,
            mode,
            started: Instant::now(),
        }
    }
}

impl Saved {
    fn job(&self, scope: &Scope, ask: ExecutionOptions) -> QueryJob {
        QueryJob {
            tenant: scope.tenant,
            target: Arc::clone(&self.target),
            query: Arc::clone(&self.query),
            saved: Some((self.id, self.version)),
            parameters: ask.parameters,
            mode: ask.mode,
            slice: ask.slice,
        }
    }
}

/// An execution that is still to be recorded in the query history.
struct Note {
    notes: mpsc::Sender<(Scope, QueryRun)>,
    scope: Scope,
    query: Uuid,
    query_version: u64,
    mode: &'static str,
    started: Instant,
}

impl Note {
    /// Queues the record without waiting for the write: losing a row of history is acceptable, delaying the response is
    /// not.
    fn write(self, outcome: Result<(u64, CacheState), String>) {
        let run = QueryRun {
            query: self.query,
            query_version: self.query_version,
            mode: self.mode,
            duration_us: u32::try_from(self.started.elapsed().as_micros()).unwrap_or(u32::MAX),
            row_count: outcome.as_ref().ok().map(|(rows, _)| *rows),
            cache: match outcome.as_ref().map_or(CacheState::Off, |(_, cache)| *cache) {
                CacheState::Hit => "hit",
                CacheState::Miss => "miss",
                CacheState::Off => "off",
            },
            error: outcome.err(),
        };
        if self.notes.try_send((self.scope, run)).is_err() {
            tracing::warn!("could not record an execution: too many are waiting to be recorded");
        }
    }
}

/// Writes executions to the history in batches, until the executor is dropped.
async fn keep_notes(store: Arc<Store>, mut waiting: mpsc::Receiver<(Scope, QueryRun)>) {
    let mut runs = Vec::new();
    while waiting.recv_many(&mut runs, NOTES_AT_ONCE).await > 0 {
        let batch = std::mem::take(&mut runs);
        if store.quotas().disk.is_low() {
            continue;
        }
        let written =
            store.runs.write(move |tx| batch.iter().try_for_each(|(scope, run)| tx.record_query_run(scope, run)));
        if let Err(error) = written.await {
            tracing::warn!(%error, "could not record executions");
        }
    }
}

/// A running export; recorded in the query history when it finishes, fails or is dropped.
pub struct Exported {
    parts: Export,
    /// How many rows were exported so far.
    rows: u64,
    failed: Option<String>,
    note: Option<Note>,
}

impl Exported {
    /// Returns the next part; `None` after the last.
    pub async fn next(&mut self) -> Option<Result<StreamPart>> {
        match self.parts.recv().await? {
            Ok(part) => {
                if let StreamPart::Rows(rows) = &part {
                    self.rows += rows.len() as u64;
                }
                Some(Ok(part))
            }
            Err(error) => {
                self.failed = Some(error.to_string());
                Some(Err(error))
            }
        }
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        if let Some(note) = self.note.take() {
            note.write(self.failed.take().map_or(Ok((self.rows, CacheState::Off)), Err));
        }
    }
}

/// The prefix of a seal that is bound to the datasource's type and options, which determine where its secrets go.
const BOUND: &str = <Map<String, Value> as Secret>::MARK;

/// Returns the context that a seal is bound to: the datasource, and all of its options that are not secret.
fn context(tenant: Uuid, id: Uuid, datasource: &Datasource) -> Result<String> {
    let options = serde_json::to_vec(&sorted(&Value::Object(datasource.options.clone())))?;
    Ok(format!("{tenant}/{id}/{}/{}", datasource.r#type, hex::encode(Sha256::digest(options))))
}

/// Returns the value with its fields sorted by name.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// Decrypts the secrets of a datasource.
///
/// # Errors
/// `Conflict` if they cannot be decrypted with this key.
pub fn secrets(sealer: &Sealer, tenant: Uuid, id: Uuid, datasource: &Datasource) -> Result<Map<String, Value>> {
    let Some(secrets) = &datasource.sealed else { return Ok(Map::new()) };
    if secrets.text().starts_with(BOUND) {
        return sealer.open_value(secrets, &context(tenant, id, datasource)?);
    }
    // sealed before secrets were bound to their destination
    Ok(serde_json::from_slice(&sealer.open(secrets.text(), &format!("{tenant}/{id}"))?)?)
}
