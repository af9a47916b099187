//! Sign-up by invitation requires the invitation link; knowing who is invited is not enough.
use super::{identity, refused};
use crate::support::{Stored, TestServer, World, stored};
use jet_admin::{auth::Signup, clock::Time};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

/// Invites someone and returns the secret of the link.
async fn invite(world: &World, email: &str, role: &str) -> String {
    let body = json!({"email": email, "roleID": world.roles[role]});
    let created = world.client.post("invitations", body).await.expect(201);
    created["url"].as_str().unwrap().rsplit_once("/invite/").unwrap().1.to_owned()
}

fn sign_up_body(email: &str, token: Option<&str>) -> Value {
    let mut body = json!({"email": email, "password": PASSWORD});
    if let Some(token) = token {
        body["invitationToken"] = token.into();
    }
    body
}

#[tokio::test]
async fn knowing_who_is_invited_is_not_enough_to_sign_up() {
    for signup in [None, Some(Signup::Invite)] {
        let world = World::on(TestServer::start_with(|config| config.signup = signup).await).await;
        let anyone = world.server.anyone();
        let token = invite(&world, "bob@example.com", "Viewer").await;
        let other = invite(&world, "eve@example.com", "Viewer").await;
        for (email, token) in [
            ("bob@example.com", None),
            ("bob@example.com", Some("nonsense")),
            ("bob@example.com", Some("")),
            ("bob@example.com", Some(other.as_str())),
            ("stranger@example.com", Some(token.as_str())),
        ] {
            let body = sign_up_body(email, token);
            refused(identity(&anyone, "signUp", body.clone()).await, "OPERATION_NOT_ALLOWED");
            anyone.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
        }
        let created =
            anyone.post("/api/v1/session/sign-up", sign_up_body("Bob@example.com", Some(&token))).await.expect(200);
        assert_eq!(created["user"]["email"], "bob@example.com");
        let created = identity(&anyone, "signUp", sign_up_body("eve@example.com", Some(&other))).await.expect(200);
        let eve = anyone.with_token(created["idToken"].as_str().unwrap());
        eve.call(Method::POST, &format!("/api/v1/invitations/{other}/accept")).send().await.expect(200);
    }
}

#[tokio::test]
async fn neither_the_first_account_nor_an_open_server_requires_an_invitation() {
    let server = TestServer::start().await;
    server.anyone().post("/api/v1/session/sign-up", sign_up_body("first@example.com", None)).await.expect(200);
    let open = TestServer::start_with(|config| config.signup = Some(Signup::Open)).await;
    for email in ["first@example.com", "second@example.com"] {
        open.anyone().post("/api/v1/session/sign-up", sign_up_body(email, None)).await.expect(200);
    }
}

#[tokio::test]
async fn a_withdrawn_or_expired_invitation_does_not_allow_sign_up() {
    let world = World::empty().await;
    let anyone = world.server.anyone();
    let withdrawn = invite(&world, "bob@example.com", "Viewer").await;
    let listed = world.client.get("invitations").await.expect(200);
    let at = listed["items"][0]["id"].as_str().unwrap();
    world.client.delete(&format!("invitations/{at}")).await.expect(204);
    let expired = invite(&world, "eve@example.com", "Viewer").await;
    let past = Time::now().0 - 1;
    Stored::workspace(&world.server.data_dir()).execute(&format!("update invitations set expires_at = {past}"));
    for (email, token) in [("bob@example.com", withdrawn), ("eve@example.com", expired)] {
        let body = sign_up_body(email, Some(&token));
        anyone.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
    }
}

#[tokio::test]
async fn the_database_does_not_contain_the_secrets_of_invitations() {
    let world = World::empty().await;
    let token = invite(&world, "bob@example.com", "Viewer").await;
    assert!(stored::contains(&world.server.data_dir(), "bob@example.com"));
    assert!(!stored::contains(&world.server.data_dir(), &token));
}

#[tokio::test]
async fn only_members_who_can_invite_see_invitations() {
    let mut world = World::empty().await;
    world.role("Host", &["member:list", "member:create"]).await;
    invite(&world, "bob@example.com", "Viewer").await;
    for role in ["Viewer", "Operator", "Editor"] {
        let (_, client) = world.member(&format!("{}@example.com", role.to_lowercase()), role).await;
        client.get("members").await.expect(200);
        let answer = client.get("invitations").await;
        assert!(!answer.text.contains("bob@example.com"), "{answer}");
        answer.refused(403, "PERMISSION_DENIED");
    }
    let (_, host) = world.member("host@example.com", "Host").await;
    assert_eq!(host.get("invitations").await.expect(200)["items"][0]["email"], "bob@example.com");
}

#[tokio::test]
async fn an_invitation_ends_when_its_sender_loses_the_role() {
    let world = World::empty().await;
    let (second, client) = world.member("second@example.com", "Owner").await;
    let body = json!({"email": "bob@example.com", "roleID": world.roles["Owner"]});
    let created = client.post("invitations", body).await.expect(201);
    let token = created["url"].as_str().unwrap().rsplit_once("/invite/").unwrap().1.to_owned();
    let anyone = world.server.anyone();
    let (see, accept) = (format!("/api/v1/invitations/{token}"), format!("/api/v1/invitations/{token}/accept"));
    anyone.get(&see).await.expect(200);
    let demoted = json!({"roleID": world.roles["Viewer"]});
    world.client.patch(&format!("members/{}", second.user.id), demoted).await.expect(200);
    anyone.get(&see).await.refused(404, "NOT_FOUND");
    let bob = world.server.account("bob@example.com").await;
    bob.client.call(Method::POST, &accept).send().await.refused(404, "NOT_FOUND");
    let body = sign_up_body("new@example.com", Some(&token));
    anyone.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
}
