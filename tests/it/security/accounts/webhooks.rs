//! Webhook URLs start runs, so a copy of the database must not reveal them.
use crate::support::{Stored, TestServer, World, client::id, stored, wait::until};
use serde_json::{Value, json};

fn draft() -> Value {
    json!({
        "name": "Hooked", "enabled": true, "triggers": [{"type": "webhook"}],
        "nodes": [{"id": "s", "type": "start", "name": "start"}], "edges": [],
    })
}

fn path(workflow: &Value) -> String {
    workflow["triggerStates"][0]["path"].as_str().unwrap_or_else(|| panic!("no path in {workflow}")).to_owned()
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
        assert!(!stored::contains(&world.server.data_dir(), path.rsplit_once('/').unwrap().1));
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
    let plain = format!("update triggers set token = '{token}', token_hash = null, token_sealed = null");
    Stored::workspace(&data).execute(&plain);
    assert!(stored::contains(&data, &token));
    let server = TestServer::start_with(|config| config.data_dir.clone_from(&data)).await;
    let client = server.anyone().with_token(caller.client.token.unwrap()).in_tenant(tenant);
    assert_eq!(path(&client.get(&at).await.expect(200)), format!("/hooks/{token}"));
    server.anyone().post(&format!("/hooks/{token}"), json!({})).await.expect(202);
    let workspace = Stored::workspace(&data);
    until("the log is truncated", async || workspace.truncates_log()).await;
    assert!(!stored::contains(&data, &token));
}
