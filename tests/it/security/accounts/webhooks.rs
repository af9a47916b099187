//! Webhook URLs start runs, so a copy of the database must not reveal them.
use crate::support::{TestServer, World, client::id, wait::PATIENCE};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{fs, time::Instant};

fn draft() -> Value {
    json!({
        "name": "Hooked", "enabled": true, "triggers": [{"type": "webhook"}],
        "nodes": [{"id": "s", "type": "start", "name": "start"}], "edges": [],
    })
}

fn path(workflow: &Value) -> String {
    workflow["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("no path in {workflow}")).to_owned()
}

fn database_contains(data_dir: &std::path::Path, secret: &str) -> bool {
    let files = ["jet-admin.db", "jet-admin.db-wal"].map(|name| fs::read(data_dir.join(name)).unwrap_or_default());
    files.iter().any(|bytes| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
}

#[tokio::test]
async fn the_database_does_not_contain_webhook_urls() {
    let world = World::empty().await;
    let created = world.client.post("workflows", draft()).await.expect(201);
    let first = path(&created);
    let at = format!("workflows/{}", id(&created));
    let rotate = format!("{at}/triggers/{}/rotate", created["triggers"][0]["id"].as_str().unwrap());
    let second = world.client.post(&rotate, json!({})).await.expect(200)["path"].as_str().unwrap().to_owned();
    assert_eq!(path(&world.client.get(&at).await.expect(200)), second, "the URL must be shown again");
    for (path, status) in [(&first, 404), (&second, 202)] {
        assert_eq!(world.server.anyone().post(path, json!({})).await.status.as_u16(), status);
        assert!(!database_contains(&world.server.data_dir(), path.rsplit_once('/').unwrap().1));
    }
}

#[tokio::test]
async fn a_webhook_url_of_an_older_version_is_sealed_at_startup_and_still_works() {
    let world = World::empty().await;
    let created = world.client.post("workflows", draft()).await.expect(201);
    let (at, token) = (format!("workflows/{}", id(&created)), "t".repeat(43));
    let caller = world.owner.clone();
    let tenant = world.tenant;
    let dir = world.server.stop().await;
    let data = dir.path().join("data");
    let db = Connection::open(data.join("jet-admin.db")).unwrap();
    db.execute("update triggers set token = ?1, token_hash = null, token_sealed = null", [&token]).unwrap();
    drop(db);
    assert!(database_contains(&data, &token));
    let server = TestServer::start_with(|config| config.data_dir.clone_from(&data)).await;
    let client = server.anyone().with_token(caller.client.token.unwrap()).in_tenant(tenant);
    assert_eq!(path(&client.get(&at).await.expect(200)), format!("/hooks/{token}"));
    server.anyone().post(&format!("/hooks/{token}"), json!({})).await.expect(202);
    let db = Connection::open(data.join("jet-admin.db")).unwrap();
    // the write-ahead log cannot be truncated while another connection reads
    let truncated = || db.query_row("pragma wal_checkpoint(truncate)", (), |row| row.get::<_, i64>(0)).unwrap() == 0;
    let end = Instant::now() + PATIENCE;
    while !truncated() && Instant::now() < end {
        tokio::task::yield_now().await;
    }
    assert!(!database_contains(&data, &token));
}
