//! A member's credentials end with the membership, and never allow more than the member's own role.
use super::identity;
use crate::support::{Account, Client, Stored, World, client::id};
use jet_admin::clock::Time;
use reqwest::Method;
use serde_json::{Value, json};

/// A member with one of each credential.
struct Leaver {
    account: Account,
    /// A client that uses the API key.
    key: Client,
    /// The path of the shared dashboard.
    link: String,
    /// The path of the invitation.
    invitation: String,
}

async fn leaver(world: &World, email: &str, role: &str) -> Leaver {
    let (account, client) = world.member(email, role).await;
    let body = json!({"name": format!("key of {email}"), "roleID": world.roles[role]});
    let key = client.post("api-keys", body).await.expect(201);
    let key = world.server.anyone().with_token(key["key"].as_str().unwrap()).in_tenant(world.tenant);
    let dashboard = world.id("dashboardID");
    let created = client.post(&format!("dashboards/{dashboard}/shares"), json!({})).await.expect(201);
    let link = format!("/api/v1/shared/{}", created["url"].as_str().unwrap().rsplit_once('/').unwrap().1);
    let body = json!({"email": format!("guest-of-{email}"), "roleID": world.roles["Viewer"]});
    let created = client.post("invitations", body).await.expect(201);
    let invitation = format!("/api/v1/invitations/{}", created["url"].as_str().unwrap().rsplit_once('/').unwrap().1);
    let leaver = Leaver { account, key, link, invitation };
    leaver.assert_working(world).await;
    leaver
}

impl Leaver {
    async fn assert_working(&self, world: &World) {
        let anyone = world.server.anyone();
        self.key.get("widgets").await.expect(200);
        anyone.get(&self.link).await.expect(200);
        anyone.get(&self.invitation).await.expect(200);
    }

    async fn assert_revoked(&self, world: &World, after: &str) {
        let anyone = world.server.anyone();
        let answers = [
            (self.key.get("widgets").await, 401),
            (anyone.get(&self.link).await, 404),
            (anyone.call(Method::POST, &format!("{}/data", self.link)).send().await, 404),
            (anyone.get(&self.invitation).await, 404),
        ];
        for (answer, status) in answers {
            assert_eq!(answer.status.as_u16(), status, "{after}: {answer}");
        }
    }

    fn path(&self) -> String {
        format!("members/{}", self.account.user.id)
    }
}

#[tokio::test]
async fn removing_a_member_revokes_their_credentials_and_logs_it() {
    let world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let credentials = world.client.get(&format!("{}/credentials", leaver.path())).await.expect(200);
    assert_eq!(credentials["apiKeys"][0]["name"], "key of second@example.com");
    assert_eq!(credentials["shares"][0]["dashboardName"], "A dashboard");
    assert_eq!(credentials["invitations"][0]["email"], "guest-of-second@example.com");
    world.client.delete(&leaver.path()).await.expect(204);
    leaver.assert_revoked(&world, "removed").await;
    assert_eq!(world.client.get("api-keys").await.expect(200)["items"], json!([]));
    let shares = format!("dashboards/{}/shares", world.id("dashboardID"));
    assert_eq!(world.client.get(&shares).await.expect(200)["items"], json!([]));
    for action in ["apikey.delete", "share.delete", "invitation.delete", "member.delete"] {
        let log = world.client.get(&format!("audit-logs?action={action}")).await.expect(200);
        assert_eq!(log["items"][0]["actor"]["label"], "owner@example.com", "{action}: {log}");
    }
    // a member who returns does not get the credentials back
    let (user, tenant, role) = (leaver.account.user.id, world.tenant, world.roles["Owner"]);
    let store = &world.server.server.app.store;
    store.write(move |tx| tx.add_member(tenant, user, role, Time::now())).await.unwrap();
    leaver.assert_revoked(&world, "a member again").await;
}

#[tokio::test]
async fn credentials_end_with_the_membership_however_it_ends() {
    let world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let id = leaver.account.user.id.to_string();
    Stored::workspace(&world.server.data_dir()).execute(&format!("delete from members where user_id = '{id}'"));
    world.client.patch(&format!("/api/v1/tenants/{}", world.tenant), json!({"name": "Renamed"})).await.expect(200);
    leaver.assert_revoked(&world, "no longer a member").await;
}

