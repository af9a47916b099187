//! Tokens of external issuers: a Firebase project or any OIDC provider, verified with their published keys.
use super::{Claims, SKEW_SECONDS, crypto, validation};
use crate::{Error, Result, clock::Time, error::TokenProblem};
use jsonwebtoken::{Algorithm, DecodingKey, Header, errors::ErrorKind, jwk::JwkSet};
use serde::Deserialize;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// The URL of the keys of Firebase ID tokens at Google.
pub const FIREBASE_KEYS: &str =
    "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
/// How long to wait before asking the issuer again for an unknown key.
const ASK_AGAIN: Duration = Duration::from_secs(10);
const KEEP: Duration = Duration::from_hours(1);
/// How long fetching the keys may take, with discovery.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a token with a known key waits for its keys to be renewed.
const RENEWAL: Duration = Duration::from_secs(1);
const MAX_DOCUMENT: usize = 1 << 20;

/// Where to get the keys of an issuer.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// The URL of a JSON Web Key Set.
    Set(String),
    /// From `<issuer>/.well-known/openid-configuration`.
    Discover,
}

/// A trusted issuer.
pub struct ExternalIssuer {
    issuer: Arc<str>,
    audience: String,
    algorithms: &'static [Algorithm],
    keyring: Arc<Keyring>,
}

/// The cached keys of an issuer, and how to fetch them.
struct Keyring {
    issuer: Arc<str>,
    keys: KeySource,
    http: reqwest::Client,
    cache: Mutex<Cache>,
    /// Held while the keys are fetched.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Cache {
    set: Arc<Vec<jsonwebtoken::jwk::Jwk>>,
    /// When the keys were last fetched, and whether that succeeded.
    asked: Option<(Time, bool)>,
    fresh_until: Time,
}

