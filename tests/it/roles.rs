//! Roles: built-in ones cannot be changed, and nobody can grant more permissions than they have.
use crate::support::{World, client::id};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn a_tenant_starts_with_the_four_built_in_roles() {
    let world = World::empty().await;
    let all = world.client.all("roles?sort=createdAt").await;
    let names: Vec<_> =
        all.iter().map(|role| (role["name"].as_str().unwrap(), role["builtIn"].as_str().unwrap())).collect();
    assert_eq!(names, [("Owner", "owner"), ("Editor", "editor"), ("Operator", "operator"), ("Viewer", "viewer")]);
    let every = world.client.get("permissions").await.expect(200);
    let every: Vec<_> = every["items"].as_array().unwrap().iter().map(|item| &item["name"]).collect();
    assert_eq!(
        all[0]["permissions"].as_array().unwrap().iter().collect::<Vec<_>>(),
        every,
        "an Owner must have every permission"
    );
}

#[tokio::test]
async fn built_in_roles_are_read_only() {
    let world = World::empty().await;
    for (name, role) in &world.roles {
        let path = format!("roles/{role}");
        for patch in [json!({"name": "Boss"}), json!({"permissions": []}), json!({"description": "x"})] {
            let refused = world.client.patch(&path, patch).await.refused(409, "CONFLICT");
            assert!(refused.message.contains(name), "{}", refused.message);
        }
        world.client.delete(&path).await.refused(409, "CONFLICT");
        world.client.delete(&format!("{path}?cascade=true")).await.refused(409, "CONFLICT");
    }
    assert_eq!(world.client.all("roles").await.len(), 4);
}

#[tokio::test]
async fn built_in_roles_cannot_be_created() {
    let world = World::full().await;
    let body = json!({"name": "Fake", "permissions": [], "builtIn": "owner"});
    assert_eq!(world.client.post("roles", body).await.refused(400, "INVALID_REQUEST").path, "builtIn");
    let patched = world.client.patch(&format!("roles/{}", world.id("roleID")), json!({"builtIn": "owner"})).await;
    assert_eq!(patched.refused(400, "INVALID_REQUEST").path, "builtIn");
}

#[tokio::test]
async fn the_error_for_an_unknown_permission_names_it() {
    let world = World::empty().await;
    let body = json!({"name": "Odd", "permissions": ["widget:list", "widget:explode"]});
    let refused = world.client.post("roles", body).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "permissions[1]");
    assert!(refused.message.contains("widget:explode"));
}

/// Permissions to manage members and roles, but not datasources.
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
    "widget:list",
];

#[tokio::test]
async fn nobody_can_create_or_change_a_role_with_more_permissions_than_their_own() {
    let mut world = World::empty().await;
    world.role("Manager", MANAGER).await;
    let strong = world.role("Strong", &["datasource:delete"]).await;
    let (_, manager) = world.member("manager@example.com", "Manager").await;
    let more = json!({"name": "More", "permissions": ["datasource:delete"]});
    manager.post("roles", more).await.refused(403, "PERMISSION_DENIED");
    let own = manager.post("roles", json!({"name": "Own", "permissions": ["widget:list"]})).await.expect(201);
    let own = format!("roles/{}", id(&own));
    manager.patch(&own, json!({"permissions": ["tenant:delete"]})).await.refused(403, "PERMISSION_DENIED");
    manager.patch(&own, json!({"permissions": ["member:list"]})).await.expect(200);
    let strong = format!("roles/{strong}");
    manager.patch(&strong, json!({"permissions": []})).await.refused(403, "PERMISSION_DENIED");
    manager.delete(&strong).await.refused(403, "PERMISSION_DENIED");
    manager.delete(&own).await.expect(204);
}

