//! Variables: valid values, who can see them, and that secret ones never appear in what a run stores or logs.
use crate::support::{
    Client, Stored, World,
    client::id,
    process,
    recorder::{Recorder, Seen},
};
use axum::{http::StatusCode, response::IntoResponse};
use serde_json::{Value, json};

const PLANTED: &str = "pl4nted v4riable/Zq7";

async fn make(client: &Client, name: &str, value: Value, secret: bool) -> Value {
    client.post("variables", json!({"name": name, "value": value, "secret": secret})).await.expect(201)
}

#[tokio::test]
async fn a_variable_can_be_created_listed_and_changed() {
    let world = World::empty().await;
    let created = make(&world.client, "limits", json!({"a": [1, null], "b": "x"}), false).await;
    assert_eq!((&created["value"], &created["secret"]), (&json!({"a": [1, null], "b": "x"}), &json!(false)));
    let path = format!("variables/{}", id(&created));
    let changed =
        world.client.patch(&path, json!({"value": {"b": null, "c": 2}, "description": "Bounds"})).await.expect(200);
    assert_eq!(changed["value"], json!({"b": null, "c": 2}));
    let listed = world.client.get("variables?q=bounds").await.expect(200);
    assert_eq!((&listed["total"], &listed["items"][0]["value"]["c"]), (&json!(1), &json!(2)));
    for (body, field) in [
        (json!({"name": "not a name"}), "name"),
        (json!({"name": "9a"}), "name"),
        (json!({"name": "a", "value": "x".repeat(65536)}), "value"),
        (json!({"name": "a", "value": "abc", "secret": true}), "value"),
        (json!({"name": "a", "value": 12345, "secret": true}), "value"),
        (json!({"name": "a", "sealed": "x"}), "sealed"),
        (json!({"name": "a", "colour": 1}), "colour"),
    ] {
        assert_eq!(
            world.client.post("variables", body.clone()).await.refused(400, "INVALID_REQUEST").path,
            field,
            "{body}"
        );
    }
    world.client.post("variables", json!({"name": "limits"})).await.refused(409, "CONFLICT");
    assert_eq!(world.client.patch(&path, json!({"name": "a-b"})).await.refused(400, "INVALID_REQUEST").path, "name");
}

#[tokio::test]
async fn a_secret_can_be_set_but_is_never_shown() {
    let world = World::empty().await;
    let answer = world.client.post("variables", json!({"name": "token", "value": PLANTED, "secret": true})).await;
    assert!(!answer.text.contains(PLANTED));
    let created = answer.expect(201);
    assert_eq!((&created["value"], &created["secret"], created.get("sealed")), (&Value::Null, &json!(true), None));
    let path = format!("variables/{}", id(&created));
    let renamed = world.client.patch(&path, json!({"description": "Theirs"})).await.expect(200);
    assert_eq!(renamed["description"], "Theirs");
    for shown in ["", "/versions", "/versions/1", "/versions/2"] {
        let text = world.client.get(&format!("{path}{shown}")).await.text;
        assert!(!text.contains(PLANTED) && !text.contains("sealed"), "{shown}: {text}");
    }
    assert_eq!(
        world.client.patch(&path, json!({"secret": false})).await.refused(400, "INVALID_REQUEST").path,
        "secret"
    );
    assert_eq!(world.client.patch(&path, json!({"value": null})).await.refused(400, "INVALID_REQUEST").path, "value");
    let open = make(&world.client, "open", json!("plain"), false).await;
    let open = format!("variables/{}", id(&open));
    assert_eq!(world.client.patch(&open, json!({"secret": true})).await.refused(400, "INVALID_REQUEST").path, "secret");
    assert_eq!(evaluate(&world.client, "vars.token == input.it", json!(PLANTED)).await["output"], true);
    world.client.patch(&path, json!({"value": "another one"})).await.expect(200);
    assert_eq!(evaluate(&world.client, "vars.token == input.it", json!("another one")).await["output"], true);
}

