//! ID tokens: in the format of Firebase, signed with RS256 and the key in the data directory.
pub mod crypto;
pub mod external;

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

/// The audience of this server's tokens, and their issuer inside the server.
pub const PROJECT: &str = "jet-admin";
/// How long an ID token is valid.
pub const LIFETIME: Duration = Duration::from_hours(1);
/// How far another clock may differ.
pub const SKEW_SECONDS: u64 = 60;

/// The claims of a token of any issuer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub sub: String,
    pub iat: i64,
    pub exp: i64,
    /// When the user last authenticated. A refreshed token has the time of the original sign-in.
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
    /// The sign-in that a token of this server belongs to. The token becomes invalid when it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jet_sign_in: Option<Uuid>,
}

/// The sign-in that a token belongs to.
#[derive(Clone, Copy, Debug)]
pub struct SignIn {
    /// The family of its refresh tokens. The token becomes invalid when the family is revoked.
    pub family: Option<Uuid>,
    /// When the user authenticated.
    pub at: Time,
}

impl Claims {
    /// Returns when the token expires.
    pub fn until(&self) -> Time {
        Time(self.exp.saturating_mul(1000))
    }

    /// Returns when the user last authenticated, if the issuer provides it.
    pub fn signed_in_at(&self) -> Option<Time> {
        self.auth_time.map(|seconds| Time(seconds.saturating_mul(1000)))
    }

    /// Returns whether this server issued the token.
    pub fn is_own(&self) -> bool {
        self.iss == PROJECT
    }
}

/// The claims of this server's tokens, as in Firebase.
#[derive(Serialize)]
struct Issued<'a> {
    #[serde(flatten)]
    claims: Claims,
    aud: &'a str,
    user_id: String,
    firebase: Value,
}

/// Signs and verifies this server's ID tokens.
pub struct Signer {
    /// The `iss` of new tokens.
    issuer: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Jwk,
    validation: Validation,
}

impl Signer {
    /// Creates a signer with a PKCS#8 RSA key in PEM format.
    ///
    /// # Errors
    /// If `pem` is not such a key.
    pub fn new(pem: &[u8]) -> Result<Self> {
        let broken = |_| {
            Error::conflict(
                "keys/signing.pem is not a PEM-encoded RSA key of 2048 to 4096 bits: put it back from a backup, or \
                 remove it and run `jet-admin accept`, which signs everyone out",
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
        // only this directory has the key, so the URL of the server at the time of signing does not matter
        validation.iss = None;
        Ok(Self { issuer: PROJECT.to_owned(), signing, verifying, jwk, validation })
    }

    /// Sets `url` as the issuer of new tokens, where verifiers find the keys. Tokens with another issuer stay valid
    /// until they expire.
    #[must_use]
    pub fn at(mut self, url: &str) -> Self {
        url.clone_into(&mut self.issuer);
        self
    }

    /// Generates a key in PEM format. Takes a fraction of a second, once per data directory.
    pub fn generate() -> Result<Vec<u8>> {
        let key = PrivateKey::new(&mut rand::rng(), 2048).map_err(Error::internal)?;
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| Error::internal(error.to_string()))?;
        Ok(pem.as_bytes().to_vec())
    }

    /// Returns the thumbprint of the public key, which identifies the key.
    pub fn key_id(&self) -> &str {
        self.jwk.common.key_id.as_deref().unwrap_or_default()
    }

    /// Returns the public keys for `/.well-known/jwks.json`.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// Issues a token for a user who signs in now. It is not part of a session, so it is valid until it expires.
    pub fn issue(&self, user: &User, now: Time) -> Result<String> {
        self.issue_in(user, now, SignIn { family: None, at: now })
    }

    /// Issues a token that becomes invalid when the sign-in ends.
    pub fn issue_in(&self, user: &User, now: Time, sign_in: SignIn) -> Result<String> {
        // a token issued in the second in which older sessions ended must be valid
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

    /// Verifies a token of this server, and returns its claims with [`PROJECT`] as `iss`.
    pub fn verify(&self, token: &str) -> Result<Claims, jsonwebtoken::errors::Error> {
        let claims = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation)?.claims;
        Ok(Claims { iss: PROJECT.to_owned(), ..claims })
    }
}

/// Returns strict validation rules: fixed algorithms, issuer and audience, lifetime, and a subject.
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
