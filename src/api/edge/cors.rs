//! CORS: which pages of other origins may read responses. By default only those that call webhooks.
use super::{EdgeRules, SESSION, is_api, is_at, is_hook};
use crate::api::{sample, setup};
use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
            ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
            ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
        },
    },
    response::{IntoResponse, Response},
};

/// Permission for a page to read the response; holds the allowed origin.
pub(super) struct Grant(HeaderValue);

impl EdgeRules {
    /// Returns whether the page that sent the request may read the response. Pages of the origins that the operator
    /// allowed may use the API with a token. Sessions, the setup information and the demo's data are only for the
    /// server's own pages.
    pub(super) fn grant(&self, request: &Request) -> Option<Grant> {
        let (origin, path) = (request.headers().get(ORIGIN)?, request.uri().path());
        if is_hook(path) {
            return Some(Grant(HeaderValue::from_static("*")));
        }
        let is_own_only = [SESSION, setup::PATH, sample::PATH].iter().any(|place| is_at(path, place));
        let is_public = is_api(path) || path.starts_with("/.well-known/");
        let is_named = self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes());
        (is_public && !is_own_only && is_named).then(|| Grant(origin.clone()))
    }
}

impl Grant {
    /// Returns the response to a preflight request; `None` for any other request.
    pub(super) fn preflight(request: &Request) -> Option<Response> {
        let headers = request.headers();
        if *request.method() != Method::OPTIONS || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let mut response = StatusCode::NO_CONTENT.into_response();
        let answer = response.headers_mut();
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("*"));
        if let Some(asked) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        answer.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        Some(response)
    }

    /// Adds the CORS headers, without credentials: a page sends its token itself, and never the cookie.
    pub(super) fn add_to(self, headers: &mut HeaderMap) {
        let exposed = HeaderValue::from_static("etag, location, retry-after, x-request-id");
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, self.0);
        headers.append(VARY, HeaderValue::from_static("origin"));
    }
}
