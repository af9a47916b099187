//! What writes leave behind: counters, and what is cached.
#![allow(clippy::unwrap_used)]
use super::{AuditedChange, Credential, Durability, NewInstance, NewUser, QueryRun, Remembered, Store};
use crate::{
    Error, Result,
    data_dir::DataDir,
    model::{Json, Label, Role, Scope, run::RunTrigger, tenant},
    quota::{DiskSpace, QuotaLimits, Quotas, UsageKind},
    store::{RetentionLimits, sql::Sql},
};
use serde_json::json;
use std::{
    cell::Cell,
    sync::{Arc, mpsc},
    thread,
};
use uuid::Uuid;

/// A store with a tenant.
struct World {
    store: Arc<Store>,
    scope: Scope,
    _dir: DataDir,
    _root: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let dir = DataDir::open(root.path()).unwrap();
        let store = Arc::new(Store::open(&dir, Durability::Normal, &Arc::new(Quotas::unlimited())).unwrap());
        let mut scope = Scope::system(Uuid::now_v7());
        let user = NewUser {
            email: "ada@example.com".to_owned(),
            email_verified: true,
            name: String::new(),
            photo_url: None,
            credential: Credential::Password("no password fits this".to_owned()),
        };
        scope.actor.id = store.write(move |tx| tx.create_user(&user, scope.now)).await.unwrap().id;
        let owner = scope.clone();
        let draft: tenant::Draft = serde_json::from_value(json!({"name": "Hers"})).unwrap();
        store.write(move |tx| tx.create_tenant(&owner, &draft)).await.unwrap();
        Self { store, scope, _dir: dir, _root: root }
    }

    /// Adds a role, and then does `after` in the same write.
    async fn add(
        &self,
        name: &'static str,
        after: impl FnOnce(&super::Tx<'_>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let scope = self.scope.clone();
        let add = move |tx: &super::Tx<'_>| {
            let role = Role { permissions: Vec::new(), built_in: None, start_dashboard_id: None };
            tx.insert(&scope, Uuid::now_v7(), Label::new(name, "")?, role)?;
            after(tx)
        };
        self.store.write(add).await
    }

    /// Keeps the writer busy until something is sent: what is written until then is in one commit.
    async fn hold(&self) -> mpsc::Sender<()> {
        let (go, wait) = mpsc::channel();
        let (begins, begun) = tokio::sync::oneshot::channel();
        let store = Arc::clone(&self.store);
        let held = async move {
            let work = move |_: &super::Tx<'_>| {
                let _ = begins.send(());
                wait.recv().map_err(Error::internal)
            };
            store.write(work).await
        };
        tokio::spawn(held);
        begun.await.unwrap();
        go
    }

    /// Checks every counter against the rows. Returns the number of roles.
    async fn roles(&self) -> u64 {
        let counted = self.store.survey(|tx| {
            let number =
                |sql: &str| -> Result<u64> { Ok(tx.db.prepare(Sql::composed(sql))?.query_row((), |row| row.get(0))?) };
            Ok([
                number("select sum(count) from object_counts")?,
                number("select count(*) from objects")?,
                number("select sum(count) from audit_counts")?,
                number("select count(*) from audit")?,
            ])
        });
        let counted = counted.await.unwrap();
        assert_eq!((counted[0], counted[2]), (counted[1], counted[3]), "counters, and numbers of rows");
        assert_eq!(self.store.recount_usage().await.unwrap(), 0, "the usage must be right");
        let tenant = self.scope.tenant.to_string();
        let (within, outside) = (tenant.clone(), tenant);
        let within = self.store.write(move |tx| tx.count::<Role>(&within, None)).await.unwrap();
        assert_eq!(self.store.get(|tx| tx.count::<Role>(&outside, None)).unwrap(), within);
        within
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a change, as `refused` is one")]
fn kept(_: &super::Tx<'_>) -> Result<()> {
    Ok(())
}

fn refused(_: &super::Tx<'_>) -> Result<()> {
    Err(Error::conflict("a test"))
}

/// The commit notices a missing link, not the statement.
fn dangling(tx: &super::Tx<'_>) -> Result<()> {
    let sql =
        "pragma defer_foreign_keys = on; insert into links (tenant_id, source_id, target_id) values ('a', 'b', 'c')";
    Ok(tx.db.execute_batch(sql)?)
}

#[tokio::test]
async fn failed_writes_do_not_count_even_between_others_of_the_same_commit() {
    let world = World::new().await;
    let before = world.roles().await;
    let go = world.hold().await;
    let release = async { go.send(()).unwrap() };
    let (first, failed, second, ()) =
        tokio::join!(world.add("First", kept), world.add("Failed", refused), world.add("Second", kept), release);
    assert!(first.is_ok() && second.is_ok());
    assert!(matches!(failed, Err(Error::Conflict(_))));
    assert_eq!(world.roles().await, before + 2);
    world.add("Failed", kept).await.unwrap();
    assert_eq!(world.roles().await, before + 3);
}

#[tokio::test]
async fn a_failed_commit_does_not_count() {
    let world = World::new().await;
    let before = world.roles().await;
    let go = world.hold().await;
    let release = async { go.send(()).unwrap() };
    let (first, second, ()) = tokio::join!(world.add("First", kept), world.add("Second", dangling), release);
    assert!(first.is_err() && second.is_err(), "they are in one commit");
    assert_eq!(world.roles().await, before);
    world.add("First", kept).await.unwrap();
    assert_eq!(world.roles().await, before + 1);
}

#[tokio::test]
async fn entries_of_the_audit_log_leave_cached_results_valid() {
    let world = World::new().await;
    let (results, of_permissions) = (Remembered::new(10), Remembered::of_permissions(10));
    let asked = Cell::new(0);
    let ask = |cache: &Remembered<u8, ()>| {
        cache.get(&world.store, 1, || {
            asked.set(asked.get() + 1);
            Ok(())
        })
    };
    let act = |kind: &'static str| {
        let act = AuditedChange { verb: "change", kind, id: Uuid::now_v7(), name: "Sales" };
        world.store.record_act(&world.scope, act, Some(json!({"rows": 1})))
    };
    // a result is cached for a second, and this may take longer on a busy machine
    let within = std::time::Instant::now();
    ask(&results).unwrap();
    act("dataquery").await.unwrap();
    ask(&results).unwrap();
    assert!(asked.get() == 1 || within.elapsed() > super::remembered::AT_MOST, "the entry is no change");
    let counted = asked.get();
    world.store.write(|_| Ok(())).await.unwrap();
    ask(&results).unwrap();
    assert_eq!(asked.get(), counted + 1, "any other write may be a change");

    ask(&of_permissions).unwrap();
    act("role").await.unwrap();
    ask(&of_permissions).unwrap();
    assert_eq!(asked.get(), counted + 3, "an entry about permissions counts as a change of them");
    assert_eq!(world.roles().await, 4);
}

