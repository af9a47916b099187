//! A token is not enough to take over an account: changes to how it signs in require the password or a recent sign-in.
use super::{identity, refused};
use crate::support::{Client, Stored, TestServer, World, smtp::smtp};
use jet_admin::{
    auth::{Signup, hash_secret},
    clock::Time,
    store::{ActionCode, User},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "correct horse";
const TOO_OLD: &str = "CREDENTIAL_TOO_OLD_LOGIN_AGAIN";

struct Ada {
    server: TestServer,
    anyone: Client,
    session: Value,
}

impl Ada {
    async fn signed_up() -> Self {
        let server = TestServer::start_with(|config| config.signup = Some(Signup::Open)).await;
        let anyone = server.anyone();
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let session = identity(&anyone, "signUp", body).await.expect(200);
        Self { server, anyone, session }
    }

    fn user(&self) -> User {
        let id = self.session["localId"].as_str().unwrap().parse().unwrap();
        self.server.server.app.store.get(|tx| tx.user(id)).unwrap()
    }

    /// A valid token of a sign-in this many minutes ago.
    fn token(&self, minutes: i64) -> String {
        self.server.token(&self.user(), Time(Time::now().0 - minutes * 60_000))
    }

    async fn call(&self, name: &str, body: Value) -> crate::support::Answer {
        identity(&self.anyone, name, body).await
    }

    async fn signs_in(&self, email: &str, password: &str) -> bool {
        let body = json!({"email": email, "password": password});
        identity(&self.anyone, "signInWithPassword", body).await.status == 200
    }

    /// The number of email changes that wait for confirmation.
    fn pending_changes(&self) -> u64 {
        let sql = "select count(*) from action_codes where new_email is not null";
        Stored::workspace(&self.server.data_dir()).number(sql)
    }
}

/// Calls that require more than a token, each with its fields.
fn sensitive() -> Vec<(&'static str, Value)> {
    vec![
        ("update", json!({"password": "another horse"})),
        ("update", json!({"email": "ceo@bigcorp.example"})),
        ("update", json!({"email": "ceo@bigcorp.example", "displayName": "Ada"})),
        ("sendOobCode", json!({"requestType": "VERIFY_AND_CHANGE_EMAIL", "newEmail": "ceo@bigcorp.example"})),
        ("delete", json!({})),
    ]
}

fn with(mut body: Value, fields: &[(&str, &str)]) -> Value {
    for (name, value) in fields {
        body[*name] = (*value).into();
    }
    body
}

#[tokio::test]
async fn a_token_alone_cannot_take_over_an_account() {
    let ada = Ada::signed_up().await;
    let old = ada.token(6);
    ada.anyone.with_token(&old).get("/api/v1/auth").await.expect(200);
    for (name, body) in sensitive() {
        refused(ada.call(name, with(body.clone(), &[("idToken", &old)])).await, TOO_OLD);
        let guessed = with(body, &[("idToken", &old), ("currentPassword", "wrong horse")]);
        refused(ada.call(name, guessed).await, "INVALID_LOGIN_CREDENTIALS");
    }
    assert!(ada.signs_in("ada@example.com", PASSWORD).await, "the password must not change");
    assert_eq!((ada.user().email.as_str(), ada.pending_changes()), ("ada@example.com", 0));
}

#[tokio::test]
async fn the_password_replaces_a_recent_sign_in() {
    for (name, body) in sensitive() {
        let ada = Ada::signed_up().await;
        let old = ada.token(30);
        ada.call(name, with(body, &[("idToken", &old), ("currentPassword", PASSWORD)])).await.expect(200);
    }
}

#[tokio::test]
async fn a_recent_sign_in_is_enough() {
    for (name, body) in sensitive() {
        let ada = Ada::signed_up().await;
        let recent = ada.token(4);
        ada.call(name, with(body, &[("idToken", &recent)])).await.expect(200);
    }
}

#[tokio::test]
async fn refreshing_a_token_or_changing_the_name_does_not_count_as_a_recent_sign_in() {
    let ada = Ada::signed_up().await;
    let long_ago = "update refresh_tokens set signed_in_at = signed_in_at - 600000";
    Stored::workspace(&ada.server.data_dir()).execute(long_ago);
    let form = format!("grant_type=refresh_token&refresh_token={}", ada.session["refreshToken"].as_str().unwrap());
    let refresh = ada.anyone.call(Method::POST, "/securetoken.googleapis.com/v1/token");
    let refreshed = refresh.raw("application/x-www-form-urlencoded", form).send().await.expect(200);
    let token = refreshed["id_token"].as_str().unwrap();
    refused(ada.call("update", json!({"idToken": token, "password": "another horse"})).await, TOO_OLD);
    let renamed = ada.call("update", json!({"idToken": token, "displayName": "Ada"})).await.expect(200);
    assert_eq!(renamed["displayName"], "Ada");
    assert!(
        renamed.get("refreshToken").is_none() && renamed.get("idToken").is_none(),
        "a token that is valid for an hour must not turn into a session of a month: {renamed}"
    );
    // every rotation keeps the time of the sign-in
    let form = format!("grant_type=refresh_token&refresh_token={}", refreshed["refresh_token"].as_str().unwrap());
    let refresh = ada.anyone.call(Method::POST, "/securetoken.googleapis.com/v1/token");
    let again = refresh.raw("application/x-www-form-urlencoded", form).send().await.expect(200);
    refused(ada.call("delete", json!({"idToken": again["id_token"]})).await, TOO_OLD);
}

#[tokio::test]
async fn guessing_the_current_password_is_limited_as_at_sign_in() {
    let ada = Ada::signed_up().await;
    let token = ada.token(10);
    let guess = || json!({"idToken": token, "password": "another horse", "currentPassword": "wrong horse"});
    // guesses run one at a time with growing delays, so concurrent ones are refused
    let guesses = (0..20).map(|_| ada.call("update", guess()));
    let answers = futures_util::future::join_all(guesses).await;
    let codes: Vec<_> = answers.into_iter().map(|answer| answer.expect(400)["error"]["message"].clone()).collect();
    assert!(codes.contains(&json!("INVALID_LOGIN_CREDENTIALS")), "{codes:?}");
    assert!(codes.contains(&json!("TOO_MANY_ATTEMPTS_TRY_LATER")), "{codes:?}");
}

#[tokio::test]
async fn the_password_of_another_account_is_not_accepted() {
    let ada = Ada::signed_up().await;
    let body = json!({"email": "bob@example.com", "password": "bob's own horse"});
    identity(&ada.anyone, "signUp", body).await.expect(200);
    let token = ada.token(10);
    let body = json!({"idToken": token, "password": "another horse", "currentPassword": "bob's own horse"});
    refused(ada.call("update", body).await, "INVALID_LOGIN_CREDENTIALS");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_email_address_is_used_only_after_it_is_confirmed() {
    let smtp = smtp();
    let url = format!("smtp://127.0.0.1:{}?tls=none", smtp.port);
    let server = TestServer::start_with(|config| {
        config.smtp_url = Some(url);
        config.mail_from = Some("Jet <jet@example.org>".to_owned());
    });
    let world = World::on(server.await).await;
    let anyone = world.server.anyone();
    let (account, _) = world.member("ada@example.com", "Editor").await;
    let id = account.user.id;
    let token = account.client.token.clone().unwrap();
    let updated = identity(&anyone, "update", json!({"idToken": token, "email": "New@example.com"})).await.expect(200);
    assert_eq!((&updated["email"], &updated["pendingEmail"]), (&json!("ada@example.com"), &json!("new@example.com")));
    let lookup = identity(&anyone, "lookup", json!({"idToken": token})).await.expect(200);
    assert_eq!(lookup["users"][0]["pendingEmail"], "new@example.com");
    let shown = async || {
        let members = world.client.get("members").await.expect(200);
        members["items"].as_array().unwrap().iter().any(|member| member["email"] == "new@example.com")
    };
    assert!(!shown().await, "the member list must show the confirmed address");
    assert_eq!(account.client.get("/api/v1/auth").await.expect(200)["user"]["email"], "ada@example.com");

    let email = async |count: usize| {
        let arrived = async {
            while smtp.letters().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), arrived).await.expect("no email arrived");
        let email = smtp.letters()[count - 1].clone();
        let text = email["data"].as_str().unwrap().replace("=\r\n", "").replace("=3D", "=");
        (email["to"].clone(), text)
    };
    let (to, text) = email(1).await;
    assert_eq!(to, json!(["new@example.com"]), "{text}");
    let code = text.split_once("oobCode=").unwrap().1.split_whitespace().next().unwrap().to_owned();
    let lookup = identity(&anyone, "resetPassword", json!({"oobCode": code})).await.expect(200);
    assert_eq!(
        (&lookup["requestType"], &lookup["newEmail"]),
        (&json!("VERIFY_AND_CHANGE_EMAIL"), &json!("new@example.com"))
    );
    refused(
        identity(&anyone, "resetPassword", json!({"oobCode": code, "newPassword": "another horse"})).await,
        "INVALID_OOB_CODE",
    );
    let done = identity(&anyone, "update", json!({"oobCode": code})).await.expect(200);
    assert_eq!((&done["email"], &done["emailVerified"]), (&json!("new@example.com"), &json!(true)));
    assert!(shown().await);
    account.client.get("/api/v1/auth").await.refused(401, "USER_AUTH_TOKEN_INVALID");
    refused(identity(&anyone, "update", json!({"oobCode": code})).await, "INVALID_OOB_CODE");
    let (to, text) = email(2).await;
    assert_eq!(to, json!(["ada@example.com"]), "the owner must be notified at the old address");
    assert!(text.contains("new@example.com") && !text.contains("oobCode"), "{text}");
    assert!(world.server.server.app.store.get(|tx| tx.user(id)).unwrap().email_verified);
}

#[tokio::test]
async fn a_new_password_revokes_earlier_codes() {
    let ada = Ada::signed_up().await;
    let token = ada.token(1);
    let change = json!({"idToken": token, "requestType": "VERIFY_AND_CHANGE_EMAIL", "newEmail": "thief@example.com"});
    ada.call("sendOobCode", change).await.expect(200);
    let reset = ada.server.server.app.identity.code_link(&ada.user(), "PASSWORD_RESET", "reset").await.unwrap();
    assert_eq!(ada.pending_changes(), 1);
    ada.call("update", json!({"idToken": token, "password": "another horse"})).await.expect(200);
    assert_eq!(ada.pending_changes(), 0);
    let code = reset.split_once("oobCode=").unwrap().1;
    refused(
        ada.call("resetPassword", json!({"oobCode": code, "newPassword": "third horse"})).await,
        "INVALID_OOB_CODE",
    );
}

#[tokio::test]
async fn an_email_address_that_another_account_has_taken_cannot_be_confirmed() {
    let ada = Ada::signed_up().await;
    let body = json!({"email": "bob@example.com", "password": PASSWORD});
    let update = json!({"idToken": ada.token(0), "email": "bob@example.com"});
    ada.call("update", update.clone()).await.expect(200);
    identity(&ada.anyone, "signUp", body).await.expect(200);
    refused(ada.call("update", update).await, "EMAIL_EXISTS");
    let (hash, purpose) = (hash_secret("the code"), "VERIFY_AND_CHANGE_EMAIL".to_owned());
    let new_email = Some("bob@example.com".to_owned());
    let code = ActionCode { user: ada.user().id, purpose, email: "ada@example.com".to_owned(), new_email };
    let later = Time(Time::now().0 + 60_000);
    ada.server.server.app.store.write(move |tx| tx.add_action_code(&hash, &code, later)).await.unwrap();
    refused(ada.call("update", json!({"oobCode": "the code"})).await, "EMAIL_EXISTS");
    assert!(ada.signs_in("bob@example.com", PASSWORD).await && ada.signs_in("ada@example.com", PASSWORD).await);
    assert_eq!(ada.user().email, "ada@example.com");
}
