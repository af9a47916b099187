//! The identity service in the shapes that Firebase clients speak.
use crate::support::{Answer, Client, TestServer, issuer::by_secret};
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
    let said = body["error"]["message"].as_str().unwrap();
    assert_eq!((said.split(' ').next().unwrap(), &body["error"]["code"]), (code, &json!(400)), "{body}");
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

/// Whether the API takes the token.
async fn works(client: &Client, session: &Value) -> bool {
    let token = session["idToken"].as_str().or(session["id_token"].as_str()).unwrap();
    client.with_token(token).get("/api/v1/auth").await.status == 200
}

#[tokio::test]
async fn an_address_is_one_however_its_domain_is_spelled() {
    let (_server, client) = open().await;
    let made = sign_up(&client, "Anna@München.example").await;
    assert_eq!(made["email"], "anna@xn--mnchen-3ya.example");
    for spelled in ["anna@münchen.example", "anna@xn--mnchen-3ya.example", "ANNA@MÜNCHEN.EXAMPLE"] {
        let signed_in = sign_in(&client, spelled, PASSWORD).await.expect(200);
        assert_eq!(signed_in["localId"], made["localId"], "{spelled}");
        let again = json!({"email": spelled, "password": PASSWORD, "returnSecureToken": true});
        refused(call(&client, "signUp", again).await, "EMAIL_EXISTS");
    }
}

#[tokio::test]
async fn signing_up_answers_as_firebase_does() {
    let (_server, client) = open().await;
    let made = sign_up(&client, "Ada@Example.com").await;
    assert_eq!((&made["email"], &made["expiresIn"]), (&json!("ada@example.com"), &json!("3600")));
    let claims = claims(made["idToken"].as_str().unwrap());
    assert_eq!((&claims["sub"], &claims["user_id"]), (&made["localId"], &made["localId"]));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 3600);
    assert_eq!(
        (&claims["email_verified"], &claims["firebase"]["sign_in_provider"]),
        (&json!(false), &json!("password"))
    );
    assert!(works(&client, &made).await);
    let looked = call(&client, "lookup", json!({"idToken": made["idToken"]})).await.expect(200)["users"][0].clone();
    assert_eq!((&looked["localId"], &looked["email"]), (&made["localId"], &json!("ada@example.com")));
    assert!(looked["createdAt"].as_str().unwrap().parse::<i64>().is_ok(), "milliseconds as text");
    assert_eq!(looked["providerUserInfo"][0]["providerId"], "password");
    let in_again = sign_in(&client, " ADA@example.com ", PASSWORD).await.expect(200);
    assert_eq!(in_again["localId"], made["localId"]);
    assert!(works(&client, &in_again).await);
}