#[tokio::test]
async fn credentials_can_be_transferred_to_the_member_who_removes_another() {
    let world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let me = format!("members/{}?credentials=transfer", world.owner.user.id);
    assert_eq!(world.client.delete(&me).await.refused(400, "INVALID_REQUEST").path, "credentials");
    let unknown = format!("{}?credentials=keep", leaver.path());
    assert_eq!(world.client.delete(&unknown).await.refused(400, "INVALID_REQUEST").path, "credentials");
    world.client.delete(&format!("{}?credentials=transfer", leaver.path())).await.expect(204);
    leaver.assert_working(&world).await;
    let key = world.client.get("api-keys").await.expect(200)["items"][0].clone();
    assert_eq!((&key["ownerID"], &key["ownerEmail"]), (&json!(world.owner.user.id), &json!("owner@example.com")));
    for action in ["apikey.transfer", "share.transfer", "invitation.transfer"] {
        let log = world.client.get(&format!("audit-logs?action={action}")).await.expect(200);
        assert_eq!(log["total"], 1, "{action}");
    }
}

#[tokio::test]
async fn transferring_credentials_requires_the_permissions_to_create_them() {
    let mut world = World::full().await;
    world.role("Doorman", &["member:list", "member:delete", "widget:list"]).await;
    world.role("Small", &["widget:list", "apikey:create"]).await;
    let (doorman_account, doorman) = world.member("doorman@example.com", "Doorman").await;
    let (small, client) = world.member("small@example.com", "Small").await;
    world
        .client
        .patch(&format!("members/{}", small.user.id), json!({"roleID": world.roles["Small"]}))
        .await
        .expect(200);
    let body = json!({"name": "key", "roleID": world.roles["Small"]});
    client.post("api-keys", body).await.expect(201);
    // the doorman's permissions cover the member's new role, but not the role of the key
    world.role("Smaller", &["widget:list"]).await;
    let smaller = json!({"roleID": world.roles["Smaller"]});
    world.client.patch(&format!("members/{}", small.user.id), smaller).await.expect(200);
    let path = format!("members/{}", small.user.id);
    doorman.delete(&format!("{path}?credentials=transfer")).await.refused(403, "PERMISSION_DENIED");
    assert_eq!(world.client.get("api-keys").await.expect(200)["items"].as_array().unwrap().len(), 1);
    doorman.delete(&path).await.expect(204);
    assert_eq!(world.client.get("api-keys").await.expect(200)["items"], json!([]));
    drop(doorman_account);
}

#[tokio::test]
async fn removing_a_member_can_rotate_the_webhooks_that_they_could_see() {
    let world = World::full().await;
    let hooked = json!({
        "name": "Hooked", "enabled": true, "triggers": [{"type": "webhook"}],
        "nodes": [{"id": "s", "type": "start", "name": "start"}], "edges": [],
    });
    let created = world.client.post("workflows", hooked).await.expect(201);
    let path = |workflow: &Value| workflow["triggerStates"][0]["path"].as_str().unwrap().to_owned();
    let at = format!("workflows/{}", id(&created));
    for (email, role, rotate, visible) in [
        ("a@example.com", "Editor", false, 1),
        ("b@example.com", "Editor", true, 1),
        ("c@example.com", "Viewer", true, 0),
    ] {
        let before = path(&world.client.get(&at).await.expect(200));
        let (account, _) = world.member(email, role).await;
        let member = format!("members/{}", account.user.id);
        let credentials = world.client.get(&format!("{member}/credentials")).await.expect(200);
        assert_eq!(credentials["webhooks"].as_array().unwrap().len(), visible, "{role}: {credentials}");
        let webhooks = if rotate { "rotate" } else { "keep" };
        world.client.delete(&format!("{member}?webhooks={webhooks}")).await.expect(204);
        let after = path(&world.client.get(&at).await.expect(200));
        let changes = rotate && visible > 0;
        assert_eq!(after != before, changes, "{role}");
        let old = world.server.anyone().post(&before, json!({})).await;
        assert_eq!(old.status == 404, changes, "{old}");
    }
}

