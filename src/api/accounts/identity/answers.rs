//! Responses of the identity service, in the shapes that Firebase clients read.
use crate::{
    auth::{NewSession, token::PROJECT},
    store::User,
};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// The tokens of a user who has signed up or signed in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignInAnswer {
    id_token: String,
    refresh_token: String,
    /// Seconds until the ID token expires, as text.
    expires_in: String,
    local_id: Uuid,
    email: String,
    display_name: String,
    registered: bool,
}

impl From<&NewSession> for SignInAnswer {
    fn from(session: &NewSession) -> Self {
        Self {
            id_token: session.id_token.clone(),
            refresh_token: session.refresh_token.clone(),
            expires_in: NewSession::EXPIRES_IN.to_string(),
            local_id: session.user.id,
            email: session.user.email.clone(),
            display_name: session.user.name.clone(),
            registered: true,
        }
    }
}

/// An account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccountInfo {
    local_id: Uuid,
    email: String,
    email_verified: bool,
    display_name: String,
    photo_url: Option<String>,
    disabled: bool,
    /// Milliseconds since 1970, as text.
    created_at: String,
    /// Milliseconds since 1970, as text.
    last_login_at: String,
    /// Seconds since 1970, as text. Tokens issued before are rejected.
    valid_since: String,
    provider_user_info: Vec<ProviderInfo>,
    /// The new email address, which takes effect once it is verified.
    pending_email: Option<String>,
}

/// How an account signs in.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderInfo {
    provider_id: String,
    federated_id: String,
    email: String,
    raw_id: String,
    display_name: String,
    photo_url: Option<String>,
}

impl AccountInfo {
    pub fn new(user: &User, pending_email: Option<String>) -> Self {
        Self {
            local_id: user.id,
            email: user.email.clone(),
            email_verified: user.email_verified,
            display_name: user.name.clone(),
            photo_url: user.photo_url.clone(),
            disabled: user.disabled,
            created_at: user.created_at.0.to_string(),
            last_login_at: user.last_login_at.unwrap_or(user.created_at).0.to_string(),
            valid_since: user.tokens_valid_after.seconds().to_string(),
            provider_user_info: vec![ProviderInfo {
                provider_id: "password".to_owned(),
                federated_id: user.email.clone(),
                email: user.email.clone(),
                raw_id: user.email.clone(),
                display_name: user.name.clone(),
                photo_url: user.photo_url.clone(),
            }],
            pending_email,
        }
    }
}

/// The account of an ID token.
#[derive(Serialize, JsonSchema)]
pub struct LookupAnswer {
    pub kind: &'static str,
    pub users: Vec<AccountInfo>,
}

/// An account after a change, with new tokens if the change invalidated the old ones; only its email address if a code
/// was used.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum UpdateAnswer {
    Account(Box<AccountAnswer>),
    #[serde(rename_all = "camelCase")]
    Code {
        email: String,
        email_verified: bool,
    },
}

/// An account after a change.
#[derive(Serialize, JsonSchema)]
pub struct AccountAnswer {
    #[serde(flatten)]
    pub account: AccountInfo,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<SignInAnswer>,
}

/// A response with no data.
#[derive(Serialize, JsonSchema)]
pub struct DeleteAnswer {
    pub kind: &'static str,
}

/// The email address that a code was sent to.
#[derive(Serialize, JsonSchema)]
pub struct CodeAnswer {
    pub kind: &'static str,
    pub email: String,
}

/// The purpose of a code.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ResetAnswer {
    pub kind: &'static str,
    pub email: String,
    pub request_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_email: Option<String>,
}

/// New tokens for a refresh token.
#[derive(Serialize, JsonSchema)]
pub struct TokenAnswer {
    access_token: String,
    id_token: String,
    /// Seconds until the ID token expires, as text.
    expires_in: String,
    refresh_token: String,
    token_type: &'static str,
    user_id: Uuid,
    project_id: &'static str,
}

impl From<&NewSession> for TokenAnswer {
    fn from(session: &NewSession) -> Self {
        Self {
            access_token: session.id_token.clone(),
            id_token: session.id_token.clone(),
            expires_in: NewSession::EXPIRES_IN.to_string(),
            refresh_token: session.refresh_token.clone(),
            token_type: "Bearer",
            user_id: session.user.id,
            project_id: PROJECT,
        }
    }
}

/// A JSON Web Key Set (RFC 7517).
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct JsonWebKeySet {
    keys: Vec<JsonWebKey>,
}

/// A public RSA key.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct JsonWebKey {
    kty: String,
    kid: String,
    alg: String,
    r#use: String,
    n: String,
    e: String,
}

/// The metadata that programs need to verify ID tokens (`OpenID` Connect Discovery 1.0).
#[derive(Serialize, JsonSchema)]
pub struct Discovery {
    /// The `iss` of ID tokens: the public URL.
    pub issuer: String,
    pub jwks_uri: String,
    /// Accepts only refresh tokens: users sign in with the identity operations.
    pub token_endpoint: String,
    pub id_token_signing_alg_values_supported: [&'static str; 1],
    pub subject_types_supported: [&'static str; 1],
    pub response_types_supported: [&'static str; 1],
    pub grant_types_supported: [&'static str; 1],
}