#[tokio::test]
async fn tokens_are_signed_by_the_published_key() {
    let (server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    let token = made["idToken"].as_str().unwrap();
    let keys = client.get("/.well-known/jwks.json").await;
    assert!(keys.header("cache-control").unwrap().contains("max-age="));
    let keys = keys.expect(200);
    assert!(keys["keys"][0].get("d").is_none(), "the private part stays private");
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    let key = DecodingKey::from_jwk(keys.find(header.kid.as_deref().unwrap()).unwrap()).unwrap();
    let mut rules = Validation::new(jsonwebtoken::Algorithm::RS256);
    rules.set_audience(&["jet-admin"]);
    rules.set_issuer(&[&server.url]);
    jsonwebtoken::decode::<Value>(token, &key, &rules).unwrap();
}

#[tokio::test]
async fn only_our_own_signature_counts() {
    let (_server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    let token = made["idToken"].as_str().unwrap();
    let claims = claims(token);
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let unsigned = |alg: &str| format!("{}.{}.", part(&json!({"alg": alg, "typ": "JWT"})), part(&claims));
    let jwks = client.get("/.well-known/jwks.json").await.text;
    let kid = jsonwebtoken::decode_header(token).unwrap().kid;
    let by_public_key = by_secret(kid.as_deref(), &claims, jwks.as_bytes());
    let mut forged: Vec<&str> = token.split('.').collect();
    let admin = part(
        &json!({"iss": "jet-admin", "aud": "jet-admin", "sub": made["localId"], "iat": claims["iat"], "exp": 9_999_999_999_i64}),
    );
    forged[1] = &admin;
    let forged = forged.join(".");
    let cut = &token[..token.len() - 4];
    for wrong in [
        &unsigned("none"),
        &unsigned("None"),
        &unsigned("HS256"),
        &by_public_key,
        &forged,
        cut,
        "a.b.c",
        "..",
        "\u{e9}",
    ] {
        client.with_token(wrong).get("/api/v1/auth").await.refused(401, "USER_AUTH_TOKEN_INVALID");
        refused(call(&client, "lookup", json!({"idToken": wrong})).await, "INVALID_ID_TOKEN");
    }
}

#[tokio::test]
async fn a_wrong_sign_up_says_why_in_firebases_codes() {
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
async fn a_refresh_token_is_exchanged_for_the_next() {
    let (_server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    let first = made["refreshToken"].as_str().unwrap();
    let next = refresh(&client, first).await.expect(200);
    assert_eq!(
        (&next["user_id"], &next["token_type"], &next["expires_in"]),
        (&made["localId"], &json!("Bearer"), &json!("3600"))
    );
    assert_eq!(next["id_token"], next["access_token"]);
    assert_ne!(next["refresh_token"], first);
    assert!(works(&client, &next).await);
    // a second tab, or an answer that was lost on its way: not a theft yet
    refresh(&client, first).await.expect(200);
    refresh(&client, next["refresh_token"].as_str().unwrap()).await.expect(200);
    for wrong in ["", "nonsense", made["idToken"].as_str().unwrap()] {
        refused(refresh(&client, wrong).await, "TOKEN_EXPIRED");
    }
    let call = client.call(Method::POST, "/securetoken.googleapis.com/v1/token");
    let answer =
        call.raw("application/x-www-form-urlencoded", format!("grant_type=password&refresh_token={first}")).send();
    refused(answer.await, "INVALID_GRANT_TYPE");
}

#[tokio::test]
async fn a_profile_is_changed_piece_by_piece() {
    let (_server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    let token = &made["idToken"];
    let update = async |body: Value| {
        let mut body = body;
        body["idToken"] = token.clone();
        call(&client, "update", body).await
    };
    let named = update(json!({"displayName": "Ada", "photoUrl": "https://example.com/a.png"})).await.expect(200);
    assert_eq!((&named["displayName"], &named["photoUrl"]), (&json!("Ada"), &json!("https://example.com/a.png")));
    let cleared = update(json!({"deleteAttribute": ["DISPLAY_NAME", "PHOTO_URL"]})).await.expect(200);
    assert_eq!((&cleared["displayName"], &cleared["photoUrl"]), (&json!(""), &Value::Null));
    let moving = update(json!({"email": "ada2@example.com"})).await.expect(200);
    assert_eq!((&moving["email"], &moving["pendingEmail"]), (&json!("ada@example.com"), &json!("ada2@example.com")));
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
    let made = sign_up(&client, "ada@example.com").await;
    let elsewhere = sign_in(&client, "ada@example.com", PASSWORD).await.expect(200);
    let body = json!({"idToken": made["idToken"], "password": "another horse", "returnSecureToken": true});
    let changed = call(&client, "update", body).await.expect(200);
    for ended in [&made, &elsewhere] {
        assert!(!works(&client, ended).await);
        refused(refresh(&client, ended["refreshToken"].as_str().unwrap()).await, "TOKEN_EXPIRED");
    }
    assert!(works(&client, &changed).await, "the one that changed it goes on");
    refresh(&client, changed["refreshToken"].as_str().unwrap()).await.expect(200);
    refused(sign_in(&client, "ada@example.com", PASSWORD).await, "INVALID_LOGIN_CREDENTIALS");
    assert!(works(&client, &sign_in(&client, "ada@example.com", "another horse").await.expect(200)).await);
}

#[tokio::test]
async fn an_account_is_deleted_but_not_the_last_owner_of_a_tenant() {
    let (server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    let ada = client.with_token(made["idToken"].as_str().unwrap());
    let tenant = ada.post("/api/v1/tenants", json!({"name": "Hers"})).await.expect(201);
    let body = json!({"idToken": made["idToken"]});
    call(&client, "delete", body.clone()).await.refused(409, "CONFLICT");
    let path = format!("/api/v1/tenants/{}", tenant["id"].as_str().unwrap());
    let scoped = ada.in_tenant(crate::support::client::id(&tenant));
    scoped.delete(&path).await.expect(204);
    call(&client, "delete", body.clone()).await.expect(200);
    assert!(!works(&client, &made).await);
    refused(call(&client, "delete", body).await, "INVALID_ID_TOKEN");
    refused(refresh(&client, made["refreshToken"].as_str().unwrap()).await, "TOKEN_EXPIRED");
    refused(sign_in(&client, "ada@example.com", PASSWORD).await, "INVALID_LOGIN_CREDENTIALS");
    drop(server);
}

#[tokio::test]
async fn a_disabled_account_stays_outside() {
    let (server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    let store = &server.server.app.store;
    let mut user = store.get(|tx| tx.user_by_email("ada@example.com")).unwrap().unwrap().0;
    user.disabled = true;
    store.write(move |tx| tx.update_user(&user)).await.unwrap();
    assert!(!works(&client, &made).await);
    refused(sign_in(&client, "ada@example.com", PASSWORD).await, "USER_DISABLED");
    refused(refresh(&client, made["refreshToken"].as_str().unwrap()).await, "USER_DISABLED");
}

#[tokio::test]
async fn a_change_of_the_profile_brings_back_nothing_that_another_process_took() {
    let (server, client) = open().await;
    let made = sign_up(&client, "ada@example.com").await;
    assert!(works(&client, &made).await, "the server knows her now");
    let db = rusqlite::Connection::open(server.data_dir().join("jet-admin.db")).unwrap();
    db.execute("update users set disabled = 1", ()).unwrap();
    let body = json!({"idToken": made["idToken"], "displayName": "Ada"});
    refused(call(&client, "update", body).await, "INVALID_ID_TOKEN");
    assert!(db.query_row("select disabled from users", (), |row| row.get::<_, bool>(0)).unwrap());
}
