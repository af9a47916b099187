//! The query engine: parameters in, rows out, with pools, limits, time-outs, cache and transformer.
use super::{
    Context, FilePreview, Limits, Mode, Params, Part, Pending, Request, Rows, Slice, Source, TableInfo, TestReport,
    cache::{self, Answers},
    deadlines::Deadlines,
    file, find, options, pipe,
    rows::Column,
    secrets::Scrubber,
    sources::Sources,
    stream,
};
use crate::{
    Error, Result,
    budget::{Hold, Owner},
    json,
    model::DataQuery,
    turns::{Turn, Turns},
};
use moka::future::Cache;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    path::PathBuf,
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc::Receiver;
use uuid::Uuid;

/// How long the text of one answer may be.
const BYTES: usize = 32 << 20;
/// Queries that run at once: of all tenants together, and of one.
const AT_ONCE: usize = 512;
const SHARE: usize = 64;
/// Exports that run at once, which last as long as their readers like: of all tenants, and of one. Fewer than a datasource
/// has connections, so that those that nobody reads leave some to queries.
const EXPORTS: usize = 64;
const EXPORT_SHARE: usize = 4;
/// Queries that may wait for their turn.
const WAITING: usize = 4096;
/// When to come back after that.
const BUSY: Duration = Duration::from_secs(5);
/// How long a connection test or a look at the tables may take.
const TEST: Duration = Duration::from_secs(10);
/// How long a look at a file may take.
const PREVIEW: Duration = Duration::from_mins(1);
/// How long the tables of a datasource are remembered.
const TABLES: Duration = Duration::from_mins(10);
/// How long an export may take; its reader may be slow.
const EXPORT: Duration = Duration::from_hours(1);
/// How long a transformer may take at most.
const TRANSFORM: Duration = Duration::from_secs(10);

/// Runs queries against datasources. Cheap to clone.
#[derive(Clone)]
pub struct Queries(Arc<Inner>);

struct Inner {
    context: Context,
    sources: Sources,
    tables: Cache<(Uuid, Uuid, u64), Arc<Vec<TableInfo>>>,
    answers: Answers,
    turns: Arc<Turns>,
    exports: Arc<Turns>,
    deadlines: Deadlines,
}

/// A saved datasource, opened.
#[derive(Clone)]
pub struct Target {
    pub id: Uuid,
    /// Changes whenever the datasource, or a file that it reads, does.
    pub version: u64,
    /// The datasource's type.
    pub kind: String,
    /// With its secrets.
    pub options: Map<String, Value>,
}

/// One execution of a query, saved or not.
#[derive(Clone)]
pub struct Job {
    pub tenant: Uuid,
    pub target: Arc<Target>,
    pub query: Arc<DataQuery>,
    /// The id and version of a saved query: its options were checked when it was saved.
    pub saved: Option<(Uuid, u64)>,
    /// What the caller sent.
    pub parameters: Map<String, Value>,
    pub mode: Mode,
    pub slice: Option<Slice>,
}

/// Every row of a query, batch after batch; dropping it stops the query.
pub type Export = Receiver<Result<Part>>;

/// What an execution gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// An array of row objects, or what the transformer returned.
    pub data: Arc<Value>,
    pub columns: Option<Arc<[Column]>>,
    /// How many rows `data` has; 0 when it is no array.
    pub row_count: usize,
    pub affected_rows: Option<u64>,
    pub truncated: bool,
    pub duration: Duration,
    pub cache: CacheState,
    /// Where the memory of `data` is counted: for as long as it is there.
    pub hold: Arc<Hold>,
}

/// Whether an answer came from the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheState {
    Hit,
    Miss,
    /// The query is never cached, or it wrote something.
    Off,
}

impl Queries {
    pub fn new(context: Context) -> Self {
        let tables = Cache::builder().max_capacity(1000).time_to_live(TABLES).build();
        let turns = Turns::new(AT_ONCE, SHARE, WAITING, context.accounts.clone());
        let exports = Turns::new(EXPORTS, EXPORT_SHARE, WAITING, context.accounts.clone());
        let (sources, deadlines) = (Sources::new(), Deadlines::default());
        Self(Arc::new(Inner { context, sources, tables, answers: Answers::new(), turns, exports, deadlines }))
    }

