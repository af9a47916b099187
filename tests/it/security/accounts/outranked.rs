//! Nobody can change a credential, member or role that has more permissions than they have.
use crate::support::{Answer, Client, World, client::id};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Permissions to manage members, keys, links and roles, but not to delete the tenant.
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

/// An attempt to change something with more permissions than the manager: the documented route, and the request.
struct Attempt {
    route: &'static str,
    path: String,
    body: Value,
}

async fn attempts(world: &World) -> Vec<Attempt> {
    let owner = world.roles["Owner"];
    let (second, _) = world.member("second@example.com", "Owner").await;
    let key = world.client.post("api-keys", json!({"name": "Strong", "roleID": owner})).await.expect(201);
    let invited = json!({"email": "boss@example.com", "roleID": owner});
    let invitation = world.client.post("invitations", invited).await.expect(201);
    let strong = world.client.post("roles", json!({"name": "Strong", "permissions": ["tenant:delete"]})).await;
    let strong = id(&strong.expect(201));
    let weak = world.roles["Weak"];
    let member = format!("members/{}", second.user.id);
    let attempt = |route, path: String, body| Attempt { route, path, body };
    vec![
        attempt("PATCH /members/{userID}", member.clone(), json!({"roleID": weak})),
        attempt("DELETE /members/{userID}", member.clone(), Value::Null),
        attempt("DELETE /members/{userID}", format!("{member}?credentials=transfer"), Value::Null),
        attempt("POST /invitations", "invitations".to_owned(), json!({"email": "boss@example.com", "roleID": weak})),
        attempt("POST /invitations", "invitations".to_owned(), json!({"email": "x@example.com", "roleID": owner})),
        attempt("DELETE /invitations/{invitationID}", format!("invitations/{}", id(&invitation)), Value::Null),
        attempt("POST /api-keys", "api-keys".to_owned(), json!({"name": "mine", "roleID": owner})),
        attempt("DELETE /api-keys/{apiKeyID}", format!("api-keys/{}", id(&key)), Value::Null),
        attempt("POST /roles", "roles".to_owned(), json!({"name": "Mine", "permissions": ["tenant:delete"]})),
        attempt("PATCH /roles/{roleID}", format!("roles/{strong}"), json!({"permissions": []})),
        attempt("PATCH /roles/{roleID}", format!("roles/{weak}"), json!({"permissions": ["tenant:delete"]})),
        attempt("DELETE /roles/{roleID}", format!("roles/{strong}"), Value::Null),
        attempt("DELETE /roles/{roleID}", format!("roles/{strong}?cascade=true"), Value::Null),
    ]
}

async fn send(client: &Client, attempt: &Attempt) -> Answer {
    let method = Method::from_bytes(attempt.route.split(' ').next().unwrap().as_bytes()).unwrap();
    let call = client.call(method, &attempt.path);
    if attempt.body.is_null() { call.send().await } else { call.json(&attempt.body).send().await }
}

#[tokio::test]
async fn a_role_cannot_change_anything_with_more_permissions() {
    let mut world = World::empty().await;
    world.role("Manager", MANAGER).await;
    world.role("Weak", &["member:list"]).await;
    let (_, manager) = world.member("manager@example.com", "Manager").await;
    let body = json!({"name": "robot", "roleID": world.roles["Manager"]});
    let key = manager.post("api-keys", body).await.expect(201);
    let robot = world.server.anyone().with_token(key["key"].as_str().unwrap()).in_tenant(world.tenant);
    let attempts = attempts(&world).await;
    let before = world.snapshot().await;
    for attempt in &attempts {
        for (who, client) in [("the manager", &manager), ("their key", &robot)] {
            let answer = send(client, attempt).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "PERMISSION_DENIED"), "{who}: {answer}");
            assert!(answer.text.contains("has permissions that you do not have"), "{answer}");
        }
    }
    assert_eq!(world.snapshot().await, before, "the requests must change nothing");
    // the same requests work where the manager's permissions are enough
    let weak = world.roles["Weak"];
    let invited = json!({"email": "small@example.com", "roleID": weak});
    let first = manager.post("invitations", invited.clone()).await.expect(201);
    manager.post("invitations", invited).await.expect(201);
    manager.delete(&format!("invitations/{}", id(&first))).await.refused(404, "NOT_FOUND");
    let key = manager.post("api-keys", json!({"name": "small", "roleID": weak})).await.expect(201);
    manager.delete(&format!("api-keys/{}", id(&key))).await.expect(204);
    for attempt in &attempts {
        let answer = send(&world.client, attempt).await;
        assert_ne!(answer.status, 403, "an Owner must be allowed: {answer}");
    }
}

/// Each route that grants or revokes permissions must have a line above.
#[test]
fn every_route_that_changes_permissions_is_tested() {
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
    let source = include_str!("outranked.rs");
    let untested: Vec<_> = routes.iter().filter(|route| !source.contains(&format!("attempt(\"{route}\""))).collect();
    assert!(routes.len() >= 8 && untested.is_empty(), "not tested: {untested:?} of {routes:?}");
}
