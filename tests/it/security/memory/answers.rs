//! Responses of datasources: short texts that expand to millions of values, and many large ones at once.
use super::{MIB, released, zeros};
use crate::support::{Client, TestServer, World, client::id};
use axum::{Router, extract::Path, http::header::CONTENT_TYPE, routing::any};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A service with the routes `/zeros/<bytes>`, `/rows/<count>` and `/graphql/<bytes>`.
async fn service() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let json = |text: String| async move { ([(CONTENT_TYPE, "application/json")], text) };
    let rows = |count: usize| {
        let row = format!("{{\"id\": 1, \"text\": \"{}\"}}", "x".repeat(1000));
        format!("{{\"items\": [{}], \"next\": null}}", vec![row; count].join(","))
    };
    let router = Router::new()
        .route("/zeros/{bytes}", any(move |Path(bytes): Path<usize>| json(zeros(bytes))))
        .route("/rows/{count}", any(move |Path(count): Path<usize>| json(rows(count))))
        .route(
            "/graphql/{bytes}",
            any(move |Path(bytes): Path<usize>| json(format!("{{\"data\": {}}}", zeros(bytes)))),
        );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    port
}

async fn datasource(client: &Client, name: &str, kind: &str, options: Value) -> Value {
    let draft = json!({"name": name, "type": kind, "options": options});
    client.post("datasources", draft).await.expect(201)["id"].clone()
}

async fn rest(client: &Client, port: u16) -> Value {
    datasource(client, "Service", "restapi", json!({"baseUrl": format!("http://127.0.0.1:{port}")})).await
}

