//! The query engine: runs queries with pools, limits, timeouts, cache and transformers.
mod cache;
mod edit;
mod import;
mod job;
mod sources;

use super::{
    Context, FilePreview, Mode, OpenDatasource, Params, QueryRequest, ResultFuture, ResultLimits, RowChange, Rows,
    StreamPart, TableInfo, TestReport, Written,
    columns::{DescribedColumn, MOST_COLUMNS, columns, columns_after, described},
    file, find, options, pipe,
    secrets::Scrubber,
    stream,
};
use crate::{
    Error, Result,
    budget::{Hold, MemoryOwner},
    json,
    turns::{Turn, Turns},
};
use cache::ResultCache;
pub use import::{FileImport, Imported, NamedColumn};
use job::BYTES;
pub use job::{QueryJob, Target};
use moka::future::Cache;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use sources::Sources;
use std::{
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

/// Limits for concurrent queries: of all tenants together, and of one tenant.
const AT_ONCE: usize = 512;
const SHARE: usize = 64;
/// Limits for concurrent exports: of all tenants together, and of one tenant. An export lasts as long as its reader
/// takes, so one tenant gets fewer than a datasource has connections: slow readers leave some for queries.
const EXPORTS: usize = 64;
const EXPORT_SHARE: usize = 4;
/// The maximum number of queries in the queue.
const WAITING: usize = 4096;
/// `Retry-After` when the queue is full.
const BUSY: Duration = Duration::from_secs(5);
/// Timeout of a connection test, and of listing tables.
const TEST: Duration = Duration::from_secs(10);
/// Timeout of a file preview.
const PREVIEW: Duration = Duration::from_mins(1);
/// How long the tables of a datasource are cached.
const TABLES: Duration = Duration::from_mins(10);
/// Timeout of an export, including the time its reader takes.
const EXPORT: Duration = Duration::from_hours(1);
/// Maximum timeout of a transformer.
const TRANSFORM: Duration = Duration::from_secs(10);

/// Runs queries against datasources. Cheap to clone.
#[derive(Clone)]
pub struct Queries(Arc<Inner>);

struct Inner {
    context: Context,
    sources: Sources,
    tables: Cache<(Uuid, Uuid, u64), Arc<Vec<TableInfo>>>,
    answers: ResultCache,
    turns: Arc<Turns>,
    exports: Arc<Turns>,
}

/// All rows of a query, in batches. Dropping it stops the query.
pub type Export = Receiver<Result<StreamPart>>;

/// The result of a query execution.
#[derive(Clone, Debug)]
pub struct QueryOutcome {
    /// An array of row objects, or what the transformer returned.
    pub data: Arc<Value>,
    pub columns: Option<Arc<[DescribedColumn]>>,
    /// Number of rows in `data`; 0 if it is not an array.
    pub row_count: usize,
    pub affected_rows: Option<u64>,
    pub row_change: Option<RowChange>,
    pub written: Written,
    /// Whether the query belongs to those that change data, as its executor knows.
    pub changes_data: bool,
    /// The values of the query's parameters, including defaults.
    pub parameters: Arc<Map<String, Value>>,
    pub truncated: bool,
    pub duration: Duration,
    pub cache: CacheState,
    /// Counts the memory of `data`; keep it as long as `data`.
    pub hold: Arc<Hold>,
}

impl QueryOutcome {
    /// Returns a column of the result, with what its query declares about it.
    pub fn column(&self, name: &str) -> Option<&DescribedColumn> {
        self.columns.as_ref()?.iter().find(|column| column.name == name)
    }
}

/// Whether a result came from the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheState {
    Hit,
    Miss,
    /// The query is not cached, or it may have written something.
    Off,
}

impl Queries {
    pub fn new(context: Context) -> Self {
        let tables = Cache::builder().max_capacity(1000).time_to_live(TABLES).build();
        let turns = Turns::new(AT_ONCE, SHARE, WAITING, context.accounts.clone());
        let exports = Turns::new(EXPORTS, EXPORT_SHARE, WAITING, context.accounts.clone());
        let (sources, answers) = (Sources::new(), ResultCache::new());
        Self(Arc::new(Inner { context, sources, tables, answers, turns, exports }))
    }

