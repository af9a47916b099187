//! Opening a data directory of an earlier version.
use crate::support::{TestServer, World, client::id, process::Process};
use jet_admin::clock::Time;
use rusqlite::Connection;
use serde_json::json;
use std::fs;
use uuid::Uuid;

const FIRST: &str = include_str!("../../src/store/migrations/0001_workspace.sql");
const FIRST_RUNS: &str = include_str!("../../src/store/migrations/0001_runs.sql");

#[tokio::test]
async fn an_old_database_is_backed_up_and_keeps_its_data() {
    let (run, tenant, query) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let server = TestServer::start_with(|config| {
        let old = Connection::open(config.data_dir.join("jet-admin.db")).unwrap();
        old.execute_batch(FIRST).unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
        let old = Connection::open(config.data_dir.join("runs.db")).unwrap();
        old.execute_batch(FIRST_RUNS).unwrap();
        old.execute(
            "insert into query_runs (tenant_id, id, query_id, query_version, at, actor_kind, actor_id, actor_label, duration_us, cache)
             values (?1, ?2, ?3, 1, ?4, 'user', ?3, 'ada@example.com', 2, 'off')",
            (tenant.to_string(), run.to_string(), query.to_string(), Time::now().0),
        )
        .unwrap();
        old.pragma_update(None, "user_version", 1).unwrap();
    });
    let server = server.await;
    let copies = fs::read_dir(server.data_dir().join("snapshots")).unwrap();
    let mut copies: Vec<_> = copies.map(|entry| entry.unwrap().path()).collect();
    copies.sort();
    let names: Vec<_> = copies.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    let times = ["jet-admin-schema1-", "runs-schema1-"].map(|of| names.iter().find_map(|name| name.strip_prefix(of)));
    assert!(
        copies.len() == 2 && times[0].is_some() && times[0] == times[1],
        "both databases must be copied at the same time: {names:?}"
    );
    let stored_id =
        |db: &Connection| db.query_row("select id from query_runs", (), |row| row.get::<_, String>(0)).unwrap();
    let copy = Connection::open(&copies[1]).unwrap();
    assert_eq!(copy.query_row("pragma user_version", (), |row| row.get::<_, u32>(0)).unwrap(), 1);
    assert_eq!(stored_id(&copy), run.to_string());

    let world = World::on(server).await.filled().await;
    let new = Connection::open(world.server.data_dir().join("runs.db")).unwrap();
    assert_eq!(stored_id(&new), run.to_string());
    let path = format!("data-queries/{}", world.id("queryID"));
    world.client.post(&format!("{path}/execute"), json!({})).await.expect(200);
    let runs = world.client.all_of(&format!("{path}/runs"), 1).await;
    assert_eq!(runs.len(), 1);
    assert_ne!(id(&runs[0]), run, "the old one belongs to another tenant");
}

#[tokio::test]
async fn lists_show_the_records_of_an_earlier_version_in_the_current_form() {
    // more than are rewritten in one transaction
    const COPIES: u32 = 2500;
    let world = World::full().await;
    let (tenant, token) = (world.tenant, world.owner.client.token.clone().unwrap());
    let query = world.id("queryID");
    let before = world.client.get(&format!("data-queries/{query}")).await.expect(200);
    assert!(before["maxRows"].is_u64(), "{before}");
    let dir = world.server.stop().await;
    let root = dir.path().join("data");
    let open = || Connection::open(root.join("jet-admin.db")).unwrap();
    let older = "update objects set spec = json_remove(spec, '$.maxRows') where id = ?1";
    let db = open();
    assert_eq!(db.execute(older, [query.to_string()]).unwrap(), 1);
    let copy = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?2)
        insert into objects (tenant_id, id, kind, name, description, search, spec, created_at, updated_at, created_by, version, versions_bytes)
        select tenant_id, printf('01900000-0000-7000-8000-%012x', i), kind, name || i, '', name || i, spec, created_at,
               updated_at, created_by, version, 0
        from objects, n where id = ?1";
    assert_eq!(db.execute(copy, (query.to_string(), COPIES)).unwrap(), COPIES as usize);
    db.execute("update directory set forms = 'of an earlier version'", ()).unwrap();
    drop(db);
    let mut process = Process::start(&root, &[]);
    let client = process.client().with_token(token).in_tenant(tenant);
    let listed = client.all("data-queries?limit=200").await;
    assert!(listed.iter().all(|one| one["maxRows"] == before["maxRows"]));
    assert_eq!(listed.into_iter().find(|one| one["id"] == before["id"]), Some(before));
    process.signal("TERM");
    process.wait();

    // the next start has nothing to rewrite, so it does not look
    let db = open();
    let count = "select count(*) from objects where kind = 'dataquery' and spec not like '%\"maxRows\":%'";
    let without = |db: &Connection| db.query_row(count, (), |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(without(&db), 0);
    assert_eq!(db.execute(older, [query.to_string()]).unwrap(), 1);
    drop(db);
    let mut process = Process::start(&root, &[]);
    process.signal("TERM");
    process.wait();
    assert_eq!(without(&open()), 1);
}
