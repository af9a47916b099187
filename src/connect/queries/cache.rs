//! The cache of query results: bounded by size; concurrent requests for the same result share one execution.
use crate::{
    Error, Result,
    budget::Hold,
    connect::{Params, QueryJob, ResultFuture, Rows, Written},
    json,
};
use moka::{Expiry, future::Cache};
use sha2::{Digest, Sha256};
use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

pub(super) type CacheKey = [u8; 32];

/// The memory that all cached results may use, in bytes, outside the budget.
const BYTES: u64 = 64 << 20;

/// The longest lifetime of a result.
const LONGEST: Duration = Duration::from_hours(24);
/// How many datasources are remembered as changed.
const CHANGED: u64 = 10_000;

#[derive(Clone)]
pub(super) struct ResultCache {
    results: Cache<CacheKey, CachedRows>,
    /// The edition of each datasource whose rows were edited: results of earlier editions are not returned.
    editions: moka::sync::Cache<Uuid, u64>,
}

/// A result and the hold that counts its memory while someone uses it. Results that are only cached count against
/// `BYTES`.
pub(super) struct FoundRows {
    pub rows: Arc<Rows>,
    pub hold: Option<Arc<Hold>>,
}

impl FoundRows {
    /// Wraps a result that is not cached.
    pub fn alone(mut rows: Rows) -> Self {
        let hold = rows.hold.take();
        Self { rows: Arc::new(rows), hold }
    }
}

#[derive(Clone)]
struct CachedRows {
    rows: Arc<Rows>,
    /// Taken by the first caller.
    hold: Arc<Mutex<Option<Arc<Hold>>>>,
    weight: u32,
    lifetime: Duration,
}

struct Lifetimes;

impl Expiry<CacheKey, CachedRows> for Lifetimes {
    fn expire_after_create(&self, _: &CacheKey, kept: &CachedRows, _: Instant) -> Option<Duration> {
        Some(kept.lifetime)
    }
}

impl ResultCache {
    pub fn new() -> Self {
        let cache = Cache::builder()
            .max_capacity(BYTES)
            .weigher(|_, kept: &CachedRows| kept.weight)
            .expire_after(Lifetimes)
            .build();
        Self {
            results: cache,
            editions: moka::sync::Cache::builder().max_capacity(CHANGED).time_to_live(LONGEST).build(),
        }
    }

    /// Returns a number that changes when rows of the datasource are edited.
    pub fn edition(&self, datasource: Uuid) -> u64 {
        self.editions.get(&datasource).unwrap_or_default()
    }

    /// Makes sure that results from before now are not returned any more.
    pub fn renew(&self, datasource: Uuid) {
        static LAST: AtomicU64 = AtomicU64::new(0);
        self.editions.insert(datasource, LAST.fetch_add(1, Ordering::Relaxed) + 1);
    }

    /// Returns the cached result, or that of `run`, and whether it came from the cache. The result of a query that
    /// may have written is neither cached nor shared.
    pub async fn get<'a>(
        &self,
        key: CacheKey,
        lifetime: Duration,
        run: impl Fn() -> ResultFuture<'a, Rows>,
    ) -> Result<(FoundRows, bool)> {
        let entry = self.results.entry(key).or_try_insert_with(kept(run(), lifetime)).await;
        let entry = entry.map_err(shared)?;
        let fresh = entry.is_fresh();
        let CachedRows { rows, hold, .. } = entry.into_value();
        let hold = hold.lock().unwrap_or_else(PoisonError::into_inner).take();
        let found = FoundRows { rows, hold };
        if found.rows.written == Written::Nothing {
            return Ok((found, !fresh));
        }
        self.results.invalidate(&key).await;
        if fresh {
            return Ok((found, false));
        }
        Ok((FoundRows::alone(run().await?), false))
    }
}

async fn kept(run: impl Future<Output = Result<Rows>>, lifetime: Duration) -> Result<CachedRows> {
    let FoundRows { rows, hold } = FoundRows::alone(run.await?);
    let weight = u32::try_from(json::cost(&rows.data)).unwrap_or(u32::MAX);
    Ok(CachedRows { weight, rows, hold: Arc::new(Mutex::new(hold)), lifetime })
}

/// Returns the cache key: jobs with the same key may share a result.
pub(super) fn key(job: &QueryJob, params: &Params, edition: u64) -> Result<CacheKey> {
    let mut hash = Sha256::new();
    hash.update(job.tenant.as_bytes());
    hash.update(job.target.id.as_bytes());
    hash.update(job.target.version.to_be_bytes());
    hash.update(edition.to_be_bytes());
    match job.saved {
        Some((id, version)) => {
            hash.update(id.as_bytes());
            hash.update(version.to_be_bytes());
        }
        None => hash.update(serde_json::to_vec(&job.query)?),
    }
    hash.update([0]);
    hash.update(serde_json::to_vec(&(job.mode, job.slice))?);
    hash.update(serde_json::to_vec(&*params.values)?);
    Ok(hash.finalize().into())
}

/// Copies an error for each of the callers that waited for the same work.
pub(super) fn shared(error: Arc<Error>) -> Error {
    Arc::try_unwrap(error).unwrap_or_else(|error| match &*error {
        Error::Invalid(problems) => Error::Invalid(problems.clone()),
        Error::Datasource(problem) => Error::Datasource(problem.clone()),
        Error::Timeout(why) => Error::Timeout(why.clone()),
        Error::ChangesData(why) => Error::ChangesData(why.clone()),
        Error::RateLimited { retry_after } => Error::RateLimited { retry_after: *retry_after },
        Error::Unavailable(why) => Error::Unavailable(why),
        Error::ShortOfMemory(why) => Error::ShortOfMemory(why),
        Error::NoValue(path) => Error::NoValue(path.clone()),
        Error::Internal(why) => Error::internal(why.to_string()),
        other => Error::internal(other.to_string()),
    })
}