#[tokio::test]
async fn nobody_can_assign_a_role_with_more_permissions_than_their_own() {
    let mut world = World::empty().await;
    world.role("Manager", MANAGER).await;
    world.role("Small", &["widget:list"]).await;
    let (_, manager) = world.member("manager@example.com", "Manager").await;
    let (small, _) = world.member("small@example.com", "Small").await;
    let (editor, _) = world.member("editor@example.com", "Editor").await;
    let denied = (403, "PERMISSION_DENIED");
    for role in ["Owner", "Editor", "Viewer"] {
        let role = world.roles[role];
        manager.patch(&format!("members/{}", small.user.id), json!({"roleID": role})).await.refused(denied.0, denied.1);
        manager
            .post("invitations", json!({"email": "x@example.com", "roleID": role}))
            .await
            .refused(denied.0, denied.1);
        manager.post("api-keys", json!({"name": "key", "roleID": role})).await.refused(denied.0, denied.1);
    }
    // members with more permissions cannot be changed either
    let small_role = json!({"roleID": world.roles["Small"]});
    manager.patch(&format!("members/{}", editor.user.id), small_role.clone()).await.refused(denied.0, denied.1);
    manager.delete(&format!("members/{}", editor.user.id)).await.refused(denied.0, denied.1);
    manager.delete(&format!("members/{}", world.owner.user.id)).await.refused(denied.0, denied.1);
    manager.post("invitations", json!({"email": "x@example.com", "roleID": world.roles["Small"]})).await.expect(201);
    manager.delete(&format!("members/{}", small.user.id)).await.expect(204);
}

#[tokio::test]
async fn a_role_in_use_cannot_be_deleted() {
    let mut world = World::empty().await;
    for (name, use_it) in [("Member", 0), ("Invited", 1), ("Key", 2)] {
        let role = world.role(name, &["widget:list"]).await;
        match use_it {
            0 => drop(world.member("someone@example.com", name).await),
            1 => drop(
                world.client.post("invitations", json!({"email": "x@example.com", "roleID": role})).await.expect(201),
            ),
            _ => drop(world.api_key("robot", name).await),
        }
        world.client.delete(&format!("roles/{role}")).await.refused(409, "CONFLICT");
        world.client.delete(&format!("roles/{role}?cascade=true")).await.refused(409, "CONFLICT");
    }
}

#[tokio::test]
async fn a_changed_role_applies_from_the_next_request() {
    let mut world = World::empty().await;
    let role = world.role("Changing", &[]).await;
    let (_, member) = world.member("someone@example.com", "Changing").await;
    let key = world.server.anyone().with_token(world.api_key("robot", "Changing").await).in_tenant(world.tenant);
    for (permissions, status) in [(vec![], 403), (vec!["widget:list"], 200), (vec!["widget:read"], 403)] {
        world.client.patch(&format!("roles/{role}"), json!({"permissions": permissions})).await.expect(200);
        member.get("widgets").await.expect(status);
        key.get("widgets").await.expect(status);
    }
    let foreign = world.server.tenant(&world.owner, "Second").await;
    let nowhere = json!({"name": "key", "roleID": role});
    assert_eq!(foreign.post("api-keys", nowhere).await.refused(400, "INVALID_REQUEST").path, "roleID");
    let unknown = json!({"name": "key", "roleID": Uuid::now_v7()});
    assert_eq!(foreign.post("api-keys", unknown).await.refused(400, "INVALID_REQUEST").path, "roleID");
}

