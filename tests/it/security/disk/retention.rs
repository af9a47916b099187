//! Old data is deleted, first that of the tenant that stores too much.
use super::*;
use crate::support::Stored;
use jet_admin::{
    model::{Label, Role},
    store::RetentionLimits,
};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_of_one_tenant_do_not_displace_anothers() {
    let world = World::empty().await;
    let other = neighbor(&world).await;
    let (theirs, ours) = (echo(&other).await, echo(&world.client).await);
    ended_runs(&other, &theirs, 5, 2000).await;
    ended_runs(&world.client, &ours, 30, 100_000).await;
    let store = &world.server.server.app.store;
    // far less than the many runs use, which are all newer
    let tight = RetentionLimits { bytes: 1 << 20, ..RetentionLimits::default() };
    assert!(store.prune_runs(tight, Time::now()).await.unwrap() > 10);
    assert_eq!(runs(&other).await, 5);
    assert!(runs(&world.client).await < 20);
    // the same for the number of runs
    ended_runs(&world.client, &ours, 20, 100).await;
    store.prune_runs(RetentionLimits { runs: 12, ..RetentionLimits::default() }, Time::now()).await.unwrap();
    assert_eq!((runs(&other).await, runs(&world.client).await), (5, 7));
    assert_eq!(store.recount_usage().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_runs_do_not_displace_anothers_history() {
    let world = World::empty().await;
    let other = neighbor(&world).await;
    let (theirs, ours) = (echo(&other).await, approval_workflow(&world.client).await);
    ended_runs(&other, &theirs, 5, 2000).await;
    for _ in 0..20 {
        hook(&world, &ours, 100_000).await.expect(202);
    }
    let store = &world.server.server.app.store;
    store.prune_runs(RetentionLimits { bytes: 512 << 10, ..RetentionLimits::default() }, Time::now()).await.unwrap();
    assert_eq!((runs(&other).await, runs(&world.client).await), (5, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_own_limits_are_enforced_soon() {
    const QUOTA: u64 = 1 << 20;
    let world = world(|config| config.quotas.ended_runs = QUOTA).await;
    let flow = echo(&world.client).await;
    ended_runs(&world.client, &flow, 40, 50_000).await;
    // not only in the regular clean-up every ten minutes
    until("the runs fit the quota", async || usage(&world.client, "endedRuns").await.0 <= QUOTA).await;
    assert!(runs(&world.client).await >= 3, "only as many as necessary may be deleted");
    let store = &world.server.server.app.store;
    store.prune_runs(RetentionLimits { runs_per_tenant: 2, ..RetentionLimits::default() }, Time::now()).await.unwrap();
    assert_eq!(runs(&world.client).await, 2);
    // unsaved graphs of test runs are deleted with their runs
    for n in 0..30 {
        let graph = json!({
            "nodes": [
                {"id": "s", "type": "start", "name": "start"},
                {"id": "e", "type": "end", "name": "end", "config": {"output": format!("{n} {}", noise(100_000))}},
            ],
            "edges": [{"id": "1", "source": "s", "target": "e"}],
            "input": {},
        });
        until("the test is accepted", async || {
            let answer = world.client.post("workflows/test?wait=60", graph.clone()).await;
            assert!(answer.status == 200 || answer.code() == "QUOTA_EXCEEDED", "{answer}");
            answer.status == 200
        })
        .await;
    }
    until("the graphs fit the quota", async || usage(&world.client, "endedRuns").await.0 <= QUOTA).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_audit_entries_are_deleted_in_batches_and_the_total_is_updated() {
    let world = world(|config| config.keep.audit_days = 0).await;
    let store = &world.server.server.app.store;
    let scope = days_ago(&world.client, 400);
    store
        .write(move |tx| {
            for n in 0..500 {
                let role = Role { permissions: Vec::new(), built_in: None, start_dashboard_id: None };
                tx.insert(&scope, Uuid::now_v7(), Label::new(&format!("Role {n}"), "")?, role)?;
            }
            Ok(())
        })
        .await
        .unwrap();
    let total = async || world.client.get("audit-logs?limit=1").await.expect(200)["total"].as_u64().unwrap();
    let before = total().await;
    let forever = RetentionLimits { audit_days: 0, ..RetentionLimits::default() };
    store.prune_workspace(forever, Time::now()).await.unwrap();
    assert_eq!(total().await, before, "entries of any age must be kept");
    assert_eq!(store.prune_workspace(RetentionLimits::default(), Time::now()).await.unwrap(), 500);
    assert_eq!(total().await, before - 500);
    assert_eq!(world.client.all("audit-logs?limit=200").await.len() as u64, before - 500);
}

/// Fills the query history directly in the database, as a dashboard that refreshes every second would.
fn flood(world: &World, executions: usize) {
    let mut statements = Vec::new();
    for n in 0..executions {
        let (tenant, id, query, at) = (world.tenant, Uuid::now_v7(), Uuid::from_u128(n as u128 / 900), Time::now().0);
        statements.push(format!(
            "insert into query_runs (tenant_id, id, query_id, query_version, at, actor_kind, actor_id, actor_label, duration_us, cache)
             values ('{tenant}', '{id}', '{query}', 1, {at}, 'user', '', 'ada', 1, 'off')"
        ));
    }
    let runs = Stored::runs(&world.server.data_dir());
    statements.push(format!(
        "insert into {} values ('{}', 'queryHistory', {}, {executions})
         on conflict (tenant_id, kind) do update set bytes = excluded.bytes, row_count = excluded.row_count",
        runs.sums("usage"),
        world.tenant,
        executions * 400
    ));
    runs.execute(&statements.join(";"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_query_executions_do_not_displace_runs_and_the_size_limit_is_met() {
    let world = World::full().await;
    let other = neighbor(&world).await;
    let (theirs, ours) = (echo(&other).await, echo(&world.client).await);
    ended_runs(&other, &theirs, 5, 2000).await;
    ended_runs(&world.client, &ours, 20, 20_000).await;
    let (all, budget) = (runs(&world.client).await, 4 << 20);
    flood(&world, 20_000);
    let store = &world.server.server.app.store;
    store.prune_runs(RetentionLimits { bytes: budget, ..RetentionLimits::default() }, Time::now()).await.unwrap();
    assert_eq!((runs(&other).await, runs(&world.client).await), (5, all), "no run may be deleted because of queries");
    let remaining = usage(&world.client, "queryHistory").await.0 / 400;
    assert!((1000..10_000).contains(&remaining), "{remaining} executions are left");
    assert!(Stored::runs(&world.server.data_dir()).size() <= budget);
    // nor do runs displace the query history
    ended_runs(&world.client, &ours, 40, 100_000).await;
    store.prune_runs(RetentionLimits { bytes: budget, ..RetentionLimits::default() }, Time::now()).await.unwrap();
    assert!(usage(&world.client, "queryHistory").await.0 / 400 > 1000);
    let kept_bytes = usage(&world.client, "endedRuns").await.0;
    assert!(kept_bytes > budget / 2, "{kept_bytes} bytes of runs are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_and_versions_have_separate_shares_for_each_tenant() {
    let world = World::full().await;
    let other = neighbor(&world).await;
    let flow = echo(&world.client).await;
    ended_runs(&world.client, &flow, 5, 1000).await;
    let role = other.post("roles", json!({"name": "Theirs"})).await.expect(201);
    let role = id(&role);
    for n in 0..300 {
        world.client.post("roles", json!({"name": format!("Role {n}")})).await.expect(201);
    }
    let before = [usage(&other, "auditLog").await, usage(&other, "versions").await];
    let store = &world.server.server.app.store;
    let keep = RetentionLimits { bytes: 256 << 10, ..RetentionLimits::default() };
    store.prune_workspace(keep, Time::now()).await.unwrap();
    assert!(
        usage(&world.client, "auditLog").await.0 <= 64 << 10,
        "the audit log must be cut to a quarter of the limit"
    );
    assert_eq!(
        before,
        [usage(&other, "auditLog").await, usage(&other, "versions").await],
        "the other tenant must keep everything"
    );
    other.get(&format!("roles/{role}/versions")).await.expect(200);
    assert_eq!(runs(&world.client).await, 5);
    assert_eq!(store.recount_usage().await.unwrap(), 0);
}