    /// Runs a query. Dropping the future cancels it, on the datasource's server too.
    pub async fn execute(&self, mut job: Job) -> Result<Outcome> {
        let started = Instant::now();
        let params = Params::resolve(&job.query.parameters, std::mem::take(&mut job.parameters))?;
        promised(&job)?;
        let tenant = job.tenant;
        let (rows, cache) = if job.query.cache_seconds == 0 || job.mode != Mode::Run {
            (cache::Found::alone(self.run(&job, &params, false).await?), CacheState::Off)
        } else {
            let lifetime = Duration::from_secs(job.query.cache_seconds.into());
            let key = cache::key(&job, &params)?;
            let run = || -> Pending<'_, Rows> { Box::pin(self.run(&job, &params, true)) };
            // boxed: the cache's future is large
            let (rows, hit) = Box::pin(self.0.answers.get(key, lifetime, run)).await?;
            let state = match (rows.rows.wrote, hit) {
                (true, _) => CacheState::Off,
                (false, true) => CacheState::Hit,
                (false, false) => CacheState::Miss,
            };
            (rows, state)
        };
        let cache::Found { rows, hold } = rows;
        let hold = hold.unwrap_or_else(|| self.hold(tenant));
        let row_count = rows.data.as_array().map_or(0, Vec::len);
        Ok(Outcome {
            hold,
            data: Arc::clone(&rows.data),
            columns: rows.columns.clone(),
            row_count,
            affected_rows: rows.affected,
            truncated: rows.truncated,
            duration: started.elapsed(),
            cache,
        })
    }

    /// Tries a datasource that need not be saved. Its refusal is an answer, not an error.
    ///
    /// # Errors
    /// `Invalid` for an unknown type or options that do not fit.
    pub async fn test(&self, tenant: Uuid, kind: &str, options: &Map<String, Value>) -> Result<TestReport> {
        let connector = find(kind).ok_or_else(|| options::unknown(kind))?;
        options::check(kind, options)?;
        let started = Instant::now();
        let attempt = async {
            let _turn = self.turn(tenant).await?;
            let source = connector.connect(options, &self.0.context.of(tenant)).await?;
            Ok((source.test().await?, source.notes()))
        };
        let result = self.within(TEST, "the connection test", attempt).await;
        let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let failed =
            |error: String, hint| TestReport { ok: false, latency_ms, server_version: None, error: Some(error), hint };
        Ok(match result.map_err(|error| scrub(error, kind, options)) {
            Ok((server_version, hint)) => TestReport { ok: true, latency_ms, server_version, error: None, hint },
            Err(Error::Datasource(problem)) => failed(problem.message, problem.hint),
            Err(error) => failed(error.to_string(), None),
        })
    }

    /// What a datasource of the type `file` with these options would read: of the tenant's file that they name, or of the
    /// file at `content`.
    ///
    /// # Errors
    /// `Invalid` for options that do not fit. What is wrong with the file is a part of the answer.
    pub async fn preview_file(
        &self,
        tenant: Uuid,
        content: Option<PathBuf>,
        options: &Map<String, Value>,
    ) -> Result<FilePreview> {
        options::check("file", options)?;
        let tenants = self.0.context.of(tenant);
        let named = options.get("fileID").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
        let path = content.unwrap_or_else(|| tenants.files.uploads.join(named.unwrap_or_default().to_string()));
        let look = async {
            let _turn = self.turn(tenant).await?;
            file::preview(path, options, &tenants.budget).await
        };
        self.within(PREVIEW, "the preview", look).await
    }

