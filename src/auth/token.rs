//! ID tokens: Firebase-shaped, RS256, signed by the key in the data directory.
use super::crypto;
use crate::{Error, Result, clock::Time, store::User};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, jwk::Jwk};
use rsa::{
    PrivateKey,
    pkcs8::{EncodePrivateKey, LineEnding},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

/// The audience of our own tokens, and their issuer within the server.
pub const PROJECT: &str = "jet-admin";
/// How long an ID token lives.
pub const LIFETIME: Duration = Duration::from_hours(1);
/// How far another clock may be off.
pub const SKEW_SECONDS: u64 = 60;

/// What a token says, whoever issued it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub iat: i64,
    pub exp: i64,
    /// When the person proved who they are; a refreshed token has the time of the sign-in before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default)]
    pub email_verified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// The sign-in that one of our own tokens belongs to, and ends with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jet_sign_in: Option<Uuid>,
}

/// The sign-in that a token belongs to.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    /// The family of its refresh tokens: the token ends with it.
    pub family: Option<Uuid>,
    /// When the person proved who they are.
    pub at: Time,
}

impl Claims {
    /// When the token expires.
    pub fn until(&self) -> Time {
        Time(self.exp.saturating_mul(1000))
    }

    /// When the person proved who they are, if the issuer says so.
    pub fn signed_in_at(&self) -> Option<Time> {
        self.auth_time.map(|seconds| Time(seconds.saturating_mul(1000)))
    }

    /// Whether this server issued the token.
    pub fn is_own(&self) -> bool {
        self.iss == PROJECT
    }
}

/// The claims that only our own tokens carry, as Firebase's do.
#[derive(Serialize)]
struct Issued<'a> {
    #[serde(flatten)]
    claims: Claims,
    aud: &'a str,
    user_id: String,
    firebase: Value,
}

/// Signs and verifies our own ID tokens.
pub struct Signer {
    /// The `iss` of new tokens.
    issuer: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Jwk,
    validation: Validation,
}

impl Signer {
    /// `pem`: a PKCS#8 RSA key.
    ///
    /// # Errors
    /// When it is none.
    pub fn new(pem: &[u8]) -> Result<Self> {
        let broken = |_| {
            Error::conflict(
                "keys/signing.pem is not a PEM-encoded RSA key of 2048 to 4096 bits: put it back from a backup, or remove it and run `jet-admin accept`, which signs everyone out",
            )
        };
        crypto::install();
        let signing = EncodingKey::from_rsa_pem(pem).map_err(broken)?;
        let mut jwk = Jwk::from_encoding_key(&signing, Algorithm::RS256).map_err(broken)?;
        let kid = jwk.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).map_err(broken)?;
        jwk.common.key_id = Some(kid);
        jwk.common.public_key_use = Some(jsonwebtoken::jwk::PublicKeyUse::Signature);
        let verifying = DecodingKey::from_jwk(&jwk).map_err(broken)?;
        let mut validation = validation(&[Algorithm::RS256], PROJECT, PROJECT);
        // the key is this directory's alone, whatever address the server had when it signed
        validation.iss = None;
        Ok(Self { issuer: PROJECT.to_owned(), signing, verifying, jwk, validation })
    }

    /// Issues tokens in the name of `url`, where verifiers find the keys. Those that name another address, or none, stay valid
    /// until they expire.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.issuer);
        self
    }

    /// A new key in PEM form. Takes a fraction of a second, once per data directory.
    pub fn generate() -> Result<Vec<u8>> {
        let key = PrivateKey::new(&mut rand::rng(), 2048).map_err(Error::internal)?;
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| Error::internal(error.to_string()))?;
        Ok(pem.as_bytes().to_vec())
    }

    /// Tells this key from others: the thumbprint of its public part.
    pub fn key_id(&self) -> &str {
        self.jwk.common.key_id.as_deref().unwrap_or_default()
    }

    /// The public keys, as `/.well-known/jwks.json` shows them.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// A token of someone who signs in now, which ends at its time only.
    pub fn issue(&self, user: &User, now: Time) -> Result<String> {
        self.issue_in(user, now, SignIn { family: None, at: now })
    }

    /// A token that ends with the sign-in, too.
    pub fn issue_in(&self, user: &User, now: Time, sign_in: SignIn) -> Result<String> {
        // a token from the same second as the end of older sessions must outlive them
        let iat = now.seconds().max(user.tokens_valid_after.seconds());
        let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or(0);
        let issued = Issued {
            claims: Claims {
                iss: self.issuer.clone(),
                sub: user.id.to_string(),
                iat,
                exp: iat + lifetime,
                auth_time: Some(sign_in.at.seconds()),
                email: Some(user.email.clone()),
                email_verified: user.email_verified,
                name: Some(user.name.clone()).filter(|name| !name.is_empty()),
                picture: user.photo_url.clone(),
                jet_sign_in: sign_in.family,
            },
            aud: PROJECT,
            user_id: user.id.to_string(),
            firebase: json!({"sign_in_provider": "password", "identities": {"email": [user.email]}}),
        };
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.jwk.common.key_id);
        jsonwebtoken::encode(&header, &issued, &self.signing).map_err(Error::internal)
    }

    /// The claims of one of our own tokens; `iss` is [`PROJECT`], whatever the address was when it was issued.
    pub fn verify(&self, token: &str) -> Result<Claims, jsonwebtoken::errors::Error> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation)?.claims;
        Ok(Claims { iss: PROJECT.to_owned(), ..claims })
    }
}

/// Strict checks: fixed algorithms, issuer, audience, lifetime, a subject.
pub fn validation(algorithms: &[Algorithm], issuer: &str, audience: &str) -> Validation {
    let mut validation = Validation::new(algorithms[0]);
    validation.algorithms = algorithms.to_vec();
    validation.leeway = SKEW_SECONDS;
    validation.validate_nbf = true;
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation
}
