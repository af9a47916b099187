//! What transactions of servers leave in the database.
use crate::{
    support::{backend::Database, client::id, fleet::Fleet, wait::until},
    triggers::echo,
};
use serde_json::json;
use tokio_postgres::{Client, NoTls};

async fn connection(database: &Database) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.url(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_last_statements_fail_leaves_nothing() {
    let fleet = Fleet::start(1).await;
    let client = fleet.client(0);
    let created = client.post("workflows", echo("Undone", json!([]))).await.expect(201);
    let path = format!("workflows/{}/execute", id(&created));
    // servers do not wait for the answers to what they write last
    let refuse =
        "create function jet_admin_runs.refuse() returns trigger language plpgsql as $$begin raise 'refused' using errcode = 'disk_full'; end$$;
         create trigger refuse before insert on jet_admin_runs.usage_tallies
           execute function jet_admin_runs.refuse()";
    connection(&fleet.database).await.batch_execute(refuse).await.unwrap();
    client.post(&path, json!({"input": {"n": 1}})).await.refused(503, "UNAVAILABLE");
    let rows = |table: &str| fleet.database.number(&format!("select count(*) from jet_admin_runs.{table}"));
    assert_eq!(["instances", "journal", "definitions"].map(rows), [0, 0, 0]);
    fleet.database.execute("drop trigger refuse on jet_admin_runs.usage_tallies");
    client.post(&path, json!({"input": {"n": 1}})).await.expect(202);
    until("the run has ended", async || {
        fleet.database.number("select count(*) from jet_admin_runs.instances where finished_at is not null") == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_is_kept_for_a_run_that_begins_while_unused_graphs_are_deleted() {
    let mut fleet = Fleet::start(1).await;
    let client = fleet.client(0);
    let created = client.post("workflows", echo("Rare", json!([]))).await.expect(201);
    client.post(&format!("workflows/{}/execute", id(&created)), json!({"input": {"n": 1}})).await.expect(202);
    let ended = "select count(*) from jet_admin_runs.instances where finished_at is not null";
    until("the run has ended", async || fleet.database.number(ended) == 1).await;
    fleet.stop();
    fleet.database.execute("update jet_admin_runs.instances set finished_at = 1");
    // another server writes a run with the same graph
    let other = connection(&fleet.database).await;
    other
        .batch_execute(
            "begin; set local search_path to jet_admin_runs;
             insert into definitions select * from definitions on conflict do nothing;
             create temporary table begun on commit drop as select * from instances;
             update begun set id = '00000000-0000-7000-8000-000000000000', finished_at = null, owner = 'other';
             insert into instances select * from begun",
        )
        .await
        .unwrap();
    // it deletes the old run, and then the graph that no run seems to use
    fleet.again(0);
    let waiting =
        "select count(*) from pg_locks where not granted and relation = 'jet_admin_runs.definitions'::regclass
           and database = (select oid from pg_database where datname = current_database())";
    until("the deletion waits for the run", async || fleet.database.number(waiting) == 1).await;
    other.batch_execute("commit").await.unwrap();
    until("the deletion has ended", async || fleet.database.number(waiting) == 0).await;
    let kept =
        "select count(*) from jet_admin_runs.instances i join jet_admin_runs.definitions d on d.hash = i.definition";
    assert_eq!(fleet.database.number(kept), 1);
}
