//! Tokens of external issuers: an OIDC provider and a Firebase project, both run by the test.
use crate::support::{Answer, Issuer, Key, TestServer, World, issuer::sign_with_secret, process::run};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jet_admin::{
    auth::{ExternalIssuer, Signup},
    clock::Time,
    error::{Error, TokenProblem},
};
use serde_json::{Value, json};
use std::time::Duration;

async fn server(issuer: &Issuer) -> TestServer {
    let url = issuer.url().to_owned();
    TestServer::start_with(|config| {
        config.oidc_issuer = Some(url);
        config.oidc_audience = Some("app".to_owned());
    })
    .await
}

async fn me(server: &TestServer, token: &str) -> Answer {
    server.anyone().with_token(token).get("/api/v1/auth").await
}

fn with(claims: Value, changes: Value) -> Value {
    let mut claims = claims;
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[tokio::test]
async fn a_valid_token_creates_the_account_on_first_use() {
    let (rsa, elliptic) = (Key::rsa("first"), Key::elliptic("curve"));
    let issuer = Issuer::start(&[&rsa, &elliptic]).await;
    let server = server(&issuer).await;
    let first = me(&server, &rsa.sign(&issuer.claims())).await.expect(200);
    assert_eq!((&first["user"]["email"], &first["user"]["name"]), (&json!("ada@example.com"), &json!("Ada")));
    let again = me(&server, &elliptic.sign(&issuer.claims())).await.expect(200);
    assert_eq!(again["user"]["id"], first["user"]["id"], "the same subject must be the same account");
    let other = me(&server, &rsa.sign(&with(issuer.claims(), json!({"sub": "person-2"})))).await.expect(200);
    assert_ne!(
        other["user"]["id"], first["user"]["id"],
        "the same email address with another subject must be another account"
    );
    let list = with(issuer.claims(), json!({"aud": ["app", "other"]}));
    me(&server, &rsa.sign(&list)).await.expect(200);
    assert_eq!(issuer.asked(), 1, "the keys must be cached");
}

#[tokio::test]
async fn concurrent_first_requests_create_only_one_account() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer).await;
    let token = key.sign(&issuer.claims());
    let answers = futures_util::future::join_all((0..20).map(|_| me(&server, &token))).await;
    let ids: std::collections::HashSet<_> =
        answers.into_iter().map(|answer| answer.expect(200)["user"]["id"].to_string()).collect();
    assert_eq!((ids.len(), issuer.asked()), (1, 1));
}

#[tokio::test]
async fn a_token_with_any_invalid_claim_is_refused() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer).await;
    let now = Time::now().seconds();
    let invalid = "USER_AUTH_TOKEN_INVALID";
    for (changes, code) in [
        (json!({"exp": now - 120}), "USER_AUTH_TOKEN_EXPIRED"),
        (json!({"exp": null}), invalid),
        (json!({"aud": "another"}), invalid),
        (json!({"aud": null}), invalid),
        (json!({"iss": "https://elsewhere.example.com"}), invalid),
        (json!({"iss": "jet-admin"}), invalid),
        (json!({"iss": null}), invalid),
        (json!({"sub": null}), invalid),
        (json!({"sub": ""}), invalid),
        (json!({"sub": "x".repeat(256)}), invalid),
        (json!({"iat": now + 300}), invalid),
        (json!({"nbf": now + 300}), invalid),
    ] {
        let answer = me(&server, &key.sign(&with(issuer.claims(), changes.clone()))).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, code), "{changes}");
    }
    for changes in [json!({"exp": now - 30}), json!({"iat": now + 30}), json!({"nbf": now + 30})] {
        let answer = me(&server, &key.sign(&with(issuer.claims(), changes.clone()))).await;
        assert_eq!(answer.status, 200, "clocks may differ by half a minute: {changes}");
    }
    let users = server.server.app.store.get(|tx| tx.users()).unwrap();
    assert_eq!(users.len(), 1, "refused tokens must not create accounts");
}

