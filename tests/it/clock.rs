//! The real process on a machine whose clock is set, or that was suspended: for it, that is the same.
use crate::support::{
    Client,
    client::id,
    process::{BINARY, Process, data_dir, run},
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Looks at the clock are half a minute apart.
const PATIENCE: Duration = Duration::from_mins(2);

/// A wall clock that can be set; the time that passes is the machine's own, as after a suspension.
struct Wall(PathBuf);

impl Wall {
    fn set(&self, offset: &str) {
        let next = self.0.with_extension("next");
        fs::write(&next, offset).unwrap();
        fs::rename(next, &self.0).unwrap();
    }
}

/// `jet-admin serve` by that clock.
fn serve(root: &Path, wall: &Wall) -> Process {
    let libraries = fs::read_dir("/usr/lib").unwrap().flatten();
    let library = libraries.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|path| path.exists());
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(root);
    command.env("LD_PRELOAD", library.expect("tests/setup installs faketime"));
    command
        .env("FAKETIME_TIMESTAMP_FILE", &wall.0)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Process::of(command)
}

/// A workflow of a start and one more step; its runs wait in that step.
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

/// Waits until what is at `path` is as `holds` says.
async fn until(client: &Client, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let shown = client.get(path).await.expect(200);
        if holds(&shown) {
            return shown;
        }
        assert!(begun.elapsed() < PATIENCE, "{path} stays {shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is(status: &'static str) -> impl Fn(&Value) -> bool {
    move |run| run["status"] == status
}

/// Someone who can act whatever the clock shows: tokens expire.
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
async fn every_wait_ends_by_the_clock_whichever_way_it_is_set() {
    let (dir, root) = data_dir();
    let wall = Wall(dir.path().join("clock"));
    wall.set("+0");
    let made =
        run(&["user", "create", "ada@example.com", "--data-dir", root.to_str().unwrap()], "correct horse battery\n");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let process = serve(&root, &wall);
    let client = robot(&process).await;
    let delay = json!({"id": "it", "type": "delay", "name": "it", "config": {"for": "1h"}});
    let delayed = start(&client, waiting(&client, "Delayed", delay).await).await;
    let retry = json!({"maxAttempts": 2, "delayMs": 3_600_000, "factor": 1, "maxDelayMs": 3_600_000});
    let failing = json!({"id": "it", "type": "javascript", "name": "it", "config": {"code": "throw new Error('no')"},
        "settings": {"retry": retry}});
    let retried = start(&client, waiting(&client, "Retried", failing).await).await;
    let asking =
        json!({"id": "it", "type": "approval", "name": "it", "config": {"title": "Go on?", "expiresAfter": "1h"}});
    let asked = start(&client, waiting(&client, "Asked", asking).await).await;
    let schedule = json!({
        "name": "Hourly",
        "nodes": [{"id": "s", "type": "start", "name": "start"}],
        "triggers": [{"type": "schedule", "cron": "0 * * * *", "missed": "runOnce"}],
        "enabled": true,
    });
    let scheduled = id(&client.post("workflows", schedule).await.expect(201));
    let of_schedule = format!("workflows/instances?workflowID={scheduled}");
    for path in [&delayed, &retried, &asked] {
        until(&client, path, is("WAITING")).await;
    }
    let runs = client.get(&of_schedule).await.expect(200)["total"].as_u64().unwrap();

    wall.set("+2h");
    tokio::join!(
        until(&client, &delayed, is("COMPLETED")),
        until(&client, &retried, is("FAILED")),
        until(&client, &asked, |run| run["status"] != "WAITING"),
        until(&client, &of_schedule, |list| list["total"].as_u64() > Some(runs)),
    );
    let short = json!({"id": "it", "type": "delay", "name": "it", "config": {"for": "1s"}});
    let short = waiting(&client, "Short", short).await;
    until(&client, &start(&client, short).await, is("COMPLETED")).await;

    wall.set("-3h");
    until(&client, &start(&client, short).await, is("COMPLETED")).await;
    // the hour that the clock shows now counts, not the one that it showed
    let path = format!("workflows/{scheduled}");
    let now = async || {
        client.post("workflows/test?wait=30", json!({"nodes": [{"id": "s", "type": "start", "name": "start"}]})).await
    };
    let shown = now().await.expect(200)["createdAt"].as_str().unwrap().to_owned();
    let soon = jet_admin::clock::Time::parse(&shown).unwrap().plus(Duration::from_mins(65)).to_string();
    until(&client, &path, |workflow| workflow["triggerStates"][0]["nextAt"].as_str() < Some(soon.as_str())).await;
    assert!(process.log().contains("the clock was set back"), "{}", process.log());
}