#[tokio::test]
async fn a_key_allows_no_more_than_the_current_role_of_its_owner() {
    let mut world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let dashboard = format!("dashboards/{}", world.id("dashboardID"));
    leaver.key.get("api-keys").await.expect(200);
    world.client.patch(&leaver.path(), json!({"roleID": world.roles["Viewer"]})).await.expect(200);
    leaver.key.get("api-keys").await.refused(403, "PERMISSION_DENIED");
    leaver.key.delete(&dashboard).await.refused(403, "PERMISSION_DENIED");
    leaver.key.get("dashboards").await.expect(200);
    // a key that was created with the key belongs to the same member, with the same limits
    world.client.patch(&leaver.path(), json!({"roleID": world.roles["Owner"]})).await.expect(200);
    let body = json!({"name": "child", "roleID": world.roles["Owner"]});
    let child = leaver.key.post("api-keys", body).await.expect(201);
    assert_eq!(child["ownerID"], json!(leaver.account.user.id));
    let child = world.server.anyone().with_token(child["key"].as_str().unwrap()).in_tenant(world.tenant);
    child.get("api-keys").await.expect(200);
    world.role("Blind", &["widget:list"]).await;
    world.client.patch(&leaver.path(), json!({"roleID": world.roles["Blind"]})).await.expect(200);
    child.get("api-keys").await.refused(403, "PERMISSION_DENIED");
    world.server.anyone().get(&leaver.link).await.refused(404, "NOT_FOUND");
    world.client.delete(&leaver.path()).await.expect(204);
    child.get("widgets").await.refused(401, "USER_AUTH_TOKEN_INVALID");
}

#[tokio::test]
async fn credentials_of_a_disabled_account_do_not_work() {
    let world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let id = leaver.account.user.id;
    let disable = async |disabled: bool| {
        let store = &world.server.server.app.store;
        let mut user = store.get(|tx| tx.user(id)).unwrap();
        user.disabled = disabled;
        store.write(move |tx| tx.update_user(&user)).await.unwrap();
    };
    disable(true).await;
    leaver.assert_revoked(&world, "disabled").await;
    disable(false).await;
    leaver.assert_working(&world).await;
}

#[tokio::test]
async fn deleting_an_account_revokes_its_credentials() {
    let world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let token = leaver.account.client.token.clone().unwrap();
    identity(&world.server.anyone(), "delete", json!({"idToken": token})).await.expect(200);
    leaver.assert_revoked(&world, "deleted").await;
    assert_eq!(world.client.get("api-keys").await.expect(200)["items"], json!([]));
    let log = world.client.get("audit-logs?action=apikey.delete").await.expect(200);
    assert_eq!(log["items"][0]["actor"]["label"], "second@example.com");
}

#[tokio::test]
async fn revoking_a_key_revokes_what_was_created_with_it() {
    let world = World::full().await;
    let owner = &world.client;
    let make = async |client: &Client, name: &str| {
        let created = client.post("api-keys", json!({"name": name, "roleID": world.roles["Owner"]})).await.expect(201);
        let key = world.server.anyone().with_token(created["key"].as_str().unwrap()).in_tenant(world.tenant);
        (id(&created), key)
    };
    let (first, leaked) = make(owner, "first").await;
    let (_, second) = make(&leaked, "second").await;
    let (_, third) = make(&second, "third").await;
    let guest = json!({"email": "guest@example.com", "roleID": world.roles["Owner"]});
    let invitation = third.post("invitations", guest).await.expect(201);
    let invitation = format!("/api/v1/invitations/{}", invitation["url"].as_str().unwrap().rsplit_once('/').unwrap().1);
    world.server.anyone().get(&invitation).await.expect(200);
    owner.delete(&format!("api-keys/{first}")).await.expect(204);
    for key in [leaked, second, third] {
        assert_eq!(key.get("widgets").await.status.as_u16(), 401);
    }
    world.server.anyone().get(&invitation).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn links_and_invitations_end_with_the_permission_to_create_them() {
    let world = World::full().await;
    let leaver = leaver(&world, "second@example.com", "Owner").await;
    let anyone = world.server.anyone();
    world.client.patch(&leaver.path(), json!({"roleID": world.roles["Viewer"]})).await.expect(200);
    anyone.get(&leaver.link).await.refused(404, "NOT_FOUND");
    anyone.get(&leaver.invitation).await.refused(404, "NOT_FOUND");
}
