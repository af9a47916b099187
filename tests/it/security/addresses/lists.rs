//! Credentials in lists of names and values are treated as secrets.
use super::{make, upstream, world};
use crate::support::stored;
use jet_admin::connect::{self, Connector};
use serde_json::{Value, json};

const PLANTED: &str = "pl4nted-l1st-s3cret";

/// A datasource of each type with such lists, with credentials in them.
fn bodies(url: &str) -> Vec<Value> {
    let headers = json!([
        {"name": "Authorization", "value": format!("Bearer {PLANTED}")}, {"name": "Accept", "value": "application/json"},
        {"name": "X-Plain", "value": format!("marked-{PLANTED}"), "secret": true},
        {"name": "cookie", "value": format!("c={PLANTED}")}, {"name": "X-Customer-Password", "value": PLANTED},
    ]);
    let params = json!([{"name": "api_key", "value": PLANTED}, {"name": "page", "value": "1"}]);
    vec![
        json!({"name": "rest", "type": "restapi", "options": {"baseUrl": url, "headers": headers, "queryParams": params}}),
        json!({"name": "graph", "type": "graphql", "options": {"endpoint": url, "headers": headers}}),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_in_headers_and_query_parameters_are_never_shown() {
    let (server, client) = world().await;
    let upstream = upstream().await;
    for body in bodies(&upstream.url()) {
        let created = client.post("datasources", body.clone()).await;
        let id = created.body["id"].as_str().unwrap().to_owned();
        assert_eq!(
            created.body["options"]["headers"][0],
            json!({"name": "Authorization", "secret": true}),
            "{created}"
        );
        assert_eq!(created.body["options"]["headers"][1], body["options"]["headers"][1]);
        let secrets = created.body["secrets"].as_array().unwrap();
        assert!(
            secrets.contains(&json!("headers/0/value")) && !secrets.contains(&json!("headers/1/value")),
            "{created}"
        );
        let copy = client.post(&format!("datasources/{id}/clone"), json!({})).await;
        let copied = copy.body["id"].as_str().unwrap().to_owned();
        let mut shown = created.text.clone() + &copy.text;
        for path in ["", "/versions", "/versions/1"] {
            for id in [&id, &copied] {
                shown += &client.get(&format!("datasources/{id}{path}")).await.text;
            }
        }
        shown += &client.get("datasources?limit=200").await.text;
        shown += &client.get("audit-logs?limit=200").await.text;
        assert!(!shown.contains(PLANTED), "{shown}");
        for id in [&id, &copied] {
            client.post(&format!("datasources/{id}/test"), json!({})).await.expect(200);
            let seen = &upstream.take()[0];
            assert_eq!(seen.header("authorization"), format!("Bearer {PLANTED}"));
            assert_eq!(seen.header("x-plain"), format!("marked-{PLANTED}"));
            assert_eq!(seen.header("x-customer-password"), PLANTED);
        }
    }
    assert!(!stored::contains(&server.data_dir(), PLANTED));
}

#[tokio::test(flavor = "multi_thread")]
async fn sending_a_list_back_as_shown_keeps_its_secrets() {
    let (_server, client) = world().await;
    let upstream = upstream().await;
    let id = make(&client, "datasources", bodies(&upstream.url()).remove(0)).await;
    let path = format!("datasources/{id}");
    let mut shown = client.get(&path).await.expect(200)["options"]["headers"].clone();
    // in another order, with one entry added and one removed
    let list = shown.as_array_mut().unwrap();
    list.reverse();
    list.pop();
    list.push(json!({"name": "authorization"}));
    list.push(json!({"name": "X-New", "value": "new"}));
    client.patch(&path, json!({"options": {"headers": shown}})).await.expect(200);
    client.post(&format!("{path}/test"), json!({})).await.expect(200);
    let seen = &upstream.take()[0];
    assert_eq!(seen.header("authorization"), format!("Bearer {PLANTED}"));
    assert_eq!((seen.header("x-plain"), seen.header("x-new")), (&*format!("marked-{PLANTED}"), "new"));
    for (list, reason) in [
        (json!([{"name": "X-Echo-Token"}]), "a stored value is only kept for an entry of the same name"),
        (json!([{"name": "X-Plain"}]), "it is no longer marked as secret"),
    ] {
        let refused = client.patch(&path, json!({"options": {"headers": list}})).await.refused(400, "INVALID_REQUEST");
        assert!(refused.path == "options.headers[0].value" && refused.message.contains(reason), "{}", refused.message);
    }
    let cleared = client.patch(&path, json!({"options": {"headers": [], "queryParams": []}})).await.expect(200);
    assert_eq!(cleared["secrets"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_do_not_contain_credentials_from_lists() {
    let (_server, client) = world().await;
    let echo = crate::support::recorder::Recorder::start(|seen: &crate::support::recorder::Seen| {
        let text = format!("{:?} {:?} {PLANTED}", seen.headers, seen.query);
        axum::http::Response::builder().status(418).body(text.into()).unwrap()
    })
    .await;
    for body in bodies(&echo.url()) {
        let id = make(&client, "datasources", body.clone()).await;
        let options = if body["type"] == "graphql" { json!({"query": "{ a }"}) } else { json!({}) };
        let query = json!({"name": body["name"], "datasourceID": id, "options": options});
        let query = make(&client, "data-queries", query).await;
        let executed = client.post(&format!("data-queries/{query}/execute"), json!({})).await;
        assert!(executed.to_string().contains("418") && !executed.to_string().contains(PLANTED), "{executed}");
        let runs = client.all_of(&format!("data-queries/{query}/runs"), 1).await;
        assert!(!json!(runs).to_string().contains(PLANTED), "{runs:?}");
    }
}

/// Collects every list of names and values in a schema.
fn lists(schema: &Value, found: &mut Vec<Value>) {
    let items = &schema["items"]["properties"];
    if items["name"].is_object() && items["value"].is_object() {
        found.push(schema.clone());
    }
    for one in schema.as_object().into_iter().flatten().map(|(_, value)| value) {
        lists(one, found);
    }
    schema.as_array().into_iter().flatten().for_each(|one| lists(one, found));
}

#[test]
fn the_entries_of_every_list_can_be_marked_as_secret() {
    let mut found = 0;
    for connector in connect::all() {
        let mut own = Vec::new();
        lists(&Connector::options_schema(connector).to_value(), &mut own);
        for list in own {
            found += 1;
            assert_eq!(list["items"]["properties"]["secret"]["type"], "boolean", "{}", connector.kind());
        }
    }
    assert!(found >= 3);
}