#[tokio::test]
async fn only_the_algorithm_of_the_key_is_accepted() {
    let (rsa, elliptic) = (Key::rsa("first"), Key::elliptic("curve"));
    let issuer = Issuer::start(&[&rsa, &elliptic]).await;
    let server = server(&issuer).await;
    let claims = issuer.claims();
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let good = rsa.sign(&claims);
    let signature = good.rsplit('.').next().unwrap();
    let mut wrong = Vec::new();
    for alg in ["none", "NONE", "HS256", "RS512", "ES256"] {
        wrong.push(format!("{}.{}.", part(&json!({"alg": alg, "kid": "first"})), part(&claims)));
        wrong.push(format!("{}.{}.{signature}", part(&json!({"alg": alg, "kid": "first"})), part(&claims)));
    }
    let published = serde_json::to_string(&rsa.public()).unwrap();
    for secret in [published.as_bytes(), rsa.id.as_bytes(), b""] {
        wrong.push(sign_with_secret(Some("first"), &claims, secret));
    }
    let as_the_other = Key { id: "curve", ..rsa.clone() };
    wrong.push(as_the_other.sign(&claims));
    wrong.push(Key { id: "unknown", ..rsa.clone() }.sign(&claims));
    wrong.push(Key { id: "first", ..Key::rsa("second") }.sign(&claims));
    for token in wrong {
        me(&server, &token).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    }
    me(&server, &good).await.expect(200);
}

#[tokio::test]
async fn an_issuers_key_cannot_sign_for_our_own_accounts() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    let world = World::on(server(&issuer).await).await;
    let own = world.owner.client.token.clone().unwrap();
    me(&world.server, &own).await.expect(200);
    let victim = with(issuer.claims(), json!({"iss": "jet-admin", "aud": "jet-admin", "sub": world.owner.user.id}));
    me(&world.server, &key.sign(&victim)).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    let victim = with(issuer.claims(), json!({"sub": world.owner.user.id}));
    let stranger = me(&world.server, &key.sign(&victim)).await.expect(200);
    assert_ne!(stranger["user"]["id"], world.owner.user.id.to_string());
}

#[tokio::test]
async fn a_rotated_key_is_found_and_unknown_keys_do_not_flood_the_issuer() {
    let (first, second) = (Key::rsa("first"), Key::rsa("second"));
    let issuer = Issuer::start(&[&first]).await;
    drop(server(&issuer).await);
    let external = ExternalIssuer::oidc(issuer.url(), "app", reqwest_client());
    let now = Time::now();
    let verify = async |key: &Key, at: Time| {
        let token = key.sign(&issuer.claims());
        external.verify(&token, &jsonwebtoken::decode_header(&token).unwrap(), at).await.map(|claims| claims.sub)
    };
    let later = |seconds: u64| now.plus(Duration::from_secs(seconds));
    assert_eq!(verify(&first, now).await.unwrap(), "person-1");
    let unknown =
        |outcome: Result<String, Error>| matches!(outcome, Err(Error::Unauthenticated(TokenProblem::Invalid)));
    for second_of_flood in 1..8 {
        assert!(unknown(verify(&second, later(second_of_flood)).await));
    }
    assert_eq!(issuer.asked(), 1, "the issuer must not be asked again so soon");
    issuer.publish(&[&second]);
    assert_eq!(verify(&second, later(20)).await.unwrap(), "person-1");
    assert!(unknown(verify(&first, later(21)).await), "a key that is no longer published must not be trusted");
    assert_eq!(issuer.asked(), 2);
    // expired keys are fetched again, but if the issuer is down, the old ones still work
    issuer.down(true);
    assert_eq!(verify(&second, later(20 + 301)).await.unwrap(), "person-1");
    assert_eq!(issuer.asked(), 3);
}

/// An HTTP client like those of the server.
fn reqwest_client() -> reqwest::Client {
    let tls =
        rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).build().unwrap()
}

#[tokio::test]
async fn an_unreachable_issuer_is_reported_as_unavailable_and_not_as_an_invalid_token() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    issuer.down(true);
    let down = server(&issuer).await;
    me(&down, &key.sign(&issuer.claims())).await.refused(503, "UNAVAILABLE");
    issuer.down(false);
    issuer.set_issuer_name("https://elsewhere.example.com");
    let mistaken = server(&issuer).await;
    me(&mistaken, &key.sign(&issuer.claims())).await.refused(503, "UNAVAILABLE");
}

