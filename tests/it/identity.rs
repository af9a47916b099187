//! The identity service, in the format of Firebase clients.
use crate::support::{Answer, Client, Stored, TestServer, issuer::sign_with_secret};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jet_admin::auth::Signup;
use jsonwebtoken::{DecodingKey, Validation, jwk::JwkSet};
use reqwest::Method;
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

async fn call(client: &Client, name: &str, body: Value) -> Answer {
    client.post(&format!("/identitytoolkit.googleapis.com/v1/accounts:{name}?key=any"), body).await
}

async fn refresh(client: &Client, token: &str) -> Answer {
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let call = client.call(Method::POST, "/securetoken.googleapis.com/v1/token?key=any");
    call.raw("application/x-www-form-urlencoded", form).send().await
}

async fn sign_up(client: &Client, email: &str) -> Value {
    call(client, "signUp", json!({"email": email, "password": PASSWORD, "returnSecureToken": true})).await.expect(200)
}

async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    call(client, "signInWithPassword", json!({"email": email, "password": password, "returnSecureToken": true})).await
}

#[track_caller]
fn refused(answer: Answer, code: &str) {
    let body = answer.expect(400);
    let message = body["error"]["message"].as_str().unwrap();
    assert_eq!((message.split(' ').next().unwrap(), &body["error"]["code"]), (code, &json!(400)), "{body}");
}

