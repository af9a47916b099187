//! One tenant's hanging datasources do not affect other tenants.
use super::{House, Source, sql};
use jet_admin::{Error, connect::QueryJob};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;
use uuid::Uuid;

/// More than the number of queries that all tenants together can run at once.
const EACH: usize = 100;

/// Listens on a port, accepts connections and never answers. Returns the port and the number of accepted connections.
async fn black_hole() -> (u16, tokio::sync::watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (accepted, count) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        let mut streams = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            streams.push(stream);
            accepted.send_modify(|accepted| *accepted += 1);
        }
    });
    (port, count)
}

fn hanging(port: u16, tenant: u128) -> QueryJob {
    let (source, options) = if tenant.is_multiple_of(2) {
        (Source::new("restapi", json!({"baseUrl": format!("http://127.0.0.1:{port}")})), json!({"path": "/"}))
    } else {
        let server = json!({"host": "127.0.0.1", "port": port, "poolSize": 50});
        (Source::new("postgresql", server), json!({"sql": "select 1"}))
    };
    let mut job = source.job(json!({"options": options}), json!({}));
    job.tenant = Uuid::from_u128(1000 + tenant);
    job
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_hanging_datasources_do_not_block_a_working_one() {
    let house = Arc::new(House::new());
    rusqlite::Connection::open(house.files().join("a.db")).unwrap().execute_batch("create table t (i)").unwrap();
    let good = Source::new("sqlite", json!({"path": "a.db"}));
    let mut hanging_queries = tokio::task::JoinSet::new();
    for tenant in 0..10 {
        let (port, mut accepted) = black_hole().await;
        for _ in 0..EACH {
            let (house, job) = (Arc::clone(&house), hanging(port, tenant));
            hanging_queries.spawn(async move { house.queries.execute(job).await });
        }
        // every hanging datasource gets its share: the earlier ones have not taken all slots
        accepted.wait_for(|accepted| *accepted > 0).await.unwrap();
    }
    for _ in 0..100 {
        let answer = house.data(&good, sql("select count(*) as n from t"), json!({}));
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        assert_eq!(answer.expect("the working datasource waits for the hanging ones"), json!([{"n": 0}]));
    }
    assert!(hanging_queries.try_join_next().is_none(), "a hanging query returned");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_queries_at_once_are_rate_limited() {
    let house = Arc::new(House::new());
    let (port, _accepted) = black_hole().await;
    let mut queries = tokio::task::JoinSet::new();
    let refused = loop {
        assert!(queries.len() < 20_000, "no query was refused");
        for _ in 0..500 {
            let (house, job) = (Arc::clone(&house), hanging(port, 0));
            queries.spawn(async move { house.queries.execute(job).await });
        }
        tokio::task::yield_now().await;
        if let Some(done) = queries.try_join_next() {
            break done.unwrap().unwrap_err();
        }
    };
    assert!(matches!(refused, Error::RateLimited { .. }), "{refused:?}");
}
