//! Deleting a tenant removes everything in it, even after a crash, and does not block others.
use super::*;
use crate::support::{Stored, TestServer, recorder::Recorder};
use axum::response::Response;
use jet_admin::{
    model::{Json, run::RunTrigger},
    store::{NewInstance, Store},
};
use std::{fs, path::Path, sync::Arc};
use uuid::Uuid;

/// Rows of a tenant in both databases.
fn rows(data: &Path, tenant: Uuid) -> u64 {
    let count = |part: Stored, tables: &[&str]| -> u64 {
        let of = |table: &&str| part.number(&format!("select count(*) from {table} where tenant_id = '{tenant}'"));
        tables.iter().map(of).sum()
    };
    let workspace = ["objects", "links", "versions", "audit", "members", "triggers", "deleted_files"];
    let runs = ["instances", "journal", "query_runs", "definitions", "ended_counts"];
    count(Stored::workspace(data), &workspace) + count(Stored::runs(data), &runs)
}

/// Inserts `count` runs that never started.
async fn many_runs(store: &Arc<Store>, scope: &Scope, count: usize) {
    for _ in 0..count / 100 {
        let scope = scope.clone();
        let write = store.runs.write(move |tx| {
            (0..100).try_for_each(|_| {
                let new = NewInstance {
                    id: Uuid::now_v7(),
                    workflow_id: None,
                    workflow_name: "Many".to_owned(),
                    workflow_version: 1,
                    definition: ("hash".to_owned(), "{}".to_owned()),
                    is_test: true,
                    trigger: RunTrigger::Manual,
                    input: Json::default(),
                    created_at: Time::now(),
                    idempotency_key: None,
                    parent: None,
                    replay_of: None,
                    owner: None,
                };
                tx.insert_instance(&scope, &new, None).map(drop)
            })
        });
        write.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_tenant_leaves_no_database_and_no_row() {
    let world = World::full().await;
    let echo = echo(&world.client).await;
    ended_runs(&world.client, &echo, 2, 1000).await;
    let data = world.server.data_dir();
    let folder = data.join("files").join(world.tenant.to_string());
    assert!(folder.join("shop.db").exists());
    let path = echo["triggerStates"][0]["path"].as_str().unwrap();
    world.client.delete(&format!("/api/v1/tenants/{}", world.tenant)).await.expect(204);
    assert!(!folder.exists() && !data.join("uploads").join(world.tenant.to_string()).exists());
    assert_eq!(rows(&data, world.tenant), 0);
    let quarantined = jet_admin::data_dir::Paths::new(&data).quarantine().list();
    let shop = |folder: &Path| folder.join("files").join(world.tenant.to_string()).join("shop.db").exists();
    assert!(quarantined.iter().any(|entry| shop(&entry.folder)), "its files must be in quarantine");
    world.server.anyone().call(Method::POST, path).json(&json!({})).send().await.refused(404, "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_deletion_continues_after_a_restart_and_affects_nothing_else() {
    let world = World::full().await;
    let other = neighbor(&world).await;
    let (theirs, ours) = (echo(&other).await, echo(&world.client).await);
    ended_runs(&other, &theirs, 2, 1000).await;
    ended_runs(&world.client, &ours, 2, 1000).await;
    world.server.stock(other.tenant.unwrap());
    let (tenant, other_tenant, token) = (world.tenant, other.tenant.unwrap(), other.token.clone().unwrap());
    // as if the process had crashed right after the commit
    let scope = Scope::system(tenant);
    world.server.server.app.store.write(move |tx| tx.delete_tenant(&scope, None)).await.unwrap();
    let dir = world.server.stop().await;
    let data = dir.path().join("data");
    // files of a tenant that is not in this database, as after restoring a backup
    let unknown = Uuid::now_v7().to_string();
    for place in ["files", "uploads"] {
        fs::create_dir_all(data.join(place).join(&unknown)).unwrap();
        fs::write(data.join(place).join(&unknown).join(Uuid::now_v7().to_string()), "precious").unwrap();
    }
    assert!(rows(&data, tenant) > 0);
    let server = TestServer::again(&data).await;
    until("everything is removed", async || {
        let folders = ["files", "uploads"].map(|place| data.join(place).join(tenant.to_string()).exists());
        folders == [false, false] && rows(&data, tenant) == 0
    })
    .await;
    for place in ["files", "uploads"] {
        assert_eq!(fs::read_dir(data.join(place).join(&unknown)).unwrap().count(), 1, "{place}");
    }
    let client = server.anyone().with_token(token).in_tenant(other_tenant);
    assert_eq!(runs(&client).await, 2);
    assert!(data.join("files").join(other_tenant.to_string()).join("shop.db").exists());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_of_a_deleted_tenant_do_not_continue_after_a_restart() {
    let world = World::empty().await;
    let sink = Recorder::start(|_| Response::default()).await;
    let nodes = json!([
        {"id": "s", "type": "start", "name": "start"},
        {"id": "d", "type": "delay", "name": "delay", "config": {"for": "1h"}},
        {"id": "h", "type": "httpRequest", "name": "call", "config": {"method": "POST", "url": sink.url()}},
    ]);
    let edges = json!([{"id": "1", "source": "s", "target": "d"}, {"id": "2", "source": "d", "target": "h"}]);
    let saved =
        world.client.post("workflows", json!({"name": "Calls", "nodes": nodes, "edges": edges})).await.expect(201);
    for _ in 0..30 {
        world.client.post(&format!("workflows/{}/execute", id(&saved)), json!({})).await.expect(202);
    }
    until("all wait", async || world.client.get("workflows/instances?status=WAITING").await.expect(200)["total"] == 30)
        .await;
    let (scope, tenant) = (Scope::system(world.tenant), world.tenant);
    world.server.server.app.store.write(move |tx| tx.delete_tenant(&scope, None)).await.unwrap();
    let dir = world.server.stop().await;
    let data = dir.path().join("data");
    let overdue = Stored::runs(&data).execute("update instances set due_at = 1");
    assert_eq!(overdue, 30, "all runs must be overdue");
    let server = TestServer::again(&data).await;
    until("everything is removed", async || rows(&data, tenant) == 0).await;
    assert_eq!(sink.take().len(), 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_can_write_while_a_large_tenant_is_deleted() {
    const BATCHES: usize = 10;
    let world = World::empty().await;
    let store = Arc::clone(&world.server.server.app.store);
    let (scope, tenant) = (Scope::system(world.tenant), world.tenant);
    many_runs(&store, &scope, BATCHES * 200).await;
    store.write(move |tx| tx.delete_tenant(&scope, None)).await.unwrap();
    let removing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.remove_tenant(tenant).await.unwrap() }
    });
    // one write after the other: each gets its turn between two batches
    let mut turns = 0;
    let other = Scope::system(Uuid::now_v7());
    while !removing.is_finished() {
        many_runs(&store, &other, 100).await;
        turns += 1;
    }
    removing.await.unwrap();
    assert!(turns >= BATCHES / 2, "only {turns} writes while {BATCHES} batches were deleted");
}
