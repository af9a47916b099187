//! The store under pressure: many writers, one file, nothing lost.
use crate::support::{World, client::id};
use futures_util::future::join_all;
use jet_admin::model::{Label, Role, Scope};
use serde_json::json;
use std::{collections::HashSet, sync::Arc};
use uuid::Uuid;

const TASKS: usize = 64;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_concurrent_writers_all_land() {
    const EACH: usize = 100;
    let world = World::empty().await;
    let store = Arc::clone(&world.server.server.app.store);
    let scope = Scope::system(world.tenant);
    let writers = (0..TASKS).map(|task| {
        let (store, scope) = (Arc::clone(&store), scope.clone());
        tokio::spawn(async move {
            for n in 0..EACH {
                let (scope, label) = (scope.clone(), Label::new(&format!("Role {task}-{n}"), "").unwrap());
                let role = Role { permissions: Vec::new(), built_in: None };
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
    assert_eq!(audit["total"], TASKS * EACH + 4, "each with its audit row");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_requests_all_land_beside_readers() {
    const EACH: usize = 25;
    let world = World::empty().await;
    let writers = (0..TASKS).map(|task| {
        let client = world.client.clone();
        tokio::spawn(async move {
            for n in 0..EACH {
                let made = client.post("roles", json!({"name": format!("Role {task}-{n}")})).await.expect(201);
                client.get(&format!("roles/{}", id(&made))).await.expect(200);
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
async fn of_those_who_change_one_version_one_wins() {
    let world = World::full().await;
    let path = format!("widgets/{}", world.id("widgetID"));
    for version in 1..6 {
        let tag = format!("\"{version}\"");
        let tries = (0..16).map(|n| {
            let call = world.client.call(reqwest::Method::PATCH, &path).header("if-match", &tag);
            call.json(&json!({"name": format!("{version}-{n}")})).send()
        });
        let statuses: Vec<u16> = join_all(tries).await.iter().map(|answer| answer.status.as_u16()).collect();
        let won = statuses.iter().filter(|status| **status == 200).count();
        let lost = statuses.iter().filter(|status| **status == 412).count();
        assert_eq!((won, lost), (1, 15), "{statuses:?}");
    }
    // without If-Match the last one wins, and every version is kept
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
async fn one_name_is_given_to_one_of_many() {
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
