//! `doctor --database`: what is wrong with a database, what it costs, and what to do.
use crate::{
    support::{
        backend::Database,
        fleet::{Fleet, SECRET},
        postgres::{PASSWORD, Postgres},
        process,
        wait::until,
    },
    triggers::save,
};
use serde_json::json;
use std::process::{Child, Stdio};

/// Runs the command. Returns whether it succeeds, and what it prints, which must not contain a password.
fn doctor(url: &str, more: &[&str]) -> (bool, String) {
    let output = process::run(&[&["doctor", "--database", url], more].concat(), "");
    let text = process::text(&output);
    assert!(!text.contains(PASSWORD) && !text.contains("s3cret") && !text.contains(SECRET), "{text}");
    (output.status.success(), text)
}

#[track_caller]
fn finds(url: &str, more: &[&str], expected: &[&str]) -> String {
    let (succeeds, text) = doctor(url, more);
    for part in expected {
        assert!(text.contains(part), "{part}:\n{text}");
    }
    assert_eq!(succeeds, !text.contains("FAIL"), "{text}");
    text
}

#[test]
fn an_empty_database_is_examined_and_stays_empty() {
    let database = Database::create();
    let text = finds(
        &database.url(),
        &[],
        &[
            "ok    database: postgres://127.0.0.1",
            "ok    engine: PostgreSQL ",
            "ok    schema: not created yet",
            "ok    clock",
        ],
    );
    assert!(!text.contains("FAIL"), "{text}");
    assert_eq!(database.number("select count(*) from pg_namespace where nspname like 'jet%'"), 0);
}