/// The claims of a token, unverified.
fn claims(token: &str) -> Value {
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

async fn open() -> (TestServer, Client) {
    let server = TestServer::start_with(|config| config.signup = Some(Signup::Open)).await;
    let client = server.anyone();
    (server, client)
}

/// Whether the API accepts the token.
async fn works(client: &Client, session: &Value) -> bool {
    let token = session["idToken"].as_str().or(session["id_token"].as_str()).unwrap();
    client.with_token(token).get("/api/v1/auth").await.status == 200
}

#[tokio::test]
async fn different_spellings_of_a_domain_are_the_same_email_address() {
    let (_server, client) = open().await;
    let created = sign_up(&client, "Anna@München.example").await;
    assert_eq!(created["email"], "anna@xn--mnchen-3ya.example");
    for spelled in ["anna@münchen.example", "anna@xn--mnchen-3ya.example", "ANNA@MÜNCHEN.EXAMPLE"] {
        let signed_in = sign_in(&client, spelled, PASSWORD).await.expect(200);
        assert_eq!(signed_in["localId"], created["localId"], "{spelled}");
        let again = json!({"email": spelled, "password": PASSWORD, "returnSecureToken": true});
        refused(call(&client, "signUp", again).await, "EMAIL_EXISTS");
    }
}

#[tokio::test]
async fn sign_up_responds_like_firebase() {
    let (_server, client) = open().await;
    let created = sign_up(&client, "Ada@Example.com").await;
    assert_eq!((&created["email"], &created["expiresIn"]), (&json!("ada@example.com"), &json!("3600")));
    let claims = claims(created["idToken"].as_str().unwrap());
    assert_eq!((&claims["sub"], &claims["user_id"]), (&created["localId"], &created["localId"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!(
        (&claims["email_verified"], &claims["firebase"]["sign_in_provider"]),
        (&json!(false), &json!("password"))
    );
    assert!(works(&client, &created).await);
    let user = call(&client, "lookup", json!({"idToken": created["idToken"]})).await.expect(200)["users"][0].clone();
    assert_eq!((&user["localId"], &user["email"]), (&created["localId"], &json!("ada@example.com")));
    assert!(user["createdAt"].as_str().unwrap().parse::<i64>().is_ok(), "createdAt must be milliseconds in a string");
    assert_eq!(user["providerUserInfo"][0]["providerId"], "password");
    let signed_in = sign_in(&client, " ADA@example.com ", PASSWORD).await.expect(200);
    assert_eq!(signed_in["localId"], created["localId"]);
    assert!(works(&client, &signed_in).await);
}

#[tokio::test]
async fn tokens_are_signed_with_the_published_key() {
    let (server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let token = created["idToken"].as_str().unwrap();
    let keys = client.get("/.well-known/jwks.json").await;
    assert!(keys.header("cache-control").unwrap().contains("max-age="));
    let keys = keys.expect(200);
    assert!(keys["keys"][0].get("d").is_none(), "the private key must not be published");
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
    let mut rules = Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&["jet-admin"]);
    rules.set_issuer(&[&server.url]);
    jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap();
}

#[tokio::test]
async fn only_tokens_with_our_own_signature_are_accepted() {
    let (_server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let token = created["idToken"].as_str().unwrap();
    let claims = claims(token);
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "typ": "JWT"})), part(&claims));
    let jwks = client.get("/.well-known/jwks.json").await.text;
    let kid = jsonwebtoken::decode_header(token).unwrap().kid;
    let by_public_key = sign_with_secret(kid.as_deref(), &claims, jwks.as_bytes());
    let mut forged: Vec<&str> = token.split('.').collect();
    let admin = part(&json!({
        "iss": "jet-admin", "aud": "jet-admin", "sub": created["localId"], "iat": claims["iat"], "exp": 9_999_999_999_i64,
    }));
    forged[1] = &admin;
    let forged = forged.join(".");
    let truncated = &token[..token.len() - 4];
    for wrong in [
        &unsigned("none"),
        &unsigned("None"),
        &unsigned("HS256"),
        &by_public_key,
        &forged,
        truncated,
        "a.b.c",
        "..",
        "\u{e9}",
    ] {
        client.with_token(wrong).get("/api/v1/auth").await.refused(401, "USER_AUTH_TOKEN_INVALID");
        refused(call(&client, "lookup", json!({"idToken": wrong})).await, "INVALID_ID_TOKEN");
    }
}

#[tokio::test]
async fn errors_use_the_codes_of_firebase() {
    let (_server, client) = open().await;
    sign_up(&client, "ada@example.com").await;
    for (body, code) in [
        (json!({"email": "ADA@example.com", "password": PASSWORD}), "EMAIL_EXISTS"),
        (json!({"email": "bob@example.com", "password": "short"}), "WEAK_PASSWORD"),
        (json!({"email": "bob@example.com", "password": "x".repeat(1025)}), "WEAK_PASSWORD"),
        (json!({"email": "bob", "password": PASSWORD}), "INVALID_EMAIL"),
        (json!({"returnSecureToken": true}), "OPERATION_NOT_ALLOWED"),
    ] {
        refused(call(&client, "signUp", body).await, code);
    }
    refused(sign_in(&client, "ada@example.com", "wrong password").await, "INVALID_LOGIN_CREDENTIALS");
    refused(sign_in(&client, "nobody@example.com", PASSWORD).await, "INVALID_LOGIN_CREDENTIALS");
    refused(sign_in(&client, "ada", PASSWORD).await, "INVALID_EMAIL");
    refused(call(&client, "signInWithPassword", json!({"email": "ada@example.com"})).await, "MISSING_PASSWORD");
    refused(call(&client, "lookup", json!({})).await, "INVALID_ID_TOKEN");
}

#[tokio::test]
async fn a_refresh_token_is_exchanged_for_a_new_one() {
    let (_server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let first = created["refreshToken"].as_str().unwrap();
    let next = refresh(&client, first).await.expect(200);
    assert_eq!(
        (&next["user_id"], &next["token_type"], &next["expires_in"]),
        (&created["localId"], &json!("Bearer"), &json!("3600"))
    );
    assert_eq!(next["id_token"], next["access_token"]);
    assert_ne!(next["refresh_token"], first);
    assert!(works(&client, &next).await);
    // a second tab, or a lost response: not a stolen token yet
    refresh(&client, first).await.expect(200);
    refresh(&client, next["refresh_token"].as_str().unwrap()).await.expect(200);
    for wrong in ["", "nonsense", created["idToken"].as_str().unwrap()] {
        refused(refresh(&client, wrong).await, "TOKEN_EXPIRED");
    }
    let call = client.call(Method::POST, "/securetoken.googleapis.com/v1/token");
    let answer =
        call.raw("application/x-www-form-urlencoded", format!("grant_type=password&refresh_token={first}")).send();
    refused(answer.await, "INVALID_GRANT_TYPE");
}

#[tokio::test]
async fn single_fields_of_a_profile_can_be_changed() {
    let (_server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let token = &created["idToken"];
    let update = async |body: Value| {
        let mut body = body;
        body["idToken"] = token.clone();
        call(&client, "update", body).await
    };
    let updated = update(json!({"displayName": "Ada", "photoUrl": "https://example.com/a.png"})).await.expect(200);
    assert_eq!((&updated["displayName"], &updated["photoUrl"]), (&json!("Ada"), &json!("https://example.com/a.png")));
    let cleared = update(json!({"deleteAttribute": ["DISPLAY_NAME", "PHOTO_URL"]})).await.expect(200);
    assert_eq!((&cleared["displayName"], &cleared["photoUrl"]), (&json!(""), &Value::Null));
    let email_changed = update(json!({"email": "ada2@example.com"})).await.expect(200);
    assert_eq!(
        (&email_changed["email"], &email_changed["pendingEmail"]),
        (&json!("ada@example.com"), &json!("ada2@example.com"))
    );
    sign_in(&client, "ada@example.com", PASSWORD).await.expect(200);
    refused(sign_in(&client, "ada2@example.com", PASSWORD).await, "INVALID_LOGIN_CREDENTIALS");
    sign_up(&client, "bob@example.com").await;
    refused(update(json!({"email": "bob@example.com"})).await, "EMAIL_EXISTS");
    refused(update(json!({"password": "short"})).await, "WEAK_PASSWORD");
    for body in [json!({"displayName": "x".repeat(256)}), json!({"photoUrl": "javascript:alert(1)"})] {
        update(body).await.refused(400, "INVALID_REQUEST");
    }
}

#[tokio::test]
async fn a_new_password_ends_every_other_session() {
    let (_server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let elsewhere = sign_in(&client, "ada@example.com", PASSWORD).await.expect(200);
    let body = json!({"idToken": created["idToken"], "password": "another horse", "returnSecureToken": true});
    let changed = call(&client, "update", body).await.expect(200);
    for revoked in [&created, &elsewhere] {
        assert!(!works(&client, revoked).await);
        refused(refresh(&client, revoked["refreshToken"].as_str().unwrap()).await, "TOKEN_EXPIRED");
    }
    assert!(works(&client, &changed).await, "the session that changed the password must stay valid");
    refresh(&client, changed["refreshToken"].as_str().unwrap()).await.expect(200);
    refused(sign_in(&client, "ada@example.com", PASSWORD).await, "INVALID_LOGIN_CREDENTIALS");
    assert!(works(&client, &sign_in(&client, "ada@example.com", "another horse").await.expect(200)).await);
}

#[tokio::test]
async fn an_account_can_be_deleted_unless_it_is_the_last_owner_of_a_tenant() {
    let (server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let ada = client.with_token(created["idToken"].as_str().unwrap());
    let tenant = ada.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
    let body = json!({"idToken": created["idToken"]});
    call(&client, "delete", body.clone()).await.refused(409, "CONFLICT");
    let path = format!("/api/v1/tenants/{}", tenant["id"].as_str().unwrap());
    let scoped = ada.in_tenant(crate::support::client::id(&tenant));
    scoped.delete(&path).await.expect(204);
    call(&client, "delete", body.clone()).await.expect(200);
    assert!(!works(&client, &created).await);
    refused(call(&client, "delete", body).await, "INVALID_ID_TOKEN");
    refused(refresh(&client, created["refreshToken"].as_str().unwrap()).await, "TOKEN_EXPIRED");
    refused(sign_in(&client, "ada@example.com", PASSWORD).await, "INVALID_LOGIN_CREDENTIALS");
    drop(server);
}

#[tokio::test]
async fn a_disabled_account_cannot_sign_in() {
    let (server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    let store = &server.server.app.store;
    let mut user = store.get(|tx| tx.user_by_email("ada@example.com")).unwrap().unwrap().0;
    user.disabled = true;
    store.write(move |tx| tx.update_user(&user)).await.unwrap();
    assert!(!works(&client, &created).await);
    refused(sign_in(&client, "ada@example.com", PASSWORD).await, "USER_DISABLED");
    refused(refresh(&client, created["refreshToken"].as_str().unwrap()).await, "USER_DISABLED");
}

#[tokio::test]
async fn updating_a_profile_does_not_undo_a_change_by_another_process() {
    let (server, client) = open().await;
    let created = sign_up(&client, "ada@example.com").await;
    assert!(works(&client, &created).await, "the server must have cached the account");
    let workspace = Stored::workspace(&server.data_dir());
    workspace.execute("update users set disabled = 1");
    let body = json!({"idToken": created["idToken"], "displayName": "Ada"});
    refused(call(&client, "update", body).await, "INVALID_ID_TOKEN");
    assert_eq!(workspace.number("select disabled from users"), 1);
}
