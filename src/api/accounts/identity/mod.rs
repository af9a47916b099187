//! The identity service at the server's root, compatible with Firebase clients.
mod answers;

use super::session::ClientAddress;
use crate::{
    Error,
    api::{
        App,
        requests::{body, extract::Body},
        responses::{
            documented,
            problem::{ErrorBody, Problem},
        },
    },
    auth::{IdentityRefusal, OwnerProof, ProfileChange},
};
use aide::{
    OperationInput, OperationOutput,
    axum::{
        ApiRouter,
        routing::{get_with, post_with},
    },
    generate::GenContext,
    openapi::Operation,
};
use answers::{
    AccountAnswer, AccountInfo, CodeAnswer, DeleteAnswer, Discovery, JsonWebKeySet, LookupAnswer, ResetAnswer,
    SignInAnswer, TokenAnswer, UpdateAnswer,
};
use axum::{
    Json,
    extract::{FromRequest, Request, State},
    http::{
        HeaderName, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::{marker::PhantomData, time::Duration};

/// The fields of all requests about an account; each operation reads the ones it needs.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub struct AccountRequest {
    id_token: Option<String>,
    email: Option<String>,
    password: Option<String>,
    display_name: Option<String>,
    photo_url: Option<String>,
    /// `DISPLAY_NAME` or `PHOTO_URL`.
    delete_attribute: Vec<String>,
    oob_code: Option<String>,
    new_password: Option<String>,
    /// `PASSWORD_RESET`, `VERIFY_EMAIL` or `VERIFY_AND_CHANGE_EMAIL`.
    request_type: Option<String>,
    /// The new email address of the account.
    new_email: Option<String>,
    /// The secret from an invitation link. Required, together with the invited email address, if sign-up is by
    /// invitation only.
    invitation_token: Option<String>,
    /// The current password, as an alternative to a sign-in within the last five minutes where one is required.
    current_password: Option<String>,
}

/// The form of a token refresh.
#[derive(Deserialize, JsonSchema)]
pub struct RefreshForm {
    /// Always `refresh_token`.
    grant_type: String,
    refresh_token: String,
}

type IdentityResult<T> = Result<Json<T>, IdentityFailure>;

/// An error in the shape that Firebase clients read: a code in `error.message`.
pub enum IdentityFailure {
    Code(&'static str),
    /// Holds the time to wait before a retry.
    TooManyAttempts(Duration),
    Problem(Box<Problem>),
}

pub fn routes() -> ApiRouter<App> {
    macro_rules! calls {
        ($($call:literal $handler:ident $summary:literal $($with:ident)?;)*) => {
            ApiRouter::new()$(.api_route(
                concat!("/identitytoolkit.googleapis.com/v1/accounts:", $call),
                post_with($handler, |op| {
                    op.id(concat!("accounts.", $call)).summary($summary).tag("identity")$(.with(documented::$with))?
                }),
            ))*
        };
    }
    calls! {
        "signUp" sign_up "Create an account";
        "signInWithPassword" sign_in "Sign in with a password";
        "lookup" lookup "Get the account of an ID token" asks;
        "update" update "Update the account of an ID token, or use a code from an email";
        "delete" delete "Delete the account of an ID token";
        "sendOobCode" send_code "Send an email to reset a password or verify an address";
        "resetPassword" reset_password "Check a code, or set a new password with it";
    }
    .api_route(
        "/securetoken.googleapis.com/v1/token",
        post_with(refresh, |op| {
            op.id("token.refresh").summary("Exchange a refresh token for new tokens").tag("identity")
        }),
    )
    .api_route(
        "/.well-known/jwks.json",
        get_with(jwks, |op| op.id("jwks").summary("Get the keys that verify ID tokens").tag("identity")),
    )
    .api_route(
        "/.well-known/openid-configuration",
        get_with(discovery, |op| {
            op.id("openidConfiguration").summary("Get the OpenID Connect configuration").tag("identity")
        }),
    )
}

/// How long clients may cache the keys and the configuration.
const KEPT: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "public, max-age=3600")];

async fn discovery(State(app): State<App>) -> CachedDocument<Discovery> {
    let issuer = app.identity.public_url();
    CachedDocument::of(&Discovery {
        issuer: issuer.to_owned(),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        token_endpoint: format!("{issuer}/securetoken.googleapis.com/v1/token"),
        id_token_signing_alg_values_supported: ["RS256"],
        subject_types_supported: ["public"],
        response_types_supported: ["id_token"],
        grant_types_supported: ["refresh_token"],
    })
}

async fn jwks(State(app): State<App>) -> CachedDocument<JsonWebKeySet> {
    CachedDocument::of(&app.identity.signer().jwks())
}

