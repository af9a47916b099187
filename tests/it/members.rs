//! Members and invitations.
use crate::support::{World, client::id};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

#[tokio::test]
async fn the_last_owner_cannot_be_removed_or_demoted() {
    let world = World::empty().await;
    let me = format!("members/{}", world.owner.user.id);
    let editor = json!({"roleID": world.roles["Editor"]});
    world.client.patch(&me, editor.clone()).await.refused(409, "CONFLICT");
    world.client.delete(&me).await.refused(409, "CONFLICT");
    world.client.patch(&me, json!({"roleID": world.roles["Owner"]})).await.expect(200);
    let (_, second) = world.member("second@example.com", "Owner").await;
    assert_eq!(second.patch(&me, editor).await.expect(200)["roleName"], "Editor");
    second.get("members").await.expect(200);
}

#[tokio::test]
async fn a_members_role_can_be_changed_and_a_member_can_be_removed() {
    let world = World::empty().await;
    let (account, viewer) = world.member("viewer@example.com", "Viewer").await;
    let list = world.client.get("members").await.expect(200);
    let emails: Vec<_> = list["items"].as_array().unwrap().iter().map(|m| m["email"].as_str().unwrap()).collect();
    assert_eq!(emails, ["owner@example.com", "viewer@example.com"]);
    viewer.post("widgets", json!({})).await.refused(403, "PERMISSION_DENIED");
    let path = format!("members/{}", account.user.id);
    world.client.patch(&path, json!({"roleID": world.roles["Editor"]})).await.expect(200);
    viewer.post("widgets", json!({})).await.refused(400, "INVALID_REQUEST");
    for (body, field) in [
        (json!({"roleID": Uuid::now_v7()}), "roleID"),
        (json!({"roleID": "Editor"}), "roleID"),
        (json!({}), "roleID"),
        (json!({"roleID": world.roles["Editor"], "email": "x"}), "email"),
    ] {
        assert_eq!(world.client.patch(&path, body).await.refused(400, "INVALID_REQUEST").path, field);
    }
    world.client.delete(&path).await.expect(204);
    world.client.delete(&path).await.refused(404, "NOT_FOUND");
    world.client.patch(&path, json!({"roleID": world.roles["Editor"]})).await.refused(404, "NOT_FOUND");
    viewer.get("widgets").await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn an_invitation_can_be_accepted_once() {
    let world = World::empty().await;
    let body = json!({"email": " New@Example.com", "roleID": world.roles["Operator"]});
    let created = world.client.post("invitations", body).await.expect(201);
    assert_eq!((&created["email"], &created["roleName"]), (&json!("new@example.com"), &json!("Operator")));
    let token = created["url"].as_str().unwrap().rsplit_once("/invite/").unwrap().1.to_owned();
    let listed = world.client.get("invitations").await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert!(!listed.to_string().contains(&token), "the link must be shown only once");
    let anyone = world.server.anyone();
    let shown = anyone.get(&format!("/api/v1/invitations/{token}")).await.expect(200);
    assert_eq!((&shown["tenantName"], &shown["email"]), (&json!("First"), &json!("new@example.com")));
    let accept = format!("/api/v1/invitations/{token}/accept");
    let invited = world.server.account("new@example.com").await;
    let accepted = invited.client.call(Method::POST, &accept).send().await.expect(200);
    assert_eq!(accepted["tenantID"], world.tenant.to_string());
    let member = invited.client.in_tenant(world.tenant);
    member.get("dashboards").await.expect(200);
    member.post("dashboards", json!({})).await.refused(403, "PERMISSION_DENIED");
    let other = world.server.account("other@example.com").await;
    other.client.call(Method::POST, &accept).send().await.refused(404, "NOT_FOUND");
    anyone.get(&format!("/api/v1/invitations/{token}")).await.refused(404, "NOT_FOUND");
    other.client.in_tenant(world.tenant).get("dashboards").await.refused(403, "PERMISSION_DENIED");
}

#[tokio::test]
async fn a_withdrawn_or_replaced_invitation_cannot_be_accepted() {
    let world = World::empty().await;
    let invite = async || {
        let body = json!({"email": "new@example.com", "roleID": world.roles["Viewer"]});
        let created = world.client.post("invitations", body).await.expect(201);
        (id(&created), created["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned())
    };
    let (_, replaced) = invite().await;
    let (invitation, withdrawn) = invite().await;
    world.client.delete(&format!("invitations/{invitation}")).await.expect(204);
    world.client.delete(&format!("invitations/{invitation}")).await.refused(404, "NOT_FOUND");
    let invited = world.server.account("new@example.com").await;
    for token in [replaced, withdrawn, "nonsense".to_owned(), "%00".to_owned()] {
        let accept = format!("/api/v1/invitations/{token}/accept");
        invited.client.call(Method::POST, &accept).send().await.refused(404, "NOT_FOUND");
    }
    for email in ["", "nobody", "a@b@c", "a b@c.d", "@", "x\n@y"] {
        let body = json!({"email": email, "roleID": world.roles["Viewer"]});
        assert_eq!(
            world.client.post("invitations", body).await.refused(400, "INVALID_REQUEST").path,
            "email",
            "{email}"
        );
    }
}

#[tokio::test]
async fn a_member_cannot_be_invited_again() {
    let world = World::empty().await;
    world.member("viewer@example.com", "Viewer").await;
    for email in ["owner@example.com", " Viewer@Example.com"] {
        let body = json!({"email": email, "roleID": world.roles["Editor"]});
        let refused = world.client.post("invitations", body).await.refused(400, "INVALID_REQUEST");
        assert_eq!(refused.path, "email");
        assert!(refused.message.contains(&email.trim().to_lowercase()), "{}", refused.message);
        assert!(refused.message.contains("change the role"), "{}", refused.message);
    }
    assert_eq!(world.client.get("invitations").await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn a_member_cannot_accept_an_invitation_and_it_stays_valid() {
    let world = World::empty().await;
    let body = json!({"email": "other@example.com", "roleID": world.roles["Viewer"]});
    let created = world.client.post("invitations", body).await.expect(201);
    let token = created["url"].as_str().unwrap().rsplit_once('/').unwrap().1;
    let accept = format!("/api/v1/invitations/{token}/accept");
    let refused = world.owner.client.call(Method::POST, &accept).send().await.refused(409, "CONFLICT");
    assert!(refused.message.contains("Owner"), "{}", refused.message);
    let me = world.owner.client.get("/api/v1/auth").await.expect(200);
    assert_eq!(me["tenants"][0]["role"]["name"], "Owner");
    assert_eq!(world.client.get("invitations").await.expect(200)["items"].as_array().unwrap().len(), 1);
}
