//! A redirect to another server does not forward credentials or bodies.
use super::{answer, make, upstream, world};
use crate::support::recorder::{Recorder, Seen};
use axum::{body::Body, http::Response};
use serde_json::json;

/// An upstream that redirects everything to `target`.
async fn redirecting(status: u16, target: String) -> Recorder {
    Recorder::start(move |_: &Seen| {
        Response::builder().status(status).header("location", &target).body(Body::empty()).unwrap()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_to_another_origin_carry_neither_credentials_nor_a_body() {
    let (_server, client) = world().await;
    let elsewhere = upstream().await;
    for status in [301, 302, 303, 307, 308] {
        let first = redirecting(status, format!("{}/taken", elsewhere.url())).await;
        let options = json!({
            "baseUrl": first.url(), "auth": {"type": "bearer", "token": "t0ken-1234"},
            "headers": [{"name": "Cookie", "value": "c=s3cret"}, {"name": "x-own", "value": "own"}],
        });
        let named = json!({"name": format!("api {status}"), "type": "restapi", "options": options});
        let datasource = make(&client, "datasources", named).await;
        for method in ["GET", "POST", "PUT", "DELETE"] {
            let mut options = json!({"method": method, "path": "/x"});
            if method != "GET" {
                options["body"] = json!({"salary": "b0dy-1234"});
            }
            let query = json!({"name": format!("{method} {status}"), "datasourceID": datasource, "options": options});
            let query = make(&client, "data-queries", query).await;
            let answer_body = client.post(&format!("data-queries/{query}/execute"), json!({})).await;
            for seen in elsewhere.take() {
                let whole = format!("{seen:?}");
                assert!(!whole.contains("t0ken-1234") && !whole.contains("s3cret"), "{method} {status}: {whole}");
                assert!(seen.header("x-own").is_empty() && seen.body.is_empty(), "{method} {status}: {whole}");
                assert_eq!(seen.method, "GET", "{method} {status}");
            }
            let keeps_body = status >= 307 && method != "GET";
            if keeps_body {
                let message = answer_body.to_string();
                assert!(
                    message.contains("is not followed") && !message.contains("b0dy-1234"),
                    "{method} {status}: {message}"
                );
            }
            assert_eq!(first.take().len(), 1, "{method} {status}");
        }
        let url = first.url();
        let config = json!({"method": "POST", "url": url, "body": "b0dy-1234", "bodyType": "text"});
        let nodes = json!([
            {"id": "start", "type": "start", "name": "start"},
            {"id": "it", "type": "httpRequest", "name": "it", "config": config},
        ]);
        let edges = json!([{"id": "e", "source": "start", "target": "it"}]);
        client.post("workflows/test?wait=60", json!({"nodes": nodes, "edges": edges, "input": {}})).await.expect(200);
        assert!(elsewhere.take().iter().all(|seen| seen.body.is_empty()), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_page_after_a_redirect_gets_no_credentials() {
    let (_server, client) = world().await;
    let elsewhere = Recorder::start(|seen: &Seen| {
        let mut response = answer(&json!([{"a": 1}]));
        if seen.param("page").is_none() {
            response.headers_mut().insert("link", "</more?page=2>; rel=\"next\"".parse().unwrap());
        }
        response
    })
    .await;
    let first = redirecting(302, format!("{}/rows", elsewhere.url())).await;
    let options = json!({"baseUrl": first.url(), "auth": {"type": "bearer", "token": "t0ken-1234"}});
    let datasource = make(&client, "datasources", json!({"name": "api", "type": "restapi", "options": options})).await;
    let options = json!({"path": "/rows", "pagination": {"type": "link"}});
    let query =
        make(&client, "data-queries", json!({"name": "q", "datasourceID": datasource, "options": options})).await;
    let answer_body = client.post(&format!("data-queries/{query}/execute"), json!({})).await;
    assert!(answer_body.to_string().contains("another server"), "{answer_body}");
    assert!(elsewhere.take().iter().all(|seen| seen.header("authorization").is_empty()));
}
