//! A full disk, and a write that was cut off in the middle.
use super::reconnect;
use crate::support::{
    Client, Process,
    process::{BINARY, data_dir},
};
use serde_json::{Value, json};
use std::{fs::OpenOptions, io::Write, path::Path, process::Command, time::Duration};

async fn save(client: &Client) -> String {
    let body = json!({
        "name": "Fills",
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "wait", "type": "delay", "name": "wait", "config": {"for": "300ms"}},
            {"id": "text", "type": "javascript", "name": "text", "config": {"code": "let s = ''; for (let i = 0; i < 4000; i++) s += Math.random().toString(36); return s"}},
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ input.n }}"}},
        ],
        "edges": [
            {"id": "a", "source": "start", "target": "wait"},
            {"id": "b", "source": "wait", "target": "text"},
            {"id": "c", "source": "text", "target": "end"},
        ],
    });
    let created = client.post("workflows", body).await.expect(201);
    format!("workflows/{}/execute", created["id"].as_str().unwrap())
}

async fn assert_completed(client: &Client, run: &str, n: usize) {
    let ended = super::finished(client, run).await;
    assert_eq!((&ended["status"], &ended["output"]), (&json!("COMPLETED"), &json!(n)), "{ended}");
}

/// Returns a command that starts the server so that a file size limit causes an error, not a signal.
fn serve_ignoring_size_signal(data: &Path) -> Command {
    let mut command = Command::new("sh");
    let script = "trap '' XFSZ; exec \"$@\"";
    command.args(["-c", script, "sh", BINARY, "serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
    command
}

/// Limits the size of the files that the process writes: beyond it, the disk appears full.
fn limit_files(process: &Process, bytes: &str) {
    let pid = process.id().to_string();
    let done = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status().unwrap();
    assert!(done.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_new_runs_and_delays_unfinished_ones() {
    let (_dir, data) = data_dir();
    let (mut first, client) = Process::with_owner(&data).await;
    first.kill();
    let process = Process::of(serve_ignoring_size_signal(&data));
    let client = reconnect(&client, &process);
    let path = save(&client).await;
    let mut accepted = Vec::new();
    let mut start = async |n: usize| {
        let answer = client.post(&path, json!({"input": {"n": n}})).await;
        if answer.status == 202 {
            let started: Value = serde_json::from_str(&answer.text).unwrap();
            accepted.push((started["instanceID"].as_str().unwrap().to_owned(), n));
        }
        (answer.status.as_u16(), answer.text)
    };
    for n in 0..8 {
        assert_eq!(start(n).await.0, 202);
    }
    let log = data.join("runs.db-wal");
    limit_files(&process, &log.metadata().unwrap().len().to_string());
    // from here on the file cannot grow; the first writes may still fit into its current size
    let mut refused = None;
    for n in 8..200 {
        let (status, text) = start(n).await;
        if status != 202 {
            refused = Some((status, text));
            break;
        }
    }
    let (status, text) = refused.expect("no run was refused");
    assert!(status == 503 && text.contains("the server's disk"), "{status} {text}");
    // reads still work
    client.get("workflows/instances").await.expect(200);
    limit_files(&process, "unlimited");
    let last = client.post(&path, json!({"input": {"n": 200}})).await.expect(202);
    accepted.push((last["instanceID"].as_str().unwrap().to_owned(), 200));
    for (run, n) in &accepted {
        assert_completed(&client, run, *n).await;
    }
    assert!(process.log().contains("could not be written"), "{}", process.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_write_loses_no_acknowledged_run() {
    let (_dir, data) = data_dir();
    let (mut process, client) = Process::with_owner(&data).await;
    let path = save(&client).await;
    let mut accepted = Vec::new();
    for n in 0..10 {
        let started = client.post(&path, json!({"input": {"n": n}})).await.expect(202);
        accepted.push((started["instanceID"].as_str().unwrap().to_owned(), n));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    process.kill();
    // half of a frame that was being appended when the power failed
    for name in ["runs.db-wal", "jet-admin.db-wal"] {
        let mut log = OpenOptions::new().append(true).open(data.join(name)).unwrap();
        log.write_all(&[0xA5; 2222]).unwrap();
    }
    let process = Process::start(&data, &[]);
    let client = reconnect(&client, &process);
    for (run, n) in &accepted {
        assert_completed(&client, run, *n).await;
    }
}