async fn sign_up(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<AccountRequest>,
) -> IdentityResult<SignInAnswer> {
    let (Some(email), Some(password)) = (body.email, body.password) else {
        return Err(IdentityFailure::Code("OPERATION_NOT_ALLOWED"));
    };
    let (name, invitation) = (body.display_name.unwrap_or_default(), body.invitation_token);
    let session = app.identity.sign_up(&email, password, &name, invitation.as_deref(), address.0).await?;
    Ok(Json((&session).into()))
}

async fn sign_in(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<AccountRequest>,
) -> IdentityResult<SignInAnswer> {
    let email = body.email.ok_or(IdentityFailure::Code("INVALID_EMAIL"))?;
    let password = body.password.ok_or(IdentityFailure::Code("MISSING_PASSWORD"))?;
    Ok(Json((&app.identity.sign_in(&email, password, address.0).await?).into()))
}

async fn lookup(State(app): State<App>, Body(body): Body<AccountRequest>) -> IdentityResult<LookupAnswer> {
    let user = app.identity.authenticate(&id_token(&body)?).await.map_err(IdentityRefusal::from)?;
    let info = AccountInfo::new(&user, app.identity.pending_email(user.id).map_err(IdentityRefusal::from)?);
    Ok(Json(LookupAnswer { kind: "identitytoolkit#GetAccountInfoResponse", users: vec![info] }))
}

async fn update(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<AccountRequest>,
) -> IdentityResult<UpdateAnswer> {
    if let Some(code) = &body.oob_code {
        let email = app.identity.verify_email(code).await?;
        return Ok(Json(UpdateAnswer::Code { email, email_verified: true }));
    }
    let token = id_token(&body)?;
    let deletes = |name: &str| body.delete_attribute.iter().any(|attribute| attribute == name);
    let name = if deletes("DISPLAY_NAME") { Some(String::new()) } else { body.display_name.clone() };
    let photo_url = if deletes("PHOTO_URL") {
        Some(None)
    } else {
        body.photo_url.clone().map(|url| Some(url).filter(|url| !url.is_empty()))
    };
    let change = ProfileChange { email: body.email, name, photo_url, password: body.password };
    let updated = app.identity.update(&token, change, proof(body.current_password, &address)).await?;
    let pending = app.identity.pending_email(updated.user.id).map_err(IdentityRefusal::from)?;
    let account = AccountInfo::new(&updated.user, pending);
    let tokens = updated.session.as_ref().map(Into::into);
    Ok(Json(UpdateAnswer::Account(Box::new(AccountAnswer { account, tokens }))))
}

fn proof(password: Option<String>, address: &ClientAddress) -> OwnerProof {
    OwnerProof { password, address: address.0 }
}

async fn delete(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<AccountRequest>,
) -> IdentityResult<DeleteAnswer> {
    let token = id_token(&body)?;
    app.identity.delete(&token, proof(body.current_password, &address)).await?;
    Ok(Json(DeleteAnswer { kind: "identitytoolkit#DeleteAccountResponse" }))
}

async fn send_code(
    State(app): State<App>,
    address: ClientAddress,
    Body(body): Body<AccountRequest>,
) -> IdentityResult<CodeAnswer> {
    let email = match body.request_type.as_deref() {
        Some("PASSWORD_RESET") => {
            let email = body.email.ok_or(IdentityFailure::Code("MISSING_EMAIL"))?;
            app.identity.send_reset(&email, address.0).await?;
            email
        }
        Some("VERIFY_EMAIL") => app.identity.send_verification(&id_token(&body)?).await?,
        Some("VERIFY_AND_CHANGE_EMAIL") => {
            let token = id_token(&body)?;
            let email = body.new_email.ok_or(IdentityFailure::Code("MISSING_NEW_EMAIL"))?;
            app.identity.request_email_change(&token, &email, proof(body.current_password, &address)).await?;
            email
        }
        _ => return Err(IdentityFailure::Code("INVALID_REQ_TYPE")),
    };
    Ok(Json(CodeAnswer { kind: "identitytoolkit#GetOobConfirmationCodeResponse", email }))
}

async fn reset_password(State(app): State<App>, Body(body): Body<AccountRequest>) -> IdentityResult<ResetAnswer> {
    let code = body.oob_code.ok_or(IdentityFailure::Code("INVALID_OOB_CODE"))?;
    let found = app.identity.look_at_code(&code)?;
    if let Some(password) = body.new_password {
        app.identity.reset_password(&code, password).await?;
    }
    Ok(Json(ResetAnswer {
        kind: "identitytoolkit#ResetPasswordResponse",
        email: found.email,
        request_type: found.purpose,
        new_email: found.new_email,
    }))
}

