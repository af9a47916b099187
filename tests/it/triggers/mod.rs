//! Triggers: saved with the workflow, shown to members with permission, and separate between tenants.
mod schedules;
mod senders;
pub mod signatures;
mod webhooks;

use crate::support::{Client, World, client::id, stored};
use reqwest::Method;
use serde_json::{Value, json};

/// Returns a workflow whose runs output their input.
pub fn echo(name: &str, triggers: Value) -> Value {
    json!({
        "name": name,
        "nodes": [
            {"id": "s", "type": "start", "name": "start"},
            {"id": "e", "type": "end", "name": "end", "config": {"output": "{{ input }}"}},
        ],
        "edges": [{"id": "1", "source": "s", "target": "e"}],
        "triggers": triggers,
        "enabled": true,
    })
}

/// Saves a workflow and returns it.
pub async fn save(client: &Client, body: Value) -> Value {
    client.post("workflows", body).await.expect(201)
}

/// Returns the path of the webhook that is trigger number `i` of a workflow.
pub fn hook(workflow: &Value, i: usize) -> String {
    workflow["triggerStates"][i]["path"].as_str().unwrap_or_else(|| panic!("no path in {workflow}")).to_owned()
}

fn webhook() -> Value {
    json!({"type": "webhook"})
}

#[tokio::test]
async fn a_trigger_keeps_its_id_and_its_url_until_it_is_rotated() {
    let world = World::empty().await;
    let created = save(&world.client, echo("Hooked", json!([webhook()]))).await;
    assert_eq!(created["problems"], json!([]));
    let path = format!("workflows/{}", id(&created));
    let trigger = &created["triggers"][0];
    assert!(trigger["id"].as_str().is_some_and(|id| !id.is_empty()));
    assert_eq!((&trigger["methods"], &trigger["answer"]), (&json!(["POST"]), &json!("immediately")));
    let first = hook(&created, 0);
    assert_eq!(first.len(), "/hooks/".len() + 43);

    let mut changed = trigger.clone();
    changed["methods"] = json!(["PUT"]);
    let updated = world.client.patch(&path, json!({"triggers": [webhook(), changed]})).await.expect(200);
    assert_eq!(hook(&updated, 1), first, "triggers are matched by ID, not by position");
    assert_ne!(hook(&updated, 0), first);

    let rotate = format!("{path}/triggers/{}/rotate", trigger["id"].as_str().unwrap());
    let state = world.client.post(&rotate, json!({})).await.expect(200);
    let second = state["path"].as_str().unwrap();
    assert_ne!(second, first);
    let anyone = world.server.anyone();
    let put = async |path: &str| anyone.call(Method::PUT, path).send().await;
    put(&first).await.refused(404, "NOT_FOUND");
    put(second).await.expect(202);
    let shown = world.client.get(&path).await.expect(200);
    assert_eq!(hook(&shown, 1), second);
    let audit = world.client.get("audit-logs?action=workflow.rotate").await.expect(200);
    assert_eq!(audit["total"], 1);

    // nobody can choose a URL
    let mut claimed = webhook();
    claimed["token"] = json!("A".repeat(43));
    let refused = world.client.patch(&path, json!({"triggers": [claimed]})).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "triggers[0].token");
    world.client.patch(&path, json!({"triggerStates": []})).await.refused(400, "INVALID_REQUEST");
    // removing the trigger removes its URL
    world.client.patch(&path, json!({"triggers": []})).await.expect(200);
    put(second).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_url_is_shown_only_with_execute_permission_and_a_secret_never() {
    let mut world = World::empty().await;
    world.role("Writer", &["workflow:read", "workflow:list", "workflow:update", "workflow:clone"]).await;
    let signed = json!({"type": "webhook", "id": "in", "signature": {"header": "X-Sig", "secret": "pl4nted-Zq7"}});
    let created = save(&world.client, echo("Signed", json!([signed]))).await;
    let path = format!("workflows/{}", id(&created));
    let token = created["triggerStates"][0]["token"].as_str().unwrap().to_owned();
    assert_eq!(created["triggerStates"][0]["secretSet"], true);
    let (_, operator) = world.member("op@example.com", "Operator").await;
    assert_eq!(hook(&operator.get(&path).await.expect(200), 0), format!("/hooks/{token}"));

    let (_, viewer) = world.member("see@example.com", "Viewer").await;
    let (_, writer) = world.member("write@example.com", "Writer").await;
    let rotated = writer.post(&format!("{path}/triggers/in/rotate"), json!({})).await;
    assert_eq!(rotated.body["token"], Value::Null);
    for client in [&viewer, &writer] {
        for answer in
            [client.get(&path).await, client.get("workflows").await, client.get(&format!("{path}/versions/1")).await]
        {
            assert!(answer.status.is_success() && !answer.text.contains(&token), "{answer}");
        }
    }
    // the API never returns a sealed value, to any caller
    let renamed = world.client.patch(&path, json!({"name": "Renamed"})).await;
    let cloned = world.client.post(&format!("{path}/clone"), json!({})).await;
    for answer in [
        renamed,
        cloned,
        world.client.get(&path).await,
        world.client.get("workflows").await,
        world.client.get(&format!("{path}/versions/1")).await,
        world.client.get("audit-logs").await,
    ] {
        assert!(answer.status.is_success(), "{answer}");
        assert!(!answer.text.contains("pl4nted") && !answer.text.contains("sealed"), "{answer}");
    }
    let stolen = json!({"type": "webhook", "signature": {"header": "a", "sealed": "x"}});
    world.client.patch(&path, json!({"triggers": [stolen]})).await.refused(400, "INVALID_REQUEST");
    assert!(!stored::contains(&world.server.data_dir(), "pl4nted"), "the secret must be encrypted at rest");
}

