//! The state of the instance, for its admin only.
use crate::support::World;
use serde_json::{Value, json};

#[tokio::test]
async fn the_admin_sees_the_state_of_the_instance_and_its_accounts() {
    let world = World::full().await;
    world.member("zoe@example.com", "Viewer").await;
    let state = world.owner.client.get("/api/v1/instance").await.expect(200);
    assert_eq!((&state["accounts"], &state["tenants"]), (&json!(2), &json!(1)), "{state}");
    assert_eq!((&state["mailFrom"], &state["signup"]), (&Value::Null, &json!("invite")), "{state}");
    assert_eq!(state["version"], env!("CARGO_PKG_VERSION"));
    let kinds: Vec<_> = state["storage"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"files") && kinds.contains(&"records"), "{kinds:?}");
    assert!(state["disk"]["totalBytes"].as_u64() > state["disk"]["freeBytes"].as_u64(), "{state}");

    let accounts = |query: &str| format!("/api/v1/instance/accounts?{query}");
    let emails = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|one| one["email"].as_str().unwrap().to_owned()).collect()
    };
    let first = world.owner.client.get(&accounts("limit=1")).await.expect(200);
    assert_eq!((emails(&first), &first["total"]), (vec!["owner@example.com".to_owned()], &json!(2)));
    assert_eq!(first["items"][0]["isInstanceAdmin"], true);
    let next = format!("limit=1&cursor={}", first["nextCursor"].as_str().unwrap());
    let second = world.owner.client.get(&accounts(&next)).await.expect(200);
    assert_eq!((emails(&second), &second["nextCursor"]), (vec!["zoe@example.com".to_owned()], &Value::Null));
    let found = world.owner.client.get(&accounts("q=ZOE")).await.expect(200);
    assert_eq!(emails(&found), ["zoe@example.com"]);
    for wrong in ["limit=0", "cursor=none", "surprise=1"] {
        world.owner.client.get(&accounts(wrong)).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_member_who_owns_a_tenant_is_not_the_admin_of_the_instance() {
    let world = World::full().await;
    let (_, other) = world.member("other@example.com", "Owner").await;
    for path in ["/api/v1/instance", "/api/v1/instance/accounts"] {
        other.get(path).await.refused(403, "PERMISSION_DENIED");
    }
}
