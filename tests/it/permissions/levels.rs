//! Levels on restricted dashboards: what each allows, who keeps one, and when it ends.
use super::restricted::{Guarded, put, restrict, restrict_to};
use crate::support::client::id;
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn each_level_allows_what_it_says() {
    let guarded = Guarded::new().await;
    let path = format!("dashboards/{}", guarded.dashboard);
    let (widget, query) = (format!("widgets/{}", guarded.widget), format!("data-queries/{}", guarded.query));
    let press = json!({"item": "b", "action": "config.action"});
    for (level, uses, edits) in [("view", 403, 403), ("use", 200, 403), ("edit", 200, 200)] {
        let client = restrict_to(&guarded, level).await;
        let shown = client.get(&format!("{path}/access")).await.expect(200);
        assert_eq!((&shown["level"], &shown["everyone"]), (&json!(level), &json!(false)));
        assert_eq!(client.get("dashboards/access").await.expect(200)["items"][0]["roles"][0], "Almost everything");
        assert_eq!(client.get("dashboards").await.expect(200)["total"], 2);
        for read in [&path, &widget, &query, &format!("{path}/export"), &format!("{path}/versions")] {
            client.get(read).await.expect(200);
        }
        client.post(&format!("{path}/data"), json!({})).await.expect(200);
        client.post(&format!("{widget}/data"), json!({})).await.expect(200);
        client.post(&format!("{path}/actions"), press.clone()).await.expect(uses);
        client.post(&format!("{query}/execute"), json!({})).await.expect(uses);
        for record in [&path, &widget, &query] {
            client.patch(record, json!({})).await.expect(edits);
        }
        let changes = if edits == 200 { 201 } else { 403 };
        client.post(&format!("{path}/shares"), json!({})).await.expect(changes);
        let text = json!({"name": format!("T {level}"), "type": "text", "dashboardID": guarded.dashboard, "config": {"markdown": ""}});
        client.post("widgets", text).await.expect(changes);
        let copy =
            client.post(&format!("{path}/clone"), json!({"name": format!("Copy {level}")})).await.expect(changes);
        if edits == 200 {
            // a copy is as restricted as the original
            let access = guarded.world.client.get(&format!("dashboards/{}/access", id(&copy))).await.expect(200);
            assert_eq!((&access["everyone"], &access["grants"][0]["level"]), (&json!(false), &json!("edit")));
        }
    }
    let member = json!([{"userID": guarded.world.owner.user.id, "level": "view"}]);
    restrict(&guarded.world.client, guarded.dashboard, member).await;
    guarded.outsider.get(&path).await.refused(404, "NOT_FOUND");
    // those who may edit roles keep every level, whatever they are granted
    guarded.world.client.patch(&path, json!({"refreshSeconds": 60})).await.expect(200);
}

#[tokio::test]
async fn nobody_locks_themselves_out_and_grants_end_with_their_holder() {
    let guarded = Guarded::new().await;
    let (world, path) = (&guarded.world, format!("dashboards/{}/access", guarded.dashboard));
    let client = restrict_to(&guarded, "edit").await;
    let role = world.roles["Almost everything"];
    for grants in [json!([]), json!([{"roleID": role, "level": "use"}])] {
        let refused = put(client, &path, &json!({"everyone": false, "grants": grants})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, "grants");
    }
    assert_eq!(client.get(&path).await.expect(200)["level"], "edit");
    for (grants, at) in [
        (json!([{"level": "use"}]), "grants[0]"),
        (json!([{"roleID": role, "level": "use"}, {"roleID": role, "level": "edit"}]), "grants[1]"),
        (json!([{"roleID": Uuid::now_v7(), "level": "use"}]), "grants[0].roleID"),
        (json!([{"userID": Uuid::now_v7(), "level": "use"}]), "grants[0].userID"),
    ] {
        let refused = put(&world.client, &path, &json!({"everyone": false, "grants": grants})).await;
        assert_eq!(refused.refused(400, "INVALID_REQUEST").path, at);
    }
    let (guest, visitor) = world.member("guest@example.com", "Viewer").await;
    let temporary = json!({"name": "Temporary", "permissions": ["dashboard:read"]});
    let temporary = id(&world.client.post("roles", temporary).await.expect(201));
    let grants = json!([{"userID": guest.user.id, "level": "view"}, {"roleID": temporary, "level": "view"}]);
    restrict(&world.client, guarded.dashboard, grants).await;
    visitor.get(&format!("dashboards/{}", guarded.dashboard)).await.expect(200);
    let named = world.client.get(&path).await.expect(200);
    assert_eq!(
        (&named["grants"][0]["name"], &named["grants"][1]["email"]),
        (&json!("Temporary"), &json!("guest@example.com"))
    );
    world.client.delete(&format!("roles/{temporary}")).await.expect(204);
    world.client.delete(&format!("members/{}", guest.user.id)).await.expect(204);
    // the last grant is gone, and the dashboard is still restricted
    let left = world.client.get(&path).await.expect(200);
    assert_eq!((&left["everyone"], &left["grants"]), (&json!(false), &json!([])));
    world.server.join(&guest, world.tenant, world.roles["Viewer"]).await;
    visitor.get(&format!("dashboards/{}", guarded.dashboard)).await.refused(404, "NOT_FOUND");
    put(&world.client, &path, &json!({"everyone": true})).await.expect(200);
    visitor.get(&format!("dashboards/{}", guarded.dashboard)).await.expect(200);
    let acts = world.client.get("audit-logs?action=dashboard.access&limit=1").await.expect(200);
    assert_eq!(acts["items"][0]["details"]["everyone"], true, "{acts}");
}

#[tokio::test]
async fn the_start_page_of_a_role_is_only_told_to_those_who_may_open_it() {
    let guarded = Guarded::new().await;
    let role = guarded.world.roles["Almost everything"];
    let start = json!({"startDashboardID": guarded.dashboard});
    guarded.world.client.patch(&format!("roles/{role}"), start).await.expect(200);
    let told = async || guarded.outsider.get("/api/v1/auth").await.expect(200)["tenants"][0]["role"].clone();
    assert_eq!(told().await["startDashboardID"], Value::Null);
    restrict_to(&guarded, "view").await;
    assert_eq!(told().await["startDashboardID"], guarded.dashboard.to_string());
}

#[tokio::test]
async fn a_deleted_dashboard_keeps_its_restrictions_and_its_name_secret() {
    let guarded = Guarded::new().await;
    let [gone, deleted] = guarded.trash;
    let client = restrict_to(&guarded, "use").await;
    // it may be seen, but not brought back or removed
    assert_eq!(client.get("trash").await.expect(200)["total"], 1);
    client.post(&format!("trash/{gone}/restore"), json!({})).await.refused(403, "PERMISSION_DENIED");
    client.delete(&format!("trash/{gone}")).await.refused(403, "PERMISSION_DENIED");
    restrict_to(&guarded, "edit").await;
    client.post(&format!("trash/{gone}/restore"), json!({})).await.expect(200);
    guarded.world.client.post(&format!("trash/{deleted}/restore"), json!({})).await.expect(200);
    client.get(&format!("dashboards/{deleted}")).await.refused(404, "NOT_FOUND");
    guarded.world.client.delete(&format!("dashboards/{deleted}")).await.expect(204);
    guarded.world.client.delete(&format!("trash/{deleted}")).await.expect(204);
    let log = client.get("audit-logs?limit=200").await;
    assert!(!log.text.contains("Zebra deleted"), "{log}");
}