#[tokio::test]
async fn a_copy_is_disabled_and_has_its_own_url() {
    let world = World::empty().await;
    let signed = json!({"type": "webhook", "signature": {"header": "X-Sig", "secret": "the key"}});
    let every = json!({"type": "schedule", "cron": "0 0 1 1 *"});
    let created = save(&world.client, echo("Original", json!([signed, every]))).await;
    assert!(created["triggerStates"][1]["nextAt"].is_string());
    let path = format!("workflows/{}", id(&created));
    let copy = world.client.post(&format!("{path}/clone"), json!({})).await.expect(201);
    assert_eq!((&copy["enabled"], &copy["triggerStates"][1]["nextAt"]), (&json!(false), &Value::Null));
    assert_ne!(hook(&copy, 0), hook(&created, 0));
    assert_eq!(copy["triggerStates"][0]["secretSet"], true);
    let anyone = world.server.anyone();
    anyone.post(&hook(&copy, 0), json!({})).await.refused(404, "NOT_FOUND");
    let on = world.client.patch(&format!("workflows/{}", id(&copy)), json!({"enabled": true})).await.expect(200);
    anyone.post(&hook(&on, 0), json!({})).await.refused(401, "INVALID_SIGNATURE");
    let signature = signatures::hmac("the key", b"{}");
    let call = anyone.call(Method::POST, &hook(&on, 0)).header("x-sig", &signature);
    call.raw("application/json", "{}").send().await.expect(202);
}

#[tokio::test]
async fn an_invalid_trigger_is_reported_and_prevents_enabling() {
    let world = World::empty().await;
    let triggers = json!([
        {"type": "schedule", "cron": "61 * * * *"},
        {"type": "schedule", "cron": "0 9 * * *", "timezone": "Mars/Olympus"},
        {"type": "schedule", "cron": "0 0 31 2 *"},
        {"type": "webhook", "methods": ["BREW"]},
        {"type": "webhook", "methods": []},
        {"type": "webhook", "signature": {"header": "not a header"}, "answer": "respond"},
    ]);
    let mut body = echo("Broken", triggers);
    world.client.post("workflows", body.clone()).await.refused(400, "INVALID_REQUEST");
    body["enabled"] = json!(false);
    let saved = save(&world.client, body).await;
    let paths: Vec<_> = saved["problems"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    let expected = [
        "triggers[0].cron",
        "triggers[1].timezone",
        "triggers[2].cron",
        "triggers[3].methods[0]",
        "triggers[4].methods",
        "triggers[5].signature.secret",
        "triggers[5].signature.header",
        "triggers[5].answer",
    ];
    assert_eq!(paths, expected, "{saved}");
    let path = format!("workflows/{}", id(&saved));
    let refused = world.client.patch(&path, json!({"enabled": true})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "triggers[0].cron");
    // it can still be run manually
    world.client.post(&format!("{path}/execute?wait=30"), json!({})).await.expect(200);

    let twice = json!([{"type": "webhook", "id": "a"}, {"type": "webhook", "id": "a"}]);
    let many: Vec<_> = (0..21).map(|_| webhook()).collect();
    for (wrong, at) in [
        (twice, "triggers[1].id"),
        (many.into(), "triggers"),
        (json!([{"type": "schedule"}]), "triggers[0].cron"),
        (json!([{"type": "webhook", "colour": 1}]), "triggers[0].colour"),
        (json!([{"type": "webhook", "id": "a b"}]), "triggers[0].id"),
        (json!([{"type": "schedule", "cron": "*".repeat(201)}]), "triggers[0].cron"),
        (json!([{"type": "pigeon"}]), "triggers[0].type"),
        (
            json!([{"type": "webhook", "signature": {"header": "a", "toleranceSeconds": 3601}}]),
            "triggers[0].signature.toleranceSeconds",
        ),
    ] {
        let refused = world.client.patch(&path, json!({"triggers": wrong})).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, at, "{}", refused.message);
    }
}

#[tokio::test]
async fn a_cron_expression_is_previewed_before_saving() {
    let world = World::empty().await;
    let body = json!({"cron": "30 9 * * 1-5", "timezone": "Europe/Berlin"});
    let shown = world.client.post("workflows/cron-preview", body).await.expect(200);
    assert_eq!(shown["times"].as_array().unwrap().len(), 5);
    assert!(shown["description"].as_str().is_some_and(|text| !text.is_empty()), "{shown}");
    let refused = world.client.post("workflows/cron-preview", json!({"cron": "soon"})).await;
    assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "cron");
    let body = json!({"cron": "* * * * *", "timezone": "nowhere"});
    let refused = world.client.post("workflows/cron-preview", body).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "timezone");
    let never = world.client.post("workflows/cron-preview", json!({"cron": "0 0 30 2 *"})).await.expect(200);
    assert_eq!(never["times"], json!([]));
}
