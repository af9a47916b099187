//! The real process on a machine whose clock is changed, or that was suspended, which looks the same to the process.
use crate::support::{
    Client,
    client::id,
    faketime,
    process::{BINARY, Process, data_dir, run},
    wait::until_shown,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use uuid::Uuid;

/// A wall clock that can be set. The monotonic clock is not changed, as after a suspension.
struct Wall(PathBuf);

impl Wall {
    fn set(&self, offset: &str) {
        let next = self.0.with_extension("next");
        fs::write(&next, offset).unwrap();
        fs::rename(next, &self.0).unwrap();
    }
}

/// Starts `jet-admin serve` with this clock.
fn serve(root: &Path, wall: &Wall) -> Process {
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(root);
    command.env("LD_PRELOAD", faketime::library());
    command
        .env("FAKETIME_TIMESTAMP_FILE", &wall.0)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Process::of(command)
}

/// Creates a workflow of a start and one more step, in which its runs wait.
async fn waiting(client: &Client, name: &str, step: Value) -> Uuid {
    let body = json!({
        "name": name,
        "nodes": [{"id": "s", "type": "start", "name": "start"}, step],
        "edges": [{"id": "1", "source": "s", "target": "it"}],
    });
    id(&client.post("workflows", body).await.expect(201))
}

async fn start(client: &Client, workflow: Uuid) -> String {
    let run = client.post(&format!("workflows/{workflow}/execute"), json!({})).await.expect(202);
    format!("workflows/instances/{}", run["instanceID"].as_str().unwrap())
}

fn has_status(status: &'static str) -> impl Fn(&Value) -> bool {
    move |run| run["status"] == status
}

/// A client with an API key, which works at any time, unlike tokens that expire.
async fn robot(process: &Process) -> Client {
    let account = json!({"email": "ada@example.com", "password": "correct horse battery", "returnSecureToken": true});
    let path = "/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword?key=any";
    let session = process.client().post(path, account).await.expect(200);
    let client = process.client().with_token(session["idToken"].as_str().unwrap());
    let tenant = id(&client.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201));
    let client = client.in_tenant(tenant);
    let roles = client.all("roles").await;
    let owner = roles.iter().find(|role| role["name"] == "Owner").unwrap();
    let key = client.post("api-keys", json!({"name": "robot", "roleID": owner["id"]})).await.expect(201);
    process.client().with_token(key["key"].as_str().unwrap()).in_tenant(tenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wait_follows_the_wall_clock_when_it_is_set_forward_or_back() {
    let (dir, root) = data_dir();
    let wall = Wall(dir.path().join("clock"));
    wall.set("+0");
    let created =
        run(&["user", "create", "ada@example.com", "--data-dir", root.to_str().unwrap()], "correct horse battery\n");
    assert!(created.status.success(), "{}", String::from_utf8_lossy(&created.stderr));
    let process = serve(&root, &wall);
    let client = robot(&process).await;
    let delay = json!({"id": "it", "type": "delay", "name": "it", "config": {"for": "1h"}});
    let delayed = start(&client, waiting(&client, "Delayed", delay).await).await;
    let asking =
        json!({"id": "it", "type": "approval", "name": "it", "config": {"title": "Go on?", "expiresAfter": "1h"}});
    let approval = start(&client, waiting(&client, "Asked", asking).await).await;
    let schedule = json!({
        "name": "Hourly",
        "nodes": [{"id": "s", "type": "start", "name": "start"}],
        "triggers": [{"type": "schedule", "cron": "0 * * * *", "missed": "runOnce"}],
        "enabled": true,
    });
    let scheduled = id(&client.post("workflows", schedule).await.expect(201));
    let scheduled_runs = format!("workflows/instances?workflowID={scheduled}");
    for path in [&delayed, &approval] {
        until_shown(&client, path, has_status("WAITING")).await;
    }
    let runs = client.get(&scheduled_runs).await.expect(200)["total"].as_u64().unwrap();

    wall.set("+2h");
    tokio::join!(
        until_shown(&client, &delayed, has_status("COMPLETED")),
        until_shown(&client, &approval, |run| run["status"] != "WAITING"),
        until_shown(&client, &scheduled_runs, |list| list["total"].as_u64() > Some(runs)),
    );
    let short = json!({"id": "it", "type": "delay", "name": "it", "config": {"for": "1s"}});
    let short = waiting(&client, "Short", short).await;
    until_shown(&client, &start(&client, short).await, has_status("COMPLETED")).await;

    wall.set("-3h");
    until_shown(&client, &start(&client, short).await, has_status("COMPLETED")).await;
    // the current hour of the clock counts, not an earlier one
    let path = format!("workflows/{scheduled}");
    let now = async || {
        client
            .post(
                "workflows/test?wait=30",
                json!({"nodes": [{"id": "s", "type": "start", "name": "start"}], "edges": []}),
            )
            .await
    };
    let shown = now().await.expect(200)["createdAt"].as_str().unwrap().to_owned();
    let soon = jet_admin::clock::Time::parse(&shown).unwrap().plus(Duration::from_mins(65)).to_string();
    until_shown(&client, &path, |workflow| workflow["triggerStates"][0]["nextAt"].as_str() < Some(soon.as_str())).await;
    assert!(process.log().contains("the clock was set back"), "{}", process.log());
}