#[test]
fn a_database_that_cannot_be_used_is_a_failure() {
    let unreachable = "postgres://admin:s3cret@127.0.0.1:1/jet";
    finds(unreachable, &[], &["FAIL  database: the database postgres://127.0.0.1:1/jet cannot be used"]);
    finds("postgres://127.0.0.1", &[], &["FAIL  database", "names no database"]);
    for (prepare, expected) in [
        ("create schema jet_admin; create table jet_admin.theirs (a text)", "belongs to another program"),
        (
            "create schema jet_admin; create table jet_admin.schema_version (number bigint, usable_from bigint);
             insert into jet_admin.schema_version values (9999, 9998)",
            "from a newer jet-admin (schema 9999",
        ),
        (
            "create schema jet_admin_runs; create table jet_admin_runs.schema_version (number bigint, usable_from bigint);
             insert into jet_admin_runs.schema_version values (0, 0)",
            "has the unknown version 0: restore a backup",
        ),
    ] {
        let database = Database::create();
        database.execute(prepare);
        finds(&database.url(), &[], &["FAIL  schema", expected]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_rights_and_missing_parts_are_named() {
    let fleet = Fleet::start(1).await;
    let database = &fleet.database;
    let name = database.name();
    database.execute(&format!("create user {name} password 'pw'"));
    let url = database.url();
    let (_, rest) = url.split_once('@').unwrap();
    let url = format!("postgres://{name}:pw@{rest}");
    finds(&url, &[], &["FAIL  schema: the user may not read the schema jet_admin in "]);
    database.execute(&format!(
        "grant usage on schema jet_admin, jet_admin_runs to {name};
         grant select, insert, update, delete on all tables in schema jet_admin, jet_admin_runs to {name};
         revoke update on jet_admin.objects from {name}"
    ));
    finds(&url, &[], &["FAIL  rights", "may not read and write jet_admin.objects, so"]);
    database.execute(&format!("grant update on jet_admin.objects to {name}"));
    assert!(!finds(&url, &[], &["ok    rights", "1 server is running"]).contains("FAIL"));
    database.execute("create table jet_admin.moved (place text); insert into jet_admin.moved values ('/srv/jet')");
    finds(&database.url(), &[], &["FAIL  database: its data was moved to /srv/jet"]);
    let empty = Database::create();
    let (_, rest) = empty.url().split_once('@').map(|(user, rest)| (user.to_owned(), rest.to_owned())).unwrap();
    finds(&format!("postgres://{name}:pw@{rest}"), &[], &["FAIL  rights", "grant create on database"]);
    database.execute("drop schema jet_admin_runs cascade");
    finds(
        &database.url(),
        &[],
        &["FAIL  schema: the schema jet_admin_runs in ", "is missing, but the other one is there"],
    );
    empty.execute(&format!("drop owned by {name}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_keys_and_secrets_are_examined() {
    let mut fleet = Fleet::start(2).await;
    let (url, root) = (fleet.database.url(), fleet.roots[0].to_str().unwrap().to_owned());
    let secret = json!({"name": "token", "value": "hidden", "secret": true});
    fleet.client(0).post("variables", secret).await.expect(201);
    let sound = finds(
        &url,
        &["--secret-key", SECRET, "--data-dir", &root],
        &[
            "ok    servers: 2 servers are running",
            "at most 10 connections",
            "ok    secret key: the one of the servers",
            "ok    secrets: 1 can be decrypted",
            "ok    folders: all belong to this database",
            "ok    connections: 2 servers may open 20 of the ",
        ],
    );
    assert!(!sound.contains("FAIL"), "{sound}");
    finds(&url, &[], &["info  secret key: not given"]);
    finds(&url, &["--data-dir", "/nowhere"], &["FAIL  data directory: /nowhere does not exist: name that of a server"]);
    let other = SECRET.replace('0', "f");
    finds(&url, &["--secret-key", &other], &["FAIL  secret key: this is not the key", "FAIL  secrets: 1 of 1 secrets"]);
    let elsewhere = Fleet::start(1).await;
    let root = elsewhere.roots[0].to_str().unwrap();
    finds(&url, &["--secret-key", SECRET, "--data-dir", root], &["FAIL  folders: the folder keys belongs to another"]);
    // enough connections for two, but not for three
    let name = fleet.database.name().to_owned();
    fleet.database.execute(&format!("alter database {name} connection limit 30"));
    finds(&url, &[], &["info  connections", "another server with 20 would be too many"]);
    fleet.database.execute(&format!("alter database {name} connection limit 15"));
    finds(&url, &[], &["warn  connections: 2 servers may open 20, but the user and this database are allowed 15"]);
    fleet.database.execute(&format!("alter database {name} connection limit -1"));
    let waits = json!({
        "name": "Waits",
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "d", "type": "delay", "name": "wait", "config": {"for": "1h"}},
        ],
        "edges": [{"id": "1", "source": "s", "target": "d"}],
    });
    let workflow = save(&fleet.client(0), waits).await;
    let path = format!("workflows/{}/execute", workflow["id"].as_str().unwrap());
    fleet.client(0).post(&path, json!({})).await.expect(202);
    finds(&url, &[], &["1 unfinished run,"]);
    for server in &mut fleet.servers {
        server.kill();
    }
    let silent = "select count(*) from jet_admin_runs.servers where seen > clock_timestamp() - interval '4 seconds'";
    until("nobody was seen", async || fleet.database.number(silent) == 0).await;
    finds(&url, &[], &["info  servers: none is running", "with 1 unfinished run: they wait until a server starts"]);
}

/// A program that receives all changes, as a standby does; stopped when it is dropped.
struct Standby(Child);

impl Standby {
    fn start(own: &Postgres) -> Self {
        let folder = own.folder().join("wal");
        let mut receive = own.program("pg_receivewal");
        std::fs::create_dir(&folder).unwrap();
        Self(
            receive
                .args(["--synchronous", "-D"])
                .arg(&folder)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap(),
        )
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn standbys_and_settings_that_lose_changes_are_told() {
    let own = Postgres::start().expect("PostgreSQL is not installed");
    let database = Database::on(&own);
    let url = database.url();
    finds(&url, &[], &["info  standbys: none is connected", "warn  durability: `fsync` is off"]);
    let name = database.name();
    database.execute(&format!("alter database {name} set synchronous_commit to off"));
    finds(&url, &[], &["warn  durability: `synchronous_commit` is off"]);
    database.execute(&format!("alter database {name} reset synchronous_commit"));
    let standby = Standby::start(&own);
    let standbys = |state: &str| {
        database.number(&format!(
            "select count(*) from pg_stat_replication where state = 'streaming' and sync_state = '{state}'"
        ))
    };
    until("it follows", async || standbys("async") == 1).await;
    finds(&url, &[], &["warn  standbys: 1 standby, none of them synchronous"]);
    database.execute("alter system set synchronous_standby_names to '*'; select pg_reload_conf()");
    until("it is synchronous", async || standbys("sync") == 1).await;
    assert!(!finds(&url, &[], &["ok    standbys: 1 standby, 1 synchronous"]).contains("FAIL"));
    drop(standby);
    until("it is gone", async || database.number("select count(*) from pg_stat_replication") == 0).await;
    finds(&url, &[], &["FAIL  standbys: `synchronous_standby_names` is *, but no standby is connected"]);
    database.execute("alter system reset synchronous_standby_names; select pg_reload_conf()");
}
