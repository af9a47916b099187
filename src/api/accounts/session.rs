//! The admin UI's session: the refresh token is in a cookie that scripts cannot read, the ID token in the response.
use super::profile::UserProfile;
use crate::{
    Error,
    api::{
        App,
        edge::caller,
        records::answers::NoContent,
        requests::extract::Body,
        responses::{
            documented,
            problem::{ErrorCode, Problem},
        },
    },
    auth::{IdentityRefusal, NewSession},
    error::TokenProblem,
};
use aide::{
    OperationOutput,
    axum::{ApiRouter, routing::post_with},
    generate::GenContext,
    openapi::Operation,
};
use axum::{
    Json,
    extract::State,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{COOKIE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

const COOKIE_NAME: &str = "jet_session";
const PATH: &str = "/api/v1/session";
const MAX_AGE: u32 = 30 * 86_400;

/// The email address and password of a sign-in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    email: String,
    password: String,
}

/// A new account.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewAccount {
    email: String,
    /// At least 8 characters.
    #[schemars(length(min = 8, max = 1024))]
    password: String,
    #[serde(default)]
    #[schemars(length(max = 255))]
    name: String,
    /// The secret from an invitation link. Required, together with the invited email address, if sign-up is by
    /// invitation only.
    invitation_token: Option<String>,
}

/// The session of a signed-in browser.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SessionBody {
    id_token: String,
    /// Seconds until the ID token expires.
    expires_in: u64,
    user: UserProfile,
}

/// A response with a session and its cookie.
pub struct SessionResponse {
    body: SessionBody,
    cookie: HeaderValue,
}

pub fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/session",
            post_with(sign_in, |op| op.id("session.signIn").summary("Sign in with a password").tag("session"))
                .delete_with(sign_out, |op| {
                    let op = op.id("session.signOut").summary("Sign out").tag("session");
                    op.response_with::<204, (), _>(|answer| answer.description("Signed out"))
                }),
        )
        .api_route(
            "/session/sign-up",
            post_with(sign_up, |op| op.id("session.signUp").summary("Create an account and sign in").tag("session")),
        )
        .api_route(
            "/session/refresh",
            post_with(refresh, |op| {
                op.id("session.refresh").summary("Get a new ID token for the cookie").tag("session")
            }),
        )
}

async fn sign_in(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Body(body): Body<SignInRequest>,
) -> Result<SessionResponse, Problem> {
    let session = app.identity.sign_in(&body.email, body.password, address.0).await.map_err(problem)?;
    SessionResponse::instead(&app, &headers, session).await
}

async fn sign_up(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
    Body(body): Body<NewAccount>,
) -> Result<SessionResponse, Problem> {
    let NewAccount { email, password, name, invitation_token } = body;
    let session = app.identity.sign_up(&email, password, &name, invitation_token.as_deref(), address.0).await;
    SessionResponse::instead(&app, &headers, session.map_err(problem)?).await
}

async fn refresh(
    State(app): State<App>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<SessionResponse, Problem> {
    let token = cookie(&headers).ok_or(Error::Unauthenticated(TokenProblem::Missing))?;
    let session = app.identity.refresh(token, address.0).await.map_err(problem)?;
    Ok(SessionResponse::new(&app, session))
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<(HeaderMap, NoContent), Problem> {
    if let Some(token) = cookie(&headers) {
        app.identity.sign_out(token).await?;
    }
    let mut headers = HeaderMap::new();
    headers.insert(SET_COOKIE, set_cookie(&app, "", 0));
    Ok((headers, NoContent))
}

/// Returns the token in the session cookie. Browsers also send cookies of other paths and hosts, and nameless cookies
/// that look like ours (`=jet_session=…` is sent as `jet_session=…`). So if the name occurs twice, neither cookie is
/// trusted.
fn cookie(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let pairs =
        all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
    let mut ours = pairs.filter(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value);
    let only = ours.next().filter(|value| !value.is_empty())?;
    ours.next().is_none().then_some(only)
}

fn set_cookie(app: &App, value: &str, max_age: u32) -> HeaderValue {
    let secure = if app.identity.public_url().starts_with("https://") { "; Secure" } else { "" };
    let base = app.identity.base();
    let text =
        format!("{COOKIE_NAME}={value}; Path={base}{PATH}; HttpOnly; SameSite=Strict; Max-Age={max_age}{secure}");
    // our tokens are base64url, which is always a valid header value
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Converts a refusal by the identity service to a problem of the API.
fn problem(refusal: IdentityRefusal) -> Problem {
    match refusal {
        IdentityRefusal::EmailExists => {
            Error::conflict("an account with this email address already exists: sign in instead").into()
        }
        IdentityRefusal::InvalidEmail => Error::invalid("email", "must be an email address").into(),
        IdentityRefusal::WeakPassword => Error::invalid("password", "must be 8 to 1024 characters").into(),
        IdentityRefusal::InvalidCredentials => Problem::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::InvalidLoginCredentials,
            "wrong email address or password",
        ),
        IdentityRefusal::UserDisabled => {
            Error::Forbidden("this account is disabled: ask your administrator".to_owned()).into()
        }
        IdentityRefusal::TooManyAttempts { retry_after } => Error::RateLimited { retry_after }.into(),
        IdentityRefusal::SignupClosed => {
            let why =
                "sign-up is by invitation only: open your invitation link, and use the email address that was invited";
            Error::Forbidden(why.to_owned()).into()
        }
        IdentityRefusal::SignInTooOld => Error::Forbidden(
            "currentPassword: is required for this change, because you signed in more than five minutes ago".to_owned(),
        )
        .into(),
        IdentityRefusal::InvalidRefreshToken | IdentityRefusal::InvalidIdToken => {
            Error::Unauthenticated(TokenProblem::Invalid).into()
        }
        IdentityRefusal::InvalidCode => {
            Error::invalid("oobCode", "is not valid or has expired: request a new one").into()
        }
        IdentityRefusal::Other(error) => error.into(),
    }
}

/// An extractor for the client's address.
pub struct ClientAddress(pub Option<IpAddr>);

impl axum::extract::FromRequestParts<App> for ClientAddress {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut axum::http::request::Parts, _: &App) -> Result<Self, Self::Rejection> {
        Ok(Self(caller(&parts.extensions)))
    }
}

impl aide::OperationInput for ClientAddress {}

impl SessionResponse {
    /// Replaces the session of the browser's current cookie, which could not be ended any more once the cookie is
    /// overwritten.
    async fn instead(app: &App, headers: &HeaderMap, session: NewSession) -> Result<Self, Problem> {
        if let Some(token) = cookie(headers) {
            app.identity.sign_out(token).await?;
        }
        Ok(Self::new(app, session))
    }

    fn new(app: &App, session: NewSession) -> Self {
        let cookie = set_cookie(app, &session.refresh_token, MAX_AGE);
        let body = SessionBody {
            id_token: session.id_token,
            expires_in: NewSession::EXPIRES_IN,
            user: (&session.user).into(),
        };
        Self { body, cookie }
    }
}

impl IntoResponse for SessionResponse {
    fn into_response(self) -> Response {
        ([(SET_COOKIE, self.cookie)], Json(self.body)).into_response()
    }
}

impl OperationOutput for SessionResponse {
    type Inner = SessionBody;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut responses = vec![(documented::status(200), documented::answer::<SessionBody>(ctx, "Signed in"))];
        responses.extend(documented::errors(ctx, &[401, 403, 409, 429]));
        responses
    }
}

impl OperationOutput for Problem {
    type Inner = ();
}