/// Runs a graph that outputs the value of `expression`.
async fn evaluate(client: &Client, expression: &str, it: Value) -> Value {
    let nodes = json!([
        {"id": "s", "type": "start", "name": "start"},
        {"id": "e", "type": "end", "name": "end", "config": {"output": format!("{{{{ {expression} }}}}")}},
    ]);
    let body = json!({"nodes": nodes, "edges": [{"id": "1", "source": "s", "target": "e"}], "input": {"it": it}});
    client.post("workflows/test?wait=60", body).await.expect(200)
}

#[tokio::test]
async fn expressions_can_use_only_the_tenants_own_variables() {
    let world = World::empty().await;
    let created = make(&world.client, "limit", json!({"max": 40}), false).await;
    assert_eq!(evaluate(&world.client, "vars.limit.max", Value::Null).await["output"], 40);
    assert_eq!(evaluate(&world.client, "vars['limit'].max + 2", Value::Null).await["output"], 42);
    assert_eq!(evaluate(&world.client, "vars.nothing", Value::Null).await["output"], Value::Null);
    let stranger = world.server.account("eve@example.com").await;
    let eve = world.server.tenant(&stranger, "Elsewhere").await;
    assert_eq!(evaluate(&eve, "Object.keys(vars).length", Value::Null).await["output"], 0);
    eve.get(&format!("variables/{}", id(&created))).await.refused(404, "NOT_FOUND");
    world.client.patch(&format!("variables/{}", id(&created)), json!({"value": {"max": 41}})).await.expect(200);
    assert_eq!(evaluate(&world.client, "vars.limit.max", Value::Null).await["output"], 41);
    world.client.delete(&format!("variables/{}", id(&created))).await.expect(204);
    assert_eq!(evaluate(&world.client, "vars.limit", Value::Null).await["output"], Value::Null);
}

#[tokio::test]
async fn a_secret_that_cannot_be_decrypted_fails_only_the_steps_that_use_it() {
    let world = World::empty().await;
    make(&world.client, "plain", json!("hello"), false).await;
    make(&world.client, "whole", json!("another secret"), true).await;
    let broken = make(&world.client, "mailgun", json!(PLANTED), true).await;
    // as after restoring a backup without its key
    let workspace = Stored::workspace(&world.server.data_dir());
    let sealed = |name: &str| -> Value {
        let spec = workspace.column(&format!("select spec from objects where name = '{name}'"));
        serde_json::from_str::<Value>(&spec[0]).unwrap()["sealed"].take()
    };
    let (from, to) = (sealed("mailgun"), sealed("whole"));
    let sql = format!("update objects set spec = replace(spec, '{from}', '{to}') where id = '{}'", id(&broken));
    assert_eq!(workspace.execute(&sql), 1);

    assert_eq!(evaluate(&world.client, "vars.plain", Value::Null).await["output"], "hello");
    assert_eq!(evaluate(&world.client, "vars.whole.length", Value::Null).await["output"], 14);
    for expression in ["vars.mailgun", "vars['mailgun'] + ''", "Object.keys(vars)"] {
        let failed = evaluate(&world.client, expression, Value::Null).await;
        assert_eq!(failed["status"], "FAILED", "{expression}: {failed}");
        let message = failed["error"]["message"].as_str().unwrap();
        assert!(message.contains("`mailgun`"), "{expression}: {message}");
    }
    // after it is entered again, it can be decrypted
    world.client.patch(&format!("variables/{}", id(&broken)), json!({"value": "entered again"})).await.expect(200);
    assert_eq!(evaluate(&world.client, "vars.mailgun", Value::Null).await["output"], "entered again");
}

