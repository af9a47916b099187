//! Statements on SQLite files whose values are large: bounded in memory and in time.
use super::{House, Source, TENANT, sql};
use jet_admin::{Error, connect::sqlite_seats, turns::Accounts};
use serde_json::json;
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;
use uuid::Uuid;

fn file(name: &str) -> Source {
    let mut source = Source::new("sqlite", json!({"path": name, "readOnly": false}));
    source.0.id = Uuid::new_v4();
    source
}

async fn refused(house: &House, source: &Source, text: &str) -> String {
    house.run(source, sql(text), json!({})).await.unwrap_err().to_string()
}

#[tokio::test]
async fn values_of_a_statement_are_bounded_together() {
    let house = House::new();
    let db = file("large.db");
    let one = house.data(&db, sql("select length(hex(zeroblob(4000000))) as l"), json!({})).await;
    assert_eq!(one, json!([{"l": 8_000_000}]));
    let large = |count: usize| vec!["hex(zeroblob(4000000))"; count].join(", ");
    let columns = (0..40).map(|at| format!("hex(zeroblob(4000000)) as c{at}")).collect::<Vec<_>>().join(", ");
    for text in [
        format!("select length(max({})) as l", large(90)),
        format!("select max(c0, c39) as l from (select {columns} from (values (1), (2)) limit 1)"),
        "select length(hex(zeroblob(5000000)))".to_owned(),
        "select replace(hex(zeroblob(1000000)), '0', 'aaaaaaaaaa') as r".to_owned(),
    ] {
        let told = refused(&house, &db, &text).await;
        assert!(told.contains("select fewer or shorter columns"), "{told}");
    }
    // what a view hides counts as well, and a short statement after it has its room again
    let _ = house.data(&db, sql(&format!("create view v as select length(max({})) as l", large(90))), json!({})).await;
    assert!(refused(&house, &db, "select * from v").await.contains("shorter columns"));
    assert_eq!(house.data(&db, sql("select length(hex(zeroblob(4000000))) as l"), json!({})).await, one);
    let told = refused(&house, &db, &format!("select length(concat({}))", vec!["'a'"; 101].join(", "))).await;
    assert!(told.contains("too many arguments"), "{told}");
}

#[tokio::test]
async fn one_function_takes_no_longer_than_a_query_may() {
    let house = House::new();
    let db = file("long.db");
    for text in [
        "select instr(replace(hex(zeroblob(900000)), '00', 'aaaa'), replace(hex(zeroblob(400000)), '00', 'aaaa') || 'b') as r",
        "select length(replace(hex(zeroblob(2000000)), replace(hex(zeroblob(900000)), '00', '0000') || '1', '')) as r",
        "select length(trim(hex(zeroblob(2000000)), replace(char(1000), char(1000), hex(randomblob(2000000))) || '0')) as r",
        "select unhex(replace(hex(zeroblob(1000000)), '00', '-'), hex(zeroblob(1000000)) || '-') as r",
        "select hex(zeroblob(500000)) like '%' || substr(hex(zeroblob(100)), 1, 90) || '1%' as r",
    ] {
        let begun = Instant::now();
        let found = house.run(&db, sql(text), json!({})).await;
        assert!(begun.elapsed() < Duration::from_secs(5), "{text}: {:?} {found:?}", begun.elapsed());
    }
    let told = refused(&house, &db, &format!("select 'a' like '{}'", "a".repeat(101))).await;
    assert!(told.contains("pattern too complex"), "{told}");
    let told = refused(&house, &db, "select json_patch('{}', '{}')").await;
    assert!(told.contains("not authorized"), "{told}");
}

/// A statement that ends only when it is stopped.
const SLOW: &str = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n where i < 0";

#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_on_many_files_of_one_tenant_keep_no_other_waiting() {
    let mut house = House::new();
    house.seat(sqlite_seats(Accounts::default()));
    let house = Arc::new(house);
    let mut slow = JoinSet::new();
    for at in 0..60 {
        let (house, db) = (Arc::clone(&house), file(&format!("f{}.db", at % 6)));
        slow.spawn(async move {
            let query = json!({"options": {"sql": SLOW}, "timeoutMs": 3000});
            house.run(&db, query, json!({})).await
        });
    }
    // another tenant's query waits for none of them
    let begun = Instant::now();
    let mut other = file("other.db").job(sql("select 7 as n"), json!({}));
    other.tenant = Uuid::from_u128(TENANT.as_u128() + 1);
    fs::create_dir_all(house.dir.path().join("files").join(other.tenant.to_string())).unwrap();
    let found = house.queries.execute(other).await.unwrap();
    assert_eq!(*found.data, json!([{"n": 7}]));
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    while let Some(done) = slow.join_next().await {
        assert!(matches!(done.unwrap(), Err(Error::Timeout(_) | Error::RateLimited { .. })));
    }
    let _ = house.data(&file("f0.db"), sql("select 1"), json!({})).await;
}
