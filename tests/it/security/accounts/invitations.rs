//! "By invitation" takes the invitation, not the knowledge of who is invited.
use super::{identity, refused};
use crate::support::{TestServer, World};
use jet_admin::{auth::Signup, clock::Time};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

/// Invites someone; gives the secret of the link.
async fn invite(world: &World, email: &str, role: &str) -> String {
    let body = json!({"email": email, "roleID": world.roles[role]});
    let made = world.client.post("invitations", body).await.expect(201);
    made["url"].as_str().unwrap().rsplit_once("/invite/").unwrap().1.to_owned()
}

fn by_session(email: &str, token: Option<&str>) -> Value {
    let mut body = json!({"email": email, "password": PASSWORD});
    if let Some(token) = token {
        body["invitationToken"] = token.into();
    }
    body
}

#[tokio::test]
async fn knowing_who_is_invited_opens_no_account() {
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
            let body = by_session(email, token);
            refused(identity(&anyone, "signUp", body.clone()).await, "OPERATION_NOT_ALLOWED");
            anyone.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
        }
        let made =
            anyone.post("/api/v1/session/sign-up", by_session("Bob@example.com", Some(&token))).await.expect(200);
        assert_eq!(made["user"]["email"], "bob@example.com");
        let made = identity(&anyone, "signUp", by_session("eve@example.com", Some(&other))).await.expect(200);
        let eve = anyone.with_token(made["idToken"].as_str().unwrap());
        eve.call(Method::POST, &format!("/api/v1/invitations/{other}/accept")).send().await.expect(200);
    }
}

#[tokio::test]
async fn the_first_account_needs_no_invitation_and_an_open_server_none_at_all() {
    let server = TestServer::start().await;
    server.anyone().post("/api/v1/session/sign-up", by_session("first@example.com", None)).await.expect(200);
    let open = TestServer::start_with(|config| config.signup = Some(Signup::Open)).await;
    for email in ["first@example.com", "second@example.com"] {
        open.anyone().post("/api/v1/session/sign-up", by_session(email, None)).await.expect(200);
    }
}

#[tokio::test]
async fn a_link_that_is_over_opens_no_account() {
    let world = World::empty().await;
    let anyone = world.server.anyone();
    let withdrawn = invite(&world, "bob@example.com", "Viewer").await;
    let listed = world.client.get("invitations").await.expect(200);
    let at = listed["items"][0]["id"].as_str().unwrap();
    world.client.delete(&format!("invitations/{at}")).await.expect(204);
    let expired = invite(&world, "eve@example.com", "Viewer").await;
    let db = rusqlite::Connection::open(world.server.data_dir().join("jet-admin.db")).unwrap();
    db.execute("update invitations set expires_at = ?1", [Time::now().0 - 1]).unwrap();
    for (email, token) in [("bob@example.com", withdrawn), ("eve@example.com", expired)] {
        let body = by_session(email, Some(&token));
        anyone.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
    }
}

#[tokio::test]
async fn the_secret_of_a_link_is_nowhere_in_the_database() {
    let world = World::empty().await;
    let token = invite(&world, "bob@example.com", "Viewer").await;
    for name in ["jet-admin.db", "jet-admin.db-wal"] {
        let bytes = std::fs::read(world.server.data_dir().join(name)).unwrap_or_default();
        assert!(!bytes.windows(token.len()).any(|window| window == token.as_bytes()), "{name} holds the secret");
    }
}

#[tokio::test]
async fn who_is_invited_is_shown_to_those_who_invite_only() {
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
async fn an_invitation_hands_out_no_role_that_its_sender_has_lost() {
    let world = World::empty().await;
    let (second, client) = world.member("second@example.com", "Owner").await;
    let body = json!({"email": "bob@example.com", "roleID": world.roles["Owner"]});
    let made = client.post("invitations", body).await.expect(201);
    let token = made["url"].as_str().unwrap().rsplit_once("/invite/").unwrap().1.to_owned();
    let anyone = world.server.anyone();
    let (see, accept) = (format!("/api/v1/invitations/{token}"), format!("/api/v1/invitations/{token}/accept"));
    anyone.get(&see).await.expect(200);
    let demoted = json!({"roleID": world.roles["Viewer"]});
    world.client.patch(&format!("members/{}", second.user.id), demoted).await.expect(200);
    anyone.get(&see).await.refused(404, "NOT_FOUND");
    let bob = world.server.account("bob@example.com").await;
    bob.client.call(Method::POST, &accept).send().await.refused(404, "NOT_FOUND");
    let body = by_session("new@example.com", Some(&token));
    anyone.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
}
