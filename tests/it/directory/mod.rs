//! The data directory as operators encounter it: incomplete, mixed up, stopped, upgraded, backed up and restored.
mod backups;
mod combinations;
mod damage;
mod forged;
mod interrupted;
mod snapshots;
mod stops;

use crate::support::{
    Client, Process,
    client::id,
    process::{command, data_dir},
};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub const PASSPHRASE: &str = "correct horse battery staple";

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

/// Returns the digest of every file below a folder, by its path.
fn contents(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                found.insert(
                    path.strip_prefix(root).unwrap().to_owned(),
                    hex::encode(Sha256::digest(fs::read(path).unwrap())),
                );
            }
        }
    }
    found
}

/// Returns a number from a database that is not in use.
fn number(database: &Path, sql: &str) -> i64 {
    let db = rusqlite::Connection::open(database).unwrap();
    db.query_row(sql, (), |row| row.get(0)).unwrap_or_else(|error| panic!("{}: {sql}: {error}", database.display()))
}

async fn upload(client: &Client, name: &str, content: &[u8]) -> Value {
    client.call(Method::POST, &format!("files?name={name}")).raw("text/csv", content).send().await.expect(201)
}

async fn replace(client: &Client, file: &Value, content: &[u8]) -> Value {
    let path = format!("files/{}/content", id(file));
    client.call(Method::PUT, &path).raw("text/csv", content).send().await.expect(200)
}

/// Creates a workflow that finishes immediately. Returns the path that starts it.
async fn workflow(client: &Client) -> String {
    let body = json!({
        "name": "Echo",
        "nodes": [
            {"id": "start", "type": "start", "name": "start"},
            {"id": "end", "type": "end", "name": "end", "config": {"output": "{{ input.n }}"}},
        ],
        "edges": [{"id": "a", "source": "start", "target": "end"}],
    });
    format!("workflows/{}/execute", id(&client.post("workflows", body).await.expect(201)))
}

async fn start_run(client: &Client, path: &str, n: u64) {
    client.post(path, json!({"input": {"n": n}})).await.expect(202);
}

/// Creates a small `SQLite` database and a read-only datasource that opens it.
async fn shop(client: &Client, root: &Path) {
    let folder = root.join("files").join(client.tenant.unwrap().to_string());
    fs::create_dir_all(&folder).unwrap();
    let db = rusqlite::Connection::open(folder.join("shop.db")).unwrap();
    db.execute_batch("create table items (name text); insert into items values ('Lamp'), ('Chair')").unwrap();
    let body = json!({"name": "Shop", "type": "sqlite", "options": {"path": "shop.db"}});
    client.post("datasources", body).await.expect(201);
}

/// Creates an example of everything that a data directory contains.
async fn fill(process: &Process, client: &Client, root: &Path) {
    shop(client, root).await;
    client.post("variables", json!({"name": "token", "value": "s3cret", "secret": true})).await.expect(201);
    let file = upload(client, "a.csv", b"n\n1\n").await;
    replace(client, &file, b"n\n2\n").await;
    upload(client, "b.csv", b"n\n3\n").await;
    let path = workflow(client).await;
    start_run(client, &path, 1).await;
    assert!(process.log().is_empty() || !process.log().contains("ERROR"), "{}", process.log());
}

/// Creates a data directory with content, whose server has stopped. Returns the directory and the owner's client.
async fn filled() -> (tempfile::TempDir, PathBuf, Client) {
    let (dir, root) = data_dir();
    let (mut process, client) = Process::with_owner(&root).await;
    fill(&process, &client, &root).await;
    process.signal("TERM");
    assert_eq!(process.wait().code(), Some(0), "{}", process.log());
    (dir, root, client)
}

/// Runs a command with the passphrase in its environment.
fn with_passphrase(arguments: &[&str], passphrase: &str) -> std::process::Output {
    command(arguments).env("JET_ADMIN_BACKUP_PASSPHRASE", passphrase).output().unwrap()
}
