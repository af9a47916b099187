//! Nobody touches what may do more than they may: one rule for every credential, member and role.
use crate::support::{Answer, Client, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Someone who may manage people, keys, links and roles, but not delete the tenant.
const MANAGER: &[&str] = &[
    "member:list",
    "member:create",
    "member:update",
    "member:delete",
    "role:list",
    "role:read",
    "role:create",
    "role:update",
    "role:delete",
    "apikey:list",
    "apikey:create",
    "apikey:delete",
    "dashboard:read",
    "dashboard:share",
];

/// A change of something stronger than the manager: the route of the document, and how to call it.
struct Touch {
    route: &'static str,
    path: String,
    body: Value,
}

async fn touches(world: &World) -> Vec<Touch> {
    let owner = world.roles["Owner"];
    let (second, _) = world.member("second@example.com", "Owner").await;
    let key = world.client.post("api-keys", json!({"name": "Strong", "roleID": owner})).await.expect(201);
    let invited = json!({"email": "boss@example.com", "roleID": owner});
    let invitation = world.client.post("invitations", invited).await.expect(201);
    let strong = world.client.post("roles", json!({"name": "Strong", "permissions": ["tenant:delete"]})).await;
    let strong = id(&strong.expect(201));
    let weak = world.roles["Weak"];
    let member = format!("members/{}", second.user.id);
    let touch = |route, path: String, body| Touch { route, path, body };
    vec![
        touch("PATCH /members/{userID}", member.clone(), json!({"roleID": weak})),
        touch("DELETE /members/{userID}", member.clone(), Value::Null),
        touch("DELETE /members/{userID}", format!("{member}?credentials=transfer"), Value::Null),
        touch("POST /invitations", "invitations".to_owned(), json!({"email": "boss@example.com", "roleID": weak})),
        touch("POST /invitations", "invitations".to_owned(), json!({"email": "x@example.com", "roleID": owner})),
        touch("DELETE /invitations/{invitationID}", format!("invitations/{}", id(&invitation)), Value::Null),
        touch("POST /api-keys", "api-keys".to_owned(), json!({"name": "mine", "roleID": owner})),
        touch("DELETE /api-keys/{apiKeyID}", format!("api-keys/{}", id(&key)), Value::Null),
        touch("POST /roles", "roles".to_owned(), json!({"name": "Mine", "permissions": ["tenant:delete"]})),
        touch("PATCH /roles/{roleID}", format!("roles/{strong}"), json!({"permissions": []})),
        touch("PATCH /roles/{roleID}", format!("roles/{weak}"), json!({"permissions": ["tenant:delete"]})),
        touch("DELETE /roles/{roleID}", format!("roles/{strong}"), Value::Null),
        touch("DELETE /roles/{roleID}", format!("roles/{strong}?cascade=true"), Value::Null),
    ]
}

async fn send(client: &Client, touch: &Touch) -> Answer {
    let method = Method::from_bytes(touch.route.split(' ').next().unwrap().as_bytes()).unwrap();
    let call = client.call(method, &touch.path);
    if touch.body.is_null() { call.send().await } else { call.json(&touch.body).send().await }
}

#[tokio::test]
async fn a_weaker_role_touches_nothing_that_may_do_more() {
    let mut world = World::empty().await;
    world.role("Manager", MANAGER).await;
    world.role("Weak", &["member:list"]).await;
    let (_, manager) = world.member("manager@example.com", "Manager").await;
    let body = json!({"name": "robot", "roleID": world.roles["Manager"]});
    let key = manager.post("api-keys", body).await.expect(201);
    let robot = world.server.anyone().with_token(key["key"].as_str().unwrap()).in_tenant(world.tenant);
    let touches = touches(&world).await;
    let before = world.snapshot().await;
    for touch in &touches {
        for (who, client) in [("the manager", &manager), ("their key", &robot)] {
            let answer = send(client, touch).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "PERMISSION_DENIED"), "{who}: {answer}");
            assert!(answer.text.contains("has permissions that you do not have"), "{answer}");
        }
    }
    assert_eq!(world.snapshot().await, before, "none of it changed anything");
    // the same on what they do cover works
    let weak = world.roles["Weak"];
    let invited = json!({"email": "small@example.com", "roleID": weak});
    let first = manager.post("invitations", invited.clone()).await.expect(201);
    manager.post("invitations", invited).await.expect(201);
    manager.delete(&format!("invitations/{}", id(&first))).await.refused(404, "NOT_FOUND");
    let key = manager.post("api-keys", json!({"name": "small", "roleID": weak})).await.expect(201);
    manager.delete(&format!("api-keys/{}", id(&key))).await.expect(204);
    for touch in &touches {
        let answer = send(&world.client, touch).await;
        assert_ne!(answer.status, 403, "an Owner may: {answer}");
    }
}

/// A route that hands out or takes away rights has its line above.
#[test]
fn every_route_that_changes_who_may_do_what_is_tried() {
    let document: Value = serde_json::from_slice(&jet_admin::api::document()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(path) = path.strip_prefix("/api/v1/tenants/{tenantID}") else { continue };
        for (method, operation) in item.as_object().unwrap() {
            let noun = operation["x-permission"].as_str().unwrap_or_default().split(':').next().unwrap();
            if method != "get" && ["member", "role", "apikey"].contains(&noun) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let world = include_str!("outranked.rs");
    let untried: Vec<_> = routes.iter().filter(|route| !world.contains(&format!("touch(\"{route}\""))).collect();
    assert!(routes.len() >= 8 && untried.is_empty(), "not tried: {untried:?} of {routes:?}");
}
