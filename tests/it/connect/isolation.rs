//! One tenant's hanging datasources are nobody else's trouble.
use super::{House, Source, sql};
use jet_admin::{Error, connect::Job};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use tokio::net::TcpListener;
use uuid::Uuid;

/// More than every tenant together may run at once.
const EACH: usize = 100;

/// A port that takes connections and never answers; tells how many it has taken.
async fn black_hole() -> (u16, tokio::sync::watch::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, count) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
            taken.send_modify(|taken| *taken += 1);
        }
    });
    (port, count)
}

fn hanging(port: u16, tenant: u128) -> Job {
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
async fn ten_black_holes_leave_a_good_source_alone() {
    let house = Arc::new(House::new());
    rusqlite::Connection::open(house.files().join("a.db")).unwrap().execute_batch("create table t (i)").unwrap();
    let good = Source::new("sqlite", json!({"path": "a.db"}));
    let mut hanging_queries = tokio::task::JoinSet::new();
    for tenant in 0..10 {
        let (port, mut taken) = black_hole().await;
        for _ in 0..EACH {
            let (house, job) = (Arc::clone(&house), hanging(port, tenant));
            hanging_queries.spawn(async move { house.queries.execute(job).await });
        }
        // every hole gets its share: earlier ones have not taken all there is
        taken.wait_for(|taken| *taken > 0).await.unwrap();
    }
    for _ in 0..100 {
        let answer = house.data(&good, sql("select count(*) as n from t"), json!({}));
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        assert_eq!(answer.expect("the good source waits for the bad ones"), json!([{"n": 0}]));
    }
    assert!(hanging_queries.try_join_next().is_none(), "a black hole answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_too_much_is_told_to_come_back() {
    let house = Arc::new(House::new());
    let (port, _taken) = black_hole().await;
    let mut asked = tokio::task::JoinSet::new();
    let refused = loop {
        assert!(asked.len() < 20_000, "nobody is ever refused");
        for _ in 0..500 {
            let (house, job) = (Arc::clone(&house), hanging(port, 0));
            asked.spawn(async move { house.queries.execute(job).await });
        }
        tokio::task::yield_now().await;
        if let Some(done) = asked.try_join_next() {
            break done.unwrap().unwrap_err();
        }
    };
    assert!(matches!(refused, Error::RateLimited { .. }), "{refused:?}");
}
