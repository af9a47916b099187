//! Tenants, and each member's personal settings in them.
use crate::support::{Stored, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

fn path(world: &World) -> String {
    format!("/api/v1/tenants/{}", world.tenant)
}

#[tokio::test]
async fn the_creator_of_a_tenant_is_its_owner() {
    let world = World::empty().await;
    let body = json!({"name": " New ", "logoUrl": "https://example.com/logo.png", "settings": {"theme": "dark"}});
    let created = world.owner.client.post("/api/v1/tenants", body).await;
    let location = created.header("location").unwrap().to_owned();
    assert_eq!(created.header("etag"), Some("\"1\""));
    let created = created.expect(201);
    assert_eq!(location, format!("/api/v1/tenants/{}", id(&created)));
    assert_eq!((&created["name"], &created["settings"]), (&json!("New"), &json!({"theme": "dark"})));
    let me = world.owner.client.get("/api/v1/auth").await.expect(200);
    let membership =
        me["tenants"].as_array().unwrap().iter().find(|membership| membership["id"] == created["id"]).unwrap();
    assert_eq!(membership["role"]["name"], "Owner");
    assert!(membership["permissions"].as_array().unwrap().contains(&json!("tenant:delete")));
    assert_eq!(me["user"]["email"], "owner@example.com");
    assert_eq!(me["user"]["isInstanceAdmin"], true, "the first account must be the instance admin");
}

#[tokio::test]
async fn a_tenant_includes_the_counts_of_its_records() {
    let world = World::full().await;
    world.member("viewer@example.com", "Viewer").await;
    let shown = world.client.get(&path(&world)).await;
    assert_eq!(shown.header("etag"), Some("\"1\""));
    let counts = shown.expect(200)["counts"].clone();
    for kind in ["datasource", "dataquery", "widget", "dashboard", "workflow"] {
        assert_eq!(counts[kind], 1, "{kind}");
    }
    assert_eq!(counts["member"], 2);
}

#[tokio::test]
async fn a_tenant_can_be_changed_with_a_merge_patch() {
    let world = World::empty().await;
    let patch = async |body: Value| world.client.patch(&path(&world), body).await;
    let first =
        patch(json!({"settings": {"a": 1, "b": {"c": 2}}, "logoUrl": "data:image/png;base64,AAAA"})).await.expect(200);
    assert_eq!((&first["name"], &first["version"]), (&json!("First"), &json!(2)));
    let second = patch(json!({"settings": {"a": null, "b": {"d": 3}}, "logoUrl": null})).await.expect(200);
    assert_eq!((&second["settings"], &second["logoUrl"]), (&json!({"b": {"c": 2, "d": 3}}), &Value::Null));
    assert_eq!(
        patch(json!({"name": "First"})).await.expect(200)["version"],
        3,
        "a patch without changes must not create a version"
    );
    let big: String = "x".repeat(64 * 1024);
    for (body, field) in [
        (json!({"colour": 1}), "colour"),
        (json!({"name": ""}), "name"),
        (json!({"name": null}), "name"),
        (json!({"logoUrl": "javascript:alert(1)"}), "logoUrl"),
        (json!({"settings": {"big": big}}), "settings"),
        (json!({"settings": []}), "settings"),
        (json!({"version": 7}), "version"),
    ] {
        assert_eq!(patch(body).await.refused(400, "INVALID_REQUEST").path, field);
    }
    let outdated =
        world.client.call(Method::PATCH, &path(&world)).header("if-match", "\"1\"").json(&json!({"name": "Late"}));
    outdated.send().await.refused(412, "VERSION_CONFLICT");
}

#[tokio::test]
async fn the_list_contains_only_the_callers_tenants() {
    let world = World::empty().await;
    let stranger = world.server.account("stranger@example.com").await;
    for name in ["Beta", "alpha", "Gamma"] {
        world.server.tenant(&stranger, name).await;
    }
    let list = async |query: &str| stranger.client.all(&format!("/api/v1/tenants?limit=2{query}")).await.len();
    assert_eq!(list("").await, 3);
    assert_eq!(list("&q=ALPHA").await, 1);
    assert_eq!(list("&q=first").await, 0, "tenants of others must not be found");
    assert_eq!(world.client.all("/api/v1/tenants").await.len(), 1);
    stranger.client.get("/api/v1/tenants?limit=0").await.refused(400, "INVALID_REQUEST");
    stranger.client.get("/api/v1/tenants?order=name").await.refused(400, "INVALID_REQUEST");
}

#[tokio::test]
async fn deleting_a_tenant_deletes_everything_in_it_and_nothing_else() {
    let world = World::full().await;
    world.api_key("robot", "Viewer").await;
    world.client.post(&format!("/api/v1/auth/config/{}", world.tenant), json!({"config": {"a": 1}})).await.expect(200);
    let second = world.server.tenant(&world.owner, "Second").await;
    let outdated = world.client.call(Method::DELETE, &path(&world)).header("if-match", "\"7\"");
    outdated.send().await.refused(412, "VERSION_CONFLICT");
    world.client.delete(&path(&world)).await.expect(204);
    world.client.get(&path(&world)).await.refused(403, "PERMISSION_DENIED");
    assert_eq!(world.owner.client.all("/api/v1/tenants").await.len(), 1);
    let second = format!("/api/v1/tenants/{}", second.tenant.unwrap());
    let other = world.owner.client.in_tenant(Uuid::parse_str(second.rsplit('/').next().unwrap()).unwrap());
    other.get(&second).await.expect(200);
    assert_eq!(other.all("roles").await.len(), 4);
    let workspace = Stored::workspace(&world.server.data_dir());
    for table in ["objects", "links", "versions", "members", "invitations", "api_keys", "user_configs", "audit"] {
        let sql = format!("select count(*) from {table} where tenant_id = '{}'", world.tenant);
        assert_eq!(workspace.number(&sql), 0, "{table}");
    }
}

#[tokio::test]
async fn personal_settings_are_separate_for_each_member() {
    let world = World::empty().await;
    let (_, viewer) = world.member("viewer@example.com", "Viewer").await;
    let path = format!("/api/v1/auth/config/{}", world.tenant);
    assert_eq!(world.client.get(&path).await.expect(200), json!({"config": {}}), "the default must be empty");
    let set = json!({"config": {"theme": "dark", "pinned": [1, 2]}});
    assert_eq!(world.client.post(&path, set.clone()).await.expect(200), set);
    assert_eq!(world.client.get(&path).await.expect(200), set);
    assert_eq!(viewer.get(&path).await.expect(200), json!({"config": {}}));
    let other = json!({"config": {"theme": "light"}});
    viewer.post(&path, other.clone()).await.expect(200);
    assert_eq!(viewer.get(&path).await.expect(200), other, "settings must be replaced, not merged");
    assert_eq!(world.client.get(&path).await.expect(200), set);
}

#[tokio::test]
async fn personal_settings_are_limited_to_64_kib() {
    let world = World::empty().await;
    let path = format!("/api/v1/auth/config/{}", world.tenant);
    let of_size = |size: usize| json!({"config": {"a": "x".repeat(size - r#"{"a":""}"#.len())}});
    world.client.post(&path, of_size(64 * 1024)).await.expect(200);
    let refused = world.client.post(&path, of_size(64 * 1024 + 1)).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "config");
    for body in [json!({}), json!({"config": []}), json!({"config": null}), json!({"config": {}, "more": 1})] {
        world.client.post(&path, body).await.refused(400, "INVALID_REQUEST");
    }
    let unknown = format!("/api/v1/auth/config/{}", Uuid::now_v7());
    world.client.get(&unknown).await.refused(403, "PERMISSION_DENIED");
    world.client.get("/api/v1/auth/config/first").await.refused(400, "INVALID_REQUEST");
}