#[tokio::test]
async fn a_workflow_does_not_reveal_variables_to_members_who_cannot_read_them() {
    let mut world = World::empty().await;
    make(&world.client, "token", json!(PLANTED), true).await;
    let nodes = json!([
        {"id": "s", "type": "start", "name": "start"},
        {"id": "e", "type": "end", "name": "end", "config": {"output": "{{ vars.token }}"}},
    ]);
    let graph = json!({"nodes": nodes, "edges": [{"id": "1", "source": "s", "target": "e"}]});
    let (_, operator) = world.member("operator@example.com", "Operator").await;
    operator.post("workflows/test", graph.clone()).await.refused(403, "PERMISSION_DENIED");
    let permissions = ["workflow:create", "workflow:read", "workflow:update", "workflow:execute"];
    world.role("Author", &permissions).await;
    let (_, author) = world.member("author@example.com", "Author").await;
    author.post("workflows/test", graph.clone()).await.refused(403, "PERMISSION_DENIED");
    let mut workflow = graph.clone();
    workflow["name"] = json!("Tells it");
    author.post("workflows", workflow.clone()).await.refused(403, "PERMISSION_DENIED");
    // runs have the permissions of the workflow's author
    let saved = world.client.post("workflows", workflow).await.expect(201);
    author
        .patch(&format!("workflows/{}", id(&saved)), json!({"description": "x"}))
        .await
        .refused(403, "PERMISSION_DENIED");
    operator.post(&format!("workflows/{}/execute?wait=60", id(&saved)), json!({})).await.expect(200);
    // a name that the expression builds finds nothing, because the workflow mentions no variable
    let hidden = r"globalThis['va' + 'rs'] || \u0076ars";
    assert_eq!(evaluate(&author, &format!("JSON.stringify({hidden})"), Value::Null).await["output"], "{}");
}

