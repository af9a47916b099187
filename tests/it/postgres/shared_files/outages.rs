//! A storage that cannot be reached, hangs and comes back, and a server that dies while it stores something.
use super::{Bucket, CREDENTIALS, Pair, server};
use crate::{
    files::{CSV, put},
    support::{
        backend::Database,
        client::id,
        process::{self, Process},
        wait::until,
    },
};
use jet_admin::clock::Time;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn without_its_storage_a_server_does_everything_else_and_recovers_by_itself() {
    let pair = Pair::start().await;
    let file = pair.one.upload("a.csv", CSV).await;
    let content = format!("files/{}/content", id(&file));
    let upload = || pair.one.client.call(Method::POST, "files?name=b.csv").raw("text/csv", CSV).send();
    pair.bucket.gate.close();
    for _ in 0..3 {
        let begun = Instant::now();
        upload().await.refused(503, "UNAVAILABLE");
        put(&pair.one.client, &file, b"id\n1\n").await.refused(503, "UNAVAILABLE");
        pair.other.get(&content).await.refused(503, "UNAVAILABLE");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
    // what has a copy can be read; everything else works
    assert_eq!(pair.one.client.get(&content).await.text.as_bytes(), CSV);
    for client in [&pair.one.client, &pair.other] {
        assert_eq!(client.get("/readyz").await.status, 200);
        client.get("files").await.expect(200);
    }
    pair.one.client.post("variables", json!({"name": "v", "value": "1"})).await.expect(201);
    // deleting for good works, too: the content is deleted later
    pair.one.client.patch(&format!("files/{}", id(&file)), json!({"name": "renamed"})).await.expect(200);
    pair.other.delete(&format!("files/{}", id(&file))).await.expect(204);
    pair.other.delete(&format!("trash/{}", id(&file))).await.expect(204);
    pair.bucket.gate.open();
    until("uploads work again", async || upload().await.status == 201).await;
    let later = Time::now().plus(Duration::from_mins(10));
    pair.one.server.server.app.uploads.sweep(later).await.unwrap();
    assert_eq!(pair.bucket.keys().await.len(), 1, "only the new file is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storage_that_hangs_delays_only_the_first_requests() {
    let pair = Pair::start().await;
    let file = pair.one.upload("a.csv", CSV).await;
    pair.bucket.gate.swallow();
    let content = format!("files/{}/content", id(&file));
    // one that waits for the storage does not delay the others
    let slow = pair.other.get(&content);
    let others = async {
        let begun = Instant::now();
        for n in 0..10 {
            pair.other.post("variables", json!({"name": format!("v{n}"), "value": "1"})).await.expect(201);
        }
        begun.elapsed()
    };
    let (slow, others) = tokio::join!(slow, others);
    slow.refused(503, "UNAVAILABLE");
    assert!(others < Duration::from_secs(8), "{others:?}");
    pair.bucket.gate.open();
    until("downloads work again", async || pair.other.get(&content).await.text.as_bytes() == CSV).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_stored_and_did_not_commit_before_it_died_is_deleted_later() {
    let (bucket, database) = (Bucket::create().await, Database::create());
    let first = server(&database, &bucket, &|_| ()).await;
    let account = first.account("ada@example.com").await;
    let client = first.tenant(&account, "Hers").await;
    let (_dir, root) = process::data_dir();
    let mut command = process::command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(&root).envs(CREDENTIALS).env("JET_ADMIN_FILES", bucket.address());
    command.args(["--database", &database.url(), "--secret-key", super::SECRET_KEY]);
    let mut dying = Process::of(command);
    assert!(dying.banner.contains("files in s3://box/jet"), "{}", dying.banner);
    let there = client.at(&dying.url);
    let kept = there.call(Method::POST, "files?name=kept").raw("text/csv", CSV).send().await.expect(201);
    // the object is stored, but the server does not get the answer
    bucket.gate.swallow();
    let upload = tokio::spawn(there.call(Method::POST, "files?name=lost").raw("text/csv", "lost").try_send());
    until("the object is stored", async || bucket.keys().await.len() == 2).await;
    dying.kill();
    assert!(upload.await.unwrap().is_err());
    bucket.gate.open();
    assert_eq!(client.get("files").await.expect(200)["items"].as_array().unwrap().len(), 1);
    let sweep = async |later: Duration| {
        first.server.app.uploads.sweep(Time::now().plus(later)).await.unwrap();
        bucket.keys().await.len()
    };
    assert_eq!(sweep(Duration::from_mins(50)).await, 2, "it may still be committed");
    assert_eq!(sweep(Duration::from_mins(70)).await, 1);
    assert_eq!(database.number("select count(*) from jet_admin.contents"), 1);
    assert_eq!(client.get(&format!("files/{}/content", id(&kept))).await.text.as_bytes(), CSV);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_took_too_long_is_refused_instead_of_losing_its_content() {
    let pair = Pair::start().await;
    pair.bucket.gate.swallow();
    let app = &pair.two.server.app;
    let slow = pair.one.client.call(Method::POST, "files?name=slow").raw("text/csv", CSV).send();
    let meanwhile = async {
        until("the object is stored", async || pair.bucket.keys().await.len() == 1).await;
        // the other server takes it for forgotten
        pair.bucket.gate.open();
        app.uploads.sweep(Time::now().plus(Duration::from_mins(70))).await.unwrap();
    };
    let (slow, ()) = tokio::join!(slow, meanwhile);
    slow.refused(503, "UNAVAILABLE");
    assert!(pair.one.client.all("files").await.is_empty());
    app.uploads.sweep(Time::now().plus(Duration::from_mins(80))).await.unwrap();
    assert!(pair.database.number("select count(*) from jet_admin.contents") == 0);
}