    /// Runs a query. Dropping the future cancels the query, also on the datasource's server.
    pub async fn execute(&self, mut job: QueryJob) -> Result<QueryOutcome> {
        let started = Instant::now();
        let params = Params::resolve(&job.query.parameters, std::mem::take(&mut job.parameters))?;
        job.check()?;
        let tenant = job.tenant;
        let (rows, cache) = if job.query.cache_seconds == 0 || job.mode != Mode::Run {
            (cache::FoundRows::alone(self.run(&job, &params).await?), CacheState::Off)
        } else {
            let lifetime = Duration::from_secs(job.query.cache_seconds.into());
            let key = cache::key(&job, &params, self.0.answers.edition(job.target.id))?;
            let run = || -> ResultFuture<'_, Rows> { Box::pin(self.run(&job, &params)) };
            // boxed: the cache's future is large
            let (rows, hit) = Box::pin(self.0.answers.get(key, lifetime, run)).await?;
            let state = match (rows.rows.written, hit) {
                (Written::Nothing, true) => CacheState::Hit,
                (Written::Nothing, false) => CacheState::Miss,
                _ => CacheState::Off,
            };
            (rows, state)
        };
        let cache::FoundRows { rows, hold } = rows;
        Ok(QueryOutcome {
            hold: hold.unwrap_or_else(|| self.hold(tenant)),
            data: Arc::clone(&rows.data),
            columns: described(rows.columns.as_ref(), &job.query.columns),
            row_count: rows.data.as_array().map_or(0, Vec::len),
            affected_rows: rows.affected,
            row_change: rows.change,
            written: rows.written,
            changes_data: false,
            parameters: params.values,
            truncated: rows.truncated,
            duration: started.elapsed(),
            cache,
        })
    }

    /// Tests the connection of a datasource, saved or not. A failed connection is reported in the result, not as an
    /// error.
    ///
    /// # Errors
    /// `Invalid` for an unknown type or invalid options.
    pub async fn test(&self, tenant: Uuid, kind: &str, options: &Map<String, Value>) -> Result<TestReport> {
        let connector = find(kind).ok_or_else(|| options::unknown(kind))?;
        options::check(kind, options)?;
        let started = Instant::now();
        let attempt = async {
            let _turn = self.turn(tenant).await?;
            let source = connector.connect(options, &self.0.context.of(tenant)).await?;
            Ok((source.test().await?, source.notes()))
        };
        let result = within(TEST, "the connection test", attempt).await;
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let failed =
            |error: String, hint| TestReport { ok: false, latency_ms, server_version: None, error: Some(error), hint };
        Ok(match result.map_err(|error| scrub(error, kind, options)) {
            Ok((server_version, hint)) => TestReport { ok: true, latency_ms, server_version, error: None, hint },
            Err(Error::Datasource(problem)) => failed(problem.message, problem.hint),
            Err(error) => failed(error.to_string(), None),
        })
    }

    /// Previews what a datasource of type `file` with these options would read: from the file at `content`, or from the
    /// tenant's uploaded file that the options name.
    ///
    /// # Errors
    /// `Invalid` for invalid options. Problems with the file are part of the preview.
    pub async fn preview_file(
        &self,
        tenant: Uuid,
        content: Option<PathBuf>,
        options: &Map<String, Value>,
    ) -> Result<FilePreview> {
        options::check("file", options)?;
        let tenants = self.0.context.of(tenant);
        let named = options.get("fileID").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        let look = async {
            let _turn = self.turn(tenant).await?;
            let file = match content {
                Some(path) => file::open_at(path).await?,
                None => file::open(&tenants.files, named.unwrap_or_default()).await?,
            };
            file::preview(file, options, &tenants.budget).await
        };
        within(PREVIEW, "the preview", look).await
    }

    /// Lists the tables of a saved datasource. They may be up to ten minutes old unless `fresh`.
    pub async fn schema(&self, tenant: Uuid, target: &Target, fresh: bool) -> Result<Arc<Vec<TableInfo>>> {
        let key = (tenant, target.id, target.version);
        if fresh {
            self.0.tables.invalidate(&key).await;
        }
        let look = async {
            let look = async {
                let _turn = self.turn(tenant).await?;
                self.source(tenant, target).await?.schema().await
            };
            let tables = within(TEST, "listing the tables", look).await;
            tables.map(Arc::new).map_err(|error| scrub(error, &target.kind, &target.options))
        };
        self.0.tables.try_get_with(key, look).await.map_err(cache::shared)
    }