#[tokio::test]
async fn lookups_fail_fast_when_all_connections_are_in_use() {
    let world = World::new().await;
    let (enters, entered) = mpsc::channel();
    let (mut gates, mut readers) = (Vec::new(), Vec::new());
    let refused = loop {
        let (store, enters) = (Arc::clone(&world.store), enters.clone());
        let (open, gate) = mpsc::channel::<()>();
        gates.push(open);
        readers.push(thread::spawn(move || {
            let within = enters.clone();
            let hold = move |_: &super::Tx<'_>| {
                let _ = within.send(None);
                gate.recv().map_err(Error::internal)
            };
            if let Err(error) = store.get(hold) {
                let _ = enters.send(Some(error));
            }
        }));
        if let Some(error) = entered.recv().unwrap() {
            break error;
        }
    };
    assert!(matches!(refused, Error::Unavailable(_)), "{refused:?}");
    assert!(readers.len() > thread::available_parallelism().map_or(1, usize::from), "there are more than threads");
    // writes and scans have their own connections
    world.add("While lookups are busy", kept).await.unwrap();
    world.store.read(world.scope.tenant, |_| Ok(())).await.unwrap();
    for gate in gates {
        let _ = gate.send(());
    }
    for reader in readers {
        reader.join().unwrap();
    }
    world.store.get(|_| Ok(())).unwrap();
}

