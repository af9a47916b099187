//! The addresses of webhooks start runs: a copy of the database alone does not give them.
use crate::support::{TestServer, World, client::id};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::{
    fs,
    time::{Duration, Instant},
};

const PATIENCE: Duration = Duration::from_mins(1);

fn hooked() -> Value {
    json!({
        "name": "Hooked", "enabled": true, "triggers": [{"type": "webhook"}],
        "nodes": [{"id": "s", "type": "start", "name": "start"}], "edges": [],
    })
}

fn path(workflow: &Value) -> String {
    workflow["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("no path in {workflow}")).to_owned()
}

fn holds(data_dir: &std::path::Path, secret: &str) -> bool {
    let files = ["jet-admin.db", "jet-admin.db-wal"].map(|name| fs::read(data_dir.join(name)).unwrap_or_default());
    files.iter().any(|bytes| bytes.windows(secret.len()).any(|window| window == secret.as_bytes()))
}

#[tokio::test]
async fn a_webhooks_address_is_nowhere_in_the_database() {
    let world = World::empty().await;
    let made = world.client.post("workflows", hooked()).await.expect(201);
    let first = path(&made);
    let at = format!("workflows/{}", id(&made));
    let rotate = format!("{at}/triggers/{}/rotate", made["triggers"][0]["id"].as_str().unwrap());
    let second = world.client.post(&rotate, json!({})).await.expect(200)["path"].as_str().unwrap().to_owned();
    assert_eq!(path(&world.client.get(&at).await.expect(200)), second, "it can be shown again");
    for (path, status) in [(&first, 404), (&second, 202)] {
        assert_eq!(world.server.anyone().post(path, json!({})).await.status.as_u16(), status);
        assert!(!holds(&world.server.data_dir(), path.rsplit_once('/').unwrap().1));
    }
}

#[tokio::test]
async fn an_address_from_before_is_sealed_at_the_start_and_goes_on_working() {
    let world = World::empty().await;
    let made = world.client.post("workflows", hooked()).await.expect(201);
    let (at, token) = (format!("workflows/{}", id(&made)), "t".repeat(43));
    let caller = world.owner.clone();
    let tenant = world.tenant;
    let dir = world.server.stop().await;
    let data = dir.path().join("data");
    let db = Connection::open(data.join("jet-admin.db")).unwrap();
    db.execute("update triggers set token = ?1, token_hash = null, token_sealed = null", [&token]).unwrap();
    drop(db);
    assert!(holds(&data, &token));
    let server = TestServer::start_with(|config| config.data_dir.clone_from(&data)).await;
    let client = server.anyone().with_token(caller.client.token.unwrap()).in_tenant(tenant);
    assert_eq!(path(&client.get(&at).await.expect(200)), format!("/hooks/{token}"));
    server.anyone().post(&format!("/hooks/{token}"), json!({})).await.expect(202);
    let db = Connection::open(data.join("jet-admin.db")).unwrap();
    // a reader keeps the log for as long as it reads
    let truncated = || db.query_row("pragma wal_checkpoint(truncate)", (), |row| row.get::<_, i64>(0)).unwrap() == 0;
    let end = Instant::now() + PATIENCE;
    while !truncated() && Instant::now() < end {
        tokio::task::yield_now().await;
    }
    assert!(!holds(&data, &token));
}
