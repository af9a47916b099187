//! One-time codes for password resets and email verification, and who can sign up.
use crate::support::{Answer, Client, TestServer, World, smtp::smtp};
use jet_admin::{auth::Signup, store::User};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "correct horse";

async fn call(client: &Client, name: &str, body: Value) -> Answer {
    client.post(&format!("/identitytoolkit.googleapis.com/v1/accounts:{name}"), body).await
}

async fn sign_up(client: &Client, email: &str) -> Answer {
    sign_up_with(client, email, None).await
}

async fn sign_up_with(client: &Client, email: &str, invitation: Option<&str>) -> Answer {
    call(client, "signUp", json!({"email": email, "password": PASSWORD, "invitationToken": invitation})).await
}

#[track_caller]
fn refused(answer: Answer, code: &str) {
    let body = answer.expect(400);
    assert_eq!(body["error"]["message"], code);
}

fn user(server: &TestServer) -> User {
    server.server.app.store.get(|tx| tx.user_by_email("ada@example.com")).unwrap().unwrap().0
}

/// The code in the link that the account's owner receives.
async fn code(server: &TestServer, purpose: &'static str) -> String {
    let link = server.server.app.identity.code_link(&user(server), purpose, "page").await.unwrap();
    link.split_once("oobCode=").unwrap().1.to_owned()
}

async fn with_ada() -> (TestServer, Client, Value) {
    let server = TestServer::start().await;
    let client = server.anyone();
    let session = sign_up(&client, "ada@example.com").await.expect(200);
    (server, client, session)
}

#[tokio::test]
async fn a_reset_code_sets_a_new_password_once() {
    let (server, client, session) = with_ada().await;
    let code = code(&server, "PASSWORD_RESET").await;
    let lookup = call(&client, "resetPassword", json!({"oobCode": code})).await.expect(200);
    assert_eq!((&lookup["email"], &lookup["requestType"]), (&json!("ada@example.com"), &json!("PASSWORD_RESET")));
    refused(
        call(&client, "resetPassword", json!({"oobCode": code, "newPassword": "short"})).await,
        "WEAK_PASSWORD : Password should be at least 8 characters",
    );
    let body = json!({"oobCode": code, "newPassword": "another horse"});
    call(&client, "resetPassword", body.clone()).await.expect(200);
    refused(call(&client, "resetPassword", body).await, "INVALID_OOB_CODE");
    let sign_in = json!({"email": "ada@example.com", "password": "another horse"});
    call(&client, "signInWithPassword", sign_in).await.expect(200);
    let old = client.with_token(session["idToken"].as_str().unwrap());
    old.get("/api/v1/auth").await.refused(401, "USER_AUTH_TOKEN_INVALID");
    assert!(user(&server).email_verified, "using the code proves access to the mailbox");
}

#[tokio::test]
async fn a_verification_code_verifies_once_and_can_be_checked_before() {
    let (server, client, _) = with_ada().await;
    let code = code(&server, "VERIFY_EMAIL").await;
    let lookup = call(&client, "resetPassword", json!({"oobCode": code})).await.expect(200);
    assert_eq!(lookup["requestType"], "VERIFY_EMAIL");
    assert!(!user(&server).email_verified, "checking the code must not verify the address");
    refused(
        call(&client, "resetPassword", json!({"oobCode": code, "newPassword": "another horse"})).await,
        "INVALID_OOB_CODE",
    );
    let verified = call(&client, "update", json!({"oobCode": code})).await.expect(200);
    assert_eq!((&verified["email"], &verified["emailVerified"]), (&json!("ada@example.com"), &json!(true)));
    assert!(user(&server).email_verified);
    refused(call(&client, "update", json!({"oobCode": code})).await, "INVALID_OOB_CODE");
}

#[tokio::test]
async fn only_the_latest_code_is_valid_and_only_for_its_purpose_and_address() {
    let (server, client, _) = with_ada().await;
    let reset = code(&server, "PASSWORD_RESET").await;
    refused(call(&client, "update", json!({"oobCode": reset})).await, "INVALID_OOB_CODE");
    assert!(!user(&server).email_verified);
    let again = code(&server, "PASSWORD_RESET").await;
    refused(call(&client, "resetPassword", json!({"oobCode": reset})).await, "INVALID_OOB_CODE");
    let moved = User { email: "new@example.com".to_owned(), ..user(&server) };
    server.server.app.store.write(move |tx| tx.update_user(&moved)).await.unwrap();
    let body = json!({"oobCode": again, "newPassword": "another horse"});
    refused(call(&client, "resetPassword", body).await, "INVALID_OOB_CODE");
    refused(call(&client, "resetPassword", json!({"oobCode": "nonsense"})).await, "INVALID_OOB_CODE");
}

