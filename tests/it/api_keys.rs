//! API keys: shown once, and limited to one tenant and one role.
use crate::support::{World, client::id, wait::until};
use jet_admin::clock::Time;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_key_is_shown_once_and_stored_as_a_hash() {
    let world = World::empty().await;
    let body = json!({"name": " robot ", "roleID": world.roles["Viewer"]});
    let created = world.client.post("api-keys", body.clone()).await.expect(201);
    let key = created["key"].as_str().unwrap();
    assert!(key.starts_with("jet_") && key.len() > 40, "{key}");
    assert_eq!(
        (&created["name"], &created["expiresAt"], &created["roleName"]),
        (&json!("robot"), &Value::Null, &json!("Viewer"))
    );
    let list = world.client.get("api-keys").await.expect(200);
    assert_eq!(list["items"][0]["prefix"], key[..10]);
    assert!(!list.to_string().contains(key));
    world.client.post("api-keys", body).await.refused(409, "CONFLICT");
    for file in ["jet-admin.db", "jet-admin.db-wal"] {
        let bytes = std::fs::read(world.server.data_dir().join(file)).unwrap_or_default();
        assert!(!bytes.windows(key.len()).any(|window| window == key.as_bytes()), "{file} contains the key");
    }
}

#[tokio::test]
async fn a_key_works_only_in_its_tenant_with_or_without_the_header() {
    let world = World::empty().await;
    let second = world.server.tenant(&world.owner, "Second").await;
    let key = world.server.anyone().with_token(world.api_key("robot", "Viewer").await);
    let own = format!("/api/v1/tenants/{}/dashboards", world.tenant);
    key.get(&own).await.expect(200);
    key.in_tenant(world.tenant).get("dashboards").await.expect(200);
    key.in_tenant(second.tenant.unwrap()).get("dashboards").await.refused(403, "PERMISSION_DENIED");
    key.in_tenant(second.tenant.unwrap()).get(&own).await.refused(400, "INVALID_TENANT");
    key.in_tenant(world.tenant).post("dashboards", json!({})).await.refused(403, "PERMISSION_DENIED");
    let used = world.client.get("api-keys").await.expect(200)["items"][0]["lastUsedAt"].clone();
    assert!(Time::parse(used.as_str().unwrap_or_default()).is_some(), "lastUsedAt is {used}");
}

#[tokio::test]
async fn a_revoked_or_expired_key_is_refused() {
    let world = World::empty().await;
    let soon = Time::now().plus(Duration::from_millis(1500)).to_string();
    let body = json!({"name": "brief", "roleID": world.roles["Viewer"], "expiresAt": soon});
    let expiring = world.client.post("api-keys", body).await.expect(201);
    let body = json!({"name": "revoked", "roleID": world.roles["Viewer"]});
    let revoked = world.client.post("api-keys", body).await.expect(201);
    let client =
        |created: &Value| world.server.anyone().with_token(created["key"].as_str().unwrap()).in_tenant(world.tenant);
    client(&expiring).get("dashboards").await.expect(200);
    client(&revoked).get("dashboards").await.expect(200);
    world.client.delete(&format!("api-keys/{}", id(&revoked))).await.expect(204);
    client(&revoked).get("dashboards").await.refused(401, "USER_AUTH_TOKEN_INVALID");
    until("the key expires", async || client(&expiring).get("dashboards").await.status == 401).await;
    client(&expiring).get("dashboards").await.refused(401, "USER_AUTH_TOKEN_EXPIRED");
    world.client.delete(&format!("api-keys/{}", id(&revoked))).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_key_requires_a_name_a_role_and_a_valid_expiry() {
    let world = World::empty().await;
    let role = world.roles["Viewer"];
    for (body, field) in [
        (json!({"roleID": role}), "name"),
        (json!({"name": "", "roleID": role}), "name"),
        (json!({"name": "a"}), "roleID"),
        (json!({"name": "a", "roleID": role, "expiresAt": "2020-01-01T00:00:00Z"}), "expiresAt"),
        (json!({"name": "a", "roleID": role, "expiresAt": "tomorrow"}), "expiresAt"),
        (json!({"name": "a", "roleID": role, "key": "jet_mine"}), "key"),
    ] {
        assert_eq!(world.client.post("api-keys", body).await.refused(400, "INVALID_REQUEST").path, field);
    }
    assert_eq!(world.client.get("api-keys").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn the_audit_log_names_the_key_as_the_actor() {
    let world = World::full().await;
    let key = world.server.anyone().with_token(world.api_key("robot", "Editor").await).in_tenant(world.tenant);
    let widget = format!("widgets/{}", world.id("widgetID"));
    key.patch(&widget, json!({"name": "By a robot"})).await.expect(200);
    let log = world.client.get("audit-logs?action=widget.update").await.expect(200);
    assert_eq!(
        (&log["items"][0]["actor"]["kind"], &log["items"][0]["actor"]["label"]),
        (&json!("apiKey"), &json!("robot"))
    );
    let me = "/api/v1/auth";
    key.get(me).await.refused(403, "PERMISSION_DENIED");
}
