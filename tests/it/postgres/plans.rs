//! How the database server finds rows while the tables of a new database grow.
use crate::{
    support::{client::id, fleet::Fleet, wait::until},
    triggers::echo,
};
use futures_util::future::join_all;
use serde_json::json;

const RUNS: usize = 200;
/// In a table of a few pages, every way to find a row costs the same.
const OTHERS: usize = 5000;

/// Returns how many searches by an index there were, and how many rows they have read.
fn searches(fleet: &Fleet) -> (usize, usize) {
    let sum = |column: &str| {
        let all =
            "from pg_stat_user_indexes where relname in ('instances', 'journal') and schemaname = 'jet_admin_runs'";
        fleet.database.number(&format!("select cast(sum({column}) as bigint) {all}"))
    };
    (sum("idx_scan"), sum("idx_tup_read"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_found_without_reading_the_others_of_its_tenant() {
    let fleet = Fleet::start(1).await;
    // statistics would hide a plan that was made for an empty table
    fleet.database.execute(
        "alter table jet_admin_runs.instances set (autovacuum_enabled = false);
         alter table jet_admin_runs.journal set (autovacuum_enabled = false)",
    );
    let client = fleet.client(0);
    let created = client.post("workflows", echo("Many", json!([]))).await.expect(201);
    let path = format!("workflows/{}/execute", id(&created));
    let execute = async || {
        for _ in 0..RUNS / 20 {
            for started in join_all((0..20).map(|n| client.post(&path, json!({"input": {"n": n}})))).await {
                started.expect(202);
            }
        }
    };
    let has_ended = async |runs: usize| {
        let ended = "select count(*) from jet_admin_runs.instances where finished_at is not null";
        until("all runs have ended", async || fleet.database.number(ended) == runs).await;
    };
    // its plans are made for a nearly empty table
    execute().await;
    has_ended(RUNS).await;
    fleet.database.execute(&format!(
        "create table others as select i.* from jet_admin_runs.instances i, generate_series(1, {}) limit {OTHERS};
         update others set id = cast(gen_random_uuid() as text);
         insert into jet_admin_runs.instances select * from others",
        OTHERS / RUNS
    ));
    // sessions report later what they have done
    until("the searches are counted", async || searches(&fleet).0 >= RUNS).await;
    let before = searches(&fleet);
    execute().await;
    has_ended(RUNS + OTHERS + RUNS).await;
    until("the searches are counted", async || searches(&fleet).0 >= before.0 + RUNS).await;
    let after = searches(&fleet);
    let (scans, read) = (after.0 - before.0, after.1 - before.1);
    // if each read all of them, it would be several times as many
    assert!(read < RUNS * OTHERS / 4, "{scans} searches have read {read} rows");
}
