//! Open datasources: created on first use, replaced when they change, closed when unused.
use crate::{
    Error, Result,
    connect::{Connector, Context, OpenDatasource, Target, find, options},
};
use moka::{future::Cache, ops::compute::Op, policy::EvictionPolicy};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// The maximum number of open datasources. Beyond it, the least recently used one is closed.
const MOST: u64 = 1000;
/// How long an unused datasource stays open.
const IDLE: Duration = Duration::from_mins(5);

/// By the ids of a tenant and a datasource.
pub(super) struct Sources(Cache<(Uuid, Uuid), CachedDatasource>);

#[derive(Clone)]
struct CachedDatasource {
    version: u64,
    source: Arc<dyn OpenDatasource>,
}

impl Sources {
    pub fn new() -> Self {
        Self::closing_after(IDLE)
    }

    fn closing_after(idle: Duration) -> Self {
        let policy = EvictionPolicy::lru();
        Self(Cache::builder().max_capacity(MOST).time_to_idle(idle).eviction_policy(policy).build())
    }

    /// Returns an open datasource, opening it if necessary.
    ///
    /// # Errors
    /// `Invalid` for an unknown type or invalid options.
    pub async fn get(&self, context: &Context, tenant: Uuid, target: &Target) -> Result<Arc<dyn OpenDatasource>> {
        let key = (tenant, target.id);
        let is_current = |known: &CachedDatasource| known.version == target.version;
        if let Some(known) = self.0.get(&key).await.filter(is_current) {
            return Ok(known.source);
        }
        // one caller at a time, so that callers share the connections of one source
        let open = async |known: Option<moka::Entry<_, CachedDatasource>>| {
            if known.is_some_and(|known| is_current(known.value())) {
                return Ok::<_, Error>(Op::Nop);
            }
            let connector: &dyn Connector = find(&target.kind).ok_or_else(|| options::unknown(&target.kind))?;
            options::check(&target.kind, &target.options)?;
            let source = connector.connect(&target.options, &context.of(tenant)).await?;
            Ok(Op::Put(CachedDatasource { version: target.version, source }))
        };
        let opened = self.0.entry(key).and_try_compute_with(open).await?.into_entry();
        opened.map(|opened| opened.into_value().source).ok_or_else(|| Error::internal("a datasource was not opened"))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::{Context, MOST, Sources, Target};
    use crate::{
        budget::Budget,
        connect::{Files, Guard},
        script::{Sandbox, ScriptLimits},
        turns::Accounts,
    };
    use serde_json::Map;
    use std::{sync::Arc, time::Duration};
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
        sources.0.run_pending_tasks().await;
        assert_eq!(Arc::strong_count(&first), 1, "the old one is closed");
    }

    #[tokio::test]
    async fn concurrent_callers_share_one_source() {
        let (sources, context) = (Sources::new(), context());
        let target = target(1, 1);
        let get = || sources.get(&context, Uuid::nil(), &target);
        let (first, second) = tokio::join!(get(), get());
        assert!(Arc::ptr_eq(&first.unwrap(), &second.unwrap()));
    }

    #[tokio::test]
    async fn the_number_of_open_datasources_is_limited() {
        let (sources, context) = (Sources::new(), context());
        for id in 0..u128::from(MOST) + 10 {
            sources.get(&context, Uuid::nil(), &target(id, 1)).await.unwrap();
        }
        sources.0.run_pending_tasks().await;
        assert_eq!(sources.0.entry_count(), MOST);
    }

    #[tokio::test]
    async fn unused_datasources_are_closed() {
        let (sources, context) = (Sources::closing_after(Duration::from_millis(1)), context());
        let opened = Arc::downgrade(&sources.get(&context, Uuid::nil(), &target(1, 1)).await.unwrap());
        while opened.strong_count() > 0 {
            sources.0.run_pending_tasks().await;
            tokio::task::yield_now().await;
        }
    }
}