fn message(body: &Value) -> &str {
    body["error"]["message"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn short_responses_with_millions_of_values_are_refused_everywhere() {
    let world = World::empty().await;
    let (client, port) = (&world.client, service().await);
    let zeros_at = |path: &str| format!("/{path}/{}", 12 * MIB);
    let rest = rest(client, port).await;
    let endpoint = json!({"endpoint": format!("http://127.0.0.1:{port}{}", zeros_at("graphql"))});
    let graphql = datasource(client, "GraphQL", "graphql", endpoint).await;
    // a nested list, and a response that is an object, cannot be cut at the row limit
    for (datasource, options) in [
        (&rest, json!({"path": zeros_at("zeros"), "responsePath": "[0]"})),
        (&rest, json!({"path": zeros_at("graphql"), "responsePath": "other"})),
        (&graphql, json!({"query": "{ a }", "responsePath": "other"})),
    ] {
        let query = json!({"datasourceID": datasource, "options": options});
        let answer = client.post("data-queries/test", query).await;
        assert_eq!(answer.status, 422, "{options}: {answer}");
        assert!(message(&answer.body).contains("too many values"), "{options}: {answer}");
    }
    let step = json!({"url": format!("http://127.0.0.1:{port}/zeros/{}", 4 * MIB - 10)});
    let nodes = json!([
        {"id": "a", "type": "start", "name": "Start"},
        {"id": "b", "type": "httpRequest", "name": "Ask", "config": step}
    ]);
    let graph = json!({"nodes": nodes, "edges": [{"id": "e", "source": "a", "target": "b"}]});
    let run = client.post("workflows/test?wait=30", graph).await;
    assert!(run.text.contains("too many values"), "{run}");
    released(&world.server.server.app.budget).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_beyond_the_row_limit_use_no_memory() {
    let world = World::empty().await;
    let (client, port) = (&world.client, service().await);
    let rest = rest(client, port).await;
    let all = json!({"datasourceID": rest, "options": {"path": format!("/zeros/{}", 12 * MIB)}, "maxRows": 10});
    let result = client.post("data-queries/test", all).await.expect(200);
    assert_eq!((result["data"].clone(), result["truncated"].clone()), (json!(vec![0; 10]), json!(true)));
    let options = json!({"path": "/rows/500", "responsePath": "items"});
    let query = json!({"datasourceID": rest, "options": options, "maxRows": 3});
    let result = client.post("data-queries/test", query).await.expect(200);
    assert_eq!((&result["rowCount"], &result["truncated"]), (&json!(3), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_large_responses_of_one_tenant_do_not_exhaust_memory_or_block_others() {
    let world = World::on(TestServer::start_with(|config| config.memory = 64 * MIB).await).await;
    let (client, port) = (&world.client, service().await);
    let budget = world.server.server.app.budget.clone();
    let rest = rest(client, port).await;
    let other = world.server.account("other@example.com").await;
    let theirs = world.server.tenant(&other, "Second").await;
    world.server.stock(theirs.tenant.unwrap());
    let shop = datasource(&theirs, "Shop", "sqlite", json!({"path": "shop.db"})).await;
    let large = json!({"datasourceID": rest, "options": {"path": "/rows/6000"}, "maxRows": 100_000});
    let requests = join_all((0..24).map(|_| client.post("data-queries/test", large.clone())));
    let small = async {
        for _ in 0..20 {
            let query = json!({"datasourceID": shop, "options": {"sql": "select * from items"}});
            assert_eq!(theirs.post("data-queries/test", query).await.expect(200)["rowCount"], 3);
            assert!(budget.in_use() <= budget.total() / 2 + MIB);
            assert_eq!(world.server.anyone().get("/healthz").await.status, 200);
        }
    };
    let (answers, ()) = tokio::join!(requests, small);
    let count = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert!(count(200) > 0, "{}", answers[0]);
    assert_eq!(count(200) + count(429) + count(503), answers.len(), "all others must be asked to retry");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert!(answer.header("retry-after").is_some(), "{answer}");
    }
    released(&budget).await;
    assert_eq!(client.post("data-queries/test", large).await.status, 200, "memory must be available again afterwards");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_count_by_their_size_in_memory() {
    let world = World::on(TestServer::start_with(|config| config.memory = 64 * MIB).await).await;
    let client = &world.client;
    let shop = datasource(client, "Shop", "sqlite", json!({"path": "shop.db"})).await;
    let columns: Vec<String> = (0..30).map(|number| format!("1 as column_{number}")).collect();
    let sql = format!(
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 50000) select {} from n",
        columns.join(", "),
    );
    let query = |rows: u32| json!({"datasourceID": shop, "options": {"sql": sql}, "maxRows": rows});
    let answer = client.post("data-queries/test", query(50_000)).await;
    assert_eq!(answer.status, 429, "10 MB of text would use more than 200 MB: {}", answer.status);
    assert_eq!(client.post("data-queries/test", query(2000)).await.expect(200)["rowCount"], 2000);
    released(&world.server.server.app.budget).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cached_result_is_shared_and_does_not_count_against_the_tenant() {
    let world = World::on(TestServer::start_with(|config| config.memory = 64 * MIB).await).await;
    let (client, port) = (&world.client, service().await);
    let rest = rest(client, port).await;
    let draft = json!({
        "name": "Kept", "datasourceID": rest, "options": {"path": "/rows/6000"}, "maxRows": 10_000, "cacheSeconds": 600,
    });
    let query = id(&client.post("data-queries", draft).await.expect(201));
    let path = format!("data-queries/{query}/execute");
    let first = client.post(&path, json!({})).await.expect(200);
    released(&world.server.server.app.budget).await;
    for answer in join_all((0..8).map(|_| client.post(&path, json!({})))).await {
        if answer.status != 429 {
            let result = answer.expect(200);
            assert_eq!((&result["cache"], &result["data"]), (&json!("hit"), &first["data"]));
        }
    }
    released(&world.server.server.app.budget).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_of_large_records_are_shorter_but_the_list_is_complete() {
    let world = World::empty().await;
    for number in 0..4 {
        let start = json!({"id": "1", "type": "start", "name": "start", "notes": "x".repeat(3 * MIB)});
        let draft = json!({"name": format!("Long {number}"), "nodes": [start], "edges": []});
        world.client.post("workflows", draft).await.expect(201);
    }
    let page = world.client.get("workflows").await.expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "two records must not fit into a page");
    assert_eq!((&page["total"], page["nextCursor"].is_string()), (&json!(4), true));
    assert_eq!(world.client.all("workflows").await.len(), 4);
}
