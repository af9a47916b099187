//! Converts an `Error` to an HTTP response. This is the only place that does.
use super::holds::Holds;
use crate::{
    Error,
    error::{FieldProblem, RowConflict, TokenProblem},
};
use axum::{
    Json,
    extract::Request,
    http::{
        HeaderValue, StatusCode,
        header::{ACCEPT_ENCODING, RETRY_AFTER, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// How long to wait before a retry if something is unavailable.
const UNAVAILABLE: Duration = Duration::from_secs(5);

macro_rules! codes {
    ($($name:ident = $text:literal,)*) => {
        /// A stable code of the error, for programs.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
        pub enum ErrorCode { $(#[serde(rename = $text)] $name),* }

        impl ErrorCode {
            /// Returns the code as it is sent.
            pub fn text(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}
codes! {
    InvalidRequest = "INVALID_REQUEST",
    InvalidTenant = "INVALID_TENANT",
    UserAuthTokenMissing = "USER_AUTH_TOKEN_MISSING",
    UserAuthTokenInvalid = "USER_AUTH_TOKEN_INVALID",
    UserAuthTokenExpired = "USER_AUTH_TOKEN_EXPIRED",
    InvalidLoginCredentials = "INVALID_LOGIN_CREDENTIALS",
    InvalidSignature = "INVALID_SIGNATURE",
    PermissionDenied = "PERMISSION_DENIED",
    NotFound = "NOT_FOUND",
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    Conflict = "CONFLICT",
    VersionConflict = "VERSION_CONFLICT",
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    RangeNotSatisfiable = "RANGE_NOT_SATISFIABLE",
    MisdirectedRequest = "MISDIRECTED_REQUEST",
    RateLimited = "RATE_LIMITED",
    ServerError = "SERVER_ERROR",
    DatasourceError = "DATASOURCE_ERROR",
    ChangesData = "CHANGES_DATA",
    RunFailed = "RUN_FAILED",
    RunCancelled = "RUN_CANCELLED",
    Unavailable = "UNAVAILABLE",
    Timeout = "TIMEOUT",
    QuotaExceeded = "QUOTA_EXCEEDED",
    ValueMissing = "VALUE_MISSING",
}

/// The body of every error response below `/api`.
#[derive(Serialize, JsonSchema)]
pub struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorDetail {
    code: ErrorCode,
    message: String,
    /// The invalid fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail>,
    /// The error details of an external system.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceDetail>,
    /// The rows of a datasource that someone else changed or deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<ConflictDetail>,
    /// The run that the error is about.
    #[serde(rename = "instanceID", skip_serializing_if = "Option::is_none")]
    instance_id: Option<Uuid>,
    /// Identifies the request in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Arc<str>>,
}

#[derive(Clone, Serialize, JsonSchema)]
struct Detail {
    /// The field, in JSON notation; empty for the whole body.
    path: String,
    message: String,
}

/// A row that no longer has the values that its change expects.
#[derive(Clone, Serialize, JsonSchema)]
struct ConflictDetail {
    /// The index of the change in the request.
    change: usize,
    key: Map<String, Value>,
    /// The present values of its columns; `null` if the row does not exist any more.
    current: Option<Map<String, Value>>,
    /// The columns that have other values than expected.
    fields: Vec<String>,
}

/// The external system's code, position and hint.
#[derive(Clone, Serialize, JsonSchema)]
struct SourceDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// 1-based character position in the query text.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// An error with its status and code; `finish` writes the body with the request's ID.
#[derive(Clone)]
pub struct Problem {
    status: StatusCode,
    code: ErrorCode,
    message: String,
    details: Vec<Detail>,
    source: Option<SourceDetail>,
    conflicts: Vec<ConflictDetail>,
    instance_id: Option<Uuid>,
    retry_after: Option<Duration>,
}

/// An error inside a stream of results.
#[derive(Clone)]
pub struct StreamFailure {
    pub code: &'static str,
    pub message: String,
    /// The path of what has no value, such as `vars.region`.
    pub missing: Option<String>,
}

/// The ID of a request: the client's own, or a generated one.
#[derive(Clone)]
pub struct RequestId(pub Arc<str>);

impl Problem {
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            details: Vec::new(),
            source: None,
            conflicts: Vec::new(),
            instance_id: None,
            retry_after: None,
        }
    }

    /// Adds the ID of the run that the problem is about.
    #[must_use]
    pub fn about(self, instance: Uuid) -> Self {
        Self { instance_id: Some(instance), ..self }
    }

    pub fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, "this path does not support this method")
    }

    pub fn unknown_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, "this path does not exist")
    }

    pub fn payload_too_large(limit: usize) -> Self {
        let message = format!("the body must be at most {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorCode::PayloadTooLarge, message)
    }

    pub fn unsupported_media_type() -> Self {
        let message = "send JSON with `Content-Type: application/json`";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType, message)
    }

    /// Returns the problem for a content coding that is not supported (RFC 9110, section 15.5.16).
    pub fn unknown_coding(coding: &str) -> Self {
        let message = format!(
            "the content coding `{coding}` is not supported: send the body without one, or with gzip or deflate"
        );
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorCode::UnsupportedMediaType, message)
    }

    pub fn panicked() -> Self {
        Error::internal("a handler panicked").into()
    }

    /// Returns the code and message, for errors inside a stream or an item.
    pub fn parts(error: Error) -> (&'static str, String) {
        let problem = Self::from(error);
        (problem.code.text(), problem.message)
    }

    /// Returns what is sent of an error inside a stream.
    pub fn failure(error: Error) -> StreamFailure {
        let missing = match &error {
            Error::NoValue(path) => Some(path.clone()),
            _ => None,
        };
        let (code, message) = Self::parts(error);
        StreamFailure { code, message, missing }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, code) = match &error {
            Error::Invalid(_) => (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest),
            Error::NoValue(_) => (StatusCode::BAD_REQUEST, ErrorCode::ValueMissing),
            Error::InvalidTenant(_) => (StatusCode::BAD_REQUEST, ErrorCode::InvalidTenant),
            Error::Unauthenticated(TokenProblem::Missing) => {
                (StatusCode::UNAUTHORIZED, ErrorCode::UserAuthTokenMissing)
            }
            Error::Unauthenticated(TokenProblem::Invalid) => {
                (StatusCode::UNAUTHORIZED, ErrorCode::UserAuthTokenInvalid)
            }
            Error::Unauthenticated(TokenProblem::Expired) => {
                (StatusCode::UNAUTHORIZED, ErrorCode::UserAuthTokenExpired)
            }
            Error::Forbidden(_) => (StatusCode::FORBIDDEN, ErrorCode::PermissionDenied),
            Error::NotFound(_) => (StatusCode::NOT_FOUND, ErrorCode::NotFound),
            Error::Conflict(_) | Error::RowConflicts(_) => (StatusCode::CONFLICT, ErrorCode::Conflict),
            Error::VersionConflict { .. } => (StatusCode::PRECONDITION_FAILED, ErrorCode::VersionConflict),
            Error::RateLimited { .. } => (StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited),
            // proxies count a 502 against this server, so use it only if the system could not be reached or
            // disconnected
            Error::Datasource(source) if source.transient || source.unreachable => {
                (StatusCode::BAD_GATEWAY, ErrorCode::DatasourceError)
            }
            Error::Datasource(_) => (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::DatasourceError),
            Error::ChangesData(_) => (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::ChangesData),
            Error::Unavailable(_) | Error::ShortOfMemory(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Unavailable)
            }
            Error::QuotaExceeded(_) => (StatusCode::INSUFFICIENT_STORAGE, ErrorCode::QuotaExceeded),
            Error::Timeout(_) => (StatusCode::GATEWAY_TIMEOUT, ErrorCode::Timeout),
            Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::ServerError),
        };
        let mut problem = Self::new(status, code, error.to_string());
        match error {
            Error::Invalid(fields) => {
                let detail = |FieldProblem { path, message }| Detail { path, message };
                problem.details = fields.into_iter().map(detail).collect();
            }
            Error::NoValue(path) => {
                problem.details = vec![Detail { path, message: "has no value".to_owned() }];
            }
            Error::VersionConflict { record: Some(record), current } => {
                let message = format!("the current version of the {} is {current}", record.label);
                problem.details = vec![Detail { path: record.path, message }];
            }
            Error::RowConflicts(rows) => {
                let detail =
                    |RowConflict { change, key, current, fields }| ConflictDetail { change, key, current, fields };
                problem.conflicts = rows.into_iter().map(detail).collect();
            }
            Error::RateLimited { retry_after } => problem.retry_after = Some(retry_after),
            Error::Unavailable(_) | Error::ShortOfMemory(_) => problem.retry_after = Some(UNAVAILABLE),
            Error::Datasource(source) => {
                problem.source = Some(SourceDetail { code: source.code, position: source.position, hint: source.hint });
            }
            Error::Internal(why) => tracing::error!(%why, "internal error"),
            _ => {}
        }
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if self.status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            // lists the supported content codings
            response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate"));
        }
        let challenge = match self.code {
            ErrorCode::UserAuthTokenInvalid | ErrorCode::UserAuthTokenExpired => "Bearer error=\"invalid_token\"",
            ErrorCode::InvalidSignature => "Signature",
            _ => "Bearer",
        };
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

/// Writes the body of a problem, and adds the request's ID to every response.
pub async fn finish(mut request: Request, next: Next) -> Response {
    let given = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    let fits = |id: &&str| !id.is_empty() && id.len() <= 128 && id.chars().all(|c| c.is_ascii_graphic());
    let id: Arc<str> = given.filter(fits).map_or_else(|| Uuid::now_v7().to_string().into(), Arc::from);
    request.extensions_mut().insert(RequestId(Arc::clone(&id)));
    let holds = Holds::default();
    request.extensions_mut().insert(holds.clone());
    let mut response = next.run(request).await;
    drop(holds);
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let headers = std::mem::take(response.headers_mut());
        if problem.status.is_server_error() {
            tracing::warn!(request = &*id, code = problem.code.text(), why = problem.message, "request failed");
        }
        let error = ErrorDetail {
            code: problem.code,
            message: problem.message,
            details: problem.details,
            source: problem.source,
            conflicts: problem.conflicts,
            instance_id: problem.instance_id,
            request_id: Some(Arc::clone(&id)),
        };
        response = (problem.status, headers, Json(ErrorBody { error })).into_response();
    }
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}