async fn refresh(
    State(app): State<App>,
    address: ClientAddress,
    Form(form): Form<RefreshForm>,
) -> IdentityResult<TokenAnswer> {
    if form.grant_type != "refresh_token" {
        return Err(IdentityFailure::Code("INVALID_GRANT_TYPE"));
    }
    let session = app.identity.refresh(&form.refresh_token, address.0).await?;
    Ok(Json((&session).into()))
}

fn id_token(body: &AccountRequest) -> Result<String, IdentityFailure> {
    body.id_token.clone().ok_or(IdentityFailure::Code("INVALID_ID_TOKEN"))
}

impl From<IdentityRefusal> for IdentityFailure {
    fn from(refusal: IdentityRefusal) -> Self {
        Self::Code(match refusal {
            IdentityRefusal::EmailExists => "EMAIL_EXISTS",
            IdentityRefusal::InvalidEmail => "INVALID_EMAIL",
            IdentityRefusal::WeakPassword => "WEAK_PASSWORD : Password should be at least 8 characters",
            IdentityRefusal::InvalidCredentials => "INVALID_LOGIN_CREDENTIALS",
            IdentityRefusal::SignInTooOld => "CREDENTIAL_TOO_OLD_LOGIN_AGAIN",
            IdentityRefusal::UserDisabled => "USER_DISABLED",
            IdentityRefusal::TooManyAttempts { retry_after } => return Self::TooManyAttempts(retry_after),
            IdentityRefusal::SignupClosed => "OPERATION_NOT_ALLOWED",
            IdentityRefusal::InvalidRefreshToken => "TOKEN_EXPIRED",
            IdentityRefusal::InvalidIdToken => "INVALID_ID_TOKEN",
            IdentityRefusal::InvalidCode => "INVALID_OOB_CODE",
            IdentityRefusal::Other(error) => return Self::Problem(Box::new(error.into())),
        })
    }
}

impl IntoResponse for IdentityFailure {
    fn into_response(self) -> Response {
        match self {
            Self::Code(code) => refused(code),
            Self::TooManyAttempts(retry_after) => {
                let mut response = refused("TOO_MANY_ATTEMPTS_TRY_LATER");
                response.headers_mut().insert(RETRY_AFTER, retry_after.as_secs().max(1).into());
                response
            }
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

fn refused(code: &str) -> Response {
    let error =
        json!({"code": 400, "message": code, "errors": [{"message": code, "domain": "global", "reason": "invalid"}]});
    (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response()
}

/// An error in the shape that Firebase clients read.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct RefusedBody {
    error: RefusedDetail,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub struct RefusedDetail {
    /// Always 400.
    code: u16,
    /// A code such as `INVALID_LOGIN_CREDENTIALS`.
    message: String,
}

/// The response of the identity operations with status 400. A body that is not JSON gets the same error as everywhere.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub enum IdentityError {
    Refused(RefusedBody),
    Malformed(ErrorBody),
}

impl OperationOutput for IdentityFailure {
    type Inner = IdentityError;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let about = "The request was rejected; `error.message` is a code";
        let mut responses = vec![(documented::status(400), documented::answer::<IdentityError>(ctx, about))];
        responses.extend(documented::errors(ctx, &[409, 413, 415, 503]));
        responses
    }
}

/// A form-encoded body.
pub struct Form<T>(T);

impl<T: serde::de::DeserializeOwned> FromRequest<App> for Form<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, content) = request.into_parts();
        let bytes = body::read(&parts, content, app).await?;
        let fields = serde_urlencoded::from_bytes(&bytes);
        Ok(Self(fields.map_err(|error| Error::invalid("", format!("the form is not valid: {error}")))?))
    }
}

impl<T: JsonSchema> OperationInput for Form<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::form::<T>(ctx, operation);
    }
}

/// A document that is a `T`, which clients may cache for a while.
pub struct CachedDocument<T> {
    text: Vec<u8>,
    shape: PhantomData<fn() -> T>,
}

impl<T> CachedDocument<T> {
    fn of(document: &impl Serialize) -> Self {
        Self { text: serde_json::to_vec(document).unwrap_or_default(), shape: PhantomData }
    }
}

impl<T> IntoResponse for CachedDocument<T> {
    fn into_response(self) -> Response {
        (KEPT, [(CONTENT_TYPE, "application/json")], self.text).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for CachedDocument<T> {
    type Inner = T;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        vec![(documented::status(200), documented::answer::<T>(ctx, "Success"))]
    }
}