impl Cache {
    fn asked_lately(&self, now: Time) -> bool {
        self.asked.is_some_and(|(at, _)| now < at.plus(ASK_AGAIN))
    }
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl ExternalIssuer {
    /// Creates the issuer of ID tokens of a Firebase project. `keys` overrides the URL of Google's keys.
    pub fn firebase(project: &str, keys: Option<String>, http: reqwest::Client) -> Self {
        let keys = KeySource::Set(keys.unwrap_or_else(|| FIREBASE_KEYS.to_owned()));
        Self::new(&format!("https://securetoken.google.com/{project}"), project, &[Algorithm::RS256], keys, http)
    }

    /// Creates the issuer of ID tokens of an OIDC provider for `audience`.
    pub fn oidc(issuer: &str, audience: &str, http: reqwest::Client) -> Self {
        Self::new(issuer, audience, &[Algorithm::RS256, Algorithm::ES256, Algorithm::PS256], KeySource::Discover, http)
    }

    fn new(
        issuer: &str,
        audience: &str,
        algorithms: &'static [Algorithm],
        keys: KeySource,
        http: reqwest::Client,
    ) -> Self {
        crypto::install();
        let issuer: Arc<str> = Arc::from(issuer);
        let keyring = Keyring {
            issuer: Arc::clone(&issuer),
            keys,
            http,
            cache: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
        };
        Self { issuer, audience: audience.to_owned(), algorithms, keyring: Arc::new(keyring) }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Verifies a token of this issuer, and returns its claims.
    pub async fn verify(&self, token: &str, header: &Header, now: Time) -> Result<Claims> {
        let invalid = || Error::Unauthenticated(TokenProblem::Invalid);
        if !self.algorithms.contains(&header.alg) {
            return Err(invalid());
        }
        let key = self.keyring.key(header.kid.as_deref(), now).await?.ok_or_else(invalid)?;
        let mut rules = validation(self.algorithms, &self.issuer, &self.audience);
        // a key belongs to one algorithm family, and the list may contain several
        rules.algorithms = vec![header.alg];
        let decoded = jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(|error| refusal(&error))?;
        let claims = decoded.claims;
        let skew = i64::try_from(SKEW_SECONDS).unwrap_or(0);
        if claims.iat > now.seconds() + skew || claims.sub.is_empty() || claims.sub.len() > 255 {
            return Err(invalid());
        }
        Ok(claims)
    }
}

impl Keyring {
    /// Returns the key with an id, from the cache or from the issuer. A token with a known key does not wait for keys
    /// that others need.
    async fn key(self: &Arc<Self>, kid: Option<&str>, now: Time) -> Result<Option<DecodingKey>> {
        let cache = self.cache();
        let known = find(&cache.set, kid);
        if known.is_some() && (now < cache.fresh_until || cache.asked_lately(now)) {
            return Ok(known);
        }
        if !cache.asked_lately(now) {
            // continues if the caller goes away, so that the next one finds the result
            let asking = tokio::spawn(Arc::clone(self).ask(now));
            if known.is_none() {
                asking.await?;
            } else if tokio::time::timeout(RENEWAL, asking).await.is_err() {
                return Ok(known);
            }
        }
        let cache = self.cache();
        match find(&cache.set, kid) {
            None if cache.asked.is_some_and(|(_, answered)| !answered) => {
                Err(Error::Unavailable("the token's issuer does not respond: try again"))
            }
            found => Ok(found),
        }
    }

    fn cache(&self) -> Cache {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Cache> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches the keys unless they were just fetched. Only one task fetches at a time; the others wait and use its
    /// result.
    async fn ask(self: Arc<Self>, now: Time) {
        let _asking = self.asking.lock().await;
        if self.cache().asked_lately(now) {
            return;
        }
        let fetched = match tokio::time::timeout(PATIENCE, self.fetch()).await {
            Ok(fetched) => fetched,
            Err(_) => Err(format!("no response within {} seconds", PATIENCE.as_secs()).into()),
        };
        let mut cache = self.lock();
        match fetched {
            Ok((set, keep)) => {
                *cache = Cache { set: Arc::new(set), asked: Some((now, true)), fresh_until: now.plus(keep) };
            }
            Err(error) => {
                cache.asked = Some((now, false));
                tracing::warn!(issuer = &*self.issuer, %error, "cannot fetch the keys of the issuer");
            }
        }
    }

    async fn fetch(&self) -> Result<(Vec<jsonwebtoken::jwk::Jwk>, Duration), Box<dyn std::error::Error + Send + Sync>> {
        let url = match &self.keys {
            KeySource::Set(url) => url.clone(),
            KeySource::Discover => {
                let at = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
                let (body, _) = self.get(&at).await?;
                let found: Discovery = serde_json::from_slice(&body)?;
                if found.issuer != *self.issuer {
                    return Err(format!("{at} names a different issuer: {}", found.issuer).into());
                }
                found.jwks_uri
            }
        };
        let (body, keep) = self.get(&url).await?;
        let set: JwkSet = serde_json::from_slice(&body)?;
        Ok((set.keys, keep))
    }

    /// Fetches a small document. Returns it with how long it may be cached.
    async fn get(&self, url: &str) -> Result<(Vec<u8>, Duration), Box<dyn std::error::Error + Send + Sync>> {
        let mut answer = self.http.get(url).send().await?.error_for_status()?;
        let keep = answer.headers().get("cache-control").and_then(|value| value.to_str().ok()).and_then(max_age);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_DOCUMENT {
                return Err(format!("the response of {url} is too large for a key set").into());
            }
        }
        Ok((body, keep.unwrap_or(KEEP).clamp(Duration::from_mins(1), Duration::from_hours(24))))
    }
}

fn find(set: &[jsonwebtoken::jwk::Jwk], kid: Option<&str>) -> Option<DecodingKey> {
    let jwk = match kid {
        Some(kid) => set.iter().find(|jwk| jwk.common.key_id.as_deref() == Some(kid)),
        // without an id, the key is only clear if there is a single one
        None => set.first().filter(|_| set.len() == 1),
    };
    jwk.and_then(|jwk| DecodingKey::from_jwk(jwk).ok())
}

fn max_age(header: &str) -> Option<Duration> {
    let seconds = header.split(',').find_map(|part| part.trim().strip_prefix("max-age="))?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// Returns whether the token is expired or invalid, without further details.
pub fn refusal(error: &jsonwebtoken::errors::Error) -> Error {
    Error::Unauthenticated(match error.kind() {
        ErrorKind::ExpiredSignature => TokenProblem::Expired,
        _ => TokenProblem::Invalid,
    })
}
