//! An identity provider for the tests: discovery, keys, and valid and invalid tokens.
use axum::{
    Json, Router, extract::State, http::StatusCode, http::header::CACHE_CONTROL, response::IntoResponse, routing::get,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jet_admin::{
    auth::{Signer, token::crypto},
    clock::Time,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Created for these tests and used nowhere else.
const ELLIPTIC: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgs9Re6QbknLB2DUxp
4QYMk/0z2SrbUscEfqEZ6wtqznqhRANCAATV73tZBsquVY2JBd/Thmf2lowNxg2/
4rcAbkw4eRFQo8jInKy2Ae2Zqb+JyLx6iCnhzMW9jjU1TclqgSTQDbR0
-----END PRIVATE KEY-----
";

/// A key with its id and algorithm.
#[derive(Clone)]
pub struct Key {
    pub id: &'static str,
    pub algorithm: Algorithm,
    pub signing: EncodingKey,
}

impl Key {
    /// Generating RSA keys is slow, so all tests share two of them.
    pub fn rsa(id: &'static str) -> Self {
        static PEMS: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
        crypto::install();
        let pems = PEMS.get_or_init(|| [Signer::generate().unwrap(), Signer::generate().unwrap()]);
        let pem = &pems[usize::from(id != "first")];
        Self { id, algorithm: Algorithm::RS256, signing: EncodingKey::from_rsa_pem(pem).unwrap() }
    }

    pub fn elliptic(id: &'static str) -> Self {
        crypto::install();
        Self { id, algorithm: Algorithm::ES256, signing: EncodingKey::from_ec_pem(ELLIPTIC.as_bytes()).unwrap() }
    }

    /// The public part, as the issuer publishes it.
    pub fn public(&self) -> Jwk {
        let mut jwk = Jwk::from_encoding_key(&self.signing, self.algorithm).unwrap();
        jwk.common.key_id = Some(self.id.to_owned());
        jwk
    }

    pub fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        jsonwebtoken::encode(&header, claims, &self.signing).unwrap()
    }
}

/// A token with the key ID `kid` that is signed with a shared secret; our own code cannot create such tokens.
pub fn sign_with_secret(kid: Option<&str>, claims: &Value, secret: &[u8]) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT", "kid": kid})), part(claims));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    mac.update(message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

struct Shared {
    url: OnceLock<String>,
    keys: Mutex<Vec<Jwk>>,
    named: Mutex<Option<String>>,
    down: AtomicBool,
    asked: AtomicUsize,
}

/// The running provider.
#[derive(Clone)]
pub struct Issuer {
    shared: Arc<Shared>,
}

impl Issuer {
    pub async fn start(keys: &[&Key]) -> Self {
        let shared = Arc::new(Shared {
            url: OnceLock::new(),
            keys: Mutex::default(),
            named: Mutex::default(),
            down: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discover))
            .route("/keys", get(keys_of))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        shared.url.set(format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let issuer = Self { shared };
        issuer.publish(keys);
        issuer
    }

    pub fn url(&self) -> &str {
        self.shared.url.get().unwrap()
    }

    pub fn publish(&self, keys: &[&Key]) {
        *self.shared.keys.lock().unwrap() = keys.iter().map(|key| key.public()).collect();
    }

    /// Switches whether the provider responds with 500.
    pub fn down(&self, down: bool) {
        self.shared.down.store(down, Ordering::Relaxed);
    }

    /// Changes the issuer that the discovery document names.
    pub fn set_issuer_name(&self, name: &str) {
        *self.shared.named.lock().unwrap() = Some(name.to_owned());
    }

    /// How many times the discovery document was requested.
    pub fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// The claims of a valid token for the audience `app`.
    pub fn claims(&self) -> Value {
        let now = Time::now().seconds();
        json!({
            "iss": self.url(), "aud": "app", "sub": "person-1", "iat": now, "exp": now + 600,
            "email": "Ada@example.com", "email_verified": true, "name": "Ada",
        })
    }
}

async fn discover(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    shared.asked.fetch_add(1, Ordering::Relaxed);
    if shared.down.load(Ordering::Relaxed) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let url = shared.url.get().unwrap();
    let issuer = shared.named.lock().unwrap().clone().unwrap_or_else(|| url.clone());
    Ok(Json(json!({"issuer": issuer, "jwks_uri": format!("{url}/keys")})))
}

async fn keys_of(State(shared): State<Arc<Shared>>) -> impl IntoResponse {
    if shared.down.load(Ordering::Relaxed) {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    let keys = shared.keys.lock().unwrap().clone();
    Ok(([(CACHE_CONTROL, "public, max-age=300")], Json(json!({"keys": keys}))))
}
