//! Tokens of other issuers: a Firebase project or any OIDC provider, with their published keys.
use super::token::{Claims, SKEW_SECONDS, validation};
use crate::{Error, Result, clock::Time, error::TokenProblem};
use jsonwebtoken::{Algorithm, DecodingKey, Header, errors::ErrorKind, jwk::JwkSet};
use serde::Deserialize;
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// Where Google publishes the keys of Firebase ID tokens.
pub const FIREBASE_KEYS: &str =
    "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
/// An unknown key asks the issuer again, but not more often than this.
const ASK_AGAIN: Duration = Duration::from_secs(10);
const KEEP: Duration = Duration::from_hours(1);
const MAX_DOCUMENT: usize = 1 << 20;

/// Where an issuer's keys are.
#[derive(Clone, Debug)]
pub enum Keys {
    /// A JSON Web Key Set.
    Set(String),
    /// To be found through `<issuer>/.well-known/openid-configuration`.
    Discover,
}

/// One trusted issuer.
pub struct ExternalIssuer {
    issuer: String,
    audience: String,
    algorithms: &'static [Algorithm],
    keys: Keys,
    http: reqwest::Client,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    set: Arc<Vec<jsonwebtoken::jwk::Jwk>>,
    fetched: Option<Time>,
    fresh_until: Time,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl ExternalIssuer {
    /// ID tokens of the Firebase project; `keys` overrides where Google's keys are.
    pub fn firebase(project: &str, keys: Option<String>, http: reqwest::Client) -> Self {
        Self {
            issuer: format!("https://securetoken.google.com/{project}"),
            audience: project.to_owned(),
            algorithms: &[Algorithm::RS256],
            keys: Keys::Set(keys.unwrap_or_else(|| FIREBASE_KEYS.to_owned())),
            http,
            cache: Mutex::default(),
        }
    }

    /// ID tokens of an OIDC provider, meant for `audience`.
    pub fn oidc(issuer: &str, audience: &str, http: reqwest::Client) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            algorithms: &[Algorithm::RS256, Algorithm::ES256, Algorithm::PS256],
            keys: Keys::Discover,
            http,
            cache: Mutex::default(),
        }
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The claims of a token of this issuer.
    pub async fn verify(&self, token: &str, header: &Header, now: Time) -> Result<Claims> {
        let invalid = || Error::Unauthenticated(TokenProblem::Invalid);
        if !self.algorithms.contains(&header.alg) {
            return Err(invalid());
        }
        let key = self.key(header.kid.as_deref(), now).await?.ok_or_else(invalid)?;
        let mut rules = validation(self.algorithms, &self.issuer, &self.audience);
        // a key is of one family; the list may hold several
        rules.algorithms = vec![header.alg];
        let decoded = jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(|error| refusal(&error))?;
        let claims = decoded.claims;
        let skew = i64::try_from(SKEW_SECONDS).unwrap_or(0);
        if claims.iat > now.seconds() + skew || claims.sub.is_empty() || claims.sub.len() > 255 {
            return Err(invalid());
        }
        Ok(claims)
    }

    /// The key of that id, from the cache or fresh from the issuer.
    async fn key(&self, kid: Option<&str>, now: Time) -> Result<Option<DecodingKey>> {
        // one fetch at a time: the others wait here and find its result
        let mut cache = self.cache.lock().await;
        let known = find(&cache.set, kid);
        let asked_lately = cache.fetched.is_some_and(|at| now < at.plus(ASK_AGAIN));
        if (known.is_some() && now < cache.fresh_until) || asked_lately {
            return Ok(known);
        }
        match self.fetch().await {
            Ok((set, keep)) => {
                *cache = Cache { set: Arc::new(set), fetched: Some(now), fresh_until: now.plus(keep) };
            }
            Err(error) => {
                cache.fetched = Some(now);
                tracing::warn!(issuer = self.issuer, %error, "the issuer's keys cannot be fetched");
                if known.is_none() {
                    return Err(Error::Unavailable("the token's issuer does not answer: try again"));
                }
            }
        }
        Ok(find(&cache.set, kid))
    }

    async fn fetch(&self) -> Result<(Vec<jsonwebtoken::jwk::Jwk>, Duration), Box<dyn std::error::Error + Send + Sync>> {
        let url = match &self.keys {
            Keys::Set(url) => url.clone(),
            Keys::Discover => {
                let at = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
                let (body, _) = self.get(&at).await?;
                let found: Discovery = serde_json::from_slice(&body)?;
                if found.issuer != self.issuer {
                    return Err(format!("{at} names another issuer: {}", found.issuer).into());
                }
                found.jwks_uri
            }
        };
        let (body, keep) = self.get(&url).await?;
        let set: JwkSet = serde_json::from_slice(&body)?;
        Ok((set.keys, keep))
    }

    /// A small document, and how long it may be kept.
    async fn get(&self, url: &str) -> Result<(Vec<u8>, Duration), Box<dyn std::error::Error + Send + Sync>> {
        let mut answer = self.http.get(url).timeout(Duration::from_secs(10)).send().await?.error_for_status()?;
        let keep = answer.headers().get("cache-control").and_then(|value| value.to_str().ok()).and_then(max_age);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_DOCUMENT {
                return Err(format!("{url} answers more than a key set").into());
            }
        }
        Ok((body, keep.unwrap_or(KEEP).clamp(Duration::from_mins(1), Duration::from_hours(24))))
    }
}

fn find(set: &[jsonwebtoken::jwk::Jwk], kid: Option<&str>) -> Option<DecodingKey> {
    let jwk = match kid {
        Some(kid) => set.iter().find(|jwk| jwk.common.key_id.as_deref() == Some(kid)),
        // without an id only an only key is meant
        None => set.first().filter(|_| set.len() == 1),
    };
    jwk.and_then(|jwk| DecodingKey::from_jwk(jwk).ok())
}

fn max_age(header: &str) -> Option<Duration> {
    let seconds = header.split(',').find_map(|part| part.trim().strip_prefix("max-age="))?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

/// Expired or else invalid: callers learn no more.
pub fn refusal(error: &jsonwebtoken::errors::Error) -> Error {
    Error::Unauthenticated(match error.kind() {
        ErrorKind::ExpiredSignature => TokenProblem::Expired,
        _ => TokenProblem::Invalid,
    })
}
