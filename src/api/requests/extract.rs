//! Extractors for paths, query strings, headers and bodies, with errors that name the problem.
use super::body;
use crate::{
    Error,
    api::{
        App,
        responses::{documented, problem::Problem},
    },
    model::{Expected, Resource, parse},
};
use aide::{OperationInput, generate::GenContext, openapi::Operation};
use axum::{
    extract::{FromRequest, FromRequestParts, RawPathParams, Request},
    http::{HeaderMap, Method, header::IF_MATCH, request::Parts},
};
pub use body::read_body;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{convert::Infallible, marker::PhantomData};
use uuid::Uuid;

/// A JSON body.
pub struct Body<T>(pub T);

/// An optional JSON body.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let value = read_object(request, app).await?;
        let value = value.ok_or_else(|| Error::invalid("", "the body is empty: send JSON"))?;
        Ok(Self(parse::from_value(value, "")?))
    }
}

impl<T: DeserializeOwned + Default> FromRequest<App> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        match read_object(request, app).await? {
            Some(value) => Ok(Self(parse::from_value(value, "")?)),
            None => Ok(Self(T::default())),
        }
    }
}

/// Reads the body as an object; `None` if it is empty.
async fn read_object(request: Request, app: &App) -> Result<Option<Value>, Problem> {
    let (parts, body) = request.into_parts();
    let value = body::read_json(&parts, body, app).await?;
    // serde would accept a list as a struct's fields in order
    if value.as_ref().is_some_and(|value| !value.is_object()) {
        return Err(Error::invalid("", "the body must be a JSON object").into());
    }
    Ok(value)
}

/// The IDs in the path that the caller may not know of.
#[derive(Clone, Default)]
pub struct Concealed(pub Vec<Uuid>);

/// The ID of an `R` in the path; one that nothing has, if the caller may not know of the record.
pub struct At<R> {
    pub id: Uuid,
    kind: PhantomData<fn() -> R>,
}

impl<R: Resource> FromRequestParts<App> for At<R> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Ok(Self { id: path_uuid(parts, app, R::KIND.id).await?, kind: PhantomData })
    }
}

/// Another ID in the path; `NAME` is the name of the parameter.
pub trait PathId {
    const NAME: &'static str;
}

/// The ID in the path parameter of `P`.
pub struct IdOf<P> {
    pub id: Uuid,
    name: PhantomData<fn() -> P>,
}

impl<P: PathId> FromRequestParts<App> for IdOf<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        Ok(Self { id: path_uuid(parts, app, P::NAME).await?, name: PhantomData })
    }
}

/// Returns the decoded text of the path parameter `name`.
pub async fn path_text(parts: &mut Parts, app: &App, name: &str) -> Result<String, Error> {
    let path = RawPathParams::from_request_parts(parts, app).await.map_err(undecodable)?;
    let found = path.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_owned());
    found.ok_or(Error::NotFound("path"))
}

/// Converts axum's error for a path that is not UTF-8 after percent-decoding.
pub fn undecodable<E>(_: E) -> Error {
    Error::invalid("", "the path is not valid UTF-8")
}

async fn path_uuid(parts: &mut Parts, app: &App, name: &str) -> Result<Uuid, Error> {
    let text = path_text(parts, app, name).await?;
    let id = Uuid::parse_str(&text).map_err(|_| Error::invalid(name, "must be a UUID"))?;
    let is_concealed = parts.extensions.get::<Concealed>().is_some_and(|concealed| concealed.0.contains(&id));
    Ok(if is_concealed { Uuid::now_v7() } else { id })
}

/// The number of a version in the path.
pub struct VersionNumber(pub u64);

impl FromRequestParts<App> for VersionNumber {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let text = path_text(parts, app, "version").await?;
        let number = text.parse::<u64>().ok().filter(|number| i64::try_from(*number).is_ok());
        number.map(Self).ok_or_else(|| Error::invalid("version", "must be a number"))
    }
}

/// The fields of the query string.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let text = parts.uri.query().unwrap_or_default();
        let fields = serde_urlencoded::Deserializer::new(url::form_urlencoded::parse(text.as_bytes()));
        serde_path_to_error::deserialize(fields).map(Self).map_err(|error| {
            let path = error.path().to_string();
            parse::field_error("", &path, &error.into_inner().to_string())
        })
    }
}

/// The versions that `If-Match` accepts (RFC 9110, section 13.1.1).
pub struct IfMatch(pub Expected);

impl FromRequestParts<App> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        let mut headers = parts.headers.get_all(IF_MATCH).iter().peekable();
        if headers.peek().is_none() {
            return Ok(Self(Expected::default()));
        }
        let mut versions = Vec::new();
        for tag in headers.flat_map(|header| header.to_str().unwrap_or_default().split(',')) {
            match tag.trim() {
                "*" => return Ok(Self(Expected::default())),
                // a tag that is not one of ours matches nothing
                tag => versions.extend(tag.trim_start_matches("W/").trim_matches('"').parse::<u64>()),
            }
        }
        Ok(Self(Expected::one_of(versions)))
    }
}

/// The method and the headers of a request, for conditions and ranges.
pub struct RequestHead(pub Method, pub HeaderMap);

impl FromRequestParts<App> for RequestHead {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        Ok(Self(parts.method.clone(), parts.headers.clone()))
    }
}

impl OperationInput for RequestHead {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        for (name, about) in [
            ("range", "The range of bytes to send, such as `bytes=0-999`."),
            ("if-range", "The `ETag` that the range applies to; if the content has changed, all of it is sent."),
        ] {
            documented::header(ctx, operation, name, about);
        }
    }
}

macro_rules! body_docs {
    ($($body:ident $required:literal),*) => {$(
        impl<T: JsonSchema> OperationInput for $body<T> {
            fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
                documented::body::<T>(ctx, operation, $required);
            }
            fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
                documented::errors(ctx, &[400, 413, 415])
            }
        }
    )*};
}
body_docs!(Body true, OptionalBody false);

impl<R: Resource> OperationInput for At<R> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_id(ctx, operation, R::KIND.id);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 404])
    }
}

impl<P: PathId> OperationInput for IdOf<P> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_id(ctx, operation, P::NAME);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 404])
    }
}

impl OperationInput for VersionNumber {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::path_parameter(ctx, operation, "version", &serde_json::json!({"type": "integer", "minimum": 1}));
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400, 404])
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::query::<T>(ctx, operation);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[400])
    }
}

impl OperationInput for IfMatch {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        documented::if_match(ctx, operation);
    }
    fn inferred_early_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        documented::errors(ctx, &[412])
    }
}
