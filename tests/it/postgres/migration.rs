//! `migrate-store`: there and back, with everything that a tenant can have.
use super::{refused, serve};
use crate::support::{
    World,
    backend::Database,
    process::{self, Process, fails, succeeds},
};
use std::path::Path;

/// Returns the arguments that move data.
fn arguments<'a>(from: &'a str, to: &'a str, dir: &'a Path) -> [&'a str; 7] {
    ["migrate-store", "--from", from, "--to", to, "--data-dir", dir.to_str().unwrap()]
}

fn moves(from: &str, to: &str, dir: &Path) -> String {
    let output = process::run(&arguments(from, to, dir), "");
    assert!(output.status.success(), "{}", process::text(&output));
    process::text(&output)
}

fn does_not_move(from: &str, to: &str, dir: &Path) -> String {
    let output = process::run(&arguments(from, to, dir), "");
    assert!(!output.status.success(), "{}", process::text(&output));
    process::text(&output)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_data_goes_to_a_database_and_back() {
    let world = World::full().await;
    let (client, tenant) = (world.client.clone(), world.client.tenant.unwrap());
    let before = world.snapshot().await;
    let held = world.server.stop().await;
    let root = held.path().join("data");
    let (database, places) = (Database::create(), tempfile::tempdir().unwrap());
    let [server_dir, back] = ["server", "back"].map(|name| places.path().join(name));
    let text = moves(root.to_str().unwrap(), &database.url(), &server_dir);
    assert!(text.contains("rows of objects") && text.contains("the same on both sides"), "{text}");
    assert!(!text.contains(crate::support::postgres::PASSWORD), "{text}");
    // the old directory is kept, and cannot be started by mistake
    let stopped = fails(&["serve", "--listen", "127.0.0.1:0"], &root, "");
    assert!(stopped.contains("was moved to postgres://"), "{stopped}");
    let mut server = serve(&server_dir, &database);
    let moved = client.at(&server.url).in_tenant(tenant);
    assert_eq!(World::snapshot_of(&moved).await, before);
    let name = moved.post("variables", serde_json::json!({"name": "later", "value": "1"})).await.expect(201);
    // not while a server uses it
    let refusal = does_not_move(&database.url(), back.to_str().unwrap(), &server_dir);
    assert!(refusal.contains("a server uses postgres://"), "{refusal}");
    server.signal("TERM");
    assert!(server.wait().success());
    moves(&database.url(), back.to_str().unwrap(), &server_dir);
    let refusal = refused(&server_dir, &database.url());
    assert!(refusal.contains("was moved to"), "{refusal}");
    succeeds(&["doctor"], &back, "");
    let server = Process::start(&back, &[]);
    let returned = client.at(&server.url).in_tenant(tenant);
    returned.delete(&format!("variables/{}", name["id"].as_str().unwrap())).await.expect(204);
    let after = World::snapshot_of(&returned).await;
    for (list, shown) in &before {
        if list != "audit" {
            assert_eq!(after[list], *shown, "{list}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_moved_is_refused_before_anything_is_changed() {
    let (_dir, root) = process::data_dir();
    succeeds(&["user", "create", "ada@example.com"], &root, "correct horse battery\n");
    let (database, places) = (Database::create(), tempfile::tempdir().unwrap());
    let target = places.path().join("target");
    // a text that PostgreSQL cannot store
    let db = rusqlite::Connection::open(root.join("jet-admin.db")).unwrap();
    db.execute("update users set name = 'A' || char(0) || 'da'", ()).unwrap();
    let refusal = does_not_move(root.to_str().unwrap(), &database.url(), &target);
    assert!(refusal.contains("users.name") && refusal.contains("U+0000"), "{refusal}");
    db.execute("update users set name = 'Ada'", ()).unwrap();
    drop(db);
    // a target that is not empty
    std::fs::create_dir(&target).unwrap();
    std::fs::write(target.join("mine"), "").unwrap();
    let refusal = does_not_move(root.to_str().unwrap(), &database.url(), &target);
    assert!(refusal.contains("is not empty"), "{refusal}");
    std::fs::remove_file(target.join("mine")).unwrap();
    let other = Database::create();
    let arguments = ["user", "create", "bo@example.com", "--database", &other.url()];
    assert!(process::run(&arguments, "correct horse battery\n").status.success());
    let refusal = does_not_move(root.to_str().unwrap(), &other.url(), &target);
    assert!(refusal.contains("is not empty"), "{refusal}");
    // a server without a single account uses the target
    let (unused, (_dir, server_dir)) = (Database::create(), process::data_dir());
    let mut server = serve(&server_dir, &unused);
    let refusal = does_not_move(root.to_str().unwrap(), &unused.url(), &target);
    assert!(refusal.contains("a server uses postgres://"), "{refusal}");
    assert_eq!(unused.number("select count(*) from jet_admin.users"), 0);
    server.signal("TERM");
    assert!(server.wait().success());
    // nothing was lost, and a second attempt after an interrupted one succeeds
    moves(root.to_str().unwrap(), &database.url(), &target);
    std::fs::remove_file(root.join("moved")).unwrap();
    // it was interrupted while it copied the keys
    std::fs::rename(&target, places.path().join("target.partial")).unwrap();
    std::fs::remove_file(places.path().join("target.partial/keys/signing.pem")).unwrap();
    moves(root.to_str().unwrap(), &database.url(), &target);
    assert!(target.join("keys/signing.pem").is_file());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_remains_of_an_attempt_whose_source_has_changed_since_are_told() {
    let (_dir, root) = process::data_dir();
    succeeds(&["user", "create", "ada@example.com"], &root, "correct horse battery\n");
    let (database, places) = (Database::create(), tempfile::tempdir().unwrap());
    let target = places.path().join("target");
    moves(root.to_str().unwrap(), &database.url(), &target);
    // as if it had been killed before it marked the source
    std::fs::remove_file(root.join("moved")).unwrap();
    std::fs::remove_dir_all(&target).unwrap();
    succeeds(&["user", "create", "bo@example.com"], &root, "correct horse battery\n");
    let refusal = does_not_move(root.to_str().unwrap(), &database.url(), &target);
    assert!(refusal.contains("a copy of this data from an earlier attempt"), "{refusal}");
    database.execute("drop schema jet_admin, jet_admin_runs cascade");
    moves(root.to_str().unwrap(), &database.url(), &target);
}
