//! Request bodies: large, slow, with millions of values, or from strangers.
use super::{MIB, released, zeros};
use crate::support::{TestServer, World};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The body limit without a token.
const OPEN: usize = 64 << 10;
/// The body limit with a token.
const KNOWN: usize = 4 << 20;

/// Every operation that takes a body: method, path, whether it needs a token, and the body's type.
fn with_bodies() -> Vec<(String, String, bool, String)> {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
            let needs_token = operation["security"].as_array().is_some_and(|security| !security.is_empty());
            let media = content.keys().next().unwrap().clone();
            found.push((method.to_uppercase(), path.clone(), needs_token, media));
        }
    }
    assert!(found.len() > 50, "the API document has too few request bodies");
    found
}

/// Sends the head of a request that announces `length` bytes, and `sent` of them. Returns the response head.
async fn announce(server: &TestServer, head: &str, length: usize, sent: usize) -> String {
    send(server, &format!("{head}\r\ncontent-length: {length}"), &vec![b' '; sent]).await
}

/// Sends the head of a request and a part of its body. Returns the response head.
async fn send(server: &TestServer, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.server.address).await.unwrap();
    let head = format!("{head}\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    // the server may respond early and close the connection before everything is sent
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let mut piece = [0; 1024];
    let read = async {
        while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => break,
                Ok(length) => answer.extend_from_slice(&piece[..length]),
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(2), read).await.expect("neither a response nor the end");
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_reads_the_body_before_it_checks_the_token() {
    let world = World::full().await;
    let tenant = world.tenant.to_string();
    for (method, path, _, media) in with_bodies().into_iter().filter(|(_, _, needs_token, _)| *needs_token) {
        let path = world.fill(&path.replace("{tenantID}", &tenant));
        let head = format!("{method} {path} HTTP/1.1\r\nx-tenant-id: {tenant}\r\ncontent-type: {media}");
        let answer = announce(&world.server, &head, 1_000_000, 0).await;
        assert_eq!(status(&answer), "401", "{method} {path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_routes_accept_only_small_bodies() {
    let world = World::full().await;
    let shares = format!("dashboards/{}/shares", world.id("dashboardID"));
    let share = world.client.post(&shares, json!({})).await.expect(201);
    let token = share["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let open: Vec<_> = with_bodies()
        .into_iter()
        .filter(|(_, path, needs_token, _)| !needs_token && !path.starts_with("/hooks/"))
        .collect();
    assert!(open.len() >= 10, "{open:?}");
    for (method, path, _, media) in open {
        let path = path.replace("{token}", &token);
        let head = format!("{method} {path} HTTP/1.1\r\ncontent-type: {media}");
        let answer = announce(&world.server, &head, OPEN + 1, 0).await;
        assert_eq!(status(&answer), "413", "{method} {path}: {answer}");
        // without a content length, reading stops at the limit and does not wait for the rest
        let head = format!("{head}\r\ntransfer-encoding: chunked");
        let chunk = format!("{:x}\r\n{{\"a\": \"{}", OPEN + 100, "x".repeat(OPEN + 50));
        let answer = send(&world.server, &head, chunk.as_bytes()).await;
        assert_eq!(status(&answer), "413", "{method} {path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_that_never_end_time_out_and_use_memory_only_for_received_bytes() {
    let server = TestServer::start().await;
    let budget = server.server.app.budget.clone();
    let slow = (0..100)
        .map(|_| announce(&server, "POST /api/v1/session HTTP/1.1\r\ncontent-type: application/json", OPEN, OPEN - 1));
    let mut slow = std::pin::pin!(futures_util::future::join_all(slow));
    let received = async {
        while budget.in_use() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = &mut slow => panic!("the server responded before the body arrived"),
        () = received => {}
    }
    assert_eq!(server.anyone().get("/healthz").await.status, 200);
    assert!(budget.in_use() <= budget.total() / 8, "strangers' bodies use {} bytes", budget.in_use());
    for answer in slow.await {
        // too many from one address are refused at once, the others time out
        assert!(["408", "429"].contains(&status(&answer)), "{answer}");
    }
    released(&budget).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_with_millions_of_values_is_refused_while_it_is_parsed() {
    let world = World::empty().await;
    let nested = format!("{{\"variables\": {{\"a\": {}}}}}", zeros(KNOWN - 100));
    let many: Vec<String> = (0..300_000).map(|number| format!("\"{number}\":0")).collect();
    for body in [nested, format!("{{{}}}", many.join(","))] {
        assert!(body.len() <= KNOWN);
        let call = world.client.call(Method::POST, "widgets").raw("application/json", body);
        let answer = call.send().await;
        assert_eq!(answer.status, 400, "{answer}");
        assert!(answer.body["error"]["message"].as_str().unwrap().contains("too many values"), "{answer}");
    }
    released(&world.server.server.app.budget).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_large_bodies_of_one_tenant_do_not_block_another() {
    let world = World::on(TestServer::start_with(|config| config.memory = 16 * MIB).await).await;
    let other = world.server.account("other@example.com").await;
    let theirs = world.server.tenant(&other, "Second").await;
    let budget = world.server.server.app.budget.clone();
    // each stays in memory while the rest of it is missing
    let head = format!(
        "POST /api/v1/tenants/{0}/widgets HTTP/1.1\r\nx-tenant-id: {0}\r\nauthorization: Bearer {1}\r\n\
         content-type: application/json",
        world.tenant,
        world.owner.client.token.as_deref().unwrap(),
    );
    let sent = (0..20).map(|_| announce(&world.server, &head, KNOWN, MIB));
    let mut sent = std::pin::pin!(futures_util::future::join_all(sent));
    let full = async {
        while budget.in_use() < 7 * MIB {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        _ = &mut sent => panic!("the server responded before the bodies arrived"),
        () = full => {}
    }
    let variable = json!({"name": "region", "value": "x".repeat(100 << 10)});
    let created = theirs.post("variables", variable).await;
    assert!([201, 400].contains(&created.status.as_u16()), "{created}");
    let answers = sent.await;
    assert!(answers.iter().any(|answer| status(answer) == "429" && answer.contains("retry-after")), "{answers:?}");
    released(&budget).await;
}