    /// The tables of a saved datasource: as they were within the last ten minutes, or as they are now.
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
            let tables = self.within(TEST, "listing the tables", look).await;
            tables.map(Arc::new).map_err(|error| scrub(error, &target.kind, &target.options))
        };
        self.0.tables.try_get_with(key, look).await.map_err(cache::shared)
    }

    /// Starts to send every row of a query, whatever its limit on rows. A transformer sees rows up to that limit, as
    /// ever, and what it returns is sent.
    ///
    /// # Errors
    /// For parameters and options that do not fit; what goes wrong later comes out of the export.
    pub fn export(&self, mut job: Job) -> Result<Export> {
        let params = Params::resolve(&job.query.parameters, std::mem::take(&mut job.parameters))?;
        promised(&job)?;
        let (sink, parts) = pipe();
        let queries = self.clone();
        tokio::spawn(async move {
            let rows = sink.clone();
            let work = async {
                if transformer(&job).is_some() {
                    return rows.send_all(queries.run(&job, &params, false).await?).await;
                }
                let exports = queries.0.exports.take(job.tenant).await;
                let _export = exports.ok_or(Error::RateLimited { retry_after: BUSY })?;
                let _turn = queries.turn(job.tenant).await?;
                let source = queries.source(job.tenant, &job.target).await?;
                let hold = queries.hold(job.tenant);
                hold.grow(stream::HELD)?;
                let request = Request {
                    limits: Limits { rows: usize::MAX, bytes: BYTES, hold: Arc::clone(&hold) },
                    ..request(&job, &params, EXPORT, false, hold)
                };
                let sent = queries.within(EXPORT, "the export", source.stream(request, rows)).await;
                sent.map_err(|error| scrub(error, &job.target.kind, &job.target.options))
            };
            sink.drive(work).await;
        });
        Ok(parts)
    }

    /// Waits until one more query of the tenant may run.
    async fn turn(&self, tenant: Uuid) -> Result<Turn> {
        self.0.turns.take(tenant).await.ok_or(Error::RateLimited { retry_after: BUSY })
    }

    fn hold(&self, tenant: Uuid) -> Arc<Hold> {
        self.0.context.budget.of(Owner::Tenant(tenant)).hold()
    }

    async fn source(&self, tenant: Uuid, target: &Target) -> Result<Arc<dyn Source>> {
        self.0.sources.get(&self.0.context, tenant, target).await
    }

    async fn within<T>(&self, limit: Duration, what: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.0.deadlines.within(limit, what, work).await
    }

    async fn run(&self, job: &Job, params: &Params, cacheable: bool) -> Result<Rows> {
        let limit = Duration::from_millis(job.query.timeout_ms.into());
        let hold = self.hold(job.tenant);
        // pinned here: what is passed on by value takes its room twice
        let asked = request(job, params, limit, cacheable, Arc::clone(&hold));
        let attempt = pin!(async {
            let _turn = self.turn(job.tenant).await?;
            self.source(job.tenant, &job.target).await?.run(asked).await
        });
        let mut rows = self
            .within(limit, "the query", attempt)
            .await
            .map_err(|error| scrub(error, &job.target.kind, &job.target.options))?;
        rows.hold = Some(hold);
        match transformer(job) {
            None => Ok(rows),
            // boxed: few queries have one
            Some(code) => Box::pin(self.transform(code, rows, job, params, limit)).await,
        }
    }

    async fn transform(&self, code: &str, mut rows: Rows, job: &Job, params: &Params, limit: Duration) -> Result<Rows> {
        let mut scope = Map::new();
        let data = Arc::unwrap_or_clone(std::mem::take(&mut rows.data));
        scope.insert("data".to_owned(), data);
        scope.insert("columns".to_owned(), serde_json::to_value(&rows.columns)?);
        scope.insert("params".to_owned(), Value::Object((*params.values).clone()));
        let sandbox = self.0.context.sandbox.owned_by(job.tenant);
        let ran = sandbox.run(code, scope, limit.min(TRANSFORM)).await;
        let data = ran.map_err(|problem| problem.at("transformer"))?.value;
        if let Some(hold) = &rows.hold {
            hold.set(json::cost(&data))?;
        }
        rows.data = Arc::new(data);
        Ok(rows)
    }
}

/// The execution that a job asks for, within its limits.
fn request(job: &Job, params: &Params, timeout: Duration, cacheable: bool, hold: Arc<Hold>) -> Request {
    let most = job.query.max_rows as usize;
    Request {
        options: Arc::clone(&job.query.options),
        params: params.clone(),
        mode: job.mode,
        slice: job.slice,
        limits: Limits { rows: job.slice.map_or(most, |slice| most.min(slice.limit as usize)), bytes: BYTES, hold },
        timeout,
        cacheable,
    }
}

/// The job's transformer; only rows are transformed, no plans and no previews.
fn transformer(job: &Job) -> Option<&str> {
    let code = job.query.transformer.as_deref().map(str::trim);
    code.filter(|code| !code.is_empty() && job.mode == Mode::Run)
}

/// Whether the datasource's type knows the query's options, and can do what is asked.
fn promised(job: &Job) -> Result<()> {
    let connector = find(&job.target.kind).ok_or_else(|| options::unknown(&job.target.kind))?;
    if job.saved.is_none() {
        options::check_query(&job.target.kind, &job.query.options)?;
    }
    let about = connector.about();
    let refuse = |path: &str, what: &str| Err(Error::invalid(path, format!("{} cannot {what}", about.name)));
    match (job.mode, job.slice) {
        (Mode::Preview, _) if !about.capabilities.preview => refuse("mode", "preview what a query changes"),
        (Mode::Explain, _) if !about.capabilities.explain => refuse("mode", "explain a query"),
        (_, Some(_)) if !about.capabilities.slices => refuse("slice", "answer with a part of the rows"),
        (_, Some(slice)) if !(1..=100_000).contains(&slice.limit) => {
            Err(Error::invalid("slice.limit", "must be from 1 to 100000"))
        }
        (Mode::Preview | Mode::Explain, Some(_)) => Err(Error::invalid("slice", "is for running a query")),
        _ => Ok(()),
    }
}

/// Takes the datasource's secrets out of what its server or a library said.
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
