//! Open datasources: created on first use, replaced when they change, closed when unused.
use crate::{
    Result,
    connect::{Connector, Context, OpenDatasource, Target, find, options},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock, RwLockWriteGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use uuid::Uuid;

/// The maximum number of open datasources.
const MOST: usize = 1000;
/// How long an unused datasource stays open, and how often unused ones are closed.
const IDLE: Duration = Duration::from_mins(5);
const SWEEP: Duration = Duration::from_mins(1);

/// The ids of a tenant and a datasource.
type DatasourceKey = (Uuid, Uuid);
type Open = HashMap<DatasourceKey, Arc<CachedDatasource>>;

pub(super) struct Sources {
    open: RwLock<Open>,
    born: Instant,
    /// The time of the last sweep, in milliseconds since `born`.
    swept: AtomicU64,
}

struct CachedDatasource {
    version: u64,
    source: Arc<dyn OpenDatasource>,
    /// The time of its last use, in milliseconds since `Sources::born`.
    used: AtomicU64,
}

impl Sources {
    pub fn new() -> Self {
        Self { open: RwLock::default(), born: Instant::now(), swept: AtomicU64::new(0) }
    }

    /// Returns an open datasource, opening it if necessary.
    ///
    /// # Errors
    /// `Invalid` for an unknown type or invalid options.
    pub async fn get(&self, context: &Context, tenant: Uuid, target: &Target) -> Result<Arc<dyn OpenDatasource>> {
        let (key, now) = ((tenant, target.id), self.now());
        if let Some(source) = self.known(key, target.version, now) {
            return Ok(source);
        }
        let connector: &dyn Connector = find(&target.kind).ok_or_else(|| options::unknown(&target.kind))?;
        options::check(&target.kind, &target.options)?;
        let source = connector.connect(&target.options, &context.of(tenant)).await?;
        // sources connect lazily, so dropping this one costs little if another call was first
        let mut open = self.write();
        if let Some(first) = open.get(&key).filter(|first| first.version == target.version) {
            return Ok(Arc::clone(&first.source));
        }
        let crowded = open.len() >= MOST && !open.contains_key(&key);
        let oldest = crowded.then(|| open.iter().min_by_key(|(_, one)| one.used.load(Ordering::Relaxed))).flatten();
        let oldest = oldest.map(|(key, _)| *key).and_then(|key| open.remove(&key));
        let opened =
            CachedDatasource { version: target.version, source: Arc::clone(&source), used: AtomicU64::new(now) };
        let replaced = open.insert(key, Arc::new(opened));
        // closed outside the lock
        drop(open);
        drop((oldest, replaced));
        Ok(source)
    }

    fn known(&self, key: DatasourceKey, version: u64, now: u64) -> Option<Arc<dyn OpenDatasource>> {
        let since = now.saturating_sub(self.swept.load(Ordering::Relaxed));
        if u128::from(since) >= SWEEP.as_millis() {
            self.swept.store(now, Ordering::Relaxed);
            self.sweep(now);
        }
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        let found = open.get(&key).filter(|found| found.version == version)?;
        found.used.store(now, Ordering::Relaxed);
        Some(Arc::clone(&found.source))
    }

    fn sweep(&self, now: u64) {
        let unused = |one: &mut Arc<CachedDatasource>| {
            let since = now.saturating_sub(one.used.load(Ordering::Relaxed));
            u128::from(since) >= IDLE.as_millis()
        };
        let closed: Vec<_> = self.write().extract_if(|_, one| unused(one)).collect();
        drop(closed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Open> {
        self.open.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Context, IDLE, MOST, Sources, Target};
    use crate::{
        budget::Budget,
        connect::{Files, Guard},
        script::{Sandbox, ScriptLimits},
        turns::Accounts,
    };
    use serde_json::Map;
    use std::sync::Arc;
    use uuid::Uuid;

    fn context() -> Context {
        Context {
            files: Files::default(),
            guard: Guard::new(true, []),
            sandbox: Sandbox::new(ScriptLimits::default()),
            budget: Budget::new(1 << 20).into(),
            accounts: Accounts::default(),
        }
    }

    fn target(id: u128, version: u64) -> Target {
        Target { id: Uuid::from_u128(id), version, kind: "javascript".to_owned(), options: Map::new() }
    }

    #[tokio::test]
    async fn a_datasource_stays_open_until_it_changes() {
        let (sources, context) = (Sources::new(), context());
        let get = async |version| sources.get(&context, Uuid::nil(), &target(1, version)).await.unwrap();
        let first = get(1).await;
        assert!(Arc::ptr_eq(&first, &get(1).await));
        assert!(!Arc::ptr_eq(&first, &get(2).await));
        assert_eq!(Arc::strong_count(&first), 1, "the old one is closed");
    }

    #[tokio::test]
    async fn unused_datasources_are_closed_and_so_is_the_least_recently_used_of_too_many() {
        let (sources, context) = (Sources::new(), context());
        for id in 0..=MOST as u128 {
            sources.get(&context, Uuid::nil(), &target(id, 1)).await.unwrap();
        }
        assert_eq!(sources.open.read().unwrap().len(), MOST);
        let late = u64::try_from(IDLE.as_millis()).unwrap() * 2;
        let key = (Uuid::nil(), Uuid::from_u128(MOST as u128));
        assert!(sources.known(key, 1, late).is_none(), "swept before it was looked for");
        assert_eq!(sources.open.read().unwrap().len(), 0);
    }
}
