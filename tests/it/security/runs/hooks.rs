//! Webhook requests from strangers are limited before their body is read, and use little memory.
use super::{edges, node, start, until_shown};
use crate::support::{Client, TestServer, World, process};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

async fn webhook_path(client: &Client, answer: &str, inputs: Value) -> String {
    let body = json!({
        "name": "Hooked", "enabled": true, "triggers": [{"type": "webhook", "answer": answer}], "inputs": inputs,
        "nodes": [start(), node("end", "end", json!({"output": "{{ 1 }}"}))], "edges": edges(&["start>end"]),
    });
    let created = client.post("workflows", body).await.expect(201);
    created["triggerStates"][0]["path"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_webhook_call_is_refused_before_its_body_is_read_when_memory_is_short() {
    let world = World::on(TestServer::start_with(|config| config.memory = 16 << 20).await).await;
    let hook = webhook_path(&world.client, "immediately", json!([])).await;
    let head = format!(
        "POST {hook} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 400000\r\n\r\n"
    );
    let address = world.server.url.strip_prefix("http://").unwrap().to_owned();
    let open = async || {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let first = open().await;
    // the first request has reserved its memory once others are refused
    let refused = loop {
        let mut other = open().await;
        let mut answer = vec![0; 4096];
        let read = tokio::time::timeout(std::time::Duration::from_millis(500), other.read(&mut answer)).await;
        if let Ok(Ok(read)) = read {
            break String::from_utf8_lossy(&answer[..read]).to_lowercase();
        }
    };
    assert!(refused.starts_with("http/1.1 429") && refused.contains("retry-after:"), "{refused}");
    drop(first);
    // small calls are not refused, and large ones are accepted again
    let anyone = world.server.anyone();
    anyone.post(&hook, json!({"a": 1})).await.expect(202);
    loop {
        let answer = anyone.post(&hook, json!("x".repeat(300_000))).await;
        match answer.status.as_u16() {
            202 => break,
            other => assert_eq!(other, 429, "{answer}"),
        }
    }
}

#[tokio::test]
async fn a_body_that_a_run_could_not_parse_is_refused() {
    let world = World::empty().await;
    let free = webhook_path(&world.client, "immediately", json!([])).await;
    let anyone = world.server.anyone();
    let send = async |body: &str| anyone.call(Method::POST, &free).raw("application/json", body).send().await;
    let deep = "[".repeat(120) + &"]".repeat(120);
    for bad in ["{", "[1,]", "1e999", &deep, "{} {}", "\u{fffd}"] {
        send(bad).await.refused(400, "INVALID_REQUEST");
    }
    anyone
        .call(Method::POST, &free)
        .raw("application/json", b"\"\xff\"".as_slice())
        .send()
        .await
        .refused(400, "INVALID_REQUEST");
    for good in ["\"half a character: \\ud800\"", " [1, 2.50, \"\\u00e9\"] ", "null", "{\"a\": 1, \"a\": 2}"] {
        send(good).await.expect(202);
    }
    let list = until_shown(&world.client, "workflows/instances?status=COMPLETED", |list| list["total"] == 4).await;
    let newest = list["items"][0]["id"].as_str().unwrap();
    let run = world.client.get(&format!("workflows/instances/{newest}")).await.expect(200);
    assert_eq!((&run["input"]["body"], &run["input"]["method"]), (&json!({"a": 2}), &json!("POST")));
    let declared = json!([{"name": "n", "type": "number"}, {"name": "list", "type": "array"}]);
    let body = json!({"name": "Strict", "inputs": declared, "enabled": true, "triggers": [{"type": "webhook", "answer": "finish"}],
        "nodes": [start(), node("end", "end", json!({"output": "{{ input }}"}))], "edges": edges(&["start>end"])});
    let created = world.client.post("workflows", body).await.expect(201);
    let strict = created["triggerStates"][0]["path"].as_str().unwrap();
    let answer = anyone.post(&format!("{strict}?n=3"), json!({"list": [1, {"a": []}], "other": 1})).await.expect(200);
    assert_eq!(answer["output"], json!({"n": 3, "list": [1, {"a": []}]}));
    anyone.post(strict, json!([1])).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn a_large_webhook_response_is_complete() {
    let world = World::empty().await;
    for (answer, last) in [
        ("respond", node("last", "respond", json!({"body": "{{ 'x'.repeat(200000) }}"}))),
        ("finish", node("last", "end", json!({"output": "{{ 'x'.repeat(200000) }}"}))),
    ] {
        let body = json!({
            "name": answer, "enabled": true, "triggers": [{"type": "webhook", "answer": answer}],
            "nodes": [start(), last], "edges": edges(&["start>last"]),
        });
        let created = world.client.post("workflows", body).await.expect(201);
        let answer = world.server.anyone().post(created["triggerStates"][0]["path"].as_str().unwrap(), json!({})).await;
        assert!(answer.status.is_success() && answer.text.contains(&"x".repeat(200_000)), "{}", answer.text.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_large_webhook_calls_use_little_memory_and_no_accepted_call_is_lost() {
    let (_dir, root) = process::data_dir();
    let (process, client) = process::Process::with_owner(&root).await;
    let hook = webhook_path(&client, "immediately", json!([])).await;
    process.client().post(&hook, json!({"a": 1})).await.expect(202);
    process.reset_peak();
    let idle = process.peak();
    // some values use 36 times the memory of their text
    let body: Vec<u8> = [b"[12".to_vec(), b",12".repeat(333_000), b"]".to_vec()].concat();
    let calls =
        (0..200).map(|_| process.client().call(Method::POST, &hook).raw("application/json", body.clone()).try_send());
    let answers = futures_util::future::join_all(calls).await;
    let (mut accepted, mut refused) = (0, 0);
    for answer in answers.into_iter().flatten() {
        match answer.status.as_u16() {
            202 => accepted += 1,
            429 => {
                assert!(answer.header("retry-after").is_some(), "{answer}");
                refused += 1;
            }
            other => panic!("{other}: {answer}"),
        }
    }
    assert!(accepted > 0 && refused > 0, "{accepted} calls were accepted, {refused} refused");
    let ended =
        until_shown(&client, "workflows/instances?status=COMPLETED", |list| list["total"] == accepted + 1).await;
    assert_eq!(ended["total"], accepted + 1, "every accepted call must have one run");
    let grown = process.grown(idle) >> 10;
    assert!(grown < 250, "{grown} MiB for {accepted} runs");
}
