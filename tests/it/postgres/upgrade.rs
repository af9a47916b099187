//! Schemas of other versions: servers are upgraded one by one, while the others work.
use super::serve;
use crate::support::{backend::Database, client::id, process};
use jet_admin::store::{SchemaStep, SchemaVersions, Store};
use serde_json::json;

/// A schema with this many of the steps below.
fn version(steps: usize) -> SchemaVersions<'static> {
    const SCRIPTS: [&str; 3] = [
        "create table a (id bigint); create table servers (is_dead boolean, seen timestamptz)",
        "create table a (id bigint, b text); create table servers (is_dead boolean, seen timestamptz)",
        "create table a (id bigint, c text); create table servers (is_dead boolean, seen timestamptz)",
    ];
    const STEPS: &[SchemaStep] = &[
        SchemaStep { sql: "alter table a add column b text", usable_from: 7 },
        SchemaStep { sql: "alter table a rename column b to c", usable_from: 9 },
    ];
    SchemaVersions { name: "jet_admin_runs", script: SCRIPTS[steps], first: 7, steps: &STEPS[..steps] }
}

fn apply(database: &Database, schema: SchemaVersions<'_>) -> Result<(), String> {
    Store::prepare_schemas(&database.url().parse().unwrap(), &[schema]).map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_step_that_older_servers_can_work_with_needs_no_stop() {
    let database = Database::create();
    apply(&database, version(0)).unwrap();
    database.execute("insert into jet_admin_runs.servers values (false, clock_timestamp() + interval '1 minute')");
    apply(&database, version(1)).unwrap();
    // an older server starts again meanwhile
    apply(&database, version(0)).unwrap();
    database.execute("insert into jet_admin_runs.a (id) values (1)");
    assert_eq!(database.number("select count(*) from jet_admin_runs.a where b is null"), 1);
    // the next step is one that it cannot work with
    let refused = apply(&database, version(2)).unwrap_err();
    assert!(refused.contains("1 servers of an earlier version use it: stop them first"), "{refused}");
    assert_eq!(database.number("select number from jet_admin_runs.schema_version"), 8);
    database.execute("update jet_admin_runs.servers set is_dead = true");
    apply(&database, version(2)).unwrap();
    assert_eq!(database.number("select count(*) from jet_admin_runs.a where c is null"), 1);
    for older in [0, 1] {
        let refused = apply(&database, version(older)).unwrap_err();
        assert!(refused.contains("from a newer jet-admin (schema 9"), "{refused}");
    }
}

#[tokio::test]
async fn a_new_schema_is_that_of_all_steps_and_a_failed_step_changes_nothing() {
    let database = Database::create();
    apply(&database, version(2)).unwrap();
    apply(&database, version(2)).unwrap();
    let refused = apply(&database, version(1)).unwrap_err();
    assert!(refused.contains("from a newer jet-admin"), "{refused}");
    let failing = SchemaStep { sql: "alter table a add column d text; select 1 from nowhere", usable_from: 7 };
    let mut steps = version(2).steps.to_vec();
    steps.push(failing);
    apply(&database, SchemaVersions { steps: &steps, ..version(2) }).unwrap_err();
    let changed = "select count(*) from information_schema.columns where column_name = 'd'";
    assert_eq!(database.number(changed), 0);
    assert_eq!(database.number("select number from jet_admin_runs.schema_version"), 9);
}

#[tokio::test]
async fn a_server_works_with_a_newer_schema_that_allows_it() {
    let database = Database::create();
    let (_dir, root) = process::data_dir();
    let created =
        process::run(&["user", "create", "ada@example.com", "--database", &database.url()], "correct horse battery\n");
    assert!(created.status.success(), "{}", process::text(&created));
    database.execute(
        "update jet_admin.schema_version set number = number + 1; alter table jet_admin.objects add column later text",
    );
    let server = serve(&root, &database);
    let client = server.signed_in("ada@example.com").await;
    let tenant = client.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
    client.in_tenant(id(&tenant)).post("variables", json!({"name": "rate", "value": "1"})).await.expect(201);
    drop(server);
    // it does not know what it would have to copy
    let target = root.parent().unwrap().join("back");
    let (from, to, root) = (database.url(), target.to_str().unwrap(), root.to_str().unwrap());
    let output = process::run(&["migrate-store", "--from", &from, "--to", to, "--data-dir", root], "");
    let text = process::text(&output);
    assert!(!output.status.success() && text.contains("is from a newer jet-admin: use that version"), "{text}");
}
