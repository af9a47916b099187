//! Exports of `MySQL` queries have the same limits and guarantees as others.
use crate::{
    connect::{House, Source, sql},
    support::mariadb,
};
use jet_admin::connect::StreamPart;
use serde_json::json;

fn source() -> Source {
    let options = json!({
        "host": "127.0.0.1", "port": mariadb::mariadb().port, "user": "admin", "password": mariadb::PASSWORD,
        "database": "one",
    });
    let mut source = Source::new("mysql", options);
    source.0.id = uuid::Uuid::new_v4();
    source
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_fails_at_the_first_row_sends_nothing() {
    let (house, db) = (House::new(), source());
    for statement in ["create or replace table exports_t (id int)", "insert into exports_t values (1), (2), (3)"] {
        house.run(&db, sql(statement), json!({})).await.unwrap();
    }
    // the server sends the columns first, and fails at the first row
    let failing = "select a.id, (select b.id from exports_t b where b.id >= a.id) x from exports_t a";
    let mut parts = house.queries.export(db.job(sql(failing), json!({}))).unwrap();
    let first = parts.recv().await.unwrap();
    assert!(first.is_err(), "{first:?}");
    assert!(parts.recv().await.is_none());
    // a successful export starts with its columns, even without rows
    for (statement, rows) in [("select id from exports_t", 3), ("select id from exports_t where id > 9", 0)] {
        let mut parts = house.queries.export(db.job(sql(statement), json!({}))).unwrap();
        assert!(
            matches!(parts.recv().await, Some(Ok(StreamPart::Columns(columns))) if columns.len() == 1),
            "{statement}"
        );
        let mut found = 0;
        while let Some(part) = parts.recv().await {
            if let StreamPart::Rows(rows) = part.unwrap() {
                found += rows.len();
            }
        }
        assert_eq!(found, rows, "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_larger_than_a_response_can_be_is_refused() {
    let (house, db) = (House::new(), source());
    house.run(&db, sql("set global max_allowed_packet = 67108864"), json!({})).await.unwrap();
    let large = "select repeat('x', 20 * 1024 * 1024) a, repeat('y', 15 * 1024 * 1024) b";
    let mut parts = house.queries.export(db.job(sql(large), json!({}))).unwrap();
    let first = parts.recv().await.unwrap();
    assert!(first.as_ref().is_err_and(|error| error.to_string().contains("a row is larger than")), "{first:?}");
}
