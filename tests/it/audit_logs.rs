//! The audit log: one row for each change, and none for refused requests.
use crate::support::{KINDS, World, client::id};
use serde_json::{Value, json};

async fn actions(world: &World) -> Vec<String> {
    let mut rows = world.client.all("audit-logs?limit=200").await;
    rows.reverse();
    rows.iter().map(|row| row["action"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_change_is_logged_once_and_refused_requests_are_not() {
    let world = World::full().await;
    let before = actions(&world).await.len();
    for kind in KINDS {
        let created = world.make(kind, "Told").await;
        let path = format!("{}/{}", kind.plural, id(&created));
        world.client.patch(&path, json!({"name": "Told again"})).await.expect(200);
        world.client.patch(&path, json!({"name": "Told again"})).await.expect(200);
        world.client.patch(&path, json!({"name": ""})).await.refused(400, "INVALID_REQUEST");
        world.client.patch(&path, json!({"name": format!("A {}", kind.label)})).await.refused(409, "CONFLICT");
        world.client.post(kind.plural, json!({"name": "Told again"})).await;
        world.client.delete(&path).await.expect(204);
        world.client.delete(&path).await.refused(404, "NOT_FOUND");
    }
    let expected: Vec<_> = KINDS
        .iter()
        .flat_map(|kind| ["create", "update", "delete"].map(|verb| format!("{}.{verb}", kind.name)))
        .collect();
    let logged: Vec<_> = actions(&world).await.split_off(before);
    // a role requires only a name, so that request created one
    let logged: Vec<_> = logged.into_iter().filter(|action| action != "role.create").collect();
    let expected: Vec<_> = expected.into_iter().filter(|action| action != "role.create").collect();
    assert_eq!(logged, expected);
}

#[tokio::test]
async fn changes_to_members_keys_and_the_tenant_are_logged_too() {
    let world = World::empty().await;
    let before = actions(&world).await.len();
    let (account, _) = world.member("viewer@example.com", "Viewer").await;
    let path = format!("members/{}", account.user.id);
    world.client.patch(&path, json!({"roleID": world.roles["Editor"]})).await.expect(200);
    world.client.delete(&path).await.expect(204);
    let invitation = json!({"email": "x@example.com", "roleID": world.roles["Viewer"]});
    let created = world.client.post("invitations", invitation).await.expect(201);
    world.client.delete(&format!("invitations/{}", id(&created))).await.expect(204);
    let created =
        world.client.post("api-keys", json!({"name": "a", "roleID": world.roles["Viewer"]})).await.expect(201);
    world.client.delete(&format!("api-keys/{}", id(&created))).await.expect(204);
    world.client.patch(&format!("/api/v1/tenants/{}", world.tenant), json!({"name": "Renamed"})).await.expect(200);
    let logged = actions(&world).await.split_off(before);
    let expected = [
        "member.update",
        "member.delete",
        "invitation.create",
        "invitation.delete",
        "apikey.create",
        "apikey.delete",
        "tenant.update",
    ];
    assert_eq!(logged, expected);
}

#[tokio::test]
async fn a_row_contains_the_actor_the_object_the_request_and_the_address() {
    let world = World::full().await;
    let widget = format!("widgets/{}", world.id("widgetID"));
    let call = world.client.call(reqwest::Method::PATCH, &widget).header("x-request-id", "my-request-1");
    call.json(&json!({"description": "x"})).send().await.expect(200);
    let row = &world.client.get("audit-logs?limit=1").await.expect(200)["items"][0];
    assert_eq!(row["actor"], json!({"kind": "user", "id": world.owner.user.id, "label": "owner@example.com"}));
    assert_eq!(row["object"], json!({"kind": "widget", "id": world.id("widgetID"), "name": "A widget"}));
    assert_eq!((&row["requestId"], &row["ip"]), (&json!("my-request-1"), &json!("127.0.0.1")));
}

#[tokio::test]
async fn the_log_can_be_filtered_and_paged() {
    let world = World::full().await;
    let count = async |query: &str| {
        let rows = world.client.all(&format!("audit-logs?limit=2&{query}")).await;
        let total = world.client.get(&format!("audit-logs?limit=1&{query}")).await.expect(200)["total"].clone();
        assert_eq!(total, rows.len(), "{query}");
        rows.len()
    };
    assert_eq!(count("action=widget.create").await, 1);
    assert_eq!(count("objectKind=role").await, 5);
    assert_eq!(count(&format!("objectID={}", world.id("queryID"))).await, 1);
    let all = count(&format!("actorID={}", world.owner.user.id)).await;
    assert_eq!(all, 13, "four built-in roles, the tenant, one of each kind, a file, a variable");
    assert_eq!(count("since=2999-01-01T00:00:00Z").await + count("until=2000-01-01T00:00:00Z").await, 0);
    assert_eq!(count("since=2000-01-01T00:00:00Z&until=2999-01-01T00:00:00%2B01:00").await, all);
    for query in ["actorID=me", "since=yesterday", "format=xml", "cursor=x", "cursor=1.x", "colour=red", "limit=201"] {
        world.client.get(&format!("audit-logs?{query}")).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn an_export_contains_every_row_and_escapes_formulas() {
    let world = World::empty().await;
    let body = json!({"name": "=HYPERLINK(\"http://x\"),2", "permissions": []});
    world.client.post("roles", body).await.expect(201);
    let csv = world.client.get("audit-logs?format=csv").await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    let lines: Vec<_> = csv.text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (7, "at,actor,action,kind,object,objectID,requestID,ip,details"));
    assert!(lines[1].contains("\"'=HYPERLINK(\"\"http://x\"\"),2\""), "{}", lines[1]);
    let ndjson = world.client.get("audit-logs?format=ndjson&action=role.create").await;
    let rows: Vec<Value> = ndjson.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["object"]["name"]), (5, &json!("=HYPERLINK(\"http://x\"),2")));
}
