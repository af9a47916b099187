//! The store under load: many concurrent writers, and nothing is lost.
use crate::support::{World, client::id, wait::PATIENCE};
use futures_util::future::join_all;
use jet_admin::model::{Label, Role, Scope};
use serde_json::json;
use std::{
    collections::HashSet,
    sync::{Arc, Condvar, Mutex},
};
use tokio::{task::JoinHandle, time::timeout};
use uuid::Uuid;

const TASKS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_concurrent_writes_are_all_stored() {
    const EACH: usize = 100;
    let world = World::empty().await;
    let store = Arc::clone(&world.server.server.app.store);
    let scope = Scope::system(world.tenant);
    let writers = (0..TASKS).map(|task| {
        let (store, scope) = (Arc::clone(&store), scope.clone());
        tokio::spawn(async move {
            for n in 0..EACH {
                let (scope, label) = (scope.clone(), Label::new(&format!("Role {task}-{n}"), "").unwrap());
                let role = Role { permissions: Vec::new(), built_in: None, start_dashboard_id: None };
                store.write(move |tx| tx.insert(&scope, Uuid::now_v7(), label, role)).await.unwrap();
                if n % 10 == 0 {
                    store.get(|tx| tx.has_users()).unwrap();
                }
            }
        })
    });
    for outcome in join_all(writers).await {
        outcome.unwrap();
    }
    let roles = world.client.get("roles?limit=1").await.expect(200);
    assert_eq!(roles["total"], TASKS * EACH + 4);
    let audit = world.client.get("audit-logs?action=role.create&limit=1").await.expect(200);
    assert_eq!(audit["total"], TASKS * EACH + 4, "every role must have its audit row");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_are_all_stored_while_others_read() {
    const EACH: usize = 25;
    let world = World::empty().await;
    let writers = (0..TASKS).map(|task| {
        let client = world.client.clone();
        tokio::spawn(async move {
            for n in 0..EACH {
                let created = client.post("roles", json!({"name": format!("Role {task}-{n}")})).await.expect(201);
                client.get(&format!("roles/{}", id(&created))).await.expect(200);
            }
        })
    });
    for outcome in join_all(writers).await {
        outcome.unwrap();
    }
    let all = world.client.all("roles?limit=200&sort=name").await;
    let names: HashSet<_> = all.iter().map(|role| role["name"].to_string()).collect();
    assert_eq!((all.len(), names.len()), (TASKS * EACH + 4, TASKS * EACH + 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_one_of_several_concurrent_changes_to_a_version_succeeds() {
    let world = World::full().await;
    let path = format!("widgets/{}", world.id("widgetID"));
    for version in 1..6 {
        let tag = format!("\"{version}\"");
        let tries = (0..16).map(|n| {
            let call = world.client.call(reqwest::Method::PATCH, &path).header("if-match", &tag);
            call.json(&json!({"name": format!("{version}-{n}")})).send()
        });
        let statuses: Vec<u16> = join_all(tries).await.iter().map(|answer| answer.status.as_u16()).collect();
        let succeeded = statuses.iter().filter(|status| **status == 200).count();
        let conflicted = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((succeeded, conflicted), (1, 15), "{statuses:?}");
    }
    // without If-Match the last change wins, and every version is kept
    let tries = (0..32).map(|n| world.client.patch(&path, json!({"description": format!("{n}")})));
    for answer in join_all(tries).await {
        answer.expect(200);
    }
    let versions = world.client.get(&format!("{path}/versions")).await.expect(200);
    let versions: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|v| v["version"].as_u64().unwrap()).collect();
    assert_eq!(versions, (1..=6 + 32).rev().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_one_of_several_concurrent_requests_gets_a_name() {
    let world = World::empty().await;
    let tries = (0..32).map(|_| world.client.post("roles", json!({"name": "The one"})));
    let answers = join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), 31);
}

#[tokio::test]
async fn only_the_newest_versions_are_kept() {
    let world = World::full().await;
    let path = format!("roles/{}", world.id("roleID"));
    for n in 0..210 {
        world.client.patch(&path, json!({"description": format!("{n}")})).await.expect(200);
    }
    let versions = world.client.get(&format!("{path}/versions")).await.expect(200);
    let versions = versions["items"].as_array().unwrap();
    assert_eq!((versions.len(), &versions[0]["version"], &versions[199]["version"]), (200, &json!(211), &json!(12)));
    world.client.get(&format!("{path}/versions/11")).await.refused(404, "NOT_FOUND");
}

/// Blocks reads until it is opened.
#[derive(Default)]
struct Gate(Mutex<bool>, Condvar);

impl Gate {
    fn wait(&self) {
        drop(self.1.wait_while(self.0.lock().unwrap(), |open| !*open).unwrap());
    }

    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

/// Opens the gate even if the test fails, because the server waits for its reads when it stops.
struct Opening(Arc<Gate>);

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.open();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_reads_of_one_tenant_do_not_delay_others() {
    let world = World::full().await;
    let stranger = world.server.account("eve@example.com").await;
    let other = world.server.tenant(&stranger, "Elsewhere").await;
    let store = Arc::clone(&world.server.server.app.store);
    let gate = Arc::new(Gate::default());
    let opening = Opening(Arc::clone(&gate));
    let slow = |count: usize| {
        let (store, gate, tenant) = (Arc::clone(&store), Arc::clone(&gate), world.tenant);
        let read = move || {
            let (store, gate) = (Arc::clone(&store), Arc::clone(&gate));
            tokio::spawn(async move {
                store
                    .read(tenant, move |_| {
                        gate.wait();
                        Ok(())
                    })
                    .await
            })
        };
        std::iter::repeat_with(read).take(count).collect::<Vec<_>>()
    };
    let waiting = slow(1500);
    // the queue of the tenant is full, so its own lists are refused with a retry time
    let refused = timeout(PATIENCE, async {
        while !waiting.iter().any(JoinHandle::is_finished) {
            tokio::task::yield_now().await;
        }
        world.client.get("widgets").await
    });
    let refused = refused.await.expect("no read was refused");
    assert_eq!(refused.header("retry-after"), Some("1"));
    refused.refused(429, "RATE_LIMITED");
    // reads of single records do not wait for them, and neither do other tenants
    world.client.get(&format!("widgets/{}", world.id("widgetID"))).await.expect(200);
    assert_eq!(world.client.call(reqwest::Method::GET, "/healthz").send().await.text, "ok");
    for path in ["widgets", "audit-logs?action=widget.create", "members"] {
        other.get(path).await.expect(200);
    }
    store.survey(|tx| tx.tenant_ids()).await.unwrap();
    drop(opening);
    let outcomes = join_all(waiting).await;
    let done = outcomes.iter().filter(|outcome| matches!(outcome, Ok(Ok(())))).count();
    assert!((400..1100).contains(&done), "{done} of 1500 reads completed");
    world.client.get("widgets").await.expect(200);
}