    /// Starts an export of all rows of a query, ignoring its row limit. If the query has a transformer, the row limit
    /// applies, and the transformer's result is exported.
    ///
    /// # Errors
    /// `Invalid` for invalid parameters and options. Later errors are sent through the export.
    pub fn export(&self, mut job: QueryJob) -> Result<Export> {
        let params = Params::resolve(&job.query.parameters, std::mem::take(&mut job.parameters))?;
        job.check()?;
        let (sink, parts) = pipe();
        let queries = self.clone();
        tokio::spawn(async move {
            let rows = sink.clone();
            let work = async {
                if job.transformer().is_some() {
                    return rows.send_all(queries.run(&job, &params).await?).await;
                }
                let exports = queries.0.exports.take(job.tenant).await;
                let _export = exports.ok_or(Error::RateLimited { retry_after: BUSY })?;
                let _turn = queries.turn(job.tenant).await?;
                let source = queries.source(job.tenant, &job.target).await?;
                let hold = queries.hold(job.tenant);
                hold.grow(stream::HELD)?;
                let request = QueryRequest {
                    limits: ResultLimits { rows: usize::MAX, bytes: BYTES, hold: Arc::clone(&hold) },
                    ..job.request(&params, EXPORT, hold)
                };
                let sent = within(EXPORT, "the export", source.stream(request, rows)).await;
                sent.map_err(|error| scrub(error, &job.target.kind, &job.target.options))
            };
            sink.drive(work).await;
        });
        Ok(parts)
    }

    /// Waits until the tenant may run another query.
    async fn turn(&self, tenant: Uuid) -> Result<Turn> {
        self.0.turns.take(tenant).await.ok_or(Error::RateLimited { retry_after: BUSY })
    }

    fn hold(&self, tenant: Uuid) -> Arc<Hold> {
        self.0.context.budget.of(MemoryOwner::Tenant(tenant)).hold()
    }

    async fn source(&self, tenant: Uuid, target: &Target) -> Result<Arc<dyn OpenDatasource>> {
        self.0.sources.get(&self.0.context, tenant, target).await
    }

    async fn run(&self, job: &QueryJob, params: &Params) -> Result<Rows> {
        let limit = Duration::from_millis(job.query.timeout_ms.into());
        let hold = self.hold(job.tenant);
        // pinned here: moving the future would take its size on the stack twice
        let asked = job.request(params, limit, Arc::clone(&hold));
        let attempt = pin!(async {
            let _turn = self.turn(job.tenant).await?;
            self.source(job.tenant, &job.target).await?.run(asked).await
        });
        let mut rows = within(limit, "the query", attempt)
            .await
            .map_err(|error| scrub(error, &job.target.kind, &job.target.options))?;
        rows.hold = Some(hold);
        match job.transformer() {
            None => Ok(rows),
            // boxed: few queries have a transformer
            Some(code) => Box::pin(self.transform(code, rows, job, params, limit)).await,
        }
    }

    async fn transform(
        &self,
        code: &str,
        mut rows: Rows,
        job: &QueryJob,
        params: &Params,
        limit: Duration,
    ) -> Result<Rows> {
        let mut scope = Map::new();
        let data = Arc::unwrap_or_clone(std::mem::take(&mut rows.data));
        // nothing to keep without the source's types
        let typed = data.as_array().filter(|_| rows.columns.is_some());
        let before = typed.map(|items| columns(items, MOST_COLUMNS)).unwrap_or_default();
        scope.insert("data".to_owned(), data);
        scope.insert("columns".to_owned(), serde_json::to_value(&rows.columns)?);
        scope.insert("params".to_owned(), Value::Object((*params.values).clone()));
        let ran = self.0.context.sandbox.owned_by(job.tenant).run(code, scope, limit.min(TRANSFORM)).await;
        let data = ran.map_err(|problem| problem.at("transformer"))?.value;
        if let Some(hold) = &rows.hold {
            hold.set(json::cost(&data))?;
        }
        rows.columns = columns_after(rows.columns.take(), &before, &data);
        rows.data = Arc::new(data);
        Ok(rows)
    }
}

/// Runs `work`. `what` names it in the error.
///
/// # Errors
/// `Timeout` if it takes longer than `limit`.
async fn within<T>(limit: Duration, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| Err(Error::Timeout(format!("{what} was stopped after {} ms", limit.as_millis())));
    tokio::time::timeout(limit, work).await.unwrap_or_else(late)
}

/// Removes the datasource's secrets from an error message of its server or of a library.
fn scrub(error: Error, kind: &str, given: &Map<String, Value>) -> Error {
    let Error::Datasource(mut problem) = error else {
        return error;
    };
    let Ok(schema) = options::schema(kind) else {
        return Error::Datasource(problem);
    };
    let scrubber = Scrubber::of(schema, given);
    problem.message = scrubber.clean(&problem.message);
    problem.hint = problem.hint.map(|hint| scrubber.clean(&hint));
    Error::Datasource(problem)
}