#[tokio::test]
async fn the_number_and_total_size_of_variables_are_limited() {
    let world = World::empty().await;
    let large = "x".repeat(65_000);
    for i in 0..16 {
        make(&world.client, &format!("large{i}"), json!(large), false).await;
    }
    let refused = world.client.post("variables", json!({"name": "one_more", "value": large})).await;
    let refused = refused.refused(400, "INVALID_REQUEST");
    assert!(refused.path == "value" && refused.message.contains("together"), "{}", refused.message);
    let scope = jet_admin::model::Scope::system(world.tenant);
    let fill = move |tx: &jet_admin::store::Tx<'_>| {
        for i in 16..1000 {
            let label = jet_admin::model::Label::new(&format!("v{i}"), "")?;
            tx.insert(&scope, uuid::Uuid::now_v7(), label, jet_admin::model::Variable::default())?;
        }
        Ok(())
    };
    world.server.server.app.store.write(fill).await.unwrap();
    let refused = world.client.post("variables", json!({"name": "too_many"})).await.refused(409, "CONFLICT");
    assert!(refused.message.contains("at most 1000 variables"), "{}", refused.message);
    let one = world.client.get("variables?limit=1").await.expect(200)["items"][0].clone();
    world.client.delete(&format!("variables/{}", id(&one))).await.expect(204);
    make(&world.client, "fits_again", Value::Null, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_variable_appears_in_nothing_that_a_run_stores_or_logs() {
    let (_dir, root) = process::data_dir();
    let server = process::Process::start(&root, &["--log-level", "debug", "--allow-private-network"]);
    let account = json!({"email": "owner@example.com", "password": "correct horse", "name": "Owner"});
    let session = server.client().post("/api/v1/session/sign-up", account).await.body;
    let someone = server.client().with_token(session["idToken"].as_str().unwrap());
    let tenant = someone.post("/api/v1/tenants", json!({"name": "First"})).await.expect(201);
    let client = someone.in_tenant(id(&tenant));
    make(&client, "token", json!(PLANTED), true).await;
    let recorder = Recorder::start(|seen: &Seen| {
        let echo = format!("who is {} at {}?{:?}", seen.header("x-plain"), seen.path, seen.query);
        (if seen.path == "/ok" { StatusCode::OK } else { StatusCode::UNAUTHORIZED }, "x".repeat(480) + &echo)
            .into_response()
    })
    .await;
    let ask = |name: &str, url: String| {
        let config = json!({
            "method": "POST", "url": url, "query": {"q": "{{ vars.token }}"}, "headers": {"X-Plain": "as {{ vars.token }}"},
            "auth": {"type": "basic", "username": "x", "password": "{{ vars.token }}"}, "body": ["{{ vars.token }}"],
        });
        json!({"id": name, "type": "httpRequest", "name": name, "config": config, "settings": {"onError": "continue"}})
    };
    let script = "console.log('it is', vars.token); throw new Error('x'.repeat(985) + vars.token)";
    let nodes = json!([
        {"id": "s", "type": "start", "name": "start"},
        // successful responses are data and are not redacted, so this step stores only the length
        {"id": "silent", "type": "set", "name": "silent", "config": {"values": {"long": "{{ vars.token.length }}"}}},
        ask("bad", format!("{}/no/{{{{ vars.token }}}}", recorder.url())),
        ask("closed", "http://127.0.0.1:1/{{ vars.token }}".to_owned()),
        {"id": "js", "type": "javascript", "name": "js", "config": {"code": script}, "settings": {"onError": "continue"}},
        {"id": "when", "type": "switch", "name": "when", "config": {"value": "{{ vars.token }}", "cases": [{"id": "a", "equals": "{{ vars.token }}"}]}},
        {"id": "hook", "type": "notify", "name": "hook", "config": {"url": format!("{}/{{{{ vars.token }}}}", recorder.url()), "text": "{{ vars.token }}"}, "settings": {"onError": "continue"}},
        {"id": "e", "type": "end", "name": "end", "config": {"output": "done"}},
    ]);
    let connections =
        [("s", "silent"), ("silent", "bad"), ("bad", "closed"), ("closed", "js"), ("js", "when"), ("hook", "e")];
    let mut edges: Vec<_> =
        connections.iter().map(|(a, b)| json!({"id": format!("{a}{b}"), "source": a, "target": b})).collect();
    edges.push(json!({"id": "w", "source": "when", "sourceHandle": "a", "target": "hook"}));
    let created =
        client.post("workflows", json!({"name": "Uses it", "nodes": nodes, "edges": edges})).await.expect(201);
    let response = client.post(&format!("workflows/{}/execute?wait=60", id(&created)), json!({})).await;
    check(&response.text, "the run");
    let run = response.expect(200);
    assert_eq!((&run["status"], &run["output"]), (&json!("COMPLETED"), &json!("done")), "{run}");
    assert!(recorder.take().iter().any(|seen| seen.header("x-plain").contains(PLANTED)), "the secret was never sent");
    let shown = run.to_string();
    assert!(shown.matches("•••").count() >= 8, "{shown}");
    let instance = format!("workflows/instances/{}", run["id"].as_str().unwrap());
    for path in ["variables", "audit-logs", &instance, &format!("{instance}/events"), "workflows/instances"] {
        check(&client.get(path).await.text, path);
    }
    check(&server.log(), "the log");
    for file in ["jet-admin.db", "jet-admin.db-wal", "runs.db", "runs.db-wal"] {
        let bytes = std::fs::read(root.join(file)).unwrap_or_default();
        check(&String::from_utf8_lossy(&bytes), file);
    }
}

/// Searches for the secret in every encoding that the run could have written, and for a truncated form.
#[track_caller]
fn check(text: &str, place: &str) {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let basic = STANDARD.encode(format!("x:{PLANTED}"));
    for form in [PLANTED, &basic, "pl4nted%20v4riable", "pl4nted+v4riable", "pl4nted v4"] {
        assert!(!text.contains(form), "{place} contains the secret as {form}");
    }
}