#[tokio::test]
async fn a_lowered_quota_applies_to_the_history_of_a_tenant_that_writes_nothing() {
    let world = World::new().await;
    let scope = world.scope.clone();
    let fill = move |tx: &super::Tx<'_>| {
        let act = AuditedChange { verb: "update", kind: "widget", id: Uuid::nil(), name: "W" };
        (0..500).try_for_each(|_| tx.record_act(&scope, &act))
    };
    world.store.write(fill).await.unwrap();
    let scope = world.scope.clone();
    let fill = move |tx: &super::RunsTx<'_>| {
        let run = QueryRun {
            query: Uuid::nil(),
            query_version: 1,
            mode: "run",
            duration_us: 1,
            row_count: None,
            cache: "off",
            error: None,
        };
        (0..500).try_for_each(|_| tx.record_query_run(&scope, &run))
    };
    world.store.runs.write(fill).await.unwrap();
    let World { store, scope, _dir: dir, _root } = world;
    store.close();
    drop(store);
    let limits = QuotaLimits { audit: 100_000, query_history: 100_000, ..QuotaLimits::unlimited() };
    let quotas = Arc::new(Quotas::new(limits, &dir, DiskSpace::unlimited()));
    let store = Store::open(&dir, Durability::Normal, &quotas).unwrap();
    let used = || {
        let audit = store.get(|tx| tx.usage(scope.tenant, UsageKind::Audit)).unwrap();
        [audit, store.runs.get(|tx| tx.usage(scope.tenant, UsageKind::QueryHistory)).unwrap()].map(|used| used.bytes)
    };
    assert!(used().iter().all(|bytes| *bytes >= 200_000), "{:?}", used());
    store.prune_workspace(RetentionLimits::default(), scope.now).await.unwrap();
    store.prune_runs(RetentionLimits::default(), scope.now).await.unwrap();
    assert!(used().iter().all(|bytes| (90_000..=100_000).contains(bytes)), "{:?}", used());
    assert_eq!(store.recount_usage().await.unwrap(), 0, "the counters must be right");
}

#[tokio::test]
async fn a_change_of_an_old_version_is_refused_by_the_statement_itself() {
    let world = World::new().await;
    let scope = world.scope.clone();
    let refused = world.store.write(move |tx| {
        let role = Role { permissions: Vec::new(), built_in: None, start_dashboard_id: None };
        let old = tx.insert(&scope, Uuid::now_v7(), Label::new("First", "")?, role.clone())?;
        tx.rewrite(&scope, old.clone(), Label::new("Second", "")?, role.clone(), true)?;
        tx.rewrite(&scope, old, Label::new("Third", "")?, role, true)
    });
    let refused = refused.await.err();
    assert!(matches!(refused, Some(Error::VersionConflict { current: 2, .. })), "{refused:?}");
}

#[tokio::test]
async fn a_run_with_a_known_key_is_not_created_again() {
    let world = World::new().await;
    let (scope, workflow) = (world.scope.clone(), Uuid::now_v7());
    let run = move || NewInstance {
        id: Uuid::now_v7(),
        workflow_id: Some(workflow),
        workflow_name: "W".to_owned(),
        workflow_version: 1,
        definition: ("hash".to_owned(), "{}".to_owned()),
        is_test: false,
        trigger: RunTrigger::Manual,
        input: Json::default(),
        created_at: scope.now,
        idempotency_key: Some("key".to_owned()),
        parent: None,
        replay_of: None,
        owner: None,
    };
    let (scope, tenant) = (world.scope.clone(), world.scope.tenant);
    let begun = world.store.runs.write(move |tx| {
        let (first, second) = (run(), run());
        let created = (tx.insert_instance(&scope, &first, None)?, tx.insert_instance(&scope, &second, None)?);
        Ok((created, tx.instance_by_key(&scope, workflow, "key")? == Some(first.id)))
    });
    assert_eq!(begun.await.unwrap(), ((true, false), true));
    let rows = world.store.runs.get(|tx| tx.usage(tenant, UsageKind::UnfinishedRuns)).unwrap().rows;
    assert_eq!(rows, 1, "only the first one counts");
}
