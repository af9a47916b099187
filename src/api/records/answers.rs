//! The responses that all resources share: a record, a new record, and no content.
use super::{crud::Crud, wire::Wire};
use crate::{
    Error, Result,
    api::{App, responses::documented},
    model::{Record, Resource, Scope, permission::Verb, resource::COMMON},
};
use aide::{OperationOutput, generate::GenContext, openapi::Operation};
use axum::{
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, ETAG, LOCATION},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::marker::PhantomData;

pub fn etag(version: u64) -> String {
    format!("\"{version}\"")
}

/// A response with one record and its `ETag`.
pub struct RecordResponse<R> {
    /// The record as JSON.
    text: Vec<u8>,
    version: u64,
    unchanged: bool,
    kind: PhantomData<fn() -> R>,
}

impl<R: Crud> RecordResponse<R> {
    pub fn new(app: &App, scope: &Scope, record: &Record<R>) -> Result<Self> {
        if R::STORED_WITHOUT.is_some_and(<[_]>::is_empty) {
            return Self::of(record.version, record);
        }
        let mut fields = record.to_wire()?;
        R::present(app, scope, &mut fields, true)?;
        Self::of(record.version, &fields)
    }

    pub(super) fn of(version: u64, fields: &impl Serialize) -> Result<Self> {
        Ok(Self { text: serde_json::to_vec(fields)?, version, unchanged: false, kind: PhantomData })
    }

    /// Returns the record after a change; only the common fields if the caller may not read it.
    pub fn changed(app: &App, scope: &Scope, record: &Record<R>) -> Result<Self> {
        if scope.grants.allows(R::KIND.noun, Verb::Read) {
            return Self::new(app, scope, record);
        }
        Self::of(record.version, &visible_fields(app, scope, record)?)
    }

    /// Responds with 304 if `tag`, the caller's `If-None-Match`, names the current version.
    #[must_use]
    pub fn unless_known(mut self, tag: Option<&HeaderValue>) -> Self {
        let present = etag(self.version);
        let names_it = |tag: &str| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == present;
        self.unchanged =
            tag.and_then(|tags| tags.to_str().ok()).is_some_and(|tags| tags.split(',').map(str::trim).any(names_it));
        self
    }
}

impl<R: Resource> IntoResponse for RecordResponse<R> {
    fn into_response(self) -> Response {
        let tag = [(ETAG, etag(self.version))];
        if self.unchanged {
            return (StatusCode::NOT_MODIFIED, tag).into_response();
        }
        ([(CONTENT_TYPE, "application/json")], tag, self.text).into_response()
    }
}

/// Returns the fields of a record that the caller may see after changing it.
pub fn visible_fields<R: Crud>(app: &App, scope: &Scope, record: &Record<R>) -> Result<Map<String, Value>> {
    let mut fields = record.to_wire()?;
    if scope.grants.allows(R::KIND.noun, Verb::Read) {
        R::present(app, scope, &mut fields, true)?;
    } else {
        fields.retain(|name, _| COMMON.contains(&name.as_str()));
    }
    Ok(fields)
}

/// A response with a new record, its `ETag` and its `Location`.
pub struct CreatedResponse<R> {
    shown: RecordResponse<R>,
    location: String,
}

impl<R: Crud> CreatedResponse<R> {
    pub fn new(app: &App, scope: &Scope, record: &Record<R>) -> Result<Self> {
        let location = format!("/api/v1/tenants/{}/{}/{}", scope.tenant, R::KIND.plural, record.id);
        Ok(Self { shown: RecordResponse::new(app, scope, record)?, location })
    }
}

impl<R: Resource> IntoResponse for CreatedResponse<R> {
    fn into_response(self) -> Response {
        let mut response = self.shown.into_response();
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}

/// A response with status 204 and no content.
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl<R: Resource> OperationOutput for RecordResponse<R> {
    type Inner = Wire<R>;
    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> documented::DocumentedResponses {
        let mut responses = vec![(
            documented::status(200),
            documented::with_headers(documented::answer::<Wire<R>>(ctx, "The record"), &[("ETag", "ETag")]),
        )];
        if operation.request_body.is_none() {
            responses.push((
                documented::status(304),
                documented::with_headers(
                    documented::empty_answer("`If-None-Match` names the current version"),
                    &[("ETag", "ETag")],
                ),
            ));
        } else {
            responses.extend(documented::errors(ctx, &[409, 507]));
        }
        responses
    }
}

impl<R: Resource> OperationOutput for CreatedResponse<R> {
    type Inner = Wire<R>;
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut responses = vec![(
            documented::status(201),
            documented::with_headers(
                documented::answer::<Wire<R>>(ctx, "The new record"),
                &[("ETag", "ETag"), ("Location", "Location")],
            ),
        )];
        responses.extend(documented::errors(ctx, &[409, 507]));
        responses
    }
}

impl OperationOutput for NoContent {
    type Inner = ();
    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> documented::DocumentedResponses {
        let mut responses = vec![(documented::status(204), documented::empty_answer("Done"))];
        responses.extend(documented::errors(ctx, &[409]));
        responses
    }
}

/// Lets `Result<T, Error>` be documented by `T`; error responses are documented by `T` and the extractors.
impl OperationOutput for Error {
    type Inner = ();
}
