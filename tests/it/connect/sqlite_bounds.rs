//! Statements on SQLite files with large values: bounded in memory and in time.
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
async fn the_total_size_of_a_statements_values_is_bounded() {
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
        let error = refused(&house, &db, &text).await;
        assert!(error.contains("select fewer or shorter columns"), "{error}");
    }
    // values inside a view count as well, and a small statement afterwards has the full limit again
    let _ = house.data(&db, sql(&format!("create view v as select length(max({})) as l", large(90))), json!({})).await;
    assert!(refused(&house, &db, "select * from v").await.contains("shorter columns"));
    assert_eq!(house.data(&db, sql("select length(hex(zeroblob(4000000))) as l"), json!({})).await, one);
    let error = refused(&house, &db, &format!("select length(concat({}))", vec!["'a'"; 101].join(", "))).await;
    assert!(error.contains("too many arguments"), "{error}");
}

#[tokio::test]
async fn no_single_function_exceeds_the_query_timeout() {
    let house = House::new();
    let db = file("long.db");
    for text in [
        "select instr(replace(hex(zeroblob(900000)), '00', 'aaaa'), replace(hex(zeroblob(400000)), '00', 'aaaa') || 'b') as r",
        "select length(replace(hex(zeroblob(2000000)), replace(hex(zeroblob(900000)), '00', '0000') || '1', '')) as r",
        "select length(trim(hex(zeroblob(2000000)), replace(char(1000), char(1000), hex(randomblob(2000000))) || '0')) as r",
        "select unhex(replace(hex(zeroblob(1000000)), '00', '-'), hex(zeroblob(1000000)) || '-') as r",
        "select hex(zeroblob(500000)) like '%' || substr(hex(zeroblob(100)), 1, 90) || '1%' as r",
    ] {
        let started = Instant::now();
        let found = house.run(&db, sql(text), json!({})).await;
        assert!(started.elapsed() < Duration::from_secs(5), "{text}: {:?} {found:?}", started.elapsed());
    }
    let error = refused(&house, &db, &format!("select 'a' like '{}'", "a".repeat(101))).await;
    assert!(error.contains("pattern too complex"), "{error}");
    let error = refused(&house, &db, "select json_patch('{}', '{}')").await;
    assert!(error.contains("not authorized"), "{error}");
}

/// A statement that runs until it is stopped.
const SLOW: &str = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n where i < 0";

#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_of_one_tenant_do_not_delay_other_tenants() {
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
    let started = Instant::now();
    let mut other = file("other.db").job(sql("select 7 as n"), json!({}));
    other.tenant = Uuid::from_u128(TENANT.as_u128() + 1);
    fs::create_dir_all(house.dir.path().join("files").join(other.tenant.to_string())).unwrap();
    let found = house.queries.execute(other).await.unwrap();
    assert_eq!(*found.data, json!([{"n": 7}]));
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    while let Some(done) = slow.join_next().await {
        assert!(matches!(done.unwrap(), Err(Error::Timeout(_) | Error::RateLimited { .. })));
    }
    let _ = house.data(&file("f0.db"), sql("select 1"), json!({})).await;
}
