//! A server that is asked to stop leaves complete databases, without write-ahead logs.
use super::{number, workflow};
use crate::support::{Client, Process, process::data_dir};
use reqwest::Method;
use serde_json::json;
use std::{fs, path::Path, time::Duration};

/// Creates roles and starts runs until the server is gone. Returns how many of each it acknowledged.
async fn load(client: Client, name: String, run: String) -> (u64, u64) {
    let (mut roles, mut runs) = (0, 0);
    loop {
        let body = json!({"name": format!("{name} {roles}"), "permissions": []});
        match client.call(Method::POST, "roles").json(&body).try_send().await {
            Ok(answer) if answer.status == 201 => roles += 1,
            _ => return (roles, runs),
        }
        match client.call(Method::POST, &run).json(&json!({"input": {"n": 1}})).try_send().await {
            Ok(answer) if answer.status == 202 => runs += 1,
            _ => return (roles, runs),
        }
    }
}

/// Copies a database, after checking that no other files of it remain and that the copy is sound.
fn copy_database(root: &Path, name: &str, folder: &Path) -> std::path::PathBuf {
    for end in ["-wal", "-shm"] {
        assert!(!root.join(format!("{name}{end}")).exists(), "{name}{end} remains");
    }
    let copy = folder.join(name);
    fs::copy(root.join(name), &copy).unwrap();
    assert_eq!(number(&copy, "select integrity_check = 'ok' from pragma_integrity_check"), 1, "{name}");
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_under_load_each_database_file_is_complete() {
    let (_dir, root) = data_dir();
    let (mut process, client) = Process::with_owner(&root).await;
    let run = workflow(&client).await;
    let (mut roles, mut runs) = (number_of_roles(&client).await, 0);
    for n in 0..10 {
        let client = process.client().with_token(client.token.clone().unwrap()).in_tenant(client.tenant.unwrap());
        let working: Vec<_> =
            (0..8).map(|writer| tokio::spawn(load(client.clone(), format!("{n} {writer}"), run.clone()))).collect();
        // wait until all of them are working
        while number_of_roles(&client).await < roles + 16 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        process.signal(if n % 2 == 0 { "TERM" } else { "INT" });
        if n % 3 == 2 {
            process.log_with("stopping");
            process.signal("TERM");
        }
        for written in working {
            let (more_roles, more_runs) = written.await.unwrap();
            (roles, runs) = (roles + more_roles, runs + more_runs);
        }
        assert_eq!(process.wait().code(), Some(0), "{}", process.log());
        let folder = tempfile::tempdir().unwrap();
        let (workspace, journal) =
            (copy_database(&root, "jet-admin.db", folder.path()), copy_database(&root, "runs.db", folder.path()));
        // records may also exist whose responses were cut off by the stop
        let found_roles =
            u64::try_from(number(&workspace, "select count(*) from objects where kind = 'role'")).unwrap();
        assert!(found_roles >= roles, "{found_roles} of {roles} roles");
        let found_runs = u64::try_from(number(&journal, "select count(*) from instances")).unwrap();
        assert!(found_runs >= runs, "{found_runs} of {runs} runs");
        (roles, runs) = (found_roles, found_runs);
        process = Process::start(&root, &[]);
    }
}

async fn number_of_roles(client: &Client) -> u64 {
    client.get("roles?limit=1").await.expect(200)["total"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_wait_for_a_step() {
    let (_dir, root) = data_dir();
    let (mut process, client) = Process::with_owner(&root).await;
    let body = json!({
        "name": "Slow",
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "slow", "type": "javascript", "name": "slow", "settings": {"timeoutMs": 50_000}, "config": {"code": "for (;;) {}"}},
            {"id": "end", "type": "end", "name": "end"},
        ],
        "edges": [{"id": "a", "source": "start", "target": "slow"}, {"id": "b", "source": "slow", "target": "end"}],
    });
    let created = client.post("workflows", body).await.expect(201);
    let path = format!("workflows/{}/execute", crate::support::client::id(&created));
    client.post(&path, json!({})).await.expect(202);
    process.signal("TERM");
    process.log_with("stopping");
    process.signal("INT");
    let signalled = std::time::Instant::now();
    assert_eq!(process.wait().code(), Some(0), "{}", process.log());
    assert!(signalled.elapsed() < Duration::from_secs(8), "the server waited for the step");
    let folder = tempfile::tempdir().unwrap();
    copy_database(&root, "jet-admin.db", folder.path());
    let runs = copy_database(&root, "runs.db", folder.path());
    assert_eq!(number(&runs, "select count(*) from instances where finished_at is null"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_without_a_server_also_leaves_complete_databases() {
    let (_dir, root) = data_dir();
    crate::support::process::succeeds(&["user", "create", "ada@example.com"], &root, "correct horse");
    let folder = tempfile::tempdir().unwrap();
    let workspace = copy_database(&root, "jet-admin.db", folder.path());
    copy_database(&root, "runs.db", folder.path());
    assert_eq!(number(&workspace, "select count(*) from users"), 1);
}
