//! Servers that keep their data in a `PostgreSQL` database.
mod clocks;
mod cluster;
mod doctor;
mod duties;
mod fleet;
mod folder;
mod handover;
mod limits;
mod migration;
mod outage;
mod plans;
mod poolers;
mod refusals;
mod shared_files;
mod upgrade;
mod writes;

use crate::support::{
    backend::Database,
    fleet::SECRET,
    process::{self, Process},
};
use std::path::Path;

/// Starts a server with this database.
fn serve(root: &Path, database: &Database) -> Process {
    Process::start(root, &["--database", &database.url()])
}

/// Starts a server that must refuse to start, and returns what it printed. It must not show a password.
fn refused(root: &Path, url: &str) -> String {
    let output = process::run(
        &["serve", "--listen", "127.0.0.1:0", "--data-dir", root.to_str().unwrap(), "--database", url],
        "",
    );
    assert!(!output.status.success());
    let text = process::text(&output);
    assert!(!text.contains(crate::support::postgres::PASSWORD), "{text}");
    assert_eq!(text.trim().lines().count(), 1, "one sentence: {text}");
    text
}

#[tokio::test]
async fn what_one_server_has_written_another_one_finds() {
    let database = Database::create();
    let (_dir, root) = process::data_dir();
    let arguments = ["user", "create", "ada@example.com", "--database", &database.url()];
    let created = process::run(&arguments, "correct horse battery\n");
    assert!(created.status.success(), "{}", process::text(&created));
    let mut first = serve(&root, &database);
    let client = first.signed_in("ada@example.com").await;
    let tenant = client.post("/api/v1/tenants", serde_json::json!({"name": "Hers"})).await.expect(201);
    let client = client.in_tenant(crate::support::client::id(&tenant));
    let spec = serde_json::json!({"name": "Rate", "value": "1.5"});
    let variable = client.post("variables", spec).await.expect(201);
    first.signal("TERM");
    assert!(first.wait().success());
    let second = serve(&root, &database);
    // the session is still valid, because the signing key is in the database
    let moved = client.at(&second.url);
    let path = format!("variables/{}", variable["id"].as_str().unwrap());
    assert_eq!(moved.get(&path).await.expect(200)["name"], "Rate");
    let names = process::run(&["user", "list", "--database", &database.url()], "");
    assert!(process::text(&names).contains("ada@example.com"));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_start_a_demo_together_fill_the_database_once() {
    let database = Database::create();
    let dirs = [process::data_dir(), process::data_dir(), process::data_dir()];
    let url = database.url();
    let flags = ["--demo", "--database", &url, "--database-connections", "10", "--secret-key", SECRET];
    let servers = std::thread::scope(|scope| {
        let starts = dirs.each_ref().map(|(_, root)| scope.spawn(|| Process::start(root, &flags)));
        starts.map(|start| start.join().unwrap())
    });
    assert_eq!(database.number("select count(*) from jet_admin.tenants"), 1);
    let account = serde_json::json!({"email": "olivia@acme.example", "password": "demo-1234"});
    for server in &servers {
        server.client().post("/api/v1/session", account.clone()).await.expect(200);
    }
    // also those that start later
    drop(servers);
    drop(Process::start(&dirs[0].1, &flags));
    assert_eq!(database.number("select count(*) from jet_admin.tenants"), 1);
}
