//! Webhooks in use: what they accept, what they pass to the run, and how they respond.
use super::{echo, hook, save};
use crate::support::{Client, TestServer, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Saves an echo workflow whose webhook has the fields of `change`. Returns the webhook's path.
async fn echoing(client: &Client, name: &str, change: Value) -> String {
    let mut trigger = json!({"type": "webhook", "answer": "finish"});
    trigger.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    hook(&save(client, echo(name, json!([trigger]))).await, 0)
}

#[tokio::test]
async fn a_call_is_answered_immediately_or_with_the_runs_output() {
    let world = World::empty().await;
    let anyone = world.server.anyone();
    let at_once = echoing(&world.client, "At once", json!({"answer": "immediately"})).await;
    let started = anyone.post(&at_once, json!({"a": 1})).await.expect(202);
    let run = started["instanceID"].as_str().unwrap();
    assert!(["PENDING", "RUNNING"].contains(&started["status"].as_str().unwrap()));
    let run = world.client.get(&format!("workflows/instances/{run}")).await.expect(200);
    assert_eq!((&run["trigger"], &run["startedBy"]), (&json!("webhook"), &json!("webhook")));
    assert_eq!(run["input"]["body"], json!({"a": 1}));

    let finish = echoing(&world.client, "Finish", json!({})).await;
    let answer = anyone.post(&format!("{finish}?page=2"), json!({"a": 1})).await;
    assert_eq!(answer.header("content-security-policy"), Some("sandbox"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let ended = answer.expect(200);
    assert_eq!(ended["status"], "COMPLETED");
    let given = &ended["output"];
    assert_eq!(
        (&given["method"], &given["path"], &given["query"]),
        (&json!("POST"), &json!("/hooks"), &json!({"page": "2"}))
    );
    assert!(
        !given.to_string().contains(finish.rsplit('/').next().unwrap()),
        "the run must not contain the token: {given}"
    );
}

#[tokio::test]
async fn bodies_of_every_kind_are_accepted() {
    let world = World::empty().await;
    let path = echoing(&world.client, "Bodies", json!({})).await;
    let anyone = world.server.anyone();
    let given = async |media: &str, body: &[u8]| {
        let call = anyone.call(Method::POST, &path).header("authorization", "Basic x").header("cookie", "a=b");
        call.raw(media, body).send().await.expect(200)["output"].clone()
    };
    assert_eq!(given("application/json", b"[1,\"x\"]").await["body"], json!([1, "x"]));
    assert_eq!(
        given("application/x-www-form-urlencoded", b"a=1&b=x+y&a=2").await["body"],
        json!({"a": ["1", "2"], "b": "x y"})
    );
    assert_eq!(given("text/plain", "grün".as_bytes()).await["body"], "grün");
    let binary = given("application/octet-stream", &[0, 255, 1]).await;
    assert_eq!((&binary["body"], &binary["bodyEncoding"]), (&json!("AP8B"), &json!("base64")));
    assert_eq!(given("application/json", b"").await["body"], Value::Null);
    let headers = &binary["headers"];
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert!(headers.get("authorization").is_none() && headers.get("cookie").is_none(), "{headers}");
    let bad = anyone.call(Method::POST, &path).raw("application/json", "{\"a\":").send().await;
    bad.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn declared_inputs_are_read_from_body_and_query_and_checked() {
    let world = World::empty().await;
    let mut body = echo("Inputs", json!([{"type": "webhook", "answer": "finish", "methods": ["ANY"]}]));
    body["inputs"] =
        json!([{"name": "n", "type": "number", "required": true}, {"name": "who", "type": "string", "default": "all"}]);
    let path = hook(&save(&world.client, body).await, 0);
    let anyone = world.server.anyone();
    let output =
        anyone.post(&format!("{path}?n=1&who=me"), json!({"n": 2, "more": true})).await.expect(200)["output"].clone();
    assert_eq!(output, json!({"n": 2, "who": "me"}));
    let output = anyone.get(&format!("{path}?n=5")).await.expect(200)["output"].clone();
    assert_eq!(output, json!({"n": 5, "who": "all"}));
    assert_eq!(anyone.get(&path).await.refused(400, "INVALID_REQUEST").path, "input.n");
    anyone.post(&path, json!([1])).await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn unknown_and_disabled_webhooks_look_the_same() {
    let world = World::empty().await;
    let anyone = world.server.anyone();
    let created =
        save(&world.client, echo("Hooked", json!([{"type": "webhook"}, {"type": "webhook", "enabled": false}]))).await;
    let (on, off) = (hook(&created, 0), hook(&created, 1));
    anyone.post(&on, json!({})).await.expect(202);
    let workflow = format!("workflows/{}", id(&created));
    let unknown = anyone.post(&format!("/hooks/{}", "A".repeat(43)), json!({})).await;
    for path in [off.as_str(), "/hooks/x", "/hooks/%F0%9F%98%80"] {
        let answer = anyone.post(path, json!({})).await;
        assert_eq!(answer.body["error"]["message"], unknown.body["error"]["message"], "{path}");
        answer.refused(404, "NOT_FOUND");
    }
    world.client.patch(&workflow, json!({"enabled": false})).await.expect(200);
    anyone.post(&on, json!({})).await.refused(404, "NOT_FOUND");
    world.client.patch(&workflow, json!({"enabled": true})).await.expect(200);
    anyone.post(&on, json!({})).await.expect(202);
    world.client.delete(&workflow).await.expect(204);
    anyone.post(&on, json!({})).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn only_the_configured_methods_are_accepted() {
    let world = World::empty().await;
    let anyone = world.server.anyone();
    let some = echoing(&world.client, "Some", json!({"methods": ["GET", "DELETE"]})).await;
    let any = echoing(&world.client, "Any", json!({"methods": ["ANY"]})).await;
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = anyone.call(method.clone(), &some).send().await;
        if [Method::GET, Method::DELETE].contains(&method) {
            assert_eq!(answer.expect(200)["output"]["method"], method.as_str());
        } else {
            answer.refused(405, "METHOD_NOT_ALLOWED");
        }
        anyone.call(method, &any).send().await.expect(200);
    }
    anyone.call(Method::HEAD, &any).send().await.expect(200);
    anyone.call(Method::from_bytes(b"PROPFIND").unwrap(), &any).send().await.refused(405, "METHOD_NOT_ALLOWED");
    let preflight = anyone.call(Method::OPTIONS, &any).header("origin", "https://x.example");
    let preflight = preflight.header("access-control-request-method", "POST").open().await;
    assert_eq!(preflight.headers()["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn large_bodies_and_headers_are_refused() {
    let world = World::empty().await;
    let path = echoing(&world.client, "Limits", json!({"answer": "immediately"})).await;
    let anyone = world.server.anyone();
    let send = |size: usize| anyone.call(Method::POST, &path).raw("text/plain", vec![b'x'; size]).send();
    send(1 << 20).await.expect(202);
    send((1 << 20) + 1).await.refused(413, "PAYLOAD_TOO_LARGE");
    let many =
        (0..5).fold(anyone.call(Method::POST, &path), |call, i| call.header(&format!("x-{i}"), &"v".repeat(8000)));
    many.send().await.refused(431, "INVALID_REQUEST");
}

#[tokio::test]
async fn a_failed_run_is_reported_without_its_error_message() {
    let world = World::empty().await;
    let mut body = echo("Failing", json!([{"type": "webhook", "answer": "finish"}]));
    body["nodes"][1] =
        json!({"id": "e", "type": "javascript", "name": "end", "config": {"code": "throw new Error('inside-7')"}});
    let path = hook(&save(&world.client, body).await, 0);
    let answer = world.server.anyone().post(&path, json!({})).await;
    assert!(!answer.text.contains("inside-7"), "{answer}");
    let run = answer.body["error"]["instanceID"].as_str().unwrap().to_owned();
    answer.refused(502, "RUN_FAILED");
    let run = world.client.get(&format!("workflows/instances/{run}")).await.expect(200);
    assert_eq!(run["status"], "FAILED");
}

#[tokio::test]
async fn a_long_run_continues_after_the_caller_times_out() {
    let server = TestServer::start_with(|config| config.hook_patience = Duration::from_millis(200)).await;
    let world = World::on(server).await;
    let mut body = echo("Slow", json!([{"type": "webhook", "answer": "finish"}]));
    body["nodes"]
        .as_array_mut()
        .unwrap()
        .push(json!({"id": "d", "type": "delay", "name": "wait", "config": {"for": "1h"}}));
    body["edges"] = json!([{"id": "1", "source": "s", "target": "d"}, {"id": "2", "source": "d", "target": "e"}]);
    let path = hook(&save(&world.client, body).await, 0);
    let answer = world.server.anyone().post(&path, json!({})).await;
    let run = format!("workflows/instances/{}", answer.body["error"]["instanceID"].as_str().unwrap());
    answer.refused(504, "TIMEOUT");
    assert_eq!(world.client.get(&run).await.expect(200)["status"], "WAITING");
    world.client.delete(&format!("{run}/stop")).await.expect(200);
}

/// Events omit long values. The caller learns of the end from an event when the run ends after its start is stored.
#[tokio::test]
async fn the_caller_gets_an_output_of_any_size_whenever_the_run_ends() {
    let world = World::empty().await;
    let anyone = world.server.anyone();
    for (delay, answer) in [(false, "finish"), (true, "finish"), (false, "respond"), (true, "respond")] {
        let mut body = echo(&format!("{answer} {delay}"), json!([{"type": "webhook", "answer": answer}]));
        if delay {
            let step = json!({"id": "d", "type": "delay", "name": "wait", "config": {"for": "300ms"}});
            body["nodes"].as_array_mut().unwrap().push(step);
            body["edges"] =
                json!([{"id": "1", "source": "s", "target": "d"}, {"id": "2", "source": "d", "target": "e"}]);
        }
        let path = hook(&save(&world.client, body).await, 0);
        for size in [1, 64 << 10, 512 << 10] {
            let sent = json!({"text": "x".repeat(size)});
            let ended = anyone.post(&path, sent.clone()).await.expect(200);
            assert_eq!(ended["status"], "COMPLETED");
            assert!(ended["output"]["body"] == sent, "{answer}, delay: {delay}, {size} bytes");
        }
    }
}

#[tokio::test]
async fn the_same_delivery_id_starts_one_run() {
    let world = World::empty().await;
    let path = echoing(&world.client, "Named", json!({"idempotencyHeader": "X-Delivery"})).await;
    let anyone = world.server.anyone();
    let send = async |name: &str, body: Value| {
        anyone.call(Method::POST, &path).header("x-delivery", name).json(&body).send().await
    };
    let first = send("1", json!({"n": 1})).await.expect(200);
    assert_eq!(send("1", json!({"n": 1})).await.expect(200), first);
    assert_eq!(send("1", json!({"n": 2})).await.expect(200), first, "the delivery ID alone identifies the call");
    assert_ne!(send("2", json!({"n": 1})).await.expect(200)["instanceID"], first["instanceID"]);
    assert_eq!(world.client.get("workflows/instances").await.expect(200)["total"], 2);
    send(&"x".repeat(201), json!({})).await.refused(400, "INVALID_REQUEST");
    // without a delivery ID, every call starts its own run
    anyone.post(&path, json!({})).await.expect(200);
    anyone.post(&path, json!({})).await.expect(200);
    assert_eq!(world.client.get("workflows/instances").await.expect(200)["total"], 4);
}

#[tokio::test]
async fn runs_belong_to_the_tenant_of_the_webhook() {
    let world = World::empty().await;
    let stranger = world.server.account("eve@example.com").await;
    let eve = world.server.tenant(&stranger, "Elsewhere").await;
    let (mine, hers) = (echoing(&world.client, "Hooked", json!({})).await, echoing(&eve, "Hooked", json!({})).await);
    world.server.anyone().post(&mine, json!({})).await.expect(200);
    assert_eq!(eve.get("workflows/instances").await.expect(200)["total"], 0);
    world.server.anyone().post(&hers, json!({})).await.expect(200);
    assert_eq!(world.client.get("workflows/instances").await.expect(200)["total"], 1);
    // the caller's own token and tenant have no effect here
    eve.post(&mine, json!({})).await.expect(200);
    assert_eq!(eve.get("workflows/instances").await.expect(200)["total"], 1);
}

#[tokio::test]
async fn a_respond_node_answers_and_the_run_continues() {
    let world = World::empty().await;
    let mut body = echo("Responding", json!([{"type": "webhook", "answer": "respond"}]));
    let headers = json!({"Content-Type": "text/html", "X-Who": "{{ input.body.who }}"});
    let respond = json!({"status": 201, "headers": headers, "body": "<b>{{ input.body.who }}</b>"});
    body["nodes"].as_array_mut().unwrap().extend([
        json!({"id": "r", "type": "respond", "name": "answer", "config": respond}),
        json!({"id": "d", "type": "delay", "name": "wait", "config": {"for": "1h"}}),
    ]);
    body["edges"] = json!([
        {"id": "1", "source": "s", "target": "r"},
        {"id": "2", "source": "r", "target": "d"},
        {"id": "3", "source": "d", "target": "e"},
    ]);
    let created = save(&world.client, body).await;
    assert_eq!(created["problems"], json!([]));
    let answer = world.server.anyone().post(&hook(&created, 0), json!({"who": "me"})).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (201, "<b>me</b>"));
    assert_eq!((answer.header("content-type"), answer.header("x-who")), (Some("text/html"), Some("me")));
    assert_eq!(answer.header("content-security-policy"), Some("sandbox"));
    let run = &world.client.get("workflows/instances").await.expect(200)["items"][0];
    assert_ne!(run["status"], "COMPLETED");
    world.client.delete(&format!("workflows/instances/{}/stop", run["id"].as_str().unwrap())).await.expect(200);
}
