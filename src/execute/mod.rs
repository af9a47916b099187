//! Runs queries for a tenant: loads a query, decrypts its datasource's secrets, runs it and records the execution.
mod audit;
mod history;
mod imports;
mod purpose;

pub use audit::{ExecutedStatement, shortened};
pub use history::Exported;
pub use purpose::{ExecutionOptions, Purpose, check_complete, may_know_queries, refusal};

use crate::{
    Error, Result,
    connect::{
        self, EditCounts, FilePreview, Queries, QueryJob, QueryOutcome, ReferenceLookup, TableEdits, TableInfo, Target,
        TestReport, destination::StoredDatasource,
    },
    model::{DataQuery, Datasource, File, Label, Record, Resource, Scope},
    store::{QueryRun, Remembered, Sealer, Secret, Store},
};
use history::{Note, keep_notes};
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
    label: Label,
    query: Arc<DataQuery>,
    target: Arc<Target>,
    /// Whether the query belongs to those that change data.
    changes_data: bool,
}

impl Saved {
    /// Returns its name for a message, if the caller may know it.
    fn name_for(&self, scope: &Scope) -> Option<&str> {
        may_know_queries(scope).then_some(&*self.label.name)
    }
}

impl Executor {
    /// Creates an executor. Must be called within a Tokio runtime, because it spawns a task that records executions.
    pub fn new(store: Arc<Store>, sealer: Sealer, queries: Queries) -> Self {
        let (notes, waiting) = mpsc::channel(NOTES);
        tokio::spawn(keep_notes(Arc::clone(&store), waiting));
        Self { store, sealer, queries, saved: Remembered::new(REMEMBERED), notes }
    }

    /// Runs a saved query, and records the execution in the query history and its changes in the audit log.
    ///
    /// # Errors
    /// `ChangesData` and `Invalid` if the query may not run for this purpose; those of the execution and of writing the audit log.
    pub async fn saved(&self, scope: &Scope, id: Uuid, ask: impl Into<ExecutionOptions>) -> Result<QueryOutcome> {
        let saved = self.load(scope, id)?;
        let mut ask: ExecutionOptions = ask.into();
        purpose::admit(&ask, saved.changes_data, saved.name_for(scope), &saved.query.parameters)?;
        let (mode, place, purpose) = (ask.mode, ask.place.take(), ask.purpose);
        let note = self.note(scope, &saved, mode.name());
        let outcome = self.queries.execute(saved.job(scope, ask)).await;
        note.write(match &outcome {
            Ok(outcome) => Ok((outcome.row_count as u64, outcome.cache)),
            Err(error) => Err(error.to_string()),
        });
        let outcome = QueryOutcome { changes_data: saved.changes_data, ..outcome? };
        if purpose != Purpose::Show {
            self.record(scope, ExecutedStatement::Saved(id), &outcome, mode, place).await?;
        }
        Ok(outcome)
    }

    /// Runs an unsaved query. Its changes are not recorded.
    ///
    /// # Errors
    /// As [`Executor::saved`].
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
        let ask: ExecutionOptions = ask.into();
        let changes_data = connect::changes_data(&datasource.spec.r#type, &query);
        purpose::admit(&ask, changes_data, None, &query.parameters)?;
        let target = Arc::new(self.target(scope, &datasource)?);
        let job = ask.job(scope, Arc::new(query), target, None);
        Ok(QueryOutcome { changes_data, ..self.queries.execute(job).await? })
    }

    /// Writes changes to rows of a table in the datasource of a saved query, within the query's timeout, or rolls them
    /// back for a `preview`. Returns the datasource's id and what was changed.
    pub async fn edit(&self, scope: &Scope, id: Uuid, edits: TableEdits, preview: bool) -> Result<(Uuid, EditCounts)> {
        let saved = self.load(scope, id)?;
        let limit = Duration::from_millis(saved.query.timeout_ms.into());
        let counts = self.queries.edit(scope.tenant, &saved.target, edits.into(), preview, limit).await?;
        Ok((saved.target.id, counts))
    }

    /// Finds rows of a table in the datasource of a saved query, for the labels of a foreign key.
    pub async fn look_up(&self, scope: &Scope, id: Uuid, lookup: &ReferenceLookup) -> Result<QueryOutcome> {
        let saved = self.load(scope, id)?;
        self.queries.look_up(scope.tenant, &saved.target, &saved.query, lookup).await
    }

    /// Exports all rows of a saved query.
    ///
    /// # Errors
    /// `ChangesData` if the query changes data, `Invalid` for invalid parameters.
    pub fn export(&self, scope: &Scope, id: Uuid, parameters: Map<String, Value>) -> Result<Exported> {
        let saved = self.load(scope, id)?;
        if saved.changes_data {
            return Err(Error::ChangesData(refusal(saved.name_for(scope))));
        }
        let note = self.note(scope, &saved, "export");
        Ok(Exported::from((self.queries.export(saved.job(scope, parameters.into()))?, note)))
    }

    /// Returns the current query and datasource; reads the store only if something has changed.
    fn load(&self, scope: &Scope, id: Uuid) -> Result<Arc<Saved>> {
        let saved = self.saved.get(&self.store, (scope.tenant, id), || {
            let (query, datasource) = self.store.get(|tx| {
                let query = tx.find::<DataQuery>(scope, id)?;
                let datasource = tx.find::<Datasource>(scope, query.spec.datasource_id)?;
                Ok((query, datasource))
            })?;
            self.check(&datasource.spec, &query.spec)?;
            let target = Arc::new(self.target(scope, &datasource)?);
            let changes_data = connect::changes_data(&datasource.spec.r#type, &query.spec);
            let Record { version, label, spec, .. } = query;
            Ok(Arc::new(Saved { id, version, label, query: Arc::new(spec), target, changes_data }))
        })?;
        // what is cached was perhaps loaded for someone else
        if scope.dashboards.shows(saved.query.dashboard()) {
            Ok(saved)
        } else {
            Err(Error::NotFound(DataQuery::KIND.label))
        }
    }

    /// Checks a query against its datasource's type.
    ///
    /// # Errors
    /// `Invalid` for invalid options, and if the query is declared as reading although it changes data.
    pub fn check(&self, datasource: &Datasource, query: &DataQuery) -> Result<()> {
        connect::options::check_query(&datasource.r#type, &query.options)?;
        purpose::check_declared(connect::effect(&datasource.r#type, &query.options), query.effect)
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
        let secrets = secrets(&self.sealer, scope.tenant, id, datasource)?;
        Ok(connect::secrets::merge(datasource.options.clone(), secrets))
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
        let before = old.map(|old| StoredDatasource {
            options: &old.options,
            secrets: secrets(&self.sealer, scope.tenant, id, old).ok(),
        });
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
            let Ok(stored) = secrets(&executor.sealer, tenant, id, &datasource) else {
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
        ask.job(scope, Arc::clone(&self.query), Arc::clone(&self.target), Some((self.id, self.version)))
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
    Map::from_bytes(sealer.open(secrets.text(), &format!("{tenant}/{id}"))?)
}