#[tokio::test]
async fn sign_up_modes_apply_to_external_issuers_too() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    for (mode, invited, allowed) in [
        (Signup::Open, false, true),
        (Signup::Invite, false, false),
        (Signup::Invite, true, true),
        (Signup::Closed, true, false),
    ] {
        let url = issuer.url().to_owned();
        let server = TestServer::start_with(|config| {
            config.oidc_issuer = Some(url);
            config.oidc_audience = Some("app".to_owned());
            config.signup = Some(mode);
        });
        let world = World::on(server.await).await;
        if invited {
            let body = json!({"email": "ada@example.com", "roleID": world.roles["Viewer"]});
            world.client.post("invitations", body).await.expect(201);
        }
        let unverified = with(issuer.claims(), json!({"email_verified": false, "sub": "someone else"}));
        let answer = me(&world.server, &key.sign(&unverified)).await;
        assert_eq!(
            answer.status == 200,
            mode == Signup::Open,
            "{mode:?}: an unverified address must not use an invitation"
        );
        let answer = me(&world.server, &key.sign(&issuer.claims())).await;
        assert_eq!(answer.status == 200, allowed, "{mode:?} invited: {invited}: {answer}");
    }
}

#[tokio::test]
async fn an_account_of_an_external_issuer_has_no_password_here_and_can_be_disabled() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer).await;
    let token = key.sign(&issuer.claims());
    me(&server, &token).await.expect(200);
    let body = json!({"idToken": token, "password": "correct horse"});
    let update = server.anyone().post("/identitytoolkit.googleapis.com/v1/accounts:update", body).await;
    let why = update.refused(409, "CONFLICT").message;
    assert!(why.contains("no password here"), "{why}");
    let root = server.data_dir();
    let disable = ["user", "disable", "ada@example.com", "--data-dir", root.to_str().unwrap()];
    assert!(run(&disable, "").status.success());
    me(&server, &token).await.refused(401, "USER_AUTH_TOKEN_INVALID");
}

#[tokio::test]
async fn an_account_of_an_external_issuer_can_be_deleted_after_a_recent_sign_in() {
    let key = Key::rsa("first");
    let issuer = Issuer::start(&[&key]).await;
    let server = server(&issuer).await;
    let now = Time::now().0 / 1000;
    let delete = async |claims: Value| {
        let body = json!({"idToken": key.sign(&claims)});
        server.anyone().post("/identitytoolkit.googleapis.com/v1/accounts:delete", body).await
    };
    for claims in [issuer.claims(), with(issuer.claims(), json!({"auth_time": now - 400}))] {
        let refused = delete(claims).await.expect(400);
        assert_eq!(refused["error"]["message"], "CREDENTIAL_TOO_OLD_LOGIN_AGAIN");
    }
    let recent = with(issuer.claims(), json!({"auth_time": now - 100}));
    let body = json!({"idToken": key.sign(&recent), "displayName": "Ada"});
    let updated = server.anyone().post("/identitytoolkit.googleapis.com/v1/accounts:update", body).await.expect(200);
    assert!(updated.get("refreshToken").is_none(), "the session must stay with the issuer: {updated}");
    delete(recent).await.expect(200);
}

#[tokio::test]
async fn tokens_of_a_firebase_project_are_accepted() {
    let (rsa, elliptic) = (Key::rsa("first"), Key::elliptic("curve"));
    let google = Issuer::start(&[&rsa, &elliptic]).await;
    let keys = format!("{}/keys", google.url());
    let server = TestServer::start_with(|config| {
        config.firebase_project = Some("my-project".to_owned());
        config.firebase_keys_url = Some(keys);
    })
    .await;
    let project = json!({"iss": "https://securetoken.google.com/my-project", "aud": "my-project", "picture": "https://example.com/a.png"});
    let good = with(google.claims(), project);
    let account = me(&server, &rsa.sign(&good)).await.expect(200);
    assert_eq!(account["user"]["photoUrl"], "https://example.com/a.png");
    for wrong in [
        elliptic.sign(&good),
        rsa.sign(&with(good.clone(), json!({"aud": "another-project"}))),
        rsa.sign(&with(
            good.clone(),
            json!({"iss": "https://securetoken.google.com/another-project", "aud": "another-project"}),
        )),
        rsa.sign(&google.claims()),
    ] {
        me(&server, &wrong).await.refused(401, "USER_AUTH_TOKEN_INVALID");
    }
    let expired = with(good, json!({"exp": Time::now().seconds() - 61}));
    me(&server, &rsa.sign(&expired)).await.refused(401, "USER_AUTH_TOKEN_EXPIRED");
}