#[tokio::test]
async fn requesting_a_code_does_not_reveal_who_has_an_account() {
    let (_server, client, session) = with_ada().await;
    let ask = async |email: &str| {
        call(&client, "sendOobCode", json!({"requestType": "PASSWORD_RESET", "email": email})).await
    };
    let (known, unknown) = (ask("ada@example.com").await.expect(200), ask("nobody@example.com").await.expect(200));
    assert_eq!((&known["kind"], &known["email"]), (&unknown["kind"], &json!("ada@example.com")));
    refused(ask("nonsense").await, "INVALID_EMAIL");
    let verify = json!({"requestType": "VERIFY_EMAIL", "idToken": session["idToken"]});
    assert_eq!(call(&client, "sendOobCode", verify).await.expect(200)["email"], "ada@example.com");
    refused(call(&client, "sendOobCode", json!({"requestType": "VERIFY_EMAIL"})).await, "INVALID_ID_TOKEN");
    refused(call(&client, "sendOobCode", json!({"requestType": "NONSENSE"})).await, "INVALID_REQ_TYPE");
}

#[tokio::test]
async fn by_default_sign_up_is_open_for_the_first_account_and_then_by_invitation() {
    let server = TestServer::start().await;
    let client = server.anyone();
    let setup = client.get("/api/v1/setup").await.expect(200);
    assert_eq!((&setup["needsFirstAccount"], &setup["signup"]), (&json!(true), &json!("open")));
    assert_eq!((&setup["sendsMail"], &setup["trashDays"]), (&json!(false), &json!(30)));
    let first = sign_up(&client, "ada@example.com").await.expect(200);
    let setup = client.get("/api/v1/setup").await.expect(200);
    assert_eq!((&setup["needsFirstAccount"], &setup["signup"]), (&json!(false), &json!("invite")));
    let me = client.with_token(first["idToken"].as_str().unwrap()).get("/api/v1/auth").await.expect(200);
    assert_eq!(me["user"]["isInstanceAdmin"], true);
    refused(sign_up(&client, "bob@example.com").await, "OPERATION_NOT_ALLOWED");
    let body = json!({"email": "bob@example.com", "password": PASSWORD});
    client.post("/api/v1/session/sign-up", body).await.refused(403, "PERMISSION_DENIED");
}

async fn invited(mode: Signup) -> Answer {
    let server = TestServer::start_with(|config| config.signup = Some(mode)).await;
    let world = World::on(server).await;
    let client = world.server.anyone();
    let uninvited = sign_up(&client, "stranger@example.com").await;
    if mode == Signup::Open {
        uninvited.expect(200);
    } else {
        refused(uninvited, "OPERATION_NOT_ALLOWED");
    }
    let body = json!({"email": "bob@example.com", "roleID": world.roles["Viewer"]});
    let invitation = world.client.post("invitations", body).await.expect(201);
    let token = invitation["url"].as_str().unwrap().rsplit_once('/').unwrap().1;
    sign_up_with(&client, "Bob@example.com", Some(token)).await
}

#[tokio::test]
async fn an_invitation_allows_sign_up_unless_sign_up_is_closed() {
    invited(Signup::Open).await.expect(200);
    let account = invited(Signup::Invite).await.expect(200);
    assert_eq!(account["email"], "bob@example.com");
    refused(invited(Signup::Closed).await, "OPERATION_NOT_ALLOWED");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_email_contains_the_link_and_is_not_sent_repeatedly() {
    let smtp = smtp();
    let url = format!("smtp://127.0.0.1:{}?tls=none", smtp.port);
    let server = TestServer::start_with(|config| {
        config.smtp_url = Some(url);
        config.mail_from = Some("Jet <jet@example.org>".to_owned());
        config.public_url = Some("https://jet.example.org/".to_owned());
    });
    let server = server.await;
    let client = server.anyone();
    sign_up(&client, "ada@example.com").await.expect(200);
    for email in ["ada@example.com", "nobody@example.com", "ada@example.com"] {
        call(&client, "sendOobCode", json!({"requestType": "PASSWORD_RESET", "email": email})).await.expect(200);
    }
    let arrived = async {
        while smtp.letters().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), arrived).await.expect("no email arrived");
    let email = &smtp.letters()[0];
    assert_eq!((&email["from"], &email["to"]), (&json!("jet@example.org"), &json!(["ada@example.com"])));
    let text = email["data"].as_str().unwrap().replace("=\r\n", "").replace("=3D", "=");
    assert!(text.contains("Subject: Set a new password"), "{text}");
    let code = text.split_once("https://jet.example.org/reset?oobCode=").unwrap().1;
    let code = code.split_whitespace().next().unwrap();
    let body = json!({"oobCode": code, "newPassword": "another horse"});
    call(&client, "resetPassword", body).await.expect(200);
    assert_eq!(smtp.letters().len(), 1, "the same email must not be sent again, and strangers must get none");
}