#[tokio::test]
async fn linking_to_a_record_requires_permission_to_use_it() {
    let mut world = World::full().await;
    world
        .role("Designer", &["widget:read", "widget:create", "widget:update", "workflow:create", "dashboard:create"])
        .await;
    let (_, designer) = world.member("designer@example.com", "Designer").await;
    let denied = (403, "PERMISSION_DENIED");
    let query = world.id("queryID");
    let widget = |name: &str| json!({"name": name, "type": "table", "config": {"queryID": query}});
    let refused = designer.post("widgets", widget("mine")).await.refused(denied.0, denied.1);
    assert!(refused.message.contains("config.queryID") && refused.message.contains("dataquery:execute"));
    let node = json!({"id": "q", "type": "dataQuery", "name": "q", "config": {"queryID": query}});
    designer.post("workflows", json!({"name": "mine", "nodes": [node]})).await.refused(denied.0, denied.1);
    let start = json!({"type": "workflow", "workflowID": world.id("workflowID")});
    let button = json!({"name": "go", "type": "button", "config": {"label": "Go", "action": start}});
    let refused = designer.post("widgets", button).await.refused(denied.0, denied.1);
    assert!(refused.message.contains("config.action.workflowID") && refused.message.contains("workflow:execute"));
    // other fields of a record with the link can be changed, and records without links need no permission
    let existing = format!("widgets/{}", world.id("widgetID"));
    designer.patch(&existing, json!({"name": "Renamed"})).await.expect(200);
    let text = json!({"name": "text", "type": "text", "config": {"markdown": "# Hi"}});
    let own = id(&designer.post("widgets", text).await.expect(201));
    let changed = json!({"type": "table", "config": {"queryID": query, "markdown": null}});
    designer.patch(&format!("widgets/{own}"), changed).await.refused(denied.0, denied.1);
    designer.post("dashboards", json!({"name": "d", "items": [{"key": "a", "widgetID": own}]})).await.expect(201);
    world.role("Arranger", &["dashboard:create"]).await;
    let (_, arranger) = world.member("arranger@example.com", "Arranger").await;
    let items = json!([{"key": "a", "widgetID": own}]);
    arranger.post("dashboards", json!({"name": "e", "items": items})).await.refused(denied.0, denied.1);
}

#[tokio::test]
async fn a_role_has_a_start_page_until_its_dashboard_is_deleted() {
    let mut world = World::empty().await;
    let custom = world.role("Sales", &["dashboard:read"]).await;
    let viewer = world.roles["Viewer"];
    let made = id(&world.client.post("dashboards", json!({"name": "Start"})).await.expect(201));
    let start = json!({"startDashboardID": made});
    for role in [custom, viewer] {
        let changed = world.client.patch(&format!("roles/{role}"), start.clone()).await.expect(200);
        assert_eq!(changed["startDashboardID"], made.to_string());
    }
    // nothing else of a built-in role can be changed
    let builtin = format!("roles/{viewer}");
    for body in [json!({"name": "Guest"}), json!({"startDashboardID": null, "permissions": []})] {
        world.client.patch(&builtin, body).await.refused(409, "CONFLICT");
    }
    let shown = world.client.get(&builtin).await.expect(200);
    assert_eq!((&shown["builtIn"], &shown["name"]), (&json!("viewer"), &json!("Viewer")));
    let (_, vera) = world.member("vera@example.com", "Viewer").await;
    let role = async || vera.get("/api/v1/auth").await.expect(200)["tenants"][0]["role"]["startDashboardID"].clone();
    assert_eq!(role().await, made.to_string());
    vera.patch(&builtin, json!({"startDashboardID": null})).await.refused(403, "PERMISSION_DENIED");
    let missing = json!({"startDashboardID": Uuid::now_v7()});
    let refused = world.client.patch(&builtin, missing).await.refused(400, "INVALID_REQUEST");
    assert_eq!(refused.path, "startDashboardID");

    let uses = world.client.get(&format!("dashboards/{made}/uses")).await.expect(200);
    let named: Vec<_> = uses["items"].as_array().unwrap().iter().map(|one| (&one["kind"], &one["name"])).collect();
    assert_eq!(named, [(&json!("role"), &json!("Sales")), (&json!("role"), &json!("Viewer"))]);
    world.client.delete(&format!("dashboards/{made}")).await.refused(409, "CONFLICT");
    world.client.delete(&format!("dashboards/{made}?cascade=true")).await.expect(204);
    assert_eq!(role().await, Value::Null);
}
