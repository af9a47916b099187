//! Large responses: their bytes count against the tenant's memory until they are sent, so that slow readers cannot
//! exhaust it.
use super::documented;
use crate::{
    Result,
    api::App,
    budget::{Hold, MemoryOwner},
    model::Scope,
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    body::Body,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use schemars::JsonSchema;
use serde::Serialize;
use std::{marker::PhantomData, time::Duration};

/// How long a response waits for memory.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes with their share of the memory budget.
struct Held {
    bytes: Vec<u8>,
    _hold: Hold,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Returns `text` as a body that counts for the scope's tenant.
///
/// # Errors
/// `RateLimited` or `Unavailable` if there is no memory for it.
pub async fn body(app: &App, scope: &Scope, text: impl Into<Vec<u8>>) -> Result<Body> {
    let bytes = text.into();
    let hold = app.budget.reserve_within(MemoryOwner::Tenant(scope.tenant), bytes.len(), PATIENCE).await?;
    Ok(Bytes::from_owner(Held { bytes, _hold: hold }).into())
}

/// Returns `value` as a JSON response.
///
/// # Errors
/// As [`body`].
pub async fn json(app: &App, scope: &Scope, value: &impl Serialize) -> Result<Response> {
    let body = body(app, scope, serde_json::to_vec(value)?).await?;
    Ok(([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}

/// A JSON response with a `T` that may be large.
pub struct CountedJson<T>(Response, PhantomData<fn() -> T>);

impl<T: Serialize> CountedJson<T> {
    /// # Errors
    /// As [`body`].
    pub async fn new(app: &App, scope: &Scope, value: &T) -> Result<Self> {
        Ok(Self(json(app, scope, value).await?, PhantomData))
    }
}

impl<T> IntoResponse for CountedJson<T> {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<T: JsonSchema> OperationOutput for CountedJson<T> {
    type Inner = T;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut answers = vec![(documented::status(200), documented::answer::<T>(ctx, "Success"))];
        answers.extend(documented::errors(ctx, &[429, 503]));
        answers
    }
}
